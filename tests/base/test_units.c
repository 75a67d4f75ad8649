/* SPDX-License-Identifier: MIT */
/* test_units.c - amounts as people write them, read and written. */
#include "base/units.h"
#include "harness.h"

static const struct {
	const char *in; /* NULL: only written */
	int64_t value;	/* -1: no such amount */
	const char *out;
} sizes[] = {
	{"0", 0, "0"},		       {"72k", 72 << 10, "72k"},
	{"64MiB", 64 << 20, "64M"},    {"1536M", 1536ll << 20, "1536M"},
	{"1025", 1025, "1025"},	       {"900G", 900ll << 30, "900G"},
	{"2T", 2ll << 40, "2T"},       {NULL, INT64_MAX, "9223372036854775807"},
	{"9999999999G", -1, NULL},     {"-1", -1, NULL},
	{"1.5M", -1, NULL},	       {"", -1, NULL},
}, durations[] = {
	{"0us", 0, "0"},	       {"1", 1000000, "1s"},
	{"1500ms", 1500000, "1500ms"}, {"1us", 1, "1us"},
	{"90", 90000000, "90s"},       {"10m", 600000000, "10min"},
	{"48h", 172800000000, "2d"},   {"2000d", 172800000000000, "2000d"},
	{"5y", -1, NULL},	       {"99999999999999d", -1, NULL},
};

int main(void)
{
	char text[UNITS_TEXT];
	int64_t n;

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		if (sizes[i].in)
			check(size_parse(str_of(sizes[i].in), &n) == (sizes[i].value >= 0));
		if (sizes[i].in && sizes[i].out)
			check_int(n, sizes[i].value);
		if (sizes[i].out)
			check_str(str_of(size_text(sizes[i].value, text)), str_of(sizes[i].out));
	}
	for (size_t i = 0; i < ARRAY_COUNT(durations); i++) {
		check(duration_parse(str_of(durations[i].in), &n) == (durations[i].value >= 0));
		if (!durations[i].out)
			continue;
		check_int(n, durations[i].value);
		check_str(str_of(duration_text(n, text)), str_of(durations[i].out));
		check(duration_parse(str_of(text), &n) && n == durations[i].value);
	}
	return tests_done();
}
