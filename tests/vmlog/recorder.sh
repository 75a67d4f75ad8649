#!/bin/bash
# The shipped recorder at work: quiet in memory, small, alive after kill -9, honest about what
# is missing. Prints what it measured.
# SPDX-License-Identifier: MIT
. tests/checks.sh
build=${OOMREPORT_BUILD:-build/dev}
build=$(cd "$build" && pwd) || exit 1
recorder=$build/oomreport-recorder tool=$build/oomreport
tmp=$(mktemp -d /var/tmp/oomreport-recorder.XXXXXX) || skip "no directory in /var/tmp"
pids=
trap 'for p in $pids; do kill -9 $p 2>/dev/null; done; rm -rf "$tmp"' EXIT
start() { # ARGS: the recorder in the background, its pid in $pid
	"$recorder" "$@" 2>>"$tmp/stderr" &
	pid=$!
	pids="$pids $pid"
}
text() { "$tool" record --export "$1" >"$tmp/text" && grep -c '^====' "$tmp/text"; }
own() { sed -n "s/^$1 //p" "$tmp/text"; } # the recorder's own numbers, in order
recording() { [ -s "$1/ring.vmlog" ]; }
# How many samples a second there are is the machine's business; these ask until there are N.
has_samples() { recording "$1" && [ "$(text "$1")" -ge "$2" ]; }

# refused STATUS WORDS COMMAND...: that status, one line (and a hint at most) with these words
refused() {
	local want=$1 words=$2 got
	shift 2
	timeout 20 "$@" >"$tmp/out" 2>"$tmp/why"
	got=$?
	same "the status of $*" $got "$want"
	check "$* tells" grep -qF -- "$words" "$tmp/why"
	check "$* tells it shortly" test "$(wc -l <"$tmp/why")" -le 2
	check "$* prints nothing" test ! -s "$tmp/out"
}

# ---- quiet: between the third and the last sample no fault, no new memory, no new file ----
quiet() {
	local before after
	start -o "$tmp/quiet" --interval 10ms --fixed --max-size 8M --class slabinfo=fast \
		--class zoneinfo=fast --class stat=fast --medium 300ms --slow 500ms
	sleep 1
	before=$(cat /proc/$pid/maps)
	locked=$(sed -n 's/^VmLck:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status)
	if command -v strace >/dev/null && [ "$(id -u)" = 0 ]; then
		# the sampling thread is the first one
		timeout 1 strace -o "$tmp/strace" -p $pid >/dev/null 2>&1
		check "strace saw it" grep -q pread64 "$tmp/strace"
		check "only reads, sleeps and clocks" test -z "$(sed 's/(.*//' "$tmp/strace" | sort -u |
			grep -vE '^(pread64|ppoll|read|write|getrusage|clock_gettime|gettimeofday|restart_syscall|strace.*|---.*)$')"
	else
		sleep 1
	fi
	# what moves other programs' pages must not move ours
	for i in 1 2 3; do echo 1 2>/dev/null >/proc/sys/vm/compact_memory; done
	check "samples" wait_for 60 has_samples "$tmp/quiet" 100
	after=$(cat /proc/$pid/maps)
	check "the same memory map" test "$before" = "$after"
	kill $pid
	wait $pid
	check "it ends well" test $? -eq 0
	n=$(text "$tmp/quiet")
	! grep -q '^memory locked: yes' "$tmp/text" ||
		check "its pages stay where they are" grep -q '^memory pinned: yes' "$tmp/text"
	check "minor faults after the third sample" test "$(own minor_faults | sed -n 3p)" = "$(own minor_faults | tail -n 1)"
	check "major faults after the third sample" test "$(own major_faults | sed -n 3p)" = "$(own major_faults | tail -n 1)"
	check "none lost" test "$(own lost | tail -n 1)" = 0
	echo "R1: $(own cpu_us | awk -v n="$n" '{ c = $1 } NR == 3 { a = c } END { printf "%.0f us CPU a sample, with slabinfo, zoneinfo and stat in each", (c - a) / (n - 3) }') (goal 1300)"
	[ "$(ulimit -l)" != unlimited ] && [ "$(id -u)" != 0 ] ||
		check "R4: locked memory, $locked kB" test "$locked" -le 4096
	echo "R4: $locked kB locked"
}

