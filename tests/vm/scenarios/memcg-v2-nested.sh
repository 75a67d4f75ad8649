# The limit is the ancestor's (/slice, 48 MiB); the group inside it has none of its own.
# expects: kind=oom-kill scope=memcg victims=eat events=1 limit_kb=49152 group=/slice finding=memcg-limit|ancestor-limit
cgroup2 memory
mkdir /cg/slice
echo +memory >/cg/slice/cgroup.subtree_control
mkdir /cg/slice/service /cg/slice/other
echo 48M >/cg/slice/memory.max
inside /cg/slice/other eat -s 20 >/dev/null &
sleep 2
inside /cg/slice/service eat
