/* SPDX-License-Identifier: MIT */
/* host.h - the door of host/: the machine's state as files, and as the few numbers that
 * diagnosis needs.
 *
 * host_collect() walks one table of sources (cheap ones first) and hands every file to a
 * receiver as it is read, so that nothing is held in memory. What cannot be read is reported
 * with its reason; that is data, never an error.
 */
#ifndef OOMREPORT_HOST_HOST_H
#define OOMREPORT_HOST_HOST_H

#include "base/file.h"
#include "base/kv.h"

enum { HOST_HOLDERS = 16 };

/* Facts for diagnosis: every list is empty when its file was not there. */
struct host_facts {
	struct arena arena;
	struct kvs meminfo;  /* keys normalised: "memfree" KB, "hugepages_total" COUNT ... */
	struct kvs vmstat;   /* counters */
	struct kvs sysctl;   /* "vm_min_free_kbytes", "vm_swappiness", "kernel_..." */
	struct kvs numbers;  /* derived: "zram_mem_used_kb", "tmpfs_used_kb", "file_nr", "tasks",
				"nr_dying_descendants", "dmabuf_bytes", "vmalloc_used_kb",
				"balloon_kb", "managed_kb", "present_kb" ... */
	struct slab_fact {
		struct str name;
		int64_t active_objs, objs, obj_size_bytes, total_kb;
		bool reclaimable;
	} *slabs; /* by total_kb, largest first, at most 64 */
	size_t n_slabs;
	struct swap_fact {
		struct str name, type; /* "/dev/zram0", "partition" */
		int64_t size_kb, used_kb, priority;
	} *swaps;
	size_t n_swaps;
	struct process_fact {
		int64_t pid, ppid, rss_kb, swap_kb, shmem_kb, locked_kb, oom_score,
			oom_score_adj, fds;
		struct str comm, cgroup;
	} *processes; /* by rss + swap, largest first, at most 64: of a bundle's table; on a
			 machine only a collection looks (host_plan.facts) */
	size_t n_processes;
	struct holder_fact {
		int64_t pid, kb, mapped_by, opened_by; /* kb: allocated, else what is mapped of it */
		struct str comm, kind, name, cgroup;
	} *holders; /* who holds shared memory: by kb, largest first, at most HOST_HOLDERS: as
		       processes */
	size_t n_holders;
	struct str kernel, arch, distribution, hostname, hardware, tainted, cmdline;
	int64_t page_size_bytes, mem_total_kb, swap_total_kb, cpus, nodes;
};

/* Read the facts from below root (the live machine, or any tree with /proc files in it).
 * -1 only without memory; everything else is UNKNOWN or empty. */
int host_facts_read(struct host_facts *ret, const struct root *root, struct err *err) MUST_CHECK;
void host_facts_free(struct host_facts *f);

enum host_result { HOST_READ, HOST_CUT, HOST_ABSENT, HOST_DENIED, HOST_FAILED, HOST_TIMEOUT,
		   HOST_SKIPPED };

/* One thing of the plan, as it is done (or, with list only, would be done). */
struct host_item {
	const char *source; /* path on the machine, or the generator's name */
	const char *bundle_path; /* "proc/meminfo" */
	const char *why;    /* one clause: why it matters */
	enum host_result result;
	char reason[120];   /* for people, when it is not HOST_READ */
	int64_t read_at_us; /* wall time */
	int64_t took_us;
	bool started;	    /* end(): begin() was called, there is content (perhaps not all) */
	bool history;	    /* records of other tools: the first to go when space is short */
	bool commands;	    /* command lines, which tell much of people: the last column of a
				table, or somewhere in another tool's records */
	bool needs_root;    /* on the live machine nobody else reads it, or reads what counts */
};

/* Receives every item. begin() before the content, data() for pieces of it, end() after;
 * absent ones get end() only. A return of -1 stops the collection. */
struct host_receiver {
	void *ctx;
	int (*begin)(void *ctx, const struct host_item *item, struct err *err);
	int (*data)(void *ctx, struct str bytes, struct err *err);
	int (*end)(void *ctx, const struct host_item *item, struct err *err);
};

struct host_plan {
	const struct root *root;
	struct str event_memcg;	  /* cgroup of the first event: it, its ancestors and siblings */
	int64_t event_us;	  /* its wall time (0 or UNKNOWN = now): which history files */
	bool list_only;		  /* say what would be read, read nothing */
	int cost_from, cost_to;	  /* only these costs (0 cheap, 1 normal, 2 dear; -1 and 0: cheap
				     alone); both 0 = all. Extra paths come with the dear ones */
	const char *const *extra; /* more paths (a profile's), NULL-terminated, or NULL */
	const char *const *leave_out; /* path patterns (fnmatch) to pass over, or NULL; extra
					 paths are not */
	void (*look)(void *ctx, const char *source); /* what it is that takes time now: the
							receiver's ctx; or NULL */
	const volatile int *stop; /* becomes non-zero: finish at the next item */
	struct host_facts *facts; /* gets what only a collection finds: processes, holders,
				     tmpfs_used_kb; or NULL */
};
/* For the bench and the documentation: the rows of the table of sources. False at the end. */
struct host_source_row {
	const char *source, *why, *topic; /* topic: what kind of snapshot, "zoneinfo,
					  buddyinfo"; of several with "; " between */
	bool needs_root;
	int cost; /* 0 cheap, 1 normal, 2 dear: the order of reading */
};
bool host_source_row(size_t i, struct host_source_row *ret);
/* Every memory cgroup below the root, parents first: "/a", "/a/b"; at most max of them, for at
 * most two seconds. -1 when one() failed. */
int host_cgroups(const struct root *root, size_t max,
		 int (*one)(void *ctx, struct str path, struct err *err), void *ctx,
		 struct err *err) MUST_CHECK;
int host_collect(const struct host_plan *plan, const struct host_receiver *to,
		 struct err *err) MUST_CHECK;
/* Is there too little memory here (by MemAvailable, or a limit of our own control group and those
 * above it) for a program of ten MiB or more? */
bool host_room_is_short(const struct root *root);
/* Is the limit of our control group, or of one above it, that low? */
bool host_group_is_small(const struct root *root);

#endif
