/* SPDX-License-Identifier: MIT */
/* prefix_time.c - the times in front of messages and what stands beside them in brackets. */
#include "base/when.h"
#include "parse/unwrap.h"

/* <4> or <12>: facility * 8 + level. What a program writes into /dev/kmsg never gets the
 * kernel's facility, which is 0. */
bool take_level(struct str *in, bool *ret_foreign)
{
	struct str at = *in;
	uint64_t n;

	if (!take_char(&at, '<') || !take_u64(&at, &n) || n > 999 || !take_char(&at, '>'))
		return false;
	*in = at;
	*ret_foreign = n >= KERNEL_PRIORITIES;
	return true;
}

/* The digits behind the dot as microseconds; any number of them. */
bool take_fraction(struct str *in, int64_t *ret)
{
	size_t i = 0, most = in->n < 6 ? in->n : 6;
	int64_t micro = 0;
	uint64_t six;

	if (in->n >= 8 && eight_digits(in->p, &six) == 6) { /* nearly always */
		*in = str_from(*in, 6);
		*ret = (int64_t)six;
		return true;
	}
	for (; i < most && ascii_digit(in->p[i]); i++)
		micro = micro * 10 + (in->p[i] - '0');
	if (i == 0)
		return false;
	for (size_t k = i; k < 6; k++)
		micro *= 10;
	while (i < in->n && ascii_digit(in->p[i]))
		i++;
	*in = str_from(*in, i);
	*ret = micro;
	return true;
}

/* [    0.000000], of dmesg -d [    1.234567 <    0.000012>], of grabserial [1.234567 0.000012]. The dot
 * is what tells a time from the "[ 1234]" of a task table. */
bool take_kernel_time(struct str *in, int64_t *ret_us)
{
	struct str at = *in;
	uint64_t seconds, cpu;
	int64_t micro, micro_delta;

	if (!take_char(&at, '['))
		return false;
	skip_blanks(&at);
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	if (!take_u64(&at, &seconds) || seconds > INT64_MAX / 2000000 || !take_char(&at, '.') ||
	    !take_fraction(&at, &micro))
		return false;
	if (take_char(&at, '@')) /* Amlogic: the CPU */
		(void)take_u64(&at, &cpu);
	else
		(void)take_char(&at, 's'); /* Huawei */
	if (!take_char(&at, ']')) {
		struct str delta;

		skip_blanks(&at);
		if (at.n && ascii_digit(at.p[0])) {
			if (!take_u64(&at, &cpu) || !take_char(&at, '.') || !take_fraction(&at, &micro_delta) ||
			    !take_char(&at, ']'))
				return false;
		} else if (!take_char(&at, '<') || !take_until(&at, '>', &delta) || delta.n > 24 ||
			   !take_char(&at, ']')) {
			return false;
		}
	}
	*in = at;
	*ret_us = (int64_t)seconds * 1000000 + micro;
	return true;
}

/* [  +0.000012] of dmesg -H and [<    0.000012>] of dmesg -d without times. */
bool take_delta(struct str *in)
{
	struct str at = *in;
	uint64_t n;
	int64_t micro;
	bool angle;

	if (!take_char(&at, '['))
		return false;
	angle = take_char(&at, '<');
	skip_blanks(&at);
	if (!angle && !take_char(&at, '+'))
		return false;
	if (!take_u64(&at, &n) || !take_char(&at, '.') || !take_fraction(&at, &micro) ||
	    (angle && !take_char(&at, '>')) || !take_char(&at, ']'))
		return false;
	*in = at;
	return true;
}

/* [T4783], [    C0] or, of dmesg(1), " [ T4783]". */
bool take_caller(struct str *in, struct str *ret)
{
	struct str at = *in, id;
	uint64_t n;

	skip_blanks(&at);
	if (!take_char(&at, '['))
		return false;
	skip_blanks(&at);
	id = at;
	if (at.n == 0 || (at.p[0] != 'T' && at.p[0] != 'C'))
		return false;
	at = str_from(at, 1);
	if (!take_u64(&at, &n))
		return false;
	id.n -= at.n;
	skip_blanks(&at);
	if (!take_char(&at, ']'))
		return false;
	*in = at;
	*ret = id;
	return true;
}

/* OPPO: "(CPU:0-pid:320:logd.auditd) ", and some write the time of day behind it:
 * "[09:26:15.193216] " */
static bool take_oppo(struct str *in)
{
	struct str at = *in, inside;
	struct civil c;

	if (!take_lit(&at, STR("(CPU:")) || !take_until_lit(&at, STR(") "), &inside) ||
	    inside.n > 48 || str_find(inside, STR("-pid:")) == SIZE_MAX)
		return false;
	*in = at;
	if (take_char(&at, '[') && take_clock(&at, &c) && take_lit(&at, STR("] ")))
		*in = at;
	return true;
}

/* Vendors: Samsung "[4: binder:569_5:27109] " or "I[4: ...] " with the level, MediaTek
 * "<1>.(2)[452:kworker/u16:7]", older Qualcomm "c0   1234 ". */
