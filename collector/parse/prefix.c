/* SPDX-License-Identifier: MIT */
/* prefix.c - everything that may stand before a kernel message, taken off from the left.
 *
 *	{quote} {transport} {syslog header} {<level>} {[timestamp]} {[caller id]} {vendor tag}
 *
 * Sources of the forms: kernel/printk/printk.c, drivers/net/netconsole.c, dmesg(1), RFC 3164,
 * RFC 5424, journalctl(1), logcat(1), the CRI log format. Each take_*() below knows one of
 * them; the first byte chooses which are tried.
 */
#include "base/when.h"
#include "parse/rows.h"

/* <4> or <12>: facility * 8 + level */
bool take_level(struct str *in)
{
	struct str at = *in;
	uint64_t n;

	if (!take_char(&at, '<') || !take_u64(&at, &n) || n > 999 || !take_char(&at, '>'))
		return false;
	*in = at;
	return true;
}

/* The digits behind the dot as microseconds; any number of them. */
static bool take_fraction(struct str *in, int64_t *ret)
{
	int64_t micro = 0;
	size_t i = 0;

	for (; i < in->n && ascii_digit(in->p[i]); i++) {
		if (i < 6)
			micro = micro * 10 + (in->p[i] - '0');
	}
	if (i == 0)
		return false;
	for (size_t k = i; k < 6; k++)
		micro *= 10;
	*in = str_from(*in, i);
	*ret = micro;
	return true;
}

/* [    0.000000] and, of dmesg -d, [    1.234567 <    0.000012>]. The dot is what tells a time
 * from the "[ 1234]" of a task table. */
bool take_kernel_time(struct str *in, int64_t *ret_us)
{
	struct str at = *in;
	uint64_t seconds;
	int64_t micro;

	if (!take_char(&at, '['))
		return false;
	skip_blanks(&at);
	if (!take_u64(&at, &seconds) || seconds > INT64_MAX / 2000000 || !take_char(&at, '.') ||
	    !take_fraction(&at, &micro))
		return false;
	if (!take_char(&at, ']')) {
		struct str delta;

		skip_blanks(&at);
		if (!take_char(&at, '<') || !take_until(&at, '>', &delta) || delta.n > 24 ||
		    !take_char(&at, ']'))
			return false;
	}
	*in = at;
	*ret_us = (int64_t)seconds * 1000000 + micro;
	return true;
}

/* [  +0.000012] of dmesg -H and [<    0.000012>] of dmesg -d without times. */
static bool take_delta(struct str *in)
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
static bool take_caller(struct str *in, struct str *ret)
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

/* Vendors: Samsung "[4: binder:569_5:27109] ", MediaTek "<1>.(2)[452:kworker/u16:7]", older
 * Qualcomm "c0   1234 ". */
static bool take_vendor(struct str *in)
{
	struct str at = *in, inside;
	uint64_t n;

	skip_blanks(&at);
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
	if (take_char(&at, '<')) {
		if (!take_u64(&at, &n) || !take_char(&at, '>'))
			return false;
		(void)(take_char(&at, '.') || take_char(&at, '-'));
		if (!take_char(&at, '(') || !take_u64(&at, &n) || !take_char(&at, ')'))
			return false;
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
static bool take_clock(struct str *in, struct civil *c)
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

/* The month in a localised date: an English or a few other names, or digits before a sign. */
static int month_of(struct str word)
{
	static const struct {
		struct str name;
		int month;
	} others[] = {
		{STR_INIT("M\xc3\xa4r"), 3}, {STR_INIT("Mai"), 5},     {STR_INIT("mai"), 5},
		{STR_INIT("Okt"), 10},	     {STR_INIT("okt"), 10},    {STR_INIT("Dez"), 12},
		{STR_INIT("d\xc3\xa9" "c"), 12}, {STR_INIT("janv"), 1}, {STR_INIT("f\xc3\xa9v"), 2},
		{STR_INIT("mars"), 3},	     {STR_INIT("avril"), 4},   {STR_INIT("juin"), 6},
		{STR_INIT("juil"), 7},	     {STR_INIT("ao\xc3\xbb"), 8}, {STR_INIT("ene"), 1},
		{STR_INIT("abr"), 4},	     {STR_INIT("ago"), 8},     {STR_INIT("dic"), 12},
	};
	char title[3];
	uint64_t n;
	int month;

	if (word.n >= 3) {
		title[0] = word.p[0] >= 'a' && word.p[0] <= 'z' ? (char)(word.p[0] - 32)
								 : word.p[0];
		title[1] = word.p[1];
		title[2] = word.p[2];
		month = month_from_name((struct str){title, 3});
		if (month)
			return month;
	}
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		if (str_starts(word, others[i].name))
			return others[i].month;
	}
	if (take_u64(&word, &n) && n >= 1 && n <= 12 && word.n > 0) /* 5<month sign> */
		return (int)n;
	return 0;
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
		else if (month_of(word))
			c.month = month_of(word);
	}
	if (!clock || !c.year)
		return false;
	if (!c.month || !c.day || !when_from_civil(&c, ret_us))
		*ret_us = UNKNOWN;
	return true;
}

