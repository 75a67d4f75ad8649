#!/usr/bin/env python3
# Nothing that others wrote drives the terminal that shows it: hostile logs, process names, bundles,
# member and file names, profiles, samples of other people and a server's replies, through every
# command and format, with standard output and standard error on a pseudo terminal. What arrives there
# is valid UTF-8 without control characters, C1 and marks of direction but for line ends, tabs and the
# colours and the one-line progress that oomreport makes itself.
# SPDX-License-Identifier: MIT
import http.server
import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, TOP, check

golden = os.path.join(TOP, "tests/golden/memcg-v2-nested-6.12/log")
# title, clear, alternate screen, C1 as a byte and as UTF-8, bidi overrides and isolates, conceal, BS, DEL, no UTF-8
EVIL = [b"\x1b]0;EVIL\x07", b"\x1b[2J", b"\x9b31mEVIL", b"\xc2\x9b31mEVIL", b"\xe2\x80\xaeEVIL", b"\xe2\x81\xa6EVIL", b"\x1b[8mEVIL",
        b"\x08EVIL", b"\x7fEVIL", b"\xffEVIL", b"\xd8\x9cEVIL", b"\rEVIL", b"\xc2\x85EVIL"]
ALL = b"".join(EVIL)
FOR_UTF8 = ALL.decode(errors="ignore")
OURS = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[K|\r[^\r\n\x00-\x1f]*\x1b\[K|\r *(?=\r?> )|\r[\w.]+: \d+ of \d+ KiB|\r+\n")
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def on_terminal(args, work, typed=b"", prompt=b"", stdin=None, seconds=60):
    """The bytes that the terminal gets, and the exit status."""
    os.makedirs(work + "/home", exist_ok=True)
    master, slave = pty.openpty()
    environment = dict(os.environ, HOME=work + "/home", XDG_STATE_HOME="", XDG_CONFIG_HOME="", LC_ALL="C.UTF-8", TERM="xterm", COLUMNS="100")
    run = subprocess.Popen(args, stdin=stdin or slave, stdout=slave, stderr=slave, cwd=work, env=environment, start_new_session=True)
    os.close(slave)
    text, until = b"", time.monotonic() + seconds
    while time.monotonic() < until and select.select([master], [], [], max(0, until - time.monotonic()))[0]:
        try:
            got = os.read(master, 65536)
        except OSError:
            break
        text += got
        if typed and text.endswith(prompt):
            os.write(master, typed)
            typed = b""
    if run.poll() is None:
        try:
            run.wait(timeout=5)
        except subprocess.TimeoutExpired:
            run.kill()
            check(False, "it ends: " + " ".join(args[1:3]))
    os.close(master)
    return text, run.wait()


def harmless(what, args, work, ok=None, evil=True, own_colours=True, **more):
    """evil: something of ours must have been shown, or the check means nothing."""
    text, status = on_terminal([PROGRAM] + args, work, **more)
    check(not evil or b"EVIL" in text, f"{what} is shown", text[-300:])
    check(ok is None or status in ok, f"{what} ends as it should", (status, text[-300:]))
    # every sequence of ours counts as ours only where it is one that we make: bold, dim, colours
    for sequence in re.findall(rb"\x1b\[[0-9;]*m", text):
        check(sequence in (b"\x1b[0m", b"\x1b[m", b"\x1b[1m", b"\x1b[2m") or re.match(rb"\x1b\[(1;)?3[0-7]m$", sequence), f"{what}: a colour of ours", sequence)
    rest = OURS.sub(b"\n", text)
    try:
        rest = rest.decode()
    except UnicodeDecodeError as e:
        check(False, f"{what}: UTF-8", (e, rest[max(0, e.start - 60):e.start + 20]))
        return
    hit = UNWANTED.search(rest)
    check(not hit, f"{what} is harmless", hit and (hit[0].encode("unicode_escape"), rest[max(0, hit.start() - 80):hit.start() + 30].encode()))


def evil_log(work):
    text = open(golden, "rb").read()
    names = set(re.findall(rb"Killed process \d+ \(([^)]*)\)", text)) | set(re.findall(rb"(\w+) invoked oom-killer", text))
    lines = []
    for i, line in enumerate(text.split(b"\n")):
        evil = EVIL[i % len(EVIL)].replace(b"\r", b"\x0b")
        for name in names:
            line = line.replace(b" " + name + b" ", b" " + evil[:15] + b" ").replace(b"(" + name + b")", b"(" + evil[:15] + b")").replace(
                b"task=" + name + b",", b"task=" + evil[:15] + b",").replace(b" " + name, b" " + evil[:15])
        line = line.replace(b"/oom", b"/" + evil).replace(b"Hardware name: ", b"Hardware name: " + ALL.replace(b"\r", b"")).replace(
            b"Not tainted", b"Tainted: " + evil)
        lines.append(line)
    path = work + "/evil.log"
    with open(path, "wb") as f:
        f.write(b"Linux version 6.12.1-" + b"EVIL\x1b[2J (gcc\x1b]0;EVIL\x07) #1\n" + b"\n".join(lines) + b"\n[   99.000000] " + ALL.replace(b"\r", b"") + b"\n")
        # a host of that name, killers of user space, a failure
        for n, e in enumerate(EVIL):
            e = e.replace(b"\r", b"\x0b")
            f.write(b"Nov 23 02:30:%02d ho%sst kernel: [  100.%06d] %s: page allocation failure: order:3, mode:0xcc0(GFP_KERNEL), nodemask=(null)\n" % (n, e, n, e[:15]))
            f.write(b"Nov 23 02:31:%02d host earlyoom[1]: sending SIGTERM to process 4711 uid 0 \"%s\": badness 900, VmRSS 100 MiB\n" % (n, e))
            f.write(b"Nov 23 02:32:%02d host systemd-oomd[1]: Killed /sl%sice/x.scope due to memory pressure for /sl%sice being 90%% > 60%% for > 20s\n" % (n, e, e))
    return path


def rewrite(source, to, change):
    """The members of an archive, each through change(name, bytes) -> (name, bytes)."""
    with tarfile.open(source, "r:gz") as a, tarfile.open(to, "w:gz") as b:
        for m in a.getmembers():
            data = a.extractfile(m).read() if m.isfile() else b""
            m.name, data = change(m.name, data)
            m.size = len(data)
            b.addfile(m, io.BytesIO(data))


class Evil(http.server.BaseHTTPRequestHandler):
    """A Bugzilla that says evil things."""

    def do(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        if self.path.endswith("/version") or "/version?" in self.path:
            body, status = {"version": "5.2" + FOR_UTF8}, 200
        elif self.server.mode == "error":
            body, status = {"error": True, "code": 51, "message": "no such product " + FOR_UTF8}, 400
        elif self.command == "GET" and "/bug" in self.path:
            body, status = {"bugs": [{"id": 7, "summary": "like it " + FOR_UTF8, "status": "NEW" + FOR_UTF8, "resolution": FOR_UTF8,
                                      "whiteboard": self.server.signature, "product": FOR_UTF8, "component": FOR_UTF8}]}, 200
        else:
            body, status = {"id": 8, "ids": [FOR_UTF8], "name": FOR_UTF8, "values": [], "products": [], "fields": [], "message": FOR_UTF8}, 200
        data = json.dumps(body, ensure_ascii=False).encode() if self.server.mode != "bytes" else ALL
        self.send_response_only(status, "EVIL \x1b[2J")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Location", "http://127.0.0.1/\x1b[2J")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_HEAD = do

    def log_message(self, *args):
        pass


def reading(work, log, name):
    for format in ("text", "markdown", "html", "json", "ndjson"):
        for more in ([], ["--all"], ["--color=always"]):
            harmless(f"analyze --format {format} {' '.join(more)}", ["analyze", "--format", format] + more + [log], work, ok=(0,))
    for template in ("oneliner", "bugzilla", "mail", "summary", "summary.de", "summary.ja", "facts"):
        harmless("analyze --template " + template, ["analyze", "--template", template, log], work, ok=(0,))
    harmless("a file of that name", ["analyze", name], work, ok=(0,))
    harmless("no file of that name", ["analyze", b"none-" + ALL.replace(b"/", b"")], work, ok=(1,))
    for args in (["analyze", "--template"], ["analyze", "--kernel"], ["decode", "--kernel"], ["collect", "--profile"], ["collect", "--boot"]):
        harmless("a value of that kind: " + " ".join(args), args + [b"its-EVIL" + ALL, log][: 2 if args[0] == "analyze" else 1] +
                 (["0x1"] if args[0] == "decode" else []), work)
    for args in ([ALL], ["decode", ALL], ["analyze", b"--" + ALL], ["analyze", b"--format=" + ALL], ["profile", "show", ALL], ["record", ALL], ["triage", b"x" + ALL],
                 ["verify", b"x" + ALL], ["profile", "check", b"x" + ALL]):
        harmless("a word of that kind: " + str(args[0])[:12], args, work, ok=(1, 2))
    incoming = os.path.join(work, "incoming")
    os.mkdir(incoming)
    for i, e in enumerate(EVIL):
        os.symlink(log, os.path.join(incoming.encode(), b"%d-" % i + e.replace(b"/", b"")))
        with open(os.path.join(incoming.encode(), b"bad-%d-" % i + e.replace(b"/", b"") + b".tar.gz"), "wb") as f:
            f.write(b"\x1f\x8b\x08\x00" + e)
        with open(os.path.join(incoming.encode(), b"log-%d-" % i + e.replace(b"/", b"")), "wb") as f:
            f.write(open(log, "rb").read())
    for format in ("text", "json", "ndjson", "csv", "html"):
        harmless("triage --format " + format, ["triage", "--format", format, incoming], work)
    harmless("triage -v", ["triage", "-vv", "--since", "s.sqlite", incoming], work)


def bundles(work, log):
    harmless("collect", ["collect", "-vv", "--no-interview", "--log", log, "--redact", "none", "-o", b"EVIL" + ALL.replace(b"/", b"") + b".tar.gz"], work, ok=(0,))
    harmless("collect again", ["collect", "--no-interview", "--log", log, "-o", b"EVIL" + ALL.replace(b"/", b"") + b".tar.gz"], work, ok=(1,))
    subprocess.run([PROGRAM, "collect", "-q", "--no-interview", "--log", log, "--redact", "none", "-o", "b.tar.gz"], cwd=work, check=True, stdout=subprocess.DEVNULL)
    harmless("collect, names replaced", ["collect", "--no-interview", "--log", log, "-o", "r.tar.gz"], work, ok=(0,), evil=False)
    harmless("reveal", ["reveal", "r.tar.gz", log], work, ok=(0,))
    bundle = work + "/b.tar.gz"
    harmless("verify", ["verify", bundle], work, ok=(0,), evil=False)
    for what, change in (
            ("names", lambda n, d: (n.replace("proc/", "proc/" + "\x1b[2JEVIL\u202e\u009b"), d)),
            ("manifest", lambda n, d: (n, d.replace(b'"proc/meminfo"', b'"proc/EVIL\\u001b[2J\\u009b\\u202e"') if n.endswith("MANIFEST.json") else d)),
            ("report", lambda n, d: (n, d.replace(b'"eat"', json.dumps(FOR_UTF8).encode()).replace(b'"kernel": "', b'"kernel": "EVIL\\u001b[2J\\u009b\\u202e') if n.endswith("report.json") else d)),
            ("keys", lambda n, d: (n, d.replace(b'"verdict"', b'"verdict\\u001b[2J EVIL\\u202e"') if n.endswith("report.json") else d))):
        rewrite(bundle, work + "/x.tar.gz", change)
        harmless("verify, evil " + what, ["verify", "x.tar.gz"], work, ok=(1,), evil=what in ("names", "manifest"))
        for args in (["analyze", "x.tar.gz"], ["analyze", "--format", "json", "x.tar.gz"], ["triage", "x.tar.gz"], ["analyze", "--compare", "b.tar.gz", "x.tar.gz"],
                     ["submit", "x.tar.gz", "--as-root", "--mail", "a@example.org", "--from", "b@example.org", "--dry-run"]):
            harmless(" ".join(args[:2]) + ", evil " + what, args, work, evil=False)
    return bundle


def profiles(work, log):
    text = {"name": "evil", "title": "EVIL" + FOR_UTF8, "questions": [{"key": "workload", "text": "EVIL?" + FOR_UTF8}, {"key": "k" + FOR_UTF8, "text": FOR_UTF8}],
            "gather": {"extra": ["/proc/EVIL" + FOR_UTF8]}, "submit": {"mail": "a@example.org", "note": "EVIL" + FOR_UTF8, "bugzilla": "http://127.0.0.1:9/EVIL" + FOR_UTF8}}
    with open(work + "/evil.yaml", "w") as f:
        json.dump(text, f)
    for args in (["profile", "show", "./evil.yaml"], ["profile", "check", "./evil.yaml"], ["collect", "--list", "--profile", "./evil.yaml"],
                 ["collect", "--profile", "./evil.yaml", "--log", log, "-o", "p.tar.gz"],
                 ["submit", "b.tar.gz", "--as-root", "--profile", "./evil.yaml", "--mail=profile", "--from", "a@example.org", "--dry-run"],
                 ["submit", "b.tar.gz", "--as-root", "--profile", "./evil.yaml", "--bugzilla", "--dry-run"]):
        harmless(" ".join(args[:2]) + " with an evil profile", args, work, evil=args[0] == "collect", prompt=b"> ",
                 typed=b"an answer\n\nno\n\n\x04" if args[-1] == "p.tar.gz" else b"")
    with open(work + "/bad.yaml", "wb") as f:
        f.write(b"name: x\nEVIL: \"" + ALL.replace(b"\\", b"") + b"\"\n")
    harmless("profile check of a bad one", ["profile", "check", "./bad.yaml"], work, ok=(1,), evil=False)
    with open(work + "/bad.yaml", "w") as f:
        json.dump({"name": "x", "EVIL" + FOR_UTF8: 1}, f)
    harmless("profile check of a bad key", ["profile", "check", "./bad.yaml"], work, ok=(1,))


def samples(work):
    with open(work + "/evil-samples.txt", "wb") as f:
        for i in range(3):
            f.write(b"==== 2026-11-23T02:30:%02dZ 179542980%d\n---- meminfo\nMemTotal: 100 kB\nMemFree: %d kB\nEVIL%s: 5 kB\n" % (i, i, i, ALL.replace(b"\r", b"")))
            f.write(b"---- EVIL%s\nEVIL %s\n" % (EVIL[i], ALL))
    for format in ("text", "csv", "json"):
        harmless("record --export --format " + format, ["record", "--export", "evil-samples.txt", "--format", format], work, evil=False)
    # a process of that name, large enough to be among the first
    script = "import ctypes, time; b = b'x' * (300 << 20); ctypes.CDLL(None).prctl(15, %r, 0, 0, 0); print('x', flush=True); time.sleep(60)"
    for name in (b"\x1b]0;EVIL\x07\x1b[2J", b"EVIL\xc2\x9b\xe2\x80\xae"):
        big = subprocess.Popen([sys.executable, "-c", script % name], stdout=subprocess.PIPE)
        big.stdout.readline()
        harmless("record --once", ["record", "--once"], work, ok=(0,))
        harmless("collect with a process of that name", ["collect", "-vv", "--no-interview", "-f", "-o", "l.tar.gz"], work, ok=(0,), evil=False)
        big.kill()
        big.wait()


def servers(work):
    report = subprocess.run(["tar", "-xzOf", "b.tar.gz", "--wildcards", "*/report.json"], cwd=work, capture_output=True).stdout
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    server.signature = json.loads(report)["signature"]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    os.makedirs(work + "/home", exist_ok=True)
    with open(work + "/key", "w") as f:
        f.write("K" * 40 + "\n")
    os.chmod(work + "/key", 0o600)
    for server.mode in ("error", "good", "bytes"):
        for args in (["--bugzilla=" + url, "--product", "P", "--component", "C", "--api-key-file", "key"],
                     ["--bugzilla=" + url, "--bug", "7", "--api-key-file", "key"], ["--upload", url + "/x"], ["--upload", url + "/x", "--method", "POST"]):
            harmless(f"submit {args[0][:10]}, a server's {server.mode}", ["submit", "b.tar.gz", "--as-root", "--confirm-wait", "1s"] + args, work, evil=False, typed=b"n\n")
            harmless(f"submit --yes {args[0][:10]}, a server's {server.mode}", ["submit", "b.tar.gz", "--as-root", "--yes", "--confirm-wait", "1s"] + args, work, evil=False)
    harmless("submit --list", ["submit", "--list", "--as-root"], work, evil=False)
    harmless("submit --retry", ["submit", "--retry", "--as-root", "--yes"], work, evil=False)
    server.shutdown()


def main():
    with tempfile.TemporaryDirectory(prefix="oomreport-terminal-", dir="/var/tmp") as work:
        log = evil_log(work)
        name = os.path.join(work.encode(), b"EVIL" + ALL.replace(b"/", b""))
        os.symlink(log, name)
        reading(work, log, name)
        bundles(work, log)
        profiles(work, log)
        samples(work)
        servers(work)
    harness.done()


main()
