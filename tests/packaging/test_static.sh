#!/bin/bash
# packaging/build-static's two files in a root directory that holds nothing but them, /proc and a
# log: no C library, no /etc, no /usr, no /tmp of another release to lean on.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "test_static.sh: $*" >&2; tail -n 40 "$work/log" >&2; exit 1; }
[ "$(id -u)" = 0 ] || skip "a chroot needs root"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/oomreport-static.XXXXXX")
root=$work/root
clean() {
	mountpoint -q "$root/proc" && umount -l "$root/proc"
	rm -rf --one-file-system "$work"
}
trap clean EXIT
mkdir -p "$root/proc" "$root/out"
: >"$work/log"

# the build directory is the one memory_gate uses
packaging/build-static "$root" "${OOMREPORT_BUILD:-build/dev}/static" >"$work/log" 2>&1 || fail "build-static"
for program in oomreport oomreport-recorder; do
	! readelf -lW "$root/$program" | grep -q INTERP || fail "$program wants a dynamic loader"
done
cp tests/golden/global-anon-6.12/log "$root/log"
mount -t proc proc "$root/proc" 2>"$work/log" || skip "/proc cannot be mounted here"
in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@" </dev/null >"$work/log" 2>&1; }

in_root /oomreport collect --no-interview --log /log -o /out/report.tar.zst || fail "collect"
in_root /oomreport verify /out/report.tar.zst || fail "verify"
in_root /oomreport analyze /out/report.tar.zst || fail "analyze"
grep -qi 'killed' "$work/log" || fail "analyze does not tell of the kill"
in_root /oomreport-recorder --once || fail "recorder --once"
grep -q MemTotal "$work/log" || fail "the recorder's look has no MemTotal"
mkdir -p "$root/etc/oomreport/profiles.d"
cp templates/profiles/*.yaml "$root/etc/oomreport/profiles.d"
in_root /oomreport profile list || fail "profile list"
grep -q linux-mm "$work/log" || fail "profiles put into /etc/oomreport/profiles.d are not read"
