/* SPDX-License-Identifier: MIT */
/* loop_time.h - a line that tells when the samples below it were taken. */
#ifndef OOMREPORT_VMLOG_LOOP_TIME_H
#define OOMREPORT_VMLOG_LOOP_TIME_H

#include "base/kv.h"

/* date(1) in the usual languages, RFC 3339, seconds since 1970; with ornament around it and text
 * behind it. A date that may be of two days (05/11/2026) is none. */
bool loop_time(struct str line, int64_t *ret_us);

#endif
