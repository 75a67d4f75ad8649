/* SPDX-License-Identifier: MIT */
/* triage_store.h - private to triage_store.c and triage_keep.c, the only users of libsqlite3. */
#ifndef OOMREPORT_CLI_TRIAGE_STORE_H
#define OOMREPORT_CLI_TRIAGE_STORE_H

#include <sqlite3.h>

#include "cli/triage.h"

enum query {
	Q_KNOWS, Q_SAME_FILE, Q_NOTE, Q_NOTED, Q_NAME, Q_ABSENT, Q_NAMES_OF, Q_UNNAME, Q_CONTENT_NEW, Q_CONTENT_OF,
	Q_HEAD_SIZES, Q_SAME_HEAD, Q_HEAD, Q_RECORD, Q_DROP_RECORDS, Q_RENAME, Q_DROP_CONTENT,
	Q_GROUPS, Q_RECORDS, Q_ERRORS, Q_TOTALS, QUERIES
};

struct triage_store {
	struct arena arena;
	sqlite3 *db;
	sqlite3_stmt *q[QUERIES];
};

int store_fail(struct triage_store *s, struct err *err);
/* A statement without rows. */
int store_done(struct triage_store *s, sqlite3_stmt *q, struct err *err) MUST_CHECK;
/* The first columns of the first row, or 0 of them (b may be NULL): 1, 0, -1. */
int store_first_row(struct triage_store *s, sqlite3_stmt *q, int64_t *a, int64_t *b,
		    struct err *err) MUST_CHECK;

#endif
