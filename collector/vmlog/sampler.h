/* SPDX-License-Identifier: MIT */
/* sampler.h - the thread that must not stop: after its start it only reads open files, moves
 * bytes in locked memory and sleeps.
 *
 * No allocation, no fork, no page fault, no file system, no lock. Its cadence adapts: the
 * interval asked for when all is calm; at most 100 ms when PSI, the kernel log or its own
 * numbers show pressure; at most 10 ms around an OOM. Both have a budget of time that refills
 * slowly, so that a machine that OOMs all day still keeps a day; and its use of CPU is bounded
 * by stretching the interval.
 */
#ifndef OOMREPORT_VMLOG_SAMPLER_H
#define OOMREPORT_VMLOG_SAMPLER_H

#include "vmlog/memring.h"
#include "vmlog/survey.h"
#include "vmlog/watch.h"
#include "vmlog/writer.h"

enum mode { MODE_CALM, MODE_ALERT, MODE_STORM };

struct sampler_options {
	int64_t interval_us, medium_us, slow_us;
	int64_t duration_us; /* 0 = until stopped */
	bool adaptive;
	unsigned cpu_percent; /* of one CPU */
};

/* Time that may be spent in a mode: spent while in it, refilled at 1/refill of the clock. */
struct budget {
	int64_t left_us, max_us, refill;
};

struct sampler {
	struct sampler_options o;
	struct sources *sources;
	struct framer framer;
	struct memring *ring;
	struct survey *survey;
	struct writer *writer;
	struct watch watch;
	int stop_fd; /* signalfd of SIGTERM and SIGINT */
	/* state */
	enum mode mode;
	int64_t alert_until_us, storm_until_us, next_medium_us, next_slow_us, next_event_us;
	struct budget alert_budget, storm_budget;
	struct news pending; /* an event that waits for its frame */
	uint64_t kills_seen; /* vmstat's oom_kill */
	uint64_t stalls_seen;
	bool counters_known;
	size_t hints[6]; /* where look_at_counters() found its keys */
	uint64_t samples, lost;
	int64_t cpu_us, cost_us; /* of this thread; mean of one sample */
	int64_t first_faults;
};

/* Run until stopped; 0, or -1 with err when nothing could be sampled. */
int sampler_run(struct sampler *s, struct err *err) MUST_CHECK;

#endif
