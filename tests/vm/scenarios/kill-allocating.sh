# vm.oom_kill_allocating_task=1: the one that asks dies, not the largest.
sysctl -w vm.oom_kill_allocating_task=1
neighbour database 150
sleep 2
eat
