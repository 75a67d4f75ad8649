/* SPDX-License-Identifier: MIT */
/* head.c - what the ring buffer has lost at its beginning, from the journal or from log files.
 *
 * A busy kernel overwrites its oldest messages, and with them often the first OOM. journald and
 * syslogd usually wrote them down before. Lines are taken from there up to the oldest record
 * that is still in the ring, so none comes twice.
 */
#include <stdio.h>

#include "source/input.h"

bool before_head(const struct head_of *of, int64_t us, struct str text)
{
	if (of->us == UNKNOWN || us == UNKNOWN || us < of->us)
		return true;
	/* several records of one microsecond */
	return us == of->us && !str_eq(str_trim(text), str_trim(of->text));
}

/* ---- from files ---- */

struct head_file {
	struct stream *below;
	struct lines lines;
	const struct head_of *of;
	uint64_t line, start; /* of this boot */
	char *p;	      /* what is being given */
	struct str left;
	bool newline, ended;
};

static const char banner[] = "Linux version ";

/* First reading: where this boot begins, and whether the lines reach up to the ring. */
static bool find_boot(struct head_file *h)
{
	struct err ignored = {0};
	int64_t last = UNKNOWN;
	bool reaches = false;
	uint64_t n = 0;
	struct str line;

	while (lines_next(&h->lines, &line, &ignored) > 0) {
		int64_t us;

		n++;
		if (str_find(line, STR("kernel")) == SIZE_MAX)
			continue;
		us = line_us(line, NULL);
		if (us == UNKNOWN)
			continue;
		if (last == UNKNOWN || us + 1000000 < last ||
		    (us < 1000000 && str_find(line, STR(banner)) != SIZE_MAX)) {
			h->start = n; /* time began again: another boot */
			reaches = false;
		}
		last = us;
		reaches |= us >= h->of->us;
	}
	return reaches && h->start;
}

static ssize_t head_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct head_file *h = in->own;

	while (h->left.n == 0 && !h->newline) {
		struct str line, text;
		size_t at = 0;
		int64_t us;
		int rc = h->ended ? 0 : lines_next(&h->lines, &line, err);

		if (rc <= 0)
			return rc;
		us = ++h->line < h->start ? UNKNOWN : line_us(line, &at);
		if (us == UNKNOWN || str_find(line, STR("kernel")) == SIZE_MAX)
			continue;
		text = str_from(line, at);
		if (!take_until(&text, ']', &(struct str){NULL, 0}))
			continue;
		if (!before_head(h->of, us, text)) {
			h->ended = true;
			return 0;
		}
		h->left = str_from(line, at);
		h->newline = true;
	}
	if (h->left.n == 0) {
		h->newline = false;
		p[0] = '\n';
		return 1;
	}
	if (n > h->left.n)
		n = h->left.n;
	memcpy(p, h->left.p, n);
	h->left = str_from(h->left, n);
	return (ssize_t)n;
}

static void head_close(struct stream *in)
{
	struct head_file *h = in->own;

	stream_close(h->below);
}

static struct stream *head_from_item(struct arena *a, const struct root *root,
				     const struct log_item *item, const struct head_of *of)
{
	struct err ignored = {0};
	struct stream *in = stream_new(a, &ignored);
	struct head_file *h = arena_take(a, sizeof(*h));
	bool good;

	if (!in || !h)
		return NULL;
	h->of = of;
	h->below = logs_open(a, root, item, &ignored);
	if (!h->below)
		return NULL;
	good = lines_init(&h->lines, a, h->below, &ignored) == 0 && find_boot(h);
	stream_close(h->below);
	h->below = good ? logs_open(a, root, item, &ignored) : NULL;
	if (!h->below)
		return NULL;
	h->lines = (struct lines){.in = h->below, .p = h->lines.p};
	in->own = h;
	in->read = head_read;
	in->close = head_close;
	return in;
}

struct stream *head_open(struct arena *a, const struct root *root, const struct head_of *of,
			 char from[128])
{
	struct err ignored = {0};
	struct head_of *kept = arena_take(a, sizeof(*kept));
	struct log_list list;
	struct stream *in = NULL;

	if (!kept)
		return NULL;
	*kept = *of;
	if (root_is_live(root))
		in = journal_open(a, NULL, NULL, 0, kept, &ignored);
	if (in) {
		snprintf(from, 128, "the journal");
		return in;
	}
	if (logs_find_files(a, root, &list, &ignored))
		return NULL;
	for (size_t i = 0; i < list.n && !in; i++) {
		in = head_from_item(a, root, &list.items[i], kept);
		if (in)
			snprintf(from, 128, "%.120s", list.items[i].path);
	}
	return in;
}
