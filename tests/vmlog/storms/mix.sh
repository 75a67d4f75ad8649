# options: --disk 512M --timeout 3000
# 30 processes that take memory and six that read a file of 160 MiB: 75 kills and more.
. /common.sh
prepare
dd if=/dev/zero of=/mnt/big bs=1M count=160 2>/dev/null
sync
start_both
churn touch /mnt/big 6 ${STORM:-55} &
touchers=$!
copy_by_shell
churn eat 30 ${STORM:-55}
wait $touchers
stop_both
