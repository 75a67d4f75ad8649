/* SPDX-License-Identifier: MIT */
/* sampler.c - wait, read, encode, hand over. */
#include "vmlog/sampler.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"

#define MS INT64_C(1000)
#define SECOND INT64_C(1000000)

static const int64_t mode_interval_us[] = {
	[MODE_CALM] = INT64_MAX, [MODE_ALERT] = 100 * MS, [MODE_STORM] = 10 * MS};
static const int64_t mode_medium_us[] = {
	[MODE_CALM] = INT64_MAX, [MODE_ALERT] = 2 * SECOND, [MODE_STORM] = SECOND};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- the cadence ---- */

static void spend(struct budget *b, bool used, int64_t us)
{
	b->left_us += us / b->refill;
	if (used)
		b->left_us -= us;
	if (b->left_us > b->max_us)
		b->left_us = b->max_us;
}

static void choose_mode(struct sampler *s, int64_t now, int64_t since_last)
{
	spend(&s->storm_budget, s->mode == MODE_STORM, since_last);
	spend(&s->alert_budget, s->mode == MODE_ALERT, since_last);
	s->mode = MODE_CALM;
	if (!s->o.adaptive)
		return;
	if (now < s->storm_until_us && s->storm_budget.left_us > 0)
		s->mode = MODE_STORM;
	else if (now < s->alert_until_us && s->alert_budget.left_us > 0)
		s->mode = MODE_ALERT;
}

static int64_t interval(const struct sampler *s)
{
	int64_t us = least(s->o.interval_us, mode_interval_us[s->mode]);
	int64_t bound = s->cost_us * 100 / s->o.cpu_percent;
	size_t used = memring_used(s->ring);

	/* the writer cannot keep up: thin out rather than lose */
	if (used > s->ring->size / 4 * 3)
		us = us < 100 * MS ? 100 * MS : us;
	if (used > s->ring->size / 8 * 7)
		us = us < SECOND ? SECOND : us;
	return us < bound ? bound : us;
}

static void alert(struct sampler *s, int64_t until)
{
	if (until > s->alert_until_us)
		s->alert_until_us = until;
}

static void storm(struct sampler *s, int64_t now)
{
	s->storm_until_us = now + 10 * SECOND;
	alert(s, now + 60 * SECOND);
	if (now >= s->next_event_us) {
		survey_ask(s->survey, WANT_EVENT | WANT_SLOW | WANT_MEDIUM);
		s->next_event_us = now + 30 * SECOND;
		s->next_medium_us = now;
	}
}

/* What the kernel log says; lines wait in `pending` until their frame is stored. */
static void hear(struct sampler *s, int64_t now)
{
	struct news news;

	watch_read(&s->watch, &news);
	if (news.trouble)
		alert(s, now + 10 * SECOND);
	if (!news.oom)
		return;
	if (!s->pending.oom)
		memcpy(s->pending.line, news.line, s->pending.line_n = news.line_n);
	s->pending.oom = true;
	s->pending.kills += news.kills;
	storm(s, now);
}

/* Sleep until `next` or until something rings. True: asked to stop. */
static bool sleep_until(struct sampler *s, int64_t next)
{
	struct pollfd p[] = {
		{.fd = s->stop_fd, .events = POLLIN},
		/* at a short cadence each sample looks anyway: no need to be woken by lines */
		{.fd = interval(s) < 50 * MS ? -1 : s->watch.kmsg, .events = POLLIN},
		{.fd = s->watch.psi, .events = POLLPRI},
	};
	int64_t now = when_monotonic(), left = next > now ? next - now : 0;
	struct timespec ts = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND * 1000};
	int n = ppoll(p, ARRAY_COUNT(p), &ts, NULL);

	if (n <= 0)
		return false;
	if (p[1].revents & (POLLHUP | POLLNVAL))
		s->watch.kmsg = -1;
	if (p[2].revents & (POLLERR | POLLNVAL))
		s->watch.psi = -1;
	else if (p[2].revents & POLLPRI)
		alert(s, when_monotonic() + 10 * SECOND);
	return (p[0].revents & POLLIN) != 0;
}

