/* SPDX-License-Identifier: MIT */
/* bugzilla_search.c - bugs that are already there. Servers ignore what they do not know and
 * then answer everything, so each answer is filtered again here. */
#include "submit/bugzilla.h"

#include <stdio.h>

static const char wanted_fields[] = "id,summary,status,resolution,whiteboard,product";

static bool whiteboard_has(const json_t *bug, const char *word)
{
	const char *text = json_string_value(json_object_get(bug, "whiteboard"));
	struct str rest = str_of(text ? text : ""), at;

	/* a whole word: a signature must not match a longer one */
	while (skip_blanks(&rest), take_word(&rest, &at)) {
		if (str_eq(at, str_of(word)))
			return true;
	}
	return false;
}

static void add_hit(struct bz *b, const json_t *bug, bool same, struct bz_hit *hits, size_t *n)
{
	struct bz_hit hit = {.same_signature = same};
	const struct {
		const char *key;
		char *out;
		size_t room;
	} texts[] = {
		{"summary", hit.summary, sizeof(hit.summary)},
		{"status", hit.status, sizeof(hit.status)},
		{"resolution", hit.resolution, sizeof(hit.resolution)},
	};

	if (*n == HITS_MAX || !bz_number(json_object_get(bug, "id"), &hit.id))
		return;
	for (size_t i = 0; i < *n; i++) {
		if (hits[i].id == hit.id)
			return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		const char *text = json_string_value(json_object_get(bug, texts[i].key));

		http_safe_text(&b->http, str_of(text ? text : ""), texts[i].out, texts[i].room);
	}
	hits[(*n)++] = hit;
}

static int search(struct bz *b, const char *query, json_t **ret, struct err *err)
{
	json_t *answer;

	if (bz_get(b, "bug", query, &answer, err) != 0)
		return -1;
	*ret = json_incref(json_object_get(answer, "bugs"));
	json_decref(answer);
	return 0;
}

int bz_search_duplicates(struct bz *b, const struct bug_fields *f, const char *product,
			 struct bz_hit hits[HITS_MAX], size_t *n, struct err *err)
{
	CLEANUP_BUF struct buf query = BUF_INIT(8192);
	json_auto_t *same = NULL, *like = NULL;
	const json_t *bug;
	size_t i;

	*n = 0;
	bz_query(b, &query, "whiteboard", f->signature);
	buf_addf(&query, "&include_fields=%s&limit=50&order=bug_id%%20DESC", wanted_fields);
	if (search(b, bz_query_end(b, &query), &same, err) != 0)
		return -1;
	json_array_foreach(same, i, bug) {
		if (whiteboard_has(bug, f->signature))
			add_hit(b, bug, true, hits, n);
	}
	buf_clear(&query);
	bz_query(b, &query, "product", product);
	bz_query(b, &query, "summary", f->summary);
	buf_addf(&query, "&include_fields=%s&limit=20&order=bug_id%%20DESC", wanted_fields);
	if (search(b, bz_query_end(b, &query), &like, err) != 0)
		return -1;
	json_array_foreach(like, i, bug) {
		const char *its = json_string_value(json_object_get(bug, "product"));

		if (its && str_eq_nocase(str_of(its), str_of(product)))
			add_hit(b, bug, false, hits, n);
	}
	return 0;
}

int bz_find_token(struct bz *b, const char *token, long long *ret_id, struct err *err)
{
	CLEANUP_BUF struct buf query = BUF_INIT(4096);
	json_auto_t *bugs = NULL;
	const json_t *bug;
	size_t i;

	bz_query(b, &query, "whiteboard", token);
	buf_addf(&query, "&include_fields=%s&limit=50", wanted_fields);
	if (search(b, bz_query_end(b, &query), &bugs, err) != 0)
		return -1;
	json_array_foreach(bugs, i, bug) {
		if (whiteboard_has(bug, token) &&
		    bz_number(json_object_get(bug, "id"), ret_id))
			return 1;
	}
	return 0;
}
