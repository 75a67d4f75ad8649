/* SPDX-License-Identifier: MIT */
/* judge.h - what a rule works with: quantities that know where they stand in the document.
 *
 * A rule asks says(j, left, ">", right): when it holds, the inequality is kept as evidence
 * with its numbers; when a side is not known, the rule stays undecided and what is missing is
 * remembered. So the arithmetic that decided and the arithmetic printed cannot differ.
 * Everything here lives in the diagnosis' arena; without memory j->failed is set and every
 * later answer is false.
 */
#ifndef OOMREPORT_DIAGNOSE_JUDGE_H
#define OOMREPORT_DIAGNOSE_JUDGE_H

#include "diagnose/diagnose.h"

/* A fact that may be missing: rows of missing.c, bits of judge.lacks. */
enum need {
	NEED_NOTHING,
	NEED_MEMORY,	/* the Mem-Info block */
	NEED_HEADER,	/* order and gfp mask */
	NEED_TASKS,
	NEED_MEMCG,
	NEED_KERNEL,	/* the release */
	NEED_MEMINFO,
	NEED_SLABINFO,
	NEED_VMSTAT,
	NEED_SYSCTL,
	NEED_SWAPS,
	NEED_PROCESSES,
	NEED_NUMBERS,	/* file-nr, sockstat, vmallocinfo, dma-buf, balloon, cgroup.stat ... */
	NEED_CMDLINE,
	NEED_SERIES,
	NEED_COUNT,
};

/* A number in kB (unless said otherwise) made of terms of the document. */
struct quantity {
	double value;
	bool known;
	enum need need;	  /* what would make it known */
	struct str text;  /* "free 1482936 - reserved_highatomic 1073152" */
	struct term *terms;
	size_t n;
	size_t room; /* of a sum that q_append() grows */
	bool sum; /* the text shows a computation: print its result, too */
};

enum zone_kind { Z_DMA, Z_DMA32, Z_NORMAL, Z_HIGHMEM, Z_MOVABLE, Z_DEVICE, Z_COUNT };

/* One printed zone against the request. All in kB. */
struct zone_view {
	const struct zone *zone;
	enum zone_kind kind;
	bool eligible; /* the request may use it */
	struct quantity usable;	  /* U(z): free - unusable */
	struct quantity need_min; /* N(z): min, after discounts, + lowmem_reserve of the request */
	struct quantity need_high;
	struct quantity free, reclaimable;
	bool has_block; /* a free block of the order and of a usable type is listed */
	bool short_of_min;
};

enum { EVIDENCE_MAX = 20, ZONES_SHOWN = 6 };

struct judge {
	struct diagnosis *d;
	const struct incident *in;
	const struct event *ev; /* never NULL in rules: an empty one stands in */
	struct str at;		/* "first_oom" */
	bool failed;		/* no memory */

	/* the rule being asked */
	struct evidence evidence[EVIDENCE_MAX];
	size_t n_evidence;
	enum confidence confidence;
	int rank; /* the row's; a condition may change it */
	const char *cause; /* a row's own sentence, or one with names and numbers in it */
	struct str advice;
	struct str variant; /* what of the cause: the largest part, the cache; for the signature */
	uint32_t lacks; /* 1 << enum need: it could not be decided for want of these */

	/* derived once, incident.c */
	bool oom, global, memcg; /* kernel OOM; whole machine (or a binding); one cgroup */
	double page_kb;
	struct gfp_decoded gfp;
	bool gfp_known;
	struct kernel_version kernel;
	bool kernel_known;
	bool is_32bit;
	enum zone_kind request_zone;
	bool may_cma;
	struct zone_view *zones;
	size_t n_zones;
	struct quantity ram, free, anon, file, shmem, lru, slab_r, slab_u, pagetables,
		kernel_stack, hugetlb, unaccounted, swap_total, swap_free, swap_used;
	size_t biggest_task; /* row by rss + swap; SIZE_MAX: none */
	double biggest_kb, tasks_kb;
};

/* ---- quantities (quantity.c) ---- */
struct quantity q_constant(struct judge *j, double value, const char *name);
struct quantity q_unknown(enum need need);
/* A number of the document: `factor` makes kB (or the wanted unit) of it. */
struct quantity q_number(struct judge *j, const char *name, int64_t value, double factor,
			 enum need need, const char *key_format, ...) FORMAT_ARGS(6, 7);
struct quantity q_add(struct judge *j, struct quantity a, struct quantity b);
struct quantity q_sub(struct judge *j, struct quantity a, struct quantity b);
/* Missing parts count as nothing: for keys that not every kernel prints. */
struct quantity q_add_if_known(struct judge *j, struct quantity a, struct quantity b);
/* The same for sums over zones or nodes, of which there may be a thousand: *sum must be the
 * only owner of its terms (begin with q_unknown()). */
