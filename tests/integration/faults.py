#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""faults.py [--all] [--sample N] [CASE...]: collect, verify, record and submit with the kernel
refusing one system call after the other.

strace(1) counts the calls of a sound run, then the program runs once for every (or N spread over
them, default 5) call and error with just that call refused. Whatever is refused, the program

    ends in time, by itself, with status 0 or 1, and with 1 says why in lines of its own
    leaves under the final name a whole file or none, and no temporary file
    says 0 only when what it made stands up to a look at it
    prints nothing of a sanitizer

With a preloaded library (faults.c) all reads and writes are short ones, and, where the programs are
built without sanitizers (OOMREPORT_BUILD=build/release), one allocation after the other fails.

With --all every call of every kind: about an hour for each preset."""
import os
import shutil
import json
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, "tests/submit")
import server as standin

BUILD = os.path.realpath(os.environ.get("OOMREPORT_BUILD", "build/dev"))
PROGRAM = BUILD + "/oomreport"
RECORDER = BUILD + "/oomreport-recorder"
SUBMIT = BUILD + "/oomreport-submit"
LOG = "tests/golden/swap-full-6.12/log"
ROOT = "tests/golden/slab-sockets-6.12/before"
LATE_S = 120

# call: the errors a kernel can give it (brk(2) is not here: it says no by its old answer).
ERRORS = {
    "openat": ["EIO", "ENOMEM", "EMFILE", "EINTR"],
    "openat2": ["EIO", "ENOSYS"],
    "read": ["EIO", "EINTR"],
    "pread64": ["EIO", "EINTR"],
    "preadv2": ["EIO", "EAGAIN", "EOPNOTSUPP"],
    "write": ["EIO", "ENOSPC", "EINTR", "EAGAIN"],
    "pwrite64": ["EIO", "ENOSPC", "EINTR"],
    "renameat": ["EIO", "ENOSPC"],
    "renameat2": ["EIO", "ENOSPC"],
    "rename": ["EIO", "ENOSPC"],
    "linkat": ["EIO", "ENOSPC"],
    "fsync": ["EIO", "ENOSPC"],
    "fdatasync": ["EIO"],
    "ftruncate": ["EIO", "ENOSPC"],
    "fallocate": ["ENOSPC", "EOPNOTSUPP"],
    "fstat": ["EIO"],
    "newfstatat": ["EIO"],
    "getdents64": ["EIO"],
    "mmap": ["ENOMEM"],
    "clone3": ["EAGAIN"],
    "clone": ["EAGAIN"],
    "pipe2": ["EMFILE"],
    "socket": ["EMFILE"],
    "connect": ["ECONNREFUSED", "EINTR"],
    "sendto": ["ECONNRESET", "EINTR"],
    "recvfrom": ["ECONNRESET", "EINTR"],
    "poll": ["ENOMEM", "EINTR"],
    "flock": ["ENOLCK"],
    "mkdir": ["EIO", "ENOSPC"],
    "getrandom": ["ENOSYS"],
    "mlockall": ["ENOMEM"],
}
# libarchive ends a program that has no memory left for its message, with status 1 and a line
SAYS = ("oomreport", "Fatal Internal Error in libarchive: ")
SANITIZER = ("AddressSanitizer", "runtime error", "Assertion")


class Case:
    """One command, the place for what it makes, and what is to be true of that."""

    program = PROGRAM

    def __init__(self, here):
        self.here = here
        self.out = here + "/out"

    def prepare(self):
        shutil.rmtree(self.out, ignore_errors=True)
        os.mkdir(self.out)

    def leftovers(self):
        return [n for n in os.listdir(self.out) if n.startswith(".oomreport") or ".tmp" in n]

    def close(self):
        pass


def plain(*args):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL)


class Collect(Case):
    def command(self):
        return ["collect", "-q", "--log", LOG, "--root", ROOT, "--no-interview", "--redact",
                "none", "-o", self.out + "/b.tar.gz"]

    def problem(self, status, stdout, stderr):
        there = os.path.exists(self.out + "/b.tar.gz")
        if there and plain("verify", self.out + "/b.tar.gz").returncode != 0:
            return "the bundle is not sound"
        if status == 0 and not there:
            return "status 0 without a bundle"
        if status == 0 and stdout.strip() != self.out + "/b.tar.gz":
            return "its path is not on standard output"
        return None


class CollectFolder(Collect):
    def command(self):
        return ["collect", "-q", "--log", LOG, "--root", ROOT, "--no-interview", "--redact",
                "none", "--format", "dir", "-o", self.out + "/b.tar.gz"]


class Verify(Case):
    def prepare(self):
        super().prepare()
        self.bundle = self.here + "/b.tar.gz"
        if not os.path.exists(self.bundle):
            plain("collect", "-q", "--log", LOG, "--root", ROOT, "--no-interview", "-o",
                  self.bundle)

    def command(self):
        return ["verify", self.bundle]

    def problem(self, status, stdout, stderr):
        if (status == 0) != stdout.rstrip().endswith(": sound"):
            return "status and word do not agree"
        return None


class Record(Case):
    program = RECORDER

    def command(self):
        return ["-q", "-o", self.out + "/ring", "--interval", "100ms", "--max-size",
                "2M", "--duration", "400ms", "--allow-tmpfs", "--no-realtime"]

    def problem(self, status, stdout, stderr):
        ring = self.out + "/ring"
        if status == 0:
            read = plain("record", "--export", ring)
            # a file that could not be opened is a gap of that file
            if read.returncode != 0 or not read.stdout.startswith("==== "):
                return "status 0, but nothing can be read: " + read.stderr.strip()
        return None

    def leftovers(self):
        ring = self.out + "/ring"
        return [n for n in os.listdir(ring) if "tmp" in n] if os.path.isdir(ring) else []


class Submit(Verify):
    program = SUBMIT

    def command(self):
        return ["--as-root", "--yes", "--mail=desk@example.org", "--from",
                "me@example.org", "--mail-file", self.out + "/mail.eml", self.bundle]

    def problem(self, status, stdout, stderr):
        path = self.out + "/mail.eml"
        if status == 0 and not os.path.exists(path):
            return "status 0 without a mail"
        if os.path.exists(path) and not open(path, "rb").read().rstrip().endswith(b"--"):
            return "half a mail under its name"
        return None


class Upload(Verify):
    """To a stand-in server (tests/submit/server.py), with a secret in the URL's query."""

    program = SUBMIT
    secret = "SIGNATUREOFMINE"

    def __init__(self, here):
        super().__init__(here)
        self.server = subprocess.Popen([sys.executable, standin.__file__], stdout=subprocess.PIPE,
                                       text=True)
        self.url = "http://127.0.0.1:" + self.server.stdout.readline().split()[1]

    def close(self):
        self.server.kill()
        self.server.wait()

    def is_clear(self, stderr):
        """One line of why, and perhaps one of what to do about it."""
        return 1 <= sum(line.startswith(SAYS) for line in stderr.splitlines()) <= 2

    def ask(self, what):
        with urllib.request.urlopen(self.url + what, timeout=LATE_S) as reply:
            return json.load(reply)

    def prepare(self):
        super().prepare()
        self.ask("/__reset")

    def command(self):
        return ["--as-root", "--yes", f"--upload={self.url}/store/b?X-Signature={self.secret}",
                self.bundle]

    def problem(self, status, stdout, stderr):
        if self.secret in stdout + stderr:
            return "the secret is shown"
        if status == 1 and not self.is_clear(stderr):
            return "not one line and what to do about it: " + stderr
        stored = self.ask("/__state")["stored"].values()
        if status == 0 and list(stored) != [os.path.getsize(self.bundle)]:
            return f"status 0, but there is {stored}"
        return None


