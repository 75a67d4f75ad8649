# options: --nodes 2 --mem 384
# A cpuset that allows one memory node of two; the other has plenty free.
# expects: kind=oom-kill scope=cpuset victims=eat events=1 finding=cpuset-or-mempolicy
cgroup2 cpuset
mkdir /cg/onenode
echo 1 >/cg/onenode/cpuset.mems
neighbour database 24
inside /cg/onenode eat
