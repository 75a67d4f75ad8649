/* SPDX-License-Identifier: MIT */
/* report.h - the door of report/: the document (report.json), redaction, templates.
 *
 * The document is built once, by report_write(); everything to its right reads only the
 * document. schema/report.schema.json describes it. Documents in local variables are json_auto_t.
 *
 * "first_oom" is the first fatal event, or null. What the diagnosis speaks of is "subject":
 * {"index": its place in "events", "number": of the log, 1-based, "chosen": by --event} or null;
 * it is first_oom where there is one and none was chosen, else the first event. EVENTs beyond
 * the budget have "detail": "brief": their tables are null. "verbatim" is there for first_oom
 * and the subject only.
 */
#ifndef OOMREPORT_REPORT_REPORT_H
#define OOMREPORT_REPORT_REPORT_H

#include <jansson.h>

#include "diagnose/diagnose.h"
#include "source/source.h"

struct interview {
	const char *workload, *before, *after, *impact, *reproducible, *changed; /* or NULL */
	const struct interview_answer { /* a desk's own questions */
		const char *key, *question, *answer;
	} *extra;
	size_t n_extra;
};

/* How much of each event goes into "events": the subject is always whole. */
enum events_detail {
	DETAIL_BUDGET, /* whole while they fit into the budget, then "detail": "brief" */
	DETAIL_ALL,
};

/* Events are added as they come; those of "events" are written to the spool at once. */
struct report;
struct report_options {
	int64_t now_us;
	enum events_detail detail;
	size_t budget_bytes; /* DETAIL_BUDGET: JSON bytes of whole events; 0 = 1 MiB */
	uint64_t event;	     /* --event N (1-based): the subject; 0 = the first fatal one */
	uint64_t max_events; /* more are only counted ("events_omitted"); 0 = no limit. The
				subject is always there. */
	int indent;	     /* of what is spooled; give report_write() the same */
	struct str kernel;   /* --kernel: decodes flags where the log does not say; or empty */
	/* Where the document goes, if it may be begun before all is known: "events" then comes
	 * first in it, and needs no spool. report_write() must be given the same. */
	struct sink stream; /* .write NULL: no */
};
int report_new(struct report **ret, const struct report_options *o, struct err *err) MUST_CHECK;
/* What follows comes from another log of the same container (a sos report holds dmesg, messages
 * and the journal): events that are there already are not added again. */
void report_next_log(struct report *r);
/* Takes the event over (it is freed when no longer needed), also when it fails. */
int report_add_event(struct report *r, struct event *ev, struct err *err) MUST_CHECK;
/* All logs are read: what waits for the log that it may be an excerpt of is an event. Without it there may
 * be no subject and no first OOM yet; report_write() does it, too. */
int report_settle(struct report *r, struct err *err) MUST_CHECK;
const struct event *report_subject(const struct report *r);   /* or NULL */
const struct event *report_first_oom(const struct report *r); /* the first fatal one, or NULL */
/* Counts as in the document's "counts". */
uint64_t report_oom_events(const struct report *r);
uint64_t report_events(const struct report *r);
uint64_t report_fatal_events(const struct report *r);

struct report_parts {
	const struct source_info *source;
	const struct log_facts *log;
	const struct host_facts *host; /* or NULL */
	const struct series *series;   /* or NULL */
	const struct interview *interview; /* or NULL */
	struct str collection;	       /* JSON object whose members go into "collection" beside
					  "facts" (host's lists); or empty */
	const struct report_of_host {  /* documents of the log's other hosts: "other_hosts" */
		struct report *report;
		const struct log_facts *log;
	} *others;
	size_t n_others;
};
/* Diagnose and write the whole document as JSON text. */
int report_write(struct report *r, const struct report_parts *parts, struct sink out,
		 int indent, struct err *err) MUST_CHECK;
void report_free(struct report *r);

/* Members with one of these names, at any depth, become null where that makes the text shorter:
 * for readers that need a few facts of many documents. In place; what is no JSON before it is
 * none afterwards, but what was inside those members is not looked at. */
