/* SPDX-License-Identifier: MIT */
/* report.h - the door of report/: the document (report.json), redaction, templates.
 *
 * The document is built once, by report_write(); everything to its right reads only the
 * document. schema/report.schema.json describes it. Documents in local variables are json_auto_t.
 */
#ifndef OOMREPORT_REPORT_REPORT_H
#define OOMREPORT_REPORT_REPORT_H

#include <jansson.h>

#include "diagnose/diagnose.h"
#include "source/source.h"

struct interview {
	const char *workload, *before, *after, *impact, *reproducible, *changed; /* or NULL */
};

/* How much of each event goes into "events": the subject is always whole. */
enum events_detail {
	DETAIL_BUDGET, /* whole while they fit into the budget, then "detail": "brief" */
	DETAIL_ALL,
};

/* Events are added as they come; those of "events" are written to the spool at once. */
struct report;
struct report_options {
	int64_t now_us;
	enum events_detail detail;
	size_t budget_bytes; /* DETAIL_BUDGET: JSON bytes of whole events; 0 = 1 MiB */
	uint64_t event;	     /* --event N (1-based): the subject; 0 = the first fatal one */
};
int report_new(struct report **ret, const struct report_options *o, struct err *err) MUST_CHECK;
/* Takes the event over (it is freed when no longer needed). */
int report_add_event(struct report *r, struct event *ev, struct err *err) MUST_CHECK;
const struct event *report_subject(const struct report *r); /* or NULL */
/* Counts as in the document's "counts". */
uint64_t report_oom_events(const struct report *r);
uint64_t report_events(const struct report *r);

struct report_parts {
	const struct source_info *source;
	const struct log_facts *log;
	const struct host_facts *host; /* or NULL */
	const struct series *series;   /* or NULL */
	const struct interview *interview; /* or NULL */
	struct str collection;	       /* finished JSON of "collection", or empty */
};
/* Diagnose and write the whole document as JSON text. */
int report_write(struct report *r, const struct report_parts *parts, struct sink out,
		 int indent, struct err *err) MUST_CHECK;
void report_free(struct report *r);

/* Text of a document to a json_t (new reference) with a clear error line. */
int report_load(json_t **ret, struct str text, const char *name, struct err *err) MUST_CHECK;

/* ---- templates ---- */
/* Render a template over a document. `partials` finds "{{> name}}" (may be NULL: none). */
struct template_source {
	void *ctx;
	/* 1 and *ret (valid while rendering), 0 unknown, -1. */
	int (*find)(void *ctx, struct str name, struct str *ret, struct err *err);
};
/* html: "{{x}}" is HTML-escaped (the Mustache default); otherwise text is left as it is. */
int template_render(struct str text, const char *name, json_t *data, bool html,
		    const struct template_source *partials, struct buf *out,
		    struct err *err) MUST_CHECK;
/* Add the documented helper fields ("*_human", percentages, tables) that templates use to a
 * copy of the document (new reference). */
int report_view(json_t *document, json_t **ret, struct err *err) MUST_CHECK;

#endif
