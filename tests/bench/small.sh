#!/bin/sh
# The benchmark's own logs, small: does it work, and is every event found, in every packing?
set -u
main=$OOMREPORT_BUILD/oomreport
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
counts() { # FILE
	"$main" analyze --format json "$1" >"$tmp/json" || return
	sed -n '/"counts"/,/}/p' "$tmp/json" | tr -d ' ",' |
		sed -n 's/^\(oom_events\|alloc_failures\):/\1=/p' | tr '\n' ' '
}
check() { # NAME FILE TRUTH
	got=$(counts "$2")
	want=$(sed 's/\(oom_events=[0-9]* alloc_failures=[0-9]* \).*/\1/' "$3")
	[ "$got" = "$want" ] || { echo "$1: found $got, written $want"; bad=1; }
}
"$OOMREPORT_BUILD/tests/genlog" 8 40 8 1 tests/golden >"$tmp/sparse" 2>"$tmp/sparse.truth" || exit 1
"$OOMREPORT_BUILD/tests/genlog" 2 -1 0 3 tests/golden >"$tmp/dense" 2>"$tmp/dense.truth" || exit 1
# the same arguments, the same bytes
"$OOMREPORT_BUILD/tests/genlog" 2 -1 0 3 tests/golden 2>/dev/null | cmp -s - "$tmp/dense" ||
	{ echo "genlog is not deterministic"; bad=1; }
for log in sparse dense; do
	check "$log" "$tmp/$log" "$tmp/$log.truth"
	for tool in gzip zstd xz; do
		"$tool" -q -1 -c "$tmp/$log" >"$tmp/packed"
		check "$log, $tool" "$tmp/packed" "$tmp/$log.truth"
	done
done
printf 'cat\t8\tcat %s\nlines\t8\t%s %s\n' "$tmp/sparse" "$OOMREPORT_BUILD/tests/lines" "$tmp/sparse" |
	"$OOMREPORT_BUILD/tests/cputime" 1 || bad=1
[ "$("$OOMREPORT_BUILD/tests/lines" "$tmp/sparse")" = "$(wc -l <"$tmp/sparse")" ] ||
	{ echo "lines counts wrong"; bad=1; }
exit $bad
