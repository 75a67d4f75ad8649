/* SPDX-License-Identifier: MIT */
/* foreign.c - other people's loops: `while sleep 1; do date; cat /proc/meminfo ...; done`,
 * vmlog.sh, OSWatcher, and our own export as text.
 *
 * A time line begins a sample. Without headings the file is told by the lines' content; three
 * pressure files in a row are taken as memory, io, cpu. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/source.h"
#include "vmlog/loop_line.h"
#include "vmlog/samples.h"

enum { WINDOW = 64 << 10, LINES_LOOKED_AT = 20000 };

struct loop_state {
	int fd;
	int64_t from, to; /* the part of fd that is read; to = UNKNOWN: from where it stands on */
	int dirfd; /* with stamped files, which follow each other */
	const struct stamped *stamped;
	size_t n_stamped, next_stamped;
	struct buf window;
	size_t at;
	bool ended;
	struct source *packed; /* fd is compressed, and read through it */
	int64_t wall_us;	/* of the sample being read */
	int64_t next_us;	/* a time line that was met */
	enum loop_file current;
	bool headed;
	struct buf texts[LOOP_FILES];
	struct sample_file files[LOOP_FILES];
	struct sample sample;
	uint64_t lines;
	bool any; /* a sample was found */
};

enum { NEW_TIME = 2 };

static bool is_packed(int fd)
{
	static const struct str magics[] = {STR_INIT("\x1f\x8b"), STR_INIT("\xfd" "7zXZ"),
					    STR_INIT("\x28\xb5\x2f\xfd"), STR_INIT("BZh"),
					    STR_INIT("\x1f\x9d")};
	char head[8];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < ARRAY_COUNT(magics); i++) {
		if (n > 0 && str_starts((struct str){head, (size_t)n}, magics[i]))
			return true;
	}
	return false;
}

static void close_file(struct loop_state *s)
{
	if (s->packed)
		source_close(s->packed);
	s->packed = NULL;
	fd_close(&s->fd);
}

/* Take the descriptor over. -1: it is compressed, and cannot be read. */
static int use_file(struct loop_state *s, int fd, int64_t from, int64_t to, struct err *err)
{
	struct err why = {.code = ERR_NONE};
	char path[64];

	close_file(s);
	s->fd = fd;
	s->from = from;
	s->to = to;
	s->at = 0;
	buf_clear(&s->window);
	s->ended = fd < 0;
	if (fd < 0 || to != UNKNOWN || !is_packed(fd)) /* a part has been unpacked already */
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	s->ended = source_open_file(&s->packed, path, &why) != 0;
	if (!s->ended)
		return 0;
	(void)err_set(err, ERR_FORMAT, "compressed, and cannot be unpacked here");
	return err_hint(err, "unpack it first");
}

static ssize_t read_part(struct loop_state *s, char *p)
{
	size_t want = s->to - s->from < WINDOW ? (size_t)(s->to - s->from) : WINDOW;
	ssize_t n;

	if (s->to == UNKNOWN)
		return fd_read(s->fd, p, WINDOW);
	do
		n = pread(s->fd, p, want, s->from);
	while (n < 0 && errno == EINTR);
	s->from += n > 0 ? n : 0;
	return n;
}

/* More bytes behind those in the window; none: ended. */
static int fill(struct loop_state *s, struct err *err)
{
	struct err why = {.code = ERR_NONE};
	struct str more;
	ssize_t n;
	int rc;

	if (s->packed) {
		rc = source_window(s->packed, &more, &why);
		if (rc > 0 && !buf_add(&s->window, more))
			return err_set(err, ERR_NOMEM, "no memory for reading samples");
		s->ended = rc <= 0; /* damaged: what came before it is good */
		return 0;
	}
	if (!buf_reserve(&s->window, WINDOW))
		return err_set(err, ERR_NOMEM, "no memory for reading samples");
	n = read_part(s, s->window.p + s->window.n);
	if (n < 0)
		return err_set(err, ERR_IO, "samples: cannot be read");
	s->window.n += (size_t)n;
	s->ended = n == 0;
	return 0;
}