/* [Mon Jan  2 15:04:05 2026], also with a delta behind, and [Jan 2 15:04] of dmesg -H. */
static bool take_date(struct str *in, int64_t *ret_us)
{
	struct str at = *in, inside, delta;
	struct civil c = {0};

	if (!take_char(&at, '[') || !take_until(&at, ']', &inside) || inside.n < 9 ||
	    inside.n > 64)
		return false;
	delta = inside;
	if (take_until(&delta, '<', &inside))
		inside = str_trim(inside);
	if (!read_date(inside, ret_us)) {
		/* the head of a minute: month, day, hh:mm */
		struct str word;
		uint64_t n;

		if (inside.n > 14 || !take_word(&inside, &word) || !month_of(word))
			return false;
		skip_blanks(&inside);
		if (!take_u64(&inside, &n) || n > 31 || !take_char(&inside, ' ') ||
		    !take_u64(&inside, &n) || n > 24 || !take_char(&inside, ':') ||
		    !take_u64(&inside, &n) || inside.n)
			return false;
		(void)c;
		*ret_us = UNKNOWN;
	}
	*in = at;
	return true;
}

/* "> ", ">>", "> > ", "| ", "    ". */
bool take_mail_quote(struct str *in)
{
	struct str at = *in;

	if (at.n == 0 || (at.p[0] != '>' && at.p[0] != '|'))
		return false;
	if (at.p[0] == '|' && at.n > 1 && at.p[1] != ' ' && at.p[1] != '[' && at.p[1] != '<' &&
	    at.p[1] != '|' && at.p[1] != '>')
		return false; /* "|__GFP_COMP": of a flag list */
	while (at.n && (at.p[0] == '>' || at.p[0] == '|'))
		at = str_from(at, 1);
	*in = at;
	return true;
}

static bool kernel_ident(struct str ident)
{
	static const struct str names[] = {
		STR_INIT("kernel"), STR_INIT("kern"),	    STR_INIT("klogd"),
		STR_INIT("vmunix"), STR_INIT("netconsole"), STR_INIT("-"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_eq(ident, names[i]))
			return true;
	}
	return ident.n == 0;
}

static void said_by(struct piece *pc, struct str ident)
{
	pc->ident = ident;
	pc->foreign = !kernel_ident(ident);
}

/* "kernel: ", "kernel[0]: ", "systemd-oomd[812]: " */
static bool take_tag(struct str *in, struct piece *pc)
{
	struct str at = *in, tag = at, pid;
	size_t i = 0;

	while (i < at.n && !ascii_blank(at.p[i]) && at.p[i] != ':' && at.p[i] != '[')
		i++;
	if (i == 0 || i > 128 || i == at.n || ascii_blank(at.p[i]))
		return false;
	tag.n = i;
	at = str_from(at, i);
	if (take_char(&at, '[') && (!take_until(&at, ']', &pid) || pid.n > 20))
		return false;
	if (!take_char(&at, ':') || (at.n && !ascii_blank(at.p[0]) && at.p[0] != '['))
		return false;
	said_by(pc, tag);
	*in = at;
	return true;
}

/* What follows a wall time: "host kernel: ", " kernel: ", "host kern.warn kernel: ", and with
 * neither just a host before "[" or "<", or an address with its port. */
static bool take_host_tag(struct str *in, struct piece *pc)
{
	struct str at = *in, host, facility, port;
	uint64_t n;

	skip_blanks(&at);
	if (take_tag(&at, pc)) {
		*in = at;
		return true;
	}
	if (!take_word(&at, &host) || host.n > 255)
		return false;
	skip_blanks(&at);
	port = host;
	if (take_until(&port, ':', &facility) && take_u64(&port, &n) && port.n == 0) {
		*in = at;
		return true;
	}
	pc->host = host;
	if (take_tag(&at, pc)) {
		*in = at;
		return true;
	}
	port = at;
	if (take_word(&port, &facility) && str_find_char(facility, '.') != SIZE_MAX) {
		skip_blanks(&port);
		if (take_tag(&port, pc)) {
			*in = port;
			return true;
		}
	}
	if (at.n && (at.p[0] == '[' || at.p[0] == '<' || str_starts(at, STR("last message")))) {
		*in = at;
		return true;
	}
	pc->host = (struct str){0};
	return false;
}

