/* SPDX-License-Identifier: MIT */
/* loop_time.c - times as date(1) prints them, in the order and the language of its user. */
#include "vmlog/loop_time.h"

#include "base/when.h"

enum { WORDS = 12 }; /* of a date: week day, day, month, year, clock, and what stands between */

struct date {
	struct civil c; /* 0: not told yet */
	bool clock, half; /* the time of day is told; by AM or PM */
};

static bool take_two(struct str *in, int *ret)
{
	uint64_t v;

	if (!take_u64(in, &v) || v > 99)
		return false;
	*ret = (int)v;
	return true;
}

static bool take_clock(struct str *in, struct date *d)
{
	struct str at = *in, half;
	struct civil c = d->c;

	if (!take_two(&at, &c.hour) || !take_char(&at, ':') || !take_two(&at, &c.minute) ||
	    !take_char(&at, ':') || !take_two(&at, &c.second))
		return false;
	if (at.n > 1 && (at.p[0] == '.' || at.p[0] == ',') && ascii_digit(at.p[1]))
		do /* parts of a second */
			at = str_from(at, 1);
		while (at.n && ascii_digit(at.p[0]));
	half = at;
	skip_blanks(&half);
	d->half = true;
	if (take_lit(&half, STR("PM")) || take_lit(&half, STR("pm")))
		c.hour += c.hour < 12 ? 12 : 0;
	else if (take_lit(&half, STR("AM")) || take_lit(&half, STR("am")))
		c.hour -= c.hour == 12 ? 12 : 0;
	else
		d->half = false;
	*in = d->half ? half : at;
	d->c = c;
	d->clock = true;
	return true;
}

/* Zones whose letters tell the same all over the world; a log with others is taken as UTC, as
 * one without. */
static const struct {
	struct str name;
	int offset_s;
} zones[] = {
	{STR_INIT("UTC"), 0},	      {STR_INIT("GMT"), 0},	   {STR_INIT("CET"), 3600},
	{STR_INIT("CEST"), 7200},     {STR_INIT("EET"), 7200},	   {STR_INIT("EEST"), 10800},
	{STR_INIT("MSK"), 10800},     {STR_INIT("JST"), 32400},	   {STR_INIT("KST"), 32400},
	{STR_INIT("EST"), -18000},    {STR_INIT("EDT"), -14400},   {STR_INIT("CDT"), -18000},
	{STR_INIT("MST"), -25200},    {STR_INIT("MDT"), -21600},   {STR_INIT("PST"), -28800},
	{STR_INIT("PDT"), -25200},
};

static bool is_zone(struct str word, struct civil *c)
{
	for (size_t i = 0; i < ARRAY_COUNT(zones); i++) {
		if (str_eq(word, zones[i].name)) {
			c->offset_s = zones[i].offset_s;
			return true;
		}
	}
	return false;
}

/* "+0100" behind the time of day. */
static bool take_offset(struct str *in, struct civil *c)
{
	struct str at = *in, digits = str_from(*in, 1);
	uint64_t v;
	int s;

	if (at.n < 5 || (at.p[0] != '+' && at.p[0] != '-') || !take_u64(&digits, &v) ||
	    at.n - digits.n != 5)
		return false;
	s = (int)(v / 100 * 3600 + v % 100 * 60);
	c->offset_s = at.p[0] == '-' ? -s : s;
	*in = digits;
	return true;
}

/* How glibc's locales begin the names of months: English, German, French, Spanish, Italian,
 * Portuguese, Dutch, Polish, Swedish, Russian. */
static const struct str months[] = {
	STR_INIT("jan|ene|gen|sty|янв"),	  STR_INIT("feb|fév|fev|lut|фев"),
	STR_INIT("mar|mär|mrt|мар"),		  STR_INIT("apr|avr|abr|kwi|апр"),
	STR_INIT("may|mai|mei|mag|maj|мая|май"), STR_INIT("jun|juin|giu|cze|июн"),
	STR_INIT("jul|juil|lug|lip|июл"),	  STR_INIT("aug|aoû|ago|sie|авг"),
	STR_INIT("sep|set|wrz|сен"),		  STR_INIT("oct|okt|ott|out|paź|окт"),
	STR_INIT("nov|lis|ноя"),		  STR_INIT("dec|dez|déc|dic|gru|дек"),
};

/* The first letter may be a capital. */
static bool begins(struct str word, struct str name)
{
	return name.n && word.n >= name.n &&
	       (word.p[0] == name.p[0] || word.p[0] + ('a' - 'A') == name.p[0]) &&
	       str_starts(str_from(word, 1), str_from(name, 1));
}

static int month_of(struct str word)
{
	for (size_t m = 0; m < ARRAY_COUNT(months); m++) {
		struct str names = months[m], name;

		while (names.n) {
			if (!take_until(&names, '|', &name)) {
				name = names;
				names.n = 0;
			}
			if (begins(word, name))
				return (int)m + 1;
		}
	}
	return 0;
}

/* "23.11.2026", "2026/11/23", "2026. 11. 23."; with slashes and dashes the month may come first,
 * as it does before AM and PM, or where only that is a date. */
