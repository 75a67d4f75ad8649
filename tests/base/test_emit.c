/* SPDX-License-Identifier: MIT */
/* test_emit.c - what goes in as any bytes comes out as valid JSON. */
#include "base/emit.h"
#include "harness.h"

static void document(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 16);
	struct kv kv = {STR_INIT("free"), 12, UNIT_KB};
	struct kv yes = {STR_INIT("all_unreclaimable"), 1, UNIT_BOOL};
	struct err err = {0};
	struct emit e;

	emit_init(&e, sink_buf(&b), 0);
	emit_object(&e, NOKEY);
	emit_str(&e, STR("s"), STR("a\"\\\n\x01\x7f\xff\xc3\xa4"));
	emit_i64(&e, STR("min"), INT64_MIN + 1);
	emit_i64(&e, STR("u"), UNKNOWN);
	emit_micro(&e, STR("t"), 2511473);
	emit_micro(&e, STR("neg"), -1);
	emit_str(&e, STR("n"), NOKEY);
	emit_array(&e, STR("a"));
	emit_bool(&e, NOKEY, true);
	emit_object(&e, NOKEY);
	emit_kv(&e, &kv);
	emit_kv(&e, &yes);
	emit_end(&e);
	emit_array(&e, NOKEY);
	check_ok(emit_finish(&e, &err), err);
	check_str(buf_str(&b),
		  STR("{\"s\":\"a\\\"\\\\\\n\\u0001\\u007f\xef\xbf\xbd\xc3\xa4\","
		      "\"min\":-9223372036854775807,\"u\":null,\"t\":2.511473,"
		      "\"neg\":-0.000001,\"n\":null,\"a\":[true,{\"free_kb\":12,"
		      "\"all_unreclaimable\":true},[]]}\n"));
}

static void limits(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(100);
	struct err err = {0};
	struct emit e;

	emit_init(&e, sink_buf(&b), 2);
	for (int i = 0; i < EMIT_DEPTH + 5; i++)
		emit_array(&e, NOKEY);
	check(emit_finish(&e, &err) == -1);
	check_int(err.code, ERR_LIMIT);
}

/* Rows of a table over many windows, with a name that needs escaping in each. */
static void rows(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	struct emit_column pid, comm;
	struct err err = {0};
	struct emit e;

	emit_init(&e, sink_buf(&b), 0);
	emit_column(&e, &pid, STR("pid"), true, 1);
	emit_column(&e, &comm, STR("comm"), false, -1);
	emit_array(&e, NOKEY);
	buf_addc(&want, '[');
	for (int i = 0; i < 3000; i++) {
		const int64_t values[] = {-1, i % 7 ? i : UNKNOWN};

		emit_row(&e, &pid, 1, values, &comm, STR("a\nb"));
		if (i % 7)
			buf_addf(&want, "%s{\"pid\":%d,", i ? "," : "", i);
		else
			buf_addf(&want, "%s{\"pid\":null,", i ? "," : "");
		buf_addz(&want, "\"comm\":\"a\\nb\"}");
	}
	buf_addz(&want, "]\n");
	check_ok(emit_finish(&e, &err), err);
	check_str(buf_str(&b), buf_str(&want));
	check_int(emit_bytes(&e), want.n);
}

/* As printf does, at every number of digits. */
static void all_lengths(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	struct err err = {0};
	struct emit e;
	int64_t n = 1;

	emit_init(&e, sink_buf(&b), 0);
	emit_array(&e, NOKEY);
	for (int digits = 1; digits <= 19; digits++, n = digits < 19 ? n * 10 : INT64_MAX) {
		for (int64_t i = 0; i < 192; i++) { /* n, n - 1, and down to near 0 */
			int64_t value = n - i % 4 / 2 - i / 4 * (n / 48);

			value = i % 2 ? -value : value;
			emit_i64(&e, NOKEY, value);
			buf_addf(&want, "%s%lld", want.n ? "," : "[", (long long)value);
		}
	}
	buf_addz(&want, "]\n");
	check_ok(emit_finish(&e, &err), err);
	check_str(buf_str(&b), buf_str(&want));
}

static void numbers(void)
{
	static const struct {
		int64_t value;
		const char *text;
	} table[] = {
		{0, "0\n"},	       {9, "9\n"},	      {10, "10\n"},
		{-99, "-99\n"},	       {100, "100\n"},	      {-101, "-101\n"},
		{1234567, "1234567\n"}, {INT64_MAX, "9223372036854775807\n"},
	};
	CLEANUP_BUF struct buf b = BUF_INIT(1000);
	struct err err = {0};
	struct emit e;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		buf_clear(&b);
		emit_init(&e, sink_buf(&b), 0);
		emit_i64(&e, NOKEY, table[i].value);
		check_ok(emit_finish(&e, &err), err);
		check_str(buf_str(&b), str_of(table[i].text));
	}
	buf_clear(&b);
	emit_init(&e, sink_buf(&b), 0);
	emit_array(&e, NOKEY);
	emit_double(&e, NOKEY, 123456789012.0);
	emit_double(&e, NOKEY, -0.25);
	emit_raw(&e, STR(",7"));
	emit_null(&e, NOKEY);
	check_ok(emit_finish(&e, &err), err);
	check_str(buf_str(&b), STR("[123456789012,-0.25,7,null]\n"));
}

/* Of every length, all plain and with one byte at every place that is not, as value and as key. */
static void all_strings(void)
{
	static const struct {
		char byte;
		const char *text;
	} bytes[] = {{'x', "x"}, {' ', " "}, {'!', "!"}, {'#', "#"}, {'[', "["}, {']', "]"}, {'~', "~"},
		     {'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {0x1f, "\\u001f"}, {0x7f, "\\u007f"},
		     {0, "\xef\xbf\xbd"}, {(char)0x80, "\xef\xbf\xbd"}, {(char)0xff, "\xef\xbf\xbd"}};
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 24), want = BUF_INIT(1 << 24);
	struct err err = {0};
	struct emit e;

	emit_init(&e, sink_buf(&b), 0);
	emit_object(&e, NOKEY);
	for (size_t n = 0; n <= 70; n++) {
		char *p = malloc(n ? n : 1); /* so that a look behind its end is noticed */

		for (size_t i = 0; p && i < n * ARRAY_COUNT(bytes); i++) {
			size_t at = i % n, k = i / n;
			const char *gap = want.n ? "," : "{";

			memset(p, 'a', n);
			p[at] = bytes[k].byte;
			emit_str(&e, (struct str){p, n}, (struct str){p, n});
			for (int twice = 0; twice < 2; twice++) {
				buf_addf(&want, "%s\"%.*s%s%.*s\"", twice ? ":" : gap, (int)at, p,
					 bytes[k].text, (int)(n - at - 1), p + at + 1);
			}
		}
		free(p);
	}
	emit_str(&e, STR(""), STR(""));
	buf_addz(&want, ",\"\":\"\"}\n");
	check_ok(emit_finish(&e, &err), err);
	check_str(buf_str(&b), buf_str(&want));
}

int main(void)
{
	document();
	all_strings();
	rows();
	numbers();
	all_lengths();
	limits();
	return tests_done();
}
