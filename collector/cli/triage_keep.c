/* SPDX-License-Identifier: MIT */
/* triage_keep.c - what was read goes into the store: under which names, in place of what. */
#include <unistd.h>

#include "base/sha256.h"
#include "cli/triage_store.h"
#include "report/report.h"

enum { HEAD_LEAST = 1024 }; /* a shorter head is no sign of a log */

static void bind_text(sqlite3_stmt *q, int n, const char *text)
{
	if (text)
		sqlite3_bind_text(q, n, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(q, n);
}

static int on_content(struct triage_store *s, enum query which, int64_t id, int64_t other,
		      struct err *err)
{
	sqlite3_stmt *q = s->q[which];

	sqlite3_bind_int64(q, 1, id);
	if (which == Q_RENAME)
		sqlite3_bind_int64(q, 2, other);
	return store_done(s, q, err);
}

/* ---- names ---- */

/* The path as it is now, about to be read. */
static int note(struct triage_store *s, const char *path, int64_t size, int64_t mtime_ns,
		int64_t content, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_NOTE];

	bind_text(q, 1, path);
	sqlite3_bind_int64(q, 2, size);
	sqlite3_bind_int64(q, 3, mtime_ns);
	sqlite3_bind_int64(q, 4, content);
	return store_done(s, q, err);
}

/* The path, as it was noted, is a name of that content. */
static int name_it(struct triage_store *s, const char *path, const char *error, int64_t content,
		   struct err *err)
{
	sqlite3_stmt *q = s->q[Q_NAME];

	bind_text(q, 1, path);
	bind_text(q, 2, error);
	sqlite3_bind_int64(q, 3, content);
	return store_done(s, q, err);
}

/* It has another name now: names whose file is gone were its earlier ones. */
static int drop_old_names(struct triage_store *s, int64_t content, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_NAMES_OF], *drop = s->q[Q_UNNAME];
	int rc;

	sqlite3_bind_int64(q, 1, content);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *path = (const char *)sqlite3_column_text(q, 0);

		if (access(path, F_OK) == 0)
			continue;
		bind_text(drop, 1, path);
		if (store_done(s, drop, err) != 0)
			rc = SQLITE_ERROR;
		if (rc != SQLITE_ROW)
			break;
	}
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int content_new(struct triage_store *s, const char *path, const char *file_id,
		       int64_t *ret, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_CONTENT_NEW];

	bind_text(q, 1, path);
	bind_text(q, 2, file_id);
	if (store_done(s, q, err) != 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(s->db);
	return 0;
}

/* What this path named before and does no longer: a log that was rotated is history, all else was
 * replaced. 0: nothing. */
static int succeeded(struct triage_store *s, const char *path, int64_t by, int64_t *ret,
		     struct err *err)
{
	int64_t named = 0, gone = 0;
	int rc;

	*ret = 0;
	bind_text(s->q[Q_CONTENT_OF], 1, path);
	rc = store_first_row(s, s->q[Q_CONTENT_OF], &named, &gone, err);
	if (rc > 0 && gone && named != by)
		*ret = named;
	return rc < 0 ? -1 : 0;
}

/* Its names are the other's from now on. */
static int replace(struct triage_store *s, int64_t content, int64_t by, struct err *err)
{
	if (on_content(s, Q_DROP_RECORDS, content, 0, err) != 0 ||
	    on_content(s, Q_RENAME, content, by, err) != 0)
		return -1;
	return on_content(s, Q_DROP_CONTENT, content, 0, err);
}

int triage_store_knows(struct triage_store *s, const char *path, int64_t size, int64_t mtime_ns,
		       struct err *err)
{
	sqlite3_stmt *q = s->q[Q_KNOWS];
	char id[TRIAGE_ID];
	const char *known = NULL; /* the id, where there is one */
	int64_t content, before;
	int rc;

	bind_text(q, 1, path);
	sqlite3_bind_int64(q, 2, size);
	sqlite3_bind_int64(q, 3, mtime_ns);
	rc = store_first_row(s, q, &content, NULL, err);
	if (rc != 0)
		return rc;
	if (size > 0 && triage_file_id(path, size, id)) {
		known = id;
		bind_text(s->q[Q_SAME_FILE], 1, id);
		rc = store_first_row(s, s->q[Q_SAME_FILE], &content, NULL, err);
	}
	if (rc < 0 || (rc == 0 && content_new(s, path, known, &content, err) != 0) ||
	    note(s, path, size, mtime_ns, content, err) != 0)
		return -1;
	if (rc == 0)
		return 0;
	if (succeeded(s, path, content, &before, err) != 0 ||
	    (before && replace(s, before, content, err) != 0) ||
	    name_it(s, path, NULL, content, err) != 0 ||
	    drop_old_names(s, content, err) != 0)
		return -1;
	return 1;
}

/* ---- what was read ---- */

static void bind_number(sqlite3_stmt *q, int n, const json_t *value)
{
	if (json_is_integer(value))
		sqlite3_bind_int64(q, n, json_integer_value(value));
	else
		sqlite3_bind_null(q, n);
}

