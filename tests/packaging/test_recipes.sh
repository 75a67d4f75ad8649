#!/bin/bash
# What is written for distributions and for the command line is good shell: the recipes of Arch,
# Gentoo and Alpine, and the scripts beside them. makepkg reads the Arch one.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "test_recipes.sh: $*" >&2; exit 1; }
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck here"; exit 77; }

# what is set for the packager's program, and what it sets
recipes=(packaging/arch/PKGBUILD packaging/alpine/APKBUILD packaging/gentoo/*.ebuild)
shellcheck -s bash -S info -e SC2034,SC2154 "${recipes[@]}" || fail "a recipe"
scripts=$(grep -rlE '^#!/bin/(sh|bash)|^#!/usr/bin/env bash' packaging .ci/run tests/run tests/packaging)
[ "$(echo "$scripts" | wc -l)" -gt 10 ] || fail "the scripts were not found"
shellcheck -S warning $scripts || fail "a script"

version=$(sed -n 's/^project(oomreport VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
for recipe in packaging/arch/PKGBUILD packaging/alpine/APKBUILD; do
	grep -qx "pkgver=$version" "$recipe" || fail "$recipe is not of $version"
done
[ -e "packaging/gentoo/oomreport-$version.ebuild" ] || fail "the ebuild is not of $version"
grep -q "^Version: *$version\$" packaging/rpm/oomreport.spec || fail "the spec is not of $version"
grep -q "^oomreport ($version" packaging/debian/changelog || fail "the Debian changelog is not of $version"

if command -v makepkg >/dev/null && id nobody >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/recipes.XXXXXX") # it refuses root
	trap 'rm -rf "$tmp"' EXIT
	cp packaging/arch/PKGBUILD "$tmp" && chown -R nobody "$tmp"
	# Debian's makepkg looks for a pacman that is no part of it, and of which it asks nothing here
	(cd "$tmp" && runuser -u nobody -- env HOME="$tmp" PACMAN=true makepkg --printsrcinfo) >"$tmp/srcinfo" 2>"$tmp/log" ||
		{ cat "$tmp/log"; fail "makepkg"; }
	grep -q 'pkgname = oomreport-recorder' "$tmp/srcinfo" || fail "the Arch recipe has no recorder"
else
	echo "not tried: no makepkg here, or not root"
fi
