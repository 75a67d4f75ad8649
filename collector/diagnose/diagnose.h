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
	int64_t anon_kb; /* of the whole machine; UNKNOWN where the event does not say */
	int64_t victim_pid;
	char victim[20], trigger[20];
	uint32_t parts; /* what is told of it: bits of enum event_part */
	int64_t killed_us; /* kernel time of its kill */
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
 * is the sum of value * factor over its terms. Keys name places of report.json, dotted, arrays
 * as [index]; they end in the printed name with its unit, as emit_kv() writes it:
 *
 *   first_oom.memory.free_pages .ram_pages .reserved_pages .swap_free_kb .swap_total_kb
 *   first_oom.memory.totals.slab_unreclaimable_pages
 *   first_oom.memory.nodes[0].kernel_stack_kb
 *   first_oom.memory.zones[2].free_kb   .lowmem_reserve_pages[3]   .buddy[0].free_blocks
 *   first_oom.memory.hugepages[0].total (.free, .surplus, .size_kb)
 *   first_oom.memcg.usage_kb .limit_kb .failcnt .swap.limit_kb .memsw.limit_kb
 *   first_oom.memcg.stats.anon   .stats_of[1].stats.rss_kb      bytes without a suffix
 *   first_oom.trigger.order   first_oom.victims[0].anon_rss_kb   first_oom.slab[0].total_kb
 *   first_oom.allocations[0].bytes
 *   first_oom.tasks[4].rss_pages  .pgtables_bytes  .swapents_pages  .oom_score_adj
 *   source.context.hung_task               counts of log_facts.context
 *   collection.facts.meminfo.memfree_kb    host_facts lists: meminfo vmstat sysctl numbers
 *   system.cpus
 *   collection.facts.slabs[0].total_kb  .active_objects  .processes[0].rss_kb  .swaps[0].size_kb
 *   vmlog.counters[3].slope_per_s          series.counters, in their order (also .start .end
 *                                          .min .max .at_event)
 *
 * "first_oom" is the subject here, whichever event that is: report/ puts the real place in its
 * stead. A term without a key is
 * a constant (a threshold of thresholds.c, a rounding, a count of rows). */
struct term {
	struct str key; /* "first_oom.memory.zones[2].free_kb"; NULL = constant */
	double value;
	double factor;	/* +1, -1, 0.01, 4 (pages to kB) ... */
};
struct evidence {
	struct str text; /* "Node 0 Normal: free 1200 <= min 4096 + reserve 0 (kB)" */
	struct str key;	 /* the main value's key; NULL = none */
	double value;	 /* as it stands at that key, a slope with its fraction; NAN = none */
	char op[3]; /* "<", "<=", ">", ">=", "==" or "" when there is no inequality */
	const struct term *left, *right;
	size_t n_left, n_right;
};

struct finding {
	const char *id;	     /* "memcg-limit" */
	const char *rule;    /* its number in the rule tables: "M1" */
	const char *cause;   /* one sentence */
	const char *wiki;    /* which of the wiki's causes, or NULL */
	enum confidence confidence;
	int rank; /* 60..99 explains the event, 30..59 contributes, below: describes it */
	struct evidence *evidence;
	size_t n_evidence;
	struct str advice;
	const char *reference;
	struct str variant; /* which of its forms: the cache of a slab leak; may be empty */
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
	const char *what;    /* the fact: "slabinfo from before or during the event" */
	const char *decides; /* the causes it would decide */
	const char *how;     /* which file, which option */
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
	char signature[80]; /* "oom1-...": stable for the same kind of OOM; see signature.c */
};

int diagnose(struct diagnosis *ret, const struct incident *in, struct err *err) MUST_CHECK;
void diagnosis_free(struct diagnosis *d);

/* The tables, for tests and documentation. */
struct rule_row {
	const char *rule, *id, *wiki, *reference;
	bool hint; /* rests on kernel source or a tool alone: never more than a hint */
};
bool diagnose_rule(size_t index, struct rule_row *ret); /* false behind the last one */
struct threshold_row {
	const char *name, *source; /* "proposal": this project's own number */
	double value;
};
bool diagnose_threshold(size_t index, struct threshold_row *ret);

#endif
