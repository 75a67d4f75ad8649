/* SPDX-License-Identifier: MIT */
/* view_series.c - the recorded series: which counters belong into which chart. */
#include "report/view.h"

#include <math.h>
#include <stdio.h>

#include "base/when.h"
#include "report/chart.h"

/* Counters of a chart by the beginning of their names; those that say most come first. */
static const struct group {
	const char *id, *title;
	bool amounts;
	const char *suffix;
	const char *names[14];
} groups[] = {
	{"memory", "Memory", true, "",
	 {"memfree", "memavailable", "anonpages", "cached", "slab", "sunreclaim", "shmem",
	  "pagetables", "nr_free_pages", "nr_inactive_anon", "unevictable"}},
	{"swap", "Swap", true, "", {"swapfree", "swapcached", "zswap", "zswapped"}},
	{"cgroup", "The memory cgroup", true, "",
	 {"memory_current", "memory.current", "memory_swap_current", "memory.swap.current"}},
	{"reclaim", "Pages scanned and reclaimed", false, "/s",
	 {"pgscan", "pgsteal", "pgscan_direct", "pgsteal_direct", "pgscan_kswapd",
	  "pgsteal_kswapd"}},
	{"stalls", "Stalls", false, "/s",
	 {"allocstall", "compact_stall", "oom_kill", "drop_pagecache", "compact_fail"}},
	{"paging", "Paging", false, "/s",
	 {"pswpin", "pswpout", "pgmajfault", "workingset_refault", "pgpgin", "pgpgout"}},
	{"pressure", "Time lost to memory pressure", false, " %",
	 {"psi_memory", "psi_some", "psi_full", "pressure_memory", "memory_some", "memory_full"}},
};

struct series_in {
	struct arena arena;
	double *seconds;
	size_t n_points;
	double event_s;
	json_t *counters, *values;
	bool *used;
};

/* ---- reading ---- */

static double *read_points(struct view *v, struct series_in *in, json_t *list)
{
	double *ret = arena_array(&in->arena, in->n_points, sizeof(*ret));

	if (!ret) {
		v->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < in->n_points; i++) {
		json_t *n = json_array_get(list, i);

		ret[i] = json_is_number(n) ? json_number_value(n) : NAN;
	}
	return ret;
}

/* False when there is nothing to draw. Times must be known and increase. */
static bool read_series(struct view *v, struct series_in *in)
{
	json_t *vmlog = at(v->doc, "vmlog"), *times = at(vmlog, "points.time_s");
	struct str event = text_at(vmlog, "event");
	int64_t us;

	in->event_s = take_iso_time(&event, &us) ? (double)us / 1e6 : NAN;
	in->counters = at(vmlog, "counters");
	in->values = at(vmlog, "points.values");
	in->n_points = json_array_size(times);
	if (in->n_points < 2 || in->n_points > CHART_POINTS || !json_is_object(in->values))
		return false;
	in->seconds = read_points(v, in, times);
	in->used = arena_array(&in->arena, json_array_size(in->counters) + 1, sizeof(bool));
	if (!in->seconds || !in->used)
		return false;
	for (size_t i = 0; i < in->n_points; i++) {
		if (!isfinite(in->seconds[i]) || (i && in->seconds[i] < in->seconds[i - 1]))
			return false;
	}
	return true;
}

/* ---- words ---- */

static bool is_amount(json_t *counter)
{
	return str_eq(text_at(counter, "unit"), STR("kb")) && !true_at(counter, "is_rate");
}

static double real_at(json_t *of, const char *path)
{
	json_t *n = at(of, path);

	return json_is_number(n) ? json_number_value(n) : NAN;
}

static const char *value_words(json_t *counter, const char *path, char out[NUMBER_TEXT])
{
	double value = real_at(counter, path);

	if (!isfinite(value))
		snprintf(out, NUMBER_TEXT, "?");
	else if (is_amount(counter))
		human_size((int64_t)llround(value), out);
	else
		snprintf(out, NUMBER_TEXT, "%.*f%s", fabs(value) >= 100 ? 0 : 1, value,
			 true_at(counter, "is_rate") ? "/s" : "");
	return out;
}

