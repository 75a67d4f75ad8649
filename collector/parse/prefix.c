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
	/* what fluentd calls the file */
	return ident.n == 0 || str_starts(ident, STR("kernel.")) || str_starts(ident, STR("kern."));
}

void said_by(struct piece *pc, struct str ident)
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
	if (i == 0 || i > 128 || i == at.n || ascii_blank(at.p[i]) || at.p[0] == '{')
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
	port = at;
	if (take_kernel_time(&port, &pc->mono_us)) { /* ts(1), CI runners, kubectl: no host */
		*in = at;
		return true;
	}
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
	int64_t us;

	if (!p->options.now_us)
		return UNKNOWN;
	c->year = p->now_year;
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

/* OpenWrt: "Thu Jan  2 15:04:05 2026 kern.warn kernel: " */
static bool take_openwrt(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	struct civil c = {0};
	uint64_t day, year;

	if (!take_word(&at, &word) || word.n != 3 || !take_char(&at, ' '))
		return false;
	c.month = month_from_name(at);
	if (!c.month)
		return false;
	at = str_from(at, 3);
	skip_blanks(&at);
	if (!take_u64(&at, &day) || day > 31 || !take_char(&at, ' ') || !take_clock(&at, &c) ||
	    !take_char(&at, ' ') || !take_u64(&at, &year) || year > 9999)
		return false;
	skip_blanks(&at);
	if (!take_host_tag(&at, pc))
		return false;
	c.day = (int)day;
	c.year = (int)year;
	if (!when_from_civil(&c, &pc->wall_us))
		pc->wall_us = UNKNOWN;
	*in = at;
	return true;
}

/* "kern  :warn  : " */
static bool take_decoded_level(struct str *in, struct piece *pc)
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
		pc->foreign = i > 0;
		*in = at;
		return true;
	}
	return false;
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
	if (value_of(head, STR("ncfrag="), &release) && take_u64(&release, &level) &&
	    take_char(&release, '/') && take_u64(&release, &seq) && seq <= LINE_CAP) {
		pc->frag_at = level;
		pc->frag_of = seq;
	}
	if (take_until_lit(&head, STR("caller="), &release)) {
		struct str id = str_sub(head, 0, str_find_char(head, ','));

		if (id.n < CALLER_ROOM)
			pc->caller = id;
		pc->pre |= PRE_CALLER;
	}
	pc->mono_us = (int64_t)usec;
	pc->foreign = level >= KERNEL_PRIORITIES;
	pc->pre |= PRE_RECORD | PRE_TIME | PRE_KMSG;
	*in = str_from(at, semicolon + 1);
	return true;
}

/* "node1  | [  123.456] text", "console: [  123.456] text", "vcpu-5 - Guest: <4>[123.4] text":
 * who knows what, and then a time. */
static bool take_unknown(struct str *in, struct piece *pc)
{
	enum { NEAR = 48 };

	for (size_t i = 1; i < in->n && i < NEAR; i++) {
		struct str at = str_from(*in, i);
		char before = in->p[i - 1];
		bool foreign;

		if ((before != ' ' && before != '|' && before != ':') ||
		    (in->p[i] != '[' && (in->p[i] != '<' || !take_level(&at, &foreign))) ||
		    !take_kernel_time(&at, &pc->mono_us))
			continue;
		*in = str_from(*in, i);
		return true;
	}
	return false;
}

/* An ISO time and what its writers put behind it. */
static bool take_iso(const struct parser *p, struct str *in, struct piece *pc)
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
	if (take_logcat_rest(&at, pc) || take_host_tag(&at, pc)) {
		*in = at;
		return true;
	}
	*in = at;
	/* "group/stream Jan  2 15:04:05 host kernel: ": what a collector took from a syslog */
	if (take_word(&at, &word)) {
		skip_blanks(&at);
		if (take_rfc3164(p, &at, pc)) {
			*in = at;
			return true;
		}
	}
	(void)take_unknown(in, pc); /* VMware's log of a guest */
	return true;
}

