/* SPDX-License-Identifier: MIT */
/* tool_tables.h - what vmstat(8), top(1) and ps(1) print, as OSWatcher and many loops
 * keep it.
 *
 * A table is told by its line of headings, and its columns by their names. */
#ifndef OOMREPORT_VMLOG_TOOL_TABLES_H
#define OOMREPORT_VMLOG_TOOL_TABLES_H

#include "vmlog/counters.h"
#include "vmlog/loop_line.h"

/* Which table begins with this line, or LOOP_NONE. */
enum loop_file tool_heading(struct str line);
/* A line of a table that has begun. */
bool is_tool_row(enum loop_file table, struct str line);
/* vmstat(8): the last line (the first one of each call is a mean since the boot). KiB, as
 * it counts without -S. */
void tool_vmstat(struct str text, double *v);
/* top, ps: resident memory by process. */
void tool_processes(struct str text, consumer_fn each, void *ctx);

#endif
