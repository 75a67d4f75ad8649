/* SPDX-License-Identifier: MIT */
/* view_verbatim.c - the event's own lines; where space is short, cut by structure and said so.
 *
 * What is left out, in this order: rows of the task table (the largest stay), registers and
 * code bytes, "Modules linked in", unsure stack entries ("? symbol"), then the middle.
 */
#include "report/view.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES_MAX = 400000, MARK_ROOM = 120, KEEP_TASKS = 12 };

enum line_class { LINE_OTHER, LINE_TASK, LINE_NOISE };

struct line {
	struct str text;
	enum line_class class;
	int64_t rss; /* of a task row */
	bool out;
};

struct lines {
	struct arena arena;
	struct line *v;
	size_t n, room;
	size_t bytes; /* of the lines that stay */
};

/* ---- what a line is ---- */

/* Skip "[  12.345678] " and other prefixes up to the row's own "[  pid]". */
static bool task_row(struct str s, int64_t *rss)
{
	struct str rest = s;
	uint64_t n, fields[5];
	size_t open = str_rfind(s, STR("["));

	if (open == SIZE_MAX)
		return false;
	rest = str_from(s, open + 1);
	skip_blanks(&rest);
	if (!take_u64(&rest, &n))
		return false;
	skip_blanks(&rest);
	if (!take_char(&rest, ']'))
		return false;
	/* uid tgid total_vm rss, and one more */
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		skip_blanks(&rest);
		if (!take_u64(&rest, &fields[i]))
			return false;
	}
	*rss = (int64_t)(fields[3] > INT32_MAX ? INT32_MAX : fields[3]);
	return true;
}

static bool is_noise(struct str s)
{
	static const struct str marks[] = {
		STR_INIT("Code: "), STR_INIT("RIP: "), STR_INIT("RSP: "), STR_INIT("RAX: "),
		STR_INIT("RDX: "),  STR_INIT("RBP: "), STR_INIT("R10: "), STR_INIT("R13: "),
		STR_INIT("Modules linked in:"), STR_INIT(" ? "), STR_INIT("EFLAGS: "),
	};

	for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
		if (str_find(s, marks[i]) != SIZE_MAX)
			return true;
	}
	return false;
}

static bool read_lines(struct lines *l, struct str text)
{
	struct str line;

	while (take_line(&text, &line)) {
		struct line *to = arena_grow(&l->arena, (void **)&l->v, &l->n, &l->room,
					     sizeof(*to));

		if (!to)
			return false;
		to->text = line;
		if (task_row(line, &to->rss))
			to->class = LINE_TASK;
		else if (is_noise(line))
			to->class = LINE_NOISE;
		l->bytes += line.n + 1;
	}
	return true;
}

/* ---- what is left out ---- */

static void leave_out(struct lines *l, size_t i)
{
	if (!l->v[i].out) {
		l->v[i].out = true;
		l->bytes -= l->v[i].text.n + 1;
	}
}

static int ascending(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;

	return x->rss < y->rss ? -1 : x->rss > y->rss;
}

static void cut_tasks(struct lines *l, size_t max)
{
	struct line **tasks = arena_array(&l->arena, l->n + 1, sizeof(*tasks));
	size_t n = 0;

	if (!tasks)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].class == LINE_TASK)
			tasks[n++] = &l->v[i];
	}
	qsort(tasks, n, sizeof(*tasks), ascending);
	for (size_t i = 0; i + KEEP_TASKS < n && l->bytes > max; i++)
		leave_out(l, (size_t)(tasks[i] - l->v));
}

static void cut_middle(struct lines *l, size_t max)
{
	size_t middle = l->n / 2;

	for (size_t k = 0; k < l->n && l->bytes > max; k++) {
		size_t i = k % 2 ? middle - (k + 1) / 2 : middle + k / 2;

		if (i < l->n)
			leave_out(l, i);
	}
}

static void cut(struct lines *l, size_t max)
{
	max = max > 4 * MARK_ROOM ? max - 4 * MARK_ROOM : 0;
	cut_tasks(l, max);
	for (size_t i = 0; i < l->n && l->bytes > max; i++) {
		if (l->v[i].class == LINE_NOISE)
			leave_out(l, i);
	}
	cut_middle(l, max);
}

static void mark(struct buf *b, size_t tasks, size_t others)
{
	if (tasks)
		buf_addf(b, "[... %zu smaller rows of the task table left out ...]\n", tasks);
	if (others)
		buf_addf(b, "[... %zu lines left out ...]\n", others);
}

/* Gaps are marked where they are; many small ones (the task table) only once each run. */
static size_t write_lines(const struct lines *l, struct buf *b, bool marks)
{
	size_t left = 0, tasks = 0, others = 0, all_tasks = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct line *line = &l->v[i];

		if (line->out) {
			left++;
			tasks += line->class == LINE_TASK;
			others += line->class != LINE_TASK && line->class != LINE_NOISE;
			continue;
		}
		all_tasks += tasks;
		if (line->class != LINE_TASK && marks) {
			mark(b, all_tasks, others);
			all_tasks = others = 0;
		}
		tasks = 0;
		buf_add(b, line->text);
		buf_addc(b, '\n');
	}
	if (marks)
		mark(b, all_tasks + tasks, others);
	return left;
}

/* "THE FIRST OOM, VERBATIM: lines 359 to 421 of the log" */
static void put_title(struct view *v, json_t *to)
{
	bool first = at(v->doc, "first_oom") && !true_at(v->doc, "subject.chosen");
	int64_t from = number_at(v->event, "lines.first"), until = number_at(v->event, "lines.last");
	CLEANUP_BUF struct buf b = BUF_INIT(1024);

	buf_addz(&b, first ? "THE FIRST OOM, VERBATIM" : "THE EVENT, VERBATIM");
	if (from != UNKNOWN && until != UNKNOWN)
		buf_addf(&b, ": lines %lld to %lld of the log", (long long)from, (long long)until);
	if (true_at(v->event, "verbatim_cut"))
		buf_addz(&b, " (cut when it was read: it was too long)");
	put_buf(v, to, "title", &b);
}

void view_verbatim(struct view *v)
{
	struct lines l = {.arena = ARENA_INIT(256 << 20)};
	CLEANUP_BUF struct buf b = BUF_INIT(64 << 20);
	json_t *to = put_object(v, v->to, "verbatim");
	struct str text = text_at(v->event, "verbatim");
	size_t left = 0;

	put_bool(v, to, "known", text.n > 0);
	put_title(v, to);
	put_bool(v, to, "cut_before", true_at(v->event, "verbatim_cut"));
	put_number(v, to, "first_line", number_at(v->event, "lines.first"));
	put_number(v, to, "last_line", number_at(v->event, "lines.last"));
	if (!read_lines(&l, text))
		v->failed = true;
	if (v->o.verbatim_max && l.bytes > v->o.verbatim_max)
		cut(&l, v->o.verbatim_max);
	left = write_lines(&l, &b, true);
	put_buf(v, to, "text", &b);
	put_number(v, to, "lines", (int64_t)l.n);
	put_number(v, to, "left_out", left ? (int64_t)left : UNKNOWN);
	arena_free(&l.arena);
}
