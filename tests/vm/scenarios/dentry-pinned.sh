# Very many links to one file in a tmpfs: dentries, counted as reclaimable, that cannot be dropped.
mount -t tmpfs -o size=100%,nr_inodes=0 shm /mnt
neighbour webserver 8
grow links /mnt
