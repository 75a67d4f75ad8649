/* SPDX-License-Identifier: MIT */
/* terminal.c - how wide a terminal is, which letters it knows, words on its lines. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

static int columns(int fd, int narrowest)
{
	enum { USUAL = 80, WIDEST = 120 };
	struct str s = str_of(getenv("COLUMNS"));
	struct winsize size;
	uint64_t n = 0;

	if (!isatty(fd))
		return 0;
	if (!take_u64(&s, &n) || s.n)
		n = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL;
	return n < (uint64_t)narrowest ? narrowest : n > WIDEST ? WIDEST : (int)n;
}

int cli_columns(int fd)
{
	return columns(fd, 40);
}

int cli_prose_columns(int fd)
{
	return columns(fd, 16);
}

/* The first of these that is set decides, as in locale(7). */
bool cli_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct str value = str_of(getenv(names[i]));

		if (!value.n)
			continue;
		for (size_t k = 0; k < value.n; k++) {
			if (str_eq_nocase(str_sub(value, k, 5), STR("UTF-8")) ||
			    str_eq_nocase(str_sub(value, k, 4), STR("UTF8")))
				return true;
		}
		return false;
	}
	return false;
}

void print_wrapped(FILE *to, const char *text, int column, int width)
{
	int at = column;

	while (*text) {
		size_t n = strcspn(text, " \n");
		int wide = 0;

		for (size_t i = 0; i < n; i++)
			wide += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (at > column && at + 1 + wide > width) {
			fprintf(to, "\n%*s", column, "");
			at = column;
		}
		fprintf(to, "%s%.*s", at > column ? " " : "", (int)n, text);
		at += wide + (at > column);
		text += n + (text[n] != '\0');
	}
	fputc('\n', to);
}

void ask_for_paste(const char *what)
{
	char text[120];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || log_level() < LOG_LEVEL_WARNING)
		return;
	snprintf(text, sizeof(text), "Paste %s here; Ctrl-D on a line of its own ends it.", what);
	print_wrapped(stderr, text, 0, cli_prose_columns(STDERR_FILENO));
}
