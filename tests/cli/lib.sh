# SPDX-License-Identifier: MIT
# Sourced by the command line tests: run the program, compare status and words.
oomreport=$(realpath "${OOMREPORT_BUILD:-build/dev}/oomreport")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cli.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
checks=0 failures=0
export LC_ALL=C.UTF-8 TZ=UTC

fail() {
	failures=$((failures + 1))
	printf '%s\n' "FAILED: $*" >&2
	sed 's/^/    out: /' "$tmp/out" | head -20 >&2
	sed 's/^/    err: /' "$tmp/err" | head -20 >&2
}

# run STATUS ARGS...: the program ends with that status.
run() {
	want=$1
	shift
	called=$*
	checks=$((checks + 1))
	status=0
	"$oomreport" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" = "$want" ] || fail "oomreport $called: status $status, not $want"
}

# out PATTERN, err PATTERN: a line of standard output or error matches (grep -E).
out() {
	checks=$((checks + 1))
	grep -qE -- "$1" "$tmp/out" || fail "oomreport $called: no '$1' on standard output"
}
err() {
	checks=$((checks + 1))
	grep -qE -- "$1" "$tmp/err" || fail "oomreport $called: no '$1' on standard error"
}
# quiet STREAM: nothing was printed there.
quiet() {
	checks=$((checks + 1))
	[ ! -s "$tmp/$1" ] || fail "oomreport $called: something on $1"
}
# json EXPRESSION: python, "d" is the document on standard output; must be true.
json() {
	checks=$((checks + 1))
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$tmp/out" "$1" || fail "oomreport $called: not so: $1"
}

finish() {
	echo "$checks checks, $failures failed"
	[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
}
