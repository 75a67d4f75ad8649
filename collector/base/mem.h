/* SPDX-License-Identifier: MIT */
/* mem.h - the two owners of memory: an arena for data, a buffer for growing text.
 *
 * Both are born with a maximum and refuse to pass it. These are the only callers of malloc in
 * the project's own code, so the fail-Nth hook of the tests stands in one place
 * (OOMREPORT_FAIL_ALLOC is not read here: tests call mem_fail_after()).
 */
#ifndef OOMREPORT_BASE_MEM_H
#define OOMREPORT_BASE_MEM_H

#include "base/err.h"
#include "base/str.h"

/* ---- arena: many small things that die together ---- */

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out */
	size_t max;  /* ... never more than this */
};

#define ARENA_INIT(maximum) {NULL, 0, (maximum)}

/* Zeroed memory, aligned for any type; NULL when the maximum or the machine's memory is
 * reached. n = 0 gives a valid pointer. */
void *arena_take(struct arena *a, size_t n) MUST_CHECK;
/* The same as it comes, not zeroed: what is not used of it costs no memory. */
void *arena_room(struct arena *a, size_t n) MUST_CHECK;
/* Room for `count` items of `size` bytes, overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_CHECK;
/* Unaligned copy, for text; on failure ret is untouched and false is returned. */
bool arena_str(struct arena *a, struct str s, struct str *ret) MUST_CHECK;
/* The same as a C string (cut at nothing: NUL bytes stay inside). NULL on failure. */
char *arena_cstr(struct arena *a, struct str s) MUST_CHECK;
void arena_free(struct arena *a);
/* All that is in `from` is in `to` then, where it was; false: that would be too much for it. */
bool arena_join(struct arena *to, struct arena *from) MUST_CHECK;
/* Forget the content, keep one block for the next use. */
void arena_reset(struct arena *a);

/* A growing array inside an arena: *items holds *count entries of `size` bytes with room for
 * *room. Returns the new zeroed last entry, or NULL (full: nothing changed). */
void *arena_grow(struct arena *a, void **items, size_t *count, size_t *room, size_t size);

/* ---- buf: growing bytes ---- */

struct buf {
	char *p;
	size_t n;
	size_t room;
	size_t max;
	bool failed; /* sticky: an append was refused; what is there is still good */
	bool full;   /* and it was the maximum, not memory */
};

#define BUF_INIT(maximum) {NULL, 0, 0, (maximum), false, false}
#define CLEANUP_BUF __attribute__((cleanup(buf_free)))
#define CLEANUP_ARENA __attribute__((cleanup(arena_free)))

/* Appends return false and set `failed` when the maximum or memory is reached; an append is
 * all or nothing. Check once at the end with buf_ok(), which says which of them it was. */
bool buf_add(struct buf *b, struct str s);
bool buf_addz(struct buf *b, const char *z);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) FORMAT_ARGS(2, 3);
bool buf_reserve(struct buf *b, size_t more);
int buf_ok(const struct buf *b, const char *what, struct err *err) MUST_CHECK;
/* The content with a NUL behind it (not counted), or NULL without memory. */
const char *buf_cstr(struct buf *b);
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->p ? b->p : "", b->n};
}
void buf_clear(struct buf *b); /* empty, keeps the room, forgets `failed` */
void buf_drop_front(struct buf *b, size_t n);
void buf_free(struct buf *b); /* as BUF_INIT with the same maximum */

/* How often the machine had no memory for a library that cannot say so (jansson). */
void mem_refused(void);
unsigned long mem_refusals(void);

/* ---- test hook: the Nth allocation from now on (1 = next) and all later ones fail; 0 = off */
void mem_fail_after(unsigned long n);
unsigned long mem_allocations(void); /* how many were asked for since the start */

/* The heap holds no more than is used: what is freed goes back to the kernel at once. (musl's does
 * that by itself.) */
void mem_heap_tight(void);
/* It holds up to 1 MiB for what comes next: event after event took memory from the kernel and gave it
 * back, a twentieth of a dense log's CPU time. */
void mem_heap_steady(void);
void mem_heap_trim(void);

#endif
