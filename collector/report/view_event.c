/* SPDX-License-Identifier: MIT */
/* view_event.c - what happened in one sentence, the request and its flags, who was killed. */
#include "report/view.h"

#include <stdio.h>

static const struct {
	struct str kind;
	struct str label;
	const char *flag; /* the name that templates ask for */
} kinds[] = {
	{STR_INIT("oom-kill"), STR_INIT("OOM kill"), "is_kill"},
	{STR_INIT("oom-panic"), STR_INIT("OOM panic"), "is_panic"},
	{STR_INIT("oom-no-victim"), STR_INIT("OOM without a victim"), "is_no_victim"},
	{STR_INIT("alloc-failure"), STR_INIT("page allocation failure"), "is_failure"},
	{STR_INIT("alloc-stall"), STR_INIT("page allocation stall"), "is_stall"},
	{STR_INIT("userspace-kill"), STR_INIT("userspace kill"), "is_userspace"},
};

struct str event_label(json_t *event)
{
	struct str kind = text_at(event, "kind");

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (str_eq(kind, kinds[i].kind))
			return kinds[i].label;
	}
	return text_or(kind, "event");
}

struct str event_name(json_t *task, const char *otherwise)
{
	return text_or(text_at(task, "comm"), otherwise);
}

static bool kind_is(const struct view *v, const char *kind)
{
	return str_eq(text_at(v->event, "kind"), str_of(kind));
}

static bool scope_is(const struct view *v, const char *scope)
{
	return str_eq(text_at(v->event, "scope"), str_of(scope));
}

static void add_task(struct buf *b, json_t *task, const char *otherwise)
{
	int64_t pid = number_at(task, "pid");

	buf_add(b, event_name(task, otherwise));
	if (pid != UNKNOWN)
		buf_addf(b, " (pid %lld)", (long long)pid);
}

int64_t victim_rss_kb(json_t *victim)
{
	static const char *const parts[] = {"anon_rss_kb", "file_rss_kb", "shmem_rss_kb"};
	int64_t sum = UNKNOWN;

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		int64_t n = number_at(victim, parts[i]);

		if (n != UNKNOWN && (sum == UNKNOWN || __builtin_add_overflow(sum, n, &sum)))
			sum = n;
	}
	return sum;
}

/* ---- the sentence ---- */

static int64_t request_kb(const struct view *v)
{
	int64_t kb = number_at(v->event, "trigger.request_kb");
	int64_t order = number_at(v->event, "trigger.order");

	if (kb == UNKNOWN && order >= 0 && order < 31)
		kb = pages_to_kb(v, INT64_C(1) << order);
	return kb;
}

static void add_request(struct view *v, struct buf *b)
{
	int64_t order = number_at(v->event, "trigger.order");
	int64_t kb = request_kb(v);
	char size[NUMBER_TEXT];

	if (order == UNKNOWN)
		buf_addf(b, "asked for memory%s", text_at(v->event, "trigger.what").n
							  ? ""
							  : " (how much is not in the log)");
	else if (order == 0)
		buf_addf(b, "asked for one page (order 0%s%s)", kb == UNKNOWN ? "" : ", ",
			 kb == UNKNOWN ? "" : human_size(kb, size));
	else
		buf_addf(b, "asked for %lld pages in one piece (order %lld%s%s)",
			 order < 0 || order > 30 ? 0LL : (long long)(INT64_C(1) << order),
			 (long long)order,
			 kb == UNKNOWN ? "" : ", ", kb == UNKNOWN ? "" : human_size(kb, size));
}

static void add_scope(struct view *v, struct buf *b)
{
	char limit[NUMBER_TEXT];
	int64_t kb = number_at(v->event, "memcg.limit_kb");

	if (scope_is(v, "memcg")) {
		buf_addz(b, "; the memory cgroup ");
		buf_add(b, text_or(text_at(v->event, "memcg.path"), "(path not in the log)"));
		buf_addz(b, " was at its limit");
		if (kb != UNKNOWN)
			buf_addf(b, " of %s", human_size(kb, limit));
		buf_addz(b, " and reclaim inside it did not help");
	} else if (scope_is(v, "cpuset")) {
		buf_addz(b, ", and the nodes of its cpuset had none left, even after reclaim");
	} else if (scope_is(v, "mempolicy")) {
		buf_addz(b, ", and the nodes its memory policy allows had none left, even after "
			    "reclaim");
	} else {
		buf_addz(b, ", and no zone the request may use had it, even after reclaim");
	}
}

