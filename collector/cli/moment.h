/* SPDX-License-Identifier: MIT */
/* moment.h - a point in time as journalctl takes it. */
#ifndef OOMREPORT_CLI_MOMENT_H
#define OOMREPORT_CLI_MOMENT_H

#include "base/kv.h"

/* RFC 3339; "2026-11-23 02:30:00", "2026-11-23 02:30", "2026-11-23", "02:30" of today,
 * "... UTC"; "now", "today", "yesterday", "tomorrow"; "@1795401000"; "-10min", "+1h
 * 30min", "2 hours ago". Without a zone it is local time (TZ). False: none of it. */
bool moment_parse(struct str text, int64_t now_us, int64_t *ret_us);

#endif
