# options: --disk 400M --icount --timeout 400 --append log_buf_len=8M
# A storm of OOM kills, 20 s: four processes as fast as they can.
disk_at /mnt
storm fast 20
