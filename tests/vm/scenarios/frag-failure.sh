# A block of order 6 (256 KiB) is asked for when free memory is only single pages: an allocation
# failure, no OOM kill.
neighbour database 24
sleep 1
frag 6
