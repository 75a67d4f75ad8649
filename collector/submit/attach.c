/* SPDX-License-Identifier: MIT */
/* attach.c - the pieces onto a bug, each once, each confirmed by what the server lists; and the
 * comment about what did not fit. */
#include <stdio.h>

#include "submit/base64.h"
#include "submit/filing.h"

json_t *attachment_list(const struct pieces *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:I, s:s, s:s}", "name", p->v[i].name, "size",
					(json_int_t)p->v[i].data.n, "sha256", p->v[i].sha256,
					"state", "todo"));
	return list;
}

static void attachment_summary(const struct piece *p, char *out, size_t room)
{
	snprintf(out, room, "%s [sha256 %.12s]", p->summary, p->sha256);
}

/* Is it already there? By name, size and the digest in the summary. 1, 0, -1. */
static int is_attached(struct filing *f, const struct piece *p, long long bug, long long *id,
		       struct err *err)
{
	char path[64], key[32], summary[300];
	json_auto_t *answer = NULL;
	const json_t *item;
	size_t i;

	snprintf(path, sizeof(path), "bug/%lld/attachment", bug);
	snprintf(key, sizeof(key), "%lld", bug);
	if (bz_get(&f->bz, path, "exclude_fields=data", &answer, err) != 0)
		return -1;
	attachment_summary(p, summary, sizeof(summary));
	json_array_foreach(json_object_get(json_object_get(answer, "bugs"), key), i, item) {
		const char *name = json_string_value(json_object_get(item, "file_name"));
		const char *text = json_string_value(json_object_get(item, "summary"));
		long long size = -1;

		(void)bz_number(json_object_get(item, "size"), &size);
		if (name && text && strcmp(name, p->name) == 0 && strcmp(text, summary) == 0 &&
		    size == (long long)p->data.n &&
		    bz_number(json_object_get(item, "id"), id))
			return 1;
	}
	return 0;
}

json_t *attachment_body(const struct piece *p, long long bug)
{
	CLEANUP_BUF struct buf data = BUF_INIT(BASE64_LARGEST);
	char summary[300];
	json_t *body = NULL;

	attachment_summary(p, summary, sizeof(summary));
	if (base64_add(&data, buf_str(&p->data), 0))
		body = json_pack("{s:[I], s:s, s:s, s:s, s:s}", "ids", (json_int_t)bug, "data",
				 buf_cstr(&data), "file_name", p->name, "summary", summary, "content_type",
				 p->type);
	return body;
}

enum attached { ATTACHED, TOO_LARGE, NOT_ATTACHED };

static enum attached attach_once(struct filing *f, const struct piece *p, long long bug,
				 long long *id, struct err *err)
{
	json_auto_t *body = attachment_body(p, bug);
	struct bz_answer a;
	enum attached result = NOT_ATTACHED;
	char path[64];
	int there;

	if (!body) {
		(void)err_set(err, ERR_NOMEM, "%s: no memory to send it", p->name);
		return NOT_ATTACHED;
	}
	snprintf(path, sizeof(path), "bug/%lld/attachment", bug);
	bz_call(&f->bz, "POST", path, NULL, body, p->name, &a);
	/* whatever was answered: it is there when the server lists it with our size */
	there = is_attached(f, p, bug, id, NULL);
	for (int64_t left = f->o->confirm_wait_us;
	     there != 1 && a.outcome != BZ_REFUSED && left > 0;
	     left -= f->o->confirm_wait_us / 4 + 1) {
		filing_pause(f->o->confirm_wait_us / 4 + 1);
		there = is_attached(f, p, bug, id, NULL);
	}
	if (there == 1)
		result = ATTACHED;
	else if (a.status == 413 || a.code == 600)
		result = TOO_LARGE;
	else if (a.outcome == BZ_DONE)
		(void)err_set(err, ERR_REMOTE, "%s: %s says it is attached but does not list it",
			      p->name, f->bz.web);
	else
		(void)bz_fail(&a, p->name, err);
	bz_answer_free(&a);
	return result;
}

static json_t *listed(const struct filing *f, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(f->journal.doc, "attachments"), i, item) {
		const char *its = json_string_value(json_object_get(item, "name"));

		if (its && strcmp(its, name) == 0)
			return item;
	}
	return NULL;
}

static int mark(struct filing *f, const char *name, const char *state, long long id,
		struct err *err)
{
	json_t *item = listed(f, name);

	json_object_set_new(item, "state", json_string(state));
	if (id)
		json_object_set_new(item, "id", json_integer(id));
	return journal_save(&f->journal, err);
}

static bool is_state(const struct filing *f, const char *name, const char *state)
{
	const char *its = json_string_value(json_object_get(listed(f, name), "state"));

	return its && strcmp(its, state) == 0;
}

