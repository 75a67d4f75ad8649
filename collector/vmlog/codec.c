/* SPDX-License-Identifier: MIT */
/* codec.c - texts as differences of numbers: the encoder, in fixed memory. */
#include "vmlog/codec.h"

void out_byte(struct out *o, unsigned value)
{
	if (o->n == o->room) {
		o->full = true;
		return;
	}
	o->p[o->n++] = (uint8_t)value;
}

void out_varint(struct out *o, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		out_byte(o, (unsigned)(value & 127) | 128);
	out_byte(o, (unsigned)value);
}

void out_bytes(struct out *o, struct str s)
{
	if (s.n > o->room - o->n) {
		o->full = true;
		return;
	}
	if (s.n)
		memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

bool take_field(struct str *in, struct field *ret)
{
	size_t at = 0, end, blanks = 0, zeros = 0;
	uint64_t value = 0;

	while (at < in->n && !ascii_digit(in->p[at]))
		at++;
	if (at == in->n)
		return false;
	for (end = at; end < in->n && end - at < FIELD_DIGITS && ascii_digit(in->p[end]); end++)
		value = value * 10 + (uint64_t)(in->p[end] - '0');
	while (zeros + 1 < end - at && in->p[at + zeros] == '0')
		zeros++;
	ret->zeros = zeros > 0 || (at > 0 && in->p[at - 1] == '.');
	while (!ret->zeros && blanks < at && in->p[at - blanks - 1] == ' ')
		blanks++;
	ret->literal = at - blanks;
	ret->pad = ret->zeros ? zeros : blanks;
	ret->digits = end - at - zeros;
	ret->value = value;
	*in = str_from(*in, end);
	return true;
}

size_t field_pad(const struct field *old, size_t new_digits)
{
	size_t width = old->pad + old->digits;

	if (old->zeros)
		return width > new_digits ? width - new_digits : 0;
	if (old->pad < 2)
		return old->pad;
	return width > new_digits + 1 ? width - new_digits : 1;
}

/* A run of digits around `at` that is longer than a field holds more than one. */
static size_t more_fields(struct str s, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && ascii_digit(s.p[from - 1]))
		from--;
	while (to < s.n && ascii_digit(s.p[to]))
		to++;
	return (to - from - 1) / FIELD_DIGITS;
}

/* How many fields take_field() would find: the starts of runs of digits, eight bytes at a time.
 * Most of most samples is unchanged, and this is all that is done to it. s begins and ends at
 * line breaks. */
static size_t count_fields(struct str s)
{
	const uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
	size_t fields = 0, i = 0;
	uint64_t before = 0; /* the byte before was a digit */
	bool full = false;   /* the eight bytes before were digits */

	for (; i + 8 <= s.n; i += 8) {
		uint64_t word, digit;

		memcpy(&word, s.p + i, 8);
		word ^= 0x30 * ones;
		digit = ~(((word & ~high) + 0x76 * ones) | word) & high;
		if (digit == high && !full)
			fields += more_fields(s, i);
		full = digit == high;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		fields += (size_t)__builtin_popcountll(digit & ~(digit << 8 | before));
		before = digit >> 56;
#else
		fields += (size_t)__builtin_popcountll(digit & ~(digit >> 8 | before << 56));
		before = digit & 0x80;
#endif
	}
	for (; i < s.n; i++) {
		bool digit = ascii_digit(s.p[i]);

		fields += digit && !before;
		before = digit;
	}
	return fields;
}

static uint64_t zigzag(uint64_t from, uint64_t to)
{
	return to >= from ? (to - from) << 1 : ((from - to) << 1) - 1;
}

static void out_op(struct out *o, size_t gap, uint64_t z, const size_t *pad)
{
	unsigned high = gap < 14 ? (unsigned)gap << 4 : 14u << 4;
	unsigned low = 15;

	if (!pad)
		low = z == 0 ? 14 : z <= 12 ? (unsigned)z - 1 : z < 269 ? 12 : z < 65805 ? 13 : 14;
	out_byte(o, high | low);
	if (gap >= 14)
		out_varint(o, gap - 14);
	if (low == 12 || low == 13) {
		z -= low == 12 ? 13 : 269;
		out_byte(o, z & 255);
	}
	if (low == 13)
		out_byte(o, (unsigned)(z >> 8));
	if (low >= 14)
		out_varint(o, z);
	if (pad)
		out_varint(o, *pad);
}

static bool same_literal(struct str a, struct str b, const struct field *fa,
			 const struct field *fb)
{
	return fa->literal == fb->literal && fa->zeros == fb->zeros &&
	       memcmp(a.p, b.p, fa->literal) == 0;
}

/* One line of each; false when more than numbers differ. *gap counts unchanged fields. */
static bool encode_line(struct out *o, struct str old, struct str text, size_t *gap)
{
	for (;;) {
		struct str a = old, b = text;
		struct field was, is;
		bool more = take_field(&old, &was);
		size_t pad;

		if (more != take_field(&text, &is))
			return false;
		if (!more)
			return str_eq(a, b);
		if (!same_literal(a, b, &was, &is))
			return false;
		pad = field_pad(&was, is.digits);
		if (was.value == is.value && was.pad == is.pad) {
			++*gap;
			continue;
		}
		out_op(o, *gap, zigzag(was.value, is.value), pad == is.pad ? NULL : &is.pad);
		*gap = 0;
	}
}

