/* SPDX-License-Identifier: MIT */
/* test_pattern.c - texts on each side of what patterns say, and every pattern of schema/ is one that
 * is known. fuzz_pattern compares with the C library's. */
#include "bundle/pattern.h"

#include <jansson.h>

#include "harness.h"

static const struct {
	int fits;
	const char *pattern, *text;
} rows[] = {
	{1, "^/", "/etc"},		{0, "^/", "etc"},	    {0, "^/", ""},
	{1, "^[^/]+$", "a b"},		{0, "^[^/]+$", "a/b"},	    {0, "^[^/]+$", ""},
	{1, "^[a-z0-9_]*$", ""},	{0, "^[a-z0-9_]*$", "a-b"}, {1, "^[a-z0-9_]*$", "z_9"},
	{1, "^0x(0|[1-9a-f][0-9a-f]*)$", "0x0"},
	{1, "^0x(0|[1-9a-f][0-9a-f]*)$", "0x140dca"},
	{0, "^0x(0|[1-9a-f][0-9a-f]*)$", "0x00"},
	{0, "^0x(0|[1-9a-f][0-9a-f]*)$", "0x"},
	{1, "^[0-9]+([kKMGT]|[KMG]iB)?$", "10"},
	{1, "^[0-9]+([kKMGT]|[KMG]iB)?$", "10GiB"},
	{0, "^[0-9]+([kKMGT]|[KMG]iB)?$", "10Gi"},
	{0, "^[0-9]+([kKMGT]|[KMG]iB)?$", "10kM"},
	{1, "^[a-z0-9]+(-[a-z0-9]+)*$", "memcg-limit-2"},
	{0, "^[a-z0-9]+(-[a-z0-9]+)*$", "memcg--limit"},
	{0, "^[a-z0-9]+(-[a-z0-9]+)*$", "memcg-"},
	{1, "^https?://", "http://x"},	{1, "^https?://", "https://"}, {0, "^https?://", "httpss://"},
	{1, "^[0-9]{4}-[0-9]{2}Z$", "2026-11Z"},
	{0, "^[0-9]{4}-[0-9]{2}Z$", "226-11Z"},
	{0, "^[0-9]{4}-[0-9]{2}Z$", "20261-11Z"},
	{1, "^(ab|c){3}$", "abcab"},	{0, "^(ab|c){3}$", "abc"},  {0, "^(ab|c){3}$", "abcabc"},
	{1, "^(a?b?)+$", ""},		{1, "^(a?b?)+$", "abba"},   {1, "^[a-]+$", "a-"},
	{1, "^[^a]$", "\xff"},		{0, "^a$", "a\n"},	    {1, "^(a*)*b$", "aaaaaaab"},
	/* not known: said, not guessed */
	{-1, "", ""},	   {-1, "a", "a"},     {-1, "^", ""},	   {-1, "^$", ""},
	{-1, "^a|b$", "b"}, {-1, "^.$", "a"},  {-1, "^\\d", "1"},  {-1, "^a$b", "a"},
	{-1, "^*", "a"},   {-1, "^a**", "a"},  {-1, "^()", ""},    {-1, "^(a", "a"},
	{-1, "^a)", "a"},  {-1, "^[a", "a"},   {-1, "^[]", "a"},   {-1, "^[^]", "a"},
	{-1, "^[[:digit:]]$", "1"},	       {-1, "^a{0}", ""},  {-1, "^a{2", "aa"},
	{-1, "^a{1,2}", "a"}, {-1, "^a{129}", "a"}, {-1, "^(a{65}){2}", "a"}, {-1, "^(a|", "a"},
	/* as deep as it goes, and one more */
	{1, "^((((((((a))))))))$", "a"},
	{-1, "^(((((((((a)))))))))$", "a"},
};

/* Every "pattern" in a schema, wherever it is. */
static void known(const char *file, const json_t *v)
{
	const char *key;
	json_t *sub;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)v, key, sub) {
		if (strcmp(key, "pattern") != 0 || !json_is_string(sub)) {
			known(file, sub);
			continue;
		}
		/* what is not known is named by the check */
		check_str(pattern_match(str_of(json_string_value(sub)), STR("")) >= 0
				  ? STR("")
				  : str_of(json_string_value(sub)), STR(""));
	}
	json_array_foreach(v, i, sub)
		known(file, sub);
}

int main(void)
{
	static const char *const schemas[] = {"manifest", "report", "profile"};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int got = pattern_match(str_of(rows[i].pattern), str_of(rows[i].text));

		check_int(got, rows[i].fits);
		if (got != rows[i].fits)
			fprintf(stderr, "%s and %s\n", rows[i].pattern, rows[i].text);
	}
	for (size_t i = 0; i < ARRAY_COUNT(schemas); i++) {
		char path[200];
		json_t *schema;
		int before = harness_checks;

		snprintf(path, sizeof(path), TEST_SOURCE_DIR "/schema/%s.schema.json", schemas[i]);
		schema = json_load_file(path, 0, NULL);
		check(schema != NULL);
		known(path, schema);
		check(harness_checks > before + 1);
		json_decref(schema);
	}
	return tests_done();
}
