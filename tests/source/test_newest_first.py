#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Logs whose newest line comes first, in the forms that journalctl -r and log servers write: each comes
out in order, from a file, a pipe and packed, and its OOM is one complete event. Logs that only look
a little like it stay as they are."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

CAT = os.environ["OOMREPORT_BUILD"] + "/tests/source_cat"
LOG = "tests/golden/memcg-v2-6.12/log"
LINES = open(LOG, encoding="utf-8").read().splitlines()
STAMPED = [line for line in LINES if line.startswith("[")]
TEXTS = [line[line.index("] ") + 2:] for line in STAMPED]
SECONDS = [float(line[1:line.index("]")]) for line in STAMPED]
SAID = "its newest line comes first"
BEGIN = next(i for i, x in enumerate(TEXTS) if "invoked oom-killer" in x)
END = next(i for i, x in enumerate(TEXTS) if "Killed process" in x) + 1


def cat(path, data=None):
    done = subprocess.run([CAT, path], input=data, capture_output=True, check=False)
    said = done.stderr.decode()
    check(done.returncode == 0, f"{path}: {said}")
    lines = done.stdout.decode().splitlines()
    check(sum(x.startswith("== ") for x in lines) == 1, f"{path}: how many logs? {said}")
    return [x for x in lines if not x.startswith("== ")], said


def analyze(path):
    done = subprocess.run([PROGRAM, "analyze", "--format", "json", path], capture_output=True, check=False)
    check(done.returncode == 0, f"analyze {path}: {done.stderr.decode()[:500]}")
    return json.loads(done.stdout)


def clock(seconds, fraction=0):
    t = 15 * 3600 + 4 * 60 + seconds
    text = f"{int(t) // 3600:02}:{int(t) // 60 % 60:02}:{int(t) % 60:02}"
    return text + f"{t % 1:.{fraction}f}"[1:] if fraction else text


def records(form):
    return [form(i, s, x) for i, (s, x) in enumerate(zip(SECONDS, TEXTS))]


def micros(s):
    return 1767366245000000 + int(s * 1000000)


def entry(i, s, text):
    return (f"__CURSOR=s=ab;i={i:x}\n__REALTIME_TIMESTAMP={micros(s)}\n__MONOTONIC_TIMESTAMP={int(s * 1000000)}\n"
            f"_SOURCE_MONOTONIC_TIMESTAMP={int(s * 1000000)}\nPRIORITY=4\n_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\n"
            f"_HOSTNAME=web1\nMESSAGE={text}\n")


def verbose(i, s, text):
    return (f"Fri 2026-01-02 {clock(s, 6)} UTC [s=ab;i={i:x};b=1;m=2;t=3;x=4]\n    PRIORITY=4\n    _TRANSPORT=kernel\n"
            f"    SYSLOG_IDENTIFIER=kernel\n    _HOSTNAME=web1\n    MESSAGE={text}\n"
            f"    _SOURCE_MONOTONIC_TIMESTAMP={int(s * 1000000)}")


def quoted(text):
    return text.replace('"', '""')


# name: (what stands above, records in the order of their time)
FORMS = {
    "the ring": ("", STAMPED),
    "journalctl -r": ("", records(lambda i, s, x: f"Jan 02 {clock(s)} web1 kernel: {x}")),
    "journalctl -r, with its first line": ("-- Journal begins at Thu 2026-01-01 00:00:00 UTC, ends at Fri 2026-01-02 15:00:00 UTC. --\n",
                                           records(lambda i, s, x: f"Jan 02 {clock(s)} web1 kernel: {x}")),
    "iso": ("", records(lambda i, s, x: f"2026-01-02T{clock(s, 6)}+0000 web1 kernel: {x}")),
    "syslog": ("", records(lambda i, s, x: f"Jan  2 {clock(s)} web1 kernel: [{s:12.6f}] {x}")),
    "json": ("", records(lambda i, s, x: json.dumps({"__REALTIME_TIMESTAMP": str(micros(s)), "_TRANSPORT": "kernel", "MESSAGE": x}))),
    "collected": ("", records(lambda i, s, x: json.dumps({"date": int(micros(s) / 1e6), "host": "web1", "message": f"[{s:12.6f}] {x}"}))),
    "export": ("", records(entry)),
    "verbose": ("", records(verbose)),
    "csv": ('"timestamp","source","message"\n',
            records(lambda i, s, x: f'"2026-01-02T{clock(s, 3)}Z","web1","kernel: {quoted(x)}"')),
    "csv, events of several lines": ("_serial,_time,host,_raw\n", [
        f'{len(STAMPED) - i},2026-01-02T{clock(s, 3)}+0000,web1,"Jan  2 {clock(s)} web1 kernel: {quoted(x)}\n\tof the index"'
        for i, (s, x) in enumerate(zip(SECONDS, TEXTS))]),
}


def down(form):
    above, lines = form
    return (above + "".join(x + "\n" for x in reversed(lines))).encode()


def up(form):
    above, lines = form
    return (above + "".join(x + "\n" for x in lines)).encode()


