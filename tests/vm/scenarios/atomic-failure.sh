# Little kept free (vm.min_free_kbytes=256), RAM full of locked memory, and multicast packets for
# 12000 sockets each: GFP_ATOMIC requests in the network's softirq find nothing.
# expects: kind=oom-kill scope=global victims=eat finding=reserve-too-small|mlock
ifconfig lo 127.0.0.1 up
route add -net 224.0.0.0 netmask 240.0.0.0 dev lo
echo 256 >/proc/sys/vm/min_free_kbytes
burst 12000 3 'eat -l -f 3 & sleep 5; cat /proc/buddyinfo'