static void add_victims(struct view *v, struct buf *b)
{
	json_t *victims = at(v->event, "victims"), *first = json_array_get(victims, 0);
	int64_t kb = victim_rss_kb(first), pid = number_at(first, "pid");
	int64_t limit = number_at(v->event, "memcg.limit_kb");
	size_t n = json_array_size(victims);
	char size[NUMBER_TEXT];

	if (!first) {
		buf_addz(b, "a process; which one is not in the log");
		return;
	}
	if (pid != UNKNOWN && pid == number_at(v->event, "trigger.pid") &&
	    !kind_is(v, "userspace-kill"))
		buf_addz(b, "that same process");
	else
		add_task(b, first, "a process without a name in the log");
	if (kb != UNKNOWN)
		buf_addf(b, ", which held %s%s", human_size(kb, size),
			 limit != UNKNOWN && kb > limit ? " (part of it charged elsewhere)" : "");
	if (n > 1)
		buf_addf(b, ", and %zu more%s", n - 1,
			 true_at(v->event, "memcg.oom_group") ? " (memory.oom.group)" : "");
}

static void add_outcome(struct view *v, struct buf *b)
{
	struct str reason = text_at(v->event, "reason");

	if (kind_is(v, "oom-panic")) {
		buf_addz(b, ". The kernel panicked");
		if (reason.n) {
			buf_addz(b, ": ");
			buf_add(b, reason);
		}
	} else if (kind_is(v, "oom-no-victim")) {
		buf_addz(b, ". There was nobody the OOM killer may kill");
	} else {
		buf_addz(b, ". The OOM killer killed ");
		add_victims(v, b);
	}
	buf_addc(b, '.');
}

static void add_failure(struct view *v, struct buf *b)
{
	int64_t ms = number_at(v->event, "trigger.stall_ms");
	struct str what = text_at(v->event, "trigger.what");

	add_task(b, at(v->event, "trigger"), "A task (name not in the log)");
	buf_addc(b, ' ');
	add_request(v, b);
	if (what.n)
		buf_addf(b, " (%.*s)", STR_ARG(what));
	if (kind_is(v, "alloc-stall")) {
		if (ms == UNKNOWN)
			buf_addz(b, " and is still waiting");
		else
			buf_addf(b, " and has waited for it %lld ms", (long long)ms);
		buf_addz(b, ". Nobody was killed.");
		return;
	}
	buf_addz(b, " and got none. This is a page allocation failure, not an OOM kill: nobody "
		    "was killed, and the caller has to cope.");
	if (true_at(v->event, "trigger.gfp_atomic"))
		buf_addz(b, " The request was atomic: it may not wait for reclaim, so under load "
			    "some are expected to fail.");
}

static void add_userspace(struct view *v, struct buf *b)
{
	struct str reason = text_at(v->event, "reason");

	buf_add(b, text_or(text_at(v->event, "killer"), "A program"));
	buf_addz(b, " (a userspace program, not the kernel) killed ");
	add_victims(v, b);
	if (reason.n) {
		buf_addz(b, ": ");
		buf_add(b, reason);
	}
	buf_addc(b, '.');
}

static void add_sentence(struct view *v, struct buf *b)
{
	if (!v->event) {
		buf_addz(b, "The log holds no out-of-memory event.");
	} else if (kind_is(v, "alloc-failure") || kind_is(v, "alloc-stall")) {
		add_failure(v, b);
	} else if (kind_is(v, "userspace-kill")) {
		add_userspace(v, b);
	} else if (scope_is(v, "manual")) {
		buf_addz(b, "Somebody called the OOM killer by hand (SysRq-f, or a program that "
			    "writes to sysrq-trigger); no allocation failed");
		add_outcome(v, b);
	} else if (!text_at(v->event, "trigger.comm").p &&
		   number_at(v->event, "trigger.order") == UNKNOWN) {
		buf_addz(b, "Who asked for memory is not in the log");
		if (scope_is(v, "memcg"))
			add_scope(v, b);
		add_outcome(v, b);
	} else {
		add_task(b, at(v->event, "trigger"), "A task (name not in the log)");
		buf_addc(b, ' ');
		add_request(v, b);
		add_scope(v, b);
		add_outcome(v, b);
	}
}

