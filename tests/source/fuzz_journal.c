/* SPDX-License-Identifier: MIT */
/* fuzz_journal.c - any bytes as a journal export stream, and as a supportconfig file: the text
 * is the same whatever the pieces it is read in. */
#include <stdlib.h>

#include "source/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_in(struct buf *out, struct stream *in, size_t piece)
{
	char block[4096];
	struct err err = {0};
	ssize_t got;

	if (!in)
		abort();
	while ((got = stream_read(in, block, piece, &err)) > 0)
		buf_add(out, (struct str){block, (size_t)got});
	stream_close(in);
}

static void compare(struct str bytes, int how)
{
	static const struct head_of ring = {5000000, STR_INIT("x")};
	CLEANUP_BUF struct buf whole = BUF_INIT(4 << 20), pieces = BUF_INIT(4 << 20);
	CLEANUP_ARENA struct arena a = ARENA_INIT(4 << 20);
	struct err err = {0};

	for (int i = 0; i < 2; i++) {
		struct stream *below = stream_from_str(&a, bytes, &err);
		struct stream *in = how == 2 ? sections_open(&a, below, &err)
					     : export_text(&a, below, how ? &ring : NULL,
						       bytes.n % 2, &err);

		read_in(i ? &pieces : &whole, in, i ? 1 + bytes.n % 7 : 4096);
	}
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	for (int how = 0; how < 3; how++)
		compare(bytes, how);
	return 0;
}