class Bugzilla(Upload):
    """Whatever is refused: what a person does next ends in one bug with each attachment once."""

    secret = standin.KEY

    def __init__(self, here):
        super().__init__(here)
        self.key, self.state = here + "/key", here + "/home/.local"
        with open(self.key, "w") as f:
            f.write(self.secret)

    def prepare(self):
        super().prepare()
        shutil.rmtree(self.state, ignore_errors=True)

    def command(self):
        return ["--as-root", "--yes", f"--bugzilla={self.url}", "--product", "Kernel",
                "--component", "mm", "--version", "6.1", "--confirm-wait", "20ms",
                "--api-key-file", self.key, self.bundle]

    def leftovers(self):
        return [n for _, _, names in os.walk(self.state) for n in names
                if not n.endswith((".json", ".json.lock"))]

    def next(self):
        def run(*args):
            return subprocess.run([self.program, *args], capture_output=True, text=True,
                                  errors="replace", stdin=subprocess.DEVNULL, timeout=LATE_S,
                                  env=environment(self.here))

        if "pending" in run("--as-root", "--list").stdout:
            return run("--as-root", "--retry", "--confirm-wait", "20ms", "--api-key-file", self.key)
        return run(*self.command())

    def filed(self):
        """What there is in place of one bug with both of its attachments, or None."""
        there = self.ask("/__state")
        names = sorted(a["file_name"] for a in there["attachments"])
        if len(there["bugs"]) == 1 and names == ["b.tar.gz", "first-oom.txt"]:
            return None
        return f"{len(there['bugs'])} bugs with {names}"

    def problem(self, status, stdout, stderr):
        if self.secret in stdout + stderr:
            return "the key is shown"
        if status == 1 and not self.is_clear(stderr):
            return "not one line and what to do about it: " + stderr
        if status == 0 and self.filed():
            return f"status 0, but there is {self.filed()}"
        again = self.next()
        if again.returncode != 0:
            return "cannot be gone on with: " + again.stderr
        return self.filed()