/* ---- reading ---- */

/* A number behind its key; *hint is where the key was last time, and it is hardly ever far. */
static uint64_t counter(const struct text *t, struct str key, size_t *hint)
{
	enum { NEAR = 128 };
	struct str text = {t->p, t->n};
	size_t from = *hint > NEAR ? *hint - NEAR : 0;
	size_t at = *hint == SIZE_MAX ? SIZE_MAX : str_find(str_sub(text, from, 3 * NEAR), key);
	uint64_t value = 0;

	if (at == SIZE_MAX && *hint != SIZE_MAX) {
		from = 0;
		at = str_find(text, key);
	}
	*hint = at == SIZE_MAX ? SIZE_MAX : from + at; /* it will not come later either */
	if (at == SIZE_MAX)
		return 0;
	text = str_from(text, from + at + key.n);
	skip_blanks(&text);
	return take_u64(&text, &value) ? value : 0;
}

/* Without a readable kernel log the counters still tell. */
static void look_at_counters(struct sampler *s, const struct source *at, int64_t now)
{
	uint64_t kills, stalls;

	if (str_eq(str_of(at->name), STR("meminfo"))) {
		uint64_t total = counter(&at->cur, STR("MemTotal:"), &s->hints[0]);
		uint64_t left = counter(&at->cur, STR("\nMemAvailable:"), &s->hints[1]);

		if (left && left < total / 20)
			alert(s, now + 5 * SECOND);
		return;
	}
	if (!str_eq(str_of(at->name), STR("vmstat")))
		return;
	kills = counter(&at->cur, STR("\noom_kill "), &s->hints[2]);
	stalls = counter(&at->cur, STR("\nallocstall_normal "), &s->hints[3]) +
		 counter(&at->cur, STR("\nallocstall_movable "), &s->hints[4]) +
		 counter(&at->cur, STR("\nallocstall "), &s->hints[5]);
	if (s->counters_known && kills > s->kills_seen) {
		if (s->watch.kmsg < 0) {
			static const char text[] = "vmstat: oom_kill has risen";

			memcpy(s->pending.line, text, s->pending.line_n = sizeof(text) - 1);
			s->pending.oom = true;
			s->pending.kills += (uint32_t)(kills - s->kills_seen);
		}
		storm(s, now);
	}
	if (s->counters_known && stalls > s->stalls_seen + 10)
		alert(s, now + 5 * SECOND);
	s->kills_seen = kills;
	s->stalls_seen = stalls;
	s->counters_known = true;
}

static void take_handed(struct source *at)
{
	if (!atomic_load_explicit(&at->ready, memory_order_acquire))
		return;
	at->cur.n = at->handed.n;
	at->cur.errnum = at->handed.errnum;
	at->cur.cut = at->handed.cut;
	at->cur.known = true;
	if (at->cur.n)
		memcpy(at->cur.p, at->handed.p, at->handed.n);
	at->fresh = true;
	atomic_store_explicit(&at->ready, false, memory_order_release);
}

static void read_sources(struct sampler *s, int64_t now)
{
	bool medium = now >= s->next_medium_us, slow = now >= s->next_slow_us;

	for (size_t i = 0; i < s->sources->n; i++) {
		struct source *at = &s->sources->v[i];
		bool due = at->class == VM_FAST || (at->class == VM_MEDIUM && medium) ||
			   (at->class == VM_SLOW && slow);

		at->fresh = false;
		source_move(at);
		if (!at->cur.p)
			continue;
		if (at->survey) {
			take_handed(at);
		} else if (due && at->fd >= 0) {
			source_read(at, &at->cur, at->room);
			at->fresh = true;
			look_at_counters(s, at, now);
		}
	}
	if (medium || slow)
		survey_ask(s->survey, (medium ? WANT_MEDIUM : 0) | (slow ? WANT_SLOW : 0));
	if (medium)
		s->next_medium_us = now + least(s->o.medium_us, mode_medium_us[s->mode]);
	if (!slow)
		return;
	s->next_slow_us = now + s->o.slow_us;
	for (size_t i = 0; i < s->sources->n; i++) {
		if (s->sources->v[i].cur.cut)
			atomic_store(&s->sources->v[i].wants_room, true);
	}
}

