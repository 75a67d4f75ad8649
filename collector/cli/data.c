/* SPDX-License-Identifier: MIT */
/* data.c - finding templates and profiles, installed or in a source tree. */
#include "cli/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

static const struct {
	const char *etc, *data, *tree;
} places[] = {
	[DATA_TEMPLATES] = {OOMREPORT_SYSCONFDIR "/templates.d",
			    OOMREPORT_DATADIR "/templates", "/templates"},
	[DATA_PROFILES] = {OOMREPORT_SYSCONFDIR "/profiles.d",
			   OOMREPORT_DATADIR "/profiles", "/templates/profiles"},
};

/* TREE/build/PRESET/oomreport -> TREE; a CMakeLists.txt must stand there. */
static bool source_tree(char ret[DATA_PATH])
{
	ssize_t n = readlink("/proc/self/exe", ret, DATA_PATH - 32);

	if (n <= 0)
		return false;
	ret[n] = '\0';
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(ret, '/');

		if (!slash || slash == ret)
			return false;
		*slash = '\0';
	}
	n = (ssize_t)strlen(ret);
	memcpy(ret + n, "/CMakeLists.txt", sizeof("/CMakeLists.txt"));
	if (access(ret, R_OK) != 0)
		return false;
	ret[n] = '\0';
	return true;
}

bool data_dir(enum data_kind kind, int n, char ret[DATA_PATH])
{
	switch (n) {
	case 0:
		snprintf(ret, DATA_PATH, "%s", places[kind].etc);
		break;
	case 1:
		snprintf(ret, DATA_PATH, "%s", places[kind].data);
		break;
	case 2:
		if (!source_tree(ret))
			return false;
		memcpy(ret + strlen(ret), places[kind].tree, strlen(places[kind].tree) + 1);
		break;
	default:
		return false;
	}
	return access(ret, R_OK | X_OK) == 0;
}

bool data_find(enum data_kind kind, const char *name, char ret[DATA_PATH])
{
	char path[DATA_PATH];

	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0')
		return false;
	for (int n = 0; n < DATA_DIRS; n++) {
		int len;

		if (!data_dir(kind, n, path))
			continue;
		len = snprintf(ret, DATA_PATH, "%s/%s", path, name);
		if (len > 0 && len < DATA_PATH && access(ret, R_OK) == 0)
			return true;
	}
	return false;
}

int data_read(const char *path, struct buf *out, struct err *err)
{
	bool standard_input = strcmp(path, "-") == 0;
	CLEANUP_FD int fd = standard_input ? dup(STDIN_FILENO)
					   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char window[4096];
	ssize_t n;

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	while ((n = fd_read(fd, window, sizeof(window))) > 0) {
		if (!buf_add(out, (struct str){window, (size_t)n}))
			return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path,
				       out->max);
	}
	return n < 0 ? err_sys(err, errno, "%s", path) : 0;
}
