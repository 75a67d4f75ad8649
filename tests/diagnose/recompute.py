#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recomputes every inequality of every finding from report.json alone.

A term with a key must be the number that stands there in the document; the sums of value times
factor must be as the evidence says. A report.json named is taken as it is; for logs
`oomreport analyze` makes one: those named, else over the golden
logs, the cases and, where it is there, the corpus beside the source tree. Every document must
have a verdict.
"""
import glob
import json
import os
import re
import subprocess
import sys

build = os.environ.get("OOMREPORT_BUILD", "build/dev")
program = os.path.join(build, "oomreport")
corpus = os.environ.get("OOMREPORT_CORPUS", "../shared/corpus")
EPSILON = 1e-6
HOLDS = {"<": lambda a, b: a < b + EPSILON, "<=": lambda a, b: a <= b + EPSILON,
         ">": lambda a, b: a > b - EPSILON, ">=": lambda a, b: a >= b - EPSILON,
         "==": lambda a, b: abs(a - b) < 0.5}
bad = []
counts = {"documents": 0, "findings": 0, "inequalities": 0, "keyed terms": 0}


def lookup(document, key):
    at = document
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", key):
        at = at[int(index)] if index else at[name]
    return at


def same(a, b):
    return a is not None and abs(float(a) - float(b)) <= 1e-9 * max(1, abs(float(b)))


def side(document, terms, where):
    total = 0
    for t in terms:
        total += t["value"] * t["factor"]
        if t["key"] is None:
            continue
        counts["keyed terms"] += 1
        try:
            found = lookup(document, t["key"])
        except (KeyError, IndexError, TypeError) as e:
            bad.append("%s: no %s in the document (%r)" % (where, t["key"], e))
            continue
        if not same(found, t["value"]):
            bad.append("%s: %s is %r, evidence says %r" % (where, t["key"], found, t["value"]))
    return total


def check_evidence(document, finding, e, where):
    if e["key"] is not None and e["value"] is not None:
        try:
            if not same(lookup(document, e["key"]), e["value"]):
                bad.append("%s: %s is %r, evidence says %r"
                           % (where, e["key"], lookup(document, e["key"]), e["value"]))
        except (KeyError, IndexError, TypeError) as err:
            bad.append("%s: no %s in the document (%r)" % (where, e["key"], err))
    if e["op"] is None:
        return
    counts["inequalities"] += 1
    left, right = side(document, e["left"], where), side(document, e["right"], where)
    if not HOLDS[e["op"]](left, right):
        bad.append("%s: %s does not hold: %r %s %r" % (where, e["text"], left, e["op"], right))


def check(document, name):
    counts["documents"] += 1
    diagnosis = document["diagnosis"]
    if not diagnosis["verdict"]:
        bad.append("%s: no verdict" % name)
    if not document["signature"].startswith("oom1-"):
        bad.append("%s: signature %r" % (name, document["signature"]))
    for f in diagnosis["findings"]:
        counts["findings"] += 1
        where = "%s: %s" % (name, f["id"])
        if f["confidence"] not in ("high", "medium", "low") or not f["evidence"]:
            bad.append("%s: confidence %r, %d pieces of evidence"
                       % (where, f["confidence"], len(f["evidence"])))
        for e in f["evidence"]:
            check_evidence(document, f, e, where)
    if diagnosis["balance"]:
        rest = diagnosis["balance_total_kb"] - sum(r["amount_kb"] for r in diagnosis["balance"])
        if rest != 0:
            bad.append("%s: the balance does not add up, %d kB" % (name, rest))


def main():
    if not os.path.exists(program):
        print("skipped: %s is not built" % program)
        return 77
    logs = [a for a in sys.argv[1:] if not a.endswith(".json")]
    for name in sys.argv[1:]:
        if name.endswith(".json"):
            with open(name) as f:
                check(json.load(f), name)
    if len(sys.argv) < 2:
        logs = sorted(glob.glob("tests/golden/*/log") + glob.glob("tests/diagnose/cases/*/*.log"))
        logs += sorted(glob.glob(os.path.join(corpus, "logs", "*")))
    for i in range(0, len(logs), 60):  # several files give one array
        part = logs[i:i + 60]
        run = subprocess.run([program, "analyze", "--format", "json"] + part, capture_output=True)
        if run.returncode != 0:
            if b"not" in run.stderr and b"json" in run.stderr:
                print("skipped: analyze cannot write JSON yet")
                return 77
            sys.exit("analyze failed: %s" % run.stderr.decode(errors="replace"))
        documents = json.loads(run.stdout)
        if isinstance(documents, dict):
            documents = [documents]
        if len(documents) != len(part):
            bad.append("%d documents of %d logs" % (len(documents), len(part)))
        for document, name in zip(documents, part):
            check(document, name)
    for line in bad[:60]:
        print(line)
    print(", ".join("%d %s" % (n, what) for what, n in counts.items()), "- %d bad" % len(bad))
    empty = counts["documents"] == 0 or (len(sys.argv) < 2 and counts["inequalities"] == 0)
    return 1 if bad or empty else 0


if __name__ == "__main__":
    sys.exit(main())
