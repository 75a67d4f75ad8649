# options: --mem 768 --timeout 300 --append log_buf_len=1M
# A ring buffer that is overwritten: before it is read, while it is read, and read without
# /dev/kmsg. Played by tests/source/ring, which brings the programs and looks at /out.
mkdir -p /var/log
cgroup1 memory
mkdir /cg/oomtest
echo 16M >/cg/oomtest/memory.limit_in_bytes
inside /cg/oomtest tail /dev/zero
echo on >/proc/sys/kernel/printk_devkmsg

long=$(printf '%0800d' 0)
number=0
fill() { # UNTIL: records of 800 bytes, numbered
	while [ $number -lt "$1" ]; do
		number=$((number + 1))
		echo "filler $number $long"
	done >/dev/kmsg
}

# the syslog has the first half of it, the ring the second and some more
fill 1000
dmesg | sed 's/^/Jan  1 00:00:01 ring kernel: /' >/var/log/kern.log
fill 2000
# a program's words are not the kernel's
echo "forger invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0" >/dev/kmsg
echo "Out of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:1kB" >/dev/kmsg
dmesg | grep -c "tail invoked" >/out/still-in-the-ring
oomreport analyze --format json >/out/kmsg.json
source_cat -l / 0 >/out/live.txt

# overwritten under a reader that is stopped by a full pipe
mkfifo /pipe
source_cat /dev/kmsg >/pipe 2>/out/slow.err &
exec 3</pipe
sleep 1
fill 4000
cat <&3 >/out/slow.txt
wait

# without the device; the syslog went on
dmesg | grep filler | sed 's/^/Jan  1 00:00:02 ring kernel: /' >>/var/log/kern.log
fill 4100
rm /dev/kmsg
oomreport analyze --format json >/out/klogctl.json
say "done"
