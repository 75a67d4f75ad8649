/* SPDX-License-Identifier: MIT */
/* moment.c - times and spans of systemd.time(7). */
#include "cli/moment.h"

#include <time.h>

#include "base/when.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* The longest of what begins alike first. */
static const struct {
	struct str name;
	int64_t us;
} units[] = {
    {STR_INIT("seconds"), SECOND},
    {STR_INIT("second"), SECOND},
    {STR_INIT("sec"), SECOND},
    {STR_INIT("s"), SECOND},
    {STR_INIT("minutes"), MINUTE},
    {STR_INIT("minute"), MINUTE},
    {STR_INIT("min"), MINUTE},
    {STR_INIT("months"), 2629800 * SECOND},
    {STR_INIT("month"), 2629800 * SECOND},
    {STR_INIT("msec"), 1000},
    {STR_INIT("ms"), 1000},
    {STR_INIT("m"), MINUTE},
    {STR_INIT("hours"), HOUR},
    {STR_INIT("hour"), HOUR},
    {STR_INIT("hr"), HOUR},
    {STR_INIT("h"), HOUR},
    {STR_INIT("days"), DAY},
    {STR_INIT("day"), DAY},
    {STR_INIT("d"), DAY},
    {STR_INIT("weeks"), 7 * DAY},
    {STR_INIT("week"), 7 * DAY},
    {STR_INIT("w"), 7 * DAY},
    {STR_INIT("usec"), 1},
    {STR_INIT("us"), 1},
    {STR_INIT("years"), 31557600 * SECOND},
    {STR_INIT("year"), 31557600 * SECOND},
    {STR_INIT("y"), 31557600 * SECOND},
};

/* "1h 30min", "90" (seconds): all of it. */
static bool parse_span(struct str at, int64_t *ret)
{
	int64_t sum = 0, term;
	uint64_t n;

	for (skip_blanks(&at); at.n; skip_blanks(&at)) {
		int64_t unit = SECOND;

		if (!take_u64(&at, &n) || n > INT64_MAX)
			return false;
		skip_blanks(&at);
		for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
			if (take_lit(&at, units[i].name)) {
				unit = units[i].us;
				break;
			}
		}
		if (__builtin_mul_overflow((int64_t)n, unit, &term) ||
		    __builtin_add_overflow(sum, term, &sum))
			return false;
	}
	*ret = sum;
	return true;
}

/* The same clock time where the user is: what was read as UTC was meant as local. */
static bool from_local(int64_t as_utc_us, int64_t *ret)
{
	struct civil c;
	struct tm tm = {.tm_isdst = -1};
	time_t s;

	when_to_civil(as_utc_us, &c);
	tm.tm_year = c.year - 1900;
	tm.tm_mon = c.month - 1;
	tm.tm_mday = c.day;
	tm.tm_hour = c.hour;
	tm.tm_min = c.minute;
	tm.tm_sec = c.second;
	s = mktime(&tm);
	if (s == (time_t)-1)
		return false;
	*ret = (int64_t)s * SECOND + c.micro;
	return true;
}

/* 00:00 of a day, counted from today, in local time; as if it were UTC. */
static bool local_day(int64_t now_us, int days, int64_t *ret)
{
	time_t now = (time_t)(now_us / SECOND);
	struct tm tm;
	struct civil c = {0};

	if (!localtime_r(&now, &tm))
		return false;
	c.year = tm.tm_year + 1900;
	c.month = tm.tm_mon + 1;
	c.day = tm.tm_mday;
	if (!when_from_civil(&c, ret))
		return false;
	*ret += days * DAY;
	return true;
}

static bool take_clock(struct str *in, int64_t *ret)
{
	struct str at = *in;
	uint64_t h, m, s = 0;

	if (!take_u64(&at, &h) || h > 23 || !take_char(&at, ':') || !take_u64(&at, &m) ||
	    m > 59)
		return false;
	if (take_char(&at, ':') && (!take_u64(&at, &s) || s > 60))
		return false;
	*in = at;
	*ret = (int64_t)h * HOUR + (int64_t)m * MINUTE + (int64_t)s * SECOND;
	return true;
}

/* "2026-11-23", and a time behind it that may lack the seconds. */
static bool take_day(struct str *in, int64_t *ret)
{
	struct str at = *in;
	uint64_t y, m, d;
	struct civil c = {0};
	int64_t clock = 0;

	if (!take_u64(&at, &y) || y > 9999 || !take_char(&at, '-') ||
	    !take_u64(&at, &m) || m > 12 || !take_char(&at, '-') || !take_u64(&at, &d) ||
	    d > 31)
		return false;
	c.year = (int)y;
	c.month = (int)m;
	c.day = (int)d;
	if (!when_from_civil(&c, ret))
		return false;
	if (at.n && at.p[0] == ' ') {
		skip_blanks(&at);
		if (at.n && ascii_digit(at.p[0]) && !take_clock(&at, &clock))
			return false;
	}
	*ret += clock;
	*in = at;
	return true;
}

static bool has_zone(struct str iso)
{
	struct str clock = str_from(iso, iso.n < 10 ? iso.n : 10);

	return str_find_char(clock, 'Z') != SIZE_MAX ||
	       str_find_char(clock, '+') != SIZE_MAX ||
	       str_find_char(clock, '-') != SIZE_MAX;
}

static bool absolute(struct str text, int64_t now_us, int64_t *ret)
{
	static const struct {
		struct str name;
		int days;
	} names[] = {{STR_INIT("today"), 0},
		     {STR_INIT("yesterday"), -1},
		     {STR_INIT("tomorrow"), 1}};
	bool utc = false;
	int64_t us, clock;
	struct str at;

	if (str_ends(text, STR(" UTC"))) {
		utc = true;
		text = str_trim(str_sub(text, 0, text.n - 4));
	}
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_eq(text, names[i].name))
			return local_day(now_us, names[i].days, &us) &&
			       from_local(us, ret);
	}
	at = text;
	if (take_iso_time(&at, &us) && at.n == 0) {
		utc = utc || has_zone(text);
	} else {
		at = text;
		if (!take_day(&at, &us)) {
			at = text;
			if (!local_day(now_us, 0, &us) || !take_clock(&at, &clock))
				return false;
			us += clock;
		}
		if (at.n)
			return false;
	}
	if (utc) {
		*ret = us;
		return true;
	}
	return from_local(us, ret);
}

bool moment_parse(struct str text, int64_t now_us, int64_t *ret)
{
	struct str at = str_trim(text);
	int64_t us;
	bool back = false;

	if (str_eq(at, STR("now"))) {
		*ret = now_us;
		return true;
	}
	if (take_char(&at, '@'))
		return take_i64(&at, &us) && at.n == 0 &&
		       !__builtin_mul_overflow(us, SECOND, ret);
	if (str_ends(at, STR(" ago"))) {
		back = true;
		at = str_sub(at, 0, at.n - 4);
	} else if (take_char(&at, '-')) {
		back = true;
	} else if (!take_char(&at, '+')) {
		return absolute(at, now_us, ret);
	}
	if (str_trim(at).n == 0 || !parse_span(at, &us))
		return false;
	return !__builtin_add_overflow(now_us, back ? -us : us, ret);
}
