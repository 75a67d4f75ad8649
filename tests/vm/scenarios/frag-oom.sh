# A block of order 2 (16 KiB) is asked for when free memory is only single pages that cannot be moved.
neighbour database 24
sleep 1
frag 2
