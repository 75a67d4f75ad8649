/* SPDX-License-Identifier: MIT */
/* test_str.c - slices and take functions: match moves, mismatch leaves all as it was. */
#include "harness.h"

static void numbers(void)
{
	static const struct {
		struct str in;
		bool ok;
		uint64_t value;
		size_t left;
	} rows[] = {
		{STR_INIT("0"), true, 0, 0},
		{STR_INIT("18446744073709551615x"), true, UINT64_MAX, 1},
		{STR_INIT("18446744073709551616"), false, 0, 20},
		{STR_INIT("1234567890123456789012345678901234567890"), false, 0, 40},
		{STR_INIT("-1"), false, 0, 2},
		{STR_INIT(""), false, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str at = rows[i].in;
		uint64_t value = 0;

		check(take_u64(&at, &value) == rows[i].ok);
		check_int(value, rows[i].value);
		check_int(at.n, rows[i].left);
	}
}

/* Every number of digits, in front of every byte that could be taken for one, and at the end. */
static void digits(void)
{
	static const char behind[] = {'/', ':', ' ', '.', 0, (char)0x80, (char)0xb5, (char)0xff};

	for (size_t n = 0; n <= 19; n++) {
		for (size_t k = 0; k <= ARRAY_COUNT(behind) * 9; k++) {
			size_t more = k ? 1 + (k - 1) % 9 : 0;
			char *p = malloc(n + more ? n + more : 1); /* a look behind its end is noticed */
			struct str at = {p, n + more};
			uint64_t value = 7, want = 0;

			for (size_t i = 0; p && i < n; i++) {
				p[i] = (char)('0' + (i * 7 + 9 + k) % 10);
				want = want * 10 + (uint64_t)(p[i] - '0');
			}
			if (p && more) {
				memset(p + n, '5', more);
				p[n] = behind[(k - 1) / 9];
			}
			check(take_u64(&at, &value) == (n > 0));
			check_int(value, n ? want : 7);
			check_int(at.n, more);
			free(p);
		}
	}
}

static void hex(void)
{
	struct str at = STR("0x140dca(GFP"), over = STR("0x11112222333344445");
	struct str only_prefix = STR("0x");
	uint64_t v = 0;

	check(take_hex(&at, &v));
	check_int(v, 0x140dca);
	check_str(at, STR("(GFP"));
	check(!take_hex(&over, &v));
	check(take_hex(&only_prefix, &v)); /* "0", then "x" stays */
	check_int(v, 0);
	check_str(only_prefix, STR("x"));
}

static void lines(void)
{
	struct str at = STR("one\r\ntwo\n\nlast"), line;

	check(take_line(&at, &line));
	check_str(line, STR("one"));
	check(take_line(&at, &line));
	check_str(line, STR("two"));
	check(take_line(&at, &line));
	check_int(line.n, 0);
	check(take_line(&at, &line));
	check_str(line, STR("last"));
	check(!take_line(&at, &line));
}

static void searching(void)
{
	struct str s = STR("a) b) total-vm");

	check_int(str_find(s, STR(") ")), 1);
	check_int(str_rfind(s, STR(") ")), 4);
	check(str_find(s, STR("none")) == SIZE_MAX);
	for (size_t n = 4090; n < 4100; n++) { /* longer than a line */
		static char text[4100];
		struct str piece = {text, n};

		memset(text, 'n', sizeof(text));
		check(str_find(piece, STR("none")) == SIZE_MAX);
		memcpy(text + n - 4, "none", 4);
		check_int((int64_t)str_find(piece, STR("none")), (int64_t)n - 4);
		check_int((int64_t)str_find(str_sub(piece, 0, n - 1), STR("nnon")), (int64_t)n - 5);
	}
	check(str_rfind(STR("x"), STR("xx")) == SIZE_MAX);
	check_str(str_trim(STR(" \t x y\r\n")), STR("x y"));
	check(str_eq_nocase(STR("MemFree"), STR("memfree")));
	check(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
	check_str(str_sub(STR("abc"), 1, 99), STR("bc"));
}

static void utf8(void)
{
	static const struct {
		struct str in;
		size_t n;
	} rows[] = {
		{STR_INIT("a"), 1},
		{STR_INIT("\xc3\xa4"), 2},
		{STR_INIT("\xe2\x82\xac"), 3},
		{STR_INIT("\xf0\x9f\x92\xa9"), 4},
		{STR_INIT("\xc0\x80"), 0},	   /* overlong */
		{STR_INIT("\xed\xa0\x80"), 0},	   /* surrogate */
		{STR_INIT("\xf4\x90\x80\x80"), 0}, /* beyond U+10FFFF */
		{STR_INIT("\xe2\x82"), 0},	   /* cut */
		{STR_INIT("\x80"), 0},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		check_int(utf8_sequence(rows[i].in), rows[i].n);
}

int main(void)
{
	struct str at = STR("key: value"), key;
	int64_t v = 0;

	numbers();
	digits();
	hex();
	lines();
	searching();
	utf8();
	check(!take_until(&at, '=', &key));
	check_int(at.n, 10);
	check(take_until_lit(&at, STR(": "), &key));
	check_str(key, STR("key"));
	at = STR("-15 x");
	check(take_i64(&at, &v));
	check_int(v, -15);
	return tests_done();
}
