# A cgroup v2 limit of 20 MiB, RAM is plentiful.
cgroup2 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.max
inside /cg/oomtest tail /dev/zero
