/* SPDX-License-Identifier: MIT */
/* lz.c - a small LZ77 for key frames: greedy, one hash table, the layout of an LZ4 block. */
#include "vmlog/codec.h"

enum { HASH_BITS = 12, MATCH_MIN = 4, DISTANCE_MAX = 65535, TAIL = 8 };

static uint32_t read32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void out_length(struct out *o, size_t n)
{
	for (; n >= 255; n -= 255)
		out_byte(o, 255);
	out_byte(o, (unsigned)n);
}

/* match = 0: the last sequence, literals only. */
static void out_sequence(struct out *o, struct str literals, size_t distance, size_t match)
{
	size_t m = match ? match - MATCH_MIN : 0;

	out_byte(o, (unsigned)((literals.n < 15 ? literals.n : 15) << 4 | (m < 15 ? m : 15)));
	if (literals.n >= 15)
		out_length(o, literals.n - 15);
	out_bytes(o, literals);
	if (match == 0)
		return;
	out_byte(o, distance & 255);
	out_byte(o, (unsigned)(distance >> 8));
	if (m >= 15)
		out_length(o, m - 15);
}

size_t lz_pack(struct lz *lz, struct str in, uint8_t *out, size_t room)
{
	struct out o = {out, 0, room, false, NULL};
	size_t at = 0, from = 0;

	_Static_assert(ARRAY_COUNT(lz->seen) == 1 << HASH_BITS, "a slot for every hash");
	memset(lz, 0, sizeof(*lz));
	while (in.n >= TAIL && at <= in.n - TAIL && !o.full) {
		uint32_t word = read32(in.p + at);
		uint32_t *slot = &lz->seen[word * 2654435761u >> (32 - HASH_BITS)];
		size_t before = *slot, n;

		*slot = (uint32_t)at + 1;
		if (before-- == 0 || at - before > DISTANCE_MAX || read32(in.p + before) != word) {
			at++;
			continue;
		}
		for (n = MATCH_MIN; at + n < in.n && in.p[at + n] == in.p[before + n];)
			n++;
		out_sequence(&o, str_sub(in, from, at - from), at - before, n);
		at += n;
		from = at;
	}
	out_sequence(&o, str_from(in, from), 0, 0);
	return o.full ? 0 : o.n;
}

static bool take_length(struct str *in, size_t nibble, size_t *ret)
{
	size_t n = nibble;

	if (nibble == 15) {
		uint8_t byte;

		do {
			if (in->n == 0)
				return false;
			byte = (uint8_t)in->p[0];
			*in = str_from(*in, 1);
			n += byte;
		} while (byte == 255);
	}
	*ret = n;
	return true;
}

static bool copy_match(struct buf *out, size_t start, size_t distance, size_t n)
{
	if (distance == 0 || distance > out->n - start || !buf_reserve(out, n))
		return false;
	/* byte by byte: the source may overlap what is being written */
	for (; n; n--, out->n++)
		out->p[out->n] = out->p[out->n - distance];
	return true;
}

bool lz_unpack(struct str in, size_t n, struct buf *out)
{
	size_t start = out->n;

	while (in.n) {
		uint8_t token = (uint8_t)in.p[0];
		size_t literals, match, distance;

		in = str_from(in, 1);
		if (!take_length(&in, token >> 4, &literals) || literals > in.n ||
		    literals > n - (out->n - start) || !buf_add(out, str_sub(in, 0, literals)))
			return false;
		in = str_from(in, literals);
		if (in.n == 0)
			break;
		if (in.n < 2)
			return false;
		distance = (size_t)(uint8_t)in.p[0] | (size_t)(uint8_t)in.p[1] << 8;
		in = str_from(in, 2);
		if (!take_length(&in, token & 15, &match) ||
		    match + MATCH_MIN > n - (out->n - start) ||
		    !copy_match(out, start, distance, match + MATCH_MIN))
			return false;
	}
	return out->n - start == n;
}
