/* SPDX-License-Identifier: MIT */
/* event_memcg.c - the block of a memory cgroup: which one, its counters, its statistics. */
#include "parse/handlers.h"

static struct live *memcg_of(struct parser *p, const struct piece *pc, bool orphan)
{
	struct live *l = live_for(p, pc, PART_MEMCG, orphan);

	if (l) {
		l->ev->memcg.seen = true;
		l->in_slab = l->in_allocs = false;
	}
	return l;
}

/* Task in /a killed as a result of limit of /b. Of 3.15 to 3.17 the two halves are records of
 * their own. */
HANDLER(on_task_in)
{
	static const struct str middle = STR_INIT("killed as a result of limit of ");
	struct live *l;
	size_t at = str_find(pc->text, middle);
	struct str task = rest;

	if (at == SIZE_MAX && (rest.n == 0 || rest.p[0] != '/'))
		return false;
	l = memcg_of(p, pc, true);
	if (!l)
		return true;
	if (at != SIZE_MAX) {
		l->ev->memcg.path = keep(p, l, str_trim(str_from(pc->text, at + middle.n)));
		task.n = at > pc->text.n - rest.n ? at - (pc->text.n - rest.n) : 0;
	}
	task = str_trim(task);
	if (task.n && str_starts(pc->text, STR("Task in ")))
		l->ev->memcg.task_path = keep(p, l, task);
	live_own(p, l, pc, PART_MEMCG);
	return true;
}

/* Memory limit reached of cgroup /b */
HANDLER(on_limit_reached)
{
	struct live *l = memcg_of(p, pc, true);

	if (!l)
		return true;
	l->ev->memcg.path = keep(p, l, str_trim(rest));
	live_own(p, l, pc, PART_MEMCG);
	return true;
}

/* memory: usage 17024340kB, limit 17024340kB, failcnt 1243 */
HANDLER(on_counter)
{
	/* "no limit" is some value about 2^63 bytes, another one on every kernel */
	static const int64_t unlimited = INT64_C(1) << 43;
	struct memcg_counter *c;
	struct memcg_info *m;
	struct live *l;
	struct str at;

	if (!value_of(pc->text, STR(": usage "), &rest))
		return false;
	l = memcg_of(p, pc, true);
	if (!l)
		return true;
	m = &l->ev->memcg;
	switch (pc->text.p[0]) {
	case 's':
		c = &m->swap;
		break;
	case 'k':
		c = &m->kmem;
		break;
	default:
		c = str_starts(pc->text, STR("memory+swap")) ? &m->memsw : &m->memory;
	}
	*c = (struct memcg_counter){.usage_kb = take_kb(&rest),
				    .limit_kb = UNKNOWN,
				    .failcnt = UNKNOWN,
				    .seen = true};
	if (value_of(rest, STR("limit "), &at)) {
		c->limit_kb = take_kb(&at);
		c->unlimited = c->limit_kb >= unlimited ||
			       (c->limit_kb == UNKNOWN && at.n != 0);
	}
	if (value_of(rest, STR("failcnt "), &at))
		c->failcnt = take_number(&at);
	live_own(p, l, pc, PART_MEMCG);
	return true;
}

/* Is this the name of a counter in bytes (5.3+: values of memory.stat)? */
static enum unit stat_unit(struct str key)
{
	static const struct str counts[] = {
		STR_INIT("pg"),	     STR_INIT("workingset"), STR_INIT("thp_"),
		STR_INIT("total_pg"), STR_INIT("swpin"),     STR_INIT("swpout"),
		STR_INIT("zswpin"),  STR_INIT("zswpout"),    STR_INIT("zswpwb"),
		STR_INIT("numa_"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
		if (str_starts(key, counts[i]))
			return UNIT_COUNT;
	}
	return UNIT_BYTES;
}

/* "anon 12345", also several behind each other where a mail wrapped them */
static bool read_stats(struct live *l, struct memcg_stats *s, struct str in)
{
	bool any = false;

	for (skip_blanks(&in); in.n; skip_blanks(&in)) {
		struct str key;
		char room[64];
		int64_t n;

		if (!take_word(&in, &key) || key.n > 48)
			break;
		for (size_t i = 0; i < key.n; i++) {
			if (key.p[i] != '_' && !ascii_digit(key.p[i]) &&
			    !(key.p[i] >= 'a' && key.p[i] <= 'z'))
				return any;
		}
		skip_blanks(&in);
		if (in.n == 0 || !ascii_digit(in.p[0]) || ascii_digit(key.p[0]))
			return any;
		n = take_number(&in);
		if (in.n && !ascii_blank(in.p[0]))
			return any;
		(void)kvs_add(&l->ev->arena, &s->stats, kv_key(key, room, sizeof(room)), n,
			      stat_unit(key));
		any = true;
	}
	return any;
}

/* Memory cgroup stats for /a: cache:0KB rss:20260KB ... (3.9 to 5.2, one line a cgroup)
 * Memory cgroup stats for /a:  then memory.stat (5.3+) */
HANDLER(on_stats)
{
	struct live *l;
	struct memcg_info *m;
	struct memcg_stats *s;
	struct str path = rest, values = {0};
	size_t at;

	(void)take_lit(&path, STR(" for "));
	/* the path may hold blanks and colons: it ends before the first pair */
	at = str_find(path, STR(": cache:"));
	if (at == SIZE_MAX)
		at = str_find(path, STR(": anon "));
	if (at == SIZE_MAX)
		at = str_rfind(path, STR(":"));
	if (at == SIZE_MAX)
		return false;
	values = str_from(path, at + 1);
	path = str_sub(path, 0, at);
	l = memcg_of(p, pc, true);
	if (!l)
		return true;
	m = &l->ev->memcg;
	s = arena_grow(&l->ev->arena, (void **)&m->stats, &m->n_stats, &m->room_stats,
		       sizeof(*s));
	if (s) {
		s->path = keep(p, l, path);
		skip_blanks(&values);
		take_pairs(&l->ev->arena, &s->stats, &values, UNIT_KB);
		(void)read_stats(l, s, values);
	}
	l->in_stats = s != NULL;
	live_own(p, l, pc, PART_MEMCG);
	return true;
}

bool stats_row(struct parser *p, struct live *l, const struct piece *pc)
{
	struct memcg_info *m = &l->ev->memcg;

	if (!m->n_stats || !read_stats(l, &m->stats[m->n_stats - 1], pc->text))
		return false;
	live_own(p, l, pc, 0);
	return true;
}

/* Memory cgroup min protection 0kB -- low protection 0kB : 6.19+, v2, of global OOMs too */
HANDLER(on_protection)
{
	struct live *l = live_for(p, pc, PART_HEADER, false);

	(void)rest;
	if (!l)
		return false;
	live_extra(p, l, pc);
	live_own(p, l, pc, 0);
	return true;
}
