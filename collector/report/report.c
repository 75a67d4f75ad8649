/* SPDX-License-Identifier: MIT */
/* report.c - collects events as they come, then writes the document in one go. */
#include <inttypes.h>
#include <stdio.h>

#include "base/when.h"
#include "report/event.h"
#include "report/private.h"

enum { DEFAULT_BUDGET = 1024 * 1024 };

static void emit_tool(struct emit *e, const struct report *r)
{
	char created[WHEN_TEXT];

	emit_object(e, NOKEY);
	emit_str(e, STR("schema"), STR("oomreport.report/1"));
	emit_object(e, STR("tool"));
	emit_str(e, STR("name"), STR("oomreport"));
	emit_str(e, STR("version"), STR(OOMREPORT_VERSION));
	emit_end(e);
	emit_str(e, STR("created"), str_of(when_utc(r->o.now_us, created)));
}

/* Events go to the place in the document where they will stand: an array inside an object. */
static void begin_events(struct report *r)
{
	if (r->o.stream.write) {
		emit_init(&r->events, r->o.stream, r->o.indent);
		emit_tool(&r->events, r);
		emit_array(&r->events, STR("events"));
		return;
	}
	emit_init(&r->events, spool_sink(&r->spool), r->o.indent);
	r->events.depth = 2;
	r->events.first[2] = true;
}

int report_new(struct report **ret, const struct report_options *o, struct err *err)
{
	struct arena arena = ARENA_INIT(2 * sizeof(struct report) + 4096);
	struct report *r = arena_take(&arena, sizeof(*r));

	if (!r || !arena_str(&arena, o->kernel, &r->kernel)) {
		arena_free(&arena);
		return err_set(err, ERR_NOMEM, "no memory");
	}
	r->arena = arena;
	r->o = *o;
	if (!r->o.budget_bytes)
		r->o.budget_bytes = DEFAULT_BUDGET;
	r->spool = (struct spool)SPOOL_INIT;
	r->notes = (struct buf)BUF_INIT(NOTES_MAX * sizeof(struct event_note));
	begin_events(r);
	*ret = r;
	return 0;
}

void report_free(struct report *r)
{
	struct arena arena;

	if (!r)
		return;
	for (size_t i = 0; i < r->n_waiting; i++)
		event_free(r->waiting[i].ev);
	if (r->first && r->first != r->subject)
		event_free(r->first);
	if (r->subject)
		event_free(r->subject);
	spool_free(&r->spool);
	buf_free(&r->notes);
	arena = r->arena;
	arena_free(&arena);
}

const struct event *report_subject(const struct report *r)
{
	return r->subject;
}

const struct event *report_first_oom(const struct report *r)
{
	return r->first;
}

/* What userspace kills is fatal to it, but no OOM of the kernel. */
static bool is_fatal_oom(const struct event *ev)
{
	return ev->fatal && event_is_oom(ev);
}

/* Of those that wait, too. */
static uint64_t with_waiting(const struct report *r, uint64_t n, bool (*counts)(const struct event *ev))
{
	for (size_t i = 0; i < r->n_waiting; i++)
		n += !counts || counts(r->waiting[i].ev);
	return n;
}

uint64_t report_oom_events(const struct report *r)
{
	return with_waiting(r, r->oom, event_is_oom);
}

uint64_t report_events(const struct report *r)
{
	return with_waiting(r, r->n_events, NULL);
}

uint64_t report_fatal_events(const struct report *r)
{
	return with_waiting(r, r->fatal, is_fatal_oom);
}

/* ---- notes ---- */

static size_t notes_count(const struct report *r)
{
	return r->notes.n / sizeof(struct event_note);
}

static void short_name(struct str from, char *to, size_t room)
{
	struct str s = str_sub(from, 0, room - 1);

	if (s.n)
		memcpy(to, s.p, s.n);
}

static int64_t add_known(int64_t sum, int64_t more)
{
	int64_t out;

	if (more == UNKNOWN)
		return sum;
	if (sum == UNKNOWN)
		return more;
	return __builtin_add_overflow(sum, more, &out) ? INT64_MAX : out;
}

static struct event_note note_of(const struct event *ev)
{
	struct event_note n = {
		.kind = ev->kind,
		.scope = ev->scope,
		.fatal = ev->fatal,
		.first_line = ev->first_line,
		.monotonic_us = ev->monotonic_us,
		.wall_us = ev->wall_us,
		.order = ev->trigger.order,
		.gfp_mask = ev->trigger.gfp_mask,
		.free_kb = UNKNOWN,
		.swap_free_kb = ev->memory.swap_free_kb,
		.killed_kb = UNKNOWN,
		.anon_kb = UNKNOWN,
		.victim_pid = ev->n_victims ? ev->victims[0].pid : UNKNOWN,
		.parts = again_parts(ev),
		.killed_us = ev->killed_us,
	};
	const struct kv *free = kvs_find(&ev->memory.totals, STR("free"));
	int64_t page_kb = event_page_kb(ev);

