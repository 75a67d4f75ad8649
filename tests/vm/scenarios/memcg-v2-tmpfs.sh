# A cgroup v2 limit of 32 MiB filled by a file in a tmpfs, not by anybody's own memory.
# expects: kind=oom-kill scope=memcg victims=eat events=1 limit_kb=32768 group=/build finding=memcg-limit
cgroup2 memory
mkdir /cg/build
echo 32M >/cg/build/memory.max
mount -t tmpfs shm /mnt
inside /cg/build sh -c 'dd if=/dev/zero of=/mnt/big bs=1M count=28; eat'
keep_group /cg/build
