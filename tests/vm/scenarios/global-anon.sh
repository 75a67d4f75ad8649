# One process takes all the RAM there is; no swap. Two others hold a little.
neighbour webserver 12
neighbour database 24
sleep 1
eat
