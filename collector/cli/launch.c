/* SPDX-License-Identifier: MIT */
/* launch.c - finds a sibling program and becomes it. */
#include "cli/launch.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

int launch(const char *program, char **argv, struct err *err)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	const char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;

	if (slash && strlen(program) < 60) {
		memcpy(path + (slash + 1 - path), program, strlen(program) + 1);
		execv(path, argv);
	}
	snprintf(path, sizeof(path), "%s/%s", OOMREPORT_LIBEXECDIR, program);
	execv(path, argv);
	(void)err_sys(err, errno, "%s", program);
	return err_hint(err, "it belongs into " OOMREPORT_LIBEXECDIR);
}
