#!/usr/bin/env python3
# Symbolic links planted where oomreport reads and writes, as root's enemy would: in a tree given by
# --root (each file of /proc, of a process, of a control group, the logs), in a folder of samples, in
# a folder of logs, under the names of temporary files, of bundles, of the recorder's ring and of the
# states kept at home. Nothing outside is read into a bundle or printed, and nothing outside changes.
# SPDX-License-Identifier: MIT
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import BUILD, PROGRAM, TOP, check

log = os.path.realpath(os.path.join(TOP, "tests/golden/swap-full-6.12/log"))
SECRET = "outsider-4711-secret"
# a line that every reader would take: key, number, text
SECRET_TEXT = f"MemTotal: 4711 kB {SECRET}\nName:\t{SECRET}\n{SECRET} 4711\n[    1.000000] Out of memory: Killed process 4711 ({SECRET[:15]})\n"


def run(what, args, work, ok=(0,), before="", **more):
    """before: shell words, run by the process that becomes the program, so that $$ is its number."""
    environment = dict(os.environ, HOME=work + "/home", XDG_STATE_HOME="", XDG_CONFIG_HOME="", TMPDIR=work + "/tmp")
    if before:
        args = ["sh", "-c", before + '; exec "$@"', "sh"] + args
    r = subprocess.run(args, cwd=work + "/cwd", env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **more)
    if ok:
        check(r.returncode in ok, f"{what} ends as it should", (r.returncode, r.stderr[-300:]))
    check(SECRET.encode() not in r.stdout + r.stderr, f"{what}: nothing of the outside is printed")
    return r


def bundle_is_clean(what, path):
    with tempfile.TemporaryDirectory() as unpacked:
        subprocess.run(["tar", "-xf", path, "-C", unpacked], check=True)
        hit = subprocess.run(["grep", "-rla", SECRET, unpacked], capture_output=True, text=True).stdout
        check(not hit, f"{what}: nothing of the outside is in the bundle", hit)
        n = sum(len(f) for _, _, f in os.walk(unpacked))
        check(n > 5, f"{what}: there is a bundle", n)


def untouched(what, work, was):
    check(open(work + "/outside/secret").read() == SECRET_TEXT and
          sorted(os.listdir(work + "/outside")) == was, f"{what}: the outside is as it was", os.listdir(work + "/outside"))


def plant(tree, path, target):
    path = tree + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def plant_machine(tree, secret, outside):
    files = ["/proc/" + n for n in ("meminfo", "vmstat", "zoneinfo", "buddyinfo", "slabinfo", "swaps", "version", "cmdline", "loadavg",
                                    "pressure/memory", "sys/kernel/osrelease", "sys/vm/overcommit_memory", "sys/kernel/hostname")]
    files += ["/proc/4711/" + n for n in ("status", "stat", "comm", "cmdline", "cgroup", "oom_score_adj", "oom_score", "smaps_rollup")]
    files += ["/sys/fs/cgroup/" + n for n in ("cgroup.controllers", "memory.stat", "a.slice/memory.current", "a.slice/memory.stat",
                                              "a.slice/memory.events", "a.slice/cgroup.procs", "memory/memory.usage_in_bytes")]
    files += ["/etc/os-release", "/etc/sysctl.conf", "/etc/fstab", "/var/log/kern.log", "/var/log/syslog", "/var/log/messages",
              "/var/log/dmesg", "/dev/kmsg", "/var/lib/systemd/pstore/1/dmesg.txt", "/sys/fs/pstore/dmesg-efi-1",
              "/var/crash/1/vmcore-dmesg.txt", "/var/lib/oomreport/vmlog/ring.vmlog", "/var/log/sysstat/sa01", "/var/log/atop/atop_20260101"]
    for path in files:
        plant(tree, path, secret)
    for path in ("/proc/4711/fd", "/proc/4712", "/sys/fs/cgroup/b.slice", "/var/log/journal", "/sys/kernel/mm"):
        plant(tree, path, outside)


def plant_machine_of_others(tree):
    os.makedirs(tree + "/etc")
    os.makedirs(tree + "/proc")
    for name, text in (("etc/shadow", SECRET_TEXT), ("proc/version", "Linux version 6.1.0 (x) #1\n"), ("proc/meminfo", "MemTotal: 1 kB\n"),
                       ("proc/vmstat", "oom_kill 1\n"), ("etc/hostname", "h\n"), ("proc/swaps", "Filename\n"), ("proc/loadavg", "0 0 0 1/1 1\n")):
        with open(f"{tree}/{name}", "w") as f:
            f.write(text)
    for name in ("vmcore-dmesg.txt", "dmesg.202601010101"):
        plant(tree, "/var/crash/1/" + name, "/etc/shadow")
    plant(tree, "/var/crash/2", "/etc")
    for path in ("1", "1/vmcore-dmesg.txt", "1/dmesg.202601010101", "2"):
        if os.geteuid() == 0: # else they are one's own, and one may read them
            os.lchown(f"{tree}/var/crash/{path}", 12345, 12345)
    if os.geteuid() != 0:
        shutil.rmtree(tree + "/var")


