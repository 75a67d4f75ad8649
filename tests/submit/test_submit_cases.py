# SPDX-License-Identifier: MIT
"""What the tests of oomreport-submit share: a bundle, a home, a stand-in server, checks."""
import io, json, os, random, re, subprocess, sys, tarfile, tempfile, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import server as standin
from harness import BUILD, check

PROGRAM = os.path.join(BUILD, "oomreport-submit")
KEY = standin.KEY


def document(workload="a \u00fcml\u00e4ut \x01 and \U0001F4A9", distribution="Debian"):
    return {
        "schema": "oomreport.report/1", "tool": {"name": "oomreport", "version": "0"}, "created": "2026-11-23T02:30:00Z",
        "source": {"kind": "kmsg", "name": "/dev/kmsg", "bytes": 1, "lines": 1, "head_lost": False},
        "system": {"kernel": "6.1.0-56-amd64", "arch": "x86_64", "distribution": distribution, "hostname": "host1", "hardware": None,
                   "page_size_bytes": 4096, "mem_total_kb": 262144, "swap_total_kb": 0, "tainted": None},
        "counts": {"oom_events": 1, "alloc_failures": 0, "alloc_stalls": 0, "userspace_kills": 0},
        "first_oom": None, "events": [],
        "diagnosis": {"verdict": "The workload used more memory than there is.", "findings": []},
        "signature": "oom1-test-0123456789", "interview": {"workload": workload, "before": None, "after": None, "impact": None},
        "vmlog": None, "collection": None,
    }


