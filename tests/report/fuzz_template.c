/* SPDX-License-Identifier: MIT */
/* fuzz_template.c - any bytes as a template (up to the first NUL) and its partial "p" (the
 * rest) over a small document: an error or a rendering, never a crash, never without end. */
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] =
	"{\"s\":\"<a>\",\"n\":1,\"z\":0,\"f\":false,\"x\":null,\"l\":[1,\"b\",{\"s\":2}],"
	"\"o\":{\"p\":{\"q\":\"deep\"}},\"e\":[],\"t\":true}";

static int find(void *ctx, struct str name, struct str *ret, struct err *err)
{
	(void)err;
	if (!str_eq(name, STR("p")))
		return 0;
	*ret = *(const struct str *)ctx;
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size}, rest = {NULL, 0};
	struct buf out = BUF_INIT(1 << 16);
	struct template_source source = {&rest, find};
	json_t *doc = json_loads(document, 0, NULL);
	size_t cut = str_find_char(text, 0);

	if (cut != SIZE_MAX) {
		rest = str_from(text, cut + 1);
		text = str_sub(text, 0, cut);
	}
	for (int escape = TEMPLATE_PLAIN; escape <= TEMPLATE_MARKDOWN; escape++) {
		struct err e = {.code = ERR_NONE};

		if (template_render(text, "fuzz", doc, (enum template_escape)escape, &source,
				    &out, &e) == 0)
			buf_clear(&out);
		else if (e.code == ERR_NONE || out.n)
			__builtin_trap();
		if (e.code == ERR_LIMIT)
			break;
	}
	json_decref(doc);
	buf_free(&out);
	return 0;
}