/* A date without a year: the year that puts it at most a day after now. */
static int64_t guess_year(const struct parser *p, struct civil *c)
{
	struct civil now;
	int64_t us;

	if (!p->options.now_us)
		return UNKNOWN;
	when_to_civil(p->options.now_us, &now);
	c->year = now.year;
	if (!when_from_civil(c, &us))
		return UNKNOWN;
	if (us > p->options.now_us + INT64_C(86400000000)) {
		c->year--;
		if (!when_from_civil(c, &us))
			return UNKNOWN;
	}
	return us;
}

/* "Jan  2 15:04:05[.123456] host kernel: " */
static bool take_rfc3164(const struct parser *p, struct str *in, struct piece *pc)
{
	struct str at = *in;
	struct civil c = {.month = month_from_name(at)};
	uint64_t day, year = 0;

	if (!c.month || at.n < 12 || !ascii_blank(at.p[3]))
		return false;
	at = str_from(at, 3);
	skip_blanks(&at);
	if (!take_u64(&at, &day) || day < 1 || day > 31 || !take_char(&at, ' '))
		return false;
	if (at.n > 5 && ascii_digit(at.p[3]) && at.p[4] == ' ' && !take_u64(&at, &year))
		return false;
	skip_blanks(&at);
	if (!take_clock(&at, &c))
		return false;
	c.day = (int)day;
	c.year = (int)year;
	if (!take_host_tag(&at, pc)) {
		/* the mail was wrapped between host and program: whose it is, is not known */
		struct str host;

		skip_blanks(&at);
		if (!take_word(&at, &host) || str_trim(at).n)
			return false;
		pc->foreign = true;
	}
	if (!year || !when_from_civil(&c, &pc->wall_us))
		pc->wall_us = guess_year(p, &c);
	*in = at;
	return true;
}

/* "Fri 2026-01-02 15:04:05 CET host kernel: " */
static bool take_journal_full(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	int64_t us;

	if (!take_word(&at, &word) || word.n != 3 || !take_char(&at, ' ') || at.n == 0 ||
	    !ascii_digit(at.p[0]) || !take_iso_time(&at, &us))
		return false;
	skip_blanks(&at);
	if (!take_word(&at, &word) || word.n > 6 || !take_host_tag(&at, pc))
		return false;
	pc->wall_us = us;
	*in = at;
	return true;
}

/* "kern  :warn  : " */
static bool take_decoded_level(struct str *in)
{
	static const struct str facilities[] = {
		STR_INIT("kern"),   STR_INIT("user"), STR_INIT("mail"), STR_INIT("daemon"),
		STR_INIT("auth"),   STR_INIT("syslog"), STR_INIT("local"),
	};
	struct str at = *in, word, level;

	for (size_t i = 0; i < ARRAY_COUNT(facilities); i++) {
		if (!str_starts(at, facilities[i]))
			continue;
		if (!take_until(&at, ':', &word) || word.n > 10 ||
		    !take_until(&at, ':', &level) || level.n > 8)
			return false;
		level = str_trim(level);
		if (str_find_char(level, ' ') != SIZE_MAX || level.n < 3)
			return false;
		*in = at;
		return true;
	}
	return false;
}

/* logcat: "I lmkd    : text", "E kernel  : text", "I         : text" */
static bool take_logcat_tag(struct str *in, struct piece *pc)
{
	struct str at = *in, tag;

	if (at.n < 4 || str_find_char(STR("VDIWEF"), at.p[0]) == SIZE_MAX ||
	    (at.p[1] != ' ' && at.p[1] != '/'))
		return false;
	at = str_from(at, 2);
	if (!take_until(&at, ':', &tag) || tag.n > 40)
		return false;
	tag = str_trim(tag);
	if (str_find_char(tag, '(') != SIZE_MAX)
		tag = str_trim(str_sub(tag, 0, str_find_char(tag, '(')));
	if (str_find_char(tag, ' ') != SIZE_MAX || (at.n && !ascii_blank(at.p[0])))
		return false;
	said_by(pc, tag);
	*in = at;
	return true;
}

