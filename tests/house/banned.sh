#!/bin/sh
# Calls that hide a length, a lock or a shell. In source/ and parse/ also every call that wants
# a NUL at the end of input. A line that must use one says "banned: WHY" in a comment.
cd "$(dirname "$0")/../../collector" || exit 1
bad=0
ban() {
	where=$1 words=$2
	# shellcheck disable=SC2086
	hits=$(grep -nE "(^|[^A-Za-z0-9_])($words)[ ]*\(" $where 2>/dev/null | grep -v 'banned: ')
	[ -z "$hits" ] || { echo "$hits"; bad=1; }
}
all=$(find . -name '*.[ch]')
ban "$all" 'strtok|strtok_r|strtol|strtoul|strtoll|strtoull|strtod|atoi|atol|atof|sscanf|strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|system|popen|alloca|mktemp|tmpnam|tempnam'
ban "$(find parse -name '*.[ch]')" 'strchr|strstr|strcmp|strncmp|strrchr|strspn|strcspn'
exit $bad
