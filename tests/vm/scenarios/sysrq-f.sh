# SysRq f by hand while memory is plentiful: a manual kill.
# expects: kind=oom-kill scope=manual victims=database events=1 finding=manual-oom
neighbour webserver 12
neighbour database 48
sleep 2
echo f >/proc/sysrq-trigger
sleep 1