void report_trim(struct buf *json, const struct str *keys, size_t n);
/* Of all json_t of the process; first called before the first of them. */
enum { JSON_MEMORY_MAX = 384 << 20 };
void json_memory_cap(size_t most);
/* How often it was refused so far. What was built or copied meanwhile may lack members without
 * saying so (jansson's json_copy() does), and what was loaded may be "an invalid token". */
size_t json_memory_refusals(void);
void json_memory_refused(void); /* one more: of what was to become a value */
/* Text of a document to a json_t (new reference) with a clear error line. */
int report_load(json_t **ret, struct str text, const char *name, struct err *err) MUST_CHECK;

/* Two documents of one machine, before and after: what changed (new reference; templates/
 * compare.txt shows its keys). */
int report_compare(const json_t *before, const json_t *after, json_t **ret,
		   struct err *err) MUST_CHECK;

/* ---- templates ---- */
/* Render a template over a document. `partials` finds "{{> name}}" (may be NULL: none). */
struct template_source {
	void *ctx;
	/* 1 and *ret (valid while rendering), 0 unknown, -1. */
	int (*find)(void *ctx, struct str name, struct str *ret, struct err *err);
};
/* What "{{x}}" does to a value: HTML-escaped is the Mustache default. */
enum template_escape { TEMPLATE_PLAIN, TEMPLATE_HTML, TEMPLATE_MARKDOWN };
/* Appends to out (nothing on failure). Falsy: missing, null, false, "" and []; 0 is true. A
 * partial that find() does not know is empty, as the specification says. The error names the
 * template, the line and what is wrong; depth, work and out->max are limits (ERR_LIMIT). */
int template_render(struct str text, const char *name, json_t *data, enum template_escape escape,
		    const struct template_source *partials, struct buf *out,
		    struct err *err) MUST_CHECK;
/* Add the documented helper fields ("view", see templates/README.md) that templates use to a
 * copy of the document (new reference). Control bytes of foreign text become "\x1b" there. */
int report_view(json_t *document, json_t **ret, struct err *err) MUST_CHECK;

struct render_options {
	int width;	     /* columns of wrapped text; 0 = 72 */
	bool color;	     /* terminal colours in view.paint, else its members are empty */
	bool unicode;	     /* bars of block characters instead of '#' */
	bool all;	     /* every row, not the first ones ("view.all") */
	size_t event;	     /* the event shown: 1-based place in "events"; 0 = the subject */
	size_t verbatim_max; /* bytes kept of the event's own lines; 0 = all */
};
int report_view_sized(json_t *document, const struct render_options *o, json_t **ret,
		      struct err *err) MUST_CHECK;

/* A template over a document, from the document to the finished text, appended to out.
 *
 * `name` is a file, when it holds a '/' or is one, or a name such as "summary", "bugzilla",
 * "mail", "markdown", "html", "oneliner", "text": looked for in /etc/oomreport/templates.d,
 * then among those compiled in. ".html" escapes for HTML, ".md" for Markdown, others not at
 * all. Partials are found in the same way, beside a file first. "{{! limit: 65535 }}" in the
 * first line is a maximum of bytes: the verbatim event is cut by structure to keep it.
 * o may be NULL. */
int report_render(json_t *document, const char *name, const struct render_options *o,
		  struct buf *out, struct err *err) MUST_CHECK;
/* The same over other data, control bytes made visible: no "view", no limit. */
int report_render_data(json_t *data, const char *name, struct buf *out, struct err *err) MUST_CHECK;

/* ---- redaction: consistent, relation-keeping replacement over one bundle ----
 *
 * Names are learned (from the machine's files, from log text), then every text goes through
 * redact_text(): the same original always gets the same replacement, also where it is spelled in
 * another way: hosts, domains, users and mail addresses in any case of their letters, a MAC
 * address in an interface's name, an IPv4 address inside an IPv6 one, "%40" for an '@', a UUID
 * without dashes. Two passes therefore: learn everything, then replace. A name is replaced where
 * it stands as a word of its own (neighbours are not ASCII letters, digits or '_'), so "mark" in
 * folio_mark_accessed stays. A name of one or two bytes, or one that is a word of every kernel log
 * ("order", "cache"), is replaced only where its place says what it is: "/home/hv", "user=hv",
 * "hv@", the host of a log line. A host in a domain is replaced label by label; level standard
 * knows domains of the machine's files, of mail addresses, behind "://" and a known host, and by
 * their form (a top-level domain behind two dots, or .com and its like); strict takes any word
 * with a dot that ends in letters. Public ones ("kernel.org") stay.
 */
