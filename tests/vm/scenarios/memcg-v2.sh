# A cgroup v2 limit of 20 MiB, RAM is plentiful.
# expects: kind=oom-kill scope=memcg victims=tail events=1 limit_kb=20480 group=/oomtest finding=memcg-limit
cgroup2 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.max
inside /cg/oomtest tail /dev/zero
keep_group /cg/oomtest
