/* SPDX-License-Identifier: MIT */
/* redact_names.c - the originals of one bundle and their replacements. */
#include "report/redact_private.h"

#include <stdio.h>

static const char *const kind_names[REDACT_KINDS] = {
	[REDACT_HOST] = "host",	    [REDACT_DOMAIN] = "domain", [REDACT_USER] = "user",
	[REDACT_IPV4] = "ipv4",	    [REDACT_IPV6] = "ipv6",	[REDACT_MAC] = "mac",
	[REDACT_EMAIL] = "email",   [REDACT_ID] = "id",		[REDACT_CGROUP] = "cgroup",
	[REDACT_COMM] = "comm",	    [REDACT_ARGS] = "args",	[REDACT_SECRET] = "secret",
};

const char *redact_kind_name(enum redact_kind k)
{
	return kind_names[k];
}

/* Host names, domains (RFC 4343), mail addresses and digits are the same in capitals, and people
 * write the names of people so. */
static const bool folds[REDACT_KINDS] = {
	[REDACT_HOST] = true,  [REDACT_DOMAIN] = true, [REDACT_USER] = true,
	[REDACT_IPV6] = true,  [REDACT_MAC] = true,    [REDACT_EMAIL] = true,
	[REDACT_ID] = true,
};

static unsigned head_of(struct str s)
{
	return (name_folded(s.p[0]) << 8 | name_folded(s.p[1])) ^ name_folded(s.p[2]) * 157U;
}

static size_t bucket_of(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ name_folded(s.p[i])) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32) % NAME_BUCKETS;
}

const struct redact_name *names_find(const struct redact_names *names, struct str s)
{
	const struct redact_name *hit = NULL;

	for (uint16_t at = names->buckets[bucket_of(s)]; at; at = names->all[at - 1]->next) {
		const struct redact_name *name = names->all[at - 1];

		if (str_eq(name->original, s))
			return name;
		if (folds[name->kind] && str_eq_nocase(name->original, s))
			hit = name;
	}
	return hit;
}

bool names_gives(const struct redact_names *names, struct str text)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_eq(names->all[i]->replacement, text))
			return true;
	}
	return false;
}

bool names_have_head(const struct redact_names *names, struct str s)
{
	unsigned head = s.n < 3 ? 0 : head_of(s) & 0xffff;

	return s.n >= 3 && (names->heads[head / 8] >> head % 8 & 1);
}

const struct redact_name *names_at(const struct redact_names *names, struct str s)
{
	size_t longest = NAME_LONGEST, word = 3;
	const struct redact_name *best = NULL;

	if (!names_have_head(names, s))
		return NULL;
	/* no further than the longest name there is */
	while (word > 0 && !names->lengths[word])
		word--;
	if (names->lengths[word])
		longest = word * 64 + 63 - (size_t)__builtin_clzll(names->lengths[word]);
	if (longest > s.n)
		longest = s.n;
	for (size_t n = 3; n <= longest; n++) {
		if (s.p[n - 1] == '\n')
			break;
		if (n < s.n && !name_boundary(s.p[n]))
			continue;
		if (names->lengths[n / 64] >> n % 64 & 1) {
			const struct redact_name *hit = names_find(names, str_sub(s, 0, n));

			best = hit ? hit : best;
		}
	}
	return best;
}

/* "user3", and never a word that is somebody's original. */
struct str names_next(struct redact_names *names, enum redact_kind kind, char made[64])
{
	struct str text;

	do {
		int n = snprintf(made, 64, "%s%llu", kind_names[kind],
				 (unsigned long long)++names->serial[kind]);

		text = (struct str){made, (size_t)n};
	} while (names_find(names, text));
	return text;
}

const struct redact_name *names_add(struct redact_names *names, enum redact_kind kind,
				    struct str original, struct str replacement)
{
	const struct redact_name *old = names_find(names, original);
	struct redact_name *name, **place;
	char made[64];
	unsigned char first;
	size_t bucket;

	if (old || original.n == 0 || original.n > NAME_LONGEST || names->n >= NAMES_MAX)
		return old;
	if (!replacement.p)
		replacement = names_next(names, kind, made);
	name = arena_take(&names->arena, sizeof(*name));
	if (!name || !arena_str(&names->arena, original, &name->original) ||
	    !arena_str(&names->arena, replacement, &name->replacement))
		return NULL;
	place = arena_grow(&names->arena, (void **)&names->all, &names->n, &names->room,
			   sizeof(struct redact_name *));
	if (!place)
		return NULL;
	*place = name;
	name->kind = kind;
	bucket = bucket_of(original);
	name->next = names->buckets[bucket];
	names->buckets[bucket] = (uint16_t)names->n;
	if (original.n >= 3) {
		unsigned head = head_of(original) & 0xffff;

		names->heads[head / 8] |= (uint8_t)(1U << head % 8);
	}
	first = (unsigned char)name_folded(original.p[0]);
	names->firsts[first / 64] |= UINT64_C(1) << first % 64;
	names->lengths[original.n / 64] |= UINT64_C(1) << original.n % 64;
	names->counts[kind]++;
	return name;
}

/* ---- spellings ---- */

/* How a letter that is no ASCII is written: "%C3%BC" in a URL, "\u00fc" in JSON, one byte in
 * ISO-8859-1, and as a capital: there letters of the same two rows of Unicode differ by 0x20. */
static void as_url(struct buf *out, struct str letter, uint32_t code)
{
	(void)code;
	for (size_t i = 0; i < letter.n; i++)
		buf_addf(out, "%%%02X", (unsigned char)letter.p[i]);
}

static void as_json(struct buf *out, struct str letter, uint32_t code)
{
	(void)letter;
	buf_addf(out, code > 0xffff ? "\\u{%x}" : "\\u%04x", code);
}

static void as_latin1(struct buf *out, struct str letter, uint32_t code)
{
	if (code < 0x100)
		buf_addc(out, (char)code);
	else
		buf_add(out, letter);
}

static void as_other_case(struct buf *out, struct str letter, uint32_t code)
{
	char room[4];

	if (code >= 0xc0 && code <= 0xfe && code != 0xd7 && code != 0xf7 && code != 0xdf)
		buf_add(out, (struct str){room, utf8_put(room, code ^ 0x20)});
	else
		buf_add(out, letter);
}

static uint32_t code_of(struct str letter)
{
	uint32_t code = (unsigned char)letter.p[0] & (letter.n > 1 ? 0x7fU >> letter.n : 0x7fU);

	for (size_t i = 1; i < letter.n; i++)
		code = code << 6 | ((unsigned char)letter.p[i] & 0x3f);
	return code;
}

void redact_add_spellings(struct redactor *r, const struct redact_name *name)
{
	static void (*const ways[])(struct buf *out, struct str letter, uint32_t code) = {
		as_url, as_json, as_latin1, as_other_case,
	};

	for (size_t i = 0; name && i < ARRAY_COUNT(ways); i++) {
		CLEANUP_BUF struct buf made = BUF_INIT(8 * NAME_LONGEST);
		struct str rest = name->original;
		size_t n;

		while (rest.n && (n = utf8_sequence(rest)) > 0) {
			if (n == 1)
				buf_addc(&made, rest.p[0]);
			else
				ways[i](&made, str_sub(rest, 0, n), code_of(str_sub(rest, 0, n)));
			rest = str_from(rest, n);
		}
		if (rest.n == 0 && !made.failed && !str_eq(buf_str(&made), name->original))
			(void)redact_add(r, name->kind, buf_str(&made), name->replacement);
	}
}
