/* SPDX-License-Identifier: MIT */
/* when.c - civil time arithmetic and ISO forms without the C library's locale and TZ. */
#include "base/when.h"

#include <stdio.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)

/* Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant's algorithm). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era;
	int64_t yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool when_from_civil(const struct civil *c, int64_t *ret_us)
{
	int64_t s;

	if (c->year < 1970 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_of(c->year, c->month) || c->hour < 0 || c->hour > 23 ||
	    c->minute < 0 || c->minute > 59 ||
	    c->second < 0 || c->second > 60 || c->micro < 0 || c->micro > 999999)
		return false;
	s = days_from_civil(c->year, c->month, c->day) * S_PER_DAY;
	s += c->hour * 3600 + c->minute * 60 + c->second - c->offset_s;
	*ret_us = s * US_PER_S + c->micro;
	return when_is_writable(*ret_us);
}

bool when_is_writable(int64_t us)
{
	return us >= INT64_C(-62167219200) * US_PER_S && /* 0000-01-01 */
	       us < INT64_C(253402300800) * US_PER_S;	 /* 10000-01-01 */
}

bool take_wall_us(struct str *in, int64_t *ret_us)
{
	struct str at = *in;
	int64_t us;

	if (!take_i64(&at, &us) || !when_is_writable(us))
		return false;
	*in = at;
	*ret_us = us;
	return true;
}

void when_to_civil(int64_t us, struct civil *ret)
{
	int64_t s = us / US_PER_S, micro = us % US_PER_S, days, rest;
	int64_t era, doe, yoe, doy, mp;

	if (micro < 0) {
		micro += US_PER_S;
		s--;
	}
	days = s / S_PER_DAY;
	rest = s % S_PER_DAY;
	if (rest < 0) {
		rest += S_PER_DAY;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*ret = (struct civil){
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
		.micro = (int)micro,
	};
	ret->year = (int)(yoe + era * 400 + (ret->month <= 2));
}

const char *when_utc(int64_t us, char out[WHEN_TEXT])
{
	struct civil c;

	when_to_civil(us, &c);
	snprintf(out, WHEN_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day,
		 c.hour, c.minute, c.second);
	return out;
}

const char *when_stamp(int64_t us, char out[WHEN_TEXT])
{
	struct civil c;

	when_to_civil(us, &c);
	snprintf(out, WHEN_TEXT, "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour,
		 c.minute, c.second);
	return out;
}

static bool take_digits(struct str *in, size_t n, int *ret)
{
	int value = 0;

	if (in->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!ascii_digit(in->p[i]))
			return false;
		value = value * 10 + (in->p[i] - '0');
	}
	*in = str_from(*in, n);
	*ret = value;
	return true;
}

static void take_fraction(struct str *in, int *micro)
{
	struct str at = *in;
	int scale = 100000;

	*micro = 0;
	if (!take_char(&at, '.') && !take_char(&at, ','))
		return;
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return;
	for (; at.n && ascii_digit(at.p[0]); at = str_from(at, 1)) {
		*micro += (at.p[0] - '0') * scale;
		scale /= 10;
	}
	*in = at;
}

static void take_offset(struct str *in, int *offset_s)
{
	struct str at = *in;
	int sign, h, m = 0;

	*offset_s = 0;
	if (take_char(in, 'Z'))
		return;
	sign = take_char(&at, '-') ? -1 : take_char(&at, '+') ? 1 : 0;
	if (sign == 0 || !take_digits(&at, 2, &h))
		return;
	take_char(&at, ':');
	if (!take_digits(&at, 2, &m) || h > 15 || m > 59)
		return;
	*offset_s = sign * (h * 3600 + m * 60);
	*in = at;
}

bool take_iso_time(struct str *in, int64_t *ret_us)
{
	struct str at = *in;
	struct civil c = {0};

	if (!take_digits(&at, 4, &c.year) || !take_char(&at, '-') ||
	    !take_digits(&at, 2, &c.month) || !take_char(&at, '-') ||
	    !take_digits(&at, 2, &c.day) || !(take_char(&at, 'T') || take_char(&at, ' ')) ||
	    !take_digits(&at, 2, &c.hour) || !take_char(&at, ':') ||
	    !take_digits(&at, 2, &c.minute) || !take_char(&at, ':') ||
	    !take_digits(&at, 2, &c.second))
		return false;
	take_fraction(&at, &c.micro);
	take_offset(&at, &c.offset_s);
	if (!when_from_civil(&c, ret_us))
		return false;
	*in = at;
	return true;
}

int month_from_name(struct str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (s.n < 3)
		return 0;
	for (int m = 0; m < 12; m++) {
		if (memcmp(s.p, names + (ptrdiff_t)m * 3, 3) == 0)
			return m + 1;
	}
	return 0;
}

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t when_now(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t when_monotonic(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t when_booted(void)
{
	enum { AWAKE_US = 1000000 }; /* the clocks are not read at one moment */
	int64_t up = when_monotonic();

	return clock_us(CLOCK_BOOTTIME) - up < AWAKE_US ? when_now() - up : 0;
}

int64_t when_thread_cpu(void)
{
	return clock_us(CLOCK_THREAD_CPUTIME_ID);
}
