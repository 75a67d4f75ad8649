#!/usr/bin/env python3
# What a collection does where it cannot go on as it likes: below a mount whose server is gone (a FUSE
# file system that nobody serves hangs as NFS does) it reads what is elsewhere and says why that is
# missing; told to stop before a try that has to be made again, it still has all that it had read.
# And where to look: of a group's OOM, the killed task's group, those above it and those beside it.
# SPDX-License-Identifier: MIT
import ctypes
import json
import os
import pty
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

LOG = """[  100.000000] db invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
[  100.000001] CPU: 0 PID: 100 Comm: db Not tainted 6.1.0-56-amd64 #1
[  100.000010] memory: usage 61440kB, limit 61440kB, failcnt 38
[  100.000012] Memory cgroup stats for LIMIT:
[  100.000013] anon 62550016
[  100.000014] Tasks state (memory values in pages):
[  100.000015] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[  100.000016] [    100]  1000   100    11080    10007   135168        0             0 db
[  100.000017] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=LIMIT,task_memcg=TASK,task=db,pid=100,uid=1000
[  100.000018] Memory cgroup out of memory: Killed process 100 (db) total-vm:44320kB, anon-rss:33528kB, file-rss:6500kB, shmem-rss:0kB, UID:1000 pgtables:132kB oom_score_adj:0
"""
GROUPS = ("", "/blue.slice", "/blue.slice/web", "/blue.slice/web/worker", "/blue.slice/cache", "/green.slice")
# so many files of the reader may hang before it gives up; none of these folders costs one
FOLDERS = ("/var/log/atop", "/var/crash", "/etc/nohang", "/sys/kernel/debug/zswap")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def machine(work, limit, task):
    tree = work + "/tree"
    write(tree + "/proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 100000 kB\n")
    write(tree + "/etc/os-release", "ID=debian\n")
    write(tree + "/sys/fs/cgroup/cgroup.controllers", "memory\n")
    for group in GROUPS:
        write(f"{tree}/sys/fs/cgroup{group}/memory.current", "4096\n")
    # a group that is gone, and known from a process alone
    write(tree + "/proc/101/status", "Name:\tspare\nState:\tS\nPid:\t101\nPPid:\t1\nUid:\t0\t0\t0\t0\nVmRSS:\t 8 kB\nThreads:\t1\n")
    write(tree + "/proc/101/cgroup", "0::/violet.slice/spare\n")
    write(tree + "/sys/kernel/mm/hugepages/violet.slice/free_hugepages", "0\n")
    write(work + "/log", LOG.replace("LIMIT", limit).replace("TASK", task))
    return tree


def collect(work, tree, *options, **more):
    return [PROGRAM, "collect", "--root", tree, "--log", work + "/log", "--force", *options]


def groups_of(work, limit, task):
    """The groups whose files are in the bundle, and which one's siblings."""
    tree = machine(work, limit, task)
    run = subprocess.run(collect(work, tree, "--no-interview", "--redact", "none", "-o", work + "/b", "--format", "dir"),
                         capture_output=True, text=True, timeout=120)
    check(run.returncode == 0, "collect ends well", run.stderr)
    found = {g for g in GROUPS if os.path.exists(f"{work}/b/cgroup{g}/memory.current")}
    rows = [line.split("\t")[0] for line in open(work + "/b/cgroup/siblings.tsv")][1:] \
        if os.path.exists(work + "/b/cgroup/siblings.tsv") else []
    return found, set(rows)


def event_groups(work):
    above = {"", "/blue.slice", "/blue.slice/web"}
    found, rows = groups_of(work, "/blue.slice", "/blue.slice/web")
    check(found == above | {"/blue.slice/cache"} and rows == {"/blue.slice/web", "/blue.slice/cache"},
          "the killed task's group, those above, those beside", (found, rows))
    found, rows = groups_of(work, "/blue.slice/web", "/blue.slice/web/worker")
    check(found == above | {"/blue.slice/web/worker"} and rows == {"/blue.slice/web/worker"}, "a level below", (found, rows))
    found, rows = groups_of(work, "/blue.slice", "/blue.slice/gone/too")
    check(found == {"", "/blue.slice", "/blue.slice/web", "/blue.slice/cache"} and "/blue.slice/web" in rows,
          "where it is gone: beside what is left of it", (found, rows))
    found, rows = groups_of(work, "/green.slice", "/blue.slice/web")
    check("/green.slice" in found and "/blue.slice/web" not in found, "a task of elsewhere: the group whose limit it was", (found, rows))
    found, rows = groups_of(work, "green", "green")
    check(found == {""}, "no path of a group", (found, rows))


