#!/bin/bash
# recorder-run, which does without systemd what the units do with it: it records, starts a killed
# recorder again, collects once for a marker, and ends with its recorder when it is told to.
# SPDX-License-Identifier: MIT
set -u
. tests/checks.sh
build=$(cd "${OOMREPORT_BUILD:-build/dev}" && pwd) || exit 1
tmp=$(mktemp -d /var/tmp/oomreport-run.XXXXXX) || skip "no directory in /var/tmp"
run=
trap '[ -z "$run" ] || kill $run 2>/dev/null; rm -rf "$tmp"' EXIT
# shellcheck disable=SC2010 # names of ours
reports() { ls "$tmp/reports" 2>/dev/null | grep -c '^oomreport-.*\.tar\.zst$'; }
# the recorder has the ring file open
recorder() { for p in /proc/[0-9]*; do
	[ "$(readlink "$p/exe")" = "$build/oomreport-recorder" ] && readlink "$p"/fd/* 2>/dev/null | grep -q "^$tmp/vmlog/ring" &&
		echo "${p#/proc/}" && return
done 2>/dev/null; return 1; }
recorder_other_than() { now=$(recorder) && [ "$now" != "$1" ]; }
no_recorder() { ! recorder >/dev/null; }
reports_are() { [ "$(reports)" = "$1" ]; }

start() {
	$sh packaging/recorder-run -d "$tmp/vmlog" -r "$tmp/reports" -c "$build/oomreport" -i 1 -- \
		--max-size 4M --interval 100ms >"$tmp/stdout" 2>"$tmp/stderr" &
	run=$!
}
stop() {
	kill $run
	check "$sh: it ends in time" wait_for 10 sh -c "! kill -0 $run 2>/dev/null"
	wait $run
	check "$sh: in peace" test $? -eq 0
	check "$sh: with its recorder" wait_for 5 no_recorder
	run=
}

for sh in dash "busybox sh"; do
	command -v ${sh%% *} >/dev/null || continue
	rm -rf "$tmp/vmlog" "$tmp/reports"
	start
	check "$sh: it records" wait_for 20 test -s "$tmp/vmlog/ring.vmlog"
	check "$sh: the recorder is there" wait_for 10 recorder >/dev/null
	old=$(recorder)
	kill -9 "$old"
	check "$sh: killed, it comes back" wait_for 10 recorder_other_than "$old"
	check "$sh: without an OOM no report" reports_are 0
	echo "oom at 2026-11-23T02:30:00Z kills 2 until @1795401000" >"$tmp/vmlog/oom-marker"
	check "$sh: a marker is collected" wait_for 120 reports_are 1
	sleep 3
	check "$sh: once" reports_are 1
	stop
	start
	sleep 3
	check "$sh: not again after a new start" reports_are 1
	stop
	# left by an OOM in which nothing else got to run
	echo "oom at 2026-11-23T02:31:00Z kills 1 until @1795401060" >"$tmp/vmlog/oom-marker"
	start
	check "$sh: one that was left is collected" wait_for 120 reports_are 2
	stop
	for report in "$tmp"/reports/*.tar.zst; do
		check "$sh: a sound report" sh -c "'$build/oomreport' verify '$report' | grep -q ': sound'"
		check "$sh: nobody else's" test "$(stat -c %a "$report")" = 600
	done
	[ ! -s "$tmp/stderr" ] || cat "$tmp/stderr"
done
sh packaging/recorder-run -x >/dev/null 2>"$tmp/usage"
check "a wrong option is usage" test $? -eq 2
check "which is shown" grep -q '^ *recorder-run \[-d DIR\]' "$tmp/usage"
done_testing
