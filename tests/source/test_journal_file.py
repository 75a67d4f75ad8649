#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real .journal files, written by systemd's own tool in each of its layouts, given whole, behind a
pipe, compressed, inside an archive and a folder, and cut short: the lines are those that went in.
Where there is a journalctl, it finds the same in the file."""
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

REMOTE = "/usr/lib/systemd/systemd-journal-remote"
CAT = os.environ["OOMREPORT_BUILD"] + "/tests/source_cat"
START = 1767366245000000  # 2026-01-02T15:04:05Z
LAYOUTS = [(compact, pack, keyed) for compact in "01" for pack in ("0", "XZ", "LZ4", "ZSTD") for keyed in "01"]


def entry(us, fields, message):
    head = f"__REALTIME_TIMESTAMP={START + us}\n__MONOTONIC_TIMESTAMP={us}\n_BOOT_ID={'a' * 32}\n_HOSTNAME=web1\n"
    text = message.encode()
    return ((head + "".join(f"{k}={v}\n" for k, v in fields.items())).encode()
            + b"MESSAGE\n" + len(text).to_bytes(8, "little") + text + b"\n\n")


def made():
    """The export bytes, and the lines that are to come out of them."""
    export, lines = b"", []
    for n in range(700):
        us = n * 1000
        message = f"message {n}" if n % 9 else f"long {n}\n" + " ".join(f"page {n}:{i}" for i in range(n + 1))
        if n % 50 == 0:
            who, tag = {"_TRANSPORT": "syslog", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "earlyoom", "_PID": n + 1}, f"earlyoom[{n + 1}]: "
            level = 6
        elif n % 3 == 0:
            who, tag = {"_TRANSPORT": "syslog", "PRIORITY": "6", "SYSLOG_IDENTIFIER": f"program{n % 20}", "_PID": n + 1}, None
        else:
            who, tag = {"_TRANSPORT": "kernel", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "kernel", "_SOURCE_MONOTONIC_TIMESTAMP": us}, f"kernel: [{us // 1000000:5}.{us % 1000000:06}] "
            level = 4
        export += entry(us, who, message)
        if tag:
            lines += [f"<{level}>2026-01-02T15:04:05.{us:06}Z web1 {tag}{line}" for line in message.split("\n")]
    return export, lines


def by_journalctl(path):
    """The lines of what journalctl exports of it."""
    done = subprocess.run(["journalctl", "--file", path, "-q", "-a", "-o", "export", "_TRANSPORT=kernel", "+", "SYSLOG_IDENTIFIER=earlyoom"],
                          capture_output=True, check=True)
    rest, fields, lines = done.stdout, {}, []
    while rest:
        line, _, rest = rest.partition(b"\n")
        key, equals, value = line.decode().partition("=")
        if key and not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8:8 + size].decode(), rest[8 + size + 1:]
        if key:
            fields[key] = value
            continue
        us = int(fields["__REALTIME_TIMESTAMP"]) - START
        own = int(fields.get("_SOURCE_MONOTONIC_TIMESTAMP", fields["__MONOTONIC_TIMESTAMP"]))
        tag = (f"kernel: [{own // 1000000:5}.{own % 1000000:06}] " if fields["_TRANSPORT"] == "kernel"
               else f"{fields['SYSLOG_IDENTIFIER']}[{fields['_PID']}]: ")
        lines += [f"<{fields['PRIORITY']}>2026-01-02T15:04:05.{us:06}Z {fields['_HOSTNAME']} {tag}{text}"
                  for text in fields["MESSAGE"].split("\n")]
        fields = {}
    return lines


def cat(path, stdin=None):
    done = subprocess.run([CAT, path], stdin=stdin, capture_output=True, check=False)
    return done.stdout.decode().splitlines()[1:], done.stderr.decode(), done.returncode


def objects(data):
    """(offset, type, size) of each."""
    at = struct.unpack_from("<Q", data, 88)[0]
    while at + 16 <= len(data):
        size = struct.unpack_from("<Q", data, at + 8)[0]
        if data[at] == 0 or size < 16:
            return
        yield at, data[at], size
        at += (size + 7) // 8 * 8


def lies(whole):
    """Files that say of themselves what is not so, each by one field of all objects or of the head."""
    found = list(objects(whole))
    for field in range(88, 264, 8):
        for value in (0, 1, 2**63, 2**64 - 1, len(whole) - 8):
            yield f"head {field} = {value:#x}", [(field, value)]
    own = {"arrays and fields lead to themselves": lambda at, kind, size: (at + {6: 16, 2: 24, 1: 32}[kind], at) if kind in (1, 2, 6) else None,
           "arrays lead back to the first": lambda at, kind, size: (at + 16, next(o[0] for o in found if o[1] == 6)) if kind == 6 else None,
           "each value has all entries there can be": lambda at, kind, size: (at + 56, 2**63) if kind == 1 else None,
           "each object goes on to the end": lambda at, kind, size: (at + 8, len(whole) - at),
           "no object has a size": lambda at, kind, size: (at + 8, 0)}
    for what, lie in own.items():
        yield what, [x for x in (lie(*o) for o in found) if x]


def believes(whole, path):
    """What is not so of how such files are read: each comes to an end with a line at most."""
    for what, numbers in lies(whole):
        data = bytearray(whole)
        for at, value in numbers:
            struct.pack_into("<Q", data, at, value)
        with open(path, "wb") as f:
            f.write(data)
        try:
            done = subprocess.run([CAT, path], capture_output=True, check=False, timeout=60)
        except subprocess.TimeoutExpired:
            yield f"{what}: no end"
            continue
        if done.returncode not in (0, 1) or not 1 <= len(done.stderr.splitlines()) <= 2:
            yield f"{what}: {done.returncode} {done.stderr.decode()[-300:]}"


def main():
    if not os.access(REMOTE, os.X_OK):
        print(f"skipped: no {REMOTE} (package systemd-journal-remote) to write journal files with")
        return 77
    bad = 0
    export, want = made()
    with tempfile.TemporaryDirectory() as tmp:
        def same(what, got):
            nonlocal bad
            if got[0] != want:
                bad += 1
                first = next((i for i, (a, b) in enumerate(zip(got[0], want)) if a != b), min(len(got[0]), len(want)))
                print(f"{what}: {len(got[0])} lines, not {len(want)}; line {first} differs: {got[0][first:first + 1]} {want[first:first + 1]}\n{got[1]}")

        path = f"{tmp}/system.journal"
        for layout in LAYOUTS:
            names = ("SYSTEMD_JOURNAL_COMPACT", "SYSTEMD_JOURNAL_COMPRESS", "SYSTEMD_JOURNAL_KEYED_HASH")
            if os.path.exists(path):
                os.unlink(path)
            subprocess.run([REMOTE, "-o", path, "-"], input=export, check=True, capture_output=True,
                           env={**os.environ, **dict(zip(names, layout))})
            same("-".join(layout), cat(path))
            if shutil.which("journalctl"):
                same("-".join(layout) + " by journalctl", (by_journalctl(path), ""))
        with open(path, "rb") as f:
            whole = f.read()
            f.seek(0)
            same("standard input", cat("-", f))
        subprocess.run(["xz", "-1k", path], check=True)
        same("xz", cat(path + ".xz"))
        with tarfile.open(f"{tmp}/sos.tar.gz", "w:gz", compresslevel=1) as tar:
            tar.add(path, "sosreport-x/var/log/journal/0123/system.journal")
        same("archive", cat(f"{tmp}/sos.tar.gz"))
        os.mkdir(f"{tmp}/folder")
        os.rename(path, f"{tmp}/folder/system@1.journal~")
        same("folder", cat(f"{tmp}/folder"))

        for wrong in believes(whole, f"{tmp}/lie.journal"):
            bad += 1
            print(wrong)
        # cut short: the lines before the cut, and it is said
        cut = f"{tmp}/cut.journal"
        end = whole.index(b"MESSAGE=message 301")
        with open(cut, "wb") as f:
            f.write(whole[:end])
        got, err, code = cat(cut)
        if code or not got or got != want[:len(got)] or "cut short" not in err:
            bad += 1
            print(f"cut: {code}, {len(got)} lines: {err}")
        with open(cut, "wb") as f:
            f.write(whole[:100])
        got, err, code = cat(cut)
        if code != 1 or "cut short in its head" not in err:
            bad += 1
            print(f"cut in its head: {code} {err}")
    return 1 if bad else 0


sys.exit(main())
