# One process opens sockets without end: unreclaimable slab, hardly any RSS. Another one is larger
# and dies first.
# expects: kind=oom-kill scope=global victims=database finding=slab-leak
spare_us
echo 1000000 >/proc/sys/fs/file-max
neighbour database 24
sleep 1
usual grow sockets
