/* SPDX-License-Identifier: MIT */
/* layout.c - the lines between the contents of files. */
#include "vmlog/layout.h"

#include <stdio.h>

#include "base/when.h"

static struct str printed(const char *room, size_t n, int got)
{
	return (struct str){room, got < 0 ? 0 : (size_t)got < n ? (size_t)got : n - 1};
}

struct str layout_time(char *room, size_t n, int64_t wall_us, int64_t late_us)
{
	struct civil c;
	char late[48] = "";

	when_to_civil(wall_us, &c);
	if (late_us > 0)
		snprintf(late, sizeof(late), " late %lld.%06lld s", (long long)(late_us / 1000000),
			 (long long)(late_us % 1000000));
	return printed(room, n,
		       snprintf(room, n,
				"==== %04d-%02d-%02dT%02d:%02d:%02d.%06dZ %lld.%06lld%s\n", c.year,
				c.month, c.day, c.hour, c.minute, c.second, c.micro,
				(long long)(wall_us / 1000000), (long long)(wall_us % 1000000),
				late));
}

struct str layout_name(char *room, size_t n, struct str name, int errnum, bool cut)
{
	if (errnum)
		return printed(room, n,
			       snprintf(room, n, "---- %.*s (not read: %s)\n", STR_ARG(name),
					strerror(errnum)));
	return printed(room, n, snprintf(room, n, "---- %.*s%s\n", STR_ARG(name),
					 cut ? " (cut)" : ""));
}