class BugzillaAgain(Bugzilla):
    """One that was begun, and kept because there was no network: the same words again."""

    def prepare(self):
        super().prepare()
        status, _, err = traced(self.here, ["-e", "trace=connect", "-e",
                                            "inject=connect:error=ENETUNREACH"],
                                self.program, self.command())
        if status != 1 or "it is kept" not in err:
            sys.exit("without a network: " + err)


CASES = {"collect": Collect, "collect-dir": CollectFolder, "verify": Verify, "record": Record,
         "submit": Submit, "upload": Upload, "bugzilla": Bugzilla,
         "bugzilla-again": BugzillaAgain}


def environment(here):
    env = dict(os.environ, HOME=here + "/home", LC_ALL="C.UTF-8", TMPDIR=here)
    # a traced program cannot be looked at for leaks; tests/ without strace do that
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    env.pop("XDG_STATE_HOME", None)
    return env


def traced(here, how, program, command):
    """strace over the program: (status, stdout, stderr), status None: it hung."""
    try:
        # only the calls that are asked for stop the program: with all of them it takes a third longer
        p = subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-o", here + "/trace", *how,
                            program, *command],
                           capture_output=True, text=True, errors="replace",
                           stdin=subprocess.DEVNULL, timeout=LATE_S, env=environment(here))
    except subprocess.TimeoutExpired:
        return None, "", ""
    return p.returncode, p.stdout, p.stderr


def count(here, program, command):
    """How often the first process, which is the program, makes each call."""
    status, _, err = traced(here, ["-e", "trace=" + ",".join("?" + c for c in ERRORS)],
                            program, command)
    if status != 0:
        sys.exit(f"without any fault: status {status}: {err}")
    n = {}
    lines = [line.split(None, 1) for line in open(here + "/trace", errors="replace")]
    for pid, call in lines:
        name = call.split("(")[0]
        if pid == lines[0][0] and name in ERRORS:
            n[name] = n.get(name, 0) + 1
    return n


def reach(case, here):
    """{call: (first, last)} of what is the program's own: what the loader and a sanitizer do
    before main() is in --version, too."""
    case.prepare()
    command = case.command()
    n, before = count(here, case.program, command), count(here, case.program, ["--version"])
    before["write"] = 0
    sanitized = b"__asan_init" in open(case.program, "rb").read()
    return {call: (before.get(call, 0) + 1, n[call]) for call in ERRORS
            if n.get(call, 0) > before.get(call, 0)
            and not (sanitized and call == "mmap")}  # that is the sanitizer's memory


