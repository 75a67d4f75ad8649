/* SPDX-License-Identifier: MIT */
/* collect_progress.c - a word on a terminal about what takes longer than a second. A timer's signal
 * writes it, so that it comes whatever the collection waits for: a file that hangs, a program, the
 * disk. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/collect.h"

enum { FIRST_US = 1000000, EVERY_US = 200000 };

/* What the signal finds. There is one terminal. */
static struct {
	char line[2][256];
	volatile size_t n[2];
	volatile sig_atomic_t whole; /* of the two: the other may be half written */
	volatile sig_atomic_t fresh, drawn, broken;
} word;

static void draw(int signal_number)
{
	int errnum = errno, which = word.whole;

	(void)signal_number;
	if (word.fresh && !word.broken) {
		word.fresh = 0;
		word.drawn = 1;
		word.broken = write(STDERR_FILENO, word.line[which], word.n[which]) < 0;
	}
	errno = errnum;
}

static void run_timer(int64_t first_us)
{
	const struct itimerval t = {
		.it_interval.tv_usec = first_us ? EVERY_US : 0,
		.it_value = {first_us / 1000000, first_us % 1000000},
	};

	(void)setitimer(ITIMER_REAL, &t, NULL);
}

/* As much of it as one line of the terminal holds; a character counts as one column. */
static void compose(const char *what, uint64_t bytes)
{
	size_t columns = (size_t)cli_columns(STDERR_FILENO), room;
	int other = !word.whole;
	char amount[32] = "", *line = word.line[other];
	struct shown text = shown(what);
	struct str rest = str_of(text.z);
	size_t n = 0, wide = 0, step;

	if (bytes)
		snprintf(amount, sizeof(amount), ": %llu MiB", (unsigned long long)(bytes >> 20));
	room = columns - 1 - strlen(amount); /* the cursor needs one */
	line[n++] = '\r';
	for (; wide < room && (step = utf8_sequence(rest)) > 0 &&
	       n + step + sizeof(amount) + 4 < sizeof(word.line[0]); wide++) {
		memcpy(line + n, rest.p, step);
		n += step;
		rest = str_from(rest, step);
	}
	n += (size_t)snprintf(line + n, sizeof(word.line[0]) - n, "%s\033[K", amount);
	word.n[other] = n;
	word.whole = other;
	word.fresh = 1;
}

void collect_progress(struct collect *c, const char *what, uint64_t bytes)
{
	const struct sigaction on_timer = {.sa_handler = draw, .sa_flags = SA_RESTART};
	int64_t left;

	collect_calm(c);
	if (!c->progress)
		return;
	compose(what, bytes);
	if (c->showing)
		return;
	c->showing = true;
	left = c->started_us + FIRST_US - when_monotonic();
	if (sigaction(SIGALRM, &on_timer, NULL) == 0)
		run_timer(left > EVERY_US ? left : EVERY_US);
}

void collect_progress_end(struct collect *c)
{
	if (!c->showing)
		return;
	run_timer(0);
	c->showing = false;
	word.fresh = 0;
	if (word.drawn && !word.broken)
		word.broken = write(STDERR_FILENO, "\r\033[K", 4) < 0;
	word.drawn = 0;
}
