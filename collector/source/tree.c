/* SPDX-License-Identifier: MIT */
/* tree.c - a directory given whole: an unpacked bundle or sos report, a copied /var/log.
 *
 * The names are gathered first (bounded), sorted, and opened one by one. Links are not
 * followed, so nothing leads out; FIFOs, sockets and devices are passed over and counted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/input.h"

enum { TREE_DEPTH = 8, TREE_FILES = 4096, TREE_ENTRIES = 200000 };

struct tree {
	struct root root;
	char path[400];
	bool bundle;
	struct parts parts;
	unsigned odd;	    /* FIFOs, sockets, devices */
	unsigned entries;   /* looked at */
	bool all;	    /* every file, not only what is a log by its name */
};

static int walk(struct tree *t, int dirfd, const char *below, int depth);

static int visit(struct tree *t, int dirfd, const char *below, const char *entry, int depth)
{
	char name[MEMBER_NAME], path[MEMBER_NAME + 8];
	enum member_kind kind;
	struct stat st;

	if (snprintf(name, sizeof(name), "%s%s%s", below, below[0] ? "/" : "", entry) >=
		    (int)sizeof(name) ||
	    fstatat(dirfd, entry, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		int fd = openat(dirfd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		return fd < 0 ? 0 : walk(t, fd, name, depth + 1);
	}
	/* patterns of whole paths see the top folder as an archive has it */
	snprintf(path, sizeof(path), "top/%s", name);
	kind = member_kind(path, t->bundle);
	if (kind == MEMBER_REPORT || (kind == MEMBER_OTHER && (t->bundle || !t->all)))
		return 0;
	if (!S_ISREG(st.st_mode)) {
		t->odd += !S_ISLNK(st.st_mode);
		return 0;
	}
	return t->parts.n == TREE_FILES || parts_add(&t->parts, name, kind) ? 0 : -1;
}

/* The descriptor is closed here. */
static int walk(struct tree *t, int dirfd, const char *below, int depth)
{
	DIR *dir = depth < TREE_DEPTH ? fdopendir(dirfd) : NULL;
	struct dirent *e;
	int rc = 0;

	if (!dir) {
		close(dirfd);
		return 0;
	}
	while (rc == 0 && (e = readdir(dir)) && t->entries++ < TREE_ENTRIES) {
		struct str name = str_of(e->d_name);

		if (!str_eq(name, STR(".")) && !str_eq(name, STR("..")))
			rc = visit(t, dirfd, below, e->d_name, depth);
	}
	closedir(dir);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(str_of(((const struct part *)a)->name),
		       str_of(((const struct part *)b)->name));
}

/* A bundle's log/kernel.log first, then by name. */
static int by_name_in_bundle(const void *a, const void *b)
{
	const struct str first = STR("log/kernel.log");
	bool one = str_eq(str_of(((const struct part *)a)->name), first),
	     other = str_eq(str_of(((const struct part *)b)->name), first);

	return one != other ? other - one : by_name(a, b);
}

static int gather(struct source *s, struct tree *t, struct err *err)
{
	int fd = root_openat(&t->root, "/", O_RDONLY | O_DIRECTORY);

	t->parts.n = t->entries = t->odd = 0;
	if (fd < 0)
		return err_sys(err, errno, "%s", t->path);
	if (walk(t, fd, "", 0))
		return err_set(err, ERR_NOMEM, "%s: too many files", t->path);
	if (t->parts.n)
		qsort(t->parts.v, t->parts.n, sizeof(*t->parts.v),
		      t->bundle ? by_name_in_bundle : by_name);
	parts_group(&t->parts, &s->log);
	return 0;
}

static int tree_next(struct source *s, struct err *err)
{
	struct tree *t = s->own;

	(void)err;
	if (!parts_next(&t->parts, s, t->path))
		return 0;
	if (t->odd)
		source_note(&s->info, "%u FIFOs, sockets or devices passed over", t->odd);
	return 1;
}

static int tree_report(struct source *s, struct buf *out, struct err *err)
{
	struct tree *t = s->own;
	int why = 0;

	if (!t->bundle)
		return 0;
	switch (file_read(&t->root, "/report.json", out, &why)) {
	case READ_ALL:
		return 1;
	case READ_CUT:
		return err_set(err, ERR_LIMIT, "%s/report.json is too large", t->path);
	case READ_ERROR:
		break;
	}
	return 0;
}

static void tree_close(struct source *s)
{
	struct tree *t = s->own;

	parts_close(&t->parts);
	root_close(&t->root);
}

int tree_start(struct source *s, const char *path, struct err *err)
{
	struct tree *t = arena_take(&s->arena, sizeof(*t));
	int fd;

	if (!t)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	t->root = (struct root)ROOT_CLOSED;
	t->parts = (struct parts)PARTS_OF(&s->arena, &t->root);
	snprintf(t->path, sizeof(t->path), "%s", path);
	s->own = t;
	s->close = tree_close;
	s->next = tree_next;
	s->saved_report = tree_report;
	if (root_open(&t->root, path, err))
		return -1;
	fd = root_openat(&t->root, "/MANIFEST.json", O_RDONLY);
	t->bundle = t->parts.bundle = fd >= 0;
	fd_close(&fd);
	s->info.kind = t->bundle ? SOURCE_BUNDLE : SOURCE_FILE;
	if (gather(s, t, err))
		return -1;
	if (t->parts.n == 0 && !t->bundle) {
		t->all = true;
		if (gather(s, t, err))
			return -1;
	}
	if (tree_next(s, err) > 0 || t->bundle)
		return 0;
	if (t->parts.why.code == ERR_NONE)
		return no_log_inside(path, err);
	*err = t->parts.why;
	return err_wrap(err, "%s", path);
}
