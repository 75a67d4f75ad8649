#!/usr/bin/env python3
# What a collection as root still may do while it reads, what the programs it starts get, and that
# they are the system's: only the capabilities that SECURITY.md and the head of base/privileges.c name,
# no new ones by any exec, a bounding set without the rest; no word of our environment in a child's,
# and a PROGRAM of the same name earlier in PATH is not started.
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import BUILD, PROGRAM, check

# linux/capability.h
CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, SETGID, SETUID, SYS_PTRACE, SYS_NICE, SYS_RESOURCE, SYSLOG = 0, 1, 2, 3, 6, 7, 19, 23, 24, 34
READING = {SYSLOG, DAC_READ_SEARCH, SYS_PTRACE, SYS_NICE, SYS_RESOURCE}
WRITING = {DAC_OVERRIDE, CHOWN, FOWNER, SETUID, SETGID} # put on for a moment: the bundle into its folder


def status(pid):
    return dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/status").read().splitlines() if ":\t" in line)


def caps(text):
    n = int(text, 16)
    return {i for i in range(64) if n >> i & 1}


def while_it_reads(work):
    """A log that does not end yet: a FIFO whose writer waits."""
    os.mkfifo(work + "/log")
    run = subprocess.Popen([PROGRAM, "collect", "--no-interview", "--log", work + "/log", "-o", work + "/b.tar.gz"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(work + "/log", "w") as writer: # waits for the reader
        writer.write("[    1.000000] nothing yet\n")
        writer.flush()
        time.sleep(0.5)
        s = status(run.pid)
        mine = caps(status("self")["CapPrm"])
        check(caps(s["CapEff"]) == READING & mine, "it has what reading needs, and only that", caps(s["CapEff"]))
        check(caps(s["CapPrm"]) <= READING | WRITING, "it may put on what writing needs, and only that", caps(s["CapPrm"]))
        check(s["NoNewPrivs"] == "1" and caps(s["CapBnd"]) <= READING | WRITING, "no exec gives it more", (s["NoNewPrivs"], caps(s["CapBnd"])))
        check(not caps(s["CapInh"]) and not caps(s["CapAmb"]), "nothing is inherited")
        sockets = [os.readlink(f"/proc/{run.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{run.pid}/fd")]
        check(not [x for x in sockets if x.startswith("socket:") ], "it has no socket", sockets)
    out, err = run.communicate(timeout=120)
    check(run.returncode == 0, "and it ends well", err[-300:])


# a mount namespace in which journald has kept something: else journalctl is not worth its start
WITH_JOURNAL = ["unshare", "-m", "/bin/sh", "-c", "mount -t tmpfs none /var/log && mkdir -p /var/log/journal/0123456789abcdef0123456789abcdef "
                '&& exec "$@"', "sh"]


def children(work):
    """Every exec below a collection, with its environment; what stands in PATH is a trap."""
    traps = work + "/traps"
    os.mkdir(traps)
    for name in ("journalctl", "sh", "dmesg", "lsmod", "rpm", "dpkg", "dpkg-query", "zramctl", "systemctl", "tar", "zstd", "sendmail",
                 "oomreport-recorder", "oomreport-submit"):
        with open(f"{traps}/{name}", "w") as f:
            f.write(f"#!/bin/sh\necho {name} >>{work}/trapped\n")
        os.chmod(f"{traps}/{name}", 0o755)
    environment = dict(os.environ, PATH=traps + ":" + os.environ["PATH"], OOMREPORT_TEST_SECRET="hunter2", BASH_ENV=work + "/x",
                       LD_LIBRARY_PATH=work, SYSTEMD_PAGER="sh", PAGER="sh", IFS="x", GCONV_PATH=work, ASAN_OPTIONS="detect_leaks=0")
    for args in (["collect", "--no-interview", "--boot", "-1", "-o", work + "/c.tar.gz"], ["collect", "--no-interview", "-o", work + "/d.tar.gz"],
                 ["record", "--once"], ["submit", "--list", "--as-root"]):
        trace = work + "/trace"
        run = subprocess.run(WITH_JOURNAL + ["strace", "-f", "-v", "-s", "4096", "-qq", "-o", trace, "-e", "trace=execve,execveat", PROGRAM] + args, env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        check(run.returncode == 0, " ".join(args) + " ends well", run.stderr[-300:])
        lines = [line for line in open(trace, errors="replace") if "execve(" in line][1:] # the first is the PROGRAM itself
        for line in lines:
            path = re.search(r'execve\("([^"]*)"', line)[1]
            ours = os.path.basename(path).startswith("oomreport-")
            check(path.startswith(("/usr/", "/bin/", "/sbin/", "/run/current-system/")) or
                  ours and os.path.dirname(path) == BUILD, "it is the system's program", line[:200])
            if not ours: # ours are the PROGRAM itself going on, with the user's HOME
                check(not re.search("hunter2|BASH_ENV|LD_|GCONV|traps|SYSTEMD_PAGER=sh|IFS", line), "nothing of our environment is in a program's", line)
        if args[0] == "collect" and "--boot" in args and os.path.exists("/usr/bin/journalctl"):
            check(any("journalctl" in line for line in lines), "journalctl was asked", lines)
    check(not os.path.exists(work + "/trapped"), "no trap was stepped into", os.path.exists(work + "/trapped") and open(work + "/trapped").read())


def main():
    if os.geteuid() != 0:
        harness.skip("that a collection drops what root may needs root")
    with tempfile.TemporaryDirectory(prefix="oomreport-privileges-", dir="/var/tmp") as work:
        os.environ["XDG_STATE_HOME"] = work
        while_it_reads(work)
        if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode:
            harness.skip("strace may not trace here")
        if subprocess.run(WITH_JOURNAL + ["true"], capture_output=True).returncode:
            harness.skip("a mount namespace of its own is not to be had here")
        children(work)
    harness.done()


main()