def silent_mount(folder):
    """As after the death of whoever served it, but that nobody was told; /dev/fuse has to stay open."""
    device = os.open("/dev/fuse", os.O_RDWR)
    os.makedirs(folder, exist_ok=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if ctypes.CDLL(None, use_errno=True).mount(b"silent", folder.encode(), b"fuse", 0, options):
        os.close(device)
        return None
    return device


def silent_servers(work):
    tree = machine(work, "/blue.slice", "/blue.slice/web")
    mounts = []
    for folder in FOLDERS:
        device = silent_mount(tree + folder)
        if device is None:
            break
        mounts.append((tree + folder, device))
    try:
        if len(mounts) < len(FOLDERS):
            harness.skip("no FUSE file system can be mounted here")
        run = subprocess.Popen(collect(work, tree, "--no-interview", "-o", work + "/silent", "--format", "dir"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            _, complained = run.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            run.kill()
            complained = "it never ends"
    finally:
        libc = ctypes.CDLL(None)
        for folder, device in mounts:
            libc.umount2(folder.encode(), 2)
            os.close(device)
    if not check(run.returncode == 0, "collect ends well beside silent servers", complained):
        return
    absent = {a["source"]: a["reason"] for a in json.load(open(work + "/silent/MANIFEST.json"))["absent"]}
    for source in ("/var/log/atop/atop_*", "/var/crash/*/dmesg*", "/etc/nohang/*.conf", "/sys/kernel/debug/zswap/*"):
        check("does not answer" in absent.get(source, ""), f"{source} is missing, and why", absent.get(source))
    check(os.path.exists(work + "/silent/proc/meminfo"), "what is elsewhere is there")


def led_astray(work):
    """Links of the tree lead into such a mount; then the tree itself lies in it."""
    tree, mount = work + "/linked", work + "/linked/mnt/far"
    write(tree + "/proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 100000 kB\n")
    write(tree + "/var/log/messages", LOG.replace("LIMIT", "/blue.slice").replace("TASK", "/blue.slice"))
    os.makedirs(tree + "/etc")
    for link, target in (("/var/log/kern.log", "/mnt/far/kern.log"), ("/var/log/journal", "../../mnt/far/journal"),
                         ("/var/crash", "/mnt/far/crash"), ("/etc/sysctl.conf", "../mnt/far/sysctl.conf"), ("/proc/101", "../mnt/far/101"),
                         ("/etc/os-release", "/hop"), ("/hop", "mnt/far/os-release"), ("/far", "mnt/far")):
        os.symlink(target, tree + link)
    device = silent_mount(mount)
    if device is None:
        harness.skip("no FUSE file system can be mounted here")
    runs = {}
    try:
        for name, root in (("links", tree), ("mount", mount), ("below", mount + "/machine"), ("linked", tree + "/far/machine"),
                           ("dots", tree + "/etc/../mnt/far/machine")):
            command = [PROGRAM, "collect", "-q", "--no-interview", "--root", root, "-o", f"{work}/far-{name}", "--format", "dir"]
            run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                runs[name] = (run.communicate(timeout=240)[1], run.returncode)
            except subprocess.TimeoutExpired:
                run.kill()
                runs[name] = ("it never ends", None)
    finally:
        ctypes.CDLL(None).umount2(mount.encode(), 2)
        os.close(device)
    said, status = runs.pop("links")
    if check(status == 0, "collect ends well where links lead to a silent server", said):
        absent = {a["source"]: a["reason"] for a in json.load(open(work + "/far-links/MANIFEST.json"))["absent"]}
        check("does not answer" in absent.get("/etc/sysctl.conf", ""), "what they lead to is missing, and why", absent)
        check("invoked oom-killer" in open(work + "/far-links/log/kernel.log").read(), "the log beside them is there")
    for name, (said, status) in runs.items():
        check(status == 1 and "its file system does not answer" in said.splitlines()[0], f"a tree on a silent server ({name}) is one error",
              (status, said))


def stopped_and_again(work):
    """A name that is learned late: the bundle is made once more, the questions are not asked again."""
    tree = machine(work, "/blue.slice", "/blue.slice/web")
    out = work + "/stopped.tar.gz"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PROGRAM, collect(work, tree, "-v", "-o", out))
    said, until = b"", time.monotonic() + 240
    asked = False
    while time.monotonic() < until:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if b"1/6" in said and not asked:
            asked = True
            os.write(terminal, b"\x03")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    check(status == 130, "it says that it was stopped", (status, said[-600:]))
    if not check(b"once more" in said, "the bundle is made again", said[-600:]):
        return
    names = subprocess.run(["tar", "-tzf", out], capture_output=True, text=True).stdout
    for name in ("log/kernel.log", "first-oom.txt", "proc/meminfo", "proc/processes.tsv"):
        check("/" + name + "\n" in names, f"{name} had been read: it is in the bundle", names)
    manifest = subprocess.run(["tar", "-xzOf", out, "--wildcards", "*/MANIFEST.json"], capture_output=True, text=True).stdout
    check(manifest and json.loads(manifest)["partial"] is True, "which is marked partial")
    check(subprocess.run([PROGRAM, "verify", "-q", out], capture_output=True).returncode == 0, "and whole")


def main():
    with tempfile.TemporaryDirectory(prefix="oomreport-far.") as work:
        os.environ["XDG_STATE_HOME"] = work + "/state"
        event_groups(work)
        stopped_and_again(work)
        if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
            harness.skip("silent servers need root and /dev/fuse")
        silent_servers(work)
        led_astray(work)
    harness.done()


main()
