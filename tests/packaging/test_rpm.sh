#!/bin/bash
# The RPM packages build, rpmlint has nothing to say but what rpmlintrc explains, the recorder
# stands alone, and no scriptlet starts anything. The Arch recipe is read by makepkg
# where it is there, those of Gentoo and Alpine by a shell.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "test_rpm.sh: $*" >&2; exit 1; }
for tool in rpmbuild rpmlint rpm; do
	command -v $tool >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/rpm.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

packaging/build-rpm "$tmp" >"$tmp/log" 2>&1 || { tail -n 30 "$tmp/log"; fail "build-rpm"; }
rpmlint -r packaging/rpm/rpmlintrc packaging/rpm/oomreport.spec "$tmp"/SRPMS/*.rpm "$tmp"/RPMS/*/*.rpm >"$tmp/lint" 2>&1 || true
grep -q '3 packages and 1 specfiles checked' "$tmp/lint" || { cat "$tmp/lint"; fail "rpmlint did not run"; }
if grep -E ': [EW]: ' "$tmp/lint" | grep -v 'unused-rpmlintrc-filter'; then fail "rpmlint"; fi
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
bash -n packaging/gentoo/*.ebuild && sh -n packaging/alpine/APKBUILD || fail "a recipe is no shell"
if command -v makepkg >/dev/null && id nobody >/dev/null 2>&1; then
	chmod 755 "$tmp" && install -d -o nobody "$tmp/arch" && cp packaging/arch/PKGBUILD "$tmp/arch" # it refuses root
	(cd "$tmp/arch" && runuser -u nobody -- env HOME="$tmp/arch" makepkg --printsrcinfo) >"$tmp/srcinfo" 2>"$tmp/log" || { cat "$tmp/log"; fail "makepkg"; }
	grep -q 'pkgname = oomreport-recorder' "$tmp/srcinfo" || fail "the Arch recipe has no recorder"
else
	bash -n packaging/arch/PKGBUILD
	echo "not tried: no makepkg here"
fi
