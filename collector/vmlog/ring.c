/* SPDX-License-Identifier: MIT */
/* ring.c - structs of the ring file to bytes and back, and the checksum. */
#include "vmlog/ring.h"

static const uint32_t magic_block = 0x314b4c42; /* "BLK1" */
static const char magic_file[8] = {'O', 'O', 'M', 'V', 'M', 'L', 'O', 'G'};

/* CRC-32C (Castagnoli) by nibbles: 16 table entries stay in one cache line and need no
 * initialisation; a frame of 300 bytes costs a microsecond. */
uint32_t crc32c(uint32_t start, const void *p, size_t n)
{
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
		0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const uint8_t *at = p;
	uint32_t crc = ~start;

	while (n--) {
		crc ^= *at++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static void put(uint8_t *p, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *p, int bytes)
{
	uint64_t value = 0;

	for (int i = bytes; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

static void put_event(const struct ring_event *e, uint8_t *p)
{
	memcpy(p, e->boot.id, 16);
	put(p + 16, (uint64_t)e->mono_us, 8);
	put(p + 24, (uint64_t)e->wall_us, 8);
	put(p + 32, (uint64_t)e->last_mono_us, 8);
	put(p + 40, (uint64_t)e->last_wall_us, 8);
	put(p + 48, e->kills, 4);
	put(p + 52, e->flags, 4);
}

static void get_event(const uint8_t *p, struct ring_event *e)
{
	memcpy(e->boot.id, p, 16);
	e->mono_us = (int64_t)get(p + 16, 8);
	e->wall_us = (int64_t)get(p + 24, 8);
	e->last_mono_us = (int64_t)get(p + 32, 8);
	e->last_wall_us = (int64_t)get(p + 40, 8);
	e->kills = (uint32_t)get(p + 48, 4);
	e->flags = (uint32_t)get(p + 52, 4);
}

void ring_pack_header(const struct ring_header *h, uint8_t out[RING_HEADER_SIZE])
{
	memset(out, 0, RING_HEADER_SIZE);
	memcpy(out, magic_file, sizeof(magic_file));
	put(out + 8, RING_VERSION, 4);
	put(out + 16, h->generation, 8);
	put(out + 24, h->block_size, 4);
	put(out + 28, h->n_blocks, 4);
	put(out + 32, (uint64_t)h->created_us, 8);
	put(out + 40, h->n_events, 4);
	for (uint32_t i = 0; i < h->n_events && i < RING_EVENTS; i++)
		put_event(&h->events[i], out + 64 + i * RING_EVENT_SIZE);
	put(out + 12, crc32c(0, out, RING_HEADER_SIZE), 4);
}

bool ring_unpack_header(const uint8_t in[RING_HEADER_SIZE], struct ring_header *ret)
{
	static const uint8_t none[4];
	uint32_t crc = crc32c(0, in, 12);

	crc = crc32c(crc, none, 4);
	crc = crc32c(crc, in + 16, RING_HEADER_SIZE - 16);
	if (memcmp(in, magic_file, sizeof(magic_file)) != 0 || get(in + 8, 4) != RING_VERSION ||
	    get(in + 12, 4) != crc)
		return false;
	ret->generation = get(in + 16, 8);
	ret->block_size = (uint32_t)get(in + 24, 4);
	ret->n_blocks = (uint32_t)get(in + 28, 4);
	ret->created_us = (int64_t)get(in + 32, 8);
	ret->n_events = (uint32_t)get(in + 40, 4);
	if (ret->block_size < RING_BLOCK_MIN || ret->block_size > RING_BLOCK_MAX ||
	    ret->n_blocks == 0 || ret->n_blocks > RING_BLOCKS_MAX ||
	    ret->n_events > RING_EVENTS)
		return false;
	for (uint32_t i = 0; i < ret->n_events; i++)
		get_event(in + 64 + i * RING_EVENT_SIZE, &ret->events[i]);
	return true;
}

void ring_pack_block(const struct ring_block *b, uint8_t out[RING_BLOCK_HEADER])
{
	memset(out, 0, RING_BLOCK_HEADER);
	put(out, magic_block, 4);
	put(out + 8, b->seq, 8);
	memcpy(out + 16, b->boot.id, 16);
	put(out + 32, (uint64_t)b->mono_us, 8);
	put(out + 40, (uint64_t)b->wall_us, 8);
	put(out + 4, crc32c(0, out + 8, RING_BLOCK_HEADER - 8), 4);
}

bool ring_unpack_block(const uint8_t in[RING_BLOCK_HEADER], struct ring_block *ret)
{
	if (get(in, 4) != magic_block ||
	    get(in + 4, 4) != crc32c(0, in + 8, RING_BLOCK_HEADER - 8))
		return false;
	ret->seq = get(in + 8, 8);
	memcpy(ret->boot.id, in + 16, 16);
	ret->mono_us = (int64_t)get(in + 32, 8);
	ret->wall_us = (int64_t)get(in + 40, 8);
	return true;
}

void ring_pack_frame(const struct ring_frame *f, uint64_t block_seq, uint8_t *out)
{
	put(out + 4, f->length, 3);
	out[7] = (uint8_t)f->kind;
	put(out + 8, f->boot_tag, 4);
	put(out + 12, f->seq, 4);
	put(out + 16, (uint64_t)f->mono_us, 8);
	put(out + 24, (uint64_t)f->wall_us, 8);
	put(out, crc32c((uint32_t)block_seq, out + 4, RING_FRAME_HEADER - 4 + f->length), 4);
}

bool ring_unpack_frame(struct str in, uint64_t block_seq, struct ring_frame *ret)
{
	const uint8_t *p = (const uint8_t *)in.p;
	size_t length;

	if (in.n < RING_FRAME_HEADER)
		return false;
	length = (size_t)get(p + 4, 3);
	if (length > in.n - RING_FRAME_HEADER || p[7] < FRAME_KEY || p[7] > FRAME_FILE ||
	    get(p, 4) != crc32c((uint32_t)block_seq, p + 4, RING_FRAME_HEADER - 4 + length))
		return false;
	ret->length = (uint32_t)length;
	ret->kind = (enum frame_kind)p[7];
	ret->boot_tag = (uint32_t)get(p + 8, 4);
	ret->seq = (uint32_t)get(p + 12, 4);
	ret->mono_us = (int64_t)get(p + 16, 8);
	ret->wall_us = (int64_t)get(p + 24, 8);
	return true;
}

bool ring_boot_parse(struct str text, struct ring_boot *ret)
{
	struct ring_boot boot = {{0}};
	size_t n = 0;

	for (size_t i = 0; i < text.n && n < 32; i++) {
		struct str digit = str_sub(text, i, 1);
		uint64_t value;

		if (text.p[i] == '-')
			continue;
		if (!take_hex(&digit, &value))
			return false;
		boot.id[n / 2] = (uint8_t)((unsigned)boot.id[n / 2] << 4 | (unsigned)value);
		n++;
	}
	if (n < 32)
		return false;
	*ret = boot;
	return true;
}
