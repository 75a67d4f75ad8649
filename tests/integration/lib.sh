# What the integration tests share (bash): the program, a place to work, a real memory-cgroup OOM.
# SPDX-License-Identifier: MIT

build=${OOMREPORT_BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/dev}
oomreport=$build/oomreport
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

[ -x "$oomreport" ] || skip "no program at $oomreport"
"$oomreport" --help 2>&1 | grep -q '^ *collect ' || skip "this build has no collect yet"
work=$(mktemp -d "${TMPDIR:-/tmp}/oomreport-test.XXXXXX")
group=''
tidy() {
	[ -z "$group" ] || rmdir "$group" 2>/dev/null || true
	rm -rf "$work"
}
trap tidy EXIT

# json FILE EXPRESSION: what a Python expression over the document d says of it.
json() {
	python3 - "$1" "$2" <<-'PY'
		import json, sys
		d = json.load(open(sys.argv[1], encoding="utf-8"))
		v = eval(sys.argv[2])
		print("null" if v is None else "true" if v is True else "false" if v is False else v)
	PY
}

# memcg_group NAME KIB: make a group with that limit (cgroup v1 or v2); sets group and memcg_version.
# Skips the test when this machine does not let us.
memcg_group() {
	[ "$(id -u)" -eq 0 ] || skip "a memory cgroup needs root"
	local v1 v2
	v1=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ {print $2; exit}' /proc/mounts)
	v2=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
	if [ -n "$v1" ]; then
		memcg_version=1 group=$v1/$1
		mkdir "$group" 2>/dev/null || { group=''; skip "no group can be made in $v1"; }
		echo "$2K" >"$group/memory.limit_in_bytes" || skip "no limit can be set in $group"
		echo 0 >"$group/memory.swappiness" 2>/dev/null || true
	elif [ -n "$v2" ]; then
		memcg_version=2 group=$v2/$1
		grep -qw memory "$v2/cgroup.controllers" || { group=''; skip "$v2 has no memory controller"; }
		grep -qw memory "$v2/cgroup.subtree_control" ||
			echo +memory >"$v2/cgroup.subtree_control" 2>/dev/null ||
			{ group=''; skip "the memory controller of $v2 is not ours to give"; }
		mkdir "$group" 2>/dev/null || { group=''; skip "no group can be made in $v2"; }
		echo "$2K" >"$group/memory.max" || skip "no limit can be set in $group"
		echo 0 >"$group/memory.swap.max" 2>/dev/null || true
	else
		skip "no memory cgroup is mounted"
	fi
}

# memcg_oom NAME: run a process of that name in the group until the kernel kills it; sets victim.
memcg_oom() {
	cp "$(command -v tail)" "$work/$1"
	( echo "$BASHPID" >"$group/cgroup.procs" && exec "$work/$1" /dev/zero ) &
	victim=$!
	local status=0
	wait "$victim" 2>/dev/null || status=$?
	[ "$status" -eq 137 ] || skip "the kernel did not kill $1 (status $status)"
}
