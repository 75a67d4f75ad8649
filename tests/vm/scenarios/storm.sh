# options: --append log_buf_len=4M
# A storm: six processes at a time take memory, again and again for a while; many kills.
# expects: kind=oom-kill scope=global victims=eat finding=demand-exceeds-memory
neighbour database 24
for round in 1 2 3; do
	for i in 1 2 3 4 5 6; do eat & done
	sleep 4
done
killall -9 eat
