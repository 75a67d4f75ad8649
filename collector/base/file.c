/* SPDX-License-Identifier: MIT */
/* file.c - opening below a root, reading files that lie about their size, publishing. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/listing.h"
#include "base/remote.h"

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

ssize_t fd_read(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

int fd_write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return -1;
		s = str_from(s, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

int fd_read_all(int fd, const char *name, struct buf *out, struct err *err)
{
	char window[16384];
	ssize_t n = -1;

	while (fd >= 0 && (n = fd_read(fd, window, sizeof(window))) > 0) {
		if (!buf_add(out, (struct str){window, (size_t)n}))
			return buf_ok(out, name, err);
	}
	return n < 0 ? err_sys(err, errno, "%s", name) : 0;
}

void root_close(struct root *r)
{
	fd_close(&r->fd);
}

bool root_is_live(const struct root *r)
{
	struct stat a, b;

	return fstat(r->fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Linux before 5.6: walk by hand. */
static int open_walking(const struct root *r, const char *path, int flags)
{
	char part[256];
	int dir = fcntl(r->fd, F_DUPFD_CLOEXEC, 0), next;

	path += strspn(path, "/");
	while (dir >= 0) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0' || path[n + strspn(path + n, "/")] == '\0';

		if (n >= sizeof(part) || (n == 2 && memcmp(path, "..", 2) == 0)) {
			fd_close(&dir);
			errno = n == 2 ? EXDEV : ENAMETOOLONG;
			return -1;
		}
		memcpy(part, n ? path : ".", n ? n : 1);
		part[n ? n : 1] = '\0';
		next = openat(dir, part,
			      last ? flags | O_NOFOLLOW : O_PATH | O_NOFOLLOW | O_CLOEXEC);
		fd_close(&dir);
		if (last || next < 0)
			return next;
		dir = next;
		path += n + strspn(path + n, "/");
	}
	return -1;
}

static int open_resolving(const struct root *r, const char *path, int flags, uint64_t links)
{
	struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_IN_ROOT | links};

	return (int)syscall(SYS_openat2, r->fd, *path ? path : ".", &how, sizeof(how));
}

/* A path without any link in it. */
static int open_plain(const struct root *r, const char *path, int flags)
{
	int fd = open_resolving(r, path, flags, RESOLVE_NO_SYMLINKS);

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_walking(r, path, flags);
	return fd;
}

/* Who may put up signs: root, we ourselves, whose the whole tree is, and the kernel. Anybody else
 * could lead root from a folder where all may write (/var/crash) to a file only root may read. */
static bool is_followed(const struct root *r, int link, const struct stat *st)
{
	struct stat top;
	struct statfs fs;

	return st->st_uid == 0 || st->st_uid == geteuid() ||
	       (fstat(r->fd, &top) == 0 && st->st_uid == top.st_uid) ||
	       (fstatfs(link, &fs) == 0 && fs.f_type == SYSFS_MAGIC); /* nobody's in a user namespace */
}

/* On a file system that does not answer; errno is set then. */
static bool is_silent(const struct root *r, const char *path)
{
	if (!r->remote || remote_answers(r->remote, r, path))
		return false;
	errno = ETIMEDOUT;
	return true;
}

/* Name after name: `done` has no link in it, `left` is still to go. Between a look and the next one a
 * name may become a link: then it is not opened. */
