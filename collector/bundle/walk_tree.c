/* SPDX-License-Identifier: MIT */
/* walk_tree.c - every file of a directory, with bounds, nothing followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/parts.h"

enum { DEPTH_MAX = 24, HOLES_MAX = 1000 /* times what is on the disk */ };

struct tree_walk {
	const struct walker *to;
	size_t top; /* where the path below the directory begins */
	uint64_t count, bytes, disk;
	char path[PATH_ROOM + 300];
};

static int unread(struct tree_walk *t, struct walk_entry *e, const char *why, struct err *err)
{
	e->type = WALK_UNREAD;
	e->why = why;
	return t->to->entry(t->to->ctx, e, err);
}

/* One byte more than it should have is enough to see that a file grows, or never ends. */
static int one_content(struct tree_walk *t, int fd, uint64_t size, struct err *err)
{
	char window[HOLD / 4];
	uint64_t left = size + 1;
	ssize_t n;

	while (left && (n = fd_read(fd, window, left < sizeof(window) ? (size_t)left
									: sizeof(window))) != 0) {
		if (n < 0)
			return err_sys(err, errno, "%s", t->path + t->top);
		left -= (uint64_t)n;
		t->bytes += (uint64_t)n;
		if (is_bomb(t->disk, t->bytes))
			return err_set(err, ERR_LIMIT, "is far too large: not read on");
		if (t->to->data(t->to->ctx, (struct str){window, (size_t)n}, err) != 0)
			return -1;
	}
	return t->to->end(t->to->ctx, err);
}

static int one_file(struct tree_walk *t, int dirfd, const char *name, struct walk_entry *e,
		    struct err *err)
{
	CLEANUP_FD int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return unread(t, e, strerror(errno), err);
	if (st.st_size / (st.st_blocks * 512 + HOLD) > HOLES_MAX)
		return unread(t, e, "it is all holes", err);
	e->type = S_ISREG(st.st_mode) ? WALK_FILE : WALK_OTHER;
	e->size = st.st_size;
	if (t->to->entry(t->to->ctx, e, err) != 0)
		return -1;
	if (e->type != WALK_FILE)
		return 0;
	t->disk += (uint64_t)st.st_blocks * 512 + 512;
	return one_content(t, fd, (uint64_t)st.st_size, err);
}

static int one_folder(struct tree_walk *t, int dirfd, size_t at, int depth, struct err *err);

static int one_name(struct tree_walk *t, int dirfd, const char *name, size_t at, int depth,
		    struct err *err)
{
	struct walk_entry e = {.uid = UNKNOWN, .gid = UNKNOWN, .type = WALK_OTHER};
	size_t n = strlen(name);
	struct stat st;

	if (++t->count > 2 * FILES_MAX || at + n + 2 > sizeof(t->path))
		return err_set(err, ERR_LIMIT, "%.80s: too many files, or too deep",
			       t->path + t->top);
	memcpy(t->path + at, name, n + 1);
	e.path = (struct str){t->path, at + n};
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return unread(t, &e, strerror(errno), err);
	e.mode = st.st_mode & 07777;
	if (S_ISREG(st.st_mode))
		return one_file(t, dirfd, name, &e, err);
	if (S_ISDIR(st.st_mode)) {
		CLEANUP_FD int sub = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
								 O_CLOEXEC);
		int errnum = errno;

		t->path[at + n] = '/';
		t->path[at + n + 1] = '\0';
		e.path.n++;
		if (sub < 0 || depth == DEPTH_MAX)
			return unread(t, &e, sub < 0 ? strerror(errnum) : "too deep", err);
		e.type = WALK_DIR;
		if (t->to->entry(t->to->ctx, &e, err) != 0)
			return -1;
		return one_folder(t, sub, at + n + 1, depth + 1, err);
	}
	return t->to->entry(t->to->ctx, &e, err);
}

static int one_folder(struct tree_walk *t, int dirfd, size_t at, int depth, struct err *err)
{
	/* not "." opened again: a folder that is not to be entered can be listed */
	int copy = fcntl(dirfd, F_DUPFD_CLOEXEC, 0), rc = 0;
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *entry;

	if (!dir) {
		rc = err_sys(err, errno, "%s", t->path + t->top);
		fd_close(&copy);
		return rc;
	}
	while (rc == 0 && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = one_name(t, dirfd, entry->d_name, at, depth, err);
		t->path[at] = '\0';
	}
	closedir(dir);
	return rc;
}

int walk_tree(int dirfd, const char *name, const struct walker *to, struct err *err)
{
	size_t n = strlen(name);
	struct tree_walk t = {.to = to, .top = n + 1};

	if (n > 255)
		return err_set(err, ERR_LIMIT, "%.80s: the name is too long", name);
	memcpy(t.path, name, n);
	t.path[n] = '/';
	return one_folder(&t, dirfd, n + 1, 0, err);
}
