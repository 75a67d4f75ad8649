/* SPDX-License-Identifier: MIT */
/* test_document.c - from structs to the document: every key there, unknown null, the subject
 * whole, memory bounded, nothing of hostile text left unescaped. */
#include "harness.h"
#include "report/report.h"

static struct event *event_blank(enum event_kind kind, bool fatal)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct event *ev = arena_take(&a, sizeof(*ev));

	if (!ev)
		abort();
	/* one allocation for all, so that event_free() of parse/ finds what it knows */
	ev->arena = a;
	ev->kind = kind;
	ev->fatal = fatal;
	ev->first_line = 1;
	ev->last_line = 2;
	ev->monotonic_us = ev->wall_us = UNKNOWN;
	ev->trigger = (struct trigger){.pid = UNKNOWN, .cpu = UNKNOWN, .uid = UNKNOWN,
				       .order = UNKNOWN, .gfp_mask = UNKNOWN,
				       .oom_score_adj = UNKNOWN, .oom_adj = UNKNOWN,
				       .stall_ms = UNKNOWN};
	ev->memory.swap_free_kb = ev->memory.swap_total_kb = UNKNOWN;
	return ev;
}

static void add_victim(struct event *ev, struct str comm, int64_t pid)
{
	struct victim *v = arena_grow(&ev->arena, (void **)&ev->victims, &ev->n_victims,
				      &ev->room_victims, sizeof(*v));

	*v = (struct victim){.comm = comm, .pid = pid, .uid = 0, .score = UNKNOWN,
			     .oom_score_adj = UNKNOWN, .total_vm_kb = 56144,
			     .anon_rss_kb = 54012, .file_rss_kb = 4, .shmem_rss_kb = 1344,
			     .pgtables_kb = UNKNOWN, .vsz_kb = UNKNOWN, .reaped = UNKNOWN,
			     .after_anon_kb = UNKNOWN, .after_file_kb = UNKNOWN,
			     .after_shmem_kb = UNKNOWN};
}

static struct event *event_full(void)
{
	static const char *const columns[] = {"pid", "uid", "tgid", "total_vm", "rss",
					      "pgtables_bytes", "swapents", "oom_score_adj"};
	struct event *ev = event_blank(EVENT_OOM_KILL, true);
	struct zone *z;

