/* SPDX-License-Identifier: MIT */
/* collect.h - private to the collect_*.c files: one collection, from options to bundle. */
#ifndef OOMREPORT_CLI_COLLECT_H
#define OOMREPORT_CLI_COLLECT_H

#include "bundle/bundle.h"
#include "cli/caller.h"
#include "cli/cli.h"
#include "cli/interview.h"
#include "cli/names.h"
#include "cli/per_host.h"
#include "host/host.h"
#include "report/report.h"

struct collect_options {
	const char *output, *root, *profile, *vmlog, *boot;
	const char *answers;
	struct interview given; /* --workload ... */
	struct text_list logs;
	int format, redact; /* -1 = not said */
	int64_t max_size, now_us;
	bool force, list, no_interview;
};

/* ---- collect_pipe.c: bytes on their way into the bundle, redacted as they pass ---- */

/* One file being written. Text is redacted line by line; binary files pass as they are, unless
 * an original is found in them, or there may be one where nobody can look: they are compressed, or
 * hold command lines. */
struct pipe {
	struct bundle *b;
	volatile int *stop;	   /* the bundle's disk is full: no more is gathered */
	struct redactor *redactor; /* NULL: nothing is replaced */
	enum redact_form form;	   /* of the file that comes next */
	bool ready;		   /* made from redacted text by our own hand: passes as it is */
	bool began, binary, leaks, hides;
	struct buf carry, out; /* a line's beginning; redacted lines */
	uint64_t count;	       /* replacements in this file */
	int tee;	       /* the redacted text goes here too; -1 = nowhere */
	struct buf names[3];   /* path, source and note of the entry, redacted */
};
int pipe_begin(struct pipe *p, const char *path, struct err *err) MUST_CHECK;
int pipe_data(struct pipe *p, struct str bytes, struct err *err) MUST_CHECK;
int pipe_end(struct pipe *p, struct bundle_entry *entry, struct err *err) MUST_CHECK;
int pipe_add(struct pipe *p, struct bundle_entry *entry, struct str text,
	     struct err *err) MUST_CHECK;
int pipe_absent(struct pipe *p, const char *path, const char *source, const char *why,
		struct err *err) MUST_CHECK;
struct sink pipe_sink(struct pipe *p); /* between begin and end */
/* Names of the files that are read keep theirs, whoever is called so. */
void pipe_keep_sources(struct redactor *r);
/* Names are learned where the kernel writes cgroup paths; they occur in files read before. */
int pipe_learn_cgroups(struct redactor *r, const struct root *root, struct err *err) MUST_CHECK;
/* A path or source of the machine as the manifest may show it; out holds it. */
const char *pipe_name(struct pipe *p, const char *name, struct buf *out, struct err *err);
/* bundle_options.inspect for a redactor: looks for every original in the finished bundle. Pages
 * made from report.json are left out: they say what it says, in words of our own that may be
 * somebody's name. */
struct leak_search {
	const struct redactor *redactor;
	struct buf carry;
	bool binary, own;
	char path[256];
};
int leak_inspect(void *ctx, const char *path, struct str bytes, struct err *err) MUST_CHECK;

/* ---- one collection ---- */

/* collect_stdin.c: what of a log on standard input can be read a second time */
struct standard_input {
	bool used, again;
	int copy;      /* -1 = none */
	int64_t began; /* offset */
	uint64_t bytes;
};

struct collect {
	const struct collect_options *o;
	struct caller caller;
	struct root root;
	struct remote *remote;
	struct profile profile;
	struct arena arena;
	struct bundle *bundle;
	struct redactor *redactor;
	struct pipe pipe;
	struct leak_search leaks;
	struct per_host hosts;
	struct report *report; /* this machine's, of those */
	struct parser *parser; /* of the log whose facts are the document's */
	struct log_facts facts;
	struct source_info info;
	bool has_log;
	struct err no_log; /* why there is none */
	struct host_facts host;
	bool has_host, asked;
	struct series series;
	bool has_series;
	struct standard_input input;
	struct answers answers;
	struct interview interview;
	char path[4096]; /* of the bundle */
	char top[256];
	char stem[256]; /* ... before names in it were replaced: the mapping is called so */
	enum bundle_format format;
	int64_t now_us, started_us;
	uint64_t files, denied, failed, cut;
	uint64_t fatal; /* events in the logs, once they are written */
	uint64_t foreign; /* events of other hosts */
	char foreign_host[HOST_ROOM]; /* one of those */
	char first_denied[200]; /* the one that counts most */
	bool denied_counts;	/* it does */
	volatile int *stop; /* what is to end now looks at it */
	/* A further try goes as far as the one that was stopped had come: what was gathered until then
	 * is in the bundle. */
	uint64_t steps, stop_at; /* files and pieces of logs; 0 = it was not stopped */
	volatile int halt;
	bool partial; /* the bundle that is published */
	bool progress, showing, hurry; /* progress: there is a terminal to show it on */
	bool pressed; /* all of the machine waits for memory */
};

static inline void collect_step(struct collect *c)
{
	if (++c->steps == c->stop_at)
		c->halt = 1;
}

static inline bool collect_is_partial(const struct collect *c)
{
	return c->stop_at || *c->stop;
}

/* --redact, else the profile's; once the profile is chosen. */
static inline enum redact_level collect_redaction(const struct collect *c)
{
	return (enum redact_level)(c->o->redact >= 0 ? c->o->redact : c->profile.redact);
}

/* ---- collect_progress.c ---- */

/* A word on a terminal when it takes longer than a second: what is done from now on. */
void collect_progress(struct collect *c, const char *what, uint64_t bytes);
void collect_progress_end(struct collect *c);

/* ---- collect_hurry.c ---- */
/* First of all: is there a storm? If not, the program's own pages are to be few. */
void collect_look(struct collect *c);
void collect_forget(const struct collect *c); /* ... those of the stage that ends */
void collect_hurry(struct collect *c);
void collect_calm(struct collect *c); /* when its time is over */

/* ---- collect_log.c: the kernel's log, into the bundle and through the parser at once ---- */
int collect_logs(struct collect *c, struct err *err) MUST_CHECK;

/* ---- collect_stdin.c: `--log -` ---- */
void collect_stdin_begin(struct collect *c);
void collect_stdin_keep(struct collect *c, struct str window); /* a piece that was read */
void collect_stdin_is_archive(struct collect *c);
/* To its beginning; false when that cannot be. True without such a log. */
bool collect_stdin_rewind(struct collect *c);
void collect_stdin_end(struct collect *c);

/* ---- collect_host.c: the machine's files ---- */
int collect_host(struct collect *c, bool cheap, struct err *err) MUST_CHECK;

/* ---- collect_list.c: what would be read ---- */
int collect_list(struct collect *c, struct err *err) MUST_CHECK;

/* ---- collect_keep.c ---- */
int collect_vmlog_check(const struct collect *c, struct err *err) MUST_CHECK;
int collect_vmlog(struct collect *c, struct err *err) MUST_CHECK;
void collect_keep_mapping(struct collect *c);

/* ---- collect_pages.c: what people read ---- */
int collect_document(struct collect *c, struct err *err) MUST_CHECK;
/* In a folder for temporary files, without a name; -1 = nowhere. */
int collect_scratch_file(void);

#endif
