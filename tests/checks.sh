# What shell tests (bash) share: a line for each thing that is not so, waiting, the closing line.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
failures=0 checks=0

# check WHAT COMMAND...
check() {
	local what=$1
	shift
	checks=$((checks + 1))
	"$@" || no "$what: $*"
}
# same WHAT GOT WANT
same() { checks=$((checks + 1)); [ "$2" = "$3" ] || no "$1 is '$2', not '$3'"; }
no() { echo "NOT SO: $*"; failures=$((failures + 1)); }
skip() { echo "skipped: $*"; exit 77; }
# wait_for SECONDS COMMAND...: until it is true
wait_for() {
	local n=$(($1 * 20))
	shift
	while [ $n -gt 0 ]; do "$@" && return 0; n=$((n - 1)); sleep 0.05; done
	return 1
}
# done_testing: the exit status; a test that checked nothing has not passed
done_testing() {
	echo "$checks checks, $failures failed"
	[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
	exit
}
