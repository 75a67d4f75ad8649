/* SPDX-License-Identifier: MIT */
/* stray.c - a stack dump in front of which no line tells of an event: of a warning or a task that
 * hangs; or of an event whose first line is lost, in a ring buffer that wrapped or to a reader who
 * came too late.
 *
 * It waits a few lines as a live event of its own: what is printed at once behind it shows what it
 * was, and of memory behind it its symbols tell whether an allocation failed (mm/page_alloc.c,
 * warn_alloc()) or the OOM killer was called (mm/oom_kill.c, dump_header()). Where nothing follows
 * it is forgotten.
 */
#include "parse/rows.h"

enum tells { TELLS_NOTHING, TELLS_ALLOCATION, TELLS_FAILURE, TELLS_OOM };

static enum tells tells_of(struct str symbol)
{
	static const struct {
		struct str begins;
		enum tells tells;
	} rows[] = {
		{STR_INIT("warn_alloc"), TELLS_FAILURE}, /* and _failed, until 4.8 */
		{STR_INIT("__alloc_pages"), TELLS_ALLOCATION},
		{STR_INIT("alloc_pages"), TELLS_ALLOCATION},
		{STR_INIT("dump_header"), TELLS_OOM},
		{STR_INIT("oom_kill_process"), TELLS_OOM},
		{STR_INIT("out_of_memory"), TELLS_OOM},
		{STR_INIT("__out_of_memory"), TELLS_OOM},
		{STR_INIT("mem_cgroup_out_of_memory"), TELLS_OOM},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (str_starts(symbol, rows[i].begins))
			return rows[i].tells;
	}
	return TELLS_NOTHING;
}

bool stray_symbol(struct str symbol)
{
	return tells_of(symbol) != TELLS_NOTHING;
}

/* The innermost symbol that is sure decides: the OOM killer is called by an allocation. */
static enum tells trace_tells(const struct event *ev)
{
	enum tells found = TELLS_NOTHING;

	for (size_t i = 0; i < ev->n_call_trace && found < TELLS_FAILURE; i++) {
		enum tells t = tells_of(ev->call_trace[i]);

		if (t > found)
			found = t;
	}
	return found;
}

void stray_forget(struct parser *p, const struct piece *pc)
{
	struct host *h = p->host;

	for (size_t i = h->n_live; i-- > 0;) {
		if (h->live[i]->stray && caller_matches(h->live[i], pc))
			live_close(p, h, i);
	}
}

struct live *stray_new(struct parser *p, const struct piece *pc)
{
	struct live *l;

	stray_forget(p, pc);
	if (p->host->n_live == MAX_LIVE) /* worth less than any of them */
		return NULL;
	l = live_new(p, pc, EVENT_OOM_KILL);
	if (l)
		l->stray = l->headless_stack = true;
	return l;
}

bool stray_takes(const struct live *l)
{
	return l->quiet <= 1 || (l->quiet <= 3 && trace_tells(l->ev) >= TELLS_FAILURE);
}

void stray_joined(struct live *l, enum event_part part)
{
	l->stray = false;
	if (part == PART_MEMORY && trace_tells(l->ev) == TELLS_FAILURE)
		l->ev->kind = EVENT_ALLOC_FAILURE;
}

/* vmalloc() prints its failures through warn_alloc(), too. */
static struct str vmalloc_frame(const struct event *ev)
{
	for (size_t i = 0; i + 1 < ev->n_call_trace; i++) {
		if (tells_of(ev->call_trace[i]) == TELLS_FAILURE &&
		    str_find(ev->call_trace[i + 1], STR("vmalloc")) != SIZE_MAX)
			return ev->call_trace[i + 1];
	}
	return (struct str){0};
}

/* The memory of an OOM is followed by its tasks, or at least by its kill; that of a failure by
 * nothing. */
void stray_settle(struct live *l)
{
	static const unsigned more = PART_TASKS | PART_MEMCG | PART_VERDICT;
	struct event *ev = l->ev;

	if (!l->headless_stack)
		return;
	if (ev->kind == EVENT_OOM_KILL && l->parts & PART_MEMORY && !(l->parts & more) &&
	    l->named == NAMED_NOT) {
		if (trace_tells(ev) == TELLS_OOM)
			l->told = true;
		else if (kvs_find(&ev->memory.tail, STR("reserved")) ||
			 trace_tells(ev) != TELLS_NOTHING)
			ev->kind = EVENT_ALLOC_FAILURE;
	}
	if (ev->kind == EVENT_ALLOC_FAILURE)
		ev->trigger.what = vmalloc_frame(ev);
}