/* The next file of a folder; its name told the time. NEW_TIME when that is another one. */
static int next_file(struct samples *v, struct loop_state *s)
{
	const struct stamped *f = &s->stamped[s->next_stamped++];
	bool same = f->wall_us == s->wall_us;
	struct err why = {.code = ERR_NONE};

	int fd = f->to == UNKNOWN ? openat(s->dirfd, f->name, O_RDONLY | O_CLOEXEC | O_NOCTTY |
									       O_NONBLOCK | O_NOFOLLOW)
				  : fcntl(s->dirfd, F_DUPFD_CLOEXEC, 3);

	if (use_file(s, fd, f->from, f->to, &why) != 0 || s->fd < 0)
		v->unread_files++;
	s->headed = false;
	s->current = LOOP_NONE;
	s->next_us = f->wall_us;
	return same ? 1 : NEW_TIME;
}

/* The next line, without its end; longer ones than the window are cut into pieces. */
static int next_line_of_file(struct loop_state *s, struct str *ret, struct err *err)
{
	for (;;) {
		struct str rest = str_from(buf_str(&s->window), s->at);
		size_t end = str_find_char(rest, '\n');

		if (end != SIZE_MAX || (s->ended && rest.n) || rest.n >= WINDOW) {
			size_t take = end != SIZE_MAX ? end : rest.n;

			*ret = str_sub(rest, 0, take);
			if (ret->n && ret->p[ret->n - 1] == '\r')
				ret->n--;
			s->at += take + (end != SIZE_MAX);
			return 1;
		}
		if (s->ended)
			return 0;
		buf_drop_front(&s->window, s->at);
		s->at = 0;
		if (fill(s, err) != 0)
			return -1;
	}
}

/* A second pressure file begins where "some" comes again. */
static enum loop_file place_of(struct loop_state *s, enum loop_file file, struct str line)
{
	if (s->headed || file < LOOP_PRESSURE_MEMORY || file > LOOP_PRESSURE_CPU ||
	    !str_starts(line, STR("some")))
		return file;
	for (int i = LOOP_PRESSURE_MEMORY; i <= LOOP_PRESSURE_CPU; i++) {
		if (s->texts[i].n == 0)
			return (enum loop_file)i;
	}
	return file;
}

static bool finish_sample(struct samples *v, struct loop_state *s)
{
	s->sample.n = 0;
	for (int i = 1; i < LOOP_FILES; i++) {
		if (s->texts[i].n)
			s->files[s->sample.n++] = (struct sample_file){
				loop_names[i], buf_str(&s->texts[i]), 0, true,
				s->texts[i].failed};
	}
	if (s->sample.n == 0)
		return false;
	if (s->wall_us == UNKNOWN) {
		v->untimed++;
		return false;
	}
	s->sample.wall_us = s->wall_us;
	s->sample.mono_us = UNKNOWN;
	s->sample.files = s->files;
	s->any = true;
	return true;
}

static void begin_sample(struct loop_state *s, int64_t wall_us)
{
	for (int i = 1; i < LOOP_FILES; i++)
		buf_clear(&s->texts[i]);
	s->current = LOOP_NONE;
	s->headed = false;
	s->wall_us = wall_us;
}

static void take_file_line(struct samples *v, struct loop_state *s, struct str line)
{
	struct loop_line l = {.kind = LINE_FILE};
	enum loop_file file;

	if (!loop_grepped(&line, &l.file))
		l = loop_line(line, s->current, s->headed);
	if (l.kind == LINE_UNKNOWN) {
		v->unknown_lines++;
		return;
	}
	if (l.kind == LINE_HEADING) {
		s->current = l.file;
		s->headed = true;
		return;
	}
	if (l.file == LOOP_NONE)
		return;
	file = place_of(s, l.file, line);
	s->current = file;
	if (buf_add(&s->texts[file], line))
		buf_addc(&s->texts[file], '\n');
}

