/* SPDX-License-Identifier: MIT */
/* redact_addresses.c - addresses and identifiers found by their form. One that is spelled in two
 * ways ("52:54:00:..." and "enx525400...", a UUID with and without dashes, any case) gets one
 * replacement, in the spelling of its place. */
#include "report/redact_private.h"

#include <stdarg.h>
#include <stdio.h>

static struct str formatted(char *out, size_t room, const char *fmt, ...) FORMAT_ARGS(3, 4);
static struct str formatted(char *out, size_t room, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, room, fmt, ap);
	va_end(ap);
	return (struct str){out, (size_t)n};
}

/* The n-th different key of a kind gets n, from 0. */
static uint64_t number_of(struct redact_names *numbers, enum redact_kind kind, struct str key)
{
	char text[24];
	uint64_t number = 0;
	struct str next = formatted(text, sizeof(text), "%llu",
				    (unsigned long long)numbers->counts[kind]);
	const struct redact_name *name = names_add(numbers, kind, key, next);
	struct str at = name ? name->replacement : next;

	(void)take_u64(&at, &number);
	return number;
}

/* ---- IPv4 and IPv6 ---- */

/* 198.18.0.0/15 is for benchmarks (RFC 2544), 240/4 is nobody's: no real host is hit. The last
 * octet stays, so that gateways and broadcast addresses can be told. */
static void replace_ipv4(struct scan *s, size_t n, const uint8_t ip[4], char between)
{
	char text[48], net[24];
	uint64_t k = number_of(&s->r->subnets, REDACT_IPV4,
			       formatted(net, sizeof(net), "%d.%d.%d", ip[0], ip[1], ip[2]));
	struct str made = k < 512 ? formatted(text, sizeof(text), "198.%d.%d.%d",
					      18 + (int)(k >> 8), (int)(k & 255), ip[3])
				  : formatted(text, sizeof(text), "240.%d.%d.%d",
					      (int)(k >> 8 & 255), (int)(k & 255), ip[3]);

	for (size_t i = 0; i < made.n; i++) {
		if (text[i] == '.')
			text[i] = between;
	}
	scan_replace(s, n, REDACT_IPV4, made);
}

static bool is_replaced_ipv4(const uint8_t ip[4])
{
	return ip[0] == 198 && (ip[1] & 0xfe) == 18;
}

static bool is_known_ipv4(const struct redactor *r, const uint8_t ip[4])
{
	char text[24];

	return names_find(&r->names, formatted(text, sizeof(text), "%d.%d.%d.%d", ip[0], ip[1], ip[2],
					       ip[3])) != NULL;
}

/* "10_1_2_3", "ip-10-1-2-3.ec2.internal": told from a version by its network, by what stands in front
 * of it, or because it is known. */
bool scan_apart_ipv4(struct scan *s, size_t at, char between)
{
	struct str before = str_sub(s->text, at > 4 ? at - 4 : 0, at > 4 ? 4 : at);
	bool announced = str_ends(before, STR("ip-")) || str_ends(before, STR("ec2-"));
	bool inside = at > 1 && s->text.p[at - 1] == between && ascii_digit(s->text.p[at - 2]);
	uint8_t ip[4];
	size_t n = pattern_ipv4(str_from(s->text, at), between, ip);

	if (n == 0 || ipv4_is_special(ip) || is_replaced_ipv4(ip) ||
	    !(announced || (!inside && (ipv4_is_private(ip) || is_known_ipv4(s->r, ip)))))
		return false;
	scan_keep(s, at - s->at);
	replace_ipv4(s, n, ip, between);
	return true;
}

