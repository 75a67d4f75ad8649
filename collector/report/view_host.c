/* SPDX-License-Identifier: MIT */
/* view_host.c - the machine when it was looked at, after the event: largest processes and slab
 * caches, swap areas, what the collection did. */
#include "report/view.h"

#include <math.h>
#include <stdio.h>

enum { HOST_ROWS = 10 };

static void view_processes(struct view *v, json_t *to, json_t *facts)
{
	static const char *const heads[] = {"pid", "rss kB", "swap kB", "adj", "name"};
	CLEANUP_TABLE struct table t = TABLE_INIT("rrrrl");
	json_t *rows = put_array(v, to, "processes"), *process;
	size_t i, shown = v->o.all ? 64 : HOST_ROWS;
	char size[NUMBER_TEXT];

	json_array_foreach(at(facts, "processes"), i, process) {
		json_t *row;

		if (i >= shown)
			break;
		if (i == 0) {
			table_row(&t, PAINT_DIM);
			for (size_t k = 0; k < ARRAY_COUNT(heads); k++)
				table_cell(&t, str_of(heads[k]));
		}
		row = add_row(v, rows);
		put_text(v, row, "name", event_name(process, "?"));
		put_number(v, row, "pid", number_at(process, "pid"));
		putf(v, row, "rss_human", "%s", human_size(number_at(process, "rss_kb"), size));
		putf(v, row, "swap_human", "%s", human_size(number_at(process, "swap_kb"), size));
		put_number(v, row, "oom_score_adj", number_at(process, "oom_score_adj"));
		put_text(v, row, "cgroup", text_at(process, "cgroup"));
		table_row(&t, PAINT_NONE);
		table_number(&t, number_at(process, "pid"));
		table_number(&t, number_at(process, "rss_kb"));
		table_number(&t, number_at(process, "swap_kb"));
		table_number(&t, number_at(process, "oom_score_adj"));
		table_cell(&t, event_name(process, "?"));
	}
	put_bool(v, to, "has_processes", json_array_size(rows) > 0);
	put_table(v, to, "processes_table", &t, 2);
}

static void view_host_slabs(struct view *v, json_t *to, json_t *facts)
{
	json_t *rows = put_array(v, to, "slabs"), *slab;
	char size[NUMBER_TEXT];
	size_t i;

	json_array_foreach(at(facts, "slabs"), i, slab) {
		json_t *row;

		if (i >= HOST_ROWS)
			break;
		row = add_row(v, rows);
		put_text(v, row, "name", text_or(text_at(slab, "name"), "?"));
		putf(v, row, "human", "%s", human_size(number_at(slab, "total_kb"), size));
		put_number(v, row, "objects", number_at(slab, "objects"));
		put_number(v, row, "object_size_bytes", number_at(slab, "object_size_bytes"));
	}
	put_bool(v, to, "has_slabs", json_array_size(rows) > 0);
}

static void view_swaps(struct view *v, json_t *to, json_t *facts)
{
	json_t *list = at(facts, "swaps"), *swap;
	CLEANUP_BUF struct buf b = BUF_INIT(8192);
	char used[NUMBER_TEXT], size[NUMBER_TEXT];
	size_t i;

	json_array_foreach(list, i, swap) {
		buf_addf(&b, "%s%.*s (%.*s) %s of %s used", i ? "; " : "",
			 STR_ARG(text_or(text_at(swap, "name"), "?")),
			 STR_ARG(text_or(text_at(swap, "type"), "?")),
			 human_size(number_at(swap, "used_kb"), used),
			 human_size(number_at(swap, "size_kb"), size));
	}
	if (list && !b.n)
		buf_addz(&b, "none");
	put_buf(v, to, "swaps", &b);
}

/* What was replaced, for people: one of it, many of it. */
static void replaced_words(struct buf *b, struct str kind, int64_t n)
{
	static const struct {
		const char *kind, *one, *many;
	} words[] = {
		{"ipv4", "IPv4 address", "IPv4 addresses"},
		{"ipv6", "IPv6 address", "IPv6 addresses"},
		{"mac", "MAC address", "MAC addresses"},
		{"email", "mail address", "mail addresses"},
		{"id", "UUID or serial number", "UUIDs and serial numbers"},
		{"label", "name of a share, volume or network", "names of shares, volumes and networks"},
		{"args", "argument of a command", "arguments of commands"},
		{"secret", "password or token", "passwords and tokens"},
		{"comm", "name of a program", "names of programs"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_eq(kind, str_of(words[i].kind))) {
			buf_addf(b, " %lld %s", (long long)n, n == 1 ? words[i].one : words[i].many);
			return;
		}
	}
	buf_addf(b, " %lld %.*s name%s", (long long)n, STR_ARG(kind), n == 1 ? "" : "s");
}

/* "433 files read, 2 cut; replaced (redaction: standard): 1 host name, 14 cgroup names" */
static void view_collected(struct view *v, json_t *to, json_t *collection)
{
	static const struct {
		const char *key, *words;
	} counts[] = {
		{"files_cut", "not whole"},
		{"files_denied", "not allowed to be read"},
		{"files_failed", "failed"},
	};
	json_t *kinds = at(collection, "redaction.replaced"), *kind;
	CLEANUP_BUF struct buf b = BUF_INIT(8192), lines = BUF_INIT(8192);
	struct str level = text_at(collection, "redaction.level");
	size_t i;

	if (number_at(collection, "files") != UNKNOWN)
		buf_addf(&b, "%lld files read", (long long)number_at(collection, "files"));
	for (i = 0; i < ARRAY_COUNT(counts); i++) {
		if (number_at(collection, counts[i].key) > 0)
			buf_addf(&b, ", %lld %s", (long long)number_at(collection, counts[i].key),
				 counts[i].words);
	}
	if (true_at(collection, "partial"))
		buf_addz(&b, ", then it was stopped");
	if (level.n && json_array_size(kinds) == 0)
		buf_addf(&b, "%sredaction: %.*s, nothing was replaced", b.n ? "; " : "",
			 STR_ARG(level));
	json_array_foreach(kinds, i, kind) {
		if (i == 0)
			buf_addf(&b, "%sreplaced (redaction: %.*s):", b.n ? "; " : "",
				 STR_ARG(level));
		else
			buf_addc(&b, ',');
		replaced_words(&b, text_or(text_at(kind, "kind"), "?"),
			       number_at(kind, "names"));
	}
	if (b.n)
		wrap(&lines, buf_str(&b), v->o.width, STR("  "), 2);
	put_buf(v, to, "collected", &b);
	put_buf(v, to, "collected_lines", &lines);
	put_text(v, to, "no_log", text_at(collection, "no_log"));
}

void view_host(struct view *v)
{
	json_t *collection = at(v->doc, "collection"), *facts = at(collection, "facts");
	json_t *to = put_object(v, v->to, "host");

	put_bool(v, to, "known", collection != NULL);
	/* without an event's own task table these are the best there is */
	put_bool(v, to, "instead_of_tasks", !true_at(v->to, "tasks.known") &&
						    json_array_size(at(facts, "processes")) > 0);
	view_processes(v, to, facts);
	view_host_slabs(v, to, facts);
	view_swaps(v, to, facts);
	view_collected(v, to, collection);
}
