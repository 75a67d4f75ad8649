#!/usr/bin/env python3
# collect --list: one row a source where a program reads it, no row beyond the edge of a terminal,
# and which of them only root can read, said to anybody else. decode keeps to the edge as well.
# SPDX-License-Identifier: MIT
import fcntl
import fnmatch
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import PROGRAM, check, done

PROFILE = """name: desk
title: a desk
gather:
  extra: [/etc/motd, /proc/meminfo, /proc/sys/vm/swappiness, /etc/host*]
  leave_out: [/proc/slabinfo, "/proc/pressure/*", proc/processes.tsv, /proc/sys/kernel/sem]
redact: strict
template: /x/summary.txt
"""
MARK = "(only as root)"
work = tempfile.mkdtemp(prefix="list.")
program = shutil.copy(PROGRAM, work)  # where anybody may start it
desk = os.path.join(work, "desk.yaml")
with open(desk, "w") as f:
    f.write(PROFILE)
os.chmod(work, 0o755)


def listed(*args, **who):
    """The rows: what is read -> why."""
    out = subprocess.run([program, "collect", "--list", *args], check=True, capture_output=True, text=True, **who)
    check(out.stderr == "", "nothing on standard error", out.stderr)
    return dict(map(str.strip, line.split("  ", 1)) for line in out.stdout.splitlines())


def on_terminal(columns, *args, typed=b""):
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    text = b""
    os.write(main, typed)
    with subprocess.Popen([program, *args], stdin=side, stdout=side, stderr=side,
                          env={k: v for k, v in os.environ.items() if k != "COLUMNS"}):
        os.close(side)
        while True:
            try:
                text += os.read(main, 4096)
            except OSError:
                break
    os.close(main)
    return text.decode().replace("\r\n", "\n")


