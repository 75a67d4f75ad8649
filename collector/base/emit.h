/* SPDX-License-Identifier: MIT */
/* emit.h - JSON written as a stream, without building it in memory first.
 *
 * The one mapping from C structs to the document (report/) goes through this, so a log with
 * 200 000 task rows costs a window of bytes. Strings may hold any bytes: what is not valid
 * UTF-8 becomes U+FFFD, and so does a NUL (a disk after a crash has runs of them; many readers of
 * JSON refuse "\u0000"), other control bytes are escaped. A refused write is remembered (sticky);
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
/* The same for foreign text that somebody asked for: as it is, but on a terminal as take_shown()
 * says, so that it cannot drive it. */
struct sink sink_shown(const int *fd);

/* Written in pieces of 16 KiB a large document took a tenth more CPU, in the file system. */
enum { EMIT_DEPTH = 32, EMIT_INDENT = 2, EMIT_WINDOW = 65536 };

struct emit {
	struct sink sink;
	struct err err; /* the first failure */
	uint64_t sent;	/* bytes handed to the sink; emit_bytes() is all of it */
	size_t n;
	int depth;
	int indent; /* blanks a level, at most EMIT_INDENT; 0 = all on one line */
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
/* Finished items of the innermost level, with their own commas, as they are. */
void emit_raw(struct emit *e, struct str items);
/* Hand what is in the window to the sink now; -1 with the first failure. */
int emit_flush(struct emit *e, struct err *err) MUST_CHECK;

/* ---- rows of big tables: objects on one line, keys escaped once for the whole table ---- */

enum { EMIT_KEY_MAX = 64, EMIT_COLUMNS = 32 };
struct emit_column {
	char text[EMIT_KEY_MAX]; /* with comma, quotes and colon, ready to be copied */
	size_t n;
	int value; /* which of the row's numbers; negative: null */
};

/* first: it opens the row. The key is cut where it does not fit. */
void emit_column(const struct emit *e, struct emit_column *ret, struct str key, bool first,
		 int value);
/* The numbers of at most EMIT_COLUMNS columns (UNKNOWN -> null), then a text (p == NULL -> null). */
void emit_row(struct emit *e, const struct emit_column *columns, size_t n, const int64_t *values,
	      const struct emit_column *last, struct str text);

static inline uint64_t emit_bytes(const struct emit *e)
{
	return e->sent + e->n;
}
/* Flush; -1 with the first failure. A newline ends the text. */
int emit_finish(struct emit *e, struct err *err) MUST_CHECK;

#endif
