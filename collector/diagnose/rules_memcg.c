/* SPDX-License-Identifier: MIT */
/* rules_memcg.c - M1 to M3: the limit of a control group. */
#include "diagnose/judge.h"

#include <math.h>

/* What the cgroup's memory is: the largest of these, by the names of both cgroup versions. */
static const struct {
	const char *keys[3]; /* first that is there; the second adds to it */
	const char *words;
} memcg_parts[] = {
	{{"anon", "rss", NULL}, "its processes' own memory"},
	{{"shmem", NULL, NULL}, "files on tmpfs and shared memory"},
	{{"file", "cache", NULL}, "page cache of files"},
	{{"slab", NULL, NULL}, "kernel objects (slab)"},
	{{"kernel_stack", NULL, NULL}, "kernel stacks"},
	{{"pagetables", NULL, NULL}, "page tables"},
	{{"sock", NULL, NULL}, "socket buffers"},
	{{"percpu", NULL, NULL}, "per-CPU memory"},
	{{"hugetlb", NULL, NULL}, "huge pages"},
	{{"zswap", NULL, NULL}, "compressed swap"},
};

static struct quantity memcg_part(struct judge *j, size_t i)
{
	uint32_t before = j->lacks;
	struct quantity q = memcg_stat(j, str_of(memcg_parts[i].keys[0]));
	if (!q.known && memcg_parts[i].keys[1])
		q = memcg_stat(j, str_of(memcg_parts[i].keys[1]));
	/* file and cache hold the shared memory, too */
	if (q.known && i == 2) {
		struct quantity shmem = memcg_stat(j, STR("shmem"));
		if (shmem.known)
			q = q_sub(j, q, shmem);
	}
	j->lacks = before;
	return q;
}

/* The largest parts as evidence, largest first; SIZE_MAX when there are no statistics. */
static size_t show_parts(struct judge *j, double *most)
{
	double below = INFINITY;
	size_t largest = SIZE_MAX;
	for (int place = 0; place < 3; place++) {
		size_t best = SIZE_MAX;
		double value = 0;
		for (size_t i = 0; i < ARRAY_COUNT(memcg_parts); i++) {
			struct quantity part = memcg_part(j, i);
			if (!part.known || part.value <= value || part.value >= below)
				continue;
			value = part.value;
			best = i;
		}
		if (best == SIZE_MAX)
			break;
		if (place == 0) {
			largest = best;
			*most = value;
		}
		below = value;
		shows(j, q_headed(j, memcg_part(j, best),
				  place == 0 ? "largest part: " : "then: "));
	}
	return largest;
}

/* What usage must be for this limit to count as the one that was reached. Between the charge that
 * failed and the lines that report it the kernel goes on giving back: what other CPUs had charged
 * ahead, page tables and stacks of the dead. A small limit is missed by more than one percent. */
static struct quantity reached(struct judge *j, struct quantity used, struct quantity max)
{
	struct quantity large = q_percent(j, threshold(T_LIMIT), max);
	struct quantity small = q_percent(j, threshold(T_LIMIT_SMALL), max);
	double given_back = threshold(T_STOCKS_KB);
	if (!max.known || used.value >= large.value || max.value - given_back >= large.value)
		return large;
	if (max.value - given_back <= small.value)
		return small;
	return q_sub(j, max, q_constant(j, given_back, NULL));
}

/* Memory and swap together (cgroup v1) where that is the limit that was reached. */
static void swap_limit(struct judge *j, struct quantity *used, struct quantity *max)
{
	const struct memcg_counter *c = &j->ev->memcg.memsw;
	if (!c->seen || c->unlimited || c->limit_kb == UNKNOWN ||
	    (max->known && used->value >= reached(j, *used, *max).value))
		return;
	*used = q_number(j, "memory+swap usage", c->usage_kb, 1, NEED_MEMCG,
			 "%.*s.memcg.memsw.usage_kb", STR_ARG(j->at));
	*max = q_number(j, "limit", c->limit_kb, 1, NEED_MEMCG, "%.*s.memcg.memsw.limit_kb",
			STR_ARG(j->at));
}

