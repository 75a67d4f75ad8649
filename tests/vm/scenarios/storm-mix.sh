# options: --disk 400M --icount --timeout 400 --append log_buf_len=8M
# A storm of OOM kills, 20 s: 30 processes that eat and six that need a file of 160 MiB.
disk_at /mnt
storm_file /mnt/file 160
storm mix 20
