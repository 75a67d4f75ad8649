/* SPDX-License-Identifier: MIT */
/* journal.h - private to submit/: one JSON file a submission, replaced whole at every step.
 *
 * ~/.local/state/oomreport/outbox/TOKEN.json ($XDG_STATE_HOME honoured), mode 0600:
 *   token, created, bundle, bundle_sha256, url, product, component, version, op_sys ...,
 *   summary, description, whiteboard, custom, cc: all a retry needs
 *   state: "wish"      the server could not be reached: "wish" holds what was asked for
 *          "planned"   nothing sent yet
 *          "creating"  the POST is about to go, or went and its outcome is not known
 *          "created"   bug_id is known, attachments may be missing
 *          "done"
 *   bug_id, attachments: [{name, size, sha256, state: "todo"|"sending"|"done"|"left out", id}]
 *
 * What is read again is foreign bytes: a file that is not whole, has a member of another type or
 * another's name is "not a journal of ours" and is passed over; nothing is ever written that
 * could not be read again.
 */
#ifndef OOMREPORT_SUBMIT_JOURNAL_H
#define OOMREPORT_SUBMIT_JOURNAL_H

#include "base/when.h"
#include "submit/submit.h"

struct journal {
	json_t *doc;
	char path[1100];
	int lock; /* flock: one process a submission */
	size_t refusals; /* of memory for JSON, when it was opened */
};

#define JOURNAL_CLOSED {.lock = -1}
#define CLEANUP_JOURNAL __attribute__((cleanup(journal_close)))

/* A new one with a fresh random token. */
int journal_new(struct journal *ret, struct err *err) MUST_CHECK;
/* 1 opened, 0 another process has it, -1. Opened means: every member is of its type, and there is
 * what its state needs. */
int journal_open(struct journal *ret, const char *path, struct err *err) MUST_CHECK;
/* Write it to disk (fsync) before anything that depends on it is done. */
int journal_save(struct journal *j, struct err *err) MUST_CHECK;
void journal_close(struct journal *j);
const char *journal_text(const struct journal *j, const char *key); /* "" = none */
void journal_set(struct journal *j, const char *key, const char *value);
/* Calls for each journal file, oldest name first. Stops at -1. */
int journal_each(int (*call)(void *ctx, const char *path, struct err *err), void *ctx,
		 struct err *err) MUST_CHECK;
/* The submission of this very bundle to this server: 1 found (opened), 0 none, -1 (also when
 * another process has it). */
int journal_find(struct journal *ret, const char *bundle_sha256, const char *url,
		 struct err *err) MUST_CHECK;

#endif
