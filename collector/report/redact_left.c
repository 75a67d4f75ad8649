/* SPDX-License-Identifier: MIT */
/* redact_left.c - the originals that are left in a text: found, and swept out. */
#include "report/redact_private.h"

enum { SWEEPS = 4 };

/* A key is one of our own words, but for a series of a program or a group: "process:eat[160]". */
static bool is_own_key(struct str key)
{
	return !str_starts(key, STR("process:")) && !str_starts(key, STR("cgroup:"));
}

/* Values that are the program's own words. */
static bool is_own_value(struct str key)
{
	static const struct str keys[] = {STR_INIT("schema"), STR_INIT("reference"),
					  STR_INIT("rule"),   STR_INIT("signature"),
					  STR_INIT("id"),     STR_INIT("key"),
					  STR_INIT("op"),     STR_INIT("sha256"),
					  STR_INIT("self_sha256")};

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		if (str_eq(keys[i], key))
			return true;
	}
	return false;
}

size_t json_escape(struct str s)
{
	size_t n = s.n > 1 && s.p[1] == 'u' ? 6 : 2;

	if (s.n == 0 || s.p[0] != '\\')
		return 0;
	return n < s.n ? n : s.n;
}

bool json_next(struct json_walk *w, size_t *ret_at, size_t *ret_n)
{
	struct str text = w->text;

	while (w->at < text.n) {
		size_t from = w->at + 1, n = from;

		if (text.p[w->at++] != '"')
			continue;
		while (n < text.n && text.p[n] != '"')
			n += text.p[n] == '\\' ? 2 : 1;
		if (n > text.n)
			n = text.n;
		w->at = n < text.n ? n + 1 : n;
		if (w->at < text.n && text.p[w->at] == ':') {
			w->key = str_sub(text, from, n - from);
			if (is_own_key(w->key))
				continue;
		} else if (is_own_value(w->key)) {
			continue;
		}
		*ret_at = from;
		*ret_n = n - from;
		return true;
	}
	return false;
}

/* ---- what is left ---- */

/* Names that are left in a text, one after the other. */
struct left_walk {
	struct json_walk json;
	size_t from, at, end; /* of the piece being searched; `at` is the next place */
};

static struct left_walk left_in(struct str text, enum redact_form form)
{
	return (struct left_walk){.json.text = text, .end = form == REDACT_JSON ? 0 : text.n};
}

static bool left_piece(struct left_walk *w, enum redact_form form)
{
	size_t n;

	if (form != REDACT_JSON || !json_next(&w->json, &w->from, &n))
		return false;
	w->at = w->from;
	w->end = w->from + n;
	return true;
}

/* Addresses, numbers and domains: no word that a page of ours is written with. */
static bool is_no_word(const struct redact_name *name)
{
	static const bool kinds[REDACT_KINDS] = {
		[REDACT_DOMAIN] = true, [REDACT_IPV4] = true,  [REDACT_IPV6] = true,
		[REDACT_MAC] = true,	[REDACT_EMAIL] = true, [REDACT_ID] = true,
	};
	bool marked = false;

	for (size_t i = 0; i < name->original.n; i++)
		marked |= memchr(".:@-", name->original.p[i], 4) != NULL;
	return kinds[name->kind] && name->original.n >= 6 && (marked || name->original.n >= 32);
}

static const struct redact_name *left_at(const struct redactor *r, const struct left_walk *w,
					 enum redact_form form)
{
	struct str text = w->json.text;
	const struct redact_name *name = names_at(&r->names, str_sub(text, w->at, w->end - w->at));

	if (name && !names_gives(&r->names, name->original) &&
	    (form != REDACT_PAGE || is_no_word(name)))
		return name;
	if (form == REDACT_PAGE)
		return NULL;
	name = redact_aside_at(r, text, w->at);
	return name ? name : redact_joined_at(r, text, w->at);
}

/* Behind an underscore no word begins, but a name may. */
static const struct redact_name *left_behind(const struct redactor *r, const struct left_walk *w,
					     enum redact_form form)
{
	return w->json.text.p[w->at - 1] == '_' && form != REDACT_PAGE
		       ? redact_joined_at(r, w->json.text, w->at)
		       : NULL;
}

static bool begins_word(const struct left_walk *w)
{
	return w->at == w->from || name_boundary(w->json.text.p[w->at - 1]) ||
	       pattern_escape_before(w->json.text, w->at);
}

/* Most bytes of a text are turned away here. */
static bool may_be_left(const struct redactor *r, const struct left_walk *w, size_t at)
{
	struct str text = w->json.text;

	if (at > w->from && !name_boundary(text.p[at - 1]))
		return text.p[at - 1] == '_' || pattern_escape_before(text, at);
	return names_have_head(&r->names, str_from(text, at)) || names_may_begin(&r->asides, text.p[at]);
}

static void pass_others(const struct redactor *r, struct left_walk *w, enum redact_form form)
{
	size_t at = w->at;

	while (at < w->end && !(form == REDACT_JSON && w->json.text.p[at] == '\\') && !may_be_left(r, w, at))
		at++;
	w->at = at;
}

/* "\n" and "\u00e9" are no letters: a word may begin behind them. */
static void pass_escape(struct left_walk *w)
{
	w->at += json_escape(str_sub(w->json.text, w->at, w->end - w->at));
	w->from = w->at;
}

/* The next one, and w->at is its place; NULL at the end. */
static const struct redact_name *left_next(const struct redactor *r, struct left_walk *w,
					   enum redact_form form)
{
	do {
		for (pass_others(r, w, form); w->at < w->end; pass_others(r, w, form)) {
			const struct redact_name *name;

			if (form == REDACT_JSON && w->json.text.p[w->at] == '\\') {
				name = names_at(&r->names, str_sub(w->json.text, w->at, w->end - w->at));
				if (name && !names_gives(&r->names, name->original))
					return name;
				pass_escape(w);
				continue;
			}
			name = begins_word(w) ? left_at(r, w, form) : left_behind(r, w, form);
			if (name)
				return name;
			w->at++;
		}
	} while (left_piece(w, form));
	return NULL;
}

int redact_leak(const struct redactor *r, struct str bytes, enum redact_form form)
{
	struct left_walk w = left_in(bytes, form);
	const struct redact_name *name =
		r->level == REDACT_NONE ? NULL : left_next(r, &w, form);

	return name ? (int)name->kind : -1;
}

static void sweep_once(const struct redactor *r, enum redact_form form, struct str text,
		       struct buf *out, uint64_t *count)
{
	struct left_walk w = left_in(text, form);
	const struct redact_name *name;
	size_t done = 0;

	while ((name = left_next(r, &w, form)) != NULL) {
		buf_add(out, str_sub(text, done, w.at - done));
		buf_add(out, name->replacement);
		w.at += name->original.n;
		done = w.at;
		(*count)++;
	}
	buf_add(out, str_from(text, done));
}

int redact_sweep(const struct redactor *r, enum redact_form form, struct buf *out, size_t from,
		 uint64_t *count, struct err *err)
{
	CLEANUP_BUF struct buf swept = BUF_INIT(out->max);

	/* a replacement may complete another name; each time there are fewer */
	for (int i = 0; i < SWEEPS; i++) {
		struct str text = str_from(buf_str(out), from);

		if (redact_leak(r, text, form) < 0)
			break;
		buf_clear(&swept);
		sweep_once(r, form, text, &swept, count);
		if (buf_ok(&swept, "redacted text", err) != 0)
			return -1;
		out->n = from;
		buf_add(out, buf_str(&swept));
	}
	return buf_ok(out, "redacted text", err);
}
