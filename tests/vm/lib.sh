# What every scenario may call, in the guest (busybox sh).
# SPDX-License-Identifier: MIT

# Say on the console what is being done. Not into the kernel log: that stays the kernel's.
say() { echo "vm: $*" >/dev/console; }

# This scenario cannot be played here: say why, and stop. run then skips.
cannot() {
	say "cannot: $*"
	exit 1
}

# The block device that run gave this serial number: results, disk or swap.
drive() {
	for block in /sys/block/vd*; do
		[ "$(cat "$block/serial" 2>/dev/null)" = "$1" ] && echo "/dev/${block##*/}"
	done
}

# Keep what /proc says of memory now under /out/NAME.
snap() {
	mkdir -p "/out/$1/proc"
	for file in meminfo zoneinfo vmstat buddyinfo pagetypeinfo slabinfo swaps cmdline version; do
		cat "/proc/$file" >"/out/$1/proc/$file" 2>/dev/null
	done
	return 0
}

# What the kernel said, under /out.
keep_log() {
	kmsg >/out/kmsg
	dmesg >/out/dmesg
}

# /out to run's DIR, and off.
bring_out() {
	sync
	results=$(drive results)
	[ -z "$results" ] || { tar -C /out -cf "$results" . && sync && say "results written"; }
	busybox poweroff -f
}

# cgroup2 CONTROLLER...: the unified hierarchy, with these controllers given to children.
cgroup2() {
	mkdir -p /cg
	mount -t cgroup2 cgroup2 /cg || cannot "no cgroup v2"
	for controller in "$@"; do
		echo "+$controller" >/cg/cgroup.subtree_control || cannot "no $controller in cgroup v2"
	done
}

# cgroup1 CONTROLLER: that controller's own hierarchy.
cgroup1() {
	mkdir -p /cg
	mount -t cgroup -o "$1" "$1" /cg || cannot "this kernel has no $1 in cgroup v1"
}

# inside GROUP COMMAND...: run the command in the group (v1 or v2), wait for it.
inside() {
	group=$1
	shift
	sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

# Keep what a group (v2) says of itself now under /out/group.
keep_group() {
	mkdir -p /out/group
	for file in memory.max memory.peak memory.events; do
		cat "$1/$file" >/out/group/$file 2>/dev/null
	done
}

# neighbour NAME MIB: a process of that name that holds so much and does nothing.
neighbour() {
	ln -sf /hogs/eat "/bin/$1"
	usual "$1" -s "$2" >/dev/null &
}

# MiB of RAM that are free now.
free_mib() { echo $(($(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024)); }

# spare_us: this shell and what it starts are not killed; usual COMMAND...: but this may be.
spare_us() { echo -1000 >/proc/self/oom_score_adj; }
usual() { sh -c 'echo 0 >/proc/self/oom_score_adj; exec "$@"' usual "$@"; }

# disk_at DIR: an ext4 file system on the disk run was given, mounted there (made if it is new).
disk_at() {
	modprobe ext4
	mkdir -p "$1"
	mount -t ext4 "$disk" "$1" 2>/dev/null && return
	mke2fs "$disk" >/dev/null && mount -t ext4 "$disk" "$1"
}

# power_cut: pull the plug, from outside (tests/vm/run kills the VM). Does not come back.
power_cut() {
	say "power cut, please"
	while :; do sleep 1; done
}