def make_bundle(path, log_bytes=20000, seed=1, **told):
    rng = random.Random(seed)
    files = {
        "README.txt": b"x", "summary.txt": b"summary\n", "report.json": json.dumps(document(**told)).encode(),
        "report.html": b"<!doctype html><title>x</title>", "first-oom.txt": b"tail invoked oom-killer: %d\n" % seed * 40,
        "log/kernel.log": bytes(rng.getrandbits(8) for _ in range(log_bytes)),
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name in sorted(files):
            info = tarfile.TarInfo("oomreport-test/" + name)
            info.size = len(files[name])
            tar.addfile(info, io.BytesIO(files[name]))
    with open(path, "wb") as f:
        subprocess.run(["zstd", "-qc"], input=raw.getvalue(), stdout=f, check=True)


class Case:
    """One home directory, one stand-in server."""

    def __init__(self, *server_args, log_bytes=20000):
        self.dir = tempfile.TemporaryDirectory(prefix="oomreport-submit-")
        self.home = self.dir.name
        self.bundle = os.path.join(self.home, "oomreport-test.tar.zst")
        make_bundle(self.bundle, log_bytes)
        self.keyfile = os.path.join(self.home, "key")
        with open(self.keyfile, "w") as f:
            f.write(KEY + "\n")
        os.chmod(self.keyfile, 0o600)
        self.server_args = list(server_args)
        self.start()
        self.prefix = server_args[server_args.index("--prefix") + 1] if "--prefix" in server_args else ""
        self.url = f"http://127.0.0.1:{self.port}{self.prefix}"
        self.output = ""

    def start(self, *more):
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "server.py"), *self.server_args, *more], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *a):
        if self.process.poll() is None:
            self.stop()
        self.dir.cleanup()

    def run(self, *args, env=None, timeout=120, key=True, stdin=subprocess.DEVNULL, inside=()):
        e = {"HOME": self.home, "PATH": os.environ["PATH"], "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        e.update(env or {})
        words = [*inside, PROGRAM, *args, "--as-root", "--confirm-wait", "100ms"]
        if key:
            words += ["--api-key-file", self.keyfile]
        p = subprocess.run(words, env=e, stdin=stdin, capture_output=True, timeout=timeout, cwd=self.home)
        self.out, self.err = p.stdout.decode(), p.stderr.decode("utf-8", "replace")
        self.output += self.out + self.err
        check(KEY not in " ".join(words), "the key is in argv")
        check("Sanitizer" not in self.err, "sanitizer: " + self.err[:2000])
        return p.returncode

    def typed(self, *args, answers=(), key=True, timeout=20):
        """The same on a terminal: each answer is typed when its question stands there."""
        import pty, select, time
        words = [PROGRAM, *args, "--as-root", "--confirm-wait", "100ms"] + (["--api-key-file", self.keyfile] if key else [])
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.home)
            os.execve(PROGRAM, words, {"HOME": self.home, "PATH": os.environ["PATH"], "TERM": "dumb", "ASAN_OPTIONS": "verify_asan_link_order=0"})
        out, seen, answers, end = b"", 0, list(answers), time.time() + timeout
        while time.time() < end:
            if select.select([fd], [], [], 0.2)[0]:
                try:
                    part = os.read(fd, 65536)
                except OSError:
                    break
                if not part:
                    break
                out += part
            if answers and re.search(answers[0][0].encode(), out[seen:]):
                time.sleep(0.1)
                seen = len(out)
                os.write(fd, answers.pop(0)[1].encode() + b"\n")
        if time.time() >= end:
            os.kill(pid, 9)
        _, status = os.waitpid(pid, 0)
        os.close(fd)
        self.out = out.decode("utf-8", "replace")
        self.output += self.out
        check(not answers, f"not asked: {answers}: {self.out}")
        return os.waitstatus_to_exitcode(status)

    def left(self, *args, timeout=20):
        """Runs until the question stands there, ends it by a signal: how it ended, and whether the
        terminal shows again what is typed. args: the words, the question, the signal."""
        import pty, select, termios, time
        *words, question, number = args
        master, slave = pty.openpty()
        p = subprocess.Popen([PROGRAM, *words, "--as-root"], stdin=slave, stdout=slave, stderr=slave, cwd=self.home, start_new_session=True,
                             preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0),
                             env={"HOME": self.home, "PATH": os.environ["PATH"], "ASAN_OPTIONS": "verify_asan_link_order=0"})
        out, end = b"", time.time() + timeout
        while not re.search(question.encode(), out) and time.time() < end:
            if select.select([master], [], [], 0.2)[0]:
                out += os.read(master, 4096)
        silent = not termios.tcgetattr(slave)[3] & termios.ECHO
        p.send_signal(number)
        try:
            rc = p.wait(timeout)
        except subprocess.TimeoutExpired:
            p.kill()
            rc = None
        echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
        os.close(master)
        os.close(slave)
        check(silent, f"it is asked unseen: {out}")
        return rc, echo

    def said(self, *args):
        """What goes to standard error, write by write: a pipe in packet mode (pipe(2), O_DIRECT)."""
        out, into = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
        p = subprocess.Popen([PROGRAM, *args, "--as-root", "--api-key-file", self.keyfile], cwd=self.home, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=into, env={"HOME": self.home, "PATH": os.environ["PATH"]})
        os.close(into)
        written = []
        while part := os.read(out, 65536):
            written.append(part)
        os.close(out)
        check(p.wait() == 0, f"{args}: {written}")
        return written

    def submit(self, *args, **kw):
        return self.run(self.bundle, f"--bugzilla={self.url}", "--product", "memory management", "--component", "OOM", "--yes", *args, **kw)

    def state(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__state", timeout=10) as r:
            return json.load(r)

    def expect_one(self, what, names=("first-oom.txt", "oomreport-test.tar.zst")):
        s = self.state()
        check(len(s["bugs"]) == 1, f"{what}: {len(s['bugs'])} bugs")
        got = sorted(a["file_name"] for a in s["attachments"])
        check(got == sorted(names), f"{what}: attachments {got}")
        check(s["violations"] == [], f"{what}: {s['violations']}")
        self.no_secret(what)
        return s

    def no_secret(self, what):
        check(KEY not in self.output, f"{what}: the key was shown")
        check("\x1b" not in self.output, f"{what}: an escape sequence was shown")
        for root, _, names in os.walk(os.path.join(self.home, ".local")):
            for n in names:
                text = open(os.path.join(root, n), "rb").read()
                check(KEY.encode() not in text, f"{what}: the key is in {n}")
                check(os.stat(os.path.join(root, n)).st_mode & 0o077 == 0, f"{what}: others can read {n}")

    def journals(self):
        folder = os.path.join(self.home, ".local/state/oomreport/outbox")
        return sorted(os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".json"))

    def expect_none(self, what):
        s = self.state()
        check(s["bugs"] == [], f"{what}: a bug was filed")
        self.no_secret(what)
