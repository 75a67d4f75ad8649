/* SPDX-License-Identifier: MIT */
/* view_memory.c - free memory and swap, the balance sheet, a memory cgroup and its limits. */
#include "report/view.h"

#include <math.h>
#include <stdio.h>

enum { BRIEF_ROWS = 4 };

/* ---- free pages and swap ---- */

static void put_share(struct view *v, json_t *obj, const char *key, int64_t part, int64_t whole)
{
	if (part == UNKNOWN || whole == UNKNOWN || whole <= 0)
		put(v, obj, key, json_null());
	else
		put(v, obj, key, json_real(round(percent_of(part, whole) * 10) / 10));
}

static void view_free(struct view *v)
{
	json_t *free = put_object(v, v->to, "free");
	int64_t pages = number_at(v->event, "memory.free_pages");
	int64_t kb = number_at(v->event, "memory.free_kb");
	int64_t ram = v->ram_kb;
	int64_t swap = number_at(v->event, "memory.swap_free_kb");
	int64_t swap_total = number_at(v->event, "memory.swap_total_kb");
	char a[NUMBER_TEXT], b[NUMBER_TEXT], c[NUMBER_TEXT];

	put_bool(v, free, "known", pages != UNKNOWN || kb != UNKNOWN || swap != UNKNOWN);
	put_number(v, free, "pages", pages);
	put_number(v, free, "kb", kb);
	putf(v, free, "human", "%s", human_size(kb, a));
	put_share(v, free, "percent", kb, ram);
	put_number(v, free, "ram_kb", ram);
	putf(v, free, "ram_human", "%s", human_size(ram, a));
	if (pages != UNKNOWN || kb != UNKNOWN)
		putf(v, free, "pages_words", "%s (%s, %.1f %% of RAM)",
		     plain_number(pages, a), human_size(kb, b), percent_of(kb, ram));
	else
		put(v, free, "pages_words", json_null());
	putf(v, free, "brief", "free %s (%s pages), %s%s", human_size(kb, b), plain_number(pages, a),
	     swap_total == 0 ? "no swap" : "free swap ",
	     swap_total == 0 ? "" : human_size(swap, c));
	put_number(v, free, "swap_kb", swap);
	put_bool(v, free, "has_swap", swap_total > 0);
	putf(v, free, "swap_human", "%s", human_size(swap, a));
	putf(v, free, "swap_total_human", "%s", human_size(swap_total, a));
	put_number(v, free, "swap_total_kb", swap_total);
	if (swap == UNKNOWN)
		put(v, free, "swap_words", json_null());
	else if (swap_total == 0)
		put_text(v, free, "swap_words", STR("0 kB of 0 kB (no swap)"));
	else
		putf(v, free, "swap_words", "%lld kB of %s kB (%.1f %%)", (long long)swap,
		     plain_number(swap_total, a), percent_of(swap, swap_total));
}

/* ---- where the memory went ---- */

static int64_t balance_total(struct view *v, json_t *rows)
{
	int64_t total = number_at(v->doc, "diagnosis.balance_total_kb"), sum = 0;
	json_t *row;
	size_t i;

	if (total > 0)
		return total;
	json_array_foreach(rows, i, row) {
		int64_t kb = number_at(row, "amount_kb");

		if (kb > 0 && __builtin_add_overflow(sum, kb, &sum))
			return UNKNOWN;
	}
	return sum > 0 ? sum : UNKNOWN;
}

static enum paint row_paint(struct str name, double percent)
{
	if (str_eq(name, STR("unaccounted")))
		return percent >= 10 ? PAINT_BAD : PAINT_DIM;
	return percent >= 30 ? PAINT_BOLD : PAINT_NONE;
}

static void view_balance_row(struct view *v, json_t *to, json_t *row, int64_t total,
			     struct table *t, size_t index)
{
	CLEANUP_BUF struct buf bar = BUF_INIT(1024);
	int64_t kb = number_at(row, "amount_kb");
	struct str name = text_or(text_at(row, "name"), "?");
	double percent = percent_of(kb, total);
	char size[NUMBER_TEXT];

