#!/bin/sh
# Who calls collect through sudo, pkexec or doas owns the bundle and the mapping; the words of the
# environment count for root alone.
set -eu
. tests/cli/lib.sh
[ "$(id -u)" = 0 ] || { echo 'skipped: only root can give files away'; exit 77; }
uid=$(id -u nobody) gid=$(id -g nobody)
chmod 755 "$tmp"
mkdir "$tmp/theirs" "$tmp/state"
chown nobody "$tmp/theirs" "$tmp/state"
export XDG_STATE_HOME=$tmp/state
log=$PWD/tests/golden/global-anon-6.12/log
cp "$log" "$tmp/log"
chmod 644 "$tmp/log"

owner() { # owner FILE UID:GID WHAT
	checks=$((checks + 1))
	[ "$(stat -c %u:%g "$1")" = "$2" ] || fail "$3: $1 is of $(stat -c %u:%g "$1"), not $2"
}
called_by() { # called_by NAME VARIABLE=VALUE...: collects as NAME
	name=$1
	shift
	checks=$((checks + 1))
	env -u SUDO_UID -u SUDO_GID -u PKEXEC_UID -u DOAS_USER "$@" "$oomreport" collect -q --no-interview \
		--log "$tmp/log" -o "$tmp/theirs/$name.tar.zst" >"$tmp/out" 2>"$tmp/err" </dev/null ||
		fail "collect for $name"
}
for way in "sudo SUDO_UID=$uid SUDO_GID=$gid" "pkexec PKEXEC_UID=$uid" 'doas DOAS_USER=nobody'; do
	# shellcheck disable=SC2086 # a name and its variables
	called_by $way
	owner "$tmp/theirs/${way%% *}.tar.zst" "$uid:$gid" "$way"
	owner "$tmp/state/oomreport/mappings/${way%% *}.json" "$uid:$gid" "$way"
done
# nobody asked, or somebody who is not there
called_by root
owner "$tmp/theirs/root.tar.zst" 0:0 'root itself'
called_by ghost DOAS_USER=no-such-user
owner "$tmp/theirs/ghost.tar.zst" 0:0 'an unknown caller'
called_by odd SUDO_UID=-1 SUDO_GID=x
owner "$tmp/theirs/odd.tar.zst" 0:0 'numbers that are none'

# a user cannot say that he is somebody else; the program must be readable for him
cp "$oomreport" "$tmp/oomreport"
chmod 755 "$tmp/oomreport"
checks=$((checks + 1))
rm -rf "$tmp/state/oomreport"
(cd / && setpriv --reuid "$uid" --regid "$gid" --clear-groups env SUDO_UID=0 SUDO_GID=0 PKEXEC_UID=0 DOAS_USER=root \
	"$tmp/oomreport" collect -q --no-interview --log "$tmp/log" -o "$tmp/theirs/self.tar.zst") \
	>"$tmp/out" 2>"$tmp/err" </dev/null || fail 'collect of a user'
owner "$tmp/theirs/self.tar.zst" "$uid:$gid" 'a user with a root of his own'
owner "$tmp/state/oomreport/mappings/self.json" "$uid:$gid" 'a user with a root of his own'
finish
