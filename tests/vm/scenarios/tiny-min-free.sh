# options: --disk 256M --timeout 300
# Little kept free (vm.min_free_kbytes=256) under write load: a disk is written to without end, the
# page cache has all the rest, and multicast packets for 12000 sockets each want memory at once in
# the network's softirq, which cannot wait for pages to be cleaned.
# expects: kind=none events=0 failures=1 finding=reserve-too-small|atomic-reserve
ifconfig lo 127.0.0.1 up
route add -net 224.0.0.0 netmask 240.0.0.0 dev lo
disk_at /mnt
echo 256 >/proc/sys/vm/min_free_kbytes
burst 12000 20 'while dd if=/dev/zero of=/mnt/load bs=1M count=200; do :; done >/dev/null 2>&1 & sleep 8'
killall -9 dd
