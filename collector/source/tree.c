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
	char **names; /* below the top, sorted */
	enum member_kind *kinds;
	size_t n, at;
	unsigned odd;	    /* FIFOs, sockets, devices */
	unsigned entries;   /* looked at */
	bool all;	    /* every file, not only what is a log by its name */
};

static int add_name(struct source *s, struct tree *t, const char *name, enum member_kind kind)
{
	char *copy = arena_cstr(&s->arena, str_of(name));

	if (!copy || t->n == TREE_FILES)
		return copy ? 0 : -1;
	t->names[t->n] = copy;
	t->kinds[t->n++] = kind;
	return 0;
}

static int walk(struct source *s, struct tree *t, int dirfd, const char *below, int depth);

static int visit(struct source *s, struct tree *t, int dirfd, const char *below,
		 const char *entry, int depth)
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

		return fd < 0 ? 0 : walk(s, t, fd, name, depth + 1);
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
	return add_name(s, t, name, kind);
}

/* The descriptor is closed here. */
static int walk(struct source *s, struct tree *t, int dirfd, const char *below, int depth)
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
			rc = visit(s, t, dirfd, below, e->d_name, depth);
	}
	closedir(dir);
	return rc;
}

/* A bundle's log/kernel.log first, then by name; insertion keeps kinds beside names. */
static void sort_names(struct tree *t)
{
	for (size_t i = 1; i < t->n; i++) {
		char *name = t->names[i];
		enum member_kind kind = t->kinds[i];
		bool first = t->bundle && str_eq(str_of(name), STR("log/kernel.log"));
		size_t k = i;

		while (k > 0 && (first || str_cmp(str_of(name), str_of(t->names[k - 1])) < 0) &&
		       !(t->bundle && str_eq(str_of(t->names[k - 1]), STR("log/kernel.log")))) {
			t->names[k] = t->names[k - 1];
			t->kinds[k] = t->kinds[k - 1];
			k--;
		}
		t->names[k] = name;
		t->kinds[k] = kind;
	}
}

static int gather(struct source *s, struct tree *t, struct err *err)
{
	int fd = root_openat(&t->root, "/", O_RDONLY | O_DIRECTORY);

	t->n = t->entries = t->odd = 0;
	if (fd < 0)
		return err_sys(err, errno, "%s", t->path);
	if (walk(s, t, fd, "", 0))
		return err_set(err, ERR_NOMEM, "%s: too many files", t->path);
	sort_names(t);
	return 0;
}

static int tree_next(struct source *s, struct err *err)
{
	struct tree *t = s->own;

	while (t->at < t->n) {
		char path[MEMBER_NAME + 1];
		size_t i = t->at++;
		struct err skipped = {0};
		struct stream *in;

		snprintf(path, sizeof(path), "/%s", t->names[i]);
		in = logs_open_one(&s->arena, &t->root, path, &skipped);
		if (container_take(s, in, t->path, t->names[i], t->kinds[i], t->bundle)) {
			if (t->odd)
				source_note(&s->info, "%u FIFOs, sockets or devices passed over",
					    t->odd);
			return 1;
		}
	}
	(void)err;
	return 0;
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

	root_close(&t->root);
}

int tree_start(struct source *s, const char *path, struct err *err)
{
	struct tree *t = arena_take(&s->arena, sizeof(*t));
	int fd;

	if (t) {
		t->root = (struct root)ROOT_CLOSED;
		t->names = arena_array(&s->arena, TREE_FILES, sizeof(*t->names));
		t->kinds = arena_array(&s->arena, TREE_FILES, sizeof(*t->kinds));
	}
	if (!t || !t->names || !t->kinds)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	snprintf(t->path, sizeof(t->path), "%s", path);
	s->own = t;
	s->close = tree_close;
	s->next = tree_next;
	s->saved_report = tree_report;
	if (root_open(&t->root, path, err))
		return -1;
	fd = root_openat(&t->root, "/MANIFEST.json", O_RDONLY);
	t->bundle = fd >= 0;
	fd_close(&fd);
	s->info.kind = t->bundle ? SOURCE_BUNDLE : SOURCE_FILE;
	if (gather(s, t, err))
		return -1;
	if (t->n == 0 && !t->bundle) {
		t->all = true;
		if (gather(s, t, err))
			return -1;
	}
	return tree_next(s, err) == 0 && !t->bundle ? no_log_inside(path, err) : 0;
}
