/* SPDX-License-Identifier: MIT */
/* fuzz_wrapped.c - behind the checksums: the first byte says how the rest is packed (compressed
 * once or twice, in a tar, a tar in a tar, zip), as a fuzzer cannot do itself.
 *
 * Laws: text comes out of every packing as it went in; the decoders hold less than their
 * ceiling, whatever the ratio. */
#include <archive.h>
#include <archive_entry.h>

#include "fuzz/laws.h"
#include "source/input.h"

/* HEAP_LARGEST: a .lzma file's head may ask for a dictionary of 128 MiB (libarchive believes no
 * more, and what is not written to is no memory), and what holds that file has one as well. */
enum { PACKED_LARGEST = 8 << 20, READ_LARGEST = 16 << 20, HEAP_LARGEST = 192 << 20 };

static const struct packing {
	int outer, format; /* archive.h's codes; 0: none */
	int inner;
} packings[] = {
	{ARCHIVE_FILTER_GZIP, 0, 0},
	{ARCHIVE_FILTER_XZ, 0, 0},
	{ARCHIVE_FILTER_ZSTD, 0, 0},
	{ARCHIVE_FILTER_BZIP2, 0, 0},
	{ARCHIVE_FILTER_GZIP, 0, ARCHIVE_FILTER_XZ},
	{ARCHIVE_FILTER_ZSTD, 0, ARCHIVE_FILTER_GZIP},
	{ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_TAR_USTAR, 0},
	{ARCHIVE_FILTER_XZ, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, 0},
	{ARCHIVE_FILTER_ZSTD, ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_GZIP},
	{ARCHIVE_FILTER_NONE, ARCHIVE_FORMAT_ZIP, 0},
	{ARCHIVE_FILTER_LZMA, 0, 0},
	{ARCHIVE_FILTER_COMPRESS, 0, 0},
};

/* One file called messages, or (format 0) only its bytes. Packed at the lowest levels: xz's usual
 * one takes 94 MiB to clear for every execution. */
static void pack(struct str bytes, int filter, int format, struct buf *out)
{
	static char room[PACKED_LARGEST];
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	law(a && e);
	law(archive_write_add_filter(a, filter) == ARCHIVE_OK);
	(void)archive_write_set_filter_option(a, NULL, "compression-level", "1"); /* not all have it */
	law(archive_write_set_format(a, format ? format : ARCHIVE_FORMAT_RAW) == ARCHIVE_OK);
	law(archive_write_open_memory(a, room, PACKED_LARGEST, &used) == ARCHIVE_OK);
	archive_entry_set_pathname(e, "sosreport-x/var/log/messages");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)bytes.n);
	law(archive_write_header(a, e) == ARCHIVE_OK);
	law(archive_write_data(a, bytes.p, bytes.n) == (la_ssize_t)bytes.n);
	archive_entry_free(e);
	law(archive_write_close(a) == ARCHIVE_OK && archive_write_free(a) == ARCHIVE_OK);
	buf_clear(out);
	law(buf_add(out, (struct str){room, used}));
}

/* Everything that comes out, one log after the other; false when it could not be read. */
static bool read_all(struct str bytes, struct buf *out)
{
	CLEANUP_SOURCE struct source *s = NULL;
	struct err err = {.code = ERR_NONE};
	char path[MEMORY_PATH];
	int fd = memory_file(bytes, path), rc;
	long long mark = heap_mark();
	struct str window;

	rc = source_open_file(&s, path, &err);
	law(rc == 0 || err.code != ERR_NONE);
	while (rc == 0) {
		while ((rc = source_window(s, &window, &err)) > 0) {
			if (!buf_add(out, window))
				break;
		}
		if (rc != 0 || source_next(s, &err) <= 0)
			break;
	}
	law(heap_peak(mark) < HEAP_LARGEST);
	close(fd);
	return rc == 0;
}

static bool is_plain_text(struct str s)
{
	return format_of(s) == FORMAT_PLAIN && s.n > 0 && is_printable(s, "\n\t") &&
	       !str_starts(s, STR("PK00")) && /* so begins a part of a zip: libarchive */
	       str_find(s, STR("__")) == SIZE_MAX &&
	       str_find(s, STR("#==")) == SIZE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf once = BUF_INIT(PACKED_LARGEST), twice = BUF_INIT(PACKED_LARGEST);
	CLEANUP_BUF struct buf plain = BUF_INIT(READ_LARGEST), out = BUF_INIT(READ_LARGEST);
	struct str bytes = {(const char *)data + 1, size - 1};
	const struct packing *p;
	bool readable;

	if (size < 2 || size > PACKED_LARGEST / 4 ||
	    (size > 9 && memcmp(data + 1, "LPKSHHRH", 8) == 0))
		return 0;
	p = &packings[data[0] % ARRAY_COUNT(packings)];
	if (p->inner)
		pack(bytes, p->inner, 0, &once);
	else
		law(buf_add(&once, bytes));
	pack(buf_str(&once), p->outer, p->format, &twice);
	readable = read_all(buf_str(&twice), &out);
	if (is_plain_text(bytes)) {
		law(readable && read_all(bytes, &plain));
		law(str_eq(buf_str(&plain), buf_str(&out)));
	}
	return 0;
}
