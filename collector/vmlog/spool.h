/* SPDX-License-Identifier: MIT */
/* spool.h - the files of an archive, unpacked one behind the other into a file without a name
 * (private to vmlog/): samples are merged by time, and an archive can only be read in its own
 * order. */
#ifndef OOMREPORT_VMLOG_SPOOL_H
#define OOMREPORT_VMLOG_SPOOL_H

#include "base/kv.h"

struct spooled {
	const char *name; /* path inside the archive */
	int64_t from, to; /* bytes of the spool */
};

struct spool {
	int fd;
	struct spooled *files;
	size_t n, room;
};

/* Every text of an archive; names lie in the arena, fd is the caller's. 1; 0: it is no archive;
 * -1. Takes as much room in /var/tmp as the texts do. */
int spool_archive(struct spool *ret, struct arena *a, const char *path, struct err *err) MUST_CHECK;

#endif
