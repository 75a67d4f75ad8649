/* SPDX-License-Identifier: MIT */
/* kv.c - lists of named numbers. */
#include "base/kv.h"

bool kvs_add(struct arena *a, struct kvs *list, struct str key, int64_t value, enum unit unit)
{
	struct str copy;
	struct kv *kv;

	if (!key.n)
		return true; /* a number without a name says nothing */
	if (!arena_str(a, key, &copy))
		return false;
	kv = arena_grow(a, (void **)&list->v, &list->n, &list->room, sizeof(*kv));
	if (!kv)
		return false;
	*kv = (struct kv){copy, value, unit};
	return true;
}

const struct kv *kvs_find(const struct kvs *list, struct str key)
{
	for (size_t i = 0; i < list->n; i++) {
		if (str_eq(list->v[i].key, key))
			return &list->v[i];
	}
	return NULL;
}

bool kvs_set(struct arena *a, struct kvs *list, struct str key, int64_t value, enum unit unit)
{
	for (size_t i = 0; i < list->n; i++) {
		if (str_eq(list->v[i].key, key)) {
			list->v[i].value = value;
			list->v[i].unit = unit;
			return true;
		}
	}
	return kvs_add(a, list, key, value, unit);
}

int64_t kvs_get(const struct kvs *list, struct str key)
{
	const struct kv *kv = kvs_find(list, key);

	return kv ? kv->value : UNKNOWN;
}

int64_t kvs_get_kb(const struct kvs *list, struct str key, int64_t page_kb)
{
	const struct kv *kv = kvs_find(list, key);
	int64_t kb;

	if (!kv || kv->value == UNKNOWN)
		return UNKNOWN;
	switch (kv->unit) {
	case UNIT_PAGES:
		return __builtin_mul_overflow(kv->value, page_kb, &kb) ? UNKNOWN : kb;
	case UNIT_BYTES:
		return kv->value / 1024;
	case UNIT_KB:
	case UNIT_COUNT:
	case UNIT_BOOL:
		break;
	}
	return kv->value;
}

struct str kv_key(struct str printed, char *out, size_t room)
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < printed.n && n < room; i++) {
		char c = ascii_lower(printed.p[i]);

		if (!ascii_alpha(c) && !ascii_digit(c)) {
			gap = n > 0;
			continue;
		}
		if (gap && n + 1 < room)
			out[n++] = '_';
		gap = false;
		out[n++] = c;
	}
	return (struct str){out, n};
}

struct str unit_suffix(enum unit unit)
{
	static const struct str suffixes[] = {
		[UNIT_COUNT] = STR_INIT(""),	    [UNIT_PAGES] = STR_INIT("_pages"),
		[UNIT_KB] = STR_INIT("_kb"),	    [UNIT_BYTES] = STR_INIT("_bytes"),
		[UNIT_BOOL] = STR_INIT(""),
	};

	return suffixes[unit];
}
