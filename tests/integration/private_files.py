#!/usr/bin/env python3
# No file is ever made that others may read, whatever the umask: every command that writes runs with
# umask 000 under strace, and each file or folder it makes is asked for with a mode of its owner alone.
# (The members of a bundle made by --format dir are 0644 and 0755, as oomreport-bundle(5) says; they
# lie in a folder of mode 0700.) What is left afterwards is looked at, too.
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import BUILD, PROGRAM, TOP, check

log = os.path.realpath(os.path.join(TOP, "tests/golden/swap-full-6.12/log"))
CALLS = "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,chmod,fchmod,fchmodat,socket,memfd_create"
MAKES = re.compile(r"^(?:\d+ +)?(?:open|openat|creat)\((.*(?:O_CREAT|O_TMPFILE).*|\".*\", )\s?(0\d*)\)\s+= \d")
MAKES_DIR = re.compile(r"^(?:\d+ +)?mkdir(?:at)?\((.*), (0\d*)\)\s+= 0")
CHANGES = re.compile(r"^(?:\d+ +)?f?chmod(?:at)?\((.*), (0\d*)\)\s+= 0")


def watched(what, args, work, preload=None, stdin=None, makes=True, ok=(0,)):
    """Runs it in work/cwd; every mode it asks for is checked. makes: True, False or None (it may)."""
    trace = work + "/strace"
    environment = dict(os.environ, HOME=work + "/home", TMPDIR=work + "/tmp", XDG_STATE_HOME="", XDG_CONFIG_HOME="",
                       ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0")
    argv = ["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=" + CALLS]
    if preload:
        argv += ["-E", "LD_PRELOAD=" + preload]
    run = subprocess.run(argv + args, cwd=work + "/cwd", env=environment, stdin=stdin or subprocess.DEVNULL, capture_output=True,
                         umask=0, timeout=120)
    check(run.returncode in ok, f"{what} ends well", run.stderr.decode(errors="replace")[-400:])
    made = 0
    for line in open(trace, errors="replace"):
        found = MAKES.match(line) or MAKES_DIR.match(line) or CHANGES.match(line)
        if not found:
            continue
        made += 1
        member = "/.oomreport-" in found[1] and ".dir" in found[1] # -y prints the folder it is in
        if int(found[2], 8) & 0o077 and not member:
            check(False, f"{what}: nobody else may read it", line.strip())
    check(makes is None or bool(made) == makes, f"{what} made something", made)


def left(work):
    for folder, folders, files in os.walk(work + "/cwd"):
        for name in folders + files:
            path = os.path.join(folder, name)
            if stat.S_IMODE(os.lstat(path).st_mode) & 0o077 and "/folder/" not in path:
                check(False, "what is left is its owner's", path)
        check(not [n for n in files + folders if n.startswith(".oomreport")], "no temporary file is left", files)


def main():
    if not shutil.which("strace"):
        harness.skip("strace is not installed")
    with tempfile.TemporaryDirectory(prefix="oomreport-private-", dir="/var/tmp") as work:
        for folder in ("cwd", "home", "tmp"):
            os.mkdir(work + "/" + folder)
        try:
            subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=True, capture_output=True)
        except subprocess.CalledProcessError:
            harness.skip("strace may not trace here")
        no_tmpfile = BUILD + "/tests/no_tmpfile.so"
        collect = [PROGRAM, "collect", "--no-interview", "--log", log]
        watched("collect", collect + ["-o", "b.tar.zst"], work)
        watched("collect --force", collect + ["-f", "-o", "b.tar.zst"], work)
        watched("collect without O_TMPFILE", collect + ["-o", "c.tar.gz"], work, preload=no_tmpfile)
        watched("collect of what is here", [PROGRAM, "collect", "--no-interview", "-o", "live.tar.zst"], work)
        watched("collect --format dir", collect + ["--format", "dir", "-o", "folder"], work)
        watched("collect to standard output", collect + ["-o", "-"], work)
        watched("record", [PROGRAM, "record", "-o", "ring", "--interval", "50ms", "--duration", "500ms", "--max-size", "2M",
                           "--allow-tmpfs"], work)
        watched("record --export", [PROGRAM, "record", "--export", "ring", "--format", "json"], work, makes=False)
        watched("collect --vmlog", collect + ["-o", "v.tar.xz", "--vmlog", "ring"], work)
        watched("analyze", [PROGRAM, "analyze", "b.tar.zst"], work, makes=False)
        watched("analyze --format html", [PROGRAM, "analyze", "--format", "html", log], work, makes=False)
        with open(work + "/cwd/b.tar.zst", "rb") as bundle:
            watched("analyze of a stream", [PROGRAM, "analyze", "-"], work, stdin=bundle, makes=None)
        watched("verify", [PROGRAM, "verify", "b.tar.zst", "c.tar.gz", "folder"], work, makes=False)
        watched("triage", [PROGRAM, "triage", "b.tar.zst", log], work, makes=None)
        watched("triage --since", [PROGRAM, "triage", "--since", "desk.sqlite", "b.tar.zst", log], work)
        watched("triage --since again", [PROGRAM, "triage", "--since", "desk.sqlite", "c.tar.gz"], work)
        submit = [PROGRAM, "submit", "b.tar.zst", "--as-root", "--mail", "desk@example.org", "--from", "me@example.org"]
        watched("submit --mail-file mbox", submit + ["--mail-file", "box"], work)
        watched("submit --mail-file eml", submit + ["--mail-file", "mail.eml"], work)
        # nobody listens there: it is kept for later
        watched("submit --bugzilla", [PROGRAM, "submit", "b.tar.zst", "--as-root", "--bugzilla=https://127.0.0.1:9", "--product", "P",
                                      "--component", "C", "--yes"], work, ok=(1,))
        check(os.path.isdir(work + "/home/.local/state/oomreport/outbox"), "the wish is kept")
        left(work)
        check(os.path.isdir(work + "/home/.local/state/oomreport/mappings"), "the mapping is kept")
        for folder, _, files in os.walk(work + "/home"):
            for name in files:
                mode = stat.S_IMODE(os.lstat(os.path.join(folder, name)).st_mode)
                check(mode & 0o077 == 0, "what is kept at home is its owner's", os.path.join(folder, name))
    harness.done()


main()