/* Four numbers may be a version: of Linux up to 2.6, of a driver, of firmware. */
static bool is_version(const struct scan *s, size_t n)
{
	static const struct str in_front[] = {
		STR_INIT("ersion "), STR_INIT("ersion: "), STR_INIT("inux "), STR_INIT("inux-"),
		STR_INIT("tainted "), STR_INIT("\"kernel\": \""), STR_INIT("\"kernel\":\""),
	};
	static const struct str behind[] = {STR_INIT(" #"), STR_INIT(" (Release ")};

	for (size_t i = 0; i < ARRAY_COUNT(in_front); i++) {
		if (str_ends(scan_before(s), in_front[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_COUNT(behind); i++) {
		if (str_starts(str_from(scan_rest(s), n), behind[i]))
			return true;
	}
	return false;
}

static bool scan_ipv4(struct scan *s)
{
	struct str rest = scan_rest(s);
	uint8_t ip[4];
	size_t n = pattern_ipv4(rest, '.', ip), digits = 1;

	/* the tail of a longer dotted number is a version, not an address */
	if (s->at > 1 && s->text.p[s->at - 1] == '.' && ascii_digit(s->text.p[s->at - 2]))
		return false;
	while (n == 0 && digits < rest.n && digits < 3 && ascii_digit(rest.p[digits]))
		digits++;
	if (n == 0)
		return digits < rest.n && memchr("_-", rest.p[digits], 2) &&
		       scan_apart_ipv4(s, s->at, rest.p[digits]);
	if (ipv4_is_special(ip) || is_replaced_ipv4(ip) || (!ipv4_is_private(ip) && is_version(s, n)))
		return false;
	replace_ipv4(s, n, ip, '.');
	return true;
}

static struct str hex_of(const uint8_t *bytes, size_t n, char out[80])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (struct str){out, 2 * n};
}

/* "::ffff:10.1.2.3" is the IPv4 address: its head stays. */
static bool scan_mapped(struct scan *s, size_t n)
{
	struct str text = str_sub(scan_rest(s), 0, n);
	size_t head = str_rfind(text, STR(":"));
	uint8_t ip[4];

	if (pattern_ipv4(str_from(text, head + 1), '.', ip) == 0)
		return false;
	scan_keep(s, head + 1);
	if (ipv4_is_special(ip) || is_replaced_ipv4(ip))
		scan_keep(s, n - head - 1);
	else
		replace_ipv4(s, n - head - 1, ip, '.');
	return true;
}

bool scan_ipv6(struct scan *s)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, compatible[12] = {0},
			     nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	uint8_t ip[16];
	char text[80], key[80];
	size_t n = pattern_ipv6(scan_rest(s), ip);
	uint64_t net, k;

	if (n == 0 || ipv6_is_special(ip) ||
	    (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] == 0x0d && ip[3] == 0xb8))
		return false;
	if ((memcmp(ip, mapped, 12) == 0 || memcmp(ip, compatible, 12) == 0 ||
	     memcmp(ip, nat64, 12) == 0) && scan_mapped(s, n))
		return true;
	net = number_of(&s->r->subnets, REDACT_IPV6, hex_of(ip, 8, key));
	k = number_of(&s->r->spellings, REDACT_IPV6, hex_of(ip, 16, key));
	scan_replace(s, n, REDACT_IPV6,
		     formatted(text, sizeof(text), "2001:db8:%x:%x::%llx", (int)(net >> 16 & 0xffff),
			       (int)(net & 0xffff), (unsigned long long)k + 1));
	return true;
}

/* ---- identifiers of hexadecimal digits ---- */

/* The digits of a spelling, and back into one: what stands between them stays. */
static struct str digits_of(struct str spelled, char out[80])
{
	size_t n = 0;

	for (size_t i = 0; i < spelled.n && n < 80;) {
		size_t between = pattern_hyphen(str_from(spelled, i));

		if (between == 0 && ascii_hex(spelled.p[i]))
			out[n++] = ascii_lower(spelled.p[i]);
		i += between ? between : 1;
	}
	return (struct str){out, n};
}

static void replace_hex(struct scan *s, size_t n, enum redact_kind kind, struct str digits)
{
	struct str spelled = str_sub(scan_rest(s), 0, n);
	CLEANUP_BUF struct buf made = BUF_INIT(512);

	while (spelled.n) {
		size_t between = pattern_hyphen(spelled);

		if (between == 0 && digits.n && ascii_hex(spelled.p[0])) {
			buf_add(&made, str_sub(digits, 0, 1));
			digits = str_from(digits, 1);
			between = 1;
		} else {
			between = between ? between : 1;
			buf_add(&made, str_sub(spelled, 0, between));
		}
		spelled = str_from(spelled, between);
	}
	scan_replace(s, n, kind, buf_str(&made));
}

static bool all_are(struct str digits, char c)
{
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] != c)
			return false;
	}
	return true;
}

/* A register, bit by bit, or nothing at all. */
static bool is_binary(struct str digits)
{
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] != '0' && digits.p[i] != '1')
			return false;
	}
	return true;
}

/* Of six, eight or twenty octets; locally administered, "06:00:00:00:00:01". */
static bool replace_mac(struct scan *s, size_t n)
{
	char text[80], made[80];
	struct str digits = digits_of(str_sub(scan_rest(s), 0, n), text);

	if (n == 0 || all_are(digits, '0') || all_are(digits, 'f'))
		return false;
	replace_hex(s, n, REDACT_MAC,
		    formatted(made, sizeof(made), "06%0*llx", (int)digits.n - 2,
			      (unsigned long long)number_of(&s->r->spellings, REDACT_MAC, digits) +
				      1));
	return true;
}