def reading(work, secret):
    tree = work + "/tree"
    plant_machine(tree, secret, work + "/outside")
    plant_machine(work + "/up", "../" * 12 + secret.lstrip("/"), work + "/outside") # not absolute, but up and up
    for where in (tree, work + "/up"):
        run("collect --root", [PROGRAM, "collect", "--root", where, "--no-interview", "--redact", "none", "-o", "r.tar.gz", "-f"], work)
        bundle_is_clean("collect --root", work + "/cwd/r.tar.gz")
        run("record --once --root", [PROGRAM, "record", "--once", "--root", where], work, ok=None)
        run("profile list --root", [PROGRAM, "profile", "list", "--root", where], work)
    # a folder where all may write, and in it the link of somebody who may not read where it leads
    shared = work + "/shared"
    plant_machine_of_others(shared)
    run("collect of a crash that is another's link", [PROGRAM, "collect", "--root", shared, "--no-interview", "--redact", "none", "-o", "c.tar.gz"], work)
    bundle_is_clean("collect of a crash that is another's link", work + "/cwd/c.tar.gz")
    # folders of strangers: samples, logs, a bundle unpacked
    samples = work + "/samples"
    for name in ("ring.vmlog", "ring.vmlog.old", "vmlog.txt", "meminfo.20260101-000000", "vmstat.log", "meminfo"):
        plant(samples, "/" + name, secret)
    run("collect --vmlog", [PROGRAM, "collect", "--vmlog", samples, "--log", log, "--no-interview", "--redact", "none", "-o", "s.tar.gz"],
        work, ok=(0, 1))
    if os.path.exists(work + "/cwd/s.tar.gz"):
        bundle_is_clean("collect --vmlog", work + "/cwd/s.tar.gz")
    run("record --export", [PROGRAM, "record", "--export", samples], work, ok=None)
    logs = work + "/logs"
    for name in ("kern.log", "var/log/messages", "report.json", "MANIFEST.json", "dmesg.txt"):
        plant(logs, "/" + name, secret)
    plant(logs, "/more", work + "/outside")
    for args in (["analyze", logs], ["triage", logs], ["verify", logs], ["triage", "--format", "ndjson", logs]):
        run(" ".join(args[:1]), [PROGRAM] + args, work, ok=None)


def writing(work, secret, was):
    collect = [PROGRAM, "collect", "--no-interview", "--log", log]
    preload = {"no O_TMPFILE": "export ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=%s/tests/no_tmpfile.so" % BUILD}
    for how, start in [("O_TMPFILE", "")] + list(preload.items()):
        out = f"links-{len(how)}"
        os.mkdir(work + "/cwd/" + out)
        names = "0 1 2 f".split()
        before = "; ".join([f"ln -s {secret} {out}/.oomreport-$$-{n}.tmp" for n in names] + [f"ln -s {work}/outside {out}/.oomreport-$$-0.dir"])
        before = f"{before}; ln -s {secret} {out}/b.tar.gz; ln -s {work}/outside {out}/folder" + ("; " + start if start else "")
        run(f"collect onto a link ({how})", collect + ["-o", out + "/b.tar.gz"], work, ok=(1,), before=before)
        untouched(f"collect onto a link ({how})", work, was)
        run(f"collect --force onto a link ({how})", collect + ["-f", "-o", out + "/b.tar.gz"], work, before=start or "true")
        check(os.path.isfile(f"{work}/cwd/{out}/b.tar.gz") and not os.path.islink(f"{work}/cwd/{out}/b.tar.gz"), "the link is replaced")
        untouched(f"collect --force onto a link ({how})", work, was)
        run(f"collect to a folder that is a link ({how})", collect + ["-f", "--format", "dir", "-o", out + "/folder"], work, ok=(0, 1),
            before=f"ln -s {work}/outside {out}/.oomreport-$$-0.dir" + ("; " + start if start else ""))
        untouched(f"collect to a folder that is a link ({how})", work, was)
    # the recorder's folder
    ring = work + "/cwd/ring"
    os.mkdir(ring)
    for name in ("ring.vmlog", "ring.vmlog.old", "ring.vmlog.tmp", "oom-marker", ".ring.vmlog.tmp"):
        os.symlink(secret, ring + "/" + name)
    run("record into links", [PROGRAM, "record", "-o", "ring", "--duration", "300ms", "--interval", "50ms", "--max-size", "2M", "--allow-tmpfs"],
        work, ok=None)
    untouched("record into links", work, was)
    # states
    os.symlink(secret, work + "/cwd/desk.sqlite")
    run("triage --since a link", [PROGRAM, "triage", "--since", "desk.sqlite", log], work, ok=(1,))
    untouched("triage --since a link", work, was)
    os.symlink(secret, work + "/cwd/box")
    os.symlink(secret, work + "/cwd/mail.eml")
    for name in ("box", "mail.eml"):
        run("submit --mail-file " + name, [PROGRAM, "submit", "r.tar.gz", "--as-root", "--mail", "a@example.org", "--from", "b@example.org",
                                           "--mail-file", name], work, ok=(1,))
        untouched("submit --mail-file " + name, work, was)
    mappings = work + "/home/.local/state/oomreport/mappings"
    os.makedirs(mappings, exist_ok=True)
    plant(mappings, "/m.json", secret)
    run("collect, the mapping a link", collect + ["-o", "m.tar.gz"], work)
    untouched("collect, the mapping a link", work, was)


def main():
    if not shutil.which("tar"):
        harness.skip("no tar")
    with tempfile.TemporaryDirectory(prefix="oomreport-links-", dir="/var/tmp") as work:
        for folder in ("cwd", "home", "tmp", "outside", "tree", "up", "samples", "logs"):
            os.mkdir(work + "/" + folder)
        secret = work + "/outside/secret"
        with open(secret, "w") as f:
            f.write(SECRET_TEXT)
        was = sorted(os.listdir(work + "/outside"))
        # the text is one that would be read: so it is missed only because the links are not followed
        told = subprocess.run([PROGRAM, "analyze", "--format", "json", secret], capture_output=True, text=True).stdout
        check(SECRET[:15] in told, "the text is one that is read", told[:200])
        reading(work, secret)
        untouched("reading", work, was)
        writing(work, secret, was)
    harness.done()


main()
