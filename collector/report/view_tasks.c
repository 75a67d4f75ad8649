/* SPDX-License-Identifier: MIT */
/* view_tasks.c - the consumers: tasks by size, slab caches, allocation call sites. */
#include "report/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TASKS_MAX = 200000, ROWS_TEXT = 10, ROWS_BRIEF = 5, ROWS_HTML = 25 };

struct task {
	json_t *from;
	int64_t pid, rss_kb, swap_kb, pgtables_kb, adj;
	bool killed, trigger;
};

struct task_list {
	struct arena arena;
	struct task *v;
	size_t n;
	int64_t sum_kb, whole_kb; /* what a share is a share of ... */
	enum whole { WHOLE_TASKS, WHOLE_RAM, WHOLE_LIMIT, WHOLE_USAGE } whole; /* ... this */
	bool has_swap, has_pgtables;
};

/* ---- reading ---- */

static bool is_victim(const struct view *v, int64_t pid)
{
	json_t *victims = at(v->event, "victims"), *victim;
	size_t i;

	json_array_foreach(victims, i, victim) {
		if (pid != UNKNOWN && number_at(victim, "pid") == pid)
			return true;
	}
	return false;
}

/* Page tables are pages in old kernels, bytes in new ones. */
static int64_t task_pgtables_kb(const struct view *v, json_t *task)
{
	int64_t bytes = number_at(task, "pgtables_bytes");

	if (bytes != UNKNOWN)
		return bytes / 1024;
	return pages_to_kb(v, number_at(task, "nr_ptes"));
}

static const struct {
	const char *words, *brief;
} wholes[] = {
	[WHOLE_TASKS] = {"all tasks", "all tasks"},
	[WHOLE_RAM] = {"RAM", "RAM"},
	[WHOLE_LIMIT] = {"the cgroup's limit", "the limit"},
	[WHOLE_USAGE] = {"the cgroup's usage", "the cgroup"},
};

static void find_whole(const struct view *v, struct task_list *list)
{
	const int64_t kb[] = {[WHOLE_LIMIT] = number_at(v->event, "memcg.limit_kb"),
			      [WHOLE_USAGE] = number_at(v->event, "memcg.usage_kb"),
			      [WHOLE_RAM] = v->ram_kb,
			      [WHOLE_TASKS] = list->sum_kb};
	static const enum whole order[] = {WHOLE_LIMIT, WHOLE_USAGE, WHOLE_RAM};

	list->whole = WHOLE_TASKS;
	for (size_t i = 0; i < ARRAY_COUNT(order) && list->whole == WHOLE_TASKS; i++) {
		if (kb[order[i]] > 0)
			list->whole = order[i];
	}
	list->whole_kb = kb[list->whole];
}

static bool is_part_elsewhere(const struct task_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].rss_kb > list->whole_kb)
			return true;
	}
	return false;
}

/* Pages of programs and files that another group was charged for are in a task's size, not under
 * this group's limit: nothing holds more than all of it. */
static double share_of_task(const struct task *t, const struct task_list *list)
{
	return fmin(100, fmax(0, percent_of(t->rss_kb, list->whole_kb)));
}

static void read_tasks(struct view *v, struct task_list *list)
{
	json_t *tasks = at(v->event, "tasks"), *task;
	size_t n = json_array_size(tasks), i;
	int64_t trigger = number_at(v->event, "trigger.pid");

	if (n > TASKS_MAX)
		n = TASKS_MAX;
	list->v = arena_array(&list->arena, n, sizeof(*list->v));
	if (!list->v) {
		v->failed = true;
		return;
	}
	json_array_foreach(tasks, i, task) {
		struct task *t = &list->v[list->n];

		if (list->n >= n)
			break;
		t->from = task;
		t->pid = number_at(task, "pid");
		t->rss_kb = pages_to_kb(v, number_at(task, "rss_pages"));
		t->swap_kb = pages_to_kb(v, number_at(task, "swapents_pages"));
		t->pgtables_kb = task_pgtables_kb(v, task);
		t->adj = number_at(task, "oom_score_adj");
		if (t->adj == UNKNOWN)
			t->adj = number_at(task, "oom_adj");
		t->killed = is_victim(v, t->pid);
		t->trigger = t->pid != UNKNOWN && t->pid == trigger;
		list->has_swap = list->has_swap || t->swap_kb > 0;
		list->has_pgtables = list->has_pgtables || t->pgtables_kb > 0;
		if (t->rss_kb > 0 && __builtin_add_overflow(list->sum_kb, t->rss_kb, &list->sum_kb))
			list->sum_kb = 0;
		list->n++;
	}
	find_whole(v, list);
}