def one(name, case, here, call, error, when):
    case.prepare()
    return judge(f"{name}: {call} number {when} gives {error}", case,
                 traced(here, ["-e", "trace=" + call, "-e",
                               f"inject={call}:error={error}:when={when}"],
                        case.program, case.command()))


def preloaded(case, here, shim, **fault):
    case.prepare()
    env = environment(here)
    env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
    env.update(fault, LD_PRELOAD=f"{BUILD}/tests/{shim}.so")
    try:
        p = subprocess.run([case.program, *case.command()], capture_output=True, text=True,
                           errors="replace", stdin=subprocess.DEVNULL, timeout=LATE_S, env=env)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return p.returncode, p.stdout, p.stderr


def short(name, case, here):
    """Every read and write short: nobody notices."""
    results = [preloaded(case, here, "faults", FAULT_SHORT=n) for n in ("100000000", "61", "1")]
    if any(r[:2] != results[0][:2] for r in results):
        print(f"{name}: short reads and writes make a difference: {results}")
        return False
    return all(judge(f"{name}: short reads and writes", case, r) for r in results)


def allocations(name, case, here, sample):
    """One allocation after the other fails (ten at a time: who asks again has to be refused,
    too); tried, wrong."""
    counted = preloaded(case, here, "faults_alloc", FAULT_COUNT="1")[2]
    last = max(int(line.split()[1]) for line in counted.splitlines()
               if line.startswith("allocations ")) - 1
    which = chosen(0, last, sample and 4 * sample)
    return len(which), sum(
        not judge(f"{name}: allocation {n} fails", case,
                  preloaded(case, here, "faults_alloc", FAULT_MALLOC=str(n)), "memory")
        for n in which)


def judge(what, case, result, reason=""):
    """reason: a word that has to be in what is said with status 1."""
    status, out, err = result
    said = [line for line in err.splitlines() if line.startswith(SAYS)]
    if status is None:
        why = "hangs"
    elif any(word in err or word in out for word in SANITIZER):
        why = "a sanitizer speaks: " + err[:400]
    elif status not in (0, 1):
        why = f"status {status}: {err[:300]}"
    elif status == 1 and not said and not out:
        why = "status 1 without a word"
    elif status == 1 and reason not in err.lower():
        why = f"it does not say that it is the {reason}: {err[:300]}"
    elif case.leftovers():
        why = f"left behind: {case.leftovers()}"
    else:
        why = case.problem(status, out, err)
    if why:
        print(f"{what}: {why}", flush=True)
    return not why


def chosen(low, high, sample):
    if sample is None or high - low + 1 <= sample:
        return range(low, high + 1)
    return sorted({low + (high - low) * i // max(1, sample - 1) for i in range(sample)})


def main():
    args = sys.argv[1:]
    sample = 5
    if "--all" in args:
        args.remove("--all")
        sample = None
    if "--sample" in args:
        at = args.index("--sample")
        sample = int(args[at + 1])
        del args[at:at + 2]
    if not shutil.which("strace"):
        print("skipped: no strace")
        return 77
    here = tempfile.mkdtemp(prefix="oomreport-faults.")
    os.mkdir(here + "/home")
    tried = wrong = 0
    try:
        for name in args or CASES:
            case = CASES[name](here)
            for call, (low, high) in reach(case, here).items():
                for error in ERRORS[call]:
                    for when in chosen(low, high, sample):
                        tried += 1
                        wrong += not one(name, case, here, call, error, when)
            if case.program != RECORDER:  # linked statically: nothing to preload
                tried += 1
                wrong += not short(name, case, here)
                if b"__asan_init" not in open(case.program, "rb").read():
                    more, bad = allocations(name, case, here, sample)
                    tried, wrong = tried + more, wrong + bad
            case.close()
            print(f"{name}: {tried} faults so far, {wrong} wrong", flush=True)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    return 1 if wrong or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
