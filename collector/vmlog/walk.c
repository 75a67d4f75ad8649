/* SPDX-License-Identifier: MIT */
/* walk.c - a stack of directories. */
#include "vmlog/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

bool walk_begin(struct walk *w, int dir)
{
	w->l[0].fd = dir;
	w->l[0].at = w->l[0].n = 0;
	w->end[0] = 0;
	w->path[0] = '\0';
	w->leaf = -1;
	w->depth = dir >= 0 && lseek(dir, 0, SEEK_SET) == 0 ? 0 : -1;
	return w->depth == 0;
}

static void descend(struct walk *w, int fd, size_t end)
{
	if (w->depth + 1 == WALK_DEPTH) {
		w->leaf = fd;
		return;
	}
	w->depth++;
	w->l[w->depth].fd = fd;
	w->l[w->depth].at = w->l[w->depth].n = 0;
	w->end[w->depth] = end;
}

bool walk_next(struct walk *w, struct walk_entry *ret)
{
	fd_close(&w->leaf);
	while (w->depth >= 0) {
		struct listing *l = &w->l[w->depth];
		size_t end = w->end[w->depth], n;
		uint8_t type;
		const char *name = listing_next(l, &type);

		if (!name) {
			if (w->depth > 0)
				fd_close(&l->fd);
			w->depth--;
			continue;
		}
		n = strlen(name);
		if (name[0] == '.' || n > WALK_NAME_MAX || (type != DT_DIR && type != DT_REG))
			continue;
		w->path[end] = '/';
		memcpy(w->path + end + 1, name, n + 1);
		*ret = (struct walk_entry){l->fd, name};
		if (type == DT_REG)
			return true;
		*ret = (struct walk_entry){
			openat(l->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), NULL};
		if (ret->dir < 0)
			continue;
		descend(w, ret->dir, end + 1 + n);
		return true;
	}
	return false;
}

void walk_end(struct walk *w)
{
	fd_close(&w->leaf);
	for (; w->depth > 0; w->depth--)
		fd_close(&w->l[w->depth].fd);
	w->depth = -1;
}
