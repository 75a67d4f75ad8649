/* SPDX-License-Identifier: MIT */
/* source.c - the door: what a path is, windows of its bytes, the next log of a container. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "source/input.h"

const char *source_kind_name(enum source_kind k)
{
	static const char *const names[] = {
		[SOURCE_KMSG] = "kmsg",	    [SOURCE_JOURNAL] = "journal",
		[SOURCE_FILE] = "file",	    [SOURCE_STDIN] = "stdin",
		[SOURCE_BUNDLE] = "bundle", [SOURCE_PSTORE] = "pstore",
		[SOURCE_VMCORE_DMESG] = "vmcore-dmesg",
	};

	return names[k];
}

void source_note(struct source_info *info, const char *fmt, ...)
{
	size_t n = str_of(info->note).n;
	va_list ap;

	if (n && n + 3 < sizeof(info->note)) {
		memcpy(info->note + n, "; ", 3);
		n += 2;
	}
	va_start(ap, fmt);
	vsnprintf(info->note + n, sizeof(info->note) - n, fmt, ap);
	va_end(ap);
}

int source_new(struct source **ret, struct err *err)
{
	struct arena a = ARENA_INIT(SOURCE_ARENA);
	struct source *s = arena_take(&a, sizeof(*s));
	char *window = arena_room(&a, SOURCE_WINDOW);

	if (!s || !window) {
		arena_free(&a);
		return err_set(err, ERR_NOMEM, "no memory for an input");
	}
	s->arena = a;
	s->log = (struct arena)ARENA_INIT(SOURCE_ARENA);
	s->turn = (struct arena)ARENA_INIT(SOURCE_ARENA);
	s->window = window;
	*ret = s;
	return 0;
}

/* ---- one file ---- */

static enum source_kind kind_by_name(struct str path)
{
	if (str_find(path, STR("vmcore-dmesg")) != SIZE_MAX)
		return SOURCE_VMCORE_DMESG;
	if (str_find(path, STR("/pstore/")) != SIZE_MAX ||
	    str_find(path, STR("dmesg-efi-")) != SIZE_MAX ||
	    str_find(path, STR("dmesg-erst-")) != SIZE_MAX ||
	    str_find(path, STR("-ramoops")) != SIZE_MAX)
		return SOURCE_PSTORE;
	return SOURCE_FILE;
}

static int open_kmsg(struct source *s, const char *path, struct err *err)
{
	CLEANUP_ROOT struct root root = ROOT_CLOSED;

	if (root_open(&root, "/", err))
		return -1;
	s->info.kind = SOURCE_KMSG;
	s->in = kmsg_open(&s->arena, &root, path, &s->info, err);
	return s->in ? 0 : err_sys(err, errno, "%s", path);
}

/* A report.json given alone: all of it is the saved report. */
static int whole_report(struct source *s, struct buf *out, struct err *err)
{
	char block[16384];
	ssize_t n;

	while ((n = stream_read(s->in, block, sizeof(block), err)) > 0)
		buf_add(out, (struct str){block, (size_t)n});
	return n < 0 || buf_ok(out, s->info.name, err) ? -1 : 1;
}

void document_take(struct source *s)
{
	s->info.document = true;
	s->saved_report = whole_report;
}

/* What the first bytes say. The descriptor is ours in every case. */
static int open_bytes(struct source *s, struct stream *in, int fd, const char *path,
		      struct err *err)
{
	struct str head;

	s->in = in;
	if (!s->in || stream_peek(s->in, &head, err))
		return -1;
	switch (format_of(head)) {
	case FORMAT_COMPRESSED:
	case FORMAT_ARCHIVE:
		return archive_start(s, fd, path, err);
	case FORMAT_JOURNAL:
		if (s->info.kind == SOURCE_STDIN) {
			s->in = journal_spooled(&s->arena, in, path, &s->info, err);
			return s->in ? 0 : -1;
		}
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		stream_close(in);
		s->info.kind = SOURCE_JOURNAL;
		s->in = journal_file_open(&s->arena, fd, path, &s->info, err);
		return s->in ? 0 : -1;
	case FORMAT_EXPORT:
		if (s->info.kind == SOURCE_FILE)
			s->info.kind = SOURCE_JOURNAL;
		return oldest_first(&s->in, &s->arena, &s->info, err);
	case FORMAT_REPORT:
		document_take(s);
		return 0;
	case FORMAT_FOREIGN:
		return foreign_error(head, path, err);
	case FORMAT_PLAIN:
		return text_open(&s->in, &s->arena, &s->info, err);
	}
	return 0;
}

