# vm.oom_kill_allocating_task=1: the one that asks dies, not the largest.
# expects: kind=oom-kill scope=global victims=eat events=1 finding=demand-exceeds-memory|kill-allocating-task
sysctl -w vm.oom_kill_allocating_task=1
neighbour database 150
sleep 2
eat
