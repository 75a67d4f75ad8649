/* SPDX-License-Identifier: MIT */
/* journal_file.h - private to journal_*.c: one .journal file, whose entries come one by one, with
 * what tells their place among those of the other files of a machine (journal_merge.c).
 */
#ifndef OOMREPORT_SOURCE_JOURNAL_FILE_H
#define OOMREPORT_SOURCE_JOURNAL_FILE_H

#include "source/input.h"

/* ---- journal_unpack.c: how many bytes it gave, those before the damage where there is one ---- */

size_t journal_unpack_lz4(struct str in, char *to, size_t room);
size_t journal_unpack_stream(struct str in, char *to, size_t room);

/* ---- journal_file.c ---- */

/* When and by whom an entry was written. */
struct entry_key {
	uint64_t seqnum, realtime, monotonic, hash; /* hash: of all its values */
	unsigned char boot[16];
};

struct journal_file {
	struct journal_part part;
	struct journal_cache *cache; /* what all files of a machine share */
	struct journal_id id;
	struct entry_key key; /* of the entry whose turn it is */
	uint64_t entry;	      /* its offset; 0: there is no more */
	bool compact;
	uint64_t left; /* what may still be read and unpacked, so that no forged file keeps us long */
	uint64_t past; /* the last entry ended there */
	unsigned lost, packed; /* objects that are damaged; values that cannot be unpacked */
	struct journal_list {
		uint64_t next; /* the entry whose turn it is; 0: none */
		uint64_t array, past, index, items, left; /* past: the array ends there */
	} lists[JOURNAL_MATCHES]; /* the entries that have one value */
};

/* One for all files of a log; NULL without memory. */
struct journal_cache *journal_cache_new(struct arena *a);
/* Stands on the first of its entries. The descriptor of the part is taken over, also when it fails. */
int journal_file_begin(struct journal_file *j, struct journal_cache *cache,
		       const struct journal_part *part, struct err *err) MUST_CHECK;
/* Tells the entry whose turn it is, goes on to the next. */
void journal_file_tell(struct journal_file *j, struct journal *to);
void journal_file_skip(struct journal_file *j); /* goes on without a word */
void journal_file_end(struct journal_file *j);	/* closes it */

#endif
