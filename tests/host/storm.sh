# options: --disk 512M --timeout 900
# collect in the middle of a storm: 30 processes that take memory and six that read a file of
# 160 MiB. Played by tests/host/storm, which brings the program.
. /common.sh
prepare
dd if=/dev/zero of=/mnt/big bs=1M count=160 2>/dev/null
sync
oomreport collect -q --no-interview -o /mnt/before.tar.zst # its pages are in memory, as after a start
churn touch /mnt/big 6 ${STORM:-30} &
touchers=$!
churn eat 30 ${STORM:-30} &
eaters=$!
sleep 3
cat /proc/pressure/memory >/out/pressure
grep '^oom_kill' /proc/vmstat >/out/kills.begin
cat /proc/uptime >/out/collect.begin
oomreport collect -v --no-interview -o /mnt/in.tar.zst >/out/collect.out 2>&1
echo $? >/out/collect.rc
cat /proc/uptime >/out/collect.end
grep '^oom_kill' /proc/vmstat >/out/kills.end
wait $eaters $touchers
cp /mnt/in.tar.zst /mnt/before.tar.zst /out
