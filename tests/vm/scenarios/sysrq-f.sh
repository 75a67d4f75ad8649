# SysRq f by hand while memory is plentiful: a manual kill.
neighbour webserver 12
neighbour database 48
sleep 2
echo f >/proc/sysrq-trigger
sleep 1
