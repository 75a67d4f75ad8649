/* SPDX-License-Identifier: MIT */
/* compare.c - two saved reports side by side. */
#include <stdbool.h>
#include <stdlib.h>

#include "cli/compare.h"
#include "report/report.h"

enum { SAVED_LARGEST = 64 << 20, TEXT_LARGEST = 8 << 20 };

static int load(json_t **ret, const char *path, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(SAVED_LARGEST);
	CLEANUP_SOURCE struct source *s = NULL;
	int rc;

	if (source_open_file(&s, path, err) != 0)
		return -1;
	rc = source_saved_report(s, &text, err);
	if (rc == 0) {
		(void)err_set(err, ERR_FORMAT, "%s: no bundle: it has no report.json", path);
		return err_hint(err, "--compare wants two bundles of 'oomreport collect'");
	}
	return rc < 0 ? -1 : report_load(ret, buf_str(&text), path, err);
}

static int print_text(json_t *changes, struct sink out, struct err *err)
{
	CLEANUP_BUF struct buf page = BUF_INIT(TEXT_LARGEST);

	if (report_render_data(changes, "compare", &page, err) != 0)
		return -1;
	return out.write(out.ctx, buf_str(&page), err);
}

int compare_bundles(const char *before, const char *after, bool json, int fd, struct err *err)
{
	json_auto_t *a = NULL, *b = NULL, *changes = NULL;
	struct sink out = sink_shown(&fd);
	char *text;
	int rc;

	if (load(&a, before, err) != 0 || load(&b, after, err) != 0 ||
	    report_compare(a, b, &changes, err) != 0)
		return -1;
	if (!json)
		return print_text(changes, out, err);
	text = json_dumps(changes, JSON_INDENT(2));
	if (!text)
		return err_set(err, ERR_NOMEM, "compare: no memory");
	rc = out.write(out.ctx, str_of(text), err) != 0 ? -1 : out.write(out.ctx, STR("\n"), err);
	free(text);
	return rc;
}
