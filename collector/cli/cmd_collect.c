/* SPDX-License-Identifier: MIT */
/* cmd_collect.c - `oomreport collect`: everything a kernel developer will ask for, once.
 *
 * The road: cheap files first (they change fastest), then the log, which says where to look
 * further, then the dear files, then the questions, the document and its pages, the bundle.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pages.h"
#include "base/remote.h"
#include "base/sandbox.h"
#include "base/when.h"
#include "cli/collect.h"
#include "cli/typing.h"

#define AT(member) offsetof(struct collect_options, member)

static const struct option_row rows[] = {
	{"output", 'o', OPT_TEXT, false, "FILE|DIR|-", AT(output),
	 "write the bundle there (default: oomreport-HOST-TIME.tar.zst here)"},
	{"format", 0, OPT_CHOICE, false, "tar.zst|tar.gz|tar.xz|dir", AT(format),
	 "kind of bundle (default: by the name, else tar.zst)"},
	{"force", 'f', OPT_FLAG, false, NULL, AT(force), "replace an existing bundle"},
	{"log", 0, OPT_LIST, false, "FILE", AT(logs),
	 "take this log in place of the live one (again for more)"},
	{"boot", 'b', OPT_TEXT, false, "N", AT(boot),
	 "0: this boot (and the one before); -1: the one before; all"},
	{"root", 0, OPT_TEXT, false, "DIR", AT(root), "read /proc, /sys, /etc, /var below DIR"},
	{"profile", 0, OPT_TEXT, false, "NAME|FILE", AT(profile),
	 "what a support desk wants (default: by /etc/os-release)"},
	{"vmlog", 0, OPT_TEXT, false, "FILE|DIR", AT(vmlog),
	 "samples recorded before and through the event; an archive of them too"},
	{"workload", 0, OPT_TEXT, false, "TEXT", AT(given.workload),
	 "what the machine was doing"},
	{"before", 0, OPT_TEXT, false, "TEXT", AT(given.before), "its state before"},
	{"after", 0, OPT_TEXT, false, "TEXT", AT(given.after), "its state after"},
	{"impact", 0, OPT_TEXT, false, "TEXT", AT(given.impact), "did it hurt anything"},
	{"reproducible", 0, OPT_TEXT, false, "TEXT", AT(given.reproducible),
	 "can it be repeated, and how"},
	{"changed", 0, OPT_TEXT, false, "TEXT", AT(given.changed),
	 "what changed before it first happened"},
	{"answers", 0, OPT_TEXT, false, "FILE", AT(answers), "the answers as YAML"},
	{"no-interview", 0, OPT_FLAG, false, NULL, AT(no_interview), "ask nothing"},
	{"redact", 0, OPT_CHOICE, false, "none|standard|strict", AT(redact),
	 "replace names of hosts, users, addresses ... (default: standard)"},
	{"max-size", 0, OPT_SIZE, false, "SIZE", AT(max_size),
	 "of the bundle; what goes first is said in its README.txt"},
	{"list", 0, OPT_FLAG, false, NULL, AT(list), "say what would be read, read nothing"},
	{"now", 0, OPT_TIME, false, "TIME", AT(now_us),
	 "take this as the present: the same input gives the same bundle"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

static const struct collect_options defaults = {.format = -1, .redact = -1, .now_us = UNKNOWN};

/* The first Ctrl-C finishes what there is; the second one ends at once. A terminal that goes away
 * may say so twice. */
static volatile int stop;

static void on_interrupt(int signal_number)
{
	if (stop && signal_number != SIGHUP) {
		typing_abort();
		_exit(130);
	}
	stop = 1;
}

static void set_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction on_signal = {.sa_handler = on_interrupt}, was;

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		/* nohup(1) has said that it is to be ignored */
		if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			(void)sigaction(ends[i], &on_signal, NULL);
	}
	/* who reads our words may go: that is no reason to lose the bundle; a file that may not
	 * grow any more is an error to be told */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* ---- names ---- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "oomreport-HOST-UTCSTAMP"; the host's replacement where names are replaced. */
