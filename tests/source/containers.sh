#!/bin/sh
# What source/ makes of files, compressed files, archives, pipes, trees and junk.
set -u
cat=$OOMREPORT_BUILD/tests/source_cat
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
no() { echo "not so: $*"; bad=1; }
body() { "$cat" "$@" 2>"$tmp/err" | grep -v '^== '; }
heads() { "$cat" -- "$@" 2>"$tmp/err" | grep '^== ' | sed "s,$tmp/,,"; }
same() { # WHAT EXPECTED-FILE COMMAND...
	what=$1 want=$2
	shift 2
	"$@" >"$tmp/got"
	cmp -s "$tmp/got" "$want" || { no "$what"; head -5 "$tmp/got" "$tmp/err"; }
}

log=tests/golden/memcg-v1-6.18/log
cp "$log" "$tmp/log"
for i in 1 2 3 4 5 6 7 8; do cat tests/golden/global-anon-6.1/log; done >"$tmp/long"
# lines of digits that compress badly
seq 1 200000 | awk '{ printf "%.0f %.0f\n", $1 * 7919 * 104729 % 1299709, $1 * 15485863 % 982451653 }' \
	>"$tmp/dull"
for tool in gzip bzip2 xz zstd; do
	"$tool" -q -c "$tmp/long" >"$tmp/long.$tool"
	same "$tool file" "$tmp/long" body "$tmp/long.$tool"
	same "$tool pipe" "$tmp/long" body - <"$tmp/long.$tool"
	cat "$tmp/long.$tool" | body - | cmp -s - "$tmp/long" || no "$tool through a real pipe"
	# the name says nothing
	cp "$tmp/long.$tool" "$tmp/named.log"
	same "$tool, named .log" "$tmp/long" body "$tmp/named.log"
	# several members, as logrotate and pigz write them
	cat "$tmp/long.$tool" "$tmp/long.$tool" >"$tmp/twice.$tool"
	cat "$tmp/long" "$tmp/long" >"$tmp/twice"
	same "$tool, two members" "$tmp/twice" body "$tmp/twice.$tool"
	# cut short: what is there is read, but for the decoder's last block, and it is said
	"$tool" -q -c "$tmp/dull" >"$tmp/dull.$tool"
	head -c $(($(wc -c <"$tmp/dull.$tool") / 2)) "$tmp/dull.$tool" >"$tmp/cut.$tool"
	body "$tmp/cut.$tool" >"$tmp/got" || no "cut $tool is not read"
	n=$(wc -c <"$tmp/got")
	[ "$n" -gt 500000 ] || no "cut $tool gives $n bytes"
	cmp -n $((n - 100)) "$tmp/got" "$tmp/dull" || no "cut $tool gives other bytes"
	grep -q 'damaged after' "$tmp/err" || no "cut $tool: the damage is not spoken of"
done
same plain "$tmp/log" body "$tmp/log"
same "plain pipe" "$tmp/log" body - <"$tmp/log"
: >"$tmp/empty"
same "empty file" "$tmp/empty" body "$tmp/empty"
gzip -c "$tmp/empty" >"$tmp/empty.gz"
same "empty gz" "$tmp/empty" body "$tmp/empty.gz"

# a bundle: kernel.log first, its own report
mkdir -p "$tmp/oomreport-h-1/log" "$tmp/oomreport-h-1/proc"
echo '{}' >"$tmp/oomreport-h-1/MANIFEST.json"
echo '{"schema":"oomreport.report/1"}' >"$tmp/oomreport-h-1/report.json"
echo now >"$tmp/oomreport-h-1/log/kernel.log"
echo before >"$tmp/oomreport-h-1/log/boot-1.log"
echo noise >"$tmp/oomreport-h-1/proc/meminfo"
(cd "$tmp" && tar c oomreport-h-1 | zstd -q >bundle.tar.zst && tar czf bundle.tar.gz oomreport-h-1)
cat >"$tmp/want" <<END
== bundle bundle: oomreport-h-1/log/kernel.log
now
== bundle bundle: oomreport-h-1/log/boot-1.log
before
END
for form in bundle.tar.zst bundle.tar.gz; do
	"$cat" "$tmp/$form" 2>"$tmp/err" | sed "s,$tmp/,,; s,bundle.tar.[a-z]*:,bundle:," >"$tmp/got"
	cmp -s "$tmp/got" "$tmp/want" || { no "bundle $form"; cat "$tmp/got"; }
	[ "$("$cat" -r "$tmp/$form" 2>/dev/null)" = '{"schema":"oomreport.report/1"}' ] ||
		no "saved report of $form"
	# after the saved report the logs are still there
	"$cat" -r "$tmp/$form" 2>&1 >/dev/null | grep -q 'kernel.log: 4 bytes' || no "log after report"
	cat "$tmp/$form" | "$cat" -r - 2>/dev/null | grep -q schema || no "saved report through a pipe"