bool take_vendor(struct str *in)
{
	struct str at = *in, inside;
	uint64_t n;

	skip_blanks(&at);
	if (take_oppo(&at)) {
		*in = at;
		return true;
	}
	if (at.n > 1 && ascii_alpha(at.p[0]) && at.p[1] == '[')
		at = str_from(at, 1);
	if (at.n == 0 || str_find_char(STR("c<.-(["), at.p[0]) == SIZE_MAX)
		return false;
	if (at.n > 8 && at.p[0] == 'c' && ascii_digit(at.p[1])) {
		at = str_from(at, 1);
		if (!take_u64(&at, &n) || n > 63 || !take_char(&at, ' '))
			return false;
		skip_blanks(&at);
		if (!take_u64(&at, &n) || !take_char(&at, ' '))
			return false;
		*in = at;
		return true;
	}
	if (take_char(&at, '<') && (!take_u64(&at, &n) || !take_char(&at, '>')))
		return false;
	(void)(take_char(&at, '.') || take_char(&at, '-'));
	if (take_char(&at, '(') && (!take_u64(&at, &n) || !take_char(&at, ')')))
		return false;
	while (str_starts(at, STR("[pid:")) || str_starts(at, STR("[20"))) { /* Huawei */
		if (!take_until(&at, ']', &inside) || inside.n > 60)
			return false;
		if (take_char(&inside, '[') && take_u64(&inside, &n) && inside.n == 0)
			return false; /* [20378] of a task */
		*in = at;
	}
	if (!take_char(&at, '['))
		return false;
	if (!take_until(&at, ']', &inside) || inside.n < 4 || inside.n > 48)
		return false;
	skip_blanks(&inside);
	if (!take_u64(&inside, &n) || !take_char(&inside, ':') || inside.n == 0)
		return false;
	*in = at;
	return true;
}

/* hh:mm:ss[.micro] */
bool take_clock(struct str *in, struct civil *c)
{
	struct str at = *in;
	uint64_t h, m, s;
	int64_t micro = 0;

	if (!take_u64(&at, &h) || !take_char(&at, ':') || !take_u64(&at, &m) ||
	    !take_char(&at, ':') || !take_u64(&at, &s) || h > 24 || m > 59 || s > 60)
		return false;
	if (at.n > 1 && at.p[0] == '.' && ascii_digit(at.p[1])) {
		at = str_from(at, 1);
		(void)take_fraction(&at, &micro);
	}
	c->hour = (int)h;
	c->minute = (int)m;
	c->second = (int)s;
	c->micro = (int)micro;
	*in = at;
	return true;
}

/* What stands in the brackets of dmesg -T, in any language: "Mon Jan  2 15:04:05 2026". */
static bool read_date(struct str in, int64_t *ret_us)
{
	struct civil c = {0};
	struct str word;
	uint64_t n;
	bool clock = false;

	for (skip_blanks(&in); take_word(&in, &word); skip_blanks(&in)) {
		struct str at = word;

		if (take_clock(&at, &c) && at.n == 0)
			clock = true;
		else if (at = word, take_u64(&at, &n) && at.n == 0 && n >= 1 && n <= 31)
			c.day = (int)n;
		else if (at = word, take_u64(&at, &n) && at.n == 0 && n >= 1970 && n <= 2200)
			c.year = (int)n;
		else if (month_of_word(word))
			c.month = month_of_word(word);
	}
	if (!clock || !c.year)
		return false;
	if (!c.month || !c.day || !when_from_civil(&c, ret_us))
		*ret_us = UNKNOWN;
	return true;
}

/* [Mon Jan  2 15:04:05 2026], also with a delta behind, and [Jan 2 15:04] of dmesg -H. */
bool take_date(struct str *in, int64_t *ret_us)
{
	struct str at = *in, inside, delta, word;
	int64_t us;

	if (!take_char(&at, '[') || !take_until(&at, ']', &inside) || inside.n < 9 ||
	    inside.n > 64)
		return false;
	delta = inside;
	if (take_until(&delta, '<', &inside))
		inside = str_trim(inside);
	word = inside;
	if (take_iso_time(&word, &us) && word.n == 0) { /* minicom, ts(1) */
		*ret_us = us;
		*in = at;
		return true;
	}
	if (!read_date(inside, ret_us)) {
		/* the head of a minute: month, day, hh:mm */
		uint64_t n;

		if (inside.n > 14 || !take_word(&inside, &word) || !month_of_word(word))
			return false;
		skip_blanks(&inside);
		if (!take_u64(&inside, &n) || n > 31 || !take_char(&inside, ' ') ||
		    !take_u64(&inside, &n) || n > 24 || !take_char(&inside, ':') ||
		    !take_u64(&inside, &n) || inside.n)
			return false;
		*ret_us = UNKNOWN;
	}
	*in = at;
	return true;
}

/* "> ", ">>", "> > ", "| ", "    ". */
bool take_mail_quote(struct str *in, unsigned *depth)
{
	struct str at = *in;

	if (at.n == 0 || (at.p[0] != '>' && at.p[0] != '|'))
		return false;
	if (at.p[0] == '|' && at.n > 1 && at.p[1] != ' ' && at.p[1] != '[' && at.p[1] != '<' &&
	    at.p[1] != '|' && at.p[1] != '>')
		return false; /* "|__GFP_COMP": of a flag list */
	for (; at.n && (at.p[0] == '>' || at.p[0] == '|' || at.p[0] == ' '); at = str_from(at, 1))
		*depth += at.p[0] != ' '; /* "> > >>" */
	*in = at;
	return true;
}
