#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Journals of two hosts as systemd-journal-remote stores them, in one file and in a file a host:
analyze and triage keep them apart, and say of each what its lines say alone."""
import glob, json, os, random, shutil, socket, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

GOLDEN = os.path.abspath("tests/golden")
REMOTE = next((p for p in ("/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote") if os.path.exists(p)), None)
if not REMOTE or not shutil.which("journalctl"):
    harness.skip("no systemd-journal-remote or journalctl here")
CASES = {"web1": ("global-anon-6.12", 0x11), "web2": ("memcg-v2-6.1", 0x22)}


def entries(host):
    """The golden log as the journal of that host."""
    case, number = CASES[host]
    out = []
    for i, line in enumerate(open(os.path.join(GOLDEN, case, "log"), errors="replace").read().splitlines()):
        stamp, _, text = line.partition("] ")
        mono = int(float(stamp.strip("[ ")) * 1000000) if line.startswith("[") else 0
        wall = 1795400000000000 + i * 1000 + number
        out.append(f"__REALTIME_TIMESTAMP={wall}\n__MONOTONIC_TIMESTAMP={mono}\n_BOOT_ID={number:032x}\n_MACHINE_ID={number:032x}\n_HOSTNAME={host}\n"
                   f"_TRANSPORT=kernel\nPRIORITY=4\nSYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP={mono}\nMESSAGE={text or line}\n\n")
    return out


def run(*args):
    p = subprocess.run([PROGRAM, *args], capture_output=True, timeout=300)
    check(p.returncode == 0 and b"Sanitizer" not in p.stderr, f"{args}: {p.returncode} {p.stderr[:600]}")
    return p.stdout.decode()


def judge(path, name):
    """All documents of a journal file, by host."""
    doc = json.loads(run("analyze", "--format", "json", path))
    own = {d["system"]["hostname"]: d for d in [doc] + doc["other_hosts"]}
    for host, d in own.items():
        first = d["first_oom"]
        check(first["complete"] and first["host"] == host, f"{name}: {host}: {first['missing']}")
        check(first["time"]["wall"] and first["time"]["wall"].startswith("2026-11-2"), f"{name}: no wall time: {first['time']}")
        check(all(f" {host} kernel: " in x for x in first["verbatim"].splitlines()), f"{name}: lines of others in {host}'s event")
        check(d["counts"]["oom_events"] == plain(host)["counts"]["oom_events"] and d["signature"] == plain(host)["signature"]
              and d["system"]["kernel"] == plain(host)["system"]["kernel"], f"{name}: {host} is not what its own log says")
    return set(own)


def plain(host):
    return json.loads(run("analyze", "--format", "json", os.path.join(GOLDEN, CASES[host][0], "log")))


def listening(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


with tempfile.TemporaryDirectory(prefix="oomreport-remote-") as d:
    said = {h: entries(h) for h in CASES}
    turns = [h for h in said for _ in said[h]]
    random.Random(4).shuffle(turns)
    parts = {h: iter(x) for h, x in said.items()}
    stream = "".join(next(parts[h]) for h in turns).encode()
    one = os.path.join(d, "all.journal")
    p = subprocess.run([REMOTE, "--split-mode=none", "-o", one, "-"], input=stream, capture_output=True, timeout=120)
    check(p.returncode == 0, p.stderr)
    check(judge(one, "one file") == set(CASES), "one file: both hosts")
    totals = json.loads(run("triage", "--format", "json", one))
    check(totals["hosts"] == 2 and totals["incidents"] == 2 and totals["inputs"] == 1, totals)
    records = [json.loads(x) for x in run("triage", "--format", "ndjson", one).splitlines()]
    check(sorted({r["host"] for r in records}) == sorted(CASES) and all(r["time"] for r in records), records)
    # the default, one file a host: named by who connects
    folder = os.path.join(d, "remote")
    os.mkdir(folder)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen([REMOTE, f"--listen-raw=127.0.0.1:{port}", "-o", folder], stderr=subprocess.DEVNULL)
    try:
        check(listening(port), "systemd-journal-remote listens")
        for i, host in enumerate(CASES):
            with socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.0.{i + 1}", 0)) as s:
                s.sendall("".join(said[host]).encode())
                s.shutdown(socket.SHUT_WR)
                s.recv(1)
        files = []
        for _ in range(100):
            files = glob.glob(folder + "/*.journal")
            if len(files) == 2:
                break
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    check(len(files) == 2, f"a file a host: {os.listdir(folder)}")
    check(set().union(*[judge(f, "a file a host") for f in files]) == set(CASES), "a file a host: both hosts")
    totals = json.loads(run("triage", "--format", "json", folder))
    check(totals["hosts"] == 2 and totals["incidents"] == 2 and totals["inputs"] == 2, totals)
harness.done()
