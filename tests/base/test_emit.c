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

int main(void)
{
	document();
	limits();
	return tests_done();
}
