/* SPDX-License-Identifier: MIT */
/* view_machine.c - the machine, the log, the counts, the timeline, who played which part. */
#include "report/view.h"

#include <stdio.h>

enum { TIMELINE_ROWS = 40, TIMELINE_BRIEF = 8 };

/* ---- facts ---- */

struct facts {
	json_t *rows;
	struct table table;
};

static void fact(struct view *v, struct facts *f, const char *name, struct str value)
{
	json_t *row;

	if (!value.n)
		return;
	row = add_row(v, f->rows);
	put_text(v, row, "name", str_of(name));
	put_text(v, row, "value", value);
	table_row(&f->table, PAINT_NONE);
	table_cell(&f->table, str_of(name));
	table_cell(&f->table, value);
}

static struct str system_or_event(const struct view *v, const char *system, const char *event)
{
	struct str s = text_at(v->doc, system);

	return s.n ? s : text_at(v->event, event);
}

static void kernel_fact(struct view *v, struct facts *f)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	struct str kernel = text_at(v->event, "kernel"), build = text_at(v->event, "kernel_build");
	struct str tainted = text_at(v->event, "tainted");

	if (!kernel.n)
		kernel = text_at(v->doc, "system.kernel");
	if (!tainted.n)
		tainted = text_at(v->doc, "system.tainted");
	if (!kernel.n)
		return;
	buf_add(&b, kernel);
	if (build.n)
		buf_addf(&b, " %.*s", STR_ARG(build));
	if (text_at(v->doc, "system.arch").n)
		buf_addf(&b, ", %.*s", STR_ARG(text_at(v->doc, "system.arch")));
	if (str_eq_nocase(tainted, STR("not tainted")))
		buf_addz(&b, ", not tainted");
	else if (tainted.n)
		buf_addf(&b, ", %s%.*s", str_starts(tainted, STR("Tainted")) ? "" : "tainted: ",
			 STR_ARG(tainted));
	fact(v, f, "kernel", buf_str(&b));
}

static void system_fact(struct view *v, struct facts *f)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	struct str host = system_or_event(v, "system.hostname", "host");

	buf_add(&b, text_or(text_at(v->doc, "system.distribution"), ""));
	if (host.n)
		buf_addf(&b, "%shost %.*s", b.n ? ", " : "", STR_ARG(host));
	fact(v, f, "system", buf_str(&b));
}

static void memory_fact(struct view *v, struct facts *f)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	int64_t total = v->ram_kb;
	int64_t ram = number_at(v->event, "memory.ram_kb");
	int64_t swap = number_at(v->doc, "system.swap_total_kb");
	int64_t cpus = number_at(v->doc, "system.cpus"), nodes = number_at(v->doc, "system.numa_nodes");
	char size[NUMBER_TEXT];

	/* the event's own numbers first: the log may be another machine's */
	if (number_at(v->event, "memory.swap_total_kb") != UNKNOWN)
		swap = number_at(v->event, "memory.swap_total_kb");
	if (total != UNKNOWN)
		buf_addf(&b, "%s usable", human_size(total, size));
	if (ram != UNKNOWN)
		buf_addf(&b, "%s%s present", b.n ? ", " : "", human_size(ram, size));
	if (b.n && swap != UNKNOWN)
		buf_addf(&b, "; swap %s", swap == 0 ? "none" : human_size(swap, size));
	if (b.n && cpus != UNKNOWN)
		buf_addf(&b, "; %lld CPU%s", (long long)cpus, cpus == 1 ? "" : "s");
	if (b.n && nodes > 1)
		buf_addf(&b, " on %lld nodes", (long long)nodes);
	fact(v, f, "RAM", buf_str(&b));
}

/* What a maintainer asks for first, and what somebody has changed: a number that is not the
 * kernel's own since 5.0 (Documentation/admin-guide/sysctl/vm.rst). */