static void default_name(const struct collect *c, char out[256])
{
	struct str host = c->redactor ? redact_own_host(c->redactor) : STR("");
	char stamp[WHEN_TEXT], text[65];
	size_t n = 0;

	if (host.n == 0)
		host = c->has_host && c->host.hostname.n ? c->host.hostname : STR("host");
	for (size_t i = 0; i < host.n && n + 1 < sizeof(text); i++) {
		char ch = host.p[i];

		text[n++] = ascii_alpha(ch) || ascii_digit(ch) || ch == '.' || ch == '-' ? ch : '_';
	}
	text[n] = '\0';
	snprintf(out, 256, "oomreport-%s-%s", text, when_stamp(c->now_us, stamp));
}

/* A file may be called after the machine; the folder inside goes to others. */
static int redact_top(struct collect *c, struct err *err)
{
	CLEANUP_BUF struct buf name = BUF_INIT(4096), out = BUF_INIT(4096);
	uint64_t count = 0;

	buf_addf(&name, "/%s", c->top); /* of a path: there underscores join names */
	if (redact_text(c->redactor, buf_str(&name), REDACT_LINES, &out, &count, err) != 0)
		return -1;
	snprintf(c->top, sizeof(c->top), "%.*s", STR_ARG(str_from(buf_str(&out), 1)));
	return 0;
}

/* By the ending. What is called "oom.zip" has to be one: who opens it would think that it is damaged. */
static int format_of_name(struct str output, enum bundle_format *ret, struct err *err)
{
	static const struct str others[] = {
		STR_INIT(".tar"), STR_INIT(".zip"), STR_INIT(".7z"),   STR_INIT(".rar"), STR_INIT(".bz2"),
		STR_INIT(".tbz"), STR_INIT(".lz4"), STR_INIT(".lzma"), STR_INIT(".gz"),	 STR_INIT(".xz"),
		STR_INIT(".lz"),  STR_INIT(".Z"),
	};

	for (size_t i = 0; i + 1 < BUNDLE_ENDINGS; i++) {
		if (!str_ends(output, bundle_endings[i].ending))
			continue;
		*ret = bundle_endings[i].format;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		if (!str_ends(output, others[i]))
			continue;
		(void)err_set(err, ERR_USAGE, "collect: -o %.*s: a bundle is no %s", STR_ARG(output), others[i].p);
		return err_hint(err, "give it a name that ends in .tar.zst, .tar.gz or .tar.xz, or say --format");
	}
	return 0;
}

static int name_bundle(struct collect *c, struct err *err)
{
	const char *output = c->o->output;
	char name[256];
	struct str base;
	int n = 0;

	default_name(c, name);
	c->format = c->o->format >= 0 ? (enum bundle_format)c->o->format : BUNDLE_TAR_ZST;
	if (output && c->o->format < 0 && !is_directory(output) &&
	    format_of_name(str_of(output), &c->format, err) != 0)
		return -1;
	if (!output || (strcmp(output, "-") != 0 && is_directory(output) &&
			(c->format != BUNDLE_DIR || !c->o->force))) {
		const char *slash = !output || str_ends(str_of(output), STR("/")) ? "" : "/";

		for (size_t i = 0; i < BUNDLE_ENDINGS; i++) {
			if (bundle_endings[i].format != c->format)
				continue;
			n = snprintf(c->path, sizeof(c->path), "%s%s%s%s", output ? output : "",
				     slash, name, bundle_endings[i].ending.p);
			break;
		}
	} else {
		n = snprintf(c->path, sizeof(c->path), "%s", output);
	}
	if (n < 0 || (size_t)n >= sizeof(c->path))
		return err_set(err, ERR_USAGE, "%.80s: the path is too long",
			       output ? output : name);
	if (strcmp(c->path, "-") == 0 && isatty(STDOUT_FILENO)) {
		(void)err_set(err, ERR_USAGE, "collect: a bundle is not for a terminal");
		return err_hint(err, "send it on (oomreport collect -o - | ssh ...), or give a file");
	}
	if (c->format == BUNDLE_DIR && strcmp(c->path, "-") == 0)
		return err_set(err, ERR_USAGE, "collect: a directory does not go to standard output");
	/* the top folder is named as the archive */
	base = bundle_stem(str_of(c->path));
	if (strcmp(c->path, "-") == 0 || base.n == 0 || base.n > 200 || base.p[0] == '.')
		base = str_of(name);
	snprintf(c->top, sizeof(c->top), "%.*s", STR_ARG(base));
	snprintf(c->stem, sizeof(c->stem), "%s", c->top);
	return c->redactor ? redact_top(c, err) : 0;
}

/* ---- opening ---- */

