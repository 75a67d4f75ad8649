# options: --mem 384 --disk 128M --timeout 400
# The whole road: the flight recorder runs, one process takes all the RAM, the recorder's marker
# says so, collect makes a bundle.
# played by: tests/integration/road, which brings the programs
# expects: kind=oom-kill scope=global victims=eat events=1 order=0 finding=demand-exceeds-memory
where=/var/lib/oomreport
disk_at $where
hostname road
oomreport record -o $where/vmlog --interval 200ms --settle 2s --max-size 4M 2>/out/record.err &
neighbour database 24
sleep 5
eat
for wait in $(seq 60); do
	[ ! -e $where/vmlog/oom-marker ] || break
	sleep 1
done
say "marker after $wait s: $(cat $where/vmlog/oom-marker)"
# What the unit that watches the marker starts:
oomreport collect --no-interview --vmlog $where/vmlog -o /out >/out/printed 2>/out/collect.err
say "collect ended with $?, printed $(cat /out/printed)"
oomreport verify "$(cat /out/printed)" >/out/verified 2>&1
say "verify ended with $?"
killall oomreport-recorder