/* Like take_line(), but the newline stays with the line. */
static bool take_whole_line(struct str *in, struct str *ret)
{
	size_t n = str_find_char(*in, '\n');

	if (in->n == 0)
		return false;
	*ret = str_sub(*in, 0, n == SIZE_MAX ? in->n : n + 1);
	*in = str_from(*in, ret->n);
	return true;
}

static size_t common_prefix(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t x, y;

		memcpy(&x, a.p + i, 8);
		memcpy(&y, b.p + i, 8);
		if (x != y)
			break;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

static bool encode_numbers(struct out *o, struct str old, struct str text)
{
	struct str a, b;
	size_t gap = 0;

	while (old.n || text.n) {
		size_t same = common_prefix(old, text);
		const char *line = same ? memrchr(old.p, '\n', same) : NULL;

		if (same == old.n && same == text.n)
			break;
		same = line ? (size_t)(line - old.p) + 1 : 0;
		gap += count_fields(str_sub(old, 0, same));
		old = str_from(old, same);
		text = str_from(text, same);
		if (!take_whole_line(&old, &a) || !take_whole_line(&text, &b) ||
		    !encode_line(o, a, b, &gap))
			return false;
	}
	out_byte(o, 0xf0);
	return !o->full;
}

/* Whether two lines differ in nothing but numbers. */
static bool alike(struct str a, struct str b)
{
	struct field fa, fb;

	if (a.n == 0 || b.n == 0 || (a.p[0] != b.p[0] && !ascii_digit(a.p[0])))
		return false;
	for (;;) {
		struct str from_a = a, from_b = b;
		bool more = take_field(&a, &fa);

		if (more != take_field(&b, &fb))
			return false;
		if (!more)
			return str_eq(from_a, from_b);
		if (!same_literal(from_a, from_b, &fa, &fb))
			return false;
	}
}

enum { LOOK_AHEAD = 40 };

/* How many old lines lie before one that is like `line`; SIZE_MAX: none near. */
static size_t find_alike(struct str old, struct str line)
{
	struct str a;

	for (size_t n = 0; n < LOOK_AHEAD && take_whole_line(&old, &a); n++) {
		if (alike(a, line))
			return n;
	}
	return SIZE_MAX;
}

static void copy_run(struct out *o, struct str *old, struct str *text)
{
	struct str a = *old, b = *text, was = *old, is = *text, line_a, line_b;
	size_t lines = 0;

	while (take_whole_line(&a, &line_a) && take_whole_line(&b, &line_b) &&
	       alike(line_a, line_b)) {
		lines++;
		*old = a;
		*text = b;
	}
	out_varint(o, lines << 2);
	if (!encode_numbers(o, str_sub(was, 0, was.n - old->n), str_sub(is, 0, is.n - text->n)))
		o->full = true; /* cannot be: the lines are alike */
}

static void encode_lines(struct out *o, struct str old, struct str text)
{
	struct str line, rest, from;
	size_t skip;

	while (text.n && !o->full) {
		rest = from = text;
		if (!take_whole_line(&rest, &line))
			break;
		skip = find_alike(old, line);
		if (skip != SIZE_MAX) {
			if (skip)
				out_varint(o, skip << 2 | 1);
			for (; skip; skip--)
				(void)take_whole_line(&old, &line);
			copy_run(o, &old, &text);
			continue;
		}
		do {
			text = rest;
		} while (take_whole_line(&rest, &line) && find_alike(old, line) == SIZE_MAX);
		out_varint(o, (from.n - text.n) << 2 | 2);
		out_bytes(o, str_sub(from, 0, from.n - text.n));
	}
	out_varint(o, 3);
}

void text_encode_whole(struct out *o, struct str text)
{
	static struct lz own; /* not on the stack, which is locked */
	size_t start, packed, room;

	out_varint(o, text.n);
	/* The packed length stands before the bytes: leave five bytes for it. */
	start = o->n;
	room = o->room - o->n;
	packed = room > 5 ? lz_pack(o->lz ? o->lz : &own, text, o->p + start + 5, room - 5) : 0;
	if (packed && packed < text.n) {
		out_varint(o, packed);
		memmove(o->p + o->n, o->p + start + 5, packed);
		o->n += packed;
		return;
	}
	out_varint(o, 0);
	out_bytes(o, text);
}

enum entry_mode text_encode(struct out *o, struct str old, struct str text)
{
	struct out start = *o;

	if (str_eq(old, text))
		return ENTRY_SAME;
	if (encode_numbers(o, old, text))
		return ENTRY_NUMBERS;
	*o = start;
	encode_lines(o, old, text);
	if (!o->full && o->n - start.n < text.n / 2)
		return ENTRY_LINES;
	*o = start;
	text_encode_whole(o, text);
	return ENTRY_WHOLE;
}
