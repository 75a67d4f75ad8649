# options: --mem 192
# Messages in System V queues that nobody reads: unreclaimable slab that outlives its sender.
# The largest process (database, 40 MiB) dies first; that helps for a while only.
# expects: kind=oom-kill scope=global victims=database finding=slab-leak
spare_us
echo 32000 >/proc/sys/kernel/msgmni
echo 65536000 >/proc/sys/kernel/msgmnb
neighbour database 40
database=$!
sleep 1
usual grow messages &
hog=$!
wait $database
kill -9 $hog
wait $hog
snap peak
