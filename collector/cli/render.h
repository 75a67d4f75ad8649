/* SPDX-License-Identifier: MIT */
/* render.h - private to cli/: a document printed through a template. */
#ifndef OOMREPORT_CLI_RENDER_H
#define OOMREPORT_CLI_RENDER_H

#include "report/report.h"

/* Render `document` with the template (a name or a file, see report_render()) to descriptor fd.
 * Colour, block characters and the width of the lines follow what fd is: a terminal by
 * --color, NO_COLOR, its size or COLUMNS, and the locale; anything else gets plain text of 72
 * columns. all: every row, and with "text" every other event behind the subject. */
int cli_render(int fd, json_t *document, const char *template, bool all,
	       struct err *err) MUST_CHECK;

#endif
