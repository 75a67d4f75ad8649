/* SPDX-License-Identifier: MIT */
/* walk.c - every entry of an archive, with bounds, nothing written to disk. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#include "bundle/parts.h"

/* A quick sum of any number of bytes, however they are cut: one changed word always shows. What
 * is meant to be safe from people is SHA-256; two more of those would double what verify takes. */
struct print {
	uint64_t sum, bytes;
	unsigned char word[8]; /* bytes % 8 of them are waiting */
};

static void print_word(struct print *p, const void *word)
{
	uint64_t w;

	memcpy(&w, word, sizeof(w));
	p->sum = (p->sum ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	p->sum ^= p->sum >> 29;
}

static void print_add(struct print *p, struct str bytes)
{
	while (bytes.n) {
		size_t at = p->bytes % 8, n = bytes.n < 8 - at ? bytes.n : 8 - at;

		for (; at == 0 && bytes.n >= 8; bytes = str_from(bytes, 8), p->bytes += 8)
			print_word(p, bytes.p);
		if (at == 0)
			n = bytes.n;
		memcpy(p->word + at, bytes.p, n);
		if (at + n == 8)
			print_word(p, p->word);
		p->bytes += n;
		bytes = str_from(bytes, n);
	}
}

static bool print_eq(const struct print *a, const struct print *b)
{
	return a->bytes == b->bytes && a->sum == b->sum &&
	       memcmp(a->word, b->word, a->bytes % 8) == 0;
}

struct reader {
	struct archive *tar;
	struct frames *bytes;
	const struct walker *to;
	struct err why;	/* `bytes` failed */
	uint64_t content;
	struct print found, written; /* what was read, and what collect writes for it */
	bool strange; /* collect writes no such entry */
};

static int damaged(struct reader *r, struct err *err)
{
	if (r->why.code == ERR_NONE)
		return archive_damaged(r->tar, err);
	*err = r->why;
	return -1;
}

static ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
	struct reader *r = ctx;
	struct str bytes = STR("");
	int rc = frames_next(r->bytes, &bytes, &r->why);

	if (rc < 0)
		archive_set_error(a, EIO, "%s", r->why.text);
	else
		print_add(&r->found, bytes);
	*ret = bytes.p;
	return rc < 0 ? -1 : (ssize_t)bytes.n;
}

static int one_content(struct reader *r, struct err *err)
{
	char window[HOLD / 4];
	ssize_t n;

	while ((n = archive_read_data(r->tar, window, sizeof(window))) > 0) {
		struct str bytes = {window, (size_t)n};

		r->content += bytes.n;
		/* a sparse file's holes come from nowhere: there may be exbibytes of them */
		if (r->content > r->bytes->bytes)
			return err_set(err, ERR_LIMIT, "is sparse: not read on");
		print_add(&r->written, bytes);
		if (r->to->data(r->to->ctx, bytes, err) != 0)
			return -1;
	}
	return n < 0 ? damaged(r, err) : r->to->end(r->to->ctx, err);
}

static void written_header(struct reader *r, struct archive_entry *entry, struct str path)
{
	char block[TAR_HEAD_ROOM];

	r->strange |= path.n >= PATH_ROOM + 300; /* as in archive.c */
	if (!r->strange)
		print_add(&r->written,
			  (struct str){block, tar_header(block, path,
							 (uint64_t)archive_entry_size(entry),
							 archive_entry_mtime(entry))});
}

static int one_entry(struct reader *r, struct archive_entry *entry, struct err *err)
{
	const char *path = archive_entry_pathname(entry);
	struct walk_entry e = {
		.path = str_of(path ? path : ""),
		.type = WALK_OTHER,
		.size = archive_entry_size(entry),
		.mode = (unsigned)archive_entry_perm(entry),
		.uid = archive_entry_uid(entry),
		.gid = archive_entry_gid(entry),
	};

	if (archive_entry_filetype(entry) == AE_IFDIR)
		e.type = WALK_DIR;
	else if (archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry))
		e.type = WALK_FILE;
	written_header(r, entry, e.path);
	if (r->to->entry(r->to->ctx, &e, err) != 0)
		return -1;
	if (e.type != WALK_FILE)
		return 0;
	if (one_content(r, err) != 0)
		return -1;
	print_add(&r->written, tar_padding((uint64_t)e.size));
	return 0;
}

