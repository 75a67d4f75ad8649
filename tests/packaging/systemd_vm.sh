# The machine runs out of memory under systemd; then twice more, too soon for another report.
# options: --mem 320
# SPDX-License-Identifier: MIT
. /vm/lib.sh
dir=/var/lib/oomreport
tell() {
	echo "$*" >>/out/facts
	say "$(cut -d' ' -f1 /proc/uptime) $*"
}
prop() { systemctl show -p "$1" --value "oomreport-$2.service"; }
kills() { dmesg | grep -c 'Out of memory: Killed process'; }
reports() { find $dir/reports -name '*.tar.zst' | wc -l; }
has_report() { [ "$(reports)" != 0 ]; }
is_idle() { [ "$(prop ActiveState collect)" != activating ]; }
within() { # SECONDS COMMAND...
	n=$1
	shift
	while [ "$n" -gt 0 ] && ! "$@"; do n=$((n - 1)); sleep 1; done
}

mount -t tmpfs -o size=24m out /out
systemctl start oomreport-recorder.service oomreport-collect.path
within 30 test -s $dir/vmlog/ring.vmlog
sleep 3
recorder=$(prop MainPID recorder)
for unit in recorder collect; do # as this systemd sees them, not as files
	tell "exposure of $unit: $(systemd-analyze security --no-pager "oomreport-$unit.service" 2>/dev/null |
		sed -n 's/.*exposure level for [^:]*: \([0-9.]* [A-Z]*\).*/\1/p')"
done
usual eat
tell "killed at first: $(kills)"
within 200 has_report
within 60 is_idle
tell "reports: $(reports)"
tell "collect: $(prop Result collect)"
journalctl -b -u oomreport-collect --no-pager -o cat >/dev/console
usual eat
usual eat
tell "killed in all: $(kills)"
if systemctl cat oomreport-recorder.service | grep -q settle; then sleep 8; else sleep 30; fi
within 60 is_idle
tell "reports at the end: $(reports)"
[ "$recorder" != "$(prop MainPID recorder)" ] || tell "recorder: the same"
systemctl stop oomreport-recorder.service
tell "stopped: $(prop Result recorder)"
systemctl --failed --no-legend --no-pager >/dev/console
journalctl -b -o short-monotonic --no-pager >/out/journal
cp $dir/reports/*.tar.zst $dir/vmlog/oom-marker /out/
