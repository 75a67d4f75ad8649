/* SPDX-License-Identifier: MIT */
/* render_case.c - render_case TEMPLATE [width N] [color] [unicode] [all] < DOCUMENT: a document
 * through report_render(), for the scripts that look at the result. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "report/report.h"

enum { DOCUMENT_MAX = 256 << 20 };

static int read_options(int argc, char **argv, struct render_options *o)
{
	for (int i = 2; i < argc; i++) {
		struct str word = str_of(argv[i]), n = str_of(i + 1 < argc ? argv[i + 1] : "");
		uint64_t width;

		if (str_eq(word, STR("width")) && take_u64(&n, &width) && width < 10000) {
			o->width = (int)width;
			i++;
		} else if (str_eq(word, STR("color"))) {
			o->color = true;
		} else if (str_eq(word, STR("unicode"))) {
			o->unicode = true;
		} else if (str_eq(word, STR("all"))) {
			o->all = true;
		} else {
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct buf in = BUF_INIT(DOCUMENT_MAX), out = BUF_INIT(DOCUMENT_MAX);
	struct render_options o = {.width = 72};
	struct err err = {.code = ERR_NONE};
	json_t *document = NULL;
	int rc = -1;
	ssize_t n;

	if (argc < 2 || read_options(argc, argv, &o) < 0) {
		fprintf(stderr, "usage: render_case TEMPLATE [width N] [color] [unicode] [all]\n");
		return 2;
	}
	do {
		if (!buf_reserve(&in, 65536))
			break;
		n = fd_read(0, in.p + in.n, 65536);
		if (n > 0)
			in.n += (size_t)n;
	} while (n > 0);
	document = in.p ? json_loadb(in.p, in.n, 0, NULL) : NULL;
	if (!document)
		(void)err_set(&err, ERR_FORMAT, "standard input is no JSON");
	else
		rc = report_render(document, argv[1], &o, &out, &err);
	if (rc == 0)
		fwrite(out.p, 1, out.n, stdout);
	else
		fprintf(stderr, "render_case: %s\n%s\n", err.text, err.hint);
	json_decref(document);
	buf_free(&in);
	buf_free(&out);
	return rc == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
