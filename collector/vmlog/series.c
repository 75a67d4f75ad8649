/* SPDX-License-Identifier: MIT */
/* series.c - samples to what each counter did: two passes over the stream, no sample kept.
 *
 * The first pass finds the window, the event and the consumers worth following; the second
 * one adds up. */
#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "vmlog/counters.h"
#include "vmlog/vmlog.h"

enum {
	CANDIDATES = 1024, /* consumers seen */
	FOLLOWED = 24,	   /* those that changed most */
	INTERVALS = 4096,  /* for the median */
};

struct candidate {
	struct str name;
	double first, last, most;
};

struct sums {
	bool any, has_prev, at_set;
	double prev_value;
	int64_t prev_us;
	double n, t, v, tt, tv; /* of the points before the event, t in s from the first */
	double grew_from;	/* the first value */
	double before;		/* the last one before the event */
};

struct reading {
	struct series *s;
	int64_t around_us;
	struct candidate *candidates;
	size_t n_candidates;
	size_t followed[FOLLOWED];
	size_t n_followed;
	struct sums *sums;
	double *filled; /* readings in each point */
	double *intervals;
	size_t n_intervals;
	int64_t prev_us;
	double kills; /* oom_kill in the sample before */
	bool outside; /* no event near: the window's middle */
};

/* ---- first pass ---- */

static void note_event(struct reading *r, int64_t us)
{
	int64_t *at = &r->s->event_us;

	/* the first; with a time asked for, the nearest */
	if (*at == UNKNOWN ||
	    (r->around_us != UNKNOWN && llabs(us - r->around_us) < llabs(*at - r->around_us)))
		*at = us;
}

static void meet(void *ctx, struct str name, double kb)
{
	struct reading *r = ctx;
	struct candidate *c;

	for (size_t i = 0; i < r->n_candidates; i++) {
		c = &r->candidates[i];
		if (str_eq(c->name, name)) {
			c->last = kb;
			c->most = kb > c->most ? kb : c->most;
			return;
		}
	}
	if (r->n_candidates == CANDIDATES)
		return;
	c = &r->candidates[r->n_candidates];
	if (!arena_str(&r->s->arena, name, &c->name))
		return;
	c->first = c->last = c->most = kb;
	r->n_candidates++;
}

static void note_time(struct reading *r, int64_t us)
{
	struct series *s = r->s;
	double gap = s->samples ? (double)(us - r->prev_us) / 1e6 : 0;

	if (s->samples && us == r->prev_us)
		return; /* another file of the same moment */
	if (s->samples++ == 0)
		s->first_us = us;
	s->last_us = us;
	r->prev_us = us;
	if (gap <= 0)
		return;
	if (gap > s->longest_gap_s)
		s->longest_gap_s = gap;
	/* enough of them for a median, from the whole length */
	if (r->n_intervals < INTERVALS)
		r->intervals[r->n_intervals++] = gap;
	else if (s->samples % 7 == 0)
		r->intervals[s->samples / 7 % INTERVALS] = gap;
}

static void first_pass(struct reading *r, const struct sample *sample)
{
	double v[COUNTERS_MAX];
	bool any = false;

	if (sample->aside)
		return;
	if (sample->event.p) {
		note_event(r, sample->wall_us);
		return;
	}
	counters_read(sample, v);
	for (size_t i = 0; i < counters_count(); i++)
		any = any || !isnan(v[i]);
	if (!any && r->s->samples == 0)
		return;
	for (size_t i = 0; i < counters_count(); i++) {
		if (!str_eq(counters_at(i)->name, STR("oom_kill")) || isnan(v[i]))
			continue;
		if (!isnan(r->kills) && v[i] > r->kills)
			note_event(r, sample->wall_us);
		r->kills = v[i];
	}
	consumers_read(sample, meet, r);
	note_time(r, sample->wall_us);
}

static double change(const struct candidate *c)
{
	return c->most - c->first;
}

