/* SPDX-License-Identifier: MIT */
/* triage_store.c - the records in SQLite: their tables, and every question asked of them. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/triage_store.h"

enum {
	APPLICATION_ID = 0x6f6f6d74, /* "oomt" */
	BUSY_MS = 10 * 60 * 1000,    /* as long as another run may take */
};

/* An input is a name; what it names is a content, which may have several names or, when its file
 * is gone, none; records are of contents. */
#define TABLES                                                                            \
	"CREATE TABLE content("                                                           \
	" id INTEGER PRIMARY KEY, path TEXT, file_id TEXT, head_bytes INTEGER,"           \
	" head_id TEXT, bytes INTEGER, fresh INTEGER);"                                   \
	"CREATE INDEX by_file ON content(file_id);"                                       \
	"CREATE INDEX by_head ON content(head_bytes, head_id);"                           \
	"CREATE TABLE input("                                                             \
	" path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, error TEXT,"             \
	" content INTEGER);"                                                              \
	"CREATE INDEX by_content ON input(content);"                                      \
	"CREATE TABLE record("                                                            \
	" content INTEGER, seq INTEGER, fresh INTEGER, event TEXT, subject INTEGER,"      \
	" signature TEXT, cause TEXT, scope TEXT, host TEXT, kernel TEXT, time TEXT,"     \
	" top TEXT, kb INTEGER, line INTEGER, json TEXT,"                                 \
	" PRIMARY KEY(content, seq)) WITHOUT ROWID;"                                      \
	"CREATE INDEX by_signature ON record(signature);"

/* What tells an event of others, in whatever input it is seen. */
#define EVENT_OF(json)                                                                    \
	"json_extract(" json ", '$.host', '$.kind', '$.time', '$.monotonic_s',"           \
	" '$.trigger', '$.trigger_pid', '$.gfp_mask', '$.order', '$.victim_pid',"         \
	" '$.victim_rss_kb', '$.free_kb')"

/* What a file was before it was read: what is added to it meanwhile is for the next run. */
#define NOTED                                                                             \
	"CREATE TEMP TABLE noted("                                                        \
	" path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, content INTEGER)"        \
	" WITHOUT ROWID;"                                                                 \
	/* paths without anything to read: of this run alone, whatever was there before */   \
	"CREATE TEMP TABLE absent(path TEXT PRIMARY KEY, error TEXT) WITHOUT ROWID;"

/* From version n to n + 1. */
static const char *const upgrades[] = {
	TABLES,
	/* of version 1, an input was a path, and its records were of that */
	"ALTER TABLE input RENAME TO input1; ALTER TABLE record RENAME TO record1;"
	"DROP INDEX by_signature;" TABLES
	"INSERT INTO content(path, fresh) SELECT path, 0 FROM input1 ORDER BY path;"
	"INSERT INTO input SELECT i.path, i.size, i.mtime_ns, i.error, c.id"
	" FROM input1 i JOIN content c ON c.path = i.path;"
	"INSERT INTO record SELECT c.id, seq, 0, " EVENT_OF("json") ", subject, signature, cause,"
	" scope, host, kernel, time, top, kb, line, json"
	" FROM record1 r JOIN content c ON c.path = r.input;"
	"DROP TABLE input1; DROP TABLE record1;",
};
enum { SCHEMA_VERSION = ARRAY_COUNT(upgrades) };

/* Causes, kernels and top consumers: the most frequent first, names in order among equals. */
#define MOST_FREQUENT(column, n)                                                           \
	"(SELECT group_concat(name, ', ') FROM (SELECT " column " || CASE WHEN count(*) > 1 " \
	"THEN ' (' || count(*) || ')' ELSE '' END AS name FROM record i "                     \
	"WHERE i.signature IS r.signature AND i.subject AND " column " IS NOT NULL "          \
	"GROUP BY " column " ORDER BY count(*) DESC, " column " LIMIT " n "))"

#define ABSENT "(SELECT count(*) FROM absent)"

