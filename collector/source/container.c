/* SPDX-License-Identifier: MIT */
/* container.c - archives and directories given whole: every kernel log inside, one by one.
 *
 * An archive is read in passes: the logs known by name (a bundle's log/kernel.log before its
 * others); when there is none, every file that is text. What comes from a pipe is spooled to a
 * nameless file first. Nested compression (messages-20240101.gz) is taken off.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "source/input.h"

enum {
	PASS_FIRST, /* a bundle's log/kernel.log; elsewhere: what is a log by its name */
	PASS_ROTATED, /* ... and may be one of several files of it, which are kept meanwhile */
	PASS_OTHERS, /* a bundle's other logs; elsewhere, when nothing was found: all text */
	PASS_END,
	LOOK_AHEAD = 64, /* members looked at to know a bundle */
};
static const uint64_t SPOOL_MAX = UINT64_C(8) << 30;
/* journald's own largest file has 128 MiB, unless it is told otherwise (at most 4 GiB). */
static const uint64_t JOURNAL_MAX = UINT64_C(4) << 30;

/* ---- the log that was found ---- */

static enum source_kind kind_of(enum member_kind k, bool bundle)
{
	if (bundle)
		return SOURCE_BUNDLE;
	return k == MEMBER_VMCORE   ? SOURCE_VMCORE_DMESG
	       : k == MEMBER_PSTORE ? SOURCE_PSTORE
				    : SOURCE_FILE;
}

/* Takes off compression inside. *ret is NULL when it is nothing to read (an archive within,
 * an empty file). The nested decoder closes with the stream. */
struct nested {
	struct unpack *u;
	struct stream *member;
	const char *name;
	struct source_info *info;
};

static ssize_t nested_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct nested *own = in->own;
	ssize_t got = stream_read(own->member, p, n, err);

	if (got == 0 && own->info && unpack_trouble(own->u)[0])
		source_note(own->info, "%.100s: %s", own->name, unpack_trouble(own->u));
	return got;
}

static void nested_close(struct stream *in)
{
	struct nested *own = in->own;

	stream_close(own->member);
	unpack_close(own->u);
}

int nested_open(struct stream **ret, struct arena *a, struct stream *below, const char *name,
		struct source_info *info, struct err *err)
{
	struct nested *own = arena_take(a, sizeof(*own));
	struct stream *in = stream_new(a, err);
	char *copy = arena_cstr(a, str_of(name));
	char inner[MEMBER_NAME];
	int rc;

	*ret = NULL;
	if (!own || !in || !copy) {
		stream_close(below);
		return err_set(err, ERR_NOMEM, "no memory to unpack %s", name);
	}
	own->name = copy;
	own->info = info;
	if (unpack_open(&own->u, a, below, name, err))
		return -1;
	rc = unpack_next(own->u, inner, err);
	if (rc > 0 && !unpack_is_archive(own->u))
		own->member = unpack_member(own->u, a, err);
	if (!own->member) {
		unpack_close(own->u);
		return rc < 0 ? -1 : 0;
	}
	in->own = own;
	in->read = nested_read;
	in->close = nested_close;
	*ret = in;
	return 0;
}

int scratch_file(void)
{
	static const char *const folders[] = {"/var/tmp", "/tmp", "."};
	int fd = -1;

	for (size_t i = 0; i < ARRAY_COUNT(folders) && fd < 0; i++)
		fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd;
}

struct stream *journal_spooled(struct arena *a, struct stream *in, const char *name,
			       struct source_info *info, struct err *err)
{
	char block[32768];
	uint64_t kept = 0;
	ssize_t got = 0;
	int fd = scratch_file();

	while (fd >= 0 && kept < JOURNAL_MAX &&
	       (got = stream_read(in, block, sizeof(block), err)) > 0) {
		if (fd_write_all(fd, (struct str){block, (size_t)got}) != 0)
			break;
		kept += (uint64_t)got;
	}
	if (fd < 0 || (got > 0 && kept < JOURNAL_MAX)) {
		err_sys(err, errno, "%s: cannot be kept in /var/tmp", name);
		fd_close(&fd);
	}
	stream_close(in);
	if (fd < 0)
		return NULL;
	if (got < 0) /* what came before that is read */
		source_note(info, "%s", err->text);
	else if (got > 0)
		source_note(info, "the journal file is read up to %llu GiB",
			    (unsigned long long)(JOURNAL_MAX >> 30));
	return journal_file_open(a, fd, name, info, err);
}

struct stream *container_text(struct stream *in, struct arena *a, const char *member,
			      enum member_kind kind, struct source_info *info, struct err *err)
{
	struct str head;

