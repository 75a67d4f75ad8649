/* SPDX-License-Identifier: MIT */
/* collect_pages.c - report.json as a stream, and the pages that are made of it.
 *
 * Templates need the whole document in memory. That is done by a child process which the
 * kernel may kill first when memory is short: the bundle then carries a plain summary, and
 * `oomreport analyze BUNDLE` makes the pages on a better day.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "base/when.h"
#include "cli/collect.h"

enum { DOCUMENT_MAX = 64 * 1024 * 1024, PAGE_MAX = 16 * 1024 * 1024, PAGE_SECONDS = 30 };

/* ---- report.json ---- */

/* What this collection did: members of "collection" beside the host's facts. */
static int describe(struct collect *c, struct buf *out, struct err *err)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT(sizeof(struct emit));
	struct emit *e = arena_take(&scratch, sizeof(*e));

	if (!e)
		return err_set(err, ERR_NOMEM, "no memory");
	emit_init(e, sink_buf(out), 0);
	emit_object(e, NOKEY);
	emit_str(e, STR("profile"), str_of(c->profile.name));
	emit_bool(e, STR("partial"), collect_is_partial(c));
	emit_i64(e, STR("files"), (int64_t)c->files);
	emit_i64(e, STR("files_cut"), (int64_t)c->cut);
	emit_i64(e, STR("files_denied"), (int64_t)c->denied);
	emit_i64(e, STR("files_failed"), (int64_t)c->failed);
	emit_str(e, STR("no_log"), str_of(c->has_log ? NULL : c->no_log.text));
	emit_object(e, STR("redaction"));
	emit_str(e, STR("level"), !c->redactor ? STR("none")
			          : collect_redaction(c) == REDACT_STRICT
					  ? STR("strict")
					  : STR("standard"));
	emit_array(e, STR("replaced")); /* distinct originals of each kind */
	for (int k = 0; c->redactor && k < REDACT_KINDS; k++) {
		uint64_t n = redact_count(c->redactor, (enum redact_kind)k);

		if (n == 0)
			continue;
		emit_object(e, NOKEY);
		emit_str(e, STR("kind"), str_of(redact_kind_name((enum redact_kind)k)));
		emit_i64(e, STR("names"), (int64_t)n);
		emit_end(e);
	}
	return emit_finish(e, err);
}

int collect_scratch_file(void)
{
	const char *dirs[] = {getenv("TMPDIR"), "/var/tmp", "/tmp", "."};
	int fd = -1;

	for (size_t i = 0; i < ARRAY_COUNT(dirs) && fd < 0; i++) {
		if (dirs[i] && *dirs[i])
			fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	}
	return fd;
}

static int write_document(struct collect *c, struct err *err)
{
	static const struct log_facts nothing;
	struct report_of_host others[REPORT_HOSTS];
	struct log_facts facts[REPORT_HOSTS];
	CLEANUP_BUF struct buf words = BUF_INIT(16 * 1024);
	struct bundle_entry entry = {.path = "report.json", .read_at_us = UNKNOWN};
	struct report_parts parts = {
		.source = &c->info,
		.log = c->has_log ? &c->facts : &nothing,
		.host = c->has_host ? &c->host : NULL,
		.series = c->has_series ? &c->series : NULL,
		.interview = &c->interview,
		.others = others,
		.n_others = c->hosts.n - 1,
	};

	if (describe(c, &words, err) != 0)
		return -1;
	parts.collection = buf_str(&words);
	for (size_t i = 1; i < c->hosts.n; i++) {
		facts[i] = *parser_facts_of(c->parser, str_of(c->hosts.hosts[i].name));
		others[i - 1] = (struct report_of_host){c->hosts.hosts[i].report, &facts[i]};
	}
	if (pipe_begin(&c->pipe, entry.path, err) != 0)
		return -1;
	c->pipe.form = REDACT_JSON;
	if (report_write(c->report, &parts, pipe_sink(&c->pipe), 1, err) != 0 ||
	    pipe_end(&c->pipe, &entry, err) != 0)
		return -1;
	c->pipe.form = REDACT_LINES;
	return 0;
}

/* ---- pages, by a child ---- */

