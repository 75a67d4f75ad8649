/* SPDX-License-Identifier: MIT */
/* layout.h - a sample as text: the layout of packaging/vmlog.sh, --once and --export.
 *
 *   ==== 2026-11-23T02:30:00.123456Z 1795401000.123456 seq 17 late 0.5 s
 *   ---- meminfo
 *   MemTotal: ...
 */
#ifndef OOMREPORT_VMLOG_LAYOUT_H
#define OOMREPORT_VMLOG_LAYOUT_H

#include "base/mem.h"

/* The time line, with its newline. late_us 0 = in time. */
struct str layout_time(char *room, size_t n, int64_t wall_us, int64_t late_us);
/* The line above a file's content. errnum: it could not be read. */
struct str layout_name(char *room, size_t n, struct str name, int errnum, bool cut);

#endif
