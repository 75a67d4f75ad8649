/* SPDX-License-Identifier: MIT */
/* trailer.c - the hash of an archive's own bytes as its last bytes, in a form that every
 * decompressor passes over: what no file's hash covers (headers, padding, frames) is covered.
 * What stands behind it is told apart: libarchive, given junk, drops up to 128 KiB of what it had
 * unpacked by then.
 *
 * zstd: a skippable frame (RFC 8878, 3.1.2). gzip: an empty member with a comment (RFC 1952,
 * 2.3). xz needs none: the format carries checks over every one of its bytes.
 */
#include "bundle/parts.h"

#define ZST_MAGIC "\x28\xb5\x2f\xfd"
#define GZ_MAGIC "\x1f\x8b"
#define XZ_MAGIC "\xfd" "7zXZ\0"

enum {
	XZ_FOOTER = 12,
	XZ_END = TRAILER_MAX - 8, /* footer and index */
	HEAD_LEAST = 2, /* bytes at the end of the file that are taken for a head that was cut */
};

/* How a file begins, and what stands around the 64 digits of the trailer. */
struct form {
	struct str magic, head, tail;
	size_t (*pass)(struct trailer *t, struct str bytes, bool last);
};

static size_t pass_hashed(struct trailer *t, struct str bytes, bool last);
static size_t pass_xz(struct trailer *t, struct str bytes, bool last);
static size_t pass_plain(struct trailer *t, struct str bytes, bool last);

static const struct form forms[] = {
	[BUNDLE_TAR_ZST] = {STR_INIT(ZST_MAGIC),
			    STR_INIT("\x50\x2a\x4d\x18\x50\0\0\0oomreport sha256"), STR_INIT(""),
			    pass_hashed},
	[BUNDLE_TAR_GZ] = {STR_INIT(GZ_MAGIC),
			   STR_INIT("\x1f\x8b\x08\x10\0\0\0\0\0\xff" "oomreport sha256 "),
			   STR_INIT("\0\x03\0\0\0\0\0\0\0\0\0"), pass_hashed},
	[BUNDLE_TAR_XZ] = {STR_INIT(XZ_MAGIC), STR_INIT(""), STR_INIT(""), pass_xz},
	[BUNDLE_DIR] = {STR_INIT(""), STR_INIT(""), STR_INIT(""), pass_plain}, /* tar, unpacked */
};

static struct str make(const struct form *form, const unsigned char sum[SHA256_SIZE],
		       char out[TRAILER_MAX])
{
	char hex[SHA256_HEX];
	size_t n = form->head.n;

	if (n == 0)
		return STR("");
	sha256_hex(sum, hex);
	memcpy(out, form->head.p, n);
	memcpy(out + n, hex, SHA256_HEX - 1);
	n += SHA256_HEX - 1;
	memcpy(out + n, form->tail.p, form->tail.n);
	return (struct str){out, n + form->tail.n};
}

size_t trailer_make(enum bundle_format format, const unsigned char sum[SHA256_SIZE],
		    char out[TRAILER_MAX])
{
	return make(&forms[format], sum, out).n;
}

/* Of what was passed on until now. */
static struct str wanted(const struct trailer *t, char out[TRAILER_MAX])
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 copy = t->sum;

	sha256_end(&copy, sum);
	return make(t->form, sum, out);
}

/* The bytes at the end that may be the beginning of a head. */
static size_t begun(struct str bytes, struct str head, size_t least)
{
	for (size_t n = head.n - 1; n >= least; n--) {
		if (str_ends(bytes, str_sub(head, 0, n)))
			return n;
	}
	return 0;
}

