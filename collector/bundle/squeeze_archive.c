/* SPDX-License-Identifier: MIT */
/* squeeze_archive.c - gzip and xz, through libarchive's filters. gzip 6 needs 256 KiB, xz 0 about
 * 3 MiB. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "bundle/parts.h"

static const struct {
	int (*add)(struct archive *);
	const char *module, *level;
} filters[] = {
	[BUNDLE_TAR_GZ] = {archive_write_add_filter_gzip, "gzip", "6"},
	[BUNDLE_TAR_XZ] = {archive_write_add_filter_xz, "xz", "0"},
};

struct filter {
	struct archive *a;
	struct sink out;
	struct err err; /* of the sink */
};

static ssize_t on_bytes(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct filter *f = ctx;

	if (f->out.write(f->out.ctx, (struct str){p, n}, &f->err) == 0)
		return (ssize_t)n;
	archive_set_error(a, EIO, "refused");
	return -1;
}

static int failed(struct filter *f, struct err *err)
{
	if (f->err.code != ERR_NONE) {
		if (err && err->code == ERR_NONE)
			*err = f->err;
		return -1;
	}
	return err_set(err, archive_errno(f->a) == ENOMEM ? ERR_NOMEM : ERR_IO,
		       "compressing: %s",
		       archive_error_string(f->a) ? archive_error_string(f->a) : "no memory");
}

static int set_up(struct filter *f, enum bundle_format format)
{
	struct archive_entry *entry = archive_entry_new();
	struct archive *a = f->a;
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
	    archive_write_open2(a, f, NULL, on_bytes, NULL, NULL) == ARCHIVE_OK &&
	    archive_write_header(a, entry) == ARCHIVE_OK)
		rc = 0;
	archive_entry_free(entry);
	return rc;
}

static void drop(void *squeezer)
{
	struct filter *f = squeezer;

	if (f->a) {
		archive_write_fail(f->a); /* nothing is to be flushed any more */
		archive_write_free(f->a);
	}
	free(f);
}

static int begin(void **ret, enum bundle_format format, struct sink out, struct err *err)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return err_set(err, ERR_NOMEM, "compressing: no memory");
	f->out = out;
	f->a = archive_write_new();
	if (!f->a || set_up(f, format) != 0) {
		(void)(f->a ? failed(f, err) : err_set(err, ERR_NOMEM, "no memory"));
		drop(f);
		return -1;
	}
	*ret = f;
	return 0;
}

static int data(void *squeezer, struct str bytes, struct err *err)
{
	struct filter *f = squeezer;

	return archive_write_data(f->a, bytes.p, bytes.n) == (ssize_t)bytes.n ? 0 : failed(f, err);
}

static int end(void *squeezer, struct err *err)
{
	struct filter *f = squeezer;

	return archive_write_close(f->a) == ARCHIVE_OK ? 0 : failed(f, err);
}

const struct squeezer squeezer_archive = {begin, data, end, drop};
