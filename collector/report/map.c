/* SPDX-License-Identifier: MIT */
/* map.c - walks the tables that say which member of a struct is which member of the document. */
#include "report/map.h"

#include "base/when.h"

void map_wall(struct emit *e, struct str key, int64_t us)
{
	char text[WHEN_TEXT];

	if (when_is_writable(us))
		emit_str(e, key, str_of(when_utc(us, text)));
	else
		emit_null(e, key);
}

static void maybe(struct emit *e, struct str key, int64_t value)
{
	if (value == UNKNOWN)
		emit_null(e, key);
	else
		emit_bool(e, key, value != 0);
}

static void member(struct emit *e, const struct map_row *row, const void *from)
{
	const void *at = (const char *)from + row->offset;

	switch (row->kind) {
	case MAP_STR:
		emit_str(e, row->key, *(const struct str *)at);
		break;
	case MAP_CSTR:
		emit_str(e, row->key, str_of(*(const char *const *)at));
		break;
	case MAP_I64:
		emit_i64(e, row->key, *(const int64_t *)at);
		break;
	case MAP_U64:
		emit_i64(e, row->key, (int64_t)*(const uint64_t *)at);
		break;
	case MAP_SIZE:
		emit_i64(e, row->key, (int64_t)*(const size_t *)at);
		break;
	case MAP_BOOL:
		emit_bool(e, row->key, *(const bool *)at);
		break;
	case MAP_MAYBE:
		maybe(e, row->key, *(const int64_t *)at);
		break;
	case MAP_MICRO:
		emit_micro(e, row->key, *(const int64_t *)at);
		break;
	case MAP_WALL:
		map_wall(e, row->key, *(const int64_t *)at);
		break;
	case MAP_REAL:
		emit_double(e, row->key, *(const double *)at);
		break;
	}
}

void map_members(struct emit *e, const struct map_row *rows, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++)
		member(e, &rows[i], from);
}

void map_object(struct emit *e, struct str key, const struct map_row *rows, size_t n,
		const void *from)
{
	if (!from) {
		emit_null(e, key);
		return;
	}
	emit_object(e, key);
	map_members(e, rows, n, from);
	emit_end(e);
}

void map_array(struct emit *e, struct str key, const struct map_row *rows, size_t n,
	       const void *from, size_t count, size_t size)
{
	emit_array(e, key);
	for (size_t i = 0; i < count; i++)
		map_object(e, NOKEY, rows, n, (const char *)from + i * size);
	emit_end(e);
}

static bool is_named(const struct str *names, const struct kv *kv)
{
	struct str suffix = unit_suffix(kv->unit);

	for (; names && names->n; names++) {
		if (names->n == kv->key.n + suffix.n && str_starts(*names, kv->key) &&
		    str_ends(*names, suffix))
			return true;
	}
	return false;
}

/* A handful of bits about a key: without a common one two keys cannot be the same. */
static uint64_t key_bits(struct str key)
{
	if (key.n == 0)
		return 1;
	return UINT64_C(1) << (((unsigned char)key.p[0] * 7U +
				(unsigned char)key.p[key.n - 1] * 3U + key.n * 13U) & 63);
}

static bool was_before(const struct kvs *list, size_t i)
{
	const struct kv *kv = &list->v[i];

	for (size_t j = 0; j < i; j++) {
		if (list->v[j].unit == kv->unit && str_eq(list->v[j].key, kv->key))
			return true;
	}
	return false;
}

void map_kvs(struct emit *e, const struct kvs *list, const struct str *done,
	     const struct str *taken)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct kv kv = list->v[i];
		uint64_t bits = key_bits(kv.key);
		char name[96] = "printed_";

		if ((seen & bits) && was_before(list, i))
			continue;
		seen |= bits;
		if (is_named(done, &kv))
			continue;
		if (is_named(taken, &kv)) {
			kv.key = str_sub(kv.key, 0, sizeof(name) - 8);
			memcpy(name + 8, kv.key.p, kv.key.n);
			kv.key = (struct str){name, kv.key.n + 8};
		}
		emit_kv(e, &kv);
	}
}

void map_kvs_object(struct emit *e, struct str key, const struct kvs *list)
{
	emit_object(e, key);
	map_kvs(e, list, NULL, NULL);
	emit_end(e);
}

void map_strs(struct emit *e, struct str key, const struct str *v, size_t n)
{
	emit_array(e, key);
	for (size_t i = 0; i < n; i++)
		emit_str(e, NOKEY, v[i]);
	emit_end(e);
}
