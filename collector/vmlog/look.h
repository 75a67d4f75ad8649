/* SPDX-License-Identifier: MIT */
/* look.h - small files and directories of /proc and /sys, read without allocating. */
#ifndef OOMREPORT_VMLOG_LOOK_H
#define OOMREPORT_VMLOG_LOOK_H

#include "base/file.h"
#include "base/listing.h"
#include "vmlog/codec.h"

/* The file at a path below dir, as far as it goes into the room; empty when it cannot be
 * read. */
struct str look_read(int dir, const char *path, char *room, size_t n);
/* The number behind a key, with blanks between. */
bool look_number(struct str text, struct str key, int64_t *ret);
/* One line of a table, at most 511 bytes of it. */
void out_line(struct out *o, const char *fmt, ...) FORMAT_ARGS(2, 3);

#endif
