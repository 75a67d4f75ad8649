/* SPDX-License-Identifier: MIT */
/* decode.c - the reverse of codec.c, for bytes that may be anything. */
#include "vmlog/codec.h"

bool take_varint(struct str *in, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < in->n && i < 10; i++) {
		uint8_t byte = (uint8_t)in->p[i];

		if (i == 9 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 127) << (7 * i);
		if (byte < 128) {
			*in = str_from(*in, i + 1);
			*ret = value;
			return true;
		}
	}
	return false;
}

static bool take_byte(struct str *in, uint8_t *ret)
{
	if (in->n == 0)
		return false;
	*ret = (uint8_t)in->p[0];
	*in = str_from(*in, 1);
	return true;
}

struct op {
	bool end;
	uint64_t gap, z, pad;
	bool has_pad;
};

static bool take_op(struct str *in, struct op *ret)
{
	uint8_t byte, low, high;
	struct op op = {0};

	if (!take_byte(in, &byte))
		return false;
	op.gap = byte >> 4;
	op.end = op.gap == 15;
	if (!op.end) {
		uint64_t more = 0;
		unsigned c = byte & 15;

		if (op.gap == 14 && (!take_varint(in, &more) || more > RING_TEXT_MAX))
			return false;
		op.gap += more;
		op.z = c + 1;
		if (c == 12 || c == 13) {
			if (!take_byte(in, &low))
				return false;
			op.z = low + 13u;
		}
		if (c == 13) {
			if (!take_byte(in, &high))
				return false;
			op.z = (low | (uint64_t)high << 8) + 269u;
		}
		if (c >= 14 && !take_varint(in, &op.z))
			return false;
		op.has_pad = c == 15;
		if (op.has_pad && (!take_varint(in, &op.pad) || op.pad > 4096))
			return false;
	}
	*ret = op;
	return true;
}

static uint64_t unzigzag(uint64_t from, uint64_t z)
{
	return z & 1 ? from - (z >> 1) - 1 : from + (z >> 1);
}

static bool put_field(struct buf *out, const struct field *old, const struct op *op)
{
	static const char blanks[] = "                ", zeros[] = "0000000000000000";
	uint64_t value = unzigzag(old->value, op->z);
	char digits[24];
	size_t n = sizeof(digits), pad;

	do {
		digits[--n] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	pad = op->has_pad ? (size_t)op->pad : field_pad(old, sizeof(digits) - n);
	while (pad) {
		size_t step = pad < 16 ? pad : 16;

		if (!buf_add(out, (struct str){old->zeros ? zeros : blanks, step}))
			return false;
		pad -= step;
	}
	return buf_add(out, (struct str){digits + n, sizeof(digits) - n});
}

static bool decode_numbers(struct str *in, struct str old, struct buf *out)
{
	struct field field = {0};
	struct op op;

	while (take_op(in, &op)) {
		struct str from = old;

		if (op.end)
			return buf_add(out, old);
		for (uint64_t i = 0; i <= op.gap; i++) {
			from = old;
			if (!take_field(&old, &field))
				return false;
			if (i < op.gap && !buf_add(out, str_sub(from, 0, from.n - old.n)))
				return false;
		}
		if (!buf_add(out, str_sub(from, 0, field.literal)) || !put_field(out, &field, &op))
			return false;
	}
	return false;
}

static bool drop_lines(struct str *in, uint64_t n)
{
	for (; n; n--) {
		size_t end = str_find_char(*in, '\n');

		if (in->n == 0)
			return false;
		*in = str_from(*in, end == SIZE_MAX ? in->n : end + 1);
	}
	return true;
}

static bool decode_lines(struct str *in, struct str old, struct buf *out)
{
	uint64_t word;

	while (take_varint(in, &word)) {
		uint64_t n = word >> 2;
		struct str from = old;

		switch (word & 3) {
		case 0:
			if (!drop_lines(&old, n) ||
			    !decode_numbers(in, str_sub(from, 0, from.n - old.n), out))
				return false;
			break;
		case 1:
			if (!drop_lines(&old, n))
				return false;
			break;
		case 2:
			if (n > in->n || !buf_add(out, str_sub(*in, 0, (size_t)n)))
				return false;
			*in = str_from(*in, (size_t)n);
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool decode_whole(struct str *in, struct buf *out)
{
	uint64_t n, packed;
	struct str bytes;

	if (!take_varint(in, &n) || n > RING_TEXT_MAX || !take_varint(in, &packed) ||
	    (packed ? packed : n) > in->n)
		return false;
	bytes = str_sub(*in, 0, (size_t)(packed ? packed : n));
	*in = str_from(*in, bytes.n);
	return packed ? lz_unpack(bytes, (size_t)n, out) : buf_add(out, bytes);
}

bool text_decode(enum entry_mode mode, struct str *in, struct str old, struct buf *out)
{
	switch (mode) {
	case ENTRY_SAME:
		return buf_add(out, old);
	case ENTRY_NUMBERS:
		return decode_numbers(in, old, out);
	case ENTRY_LINES:
		return decode_lines(in, old, out);
	case ENTRY_WHOLE:
		return decode_whole(in, out);
	default:
		return false;
	}
}
