/* SPDX-License-Identifier: MIT */
/* at_oom.c - the state of the machine within an OOM, as its recorder read it: of each
 * file one text, then the files that it copied (capture.h). */
#include <stdlib.h>

#include "vmlog/layout.h"
#include "vmlog/samples.h"
#include "vmlog/vmlog.h"

#define BEFORE_US (INT64_C(90) * 1000000) /* the slow class has been read in it */
#define AFTER_US  (INT64_C(30) * 1000000)

struct kept {
	struct buf name, text;
	int64_t wall_us;
	bool cut;
};

struct state {
	struct kept v[RING_SOURCES];
	size_t n;
};

static struct kept *kept_named(struct state *st, struct str name)
{
	for (size_t i = 0; i < st->n; i++) {
		if (str_eq(buf_str(&st->v[i].name), name))
			return &st->v[i];
	}
	return st->n < RING_SOURCES ? &st->v[st->n++] : NULL;
}

/* The first text from the event on; until there is one, the last before it. */
static bool keep(struct state *st, const struct sample *s, int64_t event_us)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sample_file *f = &s->files[i];
		struct kept *k;

		if (!f->fresh || f->errnum)
			continue;
		k = kept_named(st, f->name);
		if (!k || (k->name.n && k->wall_us >= event_us))
			continue;
		buf_clear(&k->name);
		buf_clear(&k->text);
		k->name.max = RING_NAME_MAX;
		k->text.max = RING_TEXT_MAX;
		k->wall_us = s->wall_us;
		k->cut = f->cut;
		if (!buf_add(&k->name, f->name) || !buf_add(&k->text, f->text))
			return false;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->wall_us < y->wall_us ? -1 : x->wall_us > y->wall_us;
}

static int put(struct sink out, struct str s, struct err *err)
{
	return s.n ? out.write(out.ctx, s, err) : 0;
}

static int print_file(struct sink out, struct str name, struct str text, bool cut, struct err *err)
{
	char line[RING_NAME_MAX + 128];

	if (put(out, layout_name(line, sizeof(line), name, 0, cut), err) != 0 ||
	    put(out, text, err) != 0)
		return -1;
	return text.n && text.p[text.n - 1] != '\n' ? put(out, STR("\n"), err) : 0;
}

static int print_time(struct sink out, int64_t wall_us, struct err *err)
{
	char line[128];

	return put(out, layout_time(line, sizeof(line), wall_us, 0), err);
}

static int print_state(struct state *st, struct sink out, struct err *err)
{
	qsort(st->v, st->n, sizeof(*st->v), by_time);
	for (size_t i = 0; i < st->n; i++) {
		const struct kept *k = &st->v[i];

		if ((i == 0 || k->wall_us != st->v[i - 1].wall_us) &&
		    print_time(out, k->wall_us, err) != 0)
			return -1;
		if (print_file(out, buf_str(&k->name), buf_str(&k->text), k->cut, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- one pass over the samples around the OOM ---- */

struct window {
	const char *path;
	int64_t event_us;
	struct state *state;
	struct sink out;
};

/* 0 or -1 with err. */
typedef int (*looker)(const struct window *w, const struct sample *s, struct err *err);

static int keep_texts(const struct window *w, const struct sample *s, struct err *err)
{
	if (s->event.p || s->copies || keep(w->state, s, w->event_us))
		return 0;
	return err_set(err, ERR_NOMEM, "no memory for the state at the OOM");
}

/* Copied files are thousands, and there once only: they are never held. */
static int print_copies(const struct window *w, const struct sample *s, struct err *err)
{
	if (!s->copies)
		return 0;
	if (print_time(w->out, s->wall_us, err) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		const struct sample_file *f = &s->files[i];

		if (print_file(w->out, f->name, f->text, f->cut, err) != 0)
			return -1;
	}
	return 0;
}

static int pass(const struct window *w, looker look, struct err *err)
{
	const struct sample *sample;
	struct samples s;
	int rc = samples_open(&s, w->path, w->event_us - BEFORE_US, w->event_us + AFTER_US, err);

	if (rc != 0)
		return rc;
	while ((rc = samples_next(&s, &sample, err)) > 0) {
		rc = look(w, sample, err);
		if (rc != 0)
			break;
	}
	samples_close(&s);
	return rc;
}

int vmlog_at_oom(const char *path, int64_t event_us, struct sink out, struct err *err)
{
	struct state *st = calloc(1, sizeof(*st));
	struct window w = {path, event_us, st, out};
	int rc;

	if (!st)
		return err_set(err, ERR_NOMEM, "no memory for the state at the OOM");
	rc = pass(&w, keep_texts, err);
	if (rc == 0)
		rc = print_state(st, out, err);
	if (rc == 0)
		rc = pass(&w, print_copies, err);
	for (size_t i = 0; i < st->n; i++) {
		buf_free(&st->v[i].name);
		buf_free(&st->v[i].text);
	}
	free(st);
	return rc;
}
