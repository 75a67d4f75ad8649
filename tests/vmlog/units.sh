#!/bin/sh
# The units: well-formed, and a security exposure that systemd calls OK or better.
# SPDX-License-Identifier: MIT
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze"; exit 77; }
systemd-analyze security --help 2>/dev/null | grep -q -- --offline ||
	{ echo "skipped: systemd-analyze is older than 250"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
for unit in packaging/systemd/*.in; do
	sed 's|@OOMREPORT_LIBEXECDIR@/oomreport-recorder|/bin/true|; s|@OOMREPORT_BINDIR@/oomreport|/bin/true|' \
		"$unit" >"$tmp/$(basename "$unit" .in)"
done
bad=0
systemd-analyze verify "$tmp"/* 2>&1 | grep -v "'man " && { echo "systemd-analyze verify complains"; bad=1; }
for service in "$tmp"/*.service; do
	# 50 = 5.0: where OK ends and MEDIUM begins
	systemd-analyze security --offline=yes --no-pager --threshold=50 "$service" >"$tmp/out" 2>&1 || bad=1
	tail -n 1 "$tmp/out"
done
exit $bad
