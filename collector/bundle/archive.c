/* SPDX-License-Identifier: MIT */
/* archive.c - the spool put together: sorted tar entries, small files compressed here, large
 * ones spliced in as the frames they already are. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bundle/parts.h"

struct writer {
	struct bundle *b;
	struct squeeze *stream; /* open frame of headers and small files */
	struct sha256 sum;	/* of the archive's bytes */
	uint64_t size;
	/* what of the spool is in the bundle's hold: small files of one folder mostly follow one
	 * another there, too */
	uint64_t from;
	size_t n;
};

int unnamed_file(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char name[4096];

	if (fd >= 0)
		return fd;
	if ((size_t)snprintf(name, sizeof(name), "%s/.oomreport-XXXXXX.tmp", dir) >= sizeof(name))
		return -1;
	fd = mkostemps(name, 4, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

static int put(void *ctx, struct str bytes, struct err *err)
{
	struct writer *w = ctx;

	sha256_add(&w->sum, bytes);
	if (sink_fd(&w->b->out).write(sink_fd(&w->b->out).ctx, bytes, err) != 0)
		return -1;
	w->size += bytes.n;
	file_write_behind(w->b->out, w->size, bytes.n);
	return 0;
}

static int stream(struct writer *w, struct str bytes, struct err *err)
{
	if (!w->stream &&
	    squeeze_begin(&w->stream, w->b->o.format, (struct sink){put, w}, err) != 0)
		return -1;
	return squeeze_data(w->stream, bytes, err);
}

static int end_stream(struct writer *w, struct err *err)
{
	return w->stream ? squeeze_end(&w->stream, err) : 0;
}

static int header(struct writer *w, struct str below, uint64_t size, struct err *err)
{
	char block[TAR_HEAD_ROOM], path[PATH_ROOM + 300];
	int n = snprintf(path, sizeof(path), "%s/%.*s", w->b->top, STR_ARG(below));

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, ERR_LIMIT, "%.80s...: the path is too long", path);
	return stream(w, (struct str){block, tar_header(block, (struct str){path, (size_t)n}, size,
							w->b->o.now_us / 1000000)}, err);
}

/* Some bytes of the spool from `at` on, at most n. */
static int spooled(struct writer *w, uint64_t at, uint64_t n, struct str *ret, struct err *err)
{
	enum { AHEAD = 16 * 1024 };

	while (at < w->from || at >= w->from + w->n) {
		ssize_t got = pread(w->b->spool, w->b->hold, AHEAD, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_sys(err, got < 0 ? errno : EIO, "reading the spool");
		w->from = at;
		w->n = (size_t)got;
	}
	*ret = str_sub((struct str){w->b->hold, w->n}, (size_t)(at - w->from),
		       n < w->n ? (size_t)n : w->n);
	return 0;
}

/* Spooled bytes, to the open frame or (compressed already) straight to the archive. */
static int copy(struct writer *w, const struct item *it, struct err *err)
{
	for (uint64_t done = 0; done < it->spool_n;) {
		struct str bytes;

		if (spooled(w, it->spool_at + done, it->spool_n - done, &bytes, err) != 0 ||
		    (it->squeezed ? put(w, bytes, err) : stream(w, bytes, err)) != 0)
			return -1;
		done += bytes.n;
	}
	return 0;
}

static int one_item(struct writer *w, const struct item *it, struct err *err)
{
	if (header(w, it->path, it->size, err) != 0)
		return -1;
	if (it->squeezed && end_stream(w, err) != 0)
		return -1;
	if (copy(w, it, err) != 0)
		return -1;
	return stream(w, tar_padding(it->size), err);
}

/* The folders of `path` that the file before it did not have. */
static int folders(struct writer *w, struct str before, struct str path, struct err *err)
{
	size_t same = 0;

	while (same < before.n && same < path.n && before.p[same] == path.p[same])
		same++;
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '/' && i >= same && header(w, str_sub(path, 0, i + 1), 0, err) != 0)
			return -1;
	}
	return 0;
}

static int write_all(struct writer *w, struct err *err)
{
	static const char end[2 * TAR_BLOCK];
	unsigned char sum[SHA256_SIZE];
	char trailer[TRAILER_MAX];
	struct str before = STR("");
	struct sha256 copy_of_sum;
	size_t n;

	if (header(w, STR(""), 0, err) != 0)
		return -1;
	for (size_t i = 0; i < w->b->n; i++) {
		const struct item *it = w->b->items[i];

		if (it->absent)
			continue;
		if (folders(w, before, it->path, err) != 0 || one_item(w, it, err) != 0)
			return -1;
		before = it->path;
	}
	if (stream(w, (struct str){end, sizeof(end)}, err) != 0 || end_stream(w, err) != 0)
		return -1;
	copy_of_sum = w->sum;
	sha256_end(&copy_of_sum, sum);
	n = trailer_make(w->b->o.format, sum, trailer);
	return put(w, (struct str){trailer, n}, err);
}

static int write_out(struct bundle *b, uint64_t *ret_size, struct err *err)
{
	struct writer w = {.b = b};
	int rc;

	if (lseek(b->out, 0, SEEK_SET) != 0)
		return err_sys(err, errno, "%s", b->o.path);
	sha256_start(&w.sum);
	rc = write_all(&w, err);
	squeeze_drop(&w.stream);
	*ret_size = w.size;
	/* an earlier try was longer; and what room was kept is given back */
	if (rc == 0 && ftruncate(b->out, (off_t)w.size) != 0)
		rc = err_sys(err, errno, "%s", b->o.path);
	return rc;
}

int archive_finish(struct bundle *b, bool partial, struct err *err)
{
	uint64_t size = 0;

	for (;;) {
		if (bundle_seal(b, partial, err) != 0 || bundle_flush(b, err) != 0 ||
		    write_out(b, &size, err) != 0)
			return -1;
		if (b->o.max_bytes == 0 || size <= b->o.max_bytes)
			return 0;
		if (!bundle_shrink(b, size - b->o.max_bytes)) {
			(void)err_set(err, ERR_LIMIT,
				      "what must be kept needs %llu bytes, more than --max-size",
				      (unsigned long long)size);
			return err_hint(err, "give a larger --max-size");
		}
	}
}
