#!/bin/bash
# In a clean Debian 12 with nothing but the checkout: README's first command, the Debian packages,
# and what they leave behind. README's second command, tests/run, is what CI is, on a new machine:
# here only what it installs is looked up, all of it beside each other, and nothing is built twice.
#
# test_chroot.sh [KEEP-DIR]: with a directory the system is made there once and used again.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "test_chroot.sh: $*" >&2; [ ! -e "$work/log" ] || tail -n 40 "$work/log" >&2; exit 1; }
step() { echo "test_chroot.sh: $1 ($SECONDS s)"; }

[ "$(id -u)" = 0 ] || skip "a chroot needs root"
command -v debootstrap >/dev/null || skip "no debootstrap here"
# the mirror this machine uses itself
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1) || true
[ -n "$mirror" ] || skip "apt has no Debian mirror here"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/oomreport-chroot.XXXXXX")
root=${1:-$work/root}
clean() {
	for dir in proc sys dev/pts dev; do
		mountpoint -q "$root/$dir" && umount -l "$root/$dir"
	done
	rm -rf --one-file-system "$work"
}
trap clean EXIT

if [ ! -e "$root/etc/debian_version" ]; then
	step "a clean Debian 12"
	debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/log" 2>&1 ||
		{ tail -n 5 "$work/log"; skip "debootstrap cannot make one from this machine's mirror"; }
	cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" # proxies, if any
	cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null &&
		: >"$root/etc/apt/sources.list"
	# the packages are the same for each run: keep none, sync none
	echo 'force-unsafe-io' >"$root/etc/dpkg/dpkg.cfg.d/force-unsafe-io"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # servers of the tests stay off
	chmod 755 "$root/usr/sbin/policy-rc.d"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys" && mount --make-rslave "$root/sys"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
	chroot "$root" "$@" </dev/null >"$work/log" 2>&1; }

rm -rf "$root/checkout" "$root/out"
mkdir -p "$root/checkout" "$root/out"
{ git ls-files -z -co --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print0; } |
	tar -c --null -T - | tar -x -C "$root/checkout"

step "packaging/try"
in_root /checkout/packaging/try --no-interview -o /out/try.tar.zst || fail "packaging/try"
[ "$(tail -n 1 "$work/log")" = /out/try.tar.zst ] || fail "try does not end with the bundle's path"
in_root /checkout/build/release/oomreport verify /out/try.tar.zst || fail "its bundle is not sound"

step "what tests/run installs"
echo 'APT::Get::Simulate "true";' >"$root/simulate"
in_root env APT_CONFIG=/simulate /checkout/packaging/install-deps build test || fail "install-deps build test"
grep -q '^Inst clang-tidy ' "$work/log" || fail "install-deps build test found nothing to install"

step "packages"
in_root apt-get install -y -q --no-install-recommends build-essential debhelper lintian || fail "tools to build packages"
in_root /checkout/packaging/build-deb /out || fail "build-deb"
in_root sh -c 'cd /out && runuser -u nobody -- lintian --pedantic --fail-on error,warning,info,pedantic ./*.changes' ||
	fail "lintian"

step "installed"
before=$(find "$root"/etc/systemd "$root"/etc/rc*.d 2>/dev/null | sort)
in_root sh -c 'apt-get install -y -q --no-install-recommends /out/oomreport_*.deb /out/oomreport-recorder_*.deb' ||
	fail "the packages do not install"
[ "$before" = "$(find "$root"/etc/systemd "$root"/etc/rc*.d 2>/dev/null | sort)" ] ||
	fail "installing enabled something"
in_root oomreport collect --no-interview -o /out/installed.tar.zst || fail "the installed collect"
in_root oomreport verify /out/installed.tar.zst || fail "the installed verify"
in_root oomreport profile list || fail "the installed profiles"
grep -q linux-mm "$work/log" || fail "the installed profiles"
in_root timeout 20 oomreport record -o /out/vmlog --duration 2s || fail "the installed recorder"
in_root oomreport submit --help || fail "the installed submit"

step "kept and removed"
mkdir -p "$root/etc/oomreport/profiles.d"
echo mine >"$root/etc/oomreport/profiles.d/ours.yaml"
in_root sh -c 'apt-get install -y -q --reinstall /out/oomreport_*.deb /out/oomreport-recorder_*.deb' || fail "the upgrade"
[ "$(cat "$root/etc/oomreport/profiles.d/ours.yaml")" = mine ] || fail "the upgrade took the configuration"
in_root apt-get purge -y -q oomreport oomreport-recorder || fail "the removal"
[ "$(cat "$root/etc/oomreport/profiles.d/ours.yaml")" = mine ] || fail "the removal took the user's data"
rm -r "$root/etc/oomreport"
left=$(cd "$root" && find etc usr lib var/lib -path '*oomreport*' ! -path 'var/lib/oomreport*' | head)
[ -z "$left" ] || fail "the removal left: $left"
step "done"
