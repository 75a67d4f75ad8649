/* SPDX-License-Identifier: MIT */
/* spool.h - private to report/: bytes put aside for later, a little in memory, the rest in a
 * file without a name, so that a log with a million events costs no more memory than one with
 * ten. */
#ifndef OOMREPORT_REPORT_SPOOL_H
#define OOMREPORT_REPORT_SPOOL_H

#include "base/emit.h"

enum { SPOOL_MEMORY = 64 * 1024 };

struct spool {
	struct buf head; /* born with SPOOL_MEMORY */
	int fd;		 /* -1 while the head is enough */
};

#define SPOOL_INIT {.head = BUF_INIT(SPOOL_MEMORY), .fd = -1}

struct sink spool_sink(struct spool *s);
/* Everything that was written, to `out`. */
int spool_copy(struct spool *s, struct emit *out, struct err *err) MUST_CHECK;
void spool_free(struct spool *s);

#endif
