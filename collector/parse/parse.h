/* SPDX-License-Identifier: MIT */
/* parse.h - the door of parse/: bytes of any kernel log in, events out.
 *
 *     struct parser *p = parser_new(&options, &err);
 *     while (bytes)  { parser_feed(p, bytes, &err); while ((ev = parser_take(p))) ... }
 *     parser_finish(p, &err);                      while ((ev = parser_take(p))) ...
 *
 * Laws: cutting the input anywhere into pieces of any size gives the same events; memory does
 * not grow with the input; nothing printed by the kernel is lost (unknown keys are kept under
 * their printed name, unknown lines are kept as text); the lines of several hosts in one log,
 * interleaved in any way, give for each host the events that its lines alone would give. A line
 * is of the host its prefix names, or else of the host of the line before. Formats: mm/oom_kill.c, mm/page_alloc.c,
 * mm/show_mem.c, mm/memcontrol.c of Linux 2.4 to 7.1, see the tables in this room.
 */
#ifndef OOMREPORT_PARSE_PARSE_H
#define OOMREPORT_PARSE_PARSE_H

#include "base/kv.h"

enum event_kind {
	EVENT_OOM_KILL,
	EVENT_OOM_PANIC,      /* no killable process or panic_on_oom, and no kill */
	EVENT_OOM_NO_VICTIM,  /* nobody to kill, the machine goes on (memcg, SysRq-f) */
	EVENT_ALLOC_FAILURE,  /* "page allocation failure", SLUB/SLAB/vmalloc failures */
	EVENT_ALLOC_STALL,    /* "page allocation stalls for" (4.9-4.14) */
	EVENT_USERSPACE_KILL, /* systemd-oomd, earlyoom, nohang, oomd, lmkd, lowmemorykiller */
};

enum event_scope {
	SCOPE_UNKNOWN,
	SCOPE_GLOBAL,
	SCOPE_MEMCG,
	SCOPE_CPUSET,
	SCOPE_MEMPOLICY,
	SCOPE_MANUAL, /* SysRq-f: order -1 */
};

/* Parts of an event that can be lost; bits of event.missing. Names: part_name(). */
enum event_part {
	PART_HEADER = 1 << 0,	/* "invoked oom-killer" or the failure line */
	PART_STACK = 1 << 1,	/* call trace */
	PART_MEMORY = 1 << 2,	/* Mem-Info of a global event */
	PART_MEMCG = 1 << 3,	/* counters of a memory-cgroup event */
	PART_TASKS = 1 << 4,	/* task table */
	PART_VERDICT = 1 << 5,	/* the kill, panic or no-victim line */
	PART_MIDDLE = 1 << 6,	/* something inside is cut or elided */
};

/* No kernel has blocks of more than 2^ORDER_LARGEST pages: MAX_PAGE_ORDER is 10 where no
 * architecture's Kconfig says otherwise (mm/Kconfig and arch/Kconfig, 6.12), a few more there. */
enum { ORDER_LARGEST = 30 };

/* The allocation that could not be served. */
struct trigger {
	struct str comm; /* raw bytes; p == NULL: not known. So for every str below */
	int64_t pid, cpu, uid;
	int64_t order;	     /* -1: forced (SysRq-f), to ORDER_LARGEST; UNKNOWN */
	int64_t gfp_mask;    /* the number, also 0; UNKNOWN */
	struct str gfp_text; /* as the log prints it, without brackets; .n = 0 for "()" */
	int64_t oom_score_adj, oom_adj; /* oom_adj also carries oomkilladj of 2.6.19-2.6.31 */
	struct str nodemask, cpuset, mems_allowed; /* nodemask "(null)" is kept as NULL */
	int64_t stall_ms;    /* allocation stalls only */
	struct str what;     /* failures of SLUB/SLAB/vmalloc: which allocator and its details */
	struct str policy;   /* BPF oom_policy= (6.16+ patches) */
};

struct victim {
	struct str comm, memcg;
	int64_t pid, uid, score, oom_score_adj;
	int64_t total_vm_kb, anon_rss_kb, file_rss_kb, shmem_rss_kb, pgtables_kb, vsz_kb;
	int64_t reaped;	       /* 1 reaped, 0 the reaper gave up, UNKNOWN */
	int64_t after_anon_kb, after_file_kb, after_shmem_kb; /* rss left after the reaper */
};

enum { BUDDY_ORDERS = 16 };

struct buddy {
	int64_t page_kb;		/* size of order 0 */
	int orders;			/* how many are listed */
	int64_t free_blocks[BUDDY_ORDERS];
	struct str types[BUDDY_ORDERS]; /* letters such as "UME"; "" = none printed */
	int64_t total_kb;		/* as printed after '=' */
};

struct zone {
	int64_t node; /* 0 on kernels that do not print it */
	struct str name;
	struct kvs kv;			/* keys without the unit: {"free", KB}, {"min", KB} ... */
	int64_t *lowmem_reserve;	/* pages, one per zone index */
	size_t n_lowmem_reserve;
	struct buddy buddy;
};

