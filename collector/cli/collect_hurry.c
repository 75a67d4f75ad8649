/* SPDX-License-Identifier: MIT */
/* collect_hurry.c - in the middle of a storm: dozens of programs run for every page, and a normal
 * program gets a few percent of the processor. For its first two seconds of CPU time the
 * collection goes before all others; it needs a tenth of that on an ordinary machine. In the "mix"
 * storm of tests/host/storm the cheap files are there after 3 s, the bundle after 10 s. */
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pages.h"
#include "cli/collect.h"

enum { PRESSURE_PERCENT = 5, CPU_MS = 2000 };

/* "full avg10=12.34 avg60=...": all tasks waited for memory this much of the last 10 s. */
static bool is_pressed(const struct root *root)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	struct str text, before;
	uint64_t percent;
	int errnum;

	if (file_read(root, "/proc/pressure/memory", &b, &errnum) != READ_ALL)
		return false;
	text = buf_str(&b);
	return take_until_lit(&text, STR("full avg10="), &before) && take_u64(&text, &percent) &&
	       percent >= PRESSURE_PERCENT;
}

/* The pressure of a small group is that of its own limit: there the few pages it has decide, and
 * not who goes first. */
void collect_look(struct collect *c)
{
	bool live = root_is_live(&c->root);

	c->pressed = live && !host_group_is_small(&c->root) && is_pressed(&c->root);
	/* pressed: what is there stays, and every call for memory waits for some */
	if (!c->pressed && (pages_are_all() || (live && host_room_is_short(&c->root))))
		pages_divide();
	else
		pages_ahead();
}

void collect_forget(const struct collect *c)
{
	if (!c->pressed)
		pages_forget();
}

void collect_hurry(struct collect *c)
{
	/* children (a page, journalctl) start at normal priority */
	const struct sched_param first = {.sched_priority = 1};

	if (geteuid() != 0 || !c->pressed)
		return;
	c->hurry = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0;
	if (c->hurry)
		log_info("memory is short: going before other programs for a moment");
}

void collect_calm(struct collect *c)
{
	const struct sched_param normal = {.sched_priority = 0};
	struct timespec t;

	if (!c->hurry)
		return;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	if (t.tv_sec * 1000 + t.tv_nsec / 1000000 < CPU_MS)
		return;
	c->hurry = false;
	/* no longer before all others, but not one of fifty either; the pages' maker inherits it,
	 * and ends by its own alarm */
	(void)!sched_setscheduler(0, SCHED_OTHER, &normal);
	(void)!setpriority(PRIO_PROCESS, 0, -20);
}
