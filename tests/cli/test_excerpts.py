#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An excerpt beside the log it is from, in one mail or one folder, whichever comes first: the event counts
once, and as the log tells it. What only looks like it counts for itself."""
import os
import subprocess
import sys
import json
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

LINES = [x for x in open("tests/golden/memcg-v2-6.12/log", encoding="utf-8").read().splitlines() if x.startswith("[")]
BEGIN = next(i for i, x in enumerate(LINES) if "invoked oom-killer" in x)
TASKS = next(i for i, x in enumerate(LINES) if "total_vm" in x)
END = next(i for i, x in enumerate(LINES) if "Killed process" in x) + 1
EVENT = LINES[BEGIN:END]
EXCERPTS = {"its kill": EVENT[-1:], "its first line": EVENT[:1], "its beginning": EVENT[:9],
            "its end": LINES[TASKS:END], "from its summary on": EVENT[-2:]}


def analyze(path, data=None):
    done = subprocess.run([PROGRAM, "analyze", "--format", "json", path], input=data, capture_output=True, check=False)
    check(done.returncode == 0, f"analyze {path}: {done.stderr.decode()[:500]}")
    return json.loads(done.stdout)


def text(lines):
    return ("\n".join(lines) + "\n").encode()


def stamped(lines):
    return lines


def syslog(lines):
    return [f"Jan  2 15:04:05 web1 kernel: {x[x.index('] ') + 2:]}" for x in lines]


def facts(doc):
    """But for where it stands."""
    return {k: v for k, v in doc["first_oom"].items() if k not in ("lines", "number")}


def once(doc, want, what):
    check(doc["counts"]["oom_events"] == 1 and doc["counts"]["events_repeated"] == 1 and doc["counts"]["events"] == 1
          and doc["counts"]["fatal_events"] == 1, f"{what}: {doc['counts']}")
    check(facts(doc) == want, f"{what}: told otherwise: {doc['first_oom']['missing']} {doc['first_oom']['lines']}")
    check([x["number"] for x in doc["events"]] == [1], f"{what}: events {[x['number'] for x in doc['events']]}")


said = ["Hello,", "", "this is what it said:", ""]
between = ["", "and here is all of it:", ""]
with tempfile.TemporaryDirectory(prefix="oomreport-excerpts-") as tmp:
    for form in (stamped, syslog):
        want = facts(analyze("-", text(form(EVENT))))
        for name, lines in EXCERPTS.items():
            if form is syslog and "Killed" not in lines[-1]:
                continue # nothing proves that it is the same
            what = f"{name}, {form.__name__}"
            once(analyze("-", text(said + form(lines) + between + form(EVENT))), want, f"{what}: first")
            once(analyze("-", text(form(EVENT) + between + form(lines))), want, f"{what}: behind")
            for order in (("a-part", "b-all"), ("b-part", "a-all")):
                folder = f"{tmp}/{form.__name__}-{name}-{order[0]}"
                os.mkdir(folder)
                for file, part in zip(order, (lines, EVENT)):
                    with open(f"{folder}/{file}", "wb") as f:
                        f.write(text(form(part)))
                once(analyze(folder), want, f"{what}: {order}")
    # others
    kill = EVENT[-1]
    for what, lines in {
        "the log twice": EVENT + between + EVENT,
        "another's kill": EVENT + between + [kill.replace("155", "156")],
        "another time's": EVENT + between + [kill.replace("[    3.", "[    4.")],
        "one that held less": EVENT + between + [x[x.index("] ") + 2:] for x in [kill.replace("anon-rss:20", "anon-rss:10")]],
        "the kill twice": [kill, "", "once more:", "", kill],
    }.items():
        counts = analyze("-", text(lines))["counts"]
        check(counts["oom_events"] == 2 and counts["events_repeated"] == 0, f"{what}: {counts}")
    # what waits is an event at the end, too, and holds up no more than a few
    many = [kill.replace("155", str(1000 + i)) for i in range(40)]
    doc = analyze("-", text(many))
    check(doc["counts"]["oom_events"] == 40 and [x["victims"][0]["pid"] for x in doc["events"]] == list(range(1000, 1040)),
          f"many: {doc['counts']}")
    check(analyze("-", text(many + EVENT))["counts"]["oom_events"] == 41, "many, and a whole one")
harness.done()
