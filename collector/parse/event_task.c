/* SPDX-License-Identifier: MIT */
/* event_task.c - the task table: columns from its own header line.
 *
 *	[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
 *	[   1239]   130  1239     3706      300    69632          10          -900 systemd-oomd
 */
#include "parse/handlers.h"

enum { DEFAULT_TASKS = 40000 };

/* Tasks state (memory values in pages): 4.19+ */
HANDLER(on_tasks_state)
{
	struct live *l = live_for(p, pc, PART_TASKS, true);

	(void)rest;
	if (!l)
		return true;
	l->in_table = l->table_head = true;
	l->in_slab = l->in_allocs = l->in_stats = false;
	l->ev->tasks.seen = true;
	live_own(p, l, pc, PART_TASKS);
	return true;
}

static void column_add(struct parser *p, struct live *l, struct str name)
{
	struct task_table *t = &l->ev->tasks;

	if (t->n_columns < TASK_COLUMNS)
		t->columns[t->n_columns++] = keep(p, l, name);
}

/* [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name */
HANDLER(on_table_head)
{
	struct str at = rest, word;
	struct live *l;

	if (str_find(at, STR("total_vm")) == SIZE_MAX)
		return false;
	l = live_for(p, pc, PART_TASKS, true);
	if (!l)
		return true;
	l->in_table = l->table_head = true;
	l->ev->tasks.seen = true;
	if (l->ev->tasks.n_rows == 0) {
		l->ev->tasks.n_columns = 0;
		column_add(p, l, STR("pid"));
		for (skip_blanks(&at); take_word(&at, &word); skip_blanks(&at)) {
			if (!str_eq(word, STR("name")))
				column_add(p, l, word);
		}
	}
	live_own(p, l, pc, PART_TASKS);
	return true;
}

/* Columns by how many numbers a row has. */
static const struct str known_columns[][11] = {
	{STR_INIT("pid"), STR_INIT("uid"), STR_INIT("tgid"), STR_INIT("total_vm"),
	 STR_INIT("rss"), STR_INIT("pgtables_bytes"), STR_INIT("swapents"),
	 STR_INIT("oom_score_adj")},
	{STR_INIT("pid"), STR_INIT("uid"), STR_INIT("tgid"), STR_INIT("total_vm"),
	 STR_INIT("rss"), STR_INIT("nr_ptes"), STR_INIT("nr_pmds"), STR_INIT("swapents"),
	 STR_INIT("oom_score_adj")},
	{STR_INIT("pid"), STR_INIT("uid"), STR_INIT("tgid"), STR_INIT("total_vm"),
	 STR_INIT("rss"), STR_INIT("rss_anon"), STR_INIT("rss_file"),
	 STR_INIT("rss_shmem"), STR_INIT("pgtables_bytes"), STR_INIT("swapents"),
	 STR_INIT("oom_score_adj")},
	{STR_INIT("pid"), STR_INIT("uid"), STR_INIT("tgid"), STR_INIT("total_vm"),
	 STR_INIT("rss"), STR_INIT("cpu"), STR_INIT("oom_adj")},
};

bool task_is_column(struct str word)
{
	for (size_t form = 0; form < ARRAY_COUNT(known_columns); form++) {
		for (size_t i = 0; i < ARRAY_COUNT(known_columns[form]); i++) {
			if (word.n && str_eq(word, known_columns[form][i]))
				return true;
		}
	}
	return false;
}

/* Without its header: the forms differ in how many numbers stand before the name. */
static void guess_columns(struct parser *p, struct live *l, size_t numbers)
{
	size_t form = numbers >= 11 ? 2 : numbers == 9 ? 1 : numbers == 7 ? 3 : 0;

	l->columns_guessed = true;
	for (size_t i = 0; i < 11 && known_columns[form][i].n && i < numbers; i++)
		column_add(p, l, known_columns[form][i]);
}

/* Eight numbers were printed in three forms: of 2.6.36 to 3.5 with cpu and oom_adj (-17 to 15), of 3.6
 * to 3.19 with counts of page tables, of 4.15 on with their bytes, whole KiB of them. */
void task_settle_columns(struct event *ev)
{
	enum { COLUMNS = 8, PTES = 5, SWAPENTS = 6, OOM_ADJ_LEAST = -17 };
	struct task_table *t = &ev->tasks;
	struct kernel_version v;
	bool counts = false, adj = false;

	if (t->n_columns != COLUMNS)
		return;
	for (size_t i = 0; i < t->n_rows; i++) {
		const int64_t *row = t->values + i * COLUMNS;

		counts |= row[PTES] != UNKNOWN && row[PTES] % 1024 != 0;
		adj |= row[SWAPENTS] < 0 && row[SWAPENTS] >= OOM_ADJ_LEAST;
	}
	if (!counts)
		return;
	adj |= ev->kernel.n && kernel_version_parse(ev->kernel, &v) &&
	       kernel_version_cmp(&v, 3, 6, 0) < 0;
	t->columns[PTES] = adj ? STR("cpu") : STR("nr_ptes");
	if (adj)
		t->columns[SWAPENTS] = STR("oom_adj");
}

