/* SPDX-License-Identifier: MIT */
/* redact_args.c - command lines: which program with which options stays readable, what it was
 * given to work on does not. */
#include "report/redact_private.h"

static size_t token_length(struct str s)
{
	size_t n = str_find_char(s, ' ');

	return n < s.n ? n : s.n;
}

/* 4, 0.5, 4g, 512MiB, 80%, 1:30, true: sizes and switches are what a report is about. */
static bool is_setting(struct str v)
{
	static const struct str words[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("yes"),
					   STR_INIT("no"),   STR_INIT("on"),	STR_INIT("off"),
					   STR_INIT("all"),  STR_INIT("none"),	STR_INIT("auto")};
	size_t n = 0, letters = 0;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_eq(v, words[i]))
			return true;
	}
	while (n < v.n && (ascii_digit(v.p[n]) || memchr(".,:-", v.p[n], 4)))
		n++;
	while (n + letters < v.n && (ascii_alpha(v.p[n + letters]) || v.p[n + letters] == '%'))
		letters++;
	return n > 0 && n <= 12 && letters <= 3 && n + letters == v.n && ascii_digit(v.p[0]);
}

static bool is_system_path(struct str v)
{
	static const struct str heads[] = {STR_INIT("/usr/"), STR_INIT("/bin/"), STR_INIT("/sbin/"),
					   STR_INIT("/lib"),  STR_INIT("/dev/"), STR_INIT("/proc/"),
					   STR_INIT("/sys/"), STR_INIT("/run/systemd/")};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (str_starts(v, heads[i]))
			return true;
	}
	return false;
}

/* Something that is replaced in its own way in any text: an address, a learned name. */
static bool is_name(const struct redactor *r, struct str v)
{
	const struct redact_name *name = names_at(&r->names, v);
	uint8_t ip[16];
	size_t at;

	return (name && name->original.n == v.n) || pattern_ipv4(v, '.', ip) == v.n ||
	       pattern_ipv6(v, ip) == v.n || pattern_mac(v) == v.n || pattern_uuid(v) == v.n ||
	       pattern_hex_id(v) == v.n || pattern_email(v, &at) == v.n;
}

static void one_value(struct scan *s, size_t n)
{
	struct str v = str_sub(scan_rest(s), 0, n);
	const struct redact_name *name;
	char made[64];
	bool plain = s->r->level < REDACT_STRICT && (is_setting(v) || is_system_path(v));

	if (n == 0 || str_eq(v, STR("[secret]")))
		return scan_keep(s, n);
	if (plain || is_name(s->r, v))
		return scan_words(s, s->at + n);
	name = names_find(&s->r->args, v);
	if (!name)
		name = names_add(&s->r->args, REDACT_ARGS, v,
				 names_next(&s->r->args, REDACT_ARGS, made));
	buf_add(scan_instead(s, n), name ? name->replacement : STR("[args]"));
}

/* Length of the part of an option that names it: "--log-level", "-o", "-jar", "-Xmx". "-pSECRET"
 * is not one: its value hangs on it. 0 = no option. */
static size_t option_name(struct str token)
{
	size_t n = 0;

	if (token.n < 2 || token.p[0] != '-')
		return 0;
	while (n < token.n && token.p[n] == '-')
		n++;
	while (n < token.n && (ascii_alpha(token.p[n]) || ascii_digit(token.p[n]) ||
			       token.p[n] == '-' || token.p[n] == '_' || token.p[n] == '.' ||
			       token.p[n] == '+'))
		n++;
	if (n > 2 && n < token.n && token.p[n] == '=' && !ascii_digit(token.p[n - 1]))
		return n; /* -ignore_crashes=1 */
	if (token.p[1] == '-' || n <= 2 || str_starts(token, STR("-X")) ||
	    str_starts(token, STR("-D")))
		return n;
	for (size_t i = 1; i < n; i++) {
		if (!ascii_alpha(token.p[i]))
			return 2;
	}
	return memchr("pPuUkK", token.p[1], 6) || n > 12 ? 2 : n;
}

