/* SPDX-License-Identifier: MIT */
/* walk.c - every entry of an archive or of a directory, with bounds, nothing written to disk. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/parts.h"

enum { DEPTH_MAX = 24 };
/* Far above anything a machine's state and logs come to: what unpacks to more is an attack. A
 * log of equal lines reaches ratios of thousands, so the ratio counts only beyond 8 GiB. */
#define TOTAL_MAX (UINT64_C(1) << 36)
#define RATIO_FROM (UINT64_C(1) << 33)
#define RATIO_MAX 1000

static int damaged(struct archive *a, struct err *err)
{
	const char *why = archive_error_string(a);

	/* without a word: there was no memory for one */
	if (!why || archive_errno(a) == ENOMEM)
		return err_set(err, ERR_NOMEM, "%s", why ? why : "no memory");
	return err_set(err, ERR_FORMAT, "damaged: %s", why);
}

static bool is_bomb(struct archive *a, uint64_t total)
{
	int64_t in = archive_filter_bytes(a, -1);

	return total > TOTAL_MAX ||
	       (total > RATIO_FROM && in > 0 && total / (uint64_t)in > RATIO_MAX);
}

static int one_content(struct archive *a, const struct walker *to, uint64_t *total,
		       struct err *err)
{
	char window[HOLD / 4];
	ssize_t n;

	while ((n = archive_read_data(a, window, sizeof(window))) > 0) {
		*total += (uint64_t)n;
		if (is_bomb(a, *total))
			return err_set(err, ERR_LIMIT, "unpacks to far too much: not read on");
		if (to->data(to->ctx, (struct str){window, (size_t)n}, err) != 0)
			return -1;
	}
	if (n < 0)
		return damaged(a, err);
	return to->end(to->ctx, err);
}

static int one_entry(struct archive *a, struct archive_entry *entry, const struct walker *to,
		     uint64_t *total, struct err *err)
{
	const char *path = archive_entry_pathname(entry);
	struct walk_entry e = {
		.path = str_of(path ? path : ""),
		.type = WALK_OTHER,
		.size = archive_entry_size(entry),
		.mode = (unsigned)archive_entry_perm(entry),
		.uid = archive_entry_uid(entry),
		.gid = archive_entry_gid(entry),
	};

	if (archive_entry_filetype(entry) == AE_IFDIR)
		e.type = WALK_DIR;
	else if (archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry))
		e.type = WALK_FILE;
	if (to->entry(to->ctx, &e, err) != 0)
		return -1;
	return e.type == WALK_FILE ? one_content(a, to, total, err) : 0;
}

static int walk_entries(struct archive *a, int fd, const struct walker *to, struct err *err)
{
	struct archive_entry *entry;
	uint64_t total = 0, count = 0;
	int rc;

	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(a) > ARCHIVE_OK ||
	    archive_read_support_filter_gzip(a) > ARCHIVE_OK ||
	    archive_read_support_filter_xz(a) > ARCHIVE_OK ||
	    archive_read_open_fd(a, fd, HOLD) != ARCHIVE_OK)
		return damaged(a, err);
	while ((rc = archive_read_next_header(a, &entry)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		if (++count > 2 * FILES_MAX)
			return err_set(err, ERR_LIMIT, "more than %d entries", 2 * FILES_MAX);
		if (one_entry(a, entry, to, &total, err) != 0)
			return -1;
	}
	return rc == ARCHIVE_EOF ? 0 : damaged(a, err);
}

int walk_archive(int fd, const struct walker *to, struct err *err)
{
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return err_set(err, ERR_NOMEM, "no memory");
	rc = walk_entries(a, fd, to, err);
	archive_read_free(a);
	return rc;
}

/* ---- a directory ---- */

struct tree_walk {
	const struct walker *to;
	uint64_t count;
	char path[PATH_ROOM + 300];
};

