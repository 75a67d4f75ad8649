/* SPDX-License-Identifier: MIT */
/* journal_unpack.c - compressed values of a .journal file. LZ4 is a block without a frame, which
 * libarchive does not read; xz and zst are whole streams. */
#include "source/journal_file.h"

enum { UNPACK_ROOM = 32 << 20 };

/* A length of LZ4 that goes on in bytes of 255. */
static bool take_more(struct str *in, size_t *n, size_t room)
{
	unsigned char byte = 255;

	while (byte == 255 && in->n && *n <= room) {
		byte = (unsigned char)in->p[0];
		*in = str_from(*in, 1);
		*n += byte;
	}
	return byte != 255 && *n <= room;
}

size_t journal_unpack_lz4(struct str in, char *to, size_t room)
{
	size_t out = 0;

	while (in.n) {
		unsigned char token = (unsigned char)in.p[0];
		size_t literals = token >> 4, match = token & 15, back;

		in = str_from(in, 1);
		if ((literals == 15 && !take_more(&in, &literals, room)) || literals > in.n ||
		    literals > room - out)
			break;
		memcpy(to + out, in.p, literals);
		out += literals;
		in = str_from(in, literals);
		if (in.n < 2)
			break;
		back = (unsigned char)in.p[0] | (size_t)(unsigned char)in.p[1] << 8;
		in = str_from(in, 2);
		if ((match == 15 && !take_more(&in, &match, room)) || back == 0 || back > out ||
		    match + 4 > room - out)
			break;
		for (match += 4; match; match--, out++)
			to[out] = to[out - back];
	}
	return out;
}

size_t journal_unpack_stream(struct str in, char *to, size_t room)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(UNPACK_ROOM);
	struct err ignored = {0};
	struct stream *below = stream_from_str(&a, in, &ignored), *text;
	char name[MEMBER_NAME];
	struct unpack *u = NULL;
	size_t out = 0;

	if (!below || unpack_open(&u, &a, below, "a value", &ignored))
		return 0;
	text = unpack_next(u, name, &ignored) > 0 ? unpack_member(u, &a, &ignored) : NULL;
	while (text && out < room) {
		ssize_t got = stream_read(text, to + out, room - out, &ignored);

		if (got <= 0)
			break;
		out += (size_t)got;
	}
	unpack_close(u);
	return out;
}
