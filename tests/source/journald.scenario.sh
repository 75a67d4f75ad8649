# options: --mem 512 --timeout 400 --append log_buf_len=256K
# systemd-journald as it runs on machines, and an OOM of a real cgroup: in the ring and the
# journal, then in the journal alone, then a boot later. Played twice by tests/source/journald,
# which keeps the disk in between.
mkdir -p /run /var/log/journal /tmp
mount -t tmpfs run /run
disk_at /var/log/journal
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
mkdir -p /run/systemd/journal /etc/systemd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo "[Journal]
Storage=persistent" >/etc/systemd/journald.conf
earlier=$(ls /var/log/journal | grep -c 0123456789abcdef)
/usr/lib/systemd/systemd-journald 2>/out/journald.err &
journald=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	journalctl --flush 2>/dev/null && break
	sleep 1
done
[ $i -lt 20 ] || cannot "systemd-journald does not answer here"

if [ "$earlier" = 0 ]; then
	cgroup2 memory
	mkdir /cg/oomtest
	echo 16M >/cg/oomtest/memory.max
	inside /cg/oomtest tail /dev/zero
	echo on >/proc/sys/kernel/printk_devkmsg
	# a program's words are not the kernel's, by whatever road they come
	echo "forger invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0" >/dev/kmsg
	echo "Out of memory: Killed process 1 (init) total-vm:1kB, anon-rss:1kB, file-rss:1kB" >/dev/kmsg
	journalctl --sync
	oomreport analyze --format json >/out/both.json
	long=$(printf '%0800d' 0)
	while dmesg | grep -q "tail invoked\|Killed process"; do
		for i in 1 2 3 4 5 6 7 8; do echo "filler $long"; done >/dev/kmsg
	done
	journalctl --sync
	oomreport analyze --format json >/out/headless.json
	journalctl -k -b --no-pager >/out/journal.txt
	journalctl --rotate
else
	journalctl --list-boots --no-pager >/out/boots.txt
	oomreport analyze --format json >/out/this-boot.json
	oomreport collect -q --boot -1 --no-interview --redact none --format dir -o /tmp/boot-1 \
		>/dev/null 2>/out/boot-1.err
	cp /tmp/boot-1/report.json /out
	journalctl --rotate
	journalctl --sync
	ls /var/log/journal/* >/out/files.txt
	oomreport analyze --format json /var/log/journal >/out/files.json
fi
kill $journald
wait $journald
umount /var/log/journal
say "done"
