/* SPDX-License-Identifier: MIT */
/* cmd_analyze.c - `oomreport analyze`: the road from any kernel log to the document. */
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "base/when.h"
#include "cli/cli.h"
#include "cli/compare.h"
#include "cli/per_host.h"
#include "cli/render.h"
#include "report/report.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON, FORMAT_MARKDOWN, FORMAT_HTML };

struct options {
	int format;
	const char *template, *kernel, *host;
	int64_t event, now_us;
	bool all, exit_code, compare;
};

static const struct options defaults = {.event = UNKNOWN, .now_us = UNKNOWN};

static const struct option_row rows[] = {
	{"format", 'f', OPT_CHOICE, false, "text|json|ndjson|markdown|html",
	 offsetof(struct options, format), "what to print (default: text)"},
	{"template", 0, OPT_TEXT, false, "NAME|FILE", offsetof(struct options, template),
	 "print by this template"},
	{"event", 0, OPT_NUMBER, false, "N", offsetof(struct options, event),
	 "report on the N-th event (default: the first fatal one)"},
	{"all", 'a', OPT_FLAG, false, NULL, offsetof(struct options, all), "every event in full"},
	{"host", 0, OPT_TEXT, false, "NAME", offsetof(struct options, host),
	 "of a log of several hosts, only this one"},
	{"kernel", 'k', OPT_KERNEL, false, "VERSION", offsetof(struct options, kernel),
	 "of this kernel, where the log does not say"},
	{"exit-code", 0, OPT_FLAG, false, NULL, offsetof(struct options, exit_code),
	 "end with 10 (a fatal OOM), 11 (other events only), 0 (none)"},
	{"compare", 0, OPT_FLAG, false, NULL, offsetof(struct options, compare),
	 "two bundles of one machine, before and after: what changed"},
	{"now", 0, OPT_TIME, false, "TIME", offsetof(struct options, now_us),
	 "take this as the present"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

enum {
	INDENT = 2,
	TEXT_EVENTS = 40,	     /* more are only counted on a page for people */
	SAVED_MAX = 64 * 1024 * 1024, /* of a bundle's own report.json */
	PAGE_MAX = 64 * 1024 * 1024,
};

struct analysis {
	const struct options *o;
	int out;
	bool several;
	int printed; /* documents */
	bool fatal, events;
};

/* ---- one log: bytes to events ---- */

static int drain(struct parser *p, struct per_host *hosts, uint64_t *events, struct err *err)
{
	struct event *ev;

	for (; (ev = parser_take(p)); ++*events) {
		if (per_host_add(hosts, ev, err) != 0)
			return -1;
	}
	return 0;
}

static int read_log(struct source *s, struct parser *p, struct per_host *hosts, uint64_t *events,
		    struct err *err)
{
	struct str window;
	int rc;

	while ((rc = source_window(s, &window, err)) > 0) {
		if (parser_feed(p, window, err) != 0 || drain(p, hosts, events, err) != 0)
			return -1;
	}
	if (rc < 0) {
		/* what came before the damage is still worth a report */
		(void)(parser_finish(p, NULL) == 0 && drain(p, hosts, events, NULL) == 0);
		return -1;
	}
	return parser_finish(p, err) != 0 || drain(p, hosts, events, err) != 0 ? -1 : 0;
}

/* ---- one source: all its logs into one report for each host ---- */

/* The parser of the log that said most stays: its facts are the document's. */
struct reading {
	struct parser *parser;
	struct source_info info;
	uint64_t bytes, lines;
	bool has_events;
};

static void keep_log(struct reading *to, struct parser *p, const struct source *s, bool events)
{
	const struct log_facts *facts = parser_facts(p);

	to->bytes += facts->bytes;
	to->lines += facts->lines;
	if (to->parser && (to->has_events || !events)) {
		parser_free(p);
	} else {
		if (to->parser)
			parser_free(to->parser);
		to->parser = p;
		to->info = *source_info(s);
		to->has_events = events;
	}
}

/* What the log says about a host. */
static struct log_facts facts_of(const struct reading *from, const struct host_report *h)
{
	struct log_facts facts = *parser_facts_of(from->parser, str_of(h->name));

	facts.bytes = from->bytes;
	facts.lines = from->lines;
	return facts;
}

static int read_source(const struct analysis *a, struct source *s, struct per_host *hosts,
		       struct reading *ret, struct err *err)
{
	int rc;

	do {
		const struct parser_options po = {
			.kernel = str_of(a->o->kernel ? a->o->kernel : ""),
			.now_us = a->o->now_us,
			.boot_us = source_info(s)->boot_us,
			.wanted_verbatim = a->o->event ? VERBATIM_ALL : VERBATIM_FIRST,
		};
		uint64_t events = 0;
		struct parser *p;

		if (parser_new(&p, &po, err) != 0)
			return -1;
		rc = read_log(s, p, hosts, &events, err);
		keep_log(ret, p, s, events > 0);
		per_host_next_log(hosts);
		if (rc == 0)
			rc = source_next(s, err);
	} while (rc > 0);
	return rc;
}

/* ---- printing ---- */

static int print(const struct analysis *a, struct str text, struct err *err)
{
	struct sink out = sink_shown(&a->out);

	if (out.write(out.ctx, text, err) != 0)
		return err_wrap(err, "standard output");
	return 0;
}

/* What stands between two documents of one run. */
static int print_gap(struct analysis *a, struct err *err)
{
	bool first = a->printed++ == 0;

	if (a->o->format == FORMAT_JSON && a->several)
		return print(a, first ? STR("[\n") : STR(","), err);
	if (a->o->format == FORMAT_TEXT || a->o->format == FORMAT_MARKDOWN)
		return print(a, first ? STR("") : STR("\n"), err);
	return 0;
}

static int print_page(struct analysis *a, struct str json, const char *name, struct err *err)
{
	static const char *const templates[] = {
		[FORMAT_TEXT] = "text",	    [FORMAT_MARKDOWN] = "markdown",
		[FORMAT_HTML] = "html",	    [FORMAT_JSON] = "text",
		[FORMAT_NDJSON] = "oneliner",
	};
	const char *template = a->o->template ? a->o->template : templates[a->o->format];
	json_auto_t *document = NULL;

	if (report_load(&document, json, name, err) != 0)
		return -1;
	return cli_render(a->out, document, template, a->o->all, err);
}

static bool wants_json(const struct options *o)
{
	return (o->format == FORMAT_JSON || o->format == FORMAT_NDJSON) && !o->template;
}

/* One document, with those of the other hosts in it. */
static int print_json(struct analysis *a, struct per_host *hosts, const struct reading *from,
		      struct err *err)
{
	struct report_of_host others[REPORT_HOSTS];
	struct log_facts facts[REPORT_HOSTS];
	const struct report_parts parts = {.source = &from->info, .log = &facts[0],
					   .others = others, .n_others = hosts->n - 1};

	for (size_t i = 0; i < hosts->n; i++) {
		facts[i] = facts_of(from, &hosts->hosts[i]);
		if (i > 0)
			others[i - 1] = (struct report_of_host){hosts->hosts[i].report, &facts[i]};
	}
	if (print_gap(a, err) != 0)
		return -1;
	return report_write(hosts->hosts[0].report, &parts, sink_shown(&a->out), INDENT, err);
}

/* A document or a page of its own. */
static int print_host(struct analysis *a, const struct host_report *h,
		      const struct reading *from, struct err *err)
{
	const struct log_facts facts = facts_of(from, h);
	const struct report_parts parts = {.source = &from->info, .log = &facts};
	CLEANUP_BUF struct buf json = BUF_INIT(PAGE_MAX);

	if (wants_json(a->o))
		return report_write(h->report, &parts, sink_shown(&a->out), 0, err);
	if (report_write(h->report, &parts, sink_buf(&json), 0, err) != 0)
		return -1;
	return print_page(a, buf_str(&json), from->info.name, err);
}

/* What stands above the first of several reports, and above each; as head(1) does it. */
static int print_heading(const struct analysis *a, const struct per_host *hosts, size_t i,
			 struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(REPORT_HOSTS * (sizeof(struct shown) + 80));

	if (a->o->format != FORMAT_TEXT || a->o->template || hosts->n < 2)
		return 0;
	if (i == 0) {
		buf_addf(&text, "%zu hosts:", hosts->n);
		for (size_t k = 0; k < hosts->n; k++) {
			uint64_t n = report_events(hosts->hosts[k].report);

			buf_addf(&text, "%s %s (%llu event%s)", k ? "," : "",
				 shown(hosts->hosts[k].name).z, (unsigned long long)n,
				 n == 1 ? "" : "s");
		}
		buf_addz(&text, "\n\n");
	}
	buf_addf(&text, "==> %s <==\n", shown(hosts->hosts[i].name).z);
	return print(a, buf_str(&text), err);
}

static int print_reports(struct analysis *a, struct per_host *hosts, const struct reading *from,
			 struct err *err)
{
	per_host_order(hosts);
	if (hosts->left_out)
		log_warn("%s: %llu events of more than %d hosts are left out: --host NAME shows "
			 "those of one", from->info.name, (unsigned long long)hosts->left_out,
			 REPORT_HOSTS);
	if (wants_json(a->o) && a->o->format == FORMAT_JSON)
		return print_json(a, hosts, from, err);
	for (size_t i = 0; i < hosts->n; i++) {
		if (print_gap(a, err) != 0 || print_heading(a, hosts, i, err) != 0 ||
		    print_host(a, &hosts->hosts[i], from, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- a bundle's own report ---- */

/* As it was saved, unless something is asked that only the log can answer. */
static int saved_report(struct source *s, const struct options *o, struct buf *json,
			struct err *err)
{
	const struct source_info *info = source_info(s);

	bool wants_log = o->event || o->all || o->host || o->kernel;

	if (info->document && wants_log) {
		err_set(err, ERR_USAGE, "%.120s: it is a report, which holds no log", info->name);
		return err_hint(err, "give the log or the bundle for --event, --all, --host and "
				     "--kernel");
	}
	if (wants_log)
		return 0;
	return source_saved_report(s, json, err);
}

static int print_saved(struct analysis *a, struct str text, const char *name, struct err *err)
{
	size_t flags = a->o->format == FORMAT_JSON ? JSON_INDENT(INDENT) : JSON_COMPACT;
	json_auto_t *document = NULL;
	json_t *counts;
	char *again;
	int rc;

	if (report_load(&document, text, name, err) != 0)
		return -1;
	counts = json_object_get(document, "counts");
	a->fatal |= json_is_object(json_object_get(document, "first_oom"));
	a->events |= json_array_size(json_object_get(document, "events")) > 0 ||
		     json_integer_value(json_object_get(counts, "oom_events")) > 0;
	if (print_gap(a, err) != 0)
		return -1;
	if (!wants_json(a->o))
		return print_page(a, text, name, err);
	again = json_dumps(document, flags | (size_t)JSON_REAL_PRECISION(15));
	if (!again)
		return err_set(err, ERR_NOMEM, "%.120s: no memory", name);
	rc = print(a, str_of(again), err) != 0 || print(a, STR("\n"), err) != 0 ? -1 : 0;
	free(again);
	return rc;
}

/* ---- the road ---- */

/* n: files of one log; 0: this machine's own log. */
static int open_source(struct source **ret, const char *const *paths, size_t n, struct err *err)
{
	CLEANUP_ROOT struct root root = ROOT_CLOSED;

	if (n > 1)
		return source_open_several(ret, paths, n, err);
	if (n && strcmp(paths[0], "-") == 0)
		ask_for_paste("the log");
	if (n)
		return source_open_file(ret, paths[0], err);
	if (root_open(&root, "/", err) != 0)
		return -1;
	return source_open_live(ret, &root, 0, NULL, err);
}

/* A name nobody has is a mistake; a host without events, where none has any, is not. */
static int host_there(const struct per_host *hosts, const char *name, struct err *err)
{
	if (!hosts->only || !hosts->passed_over || report_events(hosts->hosts[0].report))
		return 0;
	err_set(err, ERR_FORMAT, "%.120s: no event is of host '%.60s'", name, hosts->only);
	if (!hosts->another[0])
		return err_hint(err, "its lines name no host: leave --host out");
	return err_hint(err, "leave --host out to see whose they are; one is of '%.60s'",
			hosts->another);
}

static int event_there(const struct analysis *a, const struct per_host *hosts, const char *name,
		       struct err *err)
{
	const struct host_report *h = hosts->hosts;

	if (!a->o->event)
		return 0;
	if (hosts->n > 1) {
		err_set(err, ERR_USAGE, "%.120s: it has events of several hosts", name);
		return err_hint(err, "say of which with --host, such as %.60s or %.60s", h[0].name,
				h[1].name);
	}
	if (report_subject(h->report))
		return 0;
	return err_set(err, ERR_FORMAT, "%.120s: there is no event %lld, the log has %llu", name,
		       (long long)a->o->event, (unsigned long long)report_events(h->report));
}

/* Everything of a long log: too much to put aside first. */
static bool may_stream(const struct analysis *a)
{
	return a->o->all && !a->o->event && wants_json(a->o) &&
	       (!a->several || a->o->format == FORMAT_NDJSON);
}

static struct report_options report_options(const struct analysis *a)
{
	const struct options *o = a->o;
	bool page = !wants_json(o);

	return (struct report_options){
		.now_us = o->now_us,
		.detail = o->all ? DETAIL_ALL : DETAIL_BUDGET,
		.budget_bytes = page && !o->template ? 1 : 0,
		.event = (uint64_t)o->event,
		.max_events = page && !o->all ? TEXT_EVENTS : 0,
		.indent = o->format == FORMAT_JSON ? INDENT : 0,
		.kernel = str_of(o->kernel ? o->kernel : ""),
		.stream = may_stream(a) ? sink_shown(&a->out) : (struct sink){NULL, NULL},
	};
}

static int analyze_log(struct analysis *a, struct source *s, struct err *err)
{
	struct per_host hosts = {.options = report_options(a), .only = a->o->host};
	struct reading from = {.parser = NULL};
	struct err damage = {.code = ERR_NONE};
	int rc = per_host_start(&hosts, err);

	if (rc == 0 && read_source(a, s, &hosts, &from, &damage) != 0 && !from.bytes)
		rc = -1; /* nothing could be read at all */
	if (rc == 0)
		rc = per_host_settle(&hosts, err);
	if (rc == 0)
		rc = host_there(&hosts, source_info(s)->name, err);
	if (rc == 0)
		rc = event_there(a, &hosts, source_info(s)->name, err);
	if (rc == 0)
		rc = print_reports(a, &hosts, &from, err);
	if (damage.code != ERR_NONE) {
		*err = damage;
		rc = -1;
	}
	for (size_t i = 0; i < hosts.n; i++) {
		a->fatal |= report_fatal_events(hosts.hosts[i].report) > 0;
		a->events |= report_events(hosts.hosts[i].report) > 0;
	}
	per_host_free(&hosts);
	if (from.parser)
		parser_free(from.parser);
	return rc;
}

static int analyze_one(struct analysis *a, const char *const *paths, size_t n, struct err *err)
{
	CLEANUP_BUF struct buf saved = BUF_INIT(SAVED_MAX);
	CLEANUP_SOURCE struct source *s = NULL;
	int rc;

	if (open_source(&s, paths, n, err) != 0)
		return -1;
	rc = saved_report(s, a->o, &saved, err);
	if (rc > 0)
		return print_saved(a, buf_str(&saved), source_info(s)->name, err);
	return rc < 0 ? -1 : analyze_log(a, s, err);
}

/* "dmesg | oomreport analyze" was meant as "... analyze -". */
static void say_unread(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode)) &&
	    poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		log_warn("without a FILE it is this machine's own log; standard input is read "
			 "with 'oomreport analyze -'");
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	struct options o = *(const struct options *)options;
	struct analysis a = {.o = &o, .out = STDOUT_FILENO, .several = argc > 1};
	const char **paths = (const char **)(void *)argv;
	int failed = 0;

	if (o.event == UNKNOWN)
		o.event = 0; /* the first fatal one */
	else if (o.event < 1)
		return err_set(err, ERR_USAGE, "analyze: events are counted from 1");
	mem_heap_steady();
	sandbox_enter(NULL);
	if (o.compare && argc != 2)
		return err_set(err, ERR_USAGE, "analyze: --compare wants two bundles");
	if (o.compare && (o.template || (o.format != FORMAT_TEXT && !wants_json(&o))))
		return err_set(err, ERR_USAGE, "analyze: --compare prints text or JSON");
	if (o.compare)
		return compare_bundles(argv[0], argv[1], wants_json(&o), a.out, err);
	if (o.now_us == UNKNOWN)
		o.now_us = when_now();
	for (int i = 0, n = 0; i < argc || i == 0; i += n ? n : 1) {
		struct err why = {.code = ERR_NONE};

		n = argc ? (int)source_of_one_log(paths + i, (size_t)(argc - i)) : 0;
		if (analyze_one(&a, paths + i, (size_t)n, &why) == 0)
			continue;
		failed++;
		if (argc == 1) {
			*err = why;
			return -1;
		}
		say_error(&why);
	}
	if (argc == 0)
		say_unread();
	if (o.format == FORMAT_JSON && a.several && !o.template &&
	    print(&a, a.printed ? STR("]\n") : STR("[]\n"), err) != 0)
		return -1;
	if (failed)
		return 1;
	return !o.exit_code ? 0 : a.fatal ? 10 : a.events ? 11 : 0;
}

const struct command cmd_analyze = {
	.name = "analyze",
	.operands = "[FILE...]",
	.summary = "decode and diagnose kernel logs, bundles or standard input (-)",
	.example = "sudo oomreport analyze     # the log of this machine\n"
		   "  oomreport analyze /var/log/kern.log.1.gz\n"
		   "  journalctl -k -b -1 | oomreport analyze -\n"
		   "  oomreport analyze --format json oomreport-*.tar.zst | jq .first_oom.trigger",
	.options = rows,
	.options_size = sizeof(struct options),
	.defaults = &defaults,
	.run = run,
};
