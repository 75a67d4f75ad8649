#!/bin/sh
# Debian's sosreport with our plugin: the sos archive holds a bundle that is sound.
command -v sos >/dev/null 2>&1 || { echo "skipped: sos is not installed"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: sos wants root"; exit 77; }
build=${OOMREPORT_BUILD:?}
tmp=$(mktemp -d) || exit 1
mine=/var/lib/oomreport/reports/oomreport-sos-test-$$.tar.zst
trap 'rm -rf "$tmp" "$mine"; rmdir -p --ignore-fail-on-non-empty "${mine%/*}" 2>/dev/null' EXIT
mkdir "$tmp/plugins" "$tmp/out"
mkdir -p "${mine%/*}"
echo "a bundle made by itself" >"$mine"
cp packaging/sos/oomreport.py "$tmp/plugins/"
cat >"$tmp/run.py" <<P
import sys
import sos.report.plugins
sos.report.plugins.__path__.insert(0, "$tmp/plugins")
# sos looks for programs along a PATH of its own; here ours is not installed
import sos.policies.debian
sos.policies.debian.DebianPolicy.PATH = "$build:" + sos.policies.debian.DebianPolicy.PATH
from sos import SoS
sys.argv[0] = "sos"
SoS(sys.argv[1:]).execute()
P
/usr/bin/python3 "$tmp/run.py" report --batch -o oomreport --tmp-dir "$tmp/out" \
	-z gzip >"$tmp/log" 2>&1
archive=$(find "$tmp/out" -name 'sosreport-*.tar.gz')
[ -n "$archive" ] || { cat "$tmp/log"; echo "sos made no archive"; exit 1; }
tar -xzf "$archive" -C "$tmp/out"
bundle=$(find "$tmp/out" -path '*/sos_commands/oomreport/oomreport.tar.gz')
[ -n "$bundle" ] || { cat "$tmp/log"; tar -tzf "$archive"; echo "there is no bundle in it"; exit 1; }
[ -n "$(find "$tmp/out" -path "*$mine")" ] || { echo "a bundle of the service is not in it"; exit 1; }
"$build/oomreport" verify "$bundle" || exit 1
"$build/oomreport" triage --format json "$bundle" >/dev/null || exit 1
echo "the sos report holds a sound bundle of $(wc -c <"$bundle") bytes"