static void choose_consumers(struct reading *r)
{
	for (size_t i = 0; i < r->n_candidates; i++) {
		size_t at = r->n_followed;

		if (r->candidates[i].most < 1024)
			continue;
		while (at > 0 &&
		       change(&r->candidates[r->followed[at - 1]]) < change(&r->candidates[i]))
			at--;
		if (at == FOLLOWED)
			continue;
		if (r->n_followed < FOLLOWED)
			r->n_followed++;
		memmove(r->followed + at + 1, r->followed + at,
			(r->n_followed - at - 1) * sizeof(*r->followed));
		r->followed[at] = i;
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* ---- second pass ---- */

static size_t point_of(const struct series *s, int64_t us)
{
	/* somebody's clock may have been set back: before the first is at the first */
	double share = s->last_us > s->first_us && us > s->first_us
			       ? (double)(us - s->first_us) / (double)(s->last_us - s->first_us)
			       : 0;
	size_t at = (size_t)(share * (double)s->n_points);

	return at < s->n_points ? at : s->n_points - 1;
}

/* A gauge's value or a counter's rate, at a time. */
static void tell(struct reading *r, size_t i, double value, int64_t us)
{
	struct series *s = r->s;
	struct series_counter *c = &s->counters[i];
	struct sums *sum = &r->sums[i];
	double t = (double)(us - s->first_us) / 1e6;
	size_t at = point_of(s, us) * s->n_counters + i;

	if (!sum->any) {
		c->start = c->min = c->max = sum->grew_from = value;
		sum->any = true;
	}
	c->end = value;
	c->min = value < c->min ? value : c->min;
	c->max = value > c->max ? value : c->max;
	s->points[at] = isnan(s->points[at]) ? value : s->points[at] + value;
	r->filled[at]++;
	if (s->event_us == UNKNOWN || us <= s->event_us) {
		sum->n++;
		sum->t += t;
		sum->v += value;
		sum->tt += t * t;
		sum->tv += t * value;
		sum->before = value;
	}
	/* a gauge: the last before the event; a rate: of the interval that holds it */
	if (s->event_us != UNKNOWN && (us <= s->event_us || (c->is_rate && !sum->at_set))) {
		c->at_event = value;
		sum->at_set = us >= s->event_us;
	}
}

static void add_value(struct reading *r, size_t i, double value, int64_t us)
{
	struct sums *sum = &r->sums[i];
	double s = (double)(us - sum->prev_us) / 1e6;

	if (isnan(value))
		return;
	if (!r->s->counters[i].is_rate) {
		tell(r, i, value, us);
		return;
	}
	/* a counter that goes back has begun anew (a reboot) */
	if (sum->has_prev && s > 0 && value >= sum->prev_value)
		tell(r, i, (value - sum->prev_value) / s, us);
	sum->has_prev = true;
	sum->prev_value = value;
	sum->prev_us = us;
}

struct following {
	struct reading *r;
	int64_t us;
};

static void follow(void *ctx, struct str name, double kb)
{
	struct following *f = ctx;

	for (size_t k = 0; k < f->r->n_followed; k++) {
		if (str_eq(f->r->candidates[f->r->followed[k]].name, name))
			add_value(f->r, counters_count() + k, kb, f->us);
	}
}

static void second_pass(struct reading *r, const struct sample *sample)
{
	struct following f = {r, sample->wall_us};
	double v[COUNTERS_MAX];

	if (sample->event.p || sample->aside)
		return;
	counters_read(sample, v);
	for (size_t i = 0; i < counters_count(); i++)
		add_value(r, i, v[i], sample->wall_us);
	consumers_read(sample, follow, &f);
}

static double grown(const struct reading *r, size_t i)
{
	const struct sums *sum = &r->sums[i];

	return sum->any && sum->n > 1 ? sum->before - sum->grew_from : 0;
}

/* The memory that grew most, and by name where one consumer is most of it. */
static void name_growth(struct reading *r)
{
	struct series *s = r->s;
	size_t best = SIZE_MAX, by = SIZE_MAX;

	for (size_t i = 0; i < counters_count(); i++) {
		if (counters_at(i)->grows && grown(r, i) > (best == SIZE_MAX ? 0 : grown(r, best)))
			best = i;
	}
	if (best == SIZE_MAX)
		return;
	s->grew_most = s->counters[best].name;
	s->grew_kb = grown(r, best);
	for (size_t i = counters_count(); i < s->n_counters; i++) {
		struct str name = s->counters[i].name;
		bool slab = str_starts(name, STR("slab:")) &&
			    (str_eq(s->grew_most, STR("sunreclaim")) ||
			     str_eq(s->grew_most, STR("sreclaimable")));
		bool process = str_starts(name, STR("process:")) &&
			       str_eq(s->grew_most, STR("anonpages"));

		if ((slab || process) && grown(r, i) > (by == SIZE_MAX ? 0 : grown(r, by)))
			by = i;
	}
	if (by != SIZE_MAX && grown(r, by) > 0.6 * s->grew_kb) {
		s->grew_most = s->counters[by].name;
		s->grew_kb = grown(r, by);
	}
}

/* ---- together ---- */

static int run_pass(struct reading *r, const char *path,
		    void (*pass)(struct reading *, const struct sample *), struct err *err)
{
	int64_t since = UNKNOWN, until = UNKNOWN;
	const struct sample *sample;
	struct samples samples;
	int rc;

	if (r->around_us != UNKNOWN) {
		since = r->around_us - VMLOG_BEFORE_US;
		until = r->around_us + VMLOG_AFTER_US;
	}
	if (samples_open(&samples, path, since, until, err) != 0)
		return -1;
	r->s->kind = str_of(samples.reader->kind);
	while ((rc = samples_next(&samples, &sample, err)) > 0)
		pass(r, sample);
	if (rc == 0 && pass == first_pass)
		rc = samples_skipped(&samples, &r->s->arena, &r->s->skipped, err);
	if (rc == 0 && r->s->samples == 0) {
		rc = samples_none(&samples, r->around_us == UNKNOWN
						    ? "no samples of /proc files in it"
						    : "no sample around that time", err);
		(void)err_wrap(err, "%s", path);
	}
	samples_close(&samples);
	return rc;
}

static int allocate(struct reading *r, struct err *err)
{
	struct series *s = r->s;
	size_t cells;

	s->n_counters = counters_count() + r->n_followed;
	s->n_points = s->samples < SERIES_POINTS ? (size_t)s->samples : SERIES_POINTS;
	cells = s->n_points * s->n_counters;
	s->counters = arena_array(&s->arena, s->n_counters, sizeof(*s->counters));
	r->sums = arena_array(&s->arena, s->n_counters, sizeof(*r->sums));
	s->points = arena_array(&s->arena, cells, sizeof(*s->points));
	s->point_us = arena_array(&s->arena, s->n_points, sizeof(*s->point_us));
	r->filled = arena_array(&s->arena, cells, sizeof(*r->filled));
	if (!s->counters || !r->sums || !s->points || !s->point_us || !r->filled)
		return err_set(err, ERR_NOMEM, "no memory for the series");
	for (size_t i = 0; i < cells; i++)
		s->points[i] = (double)NAN;
	for (size_t i = 0; i < s->n_points; i++)
		s->point_us[i] = s->first_us + (s->last_us - s->first_us) *
						       (2 * (int64_t)i + 1) /
						       (2 * (int64_t)s->n_points);
	for (size_t i = 0; i < s->n_counters; i++) {
		struct series_counter *c = &s->counters[i];

		*c = (struct series_counter){.unit = UNIT_KB};
		c->start = c->end = c->min = c->max = c->slope_per_s = c->at_event = (double)NAN;
		if (i >= counters_count()) {
			c->name = r->candidates[r->followed[i - counters_count()]].name;
			continue;
		}
		c->name = counters_at(i)->name;
		c->unit = counters_at(i)->unit;
		c->is_rate = counters_at(i)->is_rate;
	}
	return 0;
}

/* Counters that no sample told are left out, so that every one in the list has numbers. */
static void finish(struct reading *r)
{
	struct series *s = r->s;
	size_t kept = 0, cells = 0, all = s->n_counters;
	bool keep[COUNTERS_MAX + FOLLOWED];

	for (size_t i = 0; i < all; i++) {
		const struct sums *sum = &r->sums[i];
		double d = sum->n * sum->tt - sum->t * sum->t;

		keep[i] = sum->any;
		if (sum->n > 1 && d > 0)
			s->counters[i].slope_per_s = (sum->n * sum->tv - sum->t * sum->v) / d;
		if (keep[i])
			s->counters[kept++] = s->counters[i];
	}
	for (size_t at = 0; at < s->n_points * all; at++) {
		if (keep[at % all])
			s->points[cells++] = r->filled[at] > 0 ? s->points[at] / r->filled[at]
							       : (double)NAN;
	}
	s->n_counters = kept;
}

static int read_both(struct reading *r, const char *path, struct err *err)
{
	struct series *s = r->s;

	r->candidates = arena_array(&s->arena, CANDIDATES, sizeof(*r->candidates));
	r->intervals = arena_array(&s->arena, INTERVALS, sizeof(*r->intervals));
	if (!r->candidates || !r->intervals)
		return err_set(err, ERR_NOMEM, "no memory for the series");
	if (run_pass(r, path, first_pass, err) != 0)
		return -1;
	if (r->n_intervals) {
		qsort(r->intervals, r->n_intervals, sizeof(*r->intervals), by_size);
		s->interval_s = r->intervals[r->n_intervals / 2];
	}
	if (s->event_us == UNKNOWN && r->around_us != UNKNOWN && r->around_us >= s->first_us &&
	    r->around_us <= s->last_us)
		s->event_us = r->around_us;
	choose_consumers(r);
	if (allocate(r, err) != 0 || run_pass(r, path, second_pass, err) != 0)
		return -1;
	name_growth(r);
	finish(r);
	return 0;
}

int series_read(struct series *ret, const char *path, int64_t around_us, struct err *err)
{
	struct series s = {.arena = ARENA_INIT(16 << 20),
			   .first_us = UNKNOWN,
			   .last_us = UNKNOWN,
			   .event_us = UNKNOWN};
	struct reading r = {.s = &s, .around_us = around_us, .kills = (double)NAN};

	if (read_both(&r, path, err) != 0) {
		arena_free(&s.arena);
		return -1;
	}
	*ret = s;
	return 0;
}

void series_free(struct series *s)
{
	arena_free(&s->arena);
	*s = (struct series){.arena = ARENA_INIT(0)};
}
