#!/bin/sh
# README.md against the program: its example is what the program prints, its commands and rooms
# are all there. --accept writes the example anew.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."
oomreport=${OOMREPORT_BUILD:-build/dev}/oomreport
tmp=$(mktemp -d "${TMPDIR:-/tmp}/readme.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
log=tests/golden/swap-full-6.12/log
failures=0
no() { echo "NOT SO: $*"; failures=$((failures + 1)); }

{
	printf '    $ oomreport analyze %s\n' "$log"
	"$oomreport" analyze --now 2026-11-23T02:30:00Z "$log" | sed 's/^\(.\)/    \1/'
} >"$tmp/want"
if [ "${1-}" = --accept ]; then
	awk -v example="$tmp/want" '
		/^<!-- example: end/ { inside = 0 }
		!inside { print }
		/^<!-- example: begin/ { inside = 1; while ((getline line < example) > 0) print line }
	' README.md >"$tmp/README.md"
	cat "$tmp/README.md" >README.md
fi
sed -n '/^<!-- example: begin/,/^<!-- example: end/{/^<!--/!p}' README.md >"$tmp/got"
diff -u "$tmp/got" "$tmp/want" >"$tmp/diff" || {
	no 'the example is not what the program prints (tests/cli/test_readme.sh --accept):'
	head -30 "$tmp/diff"
}
[ "$(wc -l <"$tmp/got")" -gt 20 ] || no 'there is no example'

# the commands of README and of the program are the same ones
"$oomreport" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort >"$tmp/there"
sed -n 's/^    oomreport \([a-z]*\)  .*/\1/p' README.md | sort -u >"$tmp/told"
diff "$tmp/told" "$tmp/there" >"$tmp/diff" || { no 'commands differ:'; cat "$tmp/diff"; }
for room in collector/*/; do
	room=$(basename "$room")
	grep -q "^| \`$room/\` |" README.md || no "the map has no room $room"
done
for path in $(grep -oE '`(collector|tests|templates|schema|packaging)/[a-zA-Z0-9_./-]*`' README.md | tr -d '`'); do
	case $path in *NAME*) continue ;; esac
	[ -e "$path" ] || no "README speaks of $path, which is not there"
done
echo "README: $failures failures"
[ "$failures" -eq 0 ]
