/* SPDX-License-Identifier: MIT */
/* fuzz_journal_file.c - any bytes as a .journal file of systemd: read to the end, which comes, alone
 * and beside its own first half. The text is the same whatever the pieces it is read in. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_to_end(struct buf *out, struct stream *in, size_t piece, struct err *err)
{
	char block[4096];
	ssize_t got;

	if (!in) {
		if (!err->text[0])
			abort(); /* a failure says why */
		return;
	}
	while ((got = stream_read(in, block, piece, err)) > 0)
		buf_add(out, (struct str){block, (size_t)got});
	stream_close(in);
}

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

static void read_in(struct buf *out, const uint8_t *data, size_t size, size_t piece)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(64 << 20);
	struct source_info info = {0};
	struct err err = {0};

	read_to_end(out, journal_file_open(&a, file_of(data, size), "fuzz", &info, &err), piece, &err);
}

static void read_beside_half(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(64 << 20);
	CLEANUP_BUF struct buf out = BUF_INIT(8 << 20);
	CLEANUP_FD int fd = file_of(data, size);
	const struct journal_part parts[] = {{"half", {fd, 0, size / 2}, true},
					     {"whole", {fd, 0, size}, true}};
	struct source_info info = {0};
	struct err err = {0};

	read_to_end(&out, journals_open(&a, parts, 2, size % 3 ? ANY_BOOT : 0, &info, &err), 4096, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf whole = BUF_INIT(8 << 20), pieces = BUF_INIT(8 << 20);

	read_in(&whole, data, size, 4096);
	read_in(&pieces, data, size, 1 + size % 7);
	if (!whole.failed && !pieces.failed && !str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
	read_beside_half(data, size);
	return 0;
}