static const struct {
	const char *name;
	int64_t usual; /* UNKNOWN: there is no such number, it is always shown */
} settings[] = {
	{"swappiness", UNKNOWN},
	{"overcommit_memory", UNKNOWN},
	{"min_free_kbytes", UNKNOWN},
	{"overcommit_ratio", 50},
	{"overcommit_kbytes", 0},
	{"panic_on_oom", 0},
	{"oom_kill_allocating_task", 0},
	{"oom_dump_tasks", 1},
	{"watermark_scale_factor", 10},
	{"watermark_boost_factor", 15000},
	{"zone_reclaim_mode", 0},
	{"nr_hugepages", 0},
	{"nr_overcommit_hugepages", 0},
	{"vfs_cache_pressure", 100},
	{"dirty_ratio", 20},
	{"dirty_background_ratio", 10},
	{"dirty_bytes", 0},
	{"dirty_background_bytes", 0},
	{"extfrag_threshold", 500},
	{"page-cluster", 3},
};

static void settings_fact(struct view *v, struct facts *f)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	json_t *sysctl = at(v->doc, "collection.facts.sysctl");
	bool changed = false;

	if (json_is_false(at(v->doc, "collection.log_is_of_this_machine")))
		return;
	for (size_t i = 0; i < ARRAY_COUNT(settings); i++) {
		char key[64];
		int64_t value;

		snprintf(key, sizeof(key), "vm_%s", settings[i].name);
		for (char *p = key; (p = strchr(p, '-'));)
			*p = '_';
		value = number_at(sysctl, key);
		if (value == UNKNOWN || value == settings[i].usual)
			continue;
		buf_addz(&b, !b.n ? "" : settings[i].usual != UNKNOWN && !changed ? "; changed: " : ", ");
		changed |= settings[i].usual != UNKNOWN;
		buf_addf(&b, "%s %lld", settings[i].name, (long long)value);
	}
	fact(v, f, "vm.*", buf_str(&b));
}

static void log_fact(struct view *v, struct facts *f)
{
	CLEANUP_BUF struct buf b = BUF_INIT(8192);
	int64_t lines = number_at(v->doc, "source.lines");
	int64_t lost = number_at(v->doc, "source.lost_records");

	if (!at(v->doc, "source"))
		return;
	if (text_at(v->doc, "collection.no_log").n) {
		buf_addf(&b, "none: %.*s", STR_ARG(text_at(v->doc, "collection.no_log")));
		fact(v, f, "log", buf_str(&b));
		return;
	}
	buf_add(&b, text_or(text_at(v->doc, "source.kind"), "log"));
	if (text_at(v->doc, "source.name").n &&
	    !str_eq(text_at(v->doc, "source.name"), text_at(v->doc, "source.kind")))
		buf_addf(&b, " %.*s", STR_ARG(text_at(v->doc, "source.name")));
	if (lines != UNKNOWN)
		buf_addf(&b, ", %lld line%s", (long long)lines, lines == 1 ? "" : "s");
	if (true_at(v->doc, "source.head_lost"))
		buf_addz(&b, "; its beginning is lost, earlier events may be missing");
	if (lost > 0)
		buf_addf(&b, "; %lld records lost", (long long)lost);
	if (text_at(v->doc, "source.note").n)
		buf_addf(&b, "; %.*s", STR_ARG(text_at(v->doc, "source.note")));
	fact(v, f, "log", buf_str(&b));
}

static void view_facts(struct view *v)
{
	struct facts f = {put_array(v, v->to, "facts"), TABLE_INIT("ll")};

	if (v->event)
		fact(v, &f, "when", text_at(v->to, "when"));
	kernel_fact(v, &f);
	system_fact(v, &f);
	fact(v, &f, "machine", system_or_event(v, "system.hardware", "hardware"));
	memory_fact(v, &f);
	settings_fact(v, &f);
	log_fact(v, &f);
	put_table(v, v->to, "facts_table", &f.table, 2);
	table_free(&f.table);
}

/* ---- counts ---- */

/* Of a central log: whose events are not told here. */
static void add_other_hosts(struct buf *b, json_t *others)
{
	enum { HOSTS_NAMED = 5 };
	size_t i, n = json_array_size(others);
	json_t *other;

	json_array_foreach(others, i, other) {
		int64_t calls = number_at(other, "counts.oom_events");

		if (i >= HOSTS_NAMED) {
			buf_addf(b, " and %zu more", n - i);
			break;
		}
		buf_addf(b, "%s%.*s", i ? ", " : "; of other hosts in it nothing is said here: ",
			 STR_ARG(text_or(text_at(other, "system.hostname"), "?")));
		if (calls > 0)
			buf_addf(b, " (%lld call%s of the OOM killer)", (long long)calls,
				 calls == 1 ? "" : "s");
	}
}

