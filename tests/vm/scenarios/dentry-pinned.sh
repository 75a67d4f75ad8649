# Very many links to one file in a tmpfs: dentries, counted as reclaimable, that cannot be dropped.
# expects: kind=oom-kill scope=global victims=webserver finding=dentry-inode-pinned
spare_us
mount -t tmpfs -o size=100%,nr_inodes=0 shm /mnt
neighbour webserver 8
usual grow links /mnt &
until dmesg | grep -q 'Killed process'; do sleep 1; done
killall -9 grow
umount /mnt # or there is no memory left to tell of it
