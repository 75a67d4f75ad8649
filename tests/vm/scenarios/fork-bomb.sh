# options: --mem 160 --append log_buf_len=4M --timeout 300
# Very many small tasks: kernel stacks, task structures and page tables.
spare_us
echo 100000 >/proc/sys/kernel/threads-max
usual grow tasks &
until dmesg | grep -q 'Killed process'; do sleep 2; done
snap peak
killall -9 grow
sleep 1
