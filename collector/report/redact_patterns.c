/* SPDX-License-Identifier: MIT */
/* redact_patterns.c - addresses and identifiers that are recognised by their form alone. */
#include "report/redact_private.h"

#include <arpa/inet.h>

static size_t hex_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_hex(s.p[n]))
		n++;
	return n;
}

static bool ends_here(struct str s, size_t n)
{
	return n >= s.n || name_boundary(s.p[n]);
}

static bool octets(struct str *at, char between, uint8_t ret[4])
{
	for (int i = 0; i < 4; i++) {
		uint64_t octet;

		if (i > 0 && !take_char(at, between))
			return false;
		if (at->n > 1 && at->p[0] == '0' && ascii_digit(at->p[1]))
			return false;
		if (!take_u64(at, &octet) || octet > 255)
			return false;
		ret[i] = (uint8_t)octet;
	}
	return true;
}

bool ipv4_is_private(const uint8_t ip[4])
{
	return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
	       (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && (ip[1] & 0xc0) == 64);
}

/* As tcpdump writes one behind an address, "10.0.0.1.8080": more than an octet. */
static bool is_port(struct str s)
{
	uint64_t port;

	return take_u64(&s, &port) && port > 255 && port < 65536 && (s.n == 0 || s.p[0] != '.');
}

/* Octets without leading zeros, and not one part more: "5.10.0.1.2" is a version, and so is
 * "2.0.10.1-3" unless it is a range or in a private network. */
size_t pattern_ipv4(struct str s, char between, uint8_t ret[4])
{
	struct str at = s, behind;
	uint8_t end[4];

	if (!octets(&at, between, ret) || (!ends_here(at, 0) && at.p[0] != '_') ||
	    (at.n > 1 && at.p[0] == between && ascii_digit(at.p[1]) &&
	     !(ipv4_is_private(ret) && is_port(str_from(at, 1)))))
		return 0;
	behind = str_from(at, 1);
	if (at.n > 1 && at.p[0] == '-' && ascii_digit(at.p[1]) && !ipv4_is_private(ret) &&
	    !octets(&behind, '.', end))
		return 0;
	return s.n - at.n;
}

bool ipv4_is_special(const uint8_t ip[4])
{
	return ip[0] == 127 || ip[0] == 0 || ip[0] >= 224 ||
	       (ip[0] == 255 && ip[1] == 255);
}

static bool is_ipv6(struct str s, size_t n, uint8_t ret[16])
{
	char text[48];

	if (n == 0 || n >= sizeof(text))
		return false;
	memcpy(text, s.p, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, ret) == 1;
}

/* At least two colons and a form inet_pton() knows; "::" alone or a time is none. */
size_t pattern_ipv6(struct str s, uint8_t ret[16])
{
	size_t n = 0, colons = 0, digits = 0, dotted;

	while (n < s.n && n < 47 && (ascii_hex(s.p[n]) || s.p[n] == ':')) {
		colons += s.p[n] == ':';
		digits += s.p[n] != ':';
		n++;
	}
	if (colons < 2)
		return 0;
	/* its last part may be an IPv4 address */
	dotted = str_rfind(str_sub(s, 0, n), STR(":")) + 1;
	if (n < s.n && s.p[n] == '.') {
		uint8_t ip[4];
		size_t tail = pattern_ipv4(str_from(s, dotted), '.', ip);

		if (tail && is_ipv6(s, dotted + tail, ret))
			return dotted + tail;
	}
	if (s.p[n - 1] == ':' && !(n > 1 && s.p[n - 2] == ':'))
		n--;
	return digits >= 3 && ends_here(s, n) && is_ipv6(s, n, ret) ? n : 0;
}

bool ipv6_is_special(const uint8_t ip[16])
{
	for (int i = 0; i < 15; i++) {
		if (ip[i])
			return ip[0] == 0xff;
	}
	return ip[15] <= 1;
}

size_t pattern_octets(struct str s, size_t octets_n)
{
	char between = s.n > 2 ? s.p[2] : '\0';
	size_t n = 0;

	if (between != ':' && between != '-')
		return 0;
	for (size_t i = 0; i < octets_n; i++, n += 3) {
		if (n + 2 > s.n || !ascii_hex(s.p[n]) || !ascii_hex(s.p[n + 1]) ||
		    (i + 1 < octets_n && (n + 2 >= s.n || s.p[n + 2] != between)))
			return 0;
	}
	n--;
	if (n + 2 < s.n && s.p[n] == between && ascii_hex(s.p[n + 1]) && ascii_hex(s.p[n + 2]))
		return 0;
	return ends_here(s, n) ? n : 0;
}

