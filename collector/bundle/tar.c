/* SPDX-License-Identifier: MIT */
/* tar.c - headers of the POSIX ustar format (IEEE 1003.1-2001 pax), made by hand because the
 * content between them is spliced in already compressed. */
#include <stdio.h>

#include "bundle/parts.h"

#define SIZE_FIELD ((UINT64_C(1) << 33) - 1) /* eleven octal digits */

struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155];
	char unused[12];
};

static void octal(char *field, size_t room, uint64_t value)
{
	field[room - 1] = '\0';
	for (size_t i = room - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static void finish(char *block, char type, uint64_t size, int64_t mtime_s)
{
	struct ustar *u = (struct ustar *)(void *)block;
	uint64_t sum = 0;

	octal(u->mode, sizeof(u->mode), type == '5' ? 0755 : 0644);
	octal(u->uid, sizeof(u->uid), 0);
	octal(u->gid, sizeof(u->gid), 0);
	octal(u->size, sizeof(u->size), size);
	octal(u->mtime, sizeof(u->mtime), mtime_s > 0 ? (uint64_t)mtime_s : 0);
	u->type = type;
	memcpy(u->magic, "ustar", 6);
	memcpy(u->version, "00", 2);
	memcpy(u->user, "root", 5);
	memcpy(u->group, "root", 5);
	memset(u->sum, ' ', sizeof(u->sum));
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	octal(u->sum, 7, sum);
}

/* Where to divide a path of more than 100 bytes into prefix and name; 0 = it does not fit. */
static size_t divide(struct str path)
{
	for (size_t i = path.n < 156 ? path.n : 156; i-- > 1;) {
		if (path.p[i] == '/' && path.n - i - 1 <= 100 && path.n - i - 1 > 0)
			return i;
	}
	return 0;
}

/* A pax record is "LENGTH key=VALUE\n", its own length counted. */
static size_t pax_record(char *out, size_t room, const char *key, struct str value)
{
	size_t n = strlen(key) + value.n + 3, digits = 1;

	for (size_t limit = 10; n + digits >= limit; limit *= 10)
		digits++;
	snprintf(out, room, "%zu %s=%.*s\n", n + digits, key, STR_ARG(value));
	return n + digits;
}

/* The records that the fields of ustar have no room for; returns the bytes used in out. */
static size_t pax_header(char *out, struct str path, bool long_path, uint64_t size,
			 int64_t mtime_s)
{
	char *records = out + TAR_BLOCK, number[24];
	size_t n = 0, room = TAR_HEAD_ROOM - 2 * TAR_BLOCK;

	if (long_path)
		n += pax_record(records, room, "path", path);
	if (size > SIZE_FIELD) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)size);
		n += pax_record(records + n, room - n, "size", str_of(number));
	}
	records[n] = '\0';
	memcpy(out, "PaxHeaders/file", 15);
	finish(out, 'x', n, mtime_s);
	return TAR_BLOCK + (n + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

size_t tar_header(char out[TAR_HEAD_ROOM], struct str path, uint64_t size, int64_t mtime_s)
{
	char type = path.n && path.p[path.n - 1] == '/' ? '5' : '0';
	size_t at = 0, cut = path.n > 100 ? divide(path) : 0;
	bool long_path = path.n > 100 && cut == 0;
	struct ustar *u;

	memset(out, 0, TAR_HEAD_ROOM);
	if (long_path || size > SIZE_FIELD)
		at = pax_header(out, path, long_path, size, mtime_s);
	u = (struct ustar *)(void *)(out + at);
	if (cut) {
		memcpy(u->prefix, path.p, cut);
		memcpy(u->name, path.p + cut + 1, path.n - cut - 1);
	} else {
		memcpy(u->name, path.p, path.n < 100 ? path.n : 100);
	}
	finish(out + at, type, type == '5' ? 0 : size, mtime_s);
	return at + TAR_BLOCK;
}

struct str tar_padding(uint64_t size)
{
	static const char zeros[TAR_BLOCK];

	return (struct str){zeros, (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK)};
}
