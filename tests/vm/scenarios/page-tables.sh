# One process maps one page of a file every 2 MiB: page tables fill the RAM.
# expects: kind=oom-kill scope=global victims=grow events=1 finding=page-table-bloat
echo 1000000 >/proc/sys/vm/max_map_count
grow tables
