/* SPDX-License-Identifier: MIT */
/* redact_places.c - short or ordinary names ("hv", "order") are replaced only in places that say
 * what they are: "/home/hv", "hv@", "user=hv", the host of a log line, a hostname field. */
#include "report/redact_private.h"

#include "base/when.h"

static bool syslog_host(struct str line, struct str *ret)
{
	struct str at = line, word;
	int64_t us;

	if (take_lit(&at, STR("_HOSTNAME="))) {
		*ret = at;
		return true;
	}
	if (take_iso_time(&at, &us)) {
		/* the fraction and the offset are eaten */
	} else if (month_from_name(at) && at.n > 16 && at.p[3] == ' ' && at.p[6] == ' ' &&
		   at.p[9] == ':' && at.p[12] == ':') {
		at = str_from(at, 15);
	} else {
		return false;
	}
	if (!take_char(&at, ' ') || !take_word(&at, ret) || !take_char(&at, ' '))
		return false;
	/* "systemd[1]: x: y" of a log without hosts */
	return str_find_char(*ret, '[') == SIZE_MAX && !str_ends(*ret, STR(":")) && take_word(&at, &word) &&
	       (str_ends(word, STR(":")) || word.p[word.n - 1] == ']');
}

static bool json_host(struct str line, struct str *ret)
{
	struct str head;

	return line.n && line.p[0] == '{' &&
	       take_until_lit(&line, STR("\"_HOSTNAME\":\""), &head) &&
	       take_until(&line, '"', ret);
}

bool redact_line_host(struct str line, struct str *ret)
{
	return syslog_host(line, ret) || json_host(line, ret);
}

/* What stands in front of a name, and behind it. */
struct place {
	enum redact_kind kind;
	struct str before, behind;
};

static const struct place places[] = {
	{REDACT_USER, STR_INIT("/home/"), STR_INIT("")},
	{REDACT_USER, STR_INIT("/Users/"), STR_INIT("")},
	{REDACT_USER, STR_INIT("/var/mail/"), STR_INIT("")},
	{REDACT_USER, STR_INIT("/var/spool/cron/crontabs/"), STR_INIT("")},
	{REDACT_USER, STR_INIT("user "), STR_INIT("")},
	{REDACT_USER, STR_INIT("user="), STR_INIT("")},
	{REDACT_USER, STR_INIT("user: "), STR_INIT("")},
	{REDACT_USER, STR_INIT("user \""), STR_INIT("")},
	{REDACT_USER, STR_INIT("user '"), STR_INIT("")},
	{REDACT_USER, STR_INIT("USER="), STR_INIT("")},
	{REDACT_USER, STR_INIT("LOGNAME="), STR_INIT("")},
	{REDACT_USER, STR_INIT("acct=\""), STR_INIT("")},
	{REDACT_USER, STR_INIT("acct=\\\""), STR_INIT("")},
	{REDACT_USER, STR_INIT(" for "), STR_INIT(" from ")},
	{REDACT_USER, STR_INIT("("), STR_INIT(") CMD ")},
	{REDACT_USER, STR_INIT("("), STR_INIT(") on ")},
	{REDACT_USER, STR_INIT(""), STR_INIT("(uid=")},
	{REDACT_USER, STR_INIT(""), STR_INIT(" : TTY=")},
	{REDACT_USER, STR_INIT("user@"), STR_INIT(".service")},
	{REDACT_HOST, STR_INIT("\"hostname\": \""), STR_INIT("\"")},
	{REDACT_HOST, STR_INIT("\"hostname\":\""), STR_INIT("\"")},
	{REDACT_HOST, STR_INIT("HOSTNAME="), STR_INIT("")},
	{REDACT_HOST, STR_INIT("hostname="), STR_INIT("")},
	{REDACT_HOST, STR_INIT("hostname "), STR_INIT("")},
	{REDACT_HOST, STR_INIT("host="), STR_INIT("")},
	{REDACT_HOST, STR_INIT("host "), STR_INIT("")},
	{REDACT_HOST, STR_INIT("host \""), STR_INIT("")},
	{REDACT_HOST, STR_INIT("Set hostname to <"), STR_INIT(">")},
	{REDACT_HOST, STR_INIT("Linux "), STR_INIT(" ")},
	{REDACT_HOST, STR_INIT("://"), STR_INIT("")},
	{REDACT_CGROUP, STR_INIT("/"), STR_INIT("")},
};

/* Between two words that may be names: "hv@web01". */
static bool beside_at_sign(struct str text, size_t at, size_t n, enum redact_kind kind)
{
	if (kind == REDACT_USER)
		return at + n + 1 < text.n && text.p[at + n] == '@' &&
		       !name_boundary(text.p[at + n + 1]);
	return kind == REDACT_HOST && at > 1 && text.p[at - 1] == '@' &&
	       !name_boundary(text.p[at - 2]);
}

/* "hv.corp.example.net" where that domain is known. */
static bool before_domain(const struct redactor *r, struct str text, size_t at)
{
	const struct redact_name *domain;

	if (at + 1 >= text.n || text.p[at] != '.')
		return false;
	domain = names_at(&r->names, str_from(text, at + 1));
	return domain && domain->kind == REDACT_DOMAIN;
}

