/* SPDX-License-Identifier: MIT */
/* frames.c - an archive's bytes out of their frames, in one pass over what may be a pipe. The tar
 * reader is given these; what it passes over is seen here all the same. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "bundle/parts.h"

/* Far above anything a machine's state and logs come to: what unpacks to more is an attack. */
#define TOTAL_MAX (UINT64_C(1) << 36)
#define RATIO_FROM (UINT64_C(1) << 33)
#define RATIO_MAX 1000

bool is_bomb(uint64_t in, uint64_t out)
{
	return out > TOTAL_MAX || (out > RATIO_FROM && in > 0 && out / in > RATIO_MAX);
}

int archive_damaged(struct archive *a, struct err *err)
{
	const char *why = archive_error_string(a);

	/* without a word: there was no memory for one */
	if (!why || archive_errno(a) == ENOMEM)
		return err_set(err, ERR_NOMEM, "%s", why ? why : "no memory");
	return err_set(err, ERR_FORMAT, "damaged: %s", why);
}

/* libarchive has no word for a gzip member that lacks its last bytes, and strange ones for xz. */
static int failed(struct frames *f, struct err *err)
{
	if (f->errnum)
		return err_sys(err, f->errnum, "reading");
	if (f->ended && f->file.state == TRAILER_AHEAD && archive_errno(f->raw) != ENOMEM)
		return err_set(err, ERR_FORMAT, "damaged: the file ends too early");
	return archive_damaged(f->raw, err);
}

static ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
	struct frames *f = ctx;

	f->n -= f->given;
	memmove(f->window, f->window + f->given, f->n);
	for (f->given = 0; f->given == 0 && !f->ended;) {
		ssize_t n = fd_read(f->fd, f->window + f->n, sizeof(f->window) - TRAILER_MAX);

		if (n < 0) {
			archive_set_error(a, f->errnum = errno, "reading");
			return n;
		}
		f->n += (size_t)n;
		f->given = f->sums ? trailer_pass(&f->file, (struct str){f->window, f->n}, n == 0)
				   : f->n;
		f->ended = n == 0 || f->file.state != TRAILER_AHEAD;
	}
	f->passed += f->given;
	*ret = f->window;
	return (ssize_t)f->given;
}

int frames_open(struct frames **ret, int fd, bool sums, struct err *err)
{
	struct frames *f = calloc(1, sizeof(*f));
	struct archive_entry *entry;

	if (!f || !(f->raw = archive_read_new())) {
		free(f);
		return err_set(err, ERR_NOMEM, "no memory");
	}
	f->fd = fd;
	f->sums = sums;
	sha256_start(&f->file.sum);
	if (archive_read_support_format_raw(f->raw) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(f->raw) > ARCHIVE_OK ||
	    archive_read_support_filter_gzip(f->raw) > ARCHIVE_OK ||
	    archive_read_support_filter_xz(f->raw) > ARCHIVE_OK ||
	    archive_read_open(f->raw, f, NULL, on_read, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(f->raw, &entry) != ARCHIVE_OK) {
		(void)failed(f, err);
		frames_close(&f);
		return -1;
	}
	*ret = f;
	return 0;
}

int frames_next(struct frames *f, struct str *ret, struct err *err)
{
	const void *p;
	la_int64_t at;
	size_t n = 0;
	int rc;

	do
		rc = archive_read_data_block(f->raw, &p, &n, &at);
	while (rc == ARCHIVE_OK && n == 0);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK)
		return failed(f, err);
	f->bytes += n;
	if (is_bomb((uint64_t)archive_filter_bytes(f->raw, -1), f->bytes))
		return err_set(err, ERR_LIMIT, "unpacks to far too much: not read on");
	*ret = (struct str){p, n};
	return 1;
}

bool frames_left(struct frames *f)
{
	return f->n - f->given > f->file.n || fd_read(f->fd, f->window, sizeof(f->window)) != 0;
}

void frames_close(struct frames **f)
{
	if (*f)
		archive_read_free((*f)->raw);
	free(*f);
	*f = NULL;
}
