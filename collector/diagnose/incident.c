/* SPDX-License-Identifier: MIT */
/* incident.c - what all rules need of an incident, worked out once. */
#include "diagnose/judge.h"

#include <stdio.h>

/* ---- single numbers ---- */

static struct str key_name(const struct kv *kv, char out[96])
{
	int n = snprintf(out, 96, "%.*s%.*s", STR_ARG(kv->key), STR_ARG(unit_suffix(kv->unit)));
	return (struct str){out, n < 0 ? 0 : n < 96 ? (size_t)n : 95};
}

static double factor_of(const struct judge *j, enum unit unit)
{
	return unit == UNIT_PAGES ? j->page_kb : unit == UNIT_BYTES ? 1.0 / 1024 : 1;
}

/* A counter of an open-ended list that stands at `at` in the document; `suffix`: its unit is
 * part of the key there. */
static struct quantity of_list(struct judge *j, const struct kvs *list, struct str key,
			       struct str at, bool suffix, enum need need)
{
	char name[96], key_text[96];
	const struct kv *kv = kvs_find(list, key);
	if (!kv || kv->value == UNKNOWN)
		return q_unknown(need);
	snprintf(name, sizeof(name), "%.*s", STR_ARG(key));
	struct str printed = suffix ? key_name(kv, key_text) : key;
	return q_number(j, name, kv->value, factor_of(j, kv->unit), need, "%.*s.%.*s",
			STR_ARG(at), STR_ARG(printed));
}

struct quantity meminfo(struct judge *j, struct str key)
{
	if (!j->in->host)
		return q_unknown(NEED_MEMINFO);
	return of_list(j, &j->in->host->meminfo, key, STR("collection.facts.meminfo"), true,
		       NEED_MEMINFO);
}

struct quantity vmstat(struct judge *j, struct str key)
{
	if (!j->in->host)
		return q_unknown(NEED_VMSTAT);
	return of_list(j, &j->in->host->vmstat, key, STR("collection.facts.vmstat"), true,
		       NEED_VMSTAT);
}

struct quantity sysctl(struct judge *j, struct str key)
{
	if (!j->in->host)
		return q_unknown(NEED_SYSCTL);
	return of_list(j, &j->in->host->sysctl, key, STR("collection.facts.sysctl"), true,
		       NEED_SYSCTL);
}

struct quantity host_number(struct judge *j, struct str key)
{
	static const struct str units[] = {STR_INIT("_kb"), STR_INIT("_bytes")};
	if (!j->in->host)
		return q_unknown(NEED_NUMBERS);
	/* the unit may be part of the key or beside it: "balloon_kb", or "balloon" in kB */
	for (size_t i = 0; i < ARRAY_COUNT(units); i++)
		if (str_ends(key, units[i]) && !kvs_find(&j->in->host->numbers, key))
			key.n -= units[i].n;
	return of_list(j, &j->in->host->numbers, key, STR("collection.facts.numbers"), true,
		       NEED_NUMBERS);
}

/* Lines that were not seen were not there: never unknown where there is a log. */
struct quantity context_count(struct judge *j, struct str key)
{
	const struct kv *kv = j->in->log ? kvs_find(&j->in->log->context, key) : NULL;
	if (!kv)
		return q_constant(j, 0, "lines");
	return of_list(j, &j->in->log->context, key, STR("source.context"), true, NEED_NOTHING);
}

struct quantity zone_number(struct judge *j, size_t zone, struct str key)
{
	struct str at = words(j, "%.*s.memory.zones[%zu]", STR_ARG(j->at), zone);
	return of_list(j, &j->ev->memory.zones[zone].kv, key, at, true, NEED_MEMORY);
}

struct quantity tail_pages(struct judge *j, struct str key, const char *name)
{
	return q_number(j, name, kvs_get(&j->ev->memory.tail, key), j->page_kb, NEED_MEMORY,
			"%.*s.memory.%.*s_pages", STR_ARG(j->at), STR_ARG(key));
}

/* Is every zone there? What is printed behind their list is, and so are the free blocks of each, which are
 * printed apart. */
static bool zones_are_whole(const struct judge *j)
{
	const struct memory_info *m = &j->ev->memory;
	size_t blocks = 0, numbers = 0;
	for (size_t i = 0; i < m->n_zones; i++) {
		blocks += m->zones[i].buddy.orders > 0;
		numbers += m->zones[i].kv.n > 0;
	}
	return (m->tail.n || m->swap_total_kb != UNKNOWN) && numbers == m->n_zones &&
	       (!blocks || blocks == m->n_zones);
}