/* What this recording costs, inside the recording. */
static void note_self(struct sampler *s, int64_t took_us)
{
	struct source *at = &s->sources->v[s->sources->made[MADE_RECORDER]];
	struct rusage ru;
	int n;

	if (!at->cur.p)
		return;
	getrusage(RUSAGE_THREAD, &ru);
	n = snprintf(at->cur.p, at->room,
		     "mode %d\ncpu_us %lld\nread_us %lld\nminor_faults %ld\nmajor_faults %ld\n"
		     "lost %llu\nqueued_bytes %zu\nwrite_errors %u\n",
		     (int)s->mode, (long long)s->cpu_us, (long long)took_us, ru.ru_minflt,
		     ru.ru_majflt, (unsigned long long)s->lost, memring_used(s->ring),
		     atomic_load(&s->writer->errors));
	at->cur.n = n > 0 ? (size_t)n : 0;
	at->cur.known = true;
	at->fresh = true;
}

/* ---- handing over ---- */

static void put_event(struct sampler *s, int64_t mono, int64_t wall)
{
	struct framed f;

	if (!s->pending.oom)
		return;
	f = framer_event(&s->framer, (struct str){s->pending.line, s->pending.line_n}, mono, wall);
	f.kills = s->pending.kills;
	if (f.bytes.n == 0)
		return; /* the next sample begins a block */
	if (!memring_put(s->ring, &f)) {
		s->framer.used -= f.bytes.n;
		return;
	}
	s->pending.oom = false;
	s->pending.kills = 0;
}

/* What the survey read once, at an OOM. */
static void put_files(struct sampler *s, int64_t mono, int64_t wall)
{
	for (size_t i = 0; i < s->sources->n; i++) {
		struct source *at = &s->sources->v[i];
		struct framed f;
		bool fits;

		if (at->class != VM_EVENT || !atomic_load_explicit(&at->ready, memory_order_acquire))
			continue;
		f = framer_file(&s->framer, at, mono, wall, &fits);
		if (f.bytes.n == 0 && fits)
			return; /* the next sample begins a block */
		if (f.bytes.n && !memring_put(s->ring, &f)) {
			s->framer.used -= f.bytes.n;
			return;
		}
		atomic_store(&at->wants_room, at->handed.cut);
		atomic_store_explicit(&at->ready, false, memory_order_release);
	}
}

static void sample(struct sampler *s, int64_t late_us)
{
	int64_t mono = when_monotonic(), wall = when_now();
	struct framed f;

	read_sources(s, mono);
	note_self(s, when_monotonic() - mono);
	f = framer_sample(&s->framer, s->sources, mono, wall, late_us);
	if (f.bytes.n && memring_put(s->ring, &f))
		framer_commit(&s->framer, s->sources, &f);
	else
		s->lost++;
	s->samples++;
	put_event(s, mono, wall);
	put_files(s, mono, wall);
	writer_wake(s->writer);
}

int sampler_run(struct sampler *s, struct err *err)
{
	int64_t start = when_monotonic(), next = start, last = start;
	int64_t end = s->o.duration_us ? start + s->o.duration_us : INT64_MAX;

	s->cpu_us = when_thread_cpu();
	while (!sleep_until(s, least(next, end))) {
		int64_t now = when_monotonic(), late = now - next;

		if (now >= end)
			break;
		if (late >= 0) { /* the sample first, then the rest of the news */
			int64_t before = s->cpu_us;

			sample(s, late > interval(s) / 2 ? late : 0);
			s->cpu_us = when_thread_cpu();
			s->cost_us += (s->cpu_us - before - s->cost_us) / 8;
			hear(s, now);
			choose_mode(s, now, now - last);
			last = now;
			next = (late > interval(s) ? now : next) + interval(s);
		} else { /* woken early: is there reason to hurry? */
			hear(s, now);
			choose_mode(s, now, 0);
			next = least(next, last + interval(s));
		}
	}
	if (s->samples == s->lost)
		return err_set(err, ERR_LIMIT, "no sample could be stored");
	return 0;
}
