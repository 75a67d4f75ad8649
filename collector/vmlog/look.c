/* SPDX-License-Identifier: MIT */
/* look.c - one small file, one directory entry, one number at a time, without allocating.
 */
#include "vmlog/look.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

void out_line(struct out *o, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		out_bytes(o, (struct str){line, (size_t)n < sizeof(line)
						    ? (size_t)n
						    : sizeof(line) - 1});
}

struct str look_read(int dir, const char *path, char *room, size_t n)
{
	CLEANUP_FD int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ssize_t got = fd < 0 ? -1 : fd_read(fd, room, n);

	return (struct str){room, got > 0 ? (size_t)got : 0};
}

bool look_number(struct str text, struct str key, int64_t *ret)
{
	size_t at = str_find(text, key);

	if (at == SIZE_MAX)
		return false;
	text = str_from(text, at + key.n);
	skip_blanks(&text);
	return take_i64(&text, ret);
}
