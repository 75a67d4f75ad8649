# options: --disk 512M --timeout 2000
# Four processes take all memory at once, again and again.
. /common.sh
prepare
start_both
churn eat 4 ${STORM:-20}
stop_both
