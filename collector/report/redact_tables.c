/* SPDX-License-Identifier: MIT */
/* redact_tables.c - tables of ours whose head says in which column programs and control groups stand:
 * those of /proc (proc/processes.tsv), of cgroups, and the recorder's, whose groups and programs may
 * be long gone. */
#include "report/redact_private.h"

/* Its columns are counted from 1; 0 = it has none such. */
static void read_head(struct redact_table *t, struct str head, char between)
{
	struct str column;

	*t = (struct redact_table){.between = between};
	while (head.n) {
		column = str_sub(head, 0, str_find_char(head, between));
		t->columns++;
		if (str_eq(column, STR("comm")))
			t->comm = t->columns;
		else if (str_eq(column, STR("ppid")))
			t->parent = t->columns;
		else if (str_eq(column, STR("cgroup")) || str_eq(column, STR("group")))
			t->group = t->columns;
		head = str_from(head, column.n + 1);
	}
}

static bool is_head(struct redact_table *t, struct str line)
{
	if (str_starts(line, STR("pid\t")) || str_starts(line, STR("cgroup\t")))
		read_head(t, line, '\t');
	else if (str_starts(line, STR("# rss_kb ")) || str_starts(line, STR("# kb ")))
		read_head(t, str_from(line, 2), ' ');
	else
		return false;
	return true;
}

/* The last one goes to the line's end: a program's name may have blanks in it. */
static struct str column_of(const struct redact_table *t, struct str line, unsigned column)
{
	struct str skipped;

	for (unsigned i = 1; i < column; i++) {
		if (!take_until(&line, t->between, &skipped))
			return STR("");
	}
	return column == t->columns ? line : str_sub(line, 0, str_find_char(line, t->between));
}

/* kthreadd is the second process, and parent of all threads of the kernel. */
static bool is_kernel_thread(const struct redact_table *t, struct str line)
{
	return t->parent && (str_eq(column_of(t, line, 1), STR("2")) ||
			     str_eq(column_of(t, line, t->parent), STR("2")));
}

int redact_learn_group(struct redactor *r, struct str path, struct err *err)
{
	CLEANUP_BUF struct buf line = BUF_INIT(8192), out = BUF_INIT(8192);
	uint64_t count = 0;

	if (r->level == REDACT_NONE)
		return 0;
	buf_addz(&line, "oom_memcg=");
	buf_add(&line, path);
	buf_addc(&line, '\n');
	return redact_text(r, buf_str(&line), REDACT_LINES, &out, &count, err);
}

int redact_learn_row(struct redactor *r, struct str line, struct err *err)
{
	struct redact_table *t = &r->table;
	struct str group;

	if (is_head(t, line) || t->columns == 0)
		return 0;
	if (line.n == 0 || !(ascii_digit(line.p[0]) || line.p[0] == '/')) {
		t->columns = 0; /* it has ended */
		return 0;
	}
	if (t->comm && r->level == REDACT_STRICT && !is_kernel_thread(t, line) &&
	    redact_learn(r, REDACT_COMM, column_of(t, line, t->comm), err) != 0)
		return -1;
	group = t->group ? column_of(t, line, t->group) : STR("");
	return group.n > 1 && group.p[0] == '/' ? redact_learn_group(r, group, err) : 0;
}
