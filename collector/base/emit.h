/* SPDX-License-Identifier: MIT */
/* emit.h - JSON written as a stream, without building it in memory first.
 *
 * The one mapping from C structs to the document (report/) goes through this, so a log with
 * 200 000 task rows costs a window of bytes. Strings may hold any bytes: what is not valid
 * UTF-8 becomes U+FFFD, control bytes are escaped. A refused write is remembered (sticky);
 * ask emit_finish().
 */
#ifndef OOMREPORT_BASE_EMIT_H
#define OOMREPORT_BASE_EMIT_H

#include "base/kv.h"

/* Where bytes go: returns 0, or -1 with err filled. */
struct sink {
	int (*write)(void *ctx, struct str bytes, struct err *err);
	void *ctx;
};

struct sink sink_buf(struct buf *b);  /* appends to the buffer, up to its maximum */
struct sink sink_fd(const int *fd);   /* writes all, EINTR and short writes handled */

enum { EMIT_DEPTH = 32, EMIT_WINDOW = 16384 };

struct emit {
	struct sink sink;
	struct err err; /* the first failure */
	size_t n;
	int depth;
	int indent;		     /* blanks a level; 0 = all on one line */
	bool first[EMIT_DEPTH + 1]; /* nothing written at this level yet */
	char close[EMIT_DEPTH + 1];
	char window[EMIT_WINDOW];
};

/* Key of a member; NOKEY inside an array and at the top. */
#define NOKEY ((struct str){NULL, 0})

void emit_init(struct emit *e, struct sink sink, int indent);
void emit_object(struct emit *e, struct str key);
void emit_array(struct emit *e, struct str key);
void emit_end(struct emit *e); /* the innermost object or array */
void emit_null(struct emit *e, struct str key);
void emit_bool(struct emit *e, struct str key, bool value);
void emit_i64(struct emit *e, struct str key, int64_t value); /* UNKNOWN -> null */
/* micro-units as a decimal number with six places: 2511473 -> 2.511473; UNKNOWN -> null */
void emit_micro(struct emit *e, struct str key, int64_t value);
void emit_double(struct emit *e, struct str key, double value); /* not finite -> null */
void emit_str(struct emit *e, struct str key, struct str value); /* p == NULL -> null */
/* "name_kb": value, from a kv; booleans as true/false. */
void emit_kv(struct emit *e, const struct kv *kv);
/* A finished JSON value, as it is (the caller vouches for it). */
void emit_json(struct emit *e, struct str key, struct str json);
/* Flush; -1 with the first failure. A newline ends the text. */
int emit_finish(struct emit *e, struct err *err) MUST_CHECK;

#endif
