/* SPDX-License-Identifier: MIT */
/* str.c - searching slices and eating them from the front. */
#include "base/str.h"

#include <stdio.h>

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	}
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

enum { LONGEST_LINE = 4096 };

/* From place to place of its first byte: memmem() first makes a table of the needle, which takes
 * longer than to look through a line, and is ten times as fast in a piece of a log. */
size_t str_find(struct str s, struct str needle)
{
	const char *at = s.p, *last;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return SIZE_MAX;
	if (s.n > LONGEST_LINE) {
		at = memmem(s.p, s.n, needle.p, needle.n);
		return at ? (size_t)(at - s.p) : SIZE_MAX;
	}
	last = s.p + (s.n - needle.n);
	while (at <= last && (at = memchr(at, needle.p[0], (size_t)(last - at) + 1))) {
		if (memcmp(at, needle.p, needle.n) == 0)
			return (size_t)(at - s.p);
		at++;
	}
	return SIZE_MAX;
}

size_t str_rfind(struct str s, struct str needle)
{
	size_t end;

	if (s.n < needle.n)
		return SIZE_MAX;
	if (needle.n == 0)
		return s.n;
	for (end = s.n - needle.n + 1; end > 0;) {
		const char *hit = memrchr(s.p, needle.p[0], end);

		if (!hit)
			break;
		if (memcmp(hit, needle.p, needle.n) == 0)
			return (size_t)(hit - s.p);
		end = (size_t)(hit - s.p);
	}
	return SIZE_MAX;
}

bool take_u64(struct str *in, uint64_t *ret)
{
	enum { SURE = 19 }; /* digits that fit in any case */
	size_t i = 0, sure = in->n < SURE ? in->n : SURE;
	uint64_t value = 0;

	if (in->n >= 8 && (i = eight_digits(in->p, &value)) < 8)
		sure = i;
	for (; i < sure && ascii_digit(in->p[i]); i++)
		value = value * 10 + (uint64_t)(in->p[i] - '0');
	for (; i < in->n && ascii_digit(in->p[i]); i++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(in->p[i] - '0'), &value))
			return false;
	}
	if (i == 0)
		return false;
	*in = str_from(*in, i);
	*ret = value;
	return true;
}

bool take_i64(struct str *in, int64_t *ret)
{
	struct str at = *in;
	bool negative = take_char(&at, '-');
	uint64_t value;

	if (!take_u64(&at, &value) || value > (uint64_t)INT64_MAX)
		return false;
	*in = at;
	*ret = negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool take_hex(struct str *in, uint64_t *ret)
{
	struct str at = *in;
	uint64_t value = 0;
	size_t i = 0;

	if (at.n > 2 && at.p[0] == '0' && ascii_lower(at.p[1]) == 'x' &&
	    hex_digit(at.p[2]) >= 0)
		at = str_from(at, 2);
	for (; i < at.n && hex_digit(at.p[i]) >= 0; i++) {
		if (value >> 60)
			return false;
		value = value << 4 | (uint64_t)hex_digit(at.p[i]);
	}
	if (i == 0)
		return false;
	*in = str_from(at, i);
	*ret = value;
	return true;
}

bool take_until(struct str *in, char stop, struct str *ret)
{
	size_t at = str_find_char(*in, stop);

	if (at == SIZE_MAX)
		return false;
	*ret = str_sub(*in, 0, at);
	*in = str_from(*in, at + 1);
	return true;
}

bool take_until_lit(struct str *in, struct str stop, struct str *ret)
{
	size_t at = str_find(*in, stop);

	if (at == SIZE_MAX)
		return false;
	*ret = str_sub(*in, 0, at);
	*in = str_from(*in, at + stop.n);
	return true;
}

bool take_word(struct str *in, struct str *ret)
{
	size_t i = 0;

	while (i < in->n && !ascii_edge(in->p[i]))
		i++;
	if (i == 0)
		return false;
	*ret = str_sub(*in, 0, i);
	*in = str_from(*in, i);
	return true;
}

bool take_line(struct str *in, struct str *ret)
{
	if (in->n == 0)
		return false;
	if (!take_until(in, '\n', ret)) {
		*ret = *in;
		*in = str_from(*in, in->n);
	}
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

static bool continuation(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

size_t utf8_sequence(struct str s)
{
	unsigned char a, b;

	if (s.n == 0)
		return 0;
	a = (unsigned char)s.p[0];
	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4 || !continuation(s, 1))
		return 0;
	b = (unsigned char)s.p[1];
	if (a < 0xe0)
		return 2;
	if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || !continuation(s, 2))
		return 0;
	if (a < 0xf0)
		return 3;
	if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) || !continuation(s, 3))
		return 0;
	return 4;
}

size_t utf8_put(char out[4], uint32_t code)
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = n; --i > 0; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(n == 1 ? code : (0xf00 >> n & 0xff) | code);
	return n;
}

/* The code of the character at the start of valid UTF-8. */
static unsigned code_of(struct str s)
{
	unsigned code = (unsigned char)s.p[0];

	if (s.n > 1)
		code &= 0x7fU >> s.n;
	for (size_t i = 1; i < s.n; i++)
		code = code << 6 | ((unsigned char)s.p[i] & 0x3f);
	return code;
}

static bool is_unwanted(unsigned code)
{
	static const struct {
		unsigned from, to;
	} ranges[] = {
		{0x00, 0x08}, {0x0b, 0x1f}, {0x7f, 0x9f},
		{0x061c, 0x061c}, /* Arabic letter mark */
		{0x200b, 0x200f}, /* no width, marks of direction */
		{0x2028, 0x202e}, /* separators, embeddings, overrides */
		{0x2066, 0x2069}, /* isolates */
	};

	for (size_t i = 0; i < ARRAY_COUNT(ranges) && code >= ranges[i].from; i++) {
		if (code <= ranges[i].to)
			return true;
	}
	return false;
}

struct str take_shown(struct str *in, char room[8])
{
	unsigned char c = (unsigned char)in->p[0];
	struct str one = {in->p, c >= 0x20 && c < 0x7f ? 1 : utf8_sequence(*in)};
	unsigned code = one.n ? code_of(one) : c;
	int n;

	*in = str_from(*in, one.n ? one.n : 1);
	if (one.n && !is_unwanted(code))
		return one;
	n = snprintf(room, 8, code > 0xff ? "\\u%04x" : "\\x%02x", code & 0xffff);
	return (struct str){room, (size_t)n};
}

struct shown shown(const char *text)
{
	struct str in = str_of(text), c;
	struct shown ret;
	char room[8];
	size_t n = 0;

	while (in.n && n + 8 < sizeof(ret.z)) {
		bool space = in.p[0] == '\n' || in.p[0] == '\t';

		c = take_shown(&in, room);
		memcpy(ret.z + n, space ? " " : c.p, c.n);
		n += c.n;
	}
	ret.z[n] = '\0';
	return ret;
}
