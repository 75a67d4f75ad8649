/* SPDX-License-Identifier: MIT */
/* pin.c - pages that stay where they are.
 *
 * A locked page is never written out, but the kernel still moves it: kcompactd unmaps it,
 * copies it, and whoever touches it meanwhile waits until kcompactd gets to run again, in
 * a storm half a second (seen, Linux 6.12: 3 to 10 such faults a storm). The kernel's own
 * switch for that, vm.compact_unevictable_allowed=0, is the whole machine's. A page that
 * somebody else holds a reference to is left alone: so each page is handed to a pipe,
 * which nobody ever reads. Pages of the program's file are first replaced by copies of
 * their own, because only anonymous pages are left alone before they are unmapped. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vmlog/recorder.h"

enum { PIPE_BYTES = 1 << 20, PIPES_MAX = 64, PREFERRED = 1 /* MPOL_PREFERRED */ };

struct mapping {
	uint64_t from, to;
	bool readable, writable, of_file;
};

/* "55d0-55e0 r-xp 00001000 fe:01 1234 /usr/..." False: no line of that form. */
static bool take_mapping(struct str line, struct mapping *ret)
{
	struct str flags, word;
	uint64_t inode;

	if (!take_hex(&line, &ret->from) || !take_char(&line, '-') ||
	    !take_hex(&line, &ret->to) || !take_char(&line, ' ') ||
	    !take_word(&line, &flags) || flags.n < 4)
		return false;
	for (int skip = 0; skip < 2; skip++) { /* offset, device */
		skip_blanks(&line);
		(void)take_word(&line, &word);
	}
	skip_blanks(&line);
	if (!take_u64(&line, &inode))
		return false;
	skip_blanks(&line);
	ret->readable =
	    flags.p[0] == 'r' && !str_starts(line, STR("[v")); /* vdso, vvar */
	ret->writable = flags.p[1] == 'w';
	ret->of_file = inode != 0;
	return true;
}

/* Its own bytes written over themselves through /proc/self/mem, which may do that to
 * pages that are read-only: the kernel makes copies. */
static int make_own(int mem, const struct mapping *m)
{
	long page = sysconf(_SC_PAGESIZE);

	for (uint64_t at = m->from; at < m->to; at += (uint64_t)page) {
		char byte;

		if (pread(mem, &byte, 1, (off_t)at) != 1 ||
		    pwrite(mem, &byte, 1, (off_t)at) != 1)
			return errno ? errno : EIO;
	}
	return 0;
}

struct pipes {
	int fds[PIPES_MAX][2]; /* kept open, never read */
	size_t n;
};

static int new_pipe(struct pipes *p)
{
	if (p->n == PIPES_MAX)
		return ENFILE;
	if (pipe2(p->fds[p->n], O_CLOEXEC | O_NONBLOCK) != 0)
		return errno;
	/* one slot a page; of the usual size there would be too many */
	(void)fcntl(p->fds[p->n++][1], F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

static int hold(struct pipes *p, const struct mapping *m)
{
	struct iovec left = {(void *)(uintptr_t)m->from, (size_t)(m->to - m->from)};

	while (left.iov_len) {
		ssize_t n = p->n == 0 ? -1
				      : vmsplice(p->fds[p->n - 1][1], &left, 1,
						 SPLICE_F_NONBLOCK);
		int rc = 0;

		if (n > 0) {
			left.iov_base = (char *)left.iov_base + n;
			left.iov_len -= (size_t)n;
			continue;
		}
		if (p->n && errno != EAGAIN)
			return errno;
		rc = new_pipe(p);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int armour_pin(void)
{
	static struct pipes pipes;
	static char room[8192];
	CLEANUP_FD int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ssize_t n = maps < 0 ? -1 : fd_read(maps, room, sizeof(room));
	struct str text = {room, n > 0 ? (size_t)n : 0}, line;
	struct mapping m;
	int rc = n > 0 && mem >= 0 ? 0 : EACCES;

	/* A policy of its own, the same as the default one: then no page is unmapped only
	 * to see which memory node uses it. */
	(void)syscall(SYS_set_mempolicy, PREFERRED, NULL, 0UL);
	while (rc == 0 && take_line(&text, &line)) {
		if (!take_mapping(line, &m) || !m.readable)
			continue;
		if (m.of_file && !m.writable)
			rc = make_own(mem, &m);
		if (rc == 0)
			rc = hold(&pipes, &m);
	}
	return rc;
}
