/* SPDX-License-Identifier: MIT */
/* tree.c - the bundle as a directory: built under a temporary name, renamed when whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/listing.h"
#include "bundle/parts.h"

enum { DEPTH_MAX = 32 };

/* Remove a tree of our own making; nothing is followed, and no memory is asked for: this is what
 * is done when there was none. */
static void remove_tree(int parent, const char *name, int depth)
{
	CLEANUP_FD int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct listing l = {.fd = fd};
	const char *entry;
	uint8_t type;

	if (fd < 0)
		return;
	while ((entry = listing_next(&l, &type))) {
		if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0)
			continue;
		if (unlinkat(fd, entry, 0) != 0 && depth < DEPTH_MAX)
			remove_tree(fd, entry, depth + 1);
	}
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void drop_tree(int parent, const char *name)
{
	remove_tree(parent, name, 0);
}

static int open_parent(struct bundle *b, struct err *err)
{
	struct str path = str_of(b->o.path);
	char dir[4096];
	size_t slash;

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	slash = str_rfind(path, STR("/"));
	if (slash == SIZE_MAX)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(dir, sizeof(dir), "%.*s", slash ? (int)slash : 1, path.p);
	path = slash == SIZE_MAX ? path : str_from(path, slash + 1);
	if (path.n == 0 || path.n >= sizeof(b->name) || str_eq(path, STR(".")) ||
	    str_eq(path, STR("..")))
		return err_set(err, ERR_USAGE, "%.100s: not a usable directory name", b->o.path);
	memcpy(b->name, path.p, path.n);
	b->parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->parent < 0 ? err_sys(err, errno, "%s", dir) : 0;
}

int tree_open(struct bundle *b, struct err *err)
{
	if (open_parent(b, err) != 0)
		return -1;
	publish_sweep(b->parent, STR(".dir"), O_RDONLY | O_DIRECTORY, drop_tree);
	for (int i = 0; i < 100; i++) { /* containers that share a folder may have the same pid */
		snprintf(b->temp, sizeof(b->temp), ".oomreport-%ld-%d.dir", (long)getpid(), i);
		if (mkdirat(b->parent, b->temp, 0700) != 0) {
			if (errno != EEXIST)
				break;
			continue;
		}
		b->dir = openat(b->parent, b->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (b->dir < 0 && errno != ENOENT) { /* no sweep took it */
			(void)err_sys(err, errno, "%s", b->o.path);
			unlinkat(b->parent, b->temp, AT_REMOVEDIR);
			b->temp[0] = '\0';
			return -1;
		}
		if (b->dir >= 0 && publish_claim(b->parent, b->temp, b->dir))
			return 0;
		fd_close(&b->dir);
	}
	b->temp[0] = '\0';
	return err_sys(err, errno, "%s: cannot write there", b->o.path);
}

int tree_create(struct bundle *b, struct str path, struct err *err)
{
	int dir = fcntl(b->dir, F_DUPFD_CLOEXEC, 0), fd = -1;
	char part[256];
	size_t slash;

	while (dir >= 0 && (slash = str_find_char(path, '/')) != SIZE_MAX) {
		int next = -1;

		if (slash < sizeof(part)) {
			memcpy(part, path.p, slash);
			part[slash] = '\0';
			/* open: a member, with the modes of an archive; the top folder is 0700 */
			if (mkdirat(dir, part, 0755) == 0 || errno == EEXIST)
				next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
								 O_CLOEXEC);
			if (next >= 0)
				bundle_give(b, b->parent, next);
		} else {
			errno = ENAMETOOLONG;
		}
		fd_close(&dir);
		dir = next;
		path = str_from(path, slash + 1);
	}
	if (dir >= 0 && path.n < sizeof(part)) {
		memcpy(part, path.p, path.n);
		part[path.n] = '\0';
		/* open: as above; a manifest may be written again; of any other the first one stays */
		fd = openat(dir, part,
			    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
				    (strcmp(part, "MANIFEST.json") == 0 ? O_TRUNC : O_EXCL),
			    0644);
		if (fd < 0 && errno == EEXIST)
			fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0)
		(void)err_sys(err, errno, "%s", b->o.path);
	else
		bundle_give(b, b->parent, fd);
	fd_close(&dir);
	return fd;
}

static int open_item(const struct bundle *b, const struct item *it, int flags)
{
	char name[PATH_ROOM];

	if (it->path.n >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, it->path.p, it->path.n);
	name[it->path.n] = '\0';
	return openat(b->dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
}

static void remove_path(struct bundle *b, struct str path)
{
	char name[PATH_ROOM];

	if (path.n < sizeof(name)) {
		memcpy(name, path.p, path.n);
		name[path.n] = '\0';
		unlinkat(b->dir, name, 0);
	}
}

static uint64_t content(const struct bundle *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->items[i]->absent ? 0 : b->items[i]->size;
	return n;
}

/* What the items say now is what the files must be. */
static void apply_cuts(struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct item *it = b->items[i];

		if (it->absent && it->cut_away)
			remove_path(b, it->path);
		if (!it->absent && it->cut_away) {
			int fd = open_item(b, it, O_WRONLY);

			if (fd >= 0 && ftruncate(fd, (off_t)it->size) != 0)
				remove_path(b, it->path); /* verify will say it is missing */
			fd_close(&fd);
		}
	}
}