	if (free && (free->unit != UNIT_PAGES || page_kb > 0))
		n.free_kb = kvs_get_kb(&ev->memory.totals, STR("free"), page_kb);
	if (page_kb > 0) {
		n.anon_kb = kvs_get_kb(&ev->memory.totals, STR("active_anon"), page_kb);
		n.anon_kb = add_known(n.anon_kb, kvs_get_kb(&ev->memory.totals,
							    STR("inactive_anon"), page_kb));
	}
	for (size_t i = 0; i < ev->n_victims; i++) {
		n.killed_kb = add_known(n.killed_kb, ev->victims[i].anon_rss_kb);
		n.killed_kb = add_known(n.killed_kb, ev->victims[i].file_rss_kb);
		n.killed_kb = add_known(n.killed_kb, ev->victims[i].shmem_rss_kb);
	}
	if (ev->n_victims)
		short_name(ev->victims[0].comm, n.victim, sizeof(n.victim));
	short_name(ev->trigger.comm, n.trigger, sizeof(n.trigger));
	return n;
}

void report_next_log(struct report *r)
{
	r->notes_of_earlier_logs = notes_count(r);
	for (size_t i = 0; i < r->n_waiting; i++)
		r->waiting[i].earlier_log = true;
}

/* ---- adding ---- */

static void count(struct report *r, const struct event *ev)
{
	r->n_events++;
	r->counts[ev->kind]++;
	r->fatal += is_fatal_oom(ev);
	r->oom += event_is_oom(ev);
	r->page_failures += event_is_page_failure(ev);
	r->victims += ev->n_victims + ev->victims_dropped;
}

/* The first fatal event, else the first one; or the one asked for. */
static bool becomes_subject(const struct report *r, const struct event *ev)
{
	if (r->o.event)
		return r->n_events == r->o.event;
	return !r->subject || (is_fatal_oom(ev) && !r->first);
}

static void keep(struct report *r, struct event *ev, bool subject)
{
	struct event *old = subject ? r->subject : NULL;
	bool first = is_fatal_oom(ev) && !r->first;

	if (first) {
		r->first = ev;
		r->first_number = r->n_events;
	}
	if (subject) {
		r->subject = ev;
		r->subject_number = r->n_events;
		r->subject_index = r->written - 1;
	}
	if (old && old != r->first)
		event_free(old);
	if (!subject && !first)
		event_free(ev);
}

static void spool_event(struct report *r, const struct event *ev, bool subject)
{
	bool whole = subject || r->o.detail == DETAIL_ALL || r->spooled < r->o.budget_bytes;
	struct event_form form = {r->n_events, EVENT_BRIEF, r->kernel};
	uint64_t before = emit_bytes(&r->events);

	if (r->o.max_events && r->written >= r->o.max_events && !subject) {
		r->omitted++;
		return;
	}
	if (whole)
		form.detail = subject && !is_fatal_oom(ev) ? EVENT_TEXT : EVENT_FULL;
	if (subject && r->o.event)
		form.detail = EVENT_TEXT;
	event_emit(&r->events, NOKEY, ev, &form);
	r->written++;
	if (whole)
		r->spooled += emit_bytes(&r->events) - before;
}

static int take(struct report *r, struct event *ev, const struct event_note *note, struct err *err)
{
	bool subject;

	/* beyond NOTES_MAX they are only counted */
	(void)buf_add(&r->notes, (struct str){(const char *)note, sizeof(*note)});
	count(r, ev);
	subject = becomes_subject(r, ev);
	spool_event(r, ev, subject);
	keep(r, ev, subject);
	if (r->events.err.code == ERR_NONE)
		return 0;
	if (err && err->code == ERR_NONE)
		*err = r->events.err;
	return -1;
}

/* The oldest of those that wait. */
static int take_next(struct report *r, struct err *err)
{
	struct waiting w = r->waiting[0];

	memmove(&r->waiting[0], &r->waiting[1], --r->n_waiting * sizeof(w));
	return take(r, w.ev, &w.note, err);
}

int report_settle(struct report *r, struct err *err)
{
	int rc = 0;

	while (r->n_waiting)
		rc |= take_next(r, err);
	return rc;
}

int report_add_event(struct report *r, struct event *ev, struct err *err)
{
	struct event_note note = note_of(ev);
	int rc = 0;

	if (again_is_known(r, &note)) {
		r->n_repeated++;
		event_free(ev);
		return 0;
	}
	r->n_repeated += again_forget_excerpts(r, &note);
	r->waiting[r->n_waiting++] = (struct waiting){ev, note, false};
	while (r->n_waiting && !again_waits(r))
		rc |= take_next(r, err);
	return rc;
}

/* ---- writing ---- */

