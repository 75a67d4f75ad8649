/* SPDX-License-Identifier: MIT */
/* event_memory.c - "memory", "memcg" and "tasks": the tables the kernel prints in an event. */
#include "report/event.h"

#include "report/map.h"

static const struct map_row huge[] = {
	ROW_I64("node", struct hugepages, node),
	ROW_I64("size_kb", struct hugepages, size_kb),
	ROW_I64("total", struct hugepages, total),
	ROW_I64("free", struct hugepages, free),
	ROW_I64("surplus", struct hugepages, surplus),
};

/* ---- zones ---- */

static void emit_buddy(struct emit *e, const struct buddy *b)
{
	bool known = b->page_kb > 0;

	emit_array(e, STR("buddy"));
	for (int i = 0; i < b->orders && i < BUDDY_ORDERS; i++) {
		emit_object(e, NOKEY);
		emit_i64(e, STR("order"), i);
		emit_i64(e, STR("block_kb"), known ? b->page_kb << i : UNKNOWN);
		emit_i64(e, STR("free_blocks"), b->free_blocks[i]);
		emit_str(e, STR("types"), b->types[i].n ? b->types[i] : NOKEY);
		emit_end(e);
	}
	emit_end(e);
	emit_i64(e, STR("buddy_total_kb"), b->orders ? b->total_kb : UNKNOWN);
}

static void emit_reserve(struct emit *e, const struct zone *z)
{
	if (!z->lowmem_reserve) {
		emit_null(e, STR("lowmem_reserve_pages"));
		return;
	}
	emit_array(e, STR("lowmem_reserve_pages"));
	for (size_t i = 0; i < z->n_lowmem_reserve; i++)
		emit_i64(e, NOKEY, z->lowmem_reserve[i]);
	emit_end(e);
}

/* The five that every reader looks for come first and are always there. */
static void emit_zone(struct emit *e, const struct zone *z, int64_t page_kb)
{
	static const struct {
		struct str key, name;
	} first[] = {
		{STR_INIT("free"), STR_INIT("free_kb")}, {STR_INIT("boost"), STR_INIT("boost_kb")},
		{STR_INIT("min"), STR_INIT("min_kb")},	 {STR_INIT("low"), STR_INIT("low_kb")},
		{STR_INIT("high"), STR_INIT("high_kb")},
	};
	static const struct str done[] = {
		STR_INIT("free_kb"), STR_INIT("boost_kb"), STR_INIT("min_kb"),
		STR_INIT("low_kb"),  STR_INIT("high_kb"),  {NULL, 0},
	};
	static const struct str taken[] = {
		STR_INIT("node"),	    STR_INIT("zone"), STR_INIT("lowmem_reserve_pages"),
		STR_INIT("buddy_total_kb"), STR_INIT("buddy"), {NULL, 0},
	};

	emit_object(e, NOKEY);
	emit_i64(e, STR("node"), z->node);
	emit_str(e, STR("zone"), z->name);
	for (size_t i = 0; i < ARRAY_COUNT(first); i++) {
		const struct kv *kv = kvs_find(&z->kv, first[i].key);
		bool pages = kv && kv->unit == UNIT_PAGES && page_kb == UNKNOWN;

		emit_i64(e, first[i].name,
			 pages ? UNKNOWN : kvs_get_kb(&z->kv, first[i].key, page_kb));
	}
	map_kvs(e, &z->kv, done, taken);
	emit_reserve(e, z);
	emit_buddy(e, &z->buddy);
	emit_end(e);
}

/* ---- nodes ---- */

static void emit_node(struct emit *e, const struct node *n)
{
	static const struct str done[] = {STR_INIT("all_unreclaimable"), {NULL, 0}};
	static const struct str taken[] = {STR_INIT("node"), {NULL, 0}};
	int64_t hopeless = kvs_get(&n->kv, STR("all_unreclaimable"));

	emit_object(e, NOKEY);
	emit_i64(e, STR("node"), n->node);
	map_kvs(e, &n->kv, done, taken);
	if (hopeless == UNKNOWN)
		emit_null(e, STR("all_unreclaimable"));
	else
		emit_bool(e, STR("all_unreclaimable"), hopeless != 0);
	emit_end(e);
}

static void emit_tables(struct emit *e, const struct memory_info *m, int64_t page_kb)
{
	map_kvs_object(e, STR("totals"), &m->totals);
	emit_array(e, STR("nodes"));
	for (size_t i = 0; i < m->n_nodes; i++)
		emit_node(e, &m->nodes[i]);
	emit_end(e);
	emit_array(e, STR("zones"));
	for (size_t i = 0; i < m->n_zones; i++)
		emit_zone(e, &m->zones[i], page_kb);
	emit_end(e);
	map_array(e, STR("hugepages"), huge, ARRAY_COUNT(huge), m->huge, m->n_huge,
		  sizeof(*m->huge));
}

