/* SPDX-License-Identifier: MIT */
/* units.c - numbers with a suffix. */
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>

/* Of the same factor, the one that is written comes first. */
struct suffix {
	struct str name;
	int64_t factor;
};

static const struct suffix sizes[] = {
	{STR_INIT(""), 1},
	{STR_INIT("k"), 1024},
	{STR_INIT("K"), 1024},
	{STR_INIT("M"), 1024 * 1024},
	{STR_INIT("G"), 1024 * 1024 * 1024},
	{STR_INIT("KiB"), 1024},
	{STR_INIT("MiB"), 1024 * 1024},
	{STR_INIT("GiB"), 1024 * 1024 * 1024},
	{STR_INIT("T"), INT64_C(1024) * 1024 * 1024 * 1024},
};

static const struct suffix durations[] = {
	{STR_INIT("us"), 1},		      {STR_INIT("ms"), 1000},
	{STR_INIT("s"), 1000000},	      {STR_INIT(""), 1000000},
	{STR_INIT("min"), 60 * 1000000},      {STR_INIT("m"), 60 * 1000000},
	{STR_INIT("h"), INT64_C(3600000000)}, {STR_INIT("d"), INT64_C(86400000000)},
};

static bool scaled(struct str text, const struct suffix *rows, size_t n, int64_t *ret)
{
	int64_t value;

	if (!take_i64(&text, &value) || value < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (str_eq(text, rows[i].name))
			return !__builtin_mul_overflow(value, rows[i].factor, ret);
	}
	return false;
}

bool size_parse(struct str text, int64_t *ret)
{
	return scaled(text, sizes, ARRAY_COUNT(sizes), ret);
}

bool duration_parse(struct str text, int64_t *ret)
{
	return scaled(text, durations, ARRAY_COUNT(durations), ret);
}

static const char *written(int64_t value, const struct suffix *rows, size_t n, char *out)
{
	const struct suffix *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (value && value % rows[i].factor == 0 &&
		    (!best || rows[i].factor > best->factor))
			best = &rows[i];
	}
	snprintf(out, UNITS_TEXT, "%" PRId64 "%.*s", best ? value / best->factor : value,
		 best ? (int)best->name.n : 0, best ? best->name.p : "");
	return out;
}

const char *size_text(int64_t bytes, char out[UNITS_TEXT])
{
	return written(bytes, sizes, ARRAY_COUNT(sizes), out);
}

const char *duration_text(int64_t us, char out[UNITS_TEXT])
{
	return written(us, durations, ARRAY_COUNT(durations), out);
}
