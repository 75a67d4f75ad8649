/* SPDX-License-Identifier: MIT */
/* view_series.c - the recorded series: which counters belong into which chart. */
#include "report/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "report/chart.h"

enum { TABLE_COUNTERS = 10 };

/* Counters of a chart, those that say most first; "process:" stands for all of the kind. */
static const struct group {
	const char *id, *title;
	bool amounts;
	const char *suffix;
	const char *names[10];
} groups[] = {
	{"memory", "Memory", true, "",
	 {"memavailable", "memfree", "anonpages", "cached", "slab", "shmem", "pagetables",
	  "hugetlb", "unevictable"}},
	{"processes", "Largest processes", true, "", {"process:"}},
	{"cgroups", "Largest cgroups", true, "", {"cgroup:"}},
	{"slabs", "Largest slab caches", true, "", {"slab:"}},
	{"swap", "Swap", true, "", {"swapfree", "swapcached", "zswap"}},
	{"reclaim", "Pages scanned and reclaimed", false, "/s",
	 {"pgscan_direct", "pgsteal_direct", "pgscan_kswapd", "pgsteal_kswapd", "pgscan",
	  "pgsteal"}},
	{"stalls", "Stalls", false, "/s", {"allocstall", "compact_stall", "oom_kill"}},
	{"paging", "Paging", false, "/s",
	 {"pswpin", "pswpout", "pgmajfault", "workingset_refault"}},
	{"pressure", "Time lost to pressure", false, " %",
	 {"psi_memory_some_avg10", "psi_memory_full_avg10", "psi_io_full_avg10"}},
};

struct series_in {
	struct arena arena;
	double *seconds;
	size_t n_points;
	double event_s;
	json_t *counters, *values;
	bool *used;
	bool *recorded; /* by point: some counter has a value there */
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
	const char *name;
	json_t *list;
	int64_t us;

	in->event_s = take_iso_time(&event, &us) ? (double)us / 1e6 : NAN;
	in->counters = at(vmlog, "counters");
	in->values = at(vmlog, "points.values");
	in->n_points = json_array_size(times);
	if (in->n_points < 2 || in->n_points > CHART_POINTS || !json_is_object(in->values))
		return false;
	in->seconds = read_points(v, in, times);
	in->used = arena_array(&in->arena, json_array_size(in->counters) + 1, sizeof(bool));
	in->recorded = arena_array(&in->arena, in->n_points, sizeof(bool));
	if (!in->seconds || !in->used || !in->recorded)
		return false;
	json_object_foreach(in->values, name, list) {
		for (size_t i = 0; i < in->n_points; i++)
			in->recorded[i] = in->recorded[i] || json_is_number(json_array_get(list, i));
	}
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

/* "process:eat[160]" -> "eat[160]" */
static struct str without_kind(struct str name)
{
	struct str rest = name, kind;

	return take_until(&rest, ':', &kind) && rest.n ? rest : name;
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
			/* a kind of counter ("process:") or just this one */
			if (!str_ends(str_of(g->names[k]), STR(":")) &&
			    name.n != strlen(g->names[k]))
				continue;
			memcpy(key, name.p, name.n);
			key[name.n] = 0;
			in->used[i] = true;
			c->lines[c->n_lines].name = without_kind(name);
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
			  .n_points = in->n_points, .recorded = in->recorded,
			  .event_s = in->event_s};
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

struct moved {
	json_t *counter;
	double by;
	size_t place;
};

static int most_moved(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? 1 : -1;
	return x->place < y->place ? -1 : 1;
}

static const struct {
	const char *key, *head;
} columns[] = {
	{"start", "start"}, {"at_event", "at OOM"}, {"end", "end"}, {"min", "min"}, {"max", "max"},
};

static const char *slope_words(json_t *counter, char out[NUMBER_TEXT])
{
	double slope = real_at(counter, "slope_per_s");

	if (!isfinite(slope))
		snprintf(out, NUMBER_TEXT, "?");
	else if (is_amount(counter))
		snprintf(out, NUMBER_TEXT, "%+.0f kB/s", slope);
	else
		snprintf(out, NUMBER_TEXT, "%+.1f", slope);
	return out;
}

static void put_counter(struct view *v, json_t *row, json_t *counter)
{
	char text[NUMBER_TEXT];

	put_text(v, row, "name", text_or(text_at(counter, "name"), "?"));
	for (size_t i = 0; i < ARRAY_COUNT(columns); i++)
		put_text(v, row, columns[i].key,
			 str_of(value_words(counter, columns[i].key, text)));
	put_text(v, row, "slope", str_of(slope_words(counter, text)));
}

/* Start, at the OOM where it is inside, end and slope of those that moved most. */
static void put_counter_table(struct view *v, json_t *to, const struct moved *list, size_t n,
			      bool has_event)
{
	struct table t = TABLE_INIT(has_event ? "lrrrr" : "lrrr");
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < n && (v->o.all || (i < TABLE_COUNTERS && list[i].by > 0.2)); i++) {
		if (i == 0) {
			table_row(&t, PAINT_DIM);
			table_cell(&t, STR("moved most"));
			for (size_t k = 0; k < 3; k++) {
				if (k != 1 || has_event)
					table_cell(&t, str_of(columns[k].head));
			}
			table_cell(&t, STR("slope"));
		}
		table_row(&t, PAINT_NONE);
		table_cell(&t, text_or(text_at(list[i].counter, "name"), "?"));
		for (size_t k = 0; k < 3; k++) {
			if (k != 1 || has_event)
				table_cell(&t, str_of(value_words(list[i].counter,
								  columns[k].key, text)));
		}
		table_cell(&t, str_of(slope_words(list[i].counter, text)));
	}
	put_table(v, to, "table", &t, 2);
	table_free(&t);
}

static void view_counters(struct view *v, json_t *to, json_t *vmlog)
{
	json_t *counters = at(vmlog, "counters"), *rows = put_array(v, to, "counters"), *counter;
	struct arena arena = ARENA_INIT(16 << 20);
	size_t i, n = 0, all = json_array_size(counters);
	struct moved *list = arena_array(&arena, all, sizeof(*list));

	json_array_foreach(counters, i, counter) {
		double max = real_at(counter, "max");

		if (!list || !isfinite(max) || max == 0)
			continue;
		list[n++] = (struct moved){counter, movement(counter), i};
		put_counter(v, add_row(v, rows), counter);
	}
	if (n)
		qsort(list, n, sizeof(*list), most_moved);
	if (list)
		put_counter_table(v, to, list, n, text_at(vmlog, "event").n > 0);
	else
		v->failed = true;
	put_number(v, to, "n_counters", (int64_t)n);
	put_bool(v, to, "has_counters", n > 0);
	arena_free(&arena);
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
		buf_addf(&b, " What grew most%s: %.*s, by %s.",
			 text_at(vmlog, "event").n ? " before the OOM" : "",
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
		view_counters(v, to, vmlog);
		if (read_series(v, &in)) {
			for (size_t i = 0; i < ARRAY_COUNT(groups); i++)
				view_chart(v, &in, charts, &groups[i]);
		}
	}
	put_bool(v, to, "has_charts", json_array_size(charts) > 0);
	arena_free(&in.arena);
}
