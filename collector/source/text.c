/* SPDX-License-Identifier: MIT */
/* text.c - the plain lines of a text that is saved as something else: as UTF-16, as Windows'
 * editors and PowerShell's '>' write it; with CR for newlines; as a mail, in base64 or in Apport's report (mail.c); in a JSON document (strings.c).
 */
#include "source/input.h"

/* ---- UTF-16 ---- */

enum { UNITS = 2048 };

struct utf16 {
	bool big;
	unsigned char in[2 * UNITS];
	size_t in_n; /* of a character that is not whole yet: at most 3 bytes */
	char out[3 * UNITS];
	size_t out_at, out_n;
};

/* By its mark, or (without one) by ASCII in every other byte. */
static bool is_utf16(struct str head, bool *big)
{
	size_t zeros[2] = {0, 0};

	*big = str_starts(head, STR("\xfe\xff"));
	if (*big || str_starts(head, STR("\xff\xfe")))
		return true;
	for (size_t i = 0; i < head.n; i++)
		zeros[i % 2] += head.p[i] == 0;
	*big = zeros[0] > 0;
	return head.n >= 64 && zeros[*big] == 0 && zeros[0] + zeros[1] > head.n / 2 * 9 / 10;
}

static uint32_t unit_at(const struct utf16 *u, size_t i)
{
	unsigned a = u->in[i], b = u->in[i + 1];

	return u->big ? a << 8 | b : b << 8 | a;
}

/* The whole characters of in[] to out[]. */
static void convert(struct utf16 *u)
{
	size_t i = 0;

	u->out_at = u->out_n = 0;
	for (; i + 2 <= u->in_n; i += 2) {
		uint32_t c = unit_at(u, i);

		if (c >= 0xd800 && c < 0xdc00 && i + 4 > u->in_n)
			break;
		if (c >= 0xd800 && c < 0xe000) {
			uint32_t low = c < 0xdc00 ? unit_at(u, i + 2) : 0;

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			} else {
				c = 0xfffd;
			}
		}
		if (c != 0xfeff) /* the mark */
			u->out_n += utf8_put(u->out + u->out_n, c);
	}
	u->in_n -= i;
	memmove(u->in, u->in + i, u->in_n);
}

static ssize_t utf16_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct utf16 *u = in->own;

	while (u->out_at == u->out_n) {
		ssize_t got = stream_read(in->below, (char *)u->in + u->in_n,
					  sizeof(u->in) - u->in_n, err);

		if (got <= 0)
			return got;
		u->in_n += (size_t)got;
		convert(u);
	}
	if (n > u->out_n - u->out_at)
		n = u->out_n - u->out_at;
	memcpy(p, u->out + u->out_at, n);
	u->out_at += n;
	return (ssize_t)n;
}

static struct stream *utf16_open(struct arena *a, struct stream *below, bool big, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(struct utf16), err);
	struct utf16 *u = in ? in->own : NULL;

	if (!u)
		return NULL;
	u->big = big;
	in->read = utf16_read;
	return in;
}

/* ---- lines that end in CR alone ----
 *
 * As terminals log them, and Macs of long ago. Where a newline comes after all, CR is none. */

static bool ends_in_cr(struct str head)
{
	size_t first = str_find_char(head, '\r');

	return first != SIZE_MAX && str_find_char(head, '\n') == SIZE_MAX &&
	       str_find_char(str_from(head, first + 1), '\r') != SIZE_MAX;
}

static ssize_t cr_read(struct stream *in, char *p, size_t n, struct err *err)
{
	bool *over = in->own;
	ssize_t got = stream_read(in->below, p, n, err);

	for (ssize_t i = 0; i < got && !*over; i++) {
		*over = p[i] == '\n';
		if (p[i] == '\r')
			p[i] = '\n';
	}
	return got;
}

static struct stream *cr_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(bool), err);

	if (in)
		in->read = cr_read;
	return in;
}

/* ---- which ---- */

bool text_in(struct str head)
{
	bool big;

	return head.n && (is_utf16(head, &big) || memchr(head.p, 0, head.n) == NULL);
}

int charset_open(struct stream **in, struct arena *a, struct err *err)
{
	struct str head;
	bool big;

	if (stream_peek(*in, &head, err))
		return -1;
	if (is_utf16(head, &big))
		*in = utf16_open(a, *in, big, err);
	if (*in && stream_peek(*in, &head, err) == 0 && ends_in_cr(head))
		*in = cr_open(a, *in, err);
	return *in ? 0 : -1;
}

int text_open(struct stream **in, struct arena *a, struct source_info *info, struct err *err)
{
	struct str head;

	if (charset_open(in, a, err) || stream_peek(*in, &head, err))
		return -1;
	if (mail_begins(head))
		*in = mail_open(a, *in, err);
	else if (report_begins(head))
		*in = report_open(a, *in, err);
	else if (base64_begins(head))
		*in = base64_open(a, *in, err);
	else if (strings_begin(head))
		*in = strings_open(a, *in, err);
	return *in ? oldest_first(in, a, info, err) : -1;
}