static int one_file(struct tree_walk *t, int dirfd, const char *name, struct walk_entry *e,
		    struct err *err)
{
	CLEANUP_FD int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char window[HOLD / 4];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(err, errno, "%s", t->path);
	e->type = S_ISREG(st.st_mode) ? WALK_FILE : WALK_OTHER;
	e->size = st.st_size;
	if (t->to->entry(t->to->ctx, e, err) != 0)
		return -1;
	if (e->type != WALK_FILE)
		return 0;
	while ((n = fd_read(fd, window, sizeof(window))) > 0) {
		if (t->to->data(t->to->ctx, (struct str){window, (size_t)n}, err) != 0)
			return -1;
	}
	return n < 0 ? err_sys(err, errno, "%s", t->path) : t->to->end(t->to->ctx, err);
}

static int one_folder(struct tree_walk *t, int dirfd, size_t at, int depth, struct err *err);

static int one_name(struct tree_walk *t, int dirfd, const char *name, size_t at, int depth,
		    struct err *err)
{
	struct walk_entry e = {.uid = UNKNOWN, .gid = UNKNOWN, .type = WALK_OTHER};
	size_t n = strlen(name);
	struct stat st;

	if (++t->count > 2 * FILES_MAX || at + n + 2 > sizeof(t->path))
		return err_set(err, ERR_LIMIT, "%.80s: too many files, or too deep", t->path);
	memcpy(t->path + at, name, n + 1);
	e.path = (struct str){t->path, at + n};
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys(err, errno, "%s", t->path);
	e.mode = st.st_mode & 07777;
	if (S_ISREG(st.st_mode))
		return one_file(t, dirfd, name, &e, err);
	if (S_ISDIR(st.st_mode)) {
		CLEANUP_FD int sub = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
								 O_CLOEXEC);

		if (sub < 0 || depth == DEPTH_MAX)
			return err_sys(err, sub < 0 ? errno : ELOOP, "%s", t->path);
		t->path[at + n] = '/';
		t->path[at + n + 1] = '\0';
		e.path.n++;
		e.type = WALK_DIR;
		if (t->to->entry(t->to->ctx, &e, err) != 0)
			return -1;
		return one_folder(t, sub, at + n + 1, depth + 1, err);
	}
	return t->to->entry(t->to->ctx, &e, err);
}

static int one_folder(struct tree_walk *t, int dirfd, size_t at, int depth, struct err *err)
{
	int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *entry;

	if (!dir) {
		rc = err_sys(err, errno, "%s", t->path);
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
	struct tree_walk t = {.to = to};
	size_t n = strlen(name);

	if (n > 255)
		return err_set(err, ERR_LIMIT, "%.80s: the name is too long", name);
	memcpy(t.path, name, n);
	t.path[n] = '/';
	return one_folder(&t, dirfd, n + 1, 0, err);
}

/* ---- the finished bundle, shown to whoever wants to inspect it ---- */

struct show {
	struct bundle *b;
	char path[PATH_ROOM + 300];
};

static int show_entry(void *ctx, const struct walk_entry *e, struct err *err)
{
	struct show *s = ctx;
	size_t skip = strlen(s->b->top) + 1;
	struct str below = str_from(e->path, skip);

	(void)err;
	if (below.n >= sizeof(s->path))
		below.n = sizeof(s->path) - 1;
	memcpy(s->path, below.p, below.n);
	s->path[below.n] = '\0';
	return 0;
}

static int show_data(void *ctx, struct str bytes, struct err *err)
{
	struct show *s = ctx;

	return s->b->o.inspect(s->b->o.inspect_ctx, s->path, bytes, err);
}

static int show_end(void *ctx, struct err *err)
{
	return show_data(ctx, STR(""), err);
}

int bundle_show(struct bundle *b, struct err *err)
{
	struct show s = {.b = b};
	struct walker to = {&s, show_entry, show_data, show_end};

	if (b->o.format == BUNDLE_DIR)
		return walk_tree(b->dir, b->top, &to, err);
	if (lseek(b->out, 0, SEEK_SET) != 0)
		return err_sys(err, errno, "%s", b->o.path);
	return walk_archive(b->out, &to, err);
}
