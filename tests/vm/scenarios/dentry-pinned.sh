# Very many links to one file in a tmpfs: dentries, counted as reclaimable, that cannot be dropped.
# expects: kind=oom-kill scope=global victims=webserver finding=dentry-inode-pinned
mount -t tmpfs -o size=100%,nr_inodes=0 shm /mnt
neighbour webserver 8
grow links /mnt
