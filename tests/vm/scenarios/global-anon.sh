# One process takes all the RAM there is; no swap.
eat
