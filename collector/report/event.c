/* SPDX-License-Identifier: MIT */
/* event.c - one event as the document's EVENT: every key always there, unknown is null. */
#include "report/event.h"

#include "report/map.h"

static const struct map_row about[] = {
	ROW_BOOL("fatal", struct event, fatal),
	ROW_STR("constraint", struct event, constraint),
};

static const struct map_row machine[] = {
	ROW_STR("kernel_build", struct event, kernel_build),
	ROW_STR("hardware", struct event, hardware),
	ROW_STR("tainted", struct event, tainted),
	ROW_STR("workqueue", struct event, workqueue),
	ROW_STR("host", struct event, host),
};

static const struct map_row victim[] = {
	ROW_I64("pid", struct victim, pid),
	ROW_STR("comm", struct victim, comm),
	ROW_I64("uid", struct victim, uid),
	ROW_STR("memcg", struct victim, memcg),
	ROW_I64("total_vm_kb", struct victim, total_vm_kb),
	ROW_I64("anon_rss_kb", struct victim, anon_rss_kb),
	ROW_I64("file_rss_kb", struct victim, file_rss_kb),
	ROW_I64("shmem_rss_kb", struct victim, shmem_rss_kb),
	ROW_I64("pgtables_kb", struct victim, pgtables_kb),
	ROW_I64("vsz_kb", struct victim, vsz_kb),
	ROW_I64("oom_score", struct victim, score),
	ROW_I64("oom_score_adj", struct victim, oom_score_adj),
	ROW_MAYBE("reaped", struct victim, reaped),
	ROW_I64("after_anon_rss_kb", struct victim, after_anon_kb),
	ROW_I64("after_file_rss_kb", struct victim, after_file_kb),
	ROW_I64("after_shmem_rss_kb", struct victim, after_shmem_kb),
};

static const struct map_row slab_line[] = {
	ROW_STR("name", struct slab_line, name),
	ROW_I64("used_kb", struct slab_line, used_kb),
	ROW_I64("total_kb", struct slab_line, total_kb),
};

static const struct map_row alloc_line[] = {
	ROW_STR("tag", struct alloc_line, tag),
	ROW_I64("bytes", struct alloc_line, bytes),
	ROW_I64("calls", struct alloc_line, calls),
};

static const struct map_row tail[] = {
	ROW_U64("victims_dropped", struct event, victims_dropped),
	ROW_U64("extra_dropped", struct event, extra_dropped),
	ROW_BOOL("slab_excessive", struct event, slab_excessive),
	ROW_STR("killer", struct event, killer),
	ROW_STR("reason", struct event, reason),
};

static bool ratio_is(int64_t kb, int64_t pages, int64_t page_kb)
{
	int64_t all;

	return !__builtin_mul_overflow(pages, page_kb, &all) && all > 0 && kb > all / 10 * 9 &&
	       kb < all / 9 * 10;
}

/* The buddy lines name it ("3*4kB"); else the zones' free memory against the total of pages. */
int64_t event_page_kb(const struct event *ev)
{
	static const int64_t sizes[] = {4, 16, 64, 8, 32, 256};
	const struct memory_info *m = &ev->memory;
	int64_t pages = kvs_get(&m->totals, STR("free")), kb = 0;

	for (size_t i = 0; i < m->n_zones; i++) {
		const struct zone *z = &m->zones[i];
		const struct kv *free = kvs_find(&z->kv, STR("free"));

		if (z->buddy.page_kb > 0)
			return z->buddy.page_kb;
		if (free && free->unit == UNIT_KB && free->value > 0 &&
		    __builtin_add_overflow(kb, free->value, &kb))
			return UNKNOWN;
	}
	for (size_t i = 0; i < ARRAY_COUNT(sizes) && pages > 0; i++) {
		if (ratio_is(kb, pages, sizes[i]))
			return sizes[i];
	}
	return UNKNOWN;
}

static void emit_missing(struct emit *e, uint32_t missing)
{
	emit_bool(e, STR("complete"), missing == 0);
	emit_array(e, STR("missing"));
	for (uint32_t bit = 1; bit && bit <= missing; bit <<= 1) {
		if (missing & bit)
			emit_str(e, NOKEY, str_of(part_name((enum event_part)bit)));
	}
	emit_end(e);
}

static void emit_place(struct emit *e, const struct event *ev)
{
	emit_object(e, STR("lines"));
	emit_i64(e, STR("first"), (int64_t)ev->first_line);
	emit_i64(e, STR("last"), (int64_t)ev->last_line);
	emit_end(e);
	emit_object(e, STR("time"));
	emit_micro(e, STR("monotonic_s"), ev->monotonic_us);
	map_wall(e, STR("wall"), ev->wall_us);
	emit_end(e);
}

static void emit_lists(struct emit *e, const struct event *ev)
{
	event_emit_tasks(e, &ev->tasks);
	map_array(e, STR("slab"), slab_line, ARRAY_COUNT(slab_line), ev->slab, ev->n_slab,
		  sizeof(*ev->slab));
	map_array(e, STR("allocations"), alloc_line, ARRAY_COUNT(alloc_line), ev->allocs,
		  ev->n_allocs, sizeof(*ev->allocs));
	map_strs(e, STR("call_trace"), ev->call_trace, ev->n_call_trace);
	map_strs(e, STR("extra_lines"), ev->extra, ev->n_extra);
}

static void emit_no_lists(struct emit *e)
{
	static const struct str names[] = {
		STR_INIT("tasks"),	STR_INIT("slab"),	 STR_INIT("allocations"),
		STR_INIT("call_trace"), STR_INIT("extra_lines"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		emit_null(e, names[i]);
}

void event_emit(struct emit *e, struct str key, const struct event *ev,
		const struct event_form *form)
{
	bool tables = form->detail != EVENT_BRIEF;
	struct str kernel = ev->kernel.n ? ev->kernel : form->kernel;

	emit_object(e, key);
	emit_i64(e, STR("number"), (int64_t)form->number);
	emit_str(e, STR("kind"), str_of(event_kind_name(ev->kind)));
	emit_str(e, STR("detail"), tables ? STR("full") : STR("brief"));
	emit_str(e, STR("scope"), str_of(event_scope_name(ev->scope)));
	map_members(e, about, ARRAY_COUNT(about), ev);
	emit_place(e, ev);
	emit_str(e, STR("kernel"), kernel.n ? kernel : NOKEY);
	map_members(e, machine, ARRAY_COUNT(machine), ev);
	emit_missing(e, ev->missing);
	event_emit_trigger(e, ev, kernel);
	map_array(e, STR("victims"), victim, ARRAY_COUNT(victim), ev->victims, ev->n_victims,
		  sizeof(*ev->victims));
	event_emit_memory(e, ev, tables);
	event_emit_memcg(e, &ev->memcg, tables);
	if (tables)
		emit_lists(e, ev);
	else
		emit_no_lists(e);
	emit_i64(e, STR("tasks_seen"),
		 ev->tasks.seen ? (int64_t)(ev->tasks.n_rows + ev->tasks.rows_dropped) : UNKNOWN);
	map_members(e, tail, ARRAY_COUNT(tail), ev);
	emit_str(e, STR("verbatim"), form->detail == EVENT_TEXT ? ev->verbatim : NOKEY);
	emit_bool(e, STR("verbatim_cut"), ev->verbatim_cut);
	emit_end(e);
}
