#!/bin/sh
# Every form of report.json of every golden log against schema/report.schema.json; and the
# schema itself: a report without one of its keys is refused.
# SPDX-License-Identifier: MIT
set -eu
oomreport=${OOMREPORT_BUILD:-build/dev}/oomreport
python3 -c 'import jsonschema' 2>/dev/null || { echo 'skipped: no python3-jsonschema'; exit 77; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/schema.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

"$oomreport" analyze --format json tests/golden/*/log >"$tmp/array.json"
"$oomreport" analyze --format ndjson --all tests/golden/*/log >"$tmp/all.ndjson"
"$oomreport" analyze --format ndjson --event 1 tests/golden/swap-full-6.1/log \
	>"$tmp/event.ndjson"
echo 'nothing happened here' | "$oomreport" analyze --format json - >"$tmp/none.json"
printf '' | "$oomreport" analyze --format json - >"$tmp/empty.json"
printf '[1.0] a\0b\377\nOut of memory: Killed process 7 (\033[31m"\\\377) total-vm:1kB' |
	"$oomreport" analyze --format json - >"$tmp/hostile.json"
tests/report/validate.py schema/report.schema.json "$tmp"/*json

logs=$(ls tests/golden/*/log | wc -l)
python3 - "$tmp" "$logs" <<'END'
import copy, json, sys
from jsonschema import Draft202012Validator
tmp, logs = sys.argv[1], int(sys.argv[2])
reports = json.load(open(tmp + "/array.json"))
assert len(reports) == logs == len(open(tmp + "/all.ndjson").readlines()), len(reports)
validator = Draft202012Validator(json.load(open("schema/report.schema.json")))
report = next(r for r in reports if r["first_oom"] and r["first_oom"]["memory"]["zones"]
              and r["first_oom"]["tasks"])
removed = 0
for path in ([], ["first_oom"], ["first_oom", "trigger"], ["first_oom", "memory"],
             ["first_oom", "memory", "zones", 0], ["first_oom", "tasks", 0], ["system"],
             ["source"], ["counts"], ["interview"], ["diagnosis"], ["events", 0]):
    place = report
    for name in path:
        place = place[name]
    required = validator.schema["required"] if not path else list(place)
    for key in required:
        broken = copy.deepcopy(report)
        there = broken
        for name in path:
            there = there[name]
        del there[key]
        if not validator.is_valid(broken):
            removed += 1
        elif path in ([], ["first_oom"], ["first_oom", "trigger"], ["system"], ["counts"]):
            sys.exit(f"a report without {path + [key]} is valid")
for key, wrong in (("schema", "x/1"), ("first_oom", {}), ("events", {}), ("vmlog", 0)):
    broken = dict(report, **{key: wrong})
    assert not validator.is_valid(broken), key
print(f"{removed} mutilated reports refused")
assert removed > 80
END