static const char *const queries[QUERIES] = {
	[Q_KNOWS] = "SELECT 1 FROM input WHERE path = ?1 AND size = ?2 AND mtime_ns = ?3",
	[Q_SAME_FILE] = "SELECT id FROM content WHERE file_id = ?1",
	[Q_NOTE] = "INSERT OR REPLACE INTO noted VALUES(?1, ?2, ?3, ?4)",
	[Q_NOTED] = "SELECT content FROM noted WHERE path = ?1",
	[Q_NAME] = "INSERT OR REPLACE INTO input SELECT path, size, mtime_ns, ?2, ?3 FROM noted"
		   " WHERE path = ?1",
	[Q_ABSENT] = "INSERT OR REPLACE INTO absent VALUES(?1, ?2)",
	[Q_NAMES_OF] = "SELECT path FROM input WHERE content = ?1",
	[Q_UNNAME] = "DELETE FROM input WHERE path = ?1",
	[Q_CONTENT_NEW] = "INSERT INTO content(path, file_id, fresh) VALUES(?1, ?2, 1)",
	/* what a path names, and whether another thing there can only be its successor */
	[Q_CONTENT_OF] = "SELECT content, i.error IS NOT NULL OR c.head_id IS NULL"
			 " FROM input i JOIN content c ON c.id = content WHERE i.path = ?1",
	[Q_HEAD_SIZES] = "SELECT DISTINCT head_bytes FROM content WHERE head_bytes <= ?1"
			 " ORDER BY head_bytes",
	[Q_SAME_HEAD] = "SELECT id, bytes FROM content WHERE head_bytes = ?1 AND head_id = ?2"
			" AND id <> ?3",
	[Q_HEAD] = "UPDATE content SET head_bytes = ?2, head_id = ?3, bytes = ?4 WHERE id = ?1",
	[Q_RECORD] = "INSERT INTO record VALUES(?1, ?2, ifnull((SELECT o.fresh FROM record o"
		     " WHERE o.content = ?14 AND o.event = " EVENT_OF("?13") "), 1), "
		     EVENT_OF("?13") ", ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[Q_DROP_RECORDS] = "DELETE FROM record WHERE content = ?1",
	[Q_RENAME] = "UPDATE input SET content = ?2 WHERE content = ?1",
	[Q_DROP_CONTENT] = "DELETE FROM content WHERE id = ?1",
	[Q_GROUPS] =
		"SELECT r.signature, (SELECT cause FROM record i WHERE i.signature IS r.signature"
		" AND i.subject GROUP BY cause ORDER BY cause IS NULL, count(*) DESC, cause LIMIT 1),"
		" max(CASE WHEN r.subject THEN r.scope END),"
		" min(r.time), max(r.time),"
		" " MOST_FREQUENT("kernel", "4") ", " MOST_FREQUENT("top", "3") ","
		" (SELECT c.path || ':' || ifnull(w.line, 1) FROM record w"
		"  JOIN content c ON c.id = w.content WHERE w.signature IS r.signature"
		"  ORDER BY w.subject DESC, w.kb DESC, c.path, w.seq LIMIT 1),"
		" sum(r.subject) AS n, count(*), count(DISTINCT ifnull(r.host, r.content)),"
		" count(DISTINCT r.content), sum(r.subject AND r.fresh), max(r.kb)"
		" FROM record r GROUP BY r.signature ORDER BY n DESC, r.signature",
	[Q_RECORDS] = "SELECT json FROM record JOIN content c ON c.id = content"
		      " ORDER BY c.path, c.id, seq",
	[Q_ERRORS] = "SELECT path, error FROM input WHERE error IS NOT NULL"
		     " UNION ALL SELECT path, error FROM absent ORDER BY path",
	[Q_TOTALS] = "SELECT (SELECT count(*) FROM content) + " ABSENT ", (SELECT count(*) FROM "
		     "content WHERE fresh) + " ABSENT ", (SELECT count(*) FROM input WHERE error "
		     "IS NOT NULL) + " ABSENT ","
		     " count(*), ifnull(sum(subject), 0), count(DISTINCT ifnull(host, content))"
		     " FROM record",
};

static int give_new_state(struct err *err)
{
	return err_hint(err, "give --since a new file; the inputs are read again");
}

int store_fail(struct triage_store *s, struct err *err)
{
	const char *path = sqlite3_db_filename(s->db, "main");
	int code = sqlite3_errcode(s->db);

	(void)err_set(err, ERR_IO, "triage state: %.200s%s%s", path && *path ? path : "",
		      path && *path ? ": " : "", sqlite3_errmsg(s->db));
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_hint(err, "another run works with it: try again when that has ended");
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return give_new_state(err);
	return err_hint(err, "is there room on the disk, and may the folder be written to?");
}

