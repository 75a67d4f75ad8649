#!/bin/bash
# packaging/build-static's two files: in a root directory that holds nothing but them, /proc and a
# log (no C library, no /etc, no /usr, no /tmp to lean on), then beside the C library, shell and
# name services of an older and of a newer Debian than the one they were built on.
#
# test_static.sh [RELEASE...]: other releases than bullseye and trixie.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "test_static.sh: $*" >&2; tail -n 40 "$work/log" >&2; exit 1; }
step() { echo "test_static.sh: $1 ($SECONDS s)"; }
[ "$(id -u)" = 0 ] || skip "a chroot needs root"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/oomreport-static.XXXXXX")
clean() {
	for dir in "$work"/*/proc; do
		mountpoint -q "$dir" && umount -l "$dir"
	done
	rm -rf --one-file-system "$work"
}
trap clean EXIT
: >"$work/log"

step "built"
# the build directory is the one memory_gate uses
packaging/build-static "$work/static" "${OOMREPORT_BUILD:-build/dev}/static" >"$work/log" 2>&1 || fail "build-static"
for program in oomreport oomreport-recorder; do
	! readelf -lW "$work/static/$program" | grep INTERP >/dev/null || fail "$program wants a dynamic loader"
done

in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@" </dev/null >"$work/log" 2>&1; }
says() { grep -q -- "$1" "$work/log" || fail "it does not say '$1'"; }
furnish() { # the files, a log and /proc
	mkdir -p "$root/proc" "$root/out"
	cp "$work"/static/* "$root"
	cp tests/golden/global-anon-6.12/log "$root/log"
	mount -t proc proc "$root/proc" 2>"$work/log" || skip "/proc cannot be mounted here"
}
# every command and the recorder, as somebody on that machine would use them
works() {
	in_root /oomreport collect --no-interview --log /log -o /out/report.tar.zst || fail "collect"
	in_root /oomreport collect --no-interview -o /out/live.tar.zst || fail "collect of what is here"
	in_root /oomreport verify /out/report.tar.zst /out/live.tar.zst || fail "verify"
	in_root /oomreport analyze /out/report.tar.zst || fail "analyze"
	says 'killed'
	in_root /oomreport analyze --template summary.de /log || fail "the German summary"
	says 'WAS GESCHAH'
	in_root /oomreport analyze --template summary.ja /log || fail "the Japanese summary"
	says 'カーネル'
	in_root /oomreport decode 0x140dca --kernel 6.1 || fail "decode"
	says 'GFP_HIGHUSER_MOVABLE'
	in_root /oomreport triage --since /out/desk.sqlite /out/report.tar.zst /log || fail "triage"
	says 'eat'
	in_root /oomreport profile list || fail "profile list"
	says "^\\* $1 "
	in_root /oomreport profile show linux-mm || fail "profile show"
	says '^name: linux-mm'
	in_root /oomreport-recorder --once || fail "recorder --once"
	says 'MemTotal'
	in_root /oomreport record -o /out/vmlog --interval 100ms --duration 1s || fail "record"
	in_root /oomreport record --export /out/vmlog --format csv || fail "record --export"
	[ "$(wc -l <"$work/log")" -ge 4 ] || fail "too few samples"
}

step "an empty root"
root=$work/empty
furnish
works generic
mkdir -p "$root/etc/oomreport/profiles.d"
echo 'ID=fedora' >"$root/etc/os-release"
in_root /oomreport profile list || fail "profile list"
says '^\* fedora '
printf 'name: ours\ntitle: Our desk\nos: fedora\n' >"$root/etc/oomreport/profiles.d/ours.yaml"
in_root /oomreport profile list || fail "profile list"
says '^\* ours '

# the C library, the shell and the name services of a release, from its own packages
unpack_release() {
	local apt=(apt-get -q -o "Dir::Etc::sourcelist=$work/$1.list" -o Dir::Etc::sourceparts=-
		-o "Dir::State::lists=$work/$1.apt" -o "Dir::Cache=$work/$1.apt" -o Dir::State::status=/dev/null
		-o Acquire::Languages=none -o APT::Sandbox::User=root)
	mkdir -p "$work/$1.apt/partial" "$work/$1.apt/archives/partial" "$work/$1.debs" "$root"/usr/{bin,sbin,lib,lib64}
	for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done
	echo "deb $mirror $1 main" >"$work/$1.list"
	"${apt[@]}" update >"$work/log" 2>&1 || return 1
	(cd "$work/$1.debs" && "${apt[@]}" download base-files libc6 libc-bin dash libnss-systemd) >>"$work/log" 2>&1 || return 1
	for deb in "$work/$1.debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"
	done
	echo 'passwd: files systemd' >"$root/etc/nsswitch.conf"
}
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1) || true
[ -n "$mirror" ] || skip "the other releases: apt has no Debian mirror here"
[ $# -gt 0 ] || set -- bullseye trixie
for release in "$@"; do
	step "$release"
	root=$work/$release
	unpack_release "$release" || { tail -n 5 "$work/log"; skip "$release: its packages are not to be had from this machine's mirror"; }
	furnish
	in_root /bin/sh -c 'getent --version' || fail "the shell of $release"
	head -n 1 "$work/log"
	works debian
done
step "done"
