# What the three storms share: a disk with ext4, the recorder and the shell loop beside it.
# SPDX-License-Identifier: MIT
# Sourced by the scenarios in the guest; CADENCE, LOOP_SLEEP come from storm.conf.

prepare() {
	dmesg -n 1 # a serial console of 115200 baud would be the storm
	spare_us
	for module in ext4 crc32c_generic crc32c; do modprobe $module 2>/dev/null; done
	/sbin/mke2fs -q -t ext4 -F "$disk" >/out/mke2fs.log 2>&1 && mkdir -p /mnt &&
		mount -t ext4 "$disk" /mnt 2>>/out/mke2fs.log ||
		say "no ext4 disk"
	. /storm.conf
	eval "$FIRST"
}

start_both() {
	# an idle guest's clock is the host's, with all the host's noise in it: never be idle
	churn spin 1 10000 &
	filler=$!
	churn witness /out/witness 10000 &
	witness=$!
	oomreport-recorder -v -o /mnt/rec --interval "$CADENCE" --max-size 6M $RECORDER_OPTIONS \
		>/out/recorder.log 2>&1 &
	recorder=$!
	# what maintainers ask for on the lists, as anybody would write it
	sh -c 'echo 0 >/proc/self/oom_score_adj
	while :; do
		echo "time $(cut -d" " -f1 /proc/uptime)"
		cat /proc/meminfo /proc/vmstat /proc/zoneinfo /proc/buddyinfo /proc/pressure/memory /proc/stat
		sleep '"$LOOP_SLEEP"'
	done >/mnt/loop.txt' &
	loop=$!
	[ -z "$TRACE" ] || trace_on
	sleep 3
	cat /proc/uptime >/out/storm.begin
}

# What the recorder copies in the first OOM (capture.c), by a shell that begins with the storm.
copy_by_shell() {
	sh -c 'echo -1000 >/proc/self/oom_score_adj
	for file in /proc/sys/vm/* /sys/kernel/mm/*/* /sys/kernel/mm/*/*/* /proc/[0-9]*; do
		case $file in
		*/stat_refresh|*/drop_caches|*/compact_memory|*/bitmap) continue;;
		/proc/[0-9]*) for name in status stat statm oom_score oom_score_adj cgroup limits wchan \
				stack io schedstat smaps_rollup; do
				echo "---- $file/$name"
				cat $file/$name
			done;;
		*) [ ! -f $file ] || { echo "---- $file"; cat $file; };;
		esac
	done >/mnt/copies 2>/dev/null
	cat /proc/uptime >/mnt/copies.done' &
	copier=$!
}

# Who ran when, and what the kernel did when it let nobody run (storm --trace): the stack that
# the witness's timer interrupted, and the one it was switched to from.
trace_on() {
	mount -t tracefs tracefs /sys/kernel/tracing
	cd /sys/kernel/tracing
	echo mono >trace_clock
	echo 12000 >buffer_size_kb
	echo 'prio == 0' >events/sched/sched_waking/filter # the witness
	echo 'next_prio == 0' >events/sched/sched_switch/filter
	echo 'stacktrace if prio == 0' >events/sched/sched_waking/trigger
	echo 'stacktrace if next_prio == 0' >events/sched/sched_switch/trigger
	for event in sched_waking sched_switch; do echo 1 >events/sched/$event/enable; done
	cd /
}

stop_both() {
	[ -z "$TRACE" ] || { echo 0 >/sys/kernel/tracing/tracing_on; gzip -9 </sys/kernel/tracing/trace >/out/trace.gz; }
	cat /proc/uptime >/out/storm.end
	[ -z "$copier" ] || {
		kill $copier
		grep -ac "^----" /mnt/copies >/out/copies.files
		cp /mnt/copies.done /out/ 2>/dev/null
	}
	sleep 3
	cat /proc/$recorder/stat >/out/recorder.stat
	cat /proc/$recorder/status >/out/recorder.status
	cat /proc/$loop/stat >/out/loop.stat 2>/dev/null || say "the loop is dead"
	kill $recorder $loop $filler $witness
	wait $witness
	wait $recorder
	echo "recorder ended with $?" >>/out/recorder.log
	sync
	mkdir -p /out/rec
	cp /mnt/rec/ring.vmlog /out/rec/
	grep -a '^time ' /mnt/loop.txt >/out/loop.times
	wc -c </mnt/loop.txt >/out/loop.bytes
	grep '^oom_kill' /proc/vmstat >/out/kills
}
