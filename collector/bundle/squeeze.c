/* SPDX-License-Identifier: MIT */
/* squeeze.c - one run of bytes to one compressed frame, through libarchive's filters.
 *
 * Levels are chosen for memory, not for size: this runs where memory has just run out. zstd 1
 * keeps a window of 512 KiB (about 1 MiB in all), gzip 6 needs 256 KiB, xz 0 about 3 MiB.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "bundle/parts.h"

static const struct {
	int (*add)(struct archive *);
	const char *module, *level;
} filters[] = {
	[BUNDLE_TAR_ZST] = {archive_write_add_filter_zstd, "zstd", "1"},
	[BUNDLE_TAR_GZ] = {archive_write_add_filter_gzip, "gzip", "6"},
	[BUNDLE_TAR_XZ] = {archive_write_add_filter_xz, "xz", "0"},
};

struct squeeze {
	struct archive *a;
	struct sink out;
	struct err err; /* of the sink */
};

static ssize_t on_bytes(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct squeeze *s = ctx;

	if (s->out.write(s->out.ctx, (struct str){p, n}, &s->err) == 0)
		return (ssize_t)n;
	archive_set_error(a, EIO, "refused");
	return -1;
}

static int failed(struct squeeze *s, struct err *err)
{
	if (s->err.code != ERR_NONE) {
		if (err && err->code == ERR_NONE)
			*err = s->err;
		return -1;
	}
	return err_set(err, archive_errno(s->a) == ENOMEM ? ERR_NOMEM : ERR_IO,
		       "compressing: %s",
		       archive_error_string(s->a) ? archive_error_string(s->a) : "no memory");
}

static int set_up(struct squeeze *s, enum bundle_format format)
{
	struct archive_entry *entry = archive_entry_new();
	struct archive *a = s->a;
	int rc = -1;

	if (!entry)
		return -1;
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "data");
	if (archive_write_set_format_raw(a) == ARCHIVE_OK &&
	    filters[format].add(a) == ARCHIVE_OK &&
	    archive_write_set_filter_option(a, filters[format].module, "compression-level",
					    filters[format].level) == ARCHIVE_OK &&
	    (format != BUNDLE_TAR_GZ || /* no time of its own: reproducible */
	     archive_write_set_filter_option(a, "gzip", "timestamp", NULL) == ARCHIVE_OK) &&
	    archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
	    archive_write_open2(a, s, NULL, on_bytes, NULL, NULL) == ARCHIVE_OK &&
	    archive_write_header(a, entry) == ARCHIVE_OK)
		rc = 0;
	archive_entry_free(entry);
	return rc;
}

int squeeze_begin(struct squeeze **ret, enum bundle_format format, struct sink out,
		  struct err *err)
{
	struct squeeze *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(err, ERR_NOMEM, "compressing: no memory");
	s->out = out;
	s->a = archive_write_new();
	if (!s->a || set_up(s, format) != 0) {
		(void)(s->a ? failed(s, err) : err_set(err, ERR_NOMEM, "no memory"));
		squeeze_drop(&s);
		return -1;
	}
	*ret = s;
	return 0;
}

int squeeze_data(struct squeeze *s, struct str bytes, struct err *err)
{
	if (bytes.n == 0 || archive_write_data(s->a, bytes.p, bytes.n) == (ssize_t)bytes.n)
		return 0;
	return failed(s, err);
}

int squeeze_end(struct squeeze **s, struct err *err)
{
	int rc = 0;

	if (archive_write_close((*s)->a) != ARCHIVE_OK)
		rc = failed(*s, err);
	squeeze_drop(s);
	return rc;
}

void squeeze_drop(struct squeeze **s)
{
	if (*s && (*s)->a) {
		archive_write_fail((*s)->a); /* nothing is to be flushed any more */
		archive_write_free((*s)->a);
	}
	free(*s);
	*s = NULL;
}
