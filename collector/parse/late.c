/* SPDX-License-Identifier: MIT */
/* late.c - lines of a report that come behind its verdict: a log server sorts those of one time anew,
 * and where two CPUs print at once the lines of one wait for those of the other.
 */
#include "parse/rows.h"

static bool within_a_second(int64_t a, int64_t b)
{
	enum { SECOND_US = 1000000 };

	return (uint64_t)a - (uint64_t)b + SECOND_US <= 2 * SECOND_US;
}

enum when { WHEN_UNKNOWN, WHEN_AT_ONCE, WHEN_APART };

static enum when when_of(const struct live *l, const struct piece *pc)
{
	bool mono = pc->mono_us != UNKNOWN && l->mono_us != UNKNOWN;

	if (!mono && (pc->wall_us == UNKNOWN || l->wall_us == UNKNOWN))
		return WHEN_UNKNOWN;
	return (mono ? within_a_second(pc->mono_us, l->mono_us)
		     : within_a_second(pc->wall_us, l->wall_us)) ? WHEN_AT_ONCE : WHEN_APART;
}

bool live_at_once(const struct live *l, const struct piece *pc)
{
	enum { NEAR = 8 };
	enum when when = when_of(l, pc);

	return when != WHEN_APART && l->quiet <= (when == WHEN_AT_ONCE ? NEAR : 1);
}

bool live_apart(const struct live *l, const struct piece *pc)
{
	return when_of(l, pc) == WHEN_APART;
}

/* May the line be of its memory, or of its tasks? What it has begins a report of another. */
static bool lacks(const struct live *l, enum event_part part, struct str text)
{
	const struct memory_info *m = &l->ev->memory;

	if (part == PART_TASKS) /* its head, or a row */
		return !l->ev->tasks.n_columns ||
		       (l->in_table && str_find(text, STR("total_vm")) == SIZE_MAX &&
			!str_starts(text, STR("Tasks ")));
	if (part != PART_MEMORY || l->memcg_words || l->ev->memcg.seen)
		return false;
	if (str_starts(text, STR("Mem-")))
		return !m->seen;
	if (str_starts(text, STR("active_anon:")))
		return !m->totals.n;
	return !kvs_find(&m->tail, STR("reserved")) || l->late & part || !(l->parts & PART_TASKS);
}

struct live *late_for(struct parser *p, const struct piece *pc, enum event_part part)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (l->stage != STAGE_TAIL || l->ev->kind != EVENT_OOM_KILL || !l->header ||
		    !caller_matches(l, pc) || !live_at_once(l, pc) || !lacks(l, part, pc->text))
			continue;
		l->late |= part;
		return l;
	}
	return NULL;
}
