/* SPDX-License-Identifier: MIT */
/* triage_reader.c - one input, whatever it is, to flat records by way of the document.
 *
 * Events of one host less than ten minutes apart are one incident: the first fatal one is its
 * subject and gives the signature. A central log of many hosts has incidents of each. */
#include <stdio.h>

#include "cli/triage.h"
#include "report/report.h"

enum { DOCUMENT_LARGEST = 32 << 20 };

/* ---- document to records ---- */

static json_t *at(const json_t *j, const char *a, const char *b)
{
	json_t *first = json_object_get(j, a);

	return b ? json_object_get(first, b) : first;
}

static void put_text(struct emit *e, struct str key, const json_t *value)
{
	const char *text = json_string_value(value);

	emit_str(e, key, text ? (struct str){text, json_string_length(value)} : NOKEY);
}

static void put_number(struct emit *e, struct str key, const json_t *value)
{
	if (json_is_real(value))
		emit_double(e, key, json_real_value(value));
	else
		emit_i64(e, key, json_is_integer(value) ? json_integer_value(value) : UNKNOWN);
}

static int64_t rss_of(const json_t *victim)
{
	static const char *const parts[] = {"anon_rss_kb", "file_rss_kb", "shmem_rss_kb"};
	int64_t sum = UNKNOWN;

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		const json_t *part = json_object_get(victim, parts[i]);

		if (json_is_integer(part))
			sum = (sum == UNKNOWN ? 0 : sum) + json_integer_value(part);
	}
	return sum;
}

static const json_t *largest_victim(const json_t *victims, int64_t *kb)
{
	const json_t *victim, *best = json_array_get(victims, 0);
	size_t i;

	*kb = best ? rss_of(best) : UNKNOWN;
	json_array_foreach(victims, i, victim) {
		if (rss_of(victim) > *kb) {
			best = victim;
			*kb = rss_of(victim);
		}
	}
	return best;
}

static void put_flags(struct emit *e, const json_t *flags)
{
	CLEANUP_BUF struct buf text = BUF_INIT(4096);
	const json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag) {
		buf_addz(&text, i ? "|" : "");
		buf_addz(&text, json_string_value(flag) ? json_string_value(flag) : "");
	}
	emit_str(e, STR("gfp_flags"), json_is_array(flags) ? buf_str(&text) : NOKEY);
}

static const json_t *largest_consumer(const json_t *document)
{
	const json_t *role;
	size_t i;

	json_array_foreach(at(document, "diagnosis", "roles"), i, role) {
		const char *name = json_string_value(json_object_get(role, "role"));

		if (name && strcmp(name, "largest_consumer") == 0)
			return json_object_get(role, "name");
	}
	return NULL;
}

struct flattening {
	const char *input;
	const json_t *document;
	uint64_t incident;
	long long subject; /* number of the subject event */
};

static void put_event_facts(struct emit *e, const json_t *event)
{
	const json_t *victims = json_object_get(event, "victims"), *victim;
	int64_t kb;

	put_text(e, STR("kind"), json_object_get(event, "kind"));
	emit_bool(e, STR("fatal"), json_is_true(json_object_get(event, "fatal")));
	put_text(e, STR("scope"), json_object_get(event, "scope"));
	put_text(e, STR("time"), at(event, "time", "wall"));
	put_number(e, STR("monotonic_s"), at(event, "time", "monotonic_s"));
	put_number(e, STR("line"), at(event, "lines", "first"));
	put_text(e, STR("trigger"), at(event, "trigger", "comm"));
	put_number(e, STR("trigger_pid"), at(event, "trigger", "pid"));
	put_number(e, STR("order"), at(event, "trigger", "order"));
	put_text(e, STR("gfp_mask"), at(event, "trigger", "gfp_mask"));
	put_flags(e, at(event, "trigger", "gfp_flags"));
	victim = largest_victim(victims, &kb);
	emit_i64(e, STR("victims"), (int64_t)json_array_size(victims));
	put_text(e, STR("victim"), json_object_get(victim, "comm"));
	put_number(e, STR("victim_pid"), json_object_get(victim, "pid"));
	emit_i64(e, STR("victim_rss_kb"), kb);
	put_text(e, STR("memcg"), at(event, "memcg", "path"));
	put_number(e, STR("memcg_limit_kb"), at(event, "memcg", "limit_kb"));
	put_number(e, STR("free_kb"), at(event, "memory", "free_kb"));
	put_number(e, STR("swap_free_kb"), at(event, "memory", "swap_free_kb"));
	put_number(e, STR("swap_total_kb"), at(event, "memory", "swap_total_kb"));
	put_number(e, STR("ram_kb"), at(event, "memory", "ram_kb"));
	emit_bool(e, STR("complete"), json_is_true(json_object_get(event, "complete")));
}

