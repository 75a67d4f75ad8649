/* SPDX-License-Identifier: MIT */
/* test_moment.c - points in time as people give them, in a zone with summer time. */
#include <stdlib.h>
#include <time.h>

#include "cli/moment.h"
#include "harness.h"

#define S   INT64_C(1000000)
#define NOW (INT64_C(1795401000) * S) /* 2026-11-23T02:30:00Z, 03:30 in the zone below   \
				       */

int main(void)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = {
	    {"now", NOW},
	    {"today", NOW - 12600 * S},
	    {"yesterday", NOW - (12600 + 86400) * S},
	    {"tomorrow", NOW + (86400 - 12600) * S},
	    {"@1795401000", NOW},
	    {"2026-11-23T02:30:00Z", NOW},
	    {"2026-11-23T03:30:00+01:00", NOW},
	    {"2026-11-23 03:30:00", NOW},
	    {"2026-11-23 03:30", NOW},
	    {"2026-11-23 02:30 UTC", NOW},
	    {"2026-11-23 02:30:00 UTC", NOW},
	    {"2026-11-23", NOW - 12600 * S},
	    {"2026-11-23 03:30:00.5", NOW + S / 2},
	    {"03:30", NOW},
	    {"03:29:59", NOW - S},
	    {"2026-07-01 12:00", INT64_C(1782900000) * S}, /* summer: two hours */
	    {"-10min", NOW - 600 * S},
	    {"-1h 30min", NOW - 5400 * S},
	    {"-1h30m", NOW - 5400 * S},
	    {"- 5s", NOW - 5 * S},
	    {"10min ago", NOW - 600 * S},
	    {"2 hours ago", NOW - 7200 * S},
	    {"1 day 2 hours ago", NOW - 93600 * S},
	    {"+1week", NOW + 604800 * S},
	    {"-500ms", NOW - S / 2},
	    {"-90", NOW - 90 * S},
	    {" -2d ", NOW - 172800 * S},
	};
	static const char *const bad[] = {
	    "",
	    "-",
	    "+",
	    "ago",
	    " ago",
	    "@",
	    "@x",
	    "soon",
	    "5",
	    "5y ahead",
	    "-5x",
	    "-min",
	    "2026-11-23x",
	    "2026-13-01",
	    "2026-11-23 25:00",
	    "24:00",
	    "12",
	    "12:60",
	    "12:3x",
	    "-9999999999999999999",
	    "-99999999999999999y",
	    "2026-11-23T02:30:00Zx",
	    "today 3",
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		int64_t us = 0;

		if (!moment_parse(str_of(good[i].text), NOW, &us) || us != good[i].us)
			fprintf(stderr, "'%s'\n", good[i].text);
		check_int(us, good[i].us);
	}
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		int64_t us = 77;

		if (moment_parse(str_of(bad[i]), NOW, &us))
			fprintf(stderr, "'%s' was taken\n", bad[i]);
		check_int(us, 77);
	}
	return tests_done();
}
