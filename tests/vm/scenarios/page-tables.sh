# One process maps one page of a file every 2 MiB: page tables fill the RAM.
echo 1000000 >/proc/sys/vm/max_map_count
grow tables
