/* SPDX-License-Identifier: MIT */
/* fuzz_keys.c - any bytes as a bugzillarc. Laws: a key stands in the text, is one printable word
 * that fits a header; written in the plainest form it is read again; no key for a server that
 * no section names. */
#include "fuzz/laws.h"
#include "submit/submit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const urls[] = {"https://bugs.example.org/rest",
					   "https://bugs.example.org:8443", "http://localhost/bz"};
	struct str ini = {(const char *)data, size};

	for (size_t i = 0; i < ARRAY_COUNT(urls); i++) {
		struct secret found = {.text = ""}, again = {.text = ""};
		char plain[KEY_MAX + 64];
		struct str host = str_of(urls[i]), scheme;

		if (!secret_from_ini(ini, urls[i], &found)) {
			law(!found.text[0]);
			continue;
		}
		law(found.text[0] && strlen(found.text) < KEY_MAX);
		law(is_printable(str_of(found.text), "") && !strchr(found.text, ' '));
		law(str_find(ini, str_of(found.text)) != SIZE_MAX);
		law(take_until_lit(&host, STR("://"), &scheme));
		host = str_sub(host, 0, str_find_char(host, '/'));
		snprintf(plain, sizeof(plain), "[%.*s]\napi_key = %s\n", STR_ARG(host), found.text);
		law(secret_from_ini(str_of(plain), urls[i], &again));
		law(strcmp(found.text, again.text) == 0);
		law(!secret_from_ini(str_of(plain), "https://other.example.net", &again));
		secret_forget(&found);
		law(!found.text[0]);
	}
	return 0;
}
