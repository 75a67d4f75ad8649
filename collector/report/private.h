/* SPDX-License-Identifier: MIT */
/* private.h - private to report/: the report while it is being made. */
#ifndef OOMREPORT_REPORT_PRIVATE_H
#define OOMREPORT_REPORT_PRIVATE_H

#include "report/report.h"
#include "report/spool.h"

/* An event that may be an excerpt, of one that comes soon; and those behind it. */
enum { WAITING = 8, WAITING_BYTES = 4 << 20 };
struct waiting {
	struct event *ev;
	struct event_note note;
	bool earlier_log;
};

struct report {
	struct arena arena; /* the struct itself */
	struct report_options o;
	struct spool spool;
	struct emit events;   /* into the spool */
	uint64_t spooled;     /* bytes of whole events, against the budget */
	struct event *first;  /* the first fatal event: "first_oom" */
	struct event *subject; /* may be the same one */
	uint64_t first_number, subject_number; /* 1-based, of the log */
	uint64_t subject_index;		       /* in "events" */
	uint64_t written, omitted;	       /* of "events" */
	struct buf notes;		       /* of struct event_note */
	size_t notes_of_earlier_logs;
	struct waiting waiting[WAITING + 1]; /* oldest first; of n_events and the notes not yet a part */
	size_t n_waiting;
	uint64_t n_events, n_repeated;
	uint64_t counts[EVENT_USERSPACE_KILL + 1], fatal, oom, page_failures, victims;
	struct str kernel; /* fallback: --kernel */
};

/* again.c */
uint32_t again_parts(const struct event *ev); /* what is told of it: bits of enum event_part */
/* Is it, or more of it, there already? */
bool again_is_known(const struct report *r, const struct event_note *note);
/* Those that wait and are only excerpts of it are gone: how many. */
size_t again_forget_excerpts(struct report *r, const struct event_note *note);
bool again_waits(const struct report *r); /* does the oldest still, if there is one? */

/* Is the log this host's own? A log that was carried here from another machine, or from before
 * an upgrade, must not be judged by this machine's numbers. */
bool parts_is_of_host(const struct report *r, const struct report_parts *parts);
void parts_emit_source(struct emit *e, const struct report_parts *parts);
/* of_host: the log is this host's own, so that its facts may be used. */
void parts_emit_system(struct emit *e, const struct report *r, const struct report_parts *parts,
		       bool of_host);
void parts_emit_collection(struct emit *e, const struct report_parts *parts, bool of_host);
void parts_emit_series(struct emit *e, const struct series *s);
void parts_emit_interview(struct emit *e, const struct interview *i);
/* subject_key: where the subject stands in the document ("first_oom" or "events[3]"). */
void diagnosis_emit(struct emit *e, const struct diagnosis *d, struct str subject_key);

#endif
