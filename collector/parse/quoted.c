/* SPDX-License-Identifier: MIT */
/* quoted.c - one event in several mails of a thread: each answer quotes the log once more, a level
 * deeper, and often not all of it.
 *
 * It is the same where all that both say of it is the same, and that is enough to tell it: its time,
 * or the task and the memory. Within one level nothing is compared: who writes a log twice means it.
 * What is shouted to all terminals is the deepest of them.
 */
#include <limits.h>

#include "parse/rows.h"

static uint64_t hash_or_none(struct str s)
{
	return s.n ? hash_of(s) | 1 : 0;
}

static struct gist gist_of(const struct live *l)
{
	const struct event *ev = l->ev;
	const struct trigger *t = &ev->trigger;
	const struct victim *v = ev->n_victims ? &ev->victims[0] : NULL;
	const struct kvs *totals = &ev->memory.totals;
	const struct kv *free = kvs_find(totals, STR("free"));

	return (struct gist){.kind = ev->kind,
			     .quote = l->shouted ? UINT_MAX : l->quote,
			     .mono_us = ev->monotonic_us,
			     .wall_us = ev->wall_us,
			     .pid = t->pid,
			     .order = t->order,
			     .mask = t->gfp_mask,
			     .victim = v ? v->pid : UNKNOWN,
			     .vm_kb = v ? v->total_vm_kb : UNKNOWN,
			     .first_pages = totals->n ? totals->v[0].value : UNKNOWN,
			     .free_pages = free ? free->value : UNKNOWN,
			     .words = ev->kind == EVENT_USERSPACE_KILL && ev->reason.n
					      ? (int64_t)(hash_of(ev->reason) >> 1)
					      : UNKNOWN,
			     .comm = hash_or_none(t->comm),
			     .host = hash_or_none(ev->host)};
}

/* What both say; false where they differ. */
static bool agree(int64_t a, int64_t b, int weight, int *sum)
{
	if (a == UNKNOWN || b == UNKNOWN)
		return true;
	*sum += weight;
	return a == b;
}

static bool same_event(const struct gist *a, const struct gist *b)
{
	enum { ENOUGH = 3 };
	int sum = 0;

	return a->kind == b->kind && (!a->comm || !b->comm || a->comm == b->comm) &&
	       (!a->host || !b->host || a->host == b->host) &&
	       agree(a->mono_us, b->mono_us, ENOUGH, &sum) &&
	       agree(a->wall_us, b->wall_us, 1, &sum) && agree(a->pid, b->pid, 2, &sum) &&
	       agree(a->order, b->order, 0, &sum) && agree(a->mask, b->mask, 0, &sum) &&
	       agree(a->victim, b->victim, 2, &sum) && agree(a->vm_kb, b->vm_kb, 1, &sum) &&
	       agree(a->words, b->words, ENOUGH, &sum) &&
	       agree(a->first_pages, b->first_pages, 1, &sum) &&
	       agree(a->free_pages, b->free_pages, 2, &sum) && sum >= ENOUGH;
}

bool quoted_before(struct parser *p, const struct live *l)
{
	struct gist now = gist_of(l);

	for (size_t i = 0; i < GISTS && i < p->n_gists; i++) {
		if (p->gists[i].quote != now.quote && p->gists[i].quote != UINT_MAX &&
		    same_event(&p->gists[i], &now))
			return true;
	}
	p->gists[p->n_gists++ % GISTS] = now;
	return false;
}
