/* SPDX-License-Identifier: MIT */
/* walk.h - every entry of a tree of directories, depth first, without allocating. */
#ifndef OOMREPORT_VMLOG_WALK_H
#define OOMREPORT_VMLOG_WALK_H

#include "vmlog/look.h"

enum { WALK_DEPTH = 5, WALK_NAME_MAX = 250 };

struct walk {
	struct listing l[WALK_DEPTH]; /* l[0].fd is the caller's */
	char path[WALK_DEPTH * 256];  /* of the entry, below the start: "/a/b" */
	size_t end[WALK_DEPTH];	      /* of the path of a level's directory */
	int depth;		      /* level that is being listed, -1 = the end */
	int leaf;		      /* a directory too deep to be listed, or -1 */
};

/* A file of the directory `dir` as `name`; or a directory (name NULL): `dir` itself, before what
 * is in it. Symbolic links and the like are passed over. */
struct walk_entry {
	int dir;
	const char *name;
};

/* dir stays the caller's, and is read from its start. */
bool walk_begin(struct walk *w, int dir);
/* The next entry, whose path is w->path; its descriptor is good until the next call. */
bool walk_next(struct walk *w, struct walk_entry *ret);
/* Only needed before the end. */
void walk_end(struct walk *w);

#endif
