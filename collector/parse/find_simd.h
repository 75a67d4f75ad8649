/* SPDX-License-Identifier: MIT */
/* find_simd.h - private to find*.c: fingerprints of literals, and the loops that look for them.
 *
 * Every literal has a fingerprint: three bytes of it that are rare in logs. A fingerprint
 * belongs to one of eight buckets. For each of the three bytes two tables of 16 say by nibble
 * which buckets it may belong to; six lookups and five ANDs then test 32 places of the window
 * at once (the idea is known as Teddy, from Hyperscan). What passes is compared.
 */
#ifndef OOMREPORT_PARSE_FIND_SIMD_H
#define OOMREPORT_PARSE_FIND_SIMD_H

#include "parse/find.h"

/* What the loops tell: the fingerprint of a literal of these buckets may begin at `at`.
 * Returns how far to look on: SIZE_MAX = to the end. */
struct candidate_sink {
	size_t (*take)(struct candidate_sink *sink, size_t at, uint8_t buckets);
};

/* Look at all places in [from, n - FINGERPRINT]; reads p[from] to p[n - 1], nothing else. Returns
 * how many of these bytes are '\n', or fewer where the sink has ended it. */
typedef size_t candidate_search(const struct fingerprints *f, const uint8_t *p, size_t n,
				size_t from, struct candidate_sink *sink);

candidate_search search_portable;
#if defined(__x86_64__)
candidate_search search_avx2, search_vbmi;
#endif

/* The implementations this machine can run, best first; for find.c and its test. */
struct find_engine {
	const char *name;
	candidate_search *search;
	bool (*runs)(void);
};
extern const struct find_engine find_engines[];
extern const size_t find_n_engines;

/* What find_interesting() looks for; ready when it was called once. The test counts what it costs. */
extern struct find_table find_table;
/* find_or_count() and count_newlines() with a given engine: the test compares them all. */
size_t find_with(const struct find_engine *e, struct str window, size_t from, size_t *newlines);
size_t count_with(const struct find_engine *e, struct str bytes);

#endif
