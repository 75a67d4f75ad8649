/* SPDX-License-Identifier: MIT */
/* choose.c - bugs of the same kind: file a new one, add to one, or only be told of it. */
#include <stdio.h>

#include "submit/filing.h"

int choose_bug(struct filing *f, const struct bug_fields *fields, const char *product,
		  struct buf *mention, long long *ret_bug, struct err *err)
{
	struct bz_hit hits[HITS_MAX];
	char answer[64] = "";
	size_t n = 0;

	if (bz_search_duplicates(&f->bz, fields, product, hits, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		filing_say(f, "%s bug %lld [%s%s%s]: %s",
		    hits[i].same_signature ? "The same kind of OOM:" : "Similar:", hits[i].id,
		    hits[i].status, hits[i].resolution[0] ? " " : "", hits[i].resolution,
		    hits[i].summary);
		if (hits[i].same_signature)
			buf_addf(mention, "%s bug %lld", mention->n ? "," : "\nPossibly the same as",
				 hits[i].id);
	}
	if (mention->n)
		buf_addc(mention, '\n');
	if (n == 0 || f->o->yes || f->o->new_anyway || f->o->dry_run || !f->o->talk ||
	    !f->o->talk->ask)
		return CHOICE_NEW;
	if (!f->o->talk->ask(f->o->talk->ctx,
			     "File a new bug (n), add to one (its number), be CCed on one (c "
			     "NUMBER), or stop (q)? ",
			     answer, sizeof(answer)))
		answer[0] = 'q';
	if (answer[0] == 'n')
		return CHOICE_NEW;
	if (answer[0] == 'c' || ascii_digit(answer[0])) {
		struct str at = str_of(answer);
		bool cc = take_char(&at, 'c');
		uint64_t id;

		skip_blanks(&at);
		if (take_u64(&at, &id) && id > 0 && id < INT32_MAX) {
			*ret_bug = (long long)id;
			return cc ? CHOICE_CC : CHOICE_EXTEND;
		}
	}
	return err_set(err, ERR_INTERRUPTED, "nothing was filed");
}

/* "be CCed" needs one's own login name, which 5.1.2's whoami tells, or the person. */
int cc_bug(struct filing *f, long long bug, const struct bug_fields *fields,
		  struct err *err)
{
	char me[200] = "", path[64];
	json_auto_t *body = NULL;
	struct bz_answer a;
	int rc = 0;

	bz_call(&f->bz, "GET", "whoami", NULL, NULL, NULL, &a);
	if (a.outcome == BZ_DONE && json_is_string(json_object_get(a.json, "name")))
		snprintf(me, sizeof(me), "%s", json_string_value(json_object_get(a.json, "name")));
	bz_answer_free(&a);
	if (!me[0] && fields->cc && fields->cc[0])
		snprintf(me, sizeof(me), "%s", fields->cc[0]);
	if (!me[0] && (!f->o->talk->ask(f->o->talk->ctx, "Your login name there? ", me,
					sizeof(me)) || !me[0]))
		return err_set(err, ERR_USAGE, "whom to CC is not known");
	body = json_pack("{s:{s:[s]}}", "cc", "add", me);
	snprintf(path, sizeof(path), "bug/%lld", bug);
	bz_call(&f->bz, "PUT", path, NULL, body, NULL, &a);
	if (a.outcome != BZ_DONE)
		rc = bz_fail(&a, "cc", err);
	bz_answer_free(&a);
	return rc;
}

