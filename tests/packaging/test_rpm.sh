#!/bin/bash
# The RPM packages build and rpmlint has nothing to say but what rpmlintrc explains; the recorder
# stands alone and no scriptlet starts anything. Installed into a root directory (with the C
# library of this machine) they collect, an upgrade keeps what the administrator wrote, and taking
# them away leaves only that and what was collected.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "test_rpm.sh: $*" >&2; tail -n 30 "$tmp/log" >&2; exit 1; }
for tool in rpmbuild rpmlint rpm; do
	command -v $tool >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/rpm.XXXXXX")
root=$tmp/root
clean() {
	mountpoint -q "$root/proc" && umount -l "$root/proc"
	rm -rf --one-file-system "$tmp"
}
trap clean EXIT
: >"$tmp/log"

packaging/build-rpm "$tmp" --noclean >"$tmp/log" 2>&1 || fail "build-rpm"
rpmlint -r packaging/rpm/rpmlintrc packaging/rpm/oomreport.spec "$tmp"/SRPMS/*.rpm "$tmp"/RPMS/*/*.rpm >"$tmp/log" 2>&1 || true
grep -q '3 packages and 1 specfiles checked' "$tmp/log" || fail "rpmlint did not run"
if grep -E ': [EW]: ' "$tmp/log" | grep -v 'unused-rpmlintrc-filter'; then fail "rpmlint"; fi
contents() { rpm -qpl "$tmp"/RPMS/*/"$1"-0*.rpm 2>/dev/null; }
contents oomreport >"$tmp/main"
contents oomreport-recorder >"$tmp/recorder"
for file in /usr/bin/oomreport /usr/libexec/oomreport/oomreport-submit /usr/share/oomreport/profiles/fedora.yaml; do
	grep -qx "$file" "$tmp/main" || { cat "$tmp/main"; fail "no $file"; }
done
grep -qx /usr/libexec/oomreport/oomreport-recorder "$tmp/recorder" || fail "no recorder"
if grep -x /usr/libexec/oomreport/oomreport-recorder "$tmp/main"; then fail "the recorder is in both"; fi
for package in "$tmp"/RPMS/*/*.rpm; do
	[ -z "$(rpm -qp --scripts "$package" 2>/dev/null)" ] || fail "$package runs something"
done
[ "$(id -u)" = 0 ] || { echo "skipped: packages are installed as root"; exit 77; }

# the next release of the same build: what an upgrade gets
again=(rpmbuild --nodeps --short-circuit --define "_topdir $tmp" --define "dist .next")
"${again[@]}" -bi packaging/rpm/oomreport.spec >"$tmp/log" 2>&1 || fail "the next release"
"${again[@]}" -bb packaging/rpm/oomreport.spec >"$tmp/log" 2>&1 || fail "the next release"

old=("$tmp"/RPMS/*/*-1.[!n]*.rpm) next=("$tmp"/RPMS/*/*-1.next.*.rpm)
[ ${#old[@]} = 2 ] && [ ${#next[@]} = 2 ] || fail "not two releases of two packages: ${old[*]} ${next[*]}"

of_root() { rpm --root "$root" "$@" >"$tmp/log" 2>&1; }
in_root() { env -i PATH=/usr/sbin:/usr/bin HOME=/root chroot "$root" "$@" </dev/null >"$tmp/log" 2>&1; }
# what lies there: files, and folders of ours; the data base of rpm itself apart
there() { (cd "$root" && find . -xdev \( ! -type d -o -name '*oomreport*' \) ! -path '*/.rpmdb/*' ! -path './var/lib/rpm/*' | sort); }
mkdir -p "$root"/{root,out,proc,etc/oomreport/profiles.d}
echo 'ID=fedora' >"$root/etc/os-release"
of_root --nodeps -i "${old[@]}" || fail "the packages do not install"
libraries=$(ldd "$root/usr/bin/oomreport" "$root/usr/libexec/oomreport/oomreport-submit" |
	sed -n 's/^\t\(.* => \)\{0,1\}\(\/[^ ]*\) (.*/\2/p' | sort -u)
cp -L --parents $libraries "$root"
mount -t proc proc "$root/proc" 2>"$tmp/log" || { echo "skipped: /proc cannot be mounted here"; exit 77; }

in_root oomreport collect --no-interview -o /out/installed.tar.zst || fail "the installed collect"
in_root oomreport verify /out/installed.tar.zst || fail "its bundle"
in_root oomreport profile list || fail "the installed profiles"
grep -q '^\* fedora ' "$tmp/log" || fail "the installed profiles"
in_root oomreport record -o /out/vmlog --duration 1s || fail "the installed recorder"
in_root oomreport submit --help || fail "the installed submit"

printf 'name: ours\ntitle: Our desk\n' >"$root/etc/oomreport/profiles.d/ours.yaml"
of_root --nodeps -U "${next[@]}" || fail "the upgrade"
of_root -q oomreport oomreport-recorder && [ "$(grep -c '\.next\.' "$tmp/log")" = 2 ] || fail "the upgrade"
in_root oomreport profile show ours && grep -q 'Our desk' "$tmp/log" || fail "the upgrade took the configuration"
{ printf '%s\n' ./etc/os-release ./etc/oomreport ./etc/oomreport/profiles.d/ours.yaml
	printf '.%s\n' $libraries
	there | grep -E '^\./(out|root)/'; } | sort -u >"$tmp/kept"
grep -qx ./out/installed.tar.zst "$tmp/kept" || fail "the bundle is gone before"
of_root --nodeps -e oomreport oomreport-recorder || fail "the removal"
umount "$root/proc"
there >"$tmp/left"
cmp -s "$tmp/kept" "$tmp/left" || { diff "$tmp/kept" "$tmp/left"; fail "the removal left more or less than the user's"; }
echo "installed, upgraded and removed: $(wc -l <"$tmp/left") files were there before or are the user's"
