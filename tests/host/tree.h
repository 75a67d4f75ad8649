/* SPDX-License-Identifier: MIT */
/* tree.h - made-up roots for the tests of this room. */
#ifndef OOMREPORT_TESTS_HOST_TREE_H
#define OOMREPORT_TESTS_HOST_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "host/host.h"

static char tree[64];

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void tree_remove(void)
{
	nftw(tree, tree_remove_one, 64, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_make(void)
{
	/* a hundred thousand small files: in memory, where that is possible */
	snprintf(tree, sizeof(tree), "/dev/shm/oomreport-root-XXXXXX");
	if (!mkdtemp(tree)) {
		snprintf(tree, sizeof(tree), "/tmp/oomreport-root-XXXXXX");
		if (!mkdtemp(tree))
			exit(EXIT_FAILURE);
	}
	atexit(tree_remove);
}

/* A path in the tree, its folders made. */
static inline const char *tree_path(const char *name)
{
	static char path[2048];

	snprintf(path, sizeof(path), "%s%s", tree, name);
	for (char *p = path + strlen(tree) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			exit(EXIT_FAILURE);
		*p = '/';
	}
	return path;
}

static inline void tree_file(const char *name, const char *text)
{
	int fd = open(tree_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(EXIT_FAILURE);
	close(fd);
}

#endif
