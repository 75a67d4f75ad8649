/* SPDX-License-Identifier: MIT */
/* redact_hosts.c - machines that a line speaks of without a domain: who got an address, who is asked for,
 * whose URL it is. */
#include "report/redact_private.h"

static int learn_piece(struct redactor *r, struct str at, struct err *err)
{
	struct str host = str_sub(at, 0, redact_piece(at));

	return redact_is_program(host) ? 0 : redact_learn_host(r, redact_core(host), err);
}

/* dnsmasq: "DHCPACK(eth0) 10.0.0.5 52:54:00:12:34:56 laptop" */
int redact_learn_lease(struct redactor *r, struct str at, struct err *err)
{
	struct str word;

	for (int i = 0; i < 3; i++) {
		if (!take_word(&at, &word) || !take_char(&at, ' '))
			return 0;
	}
	return learn_piece(r, at, err);
}

/* dnsmasq: "query[A] laptop from 10.0.0.5" */
int redact_learn_query(struct redactor *r, struct str at, struct err *err)
{
	struct str type;

	return take_until_lit(&at, STR("] "), &type) && type.n < 16 ? learn_piece(r, at, err) : 0;
}

/* "user@laptop:8080/x" behind "http://": hosts in a domain are known by their form. */
int redact_learn_url(struct redactor *r, struct str at, struct err *err)
{
	struct str url = at, login;

	for (url.n = 0; url.n < at.n && (unsigned char)at.p[url.n] > ' ' && !memchr("/\"'<>,;", at.p[url.n], 7);)
		url.n++;
	(void)take_until(&url, '@', &login);
	url.n = redact_piece(url);
	return str_find_char(url, '.') == SIZE_MAX ? learn_piece(r, url, err) : 0;
}

/* chrony, systemd-timesyncd: "10.0.0.1:123 (laptop)" */
int redact_learn_source(struct redactor *r, struct str at, struct err *err)
{
	struct str address;

	return take_word(&at, &address) && take_lit(&at, STR(" (")) ? learn_piece(r, at, err) : 0;
}

/* The kernel's "ip=CLIENT:SERVER:GATEWAY:MASK:HOST:...". */
int redact_learn_booted(struct redactor *r, struct str at, struct err *err)
{
	struct str field;

	at.n = str_find_char(at, ' ') < at.n ? str_find_char(at, ' ') : at.n;
	for (int i = 0; i < 4; i++) {
		if (!take_until(&at, ':', &field))
			return 0;
	}
	return learn_piece(r, at, err);
}

int redact_learn_limit(struct redactor *r, struct str line, struct err *err)
{
	static const char *const items[] = {
		"core", "data", "fsize", "memlock", "nofile", "rss", "stack", "cpu", "nproc", "as", "maxlogins",
		"maxsyslogins", "nonewprivs", "priority", "locks", "sigpending", "msgqueue", "nice", "rtprio",
	};
	struct str who, kind, item;

	(void)take_char(&line, '@');
	if (!take_word(&line, &who) || who.p[0] == '#' || (skip_blanks(&line), !take_word(&line, &kind)) ||
	    !(str_eq(kind, STR("soft")) || str_eq(kind, STR("hard")) || str_eq(kind, STR("-"))) ||
	    (skip_blanks(&line), !take_word(&line, &item)) || !redact_listed(items, ARRAY_COUNT(items), item) ||
	    redact_is_program(who))
		return 0;
	return redact_learn(r, REDACT_USER, who, err);
}