static void view_sentence(struct view *v)
{
	CLEANUP_BUF struct buf b = BUF_INIT(65536), wrapped = BUF_INIT(65536);

	add_sentence(v, &b);
	put_buf(v, v->to, "sentence", &b);
	wrap(&wrapped, buf_str(&b), v->o.width, STR("  "), 2);
	put_buf(v, v->to, "sentence_wrapped", &wrapped);
}

/* ---- when, what, where ---- */

static void view_when(struct view *v)
{
	json_t *seconds = at(v->event, "time.monotonic_s");
	struct str wall = text_at(v->event, "time.wall");
	CLEANUP_BUF struct buf b = BUF_INIT(256);

	if (wall.n)
		add_time(&b, wall);
	if (json_is_number(seconds))
		buf_addf(&b, "%s%.6f s after boot", wall.n ? ", " : "",
			 json_number_value(seconds));
	put_text(v, v->to, "when", b.n ? buf_str(&b) : STR("time not in the log"));
}

static struct str scope_words(struct view *v)
{
	static const struct {
		const char *scope;
		struct str words;
	} rows[] = {
		{"global", STR_INIT("the whole machine")},
		{"memcg", STR_INIT("one memory cgroup")},
		{"cpuset", STR_INIT("the nodes of one cpuset")},
		{"mempolicy", STR_INIT("the nodes of one memory policy")},
		{"manual", STR_INIT("called by hand")},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (scope_is(v, rows[i].scope))
			return rows[i].words;
	}
	return (struct str){NULL, 0};
}

static void view_kind(struct view *v)
{
	CLEANUP_BUF struct buf missing = BUF_INIT(4096);
	json_t *parts = at(v->event, "missing"), *part;
	size_t i;

	put_bool(v, v->to, "has_event", v->event != NULL);
	put_text(v, v->to, "label", v->event ? event_label(v->event) : STR("no OOM event"));
	put_bool(v, v->to, "fatal", true_at(v->event, "fatal"));
	put_text(v, v->to, "scope", scope_words(v));
	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		put_bool(v, v->to, kinds[i].flag,
			 str_eq(text_at(v->event, "kind"), kinds[i].kind));
	put_bool(v, v->to, "is_memcg", scope_is(v, "memcg"));
	put_bool(v, v->to, "is_global", v->event && !scope_is(v, "memcg") &&
						!kind_is(v, "userspace-kill"));
	json_array_foreach(parts, i, part) {
		buf_addz(&missing, i ? ", " : "");
		buf_addz(&missing, json_is_string(part) ? json_string_value(part) : "?");
	}
	put_buf(v, v->to, "event_lacks", &missing);
	/* the event is the report's subject, whichever key it stands under */
	put(v, v->to, "event", v->event ? json_incref(v->event) : json_null());
}

/* ---- the request ---- */

static struct str order_words(int64_t order)
{
	if (order == UNKNOWN)
		return (struct str){NULL, 0};
	if (order < 0)
		return STR("forced by hand: there was no request");
	if (order == 0)
		return STR("one page, the smallest request: memory was out, not fragmented");
	if (order <= 3)
		return STR("pages in a row: there may be free memory in pieces too small");
	return STR("a costly order: the kernel rather lets it fail than kills for it, and the "
		   "caller should be ready for that");
}

static void add_flags(struct view *v, struct buf *b)
{
	json_t *names = at(v->event, "trigger.gfp_flags"), *name;
	size_t i;

	json_array_foreach(names, i, name) {
		buf_addz(b, i ? "|" : "");
		buf_addz(b, json_is_string(name) ? json_string_value(name) : "?");
	}
	if (names && !json_array_size(names))
		buf_addc(b, '0');
}

static void view_gfp(struct view *v, json_t *request)
{
	CLEANUP_BUF struct buf flags = BUF_INIT(8192);
	CLEANUP_TABLE struct table t = TABLE_INIT("ll");
	json_t *rows = at(v->event, "trigger.gfp_meaning"), *row;
	json_t *atomic = at(v->event, "trigger.gfp_atomic");
	size_t i;

	add_flags(v, &flags);
	put_text(v, request, "mask", text_at(v->event, "trigger.gfp_mask"));
	put_buf(v, request, "flags", &flags);
	put_text(v, request, "unknown_bits", text_at(v->event, "trigger.gfp_unknown_bits"));
	put_bool(v, request, "decoded_here",
		 str_eq(text_at(v->event, "trigger.gfp_flags_source"), STR("decoded")));
	put_bool(v, request, "guessed", true_at(v->event, "trigger.gfp_guessed"));
	put_bool(v, request, "disagrees", json_is_false(at(v->event, "trigger.gfp_table_agrees")));
	put(v, request, "meaning", rows ? json_incref(rows) : json_array());
	json_array_foreach(rows, i, row) {
		table_row(&t, PAINT_NONE);
		table_cell(&t, text_at(row, "flag"));
		table_cell(&t, text_at(row, "meaning"));
	}
	put_table(v, request, "meaning_table", &t, 4);
	put_bool(v, request, "atomic", json_is_true(atomic));
	put_text(v, request, "atomic_words",
		 json_is_true(atomic)
			 ? STR("yes: the request could not wait, so reclaim could not help it")
		 : json_is_false(atomic)
			 ? STR("no: the request could wait, so the kernel had tried to reclaim")
			 : (struct str){NULL, 0});
}

