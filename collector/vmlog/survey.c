/* SPDX-License-Identifier: MIT */
/* survey.c - reads slow sources in its own thread and hands the texts over. */
#include "vmlog/survey.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "vmlog/census.h"
#include "vmlog/look.h"
#include "vmlog/recorder.h"

typedef void (*maker)(struct top *t, struct out *o);

enum {
	HURRY_US = 1000000,
	NAP_LEAST_US = 50,
	NAP_MOST_US = 20000,
	HAND_US = 2000000, /* a batch that is not taken in this time is not wanted */
};
#define FILES_GAP_US (INT64_C(600) * 1000000)

/* At an event: since when it has run before others, if it does. Of the survey thread. */
static struct {
	bool hurries;
	int64_t start_us, cpu_us;
} pace;

static void hurry(void)
{
	pace.hurries = true;
	pace.start_us = when_monotonic();
	pace.cpu_us = when_thread_cpu();
	armour_hurry();
}

static void calm(void)
{
	pace.hurries = false;
	armour_calm();
}

static void nap(int64_t us)
{
	const struct timespec ts = {.tv_nsec = us * 1000};

	nanosleep(&ts, NULL);
}

/* Others may run between two files, half of the time: a process in D state might be waiting for
 * just them. After its share of CPU it goes on without priority. (A kernel that has seen nothing
 * but real-time threads for a second stops them all for a while.) */
static void breathe(void)
{
	int64_t used = when_thread_cpu() - pace.cpu_us;
	int64_t ahead = 2 * used - (when_monotonic() - pace.start_us);

	if (!pace.hurries)
		return;
	if (used > HURRY_US)
		calm();
	else
		nap(ahead < NAP_LEAST_US ? NAP_LEAST_US : ahead < NAP_MOST_US ? ahead : NAP_MOST_US);
}

static void all_processes(struct top *t, struct out *o)
{
	census(o, t->proc_fd, breathe);
}

static const maker makers[MADE_COUNT] = {
	[MADE_PROCESSES] = top_processes, [MADE_SLABS] = top_slabs,
	[MADE_CGROUPS] = top_cgroups,	  [MADE_TMPFS] = top_tmpfs,
	[MADE_VMALLOC] = top_vmalloc,	  [MADE_ALLOCINFO] = top_allocinfo,
	[MADE_CENSUS] = all_processes,
};

static const unsigned wanted_by[] = {
	[VM_FAST] = WANT_MEDIUM,  [VM_MEDIUM] = WANT_MEDIUM, [VM_SLOW] = WANT_SLOW,
	[VM_EVENT] = WANT_EVENT, [VM_ONCE] = 0,		    [VM_OFF] = 0,
};

/* The sampling thread takes one batch after the other. */
static int hand_files(void *survey, struct str batch)
{
	struct survey *s = survey;
	struct source *at = &s->sources->v[s->sources->made[MADE_FILES]];
	struct out o = {(uint8_t *)at->handed.p, 0, at->room, false, &s->lz};
	int64_t deadline = when_monotonic() + HAND_US;

	while (atomic_load_explicit(&at->ready, memory_order_acquire)) {
		if (when_monotonic() > deadline)
			return -1;
		nap(1000);
	}
	text_encode_whole(&o, batch);
	if (o.full)
		return 0;
	at->handed.n = o.n;
	at->handed.cut = false;
	atomic_store_explicit(&at->ready, true, memory_order_release);
	return 1;
}

/* An OOM of a control group may come again every minute, all day long. */
static void copy_files(struct survey *s)
{
	int64_t now = when_monotonic();

	if (s->plain || now < s->next_files_us)
		return;
	s->next_files_us = now + FILES_GAP_US;
	capture_run(&s->capture);
}

int survey_open(struct survey *s, struct sources *sources, struct err *err)
{
	char *window = pages_take(TOP_WINDOW);

	s->sources = sources;
	s->window = window;
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!window)
		return err_set(err, ERR_NOMEM, "no memory for the survey");
	if (s->wake_fd < 0)
		return err_sys(err, errno, "eventfd");
	top_open(&s->top, sources->root, window, &s->walk);
	s->capture = (struct capture){.root = sources->root, .proc_fd = s->top.proc_fd,
				      .cgroup_fd = s->top.cgroup_fd, .walk = &s->walk,
				      .p = window, .room = TOP_WINDOW, .hand = hand_files,
				      .ctx = s, .breathe = breathe};
	return 0;
}