static void add_words(struct buf *b, json_t *counter)
{
	char from[NUMBER_TEXT], to[NUMBER_TEXT], oom[NUMBER_TEXT];

	buf_addf(b, "%s%.*s from %s", b->n ? "; " : "", STR_ARG(text_at(counter, "name")),
		 value_words(counter, "start", from));
	if (isfinite(real_at(counter, "at_event")))
		buf_addf(b, " to %s at the OOM", value_words(counter, "at_event", oom));
	buf_addf(b, ", %s at the end", value_words(counter, "end", to));
}

/* ---- charts ---- */

static bool draws(const struct group *g, json_t *counter)
{
	if (g->amounts != is_amount(counter))
		return false;
	if (g->suffix[0] == '/' && !true_at(counter, "is_rate"))
		return false;
	return real_at(counter, "max") > 0;
}

static void take_lines(struct view *v, struct series_in *in, const struct group *g,
		       struct chart *c, struct buf *words)
{
	json_t *counter;
	size_t i;

	for (size_t k = 0; k < ARRAY_COUNT(g->names) && g->names[k]; k++) {
		json_array_foreach(in->counters, i, counter) {
			struct str name = text_at(counter, "name");
			char key[128];

			if (c->n_lines >= CHART_LINES || in->used[i] || !draws(g, counter) ||
			    !str_starts(name, str_of(g->names[k])) || name.n >= sizeof(key))
				continue;
			/* "cached" is not "cached_something", but "pgscan" is "pgscan_direct" */
			if (g->amounts && name.n != strlen(g->names[k]))
				continue;
			memcpy(key, name.p, name.n);
			key[name.n] = 0;
			in->used[i] = true;
			c->lines[c->n_lines].name = name;
			c->lines[c->n_lines].values =
				read_points(v, in, json_object_get(in->values, key));
			if (c->lines[c->n_lines].values) {
				add_words(words, counter);
				c->n_lines++;
			}
		}
	}
}

static void view_chart(struct view *v, struct series_in *in, json_t *charts,
		       const struct group *g)
{
	CLEANUP_BUF struct buf words = BUF_INIT(65536), svg = BUF_INIT(1 << 20);
	struct chart c = {.title = str_of(g->title), .amounts = g->amounts,
			  .suffix = g->suffix, .seconds = in->seconds,
			  .n_points = in->n_points, .event_s = in->event_s};
	json_t *row, *lines;

	take_lines(v, in, g, &c, &words);
	if (!c.n_lines)
		return;
	c.description = buf_str(&words);
	chart_svg(&svg, &c);
	row = add_row(v, charts);
	put_text(v, row, "id", str_of(g->id));
	put_text(v, row, "title", str_of(g->title));
	put_text(v, row, "words", buf_str(&words));
	put_buf(v, row, "svg", &svg);
	lines = put_array(v, row, "lines");
	for (size_t i = 0; i < c.n_lines; i++) {
		json_t *line = add_row(v, lines);

		put_text(v, line, "name", c.lines[i].name);
		put_number(v, line, "index", (int64_t)i);
	}
}

/* ---- the table of counters ---- */

/* How much a counter moved before the event: those that moved most come first. */
static double movement(json_t *counter)
{
	double a = real_at(counter, "min"), b = real_at(counter, "max");

	return isfinite(a) && isfinite(b) && fabs(a) + fabs(b) > 0
		       ? (b - a) / (fabs(a) + fabs(b)) * log10(10 + fabs(b))
		       : 0;
}

