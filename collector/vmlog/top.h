/* SPDX-License-Identifier: MIT */
/* top.h - who has the memory: processes, slab caches, cgroups, and a few sums.
 *
 * These open files, so the survey thread makes them, each within a time budget; the sampling
 * thread only takes the finished text. Text is written into fixed memory.
 */
#ifndef OOMREPORT_VMLOG_TOP_H
#define OOMREPORT_VMLOG_TOP_H

#include "base/file.h"
#include "vmlog/walk.h"

enum {
	TOP_N = 10,
	TOP_BUDGET_US = 50000, /* for each table */
	TOP_SLABS_KNOWN = 1024,
	TOP_TMPFS = 16,
};

struct slab_before {
	uint32_t hash;
	int64_t kb;
};

struct top {
	const struct root *root;
	int proc_fd, cgroup_fd;
	struct str cgroup_file; /* the file that tells a group's use */
	int slabinfo_fd, vmallocinfo_fd, allocinfo_fd, swaps_fd;
	int tmpfs_fd[TOP_TMPFS];
	char tmpfs_name[TOP_TMPFS][64];
	size_t n_tmpfs;
	int64_t page_kb;
	char *window; /* TOP_WINDOW bytes */
	struct walk *walk;
	struct slab_before slabs[TOP_SLABS_KNOWN];
};

enum { TOP_WINDOW = 64 << 10 };

/* window: TOP_WINDOW bytes; it and the walk are also others', between two calls. */
void top_open(struct top *t, const struct root *root, char *window, struct walk *walk);
void top_processes(struct top *t, struct out *o);
void top_slabs(struct top *t, struct out *o);
void top_cgroups(struct top *t, struct out *o);
void top_tmpfs(struct top *t, struct out *o);
void top_vmalloc(struct top *t, struct out *o);
void top_allocinfo(struct top *t, struct out *o);

#endif
