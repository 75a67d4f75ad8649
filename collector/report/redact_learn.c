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

int redact_learn_host(struct redactor *r, struct str host, struct err *err)
{
	struct str first = host, rest = host;
	uint8_t ip[16];

	if (host.n == 0 || pattern_ipv4(host, '.', ip) > 0 || pattern_ipv6(host, ip) > 0)
		return 0;
	if (take_until(&rest, '.', &first) &&
	    redact_learn(r, REDACT_DOMAIN, rest, err) != 0)
		return -1;
	return redact_learn(r, REDACT_HOST, first, err);
}

/* A name that stands for another one; by itself it may be a word like any other. */
static void learn_alone(struct redactor *r, const struct redact_name *name, struct str word)
{
	word = redact_core(word);
	if (name && word.n >= 4 && !ascii_digit(word.p[0]) && !redact_is_usual(word)) {
		redact_add_same(r, name, word);
		redact_add_spellings(r, names_find(&r->names, word));
	}
}

/* "Anna Example,Room 1,...": who it is, where it is more than one word; a family is known by its name
 * alone, too. */
static void learn_person(struct redactor *r, struct str gecos, struct str account)
{
	const struct redact_name *user = names_find(&r->names, account);

	gecos = redact_core(str_sub(gecos, 0, str_find_char(gecos, ',')));
	if (!user || str_find_char(gecos, ' ') == SIZE_MAX)
		return;
	redact_add_same(r, user, gecos);
	redact_add_spellings(r, names_find(&r->names, gecos));
	learn_alone(r, user, str_from(gecos, str_rfind(gecos, STR(" ")) + 1));
}

/* "acme" of the machine's own "acme.example": who owns it has that name elsewhere, too. */
static int learn_domain(struct redactor *r, struct str domain, struct err *err)
{
	static const char *const nobodys[] = {"internal", "compute", "cluster", "intern", "intranet", "corp",
					      "office", "openstack", "amazonaws", "domain", "example"};
	struct str owned = domain_owned(domain), label = str_sub(owned, 0, str_find_char(owned, '.'));

	if (redact_learn(r, REDACT_DOMAIN, domain, err) != 0)
		return -1;
	if (label.n < owned.n && !redact_listed(nobodys, ARRAY_COUNT(nobodys), label))
		learn_alone(r, names_find(&r->names, owned), label);
	return 0;
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
			    redact_learn_host(r, word, err) != 0)
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
			if (learn_domain(r, word, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* People have user ids from 1000 on (login.defs UID_MIN); nobody is 65534. The names below are of
 * the system, and stay where a log speaks of them. */
static int learn_users(struct redactor *r, struct str text, struct err *err)
{
	struct str line, name, password, uid_text, gid;
	uint64_t uid;

	while (take_line(&text, &line)) {
		if (!take_until(&line, ':', &name) || !take_until(&line, ':', &password) ||
		    !take_until(&line, ':', &uid_text) || !take_u64(&uid_text, &uid))
			continue;
		if (uid < 1000 || uid == 65534) {
			(void)names_add(&r->keeps, REDACT_USER, name, name);
			continue;
		}
		if (redact_learn(r, REDACT_USER, name, err) != 0)
			return -1;
		if (take_until(&line, ':', &gid) && take_until(&line, ':', &gid))
			learn_person(r, gid, name);
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

		bool inside = take_until(&rest, '.', &first);

		learn_own_host(r, first, machine_id);
		if (redact_learn_host(r, host, err) != 0 || (inside && learn_domain(r, rest, err) != 0))
			return -1;
	}
	if (learn_domain(r, str_trim(small_file(root, "/proc/sys/kernel/domainname", &b)), err) != 0)
		return -1;
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
	if (learn_users(r, small_file(root, "/etc/passwd", &b), err) != 0)
		return -1;
	return r->level == REDACT_STRICT ? redact_learn_processes(r, root, err) : 0;
}

int redact_learn_text(struct redactor *r, struct str lines, struct err *err)
{
	struct str line, host, last = {NULL, 0};
	bool listing = redact_has_listing(&r->learnt, lines);

	if (r->level == REDACT_NONE)
		return 0;
	if (redact_learn_marked(r, lines, err) != 0)
		return -1;
	while (take_line(&lines, &line)) {
		if (redact_learn_mount(r, line, err) != 0 || redact_learn_limit(r, line, err) != 0 ||
		    redact_learn_row(r, line, listing, err) != 0 ||
		    (r->level == REDACT_STRICT && redact_learn_comms(r, line, err) != 0))
			return -1;
		if (!redact_line_host(line, &host))
			continue;
		if (last.p && str_eq(last, host))
			continue; /* one machine's log names it in every line */
		last = host;
		if (redact_learn_host(r, host, err) != 0)
			return -1;
	}
	return 0;
}