	put_text(v, to, "name", name);
	put_number(v, to, "kb", kb);
	putf(v, to, "human", "%s", human_size(kb, size));
	putf(v, to, "percent", "%.1f", percent);
	put(v, to, "width", json_real(percent < 0 ? 0 : percent > 100 ? 100 : percent));
	put_text(v, to, "source", text_at(row, "source"));
	/* the bar's colours repeat after twelve; free memory and what nobody owns up to have
	 * their own */
	if (str_eq(name, STR("free")))
		put_text(v, to, "key", STR("kfree"));
	else if (str_eq(name, STR("unaccounted")))
		put_text(v, to, "key", STR("kgap"));
	else
		putf(v, to, "key", "k%zu", index % 12);
	add_bar(v, &bar, kb, total, 24);
	put_text(v, to, "bar", str_trim(buf_str(&bar)));
	table_row(t, row_paint(name, percent));
	table_cell(t, name);
	table_cellf(t, "%s", human_size(kb, size));
	table_cellf(t, "%.1f %%", percent);
	table_cell(t, buf_str(&bar));
}

static int compare_kb(json_t *a, json_t *b)
{
	int64_t x = number_at(a, "amount_kb"), y = number_at(b, "amount_kb");

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Largest first; "unaccounted" stays last, as the document has it. Few rows. */
static json_t *sorted_rows(json_t *rows)
{
	json_t *ret = json_copy(rows);
	size_t n = json_array_size(ret);

	if (n && str_eq(text_at(json_array_get(ret, n - 1), "name"), STR("unaccounted")))
		n--;
	for (size_t i = 1; i < n; i++) {
		for (size_t k = i; k > 0; k--) {
			json_t *a = json_array_get(ret, k - 1), *b = json_array_get(ret, k);

			if (compare_kb(a, b) <= 0)
				break;
			json_incref(a);
			json_array_set(ret, k - 1, b);
			json_array_set_new(ret, k, a);
		}
	}
	return ret;
}

/* The largest rows and the last one, "unaccounted". */
static void put_brief(struct view *v, json_t *balance, const struct table *all)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrl");

	for (size_t i = 0; i < all->n_rows; i++) {
		if (i >= BRIEF_ROWS && i + 1 < all->n_rows)
			continue;
		table_row(&t, all->rows[i].paint);
		for (size_t c = 0; c < all->rows[i].n; c++)
			table_cell(&t, all->rows[i].cells[c]);
	}
	put_table(v, balance, "brief", &t, 2);
}

static void view_balance(struct view *v)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrl");
	json_t *balance = put_object(v, v->to, "balance");
	json_t *out = put_array(v, balance, "rows"), *row;
	json_t *rows = at(v->doc, "diagnosis.balance");
	json_auto_t *sorted = rows ? sorted_rows(rows) : NULL;
	int64_t total = balance_total(v, rows), small = 0, n_small = 0;
	char size[NUMBER_TEXT];
	size_t i;

	json_array_foreach(sorted, i, row) {
		int64_t kb = number_at(row, "amount_kb");
		bool tiny = kb == UNKNOWN || (percent_of(kb, total) < 0.05 && kb >= 0);

		/* rows of next to nothing are counted, not shown */
		if (tiny && !v->o.all) {
			n_small++;
			small += kb == UNKNOWN ? 0 : kb;
			continue;
		}
		view_balance_row(v, add_row(v, out), row, total, &t, i);
	}
	put_bool(v, balance, "known", json_array_size(out) > 0);
	put_number(v, balance, "total_kb", total);
	putf(v, balance, "total_human", "%s", human_size(total, size));
	put_number(v, balance, "small_rows", n_small ? n_small : UNKNOWN);
	putf(v, balance, "small_human", "%s", human_size(small, size));
	put_brief(v, balance, &t);
	put_table(v, balance, "table", &t, 2);
}

/* ---- a memory cgroup ---- */

static void view_counter(struct view *v, json_t *rows, json_t *counter, const char *name,
			 struct table *t)
{
	CLEANUP_BUF struct buf bar = BUF_INIT(1024);
	int64_t usage = number_at(counter, "usage_kb"), limit = number_at(counter, "limit_kb");
	char a[NUMBER_TEXT], b[NUMBER_TEXT];
	bool full = usage != UNKNOWN && limit != UNKNOWN && limit > 0 && usage >= limit;
	json_t *row;

