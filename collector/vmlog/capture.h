/* SPDX-License-Identifier: MIT */
/* capture.h - some thousand files of /proc and /sys, copied in the middle of an OOM: the first
 * part of a collection.
 *
 * A collector that is started in a storm does not get to run, so these are copied by a thread
 * that is there already, in locked memory: first what the machine says of itself, then of each
 * process, then of control groups and kernel threads, last what may have to wait for a
 * process. Files of the series (sources.c) are not among them.
 *
 * The copies are handed on in batches of whole files, in the layout of layout.h ("---- PATH",
 * then the content), at most RING_SOURCES of them. The last batch ends with a text of the
 * recorder's own, CAPTURE_NAME, that counts what was copied and what was left out.
 */
#ifndef OOMREPORT_VMLOG_CAPTURE_H
#define OOMREPORT_VMLOG_CAPTURE_H

#include "vmlog/walk.h"

#define CAPTURE_NAME "oomreport/files"

enum {
	CAPTURE_FILE_MAX = 8 << 10, /* bytes of one file; the rest is cut, and said to be */
	CAPTURE_FILES_MAX = 6000,
	CAPTURE_GROUPS_MAX = 128,
	CAPTURE_BYTES_MAX = 2 << 20, /* of all copies together */
	CAPTURE_US = 10000000,	     /* it does not go on for longer */
};

struct capture {
	const struct root *root;
	int proc_fd, cgroup_fd;
	struct walk *walk;
	char *p; /* the batch: `room` bytes */
	size_t room;
	/* Takes a batch over: 1; 0: it has to be a smaller one; -1: no more are taken. */
	int (*hand)(void *ctx, struct str batch);
	void *ctx;
	void (*breathe)(void); /* called after each file, to let others run */
	/* state */
	size_t n, n_files;
	uint32_t ends[RING_SOURCES];
	int64_t start_us, start_cpu_us;
	unsigned files, processes, refused, cut;
	size_t bytes;
	bool groups_left_out, stuck;
};

/* Reads and hands over everything. */
void capture_run(struct capture *c);

#endif