static int seal(struct bundle *b, bool partial, struct err *err)
{
	for (;;) {
		uint64_t size;

		if (bundle_seal(b, partial, err) != 0)
			return -1;
		size = content(b);
		if (b->o.max_bytes == 0 || size <= b->o.max_bytes)
			break;
		if (!bundle_shrink(b, size - b->o.max_bytes))
			return err_set(err, ERR_LIMIT, "%s: what must be kept needs %llu bytes",
				       b->o.path, (unsigned long long)size);
	}
	apply_cuts(b);
	return 0;
}

/* Only something that looks like a bundle is replaced by --force. */
static bool may_replace(const struct bundle *b)
{
	char manifest[300];
	struct stat st;

	snprintf(manifest, sizeof(manifest), "%s/MANIFEST.json", b->name);
	return fstatat(b->parent, manifest, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int give_name(struct bundle *b, struct err *err)
{
	int errnum;

	if (renameat2(b->parent, b->temp, b->parent, b->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST && b->o.force && may_replace(b) &&
	    renameat2(b->parent, b->temp, b->parent, b->name, RENAME_EXCHANGE) == 0) {
		remove_tree(b->parent, b->temp, 0);
		return 0;
	}
	if (errno == EINVAL && faccessat(b->parent, b->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	    renameat(b->parent, b->temp, b->parent, b->name) == 0)
		return 0; /* a file system that knows no flags */
	errnum = errno;
	(void)err_sys(err, errnum, "%s", b->o.path);
	return errnum == EEXIST ? err_hint(err, "use --force to replace it") : -1;
}

/* A disk that is full or broken may say so only now, as for an archive. fsync() of every file would
 * be a flush of the disk for each: all writing is begun, then waited for, and the folder's fsync()
 * commits the rest. */
static int sync_all(const struct bundle *b, struct err *err)
{
	static const unsigned how[] = {SYNC_FILE_RANGE_WRITE,
				       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					       SYNC_FILE_RANGE_WAIT_AFTER};

	for (size_t pass = 0; pass < ARRAY_COUNT(how); pass++) {
		for (size_t i = 0; i < b->n; i++) {
			const struct item *it = b->items[i];
			CLEANUP_FD int fd = it->absent ? -1 : open_item(b, it, O_RDONLY);

			if (fd >= 0 && sync_file_range(fd, 0, 0, how[pass]) != 0 && errno != EINVAL)
				return err_sys(err, errno, "%s", b->o.path);
		}
	}
	return fsync(b->dir) == 0 || errno == EINVAL ? 0 : err_sys(err, errno, "%s", b->o.path);
}

/* As in an archive: what was gathered of the same is alike. Of a folder it counts only when all is in
 * it. */
static int set_times(const struct bundle *b, struct err *err)
{
	const struct timespec now = {b->o.now_us / 1000000, 0}, times[2] = {now, now};
	char path[PATH_ROOM];

	for (size_t i = 0; i < b->n; i++) {
		const struct item *it = b->items[i];

		if (it->absent || it->path.n >= sizeof(path))
			continue;
		memcpy(path, it->path.p, it->path.n);
		for (size_t n = it->path.n; n > 0 && n != SIZE_MAX;
		     n = str_rfind((struct str){path, n}, STR("/"))) {
			path[n] = '\0';
			if (utimensat(b->dir, path, times, AT_SYMLINK_NOFOLLOW) != 0)
				return err_sys(err, errno, "%s", b->o.path);
		}
	}
	return futimens(b->dir, times) == 0 ? 0 : err_sys(err, errno, "%s", b->o.path);
}

int tree_publish(struct bundle *b, bool partial, struct err *err)
{
	if (seal(b, partial, err) != 0 || (b->o.inspect && bundle_show(b, err) != 0) ||
	    set_times(b, err) != 0 || sync_all(b, err) != 0)
		return -1;
	bundle_give(b, b->parent, b->dir); /* stays 0700: as private as an archive */
	if (give_name(b, err) != 0)
		return -1;
	b->temp[0] = '\0';
	return 0;
}

void tree_abort(struct bundle *b)
{
	if (b->temp[0] != '\0' && b->parent >= 0)
		remove_tree(b->parent, b->temp, 0);
	b->temp[0] = '\0';
	fd_close(&b->dir);
	fd_close(&b->parent);
}
