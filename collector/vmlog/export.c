/* SPDX-License-Identifier: MIT */
/* export.c - samples as text, csv and json, streamed. */
#include "vmlog/vmlog.h"

#include "vmlog/layout.h"
#include "vmlog/samples.h"

struct export {
	struct sink out;
	struct buf info; /* the last one that was printed */
};

static int put(struct export *e, struct str s, struct err *err)
{
	return s.n ? e->out.write(e->out.ctx, s, err) : 0;
}

/* Settings are in every key frame; they are news only when they differ. */
static bool is_news(struct export *e, const struct sample_file *f)
{
	if (f->fresh)
		return true;
	if (!str_eq(f->name, STR("oomreport/info")) || str_eq(f->text, buf_str(&e->info)))
		return false;
	buf_clear(&e->info);
	return buf_add(&e->info, f->text);
}

static int text_sample(struct export *e, const struct sample *s, struct err *err)
{
	char line[RING_NAME_MAX + 128];

	if (put(e, layout_time(line, sizeof(line), s->wall_us, s->late_us), err) != 0)
		return -1;
	if (s->event.p) {
		if (put(e, STR("---- kmsg\n"), err) != 0 || put(e, s->event, err) != 0)
			return -1;
		return put(e, STR("\n"), err);
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct sample_file *f = &s->files[i];
		struct str name;

		if (!is_news(e, f))
			continue;
		name = layout_name(line, sizeof(line), f->name, f->errnum, f->cut);
		if (put(e, name, err) != 0 || put(e, f->text, err) != 0)
			return -1;
		if (f->text.n && f->text.p[f->text.n - 1] != '\n' && put(e, STR("\n"), err) != 0)
			return -1;
	}
	return 0;
}

int vmlog_export(const char *path, int64_t since_us, int64_t until_us, enum vmlog_format format,
		 struct sink out, struct err *err)
{
	struct samples s;
	struct export e = {.out = out, .info = BUF_INIT(RING_TEXT_MAX)};
	const struct sample *sample;
	int rc;

	if (format != VMLOG_TEXT)
		return err_set(err, ERR_USAGE, "only text for now");
	if (samples_open(&s, path, since_us, until_us, err) != 0)
		return -1;
	while ((rc = samples_next(&s, &sample, err)) > 0) {
		rc = text_sample(&e, sample, err);
		if (rc != 0)
			break;
	}
	samples_close(&s);
	buf_free(&e.info);
	return rc;
}