static void view_counts(struct view *v)
{
	static const struct {
		const char *key, *one, *many;
	} rows[] = {
		{"counts.oom_events", "call of the OOM killer", "calls of the OOM killer"},
		{"counts.alloc_failures", "page allocation failure", "page allocation failures"},
		{"counts.other_failures", "other failed allocation", "other failed allocations"},
		{"counts.alloc_stalls", "allocation stall", "allocation stalls"},
		{"counts.userspace_kills", "kill by a userspace program",
		 "kills by userspace programs"},
	};
	CLEANUP_BUF struct buf b = BUF_INIT(4096), wrapped = BUF_INIT(4096);

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int64_t n = number_at(v->doc, rows[i].key);

		if (n == UNKNOWN || (n == 0 && i > 1))
			continue;
		if (b.n)
			buf_addz(&b, ", ");
		if (n == 0)
			buf_addf(&b, "no %s", rows[i].one);
		else
			buf_addf(&b, "%lld %s", (long long)n, n == 1 ? rows[i].one : rows[i].many);
	}
	if (!b.n)
		buf_addz(&b, "not counted");
	add_other_hosts(&b, at(v->doc, "other_hosts"));
	put_buf(v, v->to, "counts_sentence", &b);
	wrap(&wrapped, buf_str(&b), v->o.width, STR("  "), 2);
	put_buf(v, v->to, "counts_wrapped", &wrapped);
}

/* ---- the timeline ---- */

static void add_what(struct buf *b, json_t *event)
{
	json_t *victim = at(event, "victims.0");
	int64_t order = number_at(event, "trigger.order");
	int64_t kb = victim_rss_kb(victim);
	struct str memcg = text_at(event, "memcg.path");
	char size[NUMBER_TEXT];

	if (victim) {
		buf_addz(b, "killed ");
		buf_add(b, event_name(victim, "?"));
		if (number_at(victim, "pid") != UNKNOWN)
			buf_addf(b, " (pid %lld)", (long long)number_at(victim, "pid"));
		if (kb != UNKNOWN)
			buf_addf(b, ", %s", human_size(kb, size));
	}
	if (text_at(event, "trigger.comm").n)
		buf_addf(b, "%sby %.*s", b->n ? "; " : "",
			 STR_ARG(text_at(event, "trigger.comm")));
	if (order != UNKNOWN)
		buf_addf(b, ", order %lld", (long long)order);
	if (memcg.n)
		buf_addf(b, ", cgroup %.*s", STR_ARG(memcg));
	if (!victim && text_at(event, "reason").n)
		buf_addf(b, "%s%.*s", b->n ? "; " : "", STR_ARG(text_at(event, "reason")));
}

static void view_moment(struct view *v, json_t *row, json_t *event, bool subject, size_t n,
			struct table *t)
{
	CLEANUP_BUF struct buf what = BUF_INIT(8192);
	json_t *seconds = at(event, "time.monotonic_s");
	char when[64] = "";

	if (json_is_number(seconds))
		snprintf(when, sizeof(when), "%.3f s", json_number_value(seconds));
	else if (text_at(event, "time.wall").n)
		snprintf(when, sizeof(when), "%.*s", STR_ARG(text_at(event, "time.wall")));
	add_what(&what, event);
	put_number(v, row, "n", (int64_t)n);
	put_text(v, row, "when", str_of(when[0] ? when : "?"));
	put_text(v, row, "wall", text_at(event, "time.wall"));
	put_text(v, row, "label", event_label(event));
	put_buf(v, row, "what", &what);
	put_bool(v, row, "fatal", true_at(event, "fatal"));
	put_bool(v, row, "subject", subject);
	put_number(v, row, "line", number_at(event, "lines.first"));
	table_row(t, subject ? PAINT_BOLD : true_at(event, "fatal") ? PAINT_BAD : PAINT_NONE);
	table_cell(t, subject ? STR(">") : STR(""));
	table_cell(t, str_of(when[0] ? when : "?"));
	table_cell(t, event_label(event));
	table_cell(t, buf_str(&what));
}