static int open_bundle(struct collect *c, struct err *err)
{
	struct bundle_options o = {
		.path = c->path,
		.top = c->top,
		.format = c->format,
		.now_us = c->now_us,
		.max_bytes = (uint64_t)(c->o->max_size ? c->o->max_size : c->profile.max_size),
		.force = c->o->force,
		/* who calls with sudo will submit as himself */
		.give_to = c->caller.known,
		.uid = c->caller.uid,
		.gid = c->caller.gid,
	};
	int rc;

	if (!o.force && strcmp(c->path, "-") != 0 && access(c->path, F_OK) == 0) {
		(void)err_set(err, ERR_IO, "%s: is there already", c->path);
		return err_hint(err, "use --force to replace it");
	}
	if (c->redactor) {
		c->leaks.redactor = c->redactor;
		o.inspect = leak_inspect;
		o.inspect_ctx = &c->leaks;
	}
	privileges_write(true);
	rc = bundle_open(&c->bundle, &o, err);
	privileges_write(false);
	if (rc != 0)
		return err->hint[0] ? -1 : err_hint(err, "give another place with -o");
	c->pipe.b = c->bundle;
	c->pipe.redactor = c->redactor;
	return 0;
}

/* A bundle is made without any profile, too: on a machine where only the program was put. */
static int choose_profile(struct collect *c, struct err *err)
{
	struct err why = {.code = ERR_NONE};

	if (c->o->profile)
		return profile_load(&c->profile, c->o->profile, &c->root, err);
	if (profile_load(&c->profile, NULL, &c->root, &why) != 0) {
		log_info("going on without a profile: %s", why.text);
		c->profile = (struct profile){.name = "none", .redact = REDACT_STANDARD};
	}
	return 0;
}

/* Before anything is gathered: a slip in them costs no time. */
static int read_answers(struct collect *c, struct err *err)
{
	if (!c->o->answers)
		return 0;
	for (size_t i = 0; i < c->o->logs.n; i++) {
		if (strcmp(c->o->answers, "-") == 0 && strcmp(c->o->logs.v[i], "-") == 0)
			return err_set(err, ERR_USAGE, "collect: standard input is either the log or "
					    "the answers");
	}
	return answers_read(&c->answers, c->o->answers, &c->arena, err);
}

static int prepare(struct collect *c, struct err *err)
{
	enum redact_level level;

	if (c->o->root && remote_check(c->o->root, err) != 0)
		return -1;
	if (root_open(&c->root, c->o->root ? c->o->root : "/", err) != 0)
		return -1;
	if (remote_find(&c->remote, &c->root, err) != 0)
		return -1;
	collect_look(c);
	if (choose_profile(c, err) != 0)
		return -1;
	if (c->o->list)
		return 0;
	if (collect_vmlog_check(c, err) != 0 || read_answers(c, err) != 0)
		return -1;
	level = collect_redaction(c);
	if (level != REDACT_NONE) {
		if (redact_new(&c->redactor, level, err) != 0)
			return -1;
		pipe_keep_sources(c->redactor);
		if (redact_learn_root(c->redactor, &c->root, err) != 0 ||
		    pipe_learn_cgroups(c->redactor, &c->root, err) != 0)
			return -1;
	}
	if (host_facts_read(&c->host, &c->root, err) != 0)
		return -1;
	c->has_host = true;
	return name_bundle(c, err);
}

/* ---- the road ---- */

static int questions(struct collect *c, struct err *err)
{
	const struct interview_flags flags = {
		.given = c->o->given,
		.answers = c->o->answers ? &c->answers : NULL,
		.silent = c->o->no_interview || *c->stop,
	};

	if (c->asked)
		return 0;
	c->asked = true;
	collect_progress_end(c);
	return interview_run(&c->interview, &c->profile, &flags, c->stop, &c->arena, err);
}

static int gather(struct collect *c, struct err *err)
{
	c->hosts = (struct per_host){
		.options = {.now_us = c->now_us, .budget_bytes = 256 * 1024, .indent = 1},
		.brief = true,
	};
	if (open_bundle(c, err) != 0 || per_host_start(&c->hosts, err) != 0)
		return -1;
	c->report = c->hosts.hosts[0].report;
	if (collect_host(c, true, err) != 0)
		return -1;
	collect_forget(c);
	if (collect_logs(c, err) != 0 || collect_host(c, false, err) != 0 ||
	    collect_vmlog(c, err) != 0 || questions(c, err) != 0)
		return -1;
	return collect_document(c, err);
}