static int put_record(struct triage_store *s, int64_t content, int64_t before, int64_t seq,
		      struct str line, struct err *err)
{
	static const struct {
		int column;
		const char *key;
	} texts[] = {{4, "signature"}, {5, "cause"}, {6, "scope"}, {7, "host"},
		     {8, "kernel"},    {9, "time"},  {10, "top_consumer"}};
	json_auto_t *record = NULL;
	sqlite3_stmt *q = s->q[Q_RECORD];

	if (report_load(&record, line, "record", err) != 0)
		return -1;
	sqlite3_bind_int64(q, 1, content);
	sqlite3_bind_int64(q, 2, seq);
	sqlite3_bind_int(q, 3, json_is_true(json_object_get(record, "subject")));
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		bind_text(q, texts[i].column,
			  json_string_value(json_object_get(record, texts[i].key)));
	bind_number(q, 11, json_object_get(record, "victim_rss_kb"));
	bind_number(q, 12, json_object_get(record, "line"));
	sqlite3_bind_text64(q, 13, line.p, line.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	sqlite3_bind_int64(q, 14, before);
	return store_done(s, q, err);
}

/* The content that was noted before it was read. */
static int content_noted(struct triage_store *s, const char *path, int64_t *ret, struct err *err)
{
	int rc;

	bind_text(s->q[Q_NOTED], 1, path);
	rc = store_first_row(s, s->q[Q_NOTED], ret, NULL, err);
	return rc > 0 ? 0 : rc < 0 ? -1 : err_set(err, ERR_FORMAT, "%s: was not noted", path);
}

/* An earlier state of the same log: one whose head is the beginning of this one's, the longest
 * of them. The hash of each beginning goes on from the one before. 1, 0, -1. */
static int earlier_log(struct triage_store *s, const struct triage_input *in, int64_t content,
		       int64_t *ret, int64_t *bytes, struct err *err)
{
	sqlite3_stmt *sizes = s->q[Q_HEAD_SIZES], *same = s->q[Q_SAME_HEAD];
	unsigned char sum[SHA256_SIZE];
	struct sha256 so_far, copy;
	char id[TRIAGE_ID];
	size_t at = 0;
	int rc = 0, found = 0;

	sha256_start(&so_far);
	sqlite3_bind_int64(sizes, 1, (int64_t)in->head.n);
	while (rc >= 0 && sqlite3_step(sizes) == SQLITE_ROW) {
		size_t n = (size_t)sqlite3_column_int64(sizes, 0);

		sha256_add(&so_far, str_sub(in->head, at, n - at));
		at = n;
		copy = so_far;
		sha256_end(&copy, sum);
		sha256_hex(sum, id);
		sqlite3_bind_int64(same, 1, (int64_t)n);
		bind_text(same, 2, id);
		sqlite3_bind_int64(same, 3, content);
		rc = store_first_row(s, same, ret, bytes, err);
		found |= rc > 0;
	}
	sqlite3_reset(sizes);
	return rc < 0 ? -1 : found;
}

static int note_head(struct triage_store *s, const struct triage_input *in, int64_t content,
		     struct err *err)
{
	sqlite3_stmt *q = s->q[Q_HEAD];
	char id[TRIAGE_ID];

	triage_hash(in->head, id);
	sqlite3_bind_int64(q, 1, content);
	sqlite3_bind_int64(q, 2, (int64_t)in->head.n);
	bind_text(q, 3, id);
	sqlite3_bind_int64(q, 4, (int64_t)in->bytes);
	return store_done(s, q, err);
}

/* Which content gives way to this input's? 0: none. */
static int predecessor(struct triage_store *s, const struct triage_input *in, int64_t content,
		       int64_t *before, int64_t *bytes, struct err *err)
{
	int rc = 0;

	*before = *bytes = 0;
	if (in->head.n >= HEAD_LEAST)
		rc = earlier_log(s, in, content, before, bytes, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return succeeded(s, in->path, content, before, err);
}

int triage_store_absent(struct triage_store *s, const char *path, const char *why,
			struct err *err)
{
	bind_text(s->q[Q_ABSENT], 1, path);
	bind_text(s->q[Q_ABSENT], 2, why);
	return store_done(s, s->q[Q_ABSENT], err);
}

int triage_store_put(struct triage_store *s, const struct triage_input *in, struct err *err)
{
	int64_t content, before, bytes, seq = 0;
	struct str rest = in->lines, line;

	if (content_noted(s, in->path, &content, err) != 0 ||
	    predecessor(s, in, content, &before, &bytes, err) != 0)
		return -1;
	if (bytes > (int64_t)in->bytes) { /* the longer one is there already */
		if (replace(s, content, before, err) != 0 ||
		    name_it(s, in->path, in->error, before, err) != 0)
			return -1;
		return drop_old_names(s, before, err);
	}
	if (in->head.n >= HEAD_LEAST && note_head(s, in, content, err) != 0)
		return -1;
	/* of a path that was named twice, and changed between */
	if (on_content(s, Q_DROP_RECORDS, content, 0, err) != 0)
		return -1;
	while (take_line(&rest, &line)) {
		if (line.n && put_record(s, content, before, seq++, line, err) != 0)
			return -1;
	}
	if ((before && replace(s, before, content, err) != 0) ||
	    name_it(s, in->path, in->error, content, err) != 0)
		return -1;
	return drop_old_names(s, content, err);
}
