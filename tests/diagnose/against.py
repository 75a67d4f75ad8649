#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Are the numbers of the findings those of the log, and those of /proc at that moment?

    against.py LOG DIR [PROGRAM OPTION...] <report.json

LOG is read again here, with patterns of its own and none of the program's code. DIR is what
tests/vm/run brought out: serial.log, before/, and with --watch just-before/ and just-after/,
from which the numbers that move may differ by what moves in a moment (SLACK_KB of RAM at most);
sizes, limits and marks may not differ. Prints what is not so; fails, too, when a number of the
first finding cannot be looked up, or none of /proc could be compared.
"""
import json
import os
import re
import sys

SLACK = 0.07  # of RAM; the samples are 20 ms apart, of a machine whose time is not steady

PREFIX = r"^(\d+,\d+,\d+,[^;]*;|(<\d+>)?\[ *\d+\.\d+\] )" # of /dev/kmsg or of dmesg

wrong, compared = [], {"log": 0, "proc": 0}


def read(*path):
    try:
        with open(os.path.join(*path), errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def number(pattern, text):
    m = re.search(pattern, text)
    return int(m.group(1)) if m else None


def keyed(document):
    """(finding's place, key, value) of every number of the findings that has a place."""
    for i, finding in enumerate(document["diagnosis"]["findings"]):
        for e in finding["evidence"]:
            if e["key"] is not None and e["value"] is not None:
                yield i, e["key"], e["value"]
            for t in (e["left"] or []) + (e["right"] or []):
                if t["key"] is not None:
                    yield i, t["key"], t["value"]


def zone_line(text, zone):
    """The line of a zone, and the lowmem_reserve and buddy lines that follow it."""
    head = r"Node %d %s " % (zone["node"] or 0, re.escape(zone["zone"]))
    m = re.search(head + r"free:.*\n.*lowmem_reserve.*", text)
    return m.group(0) if m else ""


def in_log(document, text, key):
    """What the log says at this key; None where we do not know how to look it up."""
    event, at = document["first_oom"] or document["events"][0], key.split(".", 1)[1]
    m = re.match(r"memory\.totals\.(\w+)_pages$", at)
    if m:
        return number(r"(?m)\b%s:(\d+)" % m.group(1), text)
    m = re.match(r"memory\.nodes\[(\d+)\]\.(\w+)_kb$", at)
    if m:
        node = event["memory"]["nodes"][int(m.group(1))]["node"]
        return number(r"Node %d active_anon:.*?\b%s:(\d+)kB" % (node, m.group(2)), text)
    m = re.match(r"memory\.zones\[(\d+)\]\.(.*)$", at)
    if m:
        zone, field = event["memory"]["zones"][int(m.group(1))], m.group(2)
        line, index = zone_line(text, zone), re.match(r"lowmem_reserve_pages\[(\d+)\]", field)
        if index:
            row = re.search(r"lowmem_reserve\[\]: ([\d ]+)", line)
            return int(row.group(1).split()[int(index.group(1))]) if row else None
        block = re.match(r"buddy\[(\d+)\]\.free_blocks$", field)
        if block:
            row = re.search(r"(?m)Node %d %s: (.*= \d+kB)" % (zone["node"], zone["zone"]), text)
            counts = re.findall(r"(\d+)\*\d+kB", row.group(1)) if row else []
            return int(counts[int(block.group(1))]) if counts else None
        return number(r"\b%s:(\d+)kB" % field.removesuffix("_kb"), line)
    m = re.match(r"tasks\[(\d+)\]\.(\w+?)(_pages|_bytes|)$", at)
    if m:
        rows = re.findall(r"(?m)^\[ *\d+\] +\d+ +(\d+) +([-\d ]+?) +\S+\s*$", text)
        head = re.search(r"\[ *pid *\] +uid +tgid +(.*?)name", text)
        columns = head.group(1).split() if head else []
        if int(m.group(1)) >= len(rows) or m.group(2) not in columns:
            return None
        return int(rows[int(m.group(1))][1].split()[columns.index(m.group(2))])
    simple = {
        "memory.free_pages": r"\bfree:(\d+) free_pcp",
        "memory.ram_pages": r"(\d+) pages RAM",
        "memory.reserved_pages": r"(\d+) pages reserved",
        "memory.swap_free_kb": r"Free swap *= *(\d+)kB",
        "memory.swap_total_kb": r"Total swap = (\d+)kB",
        "memory.hugepages[0].total": r"hugepages_total=(\d+)",
        "memory.hugepages[0].free": r"hugepages_free=(\d+)",
        "memory.hugepages[0].size_kb": r"hugepages_size=(\d+)kB",
        "trigger.order": r"order[=:](-?\d+)",
        "memcg.usage_kb": r"memory: usage (\d+)kB",
        "memcg.limit_kb": r"memory: usage \d+kB, limit (\d+)kB",
        "memcg.failcnt": r"memory: usage \d+kB, limit \d+kB, failcnt (\d+)",
        "memcg.swap.limit_kb": r"swap: usage \d+kB, limit (\d+)kB",
        "victims[0].anon_rss_kb": r"Killed process .*anon-rss:(\d+)kB",
    }
    if at in simple:
        return number(simple[at], text)
    m = re.match(r"memcg\.stats\.(\w+)$", at)
    if m:
        return number(r"(?m)(?:^|[\s;])%s (\d+)\s*$" % m.group(1), text)
    m = re.match(r"slab\[(\d+)\]\.(used|total)_kb$", at)
    if m:
        name = re.escape(event["slab"][int(m.group(1))]["name"])
        row = re.search(r"(?m)%s +(\d+)KB +(\d+)KB" % name, text)
        return int(row.group(1 if m.group(2) == "used" else 2)) if row else None
    return None


MEMINFO = {"free": "MemFree", "slab_reclaimable": "SReclaimable", "slab_unreclaimable": "SUnreclaim",
           "shmem": "Shmem", "pagetables": "PageTables", "unevictable": "Unevictable",
           "dirty": "Dirty", "writeback": "Writeback", "mlocked": "Mlocked", "free_cma": "CmaFree"}


# One step of the multi-generational LRU (mm/vmscan.c, inc_max_seq) makes all that was active inactive,
# between two looks: only their sum is compared.
AGED = r"memory\.totals\.(active|inactive)_(anon|file)_pages$"


def both_lists(event, at, value):
    m = re.match(AGED, at)
    totals = event["memory"]["totals"]
    return sum(totals["%s_%s_pages" % (name, m.group(2))] for name in ("active", "inactive")) if m else value


def in_proc(document, proc, key):
    """(what /proc says, may it have moved) or None."""
    event = document["first_oom"] or document["events"][0]
    at, meminfo = key.split(".", 1)[1], read(proc, "meminfo")

    def kb(name):
        return number(r"(?m)^%s: +(\d+)" % name, meminfo)

    m = re.match(AGED, at)
    if m:
        both = [kb(r"%s\(%s\)" % (name, m.group(2))) for name in ("Active", "Inactive")]
        return None if None in both else (sum(both) / 4, True)
    m = re.match(r"memory\.totals\.(\w+)_pages$", at)
    if m and m.group(1) in MEMINFO:
        value = kb(MEMINFO[m.group(1)])
        return None if value is None else (value / 4, True)
    m = re.match(r"memory\.zones\[(\d+)\]\.(min|low|high|present|managed|free)_kb$", at)
    if m:
        zone, field = event["memory"]["zones"][int(m.group(1))], m.group(2)
        block = re.search(r"Node %d, zone +%s\n((?!Node ).*\n)*" % (zone["node"], zone["zone"]),
                          read(proc, "zoneinfo"))
        if block:
            value = number(r"(?m)^ +(?:pages )?%s +(\d+)" % field, block.group(0))
            if value is not None and field in ("min", "low", "high"):
                # the marks hold the boost of the moment (mm/page_alloc.c, boost_watermark)
                value += (zone.get("boost_kb") or 0) / 4 - (number(r"(?m)^ +boost +(\d+)", block.group(0)) or 0)
            return None if value is None else (value * 4, field == "free")
    same = {"memory.swap_free_kb": ("SwapFree", 1, True), "memory.swap_total_kb": ("SwapTotal", 1, False),
            "memory.hugepages[0].total": ("HugePages_Total", 1, False),
            "memory.free_pages": ("MemFree", 1 / 4, True)}
    if at in same:
        name, factor, moves = same[at]
        value = kb(name)
        return None if value is None else (value * factor, moves)
    return None


def against_proc(document, out, ram_kb):
    befores, afters = os.path.join(out, "just-before", "proc"), os.path.join(out, "just-after", "proc")
    for _, key, value in set(keyed(document)):
        if not key.startswith(("first_oom.", "events[")):
            continue
        then = in_proc(document, befores, key)
        if then is None:
            continue
        compared["proc"] += 1
        value = both_lists(document["first_oom"] or document["events"][0], key.split(".", 1)[1], value)
        slack = (SLACK * ram_kb / (4 if key.endswith("_pages") else 1)) if then[1] else 0.5
        low = high = then[0]
        later = in_proc(document, afters, key) if then[1] else None
        if later is not None:
            low, high = min(low, later[0]), max(high, later[0])
        if not low - slack <= value <= high + slack:
            wrong.append("%s is %s, /proc said %s (%s)" % (key, value, then[0], later and later[0]))


def against_group(event, out):
    limit = read(out, "group", "memory.max").strip()
    if not event.get("memcg") or not limit.isdigit():
        return
    compared["proc"] += 1
    if int(limit) != event["memcg"]["limit_kb"] * 1024:
        wrong.append("limit_kb is %s, memory.max was %s" % (event["memcg"]["limit_kb"], limit))
    peak = read(out, "group", "memory.peak").strip()
    if peak.isdigit() and int(peak) < event["memcg"]["usage_kb"] * 1024:
        wrong.append("usage_kb is %s, memory.peak %s" % (event["memcg"]["usage_kb"], peak))
    kills = number(r"oom_kill (\d+)", read(out, "group", "memory.events"))
    if kills != len(event["victims"]):
        wrong.append("%s victims, memory.events has %s" % (len(event["victims"]), kills))


def against_console(document, event, out):
    """The guest said on its console how much it has, also where a panic ended it."""
    serial = read(out, "serial.log")
    said = re.search(r"vm: kernel \S+, (\d+) kB of RAM, (\d+) kB of swap", serial)
    if said and event.get("memory") and event["memory"].get("ram_pages") is not None:
        compared["proc"] += 1
        total, swap = document["diagnosis"]["balance_total_kb"], event["memory"]["swap_total_kb"]
        if event["scope"] != "memcg" and total != int(said.group(1)):
            wrong.append("RAM of the balance is %s kB, MemTotal was %s" % (total, said.group(1)))
        if swap != int(said.group(2)):
            wrong.append("swap is %s kB, SwapTotal was %s" % (swap, said.group(2)))
    adjs = dict(re.findall(r"vm: oom_score_adj of (\d+) (-?\d+)", serial))
    for task in event.get("tasks") or []:
        if str(task["pid"]) in adjs:
            compared["proc"] += 1
            if task["oom_score_adj"] != int(adjs[str(task["pid"])]):
                wrong.append("oom_score_adj of %d is %s, /proc said %s"
                             % (task["pid"], task["oom_score_adj"], adjs[str(task["pid"])]))


def main():
    document = json.load(sys.stdin)
    log, out = sys.argv[1], sys.argv[2]
    event = document["first_oom"] or document["events"][0]
    lines = read(log).split("\n")[event["lines"]["first"] - 1:event["lines"]["last"]]
    text = "\n".join(re.sub(PREFIX, "", line) for line in lines).replace("\\x0a", "\n")
    for place, key, value in sorted(set(keyed(document))):
        if not key.startswith(("first_oom.", "events[")):
            continue
        said = in_log(document, text, key)
        if said is None:
            if place == 0:
                wrong.append("%s: not found in the log" % key)
            continue
        compared["log"] += 1
        if said != value:
            wrong.append("%s is %s, the log says %s" % (key, value, said))
    against_proc(document, out, document["diagnosis"]["balance_total_kb"] or 0)
    against_group(event, out)
    against_console(document, event, out)
    if compared["log"] == 0 or compared["proc"] == 0:
        wrong.append("compared %(log)d numbers with the log, %(proc)d with /proc" % compared)
    for line in wrong:
        print(line)
    if not wrong:
        print("%(log)d numbers as in the log, %(proc)d as in /proc" % compared)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