try:
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    rows = listed(**nobody)
    for source in ("/proc/slabinfo", "/sys/kernel/debug/kmemleak", "/var/lib/oomreport/vmlog"):
        check(rows[source].endswith(MARK), f"{source} is for root", rows[source])
    for source in ("/proc/meminfo", "proc/processes.tsv", "/etc/os-release"):
        check(MARK not in rows[source], f"{source} is for all", rows[source])
    if nobody:
        check(not any(MARK in why for why in listed().values()), "root is told nothing of root")
    check(not any(MARK in why for why in listed("--root", work, **nobody).values()),
          "below another root it is the files' own modes that count")

    rows = listed("--profile", desk, **nobody)
    check(rows["/proc/slabinfo"] == "left out by the profile", "what the desk leaves out", rows["/proc/slabinfo"])
    check(rows["/etc/motd"] == "asked for by the profile", "what the desk wants")

    # what cannot be replaced in another tool's records is not taken
    records = [why for source, why in listed().items() if source.startswith("/var/log/atop/")]
    check(records == ["atop's records around the event (only with --redact none)"], "atop's records", records)
    records = [why for source, why in listed("--redact", "none").items() if source.startswith("/var/log/atop/")]
    check(records == ["atop's records around the event"], "atop's records with names", records)

    # what a desk wants is there once, however often it is named
    check("/proc/sys/vm/swappiness" not in rows and rows["/proc/meminfo"] != rows["/etc/motd"], "what is read anyway is listed once", rows)
    check(rows["/proc/pressure/*"] == rows["proc/processes.tsv"] == "left out by the profile", "patterns, tables", rows)
    check("/x/summary.txt" in rows and "/x/answers" in listed("--answers", "/x/answers"), "files that were named")

    # the bundle holds what was listed and nothing else
    for level, more in (("none", []), ("standard", ["--profile", "linux-mm"]), ("strict", ["--profile", desk]),
                        ("standard", ["--profile", desk, "--redact", "standard"])):
        args = [*more, "--log", "tests/golden/memcg-v2-nested-6.12/log"]
        args += [] if "--redact" in more or level == "strict" else ["--redact", level]
        out = subprocess.run([program, "collect", "--no-interview", "--format", "dir", "-f", "-o", os.path.join(work, "bundle"), *args],
                             capture_output=True, text=True, env=dict(os.environ, XDG_STATE_HOME=work))
        check(out.returncode == 0, "a bundle", out.stderr)
        manifest = json.load(open(os.path.join(work, "bundle/MANIFEST.json")))
        report = json.load(open(os.path.join(work, "bundle/report.json")))
        check(report["collection"]["redaction"]["level"] == level, f"{more}: {level}", report["collection"]["redaction"])
        if level == "strict":
            continue  # names of files are replaced there, too
        lines = subprocess.run([program, "collect", "--list", *args], check=True, capture_output=True, text=True).stdout.splitlines()
        rows = dict(map(str.strip, line.split("  ", 1)) for line in lines)
        check(len(rows) == len(lines) > 100, "no row twice", (len(rows), len(lines)))

        def row_of(entry):
            source, path = entry["source"] or "", entry["path"]
            if path.startswith("cgroup/") and not path.endswith(".tsv"):
                return "cgroup/memory.*"
            names = [source, path, path.removesuffix(".gz"), path.removesuffix(".txt")]
            return next((r for r in rows for n in names if n and fnmatch.fnmatch(n, r)), None)
        ours = {"README.txt", "summary.txt", "report.json", "report.html", "first-oom.txt", "log/kernel.log"}
        for entry in manifest["files"] + manifest["absent"]:
            row = row_of(entry)
            check(row or entry["path"] in ours, f"{level} {more}: {entry['path']} was listed", entry)
            left_out = entry.get("reason") == "left out by the profile"
            check(not row or left_out == (rows[row] == "left out by the profile"), f"{entry['path']}: left out", (row, entry))

    # only what a desk wants: what it asks for it does not leave out
    with open(desk, "w") as f:
        f.write("name: desk\ntitle: a desk\ngather:\n  extra: [/etc/motd, /proc/meminfo, /proc/pressure/*, /proc/1/stat*]\n  leave_out: '*'\n")
    out = subprocess.run([program, "collect", "-q", "--no-interview", "--format", "dir", "-f", "-o", os.path.join(work, "bundle"), "--profile", desk,
                          "--log", "tests/golden/memcg-v2-nested-6.12/log"], capture_output=True, text=True, env=dict(os.environ, XDG_STATE_HOME=work))
    check(out.returncode == 0, "a bundle", out.stderr)
    manifest = json.load(open(os.path.join(work, "bundle/MANIFEST.json")))
    files = {entry["source"] for entry in manifest["files"] if (entry["source"] or "").startswith(("/proc", "/sys"))}
    check({"/proc/meminfo", "/proc/1/stat", "/proc/1/statm", "/proc/1/status"} <= files, "what it asks for", files)
    check(all(fnmatch.fnmatch(f, "/proc/[mp1]*") for f in files), "and nothing else", files)
    check(not files & {entry["source"] for entry in manifest["absent"]}, "nothing is there and left out", manifest["absent"])
    rows = listed("--profile", desk)
    check("left out" not in rows["/proc/meminfo"] and "left out" in rows["/proc/vmstat"], "and so it is listed", rows["/proc/meminfo"])

    check("journalctl -k -b -2" in listed("--boot", "-2") and "journalctl -k -b -1" in listed(), "the boot that is meant")
    rows = listed("--log", "/x/kern.log", "--vmlog", "/x/vmlog", "--redact", "none")
    check("/x/kern.log" in rows and "/x/vmlog" in rows, "what is given")
    check(not any("journalctl -k" in s or "/etc/passwd" in s for s in rows), "and not what it stands for", list(rows)[:4])

    sources = listed()
    for columns in (80, 45):
        text = on_terminal(columns, "collect", "--list")
        wide = [line for line in text.split("\n") if len(line) > columns and line not in sources]
        check(not wide, f"no row is wider than {columns} columns", wide)
        check(" ".join(text.split()) == " ".join(f"{s} {w}" for s, w in sources.items()), "and no word is lost", text)

    for columns in (40, 80, 132):
        for command in ([], ["collect"], ["analyze"], ["profile"], ["triage"]):
            text = on_terminal(columns, *command, "--help")
            body = text.split("\nexample")[0].split("\n", 1)[1]
            wide = [line for line in body.split("\n") if len(line) > min(columns, 80) and "|" not in line]
            check(not wide, f"{command} --help keeps to {columns} columns", wide)
            check("Turns" in text or " ".join(body.split()) == " ".join(subprocess.run(
                [program, *command, "--help"], capture_output=True, text=True, check=True).stdout.split("\nexample")[0]
                .split("\n", 1)[1].split()), "and no word is lost", text)
    text = on_terminal(40, "analyze", "tests/golden/memcg-v2-nested-6.12/log")
    text = re.sub("\x1b[^m]*m", "", text)
    check(re.search("^  anonymous \\(programs\\)  47.8 MiB  99.6 %$", text, re.M) and "\u2588" not in text, "numbers without bars", text)

    text = on_terminal(80, "decode", "GFP_ATOMIC", "--kernel", "6.1")
    check(all(len(line) <= 80 for line in text.split("\n")) and " ".join(text.split()) ==
          " ".join(subprocess.run([program, "decode", "GFP_ATOMIC", "--kernel", "6.1"], capture_output=True,
                                  text=True, check=True).stdout.split()), "a long meaning on lines of its own", text)

    text = on_terminal(80, "analyze", "-", typed=b"[ 1.0] hello\n\x04")
    check("Paste the log here; Ctrl-D" in text and "1 line" in text, "a person is told what is waited for", text)
finally:
    shutil.rmtree(work)
done()
