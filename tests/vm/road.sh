# The whole road, in the guest (busybox sh): read by init before the scenario when run was given
# --road. recorder-run is what a machine without systemd starts at boot.
# SPDX-License-Identifier: MIT

road=/var/lib/oomreport
modprobe ext4
mkdir -p $road
mount -t ext4 "$(drive road)" $road || say "no disk to record on"
hostname road
sh /usr/bin/recorder-run -d $road/vmlog -r /out/reports -i 1 -- --interval 200ms --settle 2s --max-size 4M \
	2>/out/recorder-run.err &
road_runner=$!
sleep 3 # a series needs a beginning

# What the recorder marks is collected without anybody asking. A log without an OOM is marked by
# nobody: whoever has looked at it asks for the report.
road_end() {
	if grep -q 'invoked oom-killer' /out/dmesg; then
		for wait in $(seq 120); do
			set -- /out/reports/oomreport-*.tar.zst
			[ ! -s "$1" ] || break
			sleep 1
		done
		say "report after $wait s, marker: $(cat $road/vmlog/oom-marker)"
	else
		oomreport collect --no-interview --vmlog $road/vmlog -o /out/reports >/dev/null 2>/out/collect.err
		say "asked for a report: $?"
	fi
	oomreport verify /out/reports/oomreport-*.tar.zst >/out/verified 2>&1
	echo $? >/out/verify.status
	kill $road_runner
	wait $road_runner
	umount $road
}
