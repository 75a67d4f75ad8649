/* SPDX-License-Identifier: MIT */
/* err.c - filling and wrapping struct err without allocating. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Foreign bytes (file names, server text) may end up in an error: none of them may move the
 * cursor of the terminal that shows it. */
static void make_printable(char *text)
{
	struct str in = str_of(text), c;
	char room[8], *out = text;

	while (in.n) {
		c = take_shown(&in, room);
		if (c.p == room || (c.n == 1 && (*c.p == '\n' || *c.p == '\t')))
			c = STR("?");
		memmove(out, c.p, c.n);
		out += c.n;
	}
	*out = '\0';
}

int (err_set)(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->code != ERR_NONE)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	make_printable(err->text);
	return -1;
}

int (err_sys)(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;
	size_t used;

	if (!err || err->code != ERR_NONE)
		return -1;
	err->code = ERR_IO;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(errnum));
	make_printable(err->text);
	if (errnum == ENOSPC || errnum == EDQUOT)
		(void)err_hint(err, "make room on that disk, or choose a place on another one");
	return -1;
}

int (err_wrap)(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;
	size_t used;

	if (!err || err->code == ERR_NONE)
		return -1;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
	make_printable(err->text);
	return -1;
}

int (err_hint)(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->hint[0] != '\0')
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	make_printable(err->hint);
	return -1;
}

int err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_INTERRUPTED:
		return 130;
	default:
		return 1;
	}
}