cheap() {
	start -o "$tmp/cheap" --interval 100ms --fixed --max-size 8M --class zoneinfo=fast --class stat=fast --duration 3s
	wait $pid
	n=$(text "$tmp/cheap")
	echo "R1: $(own cpu_us | awk -v n="$n" '{ c = $1 } NR == 3 { a = c } END { printf "%.0f us CPU a sample of the cheap files at 10 Hz", (c - a) / (n - 3) }') (goal 250)"
}

# ---- small: bytes of a sample with slabinfo, from the frames' own lengths ----
small() {
	start -o "$tmp/small" --interval 200ms --fixed --max-size 8M --class slabinfo=fast --class zoneinfo=fast --class stat=fast --duration 6s
	# something for the numbers to do
	(cd "$tmp" && for i in $(seq 45); do cp -r /etc/alternatives a$i 2>/dev/null; rm -rf a$i; sleep 0.1; done)
	wait $pid
	n=$(text "$tmp/small")
	used=$("$build/tests/storm_report" --bytes "$tmp/small")
	key=$("$build/tests/storm_report" --key "$tmp/small")
	block=131072
	# a block is one key frame and then others until it is full
	each=$(((used - key) / n * block / (block - key)))
	# how many numbers move is the machine's business: 450 at a load of 10, 560 with 24 processes
	# that copy files all the time
	load=$(sed 's/[. ].*//' /proc/loadavg)
	goal=512
	[ "$load" -le 10 ] || goal=640
	check "R2: $each bytes a sample with slabinfo, at a load of $load" test $each -le $goal
	echo "R2: $each bytes a sample with slabinfo, in it the block's key frame of $key (goal 512)"
}

# ---- kill -9, and a second recorder ----
killed() {
	start -o "$tmp/killed" --interval 20ms --fixed --max-size 4M
	check "samples before kill -9" wait_for 60 has_samples "$tmp/killed" 30
	check "a second recorder is refused" sh -c "! '$recorder' -o '$tmp/killed' --duration 1s 2>/dev/null"
	kill -9 $pid
	wait $pid 2>/dev/null
	n=$(text "$tmp/killed")
	check "they are there after it" test "$n" -ge 30
	# it goes on where it was; what was there stays
	"$recorder" -o "$tmp/killed" --interval 20ms --max-size 4M --duration 500ms
	check "both runs are there" test "$(text "$tmp/killed")" -gt "$n"
	cp "$tmp/killed/ring.vmlog" "$tmp/copy"
	for cut in 8200 9000 20000 30000; do # a power cut that lost the rest
		head -c $cut "$tmp/copy" >"$tmp/torn"
		"$tool" record --export "$tmp/torn" >/dev/null 2>&1
		check "no crash on a torn file" test $? -le 1
	done
}

# ---- where it may write ----
places() {
	if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
		check "tmpfs is refused" sh -c "! '$recorder' -o /dev/shm/oomreport.$$ --duration 100ms 2>'$tmp/why'"
		check "and said why" grep -q tmpfs "$tmp/why"
		check "and left nothing" test ! -e /dev/shm/oomreport.$$
		check "unless told" "$recorder" -o /dev/shm/oomreport.$$ --duration 100ms --max-size 1M --allow-tmpfs
		rm -rf "/dev/shm/oomreport.$$"
	fi
	# a limit on the file's size is a full disk
	(trap '' XFSZ; ulimit -f 1000; "$recorder" -o "$tmp/full" --max-size 8M --duration 100ms 2>"$tmp/why")
	check "a full disk is refused" test $? -eq 1
	check "with the way out" grep -q max-size "$tmp/why"
	check "and nothing half-made stays" test -z "$(ls "$tmp/full")"
}

