#!/bin/bash
# SPDX-License-Identifier: MIT
# A hole in a library, played by tests/cli/mole.c inside the commands that read strangers' data:
# no socket, nothing made, changed or removed; what reading needs still works. Once more without
# Landlock and without seccomp (strace makes the kernel an older one): the other one stands
# alone and --verbose says so.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

mole=$(realpath "${OOMREPORT_BUILD:-build/dev}/tests/mole.so")
dug=$(realpath "${OOMREPORT_BUILD:-build/dev}")/mole.$$ # not below /tmp: there unnamed files are allowed
trap 'rm -rf "$tmp" "$dug"' EXIT
export MOLE_DIR=$dug
options=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
log=tests/golden/swap-full-6.12/log
gzip -c $log >"$tmp/log.gz"

reset() {
	rm -rf "$dug"
	mkdir -p "$dug/folder"
	echo precious >"$dug/there"
}

# holds WHO: what the mole printed is what it should; nothing happened to its folder.
holds() {
	checks=$((checks + 3))
	grep -q '^mole: create: no$' "$tmp/err" || fail "$called: no mole in the $1"
	done=$(grep '^mole: .*: DONE' "$tmp/err" | grep -v '^mole: may ')
	[ -z "$done" ] || fail "$called: $done"
	left=$(cd "$dug" && find . | sort | tr '\n' ' ')$(cat "$dug/there" 2>&1)$(stat -c %a "$dug/there")
	[ "$left" = '. ./folder ./there precious644' ] || fail "$called: left is '$left'"
	for may in $(sed -n 's/^mole: may \(.*\): no$/\1/p' "$tmp/err" | tr ' ' _); do
		fail "$called: may no longer $may"
	done
}

# dig WHO COMMAND...: the program with the mole in it ends as without it.
dig() {
	who=$1
	shift
	reset
	called="$*"
	MOLE_IN=$who LD_PRELOAD=$mole ASAN_OPTIONS=$options "$oomreport" "$@" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	checks=$((checks + 1))
	[ $status -eq 0 ] || fail "$called: status $status"
	holds "$who"
}

umask 022
"$oomreport" collect --log $log --no-interview -q -o "$tmp/bundle.tar.gz" >/dev/null 2>&1 ||
	fail "no bundle to look at"
dig reader analyze "$tmp/log.gz"
out 'killed'
dig reader analyze --format json "$tmp/bundle.tar.gz"
json 'd["first_oom"]["fatal"]'
dig reader verify "$tmp/bundle.tar.gz"
out 'sound'
dig reader triage --jobs 2 "$tmp/log.gz" "$tmp/bundle.tar.gz"
mkdir "$tmp/state"
dig keeper triage --since "$tmp/state/s.sqlite" "$tmp/log.gz"
checks=$((checks + 1))
[ -s "$tmp/state/s.sqlite" ] || fail "triage --since kept nothing"

# the fences say what they are
run 0 analyze -v "$tmp/log.gz"
err 'sandbox: system calls (not )?fenced, files (not )?fenced'
grep -q 'calls fenced, files fenced' "$tmp/err" || echo "this kernel: $(grep sandbox: "$tmp/err")"

# older KERNEL ARGS...: strace refuses the calls that this kernel would not have.
older() {
	what=$1
	shift
	reset
	called="without $what: $*"
	MOLE_IN=reader ASAN_OPTIONS=$options:detect_leaks=0 strace -f -qq -o "$tmp/strace" \
		-e trace="${what%%:*}" -e inject="$what" -E LD_PRELOAD="$mole" "$oomreport" "$@" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
}
if command -v strace >/dev/null; then
	older landlock_create_ruleset:error=ENOSYS analyze -v "$tmp/log.gz"
	err 'system calls fenced, files not fenced'
	holds reader
	out 'killed'
	older prctl:error=EINVAL analyze -v "$tmp/log.gz"
	err 'sandbox: system calls not fenced'
	out 'killed'
else
	echo "no strace: the older kernels were not played"
fi
finish
