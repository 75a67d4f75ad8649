/* SPDX-License-Identifier: MIT */
/* collect_log.c - logs are read once: each window goes into the bundle and through the parser. */
#include <stdio.h>

#include "base/log.h"
#include "cli/collect.h"

enum { BOOTS_MAX = 30 };

static int drain(struct parser *p, struct per_host *hosts, struct err *err)
{
	struct event *ev;

	while ((ev = parser_take(p))) {
		if (per_host_add(hosts, ev, err) != 0)
			return -1;
	}
	return 0;
}

static int stream(struct collect *c, struct source *s, struct parser *p, struct err *err)
{
	struct err damage = {.code = ERR_NONE};
	struct str window;

	while (!*c->stop && source_window(s, &window, &damage) > 0) {
		if (source_info(s)->kind == SOURCE_STDIN)
			collect_stdin_keep(c, window);
		if (pipe_data(&c->pipe, window, err) != 0 || parser_feed(p, window, err) != 0 ||
		    drain(p, &c->hosts, err) != 0)
			return -1;
		collect_step(c);
		collect_progress(c, "reading the kernel log", source_info(s)->bytes);
	}
	if (damage.code == ERR_NOMEM) {
		*err = damage;
		return -1;
	}
	if (damage.code != ERR_NONE)
		log_warn("%s: read up to there", damage.text);
	return parser_finish(p, err) != 0 || drain(p, &c->hosts, err) != 0 ? -1 : 0;
}

static bool any_fatal(const struct per_host *hosts)
{
	bool any = false;

	for (size_t i = 0; i < hosts->n; i++)
		any = any || report_fatal_events(hosts->hosts[i].report) > 0;
	return any;
}

/* One log to one file of the bundle. */
static int one_log(struct collect *c, struct source *s, const char *path, struct err *err)
{
	const struct parser_options po = {.now_us = c->now_us,
					  .boot_us = source_info(s)->boot_us,
					  .wanted_verbatim = VERBATIM_FIRST};
	struct bundle_entry entry = {.path = path, .read_at_us = c->now_us,
				     .cut_rank = strcmp(path, "log/kernel.log") == 0
							 ? (unsigned)BUNDLE_CUT_TAIL
							 : 4};
	bool had = any_fatal(&c->hosts);
	struct parser *p;
	int rc;

	if (parser_new(&p, &po, err) != 0)
		return -1;
	rc = pipe_begin(&c->pipe, path, err);
	if (rc == 0)
		rc = stream(c, s, p, err);
	entry.source = source_info(s)->name;
	entry.note = *c->stop ? "interrupted" : source_info(s)->note[0] ? source_info(s)->note : NULL;
	if (rc == 0)
		rc = pipe_end(&c->pipe, &entry, err);
	if (rc != 0) {
		parser_free(p);
		return -1;
	}
	/* the document's facts are those of the log with its first OOM; without any, of the first */
	if (!c->has_log || (!had && any_fatal(&c->hosts))) {
		if (c->parser)
			parser_free(c->parser);
		c->parser = p;
		c->info = *source_info(s);
		c->has_log = true;
	} else {
		parser_free(p);
	}
	per_host_next_log(&c->hosts);
	return 0;
}

/* All logs of one source: the first as `name`, what else the container holds numbered. */
static int all_logs(struct collect *c, struct source *s, const char *name, struct err *err)
{
	char path[300];
	int rc, n = 1;

	snprintf(path, sizeof(path), "log/%s.log", name);
	do {
		if (one_log(c, s, path, err) != 0)
			return -1;
		snprintf(path, sizeof(path), "log/%s-%d.log", name, ++n);
		rc = *c->stop ? 0 : source_next(s, err);
		if (rc > 0)
			collect_stdin_is_archive(c);
	} while (rc > 0);
	return rc;
}

