/* SPDX-License-Identifier: MIT */
/* redact_urls.c - what lets somebody in by being in a URL's path or query: all that is behind the word
 * of a webhook, and parts that are random letters and digits. */
#include "report/redact_private.h"

enum { URL_MOST = 2048 };

/* ---- where it begins ---- */

static size_t url_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && n < URL_MOST && (unsigned char)s.p[n] > ' ' && !memchr("\"'<>\\|`", s.p[n], 7))
		n++;
	while (n > 0 && memchr(".,;:)]", s.p[n - 1], 6))
		n--;
	return n;
}

/* "hooks", "webhookb2", "hooks.example.net" */
static bool is_hook(struct str part)
{
	static const char *const words[] = {"hook", "hooks"};

	part = str_sub(part, 0, str_find_char(part, '.'));
	return redact_listed(words, ARRAY_COUNT(words), part) ||
	       str_eq_nocase(str_sub(part, 0, 7), STR("webhook"));
}

/* Behind which byte of it all is a secret; SIZE_MAX: nothing is. */
static size_t hook_at(struct str url)
{
	size_t slash = str_find_char(url, '/'), at = 0;
	struct str host = str_sub(url, 0, slash);
	bool found = false;

	for (size_t dot; !found && host.n; host = str_from(host, dot < host.n ? dot + 1 : host.n)) {
		found = is_hook(host);
		dot = str_find_char(host, '.');
	}
	while (slash != SIZE_MAX && !found) {
		struct str part;

		at += slash + 1;
		part = str_sub(str_from(url, at), 0, str_find_char(str_from(url, at), '/'));
		found = is_hook(part);
		slash = str_find_char(str_from(url, at), '/');
	}
	return found && slash != SIZE_MAX ? at + slash + 1 : SIZE_MAX;
}

void scan_begin_url(struct scan *s)
{
	struct str url = str_from(scan_rest(s), 3);
	size_t host, hook;

	if (s->at < s->url_end || !str_starts(scan_rest(s), STR("://")))
		return; /* one inside of another's query is a part of it */
	url.n = url_length(url);
	host = str_find_char(url, '/');
	hook = hook_at(url);
	s->url_end = domain_is_public(str_sub(url, 0, host)) ? 0 : s->at + 3 + url.n;
	s->hook_at = hook == SIZE_MAX ? SIZE_MAX : s->at + 3 + hook;
}

/* ---- its parts ---- */

static bool in_part(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || memchr("_-~%:+", c, 6);
}

/* A run without a hyphen, long and mixed as no word is: "aBcDeFgHiJkL12mN". */
static bool is_random(struct str part)
{
	size_t lower = 0, upper = 0, digits = 0;

	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		if (c == '%') {
			i += 2;
			continue;
		}
		if (!ascii_alpha(c) && !ascii_digit(c))
			lower = upper = digits = 0;
		digits += ascii_digit(c);
		lower += c >= 'a' && c <= 'z';
		upper += c >= 'A' && c <= 'Z';
		if (lower + upper + digits >= 16 && lower && upper && digits)
			return true;
		if (lower + upper + digits >= 24 && digits >= 4 && lower + upper >= 4)
			return true;
	}
	return false;
}

bool scan_url(struct scan *s)
{
	struct str rest = str_sub(scan_rest(s), 0, s->url_end - s->at);
	size_t n = 0;

	if (s->at >= s->hook_at && rest.n) {
		scan_hide(s, rest.n);
		return true;
	}
	if (s->at == 0 || !memchr("/=", s->text.p[s->at - 1], 2))
		return false;
	while (n < rest.n && in_part(rest.p[n]))
		n++;
	if (n < 16 || pattern_uuid(rest) || pattern_hex_id(rest) || !is_random(str_sub(rest, 0, n)))
		return false;
	scan_hide(s, n);
	return true;
}
