/* SPDX-License-Identifier: MIT */
/* triage_print.c - the groups as a table, JSON, CSV or a page; the records as NDJSON. */
#include <stdio.h>
#include <unistd.h>

#include "cli/triage.h"
#include "report/report.h"

enum { PAGE_LARGEST = 64 << 20, CELL = 4096 + 64 /* a path and a line */ };

static const int standard_output = STDOUT_FILENO;

/* ---- JSON: totals, groups, what could not be read ---- */

static void emit_z(struct emit *e, struct str key, const char *text)
{
	emit_str(e, key, text ? str_of(text) : NOKEY);
}

static void emit_group(struct emit *e, const struct triage_group *g)
{
	emit_object(e, NOKEY);
	emit_z(e, STR("signature"), g->signature);
	emit_i64(e, STR("incidents"), g->incidents);
	emit_i64(e, STR("new_incidents"), g->new_incidents);
	emit_i64(e, STR("events"), g->events);
	emit_i64(e, STR("hosts"), g->hosts);
	emit_i64(e, STR("inputs"), g->inputs);
	emit_z(e, STR("first_seen"), g->first);
	emit_z(e, STR("last_seen"), g->last);
	emit_z(e, STR("cause"), g->cause);
	emit_z(e, STR("scope"), g->scope);
	emit_z(e, STR("kernels"), g->kernels);
	emit_z(e, STR("top_consumers"), g->top);
	emit_z(e, STR("worst_example"), g->worst);
	emit_i64(e, STR("worst_victim_rss_kb"), g->worst_kb);
	emit_end(e);
}

static int print_json(struct triage_store *s, struct sink out, int indent, struct err *err)
{
	struct triage_totals t = {0};
	struct triage_group g;
	const char *path, *why;
	struct emit e;
	int rc;

	if (triage_store_totals(s, &t, err) != 0)
		return -1;
	emit_init(&e, out, indent);
	emit_object(&e, NOKEY);
	emit_str(&e, STR("schema"), STR("oomreport.triage/1"));
	emit_i64(&e, STR("inputs"), t.inputs);
	emit_i64(&e, STR("new_inputs"), t.new_inputs);
	emit_i64(&e, STR("unreadable_inputs"), t.failed);
	emit_i64(&e, STR("hosts"), t.hosts);
	emit_i64(&e, STR("incidents"), t.incidents);
	emit_i64(&e, STR("events"), t.events);
	emit_array(&e, STR("groups"));
	while ((rc = triage_store_group(s, &g, err)) > 0)
		emit_group(&e, &g);
	emit_end(&e);
	emit_array(&e, STR("unreadable"));
	while (rc == 0 && (rc = triage_store_error(s, &path, &why, err)) > 0) {
		emit_object(&e, NOKEY);
		emit_z(&e, STR("input"), path);
		emit_z(&e, STR("why"), why);
		emit_end(&e);
		rc = 0;
	}
	if (rc < 0)
		return -1;
	return emit_finish(&e, err);
}

static int print_records(struct triage_store *s, struct err *err)
{
	struct sink out = sink_shown(&standard_output);
	CLEANUP_BUF struct buf window = BUF_INIT(1 << 20);
	struct str line;
	int rc;

	while ((rc = triage_store_record(s, &line, err)) > 0) {
		buf_add(&window, line);
		buf_addc(&window, '\n');
		if (window.n > 65536) {
			if (out.write(out.ctx, buf_str(&window), err) != 0)
				return -1;
			buf_clear(&window);
		}
	}
	return rc < 0 ? -1 : out.write(out.ctx, buf_str(&window), err);
}

/* ---- columns: text and CSV share them ---- */

/* The text's table has the first ROW columns; the others stand below their row, so that it fits
 * a terminal of 80. */
enum { COLUMNS = 12, FIRST_TEXT = 4 /* numbers before */, ROW = 8 };

