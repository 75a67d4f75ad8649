/* SPDX-License-Identifier: MIT */
/* store.h - the ring file being written: blocks found, protected, replaced.
 *
 * Used by one thread. After store_open() it allocates nothing and the file does not grow.
 */
#ifndef OOMREPORT_VMLOG_STORE_H
#define OOMREPORT_VMLOG_STORE_H

#include "base/err.h"
#include "vmlog/ring.h"

struct store_block {
	struct ring_block head; /* seq 0 = never written */
	int64_t end_mono_us;	/* where the next block of the same boot begins */
};

struct store {
	int dirfd, fd;
	struct ring_header header;
	struct store_block *blocks;
	uint64_t last_seq;
	size_t at;   /* the block being written */
	size_t used; /* bytes of it; 0 = none is begun */
	bool header_dirty;
};

struct store_options {
	const char *dir;
	int64_t max_size;
	size_t block_size; /* for a new file */
	bool allow_tmpfs;
};

int store_open(struct store *ret, const struct store_options *o, int64_t now_us,
	       struct err *err) MUST_CHECK;
void store_close(struct store *s);
/* 0, or an errno: nothing is remembered of what failed, the same call may be made again. */
int store_begin(struct store *s, const struct ring_block *block);
/* part = false: this ends a frame; true: more of it follows (`from` bytes went before). */
int store_append(struct store *s, struct str bytes, size_t from, bool part);
/* An OOM, to protect what is around it; begins or extends an entry of the header. */
void store_event(struct store *s, const struct ring_boot *boot, int64_t mono_us,
		 int64_t wall_us, uint32_t kills);
/* Write the header if it has changed, then fdatasync. 0 or an errno. */
int store_sync(struct store *s);
/* Replace a small file in the directory. 0 or an errno. */
int store_note(struct store *s, const char *name, struct str content);

#endif
