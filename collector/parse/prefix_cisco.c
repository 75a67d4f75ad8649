/* SPDX-License-Identifier: MIT */
/* prefix_cisco.c - what switches and routers write in front of their kernel's lines, which they name
 * by a mnemonic:
 *
 *	NX-OS		2026 Jan  2 15:04:05 switch %KERN-3-SYSTEM_MSG: text - kernel
 *	IOS-XE		000123: *Jan  2 15:04:05.123 UTC: %IOSXE-4-PLATFORM: R0/0: kernel: text
 *	Arista's EOS	%KERN-6-INFO: text
 */
#include "base/when.h"
#include "parse/unwrap.h"

/* "R0/0", "SIP0", "F0" */
static bool is_place(struct str word)
{
	enum { LONGEST_PLACE = 12 };

	return word.n > 1 && word.n <= LONGEST_PLACE && ascii_digit(word.p[word.n - 1]);
}

/* IOS-XE, behind its mnemonic: "R0/0: kernel: ", "Switch 1 R0/0: kernel: ": where it runs, and which
 * of its programs speaks. */
static void take_ios_program(struct str *in, struct piece *pc)
{
	struct str at = *in, member;

	skip_blanks(&at);
	if (take_lit(&at, STR("Switch ")) || take_lit(&at, STR("Chassis "))) {
		if (!take_word(&at, &member))
			return;
		skip_blanks(&at);
	}
	if (!take_program(&at, pc))
		return;
	*in = at;
	if (!is_place(pc->ident))
		return;
	skip_blanks(&at);
	if (take_program(&at, pc))
		*in = at;
}

bool take_mnemonic(struct str *in, struct piece *pc)
{
	struct str at = *in, facility, severity, name;
	bool foreign = pc->foreign, ios;

	if (!take_char(&at, '%') || !take_until(&at, '-', &facility) || !take_until(&at, '-', &severity) ||
	    !take_until(&at, ':', &name) || facility.n > 24 || severity.n != 1 || name.n > 40 ||
	    !ascii_digit(severity.p[0]) || str_find_char(name, ' ') != SIZE_MAX)
		return false;
	ios = str_starts(facility, STR("IOSXE"));
	if (!ios && !take_char(&at, ' '))
		return false;
	said_by(pc, str_sub(*in, 0, in->n - at.n));
	if (ios)
		take_ios_program(&at, pc);
	pc->foreign |= foreign;
	*in = at;
	return true;
}

/* "N9k-1 %$ VDC-1 %$ Jan  2 15:04:05 %KERN-3-SYSTEM_MSG: ": behind the host, where it names one,
 * NX-OS may name the device and the time once more. */
void pass_nxos(struct str *in, struct piece *pc)
{
	struct str at = *in, host = {0}, word;
	struct civil c;
	uint64_t day;

	skip_blanks(&at);
	if (at.n && at.p[0] != '%' && !take_word(&at, &host))
		return;
	skip_blanks(&at);
	if (take_lit(&at, STR("%$ ")) && !take_until_lit(&at, STR(" %$"), &word))
		return;
	skip_blanks(&at);
	if (month_from_name(at)) {
		at = str_from(at, 3);
		skip_blanks(&at);
		if (!take_u64(&at, &day) || !take_char(&at, ' ') || !take_clock(&at, &c))
			return;
		skip_blanks(&at);
	}
	if (!str_starts(at, STR("%")) || host.n > 255 || str_ends(host, STR(":")))
		return;
	pc->host = host;
	*in = at;
}

bool pass_zone(struct str *in)
{
	enum { LONGEST_ZONE = 6 };
	size_t colon = str_find_char(str_sub(*in, 0, LONGEST_ZONE + 1), ':');

	if (colon == SIZE_MAX || !str_starts(str_from(*in, colon), STR(": %")))
		return false;
	*in = str_from(*in, colon + 2);
	return true;
}

/* "000123: " */
static bool take_counter(struct str *in)
{
	struct str at = *in;
	uint64_t n;

	if (!take_u64(&at, &n) || !take_lit(&at, STR(": ")))
		return false;
	*in = at;
	return true;
}

/* "1w2d: ", "00:01:23: " */
static bool take_uptime(struct str *in)
{
	enum { LONGEST_UPTIME = 16 };
	size_t i = 0;

	while (i < in->n && i < LONGEST_UPTIME && (ascii_digit(in->p[i]) ||
						  str_find_char(STR("ywdhms:"), in->p[i]) != SIZE_MAX))
		i++;
	if (i < 2 || !ascii_digit(in->p[0]) || in->p[i - 1] != ':' ||
	    !str_starts(str_from(*in, i), STR(" %")))
		return false;
	*in = str_from(*in, i + 1);
	return true;
}

/* "[*]Jan  2 [2026 ]15:04:05.123[ UTC]: "; the star: its clock was never set */
static bool take_ios_date(struct str *in, struct civil *ret)
{
	struct str at = *in;
	struct civil c = {0};
	uint64_t day, year = 0;

	(void)(take_char(&at, '*') || take_char(&at, '.'));
	c.month = month_from_name(at);
	if (!c.month)
		return false;
	at = str_from(at, 3);
	skip_blanks(&at);
	if (!take_u64(&at, &day) || day < 1 || day > 31 || !take_char(&at, ' ') ||
	    (at.n > 5 && at.p[4] == ' ' && (!take_u64(&at, &year) || !take_char(&at, ' '))) ||
	    !take_clock(&at, &c) || !pass_zone(&at))
		return false;
	c.day = (int)day;
	c.year = (int)year;
	*ret = c;
	*in = at;
	return true;
}

/* What stands in front of the mnemonic: counters of the sender and of the device, its name, a time;
 * ret->month is 0 where that is how long it has been up. */
bool take_ios_head(struct str *in, struct piece *pc, struct civil *ret)
{
	struct str at = *in, next, host = {0};
	bool counted;

	*ret = (struct civil){0};
	if (at.n == 0 || (!ascii_digit(at.p[0]) && at.p[0] != '*' && at.p[0] != '.' &&
			  !month_from_name(at)))
		return false;
	counted = take_counter(&at);
	next = at;
	if (counted && take_until_lit(&next, STR(": "), &host) && host.n && host.n <= 255 &&
	    ascii_alpha(host.p[0]) && str_find_char(host, ' ') == SIZE_MAX)
		at = next;
	else
		host.n = 0;
	if (counted)
		(void)take_counter(&at);
	if (!take_ios_date(&at, ret) && !take_uptime(&at) && !(counted && str_starts(at, STR("%"))))
		return false;
	if (host.n)
		pc->host = host;
	*in = at;
	return true;
}

bool take_ios(const struct parser *p, struct str *in, struct piece *pc)
{
	struct str at = *in, host = pc->host;
	struct civil c;

	if (!take_ios_head(&at, pc, &c) || !take_mnemonic(&at, pc)) {
		pc->host = host;
		return false;
	}
	if (c.month && (!c.year || !when_from_civil(&c, &pc->wall_us)))
		pc->wall_us = guess_year(p, &c);
	*in = at;
	return true;
}