static int open_path(struct source *s, const char *path, struct err *err)
{
	struct stat st;
	int fd;

	snprintf(s->info.name, sizeof(s->info.name), "%s", path);
	if (str_eq(str_of(path), STR("-"))) {
		snprintf(s->info.name, sizeof(s->info.name), "standard input");
		s->info.kind = SOURCE_STDIN;
		return open_bytes(s, stream_from_fd(&s->arena, STDIN_FILENO, s->info.name, err),
				  STDIN_FILENO, s->info.name, err);
	}
	s->info.kind = kind_by_name(str_of(path));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st)) {
		err_sys(err, errno, "%s", path);
		fd_close(&fd);
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		fd_close(&fd);
		return tree_start(s, path, err);
	}
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 11)) {
		fd_close(&fd);
		return open_kmsg(s, path, err);
	}
	if (S_ISBLK(st.st_mode)) {
		fd_close(&fd);
		return err_set(err, ERR_FORMAT, "%s: a block device is not a log", path);
	}
	return open_bytes(s, stream_from_fd(&s->arena, fd, path, err), fd, path, err);
}

int source_open_file(struct source **ret, const char *path, struct err *err)
{
	struct source *s;

	if (source_new(&s, err))
		return -1;
	if (open_path(s, path, err)) {
		source_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}

int source_open_members(struct source **ret, const char *path, struct err *err)
{
	CLEANUP_SOURCE struct source *s = NULL;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stream *in;
	struct str head;

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	if (source_new(&s, err))
		return -1;
	s->all_members = true;
	in = stream_from_fd(&s->arena, fcntl(fd, F_DUPFD_CLOEXEC, 3), path, err);
	if (!in || stream_peek(in, &head, err)) {
		stream_close(in);
		return -1;
	}
	if (format_of(head) != FORMAT_COMPRESSED && format_of(head) != FORMAT_ARCHIVE) {
		stream_close(in);
		return 0;
	}
	s->in = in;
	if (archive_start(s, fd, path, err))
		return -1;
	if (!s->next) /* one compressed file */
		return 0;
	*ret = s;
	s = NULL;
	return 1;
}

/* ---- reading ---- */

static int start(struct source *s, struct err *err)
{
	bool now = !s->started && s->first;

	s->started = true;
	return now && s->first(s, err) < 0 ? -1 : 0;
}

int source_window(struct source *s, struct str *ret, struct err *err)
{
	const char *p;
	ssize_t n;

	if (start(s, err))
		return -1;
	p = s->window;
	if (!s->in)
		return 0;
	if (s->in->borrow && s->in->head_at == s->in->head_n) {
		n = s->in->ended ? 0 : s->in->borrow(s->in, &p, err);
		s->in->ended = n <= 0;
	} else {
		n = stream_read(s->in, s->window, SOURCE_WINDOW, err);
	}
	if (n < 0)
		return -1;
	if (n == 0) {
		if (s->ended)
			s->ended(s);
		stream_close(s->in);
		s->in = NULL;
		return 0;
	}
	s->info.bytes += (uint64_t)n;
	*ret = (struct str){p, (size_t)n};
	return 1;
}

int source_next(struct source *s, struct err *err)
{
	if (start(s, err))
		return -1;
	stream_close(s->in);
	s->in = NULL;
	return s->next ? s->next(s, err) : 0;
}

const struct source_info *source_info(const struct source *s)
{
	return &s->info;
}

int source_saved_report(struct source *s, struct buf *out, struct err *err)
{
	return s->saved_report && !s->started ? s->saved_report(s, out, err) : 0;
}

void source_close(struct source *s)
{
	struct arena a;

	stream_close(s->in);
	if (s->close)
		s->close(s);
	arena_free(&s->log);
	arena_free(&s->turn);
	a = s->arena;
	arena_free(&a);
}