done
"$cat" "$tmp/oomreport-h-1" 2>/dev/null | sed "s,$tmp/oomreport-h-1: ,bundle: oomreport-h-1/," >"$tmp/got"
cmp -s "$tmp/got" "$tmp/want" || { no "bundle as a folder"; cat "$tmp/got"; }
"$cat" -r "$tmp/oomreport-h-1" 2>/dev/null | grep -q schema || no "saved report of a folder"
"$cat" -r "$tmp/log" 2>&1 | grep -q 'no saved report' || no "a log has no saved report"

# a sos report and a supportconfig, built here after their layout
sos=$tmp/sosreport-h-2026
mkdir -p "$sos/sos_commands/kernel" "$sos/sos_commands/logs" "$sos/var/log" "$sos/proc/sys/kernel" \
	"$sos/var/crash/127.0.0.1" "$sos/etc/sysconfig"
echo dmesg >"$sos/sos_commands/kernel/dmesg_-T"
echo journal >"$sos/sos_commands/logs/journalctl_--no-pager_--boot"
echo usage >"$sos/sos_commands/logs/journalctl_--disk-usage"
echo messages >"$sos/var/log/messages"
echo old | gzip >"$sos/var/log/messages-20260101.gz"
echo 1 >"$sos/proc/sys/kernel/dmesg_restrict"
echo conf >"$sos/etc/sysconfig/syslog"
echo kdump >"$sos/var/crash/127.0.0.1/vmcore-dmesg.txt"
mkfifo "$sos/var/log/syslog"
(cd "$tmp" && tar cJf sos.tar.xz --sort=name sosreport-h-2026)
for form in sos.tar.xz sosreport-h-2026; do
	body "$tmp/$form" | sort | tr '\n' ' ' >"$tmp/got"
	[ "$(cat "$tmp/got")" = "dmesg journal kdump messages old " ] || { no "$form"; cat "$tmp/got"; }
	heads "$tmp/$form" | grep -q '^== vmcore-dmesg .*vmcore-dmesg.txt' || no "kind in $form"
done
grep -q '1 FIFO' "$tmp/err" || no "the FIFO is not spoken of"
mkdir -p "$tmp/scc_h_1"
cat >"$tmp/scc_h_1/boot.txt" <<'END'
=============================================================================
#==[ Command ]======================================#
# /bin/uname -a
Linux h 5.14.21

#==[ Command ]======================================#
# /bin/dmesg -T
[Mon Jan  2 15:04:05 2026] a line of dmesg
#==[ Log File ]=====================================#
# /var/log/boot.log - Last 3000 Lines
boot words
END
printf '#==[ Log File ]===#\n# /var/log/messages - Last 5000 Lines\na line of messages\n' \
	>"$tmp/scc_h_1/messages.txt"
echo other >"$tmp/scc_h_1/basic.txt"
(cd "$tmp" && tar cJf scc.txz scc_h_1)
printf '[Mon Jan  2 15:04:05 2026] a line of dmesg\na line of messages\n' >"$tmp/want"
for form in scc.txz scc_h_1; do
	body "$tmp/$form" | sort >"$tmp/got"
	cmp -s "$tmp/got" "$tmp/want" || { no "supportconfig $form"; cat "$tmp/got"; }
done

# anything else packed: its text
(cd "$tmp" && cp log mine.txt && printf 'a\0b' >blob.bin && tar czf mine.tgz mine.txt blob.bin)
same "a packed text" "$tmp/log" body "$tmp/mine.tgz"

