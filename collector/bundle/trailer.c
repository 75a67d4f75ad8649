/* SPDX-License-Identifier: MIT */
/* trailer.c - the hash of an archive's own bytes as its last bytes, in a form that every
 * decompressor passes over: what no file's hash covers (headers, padding, frames) is covered.
 *
 * zstd: a skippable frame (RFC 8878, 3.1.2). gzip: an empty member with a comment (RFC 1952,
 * 2.3). xz needs none, but for what may stand behind its footer: the format carries checks over
 * every one of its bytes.
 */
#include "bundle/parts.h"

static const char zst_head[] = "\x50\x2a\x4d\x18\x50\0\0\0oomreport sha256";
static const char gz_head[] = "\x1f\x8b\x08\x10\0\0\0\0\0\xff" "oomreport sha256 ";
static const char gz_tail[] = "\0\x03\0\0\0\0\0\0\0\0\0";
static const char zst_magic[] = "\x28\xb5\x2f\xfd", gz_magic[] = "\x1f\x8b";
static const char xz_magic[] = "\xfd" "7zX", xz_footer[] = "YZ";

size_t trailer_make(enum bundle_format format, const unsigned char sum[SHA256_SIZE],
		    char out[TRAILER_MAX])
{
	bool zst = format == BUNDLE_TAR_ZST;
	size_t n = zst ? sizeof(zst_head) - 1 : sizeof(gz_head) - 1;
	char hex[SHA256_HEX];

	if (!zst && format != BUNDLE_TAR_GZ)
		return 0;
	sha256_hex(sum, hex);
	memcpy(out, zst ? zst_head : gz_head, n);
	memcpy(out + n, hex, SHA256_HEX - 1);
	n += SHA256_HEX - 1;
	if (!zst) {
		memcpy(out + n, gz_tail, sizeof(gz_tail) - 1);
		n += sizeof(gz_tail) - 1;
	}
	return n;
}

void trailer_add(struct trailer *t, struct str bytes)
{
	size_t n = bytes.n < sizeof(t->head) - t->n_head ? bytes.n : sizeof(t->head) - t->n_head;
	size_t out;

	memcpy(t->head + t->n_head, bytes.p, n);
	t->n_head += n;
	n = bytes.n < TRAILER_MAX ? bytes.n : TRAILER_MAX; /* of the new ones, to be held back */
	out = t->n_tail + n > TRAILER_MAX ? t->n_tail + n - TRAILER_MAX : 0;
	sha256_add(&t->sum, (struct str){t->tail, out});
	sha256_add(&t->sum, str_sub(bytes, 0, bytes.n - n));
	memmove(t->tail, t->tail + out, t->n_tail - out);
	t->n_tail -= out;
	memcpy(t->tail + t->n_tail, bytes.p + bytes.n - n, n);
	t->n_tail += n;
}

bool trailer_fits(const struct trailer *t)
{
	struct str head = {t->head, t->n_head}, tail = {t->tail, t->n_tail};
	enum bundle_format format = str_starts(head, STR(zst_magic)) ? BUNDLE_TAR_ZST : BUNDLE_TAR_GZ;
	unsigned char sum[SHA256_SIZE] = {0};
	struct sha256 s = t->sum;
	char want[TRAILER_MAX];
	size_t n;

	if (str_starts(head, STR(xz_magic)))
		return str_ends(tail, STR(xz_footer));
	if (format == BUNDLE_TAR_GZ && !str_starts(head, STR(gz_magic)))
		return true;
	n = trailer_make(format, sum, want);
	if (tail.n < n)
		return false;
	sha256_add(&s, str_sub(tail, 0, tail.n - n));
	sha256_end(&s, sum);
	trailer_make(format, sum, want);
	return str_eq(str_from(tail, tail.n - n), (struct str){want, n});
}
