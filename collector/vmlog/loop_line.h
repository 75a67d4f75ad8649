/* SPDX-License-Identifier: MIT */
/* loop_line.h - a line of somebody's log of /proc: a time, a heading, or a line of a file. */
#ifndef OOMREPORT_VMLOG_LOOP_LINE_H
#define OOMREPORT_VMLOG_LOOP_LINE_H

#include "base/kv.h"

/* Files that are told by their content. */
enum loop_file {
	LOOP_NONE,
	LOOP_MEMINFO,
	LOOP_VMSTAT,
	LOOP_ZONEINFO,
	LOOP_BUDDYINFO,
	LOOP_SLABINFO,
	LOOP_PAGETYPEINFO,
	LOOP_PRESSURE_MEMORY,
	LOOP_PRESSURE_IO,
	LOOP_PRESSURE_CPU,
	LOOP_LOADAVG,
	LOOP_STAT,
	LOOP_PROCESSES, /* the recorder's own tables, exported as text */
	LOOP_SLABS,
	LOOP_CGROUPS,
	LOOP_TOOL_VMSTAT, /* tool_tables.h */
	LOOP_TOOL_PROCESSES,
	LOOP_FILES,
};

extern const struct str loop_names[LOOP_FILES];

enum loop_kind { LINE_FILE, LINE_TIME, LINE_HEADING, LINE_UNKNOWN };

struct loop_line {
	enum loop_kind kind;
	enum loop_file file; /* of LINE_FILE and LINE_HEADING (LOOP_NONE: of no file we know) */
	int64_t wall_us;     /* of LINE_TIME */
};

/* current: the file that the lines before belong to; pressures: how many pressure files the
 * sample has so far (they look alike, and are read in the order memory, io, cpu unless a
 * heading tells). */
struct loop_line loop_line(struct str line, enum loop_file current, bool headed);
/* "/proc/meminfo:MemFree: 1 kB": what grep(1) puts before the lines of several files. Eats it;
 * false: nothing of the kind, or of a file we do not know. */
bool loop_grepped(struct str *line, enum loop_file *ret);

#endif
