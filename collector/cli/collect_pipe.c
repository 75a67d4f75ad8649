/* SPDX-License-Identifier: MIT */
/* collect_pipe.c - every byte of a bundle passes here: text is redacted, and the finished bundle
 * is searched once more. */
#include <stdio.h>

#include "cli/collect.h"

enum {
	LINE_MAX_BYTES = 16 * 1024 * 1024, /* a document's one line may hold a whole event */
	WINDOW_BYTES = 32 * 1024,
};

int pipe_begin(struct pipe *p, const char *path, struct err *err)
{
	p->began = p->binary = p->leaks = p->hides = false;
	p->count = 0;
	p->carry.max = p->out.max = LINE_MAX_BYTES;
	buf_clear(&p->carry);
	buf_clear(&p->out);
	path = pipe_name(p, path, &p->names[0], err);
	return path ? bundle_begin(p->b, path, err) : -1;
}

const char *pipe_name(struct pipe *p, const char *name, struct buf *out, struct err *err)
{
	uint64_t count = 0;

	if (!p->redactor || !name)
		return name ? name : "";
	out->max = 8192;
	buf_clear(out);
	if (redact_text(p->redactor, str_of(name), REDACT_LINES, out, &count, err) != 0)
		return NULL;
	name = buf_cstr(out);
	if (!name)
		(void)err_set(err, ERR_NOMEM, "no memory");
	return name;
}

int pipe_absent(struct pipe *p, const char *path, const char *source, const char *why,
		struct err *err)
{
	/* the source first: it shows that a name is a group's, which the path in the bundle does not */
	source = source ? pipe_name(p, source, &p->names[1], err) : "";
	path = source ? pipe_name(p, path, &p->names[0], err) : NULL;
	why = path ? pipe_name(p, why, &p->names[2], err) : NULL;
	return why ? bundle_absent(p->b, path, source[0] ? source : NULL, why, err) : -1;
}

static int learn_cgroup(void *ctx, struct str path, struct err *err)
{
	return redact_learn_group(ctx, path, err);
}

void pipe_keep_sources(struct redactor *r)
{
	struct host_source_row row;

	for (size_t i = 0; host_source_row(i, &row); i++)
		redact_keep_path(r, str_of(row.source));
}

int pipe_learn_cgroups(struct redactor *r, const struct root *root, struct err *err)
{
	return host_cgroups(root, 12000, learn_cgroup, r, err);
}

static int put(struct pipe *p, struct str bytes, struct err *err)
{
	struct sink tee = sink_fd(&p->tee);

	if (p->tee >= 0 && tee.write(tee.ctx, bytes, err) != 0)
		return err_wrap(err, "a temporary file");
	if (bundle_data(p->b, bytes, err) != 0)
		return -1;
	if (bundle_is_out_of_room(p->b))
		*p->stop = 1;
	return 0;
}

/* Names are learned from a text before it is replaced, so that the first line is safe too. */
static int put_lines(struct pipe *p, struct str lines, struct err *err)
{
	buf_clear(&p->out);
	if ((p->form == REDACT_LINES && redact_learn_text(p->redactor, lines, err) != 0) ||
	    redact_text(p->redactor, lines, p->form, &p->out, &p->count, err) != 0)
		return -1;
	return put(p, buf_str(&p->out), err);
}

/* Whole lines of what has come together; all of it at the end. */
static int pass_lines(struct pipe *p, bool all, struct err *err)
{
	size_t n = p->carry.n;
	int rc;

	while (!all && n > 0 && p->carry.p[n - 1] != '\n')
		n--;
	if (n == 0)
		return 0;
	rc = put_lines(p, (struct str){p->carry.p, n}, err);
	buf_drop_front(&p->carry, n);
	return rc;
}

/* In what is packed no name can be found. The kernel's configuration holds none. */
static bool is_packed(const struct pipe *p, struct str bytes)
{
	static const struct str magics[] = {STR_INIT("\x1f\x8b"), STR_INIT("\xfd" "7zXZ"),
					    STR_INIT("BZh"), STR_INIT("\x28\xb5\x2f\xfd"),
					    STR_INIT("\x04\x22\x4d\x18")};

	for (size_t i = 0; i < ARRAY_COUNT(magics); i++) {
		if (str_starts(bytes, magics[i]))
			return !str_ends(buf_str(&p->names[0]), STR("proc/config.gz"));
	}
	return false;
}

/* A name may stand across two pieces. */
static int pass_binary(struct pipe *p, struct str bytes, struct err *err)
{
	enum { SEAM = 256 };

	buf_add(&p->carry, str_sub(bytes, 0, SEAM));
	p->leaks |= redact_leak(p->redactor, bytes, REDACT_LINES) >= 0 ||
		    redact_leak(p->redactor, buf_str(&p->carry), REDACT_LINES) >= 0;
	if (bytes.n >= SEAM) {
		buf_clear(&p->carry);
		buf_add(&p->carry, str_from(bytes, bytes.n - SEAM));
	} else if (p->carry.n > SEAM) {
		buf_drop_front(&p->carry, p->carry.n - SEAM);
	}
	return put(p, bytes, err);
}

