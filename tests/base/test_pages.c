/* SPDX-License-Identifier: MIT */
/* test_pages.c - the program's own pages: out of the resident set and back, read ahead or not. */
#include "base/file.h"
#include "base/pages.h"
#include "harness.h"

enum { TABLE = 2 << 20, PIECE = 16 << 10 };
/* In the program's file, and larger than all else in it that is only read. */
static const char table[TABLE] = {[0] = 1, [TABLE - 1] = 2};
static volatile int written = 3;

static void read_proc(const char *path, struct buf *out)
{
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct err err = {.code = ERR_NONE};
	int errnum;

	check_ok(root_open(&root, "/", &err), err);
	check(file_read(&root, path, out, &errnum) == READ_ALL);
}

static uint64_t resident_kb(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(64 * 1024);
	struct str text, before;
	uint64_t kb = 0;

	read_proc("/proc/self/status", &b);
	text = buf_str(&b);
	check(take_until_lit(&text, STR("RssFile:"), &before));
	while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
		text = str_from(text, 1);
	check(take_u64(&text, &kb));
	return kb;
}

static int touch(void)
{
	const volatile char *p = table;
	int sum = 0;

	for (size_t i = 0; i < TABLE; i += 4096)
		sum += p[i];
	return sum + p[TABLE - 1];
}

/* "rd ex mr mw me rr dd" (proc_pid_smaps(5)): has the mapping at this address that flag? */
static bool flagged(const void *address, struct str flag)
{
	CLEANUP_BUF struct buf b = BUF_INIT(16 << 20);
	struct str text, line, before;
	uint64_t from, to;
	bool here = false;

	read_proc("/proc/self/smaps", &b);
	for (text = buf_str(&b); take_line(&text, &line);) {
		struct str rest = line;

		if (take_hex(&rest, &from) && take_char(&rest, '-') && take_hex(&rest, &to))
			here = from <= (uintptr_t)address && (uintptr_t)address < to;
		else if (here && str_starts(line, STR("VmFlags:")))
			return take_until_lit(&line, flag, &before);
	}
	check(here);
	return false;
}

static void test_forget(void)
{
	uint64_t full;

	written = 4;
	check_int(touch(), 3);
	full = resident_kb();
	pages_forget();
	check(resident_kb() + TABLE / 1024 * 3 / 4 < full);
	check_int(touch(), 3);
	check_int(written, 4);
}

static void test_advice(void)
{
	const void *code = (const void *)(uintptr_t)&test_forget,
		   *data = (const void *)(uintptr_t)&written;

	check(!pages_are_all());
	check(!flagged(table, STR(" rr")));
	pages_singly();
	check(flagged(table, STR(" rr")) && flagged(code, STR(" rr")) && flagged(data, STR(" rr")));
	check(!flagged(table + PIECE, STR(" dd")) && !flagged(table + 2 * PIECE, STR(" dd")));
	pages_divide();
	/* in pieces: neighbours are of two mappings */
	check(flagged(table + PIECE, STR(" dd")) != flagged(table + 2 * PIECE, STR(" dd")));
	check_int(touch(), 3);
	pages_ahead();
	check(!flagged(table, STR(" rr")) && !flagged(code, STR(" rr")) && !flagged(data, STR(" rr")));
}

int main(void)
{
	test_forget();
	test_advice();
	return tests_done();
}
