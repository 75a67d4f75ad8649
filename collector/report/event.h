/* SPDX-License-Identifier: MIT */
/* event.h - private to report/: one event as the document's EVENT. */
#ifndef OOMREPORT_REPORT_EVENT_H
#define OOMREPORT_REPORT_EVENT_H

#include "base/emit.h"
#include "parse/parse.h"

enum event_detail {
	EVENT_BRIEF, /* tables, lists of lines and the text are null */
	EVENT_FULL,
	EVENT_TEXT, /* full, and the event's own lines ("verbatim") */
};

struct event_form {
	uint64_t number; /* 1-based, of the log */
	enum event_detail detail;
	struct str kernel; /* used where the event does not know; may be empty */
};

void event_emit(struct emit *e, struct str key, const struct event *ev,
		const struct event_form *form);
/* Size of a page as far as the event tells it, in kB; else UNKNOWN. */
int64_t event_page_kb(const struct event *ev);

/* The parts that have a file of their own. */
void event_emit_trigger(struct emit *e, const struct event *ev, struct str kernel);
void event_emit_memory(struct emit *e, const struct event *ev, bool tables);
void event_emit_memcg(struct emit *e, const struct memcg_info *m, bool tables);
void event_emit_tasks(struct emit *e, const struct task_table *t);

#endif
