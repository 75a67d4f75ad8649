/* SPDX-License-Identifier: MIT */
/* fuzz_view.c - any JSON as a report (a bundle may come from anywhere): every template renders it
 * or says why not; no control byte and no markup of the document gets through. */
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_page(const char *name, const struct buf *out)
{
	struct str page = buf_str(out);
	bool html = str_eq(str_of(name), STR("html"));

	for (size_t i = 0; i < page.n; i++) {
		unsigned char c = (unsigned char)page.p[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
			__builtin_trap();
	}
	if (html && (str_find(page, STR("<script")) != SIZE_MAX ||
		     str_find(page, STR("<img")) != SIZE_MAX))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"html", "text", "summary", "bugzilla", "markdown"};
	json_t *document = json_loadb((const char *)data, size, 0, NULL);
	struct buf out = BUF_INIT(16 << 20);

	for (size_t i = 0; document && i < ARRAY_COUNT(names); i++) {
		struct render_options o = {.width = 40 + (int)(size % 90), .all = size % 3 == 0,
					   .verbatim_max = size % 500, .event = size % 4};
		struct err err = {.code = ERR_NONE};

		buf_clear(&out);
		if (report_render(document, names[i], &o, &out, &err) == 0)
			check_page(names[i], &out);
		else if (err.code == ERR_NONE || out.n)
			__builtin_trap();
	}
	json_decref(document);
	buf_free(&out);
	return 0;
}
