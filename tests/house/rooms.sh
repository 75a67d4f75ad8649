#!/bin/sh
# A room includes only itself and the rooms before it, and only through their doors.
cd "$(dirname "$0")/../../collector" || exit 1
rooms="base source parse host vmlog diagnose report bundle submit cli"
seen=" " bad=0 checked=0
for room in $rooms; do
	seen="$seen$room "
	for file in "$room"/*.[ch]; do
		[ -e "$file" ] || continue
		checked=$((checked + 1))
		for path in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
			other=${path%%/*}
			case "$seen" in
			*" $other "*) ;;
			*) echo "collector/$file reaches forward: $path"; bad=1 ;;
			esac
			[ "$other" = "$room" ] || [ "$other" = base ] ||
				[ "$path" = "$other/$other.h" ] ||
				{ echo "collector/$file goes around the door: $path"; bad=1; }
		done
	done
done
[ "$checked" -gt 10 ] || { echo "only $checked files seen"; bad=1; }
exit $bad
