# Little kept free (vm.min_free_kbytes=256), a disk writing, RAM full of locked memory, and one
# multicast packet for 6000 sockets: GFP_ATOMIC requests find nothing.
# options: --disk 256M
ifconfig lo 127.0.0.1 up
route add -net 224.0.0.0 netmask 240.0.0.0 dev lo
disk_at /mnt
echo 256 >/proc/sys/vm/min_free_kbytes
dd if=/dev/zero of=/mnt/load bs=1M count=200 2>/dev/null &
burst 6000 50 'eat -l -f 3 & sleep 3; cat /proc/buddyinfo'