# ---- a kernel of 2013, and an OOM that only the counter tells ----
old_kernel() {
	local root=$tmp/root310
	mkdir -p "$root/proc/sys/fs" "$root/proc/net" "$root/proc/sys/kernel/random" "$root/proc/7"
	printf 'MemTotal:       1000000 kB\nMemFree:         500000 kB\nBuffers:           1000 kB\nCached:          100000 kB\nAnonPages:       200000 kB\nSlab:             30000 kB\n' >"$root/proc/meminfo"
	printf 'nr_free_pages 125000\npgscan_kswapd_dma 0\npgscan_kswapd_normal 5\nallocstall 3\noom_kill 0\n' >"$root/proc/vmstat"
	printf 'Node 0, zone      DMA      1      1      0 \n' >"$root/proc/buddyinfo"
	printf '0.10 0.20 0.30 1/99 1234\n' >"$root/proc/loadavg"
	printf 'Linux version 3.10.0-1160.el7.x86_64\n' >"$root/proc/version"
	printf '5000 1000 300 1 0 4000 0\n' >"$root/proc/7/statm"
	printf '7 (a) b) S 1 7 7 0\n' >"$root/proc/7/stat"
	printf '100\n' >"$root/proc/7/oom_score_adj"
	start -o "$tmp/old" --root "$root" --interval 500ms --medium 500ms --settle 500ms --max-size 4M --no-realtime
	wait_for 5 recording "$tmp/old"
	sleep 1.2
	check "no marker yet" test ! -e "$tmp/old/oom-marker"
	# in place: the recorder keeps its files open
	printf 'nr_free_pages 125000\npgscan_kswapd_dma 0\npgscan_kswapd_normal 5\nallocstall 3\noom_kill 2\n' 1<>"$root/proc/vmstat"
	check "the marker after the storm" wait_for 14 test -s "$tmp/old/oom-marker"
	kill $pid
	wait $pid
	text "$tmp/old" >/dev/null
	check "it says what is missing" grep -q '^missing: /proc/pressure/memory: No such file' "$tmp/text"
	check "the kernel log too" grep -q '^missing: /dev/kmsg' "$tmp/text"
	check "what there is" grep -q '^pgscan_kswapd_normal 5' "$tmp/text"
	check "the consumer, by name" grep -q ' 7 100 a) b$' "$tmp/text"
	check "the OOM" grep -q 'oom_kill has risen' "$tmp/text"
	check "the marker tells" grep -q 'kills 2' "$tmp/old/oom-marker"
	# 500 ms apart but for the ones around the OOM
	n=$("$tool" record --export "$tmp/old" --format csv |
		awk -F, 'NR > 2 && $2 - last < 0.1 { n++ } { last = $2 } END { print n + 0 }')
	check "10 ms apart around it, or what the machine gives ($n)" test "$n" -ge 10
	"$recorder" -o "$tmp/none" --root "$tmp" 2>"$tmp/why"
	check "nothing to record is an error" grep -q 'nothing to record' "$tmp/why"
}

# ---- a file that outgrows its buffer: cut, said so, and soon whole again ----
growth() {
	local root=$tmp/rootgrow
	mkdir -p "$root/proc"
	printf 'MemTotal:       1000000 kB\nMemFree:         500000 kB\nMemAvailable:    900000 kB\n' >"$root/proc/meminfo"
	start -o "$tmp/grow" --root "$root" --interval 100ms --slow 300ms --fixed --max-size 4M --no-realtime
	wait_for 5 recording "$tmp/grow"
	sleep 0.5
	{ printf 'MemTotal:       1000000 kB\nMemFree:         500000 kB\nMemAvailable:    900000 kB\n'
	for i in $(seq 100); do printf 'More%d:          %6d kB\n' $i $i; done; } 1<>"$root/proc/meminfo"
	sleep 2
	kill $pid
	wait $pid
	text "$tmp/grow" >/dev/null
	check "a cut is told" grep -q '^---- meminfo (cut)' "$tmp/text"
	check "and mended" test "$(grep -c '^More100:' "$tmp/text")" -gt 2
	check "the last one is whole" test "$(grep '^---- meminfo' "$tmp/text" | tail -n 1)" = "---- meminfo"
}

