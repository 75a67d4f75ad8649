/* SPDX-License-Identifier: MIT */
/* armour.c - what keeps the recorder alive and on time through an OOM, where it is allowed. */
#include "vmlog/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STACK_TOUCHED = 48 << 10, RT_SOFT_US = 500000, RT_HARD_US = 2000000 };

/* The deepest the sampling thread ever goes, faulted in now. */
static void __attribute__((noinline)) touch_stack(void)
{
	volatile char room[STACK_TOUCHED];

	for (size_t i = 0; i < sizeof(room); i += 512)
		room[i] = 0;
}

static int lower_oom_score(void)
{
	CLEANUP_FD int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return write(fd, "-1000", 5) == 5 ? 0 : errno;
}

void armour_process(struct armour *a)
{
	touch_stack();
	a->oom_score_adj = lower_oom_score();
	a->locked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : errno;
	a->realtime = -1;
	prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
}

/* It has run for RT_SOFT_US without sleeping: no longer before everybody else. */
static void step_down(int sig)
{
	static const struct sched_param normal;

	(void)sig;
	sched_setscheduler(0, SCHED_OTHER, &normal);
}

void armour_thread(struct armour *a)
{
	const struct sched_param first = {.sched_priority = 1};
	const struct rlimit limit = {RT_SOFT_US, RT_HARD_US};
	struct sigaction action = {.sa_handler = step_down, .sa_flags = SA_RESTART};

	sigaction(SIGXCPU, &action, NULL);
	setrlimit(RLIMIT_RTTIME, &limit);
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0) {
		a->realtime = 0;
		return;
	}
	a->realtime = errno;
	setpriority(PRIO_PROCESS, 0, -20);
}