void q_append(struct judge *j, struct quantity *sum, struct quantity q);
struct quantity q_percent(struct judge *j, double percent, struct quantity of);
struct quantity q_times(struct judge *j, double factor, struct quantity of);
struct quantity q_named(struct judge *j, struct quantity q, const char *name);
/* Put a head in front of the text: "Node 0 Normal: ". */
struct quantity q_headed(struct judge *j, struct quantity q, const char *fmt, ...)
	FORMAT_ARGS(3, 4);

int64_t whole(double v); /* clamped, never UNKNOWN */

/* ---- evidence (quantity.c) ---- */
bool says(struct judge *j, struct quantity left, const char *op, struct quantity right);
/* The same without evidence: for gates that need no proof. Unknown: false, and noted. */
bool holds(struct judge *j, struct quantity left, const char *op, struct quantity right);
/* A number worth showing, without an inequality. */
bool shows(struct judge *j, struct quantity q);
/* Words as evidence; key may be NULL. Always true, so that it ends a chain of &&. */
bool notes(struct judge *j, const char *fmt, ...) FORMAT_ARGS(2, 3);
bool notes_at(struct judge *j, struct str key, double value, const char *fmt, ...)
	FORMAT_ARGS(4, 5);
/* The finding's sentence / advice with names and numbers. Always true. */
bool because(struct judge *j, const char *fmt, ...) FORMAT_ARGS(2, 3);
bool advise(struct judge *j, const char *fmt, ...) FORMAT_ARGS(2, 3);
bool lacks(struct judge *j, enum need need); /* always false */
/* Text in the arena; an empty one when memory is out. */
struct str words(struct judge *j, const char *fmt, ...) FORMAT_ARGS(2, 3);
const char *words_z(struct judge *j, const char *fmt, ...) FORMAT_ARGS(2, 3);
/* "184 MiB": amounts for people. */
const char *human_kb(struct judge *j, double kb);

/* ---- numbers of the incident (incident.c) ---- */
void incident_derive(struct judge *j);
/* Sum over the machine of a counter by its printed key, in kB. */
struct quantity total(struct judge *j, struct str key);
struct quantity tail_pages(struct judge *j, struct str key, const char *name);
struct quantity zone_number(struct judge *j, size_t zone, struct str key);
struct quantity meminfo(struct judge *j, struct str key);
struct quantity vmstat(struct judge *j, struct str key);
struct quantity sysctl(struct judge *j, struct str key);
struct quantity host_number(struct judge *j, struct str key);
struct quantity vmalloc_used(struct judge *j);
struct quantity context_count(struct judge *j, struct str key);
struct quantity memcg_stat(struct judge *j, struct str key); /* kB of all that the limit holds */
struct quantity memcg_usage(struct judge *j);
struct quantity memcg_limit(struct judge *j); /* unlimited is not known, either */
struct quantity task_number(struct judge *j, size_t row, struct str column, double factor);
/* at: enum of which column of the counter: 's'lope, 'm'ax, 'b'egin, 'e'nd, 'v' at event. */
struct quantity series_number(struct judge *j, struct str counter, char at);
double task_kb(const struct judge *j, size_t row); /* RAM and swap */
struct str task_name(const struct judge *j, size_t row);
/* Is a symbol of the call trace equal to / beginning with one of these (NULL-ended)? */
bool in_trace(const struct judge *j, const char *const *heads, struct str *found);
bool node_in_list(struct str list, int64_t node); /* "0-1,4"; an empty list holds none */
int64_t slab_objects(const struct judge *j, struct str name);
bool kernel_between(const struct judge *j, int major, int minor, int until_major,
		    int until_minor); /* from <= release < until, by mainline number */
struct str memcg_path(const struct judge *j); /* whose limit it was; "(not named)" */
const char *zone_title(struct judge *j, const struct zone *z); /* "Node 0 Normal" */

/* ---- watermarks (watermark.c) ---- */
void watermarks_derive(struct judge *j);
enum zone_kind zone_kind_of(struct str name);
/* Every eligible zone is short: keeps the inequalities as evidence. */
bool says_all_short(struct judge *j);
/* The same against the high mark, that of the last try before a kill. */
bool says_all_below_high(struct judge *j);
/* Zones stand above their mark, and none of these lists a block that fits the request. */
bool no_fitting_block(const struct judge *j);

