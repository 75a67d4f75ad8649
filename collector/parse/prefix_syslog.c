/* SPDX-License-Identifier: MIT */
/* prefix_syslog.c - headers with a date, as syslog daemons, the journal and collectors write
 * them: RFC 3164, RFC 5424, journalctl(1), OpenWrt's logread, the CRI log format; and the tag
 * of the program behind them.
 */
#include "base/when.h"
#include "parse/unwrap.h"

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
	return ident.n == 0 || str_starts(ident, STR("kernel.")) ||
	       str_starts(ident, STR("kern.")) || str_starts(ident, STR("%KERN-")); /* NX-OS */
}

void said_by(struct piece *pc, struct str ident)
{
	pc->ident = ident;
	pc->foreign = !kernel_ident(ident);
}

/* "app[web.1]" is a container of Heroku's: what it copies from a kernel has a kernel's time. */
static bool is_dyno(struct str app, struct str process, struct str text)
{
	struct str type;
	int64_t us;

	skip_blanks(&text);
	return str_eq(app, STR("app")) && take_until(&process, '.', &type) && process.n &&
	       ascii_digit(process.p[0]) && take_kernel_time(&text, &us);
}

/* "kernel: ", "kernel[0]: ", "systemd-oomd[812]: " */
bool take_program(struct str *in, struct piece *pc)
{
	struct str at = *in, tag = at, pid = {0};
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
	if (is_dyno(tag, pid, at))
		tag = (struct str){0};
	said_by(pc, tag);
	*in = at;
	return true;
}

bool take_tag(struct str *in, struct piece *pc)
{
	return (in->n && in->p[0] == '%' && take_mnemonic(in, pc)) || take_program(in, pc);
}

/* "Normal: 1*4kB ...": what looks like a program's tag is of a line of the kernel. Words that a
 * program may say in the middle of a line do not make it one. */
bool tag_is_text(struct str line)
{
	return kind_words(line) > 0;
}

/* What needs no host in front: a time or level of the kernel, a logger's words. */
static bool take_hostless(struct str *in, struct piece *pc)
{
	struct str at = *in, behind = *in;
	bool foreign;

	if (take_kernel_time(&behind, &pc->mono_us)) { /* ts(1), CI runners, kubectl */
		skip_blanks(&behind);
		if (take_facility_words(&behind, pc))
			*in = behind;
		return true;
	}
	if (take_level(&behind, &foreign) || take_labels(in, pc) || take_logger_words(in, pc) ||
	    take_topics(in, pc))
		return true;
	if (!take_tag(&at, pc))
		return false;
	if (pc->foreign && (tag_is_text(*in) || str_starts(at, STR(" page allocation ")))) {
		said_by(pc, (struct str){0});
		return true;
	}
	*in = at;
	return true;
}

/* "usb 1-1: ", "e1000e 0000:00:1f.6 eno1: ", "EXT4-fs (sda1): ", "usb usb1: ": a driver and its
 * device, and no host and its program. */
static bool is_device(struct str driver, struct str name)
{
	size_t i = 0;

	if (name.n == 0 || name.p[0] == '(' || str_starts(name, driver))
		return name.n > 0;
	while (i < name.n && (ascii_digit(name.p[i]) || (name.p[i] >= 'a' && name.p[i] <= 'f') ||
			      str_find_char(STR(":.-"), name.p[i]) != SIZE_MAX))
		i++;
	return i > 2 && i < name.n && ascii_blank(name.p[i]) && ascii_digit(name.p[0]);
}

/* What follows a wall time: "host kernel: ", " kernel: ", "kern.warn kernel: ", "host kern.warn
 * kernel: ", and with neither just a host before "[" or "<", or an address with its port. */
