#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""documents.py OOMREPORT DIR: documents to look at, made from the golden logs.

The series and the hostile texts are built here, from the format, not recorded: a window of
twelve minutes with a leak in it, and names that try to be markup, escapes and templates.
"""
import copy
import json
import math
import subprocess
import sys

program, out = sys.argv[1:3]
GOLDEN = "tests/golden/%s/log"
NOW = ["--now", "2026-11-23T02:31:00Z"]
EVIL = "</td></pre><script>alert(1)</script><img src=x onerror=alert(2)>\"'`*_|\x1b[2J\u202e"


def report(log=None, text=None):
    args = [program, "analyze", "--format", "json", *NOW, log or "-"]
    return json.loads(subprocess.run(args, input=text, stdout=subprocess.PIPE, check=True).stdout)


def series():
    n, start, event = 240, 1795401000, 200
    def run(f):
        return [round(f(i), 1) for i in range(n)]
    values = {
        "memfree": run(lambda i: max(3000, 120000 - i * 600) if i <= event else 150000),
        "anonpages": run(lambda i: 30000 + i * 800 if i <= event else 26000 + 20 * i),
        "cached": run(lambda i: 50000 - i * 200 if i <= event else 12000 + (i - event) * 80),
        "slab": run(lambda i: 9000 + 1000 * math.sin(i / 9)),
        "shmem": run(lambda i: 6900),
        "swapfree": run(lambda i: max(0, 500000 - i * 2600)),
        "pgscan_direct": run(lambda i: (i - 180) ** 2 * 30 if 180 < i <= event else 0),
        "pgsteal_direct": run(lambda i: (i - 180) * 60 if 180 < i <= event else 0),
        "allocstall": run(lambda i: (i - 189) * 3 if 190 < i <= event else 0),
    }
    values["memfree"][100:104] = [None] * 4
    counters = []
    for name, points in values.items():
        known = [p for p in points if p is not None]
        rate = name.startswith(("pg", "alloc"))
        counters.append({"name": name, "is_rate": rate, "start": points[0], "end": points[-1],
                         "min": min(known), "max": max(known), "at_event": points[event],
                         "slope_per_s": (points[event] - points[0]) / 600,
                         "unit": "count" if rate else "kb"})
    return {"kind": "loop", "samples": 720, "first": "2026-11-23T02:30:00Z",
            "last": "2026-11-23T02:42:00Z", "event": "2026-11-23T02:40:00Z",
            "interval_s": 1.0, "longest_gap_s": 9.0, "grew_most": "anonpages",
            "grew_kb": 160000.0, "skipped": None, "counters": counters,
            "points": {"time_s": [start + i * 3.0 for i in range(n)], "values": values}}


def spoil(value):
    """Every text but the words the views look for becomes hostile."""
    keep = {"kind", "scope", "schema", "confidence", "unit", "gfp_flags_source", "detail",
            "event", "first", "last", "wall", "role"}
    if isinstance(value, dict):
        return {k: v if k in keep and isinstance(v, str) else spoil(v) for k, v in value.items()}
    if isinstance(value, list):
        return [spoil(v) for v in value]
    return value + EVIL if isinstance(value, str) else value


def many(document):
    """A storm of a big machine: 1500 tasks, 80 events, a long log."""
    d = copy.deepcopy(document)
    first = d["first_oom"]
    rows = []
    for i in range(1500):
        first["tasks"].append({**first["tasks"][0], "pid": 4000000 + i, "tgid": 4000000 + i,
                               "comm": "postgres%d" % (i % 90), "rss_pages": (i * 7919) % 30011,
                               "swapents_pages": (i * 31) % 997})
        rows.append("[%5d.%06d] [%7d] %5d %7d %8d %8d %8d %8d %8d %5d postgres%d"
                    % (7, i, 4000000 + i, 0, 4000000 + i, 90000, (i * 7919) % 30011, 0, 0, 40960,
                       0, i % 90))
    first["tasks_seen"] = len(first["tasks"])
    text = first["verbatim"].split("\n")
    at = next(i for i, l in enumerate(text) if "oom-kill:" in l)
    first["verbatim"] = "\n".join(text[:at] + rows + text[at:])
    one = {k: v for k, v in d["events"][0].items()}
    d["events"] = [{**one, "number": i + 1} for i in range(80)]
    d["counts"]["oom_events"] = 80
    return d


def main():
    documents = {
        "global": report(GOLDEN % "global-anon-6.12"),
        "swap": report(GOLDEN % "swap-full-6.1"),
        "memcg": report(GOLDEN % "memcg-v2-swap-6.12"),
        "failure": report(GOLDEN % "frag-failure-6.12"),
        "slab": report(GOLDEN % "slab-messages-6.12"),
        "storm": report(GOLDEN % "storm-6.12"),
        "panic": report(GOLDEN % "panic-on-oom-6.1"),
        "none": report(text=b"[    0.000000] Linux version 6.1.0-56-amd64\n[    1.0] all is well\n"),
    }
    g = documents["global"]
    g["interview"].update(workload="Nightly import of the price list.\nNothing else ran.",
                          before="Load about 2.", impact="The import was lost.")
    documents["global-series"] = {**g, "vmlog": series()}
    documents["memcg-series"] = {**documents["memcg"], "vmlog": series()}
    documents["none-series"] = {**documents["none"], "vmlog": {**series(), "event": None}}
    documents["many"] = many(g)
    documents["hostile"] = spoil({**g, "vmlog": series()})
    for name, document in documents.items():
        with open(f"{out}/{name}.json", "w") as f:
            json.dump(document, f)


main()
