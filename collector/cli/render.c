/* SPDX-License-Identifier: MIT */
/* render.c - a document printed through a template, as wide and colourful as the terminal. */
#include "cli/render.h"

#include <unistd.h>

#include "cli/cli.h"

enum { OUT_MAX = 256 << 20, PLAIN_WIDTH = 72 };

static int render_others(json_t *document, struct render_options o, struct buf *out,
			 struct err *err)
{
	size_t n = json_array_size(json_object_get(document, "events"));
	json_t *subject = json_object_get(json_object_get(document, "subject"), "index");

	for (size_t i = 0; i < n; i++) {
		if (json_is_integer(subject) && json_integer_value(subject) == (json_int_t)i)
			continue;
		o.event = i + 1;
		if (report_render(document, "event", &o, out, err) < 0)
			return -1;
	}
	return 0;
}

int cli_render(int fd, json_t *document, const char *template, bool all, struct err *err)
{
	CLEANUP_BUF struct buf out = BUF_INIT(OUT_MAX);
	int width = cli_columns(fd);
	struct render_options o = {.width = width ? width : PLAIN_WIDTH, .color = cli_color(fd),
				   .unicode = isatty(fd) && cli_utf8(), .all = all};
	struct sink sink = sink_fd(&fd);

	if (report_render(document, template, &o, &out, err) < 0)
		return -1;
	if (all && str_eq(str_of(template), STR("text")) &&
	    render_others(document, o, &out, err) < 0)
		return -1;
	return sink.write(sink.ctx, buf_str(&out), err);
}
