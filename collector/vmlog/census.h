/* SPDX-License-Identifier: MIT */
/* census.h - every process, once, in the middle of an OOM: the first part of a
 * collection.
 *
 * A collector that is started in a storm does not get to run; this table is made by a
 * thread that is there already, in locked memory. For each process seven files are read
 * (status, stat, oom_score, oom_score_adj, cgroup, and of one that waits in the kernel
 * wchan and stack). */
#ifndef OOMREPORT_VMLOG_CENSUS_H
#define OOMREPORT_VMLOG_CENSUS_H

#include "vmlog/look.h"

enum { CENSUS_ROOM = 64 << 10 /* some 600 processes */ };

/* The columns of the bundle's own table of processes, tab-separated, and below a process
 * in uninterruptible sleep where it waits. The last line tells how much was read, and how
 * long it took; what did not fit is counted there. `breathe` is called after each
 * file, to let others run: without free memory to open one may take a tenth of a second. */
void census(struct out *o, int proc_fd, void (*breathe)(void));

#endif