	if (usage == UNKNOWN && limit == UNKNOWN)
		return;
	row = add_row(v, rows);
	put_text(v, row, "name", str_of(name));
	put_number(v, row, "usage_kb", usage);
	put_number(v, row, "limit_kb", limit);
	putf(v, row, "usage_human", "%s", human_size(usage, a));
	putf(v, row, "limit_human", "%s", limit == UNKNOWN ? "none" : human_size(limit, b));
	put_number(v, row, "failcnt", number_at(counter, "failcnt"));
	put_bool(v, row, "full", full);
	putf(v, row, "percent", "%.1f", percent_of(usage, limit));
	put(v, row, "width", json_real(fmin(100, percent_of(usage, limit))));
	if (limit != UNKNOWN)
		add_bar(v, &bar, usage, limit, 16);
	table_row(t, full ? PAINT_BAD : PAINT_NONE);
	table_cellf(t, "%s", name);
	table_number(t, usage);
	if (limit == UNKNOWN)
		table_cell(t, STR("none"));
	else
		table_number(t, limit);
	table_number(t, number_at(counter, "failcnt"));
	table_cell(t, buf_str(&bar));
}

/* cgroup v1 counts a group alone ("rss") and with those below it ("total_rss"), which is what its
 * limit holds. */
static int64_t stat_with_children(json_t *stats, const char *name)
{
	char total[64];

	snprintf(total, sizeof(total), "total_%s", name);
	return at(stats, total) ? number_at(stats, total) : number_at(stats, name);
}

/* The lines of memory.stat that say where a cgroup's memory is, each amount once; in bytes, or in
 * kB where the key says so (cgroup v1 of old kernels). */
static void view_stats(struct view *v, json_t *memcg)
{
	static const char *const wanted[] = {
		"anon", "rss", "rss_kb", "file", "cache", "cache_kb", "shmem", "shmem_kb",
		"kernel", "kernel_stack", "pagetables", "slab",
		"slab_reclaimable", "slab_unreclaimable", "sock", "vmalloc", "percpu", "zswap",
		"file_dirty", "file_writeback", "dirty", "writeback", "unevictable", "anon_thp",
		"rss_huge", "mapped_file", "mapped_file_kb", "swap", "swap_kb",
	};
	CLEANUP_TABLE struct table t = TABLE_INIT("lrl");
	json_t *stats = at(v->event, "memcg.stats"), *rows = put_array(v, memcg, "stats");
	int64_t usage = number_at(v->event, "memcg.usage_kb");
	char size[NUMBER_TEXT];

	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		CLEANUP_BUF struct buf bar = BUF_INIT(1024);
		int64_t n = stat_with_children(stats, wanted[i]), kb;
		struct str name = str_of(wanted[i]);
		json_t *row;

		if (n == UNKNOWN || n == 0)
			continue;
		kb = str_ends(name, STR("_kb")) ? n : n / 1024;
		row = add_row(v, rows);
		put_text(v, row, "name", name);
		put_number(v, row, "kb", kb);
		putf(v, row, "human", "%s", human_size(kb, size));
		putf(v, row, "percent", "%.1f", percent_of(kb, usage));
		put(v, row, "width", json_real(fmin(100, fmax(0, percent_of(kb, usage)))));
		add_bar(v, &bar, kb, usage, 24);
		table_row(&t, PAINT_NONE);
		table_cell(&t, name);
		table_cellf(&t, "%s", human_size(kb, size));
		table_cell(&t, buf_str(&bar));
	}
	put_table(v, memcg, "stats_table", &t, 2);
}

static void view_memcg(struct view *v)
{
	static const char *const heads[] = {"", "usage kB", "limit kB", "failcnt", ""};
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrrl");
	json_t *from = at(v->event, "memcg"), *memcg = put_object(v, v->to, "memcg");
	json_t *rows = put_array(v, memcg, "rows");

	put_bool(v, memcg, "known", from != NULL);
	put_text(v, memcg, "path", text_or(text_at(from, "path"), "(its path is not in the log)"));
	put_text(v, memcg, "task_path", text_at(from, "task_path"));
	put_bool(v, memcg, "other_task_path",
		 text_at(from, "task_path").n &&
			 !str_eq(text_at(from, "task_path"), text_at(from, "path")));
	put_bool(v, memcg, "oom_group", true_at(from, "oom_group"));
	table_row(&t, PAINT_DIM);
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++)
		table_cell(&t, str_of(heads[i]));
	view_counter(v, rows, from, "memory", &t);
	view_counter(v, rows, at(from, "memsw"), "memory+swap", &t);
	view_counter(v, rows, at(from, "swap"), "swap", &t);
	view_counter(v, rows, at(from, "kmem"), "kernel memory", &t);
	if (!json_array_size(rows))
		t.n_rows = 0;
	put_table(v, memcg, "table", &t, 2);
	view_stats(v, memcg);
}

void view_memory(struct view *v)
{
	view_free(v);
	view_balance(v);
	view_memcg(v);
}
