#!/bin/sh
# `oomreport analyze`: where the log comes from, what is printed, how it ends.
set -eu
. tests/cli/lib.sh
golden=$(pwd)/tests/golden
one=$golden/global-anon-6.1/log
mild=$golden/frag-failure-6.1/log
echo 'Nov 23 02:00:01 host cron[7]: out of memory, says an application' >"$tmp/none"

# ---- what is printed ----
run 0 analyze --format json "$one"
quiet err
json 'd["schema"] == "oomreport.report/1" and d["first_oom"]["kind"] == "oom-kill"'
json 'd["source"]["kind"] == "file" and d["source"]["name"].endswith("global-anon-6.1/log")'
json 'd["source"]["bytes"] == len(open(d["source"]["name"], "rb").read())'
json 'd["source"]["lines"] == len(open(d["source"]["name"], "rb").read().splitlines())'
json 'd["first_oom"]["trigger"]["gfp_flags_source"] == "log"'
json 'd["first_oom"]["verbatim"].count("\n") > 50 and "invoked oom-killer" in d["first_oom"]["verbatim"]'
json 'd["collection"] is None and d["vmlog"] is None and d["interview"]["workload"] is None'
run 0 analyze --format json --now 2026-11-23T02:30:00Z "$one"
json 'd["created"] == "2026-11-23T02:30:00Z"'
run 0 analyze -f ndjson "$one"
checks=$((checks + 1))
[ "$(wc -l <"$tmp/out")" = 1 ] || fail 'ndjson of one file is not one line'
# ---- a report.json is a document, whichever way it comes ----
run 0 analyze --now 2026-11-23T02:30:00Z --format json "$one"
cp "$tmp/out" "$tmp/report.json"
run 0 analyze --format json "$tmp/report.json"
python3 -c 'import json, sys; a, b = (json.load(open(n)) for n in sys.argv[1:]); sys.exit(a != b)' \
	"$tmp/out" "$tmp/report.json" || fail 'a report given to analyze is another afterwards'
run 0 analyze --now 2026-11-23T02:30:00Z "$one"
cp "$tmp/out" "$tmp/page"
gzip -k "$tmp/report.json"
for way in "$tmp/report.json" "$tmp/report.json.gz"; do
	run 0 analyze "$way"
	cmp -s "$tmp/out" "$tmp/page" || fail "the page of $way is not that of its log"
done
"$oomreport" analyze - <"$tmp/report.json" | cmp -s - "$tmp/page" ||
	fail 'the page of a report on standard input is another'
checks=$((checks + 3))
# sorted, and on one line: as jq writes it, and others
python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
json.dump(d, open(sys.argv[2], "w"), sort_keys=True, indent=2)
json.dump({k: d[k] for k in sorted(d)}, open(sys.argv[3], "w"))
json.dump({k: d[k] for k in ("tool", *d)}, open(sys.argv[4], "w"))' \
	"$tmp/report.json" "$tmp/sorted.json" "$tmp/line.json" "$tmp/tool.json"
for way in sorted line tool; do
	"$oomreport" analyze "$tmp/$way.json" | cmp -s - "$tmp/page" ||
		fail "the page of a report with its keys in another order ($way) is another"
done
run 10 analyze --exit-code -q "$tmp/report.json"
for only in --all '--event 1' '--kernel 6.1' '--host h'; do
	# shellcheck disable=SC2086
	run 2 analyze $only "$tmp/report.json"
	err 'holds no log'
done
run 2 analyze --compare --format html "$one" "$one"
err 'prints text or JSON'
run 2 analyze --event 0 "$one"
err 'events are counted from 1'
run 2 analyze --kernel banana "$one"
err "'banana' is no VERSION for --kernel"

for format in text markdown html; do
	run 0 analyze --format $format "$one"
	out 'eat'
done
run 0 analyze "$one"
out 'GFP_'
out 'killed eat \(pid 110\)'
run 0 analyze --color=always "$one"
out "$(printf '\033')"
run 0 analyze --color=never "$one"
checks=$((checks + 1))
! grep -q "$(printf '\033')" "$tmp/out" || fail 'colour in spite of --color=never'
run 0 analyze --template summary "$one"
out 'eat'
echo 'order {{first_oom.trigger.order}} of {{system.kernel}}' >"$tmp/mine.txt"
run 0 analyze --template "$tmp/mine.txt" "$one"
out '^order 0 of 6\.1\.0-56-amd64$'
run 2 analyze --template no-such-template "$one"
err 'no-such-template'

