# options: --disk 256M
# Little kept free (vm.min_free_kbytes=256), a disk being written to, and RAM filling with locked
# memory at the same time.
disk_at /mnt
echo 256 >/proc/sys/vm/min_free_kbytes
dd if=/dev/zero of=/mnt/load bs=1M count=220 2>/dev/null &
sleep 1
eat -l
