/* SPDX-License-Identifier: MIT */
/* filing.h - private to submit/: one submission on its way, shared by the files of that road. */
#ifndef OOMREPORT_SUBMIT_FILING_H
#define OOMREPORT_SUBMIT_FILING_H

#include "base/sha256.h"
#include "submit/bugzilla.h"
#include "submit/journal.h"

enum { SUMMARY_MAX = 255, COMMENT_MAX = 65535, SMALL_LIMIT = 700 * 1024 };

struct filing {
	const struct bugzilla_options *o;
	struct bz bz;
	struct journal journal;
	struct pieces pieces;
};

void filing_say(const struct filing *f, const char *fmt, ...) FORMAT_ARGS(2, 3);
void filing_pause(int64_t us);
/* Reach the server and, when a key is to be had, use it. */
int filing_open(struct filing *f, const char *url, bool needs_key, struct err *err) MUST_CHECK;
/* Go on from where the journal says it stopped. */
int filing_resume(struct filing *f, struct err *err) MUST_CHECK;
/* A new one: check, plan, send. The journal is new or holds the wish. */
int filing_plan_and_send(struct filing *f, const struct bug_fields *fields,
			 struct err *err) MUST_CHECK;
void filing_result(const struct filing *f, long long *ret_id, char *ret_url);
int filing_hash(const char *path, char out[SHA256_HEX], struct err *err) MUST_CHECK;

/* wish.c: one whose server could not be reached at all. sha: of the bundle (SHA256_HEX). */
int wish_keep(struct filing *f, const struct bug_fields *fields, const char *sha,
	      struct err *err) MUST_CHECK;
int wish_send(struct filing *f, struct err *err) MUST_CHECK;

/* attach.c */
json_t *attachment_list(const struct pieces *p); /* for the journal, all "todo" */
json_t *attachment_body(const struct piece *p, long long bug);
int attach_all(struct filing *f, long long bug, struct err *err) MUST_CHECK;
/* A comment unless one with this marker is there. */
int comment_once(struct filing *f, long long bug, const char *marker, const char *text,
		 struct err *err) MUST_CHECK;
int tell_left_out(struct filing *f, long long bug, struct err *err) MUST_CHECK;

/* choose.c: what to do about bugs that are already there */
enum choice { CHOICE_NEW, CHOICE_EXTEND, CHOICE_CC };
/* The choice, or -1; a line naming the same kinds is appended to mention. */
int choose_bug(struct filing *f, const struct bug_fields *fields, const char *product,
	       struct buf *mention, long long *ret_bug, struct err *err) MUST_CHECK;
int cc_bug(struct filing *f, long long bug, const struct bug_fields *fields,
	   struct err *err) MUST_CHECK;

#endif
