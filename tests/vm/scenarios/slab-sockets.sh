# One process opens sockets without end: unreclaimable slab, hardly any RSS. Another one is larger.
neighbour database 24
grow sockets
