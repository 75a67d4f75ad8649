/* SPDX-License-Identifier: MIT */
/* str.c - searching slices and eating them from the front. */
#include "base/str.h"

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

size_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return SIZE_MAX;
	hit = memmem(s.p, s.n, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_rfind(struct str s, struct str needle)
{
	size_t end;

	if (s.n < needle.n)
		return SIZE_MAX;
	if (needle.n == 0)
		return s.n;
	/* from place to place of its first byte */
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

size_t str_find_char(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct str str_from(struct str s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct str){s.n ? s.p + from : s.p, s.n - from};
}

struct str str_sub(struct str s, size_t from, size_t len)
{
	struct str tail = str_from(s, from);

	if (tail.n > len)
		tail.n = len;
	return tail;
}

static bool is_edge(char c)
{
	return ascii_blank(c) || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_edge(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_edge(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool take_char(struct str *in, char c)
{
	if (in->n == 0 || in->p[0] != c)
		return false;
	*in = str_from(*in, 1);
	return true;
}

bool take_lit(struct str *in, struct str lit)
{
	if (!str_starts(*in, lit))
		return false;
	*in = str_from(*in, lit.n);
	return true;
}

bool take_u64(struct str *in, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

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

	while (i < in->n && !is_edge(in->p[i]))
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

void skip_blanks(struct str *in)
{
	size_t i = 0;

	while (i < in->n && ascii_blank(in->p[i]))
		i++;
	*in = str_from(*in, i);
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
