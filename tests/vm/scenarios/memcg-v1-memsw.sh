# options: --swap 64M
# cgroup v1: memory 20 MiB, memory and swap 28 MiB together.
# expects: kind=oom-kill scope=memcg victims=eat events=1 group=/oomtest finding=memcg-limit
cgroup1 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.limit_in_bytes
echo 28M >/cg/oomtest/memory.memsw.limit_in_bytes
inside /cg/oomtest eat
