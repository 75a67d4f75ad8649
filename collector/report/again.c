/* SPDX-License-Identifier: MIT */
/* again.c - an event that is told more than once: by several logs of a container, or by an excerpt
 * beside the log it is from, in one mail or folder.
 *
 * Of an excerpt and its log the log counts, whichever comes first: what is not all there waits for it, as
 * long as few others come. Two that say equally much are two: who writes a log twice means it.
 */
#include "report/private.h"

/* What is told of it. */
uint32_t again_parts(const struct event *ev)
{
	uint32_t parts = 0;

	if (!(ev->missing & PART_HEADER))
		parts |= PART_HEADER;
	if (ev->n_call_trace)
		parts |= PART_STACK;
	if (ev->memory.n_zones)
		parts |= PART_MEMORY;
	if (ev->memcg.memory.seen)
		parts |= PART_MEMCG;
	if (ev->tasks.n_rows)
		parts |= PART_TASKS;
	if (ev->n_victims || ev->reason.n)
		parts |= PART_VERDICT;
	return parts;
}

/* Both known and far apart: not the same moment. The wall clock of syslog is that of the
 * reader of the ring buffer, hence the slack. */
static bool far(int64_t a, int64_t b, int64_t slack_us)
{
	return a != UNKNOWN && b != UNKNOWN && (a > b ? a - b : b - a) > slack_us;
}

static bool same_event(const struct event_note *a, const struct event_note *b)
{
	return a->kind == b->kind && a->victim_pid == b->victim_pid && a->order == b->order &&
	       a->gfp_mask == b->gfp_mask && a->free_kb == b->free_kb &&
	       strcmp(a->victim, b->victim) == 0 && strcmp(a->trigger, b->trigger) == 0 &&
	       !far(a->monotonic_us, b->monotonic_us, 1000000) &&
	       !far(a->wall_us, b->wall_us, INT64_C(86400000000));
}

static bool known_equal(int64_t a, int64_t b)
{
	return a != UNKNOWN && a == b;
}

static bool differ(int64_t a, int64_t b)
{
	return a != UNKNOWN && b != UNKNOWN && a != b;
}

static bool names_differ(const char *a, const char *b)
{
	return a[0] && b[0] && strcmp(a, b) != 0;
}

/* Of a panic or a call without a victim the beginning looks like any other. */
static bool same_kind(enum event_kind a, enum event_kind b)
{
	return a == b || (a <= EVENT_OOM_NO_VICTIM && b <= EVENT_OOM_NO_VICTIM);
}

/* Is the first part of what the second tells? The moment of its first line or its kill proves it; where
 * the kernel's clock is not there, the victim and how much it held. */
static bool is_excerpt(const struct event_note *a, const struct event_note *b)
{
	enum { SLACK_US = 2000000 };
	bool timed = a->monotonic_us != UNKNOWN && b->monotonic_us != UNKNOWN;

	if (a->parts & ~b->parts || a->parts == b->parts || !same_kind(a->kind, b->kind) ||
	    differ(a->victim_pid, b->victim_pid) || differ(a->order, b->order) ||
	    differ(a->gfp_mask, b->gfp_mask) || differ(a->free_kb, b->free_kb) ||
	    differ(a->killed_kb, b->killed_kb) || names_differ(a->victim, b->victim) ||
	    names_differ(a->trigger, b->trigger))
		return false;
	if (a->parts & PART_HEADER && timed)
		return a->monotonic_us == b->monotonic_us;
	if (a->killed_us > 0 && b->killed_us > 0)
		return a->killed_us == b->killed_us;
	return !timed && !far(a->wall_us, b->wall_us, SLACK_US) && a->victim[0] &&
	       known_equal(a->victim_pid, b->victim_pid) &&
	       known_equal(a->killed_kb, b->killed_kb) && a->killed_kb > 0;
}

bool again_is_known(const struct report *r, const struct event_note *note)
{
	enum { NEAR = 32 };
	const struct event_note *all = (const struct event_note *)(const void *)r->notes.p;
	size_t n = r->notes.n / sizeof(*all), earlier = r->notes_of_earlier_logs;

	for (size_t i = 0; i < n; i++) {
		if (i == earlier && n - i > NEAR)
			i = n - NEAR;
		if ((i < earlier && same_event(&all[i], note)) || is_excerpt(note, &all[i]))
			return true;
	}
	for (size_t i = 0; i < r->n_waiting; i++) {
		const struct waiting *w = &r->waiting[i];

		if ((w->earlier_log && same_event(&w->note, note)) || is_excerpt(note, &w->note))
			return true;
	}
	return false;
}

size_t again_forget_excerpts(struct report *r, const struct event_note *note)
{
	size_t before = r->n_waiting, n = 0;

	for (size_t i = 0; i < before; i++) {
		if (is_excerpt(&r->waiting[i].note, note))
			event_free(r->waiting[i].ev);
		else
			r->waiting[n++] = r->waiting[i];
	}
	r->n_waiting = n;
	return before - n;
}

bool again_waits(const struct report *r)
{
	const struct event *ev = r->waiting[0].ev;
	size_t bytes = 0;

	for (size_t i = 0; i < r->n_waiting; i++)
		bytes += r->waiting[i].ev->arena.used;
	return ev->missing && ev->kind != EVENT_USERSPACE_KILL && r->n_waiting <= WAITING &&
	       bytes <= WAITING_BYTES;
}