/* One whose hash does not fit is content: of a bundle in a bundle, say. */
static size_t pass_hashed(struct trailer *t, struct str bytes, bool last)
{
	const struct str head = t->form->head;
	size_t summed = 0, from = 0, at;
	char room[TRAILER_MAX];

	while ((at = str_find(str_from(bytes, from), head)) != SIZE_MAX) {
		struct str rest = str_from(bytes, at += from), want;

		sha256_add(&t->sum, str_sub(bytes, summed, at - summed));
		summed = at;
		want = wanted(t, room);
		if (rest.n < want.n && !last)
			return at;
		if (str_starts(rest, want)) {
			t->state = TRAILER_WHOLE;
			t->n = want.n;
			return at;
		}
		if (rest.n < want.n && str_starts(want, rest)) {
			t->state = TRAILER_CUT;
			return at;
		}
		from = at + 1;
	}
	at = bytes.n - begun(str_from(bytes, from), head, last ? HEAD_LEAST : 1);
	if (last && at < bytes.n)
		t->state = TRAILER_CUT;
	sha256_add(&t->sum, str_sub(bytes, summed, at - summed));
	return at;
}

/* The .xz file format, 1.2. */
static bool take_vli(struct str *in, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < in->n && i < 9; i++) {
		unsigned char c = (unsigned char)in->p[i];

		value |= (uint64_t)(c & 0x7f) << 7 * i;
		if (!(c & 0x80)) {
			*ret = value;
			*in = str_from(*in, i + 1);
			return true;
		}
	}
	return false;
}

/* 2.1.2: CRC32 of the six bytes behind it, size of the index, 0 and the kind of check, "YZ". */
static bool is_xz_footer(const char *p, uint64_t *ret_index)
{
	uint32_t crc = UINT32_MAX, word[2] = {0};

	for (unsigned i = 0; i < 8; i++)
		word[i / 4] |= (uint32_t)(unsigned char)p[i] << 8 * (i % 4);
	for (unsigned i = 4; i < 10; i++) {
		crc ^= (unsigned char)p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	*ret_index = ((uint64_t)word[1] + 1) * 4;
	return ~crc == word[0] && p[8] == 0;
}

/* Does a stream of so many bytes end with these? Its index (4.) must say so: another footer is that
 * of a bundle in the bundle. One of many blocks, which collect does not write, is not known. */
static bool is_xz_end(struct str s, uint64_t size)
{
	uint64_t index, n, packed, unpacked, total;
	struct str in;

	if (s.n < XZ_FOOTER || !is_xz_footer(s.p + s.n - XZ_FOOTER, &index) ||
	    index > s.n - XZ_FOOTER)
		return false;
	in = str_sub(s, s.n - XZ_FOOTER - (size_t)index, (size_t)index);
	if (!take_char(&in, '\0') || !take_vli(&in, &n))
		return false;
	for (total = 2 * XZ_FOOTER + index; n; n--) { /* the header is as long as the footer */
		if (!take_vli(&in, &packed) || !take_vli(&in, &unpacked))
			return false;
		total += (packed + 3) / 4 * 4;
	}
	return total == size;
}

/* The end is that of a stream behind which no other begins. */
static size_t pass_xz(struct trailer *t, struct str bytes, bool last)
{
	size_t begin = 0, from = 0, seen = bytes.n, at;

	while ((at = str_find(str_from(bytes, from), STR("YZ"))) != SIZE_MAX) {
		size_t end = from + at + 2;
		struct str rest = str_from(bytes, end);

		from = end - 1;
		if (!is_xz_end(str_sub(bytes, 0, end), t->before + end - begin))
			continue;
		if (rest.n < t->form->magic.n && !last) {
			seen = end;
			break;
		}
		if (!str_starts(rest, t->form->magic)) {
			t->state = TRAILER_WHOLE;
			return end;
		}
		t->before = 0;
		begin = end;
	}
	if (last) {
		t->state = str_ends(bytes, STR("YZ")) ? TRAILER_WHOLE : TRAILER_AHEAD;
		return bytes.n;
	}
	at = seen - begin > XZ_END ? seen - XZ_END : begin;
	t->before += at - begin;
	return at;
}

static size_t pass_plain(struct trailer *t, struct str bytes, bool last)
{
	t->state = last ? TRAILER_WHOLE : TRAILER_AHEAD;
	return bytes.n;
}

size_t trailer_pass(struct trailer *t, struct str bytes, bool last)
{
	if (!t->form && bytes.n < sizeof(XZ_MAGIC) - 1 && !last)
		return 0;
	if (!t->form) {
		t->form = forms;
		while (!str_starts(bytes, t->form->magic))
			t->form++;
	}
	return t->form->pass(t, bytes, last);
}
