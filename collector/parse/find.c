/* SPDX-License-Identifier: MIT */
/* find.c - the literals that wake the parser, and the search for them. */
#include "parse/find.h"
#include "parse/find_simd.h"

enum { BUCKETS = 8 };

/* What can begin an event, end one whose beginning is lost, or tell which kernel it is. The
 * numbers only decide the speed: where in the literal three rare bytes lie, and a bucket. What
 * passes is every mixture of the bytes that a bucket's rows have, so rows stand together that
 * make few words of other texts: these were chosen by counting in logs and prose. {literal, 0, 0}
 * is always right. */
static const struct find_row rows[] = {
	{STR_INIT("oom-kill"), 4, 1}, /* "invoked oom-killer:", "oom-kill:constraint=" */
	{STR_INIT("Killed process"), 0, 1},
	{STR_INIT("ut of memory"), 4, 0}, /* Out of memory: Kill, Memory cgroup out of ... */
	{STR_INIT("ut of Memory"), 4, 0}, /* 2.4 to 2.6.18 */
	{STR_INIT("allocation fail"), 1, 5}, /* page, vmalloc, 2.4 N-order */
	{STR_INIT("page allocation"), 6, 5}, /* ... stalls, or wrapped before "failure" */
	{STR_INIT("allocate memory on"), 1, 5}, /* SLUB, SLAB */
	{STR_INIT("vmalloc error"), 3, 5},
	{STR_INIT("vmap allocation"), 6, 5},
	{STR_INIT("vmalloc_node_range for"), 3, 5},
	{STR_INIT("vmemmap alloc fail"), 9, 5},
	{STR_INIT("warn_alloc"), 6, 5}, /* in the stack of a failure whose first line is lost */
	{STR_INIT("killing process"), 0, 1}, /* VM: killing process */
	{STR_INIT("total_vm"), 4, 2},	     /* head of the task table */
	{STR_INIT("oom_reaper"), 6, 4},
	{STR_INIT("OOM request ignored"), 2, 3},
	{STR_INIT("memory.oom.group"), 6, 6},
	{STR_INIT("Linux version "), 4, 3},
	/* of the journal: what is not UTF-8 is a list of bytes, in which nothing can be searched */
	{STR_INIT("MESSAGE\":["), 0, 3},
	{STR_INIT("MESSAGE\": ["), 0, 3},
	{STR_INIT("MESSAGE\" : ["), 0, 3},
	{STR_INIT("systemd-oomd"), 9, 7},
	{STR_INIT("earlyoom"), 4, 6},
	{STR_INIT("nohang"), 0, 6},
	{STR_INIT("corrective action"), 1, 2}, /* nohang, in its own log */
	{STR_INIT("oomd kill"), 1, 7},
	{STR_INIT("lowmemorykiller"), 9, 1},
	{STR_INIT("send sigkill to "), 8, 1}, /* the same of old */
	{STR_INIT("lmkd"), 0, 7},
	{STR_INIT("SIGKILL to cgroup"), 3, 1}, /* Talos */
};

/* ---- the engines ---- */

size_t search_portable(const struct fingerprints *f, const uint8_t *p, size_t n, size_t from,
		       struct candidate_sink *sink)
{
	size_t end = n < FINGERPRINT ? 0 : n - FINGERPRINT + 1, i = from, newlines = 0;

	for (; i < end; i++) {
		uint8_t buckets = f->ascii[0][p[i] & 127] & f->ascii[1][p[i + 1] & 127] &
				  f->ascii[2][p[i + 2] & 127];

		newlines += p[i] == '\n';
		if (buckets) {
			size_t until = sink->take(sink, i, buckets);

			if (until < end)
				end = until;
		}
	}
	for (; i < n; i++)
		newlines += p[i] == '\n';
	return newlines;
}

static bool runs_always(void)
{
	return true;
}

#if defined(__x86_64__)
static bool runs_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

