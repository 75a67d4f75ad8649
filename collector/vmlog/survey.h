/* SPDX-License-Identifier: MIT */
/* survey.h - the thread that reads what may wait: tables of consumers, slabinfo, event files.
 *
 * Asked through `want`, it fills the `handed` text of each source whose last one was taken. */
#ifndef OOMREPORT_VMLOG_SURVEY_H
#define OOMREPORT_VMLOG_SURVEY_H

#include "vmlog/capture.h"
#include "vmlog/sources.h"
#include "vmlog/top.h"

enum { WANT_MEDIUM = 1, WANT_SLOW = 2, WANT_EVENT = 4, WANT_STOP = 8 };

struct survey {
	struct sources *sources;
	struct top top;
	struct walk walk;
	struct capture capture;
	int64_t next_files_us; /* not before this one begins another capture */
	int wake_fd; /* eventfd */
	atomic_uint want;
	char *window; /* TOP_WINDOW bytes: a text before it is packed */
	struct lz lz;
	bool plain;   /* nothing is packed: for --once */
	bool may_hurry; /* at an event it may run before everybody but the sampling thread */
};

int survey_open(struct survey *s, struct sources *sources, struct err *err) MUST_CHECK;
/* Everything of these classes, now, in the caller's thread. */
void survey_run(struct survey *s, unsigned want);
void survey_ask(struct survey *s, unsigned want);
void *survey_thread(void *survey);

#endif
