#!/bin/sh
# vmlog.sh - samples of /proc's memory files for machines where nothing can be installed.
# SPDX-License-Identifier: MIT
#
#   sh vmlog.sh [-i SECONDS] [-o FILE] [-n SAMPLES] [-m MIB] [-r DIR]
#
#   -i SECONDS  between two samples (1; fractions where sleep takes them)
#   -o FILE     append there (vmlog-HOST.txt); "-" is standard output
#   -n SAMPLES  stop after so many (0: never)
#   -m MIB      start anew when FILE has that size, keep one FILE.old (64)
#   -r DIR      read DIR/proc in place of /proc
#
# Needs sh, cat, date, sleep: busybox is enough, root is not needed (slabinfo then is missing).
# It forks three times a sample and may stall in a storm; oomreport's recorder does not. Give
# FILE to `oomreport collect --vmlog FILE` or `oomreport record --export FILE --format csv`.

wrong() { echo "vmlog.sh: $*; 'sh vmlog.sh -h' tells the options" >&2; exit 2; }
whole() { # OPTION VALUE
	case $2 in ''|*[!0-9]*|0?*|??????????*) wrong "$1 takes a whole number, not '$2'";; esac
}

interval=1 out="" count=0 max=64 root=""
while getopts :i:o:n:m:r:h opt; do
	case $opt in
	i) interval=$OPTARG;;
	o) out=$OPTARG;;
	n) whole -n "$OPTARG"; count=$OPTARG;;
	m) whole -m "$OPTARG"; max=$OPTARG;;
	r) root=$OPTARG;;
	h) sed -n '/^#   sh/,/^#   -r/s/^# \{0,1\}//p' "$0"; exit 0;;
	:) wrong "a value is missing after -$OPTARG";;
	*) wrong "there is no option -$OPTARG";;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || wrong "'$1' is no option"
# 0 and 0.0 would be a loop that never rests
case $interval in
*[!0-9.]*|*.*.*) wrong "-i takes a number of seconds, not '$interval'";;
*[1-9]*) ;;
*) wrong "-i takes a number of seconds above 0, not '$interval'";;
esac
host=$(cat "$root/proc/sys/kernel/hostname" 2>/dev/null) || host=host
: "${out:=vmlog-$host.txt}"
# before anything is read: a shell whose exec cannot open it ends in words of its own
[ "$out" = - ] || (: >>"$out") 2>/dev/null || wrong "-o $out: cannot be written"

# Headings as files, so that one cat prints a whole sample.
heads=$(mktemp -d 2>/dev/null) || { heads=/tmp/vmlog.$$; mkdir -m 700 "$heads" || exit 1; }
trap 'rm -rf "$heads"' EXIT
trap 'exit 130' INT TERM HUP

fast="" medium="" slow=""
add() { # LIST NAME: when it can be read
	[ -r "$root/proc/$2" ] && cat "$root/proc/$2" >/dev/null 2>&1 || return 0
	head=$heads/$(echo "$2" | tr / -)
	echo "---- $2" >"$head"
	eval "$1=\"\$$1 $head $root/proc/$2\""
}
for f in meminfo vmstat buddyinfo pressure/memory pressure/io pressure/cpu loadavg; do add fast $f; done
for f in zoneinfo stat net/sockstat sys/fs/file-nr swaps; do add medium $f; done
add slow slabinfo
[ -n "$fast" ] || { echo "vmlog.sh: $root/proc: nothing to read there" >&2; exit 1; }

# Where it is allowed: the last one to be killed.
[ -n "$root" ] || echo -1000 2>/dev/null >/proc/self/oom_score_adj || true

sample() { # N: fails when it could not be written whole
	# shellcheck disable=SC2086
	{
		date -u '+==== %Y-%m-%dT%H:%M:%SZ %s' &&
			if [ $(($1 % 60)) -eq 0 ]; then cat $fast $medium $slow
			elif [ $(($1 % 10)) -eq 0 ]; then cat $fast $medium
			else cat $fast; fi
	} 2>/dev/null
}

# Rotation by what a sample takes: no fork to look at the size.
if [ "$out" = - ]; then
	per_file=0
else
	per_file=$((max * 1048576 / ($(sample 1 | wc -c) + $(sample 0 | wc -c) / 20) + 1))
	exec >>"$out"
fi
n=0 lost=0 full=0
while :; do
	if sample $n; then
		[ "$full" = 0 ] || echo "vmlog.sh: $out: can be written again" >&2
		full=0
	else # said once, tried again each time: somebody may make room
		[ "$full" = 1 ] || echo "vmlog.sh: $out: cannot be written: is the disk full?" >&2
		full=1 lost=$((lost + 1))
	fi
	n=$((n + 1))
	if [ "$count" -gt 0 ] && [ "$n" -ge "$count" ]; then
		[ "$lost" -eq 0 ] || { echo "vmlog.sh: $out: $lost of $n samples are not whole" >&2; exit 1; }
		exit 0
	fi
	if [ "$per_file" -gt 0 ] && [ $((n % per_file)) -eq 0 ]; then
		mv -f "$out" "$out.old"
		exec >"$out"
	fi
	sleep "$interval" || exit 1 # it takes no fractions: never without a rest
done