static void copy_row(struct table *to, const struct table_row *row)
{
	table_row(to, row->paint);
	for (size_t c = 0; c < row->n; c++)
		table_cell(to, row->cells[c]);
}

static void view_timeline(struct view *v)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lrll");
	CLEANUP_TABLE struct table brief = TABLE_INIT("lrll");
	json_t *to = put_object(v, v->to, "timeline"), *rows = put_array(v, to, "rows");
	json_t *events = at(v->doc, "events"), *event;
	int64_t subject = number_at(v->event, "number");
	size_t n = json_array_size(events), i, left_out = 0;
	bool seen = false;

	json_array_foreach(events, i, event) {
		bool is = !seen && subject != UNKNOWN &&
			  number_at(event, "number") == subject;

		/* of a storm the beginning, the subject and the end */
		if (!v->o.all && n > TIMELINE_ROWS && i >= TIMELINE_ROWS - 5 && i + 5 < n && !is) {
			left_out++;
			continue;
		}
		seen = seen || is;
		view_moment(v, add_row(v, rows), event, is, i + 1, &t);
		/* the first few again, for a page that must stay short */
		if (brief.n_rows < TIMELINE_BRIEF && !t.failed)
			copy_row(&brief, &t.rows[t.n_rows - 1]);
	}
	if (n > brief.n_rows) {
		table_row(&brief, PAINT_DIM);
		table_cell(&brief, STR(""));
		table_cell(&brief, STR(""));
		table_cellf(&brief, "and %zu more", n - (brief.n_rows - 1));
	}
	put_bool(v, to, "known", n > 0);
	put_bool(v, to, "many", n > 1);
	put_number(v, to, "left_out", left_out ? (int64_t)left_out : UNKNOWN);
	put_table(v, to, "table", &t, 2);
	put_table(v, to, "brief", &brief, 2);
}

/* ---- trigger, victim, owner, consumer, cause ---- */

static void view_roles(struct view *v)
{
	static const struct {
		const char *role;
		struct str label;
	} labels[] = {
		{"trigger", STR_INIT("trigger")},
		{"victim", STR_INIT("victim")},
		{"limit_owner", STR_INIT("owner of the limit")},
		{"largest_consumer", STR_INIT("largest consumer")},
		{"cause", STR_INIT("cause")},
	};
	json_t *rows = put_array(v, v->to, "roles"), *roles = at(v->doc, "diagnosis.roles"), *role;
	CLEANUP_BUF struct buf lines = BUF_INIT(65536);
	size_t i;

	json_array_foreach(roles, i, role) {
		struct str label = text_or(text_at(role, "role"), "?");
		struct str words = text_at(role, "text");
		CLEANUP_BUF struct buf both = BUF_INIT(65536);
		json_t *row;
		char head[64];

		if (!text_at(role, "name").n && !words.n)
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(labels); k++) {
			if (str_eq(label, str_of(labels[k].role)))
				label = labels[k].label;
		}
		row = add_row(v, rows);
		put_text(v, row, "label", label);
		put_text(v, row, "name", text_at(role, "name"));
		put_text(v, row, "text", words);
		snprintf(head, sizeof(head), "  %-18.*s ", STR_ARG(str_sub(label, 0, 40)));
		buf_add(&both, text_or(text_at(role, "name"), ""));
		if (words.n)
			buf_addf(&both, "%s%.*s", both.n ? ": " : "", STR_ARG(words));
		wrap(&lines, buf_str(&both), v->o.width, str_of(head), 21);
	}
	put_buf(v, v->to, "roles_lines", &lines);
	put_bool(v, v->to, "has_roles", json_array_size(rows) > 0);
}

static void view_trace(struct view *v)
{
	json_t *trace = at(v->event, "call_trace"), *symbol;
	CLEANUP_BUF struct buf b = BUF_INIT(65536);
	size_t i;

	json_array_foreach(trace, i, symbol) {
		buf_addz(&b, i ? " < " : "");
		buf_addz(&b, json_is_string(symbol) ? json_string_value(symbol) : "?");
	}
	put_buf(v, v->to, "call_trace", &b);
	put_number(v, v->to, "call_trace_count", (int64_t)json_array_size(trace));
}

void view_machine(struct view *v)
{
	view_trace(v);
	view_facts(v);
	view_counts(v);
	view_timeline(v);
	view_roles(v);
}
