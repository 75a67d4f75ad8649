# A file in a tmpfs grows until RAM is full, no swap; then a process of 24 MiB wants a little more.
# Killing it does not give back what the file takes.
# expects: kind=oom-kill scope=global victims=webserver events=1 swap=none finding=shmem-full
mount -t tmpfs -o size=100% shm /mnt
while [ "$(free_mib)" -gt 16 ]; do dd if=/dev/zero bs=1M count=2 2>/dev/null >>/mnt/big; done
snap peak
ln -s /hogs/eat /bin/webserver
webserver