/* ---- orders ---- */

static int descending(int64_t x, int64_t y)
{
	return x < y ? 1 : x > y ? -1 : 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return descending(y->pid, x->pid);
}

static int by_rss(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int c = descending(x->rss_kb, y->rss_kb);

	return c ? c : by_pid(a, b);
}

static int by_swap(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int c = descending(x->swap_kb, y->swap_kb);

	return c ? c : by_rss(a, b);
}

static int by_pgtables(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int c = descending(x->pgtables_kb, y->pgtables_kb);

	return c ? c : by_rss(a, b);
}

static int by_adj(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int c = descending(x->adj, y->adj);

	return c ? c : by_rss(a, b);
}

static int by_name(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int c = str_cmp(text_or(text_at(x->from, "comm"), ""),
			text_or(text_at(y->from, "comm"), ""));

	return c ? c : by_rss(a, b);
}

static const struct order {
	const char *id, *label;
	int (*compare)(const void *, const void *);
} orders[] = {
	{"rss", "memory", by_rss},   {"swap", "swap", by_swap},
	{"pgtables", "page tables", by_pgtables}, {"adj", "oom_score_adj", by_adj},
	{"name", "name", by_name},   {"pid", "pid", by_pid},
};

/* ---- writing ---- */

static void put_task(struct view *v, json_t *row, const struct task *t,
		     const struct task_list *list)
{
	char size[NUMBER_TEXT];

	put_text(v, row, "name", event_name(t->from, "?"));
	put_number(v, row, "pid", t->pid);
	put_number(v, row, "uid", number_at(t->from, "uid"));
	put_number(v, row, "rss_kb", t->rss_kb);
	putf(v, row, "rss_human", "%s", human_size(t->rss_kb, size));
	put_number(v, row, "swap_kb", t->swap_kb);
	putf(v, row, "swap_human", "%s", t->swap_kb == UNKNOWN ? "" : human_size(t->swap_kb, size));
	put_number(v, row, "pgtables_kb", t->pgtables_kb);
	putf(v, row, "pgtables_human", "%s",
	     t->pgtables_kb == UNKNOWN ? "" : human_size(t->pgtables_kb, size));
	put_number(v, row, "oom_score_adj", t->adj);
	putf(v, row, "percent", "%.1f", share_of_task(t, list));
	put(v, row, "width", json_real(share_of_task(t, list)));
	put_bool(v, row, "killed", t->killed);
	put_bool(v, row, "trigger", t->trigger);
}

static bool has_room_for_bars(const struct view *v)
{
	return v->o.width >= 80;
}

static void task_line(struct view *v, struct table *table, const struct task *t,
		      const struct task_list *list)
{
	CLEANUP_BUF struct buf bar = BUF_INIT(1024), name = BUF_INIT(1024);

	table_row(table, t->killed ? PAINT_BAD : PAINT_NONE);
	table_number(table, t->pid);
	table_number(table, number_at(t->from, "uid"));
	table_number(table, t->rss_kb);
	if (list->has_swap)
		table_number(table, t->swap_kb);
	table_number(table, t->adj);
	table_cellf(table, "%.1f %%", share_of_task(t, list));
	if (has_room_for_bars(v)) {
		add_bar(v, &bar, t->rss_kb, list->whole_kb, 12);
		table_cell(table, buf_str(&bar));
	}
	buf_add(&name, event_name(t->from, "?"));
	if (t->killed)
		buf_addz(&name, "  <- killed");
	else if (t->trigger)
		buf_addz(&name, "  <- asked");
	table_cell(table, buf_str(&name));
}

