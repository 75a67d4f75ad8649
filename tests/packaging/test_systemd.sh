#!/bin/bash
# The units at work under a real systemd: this machine's own system, booted once more in a
# container whose changes stay in memory. The recorder is started, a memory cgroup runs out of
# memory, the marker starts the collection, a bundle is there; two OOMs too close to each other
# are one collection; a killed recorder comes back.
# SPDX-License-Identifier: MIT
set -u
if [ "${1:-}" = inside ]; then . /out/checks.sh; else . "$(dirname "$0")/../checks.sh"; fi

if [ "${1:-}" != inside ]; then
	cd "$(dirname "$0")/../.." && build=$(cd "${OOMREPORT_BUILD:-build/dev}" && pwd) || exit 1
	[ "$(id -u)" = 0 ] || skip "a container needs root"
	command -v systemd-nspawn >/dev/null || skip "no systemd-nspawn (systemd-container)"
	[ -x /lib/systemd/systemd ] || skip "no systemd on this machine"
	[ -r /dev/kmsg ] || skip "no /dev/kmsg"
	work=$(mktemp -d /var/tmp/oomreport-systemd.XXXXXX) || exit 1
	trap '[ -z "${group:-}" ] || rmdir "$group"; umount -l "$work/root" "$work/over" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
	mkdir -p "$work/root" "$work/over"
	# this system, and what is changed of it in memory
	mount -t tmpfs -o size=512M over "$work/over" && mkdir "$work/over/up" "$work/over/work" &&
		mount -t overlay -o "lowerdir=/,upperdir=$work/over/up,workdir=$work/over/work" over "$work/root" 2>/dev/null ||
		skip "no overlay of this machine's root can be made"
	mkdir -p "$work/out" "$work/units/oomreport-recorder.service.d"
	DESTDIR=$work/inst cmake --install "$build" >"$work/install" 2>&1 || { cat "$work/install"; exit 1; }
	cp "$0" "$work/script"
	# the shipped commands, but times that a test can wait for
	recorder=$(sed -n 's/^ExecStart=//p' "$build/packaging/systemd/oomreport-recorder.service")
	printf '[Service]\nExecStart=\nExecStart=%s --settle 1s --marker-gap 6s --max-size 16M\n' "$recorder" \
		>"$work/units/oomreport-recorder.service.d/test.conf"
	cp "$build"/packaging/systemd/oomreport-* "$work/units/"
	# the leak check of a sanitized build is a ptrace, which the unit forbids
	mkdir "$work/units/oomreport-collect.service.d"
	printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$work/units/oomreport-collect.service.d/test.conf"
	cat >"$work/units/oomreport-test.service" <<-UNIT
		[Unit]
		DefaultDependencies=no
		After=basic.target dbus.socket
		Wants=basic.target dbus.socket
		SuccessAction=poweroff-force
		FailureAction=poweroff-force
		[Service]
		Type=oneshot
		ExecStart=/bin/bash /out/script inside
		StandardOutput=file:/out/log
		StandardError=file:/out/log
		TimeoutStartSec=400
	UNIT
	mv "$work/script" "$work/out/script"
	cp tests/checks.sh "$work/out/"
	binds=()
	while read -r path; do
		binds+=("--bind-ro=$work/inst/$path:/$path")
	done < <(cd "$work/inst" && find . -type f \( -path '*bin/oomreport*' -o -path '*libexec/*' -o -path '*share/oomreport/profiles/*' \) | sed 's|^\./||')
	for unit in "$work"/units/*; do
		binds+=("--bind-ro=$unit:/etc/systemd/system/$(basename "$unit")")
	done
	# The OOMs are made out here, in a memory cgroup of 20 MiB: the kernel's log is everybody's.
	group=
	for mount in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		mkdir "$mount/oomreport-systemd-$$" 2>/dev/null || continue
		group=$mount/oomreport-systemd-$$
		echo 20M 2>/dev/null >"$group/memory.limit_in_bytes" || echo 20M 2>/dev/null >"$group/memory.max" && break
		rmdir "$group"
		group=
	done
	[ -n "$group" ] || skip "no memory cgroup can be made"
	(while sleep 0.1; do
		[ -e "$work/out/oom" ] || continue
		sh -c "echo \$\$ >'$group/cgroup.procs' && exec tail /dev/zero" 2>/dev/null
		rm "$work/out/oom"
	done) 2>/dev/null &
	maker=$!
	# what nobody may here, nobody can in there
	sh -c 'echo -1000 >/proc/self/oom_score_adj' 2>/dev/null || touch "$work/out/no-oom-score"
	timeout -k 5 450 systemd-nspawn -q -b -D "$work/root" --register=no --keep-unit \
		--private-network --capability=all --bind=/dev/kmsg --bind="$work/out:/out" --console=pipe \
		"${binds[@]}" systemd.unit=oomreport-test.service >"$work/console" 2>&1 </dev/null
	kill $maker
	if [ ! -s "$work/out/log" ]; then
		tail -n 5 "$work/console"
		skip "systemd does not boot in a container here"
	fi
	cat "$work/out/log"
	grep -q '^[0-9]* checks, 0 failed$' "$work/out/log"
	exit
fi

# ---- inside ----
dir=/var/lib/oomreport
bundles() { ls $dir/reports/*.tar.zst 2>/dev/null | wc -l; }
at_least() { [ "$(bundles)" -ge "$1" ]; }
marked_after() { [ "$(stat -c %Y $dir/vmlog/oom-marker 2>/dev/null || echo 0)" -gt "$1" ]; }
oom() {
	touch /out/oom
	wait_for 10 test ! -e /out/oom
}
has() { tar --zstd -tf "$1" | grep "$2" >/dev/null; }

echo "$(systemctl --version | head -n 1), $(uname -r)"
check "started" systemctl start oomreport-recorder.service oomreport-collect.path
check "it runs" systemctl -q is-active oomreport-recorder.service
check "so does the path unit" systemctl -q is-active oomreport-collect.path
check "it records" wait_for 10 test -s $dir/vmlog/ring.vmlog
sleep 1.5
pid=$(systemctl show -p MainPID --value oomreport-recorder.service)
tool=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' /etc/systemd/system/oomreport-collect.service)
"$tool" record --export $dir/vmlog >/run/text
grep -E '^(memory locked|memory pinned|oom_score_adj -1000|SCHED_FIFO|missing):?' /run/text | sort | uniq | sed 's/^/  /'
check "locked" grep -q '^memory locked: yes' /run/text
check "pinned" grep -q '^memory pinned: yes' /run/text
[ -e /out/no-oom-score ] && echo "  this machine lets nobody lower an oom_score_adj" ||
	check "spared by the OOM killer" test "$(cat /proc/$pid/oom_score_adj)" = -1000
check "slabinfo is there" grep -q '^---- slabinfo$' /run/text
check "only its own directory is writable" sh -c '! nsenter -t '$pid' -m -- touch /usr/x /etc/x /var/lib/x 2>/dev/null'

check "an OOM" oom
check "the marker" wait_for 15 test -s $dir/vmlog/oom-marker
check "a bundle" wait_for 150 at_least 1
at_least 1 || { # nothing else can be seen then
	systemctl status --no-pager -l oomreport-collect.path oomreport-collect.service
	journalctl -u oomreport-collect -n 20 -o cat
	done_testing
}
first=$(stat -c %Y $dir/vmlog/oom-marker)
wait_for 150 sh -c '! systemctl -q is-active oomreport-collect.service'
check "the collection did not fail" test "$(systemctl show -p Result --value oomreport-collect.service)" = success
[ "$(systemctl show -p Result --value oomreport-collect.service)" = success ] || journalctl -u oomreport-collect -n 20 -o cat
bundle=$(ls $dir/reports/*.tar.zst | head -n 1)
check "sound" sh -c "'$tool' verify '$bundle' | grep -q ': sound'"
check "private" test "$(stat -c %a%u "$bundle")" = 6000
for file in log/kernel.log vmlog/vmlog.csv vmlog/at-oom.txt proc/slabinfo report.json summary.txt; do
	check "with $file" has "$bundle" "/$file\$"
done
tar --zstd -xOf "$bundle" --wildcards '*/vmlog/at-oom.txt' >/run/at-oom
grep -E '^# [0-9]+ (processes|files)' /run/at-oom | sed 's/^# /  in the OOM: /'
check "with copied files" test "$(grep -cE '^---- /(proc|sys)/' /run/at-oom)" -gt 200
sed -n '/^---- .proc.1.wchan$/{n;p}' /run/at-oom >/run/wchan
check "where processes wait" grep -qE '^---- /proc/[0-9]+/wchan' /run/at-oom
check "of the first one by name" sh -c "grep -qx '[a-z].*' /run/wchan"
check "what they share" grep -qE '^---- /proc/1/smaps_rollup' /run/at-oom

# the second one of a day waits for the gap (6 s here, 10 min as shipped)
check "another OOM" oom
check "and another" oom
check "a second marker" wait_for 30 marked_after "$first"
check "but not before its time" test $(($(stat -c %Y $dir/vmlog/oom-marker) - first)) -ge 5
check "a second bundle" wait_for 150 at_least 2
wait_for 150 sh -c '! systemctl -q is-active oomreport-collect.service'
sleep 1
check "and no third" test "$(bundles)" = 2

systemctl kill -s KILL oomreport-recorder.service
check "killed, it comes back" wait_for 10 sh -c "[ \"\$(systemctl show -p MainPID --value oomreport-recorder.service)\" -gt 1 ] &&
	[ \"\$(systemctl show -p MainPID --value oomreport-recorder.service)\" != $pid ]"
check "stopped" systemctl stop oomreport-recorder.service
check "without a complaint" test "$(systemctl show -p Result --value oomreport-recorder.service)" = success
for unit in oomreport-recorder.service oomreport-collect.service; do
	systemd-analyze security --no-pager "$unit" 2>/dev/null | tail -n 1 | sed 's/^/  /'
done
done_testing
