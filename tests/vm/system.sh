# A whole system, in the guest: read by init when run was given --system. It puts what a scenario
# needs into that system below /vm, and makes room for its init, which starts the scenario as its
# last service.
# SPDX-License-Identifier: MIT

modprobe ext4
mkdir /newroot
mount -t ext4 "$(drive system)" /newroot || say "no system to boot"
mkdir -p /newroot/vm/bin /newroot/out
cp -r /lib.sh /scenario.sh /hogs /newroot/vm
cp /bin/busybox /newroot/vm/bin
for applet in $(/bin/busybox --list); do # --install links to where it is now
	[ "$applet" = busybox ] || ln -s busybox "/newroot/vm/bin/$applet"
done
ln -sfn /vm/lib.sh /newroot/lib.sh
cat >/newroot/vm/start <<'SCRIPT'
export PATH=/vm/hogs:$PATH:/vm/bin
. /vm/lib.sh
bash /vm/scenario.sh
say "scenario ended with status $?"
keep_log
bring_out
SCRIPT
# systemd stops a unit of which a process was killed for want of memory, unless told not to
cat >/newroot/etc/systemd/system/vm-scenario.service <<'UNIT'
[Unit]
DefaultDependencies=no
After=basic.target
Wants=basic.target
[Service]
ExecStart=/vm/bin/busybox sh /vm/start
OOMScoreAdjust=-1000
OOMPolicy=continue
StandardOutput=file:/dev/console
StandardError=file:/dev/console
UNIT
umount /out /proc /sys
mount --move /dev /newroot/dev
exec switch_root /newroot /sbin/init --unit=vm-scenario.service
