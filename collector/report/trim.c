/* SPDX-License-Identifier: MIT */
/* trim.c - a document's text without its bulk, before it is parsed: whoever needs a dozen facts
 * of a thousand documents should not build trees of all their tasks and zones. */
#include "report/report.h"

/* Behind the string that begins at i, or the end of a text that is cut. */
static size_t string_end(struct str s, size_t i)
{
	for (i++; i < s.n; i++) {
		const char *quote = memchr(s.p + i, '"', s.n - i);
		size_t escapes = 0;

		if (!quote)
			return s.n;
		i = (size_t)(quote - s.p);
		while (s.p[i - 1 - escapes] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return i + 1;
	}
	return s.n;
}

/* Behind the value at i. Nesting is counted, not recursed into: any depth is fine. */
static size_t value_end(struct str s, size_t i)
{
	size_t depth = 0;

	for (; i < s.n; i++) {
		switch (s.p[i]) {
		case '"':
			i = string_end(s, i) - 1;
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return i;
			if (--depth == 0)
				return i + 1;
			break;
		case ',':
			if (depth == 0)
				return i;
			break;
		default:
			break;
		}
	}
	return s.n;
}

static size_t white_end(struct str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r'))
		i++;
	return i;
}

static bool listed(struct str key, const struct str *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(key, keys[i]))
			return true;
	}
	return false;
}

void report_trim(struct buf *json, const struct str *keys, size_t n)
{
	const struct str null = STR("null"), s = buf_str(json);
	size_t kept = 0, from = 0, i = 0; /* what is before kept is done; from: not yet moved */

	while (i < s.n) {
		const char *quote = memchr(s.p + i, '"', s.n - i);
		size_t begin, end, colon, value;

		if (!quote)
			break;
		begin = (size_t)(quote - s.p);
		end = i = string_end(s, begin);
		colon = white_end(s, end);
		if (colon >= s.n || s.p[colon] != ':' ||
		    !listed(str_sub(s, begin + 1, end - begin - 2), keys, n))
			continue;
		value = white_end(s, colon + 1);
		i = value_end(s, value);
		if (i - value < null.n) /* nothing to win */
			continue;
		memmove(json->p + kept, s.p + from, value - from);
		kept += value - from;
		memcpy(json->p + kept, null.p, null.n);
		kept += null.n;
		from = i;
	}
	if (kept == 0) /* nothing went; of no bytes there is not even a place */
		return;
	memmove(json->p + kept, s.p + from, s.n - from);
	json->n = kept + s.n - from;
}
