# options: --swap 128M
# One process locks all the RAM (mlock); swap stays free, for it cannot be used.
neighbour webserver 8
eat -l