static void emit_counts(struct emit *e, const struct report *r)
{
	const struct {
		struct str key;
		uint64_t value;
	} rows[] = {
		{STR_INIT("oom_events"), r->oom},
		{STR_INIT("alloc_failures"), r->page_failures},
		{STR_INIT("other_failures"), r->counts[EVENT_ALLOC_FAILURE] - r->page_failures},
		{STR_INIT("alloc_stalls"), r->counts[EVENT_ALLOC_STALL]},
		{STR_INIT("userspace_kills"), r->counts[EVENT_USERSPACE_KILL]},
		{STR_INIT("events"), r->n_events},
		{STR_INIT("fatal_events"), r->fatal},
		{STR_INIT("victims"), r->victims},
		{STR_INIT("events_repeated"), r->n_repeated},
		{STR_INIT("events_omitted"), r->omitted},
	};

	emit_object(e, STR("counts"));
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		emit_i64(e, rows[i].key, (int64_t)rows[i].value);
	emit_end(e);
}

static void emit_subject(struct emit *e, const struct report *r)
{
	struct event_form form = {r->first_number, EVENT_TEXT, r->kernel};

	if (r->first)
		event_emit(e, STR("first_oom"), r->first, &form);
	else
		emit_null(e, STR("first_oom"));
	if (!r->subject) {
		emit_null(e, STR("subject"));
		return;
	}
	emit_object(e, STR("subject"));
	emit_i64(e, STR("index"), (int64_t)r->subject_index);
	emit_i64(e, STR("number"), (int64_t)r->subject_number);
	emit_bool(e, STR("chosen"), r->o.event != 0);
	emit_end(e);
}

static int emit_events(struct emit *e, struct report *r, struct err *err)
{
	emit_array(e, STR("events"));
	if (emit_flush(&r->events, err) != 0 || spool_copy(&r->spool, e, err) != 0)
		return -1;
	emit_end(e);
	return 0;
}

static void emit_diagnosis(struct emit *e, const struct report *r, const struct diagnosis *d)
{
	char key[40] = "first_oom";

	if (r->subject && r->subject != r->first)
		snprintf(key, sizeof(key), "events[%" PRIu64 "]", r->subject_index);
	diagnosis_emit(e, d, str_of(key));
	emit_str(e, STR("signature"), d->signature[0] ? str_of(d->signature) : NOKEY);
}

static int raw_write(void *ctx, struct str bytes, struct err *err)
{
	struct emit *e = ctx;

	(void)err; /* emit_finish() has it */
	emit_raw(e, bytes);
	return 0;
}

static int emit_others(struct emit *e, const struct report_parts *parts, struct err *err)
{
	emit_array(e, STR("other_hosts"));
	for (size_t i = 0; i < parts->n_others; i++) {
		const struct report_parts own = {.source = parts->source,
						 .log = parts->others[i].log};

		emit_json(e, NOKEY, STR(""));
		if (report_write(parts->others[i].report, &own, (struct sink){raw_write, e}, 0,
				 err) != 0)
			return -1;
	}
	emit_end(e);
	return 0;
}

static int write_document(struct report *r, const struct report_parts *parts, bool of_host,
			  const struct diagnosis *d, struct emit *e, struct err *err)
{
	bool streamed = r->o.stream.write != NULL;

	if (streamed)
		emit_end(e);
	else
		emit_tool(e, r);
	parts_emit_source(e, parts);
	parts_emit_system(e, r, parts, of_host);
	emit_counts(e, r);
	emit_diagnosis(e, r, d);
	emit_subject(e, r);
	if (!streamed && emit_events(e, r, err) != 0)
		return -1;
	parts_emit_interview(e, parts->interview);
	parts_emit_series(e, parts->series);
	parts_emit_collection(e, parts, of_host);
	if (emit_others(e, parts, err) != 0)
		return -1;
	return emit_finish(e, err);
}

int report_write(struct report *r, const struct report_parts *parts, struct sink out,
		 int indent, struct err *err)
{
	int rc = report_settle(r, err);
	bool of_host = parts_is_of_host(r, parts);
	struct incident incident = {
		.subject = r->subject,
		.notes = (const struct event_note *)(const void *)r->notes.p,
		.n_notes = notes_count(r),
		.n_events = r->n_events,
		.log = parts->log,
		.host = of_host ? parts->host : NULL,
		.series = parts->series,
	};
	struct diagnosis d = {.n_findings = 0};
	struct emit own, *e = r->o.stream.write ? &r->events : &own;

	if (rc != 0 || diagnose(&d, &incident, err) != 0)
		return -1;
	if (e == &own)
		emit_init(e, out, indent);
	rc = write_document(r, parts, of_host, &d, e, err);
	diagnosis_free(&d);
	return rc;
}

int report_load(json_t **ret, struct str text, const char *name, struct err *err)
{
	size_t refusals = json_memory_refusals();
	json_error_t why;
	json_t *document = json_loadb(text.p, text.n, 0, &why);

	if (!document && json_memory_refusals() != refusals)
		return err_set(err, ERR_LIMIT, "%.120s: too many values to keep in memory", name);
	if (!document)
		return err_set(err, ERR_FORMAT, "%.120s: line %d, column %d: %.100s", name, why.line,
			       why.column, why.text);
	if (!json_is_object(document)) {
		json_decref(document);
		return err_set(err, ERR_FORMAT, "%.120s: this is no report", name);
	}
	*ret = document;
	return 0;
}
