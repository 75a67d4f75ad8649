# options: --swap 64M
# One process takes all the RAM and all the swap.
eat
