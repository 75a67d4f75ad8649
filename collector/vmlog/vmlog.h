/* SPDX-License-Identifier: MIT */
/* vmlog.h - the door of vmlog/ for the front program: the series recorded through an event.
 *
 * Reads the recorder's ring (vmlog/ring.h is its format) and other people's loops, and reduces
 * them on the fly to per-counter summaries; the samples themselves are only streamed (export).
 */
#ifndef OOMREPORT_VMLOG_VMLOG_H
#define OOMREPORT_VMLOG_VMLOG_H

#include "base/emit.h"
#include "base/file.h"
#include "base/kv.h"

/* What one counter did over the window. Gauges (kB): slope is kB/s by least squares over the
 * time before the event; counters: rates per second. */
struct series_counter {
	struct str name; /* "slab", "anonpages", "pgscan", "allocstall" ... */
	enum unit unit;
	bool is_rate; /* a monotonic counter: min/max/start/end are rates per second */
	double start, end, min, max, slope_per_s, at_event;
};

enum { SERIES_POINTS = 240 };

struct series {
	struct arena arena;
	uint64_t samples;
	int64_t first_us, last_us; /* wall time */
	int64_t event_us;	   /* the OOM inside it, or UNKNOWN */
	double interval_s, longest_gap_s;
	struct series_counter *counters;
	size_t n_counters;
	/* thinned points of each counter for charts: n_points times n_counters values (NAN =
	 * none), and their times */
	int64_t *point_us;
	double *points;
	size_t n_points;
	struct str grew_most; /* counter that grew most before the event; NULL = none */
	double grew_kb;
	struct str kind; /* "oomreport-recorder", "loop", "read_vmstat", "oswatcher" ... */
	struct str skipped; /* what could not be read and why, for people; NULL = nothing */
};

/* What belongs to an OOM, and what the recorder keeps of it. */
#define VMLOG_BEFORE_US (INT64_C(600) * 1000000)
#define VMLOG_AFTER_US (INT64_C(120) * 1000000)

/* Read a recorder directory, a file or a folder of anybody's samples. around_us (or UNKNOWN):
 * keep the window 10 min before to 2 min after it. */
int series_read(struct series *ret, const char *path, int64_t around_us,
		struct err *err) MUST_CHECK;
void series_free(struct series *s);

/* Where the recorder's unit records. */
#define VMLOG_DEFAULT_DIR "/var/lib/oomreport/vmlog"
/* The recorder's directory on a machine: its path as seen from here (root's path in front) into
 * ret. False when there is none, or it cannot be read. */
bool vmlog_find(const struct root *root, char *ret, size_t n) MUST_CHECK;

enum vmlog_format { VMLOG_TEXT, VMLOG_CSV, VMLOG_JSON };
/* Stream the samples between two wall times (UNKNOWN = open) in a format: text as
 * packaging/vmlog.sh prints it (and as series_read() takes it back), csv with a column per
 * counter and rates per second, json the same and the top consumers. */
int vmlog_export(const char *path, int64_t since_us, int64_t until_us, enum vmlog_format format,
		 struct sink out, struct err *err) MUST_CHECK;
/* The state of the machine within an OOM, in the layout of the text export: of each file that was
 * recorded, the first text read at or after that wall time (a recorder reads its slow files and
 * its table of all processes then), else the last one before. */
int vmlog_at_oom(const char *path, int64_t event_us, struct sink out, struct err *err) MUST_CHECK;

#endif