/* One line for a screen that must stay short. */
static void put_request_brief(struct view *v, json_t *request)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("ll");
	CLEANUP_BUF struct buf b = BUF_INIT(16384);
	int64_t order = number_at(request, "order");

	if (order == UNKNOWN)
		buf_addz(&b, "order not known");
	else
		buf_addf(&b, "order %lld", (long long)order);
	if (text_at(request, "size").n)
		buf_addf(&b, " (%.*s)", STR_ARG(text_at(request, "size")));
	if (text_at(request, "mask").n)
		buf_addf(&b, ", gfp_mask %.*s", STR_ARG(text_at(request, "mask")));
	if (text_at(request, "flags").n)
		buf_addf(&b, " = %.*s", STR_ARG(text_at(request, "flags")));
	if (true_at(request, "atomic"))
		buf_addz(&b, ", atomic: it could not wait for reclaim");
	table_row(&t, PAINT_NONE);
	table_cell(&t, STR("request"));
	table_cell(&t, buf_str(&b));
	put_table(v, request, "brief", &t, 2);
}

/* Order and mask as the summary prints them: a name, then wrapped words. */
static void view_request_lines(struct view *v, json_t *request)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("ll");
	int64_t order = number_at(request, "order");
	struct str mask = text_at(request, "mask"), flags = text_at(request, "flags");
	struct str words = text_at(request, "order_words"), size = text_at(request, "size");
	CLEANUP_BUF struct buf b = BUF_INIT(16384);

	if (text_at(v->event, "trigger.comm").n) {
		add_task(&b, at(v->event, "trigger"), "?");
		buf_add(&b, text_or(text_at(request, "where"), ""));
		table_row(&t, PAINT_NONE);
		table_cell(&t, STR("by"));
		table_cell(&t, buf_str(&b));
		b.n = 0;
	}
	if (order != UNKNOWN) {
		table_row(&t, PAINT_NONE);
		table_cell(&t, STR("order"));
		table_cellf(&t, "%lld%s%.*s: %.*s", (long long)order, size.n ? ", " : "",
			    STR_ARG(size), STR_ARG(words));
	}
	if (mask.n || flags.n) {
		table_row(&t, PAINT_NONE);
		table_cell(&t, STR("gfp_mask"));
		buf_addf(&b, "%.*s%s%.*s", STR_ARG(mask), mask.n && flags.n ? " = " : "",
			 STR_ARG(flags));
		if (true_at(request, "decoded_here"))
			buf_addz(&b, " (decoded here: the log has the number only)");
		if (true_at(request, "guessed"))
			buf_addz(&b, " (kernel version not known: the newest kernel's names)");
		if (text_at(request, "unknown_bits").n)
			buf_addf(&b, ", unknown bits %.*s",
				 STR_ARG(text_at(request, "unknown_bits")));
		table_cell(&t, buf_str(&b));
	}
	if (text_at(request, "atomic_words").n) {
		table_row(&t, PAINT_NONE);
		table_cell(&t, STR("atomic"));
		table_cell(&t, text_at(request, "atomic_words"));
	}
	put_table(v, request, "lines", &t, 2);
}