	if (stream_peek(in, &head, err) == 0 && format_of(head) == FORMAT_COMPRESSED &&
	    (nested_open(&in, a, in, member, info, err) || !in))
		return NULL;
	if (stream_peek(in, &head, err) || head.n == 0 || format_of(head) == FORMAT_ARCHIVE ||
	    format_of(head) == FORMAT_JOURNAL || format_of(head) == FORMAT_REPORT ||
	    format_of(head) == FORMAT_FOREIGN ||
	    (kind == MEMBER_OTHER && !text_in(head)) || text_open(&in, a, info, err)) {
		stream_close(in);
		return NULL;
	}
	return kind == MEMBER_SECTIONS ? sections_open(a, in, err) : in;
}

int container_take(struct source *s, struct stream *in, const char *path, const char *member,
		   enum member_kind kind, bool bundle)
{
	const struct source_info last = s->info;
	struct err skipped = {0};
	struct str head = {NULL, 0};

	memset(&s->info, 0, sizeof(s->info));
	s->info.kind = kind_of(kind, bundle);
	if (in && stream_peek(in, &head, &skipped) == 0 && format_of(head) == FORMAT_COMPRESSED &&
	    nested_open(&in, &s->log, in, member, &s->info, &skipped) == 0 && in &&
	    stream_peek(in, &head, &skipped))
		head.n = 0;
	if (in && format_of(head) == FORMAT_JOURNAL) {
		s->in = journal_spooled(&s->log, in, member, &s->info, &skipped);
		s->info.kind = bundle ? SOURCE_BUNDLE : SOURCE_JOURNAL;
	} else if (in) {
		s->in = container_text(in, &s->log, member, kind, &s->info, &skipped);
	}
	if (s->in)
		snprintf(s->info.name, sizeof(s->info.name), "%s: %s", path, member);
	else
		s->info = last;
	return s->in != NULL;
}

/* ---- archives ---- */

struct archive_source {
	struct unpack *u;
	int fd; /* seekable; -1: it is read once (a single compressed file) */
	char path[400];
	bool bundle;
	bool all; /* every text, whatever its name */
	int pass;
	uint64_t given;
	struct parts parts;
	struct err cannot_keep; /* then each file is a log of its own */
};

static int rewind_archive(struct source *s, struct archive_source *own, struct err *err)
{
	struct stream *in;
	int fd;

	unpack_close(own->u);
	own->u = NULL;
	if (lseek(own->fd, 0, SEEK_SET) < 0 || (fd = fcntl(own->fd, F_DUPFD_CLOEXEC, 3)) < 0)
		return err_sys(err, errno, "%s", own->path);
	in = stream_from_fd(&s->arena, fd, own->path, err);
	return in ? unpack_open(&own->u, &s->arena, in, own->path, err) : -1;
}

static bool wanted_now(const struct archive_source *own, const char *member,
		       enum member_kind *kind)
{
	bool kernel_log = str_ends(str_of(member), STR("/log/kernel.log"));
	bool rotated;

	if (own->all) {
		*kind = MEMBER_OTHER;
		return own->pass == PASS_FIRST;
	}
	*kind = member_kind(member, own->bundle);
	if (*kind == MEMBER_REPORT)
		return false;
	if (own->bundle)
		return *kind == MEMBER_LOG && kernel_log == (own->pass == PASS_FIRST);
	rotated = part_is_rotated(member, *kind);
	switch (own->pass) {
	case PASS_FIRST:
		return *kind != MEMBER_OTHER && (!rotated || own->cannot_keep.code == ERR_NONE);
	case PASS_ROTATED:
		return rotated;
	default:
		return *kind == MEMBER_OTHER;
	}
}

/* Nothing was found: because nothing is in it, or because it is cut before it. */
static int archive_over(struct archive_source *own, struct err *err)
{
	own->pass = PASS_END;
	if (!own->given && own->parts.why.code != ERR_NONE) {
		*err = own->parts.why;
		return err_wrap(err, "%s", own->path);
	}
	if (own->given || !own->u || !unpack_trouble(own->u)[0])
		return 0;
	(void)err_set(err, ERR_FORMAT, "%s: %s", own->path, unpack_trouble(own->u));
	return err_hint(err, "ask for it again: nothing can be read of what is left");
}

/* The pass after this one: 1, 0 when there is none, -1. */
static int next_pass(struct source *s, struct archive_source *own, struct err *err)
{
	bool kept = own->cannot_keep.code == ERR_NONE;

	own->pass += own->bundle && own->pass == PASS_FIRST ? 2 : 1;
	if (own->pass == PASS_END || (own->pass == PASS_OTHERS && !own->bundle && own->given))
		return archive_over(own, err);
	if (own->pass == PASS_ROTATED && kept) {
		parts_group(&own->parts, &s->log);
		return 1;
	}
	return rewind_archive(s, own, err) ? -1 : 1;
}

