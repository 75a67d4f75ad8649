/* SPDX-License-Identifier: MIT */
/* mapped.c - large files without a copy: a window of them mapped at a time.
 *
 * Where the page cache holds the file in large folios (ext4, xfs) one fault maps a whole one, so the
 * larger and the better aligned the window is the fewer there are; elsewhere a fault maps the 16
 * pages around it, which costs two thirds of read(2)'s copy (MAP_POPULATE is no quicker). Mapped pages
 * count as ours, in the resident set and for the OOM killer: so the caller says how large it is.
 * Readers get it in pieces of SOURCE_WINDOW, as from everywhere. The price is that the file can
 * become shorter under the mapping, as logrotate's copytruncate does: the access then raises
 * SIGBUS. The handler puts zeroes there, and the file ends where read(2) would have ended it.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/input.h"

enum { LEAST = 4 << 20 };

struct mapped {
	int fd;
	const char *name;
	size_t window;
	char *area;	/* a window of address space, aligned */
	void *space;	/* ... within these two */
	off_t at, end;	/* next byte; size when it was last asked for */
	off_t from;	/* what is mapped begins there; -1: nothing is */
	struct ahead ahead;
	volatile sig_atomic_t torn; /* SIGBUS: what is mapped is not all the file's */
};

/* The one that is being looked at, for the handler. */
static _Thread_local struct mapped *current;

static void on_bus_error(int signo, siginfo_t *info, void *context)
{
	const uintptr_t page = 4096;
	struct mapped *m = current;
	uintptr_t at = (uintptr_t)info->si_addr, start = m ? (uintptr_t)m->area : 0;

	(void)context;
	if (!m || at < start || at - start >= m->window) { /* not ours: as if there were no handler */
		signal(signo, SIG_DFL);
		return;
	}
	m->torn = 1;
	at = (at - start) / page * page; /* all behind it is gone as well */
	if (mmap(m->area + at, m->window - at, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		signal(signo, SIG_DFL);
}

static bool guard(void)
{
	static bool there;
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

	if (!there)
		there = sigemptyset(&action.sa_mask) == 0 &&
			sigaction(SIGBUS, &action, NULL) == 0;
	return there;
}

static bool map_window(struct mapped *m, off_t from)
{
	if (from == m->from)
		return true;
	if (mmap(m->area, m->window, PROT_READ, MAP_SHARED | MAP_FIXED, m->fd, from) == MAP_FAILED)
		return false;
	(void)madvise(m->area, m->window, MADV_RANDOM); /* a fault reads no more than its page */
	ahead_ask(&m->ahead, m->fd, from + (off_t)m->window);
	m->from = from;
	return true;
}

static ssize_t mapped_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct mapped *m = in->own;
	ssize_t got;

	do {
		got = pread(m->fd, p, n, m->at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(err, errno, "%s", m->name);
	m->at += got;
	return got;
}

/* Did the window end early? Then ask read(2) what is behind it: the end, or an error. */
static ssize_t after_torn(struct mapped *m, struct err *err)
{
	char byte;

	if (pread(m->fd, &byte, 1, m->at) < 0)
		return err_sys(err, errno, "%s", m->name);
	return 0;
}

static ssize_t mapped_borrow(struct stream *in, const char **p, struct err *err)
{
	struct mapped *m = in->own;
	off_t from = m->at - m->at % (off_t)m->window;
	struct stat st;
	size_t n;

	current = m;
	if (m->torn)
		return after_torn(m, err);
	if (m->at >= m->end) { /* it may have grown */
		if (fstat(m->fd, &st) != 0)
			return err_sys(err, errno, "%s", m->name);
		m->end = st.st_size;
		if (m->at >= m->end)
			return 0;
	}
	if (!map_window(m, from))
		return err_sys(err, errno, "%s: mmap", m->name);
	*p = m->area + (m->at - from);
	n = SOURCE_WINDOW - (size_t)(m->at - from) % SOURCE_WINDOW;
	if (n > (size_t)(m->end - m->at))
		n = (size_t)(m->end - m->at);
	m->at += (off_t)n;
	return (ssize_t)n;
}

static void mapped_close(struct stream *in)
{
	struct mapped *m = in->own;

	if (current == m)
		current = NULL;
	munmap(m->space, 2 * m->window);
	fd_close(&m->fd);
}

/* Address space for one window; nothing is mapped there yet. */
static bool reserve(struct mapped *m)
{
	uintptr_t past;

	m->space = mmap(NULL, 2 * m->window, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->space == MAP_FAILED)
		return false;
	past = (uintptr_t)m->space % m->window;
	m->area = (char *)m->space + (past ? m->window - past : 0);
	if (map_window(m, 0)) /* some file systems cannot */
		return true;
	munmap(m->space, 2 * m->window);
	return false;
}

struct stream *stream_from_file(struct arena *a, int fd, const char *name, enum source_mapped window,
				struct err *err)
{
	struct mapped *m;
	struct stream *in;
	struct stat st;
	char *copy;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < LEAST)
		return stream_from_fd(a, fd, name, err);
	in = stream_new(a, err);
	m = arena_take(a, sizeof(*m));
	copy = arena_cstr(a, str_of(name));
	if (!in || !m || !copy || !guard())
		return stream_from_fd(a, fd, name, err);
	*m = (struct mapped){.fd = fd, .name = copy, .window = window, .end = st.st_size, .from = -1,
			     .ahead = ahead_of(fd)};
	if (!reserve(m))
		return stream_from_fd(a, fd, name, err);
	in->own = m;
	in->read = mapped_read;
	in->borrow = mapped_borrow;
	in->close = mapped_close;
	return in;
}
