/* SPDX-License-Identifier: MIT */
/* ring.h - the contract of the recorder's file: a header, then blocks of frames.
 *
 * All integers are little-endian. The file has a fixed size and is allocated when it is made.
 *
 *   0        header copy 0    RING_HEADER_SIZE bytes
 *   4096     header copy 1    the valid copy with the higher generation counts
 *   8192     block 0, block 1, ... each block_size bytes
 *
 * A block is a block header (RING_BLOCK_HEADER bytes) and frames, back to back, until the
 * first one that is not valid. Its sequence number orders blocks: the place in the file says
 * nothing, because a new block replaces the lowest one that no OOM protects. The headers at
 * fixed places are the index for random access: one of 64 bytes for some 1000 samples.
 *
 * A frame is RING_FRAME_HEADER bytes and a payload. Its checksum (CRC-32C) covers the rest of
 * the header and the payload and starts from the block's sequence number, so what is left of
 * an older block at the same place never passes for a frame of this one. A torn, a missing or
 * a damaged frame ends only what depends on it:
 *
 *   FRAME_KEY      first of each block: every source in full (LZ, see lz.h)
 *   FRAME_ANCHOR   every RING_ANCHOR_EVERY samples: every source against the key frame
 *   FRAME_DELTA    what was read, each source against the last text before it
 *   FRAME_EVENT    a line of kernel log that told of an OOM; no part of the chain
 *   FRAME_FILE     a file that is read once, at an OOM; no part of the chain either
 *
 * Payload of the first three: varint microseconds late (0 = in time), varint number of
 * entries, entries. An entry: varint source id, a byte (enum entry_mode, ENTRY_* flags), then
 * by mode as written in codec.h. A file: varint length and its name, a byte (ENTRY_WHOLE,
 * ENTRY_CUT), then as an entry. Varints are 7 bits a byte, low bits first.
 */
#ifndef OOMREPORT_VMLOG_RING_H
#define OOMREPORT_VMLOG_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
	RING_HEADER_SIZE = 4096,
	RING_BLOCKS_AT = 2 * RING_HEADER_SIZE,
	RING_BLOCK_HEADER = 64,
	RING_FRAME_HEADER = 32,
	RING_EVENT_SIZE = 64,
	RING_EVENTS = (RING_HEADER_SIZE - 64) / RING_EVENT_SIZE,
	RING_BLOCK_MIN = 16 << 10,
	RING_BLOCK_MAX = 4 << 20,
	RING_BLOCKS_MAX = 1 << 16,
	RING_PAYLOAD_MAX = 1 << 23, /* a frame's length has 24 bits */
	RING_SOURCES = 128,	    /* ids are below this */
	RING_NAME_MAX = 200,	    /* bytes of a source's name */
	RING_TEXT_MAX = 1 << 20,    /* bytes of a source's text */
	RING_ANCHOR_EVERY = 64,
	RING_VERSION = 1,
};

#define RING_FILE_NAME "ring.vmlog"
#define RING_MARKER_NAME "oom-marker" /* touched after an OOM storm, see writer.c */
/* What an OOM protects from being replaced. */
#define RING_PROTECT_BEFORE_US (INT64_C(600) * 1000000)
#define RING_PROTECT_AFTER_US (INT64_C(120) * 1000000)

struct ring_boot {
	uint8_t id[16]; /* /proc/sys/kernel/random/boot_id; all zero where unknown */
};

enum { RING_EVENT_MARKED = 1 /* the marker file was written for it */ };

/* OOM kills that belong together: the first and the last, of one boot. */
struct ring_event {
	struct ring_boot boot;
	int64_t mono_us, wall_us, last_mono_us, last_wall_us;
	uint32_t kills;
	uint32_t flags;
};

struct ring_header {
	uint64_t generation;
	uint32_t block_size, n_blocks;
	int64_t created_us;
	uint32_t n_events;
	struct ring_event events[RING_EVENTS]; /* oldest first */
};

struct ring_block {
	uint64_t seq;
	struct ring_boot boot;
	int64_t mono_us, wall_us; /* of its key frame */
};

enum frame_kind { FRAME_KEY = 1, FRAME_ANCHOR, FRAME_DELTA, FRAME_EVENT, FRAME_FILE };

struct ring_frame {
	uint32_t length; /* of the payload */
	enum frame_kind kind;
	uint32_t boot_tag; /* the first four bytes of the boot id */
	uint32_t seq;	   /* counts samples; a hole = samples that were lost */
	int64_t mono_us, wall_us;
};

enum entry_mode {
	ENTRY_SAME,    /* as before */
	ENTRY_NUMBERS, /* only numbers differ */
	ENTRY_LINES,   /* some lines came or went */
	ENTRY_WHOLE,   /* the text itself */
	ENTRY_ERROR,   /* varint errno: it could not be read */
	ENTRY_MODE = 7,
	ENTRY_CARRIED = 8, /* not read for this sample: repeated so that decoding can start */
	ENTRY_NAMED = 16,  /* varint length and the source's name come first */
	ENTRY_CUT = 32,	   /* the source was longer than the recorder's buffer */
};

uint32_t crc32c(uint32_t start, const void *p, size_t n);

void ring_pack_header(const struct ring_header *h, uint8_t out[RING_HEADER_SIZE]);
bool ring_unpack_header(const uint8_t in[RING_HEADER_SIZE], struct ring_header *ret);
void ring_pack_block(const struct ring_block *b, uint8_t out[RING_BLOCK_HEADER]);
bool ring_unpack_block(const uint8_t in[RING_BLOCK_HEADER], struct ring_block *ret);
/* The payload lies behind the header already: out has RING_FRAME_HEADER + f->length bytes. */
void ring_pack_frame(const struct ring_frame *f, uint64_t block_seq, uint8_t *out);
/* False when no valid frame starts at `in`. */
bool ring_unpack_frame(struct str in, uint64_t block_seq, struct ring_frame *ret);
/* "0f3a...-...": 32 hex digits with or without dashes. */
bool ring_boot_parse(struct str text, struct ring_boot *ret);

#endif
