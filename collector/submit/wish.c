/* SPDX-License-Identifier: MIT */
/* wish.c - a submission whose server could not be reached: what was asked for, kept in the journal
 * and carried out later. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "submit/filing.h"

static const struct {
	const char *key;
	size_t offset;
} wish_texts[] = {
	{"product", offsetof(struct bug_fields, product)},
	{"component", offsetof(struct bug_fields, component)},
	{"version", offsetof(struct bug_fields, version)},
	{"op_sys", offsetof(struct bug_fields, op_sys)},
	{"platform", offsetof(struct bug_fields, platform)},
	{"severity", offsetof(struct bug_fields, severity)},
	{"summary", offsetof(struct bug_fields, summary)},
	{"description", offsetof(struct bug_fields, description)},
	{"signature", offsetof(struct bug_fields, signature)},
	{"kernel", offsetof(struct bug_fields, kernel)},
	{"arch", offsetof(struct bug_fields, arch)},
	{"distribution", offsetof(struct bug_fields, distribution)},
};

static json_t *text_list(const char *const *list)
{
	json_t *out = json_array();

	for (size_t i = 0; list && list[i]; i++)
		json_array_append_new(out, bz_text(str_of(list[i]), COMMENT_MAX));
	return out;
}

int wish_keep(struct filing *f, const struct bug_fields *fields, const char *sha,
	      struct err *err)
{
	json_t *wish;
	char path[4096];

	if (!realpath(f->o->bundle, path))
		return err_sys(err, errno, "%s", f->o->bundle);
	if (journal_new(&f->journal, err) != 0)
		return -1;
	wish = json_object();
	for (size_t i = 0; i < ARRAY_COUNT(wish_texts); i++) {
		const char *text = *(const char *const *)(const void *)((const char *)fields +
									wish_texts[i].offset);

		if (text)
			json_object_set_new(wish, wish_texts[i].key,
					    bz_text(str_of(text), 4 * COMMENT_MAX));
	}
	json_object_set_new(wish, "cc", text_list(fields->cc));
	json_object_set_new(wish, "fields", text_list(fields->fields));
	json_object_set_new(wish, "bug", json_integer(f->o->bug));
	json_object_set_new(wish, "yes", json_boolean(f->o->yes));
	json_object_set_new(f->journal.doc, "wish", wish);
	journal_set(&f->journal, "state", "wish");
	journal_set(&f->journal, "url", f->bz.web); /* as journal_find() looks for it */
	journal_set(&f->journal, "bundle", path);
	journal_set(&f->journal, "bundle_sha256", sha);
	return journal_save(&f->journal, err);
}

enum { WISH_LIST_MAX = 64 };

static void wish_list(const json_t *list, const char *out[WISH_LIST_MAX + 1])
{
	const json_t *item;
	size_t i, n = 0;

	json_array_foreach(list, i, item) {
		if (json_is_string(item) && n < WISH_LIST_MAX)
			out[n++] = json_string_value(item);
	}
	out[n] = NULL;
}

int wish_send(struct filing *f, struct err *err)
{
	json_auto_t *wish = json_incref(json_object_get(f->journal.doc, "wish"));
	const char *cc[WISH_LIST_MAX + 1], *list[WISH_LIST_MAX + 1];
	struct bug_fields fields = {.cc = cc, .fields = list};
	struct bugzilla_options o = *f->o;
	const struct bugzilla_options *old = f->o;
	int rc;

	for (size_t i = 0; i < ARRAY_COUNT(wish_texts); i++)
		*(const char **)(void *)((char *)&fields + wish_texts[i].offset) =
			json_string_value(json_object_get(wish, wish_texts[i].key));
	wish_list(json_object_get(wish, "cc"), cc);
	wish_list(json_object_get(wish, "fields"), list);
	o.bundle = journal_text(&f->journal, "bundle");
	o.bug = json_integer_value(json_object_get(wish, "bug"));
	o.yes |= json_is_true(json_object_get(wish, "yes"));
	if (!fields.summary || !fields.description || !fields.signature)
		return err_set(err, ERR_FORMAT, "%s: the wish is not whole", f->journal.path);
	f->o = &o;
	rc = filing_plan_and_send(f, &fields, err);
	f->o = old;
	return rc;
}
