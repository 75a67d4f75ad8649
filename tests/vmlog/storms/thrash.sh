# options: --disk 512M --iops 100 --timeout 3000
# A slow leak while two processes read a file of 160 MiB at random, from a disk of 100 requests
# a second: everything that is not locked has to come back from it.
. /common.sh
prepare
dd if=/dev/zero of=/mnt/big bs=1M count=160 2>/dev/null
sync
start_both
churn leak 8 ${STORM:-30} &
leak=$!
churn touch /mnt/big 2 ${STORM:-30}
wait $leak
stop_both
