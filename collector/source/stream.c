/* SPDX-License-Identifier: MIT */
/* stream.c - the plain streams: descriptors, texts, one after the other, lines. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "source/input.h"

struct stream *stream_new(struct arena *a, struct err *err)
{
	struct stream *in = arena_take(a, sizeof(*in));

	if (in)
		in->head = arena_room(a, PEEK_ROOM);
	if (!in || !in->head) {
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	in->head_room = PEEK_ROOM;
	in->left = UINT64_MAX;
	return in;
}

struct stream *stream_over(struct arena *a, struct stream *below, size_t own, struct err *err)
{
	struct stream *in = stream_new(a, err);

	if (in)
		in->own = arena_take(a, own);
	if (!in || !in->own) {
		stream_close(below);
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	in->below = below;
	return in;
}

static ssize_t read_below(struct stream *in, char *p, size_t n, struct err *err)
{
	ssize_t got;

	if (in->ended || in->left == 0)
		return 0;
	got = in->read(in, p, n < in->left ? n : (size_t)in->left, err);
	if (got <= 0)
		in->ended = true;
	else
		in->left -= (uint64_t)got;
	return got;
}

int stream_look(struct stream *in, struct arena *a, size_t room, struct str *ret, struct err *err)
{
	if (room > in->head_room && in->head_at == 0) {
		char *head = arena_room(a, room);

		if (!head)
			return err_set(err, ERR_NOMEM, "no memory for an input");
		memcpy(head, in->head, in->head_n);
		in->head = head;
		in->head_room = room;
	}
	while (in->head_at == 0 && in->head_n < room) {
		ssize_t got = read_below(in, in->head + in->head_n, room - in->head_n, err);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		in->head_n += (size_t)got;
	}
	*ret = (struct str){in->head + in->head_at, in->head_n - in->head_at};
	return 0;
}

int stream_peek(struct stream *in, struct str *ret, struct err *err)
{
	return stream_look(in, NULL, PEEK_ROOM, ret, err);
}

ssize_t stream_read(struct stream *in, char *p, size_t n, struct err *err)
{
	size_t have = in->head_n - in->head_at;

	if (have) {
		if (have > n)
			have = n;
		memcpy(p, in->head + in->head_at, have);
		in->head_at += have;
		return (ssize_t)have;
	}
	return read_below(in, p, n, err);
}

void stream_close(struct stream *in)
{
	if (!in)
		return;
	if (in->close)
		in->close(in);
	stream_close(in->below);
	in->close = NULL;
	in->below = NULL;
}

/* ---- a descriptor ----
 *
 * Of a file what is in memory is taken without any waiting; only where something is not, it is read
 * ahead, in small steps of our own. The kernel's (read_ahead_kb, megabytes on the disks of some
 * virtual machines) fill a small memory cgroup with pages that nobody can take back while they are
 * read, and the OOM killer ends whoever reads. To ask for what is there already would cost a fifth
 * of the time that a large log takes: the kernel looks at each of its pages. */

enum { AHEAD = 512 << 10 };

struct fd_stream {
	int fd;
	const char *name;
	off_t at;
	off_t asked; /* read ahead up to there; -1: not a file */
	bool waits;  /* the file system cannot say that something is not in memory */
};

static off_t ahead_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM) == 0)
		return lseek(fd, 0, SEEK_CUR);
	return -1;
}

/* Bytes up to `at` are wanted now. */
static void ahead_ask(struct fd_stream *f, off_t at)
{
	if (at + AHEAD / 2 <= f->asked)
		return;
	at += AHEAD;
	if (f->asked < f->at)
		f->asked = f->at;
	(void)posix_fadvise(f->fd, f->asked, at - f->asked, POSIX_FADV_WILLNEED);
	f->asked = at;
}

/* What of it is in memory; 0: nothing, or it is the end. */
static ssize_t read_at_once(struct fd_stream *f, char *p, size_t n)
{
#ifdef RWF_NOWAIT
	struct iovec to = {p, n};
	ssize_t got = f->waits ? 0 : preadv2(f->fd, &to, 1, -1, RWF_NOWAIT);

	f->waits |= got < 0 && errno != EAGAIN;
	return got < 0 ? 0 : got;
#else /* musl before 1.2.5 */
	(void)f, (void)p, (void)n;
	return 0;
#endif
}

static ssize_t fd_stream_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct fd_stream *f = in->own;
	ssize_t got = 0;

	if (f->asked >= 0) {
		got = read_at_once(f, p, n);
		if (got == 0)
			ahead_ask(f, f->at + (off_t)n);
	}
	if (got == 0)
		got = fd_read(f->fd, p, n);
	if (got < 0)
		err_sys(err, errno, "%s", f->name);
	else
		f->at += got;
	return got;
}