static bool runs_vbmi(void)
{
	return runs_avx2() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
}
#endif

const struct find_engine find_engines[] = {
#if defined(__x86_64__)
	{"avx512vbmi", search_vbmi, runs_vbmi},
	{"avx2", search_avx2, runs_avx2},
#endif
	{"portable", search_portable, runs_always},
};
const size_t find_n_engines = ARRAY_COUNT(find_engines);

/* Chosen once: a machine does not change. */
static const struct find_engine *engine;

static const struct find_engine *best_engine(void)
{
	size_t i = 0;

	if (engine)
		return engine;
#if defined(__x86_64__)
	__builtin_cpu_init();
#endif
	while (!find_engines[i].runs())
		i++;
	return engine = &find_engines[i];
}

static void make_ready(struct find_table *t)
{
	struct fingerprints *f = &t->prints;

	for (size_t i = 0; i < t->n; i++) {
		const struct find_row *r = &t->rows[i];
		const uint8_t *rare = (const uint8_t *)r->literal.p + r->rare;
		uint8_t bucket = (uint8_t)(1u << r->bucket % BUCKETS);

		for (int k = 0; k < FINGERPRINT; k++) {
			f->low[k][rare[k] & 15] |= bucket;
			f->high[k][rare[k] >> 4] |= bucket;
			f->ascii[k][rare[k] & 127] |= bucket;
		}
		if (r->rare > t->furthest)
			t->furthest = r->rare;
	}
	t->ready = true;
}

/* ---- what passed ---- */

struct search {
	struct candidate_sink sink;
	const struct find_table *table;
	struct str window;
	size_t from, best;
};

static size_t compare(struct candidate_sink *sink, size_t at, uint8_t buckets)
{
	struct search *s = (struct search *)(void *)sink;
	const struct find_table *t = s->table;

	for (size_t i = 0; i < t->n; i++) {
		const struct find_row *r = &t->rows[i];
		size_t start = at - r->rare;

		if (!(buckets >> r->bucket % BUCKETS & 1) || at < s->from + r->rare ||
		    start >= s->best || s->window.p[start] != r->literal.p[0] || !str_starts(str_from(s->window, start), r->literal))
			continue;
		s->best = start;
	}
	/* one that begins earlier may have its rare bytes later */
	return s->best == SIZE_MAX ? SIZE_MAX : s->best + t->furthest;
}

static size_t find_by(const struct find_engine *e, struct find_table *t, struct str window,
		      size_t from, size_t *newlines)
{
	struct search s = {{compare}, t, window, from, SIZE_MAX};

	if (!t->ready)
		make_ready(t);
	*newlines = from < window.n ? e->search(&t->prints, (const uint8_t *)window.p, window.n,
						from, &s.sink)
				    : 0;
	return s.best;
}

size_t find_in(struct find_table *t, struct str window, size_t from)
{
	size_t newlines;

	return find_by(best_engine(), t, window, from, &newlines);
}

struct find_table find_table = {.rows = rows, .n = ARRAY_COUNT(rows)};

size_t find_with(const struct find_engine *e, struct str window, size_t from, size_t *newlines)
{
	return find_by(e, &find_table, window, from, newlines);
}

size_t find_interesting(struct str window, size_t from)
{
	return find_in(&find_table, window, from);
}

size_t find_or_count(struct str window, size_t *newlines)
{
	return find_with(best_engine(), window, 0, newlines);
}

/* ---- newlines alone ---- */

static size_t pass_on(struct candidate_sink *sink, size_t at, uint8_t buckets)
{
	(void)sink, (void)at, (void)buckets;
	return SIZE_MAX;
}

size_t count_with(const struct find_engine *e, struct str bytes)
{
	static const struct fingerprints none;
	struct candidate_sink sink = {pass_on};

	return e->search(&none, (const uint8_t *)bytes.p, bytes.n, 0, &sink);
}

size_t count_newlines(struct str bytes)
{
	return count_with(best_engine(), bytes);
}