static int next_line(struct samples *v, struct loop_state *s, struct str *ret, struct err *err)
{
	int rc;

	for (;;) {
		rc = s->fd < 0 ? 0 : next_line_of_file(s, ret, err);
		if (rc != 0 || s->next_stamped == s->n_stamped)
			return rc;
		if (next_file(v, s) == NEW_TIME)
			return NEW_TIME;
	}
}

static int loop_next(struct samples *v, const struct sample **ret, struct err *err)
{
	struct loop_state *s = v->state;
	struct str line;
	int rc;

	begin_sample(s, s->next_us);
	while ((rc = next_line(v, s, &line, err)) > 0) {
		struct loop_line l = {.kind = LINE_TIME, .wall_us = s->next_us};

		if (rc != NEW_TIME)
			l = loop_line(line, LOOP_NONE, false);
		else
			line = (struct str){"", 0};

		/* give up on what is plainly something else */
		if (++s->lines > LINES_LOOKED_AT && !s->any)
			break;
		if (l.kind != LINE_TIME) {
			take_file_line(v, s, line);
			continue;
		}
		s->next_us = l.wall_us;
		if (finish_sample(v, s)) {
			*ret = &s->sample;
			return 1;
		}
		begin_sample(s, l.wall_us);
	}
	if (rc < 0)
		return -1;
	if (rc == 0 && finish_sample(v, s)) {
		s->next_us = UNKNOWN;
		*ret = &s->sample;
		return 1;
	}
	return 0;
}

static void loop_close(struct samples *v)
{
	struct loop_state *s = v->state;

	if (!s)
		return;
	for (int i = 1; i < LOOP_FILES; i++)
		buf_free(&s->texts[i]);
	buf_free(&s->window);
	close_file(s);
	fd_close(&s->dirfd);
	free(s);
	v->state = NULL;
}

static const struct samples_reader loop_reader = {"loop", loop_next, loop_close};
static const struct samples_reader stamped_reader = {"files by time", loop_next, loop_close};
static const struct samples_reader oswatcher_reader = {"oswatcher", loop_next, loop_close};

static struct loop_state *new_state(struct err *err)
{
	struct loop_state *s = calloc(1, sizeof(*s));

	if (!s) {
		(void)err_set(err, ERR_NOMEM, "no memory for reading samples");
		return NULL;
	}
	s->fd = s->dirfd = -1;
	s->window = (struct buf)BUF_INIT(2 * SOURCE_WINDOW + 4 * WINDOW);
	for (int i = 1; i < LOOP_FILES; i++)
		s->texts[i] = (struct buf)BUF_INIT(RING_TEXT_MAX);
	s->wall_us = s->next_us = UNKNOWN;
	return s;
}

int loop_samples_open(struct samples *ret, int fd, int64_t from, int64_t to, struct err *err)
{
	struct loop_state *s = new_state(err);

	if (!s)
		return -1;
	if (use_file(s, fd, from, to, err) != 0 || fill(s, err) != 0) {
		s->fd = -1; /* the caller keeps it */
		close_file(s);
		buf_free(&s->window);
		free(s);
		return -1;
	}
	ret->reader = str_find(str_sub(buf_str(&s->window), 0, 4096), STR("zzz ***")) != SIZE_MAX ? &oswatcher_reader
								  : &loop_reader;
	ret->state = s;
	return 0;
}

int stamped_samples_open(struct samples *ret, int dirfd, const struct stamped *files, size_t n,
			 struct err *err)
{
	struct loop_state *s = new_state(err);

	if (!s)
		return -1;
	s->dirfd = dirfd;
	s->stamped = files;
	s->n_stamped = n;
	ret->reader = &stamped_reader;
	ret->state = s;
	return 0;
}
