/* SPDX-License-Identifier: MIT */
/* woven.c - whose stack is it? While an event prints its own, another CPU may report an oops, a warning
 * or a second event, line by line between. Caller ids tell them apart; without them:
 *
 *	kworker/3:1: vmalloc error: size 2097152, failed to allocate pages, mode:0xcc2(..)
 *	Oops: 0000 [#1] SMP
 *	CPU: 1 PID: 912 Comm: rmmod ...		not of the name in the event's first line: another's
 *	CPU: 3 PID: 77 Comm: kworker/3:1 ...	its own
 *	Call Trace:
 *	 dump_stack_lvl+0x5d/0x80		its own, as long as no second trace begins
 *	Call Trace:
 *	 widget_exit+0x12/0x30 [widget]		of either, and so of none, but for the symbols that
 *						only our reports have
 */
#include "parse/rows.h"

/* Blanks are of a mail program, an end of one was cut off. */
static bool same_name(struct str a, struct str b)
{
	for (skip_blanks(&a), skip_blanks(&b); a.n && b.n; skip_blanks(&a), skip_blanks(&b)) {
		if (a.p[0] != b.p[0])
			return false;
		a = str_from(a, 1);
		b = str_from(b, 1);
	}
	return true;
}

/* "kern.log:java": what stood in front of the line was taken for its beginning */
static bool ends_in(struct str name, struct str comm)
{
	size_t front = name.n - comm.n;

	return comm.n && name.n > comm.n && str_ends(name, comm) &&
	       (name.p[front - 1] == ':' || ascii_blank(name.p[front - 1]));
}

static bool is_own_head(struct live *l, struct str comm)
{
	struct str *name = &l->ev->trigger.comm;

	if (l->weave.head)
		return false;
	if (ends_in(*name, comm))
		*name = str_from(*name, name->n - comm.n);
	return !name->n || l->comm_doubtful || same_name(*name, comm);
}

/* Has it the frames of its stack, and all that follows them? Then what begins a stack is another's. */
static bool is_over(const struct live *l)
{
	if (l->ev->n_call_trace == 0)
		return false;
	if (event_is_oom(l->ev))
		return l->stray;
	return !l->header || kvs_find(&l->ev->memory.tail, STR("reserved"));
}

/* The one whose first line has that name, and which waits for this line; else the newest. */
static struct live *of_name(struct parser *p, const struct piece *pc, struct str comm)
{
	struct live *newest = live_for(p, pc, PART_STACK, false);

	if (!newest || !comm.n || is_own_head(newest, comm))
		return newest;
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (l->header && l->stage == STAGE_OPEN && l->ev->trigger.comm.n &&
		    caller_matches(l, pc) && !is_over(l) && is_own_head(l, comm))
			return l;
	}
	return newest;
}

struct live *woven_head(struct parser *p, const struct piece *pc, struct str comm)
{
	struct live *l = of_name(p, pc, comm);

	if (!l || is_over(l) || (l->stray && l->weave.head))
		l = stray_new(p, pc);
	if (!l)
		return NULL;
	l->weave.other = !is_own_head(l, comm);
	l->weave.head |= !l->weave.other;
	l->weave.other_waits |= l->weave.other;
	for (size_t i = 0; i < p->host->n_live; i++)
		p->host->live[i]->weave.aside = p->host->live[i] != l;
	return l;
}

struct live *woven_trace(struct parser *p, const struct piece *pc)
{
	struct live *l = live_for(p, pc, PART_STACK, false);
	struct weave *w;

	if (!l || is_over(l))
		l = stray_new(p, pc);
	if (!l)
		return NULL;
	w = &l->weave;
	if (w->open && pc->caller.n && l->caller_n) { /* a task prints one after the other */
		w->open = false;
		w->done = true;
	}
	if (w->open || w->done || (w->other_waits && !w->head)) {
		w->other_open = true;
		w->other_waits = false;
	} else {
		w->open = true;
		w->other_open |= w->other_waits; /* it may be of either */
	}
	return l;
}

void woven_goes_on(struct live *l, const struct live *stray)
{
	const struct weave *of = &stray->weave;

	if (of->head && !of->done && stray->quiet <= 1) {
		l->weave.other_waits = !of->open;
		l->weave.other_open = of->open && (of->framed || !stray->ev->n_call_trace);
	}
}

void woven_begin(struct live *l)
{
	l->weave.framed = true;
}

void woven_end(struct live *l)
{
	struct weave *w = &l->weave;

	if (w->open && w->other_open)
		return;
	w->done |= w->open;
	w->open = w->other_open = false;
}

/* A panic prints a stack of its own, of the same task; a failure whose frames came is over. */
void woven_panic(struct parser *p, const struct piece *pc)
{
	for (size_t i = 0; i < p->host->n_live; i++) {
		struct live *l = p->host->live[i];
		struct weave *w = &l->weave;

		if (event_is_oom(l->ev) || l->ev->n_call_trace == 0 || !caller_matches(l, pc))
			continue;
		w->open = false;
		w->done = w->other = w->other_waits = true;
	}
}

void woven_other_ends(struct live *l)
{
	l->weave.other = l->weave.other_waits = l->weave.other_open = false;
}

bool woven_is_own(struct live *l, struct str symbol)
{
	struct weave *w = &l->weave;

	if (!w->other_open)
		return w->open || !(w->done || w->other);
	if (!w->open)
		return !w->done && stray_symbol(symbol);
	w->doubt = true;
	return str_starts(symbol, STR("dump_stack")) || stray_symbol(symbol);
}

bool woven_is_other(const struct live *l)
{
	const struct weave *w = &l->weave;

	return w->other || w->other_open || (w->done && !w->open);
}

bool woven_is_cut(const struct parser *p, const struct live *l)
{
	const struct weave *w = &l->weave;

	return w->more && (w->framed ? !w->done : p->ended && l->quiet == 0);
}
