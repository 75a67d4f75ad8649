/* SPDX-License-Identifier: MIT */
/* facts_private.h - what facts.c and facts_more.c share. */
#ifndef OOMREPORT_HOST_FACTS_PRIVATE_H
#define OOMREPORT_HOST_FACTS_PRIVATE_H

#include "host/parts.h"

struct facts_reader {
	struct host_facts *f;
	const struct root *root;
	struct buf text;
};

struct str facts_text(struct facts_reader *r, const char *path);
/* A trimmed copy that lives as long as the facts. */
bool facts_keep(struct facts_reader *r, struct str s, struct str *ret);
/* "0-1,4" names three; UNKNOWN when it is no such list. */
int64_t facts_range_count(struct str list);
void facts_read_slabs(struct facts_reader *r);
void facts_read_processes(struct facts_reader *r);
void facts_read_holders(struct facts_reader *r);
/* The derived numbers; also the page size, from zoneinfo's managed pages and MemTotal. */
void facts_read_numbers(struct facts_reader *r);

#endif
