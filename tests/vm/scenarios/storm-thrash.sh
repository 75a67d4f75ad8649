# options: --disk 400M --icount --timeout 400 --append log_buf_len=8M --iops 100
# A storm of OOM kills, 30 s: a leak of 8 MiB a second beside two that need a file of 160 MiB on a slow disk.
disk_at /mnt
storm_file /mnt/file 160
storm thrash 30