/* Ethernet has six octets, EUI-64 eight, IPoIB twenty; any other number is a dump. */
size_t pattern_mac(struct str s)
{
	static const size_t lengths[] = {6, 8, 20};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_COUNT(lengths) && n == 0; i++)
		n = pattern_octets(s, lengths[i]);
	return n;
}

/* As Cisco writes them; of digits alone it is a version. */
size_t pattern_mac_groups(struct str s)
{
	bool letter = false;

	for (size_t i = 0; i < 14; i++) {
		bool dot = i % 5 == 4;

		if (i >= s.n || (dot ? s.p[i] != '.' : !ascii_hex(s.p[i])))
			return 0;
		letter |= ascii_alpha(s.p[i]);
	}
	return letter && ends_here(s, 14) ? 14 : 0;
}

size_t pattern_hyphen(struct str s)
{
	size_t n = 0;

	while (n < s.n && n < 4 && s.p[n] == '\\')
		n++;
	return n > 0 && str_starts(str_from(s, n), STR("x2d")) ? n + 3 : 0;
}

/* Behind a backslash: "x2d", "040". */
static bool is_escape_behind(struct str s)
{
	bool octal = s.n > 2;

	for (size_t i = 0; octal && i < 3; i++)
		octal = s.p[i] >= '0' && s.p[i] <= '7';
	return octal || (s.n > 2 && s.p[0] == 'x' && ascii_hex(s.p[1]) && ascii_hex(s.p[2]));
}

size_t pattern_escape(struct str s)
{
	size_t n = 0;

	if (s.n > 2 && s.p[0] == '%')
		return ascii_hex(s.p[1]) && ascii_hex(s.p[2]) ? 3 : 0;
	while (n < s.n && n < 4 && s.p[n] == '\\')
		n++;
	return n > 0 && is_escape_behind(str_from(s, n)) ? n + 3 : 0;
}

bool pattern_escape_before(struct str s, size_t at)
{
	if (at > 2 && s.p[at - 3] == '%')
		return ascii_hex(s.p[at - 2]) && ascii_hex(s.p[at - 1]);
	return at > 3 && s.p[at - 4] == '\\' && is_escape_behind(str_from(s, at - 3));
}

size_t pattern_uuid(struct str s)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
		if (i > 0) {
			size_t hyphen = pattern_hyphen(str_from(s, at));

			if (hyphen == 0 && at < s.n && (s.p[at] == '-' || s.p[at] == '_'))
				hyphen = 1;
			if (hyphen == 0)
				return 0;
			at += hyphen;
		}
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

/* Bytes of UTF-8 are letters of names, too. */
static bool in_domain(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || (unsigned char)c >= 0x80;
}

static bool in_local_part(char c)
{
	return in_domain(c) || c == '_' || c == '+' || c == '%';
}

/* '@', or "%40" of a URL. */
static size_t at_sign(struct str s)
{
	if (str_starts(s, STR("@")))
		return 1;
	return str_starts(s, STR("%40")) ? 3 : 0;
}

size_t pattern_email(struct str s, size_t *domain)
{
	size_t n = 0, dot = 0;

	while (n < s.n && n < NAME_LONGEST && in_local_part(s.p[n]) &&
	       !(s.p[n] == '%' && at_sign(str_from(s, n))))
		n++;
	if (n == 0 || at_sign(str_from(s, n)) == 0)
		return 0;
	n += at_sign(str_from(s, n));
	*domain = n;
	while (n < s.n && in_domain(s.p[n])) {
		if (s.p[n] == '.' && n + 1 < s.n && in_domain(s.p[n + 1]) && s.p[n + 1] != '.')
			dot = n;
		n++;
	}
	while (n > *domain && (s.p[n - 1] == '.' || s.p[n - 1] == '-'))
		n--;
	/* user@.service and getty@tty1.service are units */
	if (dot <= *domain || n - dot < 3 || str_ends(str_sub(s, 0, n), STR(".service")) ||
	    str_ends(str_sub(s, 0, n), STR(".slice")) || str_ends(str_sub(s, 0, n), STR(".scope")))
		return 0;
	return n;
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
		STR_INIT("\"cgroup:"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_ends(before, words[i]))
			return true;
	}
	return false;
}
