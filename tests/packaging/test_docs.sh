#!/bin/bash
# Man pages and completions say what the programs' option tables say; mandoc finds nothing; the
# completions work in the shells that are there.
# SPDX-License-Identifier: MIT
set -euo pipefail
build=${OOMREPORT_BUILD:-build/dev}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/docs.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
fail() { echo "test_docs.sh: $*" >&2; exit 1; }
build=$(cd "$build" && pwd)
export PATH="$build:$PATH"

# every page is clean; a page of ours that another names must be among ours
command -v mandoc >/dev/null || { echo "skipped: no mandoc here"; exit 77; }
for page in "$build"/man/*.[1-8]; do
	mandoc -T lint "$page" >"$tmp/lint" 2>/dev/null || true
	while read -r name section; do
		[ -e "$build/man/$name.$section" ] || fail "$page names $name($section), which is not there"
	done < <(sed -n 's/.*referenced manual not found: Xr \(oomreport[^ ]*\) \([1-8]\).*/\1 \2/p' "$tmp/lint")
	grep -v 'referenced manual not found: Xr \(oomreport\|tar\|journalctl\)' "$tmp/lint" >"$tmp/rest" || true
	[ ! -s "$tmp/rest" ] || { cat "$tmp/rest"; fail "$page is not clean"; }
done

# each option of --help is in its page and in each completion, and no page has one more
commands=$(oomreport --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
n=0
for c in $commands recorder; do
	case $c in
	recorder) page=oomreport-recorder.8 help="oomreport-recorder --help" ;;
	*) page=oomreport-$c.1 help="oomreport $c --help" ;;
	esac
	$help | grep -o '^  .\{4\}--[a-z-]*' | sed 's/.*--//' | sort >"$tmp/table"
	grep -o '^\.It \(Fl . , \)\{0,1\}Fl \\-[a-z\\-]*' "$build/man/$page" | sed 's/.*Fl \\-//; s/\\//g' | sort >"$tmp/man"
	cmp "$tmp/table" "$tmp/man" || { diff "$tmp/table" "$tmp/man"; fail "$page"; }
	[ -s "$tmp/table" ] || fail "$help lists no options"
	[ "$c" != recorder ] || continue
	while read -r option; do
		n=$((n + 1))
		sed -n "/^\t$c)/,/options=/s/options=//p" "$build/completions/bash" | grep -- "--$option " >/dev/null || fail "bash: $c --$option"
		sed -n "/^\t$c)/,/ ;;\$/p" "$build/completions/zsh" | grep -- "--${option}[]['={}]" >/dev/null || fail "zsh: $c --$option"
		grep -q "from $c' -l $option " "$build/completions/fish" || fail "fish: $c --$option"
	done <"$tmp/table"
	$help | grep "^example:" >/dev/null || fail "$help has no example"
done
[ "$n" -gt 60 ] || fail "only $n options were compared"

# what the pages and README give as an example are options of that command
examples() {
	for page in "$build"/man/*.[1-8]; do mandoc -T ascii -O width=200 "$page" | sed 's/.\x08//g'; done
	sed -n 's/^    //p; s/`\(oomreport [^`]*\)`/\n\1\n/gp' README.md
}
n_examples=0
while read -r command words; do
	for word in $words; do
		case $word in '|' | '>' | '#') break ;; --*) ;; *) continue ;; esac
		word=${word%%[][=,;.]*}
		oomreport "$command" --help | grep -- "^  .\{4\}$word\b" >/dev/null || fail "an example says: $command $word"
		n_examples=$((n_examples + 1))
	done
done < <(examples | sed ':a; /\\$/{N; s/\\\n */ /; ta}' | sed -n 's/^ *\(sudo \)\{0,1\}oomreport \([a-z]* .*\)/\2/p' |
	grep -E "^($(echo $commands | tr ' ' '|')) ")
[ "$n_examples" -gt 25 ] || fail "only $n_examples options of examples were compared"

