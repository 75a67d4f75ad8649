#!/bin/bash
# An OOM of the whole machine under a real systemd: this machine's own systemd with a few tools,
# booted in a VM. The recorder's unit runs through it, the path unit starts the collection, a
# second OOM too soon is no second report; the bundle is verified and read out here.
# SPDX-License-Identifier: MIT
#
#   test_systemd_vm.sh [--deb DIR] [--system TREE] [--kernel 6.1] [--keep DIR]
#
#   --deb DIR      the packages in DIR (packaging/build-deb makes them) in place of this build, and
#                  the units as they are, with the times of a real machine: takes some minutes
#   --system TREE  a Debian in place of this machine's own files: test_chroot.sh TREE makes one
#                  (apt-get install systemd-sysv in it)
#   --keep DIR     what the VM brought out, for people
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks.sh
build=$(cd "${OOMREPORT_BUILD:-build/dev}" && pwd) || exit 1
PATH=$PATH:/usr/sbin:/sbin
deb='' kernel=6.1 keep='' system='' timeout=600
while [ $# -gt 1 ]; do
	case $1 in
	--deb) deb=$2 timeout=900;;
	--system) system=$2;;
	--kernel) kernel=$2;;
	--keep) keep=$2;;
	*) break;;
	esac
	shift 2