static int prepare(struct triage_store *s, struct err *err)
{
	for (int i = 0; i < QUERIES; i++) {
		if (sqlite3_prepare_v2(s->db, queries[i], -1, &s->q[i], NULL) != SQLITE_OK)
			return store_fail(s, err);
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
	return rc == SQLITE_ROW ? 0 : store_fail(s, err);
}

/* Ours, or new and empty; nobody else's database is written to. */
static int check_owner(struct triage_store *s, int *version, struct err *err)
{
	int id = 0, tables = 0;

	if (ask(s, "PRAGMA application_id", &id, err) != 0 ||
	    ask(s, "PRAGMA user_version", version, err) != 0 ||
	    ask(s, "SELECT count(*) FROM sqlite_master", &tables, err) != 0)
		return -1;
	if (tables == 0)
		*version = 0;
	if (tables == 0 ||
	    (id == APPLICATION_ID && *version > 0 && *version <= SCHEMA_VERSION))
		return 0;
	(void)err_set(err, ERR_FORMAT, "triage state: made by another %s",
		      id == APPLICATION_ID ? "version" : "program");
	return give_new_state(err);
}

static int run_sql(struct triage_store *s, const char *sql, struct err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

/* The newest tables at once, or one step after the other. */
static int upgrade(struct triage_store *s, int version, struct err *err)
{
	char mark[96];

	if (version == 0 && run_sql(s, upgrades[0], err) != 0)
		return -1;
	for (; version > 0 && version < SCHEMA_VERSION; version++) {
		if (run_sql(s, upgrades[version], err) != 0)
			return -1;
	}
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		 APPLICATION_ID, SCHEMA_VERSION);
	return run_sql(s, mark, err);
}

/* The write lock is taken at once: runs side by side come one after the other. */
static int begin(struct triage_store *s, struct err *err)
{
	int version = 0;

	if (run_sql(s, "PRAGMA cache_size = -4096; PRAGMA temp_store = FILE; BEGIN IMMEDIATE;",
		    err) != 0 ||
	    check_owner(s, &version, err) != 0 || upgrade(s, version, err) != 0 ||
	    run_sql(s, "UPDATE content SET fresh = 0; UPDATE record SET fresh = 0 WHERE fresh;"
		    NOTED, err) != 0)
		return -1;
	return prepare(s, err);
}

/* It holds names of hosts: SQLite would make it, and its journals, readable by everybody. */
static int make_private(const char *path, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

	return fd < 0 ? err_sys(err, errno, "%s", path) : 0;
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
	if (path && make_private(path, err) != 0) {
		triage_store_close(s);
		return -1;
	}
	if (sqlite3_open_v2(path ? path : "", &s->db,
			    SQLITE_OPEN_READWRITE | (path ? 0 : SQLITE_OPEN_CREATE),
			    NULL) != SQLITE_OK) {
		(void)store_fail(s, err);
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

int store_done(struct triage_store *s, sqlite3_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q);

	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : store_fail(s, err);
}

int store_first_row(struct triage_store *s, sqlite3_stmt *q, int64_t *a, int64_t *b,
		     struct err *err)
{
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW) {
		*a = sqlite3_column_int64(q, 0);
		if (b)
			*b = sqlite3_column_int64(q, 1);
	}
	sqlite3_reset(q);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : store_fail(s, err);
}

int triage_store_settle(struct triage_store *s, struct err *err)
{
	/* the name that comes first, so that the order in which they were read does not matter */
	return run_sql(s,
		       "CREATE TEMP TABLE named AS SELECT c.id AS id, min(i.path) AS path"
		       " FROM content c JOIN input i ON i.content = c.id GROUP BY c.id"
		       " HAVING min(i.path) <> c.path;"
		       "UPDATE content SET path = (SELECT n.path FROM named n WHERE n.id = "
		       "content.id) WHERE id IN (SELECT id FROM named);"
		       "UPDATE record SET json = json_set(json, '$.input', (SELECT n.path FROM "
		       "named n WHERE n.id = content)) WHERE content IN (SELECT id FROM named);",
		       err);
}

int triage_store_commit(struct triage_store *s, struct err *err)
{
	if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, err);
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
	return rc == SQLITE_DONE ? 0 : store_fail(s, err);
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
