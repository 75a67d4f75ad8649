/* SPDX-License-Identifier: MIT */
/* record.c - kernel records as text lines, the form of a console: "<4>[   12.345678] text". */
#include <inttypes.h>

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

static void add_ident(struct buf *out, const struct record *r)
{
	buf_addf(out, "%.*s", STR_ARG(r->ident));
	if (r->pid.n)
		buf_addf(out, "[%.*s]", STR_ARG(r->pid));
	buf_add(out, STR(": "));
}

static void add_host(struct buf *out, const struct record *r)
{
	struct civil c = {.year = 1970, .month = 1, .day = 1};

	if (r->wall_us != UNKNOWN)
		when_to_civil(r->wall_us, &c);
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ ", c.year, c.month, c.day, c.hour,
		 c.minute, c.second, c.micro);
	add_clean(out, r->host);
	buf_addc(out, ' ');
	if (!r->ident.n)
		buf_add(out, STR("kernel: "));
}

static void add_prefix(struct buf *out, const struct record *r)
{
	bool kernel = !r->ident.n;

	if (r->priority != UNKNOWN)
		buf_addf(out, "<%" PRIi64 ">", r->priority);
	if (r->host.n)
		add_host(out, r);
	if (r->host.n && !kernel) {
		add_ident(out, r);
		return;
	}
	if (r->us != UNKNOWN)
		buf_addf(out, "[%5" PRIi64 ".%06d]", r->us / 1000000, (int)(r->us % 1000000));
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
