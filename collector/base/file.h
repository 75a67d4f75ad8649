/* SPDX-License-Identifier: MIT */
/* file.h - files below a root directory, and temp-then-publish.
 *
 * A root stands for "/" of the machine that is looked at: "/" itself, a rescue mount, a copied
 * tree. Paths are given as that machine would name them ("/proc/meminfo"); symbolic links are
 * resolved inside the root and never lead out of it. Only links of root, of the one who runs us and
 * of the root directory's owner are followed: what anybody may put into /var/crash leads nowhere.
 */
#ifndef OOMREPORT_BASE_FILE_H
#define OOMREPORT_BASE_FILE_H

#include <sys/types.h>

#include "base/mem.h"

struct root {
	int fd; /* O_PATH; -1 = closed */
	bool kernels; /* its /proc and /sys are the kernel's own: nobody else puts links there */
	char path[512];
	struct remote *remote; /* remote.h, borrowed; NULL: nobody has looked for them */
};

#define ROOT_CLOSED {.fd = -1}
#define CLEANUP_ROOT __attribute__((cleanup(root_close)))
#define CLEANUP_FD __attribute__((cleanup(fd_close)))

int root_open(struct root *ret, const char *dir, struct err *err) MUST_CHECK;
void root_close(struct root *r);
bool root_is_live(const struct root *r); /* it is this machine's own "/" */
/* open(2) flags without creation; O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added, so that a FIFO
 * cannot stop us. Returns the descriptor, or -1 with errno set (no err: absence is data). */
int root_openat(const struct root *r, const char *path, int flags);

void fd_close(int *fd); /* for CLEANUP_FD; keeps errno, leaves -1 */
/* read(2) once, EINTR handled: bytes, 0 at the end, -1 with errno. */
ssize_t fd_read(int fd, void *p, size_t n);
/* All of it, however little one write(2) takes; -1 with errno. */
int fd_write_all(int fd, struct str s) MUST_CHECK;
/* Append all of what an open() gave (-1: its errno is the error), up to out's maximum. */
int fd_read_all(int fd, const char *name, struct buf *out, struct err *err) MUST_CHECK;

enum read_end {
	READ_ALL,   /* the file ended */
	READ_CUT,   /* out's maximum was reached, more is there */
	READ_ERROR, /* errno_out says why; what was read before is kept */
};
/* Append a file's bytes to out (a /proc file has size 0: it is read until it ends). *errnum is
 * set with READ_ERROR. */
enum read_end file_read(const struct root *r, const char *path, struct buf *out, int *errnum);

/* Called after each append of n bytes, which made the file `end` bytes long: the disk gets what was
 * written as it comes, and at most two steps of 256 KiB stay dirty. A memory cgroup (v1 has no throttling of writers) cannot
 * reclaim dirty pages, and is out of memory with nothing in it but what its own program has just
 * written. Errors show at the fsync; on a pipe it does nothing. */
void file_write_behind(int fd, uint64_t end, size_t n);

/* ---- temp-then-publish: a file appears whole under its final name, or not at all ----
 *
 * Nameless (O_TMPFILE) where the file system can; else ".oomreport-PID-N.tmp" beside the
 * target, flocked while in use, so that the next publish_open() in that directory removes
 * what a killed run left. Mode 0600 until publish_commit() gives the final mode. */
struct publish {
	int fd;	   /* write here */
	int dirfd;
	char name[256]; /* final name inside the directory */
	char temp[64];	/* "" = nameless */
};

#define PUBLISH_CLOSED {.fd = -1, .dirfd = -1}
#define CLEANUP_PUBLISH __attribute__((cleanup(publish_abort)))

int publish_open(struct publish *ret, const char *path, struct err *err) MUST_CHECK;
/* fsync, then give it its name; without force an existing file is an error. */
int publish_commit(struct publish *p, bool force, unsigned mode, struct err *err) MUST_CHECK;
void publish_abort(struct publish *p); /* drop what was written; nothing after a commit */
/* Lock what has just been made under a temporary name. False: another run's sweep was quicker than the
 * lock, and took it for somebody's leavings: make it again. */
bool publish_claim(int dirfd, const char *temp, int fd) MUST_CHECK;
/* What killed runs left in this directory, whose lock is gone with them: drop() is called for each
 * ".oomreport-*SUFFIX" that can be opened with these flags and that nobody holds locked. */
void publish_sweep(int dirfd, struct str suffix, int flags, void (*drop)(int dirfd, const char *name));

#endif
