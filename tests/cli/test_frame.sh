#!/bin/sh
# The frame of every command: help, version, statuses, one line of error and what to do.
set -eu
. tests/cli/lib.sh

run 0 --help
out '^usage: oomreport COMMAND'
out 'sudo oomreport collect'
quiet err
checks=$((checks + 1))
! grep -nE '.{81}' "$tmp/out" >&2 || fail 'the help is wider than a terminal'
run 2
out '^usage:'
run 0 --version
out '^oomreport [0-9]+\.[0-9]+\.[0-9]+$'
run 0 help decode
out '^usage: oomreport decode'
out '^example:'

run 2 help decod
err "did you mean 'oomreport decode'"
quiet out
run 2 version
err "did you mean 'oomreport --version'"
run 2 --hlp
err "did you mean 'oomreport --help'"

# a word too many or too few: what, and what to do about it, on two lines at most
run 2 decod 0x1
err "^oomreport: there is no command 'decod'$"
err "did you mean 'oomreport decode'"
quiet out
run 2 frobnicate
err "see 'oomreport --help'"
run 2 decode --no-such-thing
err "there is no option '--no-such-thing'"
err "see 'oomreport decode --help'"
run 2 decode 0x1 --kernal=6.1
err "there is no option '--kernal'"
err "did you mean '--kernel'"
run 2 analyze --temp x
err "did you mean '--template'"
run 2 --analyze
err "there is no option '--analyze' before a command"
run 2 decode -Z
err "there is no option '-Z'"
run 2 decode 0x1 --kernel
err "an argument is missing after '--kernel'"
run 2 decode --json=yes 0x1
err "no argument goes with '--json'"
run 2 decode --color=blue 0x1
err "decode: --color takes auto\|always\|never, not 'blue'"
run 2 record
err "record: one of -o DIR, --once and --export DIR$"
err "see 'oomreport record --help'"

run 2 triage --since yesterday "$tmp"
err 'wants the file that keeps what was read, not a time'
[ ! -e yesterday ] || fail 'a state is called yesterday'

# this machine's log is what is read without a FILE; what waits on standard input is not forgotten
checks=$((checks + 1))
echo x | "$oomreport" analyze >"$tmp/out" 2>"$tmp/err" || :
grep -q "standard input is read with 'oomreport analyze -'" "$tmp/err" ||
	fail 'no word about standard input'

# every bundle of several is looked at, and what is none is told from a damaged one
run 0 collect --log tests/golden/swap-full-6.12/log --no-interview --redact none -o "$tmp/good.tar.gz"
run 1 verify "$tmp/none" tests/golden/swap-full-6.12/log "$tmp/good.tar.gz"
out 'good.tar.gz: sound'
err 'none: No such file or directory'
err 'log: is no bundle'
err "a log is for 'oomreport analyze'"

# every command has help with an example, and takes the common options
for command in $("$oomreport" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	run 0 "$command" --help
	out "^usage: oomreport $command"
	out '^example:'
	out '--verbose'
	out '--color'
	checks=$((checks + 1))
	! grep -nE '.{81}' "$tmp/out" >&2 || fail "$command --help is wider than a terminal"
	run 0 "$command" --version
	out '^oomreport(-submit)? [0-9]'
done

# control bytes of what was typed never reach the terminal
run 2 "$(printf 'de\033[31m')"
checks=$((checks + 1))
! grep -q "$(printf '\033')" "$tmp/err" || fail 'an escape sequence came through'

# no reader: ended by the signal, without a word
checks=$((checks + 1))
{
	status=0
	"$oomreport" decode --json 0x1 2>"$tmp/err" || status=$?
	echo "$status" >"$tmp/status"
} | true
case $(cat "$tmp/status") in
0 | 141) [ ! -s "$tmp/err" ] || fail 'a word about a closed pipe' ;;
*) fail "closed pipe: status $(cat "$tmp/status")" ;;
esac

# samples that were named and are none: said before anything is opened or gathered
run 1 collect --no-interview -o "$tmp/none/b.tar.zst" --vmlog "$tmp/nonesuch"
err 'nonesuch: No such file'

# a machine without a log: what to do is said
mkdir -p "$tmp/bare/proc"
echo 'MemTotal: 5 kB' >"$tmp/bare/proc/meminfo"
run 0 collect --no-interview --root "$tmp/bare" --format dir -o "$tmp/bare.out"
err 'no kernel log in the bundle: .*; give a log with --log FILE'
grep -q '"there is no kernel log"' "$tmp/bare.out/MANIFEST.json" || fail 'first-oom.txt is absent for another reason'

for ending in zip tar tar.bz2 gz; do # what is called so would be something else
	run 2 collect --no-interview --log tests/golden/swap-full-6.12/log -o "$tmp/odd.$ending"
	err "a bundle is no \.(zip|tar|bz2|gz)$" && err 'ends in \.tar\.zst'
	[ ! -e "$tmp/odd.$ending" ] || fail "odd.$ending was written"
done
run 0 collect --no-interview --redact none --log tests/golden/swap-full-6.12/log --format tar.gz -o "$tmp/odd.zip"

# a full disk is an error, not a success
if [ -e /dev/full ]; then
	checks=$((checks + 2))
	for args in 'decode 0x1' 'decode --json 0x1'; do
		# shellcheck disable=SC2086
		! "$oomreport" $args >/dev/full 2>"$tmp/err" || fail "$args > /dev/full: status 0"
		grep -q 'standard output' "$tmp/err" || fail "$args > /dev/full: no word"
	done
fi
finish
