/* SPDX-License-Identifier: MIT */
/* outbox.c - past and pending submissions: shown, and gone on with. */
#include <stdio.h>

#include "submit/filing.h"

static int list_one(void *ctx, const char *path, struct err *err)
{
	const struct talk *talk = ctx;
	struct journal j = JOURNAL_CLOSED;
	struct err why = {.code = ERR_NONE};
	char line[1500];
	long long bug;
	int rc = journal_open(&j, path, &why);

	(void)err;
	if (rc != 1) {
		if (rc == 0)
			(void)err_set(&why, ERR_IO, "%s: being sent", path);
		snprintf(line, sizeof(line), "%s", why.text);
		talk->say(talk->ctx, line);
		return 0;
	}
	bug = json_integer_value(json_object_get(j.doc, "bug_id"));
	if (bug)
		snprintf(line, sizeof(line), "%-8s %s  %s/show_bug.cgi?id=%lld  %s",
			 strcmp(journal_text(&j, "state"), "done") == 0 ? "done" : "pending",
			 journal_text(&j, "created"), journal_text(&j, "url"), bug,
			 journal_text(&j, "bundle"));
	else
		snprintf(line, sizeof(line), "%-8s %s  %s  %s", "pending",
			 journal_text(&j, "created"), journal_text(&j, "url"),
			 journal_text(&j, "bundle"));
	talk->say(talk->ctx, line);
	journal_close(&j);
	return 0;
}

int outbox_list(const struct talk *talk, struct err *err)
{
	union {
		const struct talk *in;
		void *ctx;
	} u = {.in = talk};

	return journal_each(list_one, u.ctx, err);
}

struct retrying {
	const struct bugzilla_options *o;
	int left;
};

static int retry_one(void *ctx, const char *path, struct err *err)
{
	struct retrying *r = ctx;
	struct filing f = {.o = r->o, .journal = JOURNAL_CLOSED};
	struct err why = {.code = ERR_NONE};
	long long id;
	char url[600];

	(void)err;
	if (journal_open(&f.journal, path, &why) != 1)
		return 0;
	if (strcmp(journal_text(&f.journal, "state"), "done") == 0) {
		journal_close(&f.journal);
		return 0;
	}
	if (filing_open(&f, journal_text(&f.journal, "url"), true, &why) == 0) {
		if (filing_resume(&f, &why) == 0) {
			filing_result(&f, &id, url);
			filing_say(&f, "%s", url);
		}
		bz_close(&f.bz);
	}
	if (why.code != ERR_NONE) {
		r->left++;
		filing_say(&f, "still pending: %s", why.text);
	}
	pieces_free(&f.pieces);
	journal_close(&f.journal);
	return 0;
}

int outbox_retry(const struct bugzilla_options *o, int *ret_left, struct err *err)
{
	struct retrying r = {o, 0};
	int rc = journal_each(retry_one, &r, err);

	*ret_left = r.left;
	return rc;
}
