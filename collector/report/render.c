/* SPDX-License-Identifier: MIT */
/* render.c - report_render(): finds a template and its partials, renders a document with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "report/report.h"
#include "report/shipped.h"
#include "report/template.h"
#include "report/view.h"

/* Text of templates, as long as one rendering lives. */
struct shelf {
	struct arena arena;
	char beside[4096]; /* folder of a template given as a file; "" = none */
};

static const char user_dir[] = OOMREPORT_SYSCONFDIR "/templates.d";
static const char *const endings[] = {"", ".txt", ".md", ".html"};

/* 1 and the text, 0 when there is no such file, -1. */
static int read_file(struct shelf *shelf, const char *path, struct str *ret, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	CLEANUP_BUF struct buf b = BUF_INIT(TEMPLATE_TEXT_MAX + 1);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_sys(err, errno, "template '%s'", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	do {
		if (!buf_reserve(&b, 16384))
			return template_too_large(path, err);
		n = fd_read(fd, b.p + b.n, 16384);
		if (n < 0)
			return err_sys(err, errno, "template '%s'", path);
		b.n += (size_t)n;
	} while (n > 0);
	if (!arena_str(&shelf->arena, buf_str(&b), ret))
		return err_set(err, ERR_NOMEM, "template '%s': no memory", path);
	return 1;
}

/* A name without '/', with or without its ending; `found` gets the whole file name. */
static int find_named(struct shelf *shelf, struct str name, char found[256], struct str *ret,
		      struct err *err)
{
	const char *const dirs[] = {shelf->beside, user_dir};

	if (name.n > 200 || str_find_char(name, '/') != SIZE_MAX || memchr(name.p, 0, name.n) ||
	    str_starts(name, STR(".")))
		return 0;
	for (size_t d = 0; d < ARRAY_COUNT(dirs); d++) {
		for (size_t e = 0; dirs[d][0] && e < ARRAY_COUNT(endings); e++) {
			char path[4096 + 256];
			int rc;

			snprintf(found, 256, "%.*s%s", STR_ARG(name), endings[e]);
			snprintf(path, sizeof(path), "%s/%s", dirs[d], found);
			rc = read_file(shelf, path, ret, err);
			if (rc != 0)
				return rc;
		}
	}
	for (size_t e = 0; e < ARRAY_COUNT(endings); e++) {
		snprintf(found, 256, "%.*s%s", STR_ARG(name), endings[e]);
		if (shipped_find(shipped_templates, n_shipped_templates, found, ret))
			return 1;
	}
	return 0;
}

static int find_partial(void *ctx, struct str name, struct str *ret, struct err *err)
{
	char found[256];
	int rc = find_named(ctx, name, found, ret, err);

	if (rc == 0)
		return err_set(err, ERR_FORMAT, "there is no partial '%.*s'",
			       STR_ARG(str_sub(name, 0, 80)));
	return rc;
}

static int no_such_template(const char *name, struct err *err)
{
	CLEANUP_BUF struct buf known = BUF_INIT(1024);

	for (size_t i = 0; i < n_shipped_templates; i++) {
		struct str file = str_of(shipped_templates[i].name);

		if (!str_ends(file, STR(".css")))
			buf_addf(&known, "%s%.*s", known.n ? ", " : "",
				 (int)str_rfind(file, STR(".")), file.p);
	}
	(void)err_set(err, ERR_USAGE, "there is no template '%.80s'", name);
	return err_hint(err, "templates are files, or one of: %s",
			known.n ? buf_cstr(&known) : "none");
}

static int find_template(struct shelf *shelf, const char *name, char found[256],
			 struct str *ret, struct err *err)
{
	const char *slash = strrchr(name, '/');
	int rc;

	if (!slash) {
		rc = find_named(shelf, str_of(name), found, ret, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	rc = read_file(shelf, name, ret, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_such_template(name, err);
	snprintf(shelf->beside, sizeof(shelf->beside), "%.*s",
		 slash ? (int)(slash - name) + (slash == name) : 1, slash ? name : ".");
	snprintf(found, 256, "%.255s", slash ? slash + 1 : name);
	return 0;
}

static enum template_escape escape_of(const char *file)
{
	struct str name = str_of(file);

	if (str_ends(name, STR(".html")) || str_ends(name, STR(".htm")) ||
	    str_ends(name, STR(".xml")))
		return TEMPLATE_HTML;
	return str_ends(name, STR(".md")) ? TEMPLATE_MARKDOWN : TEMPLATE_PLAIN;
}

/* "{{! limit: 65535 }}" in the first line; 0 = none. */
static size_t limit_of(struct str text)
{
	struct str line;
	uint64_t limit = 0;

	if (!take_line(&text, &line) || !take_until_lit(&line, STR("{{! limit:"), &text))
		return 0;
	skip_blanks(&line);
	return take_u64(&line, &limit) && limit < SIZE_MAX ? (size_t)limit : 0;
}

static int render_once(json_t *document, const struct render_options *o, struct shelf *shelf,
		       const char *file, struct str text, struct buf *out, struct err *err)
{
	struct template_source partials = {shelf, find_partial};
	json_t *view;
	int rc;

	if (report_view_sized(document, o, &view, err) < 0)
		return -1;
	rc = template_render(text, file, view, escape_of(file), &partials, out, err);
	json_decref(view);
	return rc;
}

/* The last resort where words alone pass the limit: whole lines from the front stay. */
static void cut_to(struct buf *out, size_t start, size_t limit)
{
	static const char words[] = "[cut here: the rest is in summary.txt of the bundle]\n";
	size_t n;

	if (out->n - start <= limit)
		return;
	n = start + (limit > sizeof(words) ? limit - sizeof(words) : 0);
	while (n > start && out->p[n - 1] != '\n')
		n--;
	out->n = n;
	buf_addz(out, words);
}

static int render_limited(json_t *document, struct render_options o, struct shelf *shelf,
			  const char *file, struct str text, struct buf *out, struct err *err)
{
	size_t limit = limit_of(text), start = out->n;

	if (render_once(document, &o, shelf, file, text, out, err) < 0)
		return -1;
	for (int again = 0; limit && out->n - start > limit && again < 3; again++) {
		size_t over = out->n - start - limit;
		size_t had = o.verbatim_max ? o.verbatim_max
					    : json_string_length(json_object_get(
						      json_object_get(document, "first_oom"),
						      "verbatim"));

		o.verbatim_max = had > over + 200 ? had - over - 200 : 1;
		out->n = start;
		if (render_once(document, &o, shelf, file, text, out, err) < 0)
			return -1;
	}
	if (limit)
		cut_to(out, start, limit);
	return buf_ok(out, file, err);
}

int report_render(json_t *document, const char *name, const struct render_options *o,
		  struct buf *out, struct err *err)
{
	static const struct render_options plain = {.width = 72};
	struct shelf shelf = {.arena = ARENA_INIT(16 << 20)};
	struct str text;
	char found[256];
	int rc = find_template(&shelf, name, found, &text, err);

	if (rc == 0)
		rc = render_limited(document, o ? *o : plain, &shelf, found, text, out, err);
	arena_free(&shelf.arena);
	return rc;
}

int report_render_data(json_t *data, const char *name, struct buf *out, struct err *err)
{
	struct shelf shelf = {.arena = ARENA_INIT(16 << 20)};
	struct template_source partials = {&shelf, find_partial};
	struct str text = {NULL, 0};
	char found[256];
	json_auto_t *shown = view_clean(data);
	int rc = shown ? find_template(&shelf, name, found, &text, err)
		       : err_set(err, ERR_NOMEM, "template '%.80s': no memory", name);

	if (rc == 0)
		rc = template_render(text, found, shown, escape_of(found), &partials, out, err);
	arena_free(&shelf.arena);
	return rc;
}