# ---- which event ----
storm=$golden/storm-6.1/log
run 0 analyze --format json "$storm"
json 'd["counts"]["events"] > 10 and d["subject"] == {"index": 0, "number": 1, "chosen": False}'
run 0 analyze --format json --event 3 "$storm"
json 'd["subject"]["number"] == 3 and d["subject"]["chosen"] and d["first_oom"]["number"] == 1'
json 'd["events"][2]["verbatim"] and not d["events"][3]["verbatim"]'
json 'all(not e["key"] or not e["key"].startswith("first_oom") for f in d["diagnosis"]["findings"] for e in f["evidence"])'
run 0 analyze --format json --all "$storm"
json 'all(e["detail"] == "full" for e in d["events"])'
run 1 analyze --format json --event 999 "$storm"
err 'there is no event 999, the log has [0-9]+'
run 2 analyze --event x "$storm"
run 2 analyze --event -1 "$storm"

# ---- --exit-code ----
run 10 analyze --exit-code -q "$one"
run 11 analyze --exit-code -q "$mild"
run 0 analyze --exit-code -q "$tmp/none"
out '[Nn]o '
run 10 analyze --exit-code -f ndjson "$tmp/none" "$mild" "$one"
run 1 analyze --exit-code -f ndjson "$one" "$tmp/not-there"

# ---- several files: an array, or a line each; a bad one does not stop the others ----
run 0 analyze --format json "$one" "$mild" "$tmp/none"
json 'len(d) == 3 and d[0]["first_oom"] and d[1]["first_oom"] is None and d[2]["events"] == []'
run 1 analyze --format json "$tmp/not-there" "$one"
json 'len(d) == 1'
err '^oomreport: .*not-there: No such file or directory$'
checks=$((checks + 1))
[ "$(wc -l <"$tmp/err")" = 1 ] || fail 'more than a line of error'
run 1 analyze --format json "$tmp/not-there" "$tmp/nor-this"
json 'd == []'
run 0 analyze --format ndjson "$one" "$mild"
checks=$((checks + 1))
[ "$(wc -l <"$tmp/out")" = 2 ] || fail 'ndjson of two files is not two lines'
run 1 analyze "$tmp/not-there"
err 'No such file or directory'
quiet out

# ---- the same log in any dress says the same ----
"$oomreport" analyze --format json "$one" | python3 -c 'import json, sys
d = json.load(sys.stdin)["first_oom"]; print(json.dumps(d, sort_keys=True))' >"$tmp/want"
for tool in gzip xz zstd bzip2; do
	command -v $tool >/dev/null || continue
	$tool -c "$one" >"$tmp/log.$tool"
	run 0 analyze --format json "$tmp/log.$tool"
	json "json.dumps(d['first_oom'], sort_keys=True) + '\n' == open('$tmp/want').read()"
	status=0
	"$oomreport" analyze --format json - <"$tmp/log.$tool" >"$tmp/out" || status=$?
	checks=$((checks + 1))
	[ $status = 0 ] || fail "- with $tool: status $status"
	json 'd["source"]["kind"] == "stdin" and d["counts"]["oom_events"] == 1'
done
head -c 3000 "$tmp/log.gzip" >"$tmp/cut.gz"
run 1 analyze --format json "$tmp/cut.gz"
err 'cut\.gz'

# ---- an old kernel's number is read by the old kernel's table ----
printf '%s\n' 'tail invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0' \
	'Killed process 7 (tail) total-vm:1kB, anon-rss:1kB, file-rss:0kB' >"$tmp/old"
run 0 analyze --format json --kernel 3.10.0 "$tmp/old"
json '"GFP_HIGHUSER_MOVABLE" in d["first_oom"]["trigger"]["gfp_flags"]'
json 'd["first_oom"]["trigger"]["gfp_flags_source"] == "decoded"'
json 'd["first_oom"]["trigger"]["gfp_guessed"] is False and d["system"]["kernel"] == "3.10.0"'

# ---- a bundle: the report it was saved with, or its log again ----
run 0 collect -q --no-interview --log "$one" -o "$tmp/b.tar.zst"
run 0 analyze --format json "$tmp/b.tar.zst"
json 'd["collection"] and d["first_oom"]["trigger"]["order"] == 0'
run 0 analyze --format json --all "$tmp/b.tar.zst"
json 'd["collection"] is None and d["first_oom"]["trigger"]["order"] == 0'
run 0 analyze "$tmp/b.tar.zst"
out 'eat'
run 10 analyze --exit-code "$tmp/b.tar.zst"
head -c 15000 "$tmp/b.tar.zst" >"$tmp/cut.tar.zst" # an upload that broke off is no machine without events
run 1 analyze --exit-code "$tmp/cut.tar.zst"
err 'cut\.tar\.zst: (the archive is damaged|cannot unpack): '
quiet out
run 1 triage "$tmp/cut.tar.zst"
out '^unreadable: .*cut\.tar\.zst: '
run 0 collect -q --no-interview --log "$one" --format dir -o "$tmp/dir"
run 0 analyze --format json "$tmp/dir"
json 'd["first_oom"]["trigger"]["order"] == 0'
finish
