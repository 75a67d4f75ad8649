# options: --swap 64M
# A cgroup v2 limit of 20 MiB and 8 MiB of swap.
cgroup2 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.max
echo 8M >/cg/oomtest/memory.swap.max
inside /cg/oomtest eat