# a header that is none: what stands behind it is read, and that it is damaged is said; where nothing
# else is left it is an error, not an archive without a log
(cd "$tmp" && echo first >first.txt && echo hit >hit.txt && echo second >second.txt &&
	tar cf hit.tar --format=ustar first.txt hit.txt second.txt && tar cf alone.tar --format=ustar blob.bin hit.txt)
printf 'YYYY' | tee "$tmp/x" | dd of="$tmp/hit.tar" bs=1 seek=1028 conv=notrunc 2>/dev/null
dd if="$tmp/x" of="$tmp/alone.tar" bs=1 seek=1028 conv=notrunc 2>/dev/null
[ "$(body "$tmp/hit.tar" | tr '\n' ' ')" = 'first second ' ] || { no "behind a damaged header"; body "$tmp/hit.tar"; }
grep -q 'the archive is damaged' "$tmp/err" || { no "a damaged header is not told"; cat "$tmp/err"; }
body "$tmp/alone.tar" >"$tmp/got"
grep -q '^source_cat: .*the archive is damaged' "$tmp/err" || { no "nothing but damage"; cat "$tmp/err" "$tmp/got"; }

# what cannot be read says so in one line
mkdir "$tmp/nothing"
for junk in nothing missing blob.tgz; do
	[ "$junk" != blob.tgz ] || (cd "$tmp" && tar czf blob.tgz blob.bin)
	"$cat" "$tmp/$junk" >/dev/null 2>"$tmp/err" && no "$junk is read"
	grep -q '^source_cat: .' "$tmp/err" || { no "$junk: no reason"; cat "$tmp/err"; }
done
# nor is what is packed otherwise taken for a text without an OOM: it says what unpacks it
while read -r program magic; do
	{ printf "$magic" && head -c 3000 /dev/urandom; } >"$tmp/foreign"
	"$cat" "$tmp/foreign" >"$tmp/got" 2>"$tmp/err" && no "$program: it is read"
	grep -q "^source_cat: .*unpack it first (with $program)" "$tmp/err" || { no "$program is not named"; cat "$tmp/err"; }
	gzip -c "$tmp/foreign" >"$tmp/foreign.gz"
	"$cat" "$tmp/foreign.gz" 2>&1 >"$tmp/got" | grep -q "(with $program)" || no "$program within gzip"
	"$cat" - <"$tmp/foreign" 2>&1 >"$tmp/got" | grep -q "^source_cat: standard input: .*(with $program)" || no "$program through a pipe"
done <<'END'
lz4 \004\042\115\030
7z 7z\274\257\047\034
unrar Rar!\032\007\001\000
lzop \211LZO\000\r\n\032\n
lzip LZIP\001\014
lrzip LRZI\000\006
END
# a program is none, whatever words are in it; the image of a memory is
"$cat" "$cat" >"$tmp/got" 2>"$tmp/err" && no "a program is read"
grep -q "^source_cat: .*it is a program" "$tmp/err" || { no "a program is not told"; cat "$tmp/err"; }
(cd "$tmp" && cp "$cat" program && tar czf program.tgz program)
"$cat" "$tmp/program.tgz" >/dev/null 2>&1 && no "a program in an archive is read"
{ printf '\177ELF\002\001\001\000' && head -c 8 /dev/zero && printf '\004\000' && head -c 100 /dev/zero; echo; cat "$log"; } >"$tmp/core"
"$cat" "$tmp/core" 2>"$tmp/err" | grep -aq 'Killed process' || no "the image of a memory is not read"
# more than 1 GiB of one letter in a few KiB: cut, and said
head -c 1100000000 /dev/zero | tr '\0' 'x' | zstd -q -1 >"$tmp/bomb.zst"
"$cat" -q "$tmp/bomb.zst" 2>"$tmp/err"
grep -q 'swells more than' "$tmp/err" || { no "a bomb is not cut"; cat "$tmp/err"; }
# nor does one that nobody reads keep us busy
(cd "$tmp" && truncate -s 2200000000 core.bin && tar cf - core.bin second.txt | zstd -q -1 >passed.tar.zst)
body "$tmp/passed.tar.zst" >"$tmp/got"
grep -q 'swells more than' "$tmp/err" || { no "a bomb that is passed over is not cut"; cat "$tmp/err" "$tmp/got"; }
exit $bad