/* The kind of event alone says that a limit was hit; its numbers are lost. */
static bool limit_unknown(struct judge *j)
{
	if (j->ev->memcg.memory.unlimited)
		return false;
	j->confidence = CONFIDENCE_MEDIUM;
	lacks(j, NEED_MEMCG);
	if (j->ev->constraint.n)
		notes(j, "constraint=%.*s", STR_ARG(j->ev->constraint));
	else
		notes(j, "the kernel says that a cgroup's limit was reached");
	return because(j, "The control group %.*s reached its memory limit",
		       STR_ARG(memcg_path(j)));
}

static bool m1_limit(struct judge *j)
{
	struct quantity used = memcg_usage(j), max = memcg_limit(j);
	struct str path = memcg_path(j);
	int64_t order = j->ev->trigger.order;
	double most = 0;
	swap_limit(j, &used, &max);
	if (!max.known)
		return limit_unknown(j);
	if (order > 0 && order < 20 && used.known) /* a huge page does not fit a little below it */
		used = q_add(
		    j, used,
		    q_constant(j, (double)(1LL << order) * j->page_kb, "the request"));
	if (!says(j, used, ">=", reached(j, used, max)))
		return false;
	shows(j, max);
	shows(j, q_number(j, "failcnt", j->ev->memcg.memory.failcnt, 1, NEED_NOTHING,
			  "%.*s.memcg.failcnt", STR_ARG(j->at)));
	size_t largest = show_parts(j, &most);
	if (largest == SIZE_MAX)
		return because(j, "The control group %.*s reached its memory limit of %s",
			       STR_ARG(path), human_kb(j, max.value));
	j->variant = str_of(memcg_parts[largest].keys[0]);
	if (2 * most < memcg_usage(j).value)
		return because(
		    j,
		    "The control group %.*s reached its memory limit of %s; the largest "
		    "part that is counted (%s) is %s",
		    STR_ARG(path), human_kb(j, max.value), human_kb(j, most),
		    memcg_parts[largest].words);
	return because(
	    j,
	    "The control group %.*s reached its memory limit of %s; most of it (%s) is "
	    "%s",
	    STR_ARG(path), human_kb(j, max.value), human_kb(j, most),
	    memcg_parts[largest].words);
}

static bool m2_ancestor(struct judge *j)
{
	const struct memcg_info *m = &j->ev->memcg;
	if (!m->path.n || !m->task_path.n || str_eq(m->path, m->task_path))
		return false;
	return notes(j, "oom_memcg=%.*s, task_memcg=%.*s", STR_ARG(m->path),
		     STR_ARG(m->task_path)) &&
	       because(j,
		       "The limit belongs to %.*s, above the control group of the killed "
		       "process "
		       "(%.*s)",
		       STR_ARG(m->path), STR_ARG(m->task_path));
}

static bool m3_no_victim(struct judge *j)
{
	if (j->ev->kind != EVENT_OOM_NO_VICTIM)
		return false;
	notes(j, "no killable process in %.*s", STR_ARG(memcg_path(j)));
	struct quantity tasks = q_constant(j, j->tasks_kb, "sum of rss of the listed tasks");
	struct quantity used = memcg_usage(j);
	if (used.known && j->ev->tasks.seen && used.value > 2 * j->tasks_kb)
		says(j, q_times(j, 2, tasks), "<", used);
	return true;
}

const struct rule rules_memcg[] = {
	{"M1", "memcg-limit", NULL, NULL, m1_limit, ON_MEMCG, CONFIDENCE_HIGH, 90,
	 "Raise the limit (memory.max, memory.limit_in_bytes, the container's or unit's "
	 "memory "
	 "limit) or make the service need less; files on tmpfs inside a container count, "
	 "too.",
	 "Hocko <20170209132628.GI10257@dhcp22.suse.cz>; cadvisor#1484"},
	{"M2", "ancestor-limit", NULL, NULL, m2_ancestor, ON_MEMCG, CONFIDENCE_HIGH, 50,
	 "Look at everything below the named group: the killed process may hold only a part.",
	 "cadvisor#1484"},
	{"M3", "memcg-no-victim",
	 "A control group is full and holds no process that could be "
	 "killed",
	 NULL, m3_no_victim, ON_MEMCG, CONFIDENCE_MEDIUM, 72,
	 "Look for a victim that cannot exit; free tmpfs files charged to the group; remove "
	 "the "
	 "group.",
	 "Tetsuo Handa, Hocko <931bbf2e-19e3-c598-c244-ae5e7d00dfb0@i-love.sakura.ne.jp>"},
};
const size_t n_rules_memcg = ARRAY_COUNT(rules_memcg);
