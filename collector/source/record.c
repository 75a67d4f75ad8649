/* SPDX-License-Identifier: MIT */
/* record.c - kernel records as text lines, the form of a console: "<4>[   12.345678] text". */
#include "base/when.h"
#include "source/input.h"

/* Control bytes that would break the line or a terminal, as dmesg(1) shows them. */
static void add_clean(struct buf *out, struct str line)
{
	size_t from = 0;

	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c >= ' ' && c != 0x7f) || c == '\t')
			continue;
		buf_add(out, str_sub(line, from, i - from));
		buf_addf(out, "\\x%02x", c);
		from = i + 1;
	}
	buf_add(out, str_from(line, from));
}

/* As printf does it, whose format is most of the work where a journal has a million records. */
static void add_number(struct buf *out, int64_t n, size_t width, char fill)
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
	buf_add(out, (struct str){digits + at, sizeof(digits) - at});
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

	if (us != UNKNOWN)
		when_to_civil(us, &c);
	const struct {
		int n;
		size_t width;
		char past;
	} parts[] = {
		{c.year, 4, '-'}, {c.month, 2, '-'}, {c.day, 2, 'T'}, {c.hour, 2, ':'},
		{c.minute, 2, ':'}, {c.second, 2, '.'}, {c.micro, 6, 'Z'},
	};

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		add_number(out, parts[i].n, parts[i].width, '0');
		buf_addc(out, parts[i].past);
	}
}

static void add_host(struct buf *out, const struct record *r)
{
	add_time(out, r->wall_us);
	buf_addc(out, ' ');
	add_clean(out, r->host);
	buf_addc(out, ' ');
	if (!r->ident.n)
		buf_add(out, STR("kernel: "));
}

static void add_prefix(struct buf *out, const struct record *r)
{
	bool kernel = !r->ident.n;

	if (r->priority != UNKNOWN) {
		buf_addc(out, '<');
		add_number(out, r->priority, 1, '0');
		buf_addc(out, '>');
	}
	if (r->host.n)
		add_host(out, r);
	if (r->host.n && !kernel) {
		add_ident(out, r);
		return;
	}
	if (r->us != UNKNOWN) {
		buf_addc(out, '[');
		add_number(out, r->us / 1000000, 5, ' ');
		buf_addc(out, '.');
		add_number(out, r->us % 1000000, 6, '0');
		buf_addc(out, ']');
	}
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