# ---- without privilege ----
unprivileged() {
	local as=
	mkdir "$tmp/user"
	if [ "$(id -u)" = 0 ]; then
		command -v setpriv >/dev/null || return
		chown 65534:65534 "$tmp/user"
		chmod 755 "$tmp"
		cp "$recorder" "$tmp/recorder-copy"
		as="setpriv --reuid 65534 --regid 65534 --clear-groups"
		$as "$tmp/recorder-copy" -o "$tmp/user/log" --interval 50ms --duration 1s --max-size 4M
	else
		"$recorder" -o "$tmp/user/log" --interval 50ms --duration 1s --max-size 4M
	fi
	check "it records without root" test $? -eq 0
	text "$tmp/user/log" >/dev/null
	check "meminfo is there" grep -q '^MemTotal:' "$tmp/text"
	if [ -n "$as" ]; then
		mkdir -m 700 "$tmp/roots"
		refused 1 "use sudo" $as "$tmp/recorder-copy" -o "$tmp/roots"
		refused 1 "use sudo" $as "$tmp/recorder-copy" -o "$tmp/roots/log"
	fi
	check "slabinfo is said to be missing" grep -q '^missing: /proc/slabinfo: Permission denied' "$tmp/text"
}

# ---- a real OOM, in a memory cgroup: heard from the kernel log ----
real_oom() {
	local group=
	[ "$(id -u)" = 0 ] && [ -r /dev/kmsg ] || { echo "no real OOM: needs root and /dev/kmsg"; return; }
	if mkdir "/sys/fs/cgroup/memory/oomreport-test-$$" 2>/dev/null; then
		group=/sys/fs/cgroup/memory/oomreport-test-$$
		echo 20M >"$group/memory.limit_in_bytes" 2>/dev/null || { rmdir "$group"; group=; }
	elif mkdir "/sys/fs/cgroup/oomreport-test-$$" 2>/dev/null; then
		group=/sys/fs/cgroup/oomreport-test-$$
		echo 20M >"$group/memory.max" 2>/dev/null || { rmdir "$group"; group=; }
	fi
	[ -n "$group" ] || { echo "no real OOM: no memory cgroup can be made"; return; }
	start -o "$tmp/oom" --interval 1s --settle 1s --max-size 4M
	wait_for 5 recording "$tmp/oom"
	sleep 0.5
	sh -c "echo \$\$ >'$group/cgroup.procs' && exec tail /dev/zero" 2>/dev/null
	check "the marker of a real OOM" wait_for 15 test -s "$tmp/oom/oom-marker"
	kill $pid
	wait $pid
	text "$tmp/oom" >/dev/null
	check "the kernel's line" grep -qE 'invoked oom-killer|Killed process|oom-kill:' "$tmp/text"
	check "slabinfo or pagetypeinfo at the event" grep -qE '^---- (slabinfo|pagetypeinfo)' "$tmp/text"
	# it looks for the marker all the while, so it may run just then
	check "every process at the event" grep -qP "^$$\t.*\t[RSD]\t(bash|recorder.sh)\t" "$tmp/text"
	grep '^# [0-9]* processes' "$tmp/text" | sed 's/^# /at the event: /'
	# and copies of the files, each under its own path
	check "they are counted" grep -qE '^# [0-9]+ files of [0-9]+ processes' "$tmp/text"
	n=$(sed -n 's/^# \([0-9]*\) files of .*/\1/p' "$tmp/text" | head -n 1)
	check "as many as there are" test "$(grep -cE '^---- /(proc|sys)/' "$tmp/text")" -eq "$n"
	for file in status stat statm oom_score oom_score_adj cgroup limits wchan stack io schedstat smaps_rollup; do
		check "this shell's $file" grep -q "^---- /proc/$$/$file\$" "$tmp/text"
	done
	check "with their content" sh -c "sed -n '/^---- .proc.$$.status\$/,/^----/p' '$tmp/text' | grep -q '^VmRSS:'"
	check "the machine's settings" grep -q '^---- /proc/sys/vm/swappiness' "$tmp/text"
	check "none that does something" sh -c "! grep -q '^---- .*stat_refresh' '$tmp/text'"
	grep '^# [0-9]* files of' "$tmp/text" | sed 's/^# /copied: /'
	"$tool" record --export "$tmp/text" --format json >"$tmp/again.json"
	check "the text is read back" sh -c "! grep -q 'lines that' '$tmp/again.json'"
	check "collect picks them up" "$tool" collect -q --no-interview --log tests/golden/memcg-v1-6.1/log \
		--vmlog "$tmp/oom" --format dir -o "$tmp/bundle" >/dev/null
	check "they are in the bundle" grep -q "^---- /proc/$$/smaps_rollup\$" "$tmp/bundle/vmlog/at-oom.txt"
	check "which is sound" sh -c "'$tool' verify '$tmp/bundle' | grep -q ': sound'"
	wait_for 2 rmdir "$group"
}

