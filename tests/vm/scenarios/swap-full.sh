# options: --swap 64M
# One process takes all the RAM and all the swap.
# expects: kind=oom-kill scope=global victims=eat events=1 swap=full finding=demand-exceeds-memory
neighbour database 24
sleep 1
eat