def test_forms(tmp):
    for name, form in FORMS.items():
        want = up(form).decode().splitlines()
        data = down(form)
        path = f"{tmp}/{name}"
        with open(path, "wb") as f:
            f.write(data)
        with open(path + ".gz", "wb") as f:
            f.write(gzip.compress(data))
        ways = {"a file": cat(path), "a pipe": cat("-", data), "packed": cat(path + ".gz")}
        if name != "export": # an empty line ends an entry
            ways["not ended"] = cat("-", data[:-1])
        for what, (lines, said) in ways.items():
            check(SAID in said and lines == want, f"{name}: {what}: {said} {lines[:3]} {lines[-3:]}")
        doc, right = analyze(path), f"{tmp}/right"
        with open(right, "wb") as f:
            f.write(up(form))
        lines, said = cat(right)
        check(SAID not in said and lines == want, f"{name}: in order, and turned: {said}")
        straight = analyze(right)
        check(doc["counts"] == straight["counts"] and doc["counts"]["oom_events"] == 1
              and doc["first_oom"] == straight["first_oom"], f"{name}: {doc['counts']} {straight['counts']}")


def test_one_second(tmp):
    """All of a second: what a report consists of tells the order."""
    lines = [f"Jan 02 15:04:05 web1 kernel: {x}" for x in TEXTS[BEGIN:END]]
    path = f"{tmp}/second"
    with open(path, "wb") as f:
        f.write(down(("", lines)))
    got, said = cat(path)
    check(got == lines and SAID in said, f"one second: {said}")
    doc = analyze(path)
    check(doc["counts"]["oom_events"] == 1 and doc["first_oom"]["complete"], f"one second: {doc['counts']}")


def test_hosts(tmp):
    """The kernels' own times of many machines say nothing; the server's does."""
    lines = []
    for i, text in enumerate(TEXTS):
        lines.append(f"2026-01-02T{clock(i / 10, 3)}Z web1 kernel: [{100 + i / 10:12.6f}] {text}")
        lines.append(f"2026-01-02T{clock(i / 10, 3)}Z web2 kernel: [{900000 + i / 10:12.6f}] {text}")
    got, said = cat("-", down(("", lines)))
    check(got == lines and SAID in said, f"two hosts: {said}")
    path = f"{tmp}/hosts"
    with open(path, "wb") as f:
        f.write(down(("", lines)))
    doc = analyze(path)
    check(doc["counts"]["oom_events"] == 1 and len(doc["other_hosts"]) == 1, f"two hosts: {doc['counts']}")


def test_large(tmp):
    """Longer than what is held in memory; with a record longer than that, too."""
    lines = [f"[{i:5}.{i % 1000000:06}] usb {i}-1: new device number {i * 7919 % 104729}" for i in range(1, 60000)]
    got, said = cat("-", down(("", lines)))
    check(got == lines and SAID in said, f"large: {len(got)} lines, {said}")
    lines = [f"[{i:5}.000000] a record\n" + "x" * 99 + "\n" * 3 + "\n".join("more" for _ in range(9)) for i in range(1, 900)]
    got, said = cat("-", down(("", lines)))
    check(got == "\n".join(lines).splitlines() and SAID in said, f"records of many lines: {said}")
    lines[500] += "\n" + "y" * 700000
    got, said = cat("-", down(("", lines)))
    check(len("".join(got)) == len("".join(lines).replace("\n", "")) and got[:6500] == "\n".join(lines).splitlines()[:6500],
          f"a long one: {len(got)} lines, {said}")


def test_no_room():
    """What cannot be kept: the newest lines are read, and it is said."""
    lines = [f"[{i:5}.000000] line {i}" for i in range(1, 60000)]
    done = subprocess.run(["bash", "-c", 'ulimit -f 512; trap "" XFSZ; "$0" - | cat', CAT], input=down(("", lines)),
                          capture_output=True, check=False)
    got = done.stdout.decode().splitlines()[1:]
    check(0 < len(got) < len(lines) and got[-5:] == lines[-5:] and b"only its newest" in done.stderr, f"no room: {done.stderr}")


def test_others():
    """Not the newest first, though times fall in them."""
    report = TEXTS[BEGIN:END]
    kept = {
        "excerpts, the last one first": [f"Jan 02 {15 - i}:04:05 web1 kernel: {x}" for i in range(6) for x in report],
        "two logs, the newer one first": [x.replace("Jan 02", f"Jan {day:02}") for day in (4, 3)
                                          for x in FORMS["journalctl -r"][1]],
        "no times": report,
        "a few lines": [f"[{5 - i}.000000] line" for i in range(3)],
        "boots": [f"[{i:5}.000000] boot {boot}" for boot in range(20) for i in range(9)],
    }
    for name, lines in kept.items():
        got, said = cat("-", up(("", lines)))
        check(got == lines and SAID not in said, f"{name}: {said}")


with tempfile.TemporaryDirectory() as folder:
    test_forms(folder)
    test_one_second(folder)
    test_hosts(folder)
    test_large(folder)
test_no_room()
test_others()
harness.done()