static bool take_numeric(struct str *in, struct date *d)
{
	struct str at = *in;
	uint64_t v[3];
	char mark = 0;
	bool month_first;

	for (int i = 0; i < 3; i++) {
		if (!take_u64(&at, &v[i]) || v[i] > 9999)
			return false;
		if (i == 2)
			break;
		if (at.n == 0 || !(at.p[0] == '.' || at.p[0] == '/' || at.p[0] == '-') ||
		    (mark && at.p[0] != mark))
			return false;
		mark = at.p[0];
		at = str_from(at, 1);
		skip_blanks(&at);
	}
	if (v[0] > 31) { /* the year */
		d->c.year = (int)v[0], d->c.month = (int)v[1], d->c.day = (int)v[2];
		*in = at;
		return true;
	}
	if (v[2] < 1000)
		return false;
	if (mark != '.' && v[0] <= 12 && v[1] <= 12 && v[0] != v[1]) {
		struct str rest = at;
		struct date clock = {.clock = false};

		skip_blanks(&rest);
		if (!take_clock(&rest, &clock) || !clock.half)
			return false;
		month_first = true;
	} else {
		month_first = mark != '.' && v[1] > 12;
	}
	d->c.year = (int)v[2];
	d->c.month = (int)v[month_first ? 0 : 1];
	d->c.day = (int)v[month_first ? 1 : 0];
	*in = at;
	return true;
}

/* A day, a year, or "2026年", "11月", "23日" (Korean: 년, 월, 일). */
static bool take_part(struct str *in, struct date *d)
{
	struct str at = *in;
	struct civil *c = &d->c;
	uint64_t v;

	if (!take_u64(&at, &v) || v > 9999)
		return false;
	if (take_lit(&at, STR("年")) || take_lit(&at, STR("년")))
		c->year = (int)v;
	else if (take_lit(&at, STR("月")) || take_lit(&at, STR("월")))
		c->month = (int)v;
	else if (take_lit(&at, STR("日")) || take_lit(&at, STR("일")))
		c->day = (int)v;
	else if (v >= 1000 && !c->year)
		c->year = (int)v;
	else if (v <= 31 && !c->day)
		c->day = (int)v;
	else
		return false;
	*in = at;
	return true;
}

static bool is_whole(const struct date *d)
{
	return d->clock && d->c.year && d->c.month && d->c.day;
}

static void skip_commas(struct str *in)
{
	while (in->n && (in->p[0] == ' ' || in->p[0] == '\t' || in->p[0] == ',' || in->p[0] == '.'))
		*in = str_from(*in, 1);
}

/* Most lines tell no time of day: they need not be looked at word by word. */
static bool has_clock(struct str line)
{
	const char *at = line.p, *end = line.p + line.n;

	while (at < end && (at = memchr(at, ':', (size_t)(end - at)))) {
		if (at > line.p && ascii_digit(at[-1]) && end - at > 3 && ascii_digit(at[1]) &&
		    (at[2] == ':' || at[3] == ':'))
			return true;
		at++;
	}
	return false;
}

/* Word by word, until everything is told; the zone may come behind it. Of two months the later
 * one: "mar" is also a Tuesday. */
static bool take_date(struct str *in, int64_t *ret)
{
	struct date d = {.clock = false};
	struct str at = *in, word;
	bool zone = false;

	if (!has_clock(at))
		return false;
	for (int i = 0; i < WORDS && !(is_whole(&d) && zone); i++) {
		int month;

		skip_commas(&at);
		if (at.n == 0)
			break;
		if (!d.clock && take_clock(&at, &d))
			continue;
		if (d.clock && take_offset(&at, &d.c)) {
			zone = true;
			continue;
		}
		if (!is_whole(&d) && ascii_digit(at.p[0])) {
			if (!take_numeric(&at, &d) && !take_part(&at, &d))
				return false;
			continue;
		}
		if (!take_word(&at, &word))
			break;
		zone = d.clock && is_zone(word, &d.c);
		if (is_whole(&d) && !zone) {
			at.n += (size_t)(at.p - word.p); /* a text behind the date */
			at.p = word.p;
			break;
		}
		month = zone || (d.clock && d.c.month) ? 0 : month_of(word);
		if (month)
			d.c.month = month;
	}
	if (!is_whole(&d) || !when_from_civil(&d.c, ret))
		return false;
	*in = at;
	return true;
}

/* Seconds since 1970, of this century: "1795401000", "1795401000.123". */
static bool take_epoch(struct str *in, int64_t *ret)
{
	struct str at = *in;
	uint64_t s, part = 0;
	int64_t scale = 1000000;

	if (!take_u64(&at, &s) || s < 946684800 || s > 4102444800)
		return false;
	if (take_char(&at, '.')) {
		size_t n = at.n;

		if (!take_u64(&at, &part))
			return false;
		for (n -= at.n; n; n--) {
			if (scale == 1)
				part /= 10;
			else
				scale /= 10;
		}
		part *= (uint64_t)scale;
	}
	*in = at;
	*ret = (int64_t)(s * 1000000 + part % 1000000);
	return true;
}

/* Words people put before a time; "=S" is read_vmstat's. */
static const struct str before_times[] = {
	STR_INIT("zzz"),   STR_INIT("S "),   STR_INIT("date:"), STR_INIT("Date:"),
	STR_INIT("time:"), STR_INIT("Time:"), STR_INIT("TS "),  STR_INIT("timestamp:"),
};

static void skip_ornament(struct str *in)
{
	while (in->n && memchr(" \t=-*#+[(<@", in->p[0], 11))
		*in = str_from(*in, 1);
}

bool loop_time(struct str line, int64_t *ret)
{
	struct str whole = line, rest;

	(void)take_lit(&line, STR("\xef\xbb\xbf")); /* the mark an editor leaves in front */
	skip_ornament(&line);
	for (size_t i = 0; i < ARRAY_COUNT(before_times); i++) {
		if (take_lit(&line, before_times[i]))
			break;
	}
	skip_ornament(&line);
	rest = line;
	if (!take_iso_time(&rest, ret) && !take_date(&rest, ret) && !take_epoch(&rest, ret))
		return false;
	rest = str_trim(rest);
	/* a bare number must be all there is; behind a date anything may stand */
	return !ascii_digit(whole.p[0]) || rest.n == 0 || line.n - rest.n > 14;
}