static int given_logs(struct collect *c, struct err *err)
{
	struct text_list given = c->o->logs;

	for (size_t i = 0, n, logs = 0; i < given.n && !*c->stop; i += n) {
		CLEANUP_SOURCE struct source *s = NULL;
		char name[32] = "kernel";
		int rc;

		if (++logs > 1)
			snprintf(name, sizeof(name), "kernel-%zu", logs);
		n = source_of_one_log(given.v + i, given.n - i);
		rc = n > 1 ? source_open_several(&s, given.v + i, n, err)
			   : source_open_file(&s, given.v[i], err);
		if (rc != 0 || all_logs(c, s, name, err) != 0)
			return -1;
	}
	return 0;
}

/* 1 read, 0 there is no such log. */
static int boot_log(struct collect *c, int boot, const char *name, struct err *err)
{
	CLEANUP_SOURCE struct source *s = NULL;
	struct err why = {.code = ERR_NONE};

	if (source_open_live(&s, &c->root, boot, c->stop, &why) != 0) {
		if (c->no_log.code == ERR_NONE)
			c->no_log = why;
		return 0;
	}
	return all_logs(c, s, name, err) != 0 ? -1 : 1;
}

/* This boot, and the one before: a machine that was reset has its OOM there. */
static int live_logs(struct collect *c, int first, bool all, struct err *err)
{
	int last = all ? first - BOOTS_MAX : first - 1;

	for (int boot = first; boot >= last && !*c->stop; boot--) {
		char name[32] = "kernel";
		int rc;

		if (boot != first)
			snprintf(name, sizeof(name), "boot%d", boot);
		rc = boot_log(c, boot, name, err);
		if (rc < 0)
			return -1;
		if (rc == 0 && boot != first)
			break;
	}
	return 0;
}

static int read_logs(struct collect *c, struct err *err)
{
	struct str boot = str_of(c->o->boot ? c->o->boot : "0");
	bool all = str_eq(boot, STR("all"));
	int64_t first = 0;

	if (c->o->logs.n)
		return given_logs(c, err);
	if (!all && (!take_i64(&boot, &first) || boot.n || first > 0 || first < -10000)) {
		(void)err_set(err, ERR_USAGE, "collect: '%.20s' is no boot", c->o->boot);
		return err_hint(err, "--boot 0 is this boot, -1 the one before, all: every one");
	}
	if (!all && first != 0) {
		int rc = boot_log(c, (int)first, "kernel", err);

		return rc < 0 ? -1 : 0;
	}
	return live_logs(c, (int)first, all, err);
}

/* ---- whose log is it ---- */

/* On a log server the machine's own lines are a few among those of others. A log that was given
 * is about whoever ran out of memory in it, if this machine did not; and where no line has this
 * machine's name, it was called otherwise then. */
static bool is_own(const struct collect *c, struct str name)
{
	bool given = c->o->logs.n > 0;

	for (size_t i = 0; i < c->hosts.n; i++) {
		const struct host_report *h = &c->hosts.hosts[i];

		if (host_alike(str_of(h->name), name))
			return !given || report_fatal_events(h->report) > 0;
	}
	return !given && host_alike(parser_facts_of(c->parser, name)->hostname, name);
}

int collect_logs(struct collect *c, struct err *err)
{
	collect_progress(c, "reading the kernel log", 0);
	if (read_logs(c, err) != 0 || per_host_settle(&c->hosts, err) != 0)
		return -1;
	if (!c->has_log && c->no_log.code == ERR_NONE)
		(void)err_set(&c->no_log, ERR_IO, "interrupted before it was read");
	if (!c->has_log)
		return 0;
	if (!is_own(c, c->host.hostname) || !per_host_first(&c->hosts, c->host.hostname, err))
		per_host_order(&c->hosts);
	c->report = c->hosts.hosts[0].report;
	c->facts = *parser_facts_of(c->parser, str_of(c->hosts.hosts[0].name));
	for (size_t i = 1; i < c->hosts.n; i++) {
		c->foreign += report_events(c->hosts.hosts[i].report);
		snprintf(c->foreign_host, sizeof(c->foreign_host), "%s", c->hosts.hosts[1].name);
	}
	return 0;
}
