/* SPDX-License-Identifier: MIT */
/* find.h - gear one of the parser: where in a window of bytes may something matter?
 *
 * Almost all of a log is noise. These functions are all that ever looks at it; only what
 * lies near a hit is split into lines. The literals stand in find.c; none holds a newline and
 * none is longer than FIND_LONGEST, so a search may be continued in the next window when the
 * last FIND_LONGEST - 1 bytes are searched again.
 */
#ifndef OOMREPORT_PARSE_FIND_H
#define OOMREPORT_PARSE_FIND_H

#include "base/str.h"

enum { FIND_LONGEST = 32 };

/* Offset (>= from) where the first literal of the table begins, or SIZE_MAX. */
size_t find_interesting(struct str window, size_t from);
/* The same from 0 on; where nothing is found *newlines is how many '\n' the window has. One look
 * at the bytes tells both. */
size_t find_or_count(struct str window, size_t *newlines);
/* The same for a short list of one's own. A row's numbers only decide the speed: where its three
 * rarest bytes begin, and one of eight buckets shared with few rows that look like it; 0, 0 is
 * always right. Literals have 3 bytes or more. The rest is filled in at the first use, and is
 * the same on every run. */
enum { FINGERPRINT = 3, NIBBLES = 16 };

struct find_row {
	struct str literal;
	uint8_t rare, bucket;
};

struct fingerprints {
	uint8_t low[FINGERPRINT][NIBBLES], high[FINGERPRINT][NIBBLES];
	uint8_t ascii[FINGERPRINT][128]; /* the same by the whole byte */
};

struct find_table {
	const struct find_row *rows;
	size_t n;
	bool ready;
	size_t furthest; /* the largest rare */
	struct fingerprints prints;
};
size_t find_in(struct find_table *t, struct str window, size_t from);
/* How many '\n' there are. */
size_t count_newlines(struct str bytes);

#endif