/* 1 when the member is the log to read now. */
static int take_member(struct source *s, struct archive_source *own, const char *member,
		       enum member_kind kind)
{
	struct err lost = {0};
	struct stream *in;

	arena_reset(&s->log);
	in = unpack_member(own->u, &s->log, &lost);
	if (own->pass == PASS_FIRST && !own->bundle && !own->all && in &&
	    part_is_rotated(member, kind)) {
		if (parts_keep(&own->parts, member, kind, in, &s->log, &own->cannot_keep) != 0)
			parts_close(&own->parts);
		return 0;
	}
	if (!container_take(s, in, own->path, member, kind, own->bundle))
		return 0;
	if (own->pass == PASS_ROTATED)
		source_note(&s->info, "read alone, not with its other files, which cannot be kept: %s",
			    own->cannot_keep.text);
	return 1;
}

static int archive_next(struct source *s, struct err *err)
{
	struct archive_source *own = s->own;
	char member[MEMBER_NAME];

	while (own->pass < PASS_END) {
		bool kept = own->pass == PASS_ROTATED && own->cannot_keep.code == ERR_NONE;
		enum member_kind kind;
		int rc;

		if (kept && parts_next(&own->parts, s, own->path)) {
			own->given++;
			return 1;
		}
		rc = kept || !own->u ? 0 : unpack_next(own->u, member, err);
		if (rc == 0)
			rc = next_pass(s, own, err);
		else if (rc > 0 && wanted_now(own, member, &kind) &&
			 take_member(s, own, member, kind)) {
			own->given++;
			return 1;
		}
		if (rc <= 0)
			return rc;
	}
	return 0;
}

static int archive_first(struct source *s, struct err *err)
{
	return rewind_archive(s, s->own, err) ? -1 : archive_next(s, err);
}

static void archive_ended(struct source *s)
{
	struct archive_source *own = s->own;

	if (own->u && unpack_trouble(own->u)[0])
		source_note(&s->info, "%s", unpack_trouble(own->u));
}

static void archive_close(struct source *s)
{
	struct archive_source *own = s->own;

	unpack_close(own->u);
	parts_close(&own->parts);
	if (own->fd > STDIN_FILENO)
		fd_close(&own->fd);
}

/* From where the archive stands: 1 and own->u is at report.json, 0, -1. */
static int find_report(struct archive_source *own, struct err *err)
{
	char member[MEMBER_NAME];
	int rc;

	while ((rc = unpack_next(own->u, member, err)) > 0)
		if (member_kind(member, true) == MEMBER_REPORT)
			break;
	return rc;
}

/* Our bundles are sorted: MANIFEST.json, by which a bundle is known, stands before report.json,
 * so that mostly one pass over half of the archive does. */
static int archive_report(struct source *s, struct buf *out, struct err *err)
{
	struct archive_source *own = s->own;
	char block[16384];
	struct stream *in;
	ssize_t got = 0;
	int rc;

	if (!own->bundle)
		return 0;
	rc = own->u ? find_report(own, err) : 0;
	if (rc == 0)
		rc = rewind_archive(s, own, err) ? -1 : find_report(own, err);
	if (rc <= 0)
		return rc;
	in = unpack_member(own->u, &s->arena, err);
	while (in && !out->failed && (got = stream_read(in, block, sizeof(block), err)) > 0)
		buf_add(out, (struct str){block, (size_t)got});
	return !in || got < 0 || buf_ok(out, "report.json", err) ? -1 : 1;
}

/* ---- pipes: what is read is kept until it is known whether it must be read again ---- */

struct tee {
	struct stream *below;
	int fd; /* a file without a name; -1: no longer */
	uint64_t kept;
};

static int keep(struct tee *t, const char *p, size_t n, struct err *err)
{
	t->kept += n;
	if (t->kept > SPOOL_MAX)
		err_set(err, ERR_LIMIT, "standard input: the archive is too large to keep");
	else if (fd_write_all(t->fd, (struct str){p, n}) == 0)
		return 0;
	else
		err_sys(err, errno, "standard input: the archive cannot be kept in /var/tmp");
	return err_hint(err, "give it as a file");
}

static ssize_t tee_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct tee *t = in->own;
	ssize_t got = stream_read(t->below, p, n, err);

	if (got > 0 && t->fd >= 0 && keep(t, p, (size_t)got, err))
		return -1;
	return got;
}

static void tee_close(struct stream *in)
{
	struct tee *t = in->own;

	fd_close(&t->fd);
	stream_close(t->below);
}

static struct stream *tee_open(struct source *s, struct stream *below, struct err *err)
{
	struct stream *in = stream_new(&s->arena, err);
	struct tee *t = arena_take(&s->arena, sizeof(*t));

