/* SPDX-License-Identifier: MIT */
/* data.c - finding profiles, reading files the user names. */
#include "cli/data.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/profiles.h"

/* NULL: the program itself */
static const char *const places[DATA_PLACES] = {
	OOMREPORT_SYSCONFDIR "/profiles.d",
	OOMREPORT_DATADIR "/profiles",
	NULL,
};

static void add_name(struct data_names *names, struct str file)
{
	char *to = names->n < ARRAY_COUNT(names->v) ? names->v[names->n] : NULL;

	if (!to || !str_ends(file, STR(".yaml")) || file.p[0] == '.' ||
	    file.n - 5 >= sizeof(names->v[0]))
		return;
	memcpy(to, file.p, file.n - 5);
	to[file.n - 5] = '\0';
	names->n++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void data_names(int place, struct data_names *names)
{
	/* open: a path of our own, links in it are the administrator's */
	DIR *dir = places[place] ? opendir(places[place]) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		add_name(names, str_of(entry->d_name));
	if (dir)
		closedir(dir);
	for (size_t i = 0; !places[place] && i < n_shipped_profiles; i++)
		add_name(names, str_of(shipped_profiles[i].name));
	qsort(names->v, names->n, sizeof(names->v[0]), by_name);
}

int data_profile(int place, const char *name, struct buf *out, char path[DATA_PATH],
		 struct err *err)
{
	const char *dir = places[place];
	struct stat st = {.st_mode = 0};
	struct str text;
	char file[300];

	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0')
		return 0;
	snprintf(file, sizeof(file), "%.200s.yaml", name);
	snprintf(path, DATA_PATH, "%s/%s", dir ? dir : "built-in", file);
	if (!dir) {
		if (!shipped_find(shipped_profiles, n_shipped_profiles, file, &text))
			return 0;
		buf_add(out, text);
		return buf_ok(out, path, err) == 0 ? 1 : -1;
	}
	if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (S_ISFIFO(st.st_mode)) /* nobody may ever write into it */
		return err_set(err, ERR_FORMAT, "%s: is no file", path);
	return data_read(path, out, err) == 0 ? 1 : -1;
}

int data_read(const char *path, struct buf *out, struct err *err)
{
	bool standard_input = strcmp(path, "-") == 0;
	CLEANUP_FD int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd_read_all(fd, path, out, err);
}