static int open_by_links(const struct root *r, const char *path, int flags)
{
	enum { LONGEST = 4096, MOST_LINKS = 40 };
	char done[LONGEST] = "", left[LONGEST], target[LONGEST];
	size_t n = 0, links = 0, from = 0, part;

	if (strlen(path) >= sizeof(left)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(left, path, strlen(path) + 1);
	while (from += strspn(left + from, "/"), (part = strcspn(left + from, "/")) > 0) {
		const char *name = left + from;
		CLEANUP_FD int fd = -1;
		struct stat st;
		size_t was = n;
		ssize_t got;

		from += part;
		if (part <= 2 && memcmp(name, "..", part) == 0) {
			while (part == 2 && n && done[--n] != '/')
				;
			done[n] = '\0';
			continue;
		}
		if (n + 1 + part >= sizeof(done)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		done[n++] = '/';
		memcpy(done + n, name, part);
		done[n += part] = '\0';
		if (is_silent(r, done))
			return -1;
		fd = open_plain(r, done, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) != 0)
			return -1;
		if (!S_ISLNK(st.st_mode) || ((flags & O_NOFOLLOW) && left[from] == '\0'))
			continue;
		got = readlinkat(fd, "", target, sizeof(target));
		if (got <= 0 || ++links > MOST_LINKS || !is_followed(r, fd, &st) ||
		    (size_t)got + strlen(left + from) >= sizeof(target)) {
			errno = ELOOP;
			return -1;
		}
		memcpy(target + got, left + from, strlen(left + from) + 1);
		memcpy(left, target, sizeof(left));
		from = 0;
		n = target[0] == '/' ? 0 : was;
		done[n] = '\0';
	}
	return open_plain(r, done, flags);
}

static bool is_mount_of(const struct root *r, const char *path, long type)
{
	CLEANUP_FD int fd = open_plain(r, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && (long)fs.f_type == type;
}

int root_open(struct root *ret, const char *dir, struct err *err)
{
	struct root r = ROOT_CLOSED;

	if (strlen(dir) >= sizeof(r.path))
		return err_set(err, ERR_USAGE, "%.60s...: the path is too long", dir);
	r.fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r.fd < 0)
		return err_sys(err, errno, "%s", dir);
	memcpy(r.path, dir, strlen(dir) + 1);
	r.kernels = is_mount_of(&r, "/proc", PROC_SUPER_MAGIC) && is_mount_of(&r, "/sys", SYSFS_MAGIC);
	*ret = r;
	return 0;
}

int root_openat(const struct root *r, const char *path, int flags)
{
	bool kernels = r->kernels && (str_starts(str_of(path), STR("/proc/")) ||
				      str_starts(str_of(path), STR("/sys/")));
	int fd;

	if (is_silent(r, path))
		return -1;
	/* openat2() refuses O_PATH with flags that mean nothing to it */
	flags |= flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	fd = open_plain(r, path, flags);
	if (fd < 0 && errno == ELOOP && kernels) {
		fd = open_resolving(r, path, flags, RESOLVE_NO_MAGICLINKS);
		errno = fd < 0 && (errno == ENOSYS || errno == EPERM) ? ELOOP : errno;
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR || errno == EXDEV))
		fd = open_by_links(r, path, flags);
	return fd;
}

enum read_end file_read(const struct root *r, const char *path, struct buf *out, int *errnum)
{
	CLEANUP_FD int fd = root_openat(r, path, O_RDONLY);
	char window[4096];

	if (fd < 0) {
		*errnum = errno;
		return READ_ERROR;
	}
	for (;;) {
		ssize_t n = fd_read(fd, window, sizeof(window));

		if (n < 0) {
			*errnum = errno;
			return READ_ERROR;
		}
		if (n == 0)
			return READ_ALL;
		if (!buf_add(out, (struct str){window, (size_t)n})) {
			size_t fits = out->max - out->n;

			buf_add(out, (struct str){window, fits < (size_t)n ? fits : 0});
			return READ_CUT;
		}
	}
}

void file_write_behind(int fd, uint64_t end, size_t n)
{
	const off_t step = 256 * 1024;
	off_t from = (off_t)(end - n) / step * step, to = (off_t)end / step * step;

	if (to == from)
		return;
	(void)sync_file_range(fd, from, to - from, SYNC_FILE_RANGE_WRITE);
	from -= from > 0 ? step : 0;
	if (to - step > from) /* a length of 0 would be all of the file */
		(void)sync_file_range(fd, from, to - step - from,
				      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					      SYNC_FILE_RANGE_WAIT_AFTER);
}