/* "01-15 16:00:00.900  500   500 I tag : text" */
static bool take_logcat(struct str *in, struct piece *pc)
{
	struct str at = *in;
	struct civil c = {0};
	uint64_t month, day, pid;

	if (at.n < 20 || at.p[2] != '-' || at.p[5] != ' ' || !take_u64(&at, &month) ||
	    !take_char(&at, '-') || !take_u64(&at, &day) || month > 12 || day > 31)
		return false;
	skip_blanks(&at);
	if (!take_clock(&at, &c))
		return false;
	skip_blanks(&at);
	if (!take_u64(&at, &pid))
		return false;
	skip_blanks(&at);
	if (take_u64(&at, &pid))
		skip_blanks(&at);
	if (!take_logcat_tag(&at, pc))
		return false;
	*in = at;
	return true;
}

/* "4,1034,192206114689,-[,caller=T1234];text", of netconsole also with the release in front. */
static bool take_kmsg(struct str *in, struct piece *pc)
{
	struct str at = *in, release, head;
	uint64_t level, seq, usec;
	size_t semicolon;

	if (!take_u64(&at, &level))
		return false;
	if (at.n && at.p[0] == '.') { /* 6.4.0,6,444,... */
		at = *in;
		if (!take_until(&at, ',', &release) || release.n > 80 || !take_u64(&at, &level))
			return false;
	}
	if (!take_char(&at, ',') || level > 999 || !take_u64(&at, &seq) ||
	    !take_char(&at, ',') || !take_u64(&at, &usec) || usec > INT64_MAX ||
	    !take_char(&at, ','))
		return false;
	semicolon = str_find_char(at, ';');
	if (semicolon == SIZE_MAX || semicolon > 200)
		return false;
	head = str_sub(at, 0, semicolon);
	if (take_until_lit(&head, STR("caller="), &release)) {
		struct str id = str_sub(head, 0, str_find_char(head, ','));

		if (id.n < CALLER_ROOM)
			pc->caller = id;
		pc->pre |= PRE_CALLER;
	}
	pc->mono_us = (int64_t)usec;
	pc->pre |= PRE_RECORD | PRE_TIME | PRE_KMSG;
	*in = str_from(at, semicolon + 1);
	return true;
}

/* An ISO time and what its writers put behind it. */
static bool take_iso(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	int64_t us;

	if (at.n < 16 || at.p[4] != '-' || !take_iso_time(&at, &us) ||
	    (at.n && !ascii_blank(at.p[0])))
		return false;
	pc->wall_us = us;
	skip_blanks(&at);
	if (in->n > 20 && in->p[19] == ',') { /* dmesg: the text follows */
		pc->pre |= PRE_TIME;
		if (take_caller(&at, &pc->caller))
			pc->pre |= PRE_CALLER;
		*in = at;
		return true;
	}
	if (take_lit(&at, STR("stdout ")) || take_lit(&at, STR("stderr "))) { /* CRI */
		if (take_word(&at, &word))
			(void)take_char(&at, ' ');
		*in = at;
		return true;
	}
	(void)take_host_tag(&at, pc);
	*in = at;
	return true;
}

/* "10:52:29 host systemd-oomd[1261]: ": a date somebody cut off */
static bool take_time_of_day(struct str *in, struct piece *pc)
{
	struct civil c = {0};
	struct str at = *in, host = {0};

	if (at.n < 12 || at.p[2] != ':' || !take_clock(&at, &c) || !take_char(&at, ' '))
		return false;
	if (!take_tag(&at, pc)) {
		if (!take_word(&at, &host) || host.n > 255)
			return false;
		skip_blanks(&at);
		if (!take_tag(&at, pc))
			return false;
		pc->host = host;
	}
	*in = at;
	return true;
}

/* "1767366245.123456 host kernel: " */
static bool take_unix_time(struct str *in, struct piece *pc)
{
	struct str at = *in;
	uint64_t seconds;
	int64_t micro;

	if (!take_u64(&at, &seconds) || seconds < 100000000 || seconds > INT32_MAX * UINT64_C(4) ||
	    !take_char(&at, '.') || !take_fraction(&at, &micro) || !take_char(&at, ' ') ||
	    !take_host_tag(&at, pc))
		return false;
	pc->wall_us = (int64_t)seconds * 1000000 + micro;
	*in = at;
	return true;
}

/* Behind "<4>": "1 2026-01-02T15:04:05.003Z host app procid msgid - text" */
static bool take_rfc5424(struct str *in, struct piece *pc)
{
	struct str at = *in, host, app, procid, msgid, data;
	int64_t us = UNKNOWN;

	if (!take_lit(&at, STR("1 ")) || at.n == 0)
		return false;
	if (!take_lit(&at, STR("-")) && (!ascii_digit(at.p[0]) || !take_iso_time(&at, &us)))
		return false;
	if (!take_char(&at, ' ') || !take_until(&at, ' ', &host) || !take_until(&at, ' ', &app) ||
	    !take_until(&at, ' ', &procid) || !take_until(&at, ' ', &msgid))
		return false;
	if (!take_char(&at, '-')) {
		while (at.n && at.p[0] == '[') {
			if (!take_until(&at, ']', &data))
				return false;
		}
	}
	(void)take_char(&at, ' ');
	(void)take_lit(&at, STR("\xef\xbb\xbf"));
	if (!str_eq(host, STR("-")))
		pc->host = host;
	said_by(pc, app);
	pc->wall_us = us;
	*in = at;
	return true;
}