/* The largest, and always the killed and the asking one. Returns how many are shown. */
static size_t put_task_table(struct view *v, json_t *to, const char *key,
			     const struct task_list *list, size_t most)
{
	/* columns of the numbers; the bar and the name behind them are left-aligned */
	struct table t = TABLE_INIT(list->has_swap ? "rrrrrr" : "rrrrr");
	size_t shown = list->n < most ? list->n : most, more = 0;

	if (list->n) {
		table_row(&t, PAINT_DIM);
		table_cell(&t, STR("pid"));
		table_cell(&t, STR("uid"));
		table_cell(&t, STR("rss kB"));
		if (list->has_swap)
			table_cell(&t, STR("swap kB"));
		table_cell(&t, STR("adj"));
		table_cell(&t, STR("share"));
		if (has_room_for_bars(v))
			table_cell(&t, STR(""));
		table_cell(&t, STR("name"));
	}
	for (size_t i = 0; i < list->n; i++) {
		const struct task *task = &list->v[i];

		if (i < shown || ((task->killed || task->trigger) && more++ < 5))
			task_line(v, &t, task, list);
	}
	put_table(v, to, key, &t, 2);
	table_free(&t);
	return shown + (more > 5 ? 5 : more);
}

static void put_task_tables(struct view *v, json_t *to, const struct task_list *list)
{
	size_t shown = put_task_table(v, to, "table", list, v->o.all ? list->n : ROWS_TEXT);
	int64_t count = number_at(to, "count");
	char size[NUMBER_TEXT];

	(void)put_task_table(v, to, "brief", list, ROWS_BRIEF);
	put_number(v, to, "shown", (int64_t)shown);
	put_number(v, to, "more", list->n > shown ? (int64_t)(list->n - shown) : UNKNOWN);
	putf(v, to, "words", "%lld task%s%s%s%s; share of %s", (long long)count,
	     count == 1 ? "" : "s", list->sum_kb ? ", " : "",
	     list->sum_kb ? human_size(list->sum_kb, size) : "",
	     !list->sum_kb	  ? ""
	     : is_part_elsewhere(list) ? " (part of it charged elsewhere)"
				       : " (shared pages count in each)",
	     wholes[list->whole].brief);
	put_bool(v, to, "has_sorts", list->n > 1);
}

static void put_orders(struct view *v, json_t *to, struct task_list *list)
{
	json_t *sorts = put_array(v, to, "sorts");
	size_t n = list->n < ROWS_HTML ? list->n : ROWS_HTML;

	for (size_t k = 0; k < ARRAY_COUNT(orders) && list->n; k++) {
		const struct order *o = &orders[k];
		json_t *sort, *rows;

		if ((o->compare == by_swap && !list->has_swap) ||
		    (o->compare == by_pgtables && !list->has_pgtables))
			continue;
		qsort(list->v, list->n, sizeof(*list->v), o->compare);
		sort = add_row(v, sorts);
		put_text(v, sort, "id", str_of(o->id));
		put_text(v, sort, "label", str_of(o->label));
		put_bool(v, sort, "first", k == 0);
		rows = put_array(v, sort, "rows");
		for (size_t i = 0; i < n; i++)
			put_task(v, add_row(v, rows), &list->v[i], list);
	}
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_rss);
	put_number(v, to, "html_more", list->n > n ? (int64_t)(list->n - n) : UNKNOWN);
}