static void read_one(struct survey *s, size_t i, struct text *into, size_t room)
{
	const struct source *at = &s->sources->v[i];
	struct out o = {(uint8_t *)into->p, 0, room, false, NULL};

	if (at->fd >= 0) {
		source_read(at, into, room);
		return;
	}
	for (size_t m = 0; m < MADE_COUNT; m++) {
		if (s->sources->made[m] == i && makers[m])
			makers[m](&s->top, &o);
	}
	into->n = o.n;
	into->cut = o.full;
	into->known = o.n > 0;
	into->errnum = o.n ? 0 : ENOENT;
}

/* What is read once: in the form it will have in the file. False: there is nothing. */
static bool read_packed(struct survey *s, size_t i)
{
	struct source *at = &s->sources->v[i];
	struct text raw = {.p = s->window};
	struct out o;

	read_one(s, i, &raw, TOP_WINDOW);
	if (raw.n == 0)
		return false;
	do {
		o = (struct out){(uint8_t *)at->handed.p, 0, at->room, false, &s->lz};
		text_encode_whole(&o, (struct str){raw.p, raw.n});
		at->handed.n = o.n;
		at->handed.cut = raw.cut;
		raw.n /= 2;
		raw.cut = true;
	} while (o.full && raw.n);
	return !o.full;
}

/* A fifth of the machine is still free: then a cut source may get more room. */
static bool is_plentiful(const struct sources *s)
{
	char room[512];
	ssize_t n = -1;
	struct str text;
	int64_t total, left;

	for (size_t i = 0; i < s->n; i++) {
		if (str_eq(str_of(s->v[i].name), STR("meminfo")) && s->v[i].fd >= 0)
			n = pread(s->v[i].fd, room, sizeof(room), 0);
	}
	text = (struct str){room, n > 0 ? (size_t)n : 0};
	return look_number(text, STR("MemTotal:"), &total) &&
	       look_number(text, STR("\nMemAvailable:"), &left) && left > total / 5;
}

static void give_room(struct survey *s)
{
	for (size_t i = 0; i < s->sources->n; i++) {
		if (atomic_load(&s->sources->v[i].wants_room) && is_plentiful(s->sources))
			source_grow(&s->sources->v[i]);
	}
}

void survey_run(struct survey *s, unsigned want)
{
	for (size_t i = 0; i < s->sources->n; i++) {
		struct source *at = &s->sources->v[i];

		if (!at->survey || !at->handed.p || !(wanted_by[at->class] & want) ||
		    atomic_load_explicit(&at->ready, memory_order_acquire))
			continue;
		if (i == s->sources->made[MADE_FILES]) {
			copy_files(s);
			continue;
		}
		if (at->class != VM_EVENT || s->plain)
			read_one(s, i, &at->handed, at->room);
		else if (!read_packed(s, i))
			continue;
		atomic_store_explicit(&at->ready, true, memory_order_release);
	}
}

void survey_ask(struct survey *s, unsigned want)
{
	uint64_t one = 1;

	atomic_fetch_or(&s->want, want);
	/* a counter at its maximum is as good as a write; what else is refused stays wanted and is
	 * heard with the next bell */
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void *survey_thread(void *survey)
{
	struct survey *s = survey;

	for (;;) {
		struct pollfd p = {.fd = s->wake_fd, .events = POLLIN};
		uint64_t n;
		unsigned want;

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return NULL;
		if (read(s->wake_fd, &n, sizeof(n)) < 0)
			n = 0;
		want = atomic_exchange(&s->want, 0);
		if (want & WANT_STOP)
			return NULL;
		if ((want & WANT_EVENT) && s->may_hurry)
			hurry();
		survey_run(s, want);
		if (pace.hurries)
			calm();
		if (want & WANT_SLOW)
			give_room(s);
	}
}
