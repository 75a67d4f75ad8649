/* SPDX-License-Identifier: MIT */
/* framer.h - samples to frames, in fixed memory (the sampling thread's half of ring.h).
 *
 * Knows nothing of files: it says where a block begins; the writer finds the place for it.
 */
#ifndef OOMREPORT_VMLOG_FRAMER_H
#define OOMREPORT_VMLOG_FRAMER_H

#include "vmlog/sources.h"

struct framer {
	uint8_t *frame; /* block_size bytes: the frame being made */
	size_t block_size;
	size_t used; /* of the block; 0 = a block has to begin */
	uint64_t block_seq;
	struct ring_boot boot;
	uint32_t seq;
	unsigned since_anchor;
	bool any; /* a block has begun */
};

/* What the writer gets for each frame. */
struct framed {
	struct str bytes; /* into framer->frame */
	bool new_block, event;
	struct ring_block block; /* with new_block */
	uint32_t kills;		 /* with an event: OOM kills seen */
};

/* Make the frame of one sample from what is fresh. Nothing is remembered until
 * framer_commit(): a frame that cannot be stored is as if it had never been, but for a hole in
 * the count. */
struct framed framer_sample(struct framer *f, struct sources *s, int64_t mono_us,
			    int64_t wall_us, int64_t late_us);
void framer_commit(struct framer *f, struct sources *s, const struct framed *done);
/* A line of kernel log. bytes.n = 0: no room in this block (the next sample begins a new one);
 * it counts as committed. */
struct framed framer_event(struct framer *f, struct str line, int64_t mono_us, int64_t wall_us);
/* The text handed over by a source that is read once. bytes.n = 0: as above; *fits = false: a
 * block of its own would not take it either. */
struct framed framer_file(struct framer *f, const struct source *s, int64_t mono_us,
			  int64_t wall_us, bool *fits);

#endif
