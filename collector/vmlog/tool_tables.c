/* SPDX-License-Identifier: MIT */
/* tool_tables.c - columns by their headings. */
#include "vmlog/tool_tables.h"

#include <math.h>
#include <stdio.h>

enum { COLUMNS = 40 };

static bool next_word(struct str *line, struct str *ret)
{
	skip_blanks(line);
	return take_word(line, ret);
}

static size_t column_of(struct str heading, struct str name)
{
	struct str word;

	for (size_t i = 0; i < COLUMNS && next_word(&heading, &word); i++) {
		if (str_eq(word, name))
			return i;
	}
	return SIZE_MAX;
}

static size_t first_column_of(struct str heading, const struct str *names, size_t n)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < n && at == SIZE_MAX; i++)
		at = column_of(heading, names[i]);
	return at;
}

static const struct str resident[] = {STR_INIT("RES"), STR_INIT("RSS")};
static const struct str command[] = {STR_INIT("COMMAND"), STR_INIT("CMD"),
				     STR_INIT("COMM")};

enum loop_file tool_heading(struct str line)
{
	if (column_of(line, STR("swpd")) != SIZE_MAX &&
	    column_of(line, STR("free")) != SIZE_MAX)
		return LOOP_TOOL_VMSTAT;
	if (column_of(line, STR("PID")) != SIZE_MAX &&
	    first_column_of(line, resident, ARRAY_COUNT(resident)) != SIZE_MAX &&
	    first_column_of(line, command, ARRAY_COUNT(command)) != SIZE_MAX)
		return LOOP_TOOL_PROCESSES;
	return LOOP_NONE;
}

bool is_tool_row(enum loop_file table, struct str line)
{
	struct str word;
	uint64_t n;

	if (!next_word(&line, &word))
		return false;
	if (table == LOOP_TOOL_VMSTAT) {
		struct str second;

		return take_u64(&word, &n) && word.n == 0 && next_word(&line, &second) &&
		       take_u64(&second, &n) && second.n == 0;
	}
	/* "4242 oracle ..." of top, "oracle 4242 ..." of ps */
	return (take_u64(&word, &n) && word.n == 0) ||
	       (next_word(&line, &word) && take_u64(&word, &n) && word.n == 0);
}

void tool_vmstat(struct str text, double *v)
{
	static const struct {
		struct str column, counter;
	} columns[] = {
	    {STR_INIT("free"), STR_INIT("memfree")},
	    {STR_INIT("buff"), STR_INIT("buffers")},
	    {STR_INIT("cache"), STR_INIT("cached")},
	    {STR_INIT("b"), STR_INIT("procs_blocked")},
	    {STR_INIT("si"), STR_INIT("swapin_kb_per_s")},
	    {STR_INIT("so"), STR_INIT("swapout_kb_per_s")},
	};
	struct str line, heading = STR(""), last = STR(""), word;
	uint64_t value;

	while (take_line(&text, &line)) {
		if (tool_heading(line) == LOOP_TOOL_VMSTAT)
			heading = line;
		else if (heading.n && is_tool_row(LOOP_TOOL_VMSTAT, line))
			last = line;
	}
	for (size_t i = 0; next_word(&last, &word); i++) {
		for (size_t c = 0; c < ARRAY_COUNT(columns); c++) {
			struct str number = word;

			/* /proc/meminfo beside it knows better */
			if (column_of(heading, columns[c].column) == i &&
			    take_u64(&number, &value) && number.n == 0 &&
			    isnan(counters_get(v, columns[c].counter)))
				counters_add(v, columns[c].counter, (double)value);
		}
	}
}

/* "16290", "1.2g", "512.3m" of top, KiB without a letter. */
static bool take_size_kb(struct str in, double *ret)
{
	static const struct {
		char letter;
		double kb;
	} letters[] = {{'k', 1}, {'m', 1024}, {'g', 1048576}, {'t', 1073741824.0}};
	double value;

	if (!take_decimal(&in, &value))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(letters) && in.n == 1; i++) {
		if (ascii_lower(in.p[0]) == letters[i].letter) {
			*ret = value * letters[i].kb;
			return true;
		}
	}
	*ret = value;
	return in.n == 0;
}

static void one_process(struct str line, size_t pid_at, size_t rss_at, size_t name_at,
			consumer_fn each, void *ctx)
{
	struct str word, pid = STR(""), name = STR("");
	double kb = 0;
	char text[192];

	for (size_t i = 0; next_word(&line, &word); i++) {
		if (i == pid_at)
			pid = word;
		if (i == rss_at && !take_size_kb(word, &kb))
			return;
		if (i == name_at)
			name = word; /* without its arguments, that change and may be
					secret */
	}
	if (pid.n == 0 || name.n == 0 || kb <= 0)
		return;
	snprintf(text, sizeof(text), "process:%.*s[%.*s]",
		 name.n < 100 ? (int)name.n : 100, name.p, pid.n < 20 ? (int)pid.n : 20,
		 pid.p);
	each(ctx, str_of(text), kb);
}

void tool_processes(struct str text, consumer_fn each, void *ctx)
{
	size_t pid_at = SIZE_MAX, rss_at = SIZE_MAX, name_at = SIZE_MAX;
	struct str line;

	while (take_line(&text, &line)) {
		if (tool_heading(line) == LOOP_TOOL_PROCESSES) {
			pid_at = column_of(line, STR("PID"));
			rss_at = first_column_of(line, resident, ARRAY_COUNT(resident));
			name_at = first_column_of(line, command, ARRAY_COUNT(command));
		} else if (pid_at != SIZE_MAX) {
			one_process(line, pid_at, rss_at, name_at, each, ctx);
		}
	}
}
