/* SPDX-License-Identifier: MIT */
/* test_record.c - records as lines; the time of a line in any wrapping. */
#include "source/scratch.h"

static void test_write(void)
{
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct record r = {.priority = 4, .us = 12345678, .caller = STR_INIT("T123"),
			   .text = STR_INIT("Mem-Info:\nactive_anon:1\n free:2")};

	record_write(&out, &r);
	check_str(buf_str(&out), STR("<4>[   12.345678][  T123] Mem-Info:\n"
				     "<4>[   12.345678][  T123] active_anon:1\n"
				     "<4>[   12.345678][  T123]  free:2\n"));
	buf_clear(&out);
	record_write(&out, &(struct record){.priority = UNKNOWN, .us = UNKNOWN,
					    .text = STR_INIT("a\x1b[1m\x01\tb\x7f" "c\xff")});
	check_str(buf_str(&out), STR("a\\x1b[1m\\x01\tb\\x7f" "c\xff\n"));
	buf_clear(&out);
	record_write(&out, &(struct record){.priority = 30, .us = 1, .ident = STR_INIT("earlyoom"),
					    .pid = STR_INIT("7"), .text = STR_INIT("")});
	check_str(buf_str(&out), STR("<30>[    0.000001] earlyoom[7]: \n"));
	buf_clear(&out);
	/* what a forged journal says instead of a name begins no line */
	record_write(&out, &(struct record){.priority = -5, .us = 1234567000000,
					    .ident = STR_INIT("a\n<4>[ 1.0] b"),
					    .pid = STR_INIT("7\n"), .text = STR_INIT("x")});
	check_str(buf_str(&out), STR("<-5>[1234567.000000] a\\x0a<4>[ 1.0] b[7\\x0a]: x\n"));
	buf_clear(&out);
	record_write(&out, &(struct record){.priority = UNKNOWN, .us = UNKNOWN, .wall_us = 86400000001,
					    .host = STR_INIT("h"), .text = STR_INIT("x")});
	check_str(buf_str(&out), STR("1970-01-02T00:00:00.000001Z h kernel: x\n"));
}

static void test_time(void)
{
	static const struct {
		struct str line;
		int64_t us;
		size_t at;
	} rows[] = {
		{STR_INIT("[    0.000000] Linux"), 0, 0},
		{STR_INIT("<4>[12345.678901] x"), 12345678901, 3},
		{STR_INIT("Jan  2 15:04:05 host kernel: [   12.000003] x"), 12000003, 29},
		{STR_INIT("host kernel[0]: [12.000003][  T1] x"), 12000003, 16},
		{STR_INIT("no time here [12]"), UNKNOWN, 77},
		{STR_INIT("[12.00000] five digits"), UNKNOWN, 77},
		{STR_INIT("[12.0000001] seven"), UNKNOWN, 77},
		{STR_INIT("[99999999999999999999999.000000] x"), UNKNOWN, 77},
		{STR_INIT("[12.345678"), UNKNOWN, 77},
		{STR_INIT(""), UNKNOWN, 77},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		size_t at = 77;

		check_int(line_us(rows[i].line, &at), rows[i].us);
		check_int(at, rows[i].at);
	}
}

static void test_lines(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(4 << 20);
	CLEANUP_BUF struct buf text = BUF_INIT(1 << 20);
	struct err err = {0};
	struct lines l;
	struct str line;
	int n = 0;

	for (int i = 0; i < 3 * LINES_ROOM; i++)
		buf_addc(&text, 'x');
	buf_add(&text, STR("\n\nlast"));
	check_ok(lines_init(&l, &a, stream_from_str(&a, buf_str(&text), &err), &err), err);
	while (lines_next(&l, &line, &err) > 0 && n < 10) {
		n++;
		check(n > 3 || (line.n == LINES_ROOM && l.more));
		check(n != 4 || line.n == 0);
		check(n != 5 || line.n == 0);
		check(n != 6 || str_eq(line, STR("last")));
	}
	check_int(n, 6); /* the long line in three pieces, their end, an empty one, the last */
	/* two streams that do not end in '\n' do not run together */
}

static struct stream *open_text(void *own, size_t index, struct err *err)
{
	static const struct str texts[] = {STR_INIT("one"), STR_INIT("two\n"), STR_INIT(""),
					   STR_INIT("three")};

	return index == 4 ? NULL : stream_from_str(own, texts[index], err);
}

static void test_concat(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(4 << 20);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	struct str head;
	struct stream *in;

	for (size_t n = 1; n < 9; n++)
		check_str(scratch_read(&out, stream_concat(&a, open_text, &a, 5, &err), n),
			  STR("one\ntwo\nthree\n"));
	in = stream_concat(&a, open_text, &a, 4, &err);
	check_ok(stream_peek(in, &head, &err), err);
	check_str(head, STR("one\ntwo\nthree"));
	check_str(scratch_read(&out, in, 2), STR("one\ntwo\nthree"));
}

int main(void)
{
	test_write();
	test_time();
	test_lines();
	test_concat();
	return tests_done();
}