# ---- wrong usage: one line, what is wrong and what is allowed, and nothing is begun ----
wrong_values() {
	local option value words
	while IFS='|' read -r option value words; do
		refused 2 "$option does not take '$value', but $words" \
			"$recorder" -o "$tmp/wrong" "$option" "$value"
	done <<-'END'
		--interval|0|a time from 1ms to 1000d
		--interval|1.5s|a time from
		--interval|99999d|a time from
		--duration|0|a time from 1ms to 1000d
		--medium|soon|a whole number and us, ms, s
		--slow|1001d|a whole number and us, ms, s
		--max-size|big|a size such as
		--max-size|10k|a size from 72k to
		--ring|1|a size from 256k to 1G
		--cpu-percent|0|a whole number from 1 to 100
		--cpu-percent|101|a whole number from 1 to 100
		--class|meminfo|NAME=fast|medium|slow|event|off
		--class|nothing=fast|NAME=fast
		--class|oomreport/files=fast|NAME=fast
		--cgroup||a path below the cgroup mount
		--root||a directory
	END
	refused 2 "--max-size does not take '900G'" "$recorder" -o "$tmp/wrong" --max-size 900G
	check "nothing was made" test ! -e "$tmp/wrong"
	# what was recorded there stays where it is
	"$recorder" -o "$tmp/kept" --max-size 1M --duration 100ms
	cp "$tmp/kept/ring.vmlog" "$tmp/kept.copy"
	refused 2 "--max-size does not take" "$recorder" -o "$tmp/kept" --max-size 900G
	check "the ring is as it was" cmp "$tmp/kept/ring.vmlog" "$tmp/kept.copy"
	refused 2 "--format goes only with --export" "$tool" record -o "$tmp/wrong" --format csv
	refused 2 "--since goes only with --export" "$tool" record --once --since -1h
	refused 2 "--interval goes without --export" "$tool" record --export "$tmp/kept" --interval 2s
	refused 2 "--since is later than --until" "$tool" record --export "$tmp/kept" --since -1h --until -2h
}
# times that hold nothing: which there are
nothing_then() {
	local format times='it holds 20[0-9-]*T[0-9:]*Z to 20[0-9-]*T[0-9:]*Z'
	"$recorder" -o "$tmp/then" --max-size 1M --interval 50ms --duration 500ms
	for format in text csv json; do
		refused 1 "no samples between these times" \
			"$tool" record --export "$tmp/then" --since 2001-01-01 --until 2001-01-02 --format $format
		check "$format: with the times" grep -q "$times" "$tmp/why"
	done
	"$tool" record --export "$tmp/then" >"$tmp/then.txt"
	refused 1 "it holds" "$tool" record --export "$tmp/then.txt" --since +1h
	printf 'MemTotal: 100 kB\nMemFree: 80 kB\nnothing of the kind\n' >"$tmp/timeless"
	refused 1 "in it, but 1 line that is of no known file, 1 sample without a time" \
		"$tool" record --export "$tmp/timeless"
	check "what to do about it" grep -q 'a line of `date`' "$tmp/why"
	refused 1 "timeless: no samples of /proc files in it, but 1 line that is of no known file, 1 sample without a time" \
		"$tool" collect --no-interview --log "$tmp/timeless" --vmlog "$tmp/timeless" -o "$tmp/timeless.tar.zst"
	check "collect says it too" grep -q 'a line of `date`' "$tmp/why"
	refused 2 "'' is no file or folder of samples" "$tool" record --export ''
	check "a time within it" "$tool" record --export "$tmp/then" --since -1h >/dev/null
}
usage() { wrong_values; nothing_then; }

