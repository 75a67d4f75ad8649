# ends: panic
# vm.panic_on_oom=1: the first OOM is a panic.
sysctl -w vm.panic_on_oom=1
neighbour database 24
eat
