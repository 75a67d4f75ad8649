/* SPDX-License-Identifier: MIT */
/* log.c - one escaped line to standard error. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level current = LOG_LEVEL_WARNING;

void log_set_level(enum log_level level)
{
	current = level;
}

enum log_level log_level(void)
{
	return current;
}

static size_t escape(char *out, size_t room, const char *in)
{
	size_t n = 0;

	for (; *in && n + 5 < room; in++) {
		unsigned char c = (unsigned char)*in;

		if (c >= 0x20 && c != 0x7f)
			out[n++] = *in;
		else
			n += (size_t)snprintf(out + n, room - n, "\\x%02x", c);
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
	n = escape(line, sizeof(line), text);
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nobody is left to tell */
}
