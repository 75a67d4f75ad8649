/* SPDX-License-Identifier: MIT */
/* view.h - private to report/: what the parts of report_view() share.
 *
 * The view is made of the document alone: strings ready to print, rows ready to loop over.
 * Text tables keep within 72 columns unless a process or zone name is longer. A failed
 * allocation sets `failed`; nothing else can go wrong, what is missing is null or absent.
 */
#ifndef OOMREPORT_REPORT_VIEW_H
#define OOMREPORT_REPORT_VIEW_H

#include "base/kv.h"
#include "report/report.h"

enum { VIEW_TEXT_MAX = 8 << 20, VIEW_COLUMNS = 16, NUMBER_TEXT = 32 };

struct view {
	json_t *doc;   /* the document, control bytes of foreign text made visible */
	json_t *event; /* the subject: first fatal event, else the first one; or NULL */
	json_t *to;    /* the "view" object */
	struct render_options o;
	int64_t page_kb, ram_kb; /* ram: what the kernel can hand out; UNKNOWN */
	bool failed;
};

/* A copy with control bytes and direction marks of its texts made visible; NULL: no memory. */
json_t *view_clean(json_t *document);

/* ---- reading the document: paths are dotted, array elements by number ---- */
json_t *at(json_t *of, const char *path);
int64_t number_at(json_t *of, const char *path); /* UNKNOWN: no number, or beyond 2^54 */
struct str text_at(json_t *of, const char *path); /* {NULL, 0} when it is no text */
bool true_at(json_t *of, const char *path);
struct str text_or(struct str s, const char *otherwise);

/* ---- writing the view; values are taken over, also on failure ---- */
void put(struct view *v, json_t *obj, const char *key, json_t *value);
void put_text(struct view *v, json_t *obj, const char *key, struct str s); /* p NULL: null */
void put_number(struct view *v, json_t *obj, const char *key, int64_t n);
void put_bool(struct view *v, json_t *obj, const char *key, bool b);
/* Without newlines at the end; nothing: null. */
void put_buf(struct view *v, json_t *obj, const char *key, const struct buf *b);
void putf(struct view *v, json_t *obj, const char *key, const char *fmt, ...) FORMAT_ARGS(4, 5);
json_t *put_object(struct view *v, json_t *obj, const char *key); /* borrowed; never NULL */
json_t *put_array(struct view *v, json_t *obj, const char *key);
json_t *add_row(struct view *v, json_t *array);

/* ---- numbers and lines of text (view_text.c) ---- */
/* "184 MiB", "1.4 GiB"; "?" when unknown. Returns out. */
const char *human_size(int64_t kb, char out[NUMBER_TEXT]);
const char *plain_number(int64_t n, char out[NUMBER_TEXT]); /* "?" when unknown */
/* "2026-11-23 02:30:00 UTC" of "2026-11-23T02:30:00Z"; other text as it is. */
void add_time(struct buf *b, struct str wall);
double percent_of(int64_t part, int64_t whole); /* 0 when it makes no sense */
int64_t pages_to_kb(const struct view *v, int64_t pages);
size_t columns_of(struct str s); /* code points */
/* Words broken at `width`; the first line begins with `head`, the others with as many blanks
 * as `indent`. Lines end in '\n'. */
void wrap(struct buf *out, struct str text, int width, struct str head, int indent);
/* A bar of `width` places for part/whole. */
void add_bar(const struct view *v, struct buf *out, int64_t part, int64_t whole, int width);

enum paint { PAINT_NONE, PAINT_BAD, PAINT_WARN, PAINT_GOOD, PAINT_DIM, PAINT_BOLD };
struct str paint_on(const struct view *v, enum paint p); /* empty without colour */
struct str paint_off(const struct view *v);

/* Aligned text: cells first, widths found at the end. */
struct table {
	struct arena arena;
	const char *align; /* a letter a column: 'l' or 'r' */
	struct table_row {
		struct str cells[VIEW_COLUMNS];
		size_t n;
		enum paint paint;
	} *rows;
	size_t n_rows, room;
	bool failed;
};
#define TABLE_INIT(alignment) {.arena = ARENA_INIT(VIEW_TEXT_MAX), .align = (alignment)}
#define CLEANUP_TABLE __attribute__((cleanup(table_free)))
void table_row(struct table *t, enum paint paint);
void table_cell(struct table *t, struct str s);
void table_cellf(struct table *t, const char *fmt, ...) FORMAT_ARGS(2, 3);
void table_number(struct table *t, int64_t n);
/* The rows with `indent` blanks in front, into obj[key]; null when there is no row. */
void put_table(struct view *v, json_t *obj, const char *key, struct table *t, int indent);
void table_free(struct table *t);

/* ---- the parts ---- */
void view_event(struct view *v);    /* view_event.c: sentence, when, request, victims */
void view_machine(struct view *v);  /* view_machine.c: facts, roles, counts, timeline */
void view_findings(struct view *v); /* view_findings.c: findings, missing, interview */
void view_zones(struct view *v);    /* view_zones.c: zones, buddy */
void view_memory(struct view *v);   /* view_memory.c: balance, memcg, free memory */
void view_tasks(struct view *v);    /* view_tasks.c: tasks, slab, allocations */
void view_host(struct view *v);     /* view_host.c: the machine when it was collected */
void view_series(struct view *v);   /* view_series.c: charts of the vmlog */
void view_verbatim(struct view *v); /* view_verbatim.c: the event's own lines, whole or cut */
struct str event_label(json_t *event); /* "OOM kill", "page allocation failure" ... */
int64_t victim_rss_kb(json_t *victim); /* anonymous + file + shmem; UNKNOWN */
struct str event_name(json_t *task, const char *otherwise); /* comm, never empty */

#endif
