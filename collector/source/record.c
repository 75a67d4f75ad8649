/* SPDX-License-Identifier: MIT */
/* record.c - kernel records as text lines, the form of a console: "<4>[   12.345678] text". */
#include "base/when.h"
#include "source/input.h"

/* The top bit of each of eight bytes that is a control byte (of one behind such a byte, too). */
static inline uint64_t controls_in(uint64_t eight)
{
	const uint64_t each = UINT64_MAX / 255;
	uint64_t del = eight ^ each * 0x7f;

	return (((eight - each * ' ') & ~eight) | ((del - each) & ~del)) & each << 7;
}

/* No control byte: a message is mostly clean, and a journal has a million of them. */
static bool is_clean(struct str s)
{
	uint64_t odd = 0, eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= s.n; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		odd |= controls_in(eight);
	}
	for (; i < s.n; i++)
		odd |= controls_in(UINT64_MAX / 255 * (unsigned char)s.p[i]);
	return odd == 0;
}

/* Control bytes that would break the line or a terminal, as dmesg(1) shows them. */
static void add_clean(struct buf *out, struct str line)
{
	size_t from = 0;

	for (size_t i = is_clean(line) ? line.n : 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c >= ' ' && c != 0x7f) || c == '\t')
			continue;
		buf_add(out, str_sub(line, from, i - from));
		buf_addf(out, "\\x%02x", c);
		from = i + 1;
	}
	buf_add(out, str_from(line, from));
}

/* As printf does it, whose format is most of the work where a journal has a million records. What is
 * behind the number is returned. */
static char *put_number(char *p, int64_t n, size_t width, char fill)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (n < 0)
		digits[--at] = '-';
	while (sizeof(digits) - at < width)
		digits[--at] = fill;
	memcpy(p, digits + at, sizeof(digits) - at);
	return p + sizeof(digits) - at;
}

/* Pairs of digits: n is less than 100 to the number of pairs. */
static char *put_pairs(char *p, int n, int pairs)
{
	for (int i = pairs; i-- > 0; n /= 100) {
		p[2 * i] = (char)('0' + n % 100 / 10);
		p[2 * i + 1] = (char)('0' + n % 10);
	}
	return p + 2 * (ptrdiff_t)pairs;
}

static void add_ident(struct buf *out, const struct record *r)
{
	add_clean(out, r->ident);
	if (r->pid.n) {
		buf_addc(out, '[');
		add_clean(out, r->pid);
		buf_addc(out, ']');
	}
	buf_add(out, STR(": "));
}

/* "2026-11-23T02:30:00.123456Z " */
static void add_time(struct buf *out, int64_t us)
{
	struct civil c = {.year = 1970, .month = 1, .day = 1};
	char text[64], *p;

	if (us != UNKNOWN)
		when_to_civil(us, &c);
	p = put_number(text, c.year, 4, '0');
	const struct {
		int n, pairs;
		char before;
	} parts[] = {
		{c.month, 1, '-'}, {c.day, 1, '-'}, {c.hour, 1, 'T'}, {c.minute, 1, ':'},
		{c.second, 1, ':'}, {c.micro, 3, '.'},
	};

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		*p++ = parts[i].before;
		p = put_pairs(p, parts[i].n, parts[i].pairs);
	}
	*p++ = 'Z';
	*p++ = ' ';
	buf_add(out, (struct str){text, (size_t)(p - text)});
}

static void add_host(struct buf *out, const struct record *r)
{
	add_time(out, r->wall_us);
	add_clean(out, r->host);
	buf_addc(out, ' ');
	if (!r->ident.n)
		buf_add(out, STR("kernel: "));
}

/* "<4>", or with a fraction "[   12.345678]". */
static void add_framed(struct buf *out, char open, int64_t n, int64_t micro, char close)
{
	char text[64], *p = text;

	*p++ = open;
	p = put_number(p, n, micro == UNKNOWN ? 1 : 5, ' ');
	if (micro != UNKNOWN) {
		*p++ = '.';
		p = put_pairs(p, (int)micro, 3);
	}
	*p++ = close;
	buf_add(out, (struct str){text, (size_t)(p - text)});
}

static void add_prefix(struct buf *out, const struct record *r)
{
	bool kernel = !r->ident.n;

	if (r->priority != UNKNOWN)
		add_framed(out, '<', r->priority, UNKNOWN, '>');
	if (r->host.n)
		add_host(out, r);
	if (r->host.n && !kernel) {
		add_ident(out, r);
		return;
	}
	if (r->us != UNKNOWN)
		add_framed(out, '[', r->us / 1000000, r->us % 1000000, ']');
	if (r->caller.n)
		buf_addf(out, "[%6.*s]", STR_ARG(r->caller));
	if (r->us != UNKNOWN || r->caller.n)
		buf_addc(out, ' ');
	if (!kernel)
		add_ident(out, r);
}

void record_write(struct buf *out, const struct record *r)
{
	struct str rest = r->text, line;
	bool any = false;

	while (take_line(&rest, &line)) {
		add_prefix(out, r);
		add_clean(out, line);
		buf_addc(out, '\n');
		any = true;
	}
	if (!any) { /* a record of no text is still a line */
		add_prefix(out, r);
		buf_addc(out, '\n');
	}
}

/* "[" blanks digits "." six digits "]" anywhere in the first bytes of the line. */
int64_t line_us(struct str line, size_t *at)
{
	struct str head = str_sub(line, 0, 200);
	uint64_t s, us;

	for (size_t i = 0; i < head.n; i++) {
		struct str in = str_from(head, i + 1), digits;

		if (head.p[i] != '[')
			continue;
		skip_blanks(&in);
		if (!take_u64(&in, &s) || s >= INT32_MAX || in.n < 8 || in.p[0] != '.' ||
		    in.p[7] != ']')
			continue;
		digits = str_sub(in, 1, 6);
		if (!take_u64(&digits, &us) || digits.n)
			continue;
		if (at)
			*at = i;
		return (int64_t)(s * 1000000 + us);
	}
	return UNKNOWN;
}