/* A web server in front may take less than the Bugzilla says: cut the bundle into its parts. */
static int replan_smaller(struct filing *f, struct err *err)
{
	json_t *old, *item;
	size_t i;

	pieces_free(&f->pieces);
	if (pieces_from_bundle(&f->pieces, NULL, journal_text(&f->journal, "bundle"), SMALL_LIMIT,
			       err) != 0)
		return -1;
	old = json_incref(json_object_get(f->journal.doc, "attachments"));
	json_object_set_new(f->journal.doc, "attachments", attachment_list(&f->pieces));
	json_object_set_new(f->journal.doc, "limit", json_integer(SMALL_LIMIT));
	json_array_foreach(old, i, item) {
		const char *name = json_string_value(json_object_get(item, "name"));
		const char *state = json_string_value(json_object_get(item, "state"));
		json_t *now = name ? listed(f, name) : NULL;

		if (now && state && strcmp(state, "done") == 0)
			json_object_update(now, item);
	}
	json_decref(old);
	return journal_save(&f->journal, err);
}

static int attach_one(struct filing *f, const struct piece *p, long long bug, bool *too_large,
		      struct err *err)
{
	long long id = 0;
	int there;

	if (is_state(f, p->name, "done"))
		return 0;
	/* "sending" was written before the POST of a run that did not come back */
	there = is_attached(f, p, bug, &id, err);
	if (there < 0)
		return -1;
	if (there == 0) {
		if (mark(f, p->name, "sending", 0, err) != 0)
			return -1;
		switch (attach_once(f, p, bug, &id, err)) {
		case ATTACHED:
			break;
		case TOO_LARGE:
			*too_large = true;
			return mark(f, p->name, "left out", 0, err);
		case NOT_ATTACHED:
			return -1;
		}
	}
	return mark(f, p->name, "done", id, err);
}

int attach_all(struct filing *f, long long bug, struct err *err)
{
	bool too_large = false, replanned = false;

	for (size_t i = 0; i < f->pieces.n; i++) {
		if (attach_one(f, &f->pieces.v[i], bug, &too_large, err) != 0)
			return -1;
		if (too_large && !replanned && !f->pieces.parts) {
			filing_say(f, "The server takes no attachment of that size: sending the parts.");
			replanned = true;
			if (replan_smaller(f, err) != 0)
				return -1;
			i = (size_t)-1;
		}
	}
	return 0;
}

/* ---- the comment that says what is elsewhere ---- */

static int comment(struct filing *f, long long bug, const char *text, struct err *err)
{
	json_auto_t *body = NULL;
	struct bz_answer a;
	char path[64];
	int rc = 0;

	body = json_pack("{s:o}", "comment", bz_text(str_of(text), COMMENT_MAX));
	snprintf(path, sizeof(path), "bug/%lld/comment", bug);
	bz_call(&f->bz, "POST", path, NULL, body, NULL, &a);
	if (a.outcome != BZ_DONE)
		rc = bz_fail(&a, "comment", err);
	bz_answer_free(&a);
	return rc;
}

/* Has a comment of this bug this line? A comment is never sent twice. */
static int has_comment(struct filing *f, long long bug, const char *line, struct err *err)
{
	char path[64], key[32];
	json_auto_t *answer = NULL;
	const json_t *item;
	size_t i;

	snprintf(path, sizeof(path), "bug/%lld/comment", bug);
	snprintf(key, sizeof(key), "%lld", bug);
	if (bz_get(&f->bz, path, "include_fields=text", &answer, err) != 0)
		return -1;
	json_array_foreach(json_object_get(json_object_get(json_object_get(answer, "bugs"), key),
					   "comments"),
			   i, item) {
		const char *text = json_string_value(json_object_get(item, "text"));

		if (text && strstr(text, line))
			return 1;
	}
	return 0;
}

int comment_once(struct filing *f, long long bug, const char *marker, const char *text,
		    struct err *err)
{
	int there = has_comment(f, bug, marker, err);

	return there != 0 ? there < 0 ? -1 : 0 : comment(f, bug, text, err);
}

int tell_left_out(struct filing *f, long long bug, struct err *err)
{
	char marker[200], link[1000] = "", text[2000];

	if (!f->pieces.left_out[0])
		return 0;
	if (f->o->upload_url) {
		struct upload_options u = {.url = f->o->upload_url, .method = "PUT",
					   .ca_file = f->o->ca_file, .talk = f->o->talk};

		if (upload_submit(&u, journal_text(&f->journal, "bundle"), link, err) != 0)
			return -1;
	}
	snprintf(marker, sizeof(marker), "Left out of report %s",
		 journal_text(&f->journal, "token"));
	snprintf(text, sizeof(text), "%s, too large to attach here: %s.%s%s\n", marker,
		 f->pieces.left_out, link[0] ? "\nThe whole bundle: " : "", link);
	return comment_once(f, bug, marker, text, err);
}

