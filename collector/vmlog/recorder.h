/* SPDX-License-Identifier: MIT */
/* recorder.h - private to the program oomreport-recorder: its options, and its armour. */
#ifndef OOMREPORT_VMLOG_RECORDER_H
#define OOMREPORT_VMLOG_RECORDER_H

#include "vmlog/sampler.h"

enum { CHANGES_MAX = 32, CGROUPS_WATCHED_MAX = 16 };

struct recorder_options {
	const char *dir, *root;
	bool once, realtime, help, version;
	struct sampler_options sampler;
	struct store_options store;
	int64_t ring_size, sync_us, settle_us, marker_gap_us;
	struct class_change changes[CHANGES_MAX];
	size_t n_changes;
	const char *cgroups[CGROUPS_WATCHED_MAX];
	size_t n_cgroups;
};

int recorder_options_parse(struct recorder_options *ret, int argc, char **argv,
			   struct err *err) MUST_CHECK;
void recorder_help(void);

/* What the machine let us do: errno values, 0 = done, -1 = not asked for. */
struct armour {
	int oom_score_adj, locked, realtime, pinned;
};

/* Lock memory, lower the OOM score: before threads are made. */
void armour_process(struct armour *a);
/* SCHED_FIFO for the calling thread, with RLIMIT_RTTIME as the kernel's own bound: a thread that
 * does not sleep for half a second falls back to the normal class. True when there is a lower
 * real-time priority for armour_hurry(). */
bool armour_thread(struct armour *a);
/* pin.c: keep the kernel from moving any page that is mapped now. 0 or an errno. */
int armour_pin(void);
/* The lowest real-time priority for the calling thread, below the sampling thread's; and back. */
void armour_hurry(void);
void armour_calm(void);

/* once.c: one sample as text to standard output. */
int record_once(struct sources *s, struct survey *survey, struct err *err) MUST_CHECK;
/* The text of "oomreport/info": the machine's settings, and what is missing. */
void describe(struct sources *s, const struct watch *w, const struct armour *a,
	      const struct ring_boot *boot, const struct recorder_options *o);

#endif
