#!/usr/bin/env python3
# What takes longer than a second is said on a terminal of any width, while it is waited for, in one
# line that is gone afterwards; without a terminal nothing is.
# SPDX-License-Identifier: MIT
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, TOP, check

golden = os.path.join(TOP, "tests/golden/memcg-v2-nested-6.12/log")
HELD_S = 4


def slow_log(path):
    """A log that says nothing for a while, as a hanging program's."""
    os.mkfifo(path)

    def feed():
        with open(path, "wb") as f:
            time.sleep(HELD_S)
            f.write(open(golden, "rb").read())

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    return thread


def command(work, name, log):
    tree = os.path.join(work, "tree")
    os.makedirs(tree + "/proc", exist_ok=True)
    return [PROGRAM, "collect", "--no-interview", "--root", tree, "--log", log, "-o", f"{work}/{name}.tar.zst"]


def on_terminal(columns, args):
    """What the terminal gets, with the time of each piece."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    start = time.monotonic()
    run = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, env=environment)
    os.close(slave)
    pieces = []
    while select.select([master], [], [], 60)[0]:
        try:
            got = os.read(master, 65536)
        except OSError:
            break
        pieces.append((time.monotonic() - start, got))
    run.stdout.close()
    os.close(master)
    return pieces, run.wait()


def shows(work, columns):
    log = f"{work}/slow{columns}"
    thread = slow_log(log)
    pieces, status = on_terminal(columns, command(work, f"wide{columns}", log))
    thread.join(60)
    text = b"".join(piece for _, piece in pieces)
    check(status == 0, f"{columns} columns: it ends well", (status, text))
    waiting = [t for t, piece in pieces if b"reading the kernel log" in piece]
    check(waiting and waiting[0] < HELD_S, f"{columns} columns: what is waited for is said meanwhile", pieces)
    check(all(t > 0.9 for t, _ in pieces), f"{columns} columns: nothing is said in the first second", pieces)
    lines = re.findall(rb"\r([^\r\n]*)\x1b\[K", text)
    check(lines and all(len(line) < columns for line in lines), f"{columns} columns: no line is wider", lines)
    check(b"\r\x1b[K" in text and not text.rstrip(b"\r\n").endswith(b"log\x1b[K"),
          f"{columns} columns: the line is gone afterwards", text)


def silent(work):
    log = work + "/slow"
    thread = slow_log(log)
    done = subprocess.run(command(work, "silent", log), stdin=subprocess.DEVNULL, capture_output=True)
    thread.join(60)
    check(done.returncode == 0 and b"\r" not in done.stderr and b"reading" not in done.stderr,
          "without a terminal nothing is said", done)


def long_names(work):
    """A file with a long name of many bytes a letter: cut between two letters."""
    with tempfile.TemporaryDirectory(dir=work) as tree:
        folder = tree + "/proc/sys/vm"
        os.makedirs(folder)
        name = "\u00e4\u20ac" * 40
        open(f"{folder}/{name}", "w").write("1\n")
        os.makedirs(tree + "/proc/1")
        log = work + "/slow-name"
        thread = slow_log(log)
        profile = work + "/wants.yaml"
        open(profile, "w").write(f"name: wants\ntitle: a long name\ngather:\n  extra: ['/proc/sys/vm/{name}']\n")
        pieces, status = on_terminal(40, command(work, "long", log)[:3] + ["--root", tree, "--log", log, "--profile", profile,
                                                                           "-o", work + "/long.tar.zst"])
        thread.join(60)
        text = b"".join(piece for _, piece in pieces)
        check(status == 0, "a long name: it ends well", (status, text))
        text.decode()
        for line in re.findall(r"\r([^\r\n]*)\x1b\[K", text.decode()):
            check(len(line) < 40, "a long name is cut", line)


def main():
    with tempfile.TemporaryDirectory(prefix="oomreport-progress.") as work:
        os.environ["XDG_STATE_HOME"] = work
        for columns in (40, 80, 132):
            shows(work, columns)
        silent(work)
        long_names(work)
    harness.done()


main()
