# options: --mem 192
# ends: power cut
# The recorder on a disk that is full, through an OOM; then the plug is pulled.
disk_at /mnt
oomreport-recorder -o /mnt/rec --interval 10ms --fixed --max-size 4M 2>/out/recorder.log &
usleep 1500000
dd if=/dev/zero of=/mnt/full-$(cut -c1-8 /proc/sys/kernel/random/boot_id) bs=64k 2>/dev/null
say "disk: $(df -k /mnt | tail -n 1)"
spare_us
usual eat &
usleep 2500000
say "last seen at $(cut -d' ' -f1 /proc/uptime) of $(cat /proc/sys/kernel/random/boot_id)"
power_cut
