/* SPDX-License-Identifier: MIT */
/* map.h - private to report/: structs to JSON members by table, one row a member. */
#ifndef OOMREPORT_REPORT_MAP_H
#define OOMREPORT_REPORT_MAP_H

#include "base/emit.h"

enum map_kind {
	MAP_STR,   /* struct str; p == NULL: null */
	MAP_CSTR,  /* const char *; NULL: null */
	MAP_I64,   /* int64_t; UNKNOWN: null */
	MAP_U64,   /* uint64_t */
	MAP_SIZE,  /* size_t */
	MAP_BOOL,  /* bool */
	MAP_MAYBE, /* int64_t 0, 1 or UNKNOWN: false, true, null */
	MAP_MICRO, /* int64_t microseconds: seconds with six places */
	MAP_WALL,  /* int64_t microseconds since 1970: "2026-11-23T02:30:00Z" */
	MAP_REAL,  /* double; not finite: null */
};

struct map_row {
	struct str key;
	enum map_kind kind;
	size_t offset;
};

/* A row whose member has not the C type of its kind does not compile. */
#define MAP_ROW(kind, ctype, key, type, member)                                           \
	{STR_INIT(key), kind,                                                             \
	 offsetof(type, member) + 0 * sizeof(&((type *)0)->member == (ctype *)0)}
#define ROW_STR(key, type, member)   MAP_ROW(MAP_STR, struct str, key, type, member)
#define ROW_CSTR(key, type, member)  MAP_ROW(MAP_CSTR, const char *, key, type, member)
#define ROW_I64(key, type, member)   MAP_ROW(MAP_I64, int64_t, key, type, member)
#define ROW_U64(key, type, member)   MAP_ROW(MAP_U64, uint64_t, key, type, member)
#define ROW_SIZE(key, type, member)  MAP_ROW(MAP_SIZE, size_t, key, type, member)
#define ROW_BOOL(key, type, member)  MAP_ROW(MAP_BOOL, bool, key, type, member)
#define ROW_MAYBE(key, type, member) MAP_ROW(MAP_MAYBE, int64_t, key, type, member)
#define ROW_MICRO(key, type, member) MAP_ROW(MAP_MICRO, int64_t, key, type, member)
#define ROW_WALL(key, type, member)  MAP_ROW(MAP_WALL, int64_t, key, type, member)
#define ROW_REAL(key, type, member)  MAP_ROW(MAP_REAL, double, key, type, member)

/* The members of one struct, into the open object. */
void map_members(struct emit *e, const struct map_row *rows, size_t n, const void *from);
/* null when from is NULL, else an object of these members. */
void map_object(struct emit *e, struct str key, const struct map_row *rows, size_t n,
		const void *from);
/* An array of objects from an array of structs of `size` bytes. */
void map_array(struct emit *e, struct str key, const struct map_row *rows, size_t n,
	       const void *from, size_t count, size_t size);

/* All of an open-ended list as members; of a key printed twice the first value counts. Both
 * lists end with an empty name: members of the object that stand there already from this list
 * (`done`), and those of other origin (`taken`: such a key comes as "printed_NAME"). */
void map_kvs(struct emit *e, const struct kvs *list, const struct str *done,
	     const struct str *taken);
void map_kvs_object(struct emit *e, struct str key, const struct kvs *list);
void map_strs(struct emit *e, struct str key, const struct str *v, size_t n);
void map_wall(struct emit *e, struct str key, int64_t us);

#endif