static int walk_entries(struct reader *r, struct err *err)
{
	struct archive_entry *entry;
	uint64_t count = 0;
	int rc;

	if (archive_read_support_format_tar(r->tar) != ARCHIVE_OK ||
	    archive_read_open(r->tar, r, NULL, on_read, NULL) != ARCHIVE_OK)
		return damaged(r, err);
	while ((rc = archive_read_next_header(r->tar, &entry)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		if (++count > 2 * FILES_MAX)
			return err_set(err, ERR_LIMIT, "more than %d entries", 2 * FILES_MAX);
		if (one_entry(r, entry, err) != 0)
			return -1;
	}
	return rc == ARCHIVE_EOF ? 0 : damaged(r, err);
}

/* Behind the end, too. Nothing is read on when it cannot be right any more. */
static int compare(struct reader *r, enum walk_state *ret, struct err *err)
{
	static const char end[2 * TAR_BLOCK];
	const struct trailer *file = &r->bytes->file;
	struct print cut = r->written;
	struct str bytes;
	int rc = 1;

	print_add(&r->written, (struct str){end, sizeof(end)});
	while (r->bytes->bytes <= r->written.bytes && (rc = frames_next(r->bytes, &bytes, err)) > 0)
		print_add(&r->found, bytes);
	if (rc < 0)
		return -1;
	if (r->found.bytes >= cut.bytes && r->found.bytes < r->written.bytes)
		print_add(&cut, (struct str){end, r->found.bytes - cut.bytes});
	*ret = WALK_CHANGED;
	if (rc > 0 || r->strange)
		return 0;
	if (print_eq(&r->found, &r->written) && file->state == TRAILER_WHOLE)
		*ret = frames_left(r->bytes) ? WALK_MORE : WALK_WRITTEN;
	else if (print_eq(&r->found, &cut) || file->state == TRAILER_CUT)
		*ret = WALK_CUT;
	return 0;
}

int walk_archive(int fd, const struct walker *to, struct walk_end *ret_end, struct err *err)
{
	struct reader r = {.to = to};
	int rc = frames_open(&r.bytes, fd, ret_end != NULL, err);

	if (rc != 0)
		return -1;
	r.tar = archive_read_new();
	rc = r.tar ? walk_entries(&r, err) : err_set(err, ERR_NOMEM, "no memory");
	if (rc == 0 && ret_end)
		rc = compare(&r, &ret_end->state, err);
	if (ret_end)
		ret_end->at = r.bytes->passed;
	archive_read_free(r.tar);
	frames_close(&r.bytes);
	return rc;
}

/* ---- the finished bundle, shown to whoever wants to inspect it ---- */

struct show {
	struct bundle *b;
	char path[PATH_ROOM + 300];
};

static int show_entry(void *ctx, const struct walk_entry *e, struct err *err)
{
	struct show *s = ctx;
	size_t skip = strlen(s->b->top) + 1;
	struct str below = str_from(e->path, skip);

	if (e->type == WALK_UNREAD)
		return err_set(err, ERR_IO, "%.*s: %s", STR_ARG(below), e->why);
	if (below.n >= sizeof(s->path))
		below.n = sizeof(s->path) - 1;
	memcpy(s->path, below.p, below.n);
	s->path[below.n] = '\0';
	return 0;
}

static int show_data(void *ctx, struct str bytes, struct err *err)
{
	struct show *s = ctx;

	return s->b->o.inspect(s->b->o.inspect_ctx, s->path, bytes, err);
}

static int show_end(void *ctx, struct err *err)
{
	return show_data(ctx, STR(""), err);
}

int bundle_show(struct bundle *b, struct err *err)
{
	struct show s = {.b = b};
	struct walker to = {&s, show_entry, show_data, show_end};

	if (b->o.format == BUNDLE_DIR)
		return walk_tree(b->dir, b->top, &to, err);
	if (lseek(b->out, 0, SEEK_SET) != 0)
		return err_sys(err, errno, "%s", b->o.path);
	return walk_archive(b->out, &to, NULL, err);
}
