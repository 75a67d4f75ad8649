/* SPDX-License-Identifier: MIT */
/* gather.c - one report in pieces: a log server sorts the lines of a second as it likes, and the kill comes
 * before what led to it. What was said at one time, and tells of a single call, is one event, whose order
 * is lost.
 */
#include "parse/rows.h"

/* Were they said in one second, and not in the order they stand in? Where the kernel's clock is not there,
 * nothing tells the order. */
static bool out_of_order(const struct live *a, const struct live *b)
{
	enum { SECOND_US = 1000000 };
	const struct event *first = a->ev->first_line < b->ev->first_line ? a->ev : b->ev;
	const struct event *second = first == a->ev ? b->ev : a->ev;
	bool timed = first->monotonic_us != UNKNOWN && second->monotonic_us != UNKNOWN;
	int64_t from = timed ? first->monotonic_us : first->wall_us;
	int64_t to = timed ? second->monotonic_us : second->wall_us;

	if (from == UNKNOWN || to == UNKNOWN || (timed && from <= to))
		return false;
	return (uint64_t)from - (uint64_t)to + SECOND_US <= 2 * SECOND_US;
}

static bool same_victim(const struct event *a, const struct event *b)
{
	return a->n_victims && b->n_victims && a->victims[0].pid != UNKNOWN &&
	       a->victims[0].pid == b->victims[0].pid;
}

static bool is_settled(const struct live *l)
{
	return l->killed || l->panic || l->no_victim;
}

/* Has each what the other lacks? */
static bool complete_each_other(const struct live *a, const struct live *b)
{
	static const unsigned lists = PART_MEMORY | PART_MEMCG | PART_TASKS;
	const struct live *first = a->header ? a : b, *other = first == a ? b : a;
	bool victim = same_victim(a->ev, b->ev);

	if (a->stray || b->stray || a->shouted || b->shouted || a->quote != b->quote ||
	    a->ev->kind != EVENT_OOM_KILL || b->ev->kind != EVENT_OOM_KILL || (a->header && b->header) ||
	    (is_settled(a) && is_settled(b)) || (a->ev->n_victims && b->ev->n_victims && !victim))
		return false;
	return victim || (first->header && (!is_settled(first) || other->parts & lists & ~first->parts));
}

/* Everything that only `from` has. */
static void take_over(struct live *to, struct live *from)
{
	struct event *a = to->ev, *b = from->ev;

	if (!to->header && from->header) {
		a->trigger = b->trigger;
		a->monotonic_us = b->monotonic_us;
	}
	if (!a->n_victims || (from->killed && !to->killed)) {
		a->victims = b->victims;
		a->n_victims = b->n_victims;
		a->room_victims = b->room_victims;
		a->killed_us = b->killed_us;
	}
	if (!a->memory.n_zones && b->memory.seen)
		a->memory = b->memory;
	if (!a->memcg.memory.seen && b->memcg.seen)
		a->memcg = b->memcg;
	if (a->tasks.n_rows < b->tasks.n_rows)
		a->tasks = b->tasks;
	if (!a->n_call_trace) {
		a->call_trace = b->call_trace;
		a->n_call_trace = b->n_call_trace;
		a->room_call_trace = b->room_call_trace;
	}
	if (!a->constraint.n)
		a->constraint = b->constraint;
	if (!a->kernel.n) {
		a->kernel = b->kernel;
		a->kernel_build = b->kernel_build;
	}
	a->first_line = a->first_line < b->first_line ? a->first_line : b->first_line;
	a->last_line = a->last_line > b->last_line ? a->last_line : b->last_line;
	to->header |= from->header;
	to->killed |= from->killed;
	to->panic |= from->panic;
	to->no_victim |= from->no_victim;
	to->memcg_words |= from->memcg_words;
	to->has_counters |= from->has_counters;
	to->stack_expected |= from->stack_expected;
	to->table_head |= from->table_head;
	to->parts |= from->parts;
	to->named = to->named > from->named ? to->named : from->named;
	to->elided = true;
}

bool gather_piece(struct live *l)
{
	const struct host *h = l->host;

	for (size_t i = 0; i < h->n_live; i++) {
		struct live *to = h->live[i];

		if (!complete_each_other(to, l) || !out_of_order(to, l) ||
		    !arena_join(&to->ev->arena, &l->ev->arena))
			continue;
		take_over(to, l);
		if (l->text.n) {
			buf_addc(&to->text, '\n');
			buf_add(&to->text, buf_str(&l->text));
			to->sure_text = to->text.n;
		}
		return true;
	}
	return false;
}