static const struct column {
	const char *title, *csv;
} columns[COLUMNS] = {
	{"COUNT", "incidents"},	     {"NEW", "new_incidents"},
	{"EVENTS", "events"},	     {"HOSTS", "hosts"},
	{"FIRST", "first_seen"},	     {"LAST", "last_seen"},
	{"SCOPE", "scope"},	     {"CAUSE", "cause"},
	{"TOP CONSUMER", "top_consumers"}, {"KERNELS", "kernels"},
	{"SIGNATURE", "signature"},  {"WORST EXAMPLE", "worst_example"},
};

/* One cell as text; what came from a log loses its control bytes. */
static void cell(const struct triage_group *g, int column, bool whole, char out[CELL])
{
	const int64_t numbers[] = {g->incidents, g->new_incidents, g->events, g->hosts};
	const char *texts[] = {g->first, g->last, g->scope, g->cause,
			       g->top,	 g->kernels, g->signature, g->worst};
	const char *text;
	struct str in;
	char room[8];
	size_t n = 0;

	if (column < FIRST_TEXT) {
		snprintf(out, CELL, "%lld", (long long)numbers[column]);
		return;
	}
	text = texts[column - FIRST_TEXT] ? texts[column - FIRST_TEXT] : "";
	if (!*text && column < ROW && !whole)
		text = "-";
	for (in = str_of(text); in.n && n + 8 < CELL && !(column < 6 && !whole && n >= 10);) {
		struct str c = take_shown(&in, room);

		if (c.p == room || *c.p == '\n' || *c.p == '\t')
			c = STR("?");
		memcpy(out + n, c.p, c.n);
		n += c.n;
	}
	out[n] = '\0';
}

static int widths(struct triage_store *s, size_t width[ROW], bool *any_new, struct err *err)
{
	struct triage_group g;
	char text[CELL];
	int rc;

	for (int c = 0; c < ROW; c++)
		width[c] = strlen(columns[c].title);
	*any_new = false;
	while ((rc = triage_store_group(s, &g, err)) > 0) {
		*any_new |= g.new_incidents != g.incidents;
		for (int c = 0; c < ROW; c++) {
			cell(&g, c, false, text);
			if (strlen(text) > width[c])
				width[c] = strlen(text);
		}
	}
	return rc;
}

static void print_cell(int column, const char *text, size_t width, bool last)
{
	if (last)
		printf("%s\n", text);
	else
		printf(column < FIRST_TEXT ? "%*s  " : "%-*s  ", (int)width, text);
}

static int print_errors(struct triage_store *s, struct err *err)
{
	const char *path, *why;
	int rc;

	while ((rc = triage_store_error(s, &path, &why, err)) > 0)
		printf("unreadable: %s: %s\n", shown(path).z, shown(why).z);
	return rc;
}

/* "a, b, c" on as many lines as it takes; none of nothing. */
static void print_list(const char *word, const char *text)
{
	enum { INDENT = 7, HANG = 3, WIDTH = 80 };
	int at = *text ? printf("%*s%s", INDENT, "", word) : 0;

	while (*text) {
		const char *end = strstr(text, ", ");
		int n = (int)(end ? (size_t)(end - text) + 1 : strlen(text));

		if (at + n >= WIDTH && at > INDENT + HANG)
			at = printf("\n%*s", INDENT + HANG - 1, "") - 1;
		at += printf(" %.*s", n, text);
		text += n + (end != NULL);
	}
	if (at)
		puts("");
}

static void print_details(const struct triage_group *g)
{
	char top[CELL], kernels[CELL], signature[CELL], worst[CELL];

	cell(g, ROW, false, top);
	cell(g, ROW + 1, false, kernels);
	cell(g, ROW + 2, false, signature);
	cell(g, ROW + 3, false, worst);
	printf("       %s\n", signature);
	print_list("by", top);
	print_list("on", kernels);
	printf("       worst: %s\n", worst);
}

