#!/usr/bin/env python3
"""Headers that no collect writes: paths and links that lead outside, devices, sizes of exbibytes,
sparse maps, pax records of MiB, names twice, checksums that are wrong. verify refuses each of them,
analyze and triage read what is there or say why not, in little memory and time; nothing of outside is
shown. (hostile_memory has the bombs.)"""
# SPDX-License-Identifier: MIT
import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import BUILD, PROGRAM, check, done

LOG = b"<4>[    7.000000] eater invoked oom-killer: gfp_mask=0x140dca, order=0\n"
SECRET = b"a word that stands outside"
CEILING_KIB, LATE_S = 512 * 1024, 60


def header(name, size=0, kind=b"0", link="", uname=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.uname = size, kind, link, uname
    return info.tobuf(tarfile.GNU_FORMAT)


def member(name, body, **how):
    return header(name, len(body), **how) + body + bytes(-len(body) % 512)


def pax(*records, kind=b"x"):
    body = b""
    for key, value in records:
        rest = b" " + key + b"=" + value + b"\n"
        n = len(rest) + 1
        while len(str(n)) + len(rest) != n:
            n = len(str(n)) + len(rest)
        body += str(n).encode() + rest
    return member("pax", body, kind=kind)


def cases(outside):
    manifest, log = member("t/MANIFEST.json", b"{}"), member("t/log/kernel.log", LOG)
    return {
        "traversal": manifest + member("t/../../../../../.." + outside, b"x") + member(outside, b"x") + member("t/./a", b"x"),
        "links": manifest + header("t/log", 0, b"2", outside) + log + header("t/report.json", 0, b"1", outside),
        "links in a ring": header("t/a", 0, b"2", "b") + header("t/b", 0, b"2", "a") + member("t/a/x", b"1"),
        "devices": manifest + b"".join(header("t/d", 0, kind) for kind in (b"3", b"4", b"6", b"7", b"Z")),
        "4 EiB": manifest + header("t/log/kernel.log", 1 << 62) + LOG,
        "size in pax": manifest + pax((b"size", b"9223372036854775807")) + log,
        "negative size": manifest + pax((b"size", b"-5")) + log,
        "sparse map": manifest + pax((b"GNU.sparse.major", b"0"), (b"GNU.sparse.minor", b"1"), (b"GNU.sparse.size", b"1125899906842624"),
                                     (b"GNU.sparse.map", b",".join(b"%d,1" % (i * 4096) for i in range(50000)))) + log,
        "sparse": manifest + pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"1125899906842624"),
                                 (b"GNU.sparse.name", b"t/log/kernel.log")) + member("t/x", b"1\n0\n512\n".ljust(512, b"\0") + bytes(512)),
        "comment of 8 MiB": manifest + pax((b"comment", b"A" * (8 << 20))) + log,
        "path of 1 MiB": manifest + pax((b"path", b"t/" + b"p/" * (1 << 19))) + log,
        "attributes of 5 MiB": manifest + pax(*((b"SCHILY.xattr.user.%d" % i, b"B" * 10000) for i in range(500))) + log,
        "pax of 8 GiB": header("pax", 1 << 33, b"x") + b"A" * 100000,
        "GNU name of 16 MiB": header("././@LongLink", 16 << 20, b"L") + b"t/".ljust(16 << 20, b"n") + manifest,
        "global path": pax((b"path", b"t/other"), kind=b"g") + manifest + log,
        "time of 400 digits": manifest + pax((b"mtime", b"9" * 400)) + log,
        "owner": member("t/MANIFEST.json", b"{}", uname="carol") + log,
        "names twice": log * 1000 + manifest * 3 + member("t/report.json", b"{}") * 3,
        "deep": manifest + b"".join(member("t/" + "d/" * k + "x", b"y") for k in range(1, 47)),
        "wrong checksum": manifest + b"\xff" * 512 + log,
        "terminal codes": manifest + member("t/\x1b[2J\x07name", b"x"),
    }


with tempfile.TemporaryDirectory() as work:
    outside = os.path.join(work, "outside")
    with open(outside, "wb") as f:
        f.write(SECRET)
    for name, body in cases(outside).items():
        path = os.path.join(work, "bundle.tar.gz")
        with open(path, "wb") as f:
            f.write(gzip.compress(body + bytes(1024), 1))
        for command in ("verify", "analyze", "triage"):
            begin = time.monotonic()
            run = subprocess.run([os.path.join(BUILD, "tests/peak_rss"), PROGRAM, command, path], stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=10 * LATE_S, check=False)
            *said, peak = run.stderr.decode(errors="replace").splitlines()
            what = f"{command}, {name}"
            check(run.returncode == 1 if command == "verify" else run.returncode in (0, 1), what + ": status", run.returncode)
            check(all(line.startswith("oomreport: ") for line in said), what + ": its own words", said)
            check(run.returncode == 0 or said, what + ": says why", said)
            check(int(peak) < CEILING_KIB, what + ": memory", peak)
            check(time.monotonic() - begin < LATE_S, what + ": time", time.monotonic() - begin)
            check(SECRET not in run.stdout + run.stderr and b"\x1b" not in run.stdout + run.stderr, what + ": shows nothing foreign",
                  run.stdout[:200])
    with open(outside, "rb") as f:
        check(f.read() == SECRET and sorted(os.listdir(work)) == ["bundle.tar.gz", "outside"], "nothing is written", os.listdir(work))
done()
