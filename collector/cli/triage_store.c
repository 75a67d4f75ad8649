/* SPDX-License-Identifier: MIT */
/* triage_store.c - the records in SQLite, and every question asked of them. The only user of
 * libsqlite3. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cli/triage.h"
#include "report/report.h"

enum {
	SCHEMA_VERSION = 1,
	APPLICATION_ID = 0x6f6f6d74, /* "oomt" */
	BUSY_MS = 10 * 60 * 1000,    /* as long as another run may take */
};

enum query {
	Q_KNOWS, Q_FORGET, Q_INPUT, Q_RECORD, Q_GROUPS, Q_RECORDS, Q_ERRORS, Q_TOTALS, QUERIES
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS input("
	" path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, error TEXT, fresh INTEGER);"
	"CREATE TABLE IF NOT EXISTS record("
	" input TEXT, seq INTEGER, subject INTEGER, signature TEXT, cause TEXT, scope TEXT,"
	" host TEXT, kernel TEXT, time TEXT, top TEXT, kb INTEGER, line INTEGER, json TEXT,"
	" PRIMARY KEY(input, seq)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS by_signature ON record(signature);";

/* Kernels and top consumers: the most frequent first, names in order among equals. */
#define MOST_FREQUENT(column, n)                                                           \
	"(SELECT group_concat(name, ', ') FROM (SELECT " column " || CASE WHEN count(*) > 1 " \
	"THEN ' (' || count(*) || ')' ELSE '' END AS name FROM record i "                     \
	"WHERE i.signature IS r.signature AND i.subject AND " column " IS NOT NULL "          \
	"GROUP BY " column " ORDER BY count(*) DESC, " column " LIMIT " n "))"

static const char *const queries[QUERIES] = {
	[Q_KNOWS] = "SELECT 1 FROM input WHERE path = ?1 AND size = ?2 AND mtime_ns = ?3",
	[Q_FORGET] = "DELETE FROM record WHERE input = ?1",
	[Q_INPUT] = "INSERT OR REPLACE INTO input VALUES(?1, ?2, ?3, ?4, 1)",
	[Q_RECORD] = "INSERT INTO record VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		     "?12, ?13)",
	[Q_GROUPS] =
		"SELECT r.signature, max(r.cause), max(CASE WHEN r.subject THEN r.scope END),"
		" min(r.time), max(r.time),"
		" " MOST_FREQUENT("kernel", "4") ", " MOST_FREQUENT("top", "3") ","
		" (SELECT w.input || ':' || ifnull(w.line, 1) FROM record w"
		"  WHERE w.signature IS r.signature"
		"  ORDER BY w.subject DESC, w.kb DESC, w.input, w.seq LIMIT 1),"
		" sum(r.subject) AS n, count(*), count(DISTINCT ifnull(r.host, r.input)),"
		" count(DISTINCT r.input),"
		" sum(r.subject AND r.input IN (SELECT path FROM input WHERE fresh)), max(r.kb)"
		" FROM record r GROUP BY r.signature ORDER BY n DESC, r.signature",
	[Q_RECORDS] = "SELECT json FROM record ORDER BY input, seq",
	[Q_ERRORS] = "SELECT path, error FROM input WHERE error IS NOT NULL ORDER BY path",
	[Q_TOTALS] = "SELECT (SELECT count(*) FROM input), (SELECT count(*) FROM input WHERE "
		     "fresh), (SELECT count(*) FROM input WHERE error IS NOT NULL),"
		     " count(*), ifnull(sum(subject), 0), count(DISTINCT ifnull(host, input))"
		     " FROM record",
};

struct triage_store {
	struct arena arena;
	sqlite3 *db;
	sqlite3_stmt *q[QUERIES];
};

static int db_fail(struct triage_store *s, struct err *err)
{
	int code = sqlite3_errcode(s->db);

	(void)err_set(err, ERR_IO, "triage state: %s", sqlite3_errmsg(s->db));
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_hint(err, "another run works with it: try again when that has ended");
	return err_hint(err, "--since FILE must be a file this program made; is the disk full?");
}

static int prepare(struct triage_store *s, struct err *err)
{
	for (int i = 0; i < QUERIES; i++) {
		if (sqlite3_prepare_v2(s->db, queries[i], -1, &s->q[i], NULL) != SQLITE_OK)
			return db_fail(s, err);
	}
	return 0;
}

static int ask(struct triage_store *s, const char *sql, int *ret, struct err *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return rc == SQLITE_ROW ? 0 : db_fail(s, err);
}

/* Ours, or new and empty; nobody else's database is written to. */
static int check_owner(struct triage_store *s, struct err *err)
{
	int id = 0, version = 0, tables = 0;

	if (ask(s, "PRAGMA application_id", &id, err) != 0 ||
	    ask(s, "PRAGMA user_version", &version, err) != 0 ||
	    ask(s, "SELECT count(*) FROM sqlite_master", &tables, err) != 0)
		return -1;
	if (tables == 0 || (id == APPLICATION_ID && version == SCHEMA_VERSION))
		return 0;
	(void)err_set(err, ERR_FORMAT, "triage state: made by another %s",
		      id == APPLICATION_ID ? "version" : "program");
	return err_hint(err, "give --since a new file; the inputs are read again");
}

/* The write lock is taken at once: runs side by side come one after the other. */
static int begin(struct triage_store *s, struct err *err)
{
	static const char start[] = "PRAGMA cache_size = -4096; PRAGMA temp_store = FILE;"
				    "BEGIN IMMEDIATE;";
	char mark[96];

	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		 APPLICATION_ID, SCHEMA_VERSION);
	if (sqlite3_exec(s->db, start, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(s, err);
	if (check_owner(s, err) != 0)
		return -1;
	if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, mark, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(s->db, "UPDATE input SET fresh = 0", NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(s, err);
	return prepare(s, err);
}

int triage_store_open(struct triage_store **ret, const char *path, struct err *err)
{
	struct arena a = ARENA_INIT(sizeof(struct triage_store) + 64);
	struct triage_store *s = arena_take(&a, sizeof(*s));
	int rc = -1;

	if (!s)
		return err_set(err, ERR_NOMEM, "no memory");
	s->arena = a;
	/* "" is a temporary file of SQLite's own: bounded memory, gone at the end */
	if (sqlite3_open(path ? path : "", &s->db) != SQLITE_OK) {
		(void)db_fail(s, err);
	} else {
		sqlite3_busy_timeout(s->db, BUSY_MS);
		rc = begin(s, err);
	}
	if (rc != 0) {
		triage_store_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void triage_store_close(struct triage_store *s)
{
	struct arena home = s->arena;

	for (int i = 0; i < QUERIES; i++)
		sqlite3_finalize(s->q[i]);
	sqlite3_close(s->db);
	arena_free(&home);
}

static void bind_text(sqlite3_stmt *q, int n, const char *text)
{
	if (text)
		sqlite3_bind_text(q, n, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(q, n);
}

int triage_store_knows(struct triage_store *s, const char *path, int64_t size, int64_t mtime_ns,
		       struct err *err)
{
	sqlite3_stmt *q = s->q[Q_KNOWS];
	int rc;

	bind_text(q, 1, path);
	sqlite3_bind_int64(q, 2, size);
	sqlite3_bind_int64(q, 3, mtime_ns);
	rc = sqlite3_step(q);
	sqlite3_reset(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_fail(s, err);
	return rc == SQLITE_ROW;
}

static int done(struct triage_store *s, sqlite3_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q);

	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : db_fail(s, err);
}

static void bind_number(sqlite3_stmt *q, int n, const json_t *value)
{
	if (json_is_integer(value))
		sqlite3_bind_int64(q, n, json_integer_value(value));
	else
		sqlite3_bind_null(q, n);
}

static int put_record(struct triage_store *s, const char *path, int64_t seq, struct str line,
		      struct err *err)
{
	static const struct {
		int column;
		const char *key;
	} texts[] = {{4, "signature"}, {5, "cause"}, {6, "scope"}, {7, "host"},
		     {8, "kernel"},    {9, "time"},  {10, "top_consumer"}};
	json_auto_t *record = NULL;
	sqlite3_stmt *q = s->q[Q_RECORD];

	if (report_load(&record, line, path, err) != 0)
		return -1;
	bind_text(q, 1, path);
	sqlite3_bind_int64(q, 2, seq);
	sqlite3_bind_int(q, 3, json_is_true(json_object_get(record, "subject")));
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		bind_text(q, texts[i].column,
			  json_string_value(json_object_get(record, texts[i].key)));
	bind_number(q, 11, json_object_get(record, "victim_rss_kb"));
	bind_number(q, 12, json_object_get(record, "line"));
	sqlite3_bind_text64(q, 13, line.p, line.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	return done(s, q, err);
}

int triage_store_put(struct triage_store *s, const char *path, int64_t size, int64_t mtime_ns,
		     struct str lines, const char *error, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_FORGET];
	struct str line;
	int64_t seq = 0;

	bind_text(q, 1, path);
	if (done(s, q, err) != 0)
		return -1;
	q = s->q[Q_INPUT];
	bind_text(q, 1, path);
	sqlite3_bind_int64(q, 2, size);
	sqlite3_bind_int64(q, 3, mtime_ns);
	bind_text(q, 4, error);
	if (done(s, q, err) != 0)
		return -1;
	while (take_line(&lines, &line)) {
		if (line.n && put_record(s, path, seq++, line, err) != 0)
			return -1;
	}
	return 0;
}

int triage_store_commit(struct triage_store *s, struct err *err)
{
	if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(s, err);
	return 0;
}

static const char *text(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

/* 1 a row, 0 the end (and ready to start again), -1. */
static int step(struct triage_store *s, sqlite3_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW)
		return 1;
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : db_fail(s, err);
}

int triage_store_group(struct triage_store *s, struct triage_group *ret, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_GROUPS];
	int rc = step(s, q, err);

	if (rc > 0)
		*ret = (struct triage_group){
			.signature = text(q, 0), .cause = text(q, 1), .scope = text(q, 2),
			.first = text(q, 3), .last = text(q, 4), .kernels = text(q, 5),
			.top = text(q, 6), .worst = text(q, 7),
			.incidents = sqlite3_column_int64(q, 8),
			.events = sqlite3_column_int64(q, 9),
			.hosts = sqlite3_column_int64(q, 10),
			.inputs = sqlite3_column_int64(q, 11),
			.new_incidents = sqlite3_column_int64(q, 12),
			.worst_kb = sqlite3_column_type(q, 13) == SQLITE_NULL
					    ? UNKNOWN
					    : sqlite3_column_int64(q, 13),
		};
	return rc;
}

int triage_store_record(struct triage_store *s, struct str *ret, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_RECORDS];
	int rc = step(s, q, err);

	if (rc > 0)
		*ret = (struct str){text(q, 0), (size_t)sqlite3_column_bytes(q, 0)};
	return rc;
}

int triage_store_error(struct triage_store *s, const char **path, const char **why,
		       struct err *err)
{
	sqlite3_stmt *q = s->q[Q_ERRORS];
	int rc = step(s, q, err);

	if (rc > 0) {
		*path = text(q, 0);
		*why = text(q, 1);
	}
	return rc;
}

int triage_store_totals(struct triage_store *s, struct triage_totals *ret, struct err *err)
{
	sqlite3_stmt *q = s->q[Q_TOTALS];
	int rc = step(s, q, err);

	if (rc > 0)
		*ret = (struct triage_totals){
			sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
			sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3),
			sqlite3_column_int64(q, 4), sqlite3_column_int64(q, 5),
		};
	sqlite3_reset(q);
	return rc < 0 ? -1 : 0;
}
