/* SPDX-License-Identifier: MIT */
/* store.h - the ring file being written: blocks found, protected, replaced.
 *
 * Used by one thread. After store_open() it allocates nothing and the file does not grow.
 * Written with O_DIRECT where the file system can, in whole pages from the stage: a write
 * through the page cache allocates, and in a storm that makes the recorder itself the one
 * that calls the OOM killer (seen), with its name at the head of the report.
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
	size_t at;	 /* the block being written */
	bool begun;	 /* there is one */
	uint8_t *stage;	 /* STAGE_SIZE bytes, page-aligned: the block from stage_at on */
	size_t stage_at; /* offset in the block, of whole pages */
	size_t staged;	 /* bytes in the stage; the first `safe` of them are in the file */
	size_t safe;
	uint8_t *page; /* one more page, for the header */
	bool header_dirty;
};

enum { STAGE_PAGE = 4096, STAGE_SIZE = 5 * STAGE_PAGE };

struct store_options {
	const char *dir;
	int64_t max_size;
	size_t block_size; /* for a new file */
	bool allow_tmpfs;
};

int store_open(struct store *ret, const struct store_options *o, int64_t now_us,
	       struct err *err) MUST_CHECK;
void store_close(struct store *s);
/* Begin a block: its header is staged. What was staged before must be flushed. */
void store_begin(struct store *s, const struct ring_block *block);
/* Where the next bytes of the block go, and how many fit before a flush (0: flush first). */
uint8_t *store_stage(struct store *s, size_t *room);
void store_staged(struct store *s, size_t n); /* ... and so many have been put there */
/* Bytes staged and not yet in the file. */
size_t store_pending(const struct store *s);
/* Write what is staged. 0 or an errno: then it stays staged, and may be tried again. */
int store_flush(struct store *s);
/* An OOM, to protect what is around it; begins or extends an entry of the header. */
void store_event(struct store *s, const struct ring_boot *boot, int64_t mono_us,
		 int64_t wall_us, uint32_t kills);
/* Write the header if it has changed, then fdatasync. 0 or an errno. */
int store_sync(struct store *s);
/* Replace a small file in the directory. 0 or an errno. */
int store_note(struct store *s, const char *name, struct str content);

#endif