struct quantity total(struct judge *j, struct str key)
{
	const struct memory_info *m = &j->ev->memory;
	const struct kv *kv = kvs_find(&m->totals, key);
	struct quantity sum = q_unknown(NEED_MEMORY);
	char name[64];
	snprintf(name, sizeof(name), "%.*s", STR_ARG(key));
	if (kv && str_eq(key, STR("free")))
		return q_number(j, name, kv->value, factor_of(j, kv->unit), NEED_MEMORY,
				"%.*s.memory.free_%s", STR_ARG(j->at),
				kv->unit == UNIT_KB ? "kb" : "pages");
	if (kv)
		return of_list(j, &m->totals, key,
			       words(j, "%.*s.memory.totals", STR_ARG(j->at)), true, NEED_MEMORY);
	for (size_t i = 0; i < m->n_nodes; i++)
		q_append(j, &sum,
			of_list(j, &m->nodes[i].kv, key,
				words(j, "%.*s.memory.nodes[%zu]", STR_ARG(j->at), i), true,
				NEED_MEMORY));
	bool per_node = sum.known;
	bool whole = zones_are_whole(j);
	for (size_t i = 0; !per_node && whole && i < m->n_zones; i++)
		q_append(j, &sum, zone_number(j, i, key));
	return sum.n > 1 ? q_named(j, sum, name) : sum;
}

/* Bytes carry no unit in the document, the kB of cgroup v1 do. */
static struct quantity stat_of(struct judge *j, size_t at, struct str key)
{
	const struct kvs *stats = &j->ev->memcg.stats[at].stats;
	const struct kv *kv = kvs_find(stats, key);
	struct str place = at ? words(j, "%.*s.memcg.stats_of[%zu].stats", STR_ARG(j->at), at)
			      : words(j, "%.*s.memcg.stats", STR_ARG(j->at));
	return of_list(j, stats, key, place, kv && kv->unit != UNIT_BYTES, NEED_MEMCG);
}

/* Of the limit's owner with all groups below it, as its usage is. cgroup v2 counts them in; v1
 * counts a group alone and says "total_rss" for both (5.3+), or prints a line a group (3.9 to
 * 5.2), the owner's first. */
struct quantity memcg_stat(struct judge *j, struct str key)
{
	const struct memcg_info *m = &j->ev->memcg;
	struct quantity sum = q_unknown(NEED_MEMCG);
	char name[64], total_key[80];
	snprintf(name, sizeof(name), "%.*s", STR_ARG(key));
	snprintf(total_key, sizeof(total_key), "total_%s", name);
	if (m->n_stats && kvs_find(&m->stats[0].stats, str_of(total_key)))
		return stat_of(j, 0, str_of(total_key));
	for (size_t i = 0; i < m->n_stats; i++)
		q_append(j, &sum, stat_of(j, i, key));
	return sum.n > 1 ? q_named(j, sum, name) : sum;
}

struct quantity memcg_usage(struct judge *j)
{
	const struct memcg_counter *c = &j->ev->memcg.memory;
	return q_number(j, "usage", c->seen ? c->usage_kb : UNKNOWN, 1, NEED_MEMCG,
			"%.*s.memcg.usage_kb", STR_ARG(j->at));
}

struct quantity memcg_limit(struct judge *j)
{
	const struct memcg_counter *c = &j->ev->memcg.memory;
	return q_number(j, "limit", c->seen && !c->unlimited ? c->limit_kb : UNKNOWN, 1, NEED_MEMCG,
			"%.*s.memcg.limit_kb", STR_ARG(j->at));
}

struct quantity task_number(struct judge *j, size_t row, struct str column, double factor)
{
	const struct task_table *t = &j->ev->tasks;
	char name[64];
	bool plain = str_ends(column, STR("_bytes")) || str_ends(column, STR("_adj")) ||
		     str_eq(column, STR("pid"));
	if (row >= t->n_rows)
		return q_unknown(NEED_TASKS);
	snprintf(name, sizeof(name), "%.*s of %.*s", STR_ARG(column), STR_ARG(t->names[row]));
	return q_number(j, name, task_value(t, row, task_column(t, column)), factor, NEED_TASKS,
			"%.*s.tasks[%zu].%.*s%s", STR_ARG(j->at), row, STR_ARG(column),
			plain ? "" : "_pages");
}

struct str task_name(const struct judge *j, size_t row)
{
	return row < j->ev->tasks.n_rows ? j->ev->tasks.names[row] : STR("");
}