/* Names of interfaces after their address (systemd.net-naming-scheme(7)). */
bool scan_interface(struct scan *s, size_t word)
{
	static const struct str heads[] = {STR_INIT("enx"), STR_INIT("wlx"), STR_INIT("wwx"),
					   STR_INIT("ibx"), STR_INIT("slx")};
	struct str name = str_sub(scan_rest(s), 0, word);
	size_t hex = 0;

	if (word < 15 || name.p[2] != 'x')
		return false;
	while (hex < 12 && ascii_hex(name.p[3 + hex]))
		hex++;
	if (hex < 12 || (word > 15 && name.p[15] != '_'))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (!str_starts(name, heads[i]))
			continue;
		scan_keep(s, 3);
		if (!replace_mac(s, 12))
			scan_keep(s, 12);
		return true;
	}
	return false;
}

/* A boot_id of /proc and the journal's _BOOT_ID are one: with dashes and without. */
static bool replace_id(struct scan *s, size_t n)
{
	char text[80], made[80];
	struct str digits = digits_of(str_sub(scan_rest(s), 0, n), text);
	unsigned long long k;

	if (n == 0 || is_binary(digits))
		return false;
	k = number_of(&s->r->spellings, REDACT_ID, digits) + 1;
	replace_hex(s, n, REDACT_ID,
		    digits.n == 32 ? formatted(made, sizeof(made), "0000000000004000%016llx",
					       k | 1ULL << 63)
				   : formatted(made, sizeof(made), "%0*llx", (int)digits.n, k));
	return true;
}

/* World wide names of disks and ports (NAA, EUI-64): sixteen or thirty-two digits are one only where
 * it says so, else an address of the kernel's memory. */
static bool scan_wwn(struct scan *s)
{
	static const struct str heads[] = {STR_INIT("naa."), STR_INIT("eui."), STR_INIT("wwn-"),
					   STR_INIT("WWPN "), STR_INIT("WWNN "), STR_INIT("WWPN:"),
					   STR_INIT("WWNN:"), STR_INIT("wwpn "), STR_INIT("wwnn ")};
	struct str rest = scan_rest(s), before = scan_before(s);
	size_t from = str_starts(rest, STR("0x")) ? 2 : 0, n = 0;
	char text[80], made[80];

	while (from + n < rest.n && ascii_hex(rest.p[from + n]))
		n++;
	if (n != 16 && n != 32)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		struct str digits;

		if (!str_ends(before, heads[i]))
			continue;
		scan_keep(s, from);
		digits = digits_of(str_sub(scan_rest(s), 0, n), text);
		replace_hex(s, n, REDACT_ID,
			    formatted(made, sizeof(made), "%0*llx", (int)n,
				      (unsigned long long)number_of(&s->r->spellings, REDACT_ID,
								    digits) + 1));
		return true;
	}
	return false;
}

/* The nibbles of an IPv6 address, the last one first: "1.0.0 ... 8.b.d.0.1.0.0.2.ip6.arpa" */
static bool scan_reverse(struct scan *s)
{
	const size_t most = (size_t)2 * 32; /* a longer row is none, and is not gone through again and again */
	struct str rest = scan_rest(s);
	size_t n = 0;

	while (n < most && n + 1 < rest.n && ascii_hex(rest.p[n]) && rest.p[n + 1] == '.')
		n += 2;
	if (n < 8 || !str_starts(str_from(rest, n), STR("ip6.arpa")))
		return false;
	scan_replace(s, n - 1, REDACT_IPV6, NOKEY);
	return true;
}

/* In a longer row of octets: a dump. */
static bool inside_row(const struct scan *s)
{
	struct str before = scan_before(s);
	size_t n = before.n;

	return n > 2 && before.p[n - 1] == ':' && ascii_hex(before.p[n - 2]) &&
	       ascii_hex(before.p[n - 3]) && (n == 3 || name_boundary(before.p[n - 4]));
}

/* Netfilter's "MAC=": who gets the frame, who sent it, the protocol (net/netfilter/nf_log_syslog.c,
 * dump_mac_header(), Linux 6.1). */
static bool scan_frame(struct scan *s)
{
	size_t n = pattern_octets(scan_rest(s), 14);

	if (n == 0 || !str_ends(scan_before(s), STR("MAC=")))
		return false;
	for (int i = 0; i < 2; i++) {
		if (!replace_mac(s, 17))
			scan_keep(s, 17);
		scan_keep(s, 1);
	}
	scan_keep(s, 5);
	return true;
}

bool scan_address(struct scan *s)
{
	struct str rest = scan_rest(s);
	size_t id = pattern_uuid(rest);

	if (inside_row(s))
		return false;
	if (rest.n > 2 && (rest.p[2] == ':' || rest.p[2] == '-') &&
	    (scan_frame(s) || replace_mac(s, pattern_mac(rest))))
		return true;
	if (rest.n > 4 && rest.p[4] == '.' && replace_mac(s, pattern_mac_groups(rest)))
		return true;
	if (rest.n > 1 && rest.p[1] == '.' && scan_reverse(s))
		return true;
	return scan_wwn(s) || replace_id(s, id ? id : pattern_hex_id(rest)) || scan_ipv6(s) ||
	       scan_ipv4(s);
}