/* One line for all that only root can read. */
static void say_what_is_missing(const struct collect *c)
{
	if (!c->has_log && c->denied)
		log_warn("could not be read: the kernel log (%s) and %llu files, %s among them; run "
			 "it as root for all of them, MANIFEST.json lists them",
			 c->no_log.text, (unsigned long long)c->denied, c->first_denied);
	else if (c->denied && geteuid() != 0)
		log_warn("%llu files could not be read, %s among them: run it as root for all of "
			 "them, MANIFEST.json lists them",
			 (unsigned long long)c->denied, c->first_denied);
	else if (!c->has_log)
		log_warn("there is no kernel log in the bundle: %s%s%s", c->no_log.text,
			 c->no_log.hint[0] ? "; " : "", c->no_log.hint);
	if (c->has_log && c->fatal == 0)
		log_line(LOG_LEVEL_WARNING, "no OOM kill in the kernel log (%llu lines of %s); the "
			 "bundle holds the machine's state",
			 (unsigned long long)c->facts.lines, c->info.name);
	if (c->foreign)
		log_warn("%llu events in the log are of other hosts, %s for one: they are not "
			 "judged here, 'oomreport analyze' of the log shows them",
			 (unsigned long long)c->foreign, shown(c->foreign_host).z);
	if (bundle_is_out_of_room(c->bundle)) {
		log_line(LOG_LEVEL_ERROR, "%s: No space left on device: it holds what was gathered until "
			 "then", shown(c->path).z);
		log_line(LOG_LEVEL_ERROR, "make room on that disk, or choose a place on another one, for "
			 "all of it");
	} else if (c->partial) {
		log_warn("interrupted: the bundle holds what was gathered until then");
	}
}

/* For the person at a terminal, below the path. */
static void say_what_next(const struct collect *c)
{
	char text[sizeof(struct shown) + 200];

	snprintf(text, sizeof(text),
		 "Nothing has been sent. Look at it with 'oomreport analyze %s', then send it to "
		 "whoever asked, or see 'oomreport submit --help'.", shown(c->path).z);
	fflush(stdout);
	print_wrapped(stderr, text, 0, cli_prose_columns(STDERR_FILENO));
}

static void say_what_it_took(const struct collect *c)
{
	struct rusage self = {.ru_majflt = 0}, children = {.ru_majflt = 0};

	(void)getrusage(RUSAGE_SELF, &self);
	(void)getrusage(RUSAGE_CHILDREN, &children);
	log_info("it took %.2f s, %.2f of the processor, %.1f MiB at most, and waited for the disk "
		 "%ld times for its own pages",
		 (double)(when_monotonic() - c->started_us) / 1e6,
		 (double)(self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec +
			  children.ru_stime.tv_sec) +
			 (double)(self.ru_utime.tv_usec + self.ru_stime.tv_usec +
				  children.ru_utime.tv_usec + children.ru_stime.tv_usec) / 1e6,
		 (double)self.ru_maxrss / 1024, self.ru_majflt + children.ru_majflt);
}

/* The log and its events are in the bundle: their memory is for writing and searching it. */
static void forget_log(struct collect *c)
{
	c->fatal = report_fatal_events(c->report);
	per_host_free(&c->hosts);
	c->report = NULL;
	if (c->parser)
		parser_free(c->parser);
	c->parser = NULL;
	buf_free(&c->pipe.carry);
	buf_free(&c->pipe.out);
	mem_heap_trim();
}

static int finish(struct collect *c, struct err *err)
{
	bool to_stdout = strcmp(c->path, "-") == 0;

	collect_progress(c, "writing the bundle", 0);
	forget_log(c);
	privileges_write(true);
	c->partial = collect_is_partial(c); /* from here on nothing is left out any more */
	if (bundle_commit(c->bundle, c->partial, err) != 0)
		return -1;
	collect_progress_end(c);
	if (c->redactor)
		collect_keep_mapping(c);
	say_what_is_missing(c);
	say_what_it_took(c);
	if (!to_stdout &&
	    (printf("%s\n", isatty(STDOUT_FILENO) ? shown(c->path).z : c->path) < 0 || fflush(stdout) != 0))
		return err_sys(err, errno, "standard output (the bundle is %s)", shown(c->path).z);
	if (!to_stdout && c->progress)
		say_what_next(c);
	return bundle_is_out_of_room(c->bundle) ? 1 : c->partial ? 130 : 0;
}