struct node {
	int64_t node;
	struct kvs kv; /* {"active_anon", KB} ... {"all_unreclaimable", BOOL} */
};

struct hugepages {
	int64_t node, total, free, surplus, size_kb;
};

struct memory_info {
	bool seen;		/* any of it was printed */
	struct kvs totals;	/* "active_anon", "free", "slab_unreclaimable" ...: pages */
	struct kvs tail;	/* "ram" "reserved" "highmem" "cma_reserved" "pagecache"
				   "swap_cache" ...: pages */
	int64_t swap_free_kb, swap_total_kb; /* swap_free may be negative */
	struct node *nodes;
	size_t n_nodes, room_nodes;
	struct zone *zones;
	size_t n_zones, room_zones;
	struct hugepages *huge;
	size_t n_huge, room_huge;
};

/* One "usage X, limit Y, failcnt Z" line. limit UNKNOWN = not printed; unlimited = no limit. */
struct memcg_counter {
	int64_t usage_kb, limit_kb, failcnt;
	bool seen, unlimited;
};

struct memcg_stats {
	struct str path; /* of "Memory cgroup stats for PATH:" */
	struct kvs stats; /* unit BYTES, KB or COUNT as the kernel prints them */
};

struct memcg_info {
	bool seen;
	struct str path;      /* the cgroup whose limit was hit (oom_memcg) */
	struct str task_path; /* the cgroup of the task (task_memcg) */
	struct memcg_counter memory, memsw, swap, kmem;
	struct memcg_stats *stats;
	size_t n_stats, room_stats;
	bool oom_group; /* "going to be killed due to memory.oom.group set" */
};

/* The task table: columns as its own header line names them, e.g. "pid" "uid" "tgid"
 * "total_vm" "rss" "pgtables_bytes" "swapents" "oom_score_adj". */
enum { TASK_COLUMNS = 16 };

struct task_table {
	bool seen;
	struct str columns[TASK_COLUMNS];
	size_t n_columns;
	size_t n_rows, room_rows;
	int64_t *values;	  /* n_rows * n_columns; UNKNOWN where a row is short */
	struct str *names;	  /* n_rows */
	uint64_t rows_dropped;	  /* beyond the limit */
};

struct slab_line {
	struct str name;
	int64_t used_kb, total_kb;
};

/* A line of "Memory allocations:" (6.10+, memory allocation profiling). */
struct alloc_line {
	int64_t bytes, calls;
	struct str tag; /* "file:line [module] func:name" */
};

struct event {
	struct arena arena;
	enum event_kind kind;
	bool fatal; /* somebody was killed, or the machine stopped, for want of memory */
	enum event_scope scope;
	struct str constraint;		 /* as printed: CONSTRAINT_MEMCG ... */
	uint64_t first_line, last_line;	 /* of the input, 1-based */
	int64_t monotonic_us, wall_us;	 /* UNKNOWN where the log does not say */
	int64_t killed_us;		 /* kernel time of its last "Killed process" */
	struct str host;		 /* whose it is, as the prefix of its lines says */
	struct str kernel, kernel_build; /* "6.1.0-56-amd64", "#1 SMP ... Debian 6.1.192-1" */
	struct str hardware, tainted, workqueue;
	uint32_t missing;		 /* enum event_part bits; complete = none */
	bool page_failure;		 /* the failure line of the page allocator was printed */
	struct trigger trigger;
	struct victim *victims;
	size_t n_victims, room_victims;
	uint64_t victims_dropped;
	struct memory_info memory;
	struct memcg_info memcg;
	struct task_table tasks;
	struct slab_line *slab;
	size_t n_slab, room_slab;
	bool slab_excessive; /* "excessive unreclaimable slab but cannot dump stats" */
	struct alloc_line *allocs;
	size_t n_allocs, room_allocs;
	struct str *call_trace; /* symbol names, innermost first */
	size_t n_call_trace, room_call_trace;
	struct str *extra; /* lines inside the event of no known kind, prefix taken off */
	size_t n_extra, room_extra;
	uint64_t extra_dropped;
	struct str killer;  /* userspace kills: "systemd-oomd", "earlyoom" ... */
	struct str reason;  /* the deciding words: panic text, userspace killer's reason */
	struct str verbatim; /* the event's own lines, bytes as they came, '\n' between */
	bool verbatim_cut;
};

/* What a log says about a machine, wherever it stands. */
struct log_facts {
	uint64_t bytes, lines;
	struct str kernel;	 /* "Linux version ..." or the first event's */
	struct str banner;	 /* the whole banner line */
	struct str cmdline;	 /* "Command line:" / "Kernel command line:" */
	struct str hostname, hardware, arch;
	uint64_t lost_records;	 /* "N messages dropped", kmsg sequence gaps */
	bool head_lost;		 /* the log starts after boot (timestamps) or inside an event */
	struct kvs context;	 /* lines seen near events, of any host: "hung_task", "io_error",
				    "swap_write_error", "purging_gpu" ...: counts */
};