static int put_record(const struct flattening *f, const json_t *event, struct buf *out,
		      struct err *err)
{
	const json_t *finding = json_array_get(at(f->document, "diagnosis", "findings"), 0);
	const json_t *number = json_object_get(event, "number");
	const json_t *host = json_object_get(event, "host");
	const json_t *kernel = json_object_get(event, "kernel");
	struct emit e;

	emit_init(&e, sink_buf(out), 0);
	emit_object(&e, NOKEY);
	emit_str(&e, STR("schema"), STR("oomreport.triage-record/1"));
	emit_str(&e, STR("input"), str_of(f->input));
	emit_i64(&e, STR("incident"), (int64_t)f->incident);
	emit_bool(&e, STR("subject"),
		  json_is_integer(number) && json_integer_value(number) == f->subject);
	put_text(&e, STR("host"),
		 json_is_string(host) ? host : at(f->document, "system", "hostname"));
	put_text(&e, STR("kernel"),
		 json_is_string(kernel) ? kernel : at(f->document, "system", "kernel"));
	put_text(&e, STR("signature"), json_object_get(f->document, "signature"));
	put_text(&e, STR("cause"), json_object_get(finding, "id"));
	put_text(&e, STR("confidence"), json_object_get(finding, "confidence"));
	put_text(&e, STR("verdict"), at(f->document, "diagnosis", "verdict"));
	put_text(&e, STR("top_consumer"), largest_consumer(f->document));
	put_event_facts(&e, event);
	return emit_finish(&e, err);
}

/* All events of a document as one incident. */
static int flatten(const char *input, const json_t *document, uint64_t incident,
		   struct buf *out, struct err *err)
{
	const json_t *first = json_object_get(document, "first_oom");
	const json_t *events = json_object_get(document, "events"), *event;
	struct flattening f = {input, document, incident, 0};
	size_t i;

	if (!json_is_object(first))
		first = json_array_get(events, 0);
	f.subject = json_integer_value(json_object_get(first, "number"));
	json_array_foreach(events, i, event) {
		if (put_record(&f, event, out, err) != 0)
			return -1;
	}
	return 0;
}

/* A saved report, and those of the log's other hosts in it: an incident each. */
static int flatten_saved(const char *input, const json_t *document, struct buf *out,
			 struct err *err)
{
	const json_t *other;
	uint64_t incident = 1;
	size_t i;

	if (flatten(input, document, incident, out, err) != 0)
		return -1;
	json_array_foreach(json_object_get(document, "other_hosts"), i, other) {
		if (flatten(input, other, ++incident, out, err) != 0)
			return -1;
	}
	return 0;
}

/* Most of a document is of no use here, and would be most of the work. */
static int load(json_t **ret, struct buf *json, const char *name, struct err *err)
{
	static const struct str bulk[] = {
		STR_INIT("collection"), STR_INIT("vmlog"),	STR_INIT("tasks"),
		STR_INIT("slab"),	STR_INIT("zones"),	STR_INIT("nodes"),
		STR_INIT("totals"),	STR_INIT("stats"),	STR_INIT("verbatim"),
		STR_INIT("evidence"),	STR_INIT("call_trace"), STR_INIT("balance"),
	};

	report_trim(json, bulk, ARRAY_COUNT(bulk));
	return report_load(ret, buf_str(json), name, err);
}

/* ---- a log: incidents of each host ---- */

struct open_host {
	char name[256];
	struct report *report;
	int64_t last_us; /* time of its last event, UNKNOWN */
	uint64_t used;	 /* the least lately used one makes room */
};

struct reading {
	const char *input;
	int64_t now_us;
	struct parser *parser;
	const struct source_info *info;
	struct open_host hosts[HOSTS_OPEN];
	size_t n_hosts;
	uint64_t clock, incidents;
	struct triage_answer *out;
	size_t logs;
};

static int close_host(struct reading *r, struct open_host *h, struct err *err)
{
	CLEANUP_BUF struct buf json = BUF_INIT(DOCUMENT_LARGEST);
	const struct report_parts parts = {
		.source = r->info, .log = parser_facts_of(r->parser, str_of(h->name))};
	json_auto_t *document = NULL;
	int rc = report_write(h->report, &parts, sink_buf(&json), 0, err);

	report_free(h->report);
	h->report = NULL;
	if (rc != 0 || load(&document, &json, r->input, err) != 0)
		return -1;
	return flatten(r->input, document, ++r->incidents, &r->out->lines, err);
}

static struct open_host *host_for(struct reading *r, struct str name, struct err *err)
{
	struct open_host *oldest = &r->hosts[0];

