# options: --swap 128M
# 150 MiB of RAM reserved as huge pages nobody uses; the next service that locks its memory
# (30 MiB, then 1 MiB after the other) finds none. Swap is free.
# expects: kind=oom-kill scope=global victims=eat events=1 swap=free finding=hugetlb-reserved
sysctl -w vm.nr_hugepages=75
grep -i huge /proc/meminfo
snap peak
eat -l