/* One amount in both units, whichever the kernel printed (2.4 gives kB here). */
static void emit_both(struct emit *e, struct str pages_key, struct str kb_key,
		      const struct kv *kv, int64_t page_kb)
{
	int64_t pages = kv && kv->unit == UNIT_PAGES ? kv->value : UNKNOWN;
	int64_t kb = kv && kv->unit == UNIT_KB ? kv->value : UNKNOWN;

	if (page_kb > 0 && pages != UNKNOWN && __builtin_mul_overflow(pages, page_kb, &kb))
		kb = UNKNOWN;
	else if (page_kb > 0 && pages == UNKNOWN && kb != UNKNOWN)
		pages = kb / page_kb;
	emit_i64(e, pages_key, pages);
	emit_i64(e, kb_key, kb);
}

void event_emit_memory(struct emit *e, const struct event *ev, bool tables)
{
	static const struct str done[] = {STR_INIT("ram_pages"), STR_INIT("ram_kb"), {NULL, 0}};
	static const struct str taken[] = {
		STR_INIT("free_pages"),	   STR_INIT("free_kb"),	    STR_INIT("swap_free_kb"),
		STR_INIT("swap_total_kb"), STR_INIT("page_size_kb"), STR_INIT("totals"),
		STR_INIT("nodes"),	   STR_INIT("zones"),	    STR_INIT("hugepages"),
		{NULL, 0},
	};
	static const struct str names[] = {STR_INIT("totals"), STR_INIT("nodes"),
					   STR_INIT("zones"), STR_INIT("hugepages")};
	const struct memory_info *m = &ev->memory;
	const struct kv *free = kvs_find(&m->totals, STR("free"));
	int64_t page_kb = event_page_kb(ev);

	if (!free) /* "Free pages:" of 2.4 stands in a line of its own */
		free = kvs_find(&m->tail, STR("free"));
	emit_object(e, STR("memory"));
	emit_i64(e, STR("page_size_kb"), page_kb);
	emit_both(e, STR("free_pages"), STR("free_kb"), free, page_kb);
	emit_i64(e, STR("swap_free_kb"), m->swap_free_kb);
	emit_i64(e, STR("swap_total_kb"), m->swap_total_kb);
	emit_both(e, STR("ram_pages"), STR("ram_kb"), kvs_find(&m->tail, STR("ram")), page_kb);
	map_kvs(e, &m->tail, done, taken);
	if (tables)
		emit_tables(e, m, page_kb);
	for (size_t i = 0; i < ARRAY_COUNT(names) && !tables; i++)
		emit_null(e, names[i]);
	emit_end(e);
}

/* ---- memory cgroups ---- */

static void emit_counter_members(struct emit *e, const struct memcg_counter *c)
{
	emit_i64(e, STR("usage_kb"), c->seen ? c->usage_kb : UNKNOWN);
	emit_i64(e, STR("limit_kb"), c->seen && !c->unlimited ? c->limit_kb : UNKNOWN);
	emit_i64(e, STR("failcnt"), c->seen ? c->failcnt : UNKNOWN);
	if (c->seen)
		emit_bool(e, STR("unlimited"), c->unlimited);
	else
		emit_null(e, STR("unlimited"));
}

static void emit_counter(struct emit *e, struct str key, const struct memcg_counter *c)
{
	if (!c->seen) {
		emit_null(e, key);
		return;
	}
	emit_object(e, key);
	emit_counter_members(e, c);
	emit_end(e);
}

/* memory.stat names its amounts itself and counts in bytes; only the kB of cgroup v1 carry
 * their unit. */
static void emit_stats(struct emit *e, struct str key, const struct kvs *list)
{
	emit_object(e, key);
	for (size_t i = 0; i < list->n; i++) {
		struct kv kv = list->v[i];

		if (kvs_find(list, kv.key) != &list->v[i])
			continue;
		if (kv.unit == UNIT_BYTES)
			kv.unit = UNIT_COUNT;
		emit_kv(e, &kv);
	}
	emit_end(e);
}

static void emit_all_stats(struct emit *e, const struct memcg_info *m)
{
	emit_array(e, STR("stats_of"));
	for (size_t i = 0; i < m->n_stats; i++) {
		emit_object(e, NOKEY);
		emit_str(e, STR("path"), m->stats[i].path);
		emit_stats(e, STR("stats"), &m->stats[i].stats);
		emit_end(e);
	}
	emit_end(e);
}

