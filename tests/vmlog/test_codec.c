/* SPDX-License-Identifier: MIT */
/* test_codec.c - texts against texts: exact both ways, small, and safe with any bytes. */
#include "harness.h"
#include "vmlog/codec.h"

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static size_t round_trip(struct str old, struct str new, enum entry_mode *mode)
{
	static uint8_t room[1 << 20];
	struct out o = {room, 0, sizeof(room), false, NULL};
	struct buf back = BUF_INIT(RING_TEXT_MAX);
	struct str in;

	*mode = text_encode(&o, old, new);
	in = (struct str){(const char *)room, o.n};
	check(!o.full);
	check(text_decode(*mode, &in, old, &back));
	check_int(in.n, 0);
	check_str(buf_str(&back), new);
	/* every cut of the encoding is refused or gives something, and never reads beyond */
	for (size_t i = 0; i < o.n && i < 200; i++) {
		char *exact = malloc(i + 1);

		memcpy(exact, room, i);
		in = (struct str){exact, i};
		buf_clear(&back);
		if (text_decode(*mode, &in, old, &back) && i < o.n)
			check(*mode != ENTRY_NUMBERS);
		free(exact);
	}
	buf_free(&back);
	return o.n;
}

struct row {
	const char *old, *new;
	enum entry_mode mode;
	size_t most; /* bytes */
};

static const struct row rows[] = {
	{"a 1\nb 2\n", "a 1\nb 2\n", ENTRY_SAME, 0},
	{"a 1\nb 2\n", "a 1\nb 3\n", ENTRY_NUMBERS, 2},
	{"a 9\n", "a 10\n", ENTRY_NUMBERS, 2},
	{"a 10\n", "a 9\n", ENTRY_NUMBERS, 2},
	{"MemFree:        9999 kB\n", "MemFree:       10000 kB\n", ENTRY_NUMBERS, 2},
	{"MemFree:       10000 kB\n", "MemFree:        9999 kB\n", ENTRY_NUMBERS, 2},
	{"MemFree:  10000 kB\n", "MemFree: 10000 kB\n", ENTRY_NUMBERS, 4}, /* padding alone */
	{"avg10=0.95 total=1", "avg10=1.05 total=1", ENTRY_NUMBERS, 4},
	{"avg10=0.05 total=1", "avg10=0.10 total=1", ENTRY_NUMBERS, 2},
	{"x 0007\n", "x 0012\n", ENTRY_NUMBERS, 2},
	{"x 7\n", "x 007\n", ENTRY_WHOLE, 99},
	{"n 18446744073709551615\n", "n 0\n", ENTRY_WHOLE, 99},
	{"n 18446744073709551615\n", "n 18446744073709551614\n", ENTRY_NUMBERS, 3},
	{"n 999999999999999999\n", "n 0\n", ENTRY_NUMBERS, 12},
	{"a 1\n", "", ENTRY_WHOLE, 9},
	{"", "a 1\n", ENTRY_WHOLE, 9},
	{"a 1", "a 1\n", ENTRY_WHOLE, 9},
	{"p 12345678901234567890123\nq 1\n", "p 12345678901234567890123\nq 2\n", ENTRY_NUMBERS, 2},
	{"1234567890123456789012345678901234567890\nq 1\n",
	 "1234567890123456789012345678901234567890\nq 2\n", ENTRY_NUMBERS, 2},
	{"one 111111111111111 fish\ntwo 2222222222222222 fish\nred 333333333333333333 fish\n",
	 "one 111111111111112 fish\nnew 1\nred 333333333333333333 fish\n", ENTRY_LINES, 24},
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		enum entry_mode mode;
		size_t n = round_trip(str_of(rows[i].old), str_of(rows[i].new), &mode);

		if (mode != rows[i].mode || n > rows[i].most)
			fprintf(stderr, "row %zu: mode %d, %zu bytes\n", i, (int)mode, n);
		check_int(mode, rows[i].mode);
		check(n <= rows[i].most);
	}
}

/* A file as the kernel could print it, some numbers changed, some lines come or gone. */
static void test_random(void)
{
	static char a[1 << 16], b[1 << 16];
	enum entry_mode mode;

	for (int round = 0; round < 300; round++) {
		size_t na = 0, nb = 0, lines = next() % 60;

		for (size_t i = 0; i < lines; i++) {
			unsigned long long v = next() >> (next() % 64);
			unsigned long long w = next() % 4 ? v : v + next() % 1000 - 500;
			int width = (int)(next() % 12);

			if (next() % 40)
				na += (size_t)snprintf(a + na, 200, "line%zu: %*llu kB %llu.%02llu\n",
						       i, width, v, v % 7, v % 100);
			if (next() % 40)
				nb += (size_t)snprintf(b + nb, 200, "line%zu: %*llu kB %llu.%02llu\n",
						       i, width, w, w % 7, w % 100);
		}
		round_trip((struct str){a, na}, (struct str){b, nb}, &mode);
	}
}

static void test_lz(void)
{
	static char text[100000];
	static uint8_t packed[120000];
	static struct lz lz;
	size_t sizes[] = {0, 1, 4, 8, 9, 100, 65535, 65536, 70000, 100000};

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = next() % 8 ? "the same old words "[i % 19] : (char)next();
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct buf back = BUF_INIT(1 << 20);
		size_t n = lz_pack(&lz, (struct str){text, sizes[i]}, packed, sizeof(packed));

		check(n > 0);
		check(lz_unpack((struct str){(const char *)packed, n}, sizes[i], &back));
		check_str(buf_str(&back), ((struct str){text, sizes[i]}));
		buf_clear(&back);
		check(!lz_unpack((struct str){(const char *)packed, n}, sizes[i] + 1, &back));
		buf_free(&back);
	}
	memset(text, 'x', sizeof(text));
	check(lz_pack(&lz, (struct str){text, sizeof(text)}, packed, sizeof(packed)) < 500);
	check_int(lz_pack(&lz, (struct str){text, sizeof(text)}, packed, 10), 0);
}

static void test_crc(void)
{
	check_int(crc32c(0, "123456789", 9), 0xe3069283);
	check_int(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
}

int main(void)
{
	test_crc();
	test_rows();
	test_random();
	test_lz();
	return tests_done();
}