# ---- vmlog.sh writes what the reader reads ----
script_usage() { # SHELL...
	local words sh="$*" vmlog=$PWD/packaging/vmlog.sh
	while IFS='|' read -r words args; do
		# shellcheck disable=SC2086
		refused 2 "$words" $sh "$vmlog" $args
	done <<-'END'
		there is no option -z|-z
		a value is missing after -i|-i
		-n takes a whole number, not 'x'|-n x
		-m takes a whole number, not '08'|-m 08
		-i takes a number of seconds, not '1s'|-i 1s
		-i takes a number of seconds above 0, not '0.0'|-i 0.0
		'more' is no option|-n 1 more
		-o /proc/nothing/x: cannot be written|-o /proc/nothing/x
	END
}
# Said when it begins, said at the end, tried all the while.
script_full() { # SHELL...
	local sh="$*"
	$sh packaging/vmlog.sh -n 3 -i 0.1 -o /dev/full 2>"$tmp/why"
	same "$sh: the status on a full disk" $? 1
	check "$sh: it says so" grep -q '^vmlog.sh: /dev/full: cannot be written: is the disk full?$' "$tmp/why"
	check "$sh: and what is lost" grep -q '^vmlog.sh: /dev/full: 3 of 3 samples are not whole$' "$tmp/why"
	same "$sh: in two lines" "$(wc -l <"$tmp/why")" 2
}
script() {
	for sh in "busybox sh" dash bash; do
		command -v ${sh%% *} >/dev/null || continue
		(cd "$tmp" && $sh "$OLDPWD/packaging/vmlog.sh" -n 3 -i 1 -o "$tmp/sh.txt")
		check "$sh: vmlog.sh" test $? -eq 0
		script_usage $sh
		script_full $sh
		n=$("$tool" record --export "$tmp/sh.txt" --format csv | wc -l)
		check "$sh: three samples and a head ($n)" test "$n" -eq 4
		check "$sh: all of them known" sh -c "! '$tool' record --export '$tmp/sh.txt' --format json | grep -q 'lines that'"
		rm "$tmp/sh.txt"
	done
	"$tool" record --once >"$tmp/once" || check "record --once" false
	check "--once is a sample too" test "$("$tool" record --export "$tmp/once" --format csv | wc -l)" -eq 2
	"$tool" record --export "$tmp/killed" >"$tmp/again"
	"$tool" record --export "$tmp/again" --format csv >"$tmp/again.csv"
	"$tool" record --export "$tmp/killed" --format csv >"$tmp/first.csv"
	check "an exported text says the same" sh -c "cut -d, -f1,6- '$tmp/first.csv' >'$tmp/f'; cut -d, -f1,6- '$tmp/again.csv' | cmp - '$tmp/f'"
}

for part in ${*:-quiet cheap small killed places old_kernel growth unprivileged real_oom usage script}; do $part; done
[ ! -s "$tmp/stderr" ] || { echo "stderr:"; cat "$tmp/stderr"; }
done_testing
