# memory.oom.group=1: the whole group of four is killed at its limit of 40 MiB.
# expects: kind=oom-kill scope=memcg victims=eat,eat,eat events=1 limit_kb=40960 group=/job finding=memcg-limit
cgroup2 memory
mkdir /cg/job
echo 40M >/cg/job/memory.max
echo 1 >/cg/job/memory.oom.group
inside /cg/job sh -c 'eat -s 4 & eat -s 6 & sleep 1; eat'
