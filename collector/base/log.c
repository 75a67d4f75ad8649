/* SPDX-License-Identifier: MIT */
/* log.c - one escaped line to standard error. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

static enum log_level current = LOG_LEVEL_WARNING;

void log_set_level(enum log_level level)
{
	current = level;
}

enum log_level log_level(void)
{
	return current;
}

static size_t escape(char *out, size_t room, struct str in)
{
	char escaped[8];
	size_t n = 0;

	while (in.n && n + 9 < room) {
		struct str c = take_shown(&in, escaped);

		if (c.n == 1 && (*c.p == '\n' || *c.p == '\t'))
			c = STR(" ");
		memcpy(out + n, c.p, c.n);
		n += c.n;
	}
	out[n++] = '\n';
	return n;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const words[] = {"", "warning: ", "", "debug: "};
	char text[900], line[1024];
	va_list ap;
	size_t n;

	if (level > current)
		return;
	n = (size_t)snprintf(text, sizeof(text), "oomreport: %s", words[level]);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	n = escape(line, sizeof(line), str_of(text));
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nobody is left to tell */
}