static bool take_host_tag(struct str *in, struct piece *pc)
{
	struct str at = *in, line, tag, host, facility, port;
	struct civil c;
	uint64_t n;

	skip_blanks(&at);
	line = tag = at;
	if (take_facility(&tag) && take_tag(&tag, pc)) {
		*in = tag;
		return true;
	}
	if (take_hostless(&at, pc)) {
		*in = at;
		return true;
	}
	if (!take_word(&at, &host) || host.n > 255)
		return false;
	skip_blanks(&at);
	(void)take_ios_head(&at, pc, &c);
	port = host;
	if (take_until(&port, ':', &facility) && take_u64(&port, &n) && port.n == 0 &&
	    !tag_is_text(line)) {
		*in = at;
		return true;
	}
	if (is_device(host, at)) {
		*in = line;
		return true;
	}
	pc->host = host;
	port = at;
	if (take_tag(&at, pc) || take_logger_words(&at, pc) || take_topics(&at, pc)) {
		if (pc->foreign && kind_words(line) > host.n + 1) {
			/* "Hardware name: ..." behind a bare time */
			pc->host = (struct str){0};
			port = line;
		}
		if (pc->foreign && tag_is_text(port)) {
			said_by(pc, (struct str){0});
			at = port;
		}
		*in = at;
		return true;
	}
	if (take_word(&port, &facility) && ascii_alpha(facility.p[0]) &&
	    str_find_char(facility, '.') != SIZE_MAX) {
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
int64_t guess_year(const struct parser *p, struct civil *c)
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

/* Behind a date: metalog and others write no "kernel:". */
static bool take_untagged(struct str *in, struct piece *pc)
{
	struct str at = *in, line, host;

	skip_blanks(&at);
	line = at;
	if (!take_word(&at, &host))
		return false;
	skip_blanks(&at);
	if (kind_of(at, pc->hit) >= 0) {
		pc->host = host;
	} else if (kind_of(line, pc->hit) >= 0) {
		at = line;
	} else if (at.n == 0) { /* wrapped between host and program: whose it is, is not known */
		pc->foreign = true;
	} else {
		return false;
	}
	*in = at;
	return true;
}

/* "Jan  2 15:04:05[.123456] host kernel: ", also "2026 Jan  2 ..." of Cisco's NX-OS, "Jan  2 2026
 * 15:04:05 " and "Jan  2 15:04:05 2026 " of other switches */
bool take_rfc3164(const struct parser *p, struct str *in, struct piece *pc)
{
	struct str at = *in, zone;
	struct civil c = {.month = month_from_name(at)};
	uint64_t day, late, year = 0;

	if (at.n > 5 && ascii_digit(at.p[3]) && at.p[4] == ' ' && take_u64(&at, &year)) {
		skip_blanks(&at);
		c.month = month_from_name(at);
	}
	if (at.n < 12)
		return false;
	if (c.month && ascii_blank(at.p[3])) {
		at = str_from(at, 3);
		skip_blanks(&at);
	} else if (!take_month_word(&at, &c.month)) {
		return false;
	}
	if (!take_u64(&at, &day) || day < 1 || day > 31 || !take_char(&at, ' '))
		return false;
	if (at.n > 5 && ascii_digit(at.p[3]) && at.p[4] == ' ' && !take_u64(&at, &year))
		return false;
	skip_blanks(&at);
	if (!take_clock(&at, &c))
		return false;
	zone = at;
	if (take_lit(&zone, STR(" 2")) && zone.n > 4 && zone.p[3] == ' ' && take_u64(&zone, &late) &&
	    zone.p[0] == ' ') {
		year = 2000 + late;
		at = zone;
	}
	if (year)
		pass_nxos(&at, pc);
	pass_zone(&at);
	c.day = (int)day;
	c.year = (int)year;
	if (!take_host_tag(&at, pc) && (!c.month || !take_untagged(&at, pc)))
		return false;
	if (c.month && (!year || !when_from_civil(&c, &pc->wall_us)))
		pc->wall_us = guess_year(p, &c);
	*in = at;
	return true;
}

/* "Jan 2, 2026 @ 15:04:05.000<tab>host<tab>kernel<tab>": columns copied out of Kibana, which may
 * stand in another order, or not be there. */
bool take_kibana(struct str *in, struct piece *pc)
{
	struct civil c = {.month = month_from_name(*in)};
	struct str at, rest, field;
	uint64_t day, year;

	if (!c.month || in->n < 24)
		return false;
	at = str_from(*in, 3);
	if (!take_char(&at, ' ') || !take_u64(&at, &day) || day > 31 || !take_lit(&at, STR(", ")) ||
	    !take_u64(&at, &year) || year > 9999 || !take_lit(&at, STR(" @ ")) ||
	    !take_clock(&at, &c))
		return false;
	c.day = (int)day;
	c.year = (int)year;
	if (!when_from_civil(&c, &pc->wall_us))
		pc->wall_us = UNKNOWN;
	skip_blanks(&at);
	for (rest = at; take_until(&rest, '\t', &field); at = rest) {
		if (str_find_char(field, ' ') != SIZE_MAX) /* of the text */
			break;
		if (str_eq(field, STR("kernel")) || pc->host.n)
			said_by(pc, field);
		else
			pc->host = field;
	}
	*in = at;
	return true;
}

/* "Fri 2026-01-02 15:04:05 CET host kernel: " */
bool take_journal_full(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	int64_t us;

	if (!take_word(&at, &word) || word.n > LONGEST_WEEKDAY || !take_char(&at, ' ') ||
	    at.n == 0 || !ascii_digit(at.p[0]) || !take_iso_time(&at, &us))
		return false;
	skip_blanks(&at);
	if (!take_word(&at, &word) || word.n > 6 || !take_host_tag(&at, pc))
		return false;
	pc->wall_us = us;
	*in = at;
	return true;
}

/* OpenWrt: "Thu Jan  2 15:04:05 2026 kern.warn kernel: " */
bool take_openwrt(struct str *in, struct piece *pc)
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

/* An ISO time and what its writers put behind it. */
bool take_iso(const struct parser *p, struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	int64_t us;

	if (at.n < 16 || at.p[4] != '-' || !take_iso_time(&at, &us))
		return false;
	(void)take_lit(&at, STR(":")); /* of programs' own logs */
	if (at.n && !ascii_blank(at.p[0]))
		return false;
	pc->wall_us = us;
	skip_blanks(&at);
	if (in->n > 20 && in->p[19] == ',') { /* dmesg: the text follows; and log4j */
		if (take_logger_words(&at, pc)) {
			*in = at;
			return true;
		}
		pc->pre |= PRE_TIME;
		if (take_caller(&at, &pc->caller))
			pc->pre |= PRE_CALLER;
		*in = at;
		return true;
	}
	if (take_lit(&at, STR("stdout ")) || take_lit(&at, STR("stderr "))) { /* CRI */
		if (take_word(&at, &word))
			(void)take_char(&at, ' ');
		word = at; /* of a program that follows a syslog */
		*in = take_rfc3164(p, &word, pc) ||
				      (word.n > 16 && ascii_digit(word.p[0]) && take_iso(p, &word, pc))
			      ? word
			      : at;
		return true;
	}
	word = at; /* what a program that follows a syslog wrote */
	if (take_rfc3164(p, &word, pc)) {
		*in = word;
		return true;
	}
	/* "{job="varlogs"} Jan  2 15:04:05 host kernel: ": what a collector took from a syslog */
	word = at;
	if (take_labels(&word, pc) && take_rfc3164(p, &word, pc)) {
		*in = word;
		return true;
	}
	if (at.n > 4 && ascii_digit(at.p[0]) && (at.p[2] == 'O' || at.p[2] == 'E') &&
	    (at.p[3] == ' ' || at.p[3] == '+')) { /* GitLab: stream number, kind, goes on */
		*in = str_from(at, 4);
		return true;
	}
	if (take_logcat_rest(&at, pc) || take_host_tag(&at, pc)) {
		*in = at;
		return true;
	}
	*in = at;
	/* the same behind "group/stream " */
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

/* "10:52:29 host systemd-oomd[1261]: ": a date somebody cut off; "10:52:29  text": Jenkins' timestamps */
bool take_time_of_day(struct str *in, struct piece *pc)
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
	*in = at;
	if (kind_words(at))
		return true;
	if (take_tag(&at, pc) || (take_word(&at, &host) && host.n <= 255 &&
				  (skip_blanks(&at), take_tag(&at, pc)))) {
		if (pc->foreign && str_starts(at, STR(" page allocation "))) {
			said_by(pc, (struct str){0});
			return true;
		}
		pc->host = host;
		*in = at;
	}
	return true;
}

/* "1767366245.123456 host kernel: ", and logcat's -v epoch and -v monotonic */
bool take_unix_time(struct str *in, struct piece *pc)
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

/* "[x@1 a="b"]", and no time or row of a table */
static bool is_structured_data(struct str at)
{
	return at.n > 1 && at.p[0] == '[' && !ascii_blank(at.p[1]) &&
	       str_find_char(str_sub(at, 0, str_find_char(at, ']')), '=') != SIZE_MAX;
}

/* Behind "<4>": "1 2026-01-02T15:04:05.003Z host app procid msgid - text" */
bool take_rfc5424(struct str *in, struct piece *pc)
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
	if (!take_char(&at, '-')) { /* Heroku writes none, and the text may begin with a bracket */
		while (is_structured_data(at)) {
			if (!take_until(&at, ']', &data))
				return false;
		}
	}
	(void)take_char(&at, ' ');
	(void)take_lit(&at, STR("\xef\xbb\xbf"));
	if (!str_eq(host, STR("-")))
		pc->host = host;
	if (is_dyno(app, procid, at))
		app = (struct str){0};
	said_by(pc, app);
	pc->wall_us = us;
	*in = at;
	return true;
}

/* "host kernel: " behind the time of journalctl -o short-monotonic, and bare "kernel: ". */
bool take_bare_kernel(struct str *in, struct piece *pc)
{
	struct str at = *in, host = {0};

	if (!str_starts(at, STR("kernel"))) {
		if (!(pc->pre & PRE_TIME) || !take_word(&at, &host) || host.n > 255 ||
		    host.p[host.n - 1] == ':' || !take_char(&at, ' '))
			return false;
		if (!str_starts(at, STR("kernel:")) && !str_starts(at, STR("kernel[")))
			return false;
	}
	if (!pc->pre && kind_words(str_from(at, STR("kernel:").n)) && take_lit(&at, STR("kernel:"))) {
		said_by(pc, STR("kernel")); /* syslogd's shout to all terminals has no blank there */
		*in = at;
		return true;
	}
	if (!take_tag(&at, pc) || pc->foreign)
		return false;
	if (host.n)
		pc->host = host;
	*in = at;
	return true;
}

/* "earlyoom[567]: ": without a date in front only the names we look for are tags. */
bool take_bare_killer(struct str *in, struct piece *pc)
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
