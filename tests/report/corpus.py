#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""analyze --format json of every log of the corpus beside the checkout, where there is one,
against the truth of its table: counts, kind, place, trigger, flags, victim, swap, kernel, and
whether the event is complete."""
import csv
import json
import os
import subprocess
import sys

build = os.environ.get("OOMREPORT_BUILD", "build/dev")
corpus = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/corpus")
if not os.path.exists(os.path.join(corpus, "truth.tsv")):
    print("skipped: no corpus beside the checkout")
    sys.exit(77)


def known(value):
    return "-" if value is None else str(value)


def told(document):
    """The columns of the table, as the document has them."""
    counts, memory = document["counts"], None
    row = {"n_events": str(counts["oom_events"]),
           "n_alloc_failures": str(counts["alloc_failures"])}
    event = document["first_oom"]
    if not event and document["subject"]:
        event = document["events"][document["subject"]["index"]]
    if not event:
        return dict(row, first_event_kind="none")
    trigger, memory = event["trigger"], event["memory"]
    victim = event["victims"][0] if event["victims"] else {"pid": None, "comm": None}
    kind = event["kind"]
    if kind in ("oom-kill", "oom-no-victim"):
        kind = f"oom-{event['scope']}"
    return dict(
        row, first_event_kind=kind, first_event_line=str(event["lines"]["first"]),
        invoker=known(trigger["comm"]), order=known(trigger["order"]),
        gfp_mask=known(trigger["gfp_mask"]),
        gfp_text="-" if trigger["gfp_flags_source"] != "log" else
        "|".join(trigger["gfp_flags"]) or "(empty)",
        victim_pid=known(victim["pid"]), victim_comm=known(victim["comm"]),
        free_swap_kB=known(memory["swap_free_kb"]), total_swap_kB=known(memory["swap_total_kb"]),
        kernel=known(event["kernel"] or document["system"]["kernel"]),
        truncated="n" if event["complete"] else "y")


def agrees(column, got, want):
    if column == "victim_comm" and "/" in got:  # systemd-oomd names the whole cgroup
        return got == want or got.endswith("/" + want)
    return got == want


logs = bad = 0
with open(os.path.join(corpus, "truth.tsv"), encoding="utf-8") as table:
    for truth in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
        logs += 1
        run = subprocess.run([os.path.join(build, "oomreport"), "analyze", "--format", "json",
                              os.path.join(corpus, "logs", truth["file"])],
                             capture_output=True, check=False)
        if run.returncode:
            print(f"{truth['file']}: status {run.returncode}: {run.stderr.decode()[:200]}")
            bad += 1
            continue
        for column, got in told(json.loads(run.stdout)).items():
            if not agrees(column, got, truth[column]):
                print(f"{truth['file']}: {column} is {got}, not {truth[column]}")
                bad += 1
print(f"{logs} logs, {bad} disagreements")
sys.exit(0 if logs and not bad else 1)
