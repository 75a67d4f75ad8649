#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Logs that were rotated are one log, in a folder and in an archive whatever its order: text files
with numbers and dates, compressed or being compressed; the .journal files of a machine (written by
systemd's own tool), the system's and the users', copies, damaged ones. An OOM that was being
written down meanwhile is one complete event. Logs of different machines stay apart."""
import gzip
import io
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

CAT = os.environ["OOMREPORT_BUILD"] + "/tests/source_cat"
REMOTE = "/usr/lib/systemd/systemd-journal-remote"
LOG = "tests/golden/memcg-v2-6.12/log"
LINES = open(LOG).read().splitlines()
START = 1767366245000000


def cat(*paths):
    """[(name, lines)] of each log, and what was said."""
    done = subprocess.run([CAT, *paths], capture_output=True, check=False)
    logs = []
    for line in done.stdout.decode().splitlines():
        if line.startswith("== "):
            logs.append((line.split(" ", 2)[2], []))
        else:
            logs[-1][1].append(line)
    return logs, done.stderr.decode()


def analyze(*paths):
    done = subprocess.run([PROGRAM, "analyze", "--format", "json", *paths], capture_output=True, check=False)
    check(done.returncode == 0, f"analyze {paths}: {done.stderr.decode()[:500]}")
    return json.loads(done.stdout)


WANT = analyze(LOG)


def whole(doc, what):
    """The one event of the log, all of it."""
    keys = ("victims", "memcg", "tasks", "call_trace", "complete")
    check(doc["counts"]["oom_events"] == 1 and doc["counts"]["events_repeated"] == 0, f"{what}: {doc['counts']}")
    check(all(doc["first_oom"][k] == WANT["first_oom"][k] for k in keys), f"{what}: the event is another: {doc['first_oom']['missing']}")


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def archive(folder, names, path, mode="w"):
    """The folder's files in that order."""
    with tarfile.open(path, mode) as tar:
        for name in names:
            tar.add(f"{folder}/{name}", f"sosreport-x/{name}")


def syslog(lines):
    return "".join(f"Jan  2 15:04:05 web1 kernel: {x}\n" for x in lines).encode()


def test_text(tmp):
    n = len(LINES)
    pieces = [syslog(LINES[:n // 3]), syslog(LINES[n // 3:n // 2]), syslog(LINES[n // 2:])]
    families = {
        "numbers": ["messages.10.gz", "messages.2", "messages"],
        "dates": ["messages-20251231.gz", "messages-20260101", "messages"],
        "a day": ["messages-20260101-1767366200.gz", "messages-20260101-1767366201", "messages-20260101-1767366202"],
        "dashes": ["kern.log-2025-12-31.gz", "kern.log-2026-01-01", "kern.log"],
    }
    for what, names in families.items():
        folder = f"{tmp}/{what}/var/log"
        for name, piece in zip(names, pieces):
            write(f"{folder}/{name}", gzip.compress(piece) if name.endswith(".gz") else piece)
        write(f"{folder}/dmesg", b"[    0.000000] another log\n")
        write(f"{folder}/dmesg.0", b"[    0.000000] and another\n")
        want = [b"".join(pieces).decode().splitlines(), ["[    0.000000] another log"], ["[    0.000000] and another"]]
        top = f"{tmp}/{what}"
        logs, said = cat(top)
        check(sorted(x[1] for x in logs) == sorted(want), f"{what}: a folder: {[(n, len(x)) for n, x in logs]} {said}")
        check(any(name.endswith(f"{names[2]} and 2 older") for name, _ in logs), f"{what}: from where? {[x[0] for x in logs]}")
        whole(analyze(top), f"{what}: a folder")
        inside = [f"var/log/{x}" for x in [names[2], "dmesg", names[0], names[1], "dmesg.0"]]
        for mode, path in (("w", f"{tmp}/{what}.tar"), ("w:xz", f"{tmp}/{what}.tar.xz")):
            archive(top, inside, path, mode)
            logs, said = cat(path)
            check(sorted(x[1] for x in logs) == sorted(want), f"{what}: {mode}: {[(n, len(x)) for n, x in logs]} {said}")
            whole(analyze(path), f"{what}: {mode}")
    # the same file, being compressed; a damaged one in the middle is said
    folder = f"{tmp}/twice"
    write(f"{folder}/kern.log.1", pieces[0])
    write(f"{folder}/kern.log.1.gz", gzip.compress(pieces[0])[:100])
    write(f"{folder}/kern.log", pieces[1] + pieces[2])
    logs, said = cat(folder)
    check([x[1] for x in logs] == [b"".join(pieces).decode().splitlines()], f"being compressed: {[(n, len(x)) for n, x in logs]}")
    packed = gzip.compress(syslog(f"[{x:5}.000000] {x * 7919 * 104729 % 1299709} {x * 15485863 % 982451653}" for x in range(20000)))
    write(f"{folder}/kern.log.2.gz", packed[:len(packed) // 2])
    logs, said = cat(folder)
    check(len(logs) == 1 and logs[0][1][-n:] == b"".join(pieces).decode().splitlines()
          and "kern.log.2.gz: damaged after" in said, f"damaged: {said}")
    # no room to keep them: each alone, and it is said
    archive(f"{tmp}/numbers", [f"var/log/{x}" for x in families["numbers"]], f"{tmp}/full.tar")
    logs, said = cat_without_room(f"{tmp}/full.tar")
    check(sorted(x[1] for x in logs) == sorted(p.decode().splitlines() for p in pieces)
          and said.count("read alone") == 3, f"no room: {[(n, len(x)) for n, x in logs]} {said}")


def test_given(tmp):
    """The files of a log named one by one, in any order; those of other folders and names are others."""
    n = len(LINES)
    pieces = [syslog(LINES[:n // 3]), syslog(LINES[n // 3:n // 2]), syslog(LINES[n // 2:])]
    top = f"{tmp}/given"
    for name, piece in zip(("kern.log.2.gz", "kern.log.1", "kern.log"), pieces):
        write(f"{top}/{name}", gzip.compress(piece) if name.endswith(".gz") else piece)
    write(f"{top}/other/kern.log.1", pieces[1])
    write(f"{top}/mine.log.1", pieces[1])
    write(f"{top}/mine.log", pieces[2])
    for names in (["kern.log", "kern.log.1", "kern.log.2.gz"], ["kern.log.1", "kern.log.2.gz", "kern.log"]):
        docs = analyze(*[f"{top}/{x}" for x in names])
        check(len(docs) == 1, f"{names}: {len(docs)} documents")
        whole(docs[0], f"{names}")
        check(docs[0]["source"]["name"] == f"{top}: kern.log and 2 older", f"{names}: {docs[0]['source']}")
    docs = analyze(f"{top}/kern.log", f"{top}/mine.log", f"{top}/mine.log.1", f"{top}/other/kern.log.1", f"{top}/kern.log.1")
    check([x["source"]["name"].rsplit("/", 1)[1] for x in docs] == ["given: kern.log and 1 older", "mine.log", "mine.log.1", "kern.log.1"],
          f"others: {[x['source']['name'] for x in docs]}")
    done = subprocess.run([PROGRAM, "analyze", "kern.log", "kern.log.1"], cwd=top, capture_output=True, check=False)
    check(done.returncode == 0 and b"kern.log and 1 older" in done.stdout, f"here: {done.stderr}")


def cat_without_room(path):
    done = subprocess.run(["bash", "-c", 'ulimit -f 0; trap "" XFSZ; "$0" "$1" | cat', CAT, path], capture_output=True, check=False)
    logs = []
    for line in done.stdout.decode().splitlines():
        if line.startswith("== "):
            logs.append((line, []))
        else:
            logs[-1][1].append(line)
    return logs, done.stderr.decode()


def test_sos(tmp):
    """Of what is too long for it sos keeps the end elsewhere, and a link to that in the log's place."""
    half = len(LINES) // 2
    for what, dot in (("new", ""), ("old", ".")):
        top = f"{tmp}/sos-{what}"
        write(f"{top}/var/log/messages", syslog(LINES[half:]))
        write(f"{top}/sos_strings/logs/{dot}var.log.messages-20260101.tailed", syslog(LINES[:half]))
        os.symlink(f"../../sos_strings/logs/{dot}var.log.messages-20260101.tailed", f"{top}/var/log/messages-20260101")
        archive(top, ["sos_strings", "var"], f"{top}.tar")
        for path in (top, f"{top}.tar"):
            logs, said = cat(path)
            check([x[1] for x in logs] == [syslog(LINES).decode().splitlines()], f"{path}: {[(n, len(x)) for n, x in logs]} {said}")
            whole(analyze(path), path)


def test_pstore(tmp):
    """Firmware keeps a crash in parts, the last text in part 1; systemd-pstore puts them together."""
    log = open("tests/golden/panic-on-oom-6.12/log").read().splitlines()
    begin = next(i for i, x in enumerate(log) if "invoked oom-killer" in x)
    cuts = [0, begin + 20, begin + 40, len(log)]
    want = analyze("tests/golden/panic-on-oom-6.12/log")["first_oom"]
    for what, folder in (("kernel", "sys/fs/pstore"), ("systemd", "var/lib/systemd/pstore/1654678166")):
        names = [f"{folder}/dmesg-efi-1654678166{part:02}001" for part in (3, 2, 1)]
        for i, name in enumerate(names):
            text = f"Panic#1 Part{3 - i}\n" + "".join(f"<4>{x}\n" for x in log[cuts[i]:cuts[i + 1]])
            write(f"{tmp}/{what}/{name}", text.encode())
        write(f"{tmp}/{what}/{folder}/dmesg-erst-7123456789012345", b"Panic#1 Part1\n<4>[    1.000000] another record\n")
        for together in (False, True):
            if together:
                names = [f"{folder}/dmesg.txt"] + names
                write(f"{tmp}/{what}/{names[0]}", "".join(f"<4>{x}\n" for x in log).encode())
            archive(f"{tmp}/{what}", names[::-1], f"{tmp}/{what}.tar")
            for path in (f"{tmp}/{what}", f"{tmp}/{what}.tar"):
                doc = analyze(path)
                check(doc["counts"]["oom_events"] == 1 and doc["counts"]["events_repeated"] == 0 and doc["source"]["kind"] == "pstore",
                      f"{path}: {doc['counts']} {doc['source']}")
                check(doc["first_oom"]["complete"] and doc["first_oom"]["tasks"] == want["tasks"], f"{path}: {doc['first_oom']['missing']}")


# ---- journals ----

def entry(us, text, who="kernel", boot=1, wall=0):
    head = (f"__REALTIME_TIMESTAMP={START + us + wall}\n__MONOTONIC_TIMESTAMP={us}\n_BOOT_ID={boot:032x}\n_HOSTNAME=web1\n")
    if who == "kernel":
        head += f"_TRANSPORT=kernel\nPRIORITY=4\nSYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP={us}\n"
    else:
        head += f"_TRANSPORT=stdout\nPRIORITY=6\nSYSLOG_IDENTIFIER={who}\n_PID=7\n"
    return head + f"MESSAGE={text}\n\n"


def objects(data):
    """Offset, type and end of each object."""
    at = struct.unpack_from("<Q", data, 88)[0]
    while at + 16 <= len(data):
        kind, size = data[at], struct.unpack_from("<Q", data, at + 8)[0]
        if kind == 0 or size < 16:
            return
        yield at, kind, at + size
        at += (size + 7) // 8 * 8


def journal(tmp, entries, machine, series=None, first=1):
    """A journal file as journald would have written it: of that machine, and with numbers."""
    path = f"{tmp}/made.journal"
    if os.path.exists(path):
        os.unlink(path)
    subprocess.run([REMOTE, "-o", path, "-"], input="".join(entries).encode(), check=True, capture_output=True)
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[40:56] = machine.to_bytes(16, "big")
    if series:
        data[72:88] = series.to_bytes(16, "big")
        for at, kind, _ in objects(data):
            if kind == 3:
                struct.pack_into("<Q", data, at + 16, struct.unpack_from("<Q", data, at + 16)[0] + first - 1)
        for at in (160, 168):
            struct.pack_into("<Q", data, at, struct.unpack_from("<Q", data, at)[0] + first - 1)
    return bytes(data[:max(end for _, _, end in objects(data))]) # not the megabytes journald reserves


def kernel_entries(lines, **more):
    out = []
    for line in lines:
        m = re.match(r"\[ *(\d+)\.(\d+)\] (.*)", line)
        if m:
            out.append(entry(int(m[1]) * 1000000 + int(m[2]), m[3], **more))
    return out


def expected(entries, texts):
    check(entries == texts, f"{len(entries)} lines, not {len(texts)}: {entries[:2]} {texts[:2]}")


def text_of(lines):
    return [x.split("] ", 1)[1] if "kernel: [" in x else x.split(": ", 1)[1] for x in lines]


def test_journals(tmp):
    entries = kernel_entries(LINES)
    n = len(entries)
    cuts = [0, n // 4, n // 2, n]
    texts = [re.search("MESSAGE=(.*)", x)[1] for x in entries]
    mid = "%032x" % 0xabc
    top = f"{tmp}/j/var/log/journal/{mid}"
    names = ["system@5a-0000000000000001-000617c3a0.journal", "system@0005f3-77.journal~", "system.journal"]
    for i, name in enumerate(names):
        write(f"{top}/{name}", journal(tmp, entries[cuts[i]:cuts[i + 1]], 0xabc, series=None if i == 1 else 0x99, first=cuts[i] + 1))
    oom = entry(10, "a user's earlyoom", who="earlyoom")
    write(f"{top}/user-1000.journal", journal(tmp, [oom, entry(20, "nothing of ours", who="bash")], 0xabc))
    logs, said = cat(f"{tmp}/j")
    check(len(logs) == 1 and "system.journal and 3 more" in logs[0][0], f"one log: {[x[0] for x in logs]} {said}")
    expected(sorted(text_of(logs[0][1])), sorted(texts + ["a user's earlyoom"]))
    expected([x for x in text_of(logs[0][1]) if "earlyoom" not in x], texts)
    order = [m[0] for m in (re.findall(r"15:04:\d\d\.\d+", x) for x in logs[0][1]) if m]
    check(order == sorted(order), "the user's entry stands where it was written")
    whole(analyze(f"{tmp}/j"), "a folder of journals")
    whole(analyze(top), "the journal's own folder")
    whole(analyze("-q", *[f"{top}/{x}" for x in names])[0], "files given one by one")
    check(len(analyze(*[f"{top}/{x}" for x in names], LOG)) == 2, "another file beside them has its own document")
    # an archive has system.journal first; packed ones; a copy beside them
    inside = [f"var/log/journal/{mid}/{x}" for x in [names[2], "user-1000.journal", names[1], names[0]]]
    archive(f"{tmp}/j", inside, f"{tmp}/sos.tar.gz", "w:gz")
    again, said = cat(f"{tmp}/sos.tar.gz")
    check(len(again) == 1 and again[0][1] == logs[0][1], f"an archive: {[(a, len(b)) for a, b in again]} {said}")
    whole(analyze(f"{tmp}/sos.tar.gz"), "an archive of journals")
    for name in names:
        with open(f"{top}/{name}", "rb") as f:
            write(f"{tmp}/copy/{name}", f.read())
            f.seek(0)
            write(f"{tmp}/copy/old/{name}.gz", gzip.compress(f.read()))
    again, said = cat(f"{tmp}/copy")
    check(len(again) == 1, f"a copy: {[x[0] for x in again]}")
    expected(text_of(again[0][1]), texts)
    # the clock went back in the middle: the numbers of the writer count
    for i in range(3):
        write(f"{tmp}/clock/{names[i]}", journal(tmp, kernel_entries(LINES, boot=i + 1, wall=-i * 3600000000)[cuts[i]:cuts[i + 1]], 0xabc,
                                                series=0x99, first=cuts[i] + 1))
    expected(text_of(cat(f"{tmp}/clock")[0][0][1]), texts)
    # one that is cut, one that is none: what there is, and which
    with open(f"{top}/{names[0]}", "rb") as f:
        data = f.read()
    write(f"{tmp}/cut/{names[0]}", data[:data.index(b"MESSAGE=" + texts[cuts[1] - 3].encode())])
    write(f"{tmp}/cut/{names[1]}", data[:150])
    with open(f"{top}/{names[2]}", "rb") as f:
        write(f"{tmp}/cut/{names[2]}", f.read())
    logs, said = cat(f"{tmp}/cut")
    check(len(logs) == 1 and f"{names[0]}) damaged, cut short" in said and "1 of 3 journal files cannot be read" in said, f"cut: {said}")
    got = text_of(logs[0][1])
    check(got[-(n - cuts[2]):] == texts[cuts[2]:] and cuts[1] - 6 < len(got) - (n - cuts[2]) <= cuts[1] - 3, f"cut: {len(got)} lines")
    # two machines, and what systemd-journal-remote keeps of others: each a log
    for machine in (1, 2):
        write(f"{tmp}/two/{machine:032x}/system.journal", journal(tmp, entries[:9], machine))
        write(f"{tmp}/two/remote/remote-web{machine}@0001-01-01.journal", journal(tmp, entries[:4], 3))
        write(f"{tmp}/two/remote/remote-web{machine}.journal", journal(tmp, entries[4:9], 3))
    logs, said = cat(f"{tmp}/two")
    check([len(x[1]) for x in logs] == [9] * 4, f"two machines: {[(a, len(b)) for a, b in logs]} {said}")
    # more files than may be open: it is said; for triage all of them are one input
    for i in range(40):
        write(f"{tmp}/many/{0xabc:032x}/system{f'@5a-{i + 1:016x}-1' if i < 39 else ''}.journal",
              journal(tmp, entries[i * n // 40:(i + 1) * n // 40], 0xabc, series=0x99, first=i * n // 40 + 1))
    whole(analyze(f"{tmp}/many"), "many files")
    done = subprocess.run(["bash", "-c", 'ulimit -n 24; exec "$0" "$1"', CAT, f"{tmp}/many"], capture_output=True, check=False)
    check(re.search(rb"\d+ of 40 journal files cannot be opened: Too many open files", done.stderr), f"few descriptors: {done.stderr}")
    done = subprocess.run([PROGRAM, "triage", "--format", "json", f"{tmp}/many"], capture_output=True, check=False)
    totals = json.loads(done.stdout)
    check(totals["inputs"] == 1 and totals["incidents"] == 1, f"triage: {totals}")
    # nothing of the kernel's in it: it is said of which
    write(f"{tmp}/dull/system.journal", journal(tmp, [entry(1, "x", who="bash")], 5))
    logs, said = cat(f"{tmp}/dull")
    check(not logs and "dull: system.journal: no kernel messages" in said, f"dull: {said}")


with tempfile.TemporaryDirectory(prefix="oomreport-rotated-") as d:
    test_text(d)
    test_given(d)
    test_sos(d)
    test_pstore(d)
    if os.access(REMOTE, os.X_OK):
        test_journals(d)
    else:
        print(f"no {REMOTE} here: journals are left out")
harness.done()
