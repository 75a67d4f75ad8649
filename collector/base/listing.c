/* SPDX-License-Identifier: MIT */
/* listing.c - getdents64. */
#include "base/listing.h"

#include <sys/syscall.h>
#include <unistd.h>

struct dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t length;
	uint8_t type;
	char name[];
};

const char *listing_next(struct listing *l, uint8_t *type)
{
	const struct dirent64 *d;

	if (l->at >= l->n) {
		long got = syscall(SYS_getdents64, l->fd, l->room, sizeof(l->room));

		if (got <= 0)
			return NULL;
		l->n = (size_t)got;
		l->at = 0;
	}
	d = (const void *)(l->room + l->at);
	l->at += d->length;
	*type = d->type;
	return d->name;
}
