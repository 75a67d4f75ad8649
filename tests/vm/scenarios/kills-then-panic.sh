# ends: panic
# The process that eats may not be killed (oom_score_adj -1000): the bystanders die one after the
# other, then nobody is left to kill: panic.
# expects: kind=oom-kill scope=global victims=database events=3 finding=victims-excluded
spare_us
neighbour webserver 12
neighbour database 24
sleep 1
eat
