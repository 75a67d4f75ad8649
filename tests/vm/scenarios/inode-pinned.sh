# options: --mem 192
# Very many empty files in a tmpfs: inodes and dentries that cannot be dropped.
# expects: kind=oom-kill scope=global victims=webserver finding=dentry-inode-pinned
spare_us
mount -t tmpfs -o size=100%,nr_inodes=0 shm /mnt
neighbour webserver 24
usual grow files /mnt &
until dmesg | grep -q 'Killed process'; do sleep 1; done
killall -9 grow
snap peak
umount /mnt
