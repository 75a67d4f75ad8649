#!/usr/bin/env python3
# The interview of collect on a real terminal of 40 columns: words are not cut, the keys of a line,
# skipping, Ctrl-D and Ctrl-C; answers from a file and from options.
# SPDX-License-Identifier: MIT
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

log = "tests/golden/global-anon-6.12/log"
work = tempfile.mkdtemp(prefix="interview.")


def type_in(fd, keys):
    """As a terminal pastes: in pieces, and what is echoed is read meanwhile."""
    shown = b""
    while keys:
        keys = keys[os.write(fd, keys[:1000]):]
        while keys and select.select([fd], [], [], 0.02)[0]:
            shown += os.read(fd, 65536)
    return shown


def talk(name, keys, then=None, behind=False, out=None, columns=40, wider=None, args=("--profile", "generic")):
    """keys: after each question appears, what is typed; then: signals; behind: in the background; wider: the
    columns from the second question on. The text shown, the exit status, the report."""
    out = out or os.path.join(work, name)
    pid, fd = pty.fork()
    if pid == 0:
        if behind and (own := os.fork()):
            os._exit(os.waitstatus_to_exitcode(os.waitpid(own, os.WUNTRACED)[1]))
        if behind:
            os.setpgid(0, 0)
        os.environ.update(XDG_STATE_HOME=work, LC_ALL="C.UTF-8")
        os.execv(PROGRAM, [PROGRAM, "collect", *args, "--redact", "none", "--log", log,
                           "--format", "dir", "-o", out])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    was = termios.tcgetattr(fd)
    shown, prompts, end = b"", 0, time.monotonic() + 120
    while time.monotonic() < end:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if shown.count(b"?\r\n> ") > prompts and prompts < len(keys):
            if prompts and wider:
                fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", 24, wider, 0, 0))
            shown += type_in(fd, keys[prompts])
            prompts += 1
        elif then and prompts == len(keys):
            for sig in then:
                os.kill(pid, sig)
            then = None
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    check(termios.tcgetattr(fd) == was, f"{name}: the terminal is as it was", (was, termios.tcgetattr(fd)))
    os.close(fd)
    report = json.load(open(out + "/report.json")) if os.path.exists(out + "/report.json") else None
    shown = re.sub(rb"\r[^\r\n\x1b]*\x1b\[K", b"", shown)  # progress: a slow machine shows it
    return shown.decode("utf-8", "replace").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status), report


