# A block of order 6 (256 KiB) is asked for when free memory is only single pages that cannot be
# moved: an allocation failure, no OOM kill.
# expects: kind=none events=0 failures=1 finding=fragmentation
echo 1000000 >/proc/sys/fs/file-max
echo 1073741824 >/proc/sys/fs/pipe-max-size
frag 6