static int read_whole(int fd, struct buf *out)
{
	char window[4096];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	while ((n = fd_read(fd, window, sizeof(window))) > 0) {
		if (!buf_add(out, (struct str){window, (size_t)n}))
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* In the child: one page to the pipe, by the first of two templates that works (a desk's own wording
 * may be wrong, or gone), and a NUL behind it, which no text has; that alone when none does. */
static void make_page(json_t *document, const char *const templates[2], const struct sink *to)
{
	CLEANUP_BUF struct buf page = BUF_INIT(PAGE_MAX);
	struct err err = {.code = ERR_NONE};

	alarm(PAGE_SECONDS);
	for (size_t i = 0; i < 2 && templates[i] && err.code != ERR_NOMEM; i++) {
		err.code = ERR_NONE;
		if (report_render(document, templates[i], NULL, &page, &err) == 0)
			break;
		log_warn("a page of the report could not be made: %s", err.text);
		buf_clear(&page);
	}
	if (!buf_addc(&page, '\0') || to->write(to->ctx, buf_str(&page), &err) != 0)
		_exit(1);
}

/* In the child: what the parent still needs and a page does not. */
static void give_back(struct collect *c)
{
	per_host_free(&c->hosts);
	if (c->parser)
		parser_free(c->parser);
	if (c->redactor)
		redact_free(c->redactor);
	buf_free(&c->pipe.carry);
	buf_free(&c->pipe.out);
	mem_heap_trim();
	collect_forget(c);
}

/* In the child: all pages; never returns. */
static void make_pages(struct collect *c, int document, int to)
{
	const char *desk = c->profile.summary_template;
	const char *const summary[2] = {desk ? desk : "summary", desk ? "summary" : NULL};
	const char *const html[2] = {"html", NULL};
	struct buf text = BUF_INIT(DOCUMENT_MAX);
	struct err err = {.code = ERR_NONE};
	struct sink out = sink_fd(&to);
	json_t *json;
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) != 4)
		log_debug("oom_score_adj stays as it is");
	fd_close(&fd);
	sandbox_enter(NULL);
	give_back(c);
	signal(SIGINT, SIG_IGN);
	signal(SIGALRM, SIG_DFL); /* the progress' timer has a word for it */
	alarm(PAGE_SECONDS);
	/* the folder where somebody runs this may be anybody's: a template is not looked for in it */
	if (chdir("/") != 0 || read_whole(document, &text) != 0 ||
	    report_load(&json, buf_str(&text), "report.json", &err) != 0)
		_exit(1);
	buf_free(&text);
	make_page(json, summary, &out);
	make_page(json, html, &out);
	_exit(0);
}

