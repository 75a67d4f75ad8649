/* SPDX-License-Identifier: MIT */
/* fuzz_vmlog_ring.c - the ring reader: raw files, and any payloads in frames whose checksums
 * are right (a fuzzer does not guess those).
 *
 * First byte 0: the rest is a file. Else the rest is frames: kind, length (two bytes), payload. */
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "vmlog/samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = RING_BLOCK_MIN };

static size_t wrap(const uint8_t *data, size_t size, uint8_t *file)
{
	static struct ring_header h;
	struct ring_block b = {.seq = 7, .boot = {{'b', 'o', 'o', 't'}}, .mono_us = 1, .wall_us = 1};
	size_t at = RING_BLOCKS_AT + RING_BLOCK_HEADER;

	h = (struct ring_header){.generation = 1, .block_size = BLOCK, .n_blocks = 1};
	ring_pack_header(&h, file);
	ring_pack_header(&h, file + RING_HEADER_SIZE);
	ring_pack_block(&b, file + RING_BLOCKS_AT);
	while (size > 3) {
		struct ring_frame f = {.kind = (enum frame_kind)(1 + data[0] % 4),
				       .boot_tag = 0x746f6f62,
				       .seq = (uint32_t)at,
				       .mono_us = (int64_t)at,
				       .wall_us = (int64_t)at};
		size_t n = data[1] | (size_t)data[2] << 8;

		data += 3;
		size -= 3;
		if (n > size)
			n = size;
		if (at + RING_FRAME_HEADER + n > RING_BLOCKS_AT + BLOCK)
			break;
		f.length = (uint32_t)n;
		memcpy(file + at + RING_FRAME_HEADER, data, n);
		ring_pack_frame(&f, b.seq, file + at);
		at += RING_FRAME_HEADER + n;
		data += n;
		size -= n;
	}
	return RING_BLOCKS_AT + BLOCK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[RING_BLOCKS_AT + BLOCK];
	struct samples s = {.since_us = UNKNOWN, .until_us = UNKNOWN};
	const struct sample *sample;
	struct err err = {.code = ERR_NONE};
	int fd = memfd_create("ring", MFD_CLOEXEC);
	unsigned sum = 0;

	if (fd < 0 || size == 0)
		return 0;
	if (data[0] == 0) {
		if (write(fd, data + 1, size - 1) < 0)
			return 0;
	} else {
		memset(file, 0, sizeof(file));
		if (write(fd, file, wrap(data + 1, size - 1, file)) < 0)
			return 0;
	}
	if (ring_samples_open(&s, &fd, 1, &err) != 0) {
		close(fd);
		return 0;
	}
	while (samples_next(&s, &sample, &err) > 0) {
		for (size_t i = 0; i < sample->n; i++) {
			for (size_t k = 0; k < sample->files[i].text.n; k++)
				sum += (unsigned char)sample->files[i].text.p[k];
			if (sample->files[i].name.n == 0 ||
			    sample->files[i].name.n > RING_NAME_MAX ||
			    sample->files[i].text.n > RING_TEXT_MAX)
				abort();
		}
		for (size_t k = 0; k < sample->event.n; k++)
			sum += (unsigned char)sample->event.p[k];
	}
	samples_close(&s);
	return sum == 0x7fffffff;
}
