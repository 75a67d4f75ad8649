/* SPDX-License-Identifier: MIT */
/* vmstat_ring.c - files of M. Hocko's read_vmstat: "=S SECONDS", /proc/vmstat, "E=", over and
 * over, in a file of fixed size that is overwritten from its start when it is full.
 *
 * The record that was being written over is torn; the one at the file's end goes on at its
 * beginning. Records are read where they lie and given in order of their time. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmlog/samples.h"

enum { WINDOW = 64 << 10, RECORD_MAX = 32 << 10, RECORDS_MAX = 4 << 20 };

struct record {
	int64_t at; /* where its text begins */
	uint32_t n;
	int64_t wall_us;
};

struct ring_vmstat {
	struct arena arena;
	int fd;
	int64_t size;
	struct record *records;
	size_t n, room, next;
	struct buf text;
	struct sample_file file;
	struct sample sample;
};

bool vmstat_ring_recognised(struct str head)
{
	struct str line;
	size_t at = str_find(head, STR("=S "));

	if (at == SIZE_MAX || (at > 0 && head.p[at - 1] != '\n'))
		return false;
	head = str_from(head, at + 3);
	return take_line(&head, &line) && line.n >= 9 && line.n <= 11;
}

/* n bytes from `at` on, going on at the beginning behind the end. */
static size_t read_round(const struct ring_vmstat *s, char *to, size_t n, int64_t at)
{
	size_t done = 0;

	while (done < n) {
		int64_t from = (at + (int64_t)done) % s->size;
		size_t step = n - done;
		ssize_t got;

		if ((int64_t)step > s->size - from)
			step = (size_t)(s->size - from);
		got = pread(s->fd, to + done, step, from);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

/* A record that begins at `at` of the window: its end must come before the next beginning. */
static int note_record(struct samples *v, struct ring_vmstat *s, struct str window, int64_t at,
		       struct err *err)
{
	struct str rest = str_from(window, 3), line;
	struct record *r;
	uint64_t seconds;
	size_t end, next;

	if (!take_u64(&rest, &seconds) || seconds > 4102444800 || !take_char(&rest, '\n'))
		return 0;
	line = rest;
	end = str_find(line, STR("\nE=\n"));
	next = str_find(line, STR("\n=S "));
	if (end == SIZE_MAX || next < end) {
		v->damaged++;
		return 0;
	}
	r = arena_grow(&s->arena, (void **)&s->records, &s->n, &s->room, sizeof(*r));
	if (!r)
		return err_set(err, ERR_NOMEM, "no memory for the index of a vmstat ring");
	*r = (struct record){at + (int64_t)(rest.p - window.p), (uint32_t)end + 1,
			     (int64_t)seconds * 1000000};
	return 0;
}

static int find_records(struct samples *v, struct ring_vmstat *s, char *window, struct err *err)
{
	for (int64_t base = 0; base < s->size; base += WINDOW) {
		size_t n = read_round(s, window, WINDOW + RECORD_MAX, base);
		struct str rest = {window, n};
		size_t at = 0, step;

		if (n > (size_t)s->size) /* a small file, seen more than once */
			rest.n = n;
		while ((step = str_find(str_from(rest, at), STR("=S "))) != SIZE_MAX) {
			at += step;
			if (at >= WINDOW || base + (int64_t)at >= s->size)
				break;
			if ((at == 0 || rest.p[at - 1] == '\n') &&
			    note_record(v, s, str_from(rest, at), base + (int64_t)at, err) != 0)
				return -1;
			at += 3;
		}
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->wall_us != y->wall_us)
		return x->wall_us < y->wall_us ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int vmstat_next(struct samples *v, const struct sample **ret, struct err *err)
{
	struct ring_vmstat *s = v->state;
	const struct record *r;

	if (s->next == s->n)
		return 0;
	r = &s->records[s->next++];
	buf_clear(&s->text);
	if (!buf_reserve(&s->text, r->n))
		return err_set(err, ERR_NOMEM, "no memory for a sample");
	s->text.n = read_round(s, s->text.p, r->n, r->at);
	s->file = (struct sample_file){STR("vmstat"), buf_str(&s->text), 0, true, false};
	s->sample = (struct sample){.wall_us = r->wall_us,
				    .mono_us = UNKNOWN,
				    .files = &s->file,
				    .n = 1};
	*ret = &s->sample;
	return 1;
}

static void vmstat_close(struct samples *v)
{
	struct ring_vmstat *s = v->state;
	struct arena arena;

	if (!s)
		return;
	buf_free(&s->text);
	fd_close(&s->fd);
	arena = s->arena;
	arena_free(&arena);
	v->state = NULL;
}

static const struct samples_reader vmstat_reader = {"read_vmstat", vmstat_next, vmstat_close};

int vmstat_ring_open(struct samples *ret, int fd, struct err *err)
{
	struct arena arena = ARENA_INIT((size_t)RECORDS_MAX * sizeof(struct record));
	struct ring_vmstat *s = arena_take(&arena, sizeof(*s));
	char *window = s ? arena_take(&arena, WINDOW + RECORD_MAX) : NULL;
	struct stat st;

	if (!window || fstat(fd, &st) != 0 || st.st_size == 0) {
		arena_free(&arena);
		return err_set(err, ERR_NOMEM, "a vmstat ring cannot be read");
	}
	s->arena = arena;
	s->fd = fd;
	s->size = st.st_size;
	s->text = (struct buf)BUF_INIT(RECORD_MAX + WINDOW);
	ret->reader = &vmstat_reader;
	ret->state = s;
	if (find_records(ret, s, window, err) != 0) {
		s->fd = -1; /* the caller keeps it */
		vmstat_close(ret);
		return -1;
	}
	if (s->n)
		qsort(s->records, s->n, sizeof(*s->records), by_time);
	return 0;
}
