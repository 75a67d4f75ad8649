/* SPDX-License-Identifier: MIT */
/* redact_patterns.c - addresses and identifiers that are recognised by their form alone. */
#include "report/redact_private.h"

#include <arpa/inet.h>

static bool is_hex(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

static size_t hex_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_hex(s.p[n]))
		n++;
	return n;
}

static bool ends_here(struct str s, size_t n)
{
	return n >= s.n || name_boundary(s.p[n]);
}

/* Octets without leading zeros, and not one part more: "5.10.0.1.2" is a version. */
size_t pattern_ipv4(struct str s, uint8_t ret[4])
{
	struct str at = s;
	uint64_t octet;

	for (int i = 0; i < 4; i++) {
		if (i > 0 && !take_char(&at, '.'))
			return 0;
		if (at.n > 1 && at.p[0] == '0' && ascii_digit(at.p[1]))
			return 0;
		if (!take_u64(&at, &octet) || octet > 255)
			return 0;
		ret[i] = (uint8_t)octet;
	}
	if (!ends_here(at, 0) || (at.n > 1 && at.p[0] == '.' && ascii_digit(at.p[1])) ||
	    (at.n > 1 && at.p[0] == '-' && ascii_digit(at.p[1])))
		return 0;
	return s.n - at.n;
}

bool ipv4_is_special(const uint8_t ip[4])
{
	return ip[0] == 127 || ip[0] == 0 || ip[0] >= 224 ||
	       (ip[0] == 255 && ip[1] == 255);
}

/* At least two colons and a form inet_pton() knows; "::" alone or a time is none. */
size_t pattern_ipv6(struct str s, uint8_t ret[16])
{
	char text[48];
	size_t n = 0, colons = 0, digits = 0;

	while (n < s.n && n + 1 < sizeof(text) && (is_hex(s.p[n]) || s.p[n] == ':')) {
		colons += s.p[n] == ':';
		digits += s.p[n] != ':';
		n++;
	}
	if (n > 0 && s.p[n - 1] == ':' && !(n > 1 && s.p[n - 2] == ':'))
		n--;
	if (colons < 2 || digits < 3 || !ends_here(s, n))
		return 0;
	memcpy(text, s.p, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, ret) == 1 ? n : 0;
}

bool ipv6_is_special(const uint8_t ip[16])
{
	for (int i = 0; i < 15; i++) {
		if (ip[i])
			return ip[0] == 0xff;
	}
	return ip[15] <= 1;
}

size_t pattern_mac(struct str s)
{
	for (size_t i = 0; i < 6; i++) {
		size_t at = i * 3;

		if (at + 2 > s.n || !is_hex(s.p[at]) || !is_hex(s.p[at + 1]))
			return 0;
		if (i < 5 && (at + 2 >= s.n || (s.p[at + 2] != ':' && s.p[at + 2] != '-')))
			return 0;
	}
	if (17 < s.n && s.p[17] == ':' && 18 < s.n && is_hex(s.p[18]))
		return 0; /* longer: a GUID or a dump */
	return ends_here(s, 17) ? 17 : 0;
}

size_t pattern_uuid(struct str s)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
		if (i > 0 && (at >= s.n || s.p[at++] != '-'))
			return 0;
		if (hex_run(str_from(s, at)) != groups[i])
			return 0;
		at += groups[i];
	}
	return ends_here(s, at) ? at : 0;
}

size_t pattern_hex_id(struct str s)
{
	size_t n = hex_run(s);

	return (n == 32 || n == 64) && ends_here(s, n) ? n : 0;
}

static bool in_local_part(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '_' || c == '-' || c == '+' ||
	       c == '%';
}

static bool in_domain(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-';
}

size_t pattern_email(struct str s, size_t *at)
{
	size_t n = 0, dot = 0;

	while (n < s.n && in_local_part(s.p[n]))
		n++;
	if (n == 0 || n >= s.n || s.p[n] != '@')
		return 0;
	*at = n++;
	while (n < s.n && in_domain(s.p[n])) {
		if (s.p[n] == '.')
			dot = n;
		n++;
	}
	while (n > *at && (s.p[n - 1] == '.' || s.p[n - 1] == '-'))
		n--;
	/* user@.service and getty@tty1.service are units */
	if (dot <= *at + 1 || n - dot < 3 || str_ends(str_sub(s, 0, n), STR(".service")) ||
	    str_ends(str_sub(s, 0, n), STR(".slice")) || str_ends(str_sub(s, 0, n), STR(".scope")))
		return 0;
	return n;
}

/* Last labels that are file or unit endings, not top-level domains. */
static bool is_ending(struct str label)
{
	static const char *const endings[] = {
		"service", "scope", "slice", "socket", "mount", "target", "timer", "device",
		"swap", "path", "conf", "log", "txt", "json", "html", "yaml", "yml", "ko", "so",
		"rs", "py", "sh", "cc", "cpp", "hpp", "dll", "exe", "img", "gz", "xz", "zst",
		"bz2", "rpm", "deb", "isra", "part", "constprop", "cold", "llvm", "amd64",
		"x86_64", "aarch64", "generic", "default", "tsv", "csv", "md", "current", "max",
		"stat", "events", "usage_in_bytes", "limit_in_bytes", "pressure", "failcnt",
		"kernel", "vm", "min", "high", "low", "peak", "swappiness",
	};

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		if (str_eq(str_of(endings[i]), label))
			return true;
	}
	return false;
}

size_t pattern_fqdn(struct str s)
{
	size_t n = 0, dots = 0, last = 0;

	while (n < s.n && in_domain(s.p[n])) {
		if (s.p[n] == '.') {
			if (n == last)
				return 0;
			dots++;
			last = n + 1;
		}
		n++;
	}
	if (dots < 1 || !ascii_alpha(s.p[0]) || n - last < 2 || !ends_here(s, n))
		return 0;
	for (size_t i = last; i < n; i++) {
		if (!ascii_alpha(s.p[i]))
			return 0;
	}
	return is_ending(str_sub(s, last, n - last)) ? 0 : n;
}

bool redact_announces_cgroup(struct str before)
{
	static const struct str words[] = {
		STR_INIT("memcg="),	   STR_INIT("cpuset="),	     STR_INIT("stats for "),
		STR_INIT("Task in "),	   STR_INIT("Tasks in "),    STR_INIT("limit of "),
		STR_INIT("of cgroup "),	   STR_INIT("0::"),	     STR_INIT(":memory:"),
		STR_INIT("\"memcg\": \""),  STR_INIT("\"path\": \""), STR_INIT("\"task_path\": \""),
		STR_INIT("\"cgroup\": \""), STR_INIT("\"cpuset\": \""), STR_INIT("\"memcg\":\""),
		STR_INIT("\"path\":\""),    STR_INIT("\"task_path\":\""), STR_INIT("\"cgroup\":\""),
		STR_INIT("\"cpuset\":\""), STR_INIT("Killed "),	     STR_INIT("pressure for "),
		STR_INIT("/sys/fs/cgroup"), STR_INIT("/sys/fs/cgroup/memory"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_ends(before, words[i]))
			return true;
	}
	return false;
}