/* "10:52:29 host systemd-oomd[1261]: ": a date somebody cut off */
static bool take_time_of_day(struct str *in, struct piece *pc)
{
	struct civil c = {0};
	struct str at = *in, host = {0};

	if (at.n < 12 || at.p[2] != ':' || !take_clock(&at, &c) || !take_char(&at, ' '))
		return false;
	skip_blanks(&at);
	if (at.n && (at.p[0] == '[' || at.p[0] == '<')) {
		*in = at;
		return true;
	}
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

/* "1767366245.123456 host kernel: ", and logcat's -v epoch and -v monotonic */
static bool take_unix_time(struct str *in, struct piece *pc)
{
	struct str at = *in;
	uint64_t seconds;
	int64_t micro;

	if (!take_u64(&at, &seconds) || seconds > INT32_MAX * UINT64_C(4) ||
	    !take_char(&at, '.') || !take_fraction(&at, &micro) || !take_char(&at, ' '))
		return false;
	if (seconds < 100000000) {
		if (!take_logcat_rest(&at, pc))
			return false;
		*in = at;
		return true;
	}
	if (!take_logcat_rest(&at, pc) && !take_host_tag(&at, pc))
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

/* "earlyoom[567]: ": without a date in front only the names we look for are tags. */
static bool take_bare_killer(struct str *in, struct piece *pc)
{
	static const struct str names[] = {
		STR_INIT("earlyoom["), STR_INIT("systemd-oomd["), STR_INIT("nohang["),
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_starts(*in, names[i]))
			return take_tag(in, pc);
	}
	return false;
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
		(void)take_lit(in, STR(": ")); /* of Talos' dmesg */
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
	    (take_rfc3164(p, in, pc) || take_journal_full(in, pc) || take_openwrt(in, pc) ||
	     take_logcat_tag(in, pc) || take_logcat_process(in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if ((!(pc->pre & (PRE_SYSLOG | PRE_RECORD)) ||
	     (!pc->foreign && str_starts(*in, STR("kernel: ")))) &&
	    take_bare_kernel(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!pc->pre && (c == 'e' || c == 's' || c == 'n') && take_bare_killer(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & (PRE_LEVEL | PRE_TIME)) && c >= 'a' && c <= 'z' &&
	    take_decoded_level(in, pc)) {
		pc->pre |= PRE_LEVEL;
		return true;
	}
	return !pc->pre && take_prompt(in);
}

static bool take_digits(const struct parser *p, struct str *in, struct piece *pc)
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
	    (take_iso(p, in, pc) || take_unix_time(in, pc) || take_logcat(in, pc) ||
	     take_time_of_day(in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	return false;
}

/* "kern.log.1:1234:Jan  2 ...", "1234-[  123.456] ...": grep's file names and line numbers */
static bool take_grep(struct str *in)
{
	enum { NEAR = 120 };

	for (size_t i = 1; i < in->n && i < NEAR && !ascii_blank(in->p[i]); i++) {
		struct str at = str_from(*in, i + 1);
		int64_t us;

		if (in->p[i] != ':' && in->p[i] != '-')
			continue;
		if (at.n < 12 || (at.p[0] == '[' ? !take_kernel_time(&at, &us)
						 : !month_from_name(at) || at.p[3] != ' '))
			continue;
		*in = str_from(*in, i + 1);
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
		bool foreign;

		if (!take_level(in, &foreign))
			return false;
		/* in front of a date it is syslog's, and a tag follows; a mere copy of another
		 * record's level says nothing new */
		if (in->n && in->p[0] == '[' && !(pc->pre & PRE_RECORD))
			pc->foreign = foreign;
		pc->pre |= PRE_LEVEL;
		return true;
	}
	if (c == '>' || c == '|')
		return !pc->pre && take_mail_quote(in);
	if (ascii_digit(c))
		return take_digits(p, in, pc);
	if (ascii_alpha(c))
		return take_letters(p, in, pc);
	return false;
}

/* ---- the header of the line before, again ----
 *
 * Most lines of a syslog begin as the one before does: to the byte within a second, and else
 * with other digits. Then the date need not be read: nobody asks when another program than the
 * kernel said something of no interest. */

static void note_header(struct known_header *h, struct str line, const struct piece *pc)
{
	/* both may also lie elsewhere, in what a record said: far away, then */
	size_t n = (uintptr_t)pc->ident.p - (uintptr_t)line.p;
	size_t host_at = (uintptr_t)pc->host.p - (uintptr_t)line.p;

	h->n = 0;
	if (!pc->ident.p || n < 8 || n > sizeof(h->text) || n >= line.n)
		return;
	if (pc->host.n && (host_at >= n || pc->host.n > n - host_at))
		return;
	memcpy(h->text, line.p, n);
	h->host_at = host_at;
	h->host_n = pc->host.n;
	h->wall_us = pc->wall_us;
	h->n = n;
}

static bool take_known_header(const struct known_header *h, struct str *in, struct piece *pc)
{
	struct str at = str_from(*in, h->n);
	struct piece said = {.foreign = false};
	bool same;

	if (h->n == 0 || in->n <= h->n)
		return false;
	same = memcmp(in->p, h->text, h->n) == 0;
	if ((!same && (pc->hit || !same_shape(in->p, h->text, h->n, false))) ||
	    !take_tag(&at, &said) || (!same && !said.foreign))
		return false;
	if (!same && at.n > 1 && at.p[1] == 'K') /* "Killed /system.slice/..." is of interest */
		return false;
	pc->ident = said.ident;
	pc->foreign = said.foreign;
	pc->host = h->host_n ? str_sub(*in, h->host_at, h->host_n) : (struct str){0};
	pc->wall_us = same ? h->wall_us : UNKNOWN;
	pc->pre |= PRE_SYSLOG;
	*in = at;
	return true;
}

static bool take_layer(struct parser *p, struct str *in, struct piece *pc)
{
	struct str start = *in;
	bool first = pc->pre == 0;

	if (first && take_known_header(&p->header, in, pc))
		return true;
	if (!take_one(p, in, pc))
		return !pc->pre && (take_grep(in) || take_unknown(in, pc));
	if (first && pc->pre == PRE_SYSLOG)
		note_header(&p->header, start, pc);
	return true;
}

void prefix_take(struct parser *p, struct piece *pc)
{
	enum { MOST_LAYERS = 12 };
	struct str in = pc->text;

	for (int i = 0; i < MOST_LAYERS; i++) {
		skip_blanks(&in);
		if (in.n == 0 || !take_layer(p, &in, pc))
			break;
	}
	if (pc->foreign)
		pc->pre |= PRE_SYSLOG;
	pc->text = in;
}
