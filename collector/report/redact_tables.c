/* SPDX-License-Identifier: MIT */
/* redact_tables.c - tables whose head says in which column people, programs and control groups stand:
 * ours of /proc (proc/processes.tsv) and of cgroups, the recorder's, whose groups and programs may be
 * long gone, and those of ps(1) and top(1) in the loops of others. */
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

/* ---- of other people's loops ---- */

static bool listing_head(struct redact_listing *l, struct str line)
{
	static const char *const commands[] = {"COMMAND", "CMD", "ARGS"};
	struct redact_listing found = {0};
	struct str word = STR("");

	for (skip_blanks(&line); take_word(&line, &word); skip_blanks(&line)) {
		found.columns++;
		if (str_eq(word, STR("PID")))
			found.pid = found.columns;
		else if (str_eq(word, STR("USER")) || str_eq(word, STR("UID")))
			found.user = found.columns;
	}
	if (!found.pid || !redact_listed(commands, ARRAY_COUNT(commands), word))
		return false;
	*l = found;
	return true;
}

static struct str word_of(struct str line, unsigned nth)
{
	struct str word = STR("");

	for (skip_blanks(&line); nth > 0 && take_word(&line, &word); skip_blanks(&line))
		nth--;
	return nth ? STR("") : word;
}

size_t redact_command_at(struct redact_listing *l, struct str line)
{
	struct str rest = line, word, pid = STR("");
	uint64_t number;

	if (listing_head(l, line) || l->columns == 0)
		return 0;
	for (unsigned i = 1; i < l->columns; i++) {
		skip_blanks(&rest);
		if (!take_word(&rest, &word))
			break;
		if (i == l->pid)
			pid = word;
	}
	skip_blanks(&rest);
	if (take_u64(&pid, &number) && pid.n == 0 && rest.n)
		return (size_t)(rest.p - line.p);
	l->columns = 0; /* it has ended */
	return 0;
}

/* Who runs it, and what: "/usr/sbin/tilld", "tilld:". */
static int learn_listed(struct redactor *r, struct str line, struct err *err)
{
	size_t at = redact_command_at(&r->learnt, line), slash;
	struct str user, program;

	if (at == 0)
		return 0;
	user = word_of(line, r->learnt.user);
	if (r->learnt.user && user.n && !ascii_digit(user.p[0]) && !redact_is_program(redact_core(user)) &&
	    redact_learn(r, REDACT_USER, user, err) != 0)
		return -1;
	program = word_of(str_from(line, at), 1);
	slash = str_rfind(program, STR("/"));
	if (r->level != REDACT_STRICT || program.p[0] == '[') /* a thread of the kernel */
		return 0;
	return redact_learn(r, REDACT_COMM, str_from(program, slash == SIZE_MAX ? 0 : slash + 1), err);
}

bool redact_has_listing(const struct redact_listing *l, struct str lines)
{
	return l->columns > 0 || str_find(lines, STR("PID ")) != SIZE_MAX;
}

int redact_learn_row(struct redactor *r, struct str line, bool listing, struct err *err)
{
	struct redact_table *t = &r->table;
	struct str group;

	if (listing && learn_listed(r, line, err) != 0)
		return -1;
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