# the limits are those of the source
n_limits=0
while read -r file text; do
	grep -qF -- "$text" "$file" || fail "oomreport-limits(7): $file does not say $text"
	n_limits=$((n_limits + 1))
done < <(sed -n 's/^\.\\" limit: //p' packaging/man/oomreport-limits.7)
[ "$n_limits" -gt 15 ] || fail "only $n_limits limits were compared"

# as typed
answers() { # SHELL WANT...: what the shell offered is in $tmp/got
	for want in "${@:2}"; do
		grep -qx -- "$want" "$tmp/got" || { cat "$tmp/got"; fail "$1 does not offer $want"; }
	done
}
bash_offers() {
	bash -c 'compopt() { :; }; . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_oomreport; printf "%s\n" "${COMPREPLY[@]}"' - "$build/completions/bash" "$@" >"$tmp/got"
}
bash_offers oomreport co
answers bash collect
bash_offers oomreport collect --redact ''
answers bash none standard strict
bash_offers oomreport collect --redact = st
answers bash standard strict
bash_offers oomreport analyze --for
answers bash --format
mkdir "$tmp/bin"
ln -s "$build/oomreport" "$tmp/bin"
PATH=$tmp/bin:$PATH
here=$(oomreport profile list | sed -n 's/^\* \([^ ]*\) .*/\1/p') # the one that is marked is offered, too
bash_offers oomreport collect --profile ''
answers bash linux-mm generic "$here"
bash_offers oomreport profile show linux-
answers bash linux-mm
touch "$tmp/some.log"
bash_offers oomreport analyze "$tmp/so"
answers bash "$tmp/some.log"
if command -v fish >/dev/null; then
	fish_offers() { fish -N -c "source $build/completions/fish; complete -C '$1'" | cut -f 1 >"$tmp/got"; }
	fish_offers 'oomreport tri'
	answers fish triage
	fish_offers 'oomreport collect --redact s'
	answers fish standard strict
	fish_offers 'oomreport submit --dry'
	answers fish --dry-run
	fish_offers 'oomreport collect --profile '
	answers fish linux-mm "$here"
	fish_offers 'oomreport profile check '
	answers fish linux-mm "$here"
	fish_offers 'oomreport profile '
	answers fish check
else
	echo "not tried: no fish here"
fi
if command -v zsh >/dev/null; then
	mkdir "$tmp/zsh"
	cp "$build/completions/zsh" "$tmp/zsh/_oomreport"
	python3 - "$tmp" "$here" >"$tmp/got" <<'END'
import os, pty, select, sys, time
tmp = sys.argv[1]
pid, fd = pty.fork()
if pid == 0:
    os.chdir(tmp)
    os.execvpe("zsh", ["zsh", "-f", "-i"], dict(os.environ, TERM="dumb", PS1="> "))
def until(quiet):
    text = b""
    while select.select([fd], [], [], quiet)[0]:
        try:
            text += os.read(fd, 65536)
        except OSError:
            break
    return text
os.write(fd, b"fpath=(%s/zsh $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0; setopt no_beep; echo ready\n" % tmp.encode())
until(3)
for typed in (b"oomreport tri\t", b"\x15oomreport collect --redact str\t", b"\x15oomreport submit --dry\t", b"\x15oomreport profile show linux\t",
              b"\x15oomreport collect --profile %s\t" % sys.argv[2][:-1].encode()):
    os.write(fd, typed)
    words = until(3).decode(errors="replace").replace("\r", "\n").split()
    print("\n".join(words))
os.kill(pid, 9)
END
	tr -d '\007\010' <"$tmp/got" >"$tmp/clean" && mv "$tmp/clean" "$tmp/got"
	answers zsh triage strict --dry-run linux-mm "$here"
else
	echo "not tried: no zsh here"
fi
echo "$n options of $(echo $commands | wc -w) commands compared"
