#!/bin/sh
# OOMs of earlier boots, below another root: in real .journal files of two boots (written by
# systemd's own tool), in pstore as the kernel left it and as systemd-pstore moved it, and in
# kdump's vmcore-dmesg.txt. The source is named, and what several of them hold counts once.
set -u
oomreport=$OOMREPORT_BUILD/oomreport
remote=/usr/lib/systemd/systemd-journal-remote
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
no() { echo "not so: $*"; bad=1; }
is() { # WHAT REPORT JQ-CONDITION
	jq -e "$3" "$2" >/dev/null || { no "$1"; jq -c '.source, .counts, .first_oom.lines' "$2"; }
}
collect() { # ROOT BOOT
	"$oomreport" collect -q --root "$1" --boot "$2" --force --no-interview --redact none \
		--format dir -o "$tmp/out" \
		>/dev/null 2>"$tmp/err" || { no "collect --root $1 --boot $2"; cat "$tmp/err"; }
	cp "$tmp/out/report.json" "$tmp/report.json"
}
log=tests/golden/memcg-v2-6.12/log
"$oomreport" analyze --format json "$log" >"$tmp/want.json"
want=$(jq -c '.first_oom | [.victims, .memcg, .tasks, .call_trace, .complete]' "$tmp/want.json")

# ---- a journal: the boot before had an OOM, this one had none ----
if [ -x "$remote" ]; then
	machine=$(printf '%032d' 7)
	mkdir -p "$tmp/j/var/log/journal/$machine" "$tmp/j/proc"
	python3 - "$log" >"$tmp/export" <<'EOF'
import re, sys
lines = [m.groups() for m in (re.match(r"\[ *(\d+)\.(\d+)\] (.*)", l) for l in open(sys.argv[1])) if m]
for boot in (1, 2):
    for n, (s, us, text) in enumerate(lines if boot == 1 else lines[:60]):
        mono = int(s) * 1000000 + int(us)
        real = 1767366245000000 + boot * 3600000000 + mono
        id = "%032x" % boot
        print(f"__CURSOR=s={1:032x};i={boot * 100000 + n:x};b={id};m={mono:x};t={real:x};x={n:x}\n"
              f"__REALTIME_TIMESTAMP={real}\n__MONOTONIC_TIMESTAMP={mono}\n_BOOT_ID={id}\n"
              f"_MACHINE_ID={7:032d}\n_HOSTNAME=h\nPRIORITY=4\n_TRANSPORT=kernel\n"
              f"SYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP={mono}\nMESSAGE={text}\n")
EOF
	"$remote" --output="$tmp/j/var/log/journal/$machine/system.journal" "$tmp/export" 2>/dev/null ||
		no 'systemd-journal-remote writes a journal'
	collect "$tmp/j" -1
	is 'the OOM of the boot before is found' "$tmp/report.json" '.counts.oom_events == 1'
	is 'its source is named' "$tmp/report.json" \
		'.source.kind == "journal" and (.source.name | test("boot -1$"))'
	is 'all of it' "$tmp/report.json" \
		"(.first_oom | [.victims, .memcg, .tasks, .call_trace, .complete]) == $want"
	# as on a running machine: this boot had none, and the one before is read with it
	collect "$tmp/j" 0
	is 'with this boot the one before' "$tmp/report.json" \
		'.counts.oom_events == 1 and (.source.name | test("boot -1$"))'
	[ -s "$tmp/out/log/boot-1.log" ] || no 'a log for each boot'
	grep -q 'invoked oom-killer' "$tmp/out/log/kernel.log" && no 'this boot has none'
	collect "$tmp/j" -2
	is 'no older boot' "$tmp/report.json" '.counts.oom_events == 0 and .source.name == ""'
	# rotated in the middle of the OOM, one part not closed; no id is known of the machine
	python3 - "$tmp/export" "$tmp/first" "$tmp/second" <<'EOF'
import sys
entries = open(sys.argv[1]).read().split("\n\n")[:-1]
boot = [x for x in entries if "_BOOT_ID=%032x" % 1 in x]
half = next(i for i, x in enumerate(boot) if "invoked oom-killer" in x) + 9
for path, part in ((sys.argv[2], boot[:half]), (sys.argv[3], entries[half:])):
    open(path, "w").write("\n\n".join(part) + "\n\n")
EOF
	rotated=$tmp/rotated/var/log/journal/$machine
	mkdir -p "$rotated" "$tmp/rotated/proc"
	{
		"$remote" --output="$rotated/first.journal" "$tmp/first" 2>/dev/null &&
			mv "$rotated/first.journal" "$rotated/system@0005-6.journal~" &&
			"$remote" --output="$rotated/system.journal" "$tmp/second" 2>/dev/null
	} || no 'systemd-journal-remote writes two files'
	collect "$tmp/rotated" -1
	is 'rotated in the middle of the OOM' "$tmp/report.json" \
		"(.first_oom | [.victims, .memcg, .tasks, .call_trace, .complete]) == $want"
	is 'it says from where' "$tmp/report.json" '.source.kind == "journal" and
		(.source.name | test("system.journal and 1 more, boot -1$"))'
	"$oomreport" analyze --format json "$tmp/j/var/log/journal/$machine/system.journal" >"$tmp/file.json"
	is 'a .journal file itself' "$tmp/file.json" '.counts.oom_events == 1 and .source.kind == "journal"'
else
	echo "no $remote here: journals of two boots are left out"
fi

# ---- what a crash left ----
log=tests/golden/panic-on-oom-6.12/log
root=$tmp/crash
record() { # HEADER: the newest part of the log, as pstore keeps it
	echo "$1"
	tail -n 150 "$log" | sed 's/^/<4>/'
}
mkdir -p "$root/proc" "$root/var/crash/127.0.0.1-2026-01-02-15:04:05"
cp "$log" "$root/var/crash/127.0.0.1-2026-01-02-15:04:05/vmcore-dmesg.txt"
collect "$root" -1
is 'kdump' "$tmp/report.json" '.source.kind == "vmcore-dmesg" and .counts.oom_events == 1 and
	.first_oom.kind == "oom-panic" and .first_oom.complete'
mkdir -p "$root/var/lib/systemd/pstore/1767366245"
record 'Panic#1 Part1' >"$root/var/lib/systemd/pstore/1767366245/dmesg-erst-1"
collect "$root" -1
is 'kept by systemd-pstore' "$tmp/report.json" '.source.kind == "pstore" and
	.source.name == "/var/lib/systemd/pstore/1767366245/dmesg-erst-1"'
is 'counted once' "$tmp/report.json" '.counts.oom_events == 1 and .counts.events_repeated == 1'
mkdir -p "$root/sys/fs/pstore"
record 'Panic#2 Part1' >"$root/sys/fs/pstore/dmesg-ramoops-0"
collect "$root" -1
is 'still in pstore' "$tmp/report.json" '.source.name == "/sys/fs/pstore/dmesg-ramoops-0" and
	.counts.oom_events == 1 and .counts.events_repeated == 2 and .first_oom.complete'
collect "$root" -2
is 'what a crash left is of no older boot' "$tmp/report.json" '.counts.oom_events == 0'
exit $bad
