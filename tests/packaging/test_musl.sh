#!/bin/bash
# The recorder compiles without a warning against musl, records with it, and what it recorded is
# read by the program here. (oomreport itself needs libarchive and others, which are not to be had
# for musl on Debian.)
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${OOMREPORT_BUILD:-build/dev}
fail() { echo "test_musl.sh: $*" >&2; exit 1; }
command -v musl-gcc >/dev/null || { echo "skipped: no musl-gcc here"; exit 77; }
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/musl.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

sources=$(sed -n '/^set(recorder_sources/,/)/p' CMakeLists.txt | tr '()' '  ' | sed 's/set *recorder_sources//')
files=()
for f in $sources; do files+=("collector/$f"); done
[ "${#files[@]}" -gt 20 ] || fail "the list of sources was not found"
# the kernel's headers are the system's, behind musl's own
musl-gcc -static -O2 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror \
	-DOOMREPORT_VERSION='"musl"' -DOOMREPORT_DATADIR='"/usr/share/oomreport"' \
	-DOOMREPORT_LIBEXECDIR='"/usr/libexec/oomreport"' -DOOMREPORT_SYSCONFDIR='"/etc/oomreport"' \
	-idirafter /usr/include -idirafter "/usr/include/$(gcc -print-multiarch)" -Icollector \
	"${files[@]}" -lpthread -lm -o "$tmp/recorder" || fail "it does not compile"
# (no grep -q in a pipe: it ends before the recorder has written all)
"$tmp/recorder" --version >"$tmp/said" && grep -q musl "$tmp/said" || fail "--version"
"$tmp/recorder" --once >"$tmp/said" && grep -q '^MemTotal:' "$tmp/said" || fail "--once"
"$tmp/recorder" -q -o "$tmp/ring" --interval 100ms --duration 1s --allow-tmpfs || fail "recording"
"$build/oomreport" record --export "$tmp/ring" --format csv >"$tmp/csv" || fail "--export"
[ "$(wc -l <"$tmp/csv")" -ge 4 ] || { cat "$tmp/csv"; fail "too few samples"; }