	name = str_sub(name, 0, sizeof(oldest->name) - 1);
	for (size_t i = 0; i < r->n_hosts; i++) {
		if (str_eq(str_of(r->hosts[i].name), name))
			return &r->hosts[i];
		if (r->hosts[i].used < oldest->used)
			oldest = &r->hosts[i];
	}
	if (r->n_hosts < HOSTS_OPEN)
		oldest = &r->hosts[r->n_hosts++];
	else if (oldest->report && close_host(r, oldest, err) != 0)
		return NULL;
	*oldest = (struct open_host){.last_us = UNKNOWN};
	if (name.n)
		memcpy(oldest->name, name.p, name.n);
	return oldest;
}

static int64_t event_time(const struct event *ev)
{
	return ev->wall_us != UNKNOWN ? ev->wall_us : ev->monotonic_us;
}

static bool is_new_incident(const struct open_host *h, int64_t now)
{
	int64_t gap;

	if (h->last_us == UNKNOWN || now == UNKNOWN)
		return false;
	gap = now - h->last_us;
	return gap > INCIDENT_GAP_S * INT64_C(1000000) || gap < 0; /* < 0: a reboot */
}

static int take_event(struct reading *r, struct event *ev, struct err *err)
{
	const struct report_options ro = {
		.now_us = r->now_us,
		.detail = DETAIL_BUDGET,
		.budget_bytes = 1, /* only the subject whole */
		.max_events = INCIDENT_EVENTS,
	};
	struct open_host *h = host_for(r, ev->host, err);
	int64_t now = event_time(ev);
	int rc = h ? 0 : -1;

	if (rc == 0 && h->report && is_new_incident(h, now))
		rc = close_host(r, h, err);
	if (rc == 0 && !h->report)
		rc = report_new(&h->report, &ro, err);
	if (rc != 0) {
		event_free(ev);
		return -1;
	}
	h->used = ++r->clock;
	h->last_us = now;
	return report_add_event(h->report, ev, err);
}

static int drain(struct reading *r, struct err *err)
{
	struct event *ev;

	while ((ev = parser_take(r->parser))) {
		if (take_event(r, ev, err) != 0)
			return -1;
	}
	return 0;
}

/* What came before a damage is kept: the caller gets both the records and the error. */
static int read_log(struct reading *r, struct source *s, struct err *err)
{
	struct str window;
	int rc, end = 0;

	while ((rc = source_window(s, &window, err)) > 0) {
		buf_add(&r->out->head, str_sub(window, 0, TRIAGE_HEAD - r->out->head.n));
		r->out->bytes += window.n;
		if (parser_feed(r->parser, window, err) != 0 || drain(r, err) != 0)
			return -1;
	}
	if (parser_finish(r->parser, rc < 0 ? NULL : err) != 0 ||
	    drain(r, rc < 0 ? NULL : err) != 0)
		end = -1;
	for (size_t i = 0; i < r->n_hosts; i++) {
		if (r->hosts[i].report && close_host(r, &r->hosts[i], rc < 0 ? NULL : err) != 0)
			end = -1;
	}
	r->n_hosts = 0;
	return rc < 0 ? -1 : end;
}

static int read_logs(struct reading *r, struct source *s, struct err *err)
{
	const struct parser_options po = {.now_us = r->now_us};
	int rc;

	do {
		if (parser_new(&r->parser, &po, err) != 0)
			return -1;
		r->info = source_info(s);
		r->logs++;
		rc = read_log(r, s, err);
		for (size_t i = 0; i < r->n_hosts; i++)
			report_free(r->hosts[i].report);
		r->n_hosts = 0;
		parser_free(r->parser);
		if (rc == 0)
			rc = source_next(s, err);
	} while (rc > 0);
	return rc;
}

/* Only one log that is a file of its own can grow. */
static void keep_head(struct reading *r, const struct source *s)
{
	enum source_kind kind = source_info(s)->kind;

	if (r->logs != 1 || (kind != SOURCE_FILE && kind != SOURCE_JOURNAL))
		buf_clear(&r->out->head);
}

int triage_read(const char *path, int64_t now_us, struct triage_answer *out, struct err *err)
{
	CLEANUP_BUF struct buf saved = BUF_INIT(DOCUMENT_LARGEST);
	CLEANUP_SOURCE struct source *s = NULL;
	struct reading *r;
	struct arena a = ARENA_INIT(sizeof(*r) + 64);
	json_auto_t *document = NULL;
	int rc;

	if (source_open_file(&s, path, err) != 0)
		return -1;
	rc = source_saved_report(s, &saved, err);
	if (rc != 0) {
		if (rc < 0 || load(&document, &saved, path, err) != 0)
			return -1;
		return flatten_saved(path, document, &out->lines, err);
	}
	r = arena_take(&a, sizeof(*r));
	if (!r)
		return err_set(err, ERR_NOMEM, "%s: no memory", path);
	r->input = path;
	r->now_us = now_us;
	r->out = out;
	rc = read_logs(r, s, err);
	keep_head(r, s);
	arena_free(&a);
	return rc;
}
