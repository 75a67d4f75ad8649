#!/bin/sh
# Every shipped template over a golden log of each kind; then what each promises: the summary's content,
# 72 columns, 65535 characters, one screen, no control bytes; a user's own; a saved report.
# SPDX-License-Identifier: MIT
set -eu
build=${OOMREPORT_BUILD:-build/dev}
oomreport=$build/oomreport
render=$build/tests/render_case
tmp=$(mktemp -d "${TMPDIR:-/tmp}/templates.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
fail() { echo "templates.sh: $*" >&2; exit 1; }
has() { grep -qF -- "$2" "$1" || { cat "$1"; fail "not in it: $2"; }; }
lacks() { if grep -qF -- "$2" "$1"; then cat "$1"; fail "must not be in it: $2"; fi; }
esc=$(printf '\033')

# of each kind of event one kernel's log
for log in tests/golden/*-6.12/log tests/golden/swap-full-6.1/log tests/golden/memcg-v2-6.1/log \
	tests/golden/frag-failure-6.1/log; do
	case=$(basename "$(dirname "$log")")
	"$oomreport" analyze --format json "$log" >"$tmp/$case.json"
	for t in summary summary.de summary.ja bugzilla mail markdown html oneliner; do
		"$render" $t <"$tmp/$case.json" >"$tmp/$case.$t" || fail "$case $t"
		[ -s "$tmp/$case.$t" ] || fail "$case $t is empty"
	done
	sed '/VERBATIM/,$d' "$tmp/$case.mail" | awk -v c="$case" '
		length($0) > 72 { print c ": " $0; bad = 1 } END { exit bad }' ||
		fail "mail is wider than 72"
	[ "$(wc -l <"$tmp/$case.oneliner")" = 1 ] || fail "$case: not one line"
	"$render" text width 80 <"$tmp/$case.json" >"$tmp/text80"
	[ "$(wc -l <"$tmp/text80")" -le 64 ] || fail "$case: more than a screen"
	awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$tmp/text80" ||
		fail "$case: text is wider than 80"
done

# summary.txt: facts, arithmetic, then the whole first OOM as it came
s=$tmp/swap-full-6.1.summary
for words in 'OOM kill (the whole machine)' '6.1.0-56-amd64' 'order     0, 4 KiB' \
	'GFP_HIGHUSER_MOVABLE' 'Free pages' 'Free swap   0 kB of ' 'short by' ' <= min ' \
	'<- killed' 'FINDINGS' 'IN THIS LOG' 'NOT KNOWN' 'THE FIRST OOM, VERBATIM'; do
	has "$s" "$words"
done
python3 - "$tmp/swap-full-6.1.json" "$s" <<'END'
import json, sys
want = json.load(open(sys.argv[1]))["first_oom"]["verbatim"]
assert len(want.split("\n")) > 40
assert want in open(sys.argv[2]).read(), "the first OOM is not there verbatim"
END
has "$tmp/memcg-v2-6.1.summary" 'one memory cgroup'
has "$tmp/memcg-v2-6.1.summary" '20480     20480'
has "$tmp/frag-failure-6.1.summary" 'not an OOM kill'
has "$tmp/frag-failure-6.1.summary" 'FREE BLOCKS'

# the translated ones: a sentence of their own for the cause, their own headings, the log verbatim
has "$tmp/swap-full-6.1.summary.de" 'Die Programme brauchten mehr Speicher, als vorhanden ist.'
has "$tmp/swap-full-6.1.summary.de" 'freier Swap            0 KiB von 64 MiB'
has "$tmp/swap-full-6.1.summary.de" ' kB, Swap 65532 kB'
has "$tmp/swap-full-6.1.summary.ja" '日時              起動から '
has "$tmp/memcg-v2-6.1.summary.de" 'Grenze keine'
has "$tmp/memcg-v2-6.1.summary.ja" 'cgroup /oomtest のメモリ使用量が上限に達しました。'
has "$tmp/frag-failure-6.1.summary.de" 'Das ist kein Aufruf des OOM-Killers'
has "$tmp/frag-failure-6.1.summary.ja" 'これは OOM Killer の呼び出しではなく'
for t in de ja; do
	has "$tmp/swap-full-6.1.summary.$t" 'Out of memory: Killed process 112 (eat)'
	grep -o '{{#view.is.[a-z-]*' templates/cause.$t.txt | sed 's/.*is\.//' | sort >"$tmp/ids.$t"
done
cmp "$tmp/ids.de" "$tmp/ids.ja" || fail "cause.de.txt and cause.ja.txt know different causes"
while read -r id; do
	grep -rqF "\"$id\"" collector/diagnose || fail "cause.de.txt: no rule is called $id"
done <"$tmp/ids.de"

# Bugzilla's limit: cut by structure, said so, head and verdict are there
python3 tests/report/documents.py "$oomreport" "$tmp"
"$render" bugzilla <"$tmp/many.json" >"$tmp/bug"
[ "$(wc -m <"$tmp/bug")" -le 65535 ] || fail "bugzilla: $(wc -m <"$tmp/bug") characters"
[ "$(wc -m <"$tmp/bug")" -ge 50000 ] || fail "bugzilla: more is cut than must be"
has "$tmp/bug" 'smaller rows of the task table left out'
has "$tmp/bug" 'lines are left out below where it says so'
has "$tmp/bug" 'invoked oom-killer'
has "$tmp/bug" 'Out of memory: Killed process'
"$render" summary <"$tmp/many.json" >"$tmp/whole"
lacks "$tmp/whole" 'left out ...]'

# hostile text: nothing drives the terminal, markdown stays text
for t in text summary mail bugzilla oneliner markdown; do
	"$render" $t all <"$tmp/hostile.json" >"$tmp/evil.$t"
	lacks "$tmp/evil.$t" "$esc"
	has "$tmp/evil.$t" '\x1b[2J'
done
lacks "$tmp/evil.markdown" '**<script>'
"$render" text color <"$tmp/hostile.json" >"$tmp/evil"
has "$tmp/evil" "${esc}[1m"
lacks "$tmp/evil" "${esc}[2J"

# a user's own template, its partial beside it; errors say where
mkdir "$tmp/own"
printf 'kernel {{system.kernel}}\n  {{>part}}\n' >"$tmp/own/mine.txt"
printf 'order {{first_oom.trigger.order}}\n{{view.victims.0.name}}\n' >"$tmp/own/part.txt"
log=tests/golden/global-anon-6.12/log
"$oomreport" analyze --template "$tmp/own/mine.txt" $log >"$tmp/out"
printf 'kernel 6.12.117+deb12-amd64\n  order 0\n  eat\n' | cmp - "$tmp/out"
bad() {
	printf "$1" >"$tmp/own/bad.txt"
	if "$oomreport" analyze --template "$tmp/own/bad.txt" $log >"$tmp/out" 2>"$tmp/err"; then
		fail "no error for $1"
	fi
	[ ! -s "$tmp/out" ] || fail "half a page for $1"
	[ "$(wc -l <"$tmp/err")" -le 2 ] || fail "a long error"
	has "$tmp/err" "$2"
}
bad 'a\n{{#x}}\nb' "template 'bad.txt', line 2: there is no end of section 'x'"
bad '{{/x}}' "line 1: there is no open section to close with 'x'"
bad '\n\n{{>gone}}' "template 'bad.txt', line 3: there is no partial 'gone'"
bad '{{>bad}}' 'deep'
if "$oomreport" analyze --template nonesuch $log 2>"$tmp/err"; then fail "nonesuch"; fi
has "$tmp/err" "there is no template 'nonesuch'"
has "$tmp/err" 'one of: summary, '
has "$tmp/err" ', summary.ja'

# a saved report gives the same pages as at collection
"$oomreport" collect --quiet --no-interview --log $log --root "$tmp/own" --format dir \
	-o "$tmp/bundle" >/dev/null
has "$tmp/bundle/summary.txt" 'THE FIRST OOM, VERBATIM'
"$oomreport" analyze --format html "$tmp/bundle" | cmp - "$tmp/bundle/report.html"
"$oomreport" analyze --template summary "$tmp/bundle" | cmp - "$tmp/bundle/summary.txt" ||
	"$oomreport" analyze --template mail "$tmp/bundle" | cmp - "$tmp/bundle/summary.txt"
echo "every template over $(ls "$tmp"/*.summary | wc -l) logs"