static void view_task_list(struct view *v)
{
	struct task_list list = {.arena = ARENA_INIT(64 << 20)};
	json_t *to = put_object(v, v->to, "tasks");
	int64_t seen = number_at(v->event, "tasks_seen");
	char size[NUMBER_TEXT];

	read_tasks(v, &list);
	put_bool(v, to, "known", list.n > 0);
	put_number(v, to, "count", seen == UNKNOWN && list.n ? (int64_t)list.n : seen);
	put_number(v, to, "sum_kb", list.n ? list.sum_kb : UNKNOWN);
	putf(v, to, "sum_human", "%s", human_size(list.sum_kb, size));
	put_text(v, to, "share_of", str_of(wholes[list.whole].words));
	put_bool(v, to, "has_swap", list.has_swap);
	put_bool(v, to, "has_pgtables", list.has_pgtables);
	put_orders(v, to, &list);
	put_task_tables(v, to, &list);
	arena_free(&list.arena);
}

/* ---- slab caches and allocation sites ---- */

static void view_slab(struct view *v)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("rrl");
	json_t *to = put_object(v, v->to, "slab"), *rows = put_array(v, to, "rows");
	json_t *list = at(v->event, "slab"), *cache;
	int64_t ram = v->ram_kb;
	size_t i, n = json_array_size(list), shown = v->o.all || n < 10 ? n : 10;
	json_auto_t *sorted = list ? json_copy(list) : NULL;
	char size[NUMBER_TEXT];

	/* the kernel prints them by name: the largest first */
	for (i = 0; i < shown; i++) {
		for (size_t k = i + 1; k < n; k++) {
			json_t *a = json_array_get(sorted, i), *b = json_array_get(sorted, k);

			if (number_at(b, "total_kb") <= number_at(a, "total_kb"))
				continue;
			json_incref(a);
			json_array_set(sorted, i, b);
			json_array_set_new(sorted, k, a);
		}
	}
	if (n) {
		table_row(&t, PAINT_DIM);
		table_cell(&t, STR("used kB"));
		table_cell(&t, STR("total kB"));
		table_cell(&t, STR("slab cache"));
	}
	json_array_foreach(sorted, i, cache) {
		json_t *row;

		if (i >= shown)
			break;
		row = add_row(v, rows);
		put_text(v, row, "name", text_or(text_at(cache, "name"), "?"));
		put_number(v, row, "used_kb", number_at(cache, "used_kb"));
		put_number(v, row, "total_kb", number_at(cache, "total_kb"));
		putf(v, row, "human", "%s", human_size(number_at(cache, "total_kb"), size));
		putf(v, row, "percent", "%.1f", percent_of(number_at(cache, "total_kb"), ram));
		put(v, row, "width",
		    json_real(fmin(100, fmax(0, percent_of(number_at(cache, "total_kb"), ram)))));
		table_row(&t, PAINT_NONE);
		table_number(&t, number_at(cache, "used_kb"));
		table_number(&t, number_at(cache, "total_kb"));
		table_cell(&t, text_or(text_at(cache, "name"), "?"));
	}
	put_bool(v, to, "known", n > 0);
	put_number(v, to, "more", n > shown ? (int64_t)(n - shown) : UNKNOWN);
	put_bool(v, to, "excessive", true_at(v->event, "slab_excessive"));
	put_table(v, to, "table", &t, 2);
}

static void view_allocations(struct view *v)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("rrl");
	json_t *to = put_object(v, v->to, "allocations"), *rows = put_array(v, to, "rows");
	json_t *list = at(v->event, "allocations"), *site;
	char size[NUMBER_TEXT];
	size_t i;

	json_array_foreach(list, i, site) {
		int64_t bytes = number_at(site, "bytes");
		json_t *row = add_row(v, rows);

		human_size(bytes == UNKNOWN ? UNKNOWN : bytes / 1024, size);
		put_text(v, row, "tag", text_or(text_at(site, "tag"), "?"));
		put_text(v, row, "human", str_of(size));
		put_number(v, row, "calls", number_at(site, "calls"));
		table_row(&t, PAINT_NONE);
		table_cell(&t, str_of(size));
		table_number(&t, number_at(site, "calls"));
		table_cell(&t, text_or(text_at(site, "tag"), "?"));
	}
	put_bool(v, to, "known", json_array_size(list) > 0);
	put_table(v, to, "table", &t, 2);
}

void view_tasks(struct view *v)
{
	view_task_list(v);
	view_slab(v);
	view_allocations(v);
}
