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

#include "base/mem.h"

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
	mem_heap_trim(); /* what the start left of the heap would be locked too */
	a->locked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : errno;
	a->realtime = a->pinned = -1;
	prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	/* khugepaged takes mapped pages away for a while to join them */
	prctl(PR_SET_THP_DISABLE, 1UL, 0UL, 0UL, 0UL);
}

void armour_hurry(void)
{
	const struct sched_param last = {.sched_priority = 1};

	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &last);
}

void armour_calm(void)
{
	static const struct sched_param normal;

	sched_setscheduler(0, SCHED_OTHER, &normal);
}

/* It has run for RT_SOFT_US without sleeping: no longer before everybody else. */
static void step_down(int sig)
{
	(void)sig;
	armour_calm();
}

bool armour_thread(struct armour *a)
{
	const struct rlimit limit = {RT_SOFT_US, RT_HARD_US};
	struct sigaction action = {.sa_handler = step_down, .sa_flags = SA_RESTART};

	sigaction(SIGXCPU, &action, NULL);
	setrlimit(RLIMIT_RTTIME, &limit);
	for (int priority = 2; priority > 0; priority--) {
		const struct sched_param param = {.sched_priority = priority};

		a->realtime = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0
				      ? 0
				      : errno;
		if (a->realtime == 0)
			return priority > 1;
	}
	setpriority(PRIO_PROCESS, 0, -20);
	return false;
}