int pipe_data(struct pipe *p, struct str bytes, struct err *err)
{
	if (!p->redactor || p->ready)
		return put(p, bytes, err);
	if (!p->began && bytes.n) {
		p->began = true;
		p->binary = p->form != REDACT_JSON &&
			    (memchr(bytes.p, '\0', bytes.n) || is_packed(p, bytes));
		p->hides = p->binary && (p->form == REDACT_COMMANDS || is_packed(p, bytes));
	}
	if (p->binary)
		return pass_binary(p, bytes, err);
	while (bytes.n) {
		size_t n = bytes.n < WINDOW_BYTES ? bytes.n : WINDOW_BYTES;

		if (!buf_add(&p->carry, str_sub(bytes, 0, n))) {
			/* a line of many megabytes is no line: it goes as it stands */
			if (p->carry.n == 0)
				return buf_ok(&p->carry, "a line", err);
			if (pass_lines(p, true, err) != 0)
				return -1;
			p->carry.failed = false;
			continue;
		}
		bytes = str_from(bytes, n);
		if (p->carry.n >= WINDOW_BYTES && pass_lines(p, false, err) != 0)
			return -1;
	}
	return 0;
}

int pipe_end(struct pipe *p, struct bundle_entry *entry, struct err *err)
{
	if (p->redactor && !p->binary && !p->ready && pass_lines(p, true, err) != 0)
		return -1;
	if (entry->source) {
		entry->source = pipe_name(p, entry->source, &p->names[1], err);
		if (!entry->source)
			return -1;
	}
	if (entry->note) {
		entry->note = pipe_name(p, entry->note, &p->names[2], err);
		if (!entry->note)
			return -1;
	}
	if (p->leaks || p->hides)
		return bundle_cancel(p->b, entry->source,
				     p->leaks ? "not text, and holds names that are to be replaced: "
						"--redact none takes it"
					      : "not text, and may hold command lines or names that cannot "
						"be replaced in it: --redact none takes it",
				     err);
	entry->redactions = p->count;
	return bundle_end(p->b, entry, err);
}

int pipe_add(struct pipe *p, struct bundle_entry *entry, struct str text, struct err *err)
{
	if (pipe_begin(p, entry->path, err) != 0 || pipe_data(p, text, err) != 0)
		return -1;
	return pipe_end(p, entry, err);
}

static int to_pipe(void *ctx, struct str bytes, struct err *err)
{
	return pipe_data(ctx, bytes, err);
}

struct sink pipe_sink(struct pipe *p)
{
	return (struct sink){to_pipe, p};
}

/* ---- the finished bundle ---- */

static int refuse(const struct leak_search *s, int kind, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "%s: a name (%s) was not replaced: nothing is published",
		      s->path, redact_kind_name((enum redact_kind)kind));
	return err_hint(err, "run it again, or with --redact none");
}

static int search(struct leak_search *s, size_t n, struct err *err)
{
	enum redact_form form = s->own ? REDACT_PAGE
				: str_ends(str_of(s->path), STR(".json")) ? REDACT_JSON
									  : REDACT_LINES;
	int kind = redact_leak(s->redactor, (struct str){s->carry.p, n}, form);

	if (kind >= 0)
		return refuse(s, kind, err);
	buf_drop_front(&s->carry, n);
	return 0;
}

/* Line by line, because a name counts only where it stands as a word. */
int leak_inspect(void *ctx, const char *path, struct str bytes, struct err *err)
{
	struct leak_search *s = ctx;
	static const char *const own_pages[] = {"report.html", "summary.txt", "README.txt"};
	size_t n;
	int kind;

	s->carry.max = LINE_MAX_BYTES;
	if (strcmp(path, s->path) != 0) {
		snprintf(s->path, sizeof(s->path), "%s", path);
		buf_clear(&s->carry);
		s->own = false;
		s->binary = bytes.n && memchr(bytes.p, '\0', bytes.n) != NULL;
		for (size_t i = 0; i < ARRAY_COUNT(own_pages); i++)
			s->own |= strcmp(path, own_pages[i]) == 0;
		kind = redact_leak(s->redactor, str_of(path), REDACT_LINES);
		if (kind >= 0)
			return refuse(s, kind, err);
	}
	if (s->binary)
		return 0; /* searched when it was written */
	if (bytes.n == 0 || !buf_add(&s->carry, bytes))
		return s->carry.n ? search(s, s->carry.n, err) : 0;
	for (n = s->carry.n; n > 0 && s->carry.p[n - 1] != '\n'; n--)
		;
	return n ? search(s, n, err) : 0;
}
