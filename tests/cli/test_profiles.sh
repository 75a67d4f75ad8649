#!/bin/sh
# Profiles: the shipped ones are good, both by our reader and by the schema; mistakes are named
# with file, line, column and what is allowed; the machine's os-release chooses.
tool=$(realpath "${OOMREPORT_BUILD:?}/oomreport")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0 checks=0
is() { # is WHAT GOT WANT
	checks=$((checks + 1))
	[ "$2" = "$3" ] || { echo "$1: got '$2', not '$3'"; bad=1; }
}
python3 - schema/profile.schema.json templates/profiles/*.yaml <<'P' || bad=1
import json, sys, yaml, jsonschema
check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for name in sys.argv[2:]:
    for e in check.iter_errors(yaml.safe_load(open(name))):
        sys.exit(f"{name}: {e.message}")
P
for f in templates/profiles/*.yaml; do
	"$tool" profile check "$f" >/dev/null || bad=1
	checks=$((checks + 1))
done
is 'ten profiles' "$("$tool" profile list | wc -l)" 10
is 'one by its name' "$("$tool" profile check debian)" "built-in/debian.yaml: profile 'debian' is good"
cp templates/profiles/arch.yaml "$tmp/our-desk"
is 'a file of any name' "$(cd "$tmp" && "$tool" profile check our-desk)" "our-desk: profile 'arch' is good"
is 'a word that is neither' "$(cd "$tmp" && "$tool" profile check nonesuch 2>&1; echo $?)" \
	"oomreport: profile 'nonesuch': there is none of that name
oomreport: see 'oomreport profile list', or give a path
2"
is 'a slip' "$("$tool" profile show debain 2>&1 | sed -n 2p)" \
	"oomreport: did you mean 'debian'? See 'oomreport profile list'"
choose() { # choose OS-RELEASE-TEXT
	rm -rf "$tmp/root"; mkdir -p "$tmp/root/etc"
	printf '%b' "$1" >"$tmp/root/etc/os-release"
	"$tool" profile list --root "$tmp/root" | sed -n 's/^\* \([a-z-]*\) .*/\1/p'
}
is rocky "$(choose 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n')" rhel
is tumbleweed "$(choose 'ID="opensuse-tumbleweed"\n')" opensuse
is mint "$(choose 'ID=linuxmint\nID_LIKE="ubuntu debian"\n')" ubuntu
is 'mint made of Debian' "$(choose 'ID=linuxmint\nID_LIKE=debian\n')" debian
is 'a kernel of its own' "$(choose 'ID="amzn"\nID_LIKE="centos rhel fedora"\n')" generic
is 'SLES for SAP' "$(choose 'ID="sles_sap"\nID_LIKE="suse"\n')" sles
is leap "$(choose 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n')" opensuse
for pair in almalinux:'rhel centos fedora':rhel manjaro:arch:arch raspbian:debian:debian ol:fedora:rhel \
	sle-micro:suse:sles nobara:fedora:fedora funtoo:gentoo:gentoo elementary:ubuntu:ubuntu; do
	like=${pair#*:}
	is "$pair" "$(choose "ID=${pair%%:*}\nID_LIKE='${like%:*}'\n")" "${pair##*:}"
done
is unknown "$(choose 'ID=slackware\n')" generic
is empty "$(choose '')" generic
wrong() { # wrong YAML ERROR-START HINT
	printf '%b' "$1" >"$tmp/p.yaml"
	is "status of $1" "$("$tool" profile check "$tmp/p.yaml" >/dev/null 2>"$tmp/err"; echo $?)" 1
	is "error of $1" "$(sed -n 1p "$tmp/err")" "oomreport: $tmp/p.yaml:$2"
	[ -z "$3" ] || is "hint of $1" "$(sed -n 2p "$tmp/err")" "oomreport: $3"
}
wrong 'name: x\ntitle: y\nredact: some\n' "3:9: 'redact' must be one of none|standard|strict"
wrong 'name: x\ntitle: y\nsubmit:\n  bugzila: z\n' "4:3: there is no key 'bugzila' here" \
	'did you mean '"'"'bugzilla'"'"'? Allowed: bugzilla, product, component, version, mail, upload, cc, fields, note'
wrong 'name: ../x\ntitle: y\n' "1:7: 'name' wants a word without '/' that begins with no '.' or '-'"
wrong 'title: y\n' "1:1: 'name' is missing"
wrong 'name: x\nname: y\ntitle: z\n' "2:1: 'name' is given twice"
wrong 'name: x\ntitle: y\ngather: {max_size: lots}\n' \
	"3:20: 'max_size' wants a size such as 512k, 64M or 1G"
wrong '' '1:1: the file is empty'
wrong 'name: x\ntitle:\n' "2:7: 'title' is empty"
wrong 'name: x\ntitle: ~\n' "2:8: 'title' is empty"
wrong 'name: x\ntitle: y\ngather: {extra: [/a, relative]}\n' "3:22: 'extra' wants an absolute path, without '..'"
wrong 'name: x\ntitle: y\ngather: {leave_out: [/proc/vmstat, slabinfo]}\n' "3:36: 'leave_out': 'slabinfo' is nothing that is read" \
	"'oomreport collect --list' says what is"
wrong 'name: x\ntitle: y\nquestions:\n  - {key: a, text: b}\n  - {key: a, text: c}\n' "5:5: 'key: a' is given twice"
wrong 'name: x\ntitle: y\nsubmit: {fields: {a: 1, a: 2}}\n' "3:25: 'a' is given twice"
wrong 'name: x\ntitle: y\n---\nname: z\n' '3:1: a second document: one is enough'
wrong 'name: x\ntitle: y: z\n' '2:9: mapping values are not allowed in this context' \
	"a text with ': ' in it is put into quotes; keys of one map begin in one column"
wrong 'name: x\ntitle: y\n\tos: z\n' '3:1: found a tab character that violates indentation' 'indent with spaces'
wrong 'name: x\ntitle: caf\0351\n' '2:11: incomplete UTF-8 octet sequence'
wrong 'name: x\ntitle: y\nredcat: none\n' "3:1: there is no key 'redcat' here" \
	"did you mean 'redact'? Allowed: name, title, description, os, gather, questions, redact, template, submit"
wrong 'name: x\ntitle: y\nmax_size: 3M\n' "3:1: there is no key 'max_size' here" "it belongs to 'gather'"
wrong 'name: x\ntitle: y\nos: [[[[[[[[[a]]]]]]]]]\n' '3:12: nested too deeply'
wrong 'name: x\ntitle: y\ntemplate: nosuch\n' "3:11: there is no template 'nosuch'"
printf '{{#a}}' >"$tmp/t.txt"
wrong "name: x\ntitle: y\ntemplate: $tmp/t.txt\n" "3:11: template 't.txt', line 1: there is no end of section 'a'"

# ... and a bundle has a summary all the same
checks=$((checks + 1))
"$tool" collect --profile "$tmp/p.yaml" --log tests/golden/global-anon-6.12/log --no-interview --redact none \
	-o "$tmp/b.tar.gz" >/dev/null 2>"$tmp/err"
tar -xzOf "$tmp/b.tar.gz" b/summary.txt | grep -q '^WHAT HAPPENED' || { echo 'no summary of ours'; bad=1; }
grep -q "a page of the report could not be made: template 't.txt'" "$tmp/err" || { echo 'no word about it'; bad=1; }
# a path begins at the profile's folder, wherever one is; a name is no file of the folder one is in
mkdir -p "$tmp/desk/words" "$tmp/elsewhere"
printf 'Our words: {{view.verdict}}\n' >"$tmp/desk/words/t.txt"
printf 'Not ours\n' >"$tmp/elsewhere/evil"
printf 'name: x\ntitle: y\ntemplate: words/t.txt\n' >"$tmp/desk/p.yaml"
log=$PWD/tests/golden/global-anon-6.12/log
is 'a path' "$(cd "$tmp" && "$tool" profile check desk/p.yaml)" "desk/p.yaml: profile 'x' is good"
summary() { # summary PROFILE: where $tmp/elsewhere is the folder
	(cd "$tmp/elsewhere" && "$tool" collect -q --profile "$1" --log "$log" --no-interview --redact none -f -o b.tar.gz >/dev/null 2>&1
	tar -xzOf b.tar.gz b/summary.txt | head -n 1 | cut -c 1-22)
}
is 'ours' "$(summary ../desk/p.yaml)" 'Our words: The program'
printf 'name: x\ntitle: y\ntemplate: evil\n' >"$tmp/elsewhere/p.yaml"
is 'no file of the folder' "$(summary ./p.yaml)" 'The programs needed mo'
is 'and told' "$(cd "$tmp/elsewhere" && "$tool" profile check ./p.yaml 2>&1 | head -n 1)" \
	"oomreport: ./p.yaml:3:11: there is no template 'evil'"
# the size a desk allows, or the user
printf 'name: x\ntitle: y\ngather: {max_size: 300k}\n' >"$tmp/p.yaml"
left_out() { # left_out OPTIONS...: does the manifest say that something had no room?
	rm -rf "$tmp/dir"
	"$tool" collect -q --profile "$tmp/p.yaml" --log "$log" --no-interview --format dir -o "$tmp/dir" "$@" >/dev/null 2>&1
	grep -q '"reason": ".*max-size' "$tmp/dir/MANIFEST.json"
	echo $?
}
is 'as much as the desk allows' "$(left_out)" 0
is 'or the user' "$(left_out --max-size 64M)" 1
wrong '[1, 2]\n' '1:1: a map of keys and values is wanted here'
wrong 'name: &a [*a]\ntitle: y\n' "1:7: 'name' wants a text"
is 'no such profile' "$("$tool" profile show nonesuch 2>&1 | sed -n 1p)" \
	"oomreport: profile 'nonesuch': there is none of that name"
is 'outside the folders' "$("$tool" profile show ../../etc/passwd >/dev/null 2>&1; echo $?)" 1
echo "$checks checks"
exit $bad
