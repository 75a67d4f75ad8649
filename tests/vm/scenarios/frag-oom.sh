# Blocks of order 3 (32 KiB) are asked for when free memory is only single pages that cannot be
# moved.
# expects: kind=oom-kill scope=global victims=database order=3 finding=fragmentation
echo 1000000 >/proc/sys/fs/file-max
echo 1073741824 >/proc/sys/fs/pipe-max-size
spare_us
neighbour database 24
sleep 1
usual frag 3
