/* SPDX-License-Identifier: MIT */
/* memring.c - a ring of bytes between two threads. */
#include "vmlog/memring.h"

static void put(struct memring *r, size_t at, const void *p, size_t n)
{
	size_t from = at % r->size, first = r->size - from;

	if (first > n)
		first = n;
	memcpy(r->p + from, p, first);
	memcpy(r->p, (const uint8_t *)p + first, n - first);
}

static void get(const struct memring *r, size_t at, void *p, size_t n)
{
	size_t from = at % r->size, first = r->size - from;

	if (first > n)
		first = n;
	memcpy(p, r->p + from, first);
	memcpy((uint8_t *)p + first, r->p, n - first);
}

size_t memring_used(const struct memring *r)
{
	return atomic_load_explicit(&r->head, memory_order_acquire) -
	       atomic_load_explicit(&r->tail, memory_order_acquire);
}

bool memring_put(struct memring *r, const struct framed *f)
{
	struct mem_record rec = {.n = (uint32_t)f->bytes.n,
				 .kills = f->kills,
				 .new_block = f->new_block,
				 .event = f->event,
				 .block = f->block};
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	if (sizeof(rec) + f->bytes.n > r->size - memring_used(r))
		return false;
	put(r, head, &rec, sizeof(rec));
	put(r, head + sizeof(rec), f->bytes.p, f->bytes.n);
	atomic_store_explicit(&r->head, head + sizeof(rec) + f->bytes.n, memory_order_release);
	return true;
}

bool memring_peek(const struct memring *r, struct mem_record *ret)
{
	if (memring_used(r) == 0)
		return false;
	get(r, atomic_load_explicit(&r->tail, memory_order_relaxed), ret, sizeof(*ret));
	return true;
}

void memring_copy(const struct memring *r, size_t from, uint8_t *to, size_t n)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	get(r, tail + sizeof(struct mem_record) + from, to, n);
}

void memring_drop(struct memring *r, const struct mem_record *rec)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store_explicit(&r->tail, tail + sizeof(*rec) + rec->n, memory_order_release);
}
