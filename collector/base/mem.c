/* SPDX-License-Identifier: MIT */
/* mem.c - arena and buffer; the only malloc of the project's own code. */
#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024, LARGE = 64 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t room;
	size_t used;
	size_t unused; /* keeps data[] on a 16-byte border where size_t has 8 */
	char data[];
};

static unsigned long allocations;
static unsigned long fail_from;

void mem_fail_after(unsigned long n)
{
	fail_from = n ? allocations + n : 0;
}

unsigned long mem_allocations(void)
{
	return allocations;
}

static bool refused(void)
{
	allocations++;
	return fail_from && allocations >= fail_from;
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
	size_t room = a->blocks ? a->blocks->room * 2 : FIRST_BLOCK;
	struct arena_block *block;

	if (room > LARGEST_BLOCK)
		room = LARGEST_BLOCK;
	if (room < need)
		room = need;
	if (refused())
		return NULL;
	block = malloc(sizeof(*block) + room);
	if (!block)
		return NULL;
	block->next = a->blocks;
	block->room = room;
	block->used = 0;
	a->blocks = block;
	return block;
}

static void *take_aligned(struct arena *a, size_t n, size_t align)
{
	struct arena_block *block = a->blocks;
	size_t at;

	if (n > a->max || a->used > a->max - n)
		return NULL;
	at = block ? (block->used + align - 1) & ~(align - 1) : 0;
	if (!block || at > block->room || block->room - at < n) {
		block = block_new(a, n);
		if (!block)
			return NULL;
		at = 0;
	}
	block->used = at + n;
	a->used += n;
	return block->data + at;
}

/* A block of its own, zeroed by the kernel: what nobody writes of it costs no memory. */
static void *take_large(struct arena *a, size_t n)
{
	struct arena_block *block;

	if (n > a->max || a->used > a->max - n || refused())
		return NULL;
	block = calloc(1, sizeof(*block) + n);
	if (!block)
		return NULL;
	*block = (struct arena_block){.next = a->blocks, .room = n, .used = n};
	a->blocks = block;
	a->used += n;
	return block->data;
}

void *arena_take(struct arena *a, size_t n)
{
	void *p = n < LARGE ? take_aligned(a, n, ALIGNMENT) : take_large(a, n);

	return p && n < LARGE ? memset(p, 0, n) : p;
}

void *arena_room(struct arena *a, size_t n)
{
	return take_aligned(a, n, ALIGNMENT);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	return arena_take(a, n);
}

bool arena_str(struct arena *a, struct str s, struct str *ret)
{
	char *p = take_aligned(a, s.n, 1);

	if (!p)
		return false;
	if (s.n)
		memcpy(p, s.p, s.n);
	*ret = (struct str){p, s.n};
	return true;
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p = s.n == SIZE_MAX ? NULL : take_aligned(a, s.n + 1, 1);

	if (!p)
		return NULL;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

void arena_free(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	a->used = 0;
}

bool arena_join(struct arena *to, struct arena *from)
{
	struct arena_block **end = &to->blocks;

	if (from->used > to->max - to->used)
		return false;
	while (*end)
		end = &(*end)->next;
	*end = from->blocks;
	to->used += from->used;
	*from = (struct arena){NULL, 0, from->max};
	return true;
}

void arena_reset(struct arena *a)
{
	if (!a->blocks)
		return;
	while (a->blocks->next) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	a->blocks->used = 0;
	a->used = 0;
}

void *arena_grow(struct arena *a, void **items, size_t *count, size_t *room, size_t size)
{
	char *base = *items;

	if (*count == *room) {
		size_t more = *room ? *room * 2 : 8, n;

		base = __builtin_mul_overflow(more, size, &n) ? NULL : arena_room(a, n);
		if (!base)
			return NULL;
		if (*count)
			memcpy(base, *items, *count * size);
		*items = base;
		*room = more;
	}
	return memset(base + (*count)++ * size, 0, size);
}

bool buf_reserve(struct buf *b, size_t more)
{
	size_t need, room = b->room ? b->room : 256;
	char *p;

	if (__builtin_add_overflow(b->n, more, &need) || need > b->max) {
		b->failed = b->full = true;
		return false;
	}
	if (b->p && need < b->room)
		return true;
	while (room <= need && room < b->max)
		room = room > b->max / 2 ? b->max : room * 2;
	/* one byte more than the content may ever have, for buf_cstr() */
	p = refused() ? NULL : realloc(b->p, room + 1);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->room = room;
	return true;
}

bool buf_add(struct buf *b, struct str s)
{
	if (!buf_reserve(b, s.n))
		return false;
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	return true;
}

bool buf_addz(struct buf *b, const char *z)
{
	return buf_add(b, str_of(z));
}

bool buf_addc(struct buf *b, char c)
{
	return buf_add(b, (struct str){&c, 1});
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return false;
	}
	if ((size_t)n < sizeof(small))
		return buf_add(b, (struct str){small, (size_t)n});
	if (!buf_reserve(b, (size_t)n))
		return false;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return true;
}

int buf_ok(const struct buf *b, const char *what, struct err *err)
{
	if (!b->failed)
		return 0;
	if (!b->full)
		return err_set(err, ERR_NOMEM, "%s: no memory", what);
	return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", what, b->max);
}

const char *buf_cstr(struct buf *b)
{
	if (!b->p && !buf_reserve(b, 0))
		return NULL;
	b->p[b->n] = '\0';
	return b->p;
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->failed = b->full = false;
}

void buf_drop_front(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT(b->max);
}

void mem_heap_tight(void)
{
#ifdef __GLIBC__
	mallopt(M_TOP_PAD, 4096);
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TRIM_THRESHOLD, 128 * 1024);
#endif
}

void mem_heap_steady(void)
{
#ifdef __GLIBC__
	mallopt(M_TOP_PAD, 128 * 1024);
	mallopt(M_MMAP_THRESHOLD, 512 * 1024);
	mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
#endif
}

void mem_heap_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static unsigned long of_libraries;

void mem_refused(void)
{
	of_libraries++;
}

unsigned long mem_refusals(void)
{
	return of_libraries;
}
