#!/bin/sh
# submit --profile alone: the profile says which way, and its note is said before. Nothing is sent:
# a dry run, or nobody who says yes.
set -eu
. tests/cli/lib.sh
export HOME="$tmp" XDG_STATE_HOME="$tmp/state" XDG_CONFIG_HOME="$tmp/config"

run 0 collect --log tests/golden/swap-full-6.12/log --no-interview --redact none -o "$tmp/b.tar.gz"
desk() { # desk SUBMIT-KEYS: a profile of that
	printf 'name: desk\ntitle: a desk\nsubmit:\n%b' "$1" >"$tmp/desk.yaml"
}
submit() { # submit STATUS OPTIONS...
	want=$1
	shift
	run "$want" submit "$tmp/b.tar.gz" --as-root --profile "$tmp/desk.yaml" "$@"
}

desk '  mail: desk@example.org\n  cc: boss@example.org\n  upload: https://127.0.0.1:9/in/\n  note: Say which host it is.\n'
submit 0 --from you@example.org --dry-run
err '^Say which host it is\.$'
err '^Mail to desk@example\.org,'
err '^  copy to: boss@example\.org$'
submit 0 --from you@example.org --mail-file "$tmp/mail" --yes
cat "$tmp"/mail* >"$tmp/out"
out '^To: .*desk@example\.org'
out '^Cc: .*boss@example\.org'

# fields: the desk's in its order, with the user's values, then his own
desk '  mail: desk@example.org\n  fields: {Package: src:linux, Severity: normal}\n'
submit 0 --from you@example.org --mail-file "$tmp/fields" --yes --field Version=6.1-1 --field Severity=grave
cat "$tmp"/fields* >"$tmp/out"
lines=$(sed -n 's/\r$//; /^\(Package\|Severity\|Version\): /p' "$tmp/out" | tr '\n' ' ')
checks=$((checks + 1))
[ "$lines" = 'Package: src:linux Severity: grave Version: 6.1-1 ' ] || fail "fields: $lines"

desk '  upload: https://127.0.0.1:9/in/\n'
submit 0 --dry-run
err '^PUT .*b\.tar\.gz to https://127\.0\.0\.1:9/in/$'
submit 130
err 'nothing was sent'
submit 1 --yes
err '127\.0\.0\.1'
submit 0 --upload=profile --dry-run
err ' to https://127\.0\.0\.1:9/in/$'

desk '  note: Ask us by phone.\n'
submit 2
err '^Ask us by phone\.$'
err "profile 'desk' names no place for it"
err 'give --bugzilla=URL, --mail=ADDRESS or --upload=URL'
submit 2 --upload=profile
err 'the profile names no place'
desk '  bugzilla: https://127.0.0.1:9\n'
submit 1 --dry-run
err '^oomreport: https://127\.0\.0\.1:9: '
finish
