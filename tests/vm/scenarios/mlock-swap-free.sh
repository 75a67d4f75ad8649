# options: --swap 128M
# One process locks all the RAM (mlock); swap stays free, for it cannot be used.
# expects: kind=oom-kill scope=global victims=eat events=1 swap=free finding=mlock
neighbour webserver 8
eat -l
