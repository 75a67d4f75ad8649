/* SPDX-License-Identifier: MIT */
/* mustache_case.c - one case of a Mustache test suite: {"template", "data", "partials"} as
 * JSON on standard input, the rendering on standard output. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "report/report.h"

enum { CASE_MAX = 64 << 20 };

static int find(void *ctx, struct str name, struct str *ret, struct err *err)
{
	const char *key;
	json_t *text;

	(void)err;
	json_object_foreach((json_t *)ctx, key, text) {
		if (str_eq(name, str_of(key)) && json_is_string(text)) {
			*ret = (struct str){json_string_value(text), json_string_length(text)};
			return 1;
		}
	}
	return 0;
}

static int run(json_t *c, struct buf *out, struct err *err)
{
	json_t *text = json_object_get(c, "template"), *data = json_object_get(c, "data");
	json_t *partials = json_object_get(c, "partials");
	struct template_source source = {partials, find};

	if (!json_is_string(text))
		return err_set(err, ERR_FORMAT, "the case has no \"template\"");
	return template_render((struct str){json_string_value(text), json_string_length(text)},
			       "template", data ? data : json_null(), TEMPLATE_HTML,
			       json_is_object(partials) ? &source : NULL, out, err);
}

int main(void)
{
	struct buf in = BUF_INIT(CASE_MAX), out = BUF_INIT(CASE_MAX);
	struct err err = {.code = ERR_NONE};
	json_error_t bad;
	json_t *c = NULL;
	int rc = -1;
	ssize_t n;

	do {
		if (!buf_reserve(&in, 65536))
			break;
		n = fd_read(0, in.p + in.n, 65536);
		if (n > 0)
			in.n += (size_t)n;
	} while (n > 0);
	c = in.p ? json_loadb(in.p, in.n, 0, &bad) : NULL;
	if (!c)
		(void)err_set(&err, ERR_FORMAT, "the case is not JSON: %s",
			      in.p ? bad.text : "nothing to read");
	else
		rc = run(c, &out, &err);
	if (rc == 0)
		fwrite(out.p, 1, out.n, stdout);
	else
		fprintf(stderr, "mustache_case: %s\n", err.text);
	json_decref(c);
	buf_free(&in);
	buf_free(&out);
	return rc == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
