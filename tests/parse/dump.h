/* SPDX-License-Identifier: MIT */
/* dump.h - everything an event holds, as text: what the laws of the parser compare. */
#ifndef OOMREPORT_TESTS_PARSE_DUMP_H
#define OOMREPORT_TESTS_PARSE_DUMP_H

#include "parse/parse.h"

void dump_event(struct buf *out, const struct event *ev);
void dump_facts(struct buf *out, const struct log_facts *facts);
/* All events and facts of these bytes, fed in windows of `window` bytes (0: at once). False
 * when the parser failed. */
bool dump_bytes(struct buf *out, struct str bytes, size_t window);

#endif
