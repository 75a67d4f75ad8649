#!/usr/bin/env python3
# The interview of collect on a real terminal of 40 columns: words are not cut, keys that a line
# cannot move by leave nothing in the answer, skipping, Ctrl-D and Ctrl-C.
# SPDX-License-Identifier: MIT
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
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


def talk(name, keys, then=None, behind=False, out=None):
    """keys: after each question appears, what is typed; then: a signal; behind: in the background.
    The text shown, the exit status, the report."""
    out = out or os.path.join(work, name)
    pid, fd = pty.fork()
    if pid == 0:
        if behind and (own := os.fork()):
            os._exit(os.waitstatus_to_exitcode(os.waitpid(own, os.WUNTRACED)[1]))
        if behind:
            os.setpgid(0, 0)
        os.environ.update(XDG_STATE_HOME=work, LC_ALL="C.UTF-8")
        os.execv(PROGRAM, [PROGRAM, "collect", "--profile", "generic", "--redact", "none", "--log", log,
                           "--format", "dir", "-o", out])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", 24, 40, 0, 0))
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
            shown += type_in(fd, keys[prompts])
            prompts += 1
        elif then and prompts == len(keys):
            os.kill(pid, then)
            then = None
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    report = json.load(open(out + "/report.json")) if os.path.exists(out + "/report.json") else None
    return shown.decode("utf-8", "replace").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status), report


try:
    shown, rc, report = talk("edited", [
        "webb\x7f server\x1b[D\x1b[C\x1bOHs\nzweite Zeile äöü\x7f\n\n".encode(),  # two lines, arrows, UTF-8
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
    own = [l for l in shown.split("\n") if not l.startswith(">") and "\x1b" not in l and work not in l]
    check(all(len(l) <= 40 for l in own), "no line is wider than the terminal", own)

    shown, rc, report = talk("interrupted", [b"first\n\n", b"sec\x03"])
    check(rc == 130, "Ctrl-C ends it", (rc, shown))
    check(report and report["interview"]["workload"] == "first", "... with what was answered before", report and report["interview"])

    shown, rc, report = talk("pasted", [b"one\n\ntwo\nthree\n\n", b"half a key\x1b[D\x7fs\n\n", b"four\n\x04"])
    answers = report["interview"]
    check(answers["workload"] == "one\n\ntwo\nthree", "paragraphs that are pasted are one answer", answers)
    check(answers["before"] == "half a keys", "what Backspace left of a key takes no letter with it", answers)
    check(answers["after"] == "four" and "\n" + os.path.join(work, "pasted") in shown, "Ctrl-D ends the line", shown)

    shown, rc, report = talk("long", [b"x" * 5000 + b"\n\n", (b"y" * 1000 + b"\n") * 20 + b"\n", b"\x04"])
    check(len(report["interview"]["workload"]) == 4095 and "the end of that line is lost" in shown, "a line that is cut is told", shown)
    check(len(report["interview"]["before"]) == 16 * 1001 - 1 and "ends before that line" in shown, "so is an answer", shown)

    shown, rc, report = talk("hung up", [b"first\n\n", b"second\n"], then=signal.SIGHUP)
    check(rc == 130 and report["interview"]["workload"] == "first", "a terminal that goes away leaves a bundle", (rc, shown))
    check(not [n for n in os.listdir(work) if n.startswith(".oomreport")], "and nothing beside it", os.listdir(work))

    shown, rc, report = talk("behind", [], behind=True)
    check(rc == 0 and report["interview"]["workload"] is None, "in the background nothing is asked", (rc, shown))

    shown, rc, report = talk("binary", [], out="-")
    check(rc == 2 and "not for a terminal" in shown, "no archive goes to a terminal", (rc, shown[:500]))
finally:
    shutil.rmtree(work)
harness.done()
