#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""collect on a log server, whose /var/log/syslog holds the kernels' lines of many hosts: only its own
events are this machine's; those of others are said to be theirs."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

work = tempfile.mkdtemp(prefix="log-server.")


def lines(host, case, end=None):
    """A golden log as syslog writes it for that host."""
    for line in open(f"tests/golden/{case}/log", errors="replace").read().splitlines()[:end]:
        yield f"Nov 23 02:30:00 {host} kernel: {line}\n"


def woven(*streams):
    streams = [list(s) for s in streams]
    for i in range(max(map(len, streams))):
        yield from (s[i] for s in streams if i < len(s))


def collect(name, syslog, given=False):
    """The report, and what was said, of the machine `logs` with that syslog."""
    root = os.path.join(work, name)
    for path, text in {"proc/sys/kernel/hostname": "logs\n", "etc/os-release": 'PRETTY_NAME="Mars 9"\n'}.items():
        os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
        open(f"{root}/{path}", "w").write(text)
    path = f"{root}/central" if given else f"{root}/var/log/syslog"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").writelines(syslog)
    p = subprocess.run([PROGRAM, "collect", "--no-interview", "--redact", "none", "--profile", "generic", "--force",
                        "--now", "2026-11-23T03:00:00Z", "--root", root, "--format", "dir", "-o", f"{work}/bundle"]
                       + (["--log", path] if given else []), capture_output=True, stdin=subprocess.DEVNULL,
                       env={**os.environ, "XDG_STATE_HOME": work})
    check(p.returncode == 0, f"{name}: {p.returncode} {p.stderr[:600]}")
    verify = subprocess.run([PROGRAM, "verify", f"{work}/bundle"], capture_output=True)
    check(verify.returncode == 0, f"{name}: {verify.stderr}")
    return json.load(open(f"{work}/bundle/report.json")), p.stderr.decode(), open(f"{work}/bundle/summary.txt").read()


def hosts(report):
    return [d["system"]["hostname"] for d in report["other_hosts"]]


def alone(case):
    out = subprocess.run([PROGRAM, "analyze", "--format", "json", f"tests/golden/{case}/log"], capture_output=True).stdout
    return json.loads(out)


try:
    early, late = "memcg-v2-6.1", "global-anon-6.12"
    # ours comes second, woven into another's
    r, said, summary = collect("both", woven(lines("web2", early), lines("logs", late)))
    check(r["system"]["hostname"] == "logs" and r["first_oom"]["host"] == "logs", "the subject is its own", r["system"])
    check(r["signature"] == alone(late)["signature"] and r["counts"] == alone(late)["counts"],
          "what its own lines say alone", r["counts"])
    check(r["collection"]["log_is_of_this_machine"] and r["system"]["distribution"] == "Mars 9", "its own facts count")
    check(hosts(r) == ["web2"] and r["other_hosts"][0]["signature"] == alone(early)["signature"],
          "the other one's are its own as well", hosts(r))
    check("events in the log are of other hosts, web2" in said and "web2 (1 call of the OOM killer)" in summary,
          "both are told apart in words", said)
    # it speaks, and had no OOM
    r, said, summary = collect("quiet", woven(lines("web2", early), lines("logs", late, 60)))
    check(r["first_oom"] is None and r["counts"]["oom_events"] == 0 and r["system"]["hostname"] == "logs",
          "another one's OOM is not its own", r["first_oom"] and r["first_oom"]["host"])
    check(hosts(r) == ["web2"] and "no OOM kill in the kernel log" in said, "it is told where it is", said)
    # the same file, given: about whoever ran out of memory
    r, _, _ = collect("given", woven(lines("web2", early), lines("logs", late, 60)), given=True)
    check(r["first_oom"] and r["first_oom"]["host"] == "web2", "a log that was given is about its first OOM", r["system"])
    check(not r["collection"]["log_is_of_this_machine"] and r["system"]["distribution"] != "Mars 9",
          "and the numbers of this machine are not its own")
    r, _, _ = collect("given-both", woven(lines("web2", early), lines("logs", late)), given=True)
    check(r["first_oom"]["host"] == "logs", "if this machine had none", r["system"])
    # it was called otherwise then
    r, said, _ = collect("renamed", lines("old-name", late))
    check(r["first_oom"] and r["first_oom"]["host"] == "old-name" and not r["other_hosts"] and "other hosts" not in said,
          "a machine that was renamed is the same", r["system"])
    # thousands of hosts
    many = (l for i in range(300) for l in lines(f"node{i}", early))
    r, said, _ = collect("many", [*lines("logs", late), *many])
    check(r["first_oom"]["host"] == "logs" and len(r["other_hosts"]) == 63, "more hosts than there is room for", len(hosts(r)))
    check("other hosts" in said and r["counts"] == alone(late)["counts"], "are told, not mixed", said)
finally:
    shutil.rmtree(work)
harness.done()
