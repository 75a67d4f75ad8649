#!/bin/sh
# `oomreport reveal`: what collect replaced is read back, from the mapping that it kept.
set -eu
. tests/cli/lib.sh
export XDG_STATE_HOME=$tmp/state

# a machine of its own: names of a host, a user, addresses
root=$tmp/root
mkdir -p "$root/etc" "$root/proc/sys/kernel" "$root/var/log"
echo quokka7 >"$root/proc/sys/kernel/hostname"
echo quokka7 >"$root/etc/hostname"
printf 'root:x:0:0::/root:/bin/sh\nwilhelmina:x:1000:1000::/home/wilhelmina:/bin/sh\n' >"$root/etc/passwd"
{
	for i in 1 2 3; do
		echo "Nov 23 02:29:0$i quokka7 app[7]: 10.9.8.$i:44$i asks for /home/wilhelmina/data$i, 10.9.8.7 too"
	done
	sed 's/^/Nov 23 02:30:00 quokka7 kernel: /' tests/golden/global-anon-6.12/log
} >"$root/var/log/kern.log"
run 0 collect -q --no-interview --root "$root" --format dir -o "$tmp/oom"
text=$tmp/oom/log/kernel.log
checks=$((checks + 2))
! grep -q 'quokka7\|wilhelmina\|10\.9\.8' "$text" || fail 'the bundle holds a name'
[ -s "$XDG_STATE_HOME/oomreport/mappings/oom.json" ] || fail 'no mapping is kept'

same() {
	checks=$((checks + 1))
	cmp "$tmp/out" "$1" >&2 || fail "reveal is not the way back: $2"
}
# the whole log and the summary, by the bundle's name and by the mapping's file
run 0 reveal "$tmp/oom" "$text"
same "$root/var/log/kern.log" 'the log'
run 0 reveal elsewhere/oom.tar.gz "$text"
same "$root/var/log/kern.log" 'by the name of a bundle that is not here'
run 0 reveal "$XDG_STATE_HOME/oomreport/mappings/oom.json" "$text"
same "$root/var/log/kern.log" 'by the mapping'
"$oomreport" collect -q --no-interview --redact none --root "$root" --format dir -o "$tmp/plain" >/dev/null
# the whole summary, word by word: its lines are broken where its words end, and only one says what
# was replaced
run 0 reveal oom "$tmp/oom/summary.txt"
words() {
	sed '/^COLLECTED$/,/^$/d' "$1" | tr -s ' \n' '\n\n'
}
words "$tmp/out" >"$tmp/revealed"
words "$tmp/plain/summary.txt" >"$tmp/never-hidden"
checks=$((checks + 2))
grep -q quokka7 "$tmp/revealed" || fail 'the summary has no host'
diff "$tmp/never-hidden" "$tmp/revealed" >&2 || fail 'the summary is not read back'
"$oomreport" reveal oom - <"$text" >"$tmp/out"
same "$root/var/log/kern.log" 'standard input'

# a bundle called after the machine: its top folder is not, its mapping is found all the same
run 0 collect -q --no-interview --root "$root" -o "$tmp/quokka7.tar.gz"
run 0 reveal "$tmp/quokka7.tar.gz" "$text"
same "$root/var/log/kern.log" 'by a name that is replaced in the bundle'

# two bundles of one name: neither mapping is lost, and none is guessed
mkdir "$tmp/one" "$tmp/two"
echo user1 >"$tmp/who"
run 0 collect -q --no-interview --root "$root" --now 2026-11-23T02:30:00Z -o "$tmp/one/rep.tar.gz"
run 0 reveal rep "$tmp/who"
out wilhelmina
sed -i 's/wilhelmina/brunhilde/g' "$root/etc/passwd"
run 0 collect --no-interview --root "$root" --now 2026-11-23T02:30:00Z -o "$tmp/two/rep.tar.gz"
err 'there was a bundle of this name before: .*/rep~2.json'
run 1 reveal rep "$tmp/who"
err 'give the file of the right one, .*/rep.json or a later one'
run 0 reveal "$XDG_STATE_HOME/oomreport/mappings/rep.json" "$tmp/who"
out wilhelmina
run 0 reveal "$XDG_STATE_HOME/oomreport/mappings/rep~2.json" "$tmp/who"
out brunhilde
checks=$((checks + 1))
[ "$(stat -c %a "$XDG_STATE_HOME/oomreport/mappings/rep~2.json")" = 600 ] || fail 'a mapping that others may read'
# a link that somebody put there is not written through
ln -s "$tmp/elsewhere" "$XDG_STATE_HOME/oomreport/mappings/linked.json"
run 0 collect -q --no-interview --root "$root" -o "$tmp/linked.tar.gz"
checks=$((checks + 1))
[ ! -e "$tmp/elsewhere" ] || fail 'the mapping went through a link'
sed -i 's/brunhilde/wilhelmina/g' "$root/etc/passwd"

# a home that is not there is not made; nor is a bundle lost for it
state=$XDG_STATE_HOME was=$HOME
unset XDG_STATE_HOME
HOME=$tmp/nonexistent
run 0 collect --no-interview --root "$root" -o "$tmp/homeless.tar.gz"
err 'no place for the mapping of replaced names'
HOME=$was
export XDG_STATE_HOME=$state
checks=$((checks + 1))
[ -s "$tmp/homeless.tar.gz" ] && [ ! -e "$tmp/nonexistent" ] || fail 'a home was made'

# only whole words, however the answer puts them
host=$(sed -n 's/^Nov 23 02:29:01 \([^ ]*\) .*/\1/p' "$text")
printf '> is %s (or "%s.") not %s2 or my%s?' "$host" "$host" "$host" "$host" >"$tmp/answer"
printf '> is quokka7 (or "quokka7.") not %s2 or my%s?' "$host" "$host" >"$tmp/want"
run 0 reveal oom "$tmp/answer"
same "$tmp/want" 'words, and no newline at the end'

# a long text is a stream, with a name across every kind of border; and a line without end
python3 - "$tmp" "$host" <<'PY'
import sys
tmp, host = sys.argv[1:]
for name, end in (("lines", "\n"), ("line", " ")):
    with open(f"{tmp}/{name}", "w") as a, open(f"{tmp}/{name}.want", "w") as b:
        for i in range(200000):
            pad = "x" * (i % 61)
            a.write(f"{pad} {host} said {i}{end}")
            b.write(f"{pad} quokka7 said {i}{end}")
PY
for name in lines line; do
	run 0 reveal oom "$tmp/$name"
	same "$tmp/$name.want" "$name"
done

# what cannot be is said in one line
run 2 reveal
err 'by which mapping'
run 1 reveal never-made.tar.zst "$text"
err 'no mapping of .never-made.tar.zst. is kept here'
echo '{"a": 1}' >"$tmp/bad.json"
run 1 reveal "$tmp/bad.json" "$text"
err 'is no mapping of replaced names'
echo '[{"original": "x"}]' >"$tmp/bad.json"
run 1 reveal "$tmp/bad.json" "$text"
err 'entry 1 is no replaced name'
run 1 reveal oom "$tmp/missing"
err 'missing: No such file'
finish