void publish_sweep(int dirfd, struct str suffix, int flags, void (*drop)(int dirfd, const char *name))
{
	CLEANUP_FD int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing l = {.fd = copy};
	const char *entry;
	uint8_t type;

	while (copy >= 0 && (entry = listing_next(&l, &type))) {
		struct str name = str_of(entry);
		int fd;

		if (!str_starts(name, STR(".oomreport-")) || !str_ends(name, suffix))
			continue;
		fd = openat(dirfd, entry, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			drop(dirfd, entry);
		fd_close(&fd);
	}
}

bool publish_claim(int dirfd, const char *temp, int fd)
{
	struct stat ours, named;

	while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
		; /* where there are no locks nothing is swept */
	return fstat(fd, &ours) == 0 && fstatat(dirfd, temp, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

static void drop_file(int dirfd, const char *name)
{
	unlinkat(dirfd, name, 0);
}

static int open_named(struct publish *p)
{
	static unsigned serial;

	for (int i = 0; i < 100; i++) {
		snprintf(p->temp, sizeof(p->temp), ".oomreport-%ld-%u.tmp", (long)getpid(),
			 serial++);
		p->fd = openat(p->dirfd, p->temp,
			       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (p->fd < 0 && errno != EEXIST)
			break;
		if (p->fd >= 0 && publish_claim(p->dirfd, p->temp, p->fd))
			break;
		fd_close(&p->fd);
	}
	if (p->fd < 0)
		p->temp[0] = '\0';
	return p->fd;
}

int publish_open(struct publish *ret, const char *path, struct err *err)
{
	struct publish p = PUBLISH_CLOSED;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char dir[4096];
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (name[0] == '\0')
		return err_set(err, ERR_USAGE, "'%.100s' names no file: say which to write", path);
	if (strlen(name) >= sizeof(p.name) || n + 2 > sizeof(dir))
		return err_set(err, ERR_USAGE, "%.100s: not a usable file name", path);
	memcpy(dir, path, n);
	snprintf(dir + n, sizeof(dir) - n, "%s", slash ? (n ? "" : "/") : ".");
	memcpy(p.name, name, strlen(name) + 1);
	p.dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p.dirfd < 0)
		return err_sys(err, errno, "%s", dir);
	publish_sweep(p.dirfd, STR(".tmp"), O_RDWR, drop_file);
	p.fd = openat(p.dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (p.fd < 0 && open_named(&p) < 0) {
		(void)err_sys(err, errno, "%s: cannot write there", dir);
		fd_close(&p.dirfd);
		return -1;
	}
	*ret = p;
	return 0;
}

/* Nameless to named. A name cannot be replaced by linkat(), so with force the file gets a
 * temporary name first and rename() does the rest in one step. */
static int give_name(struct publish *p, bool force)
{
	char self[64];

	if (p->temp[0] == '\0') {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", p->fd);
		if (linkat(AT_FDCWD, self, p->dirfd, p->name, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST || !force)
			return -1;
		snprintf(p->temp, sizeof(p->temp), ".oomreport-%ld-f.tmp", (long)getpid());
		if (flock(p->fd, LOCK_EX | LOCK_NB) != 0 ||
		    linkat(AT_FDCWD, self, p->dirfd, p->temp, AT_SYMLINK_FOLLOW) != 0)
			return -1;
	}
	if (force)
		return renameat(p->dirfd, p->temp, p->dirfd, p->name);
	if (linkat(p->dirfd, p->temp, p->dirfd, p->name, 0) != 0)
		return -1;
	return unlinkat(p->dirfd, p->temp, 0);
}

int publish_commit(struct publish *p, bool force, unsigned mode, struct err *err)
{
	int rc = 0;

	if (fchmod(p->fd, (mode_t)mode) != 0 || (fsync(p->fd) != 0 && errno != EINVAL)) {
		rc = err_sys(err, errno, "%s", p->name);
	} else if (give_name(p, force) != 0) {
		int errnum = errno;

		rc = err_sys(err, errnum, "%s", p->name);
		if (errnum == EEXIST)
			(void)err_hint(err, "use --force to replace it");
	} else {
		p->temp[0] = '\0';
	}
	publish_abort(p);
	return rc;
}

void publish_abort(struct publish *p)
{
	if (p->temp[0] != '\0')
		unlinkat(p->dirfd, p->temp, 0);
	p->temp[0] = '\0';
	fd_close(&p->fd);
	fd_close(&p->dirfd);
}
