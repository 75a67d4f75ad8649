# options: --nodes 2 --mem 384
# A process binds its memory to one node of two (mbind); the other has plenty free.
# expects: kind=oom-kill scope=mempolicy victims=eat events=1 finding=cpuset-or-mempolicy
neighbour database 24
eat -n 1