	ev->scope = SCOPE_GLOBAL;
	ev->kernel = STR("6.1.0-56-amd64");
	ev->monotonic_us = 2511473;
	ev->wall_us = INT64_C(1795919400000000);
	ev->trigger.comm = STR("tail");
	ev->trigger.pid = 86;
	ev->trigger.order = 0;
	ev->trigger.gfp_mask = 0x140dca;
	ev->trigger.gfp_text = STR("GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
	add_victim(ev, STR("tail"), 86);
	ev->missing = PART_STACK | PART_MIDDLE;
	ev->verbatim = STR("line one\nline two");
	check(kvs_add(&ev->arena, &ev->memory.totals, STR("free"), 1000, UNIT_PAGES));
	check(kvs_add(&ev->arena, &ev->memory.tail, STR("ram"), 65406, UNIT_PAGES));
	check(kvs_add(&ev->arena, &ev->memory.tail, STR("nodes"), 7, UNIT_COUNT));
	z = arena_grow(&ev->arena, (void **)&ev->memory.zones, &ev->memory.n_zones,
		       &ev->memory.room_zones, sizeof(*z));
	z->name = STR("DMA32");
	check(kvs_add(&ev->arena, &z->kv, STR("free"), 4000, UNIT_KB));
	check(kvs_add(&ev->arena, &z->kv, STR("min"), 2000, UNIT_KB));
	check(kvs_add(&ev->arena, &z->kv, STR("zspages"), 12, UNIT_KB));
	check(kvs_add(&ev->arena, &z->kv, STR("zspages"), 13, UNIT_KB));
	check(kvs_add(&ev->arena, &z->kv, STR("zone"), 3, UNIT_COUNT));
	z->buddy = (struct buddy){.page_kb = 4, .orders = 2, .free_blocks = {3, UNKNOWN},
				  .types = {STR_INIT("UME"), STR_INIT("")}, .total_kb = 12};
	ev->tasks.seen = true;
	for (size_t i = 0; i < ARRAY_COUNT(columns); i++)
		ev->tasks.columns[ev->tasks.n_columns++] = str_of(columns[i]);
	ev->tasks.n_rows = 2;
	ev->tasks.rows_dropped = 5;
	ev->tasks.values = arena_array(&ev->arena, 2 * ARRAY_COUNT(columns), sizeof(int64_t));
	ev->tasks.names = arena_array(&ev->arena, 2, sizeof(struct str));
	for (int i = 0; i < 16; i++)
		ev->tasks.values[i] = i == 9 ? UNKNOWN : i;
	ev->tasks.names[0] = STR("a) total-vm:1kB\n\"\\");
	ev->tasks.names[1] = STR("cut \xe2\x82");
	return ev;
}

/* The whole road from events to a loaded document. */
static json_t *document(struct report_options o, struct event **events, size_t n)
{
	CLEANUP_BUF struct buf text = BUF_INIT(256 << 20);
	const struct source_info info = {.kind = SOURCE_FILE, .name = "log"};
	const struct log_facts log = {.bytes = 10, .lines = 2};
	const struct report_parts parts = {.source = &info, .log = &log};
	struct err err = {.code = ERR_NONE};
	struct report *r = NULL;
	json_t *ret = NULL;

	o.now_us = 0;
	check_ok(report_new(&r, &o, &err), err);
	for (size_t i = 0; i < n; i++)
		check_ok(report_add_event(r, events[i], &err), err);
	check_ok(report_write(r, &parts, sink_buf(&text), o.indent, &err), err);
	check_ok(report_load(&ret, buf_str(&text), "test", &err), err);
	report_free(r);
	return ret;
}

static json_t *at(json_t *from, const char *path)
{
	struct str rest = str_of(path), part;
	uint64_t index;

	while (from && rest.n) {
		char key[64] = "";

		if (!take_until(&rest, '.', &part)) {
			part = rest;
			rest.n = 0;
		}
		memcpy(key, part.p, part.n);
		from = json_is_array(from) && take_u64(&part, &index)
			       ? json_array_get(from, (size_t)index)
			       : json_object_get(from, key);
	}
	return from;
}

#define check_number(doc, path, want) check_int(json_integer_value(at(doc, path)), want)
#define check_text(doc, path, want) check_str(str_of(json_string_value(at(doc, path))), STR(want))
#define check_null(doc, path) check(json_is_null(at(doc, path)))

static void whole(int indent)
{
	struct event *one[] = {event_full()};
	json_auto_t *d = document((struct report_options){.indent = indent}, one, 1);

	check_text(d, "schema", "oomreport.report/1");
	check_text(d, "created", "1970-01-01T00:00:00Z");
	check_number(d, "counts.oom_events", 1);
	check_text(d, "first_oom.kind", "oom-kill");
	check_text(d, "first_oom.scope", "global");
	check_text(d, "first_oom.trigger.gfp_mask", "0x140dca");
	check_text(d, "first_oom.trigger.gfp_flags.2", "__GFP_ZERO");
	check_text(d, "first_oom.trigger.gfp_flags_source", "log");
	check(json_is_true(at(d, "first_oom.trigger.gfp_table_agrees")));
	check(json_is_false(at(d, "first_oom.complete")));
	check_text(d, "first_oom.missing.0", "stack");
	check_text(d, "first_oom.missing.1", "middle");
	check(json_real_value(at(d, "first_oom.time.monotonic_s")) == 2.511473);
	check_number(d, "first_oom.victims.0.anon_rss_kb", 54012);
	check_null(d, "first_oom.victims.0.pgtables_kb");
	check_null(d, "first_oom.memcg");
	check_number(d, "first_oom.memory.free_kb", 4000);
	check_number(d, "first_oom.memory.ram_kb", 65406 * 4);
	check_null(d, "first_oom.memory.swap_free_kb");
	check_number(d, "first_oom.memory.printed_nodes", 7);
	check_number(d, "first_oom.memory.totals.free_pages", 1000);
	check_number(d, "first_oom.memory.zones.0.free_kb", 4000);
	check_null(d, "first_oom.memory.zones.0.boost_kb");
	check_number(d, "first_oom.memory.zones.0.zspages_kb", 12);
	check_text(d, "first_oom.memory.zones.0.zone", "DMA32");
	check_number(d, "first_oom.memory.zones.0.printed_zone", 3);
	check_text(d, "first_oom.memory.zones.0.buddy.0.types", "UME");
	check_null(d, "first_oom.memory.zones.0.buddy.1.free_blocks");
	check_null(d, "first_oom.memory.zones.0.lowmem_reserve_pages");
	check_number(d, "first_oom.tasks.0.total_vm_pages", 3);
	check_number(d, "first_oom.tasks.1.rss_pages", 12);
	check_null(d, "first_oom.tasks.1.uid");
	check_text(d, "first_oom.tasks.0.comm", "a) total-vm:1kB\n\"\\");
	check_text(d, "first_oom.tasks.1.comm", "cut \xef\xbf\xbd\xef\xbf\xbd");
	check_number(d, "first_oom.tasks_seen", 7);
	check_text(d, "first_oom.verbatim", "line one\nline two");
	check_null(d, "events.0.verbatim");
	check_text(d, "events.0.detail", "full");
	check_number(d, "subject.index", 0);
	check_number(d, "system.page_size_bytes", 4096);
	check_text(d, "system.kernel", "6.1.0-56-amd64");
	check(json_string_length(at(d, "diagnosis.verdict")) > 0);
	check_null(d, "vmlog");
	check_null(d, "collection");
}

/* Failures come first in the log, the fatal one is the subject all the same. */
/* What only some lines of an event tell: of the control group its path, of 2.4 the free memory in kB. */
static void partly(void)
{
	struct event *ev = event_full(), *one[] = {ev};

	ev->memcg.path = STR("/a");
	ev->memory.totals.n = 0;
	check(kvs_add(&ev->arena, &ev->memory.tail, STR("free"), 1500, UNIT_KB));
	json_auto_t *d = document((struct report_options){.indent = 0}, one, 1);

	check_text(d, "first_oom.memcg.path", "/a");
	check_null(d, "first_oom.memcg.usage_kb");
	check_number(d, "first_oom.memory.free_kb", 1500);
	check_number(d, "first_oom.memory.free_pages", 375);
}

static void subject(void)
{
	struct event *three[] = {event_blank(EVENT_ALLOC_FAILURE, false),
				 event_blank(EVENT_USERSPACE_KILL, true), event_full()};
	json_auto_t *d = NULL;
	struct event *two[] = {event_blank(EVENT_ALLOC_FAILURE, false), event_full()};
	json_auto_t *chosen = document((struct report_options){.event = 1}, two, 2);
	struct event *mild[] = {event_blank(EVENT_ALLOC_FAILURE, false)};
	json_auto_t *none = document((struct report_options){.indent = 2}, mild, 1);
	json_auto_t *empty = document((struct report_options){.indent = 2}, NULL, 0);

	three[0]->page_failure = true;
	d = document((struct report_options){.indent = 0}, three, 3);
	check_number(none, "counts.alloc_failures", 0); /* its failure line is lost */
	check_number(none, "counts.other_failures", 1);
	check_number(d, "first_oom.number", 3);
	check_number(d, "subject.index", 2);
	check_number(d, "counts.alloc_failures", 1);
	check_number(d, "counts.userspace_kills", 1);
	check_number(d, "counts.oom_events", 1);
	check_number(d, "counts.events", 3);
	check_number(chosen, "subject.number", 1);
	check(json_is_true(at(chosen, "subject.chosen")));
	check_number(chosen, "first_oom.number", 2);
	check_null(none, "first_oom");
	check_number(none, "subject.index", 0);
	check_null(empty, "first_oom");
	check_null(empty, "subject");
	check_int(json_array_size(at(empty, "events")), 0);
	check(json_string_length(at(empty, "diagnosis.verdict")) > 0);
}

enum { MANY = 300 };

static void many(void)
{
	struct event *events[MANY];
	json_auto_t *brief = NULL, *all = NULL, *some = NULL;

	for (int i = 0; i < MANY; i++)
		events[i] = event_full();
	brief = document((struct report_options){.budget_bytes = 1, .indent = 2}, events, MANY);
	for (int i = 0; i < MANY; i++)
		events[i] = event_full();
	all = document((struct report_options){.detail = DETAIL_ALL}, events, MANY);
	for (int i = 0; i < MANY; i++)
		events[i] = event_full();
	some = document((struct report_options){.max_events = 10, .event = 200}, events, MANY);
	check_int(json_array_size(at(brief, "events")), MANY);
	check_text(brief, "events.0.detail", "full");
	check_text(brief, "events.299.detail", "brief");
	check_null(brief, "events.299.tasks");
	check_null(brief, "events.299.memory.zones");
	check_number(brief, "events.299.memory.free_pages", 1000);
	check_text(all, "events.299.detail", "full");
	check_int(json_array_size(at(all, "events.299.tasks")), 2);
	check_int(json_array_size(at(some, "events")), 11);
	check_number(some, "events.10.number", 200);
	check_number(some, "subject.index", 10);
	check_number(some, "counts.events_omitted", MANY - 11);
	check_number(some, "counts.oom_events", MANY);
}

/* The same log twice in one container: dmesg and messages of a sos report. */
static void repeated(void)
{
	const struct report_options o = {.now_us = 0};
	struct err err = {.code = ERR_NONE};
	struct event *later = event_full();
	struct report *r = NULL;

	later->victims[0].pid = 87;
	check_ok(report_new(&r, &o, &err), err);
	check_ok(report_add_event(r, event_full(), &err), err);
	check_ok(report_add_event(r, event_full(), &err), err);
	check_int(report_events(r), 2);
	report_next_log(r);
	check_ok(report_add_event(r, event_full(), &err), err);
	check_ok(report_add_event(r, later, &err), err);
	check_int(report_events(r), 3);
	report_free(r);
}

/* Written as it comes, it is the same document. */
static void streamed(void)
{
	CLEANUP_BUF struct buf text = BUF_INIT(16 << 20);
	const struct report_options o = {.detail = DETAIL_ALL, .indent = 2,
					 .stream = sink_buf(&text)};
	struct event *two[] = {event_full(), event_full()};
	json_auto_t *want = document((struct report_options){.detail = DETAIL_ALL}, two, 2);
	json_auto_t *got = NULL;
	const struct source_info info = {.kind = SOURCE_FILE, .name = "log"};
	const struct log_facts log = {.bytes = 10, .lines = 2};
	const struct report_parts parts = {.source = &info, .log = &log};
	struct err err = {.code = ERR_NONE};
	struct report *r = NULL;

	check_ok(report_new(&r, &o, &err), err);
	check_ok(report_add_event(r, event_full(), &err), err);
	check_ok(report_add_event(r, event_full(), &err), err);
	check_ok(report_write(r, &parts, o.stream, 2, &err), err);
	check_ok(report_load(&got, buf_str(&text), "test", &err), err);
	report_free(r);
	check(json_equal(want, got));
}

static int refuse(void *ctx, struct str bytes, struct err *err)
{
	(void)ctx;
	return bytes.n ? err_set(err, ERR_IO, "standard output: full") : 0;
}

static void failures(void)
{
	const struct report_options o = {.now_us = 0};
	const struct report_parts parts = {.source = NULL};
	struct err err = {.code = ERR_NONE};
	struct report *r = NULL;
	json_t *d = NULL;

	check_ok(report_new(&r, &o, &err), err);
	check_ok(report_add_event(r, event_full(), &err), err);
	check(report_write(r, &parts, (struct sink){refuse, NULL}, 0, &err) == -1);
	check_str(str_of(err.text), STR("standard output: full"));
	report_free(r);
	err.code = ERR_NONE;
	check(report_load(&d, STR("{\"a\": }"), "x.json", &err) == -1);
	check(str_starts(str_of(err.text), STR("x.json: line 1")));
	err.code = ERR_NONE;
	check(report_load(&d, STR("[]"), "x.json", &err) == -1 && d == NULL);
}

int main(void)
{
	whole(0);
	whole(2);
	partly();
	subject();
	many();
	repeated();
	streamed();
	failures();
	return tests_done();
}