static void view_counter(struct view *v, json_t *rows, json_t *counter, struct table *t)
{
	static const char *const columns[] = {"start", "at_event", "end", "min", "max"};
	double slope = real_at(counter, "slope_per_s");
	json_t *row = rows ? add_row(v, rows) : NULL;
	char text[NUMBER_TEXT];

	if (row)
		put_text(v, row, "name", text_or(text_at(counter, "name"), "?"));
	if (t) {
		table_row(t, PAINT_NONE);
		table_cell(t, text_or(text_at(counter, "name"), "?"));
	}
	for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
		value_words(counter, columns[i], text);
		if (row)
			put_text(v, row, columns[i], str_of(text));
		if (t && i < 3)
			table_cell(t, str_of(text));
	}
	if (!isfinite(slope))
		snprintf(text, sizeof(text), "?");
	else if (is_amount(counter))
		snprintf(text, sizeof(text), "%+.0f kB/s", slope);
	else
		snprintf(text, sizeof(text), "%+.1f", slope);
	if (row)
		put_text(v, row, "slope", str_of(text));
	if (t)
		table_cell(t, str_of(text));
}

static void view_counters(struct view *v, json_t *to, json_t *counters)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrrr");
	json_t *rows = put_array(v, to, "counters"), *counter;
	size_t i, n = json_array_size(counters);
	static const char *const heads[] = {"counter", "start", "at OOM", "end", "slope"};

	table_row(&t, PAINT_DIM);
	for (i = 0; i < ARRAY_COUNT(heads); i++)
		table_cell(&t, str_of(heads[i]));
	json_array_foreach(counters, i, counter) {
		bool told = movement(counter) > 0.5 || v->o.all;

		if (real_at(counter, "max") != 0)
			view_counter(v, rows, counter, told && t.n_rows < 25 ? &t : NULL);
	}
	if (t.n_rows < 2)
		t.n_rows = 0;
	put_number(v, to, "n_counters", (int64_t)n);
	put_bool(v, to, "has_counters", json_array_size(rows) > 0);
	put_table(v, to, "table", &t, 2);
}

static void view_series_facts(struct view *v, json_t *to, json_t *vmlog)
{
	CLEANUP_BUF struct buf b = BUF_INIT(8192), wrapped = BUF_INIT(8192);
	char size[NUMBER_TEXT];
	double grew = real_at(vmlog, "grew_kb"), gap = real_at(vmlog, "longest_gap_s");

	buf_addf(&b, "%lld samples", (long long)(number_at(vmlog, "samples") == UNKNOWN
							 ? 0
							 : number_at(vmlog, "samples")));
	if (isfinite(real_at(vmlog, "interval_s")))
		buf_addf(&b, ", one every %.3g s", real_at(vmlog, "interval_s"));
	if (isfinite(gap))
		buf_addf(&b, ", longest gap %.3g s", gap);
	if (text_at(vmlog, "first").n && text_at(vmlog, "last").n) {
		buf_addz(&b, ", from ");
		add_time(&b, text_at(vmlog, "first"));
		buf_addz(&b, " to ");
		add_time(&b, text_at(vmlog, "last"));
	}
	buf_addc(&b, '.');
	if (text_at(vmlog, "grew_most").n && isfinite(grew))
		buf_addf(&b, " What grew most before the OOM: %.*s, by %s.",
			 STR_ARG(text_at(vmlog, "grew_most")),
			 human_size((int64_t)llround(grew), size));
	if (text_at(vmlog, "skipped").n)
		buf_addf(&b, " Not read: %.*s.", STR_ARG(text_at(vmlog, "skipped")));
	put_buf(v, to, "words", &b);
	wrap(&wrapped, buf_str(&b), v->o.width, STR("  "), 2);
	put_buf(v, to, "words_wrapped", &wrapped);
}

void view_series(struct view *v)
{
	struct series_in in = {.arena = ARENA_INIT(64 << 20), .n_points = 0};
	json_t *vmlog = at(v->doc, "vmlog"), *to = put_object(v, v->to, "series");
	json_t *charts = put_array(v, to, "charts");

	put_bool(v, to, "known", vmlog != NULL);
	if (vmlog) {
		view_series_facts(v, to, vmlog);
		view_counters(v, to, at(vmlog, "counters"));
		if (read_series(v, &in)) {
			for (size_t i = 0; i < ARRAY_COUNT(groups); i++)
				view_chart(v, &in, charts, &groups[i]);
		}
	}
	put_bool(v, to, "has_charts", json_array_size(charts) > 0);
	arena_free(&in.arena);
}
