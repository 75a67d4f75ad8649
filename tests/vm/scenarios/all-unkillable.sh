# ends: panic
# Every process has oom_score_adj -1000: nobody can be killed, the kernel panics.
# expects: kind=oom-panic scope=global victims= events=1 finding=victims-excluded
spare_us
eat -s 24 &
for process in /proc/[0-9]*; do
	if grep -q . $process/cmdline; then # no kernel thread
		echo -1000 >$process/oom_score_adj
		say "oom_score_adj of ${process##*/} $(cat $process/oom_score_adj)"
	fi
done 2>/dev/null # what has ended since
eat