static void view_request(struct view *v)
{
	json_t *request = put_object(v, v->to, "request");
	CLEANUP_BUF struct buf b = BUF_INIT(8192);
	int64_t order = number_at(v->event, "trigger.order");
	int64_t kb = request_kb(v);
	char size[NUMBER_TEXT];

	put_bool(v, request, "known",
		 order != UNKNOWN || at(v->event, "trigger.gfp_flags") != NULL);
	put_number(v, request, "order", order);
	put_text(v, request, "order_words", order_words(order));
	put_bool(v, request, "high_order", order > 0);
	put_bool(v, v->to, "show_buddy", order > 0 || v->o.all);
	put_number(v, request, "pages", order < 0 || order > 30 ? UNKNOWN : INT64_C(1) << order);
	put_text(v, request, "size",
		 kb == UNKNOWN ? (struct str){NULL, 0} : str_of(human_size(kb, size)));
	view_gfp(v, request);
	add_task(&b, at(v->event, "trigger"), "not in the log");
	put_buf(v, request, "who", &b);
	b.n = 0;
	if (number_at(v->event, "trigger.cpu") != UNKNOWN)
		buf_addf(&b, ", CPU %lld", (long long)number_at(v->event, "trigger.cpu"));
	if (text_at(v->event, "trigger.cpuset").n)
		buf_addf(&b, ", cpuset %.*s", STR_ARG(text_at(v->event, "trigger.cpuset")));
	if (text_at(v->event, "trigger.mems_allowed").n)
		buf_addf(&b, ", mems_allowed %.*s",
			 STR_ARG(text_at(v->event, "trigger.mems_allowed")));
	if (text_at(v->event, "trigger.nodemask").n)
		buf_addf(&b, ", nodemask %.*s", STR_ARG(text_at(v->event, "trigger.nodemask")));
	put_buf(v, request, "where", &b);
	view_request_lines(v, request);
	put_request_brief(v, request);
}

/* ---- the killed ---- */

static void view_victim(struct view *v, json_t *row, json_t *victim, struct table *t)
{
	char size[NUMBER_TEXT];
	int64_t rss = victim_rss_kb(victim);

	put_text(v, row, "name", event_name(victim, "?"));
	put_number(v, row, "pid", number_at(victim, "pid"));
	put_number(v, row, "uid", number_at(victim, "uid"));
	put_number(v, row, "rss_kb", rss);
	putf(v, row, "rss_human", "%s", human_size(rss, size));
	put_number(v, row, "anon_rss_kb", number_at(victim, "anon_rss_kb"));
	put_number(v, row, "file_rss_kb", number_at(victim, "file_rss_kb"));
	put_number(v, row, "shmem_rss_kb", number_at(victim, "shmem_rss_kb"));
	put_number(v, row, "pgtables_kb", number_at(victim, "pgtables_kb"));
	put_number(v, row, "oom_score_adj", number_at(victim, "oom_score_adj"));
	put_text(v, row, "memcg", text_at(victim, "memcg"));
	put_text(v, row, "reaped",
		 true_at(victim, "reaped") ? STR("reaped")
		 : json_is_false(at(victim, "reaped"))
			 ? STR("the reaper gave up")
			 : (struct str){NULL, 0});
	table_row(t, PAINT_NONE);
	table_number(t, number_at(victim, "pid"));
	table_number(t, number_at(victim, "uid"));
	table_number(t, rss);
	table_number(t, number_at(victim, "anon_rss_kb"));
	table_number(t, number_at(victim, "file_rss_kb"));
	table_number(t, number_at(victim, "shmem_rss_kb"));
	table_number(t, number_at(victim, "oom_score_adj"));
	table_cell(t, event_name(victim, "?"));
}

static void view_victims(struct view *v)
{
	static const char *const heads[] = {"pid",  "uid",   "rss kB",	"anon",
					    "file", "shmem", "adj", "killed"};
	CLEANUP_TABLE struct table t = TABLE_INIT("rrrrrrrl");
	json_t *rows = put_array(v, v->to, "victims"), *victims = at(v->event, "victims");
	size_t n = json_array_size(victims), shown = n > 20 && !v->o.all ? 20 : n;

	if (n) {
		table_row(&t, PAINT_DIM);
		for (size_t i = 0; i < ARRAY_COUNT(heads); i++)
			table_cell(&t, str_of(heads[i]));
	}
	for (size_t i = 0; i < shown; i++)
		view_victim(v, add_row(v, rows), json_array_get(victims, i), &t);
	put_bool(v, v->to, "has_victims", n > 0);
	put_number(v, v->to, "victims_more", n > shown ? (int64_t)(n - shown) : UNKNOWN);
	put_table(v, v->to, "victims_table", &t, 2);
}

void view_event(struct view *v)
{
	view_kind(v);
	view_when(v);
	view_sentence(v);
	view_request(v);
	view_victims(v);
}
