/* SPDX-License-Identifier: MIT */
/* trailer.c - the hash of an archive's own bytes as its last bytes, in a form that every
 * decompressor passes over: what no file's hash covers (headers, padding, frames) is covered.
 *
 * zstd: a skippable frame (RFC 8878, 3.1.2). gzip: an empty member with a comment (RFC 1952,
 * 2.3). xz needs none: the format carries checks over every one of its bytes.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/parts.h"

static const char zst_head[] = "\x50\x2a\x4d\x18\x50\0\0\0oomreport sha256";
static const char gz_head[] = "\x1f\x8b\x08\x10\0\0\0\0\0\xff" "oomreport sha256 ";
static const char gz_tail[] = "\0\x03\0\0\0\0\0\0\0\0\0";
static const char zst_magic[] = "\x28\xb5\x2f\xfd", gz_magic[] = "\x1f\x8b";

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

static bool read_at(int fd, char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t got = pread(fd, p, n, at);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		at += got;
	}
	return true;
}

static bool sum_of(int fd, off_t n, unsigned char sum[SHA256_SIZE])
{
	char window[HOLD / 4];
	struct sha256 s;

	sha256_start(&s);
	for (off_t at = 0; at < n;) {
		off_t left = n - at;
		size_t want = left < (off_t)sizeof(window) ? (size_t)left : sizeof(window);

		if (!read_at(fd, window, want, at))
			return false;
		sha256_add(&s, (struct str){window, want});
		at += (off_t)want;
	}
	sha256_end(&s, sum);
	return true;
}

int trailer_check(int fd)
{
	char head[4], want[TRAILER_MAX], have[TRAILER_MAX];
	unsigned char sum[SHA256_SIZE] = {0};
	enum bundle_format format;
	struct stat st;
	size_t n;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !read_at(fd, head, sizeof(head), 0))
		return 0;
	if (memcmp(head, zst_magic, 4) == 0)
		format = BUNDLE_TAR_ZST;
	else if (memcmp(head, gz_magic, 2) == 0)
		format = BUNDLE_TAR_GZ;
	else
		return 0;
	n = trailer_make(format, sum, want);
	if (st.st_size < (off_t)n || !sum_of(fd, st.st_size - (off_t)n, sum) ||
	    !read_at(fd, have, n, st.st_size - (off_t)n))
		return -1;
	trailer_make(format, sum, want);
	return memcmp(have, want, n) == 0 ? 1 : -1;
}