/* What one try leaves behind. */
static void clear(struct collect *c)
{
	privileges_write(true); /* an unfinished bundle is taken out of its folder */
	if (c->bundle && bundle_is_out_of_room(c->bundle))
		*c->stop = 0; /* it was not Ctrl-C; there may be room now */
	bundle_free(c->bundle);
	c->bundle = NULL;
	if (c->parser)
		parser_free(c->parser);
	c->parser = NULL;
	per_host_free(&c->hosts);
	c->report = NULL;
	c->has_log = false;
	c->foreign = 0;
	c->no_log = (struct err){.code = ERR_NONE};
	c->files = c->denied = c->failed = c->cut = 0;
	c->denied_counts = false;
	c->steps = 0;
	c->halt = 0;
	c->leaks.path[0] = '\0'; /* what was left of its file is of the last try */
}

/* A name that was learned only after a file that holds it had passed is known the next time; on a
 * busy log server that time may bring a name of its own. */
static int gather_safely(struct collect *c, struct err *err)
{
	collect_stdin_begin(c);
	for (int tries = c->redactor ? 3 : 1;; tries--) {
		struct err why = {.code = ERR_NONE};
		int rc = gather(c, &why);

		if (rc == 0)
			rc = finish(c, &why);
		if (rc >= 0)
			return rc;
		if (why.code != ERR_REFUSED || tries == 1) {
			*err = why;
			return rc;
		}
		if (!collect_stdin_rewind(c)) {
			(void)err_set(err, ERR_REFUSED, "%s", why.text);
			return err_hint(err, "give the log as a file: --log FILE");
		}
		log_info("%s: once more, now that the name is known", why.text);
		if (*c->stop && !bundle_is_out_of_room(c->bundle)) {
			c->stop_at = c->steps + 1;
			c->stop = &c->halt;
		}
		clear(c);
		if (name_bundle(c, err) != 0) /* it may stand in the folder's name, too */
			return -1;
	}
}

static void release(struct collect *c)
{
	clear(c);
	collect_stdin_end(c);
	if (c->redactor)
		redact_free(c->redactor);
	if (c->has_host)
		host_facts_free(&c->host);
	buf_free(&c->pipe.carry);
	buf_free(&c->pipe.out);
	if (c->has_series)
		series_free(&c->series);
	for (size_t i = 0; i < ARRAY_COUNT(c->pipe.names); i++)
		buf_free(&c->pipe.names[i]);
	buf_free(&c->leaks.carry);
	profile_free(&c->profile);
	root_close(&c->root);
	remote_free(c->remote);
	arena_free(&c->arena);
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	const struct collect_options *o = options;
	struct collect c = {
		.o = o,
		.root = ROOT_CLOSED,
		.arena = ARENA_INIT(1024 * 1024),
		.pipe = {.tee = -1, .stop = &stop},
		.stop = &stop,
		.now_us = o->now_us == UNKNOWN ? when_now() : o->now_us,
		.started_us = when_monotonic(),
		.progress = isatty(STDERR_FILENO) && log_level() >= LOG_LEVEL_WARNING,
	};
	int rc;

	if (argc) {
		(void)err_set(err, ERR_USAGE, "collect: what is '%.40s'?", argv[0]);
		return err_hint(err, "a log is given with --log FILE, a place with -o FILE");
	}
	pages_singly(); /* before anything else is needed of it; collect_look() goes on with it */
	caller_find(&c.caller);
	set_signals();
	/* what was freed goes back at once: here memory is short */
	mem_heap_tight();
	privileges_drop();
	if (!o->list)
		collect_progress(&c, "looking at the machine", 0);
	rc = prepare(&c, err);
	if (rc == 0 && !o->list)
		collect_hurry(&c);
	if (rc == 0 && o->list)
		rc = collect_list(&c, err);
	else if (rc == 0)
		rc = gather_safely(&c, err);
	collect_progress_end(&c);
	release(&c);
	return rc;
}

const struct command cmd_collect = {
	.name = "collect",
	.operands = "",
	.summary = "gather evidence on this machine and write a bundle",
	.example = "sudo oomreport collect\n"
		   "  oomreport collect --log /var/log/kern.log.1 --no-interview -o oom.tar.zst",
	.options = rows,
	.options_size = sizeof(struct collect_options),
	.defaults = &defaults,
	.run = run,
};