struct quantity series_number(struct judge *j, struct str counter, char at)
{
	const struct series *s = j->in->series;
	char name[96];
	for (size_t i = 0; s && i < s->n_counters; i++) {
		const struct series_counter *c = &s->counters[i];
		if (!str_eq(c->name, counter))
			continue;
		const char *field = at == 's' ? "slope_per_s" : at == 'm' ? "max" :
				    at == 'b' ? "start" : at == 'e' ? "end" : "at_event";
		double v = at == 's' ? c->slope_per_s : at == 'm' ? c->max :
			   at == 'b' ? c->start : at == 'e' ? c->end : c->at_event;
		snprintf(name, sizeof(name), "%.*s %s", STR_ARG(counter), field);
		struct quantity q = q_number(j, name, 0, 1, NEED_SERIES, "vmlog.counters[%zu].%s",
					     i, field);
		if (!q.known || v != v)
			return q_unknown(NEED_SERIES);
		q.value = v;
		q.terms[0].value = v;
		q.text = words(j, "%s %.1f", name, v);
		return q;
	}
	return q_unknown(NEED_SERIES);
}

/* ---- small questions ---- */

bool in_trace(const struct judge *j, const char *const *heads, struct str *found)
{
	for (size_t i = 0; i < j->ev->n_call_trace; i++)
		for (const char *const *h = heads; *h; h++)
			if (str_find(j->ev->call_trace[i], str_of(*h)) == 0) {
				*found = j->ev->call_trace[i];
				return true;
			}
	return false;
}

bool node_in_list(struct str list, int64_t node)
{
	while (list.n) {
		int64_t from, to;
		if (!take_i64(&list, &from))
			return false;
		to = from;
		if (take_char(&list, '-') && !take_i64(&list, &to))
			return false;
		if (node >= from && node <= to)
			return true;
		if (!take_char(&list, ','))
			return false;
	}
	return false;
}

int64_t slab_objects(const struct judge *j, struct str name)
{
	for (size_t i = 0; j->in->host && i < j->in->host->n_slabs; i++)
		if (str_eq(j->in->host->slabs[i].name, name))
			return j->in->host->slabs[i].active_objs;
	return UNKNOWN;
}

bool kernel_between(const struct judge *j, int major, int minor, int until_major, int until_minor)
{
	return j->kernel_known && kernel_version_cmp(&j->kernel, major, minor, 0) >= 0 &&
	       kernel_version_cmp(&j->kernel, until_major, until_minor, 0) < 0;
}

struct str memcg_path(const struct judge *j)
{
	const struct memcg_info *m = &j->ev->memcg;
	if (m->path.n)
		return m->path;
	/* without a victim there is no oom-kill line; the statistics name their cgroup */
	return m->n_stats && m->stats[0].path.n ? m->stats[0].path : STR("(not named)");
}

const char *zone_title(struct judge *j, const struct zone *z)
{
	return words_z(j, "Node %d %.*s", z->node == UNKNOWN ? 0 : (int)z->node,
		       STR_ARG(z->name));
}

int applies_to(const struct judge *j)
{
	if (!j->in->subject)
		return ON_NOTHING;
	if (j->ev->kind == EVENT_ALLOC_FAILURE || j->ev->kind == EVENT_ALLOC_STALL)
		return ON_FAILURE;
	if (j->ev->kind == EVENT_USERSPACE_KILL)
		return ON_OTHER;
	return j->memcg ? ON_MEMCG : ON_GLOBAL;
}

/* ---- derived ---- */

static double page_size(const struct judge *j)
{
	const struct memory_info *m = &j->ev->memory;
	for (size_t i = 0; i < m->n_zones; i++)
		if (m->zones[i].buddy.page_kb > 0)
			return (double)m->zones[i].buddy.page_kb;
	if (j->in->host && j->in->host->page_size_bytes > 0)
		return (double)j->in->host->page_size_bytes / 1024;
	return 4;
}

static struct quantity ram_of(struct judge *j)
{
	struct quantity ram = tail_pages(j, STR("ram"), "pages RAM");
	struct quantity reserved = tail_pages(j, STR("reserved"), "reserved");
	if (ram.known && reserved.known && ram.value > reserved.value)
		return q_named(j, q_sub(j, ram, reserved), "RAM");
	struct quantity sum = q_unknown(NEED_MEMORY);
	bool whole = zones_are_whole(j);
	for (size_t i = 0; whole && i < j->ev->memory.n_zones; i++) {
		struct quantity q = zone_number(j, i, STR("managed"));
		q_append(j, &sum, q.known ? q : zone_number(j, i, STR("present")));
	}
	if (sum.known && sum.value > 0)
		return q_named(j, sum, "RAM");
	if (ram.known && ram.value > 0)
		return q_named(j, ram, "RAM");
	return q_named(j, meminfo(j, STR("memtotal")), "RAM");
}