/* What the child made, as far as it came: it may be killed between two pages. */
static void read_pages(struct collect *c, int document, struct buf *made)
{
	char window[4096];
	int fds[2];
	ssize_t n;
	pid_t pid;

	if (document < 0 || pipe2(fds, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0)
		make_pages(c, document, fds[1]);
	close(fds[1]);
	while (pid > 0 && (n = fd_read(fds[0], window, sizeof(window))) > 0 &&
	       buf_add(made, (struct str){window, (size_t)n}))
		;
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* The next of the pages that were made into the bundle: 1 when it was not made. */
static int add_page(struct collect *c, struct str *made, const char *path, struct err *err)
{
	struct bundle_entry entry = {.path = path, .read_at_us = UNKNOWN};
	struct str page;
	int rc;

	if (!take_until(made, '\0', &page) || page.n == 0)
		return 1;
	c->pipe.ready = true;
	rc = pipe_add(&c->pipe, &entry, page, err);
	c->pipe.ready = false;
	return rc;
}

/* The few lines that need no template. */
static int plain_summary(struct collect *c, struct err *err)
{
	CLEANUP_BUF struct buf b = BUF_INIT(8192);
	const struct event *ev = report_fatal_events(c->report) ? report_subject(c->report) : NULL;
	struct bundle_entry entry = {.path = "summary.txt", .read_at_us = UNKNOWN};

	if (!ev)
		buf_addz(&b, "No out-of-memory kill was found in the kernel log.\n");
	else
		buf_addf(&b, "%.*s (pid %lld) called the OOM killer, order %lld.\n",
			 STR_ARG(ev->trigger.comm), (long long)ev->trigger.pid,
			 (long long)ev->trigger.order);
	if (ev && ev->n_victims)
		buf_addf(&b, "Killed: %.*s (pid %lld), anon-rss %lld kB.\n",
			 STR_ARG(ev->victims[0].comm), (long long)ev->victims[0].pid,
			 (long long)ev->victims[0].anon_rss_kb);
	buf_addf(&b, "Invocations of the OOM killer in the log: %llu.\n",
		 (unsigned long long)report_oom_events(c->report));
	buf_addz(&b, "\nThe full summary could not be made here (memory?):\n"
		     "'oomreport analyze' with this bundle makes it.\n");
	return pipe_add(&c->pipe, &entry, buf_str(&b), err);
}

static int pages(struct collect *c, int document, struct err *err)
{
	CLEANUP_BUF struct buf made = BUF_INIT(2 * (size_t)PAGE_MAX);
	struct str rest;
	int rc;

	read_pages(c, document, &made);
	rest = buf_str(&made);
	rc = add_page(c, &rest, "summary.txt", err);
	if (rc > 0)
		rc = plain_summary(c, err);
	if (rc == 0)
		rc = add_page(c, &rest, "report.html", err);
	if (rc > 0)
		rc = pipe_absent(&c->pipe, "report.html", NULL,
				   "could not be made: 'oomreport analyze --format html' makes it",
				   err);
	return rc;
}

/* ---- the rest ---- */

static int first_oom(struct collect *c, struct err *err)
{
	const struct event *ev = report_subject(c->report);
	struct bundle_entry entry = {.path = "first-oom.txt", .read_at_us = UNKNOWN,
				     .source = c->info.name};

	if (!ev || !ev->fatal || !event_is_oom(ev))
		return pipe_absent(&c->pipe, entry.path, NULL,
				     c->has_log ? "there is no fatal OOM in the log" : "there is no kernel log", err);
	entry.note = ev->verbatim_cut ? "cut: the event is very long" : NULL;
	if (pipe_begin(&c->pipe, entry.path, err) != 0 ||
	    pipe_data(&c->pipe, ev->verbatim, err) != 0)
		return -1;
	if (ev->verbatim.n && ev->verbatim.p[ev->verbatim.n - 1] != '\n' &&
	    pipe_data(&c->pipe, STR("\n"), err) != 0)
		return -1;
	return pipe_end(&c->pipe, &entry, err);
}

static const char readme[] =
	"What this is\n"
	"============\n"
	"Evidence about a machine that ran out of memory, gathered by oomreport " OOMREPORT_VERSION
	".\n\n"
	"summary.txt     what happened, in words: paste this into a bug or a mail\n"
	"report.html     the same to look at, with charts (one file, no network)\n"
	"report.json     the same for programs (oomreport.report/1)\n"
	"first-oom.txt   the first fatal OOM, word for word (absent if there is none)\n"
	"log/            the kernel's log, and the one of the boot before\n"
	"proc/ sys/      snapshots, under the path they were read from; tables end in .tsv\n"
	"cgroup/         memory control groups: the event's, its parents and siblings\n"
	"etc/ var/       settings, and records of other tools around the event\n"
	"vmlog/          the series recorded through the event, if there is one; at-oom.txt is\n"
	"                the machine's state within it: every process, zones, slab caches, and\n"
	"                about a thousand files of /proc and /sys that the recorder copied then\n"
	"MANIFEST.json   every file with its hash and source, and why others are missing\n\n"
	"What to do with it\n"
	"==================\n"
	"oomreport verify BUNDLE           is it as it was written?\n"
	"oomreport analyze BUNDLE          the report again, in any format\n"
	"oomreport submit BUNDLE --help    to a bug, by mail, or to a server\n\n"
	"What was left out when --max-size was given is said in MANIFEST.json; it goes in this\n"
	"order: records of other tools, logs of earlier boots, the recorder's series, snapshots\n"
	"(the largest first), the end of the kernel log. The reports and the first OOM always\n"
	"stay.\n";

int collect_document(struct collect *c, struct err *err)
{
	struct bundle_entry entry = {.path = "README.txt", .read_at_us = UNKNOWN};
	CLEANUP_FD int document = collect_scratch_file();
	int rc;

	collect_progress(c, "writing the report", 0);
	collect_forget(c);
	bundle_last(c->bundle);
	c->pipe.tee = document;
	rc = write_document(c, err);
	c->pipe.tee = -1;
	if (rc == 0)
		rc = pages(c, document, err);
	if (rc == 0)
		rc = first_oom(c, err);
	c->pipe.ready = true;
	if (rc == 0)
		rc = pipe_add(&c->pipe, &entry, STR(readme), err);
	c->pipe.ready = false;
	return rc;
}
