# options: --swap 64M
# One process takes all the RAM and all the swap.
neighbour database 24
sleep 1
eat
