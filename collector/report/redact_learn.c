/* SPDX-License-Identifier: MIT */
/* redact_learn.c - where the names of a machine, its people and its network are written. */
#include "report/redact_private.h"

#include <stdio.h>

enum { SMALL_FILE = 256 * 1024 };

/* The same machine gets the same pseudonym in every bundle, and nobody without its machine-id
 * can turn it back: a desk can count hosts without knowing them. */
static void learn_own_host(struct redactor *r, struct str host, struct str machine_id)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const struct redact_name *name;
	char text[24];
	int n;

	host = redact_core(host);
	if (host.n == 0 || redact_is_common_word(host))
		return;
	for (size_t i = 0; i < machine_id.n; i++)
		h = (h ^ (unsigned char)machine_id.p[i]) * UINT64_C(1099511628211);
	for (size_t i = 0; i < host.n; i++)
		h = (h ^ (unsigned char)host.p[i]) * UINT64_C(1099511628211);
	n = snprintf(text, sizeof(text), "host-%08x", (unsigned)(h ^ h >> 32));
	name = redact_add(r, REDACT_HOST, host, (struct str){text, (size_t)n});
	if (name && !r->own_host.p)
		r->own_host = name->replacement;
}

/* "web01.example.com": the host and its domain. */
static int learn_host(struct redactor *r, struct str host, struct err *err)
{
	struct str first = host, rest = host;
	uint8_t ip[16];

	if (host.n == 0 || ascii_digit(host.p[host.n - 1]) ? pattern_ipv4(host, ip) > 0 : false)
		return 0;
	if (pattern_ipv6(host, ip) > 0)
		return 0;
	if (take_until(&rest, '.', &first) &&
	    redact_learn(r, REDACT_DOMAIN, rest, err) != 0)
		return -1;
	return redact_learn(r, REDACT_HOST, first, err);
}

static struct str small_file(const struct root *root, const char *path, struct buf *b)
{
	int errnum = 0;

	buf_clear(b);
	(void)file_read(root, path, b, &errnum);
	return buf_str(b);
}

static int learn_hosts(struct redactor *r, struct str text, struct err *err)
{
	struct str line, word;

	while (take_line(&text, &line)) {
		bool first = true;

		for (skip_blanks(&line); take_word(&line, &word); skip_blanks(&line)) {
			if (word.p[0] == '#')
				break;
			if (!first && !str_starts(word, STR("ip6-")) &&
			    learn_host(r, word, err) != 0)
				return -1;
			first = false;
		}
	}
	return 0;
}

static int learn_resolv(struct redactor *r, struct str text, struct err *err)
{
	struct str line, word;

	while (take_line(&text, &line)) {
		if (!take_lit(&line, STR("search ")) && !take_lit(&line, STR("domain ")))
			continue;
		for (skip_blanks(&line); take_word(&line, &word); skip_blanks(&line)) {
			if (redact_learn(r, REDACT_DOMAIN, word, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* People have user ids from 1000 on (login.defs UID_MIN); nobody is 65534. */
static int learn_users(struct redactor *r, struct str text, struct err *err)
{
	struct str line, name, password, uid_text;
	uint64_t uid;

	while (take_line(&text, &line)) {
		if (!take_until(&line, ':', &name) || !take_until(&line, ':', &password) ||
		    !take_until(&line, ':', &uid_text) || !take_u64(&uid_text, &uid))
			continue;
		if (uid >= 1000 && uid != 65534 && redact_learn(r, REDACT_USER, name, err) != 0)
			return -1;
	}
	return 0;
}

int redact_learn_root(struct redactor *r, const struct root *root, struct err *err)
{
	static const char *const serials[] = {
		"/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/board_serial",
		"/sys/class/dmi/id/chassis_serial", "/sys/class/dmi/id/product_uuid",
		"/sys/class/dmi/id/chassis_asset_tag", "/proc/sys/kernel/random/boot_id",
	};
	CLEANUP_BUF struct buf b = BUF_INIT(SMALL_FILE);
	CLEANUP_BUF struct buf id = BUF_INIT(SMALL_FILE);
	struct str machine_id = str_trim(small_file(root, "/etc/machine-id", &id));
	static const char *const own[] = {"/proc/sys/kernel/hostname", "/etc/hostname"};

	if (r->level == REDACT_NONE)
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(own); i++) {
		struct str host = str_trim(small_file(root, own[i], &b)), first = host;
		struct str rest = host;

		(void)take_until(&rest, '.', &first);
		learn_own_host(r, first, machine_id);
		if (learn_host(r, host, err) != 0)
			return -1;
	}
	if (machine_id.n && redact_learn(r, REDACT_ID, machine_id, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(serials); i++) {
		struct str serial = str_trim(small_file(root, serials[i], &b));

		if (serial.n >= 5 && !ascii_blank(serial.p[0]) &&
		    str_find(serial, STR(" ")) == SIZE_MAX &&
		    redact_learn(r, REDACT_ID, serial, err) != 0)
			return -1;
	}
	if (learn_hosts(r, small_file(root, "/etc/hosts", &b), err) != 0 ||
	    learn_resolv(r, small_file(root, "/etc/resolv.conf", &b), err) != 0)
		return -1;
	return learn_users(r, small_file(root, "/etc/passwd", &b), err);
}

int redact_learn_text(struct redactor *r, struct str lines, struct err *err)
{
	struct str line, host, last = {NULL, 0};

	if (r->level == REDACT_NONE)
		return 0;
	while (take_line(&lines, &line)) {
		if (!redact_line_host(line, &host))
			continue;
		if (last.p && str_eq(last, host))
			continue; /* one machine's log names it in every line */
		last = host;
		if (learn_host(r, host, err) != 0)
			return -1;
	}
	return 0;
}
