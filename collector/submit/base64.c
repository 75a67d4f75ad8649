/* SPDX-License-Identifier: MIT */
/* base64.c - three bytes to four digits. */
#include "submit/base64.h"

bool base64_add(struct buf *out, struct str in, size_t line)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	if (!buf_reserve(out, (in.n + 2) / 3 * 4))
		return false;
	for (size_t i = 0; i < in.n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)in.p[i] << 16;
		char quad[4];

		v |= i + 1 < in.n ? (uint32_t)(unsigned char)in.p[i + 1] << 8 : 0;
		v |= i + 2 < in.n ? (uint32_t)(unsigned char)in.p[i + 2] : 0;
		quad[0] = digits[v >> 18];
		quad[1] = digits[v >> 12 & 63];
		quad[2] = i + 1 < in.n ? digits[v >> 6 & 63] : '=';
		quad[3] = i + 2 < in.n ? digits[v & 63] : '=';
		if (line && column == line) {
			buf_addz(out, "\r\n");
			column = 0;
		}
		buf_add(out, (struct str){quad, 4});
		column += 4;
	}
	return !out->failed;
}
