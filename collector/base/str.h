/* SPDX-License-Identifier: MIT */
/* str.h - text as pointer + length, and the take_* scanners that eat it from the front.
 *
 * A struct str never owns its bytes and need not end in NUL. take_*() move *in behind what
 * they matched and return true; on a mismatch they leave everything untouched and return
 * false, so a line format reads as a chain of &&. Nothing ever looks past in->n. What is called for
 * every few bytes of a log stands here whole.
 */
#ifndef OOMREPORT_BASE_STR_H
#define OOMREPORT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR_INIT(lit) {(lit), sizeof(lit) - 1}
#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* For printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)((s).n > INT32_MAX ? INT32_MAX : (s).n), (s).p

static inline struct str str_of(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Its last byte first: what is asked one by one of a table mostly differs there. */
static inline bool str_starts(struct str s, struct str head)
{
	return s.n >= head.n && (head.n == 0 || (s.p[head.n - 1] == head.p[head.n - 1] &&
						 memcmp(s.p, head.p, head.n) == 0));
}

static inline bool str_ends(struct str s, struct str tail)
{
	return s.n >= tail.n &&
	       (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

/* ASCII only: a locale must not change what a log says. */
static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool ascii_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool ascii_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Tail from `from` (clamped). */
static inline struct str str_from(struct str s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct str){s.n ? s.p + from : s.p, s.n - from};
}

/* Clamped as well. */
static inline struct str str_sub(struct str s, size_t from, size_t len)
{
	struct str tail = str_from(s, from);

	if (tail.n > len)
		tail.n = len;
	return tail;
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII */
int str_cmp(struct str a, struct str b);        /* bytewise order, as memcmp */
/* First/last place of needle in s, or SIZE_MAX. An empty needle is found at 0 / s.n. */
size_t str_find(struct str s, struct str needle);
size_t str_rfind(struct str s, struct str needle);

static inline size_t str_find_char(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

static inline bool ascii_edge(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks, CR and LF at both ends. */
static inline struct str str_trim(struct str s)
{
	while (s.n && ascii_edge(s.p[0]))
		s = str_from(s, 1);
	while (s.n && ascii_edge(s.p[s.n - 1]))
		s.n--;
	return s;
}

static inline bool take_char(struct str *in, char c)
{
	if (in->n == 0 || in->p[0] != c)
		return false;
	*in = str_from(*in, 1);
	return true;
}

static inline bool take_lit(struct str *in, struct str lit)
{
	if (!str_starts(*in, lit))
		return false;
	*in = str_from(*in, lit.n);
	return true;
}

/* Blanks and tabs, any number (also none). */
static inline void skip_blanks(struct str *in)
{
	size_t i = 0;

	while (i < in->n && ascii_blank(in->p[i]))
		i++;
	*in = str_from(*in, i);
}

/* How many of the eight bytes at p are digits, from the first on, and their value: without a loop, whose
 * end would be mispredicted at nearly every number. */
static inline unsigned eight_digits(const char *p, uint64_t *ret)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
	uint64_t v, other;
	unsigned bits;

	memcpy(&v, p, 8);
	v ^= ones * '0';
	other = (((v & ~high) + ones * (0x80 - 10)) | v) & high; /* what is no digit */
	bits = other ? (unsigned)__builtin_ctzll(other) & ~7U : 64;
	if (bits == 0)
		return 0;
	v <<= 64 - bits; /* zeroes in front */
	v = v * 10 + (v >> 8);
	*ret = ((v & 0x000000ff000000ff) * 0x000f424000000064 +
		(v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
	return bits / 8;
#else
	unsigned n = 0;

	for (*ret = 0; n < 8 && ascii_digit(p[n]); n++)
		*ret = *ret * 10 + (uint64_t)(p[n] - '0');
	return n;
#endif
}

/* Decimal; false on no digit or overflow. */
bool take_u64(struct str *in, uint64_t *ret);
/* Decimal with optional '-'. */
bool take_i64(struct str *in, int64_t *ret);
/* Hex digits with or without 0x; false on none or more than 64 bits. */
bool take_hex(struct str *in, uint64_t *ret);
/* Everything before the first `stop`, which is eaten too; false if it does not occur. */
bool take_until(struct str *in, char stop, struct str *ret);
bool take_until_lit(struct str *in, struct str stop, struct str *ret);
/* A run of non-blanks (at least one). */
bool take_word(struct str *in, struct str *ret);
/* A line without its "\n" or "\r\n"; the last one need not end in one. False at the end. */
bool take_line(struct str *in, struct str *ret);

/* Length of the valid UTF-8 sequence at the start of s (1..4), or 0 when it is none
 * (overlong, surrogate, > U+10FFFF, cut). */
size_t utf8_sequence(struct str s);
/* The sequence of a code up to U+10FFFF that is no surrogate: its length. */
size_t utf8_put(char out[4], uint32_t code);

/* ---- foreign text on a terminal ---- */

/* Takes the first character of *in (not empty) as it may stand there: itself, or \x1b, \u202e
 * where it is a control character, turns the reading direction, has no width, or is no UTF-8. '\n'
 * and '\t' are themselves. The result points into *in or room. */
struct str take_shown(struct str *in, char room[8]);
/* A whole text on one line, cut where it is longer: printf("%s", shown(z).z). */
struct shown {
	char z[1000];
};
struct shown shown(const char *text);

#endif