enum redact_level { REDACT_NONE, REDACT_STANDARD, REDACT_STRICT };
enum redact_kind {
	REDACT_HOST, REDACT_DOMAIN, REDACT_USER, REDACT_IPV4, REDACT_IPV6, REDACT_MAC,
	REDACT_EMAIL, REDACT_ID, REDACT_CGROUP, REDACT_LABEL, REDACT_COMM, REDACT_ARGS, REDACT_SECRET,
	REDACT_KINDS
};
enum redact_form {
	REDACT_LINES,	 /* whole lines of a log or a file */
	REDACT_JSON,	 /* lines of a document or manifest: keys and our own words stay, the
			    result is valid JSON again */
	REDACT_COMMANDS, /* lines of a table whose last column is a command line: programs and
			    options stay, what they were given does not */
	REDACT_PAGE,	 /* for redact_leak(): a page of ours, made from what was replaced. What
			    may be one of our own words (a user "report") is not looked for */
};
const char *redact_kind_name(enum redact_kind k); /* "host", "ipv4" ... */

struct redactor;
int redact_new(struct redactor **ret, enum redact_level level, struct err *err) MUST_CHECK;
void redact_free(struct redactor *r);
/* A path that is read on every machine: its words are replaced only in places that say that they
 * are names. A host called "meminfo" must not make another file of /proc/meminfo. */
void redact_keep_path(struct redactor *r, struct str path);
/* hostname, hosts, resolv.conf, passwd, machine-id, DMI serials below root. Strict: names of
 * processes, too. */
int redact_learn_root(struct redactor *r, const struct root *root, struct err *err) MUST_CHECK;
/* One name; words that identify nobody ("localhost", "ubuntu") are not learned. Strict only:
 * REDACT_COMM, and not for known system daemons. */
int redact_learn(struct redactor *r, enum redact_kind kind, struct str name,
		 struct err *err) MUST_CHECK;
/* All names of a control group's path: "/payroll.slice/db-7.service". */
int redact_learn_group(struct redactor *r, struct str path, struct err *err) MUST_CHECK;
/* Whole lines of a log or a file, in their order: syslog hosts, people who log in, mounted hosts,
 * serial numbers, the groups of our own tables. Strict: names of processes in the kernel's reports
 * and in tables, too. */
int redact_learn_text(struct redactor *r, struct str lines, struct err *err) MUST_CHECK;
/* Whole lines in, redacted lines appended to out. *count grows by the replacements made. */
int redact_text(struct redactor *r, struct str lines, enum redact_form form, struct buf *out,
		uint64_t *count, struct err *err) MUST_CHECK;
/* Is an original left in these whole lines? Its kind, or -1. (Of arguments of commands nothing is
 * known beyond their column.) */
int redact_leak(const struct redactor *r, struct str lines, enum redact_form form);
uint64_t redact_count(const struct redactor *r, enum redact_kind kind); /* distinct originals */
/* The mapping, for the user only: JSON array of {kind, original, replacement}. */
int redact_mapping(const struct redactor *r, struct sink out, struct err *err) MUST_CHECK;
/* The way back, for the user: a text about "host1" with the originals of a mapping in it. `name`
 * is for messages; replacements are found where redaction finds names, as words. */
struct revealer;
int reveal_new(struct revealer **ret, struct str mapping, const char *name,
	       struct err *err) MUST_CHECK;
void reveal_free(struct revealer *v);
int reveal_text(const struct revealer *v, struct str lines, struct buf *out, uint64_t *count,
		struct err *err) MUST_CHECK;
/* Replacement of an own host name, or "" when it is not replaced. */
struct str redact_own_host(const struct redactor *r);

#endif