/* The line a place is in; inside a JSON string it begins behind the quote, or behind a "\n" that
 * is two characters there. */
static struct str line_around(struct str text, size_t at)
{
	static const struct str starts[] = {STR_INIT("\n"), STR_INIT("\\n"), STR_INIT("\": \""),
					    STR_INIT("\":\"")};
	struct str before = str_sub(text, 0, at), line;
	size_t from = 0;

	for (size_t i = 0; i < ARRAY_COUNT(starts); i++) {
		size_t start = str_rfind(before, starts[i]);

		if (start != SIZE_MAX && start + starts[i].n > from)
			from = start + starts[i].n;
	}
	line = str_sub(text, from, 400);
	if (str_find_char(line, '\n') != SIZE_MAX)
		line.n = str_find_char(line, '\n');
	return line;
}

static bool is_line_host(struct str text, size_t at, size_t n)
{
	struct str line = line_around(text, at), host;

	if (line.p == text.p + at && line.n == n)
		return true; /* nothing else stands there: /proc/sys/kernel/hostname */
	return redact_line_host(line, &host) && host.p == text.p + at;
}

const struct redact_name *redact_aside_at(const struct redactor *r, struct str text, size_t at)
{
	struct str rest = str_from(text, at), before = str_sub(text, 0, at);
	const struct redact_name *name;
	size_t n = 0;

	if (rest.n == 0 || !names_may_begin(&r->asides, rest.p[0]))
		return NULL;
	while (n < rest.n && !name_boundary(rest.p[n]))
		n++;
	if (n == 0 || n > NAME_LONGEST || !(r->asides.lengths[n / 64] >> n % 64 & 1) ||
	    (n > 2 && !names_have_head(&r->asides, rest)))
		return NULL;
	name = names_find(&r->asides, str_sub(rest, 0, n));
	if (!name)
		return NULL;
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		if (places[i].kind == name->kind && str_ends(before, places[i].before) &&
		    str_starts(str_from(rest, n), places[i].behind))
			return name;
	}
	if (beside_at_sign(text, at, n, name->kind) ||
	    (name->kind == REDACT_HOST &&
	     (before_domain(r, text, at + n) || is_line_host(text, at, n))))
		return name;
	return NULL;
}

/* ---- names in paths ---- */

/* Of another folder than the kernel's own: there underscores join words of the kernel. */
static bool in_path(struct str text, size_t at)
{
	static const struct str own[] = {STR_INIT("/proc/"), STR_INIT("/sys/"), STR_INIT("/lib"),
					 STR_INIT("/usr/")};
	struct str before = str_sub(text, at > 256 ? at - 256 : 0, at > 256 ? 256 : at);
	size_t from = before.n;

	while (from > 0 && (unsigned char)before.p[from - 1] > ' ' &&
	       !memchr("\"'=:,;()[]?&", before.p[from - 1], 12))
		from--;
	before = str_from(before, from);
	for (size_t i = 0; i < ARRAY_COUNT(own); i++) {
		if (str_starts(before, own[i]))
			return false;
	}
	return str_starts(before, STR("/")) || str_starts(before, STR("etc/"));
}

static bool may_be_joined(enum redact_kind kind)
{
	return kind == REDACT_USER || kind == REDACT_HOST || kind == REDACT_ID || kind == REDACT_LABEL;
}

/* "/dev/mapper/lv_anna"; elsewhere it may be "folio_mark_accessed", and stays. */
const struct redact_name *redact_joined_at(const struct redactor *r, struct str text, size_t at)
{
	struct str part = str_from(text, at);
	const struct redact_name *name;
	size_t n = 0;

	if (!names_have_head(&r->names, part))
		return NULL;
	while (n < part.n && n <= NAME_LONGEST && !name_boundary(part.p[n]) && part.p[n] != '_')
		n++;
	if (n < 3 || !((at > 0 && text.p[at - 1] == '_') || (n < part.n && part.p[n] == '_')))
		return NULL;
	name = names_find(&r->names, str_sub(part, 0, n));
	return name && may_be_joined(name->kind) && in_path(text, at) ? name : NULL;
}

bool scan_joined(struct scan *s, size_t word)
{
	uint64_t before = s->replaced;
	size_t from = s->at, plain = 0;

	while (plain < word && s->text.p[from + plain] != '_')
		plain++;
	for (size_t i = 0; plain < word && i < word; i++) {
		const struct redact_name *name = NULL;

		if (from + i < s->at || !(i == 0 || s->text.p[from + i - 1] == '_'))
			continue;
		if (ascii_digit(s->text.p[from + i]) && scan_apart_ipv4(s, from + i, '_'))
			continue;
		name = redact_joined_at(s->r, s->text, from + i);
		if (!name)
			continue;
		scan_keep(s, from + i - s->at);
		scan_known(s, name->original.n);
	}
	if (s->replaced == before)
		return false;
	scan_keep(s, from + word - s->at);
	return true;
}
