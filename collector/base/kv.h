/* SPDX-License-Identifier: MIT */
/* kv.h - open-ended lists of named numbers, as kernels print them.
 *
 * Kernels add counters every year (6.17 Balloon and free_highatomic, 6.18 zspages), so zones,
 * nodes, meminfo or memory.stat are lists of key and value, in printed order, never structs.
 * Key and unit together make the document's name: {"free", KB} is "free_kb".
 */
#ifndef OOMREPORT_BASE_KV_H
#define OOMREPORT_BASE_KV_H

#include "base/mem.h"

/* The value of anything not known; becomes null in the document. */
#define UNKNOWN INT64_MIN

enum unit {
	UNIT_COUNT, /* a plain number, no suffix */
	UNIT_PAGES, /* "_pages" */
	UNIT_KB,    /* "_kb", KiB */
	UNIT_BYTES, /* "_bytes" */
	UNIT_BOOL,  /* 0 or 1, no suffix, printed as true/false */
};

struct kv {
	struct str key; /* normalised: lower case, [a-z0-9_]; see kv_key() */
	int64_t value;
	enum unit unit;
};

struct kvs {
	struct kv *v;
	size_t n;
	size_t room;
};

/* Appends; key is copied into the arena, an empty one is passed over. False when the arena is
 * full. */
bool kvs_add(struct arena *a, struct kvs *list, struct str key, int64_t value, enum unit unit);
/* The same, in place of what the key had. */
bool kvs_set(struct arena *a, struct kvs *list, struct str key, int64_t value, enum unit unit);
/* First value of that key, or UNKNOWN. */
int64_t kvs_get(const struct kvs *list, struct str key);
const struct kv *kvs_find(const struct kvs *list, struct str key);
/* The same in kB, whatever unit it was printed in (pages need page_kb); UNKNOWN stays. */
int64_t kvs_get_kb(const struct kvs *list, struct str key, int64_t page_kb);
/* "isolated(anon)" -> "isolated_anon", "HugePages_Total" -> "hugepages_total",
 * "all_unreclaimable?" -> "all_unreclaimable": lower case, runs of other bytes become one '_',
 * none at the ends. Writes at most room bytes, returns the slice written (in out). */
struct str kv_key(struct str printed, char *out, size_t room);
/* "_kb", "_pages", "_bytes" or "". */
struct str unit_suffix(enum unit unit);

#endif
