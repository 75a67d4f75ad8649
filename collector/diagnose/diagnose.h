/* SPDX-License-Identifier: MIT */
/* diagnose.h - the door of diagnose/: what an incident means. No I/O.
 *
 * incident = the subject event + short notes of all events + host facts + series. Every part
 * but the subject may be missing. Rules are rows (rules_*.c); thresholds stand in one table
 * with their source (thresholds.c); every finding prints its inequality with its numbers.
 */
#ifndef OOMREPORT_DIAGNOSE_DIAGNOSE_H
#define OOMREPORT_DIAGNOSE_DIAGNOSE_H

#include "host/host.h"
#include "parse/parse.h"
#include "vmlog/vmlog.h"

/* What is remembered of every event of a log, also when there are thousands. */
struct event_note {
	enum event_kind kind;
	enum event_scope scope;
	bool fatal;
	uint64_t first_line;
	int64_t monotonic_us, wall_us, order, gfp_mask;
	int64_t free_kb, swap_free_kb, killed_kb; /* rss of its victims */
	int64_t victim_pid;
	char victim[20], trigger[20];
};

enum { NOTES_MAX = 4096 };

struct incident {
	const struct event *subject; /* first fatal event, else the first one; NULL: no event */
	const struct event_note *notes;
	size_t n_notes;
	uint64_t n_events; /* may be more than notes are kept */
	const struct log_facts *log;
	const struct host_facts *host; /* or NULL */
	const struct series *series;   /* or NULL */
};

enum confidence { CONFIDENCE_HINT, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
const char *confidence_name(enum confidence c); /* "low" for a hint, "medium", "high" */

/* One fact with its inequality: left OP right, both recomputable from the document: each side
 * is a sum of terms (key into report.json, factor) or a plain number. */
struct term {
	struct str key; /* "first_oom.memory.zones[2].free_kb"; NULL = constant */
	double value;
	double factor;	/* +1, -1, 0.01, 4 (pages to kB) ... */
};
enum { EVIDENCE_TERMS = 8 };
struct evidence {
	struct str text; /* "Node 0 Normal: free 1200 kB <= min 4096 + reserve 0 kB" */
	struct str key;	 /* the main value's key; NULL = none */
	int64_t value;
	char op[3]; /* "<", "<=", ">", ">=", "==" or "" when there is no inequality */
	struct term left[EVIDENCE_TERMS], right[EVIDENCE_TERMS];
	size_t n_left, n_right;
};

struct finding {
	const char *id;	     /* "memcg-limit" */
	const char *cause;   /* one sentence */
	const char *wiki;    /* which of the wiki's causes, or NULL */
	enum confidence confidence;
	struct evidence *evidence;
	size_t n_evidence;
	struct str advice;
	const char *reference;
};

struct role {
	const char *role; /* "trigger", "victim", "limit_owner", "largest_consumer", "cause" */
	struct str name;
	struct str text;
};

struct balance_row {
	struct str name;
	int64_t kb;
	struct str source; /* where the number is from */
};

struct missing_fact {
	const char *what, *decides, *how;
};

struct diagnosis {
	struct arena arena;
	struct str verdict; /* one plain sentence; never empty */
	struct finding *findings; /* ranked, strongest first */
	size_t n_findings;
	struct role *roles;
	size_t n_roles;
	struct balance_row *balance; /* the last row is "unaccounted" */
	size_t n_balance;
	int64_t balance_total_kb;
	struct missing_fact *missing;
	size_t n_missing;
	char signature[80]; /* "oom1-...": stable for the same kind of OOM */
};

int diagnose(struct diagnosis *ret, const struct incident *in, struct err *err) MUST_CHECK;
void diagnosis_free(struct diagnosis *d);

#endif
