/* SPDX-License-Identifier: MIT */
/* test_text.c - a text for a field of so many characters: whole where it fits, else cut, never in the
 * middle of a character, and said so where there is room for it. */
#include <jansson.h>

#include "harness.h"
#include "submit/bugzilla.h"

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* `unit`, so many times, for a field of so many characters. */
static struct str cut(const char *unit, int times, size_t limit, json_t **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT(1 << 20);

	for (int i = 0; i < times; i++)
		buf_addz(&text, unit);
	*ret = bz_text(buf_str(&text), limit);
	check(*ret != NULL);
	return (struct str){json_string_value(*ret), json_string_length(*ret)};
}

int main(void)
{
	static const struct str said = STR_INIT("[cut here: the rest is in the attachment]\n");
	json_t *json;
	struct str text;

	check_str(cut("a\x01\x7f\xff" "b\n", 1, 100, &json), STR("a\xef\xbf\xbd" "b\n"));
	json_decref(json);

	text = cut("a line of twenty-two.\n", 100, 2200, &json); /* fits to the byte */
	check_int(text.n, 2200);
	json_decref(json);

	text = cut("a line of twenty-two.\n", 101, 2200, &json);
	check(characters(text) <= 2200 && characters(text) > 2100);
	check(str_ends(text, said));
	check_str(str_sub(text, text.n - said.n - 5, 5), STR("two.\n")); /* a whole line */
	json_decref(json);

	text = cut("\xc3\xa4", 3000, 2200, &json); /* no line to cut at */
	check(characters(text) <= 2200 && characters(text) > 2100);
	check(str_ends(text, said));
	json_decref(json);

	text = cut("\xc3\xa4", 300, 255, &json); /* a summary has no room to say it */
	check_int(characters(text), 255);
	check_int(text.n, 510);
	json_decref(json);
	return tests_done();
}