/* "host kernel: " behind the time of journalctl -o short-monotonic, and bare "kernel: ". */
static bool take_bare_kernel(struct str *in, struct piece *pc)
{
	struct str at = *in, host = {0};

	if (!str_starts(at, STR("kernel"))) {
		if (!(pc->pre & PRE_TIME) || !take_word(&at, &host) || host.n > 255 ||
		    host.p[host.n - 1] == ':' || !take_char(&at, ' '))
			return false;
		if (!str_starts(at, STR("kernel:")) && !str_starts(at, STR("kernel[")))
			return false;
	}
	if (!take_tag(&at, pc) || pc->foreign)
		return false;
	if (host.n)
		pc->host = host;
	*in = at;
	return true;
}

/* A login prompt that was on the console: "host login: [  123.456] text" */
static bool take_prompt(struct str *in)
{
	struct str at = *in, prompt;

	if (!take_until_lit(&at, STR("login: "), &prompt) || prompt.n > 70 || at.n == 0 ||
	    (at.p[0] != '[' && at.p[0] != '<'))
		return false;
	*in = at;
	return true;
}

static bool take_bracket(struct str *in, struct piece *pc)
{
	if (!(pc->pre & PRE_RECORD) && take_kernel_time(in, &pc->mono_us)) {
		/* ": text" of some vendors; a colon is never the first byte of a message */
		(void)take_lit(in, STR(": "));
		pc->pre |= PRE_TIME;
		if (take_caller(in, &pc->caller))
			pc->pre |= PRE_CALLER;
		else if (take_vendor(in))
			pc->pre |= PRE_TIME;
		return true;
	}
	if (!(pc->pre & PRE_TIME) && (take_delta(in) || take_date(in, &pc->wall_us))) {
		pc->pre |= PRE_TIME;
		if (take_caller(in, &pc->caller))
			pc->pre |= PRE_CALLER;
		return true;
	}
	return false;
}

static bool take_letters(struct parser *p, struct str *in, struct piece *pc)
{
	char c = in->p[0];

	if (!(pc->pre & (PRE_SYSLOG | PRE_TIME | PRE_RECORD)) &&
	    (take_rfc3164(p, in, pc) || take_journal_full(in, pc) || take_logcat_tag(in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & (PRE_SYSLOG | PRE_RECORD)) && take_bare_kernel(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & (PRE_LEVEL | PRE_TIME)) && c >= 'a' && c <= 'z' &&
	    take_decoded_level(in)) {
		pc->pre |= PRE_LEVEL;
		return true;
	}
	return !pc->pre && take_prompt(in);
}

static bool take_digits(struct str *in, struct piece *pc)
{
	if (pc->pre & (PRE_TIME | PRE_RECORD))
		return false;
	if (take_kmsg(in, pc))
		return true;
	if ((pc->pre & PRE_LEVEL) && take_rfc5424(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & PRE_SYSLOG) &&
	    (take_iso(in, pc) || take_unix_time(in, pc) || take_logcat(in, pc) ||
	     take_time_of_day(in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	return false;
}

static bool take_one(struct parser *p, struct str *in, struct piece *pc)
{
	char c = in->p[0];

	if (c == '[')
		return take_bracket(in, pc);
	if (c == '<') {
		if (!take_level(in))
			return false;
		pc->pre |= PRE_LEVEL;
		return true;
	}
	if (c == '>' || c == '|')
		return !pc->pre && take_mail_quote(in);
	if (ascii_digit(c))
		return take_digits(in, pc);
	if (ascii_alpha(c))
		return take_letters(p, in, pc);
	return false;
}

void prefix_take(struct parser *p, struct piece *pc)
{
	enum { MOST_LAYERS = 12 };
	struct str in = pc->text;

	for (int i = 0; i < MOST_LAYERS; i++) {
		size_t n = in.n;

		skip_blanks(&in);
		pc->indent = n - in.n;
		if (in.n == 0 || !take_one(p, &in, pc))
			break;
	}
	if (pc->foreign)
		pc->pre |= PRE_SYSLOG;
	pc->text = in;
}