/* Numbers at the front of a row; returns how many, at most `most`. */
static size_t take_numbers(struct str *in, int64_t *values, size_t most)
{
	const char *c = in->p, *end = in->p + in->n;
	size_t n = 0;

	while (n < most) {
		const char *start;
		uint64_t v = 0;
		bool negative = false;

		while (c < end && ascii_blank(*c))
			c++;
		start = c;
		if (c < end && *c == '-') {
			negative = true;
			c++;
		}
		if (c == end || !ascii_digit(*c)) {
			c = start;
			break;
		}
		for (; c < end && ascii_digit(*c) && c - start < 19; c++)
			v = v * 10 + (uint64_t)(*c - '0');
		if (c < end && ascii_digit(*c)) { /* too long for a number */
			while (c < end && ascii_digit(*c))
				c++;
			values[n++] = UNKNOWN;
			continue;
		}
		if (c < end && !ascii_blank(*c)) { /* "7zip": a name */
			c = start;
			break;
		}
		values[n++] = negative ? -(int64_t)v : (int64_t)v;
	}
	*in = str_from(*in, (size_t)(c - in->p));
	return n;
}

static size_t task_limit(const struct parser *p)
{
	return p->options.max_tasks ? p->options.max_tasks : DEFAULT_TASKS;
}

static bool table_grow(struct arena *a, struct task_table *t)
{
	size_t room = t->room_rows ? t->room_rows * 2 : 64;
	int64_t *v = arena_room(a, (room * t->n_columns + 1) * sizeof(*v));
	struct str *names = v ? arena_room(a, room * sizeof(*names)) : NULL;

	if (!names)
		return false;
	if (t->n_rows) {
		memcpy(v, t->values, t->n_rows * t->n_columns * sizeof(*v));
		memcpy(names, t->names, t->n_rows * sizeof(*names));
	}
	t->values = v;
	t->names = names;
	t->room_rows = room;
	return true;
}

int64_t *task_room(struct parser *p, struct live *l)
{
	struct task_table *t = &l->ev->tasks;

	if (t->n_rows >= task_limit(p) ||
	    (t->n_rows == t->room_rows && !table_grow(&l->ev->arena, t)))
		return NULL;
	return t->values + t->n_rows * t->n_columns;
}

static bool row_add(struct parser *p, struct live *l, const int64_t *values, size_t n,
		    struct str name)
{
	struct task_table *t = &l->ev->tasks;
	int64_t *row = task_room(p, l);
	struct str copy;

	if (!row || !arena_str(&l->ev->arena, name, &copy))
		return false;
	for (size_t i = 0; i < t->n_columns && row != values; i++)
		row[i] = i < n ? values[i] : UNKNOWN;
	t->names[t->n_rows++] = copy;
	return true;
}

void task_add(struct parser *p, struct live *l, const int64_t *values, size_t n,
	      struct str name)
{
	struct task_table *t = &l->ev->tasks;

	while (name.n > 1 && ascii_blank(name.p[name.n - 1])) /* of a paste */
		name.n--;
	if (t->n_columns && !row_add(p, l, values, n, name))
		t->rows_dropped++;
	t->seen = true;
	l->in_slab = l->in_allocs = l->in_stats = false;
}

/* [ 2323]   999  2323   156297     1709      66      235             0 polkitd */
HANDLER(on_task_row)
{
	int64_t values[TASK_COLUMNS];
	struct str at = rest;
	struct task_table *t;
	struct live *l;
	size_t n;

	skip_blanks(&at);
	values[0] = take_number(&at);
	n = 1;
	if (!take_char(&at, ']'))
		return false;
	l = live_for(p, pc, PART_TASKS, false);
	n += take_numbers(&at, values + 1,
			  (l && l->ev->tasks.n_columns ? l->ev->tasks.n_columns : TASK_COLUMNS) - 1);
	if (n < 4)
		return false;
	if (!l) {
		if (n < 7) /* the tail of a table whose header is lost */
			return false;
		l = live_for(p, pc, PART_TASKS, true);
		if (!l)
			return true;
	}
	t = &l->ev->tasks;
	if (t->n_columns == 0)
		guess_columns(p, l, n);
	skip_blanks(&at);
	if (str_eq(at, STR(">")) || str_eq(at, STR("…"))) /* cut in front of its name */
		at.n = 0;
	if (n > t->n_columns)
		n = t->n_columns;
	task_add(p, l, values, n, at);
	live_own(p, l, pc, PART_TASKS);
	fast_note(p, l, pc);
	return true;
}

int task_column(const struct task_table *t, struct str name)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (str_eq(t->columns[i], name))
			return (int)i;
	}
	return -1;
}

int64_t task_value(const struct task_table *t, size_t row, int column)
{
	if (column < 0 || (size_t)column >= t->n_columns || row >= t->n_rows)
		return UNKNOWN;
	return t->values[row * t->n_columns + (size_t)column];
}
