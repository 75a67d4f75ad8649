/* SPDX-License-Identifier: MIT */
/* test_when.c - civil time both ways, ISO forms with offsets and fractions. */
#include "base/when.h"
#include "harness.h"

static const struct {
	struct str in;
	const char *utc; /* NULL: no time */
	int micro;
} rows[] = {
	{STR_INIT("2026-11-23T02:30:00Z"), "2026-11-23T02:30:00Z", 0},
	{STR_INIT("2026-01-02T15:04:05,123456+01:00 text"), "2026-01-02T14:04:05Z", 123456},
	{STR_INIT("2026-06-25T13:22:40.5+0800"), "2026-06-25T05:22:40Z", 500000},
	{STR_INIT("1999-12-31 23:59:60"), "2000-01-01T00:00:00Z", 0},
	{STR_INIT("2024-02-29T00:00:00"), "2024-02-29T00:00:00Z", 0},
	{STR_INIT("2026-13-01T00:00:00Z"), NULL, 0},
	{STR_INIT("26-01-01T00:00:00Z"), NULL, 0},
	{STR_INIT("1970-01-01T00:00:05+01:00"), "1969-12-31T23:00:05Z", 0}, /* no clock chip */
	{STR_INIT("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z", 0},
	{STR_INIT("9999-12-31T23:59:59-01:00"), NULL, 0},
};

static void numbers(void)
{
	struct str good = STR("1790000000000000,"), bad = STR("1767366245123624512*456");
	int64_t us = UNKNOWN;

	check(!take_wall_us(&bad, &us) && us == UNKNOWN && bad.n == 23);
	check(take_wall_us(&good, &us) && good.n == 1);
	check_int(us, INT64_C(1790000000000000));
	check(!when_is_writable(UNKNOWN));
}

/* Days that are in no calendar are no times. */
static void calendar(void)
{
	static const struct {
		int year, month, day;
		bool there;
	} days[] = {
		{2024, 2, 29, true},  {2026, 2, 29, false}, {2000, 2, 29, true}, {2100, 2, 29, false},
		{2026, 2, 31, false}, {2026, 4, 31, false}, {2026, 12, 31, true},
	};
	int64_t us;

	for (size_t i = 0; i < ARRAY_COUNT(days); i++) {
		struct civil c = {.year = days[i].year, .month = days[i].month, .day = days[i].day};

		check(when_from_civil(&c, &us) == days[i].there);
	}
}

int main(void)
{
	char text[WHEN_TEXT];

	numbers();
	calendar();

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str at = rows[i].in;
		int64_t us = UNKNOWN;

		check(take_iso_time(&at, &us) == (rows[i].utc != NULL));
		if (!rows[i].utc) {
			check_int(at.n, rows[i].in.n);
			continue;
		}
		check_str(str_of(when_utc(us, text)), str_of(rows[i].utc));
		check_int(us % 1000000, rows[i].micro);
	}
	for (int64_t day = 0; day < 60000; day += 7) {
		struct civil c;
		int64_t back = 0;

		when_to_civil(day * INT64_C(86400000000) + 1, &c);
		check(when_from_civil(&c, &back));
		check_int(back, day * INT64_C(86400000000) + 1);
	}
	check_str(str_of(when_stamp(INT64_C(1790000000000000), text)),
		  STR("20260921T141320Z"));
	check_int(month_from_name(STR("Nov 23")), 11);
	check_int(month_from_name(STR("nov")), 0);
	return tests_done();
}