/* "NAME" of "NAME=value". Without a value it may be the end of something in base64. */
static size_t variable_name(struct str token)
{
	size_t n = 0;

	while (n < token.n && (!name_boundary(token.p[n]) || token.p[n] == '-' || token.p[n] == '.'))
		n++;
	return n > 0 && n + 1 < token.n && token.p[n] == '=' && token.p[n + 1] != '=' ? n : 0;
}

bool scan_argument(struct scan *s, size_t end)
{
	struct str token = str_sub(scan_rest(s), 0, end - s->at), key;
	size_t name = option_name(token), dashes = 0;

	if (name == 0)
		name = variable_name(token);
	key = str_sub(token, 0, name);
	while (dashes < key.n && key.p[dashes] == '-')
		dashes++;
	key = str_from(key, dashes);
	if (dashes == 1 && scan_secret_option(s))
		return false;
	if (name > 0 && redact_is_secret_key(key) && name < token.n) {
		scan_keep(s, name + 1);
		scan_hide(s, token.n - name - 1);
		return false;
	}
	scan_keep(s, name);
	if (s->at < end && memchr("=:,", s->text.p[s->at], 3))
		scan_keep(s, 1);
	one_value(s, end - s->at);
	return name == token.n && redact_is_secret_key(key);
}

void scan_arguments(struct scan *s, size_t end)
{
	bool hidden = false;

	scan_words(s, s->at + token_length(str_sub(scan_rest(s), 0, end - s->at)));
	while (s->at < end) {
		size_t n;

		scan_keep(s, 1); /* the blank */
		n = token_length(str_sub(scan_rest(s), 0, end - s->at));
		if (hidden && n) {
			scan_hide(s, n);
			hidden = false;
		} else if (n) {
			hidden = scan_argument(s, s->at + n);
		}
	}
}

/* The end of a line, or of the string that it is in. */
static size_t line_end(const struct scan *s)
{
	size_t n = s->at;

	while (n < s->text.n && s->text.p[n] != '\n' &&
	       !(s->json && (s->text.p[n] == '"' || s->text.p[n] == '\\')))
		n++;
	return n;
}

/* Of a journal's entry: _CMDLINE=..., "COREDUMP_CMDLINE":"...", and of the one about a core. What the
 * kernel was booted with ("Command line: ") is another thing. */
static size_t of_journal(const struct scan *s, size_t word)
{
	struct str rest = scan_rest(s), behind = str_from(rest, word);
	static const struct str between[] = {STR_INIT("="), STR_INIT("\":\""), STR_INIT("\" : \""), STR_INIT("\": \"")};

	if (word == 4 && str_starts(rest, STR("Line: ")) && str_ends(scan_before(s), STR("Command ")))
		return 6;
	for (size_t i = 0; word >= 8 && i < ARRAY_COUNT(between); i++) {
		if (str_ends(str_sub(rest, 0, word), STR("_CMDLINE")) && str_starts(behind, between[i]))
			return word + between[i].n;
	}
	return 0;
}

/* sudo: "COMMAND=/bin/x -y"; cron: "(anna) CMD (/bin/x -y)" */
bool scan_command(struct scan *s, size_t word)
{
	struct str rest = scan_rest(s);
	char last = rest.p[word - 1];
	size_t end, journal;

	if (s->command || !(last == 'D' || last == 'E' || last == 'e')) /* nearly all words */
		return false;
	journal = of_journal(s, word);
	if (word == 7 && str_starts(rest, STR("COMMAND=")))
		scan_keep(s, 8);
	else if (word == 3 && str_starts(rest, STR("CMD (")))
		scan_keep(s, 5);
	else if (journal)
		scan_keep(s, journal);
	else
		return false;
	end = line_end(s);
	if (word == 3 && end > s->at && s->text.p[end - 1] == ')')
		end--;
	s->command = true;
	if (end > s->at)
		scan_arguments(s, end);
	s->command = false;
	return true;
}
