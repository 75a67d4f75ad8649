# ends: panic
# vm.panic_on_oom=1: the first OOM is a panic.
# expects: kind=oom-panic scope=global victims= events=1 finding=panic-on-oom|demand-exceeds-memory
sysctl -w vm.panic_on_oom=1
neighbour database 24
eat
