/* SPDX-License-Identifier: MIT */
/* redact_names.c - the originals of one bundle and their replacements. */
#include "report/redact_private.h"

#include <stdio.h>

static const char *const kind_names[REDACT_KINDS] = {
	[REDACT_HOST] = "host",	    [REDACT_DOMAIN] = "domain", [REDACT_USER] = "user",
	[REDACT_IPV4] = "ipv4",	    [REDACT_IPV6] = "ipv6",	[REDACT_MAC] = "mac",
	[REDACT_EMAIL] = "email",   [REDACT_ID] = "id",		[REDACT_CGROUP] = "cgroup",
	[REDACT_LABEL] = "label",   [REDACT_COMM] = "comm",	[REDACT_ARGS] = "args",
	[REDACT_SECRET] = "secret",
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
	[REDACT_ID] = true,    [REDACT_LABEL] = true,
};

/* Of a name and, on the way, of all that it begins with. */
static uint64_t hash_next(uint64_t h, char c)
{
	return (h ^ name_folded(c)) * UINT64_C(1099511628211);
}

static size_t bucket_at(uint64_t h)
{
	return (size_t)(h ^ h >> 32) % NAME_BUCKETS;
}

static const uint64_t hash_start = UINT64_C(14695981039346656037);

static size_t bucket_of(struct str s)
{
	uint64_t h = hash_start;

	for (size_t i = 0; i < s.n; i++)
		h = hash_next(h, s.p[i]);
	return bucket_at(h);
}

static struct redact_name *find_in(const struct redact_names *names, size_t bucket, struct str s)
{
	struct redact_name *hit = NULL;

	for (uint16_t at = names->buckets[bucket]; at; at = names->all[at - 1]->next) {
		struct redact_name *name = names->all[at - 1];

		if (name->original.n != s.n)
			continue;
		if (str_eq(name->original, s))
			return name;
		if (folds[name->kind] && str_eq_nocase(name->original, s))
			hit = name;
	}
	return hit;
}

struct redact_name *names_find(const struct redact_names *names, struct str s)
{
	return find_in(names, bucket_of(s), s);
}

bool names_gives(const struct redact_names *names, struct str text)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_eq(names->all[i]->replacement, text))
			return true;
	}
	return false;
}

const struct redact_name *names_at(const struct redact_names *names, struct str s)
{
	const struct redact_name *best = NULL;
	uint64_t h = hash_start;
	size_t longest;

	if (!names_have_head(names, s))
		return NULL;
	longest = names->reach[names_head(s) & 255];
	if (longest > s.n)
		longest = s.n;
	for (size_t n = 1; n <= longest && s.p[n - 1] != '\n'; n++) {
		h = hash_next(h, s.p[n - 1]);
		if (n >= 3 && (n == s.n || name_boundary(s.p[n])) && (names->lengths[n / 64] >> n % 64 & 1)) {
			const struct redact_name *hit = find_in(names, bucket_at(h), str_sub(s, 0, n));

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

struct redact_name *names_add(struct redact_names *names, enum redact_kind kind, struct str original,
			      struct str replacement)
{
	struct redact_name *old = names_find(names, original), *name, **place;
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
		unsigned head = names_head(original);

		names->heads[head / 8] |= (uint8_t)(1U << head % 8);
		if (names->reach[head & 255] < original.n)
			names->reach[head & 255] = (uint8_t)original.n;
	}
	first = (unsigned char)name_folded(original.p[0]);
	names->firsts[first / 64] |= UINT64_C(1) << first % 64;
	names->lengths[original.n / 64] |= UINT64_C(1) << original.n % 64;
	names->counts[kind]++;
	return name;
}