static void fd_stream_close(struct stream *in)
{
	struct fd_stream *f = in->own;

	if (f->fd > STDIN_FILENO)
		fd_close(&f->fd);
	else if (f->asked >= 0) /* it is shared with who started us, and reads on as before */
		(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_NORMAL);
}

struct stream *stream_from_fd(struct arena *a, int fd, const char *name, struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct fd_stream *f = arena_take(a, sizeof(*f));
	char *copy = arena_cstr(a, str_of(name));

	if (!in || !f || !copy) {
		err_set(err, ERR_NOMEM, "no memory to read %s", name);
		if (fd > STDIN_FILENO)
			close(fd);
		return NULL;
	}
	*f = (struct fd_stream){.fd = fd, .name = copy, .asked = ahead_of(fd)};
	f->at = f->asked;
	in->own = f;
	in->read = fd_stream_read;
	in->close = fd_stream_close;
	return in;
}

/* ---- a text ---- */

static ssize_t str_stream_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct str *rest = in->own;

	(void)err;
	if (n > rest->n)
		n = rest->n;
	memcpy(p, rest->p, n);
	*rest = str_from(*rest, n);
	return (ssize_t)n;
}

struct stream *stream_from_str(struct arena *a, struct str text, struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct str *rest = arena_take(a, sizeof(*rest));

	if (!in || !rest) {
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	*rest = text;
	in->own = rest;
	in->read = str_stream_read;
	return in;
}

/* ---- one after the other ---- */

struct concat {
	stream_opener *open;
	void *own;
	size_t at, n;
	struct stream *now;
	char last; /* a file that does not end in '\n' must not run into the next */
};

static ssize_t concat_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct concat *c = in->own;
	struct err lost = {0};
	ssize_t got;

	for (;;) {
		if (!c->now) {
			if (c->at == c->n)
				return 0;
			if (c->last != '\n') {
				c->last = p[0] = '\n';
				return 1;
			}
			c->now = c->open(c->own, c->at++, &lost);
			if (!c->now) /* rotated away meanwhile: the others still count */
				continue;
		}
		got = stream_read(c->now, p, n, err);
		if (got > 0)
			c->last = p[got - 1];
		if (got > 0)
			return got;
		stream_close(c->now);
		c->now = NULL;
		if (got < 0 && c->at == c->n)
			return -1;
	}
}

static void concat_close(struct stream *in)
{
	struct concat *c = in->own;

	stream_close(c->now);
	c->now = NULL;
}

struct stream *stream_concat(struct arena *a, stream_opener *open, void *own, size_t n,
			     struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct concat *c = arena_take(a, sizeof(*c));

	if (!in || !c) {
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	*c = (struct concat){.open = open, .own = own, .n = n, .last = '\n'};
	in->own = c;
	in->read = concat_read;
	in->close = concat_close;
	return in;
}

/* ---- lines ---- */

int lines_init(struct lines *l, struct arena *a, struct stream *in, struct err *err)
{
	*l = (struct lines){.in = in, .p = arena_take(a, LINES_ROOM)};
	return l->p ? 0 : err_set(err, ERR_NOMEM, "no memory to read lines");
}

int lines_next(struct lines *l, struct str *ret, struct err *err)
{
	size_t searched = l->from;

	for (;;) {
		char *end = l->to > searched ? memchr(l->p + searched, '\n', l->to - searched)
					     : NULL;
		ssize_t got;

		if (end) {
			*ret = (struct str){l->p + l->from, (size_t)(end - l->p) - l->from};
			l->from = (size_t)(end - l->p) + 1;
			l->more = false;
			return 1;
		}
		if (l->from && (l->ended || l->to == LINES_ROOM)) {
			memmove(l->p, l->p + l->from, l->to - l->from);
			l->to -= l->from;
			l->from = 0;
		}
		if (l->to == LINES_ROOM || (l->ended && l->to > l->from)) {
			*ret = (struct str){l->p + l->from, l->to - l->from};
			l->from = l->to = 0;
			l->more = !l->ended;
			return 1;
		}
		if (l->ended)
			return 0;
		searched = l->to;
		got = stream_read(l->in, l->p + l->to, LINES_ROOM - l->to, err);
		if (got < 0)
			return -1;
		l->ended = got == 0;
		l->to += (size_t)got;
	}
}

ssize_t lines_bytes(struct lines *l, char *p, size_t n, struct err *err)
{
	size_t have = l->to - l->from;

	if (!have)
		return l->ended ? 0 : stream_read(l->in, p, n, err);
	if (have > n)
		have = n;
	memcpy(p, l->p + l->from, have);
	l->from += have;
	return (ssize_t)have;
}
