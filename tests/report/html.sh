#!/bin/sh
# report.html of every kind of event: valid HTML, nothing hostile gets through, and it looks
# right in a browser at 1280 and 390 pixels, light and dark (html_browser.py). With SHOTS=DIR the
# pictures are kept there to be looked at.
# SPDX-License-Identifier: MIT
set -eu
build=${OOMREPORT_BUILD:-build/dev}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/html.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
fail() { echo "html.sh: $*" >&2; exit 1; }

python3 tests/report/documents.py "$build/oomreport" "$tmp"
for d in "$tmp"/*.json; do
	"$build/tests/render_case" html <"$d" >"${d%.json}.html" || fail "$d is not rendered"
done

"$build/oomreport" triage --format html tests/golden/swap-full-6.12/log tests/golden/memcg-v2-6.1/log \
	"$tmp" "$tmp/missing" >"$tmp/triage.html" 2>/dev/null || [ $? = 1 ] || fail "no page of a triage"
grep -q 'id="unreadable"' "$tmp/triage.html" || fail "the triage's page hides what could not be read"

# one file: nothing to load, no script
for p in "$tmp"/*.html; do
	if grep -nEi '<script|<link|<iframe|<object|<img|<form|@import|url\(|(src|action)="' "$p"; then
		fail "$p is not one quiet file"
	fi
done
# hostile words stay words
grep -q '&lt;script&gt;alert(1)' "$tmp/hostile.html" || fail "hostile text is missing"
if LC_ALL=C grep -n "$(printf '[\001-\010\013-\037]')" "$tmp"/*.html; then
	fail "control bytes in a page"
fi
# what must be on the page
for words in 'Findings' 'Where the memory went' 'Zones against their watermarks' \
	'Free blocks by order' 'Top consumers' 'The recorded series' 'GFP_HIGHUSER_MOVABLE' \
	'Timeline of this log' 'What the reporter says' 'Nightly import' 'What is missing' \
	'invoked oom-killer' 'class="oom"'; do
	grep -q "$words" "$tmp/global-series.html" || fail "the page lacks: $words"
done
grep -q 'id="series"' "$tmp/global.html" && fail "a series out of nothing"

if command -v tidy >/dev/null; then
	for p in "$tmp"/*.html; do
		tidy -q -e --show-info no --drop-empty-elements no "$p" 2>"$tmp/tidy" ||
			{ sed 10q "$tmp/tidy"; fail "$(basename "$p") is not valid"; }
	done
else
	echo "tidy is not here: validity is not checked"
fi
if [ -n "${SHOTS:-}" ]; then set -- --shots "$SHOTS"; else set --; fi
# two documents more than the issue asks for would only cost time in every run
[ -n "${SHOTS:-}" ] || rm -f "$tmp/swap.html" "$tmp/slab.html" "$tmp/panic.html"
exec_rc=0
python3 tests/report/html_browser.py "$@" "$tmp"/*.html || exec_rc=$?
exit $exec_rc