static struct quantity hugetlb_of(struct judge *j)
{
	const struct memory_info *m = &j->ev->memory;
	struct quantity sum = q_unknown(NEED_MEMINFO);
	for (size_t i = 0; i < m->n_huge; i++)
		q_append(j, &sum,
			q_number(j, "hugepages_total", m->huge[i].total,
				 (double)m->huge[i].size_kb, NEED_MEMORY,
				 "%.*s.memory.hugepages[%zu].total", STR_ARG(j->at), i));
	if (!sum.known)
		sum = meminfo(j, STR("hugetlb"));
	if (!sum.known) {
		struct quantity size = meminfo(j, STR("hugepagesize"));
		struct quantity n = meminfo(j, STR("hugepages_total"));
		if (size.known && n.known)
			sum = q_times(j, size.value, n);
	}
	return q_named(j, sum, "hugetlb");
}

/* From 4.14 on the stacks of tasks are such mappings, too: they are counted once. */
struct quantity vmalloc_used(struct judge *j)
{
	struct quantity used = host_number(j, STR("vmalloc_used_kb"));
	if (!used.known || !j->kernel_stack.known)
		return used;
	if (used.value <= j->kernel_stack.value)
		return q_unknown(NEED_NUMBERS);
	return q_named(j, q_sub(j, used, j->kernel_stack), "vmalloc without stacks");
}

/* RAM less everything that has an owner in the log; shmem is inside the LRU. What only
 * /proc/meminfo knows is added when it is there. */
static struct quantity unaccounted_of(struct judge *j)
{
	static const char *const parts[] = {"free_pcp", "pagetables", "sec_pagetables",
					    "kernel_stack", "zspages", "balloon"};
	struct quantity used = j->free;
	struct quantity slab = q_add_if_known(j, j->slab_r, j->slab_u);
	bool lists = (j->anon.known && j->file.known) ||
		     (total(j, STR("active")).known && total(j, STR("inactive")).known);
	/* what the log has lost must not look as if nobody had it */
	if (!j->ram.known || !j->free.known || !lists ||
	    !(slab.known || total(j, STR("slab")).known))
		return q_unknown(NEED_MEMORY);
	used = q_add(j, used, j->lru);
	used = q_add_if_known(j, used, slab.known ? slab : total(j, STR("slab")));
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		used = q_add_if_known(j, used, total(j, str_of(parts[i])));
	used = q_add_if_known(j, used, j->hugetlb);
	used = q_add_if_known(j, used, meminfo(j, STR("percpu")));
	used = q_add_if_known(j, used, vmalloc_used(j));
	struct quantity left = q_sub(j, j->ram, q_named(j, used, "accounted"));
	return q_named(j, left, "unaccounted");
}

static struct quantity lru_of(struct judge *j)
{
	static const char *const parts[] = {"active_anon", "inactive_anon", "active_file",
					    "inactive_file", "isolated_anon", "isolated_file",
					    "unevictable", "active", "inactive"};
	struct quantity sum = q_unknown(NEED_MEMORY);
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		q_append(j, &sum, total(j, str_of(parts[i])));
	return q_named(j, sum, "LRU");
}

double task_kb(const struct judge *j, size_t row)
{
	const struct task_table *t = &j->ev->tasks;
	int64_t r = task_value(t, row, task_column(t, STR("rss")));
	int64_t s = task_value(t, row, task_column(t, STR("swapents")));
	return ((r == UNKNOWN ? 0 : (double)r) + (s == UNKNOWN ? 0 : (double)s)) * j->page_kb;
}

static void tasks_derive(struct judge *j)
{
	const struct task_table *t = &j->ev->tasks;
	j->biggest_task = SIZE_MAX;
	for (size_t i = 0; i < t->n_rows; i++) {
		double kb = task_kb(j, i);
		j->tasks_kb += kb;
		if (j->biggest_task == SIZE_MAX || kb > j->biggest_kb) {
			j->biggest_task = i;
			j->biggest_kb = kb;
		}
	}
}

