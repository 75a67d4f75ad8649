/* SPDX-License-Identifier: MIT */
/* fuzz_pattern.c - a pattern in the first line, and a text. Law: where ours knows the pattern and the
 * C library compiles it, both say the same. */
#include <regex.h>

#include "bundle/pattern.h"
#include "fuzz/laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size}, pattern;
	char z[2][100];
	regex_t regex;
	int ours;

	if (!take_until(&text, '\n', &pattern))
		return 0;
	ours = pattern_match(pattern, text);
	law(ours >= -1 && ours <= 1);
	/* the C library needs minutes for some groups in groups that are counted */
	if (ours < 0 || pattern.n >= sizeof(z[0]) || text.n >= sizeof(z[1]) ||
	    str_find(pattern, STR("){")) != SIZE_MAX || memchr(data, '\0', size))
		return 0;
	snprintf(z[0], sizeof(z[0]), "%.*s", STR_ARG(pattern));
	snprintf(z[1], sizeof(z[1]), "%.*s", STR_ARG(text));
	if (regcomp(&regex, z[0], REG_EXTENDED | REG_NOSUB) != 0)
		return 0;
	law((regexec(&regex, z[1], 0, NULL, 0) == 0) == ours);
	regfree(&regex);
	return 0;
}
