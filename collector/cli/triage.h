/* SPDX-License-Identifier: MIT */
/* triage.h - private to cli/: many inputs to flat records to one table.
 *
 * A reader process takes one input at a time and answers with records, one JSON object a line
 * (schema/triage-record.schema.json), so that a hostile input can cost its reader but never the
 * run. Records go into SQLite, the state file of --since or a temporary one, and every output
 * is a query over it: the order of the inputs does not matter, and memory does not grow.
 */
#ifndef OOMREPORT_CLI_TRIAGE_H
#define OOMREPORT_CLI_TRIAGE_H

#include "base/emit.h"

/* ---- triage_reader.c: one input to records ---- */
enum { INCIDENT_GAP_S = 600, HOSTS_OPEN = 256, INCIDENT_EVENTS = 64 };
enum { TRIAGE_HEAD = 64 * 1024, TRIAGE_ID = 65 };
/* What was read of an input. */
struct triage_answer {
	struct buf lines; /* records, one line each */
	struct buf head;  /* of a single log: its first TRIAGE_HEAD bytes, unpacked */
	uint64_t bytes;	  /* ... of so many */
};
int triage_read(const char *path, int64_t now_us, struct triage_answer *out,
		struct err *err) MUST_CHECK;

/* ---- triage_identity.c: what an input is, whatever it is called ---- */
/* Of its size, first and last bytes: 64 hex digits; false when it cannot be read. */
bool triage_file_id(const char *path, int64_t size, char out[TRIAGE_ID]);
void triage_hash(struct str bytes, char out[TRIAGE_ID]);

/* ---- triage_pool.c: readers on all cores ---- */
struct triage_input {
	const char *path;
	struct str lines, head;
	uint64_t bytes;
	const char *error;
};
struct triage_sink {
	void *ctx;
	/* One input is done: its record lines, or why it could not be read (else NULL). */
	int (*done)(void *ctx, const struct triage_input *in, struct err *err);
};
struct triage_pool;
int triage_pool_new(struct triage_pool **ret, int readers, int64_t now_us,
		    const struct triage_sink *to, struct err *err) MUST_CHECK;
/* Hand out one more path; waits for a free reader. */
int triage_pool_add(struct triage_pool *p, const char *path, struct err *err) MUST_CHECK;
int triage_pool_finish(struct triage_pool *p, struct err *err) MUST_CHECK;
void triage_pool_free(struct triage_pool *p);

/* ---- triage_store.c: the records ---- */
struct triage_store;
/* path NULL: a temporary file that is gone at the end. A state of an earlier version is brought
 * up to date. */
int triage_store_open(struct triage_store **ret, const char *path, struct err *err) MUST_CHECK;
/* Is this file in it, unchanged (size and mtime) or under another name? 1, 0, -1. What is new
 * is noted as it is now, so that a copy of it is known from now on. */
int triage_store_knows(struct triage_store *s, const char *path, int64_t size, int64_t mtime_ns,
		       struct err *err) MUST_CHECK;
/* Keep what was read of an input: in place of an earlier, shorter state of the same log. Events
 * that were there before are not new. */
int triage_store_put(struct triage_store *s, const struct triage_input *in,
		     struct err *err) MUST_CHECK;
/* What could not even be begun with: told, and not kept; what is known of the path stays. */
int triage_store_absent(struct triage_store *s, const char *path, const char *why,
			struct err *err) MUST_CHECK;
/* All are read: each content goes by the first of its names. */
int triage_store_settle(struct triage_store *s, struct err *err) MUST_CHECK;
int triage_store_commit(struct triage_store *s, struct err *err) MUST_CHECK;
void triage_store_close(struct triage_store *s);

struct triage_group {
	const char *signature, *cause, *scope, *first, *last, *kernels, *top, *worst;
	int64_t incidents, events, hosts, inputs, new_incidents, worst_kb;
};
/* Groups, most frequent first; strings live until the next call. 1, 0, -1. */
int triage_store_group(struct triage_store *s, struct triage_group *ret,
		       struct err *err) MUST_CHECK;
/* Records in the order of input and place: 1 and the JSON, 0, -1. */
int triage_store_record(struct triage_store *s, struct str *ret, struct err *err) MUST_CHECK;
/* Inputs that could not be read. */
int triage_store_error(struct triage_store *s, const char **path, const char **why,
		       struct err *err) MUST_CHECK;
struct triage_totals {
	int64_t inputs, new_inputs, failed, events, incidents, hosts;
};
int triage_store_totals(struct triage_store *s, struct triage_totals *ret,
			struct err *err) MUST_CHECK;

/* ---- triage_print.c ---- */
enum triage_format { TRIAGE_TEXT, TRIAGE_JSON, TRIAGE_NDJSON, TRIAGE_CSV, TRIAGE_HTML };
int triage_print(struct triage_store *s, enum triage_format format, struct err *err) MUST_CHECK;

#endif
