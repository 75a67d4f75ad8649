/* SPDX-License-Identifier: MIT */
/* memring.h - frames on their way from the sampling thread to the writer.
 *
 * One producer, one consumer, no lock, memory that is locked and touched before the start. A
 * frame that does not fit is refused and counted as lost; the sampling thread slows down
 * before that.
 */
#ifndef OOMREPORT_VMLOG_MEMRING_H
#define OOMREPORT_VMLOG_MEMRING_H

#include "vmlog/framer.h"

struct memring {
	uint8_t *p;
	size_t size;
	atomic_size_t head, tail; /* bytes ever put, ever dropped */
};

struct mem_record {
	uint32_t n; /* bytes of the frame behind it */
	uint32_t kills;
	bool new_block, event;
	struct ring_block block;
};

bool memring_put(struct memring *r, const struct framed *f);
size_t memring_used(const struct memring *r);
/* The oldest record's head; false when empty. */
bool memring_peek(const struct memring *r, struct mem_record *ret);
/* Copy n bytes of its frame from `from` on; when all are safe, drop it. */
void memring_copy(const struct memring *r, size_t from, uint8_t *to, size_t n);
void memring_drop(struct memring *r, const struct mem_record *rec);

#endif
