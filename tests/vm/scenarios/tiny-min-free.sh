# options: --disk 512M
# Little kept free (vm.min_free_kbytes=256), a disk being written to, and what one of the writers
# has written stays locked in memory: in the end a write finds none.
# expects: kind=oom-kill scope=global victims=eat finding=reserve-too-small
disk_at /mnt
echo 256 >/proc/sys/vm/min_free_kbytes
dd if=/dev/zero of=/mnt/load bs=1M count=220 2>/dev/null &
eat -w /mnt/data