done
[ $# = 0 ] || { sed -n '/^#   test_/,/^#   --keep/s/^# \{0,3\}//p' "$0" >&2; exit 2; }
for tool in mkfs.ext4 dpkg ldd qemu-system-x86_64 python3; do
	command -v $tool >/dev/null || skip "needs $tool"
done
work=$(mktemp -d /var/tmp/oomreport-vm.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
tree=$work/tree out=${keep:-$work/out}

# ---- a small Debian out of this machine's files ----
make_system() {
	local file
	dpkg -L systemd systemd-sysv base-files base-passwd bash coreutils libc6 libc-bin mount util-linux \
		login grep sed >"$work/list" 2>/dev/null || return
	grep -vE '^/(\.|usr/share/(doc|man|locale|lintian|info)/.*)?$' "$work/list" | sort -u |
		while read -r file; do [ ! -L "$file" ] && [ -d "$file" ] || echo "$file"; done >"$work/files"
	# and the libraries of what can be run
	grep -E '/(s?bin|systemd)/|\.so' "$work/files" | xargs ldd 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' |
		sort -u >"$work/libraries"
	{ cat "$work/libraries"; xargs realpath <"$work/libraries"; } >>"$work/files"
	mkdir -p "$tree"
	for file in bin sbin lib lib64; do ln -s "usr/$file" "$tree/$file"; mkdir -p "$tree/usr/$file"; done
	sort -u "$work/files" | sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#' | tar -C / --ignore-failed-read -cf - -T - 2>/dev/null |
		tar -C "$tree" -xf -
	mkdir -p "$tree"/{proc,sys,dev,run,tmp,root,var/log/journal,etc/systemd/system}
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$tree/etc/passwd"
	printf 'root:x:0:\nadm:x:4:\ntty:x:5:\nutmp:x:43:\nsystemd-journal:x:999:\nnogroup:x:65534:\n' >"$tree/etc/group"
	: >"$tree/etc/machine-id"
	echo vm >"$tree/etc/hostname"
}

# The programs and their units, by packages or as cmake installs them.
install_programs() {
	local file
	if [ -n "$deb" ]; then
		for file in "$deb"/oomreport_*.deb "$deb"/oomreport-recorder_*.deb; do
			dpkg-deb -x "$file" "$work/inst" || exit 1
		done
	else
		DESTDIR=$work/inst cmake --install "$build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
		# a sanitized build needs more memory than a VM has
		packaging/build-static "$work/static" "$build/static" || exit 1
		for file in oomreport oomreport-recorder; do
			install "$work/static/$file" "$(find "$work/inst" -name $file -type f -perm /111)"
		done
		# times that a test can wait for
		mkdir -p "$tree/etc/systemd/system/oomreport-recorder.service.d"
		printf '[Service]\nExecStart=\n%s --settle 2s --fixed --interval 500ms --max-size 8M\n' \
			"$(sed -n '/^ExecStart=/p' "$build/packaging/systemd/oomreport-recorder.service")" \
			>"$tree/etc/systemd/system/oomreport-recorder.service.d/test.conf"
	fi
	(cd "$work/inst" && find . -type f) | while read -r file; do
		file=$(sed -E 's#^\./(bin|sbin|lib|lib64)/#usr/\1/#' <<<"$file")
		install -D "$work/inst/$file" "$tree/$file" 2>/dev/null || install -D "$work/inst/${file#usr/}" "$tree/$file"
		ldd "$tree/$file" 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | while read -r library; do
			[ -e "$tree$library" ] || install -D "$library" "$tree$library"
		done
	done
}

if [ -n "$system" ]; then
	cp -a --reflink=auto "$system" "$tree" || exit 1
else
	make_system
	[ -x "$tree/usr/lib/systemd/systemd" ] || skip "no Debian with systemd: nothing to boot"
fi
install_programs

rm -f "$out"/oomreport-*.tar.zst # of an earlier run
tests/vm/run --kernel "$kernel" --system "$tree" --scenario tests/packaging/systemd_vm.sh --out "$out" \
	--timeout $timeout || exit $?
cat "$out/facts"
fact() { sed -n "s/^$1: //p" "$out/facts"; }
check "the kernel killed somebody" test "$(fact 'killed at first')" -ge 1
check "and once more, twice" test "$(fact 'killed in all')" -gt "$(fact 'killed at first')"
same "reports after the first OOM" "$(fact reports)" 1
for unit in recorder collect; do # OK or better, where this systemd tells
	[ ! -x "$tree/usr/bin/systemd-analyze" ] ||
		check "the exposure of $unit" grep -qE ' (OK|SAFE|PERFECT)$' <<<"$(fact "exposure of $unit")"
done
same "how the collection ended" "$(fact collect)" success
same "reports after two more OOMs, too soon" "$(fact 'reports at the end')" 1
same "the recorder, through all of them" "$(fact recorder)" "the same"
same "how it ended" "$(fact stopped)" success
check "the marker tells of the first" grep -q '^oom at .* kills 1 ' "$out/oom-marker"
bundle=$(echo "$out"/oomreport-*.tar.zst)
check "sound, out here" sh -c "'$build/oomreport' verify '$bundle' | grep -q ': sound'"
"$build/oomreport" analyze --format json "$bundle" >"$work/json" || check "it can be read out here" false
python3 - "$work/json" "$bundle" <<'PYTHON'
import json, subprocess, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
inside = json.loads(subprocess.run("tar --zstd -xOf '%s' --wildcards '*/report.json'" % sys.argv[2], shell=True,
                                   capture_output=True, check=True).stdout)
first, vmlog = report["first_oom"], inside["vmlog"]
names = subprocess.run(["tar", "--zstd", "-tf", sys.argv[2]], capture_output=True, check=True, text=True).stdout
for what, holds in (
    ("an OOM of the whole machine", first["scope"] == "global"),
    ("the victim", first["victims"][0]["comm"] == "eat"),
    ("the same verdict in there and out here", inside["diagnosis"]["verdict"] == report["diagnosis"]["verdict"]),
    ("the recorder's series", vmlog["kind"] == "oomreport-recorder" and vmlog["samples"] > 20),
    ("the OOM in the series", vmlog["event"] is not None),
    ("the state at the OOM", "/vmlog/at-oom.txt" in names),
    ("the files of the root of all groups", "/cgroup/cgroup.stat" in names),
):
    print("%s: %s" % ("yes" if holds else "NOT SO", what))
    if not holds:
        sys.exit("vmlog: " + json.dumps(vmlog)[:300])
PYTHON
check "it says what happened" test $? = 0
done_testing
