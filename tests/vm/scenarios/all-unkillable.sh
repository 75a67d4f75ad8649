# ends: panic
# Every process has oom_score_adj -1000: nobody can be killed, the kernel panics.
# expects: kind=oom-panic scope=global victims= events=1 finding=victims-excluded
echo -1000 >/proc/1/oom_score_adj
spare_us
eat -s 24 &
for process in /proc/[0-9]*; do
	[ ! -s $process/cmdline ] || say "oom_score_adj of ${process##*/} $(cat $process/oom_score_adj)"
done
eat
