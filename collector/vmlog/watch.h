/* SPDX-License-Identifier: MIT */
/* watch.h - what wakes the recorder before its time: the kernel log and a PSI trigger. */
#ifndef OOMREPORT_VMLOG_WATCH_H
#define OOMREPORT_VMLOG_WATCH_H

#include "base/file.h"

enum { WATCH_LINE = 512 };

struct watch {
	int kmsg, psi; /* -1 = not there */
	int kmsg_errno, psi_errno;
};

/* What the kernel log told since the last look. */
struct news {
	uint32_t kills;	/* lines that tell of a killed process */
	bool oom;	/* any line of an OOM */
	bool trouble;	/* an allocation failed or stalled */
	char line[WATCH_LINE]; /* the first line of the OOM */
	size_t line_n;
};

void watch_open(struct watch *w, const struct root *root);
/* Read what is there, at most WATCH_RECORDS records. */
enum { WATCH_RECORDS = 64 };
void watch_read(const struct watch *w, struct news *ret);

#endif
