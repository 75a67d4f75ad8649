/* SPDX-License-Identifier: MIT */
/* find.h - gear one of the parser: where in a window of bytes may something matter?
 *
 * Almost all of a log is noise. These two functions are all that ever looks at it; only what
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
/* How many '\n' there are. */
size_t count_newlines(struct str bytes);

#endif