try:
    shown, rc, report = talk("edited", [
        "eb seerver\x1b[D\x1b[D\x1b[D\x1b[D\x7f\x1bOHw\x05s\nzweite Zeile äöü\x7f\n\n".encode(),  # two lines, arrows, Home, UTF-8
        b"no, this\x15slow\n\n",  # Ctrl-U
        b"\n",  # skipped
        b"\x04"])  # Ctrl-D: no more
    answers = report["interview"]
    check(rc == 0, "it ends well", (rc, shown))
    check(os.path.join(work, "edited") + "\nNothing has been sent. Look at it with" in shown, "what comes next is said", shown)
    check(answers["workload"] == "web servers\nzweite Zeile äö", "two lines, and keys leave nothing", answers)
    check(answers["before"] == "slow", "Ctrl-U takes the line back", answers)
    check(answers["after"] is None and answers["impact"] is None and
          answers["changed"] is None, "an empty line skips one, Ctrl-D the rest", answers)
    own = [l for l in shown.split("\n") if not l.startswith((">", "\r>")) and "\x1b" not in l and work not in l]
    check(all(len(l) <= 40 for l in own), "no line is wider than the terminal", own)

    shown, rc, report = talk("narrow", [b"a line that is longer than the terminal\n\n", b"\x04"], columns=20)
    check(report["interview"]["workload"] == "a line that is longer than the terminal", "20 columns are enough", report["interview"])
    own = [l.split("\r")[-1] for l in shown.split("\n") if work not in l]
    check(all(len(l.split("\b")[0]) <= 20 for l in own), "no line is wider than a narrow terminal, so no word is cut by it", own)

    shown, rc, report = talk("interrupted", [b"first\n\n", b"sec\x03"])
    check(rc == 130, "Ctrl-C ends it", (rc, shown))
    check(report and report["interview"]["workload"] == "first", "... with what was answered before", report and report["interview"])

    shown, rc, report = talk("pasted", [b"one\n\ntwo\nthree\n\n", b"a\x1b[200~ \x1b[5~k\xfcey\xc2\x9b!\x1b[201~\x07\n\n", b"four\x04"])
    answers = report["interview"]
    check(answers["workload"] == "one\n\ntwo\nthree", "paragraphs that are pasted are one answer", answers)
    summary = open(os.path.join(work, "pasted/summary.txt")).read()
    check("\n    one\n\n    two\n    three\n" in summary, "and are two in the summary", summary[-4000:])
    check(answers["before"] == "a key!", "keys without a meaning, bytes that are no UTF-8 and C1 leave nothing", answers)
    check(answers["after"] == "four" and "\n" + os.path.join(work, "pasted") in shown, "Ctrl-D ends the line", shown[-500:])

    shown, rc, report = talk("keys", [
        b"one two three\x17\x17four \x1b[1;5D\x1b[1;5Dzero \x0b\n\n",  # Ctrl-W, a word back, Ctrl-K
        b"abc\x1b[1~\x1b[3~\x06\x04X\x1b[F.\n\n",  # Home, Delete, right, Ctrl-D within the line, End
        "日本語\x02\x02\x7f\n\n".encode(),  # two columns each
        b"\x04"])
    answers = report["interview"]
    check([answers[k] for k in ("workload", "before", "after")] == ["zero", "bX.", "本語"], "the other keys", answers)

    words = b"w " * 100
    shown, rc, report = talk("moved", [words + b"\x01A \x05Z\n\n", words + b"\n\n", b"\x04"], wider=100)
    answers = report["interview"]
    check(answers["workload"] == "A " + words.decode() + "Z", "a line longer than the terminal is edited at both ends", answers)
    rows = [r for l in shown.split("\n") for r in l.split("\r") if r.startswith(("> ", "< ", "w"))]
    check(all(len(r.split("\b")[0]) < 100 for r in rows), "and no row is wider than the terminal, whichever it is now", rows)
    check(any(60 < len(r) for r in rows) and "\n  w w w" in shown, "and is shown whole once it is ended", rows)

    shown, rc, report = talk("long", [b"x" * 5000 + b"\n\n", (b"y" * 1000 + b"\n") * 20 + b"\n", b"z" * 20000 + b"\n\n", b"\x04"])
    answers = report["interview"]
    check(len(answers["workload"]) == 5000, "a line longer than the 4095 bytes of a terminal's own")
    check(len(answers["before"]) == 16 * 1001 - 1 and "ends before that line" in shown, "an answer that is cut is told", len(answers["before"]))
    check(len(answers["after"]) == 16384 and "the end of that line is lost" in shown, "so is a line", len(answers["after"]))

    with open(os.path.join(work, "desk.yaml"), "w") as f:
        f.write("name: desk\ntitle: a desk\ndescription: Please say which site.\nquestions:\n  - {key: site, text: Which site?}\n"
                "  - {key: workload, text: What ran?}\n")
    shown, rc, report = talk("desk", [b"Gera\n\n"], args=("--profile", os.path.join(work, "desk.yaml"), "--workload", ""))
    check("Please say which site.\nA few questions." in shown and "1/2  Which site?" in shown, "the desk's words", shown[:200])
    check(report["interview"]["other"] == [{"key": "site", "question": "Which site?", "answer": "Gera"}] and
          report["interview"]["workload"] is None, "its question; an empty option answers with nothing", report["interview"])

    shown, rc, report = talk("hung up", [b"first\n\n", b"second\n"], then=[signal.SIGHUP])
    check(rc == 130 and report["interview"]["workload"] == "first", "a terminal that goes away leaves a bundle", (rc, shown))
    check(not [n for n in os.listdir(work) if n.startswith(".oomreport")], "and nothing beside it", os.listdir(work))

    # a second Ctrl-C before the first one was seen
    shown, rc, report = talk("at once", [b"first\n\n", b"second\n"], then=[signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT])
    check(rc == 130 and report is None, "two signals end it at once", (rc, shown))

    shown, rc, report = talk("behind", [], behind=True)
    check(rc == 0 and report["interview"]["workload"] is None, "in the background nothing is asked", (rc, shown))

    shown, rc, report = talk("binary", [], out="-")
    check(rc == 2 and "not for a terminal" in shown, "no archive goes to a terminal", (rc, shown[:500]))

    # from a file: read before anything is gathered, and once
    def collect(name, *args, **more):
        out = os.path.join(work, name)
        run = subprocess.run([PROGRAM, "collect", "--redact", "none", "--log", log, "--format", "dir", "-o", out, *args],
                             capture_output=True, text=True, timeout=120, env=dict(os.environ, XDG_STATE_HOME=work), **more)
        return run, json.load(open(out + "/report.json"))["interview"] if run.returncode == 0 else os.path.exists(out)

    answers = "workload: builds\nbefore: ~\nafter:\nchanged: |\n  two\n  lines\n\nother: {ticket: INC-1, empty: , site: Gera}\n"
    run, got = collect("file", "--profile", os.path.join(work, "desk.yaml"), "--answers", "-", "--before", "fine",
                       "--reproducible", "no", input=answers)
    check([got[k] for k in ("workload", "before", "after", "impact", "reproducible", "changed")] ==
          ["builds", "fine", None, None, "no", "two\nlines"], "options, a file, nothing", (run.stderr, got))
    check([(o["key"], o["question"], o["answer"]) for o in got["other"]] ==
          [("site", "Which site?", "Gera"), ("ticket", "ticket", "INC-1")], "what the desk did not ask is kept", got["other"])
    big = "x" * 100000
    run, got = collect("big", "--answers", "-", input=f"workload: {big}\nother: {{notes: {big}}}\n")
    check(got["workload"] == big and got["other"][-1]["answer"] == big, "a file takes more", run.stderr)
    fifo = os.path.join(work, "fifo")
    os.mkfifo(fifo)
    write = subprocess.Popen(["sh", "-c", 'echo "workload: once" >"$1"', "-", fifo])
    run, got = collect("fifo-read", "--answers", fifo)
    check(write.wait() == 0 and got["workload"] == "once", "a FIFO is read once", run.stderr)

    def early(name, args, status, words, **more):
        run, exists = collect(name, "-v", *args, **more)
        check(run.returncode == status and words in run.stderr and not exists, name, (run.returncode, run.stderr))
        check("kernel log" not in run.stderr and ".log" not in run.stderr, name + ": before anything is gathered", run.stderr)

    early("wrong", ["--answers", "-"], 1, "oomreport: -:1:1: there is no key 'workloda' here\noomreport: did you mean 'workload'?",
          input="workloda: x\n")
    early("missing", ["--answers", os.path.join(work, "none.yaml")], 1, "none.yaml: No such file or directory")
    early("twice", ["--answers", "-", "--log", "-"], 2, "standard input is either the log or the answers", input="workload: x\n")

    # nobody is waited for without a terminal
    reading, writing = os.pipe()
    for name, standard_input in (("nothing", subprocess.DEVNULL), ("open pipe", reading)):
        run, got = collect("in " + name, "--profile", "generic", stdin=standard_input)
        check(run.returncode == 0 and got["workload"] is None, f"standard input is {name}", run.stderr)
    run, got = collect("closed", "--profile", "generic", preexec_fn=lambda: os.close(0))
    check(run.returncode == 0 and got["workload"] is None, "standard input is closed", run.stderr)
finally:
    shutil.rmtree(work)
harness.done()
