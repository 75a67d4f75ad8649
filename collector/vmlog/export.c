/* SPDX-License-Identifier: MIT */
/* export.c - samples as text, csv and json, streamed. */
#include "vmlog/vmlog.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>

#include "base/log.h"
#include "base/when.h"
#include "vmlog/counters.h"
#include "vmlog/layout.h"

enum { PENDING = 32 << 10 };

struct export {
	struct sink out;
	enum vmlog_format format;
	struct buf pending;
	struct buf info; /* the last one that was printed */
	double prev[COUNTERS_MAX];
	int64_t prev_us[COUNTERS_MAX];
	struct emit json;
};

static int flush(struct export *e, struct err *err)
{
	struct str s = buf_str(&e->pending);
	int rc = s.n ? e->out.write(e->out.ctx, s, err) : 0;

	buf_clear(&e->pending);
	return rc;
}

/* Cells and lines are small, writes should not be. */
static int put(struct export *e, struct str s, struct err *err)
{
	if (e->pending.n + s.n > PENDING && flush(e, err) != 0)
		return -1;
	if (s.n > PENDING)
		return e->out.write(e->out.ctx, s, err);
	return buf_add(&e->pending, s) ? 0 : buf_ok(&e->pending, "export", err);
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

/* ---- csv and json: counters, and rates since the sample before ---- */

/* Values of one sample; rates where the counter was in an earlier one. */
static void measure(struct export *e, const struct sample *s, double v[COUNTERS_MAX])
{
	counters_read(s, v);
	for (size_t i = 0; i < counters_count(); i++) {
		double now = v[i], seconds = (double)(s->wall_us - e->prev_us[i]) / 1e6;

		if (!counters_at(i)->is_rate || isnan(now))
			continue;
		v[i] = isnan(e->prev[i]) || seconds <= 0 || now < e->prev[i]
			       ? (double)NAN
			       : (now - e->prev[i]) / seconds;
		e->prev[i] = now;
		e->prev_us[i] = s->wall_us;
	}
}

static const char *time_text(int64_t us, char *room, size_t n)
{
	struct civil c;

	when_to_civil(us, &c);
	snprintf(room, n, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour,
		 c.minute, c.second, c.micro);
	return room;
}

static struct str column(size_t i, char *room, size_t n)
{
	const struct counter *c = counters_at(i);
	struct str suffix = c->is_rate ? STR("_per_s") : unit_suffix(c->unit);

	snprintf(room, n, "%.*s%.*s", STR_ARG(c->name), STR_ARG(suffix));
	return str_of(room);
}

static int csv_head(struct export *e, struct err *err)
{
	char name[80];

	if (put(e, STR("time,epoch_s,late_s,lost,event"), err) != 0)
		return -1;
	for (size_t i = 0; i < counters_count(); i++) {
		if (put(e, STR(","), err) != 0 ||
		    put(e, column(i, name, sizeof(name)), err) != 0)
			return -1;
	}
	return put(e, STR("\n"), err);
}

/* RFC 4180; a cell that a spreadsheet would run as a formula gets a quote in front. */
static int csv_text(struct export *e, struct str s, struct err *err)
{
	struct str part;

	if (put(e, s.n && memchr("=+-@", s.p[0], 4) ? STR("\"'") : STR("\""), err) != 0)
		return -1;
	while (take_until(&s, '"', &part)) {
		if (put(e, part, err) != 0 || put(e, STR("\"\""), err) != 0)
			return -1;
	}
	if (put(e, s, err) != 0)
		return -1;
	return put(e, STR("\""), err);
}

static int csv_sample(struct export *e, const struct sample *s, struct err *err)
{
	double v[COUNTERS_MAX];
	char cell[128], at[48];

	snprintf(cell, sizeof(cell), "%s,%lld.%06lld,%lld.%06lld,%llu,",
		 time_text(s->wall_us, at, sizeof(at)), (long long)(s->wall_us / 1000000),
		 (long long)(s->wall_us % 1000000), (long long)(s->late_us / 1000000),
		 (long long)(s->late_us % 1000000), (unsigned long long)s->lost);
	if (put(e, str_of(cell), err) != 0 ||
	    (s->event.p && csv_text(e, s->event, err) != 0))
		return -1;
	if (s->event.p) {
		for (size_t i = 0; i < counters_count(); i++) {
			if (put(e, STR(","), err) != 0)
				return -1;
		}
		return put(e, STR("\n"), err);
	}
	measure(e, s, v);
	for (size_t i = 0; i < counters_count(); i++) {
		cell[0] = '\0';
		if (!isnan(v[i]))
			snprintf(cell, sizeof(cell), "%.10g", v[i]);
		if (put(e, STR(","), err) != 0 || put(e, str_of(cell), err) != 0)
			return -1;
	}
	return put(e, STR("\n"), err);
}

static void json_consumer(void *ctx, struct str name, double kb)
{
	struct emit *e = ctx;

	/* small slab caches are noise */
	if (kb >= 1024)
		emit_i64(e, name, kb < (double)INT64_MAX ? (int64_t)kb : UNKNOWN);
}

static void json_sample(struct export *e, const struct sample *s)
{
	struct emit *j = &e->json;
	double v[COUNTERS_MAX];
	char at[80];

	emit_object(j, NOKEY);
	emit_str(j, STR("time"), str_of(time_text(s->wall_us, at, sizeof(at))));
	emit_micro(j, STR("epoch_s"), s->wall_us);
	emit_micro(j, STR("monotonic_s"), s->mono_us);
	emit_micro(j, STR("late_s"), s->late_us);
	emit_i64(j, STR("lost"), (int64_t)s->lost);
	emit_str(j, STR("event"), s->event);
	if (!s->event.p) {
		measure(e, s, v);
		emit_object(j, STR("values"));
		for (size_t i = 0; i < counters_count(); i++) {
			if (!isnan(v[i]) && !counters_at(i)->is_rate)
				emit_double(j, column(i, at, sizeof(at)), v[i]);
		}
		emit_end(j);
		emit_object(j, STR("rates"));
		for (size_t i = 0; i < counters_count(); i++) {
			if (!isnan(v[i]) && counters_at(i)->is_rate)
				emit_double(j, column(i, at, sizeof(at)), v[i]);
		}
		emit_end(j);
		emit_object(j, STR("consumers_kb"));
		consumers_read(s, json_consumer, j);
		emit_end(j);
	}
	emit_end(j);
}

static int export_sample(struct export *e, const struct sample *s, struct err *err)
{
	if (e->format == VMLOG_TEXT)
		return text_sample(e, s, err);
	if (s->aside) /* a text of its own, of no counter */
		return 0;
	switch (e->format) {
	case VMLOG_TEXT:
		break;
	case VMLOG_CSV:
		return csv_sample(e, s, err);
	case VMLOG_JSON:
		json_sample(e, s);
		return e->json.err.code == ERR_NONE ? 0 : emit_finish(&e->json, err);
	}
	return 0;
}

/* Why there is nothing: the whole of it is read for the times that could have been asked for. */
static int nothing_to_export(const char *path, struct err *err)
{
	char from[WHEN_TEXT], to[WHEN_TEXT];
	int64_t first = UNKNOWN, last = UNKNOWN;
	const struct sample *sample;
	struct samples s;
	int rc;

	if (samples_open(&s, path, UNKNOWN, UNKNOWN, err) != 0)
		return -1;
	while ((rc = samples_next(&s, &sample, err)) > 0) {
		if (first == UNKNOWN || sample->wall_us < first)
			first = sample->wall_us;
		if (last == UNKNOWN || sample->wall_us > last)
			last = sample->wall_us;
	}
	if (rc == 0 && first == UNKNOWN)
		(void)samples_none(&s, "no samples of /proc files in it", err);
	else if (rc == 0)
		(void)err_set(err, ERR_FORMAT,
			      "no samples between these times: it holds %s to %s",
			      when_utc(first, from), when_utc(last, to));
	samples_close(&s);
	return -1;
}

static int export_all(struct export *e, struct samples *s, const char *path, struct err *err)
{
	const struct sample *sample;
	struct arena arena = ARENA_INIT(4096);
	struct str skipped;
	int rc = samples_next(s, &sample, err);

	/* before a head is printed */
	if (rc <= 0)
		return rc < 0 ? -1 : nothing_to_export(path, err);
	if (e->format == VMLOG_CSV && csv_head(e, err) != 0)
		return -1;
	if (e->format == VMLOG_JSON) {
		emit_init(&e->json, e->out, 0);
		emit_object(&e->json, NOKEY);
		emit_str(&e->json, STR("schema"), STR("oomreport.vmlog/1"));
		emit_str(&e->json, STR("kind"), str_of(s->reader->kind));
		emit_array(&e->json, STR("samples"));
	}
	for (; rc > 0; rc = samples_next(s, &sample, err)) {
		if (export_sample(e, sample, err) != 0)
			return -1;
	}
	if (rc == 0)
		rc = samples_skipped(s, &arena, &skipped, err);
	if (rc == 0 && e->format == VMLOG_JSON) {
		emit_end(&e->json);
		emit_str(&e->json, STR("skipped"), skipped);
		rc = emit_finish(&e->json, err);
	} else if (rc == 0 && skipped.p) {
		log_info("not read: %.*s", STR_ARG(skipped));
	}
	arena_free(&arena);
	return rc == 0 ? flush(e, err) : rc;
}

int vmlog_export(const char *path, int64_t since_us, int64_t until_us, enum vmlog_format format,
		 struct sink out, struct err *err)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct export *e = arena_take(&arena, sizeof(*e));
	struct samples s;
	int rc;

	if (!e)
		return err_set(err, ERR_NOMEM, "no memory for an export");
	e->out = out;
	e->format = format;
	e->info = (struct buf)BUF_INIT(RING_TEXT_MAX);
	e->pending = (struct buf)BUF_INIT(2 * PENDING);
	for (size_t i = 0; i < COUNTERS_MAX; i++)
		e->prev[i] = (double)NAN;
	rc = samples_open(&s, path, since_us, until_us, err);
	if (rc == 0) {
		rc = export_all(e, &s, path, err);
		samples_close(&s);
		if (rc != 0)
			(void)err_wrap(err, "%s", path);
	}
	buf_free(&e->info);
	buf_free(&e->pending);
	arena_free(&arena);
	return rc;
}

bool vmlog_find(const struct root *root, char *ret, size_t n)
{
	static const char *const places[] = {VMLOG_DEFAULT_DIR, "/var/log/oomreport/vmlog"};

	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		char path[256];
		CLEANUP_FD int fd = -1;
		bool slash = root->path[0] == '/' && root->path[1] == '\0';

		snprintf(path, sizeof(path), "%s/%s", places[i], RING_FILE_NAME);
		fd = root_openat(root, path, O_RDONLY);
		if (fd < 0)
			continue;
		if ((size_t)snprintf(ret, n, "%s%s", slash ? "" : root->path, places[i]) < n)
			return true;
	}
	return false;
}
