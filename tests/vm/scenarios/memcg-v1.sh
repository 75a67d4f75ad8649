# A cgroup v1 limit of 20 MiB, RAM is plentiful.
cgroup1 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.limit_in_bytes
inside /cg/oomtest tail /dev/zero