/* Whose own text is kept: of none, of every event, or until a host's first fatal OOM is known, and all of it
 * (its and that of those before it). */
enum verbatim { VERBATIM_NONE, VERBATIM_ALL, VERBATIM_FIRST };

struct parser_options {
	struct str kernel;	/* --kernel: used where the log does not say */
	int64_t now_us;		/* for syslog dates without a year; 0 = UNKNOWN */
	int64_t boot_us;	/* wall time of the log's second 0, where lines do not say it; 0 = UNKNOWN */
	size_t max_event_bytes; /* arena of one event; 0 = 16 MiB */
	size_t max_tasks;	/* rows kept of one table; 0 = 40000 */
	enum verbatim wanted_verbatim;
};

struct parser;
int parser_new(struct parser **ret, const struct parser_options *options,
	       struct err *err) MUST_CHECK;
void parser_free(struct parser *p);
/* Any number of bytes, cut anywhere; they are looked at until it returns. -1 only without memory. */
int parser_feed(struct parser *p, struct str bytes, struct err *err) MUST_CHECK;
int parser_finish(struct parser *p, struct err *err) MUST_CHECK;
/* The next finished event, or NULL; the caller frees it. Those of one host come in log order. */
struct event *parser_take(struct parser *p);
/* Of the log; where it speaks of several hosts, of the first. */
const struct log_facts *parser_facts(const struct parser *p);
/* What it says about one of its hosts; of one it does not know (any more): no more than bytes and
 * lines of the log. */
const struct log_facts *parser_facts_of(struct parser *p, struct str host);
void event_free(struct event *ev);

const char *event_kind_name(enum event_kind k);	  /* "oom-kill" ... */
const char *event_scope_name(enum event_scope s); /* "global" ..., NULL for unknown */
const char *part_name(enum event_part one_bit);	  /* "header" ... */
/* Is it an invocation of the kernel's OOM killer (counts.oom_events)? */
bool event_is_oom(const struct event *ev);
/* Is it a "page allocation failure" (counts.alloc_failures)? Failures that only SLUB, SLAB or vmalloc
 * report, and those whose failure line is lost, are events of the same kind, and not counted there. */
bool event_is_page_failure(const struct event *ev);

/* ---- task table access ---- */
/* Index of a column, or -1. */
int task_column(const struct task_table *t, struct str name);
int64_t task_value(const struct task_table *t, size_t row, int column); /* column -1: UNKNOWN */

/* ---- gfp masks, per kernel (include/linux/gfp_types.h of each era) ---- */

enum { GFP_NAMES = 48 };

struct gfp_decoded {
	struct str names[GFP_NAMES]; /* as that kernel prints them: composites first */
	size_t n;
	uint64_t unknown_bits;
	bool atomic; /* __GFP_HIGH/ATOMIC without direct reclaim: GFP_ATOMIC or stronger */
	bool io, fs, direct_reclaim, kswapd_reclaim, nofail, noretry, retry_mayfail, thisnode;
	bool movable, highmem, dma, dma32, memalloc, nomemalloc, high, hardwall, account;
	bool guessed; /* the kernel version was not known */
};

struct gfp_era; /* one row of the table: a range of kernels with the same bits */
/* The era of a release such as "5.14.0-427.el9.x86_64" (vendor backports known), or of the
 * newest kernel when it is empty. NULL when it cannot be read as a version. */
const struct gfp_era *gfp_era_for(struct str release);
/* The same for a mask that a log shows, also where nothing tells the release: then it is the
 * newest one in which the printed names make that mask. Only kernels before 4.6 print a mask
 * without its names (names.p NULL), and of these only 4.4 and 4.5 have a bit for each kind of
 * reclaim. */
const struct gfp_era *gfp_era_of_mask(struct str release, uint64_t mask, struct str names);
void gfp_decode(const struct gfp_era *era, uint64_t mask, struct gfp_decoded *ret);
/* "GFP_KERNEL|__GFP_ZERO" to a mask; false on a name that era does not know (put in *bad). */
bool gfp_encode(const struct gfp_era *era, struct str names, uint64_t *ret, struct str *bad);
/* First and last kernel of the era, for people: "6.1" "6.5". */
struct str gfp_era_from(const struct gfp_era *era);
struct str gfp_era_until(const struct gfp_era *era);
/* Walk all eras, oldest first. */
const struct gfp_era *gfp_era_next(const struct gfp_era *era);
/* One line of plain words for a flag or composite, or empty. */
struct str gfp_meaning(struct str name);
const char *gfp_name(size_t i); /* each one that has a meaning, of all kernels; NULL at the end */

/* ---- kernel releases ---- */
struct kernel_version {
	int major, minor, patch;
	struct str release; /* the whole text */
	struct str distro;  /* "el8", "debian", "ubuntu", "sle", "fc", "arch" ... or empty */
};
bool kernel_version_parse(struct str release, struct kernel_version *ret);
/* <0, 0, >0 by major.minor.patch. */
int kernel_version_cmp(const struct kernel_version *v, int major, int minor, int patch);

#endif
