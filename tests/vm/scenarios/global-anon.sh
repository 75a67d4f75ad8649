# One process takes all the RAM there is; no swap. Two others hold a little.
# expects: kind=oom-kill scope=global victims=eat events=1 order=0 finding=demand-exceeds-memory
neighbour webserver 12
neighbour database 24
sleep 1
eat
