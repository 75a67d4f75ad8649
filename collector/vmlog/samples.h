/* SPDX-License-Identifier: MIT */
/* samples.h - samples one after the other, whoever recorded them (private to vmlog/).
 *
 * A sample is a time and the texts of the files that were read then. Readers: ring_read.c for
 * the recorder's own file, foreign.c for loops of others. They allocate within a maximum and
 * hold one sample (and one block) at a time.
 */
#ifndef OOMREPORT_VMLOG_SAMPLES_H
#define OOMREPORT_VMLOG_SAMPLES_H

#include "base/file.h"
#include "base/kv.h"
#include "vmlog/ring.h"

struct sample_file {
	struct str name; /* "meminfo", "pressure/memory", "cgroup/.../memory.current" */
	struct str text;
	int errnum; /* why it could not be read, or 0 */
	bool fresh; /* read for this sample; else: known from before */
	bool cut;
};

struct sample {
	int64_t wall_us, mono_us; /* mono: UNKNOWN where nobody noted it */
	int64_t late_us;
	uint64_t lost; /* samples that are missing before this one, as far as is known */
	struct ring_boot boot;
	struct sample_file *files;
	size_t n;
	struct str event; /* a kernel log line instead of files, NULL = none */
	bool aside;	  /* read once, at an OOM: no sample of the cadence */
	bool copies;	  /* of these, files of a capture (capture.h); else it is one file */
};

struct samples;
struct samples_reader {
	const char *kind; /* for people: "oomreport-recorder", "read_vmstat" */
	/* 1 a sample (valid until the next call), 0 end, -1 err. */
	int (*next)(struct samples *s, const struct sample **ret, struct err *err);
	void (*close)(struct samples *s);
};

struct samples {
	const struct samples_reader *reader;
	void *state;
	int64_t since_us, until_us; /* wall; UNKNOWN = open */
	uint64_t damaged;	    /* places where bytes were not what they should be */
	uint64_t unknown_lines;	    /* of foreign files */
	uint64_t untimed;	    /* samples without a time, left out */
	uint64_t unread_files;	    /* without samples, or not readable */
};

int samples_open(struct samples *ret, const char *path, int64_t since_us, int64_t until_us,
		 struct err *err) MUST_CHECK;
int samples_next(struct samples *s, const struct sample **ret, struct err *err) MUST_CHECK;
void samples_close(struct samples *s);
/* By content; the descriptor is taken over (and set to -1) on success. */
int samples_open_fd(struct samples *ret, int *fd, struct err *err) MUST_CHECK;
/* After the last sample: what could not be read, for people; p = NULL when nothing. */
int samples_skipped(const struct samples *s, struct arena *a, struct str *ret,
		    struct err *err) MUST_CHECK;
/* After none: why, with what could not be read, as an error. Always -1. */
int samples_none(const struct samples *s, const char *why, struct err *err);

/* ring_read.c: takes the descriptors over. Several files are read one after the other. */
int ring_samples_open(struct samples *ret, const int *fds, size_t n, struct err *err) MUST_CHECK;
bool ring_recognised(struct str head);

/* foreign.c: a stream of text in which others left times and contents of /proc files: of a file
 * the bytes `from` to `to` (UNKNOWN: as far as it goes). The descriptor is taken over. */
int loop_samples_open(struct samples *ret, int fd, int64_t from, int64_t to,
		      struct err *err) MUST_CHECK;
/* Files whose names tell their times, in order of time (vmstat.1471234567); files of one time
 * are one sample. dirfd is taken over; the list must stay. Of an archive dirfd is its spool
 * (spool.h), and each file a part of it. */
struct stamped {
	const char *name;
	int64_t wall_us;
	int64_t from, to; /* to = UNKNOWN: a file of the directory */
};
int stamped_samples_open(struct samples *ret, int dirfd, const struct stamped *files, size_t n,
			 struct err *err) MUST_CHECK;
/* vmstat_ring.c: what read_vmstat leaves. */
int vmstat_ring_open(struct samples *ret, int fd, struct err *err) MUST_CHECK;
bool vmstat_ring_recognised(struct str head);
/* folder.c: a directory with one file per time (vmstat.1471234567), or with loops' files,
 * merged by time. */
int folder_samples_open(struct samples *ret, const char *path, struct err *err) MUST_CHECK;
/* The same in an archive: 1, 0 when it is none, -1. */
int archive_samples_open(struct samples *ret, const char *path, struct err *err) MUST_CHECK;

#endif