	if (!in || !t) {
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	t->fd = scratch_file();
	if (t->fd < 0) {
		err_sys(err, errno, "cannot make a temporary file in /var/tmp");
		return NULL;
	}
	t->below = below;
	in->own = t;
	in->read = tee_read;
	in->close = tee_close;
	return in;
}

/* Reads the pipe to its end; the copy's descriptor. */
static int tee_rest(struct stream *in, struct err *err)
{
	struct tee *t = in->own;
	char block[32768];
	ssize_t got;

	while ((got = stream_read(in, block, sizeof(block), err)) > 0)
		;
	return got < 0 ? -1 : fcntl(t->fd, F_DUPFD_CLOEXEC, 3);
}

/* It is one compressed file: a stream, nothing is kept. */
static void tee_stop(struct stream *in)
{
	struct tee *t = in->own;

	fd_close(&t->fd);
}

/* A single compressed file: nothing to look for. */
static int single_start(struct source *s, struct archive_source *own, const char *path,
			struct err *err)
{
	struct str head;

	s->next = NULL;
	s->saved_report = NULL;
	s->in = unpack_member(own->u, &s->arena, err);
	if (!s->in || stream_peek(s->in, &head, err))
		return -1;
	if (format_of(head) == FORMAT_EXPORT && s->info.kind == SOURCE_FILE)
		s->info.kind = SOURCE_JOURNAL;
	if (format_of(head) == FORMAT_EXPORT)
		return oldest_first(&s->in, &s->arena, &s->info, err);
	if (format_of(head) == FORMAT_FOREIGN)
		return foreign_error(head, path, err);
	if (format_of(head) == FORMAT_REPORT)
		document_take(s);
	if (format_of(head) == FORMAT_JOURNAL) {
		if (s->info.kind == SOURCE_FILE)
			s->info.kind = SOURCE_JOURNAL;
		s->in = journal_spooled(&s->arena, s->in, path, &s->info, err);
		return s->in ? 0 : -1;
	}
	return format_of(head) == FORMAT_PLAIN ? text_open(&s->in, &s->arena, &s->info, err) : 0;
}

static bool holds_manifest(struct archive_source *own, char member[MEMBER_NAME], int rc)
{
	struct err ignored = {0};

	for (int i = 0; rc > 0 && i < LOOK_AHEAD; i++) {
		if (member_says_bundle(member))
			return true;
		rc = unpack_next(own->u, member, &ignored);
	}
	return false;
}

/* A bundle's first log is looked for when it is asked for: mostly only its report is. */
int no_log_inside(const char *path, struct err *err)
{
	err_set(err, ERR_FORMAT, "%s: no log inside", path);
	return err_hint(err, "name the kernel log itself");
}

static int archive_logs(struct source *s, struct archive_source *own, struct err *err)
{
	int rc;

	if (own->bundle)
		return 0;
	if (rewind_archive(s, own, err))
		return -1;
	rc = archive_next(s, err);
	if (rc == 0)
		return no_log_inside(own->path, err);
	return rc < 0 ? -1 : 0;
}

int archive_start(struct source *s, int fd, const char *path, struct err *err)
{
	struct archive_source *own = arena_take(&s->arena, sizeof(*own));
	struct stream *in = s->in, *tee = NULL;
	char member[MEMBER_NAME];
	int rc;

	s->in = NULL;
	if (!own) {
		stream_close(in);
		return err_set(err, ERR_NOMEM, "no memory to unpack %s", path);
	}
	own->fd = -1;
	own->all = s->all_members;
	own->parts = (struct parts)PARTS_OF(&s->arena, NULL);
	snprintf(own->path, sizeof(own->path), "%s", path);
	s->own = own;
	s->close = archive_close;
	s->ended = archive_ended;
	s->next = archive_next;
	s->saved_report = archive_report;
	if (lseek(fd, 0, SEEK_CUR) < 0) {
		in = tee = tee_open(s, in, err);
	} else {
		own->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
	if (!in || unpack_open(&own->u, &s->arena, in, path, err))
		return -1;
	rc = unpack_next(own->u, member, err);
	if (rc < 0)
		return -1;
	if (rc > 0 && !unpack_is_archive(own->u)) {
		if (tee)
			tee_stop(tee);
		return single_start(s, own, path, err);
	}
	own->bundle = !own->all && holds_manifest(own, member, rc);
	if (own->bundle) {
		s->info.kind = SOURCE_BUNDLE;
		s->first = archive_first;
	}
	if (tee) {
		own->fd = tee_rest(tee, err);
		unpack_close(own->u); /* its bytes were eaten; the copy is read from now on */
		own->u = NULL;
	}
	return own->fd < 0 ? -1 : archive_logs(s, own, err);
}
