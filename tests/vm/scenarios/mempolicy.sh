# options: --nodes 2 --mem 384
# A process binds its memory to one node of two (mbind); the other has plenty free.
neighbour database 24
eat -n 1