void event_emit_memcg(struct emit *e, const struct memcg_info *m, bool tables)
{
	if (!m->seen && !m->path.p && !m->oom_group) {
		emit_null(e, STR("memcg"));
		return;
	}
	emit_object(e, STR("memcg"));
	emit_str(e, STR("path"), m->path);
	emit_str(e, STR("task_path"), m->task_path);
	emit_counter_members(e, &m->memory);
	emit_counter(e, STR("swap"), &m->swap);
	emit_counter(e, STR("memsw"), &m->memsw);
	emit_counter(e, STR("kmem"), &m->kmem);
	emit_bool(e, STR("oom_group"), m->oom_group);
	if (tables && m->n_stats) {
		emit_stats(e, STR("stats"), &m->stats[0].stats);
		emit_all_stats(e, m);
	} else {
		emit_null(e, STR("stats"));
		emit_null(e, STR("stats_of"));
	}
	emit_end(e);
}

/* ---- the task table ---- */

/* Columns that are pages, under the document's name; the rest keep theirs. */
static const struct {
	struct str printed, name;
} pages[] = {
	{STR_INIT("total_vm"), STR_INIT("total_vm_pages")},
	{STR_INIT("rss"), STR_INIT("rss_pages")},
	{STR_INIT("rss_anon"), STR_INIT("rss_anon_pages")},
	{STR_INIT("rss_file"), STR_INIT("rss_file_pages")},
	{STR_INIT("rss_shmem"), STR_INIT("rss_shmem_pages")},
	{STR_INIT("swapents"), STR_INIT("swapents_pages")},
};

/* In every row, in this order; those without a column are null. "comm" is no number. */
static const struct str always[] = {
	STR_INIT("pid"),      STR_INIT("uid"), STR_INIT("tgid"),
	STR_INIT("total_vm"), STR_INIT("rss"), STR_INIT("oom_score_adj"),
};

struct task_plan {
	struct emit_column comm, cells[EMIT_COLUMNS];
	size_t n;
};
_Static_assert(ARRAY_COUNT(always) + TASK_COLUMNS <= EMIT_COLUMNS, "a row holds them all");

static struct str column_name(struct str printed)
{
	for (size_t i = 0; i < ARRAY_COUNT(pages); i++) {
		if (str_eq(pages[i].printed, printed))
			return pages[i].name;
	}
	return printed;
}

static bool planned(const struct task_table *t, size_t column)
{
	for (size_t i = 0; i < ARRAY_COUNT(always); i++) {
		if (str_eq(always[i], t->columns[column]))
			return true;
	}
	return str_eq(t->columns[column], STR("name")) ||
	       str_eq(t->columns[column], STR("comm")) ||
	       task_column(t, t->columns[column]) != (int)column;
}

static void plan_cell(const struct emit *e, struct task_plan *p, struct str name, int column)
{
	emit_column(e, &p->cells[p->n], column_name(name), p->n == 0, column);
	p->n++;
}

static struct str cell_name(const struct emit_column *c)
{
	struct str text = {c->text, c->n};

	return str_from(text, str_find_char(text, '"'));
}

/* A key is the plain front of what was printed: two broken heads may come to the same. */
static bool named_before(const struct task_plan *p, size_t cell)
{
	struct str name = cell_name(&p->cells[cell]);

	for (size_t i = 0; i < cell; i++) {
		if (str_eq(cell_name(&p->cells[i]), name))
			return true;
	}
	return str_eq(cell_name(&p->comm), name);
}

static void plan_rows(const struct emit *e, struct task_plan *p, const struct task_table *t)
{
	p->n = 0;
	emit_column(e, &p->comm, STR("comm"), false, -1);
	for (size_t i = 0; i < ARRAY_COUNT(always); i++)
		plan_cell(e, p, always[i], task_column(t, always[i]));
	for (size_t i = 0; i < t->n_columns; i++) {
		if (planned(t, i))
			continue;
		plan_cell(e, p, t->columns[i], (int)i);
		if (named_before(p, p->n - 1))
			p->n--;
	}
}

void event_emit_tasks(struct emit *e, const struct task_table *t)
{
	struct task_plan plan;

	plan_rows(e, &plan, t);
	emit_array(e, STR("tasks"));
	for (size_t row = 0; row < t->n_rows; row++)
		emit_row(e, plan.cells, plan.n, t->values + row * t->n_columns, &plan.comm,
			 t->names[row]);
	emit_end(e);
}
