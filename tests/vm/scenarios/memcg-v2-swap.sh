# options: --swap 64M
# A cgroup v2 limit of 20 MiB and 8 MiB of swap.
# expects: kind=oom-kill scope=memcg victims=eat events=1 limit_kb=20480 group=/oomtest finding=memcg-limit
cgroup2 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.max
echo 8M >/cg/oomtest/memory.swap.max
inside /cg/oomtest eat
keep_group /cg/oomtest