/* ---- thresholds (thresholds.c) ---- */
enum threshold {
	T_REALLY_OUT,
	T_ANON_MOST,
	T_ONE_PROCESS,
	T_MANY_TASKS,
	T_SAME_NAME,
	T_TASK_OVERHEAD,
	T_SHMEM,
	T_HOLDER,
	T_FILE_TINY,
	T_SLAB,
	T_SLAB_SOME,
	T_TWINS,
	T_DENTRY,
	T_FILES,
	T_SOCKETS,
	T_PAGETABLES,
	T_UNACCOUNTED,
	T_UNACCOUNTED_KB,
	T_VMALLOC,
	T_PERCPU,
	T_DYING,
	T_SWAP_FREE,
	T_MLOCK,
	T_HUGETLB,
	T_ZSPAGES,
	T_WRITEBACK,
	T_MFK_LOW,
	T_MFK_HIGH,
	T_ISOLATED_LRU,
	T_ISOLATED_RAM,
	T_MANY_CPUS,
	T_AVAILABLE,
	T_ACTIVE_FILE_KB,
	T_SCAN_RATIO,
	T_PSI_FULL,
	T_SCANNED_TIMES,
	T_CMA,
	T_MOVABLE,
	T_NODE_FREE,
	T_KDUMP_KB,
	T_THP,
	T_HIGHMEM_TIMES,
	T_LOWMEM_RATIO,
	T_LOST,
	T_UNEVICTABLE,
	T_DIRTY,
	T_SMALL_BOARD_KB,
	T_RESERVED,
	T_BALLOON,
	T_SMALL_VICTIM,
	T_LOW_ORDERS,
	T_GREW,
	T_DMABUF,
	T_FREE_RISE,
	T_MEMCG_DIRTY,
	T_PAGETABLES_LEAST,
	T_PAGETABLES_MUCH,
	T_PAGETABLES_ANON,
	T_SWAP_IN_USE,
	T_LIMIT,
	T_LIMIT_SMALL,
	T_STOCKS_KB,
	T_MOVABLE_FREE,
	T_COSTLY,
	T_LOCKED_ONE,
	T_IN_FLIGHT_KB,
	T_DIRTY_FILE,
	T_MEMCG_WRITING,
	T_FREE_ENOUGH,
	T_BUFFERS,
	T_STORM_GAP_S,
	T_COUNT
};
double threshold(enum threshold t);

/* ---- rules (rules_*.c) ---- */
enum applies {
	ON_GLOBAL = 1 << 0,  /* a kernel OOM that is not one cgroup's, with memory numbers */
	ON_MEMCG = 1 << 1,
	ON_FAILURE = 1 << 2, /* allocation failure or stall, nobody killed */
	ON_OTHER = 1 << 3,   /* userspace kills, events without numbers */
	ON_NOTHING = 1 << 4, /* no event at all: host facts and series only */
	ON_OOM = ON_GLOBAL | ON_MEMCG,
	ON_EVENT = ON_OOM | ON_FAILURE | ON_OTHER,
	ON_ANY = ON_EVENT | ON_NOTHING,
};
struct rule {
	const char *number, *id, *cause, *wiki;
	bool (*when)(struct judge *j);
	int applies;
	enum confidence confidence;
	int rank; /* 0..99 among those that fire: 60 and more explain the event, 30 to 59
		     contribute, below they describe it */
	const char *advice, *reference;
};
extern const struct rule rules_kind[], rules_where[], rules_wiki[], rules_kernel[],
	rules_swap[], rules_vm[], rules_memcg[], rules_modern[];
extern const size_t n_rules_kind, n_rules_where, n_rules_wiki, n_rules_kernel,
    n_rules_swap, n_rules_vm, n_rules_memcg, n_rules_modern;

struct rule_table {
	const struct rule *rules;
	const size_t *n;
};
extern const struct rule_table rule_tables[];
extern const size_t n_rule_tables;

/* Has a rule fired already, by its id? Later tables ask earlier ones. */
bool fired(const struct judge *j, const char *id);
bool over_ram(struct judge *j, struct quantity q, enum threshold percent);

/* ---- the other parts of a diagnosis ---- */
int applies_to(const struct judge *j);
bool known_bad_kernel(struct judge *j); /* evidence for 6.3, from known_bad.c */
bool series_growth(struct judge *j);	/* series.c */
bool series_thrashing(struct judge *j);
bool oom_nearby(const struct judge *j); /* within a second; rules_kind.c */
bool storm_seen(struct judge *j); /* storm.c */
bool storm_goes_on(const struct judge *j); /* the killer ran again, within the same storm */
void balance_make(struct judge *j);
void roles_make(struct judge *j);
void missing_make(struct judge *j, uint32_t lacking, const uint32_t *rules_lacking);
void verdict_make(struct judge *j);
void signature_make(struct judge *j);
bool storm_text(struct judge *j, struct str *ret); /* half a sentence for the verdict */
void *diagnosis_grow(struct judge *j, void **items, size_t *n, size_t *room, size_t size);

#endif
