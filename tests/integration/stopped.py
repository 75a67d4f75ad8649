#!/usr/bin/env python3
# collect is told to stop while it waits for a journalctl that says nothing: within about a second
# there is a bundle, whole and marked partial, and the program that hung is gone. Told twice it ends at
# once and leaves nothing; whose terminal or reader goes away still gets a bundle.
# SPDX-License-Identifier: MIT
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

# with sanitizers, on a busy machine; without them it is some 0.3 s
SECONDS = 6


def hanging(work):
    """A journalctl that says where it is, and then nothing."""
    path = work + "/journalctl"
    with open(path, "w") as f:
        f.write(f"#!/bin/sh\necho $$ > {work}/asked\nexec sleep 60\n")
    os.chmod(path, 0o755)
    return path


def start(work, name, **more):
    """In a namespace of its own, where journalctl hangs."""
    out = f"{work}/{name}.tar.zst"
    if os.path.exists(work + "/asked"):
        os.unlink(work + "/asked")
    there = 'mount --bind "$1" /usr/bin/journalctl && mount -t tmpfs none /var/log && mkdir -p /var/log/journal/0123456789abcdef0123456789abcdef && shift && exec "$@"'
    run = subprocess.Popen(["unshare", "-m", "sh", "-c", there, "sh", work + "/journalctl", PROGRAM, "collect", "--no-interview",
                            "--boot", "-1", "-o", out],
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)
    until = time.monotonic() + 60
    while time.monotonic() < until and run.poll() is None and not (os.path.exists(work + "/asked") and open(work + "/asked").read()):
        time.sleep(0.02)
    return run, out


def gone(work):
    child = int(open(work + "/asked").read())
    return not os.path.exists(f"/proc/{child}")


def whole(work, out, what):
    done = subprocess.run([PROGRAM, "verify", out], capture_output=True, text=True)
    check(done.returncode == 0, f"{what}: the bundle is whole", done.stderr)
    text = subprocess.run(["tar", "--zstd", "-xOf", out, "--wildcards", "*/report.json"], capture_output=True, text=True).stdout
    check(text and json.loads(text)["collection"]["partial"] is True, f"{what}: it is marked partial")


def stopped(work, number):
    what = signal.Signals(number).name
    run, out = start(work, what, stdout=subprocess.PIPE)
    began = time.monotonic()
    run.send_signal(number)
    said, complained = run.communicate(timeout=60)
    took = time.monotonic() - began
    check(took < SECONDS, f"{what}: it stops soon", took)
    check(run.returncode == 130 and said.strip() == out, f"{what}: it says where the bundle is", (run.returncode, said, complained))
    check("interrupted" in complained, f"{what}: and that it is not all", complained)
    whole(work, out, what)
    check(gone(work), f"{what}: journalctl is gone")


def reader_gone(work):
    """Whoever reads our standard output is gone before we write."""
    run, out = start(work, "reader", stdout=subprocess.PIPE)
    run.stdout.close()
    run.send_signal(signal.SIGTERM)
    complained = run.stderr.read()
    run.wait(timeout=60)
    check(run.returncode != -signal.SIGPIPE and os.path.exists(out), "who reads goes: the bundle is there", (run.returncode, complained))
    whole(work, out, "who reads goes")


def main():
    if os.geteuid() != 0 or not shutil.which("unshare") or not os.path.exists("/usr/bin/journalctl") or not shutil.which("zstd"):
        harness.skip("needs root, unshare, journalctl and zstd")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        harness.skip("needs a mount namespace")
    with tempfile.TemporaryDirectory(prefix="oomreport-stopped.") as work:
        os.environ["XDG_STATE_HOME"] = work + "/state"
        hanging(work)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            stopped(work, number)
        reader_gone(work)
    harness.done()


main()
