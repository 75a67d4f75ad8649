/* SPDX-License-Identifier: MIT */
/* head.c - what the ring buffer has lost at its beginning, from the journal or from log files.
 *
 * A busy kernel overwrites its oldest messages, and with them often the first OOM. journald and
 * syslogd usually wrote them down before. Lines are taken from there up to the oldest record
 * that is still in the ring, so none comes twice. On a log server that record also says which
 * host's lines are the machine's own.
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
	char host[256];	      /* that stands in its lines; empty: none */
	char *p;	      /* what is being given */
	struct str left;
	bool newline, ended;
};

static const char banner[] = "Linux version ";

static struct str last_word(struct str *s)
{
	struct str all = *s;

	while (s->n > 0 && s->p[s->n - 1] != ' ')
		s->n--;
	all = str_from(all, s->n);
	s->n -= s->n > 0;
	return all;
}

/* "Nov 23 02:30:00 web1 kernel: [   12.000000] text", busybox "... web1 kern.info kernel: ...":
 * time, host and text of a kernel's line. UNKNOWN: it is none. */
static int64_t kernel_line(struct str line, size_t *at, struct str *host, struct str *text)
{
	size_t tag = str_find(line, STR(" kernel"));
	int64_t us = tag == SIZE_MAX ? UNKNOWN : line_us(line, at);
	struct str before = str_sub(line, 0, tag);

	if (us == UNKNOWN)
		return UNKNOWN;
	*host = last_word(&before);
	if (str_starts(*host, STR("kern.")))
		*host = last_word(&before);
	*text = str_from(line, *at);
	return take_until(text, ']', &(struct str){NULL, 0}) ? us : UNKNOWN;
}

/* First reading: who wrote the ring's oldest record. */
static bool find_host(struct head_file *h)
{
	struct err ignored = {0};
	struct str line, host, text;
	bool found = false;
	size_t at;

	while (lines_next(&h->lines, &line, &ignored) > 0) {
		int64_t us = kernel_line(line, &at, &host, &text);

		if (us != h->of->us || us == UNKNOWN || before_head(h->of, us, text))
			continue;
		found = true;
		snprintf(h->host, sizeof(h->host), "%.*s", STR_ARG(str_sub(host, 0, 255)));
	}
	return found;
}

/* Second reading: where this boot begins, and whether the lines reach up to the ring. */
static bool find_boot(struct head_file *h)
{
	struct err ignored = {0};
	int64_t last = UNKNOWN;
	struct str line, host, text;
	bool reaches = false;
	uint64_t n = 0;
	size_t at;

	while (lines_next(&h->lines, &line, &ignored) > 0) {
		int64_t us = kernel_line(line, &at, &host, &text);

		n++;
		if (us == UNKNOWN || !str_eq(host, str_of(h->host)))
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
		struct str line, host, text;
		size_t at = 0;
		int64_t us;
		int rc = h->ended ? 0 : lines_next(&h->lines, &line, err);

		if (rc <= 0)
			return rc;
		us = ++h->line < h->start ? UNKNOWN : kernel_line(line, &at, &host, &text);
		if (us == UNKNOWN || !str_eq(host, str_of(h->host)))
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
	bool (*const readings[])(struct head_file *) = {find_host, find_boot};
	struct err ignored = {0};
	struct stream *in = stream_new(a, &ignored);
	struct head_file *h = arena_take(a, sizeof(*h));

	if (!in || !h || lines_init(&h->lines, a, NULL, &ignored) != 0)
		return NULL;
	h->of = of;
	for (size_t i = 0; i <= ARRAY_COUNT(readings); i++) {
		h->below = logs_open(a, root, item, &ignored);
		if (!h->below)
			return NULL;
		h->lines = (struct lines){.in = h->below, .p = h->lines.p};
		if (i == ARRAY_COUNT(readings))
			break;
		if (!readings[i](h)) {
			stream_close(h->below);
			return NULL;
		}
		stream_close(h->below);
	}
	in->own = h;
	in->read = head_read;
	in->close = head_close;
	return in;
}

struct stream *head_open(struct arena *a, const struct root *root, const struct head_of *of,
			 const volatile int *stop, char from[128])
{
	struct err ignored = {0};
	struct head_of *kept = arena_take(a, sizeof(*kept));
	struct log_list list;
	struct stream *in = NULL;

	if (!kept)
		return NULL;
	*kept = *of;
	if (root_is_live(root))
		in = journalctl_open(a, root, 0, kept, stop, &ignored);
	if (in) {
		snprintf(from, 128, "the journal");
		return in;
	}
	if (logs_find_files(a, root, &list, &ignored))
		return NULL;
	for (size_t i = 0; i < list.n && !in && !(stop && *stop); i++) {
		in = head_from_item(a, root, &list.items[i], kept);
		if (in)
			snprintf(from, 128, "%.120s", list.items[i].path);
	}
	return in;
}