static int print_table(struct triage_store *s, struct err *err)
{
	struct triage_group g;
	size_t width[ROW];
	bool any_new;
	char text[CELL];
	int rc;

	if (widths(s, width, &any_new, err) != 0)
		return -1;
	for (int c = 0; c < ROW; c++) {
		if (c != 1 || any_new)
			print_cell(c, columns[c].title, width[c], c == ROW - 1);
	}
	while ((rc = triage_store_group(s, &g, err)) > 0) {
		for (int c = 0; c < ROW; c++) {
			cell(&g, c, false, text);
			if (c != 1 || any_new)
				print_cell(c, text, width[c], c == ROW - 1);
		}
		print_details(&g);
	}
	return rc;
}

static int print_text(struct triage_store *s, struct err *err)
{
	struct triage_totals t = {0};

	if (triage_store_totals(s, &t, err) != 0)
		return -1;
	printf("%lld incident%s (%lld event%s) on %lld host%s, from %lld input%s", (long long)t.incidents,
	       t.incidents == 1 ? "" : "s", (long long)t.events, t.events == 1 ? "" : "s",
	       (long long)t.hosts,
	       t.hosts == 1 ? "" : "s", (long long)t.inputs, t.inputs == 1 ? "" : "s");
	if (t.new_inputs != t.inputs)
		printf(", %lld new", (long long)t.new_inputs);
	puts("");
	if (t.incidents) {
		puts("");
		if (print_table(s, err) != 0)
			return -1;
	}
	if (!t.failed)
		return 0;
	puts("");
	return print_errors(s, err);
}

static void csv_field(const char *text, const char *end)
{
	putchar('"');
	/* a spreadsheet takes a leading = + - @ for a formula */
	if (*text && strchr("=+-@", *text))
		putchar('\'');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	printf("\"%s", end);
}

static int print_csv(struct triage_store *s, struct err *err)
{
	struct triage_group g;
	char text[CELL];
	int rc;

	for (int c = 0; c < COLUMNS; c++)
		printf("%s%s", c ? "," : "", columns[c].csv);
	puts("");
	while ((rc = triage_store_group(s, &g, err)) > 0) {
		for (int c = 0; c < COLUMNS; c++) {
			cell(&g, c, true, text);
			csv_field(text, c == COLUMNS - 1 ? "\n" : ",");
		}
	}
	return rc;
}

/* ---- the page: a template over the JSON ---- */

/* Seen once: the page has no "from ... to". */
static void join_times(json_t *data)
{
	json_t *group;
	size_t i;

	json_array_foreach(json_object_get(data, "groups"), i, group) {
		if (json_equal(json_object_get(group, "first_seen"),
			       json_object_get(group, "last_seen")))
			(void)json_object_del(group, "last_seen");
	}
}

static int print_html(struct triage_store *s, struct err *err)
{
	CLEANUP_BUF struct buf json = BUF_INIT(PAGE_LARGEST), page = BUF_INIT(PAGE_LARGEST);
	struct sink out = sink_shown(&standard_output);
	json_auto_t *data = NULL;

	if (print_json(s, sink_buf(&json), 0, err) != 0 ||
	    report_load(&data, buf_str(&json), "triage", err) != 0)
		return -1;
	join_times(data);
	if (report_render_data(data, "triage", &page, err) != 0)
		return -1;
	return out.write(out.ctx, buf_str(&page), err);
}

int triage_print(struct triage_store *s, enum triage_format format, struct err *err)
{
	switch (format) {
	case TRIAGE_TEXT:
		return print_text(s, err);
	case TRIAGE_JSON:
		return print_json(s, sink_shown(&standard_output), 2, err);
	case TRIAGE_NDJSON:
		return print_records(s, err);
	case TRIAGE_CSV:
		return print_csv(s, err);
	case TRIAGE_HTML:
		return print_html(s, err);
	}
	return -1;
}
