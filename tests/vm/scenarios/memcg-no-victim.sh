# A cgroup v2 limit whose only process has oom_score_adj -1000: no killable processes.
# expects: first=oom-no-victim scope=memcg finding=victims-excluded|memcg-no-victim|memcg-limit
cgroup2 memory
mkdir /cg/oomtest
echo 20M >/cg/oomtest/memory.max
inside /cg/oomtest sh -c 'echo -1000 >/proc/self/oom_score_adj; exec eat' &
sleep 2
killall -9 eat
wait
