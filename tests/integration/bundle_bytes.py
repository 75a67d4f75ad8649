#!/usr/bin/env python3
"""The same tree and the same --now give the same bytes in every format, whoever collects, where and
when; and around the files there is nothing of the machine: no owner, no name, no time but --now."""
# SPDX-License-Identifier: MIT
import filecmp
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import PROGRAM, check, done

NOW, NOW_S = "2026-11-23T02:30:00Z", 1795401000
FORMATS = ("tar.zst", "tar.gz", "tar.xz", "dir")


def collect(folder, root, form, before=(), **how):
    os.makedirs(folder, exist_ok=True)
    run = subprocess.run([*before, PROGRAM, "collect", "-q", "--no-interview", "--log", os.path.abspath("tests/golden/swap-full-6.12/log"),
                          "--root", root, "--now", NOW, "--format", form, "-o", "b." + form], cwd=folder, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, check=False, **how)
    check(run.returncode == 0, f"collect {form}", run.stderr)
    return os.path.join(folder, "b." + form)


def same_tree(a, b):
    found = filecmp.dircmp(a, b)
    if found.left_only or found.right_only or filecmp.cmpfiles(a, b, found.common_files, shallow=False)[1:] != ([], []):
        return False
    return all(same_tree(os.path.join(a, d), os.path.join(b, d)) for d in found.common_dirs)


with tempfile.TemporaryDirectory() as work:
    # what a machine has now, and some of its processes
    root = collect(os.path.join(work, "machine"), "/", "dir")
    for pid in [p for p in os.listdir("/proc") if p.isdigit()][:50]:
        os.makedirs(f"{root}/proc/{pid}", exist_ok=True)
        for name in ("status", "stat", "statm", "cgroup", "comm", "oom_score", "oom_score_adj"):
            try:
                shutil.copyfile(f"/proc/{pid}/{name}", f"{root}/proc/{pid}/{name}")
            except OSError:
                pass  # it has gone, or is another's
    elsewhere = dict(os.environ, TZ="Asia/Tokyo", LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8", COLUMNS="40", XDG_STATE_HOME=work + "/state")
    other_host = ["unshare", "-ru", "sh", "-c", 'hostname other && exec "$@"', "-"]
    if subprocess.run([*other_host, "true"], capture_output=True, check=False).returncode != 0:
        other_host = []
    for form in FORMATS:
        one = collect(work + "/one", root, form)
        while time.time() - os.stat(one).st_mtime < 1.1:  # a time of the clock would show
            time.sleep(0.1)
        two = collect(work + "/two", root, form, other_host, env=elsewhere, umask=0o077)
        check(same_tree(one, two) if form == "dir" else filecmp.cmp(one, two, shallow=False), f"{form}: the same bytes")
        if form == "tar.gz":
            with open(one, "rb") as f:
                check(f.read(8)[3:] == bytes(5), "gzip's header has no name and no time")
        if form in ("tar.gz", "tar.xz"):
            with tarfile.open(one) as tar:
                members = tar.getmembers()
            check({(m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, "root", "root")}, f"{form}: owners")
            check({m.mtime for m in members} == {NOW_S}, f"{form}: times", {m.mtime for m in members})
            check({key for m in members for key in m.pax_headers} <= {"path"}, f"{form}: pax records")
            check(all(m.name == "b" or m.name.startswith("b/") for m in members), f"{form}: one folder")
done()
