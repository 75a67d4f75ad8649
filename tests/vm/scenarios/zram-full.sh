# Swap on zram: the compressed pages are in RAM themselves. The hog's pages compress badly.
# expects: kind=oom-kill scope=global victims=eat events=1 swap=full finding=zram-eats-ram|unaccounted-memory
modprobe zram
echo 128M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null
swapon /dev/zram0
eat -r