static void swap_derive(struct judge *j)
{
	const struct memory_info *m = &j->ev->memory;
	j->swap_total = q_number(j, "Total swap", m->swap_total_kb, 1, NEED_MEMORY,
				 "%.*s.memory.swap_total_kb", STR_ARG(j->at));
	j->swap_free = q_number(j, "Free swap", m->swap_free_kb, 1, NEED_MEMORY,
				"%.*s.memory.swap_free_kb", STR_ARG(j->at));
	j->swap_used = q_sub(j, j->swap_total, j->swap_free);
}

static void request_derive(struct judge *j)
{
	struct str release = j->ev->kernel;
	if (!release.n && j->in->log)
		release = j->in->log->kernel;
	if (!release.n && j->in->host)
		release = j->in->host->kernel;
	j->kernel_known = release.n && kernel_version_parse(release, &j->kernel);
	const struct trigger *t = &j->ev->trigger;
	const struct gfp_era *era = gfp_era_of_mask(release, (uint64_t)t->gfp_mask, t->gfp_text);
	uint64_t mask;
	struct str bad;
	/* the names are what the kernel itself says; the number needs the right table */
	/* 0: the page fault path, which does not know what was asked for inside it */
	if (t->gfp_mask == 0 && !t->gfp_text.n)
		return;
	if (era && t->gfp_text.n && gfp_encode(era, t->gfp_text, &mask, &bad)) {
		gfp_decode(era, mask, &j->gfp);
		j->gfp_known = true;
	} else if (era && t->gfp_mask != UNKNOWN) {
		gfp_decode(era, (uint64_t)t->gfp_mask, &j->gfp);
		j->gfp_known = true;
	}
}

static bool kind_is_oom(enum event_kind k)
{
	return k == EVENT_OOM_KILL || k == EVENT_OOM_PANIC || k == EVENT_OOM_NO_VICTIM;
}

void incident_derive(struct judge *j)
{
	static const char *const memcg_heads[] = {
	    "mem_cgroup_out_of_memory", "mem_cgroup_oom", "mem_cgroup_handle_oom",
	    "try_charge_memcg", NULL};
	static const struct str arch_32[] = {STR_INIT("i386"), STR_INIT("i686"), STR_INIT("armv7"),
					     STR_INIT("armmp"), STR_INIT("-686")};
	/* as parse/arch.c calls them: arm64 and ppc64 begin with the same letters */
	static const struct str whole_32[] = {STR_INIT("arm"), STR_INIT("ppc"), STR_INIT("m68k")};
	struct str found;
	j->oom = j->in->subject && kind_is_oom(j->ev->kind);
	j->memcg = j->oom && (j->ev->scope == SCOPE_MEMCG || j->ev->memcg.seen ||
			      in_trace(j, memcg_heads, &found));
	j->global = j->oom && !j->memcg;
	j->page_kb = page_size(j);
	request_derive(j);
	swap_derive(j);
	j->ram = ram_of(j);
	j->free = total(j, STR("free"));
	j->anon = q_add_if_known(j, total(j, STR("active_anon")), total(j, STR("inactive_anon")));
	j->anon = q_named(j, q_add_if_known(j, j->anon, total(j, STR("isolated_anon"))), "anon");
	j->file = q_add_if_known(j, total(j, STR("active_file")), total(j, STR("inactive_file")));
	j->file = q_named(j, q_add_if_known(j, j->file, total(j, STR("isolated_file"))), "file");
	j->shmem = total(j, STR("shmem"));
	j->lru = lru_of(j);
	j->slab_r = total(j, STR("slab_reclaimable"));
	j->slab_u = total(j, STR("slab_unreclaimable"));
	j->pagetables = total(j, STR("pagetables"));
	j->kernel_stack = total(j, STR("kernel_stack"));
	j->hugetlb = hugetlb_of(j);
	j->unaccounted = unaccounted_of(j);
	tasks_derive(j);
	for (size_t i = 0; i < j->ev->memory.n_zones; i++)
		j->is_32bit |= str_eq(j->ev->memory.zones[i].name, STR("HighMem"));
	struct str release = j->kernel_known ? j->kernel.release : STR("");
	struct str arch = j->in->log ? j->in->log->arch : STR("");
	for (size_t i = 0; i < ARRAY_COUNT(arch_32); i++)
		j->is_32bit |= str_find(release, arch_32[i]) != SIZE_MAX ||
			       (arch.n && str_starts(arch, arch_32[i]));
	for (size_t i = 0; i < ARRAY_COUNT(whole_32); i++)
		j->is_32bit |= str_eq(arch, whole_32[i]);
	watermarks_derive(j);
}
