# options: --mem 160 --append log_buf_len=4M --timeout 300
# Very many small tasks: kernel stacks, task structures and page tables.
# expects: kind=oom-kill scope=global victims=grow finding=too-many-tasks
spare_us
echo 100000 >/proc/sys/kernel/threads-max
usual setsid grow tasks &
wait $!
killall -9 grow # somebody looks after it
sleep 1
