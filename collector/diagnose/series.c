/* SPDX-License-Identifier: MIT */
/* series.c - what the recorded minutes before the event say: slopes and rates. */
#include "diagnose/judge.h"

/* Gauges of /proc/meminfo whose growth names a cause, and what to call it. */
static const struct {
	struct str counter;
	const char *words;
} growing[] = {
	{STR_INIT("sunreclaim"), "the kernel's unreclaimable objects (slab)"},
	{STR_INIT("sreclaimable"), "dentries, inodes and other reclaimable kernel objects"},
	{STR_INIT("slab"), "the kernel's objects (slab)"},
	{STR_INIT("anonpages"), "the programs' own memory"},
	{STR_INIT("shmem"), "files in memory (tmpfs, shared memory)"},
	{STR_INIT("pagetables"), "page tables"},
	{STR_INIT("kernelstack"), "kernel stacks (the number of tasks)"},
	{STR_INIT("percpu"), "per-CPU memory"},
	{STR_INIT("vmallocused"), "kernel mappings (vmalloc)"},
	{STR_INIT("mlocked"), "locked memory"},
	{STR_INIT("unevictable"), "memory that cannot be evicted"},
	{STR_INIT("dirty"), "data waiting to be written"},
	{STR_INIT("writeback"), "data being written"},
};

static double window_s(const struct judge *j)
{
	const struct series *s = j->in->series;
	int64_t until = s->event_us != UNKNOWN ? s->event_us : s->last_us;
	if (until == UNKNOWN || s->first_us == UNKNOWN || until <= s->first_us)
		return 0;
	return (double)(until - s->first_us) / 1e6;
}

/* Since when: the last thinned point before the event where the counter was still within a
 * twentieth of its lowest value. In seconds before the event; -1 when there are no points. */
static double onset_s(const struct judge *j, struct str counter)
{
	const struct series *s = j->in->series;
	int64_t until = s->event_us != UNKNOWN ? s->event_us : s->last_us;
	double low = 0, high = 0, since = -1;
	size_t at = SIZE_MAX;
	bool any = false;
	for (size_t i = 0; i < s->n_counters; i++)
		if (str_eq(s->counters[i].name, counter))
			at = i;
	for (int pass = 0; pass < 2 && at != SIZE_MAX && s->points; pass++)
		for (size_t p = 0; p < s->n_points && s->point_us[p] <= until; p++) {
			double v = s->points[p * s->n_counters + at];
			if (v != v)
				continue;
			if (pass == 0) {
				low = any && low < v ? low : v;
				high = any && high > v ? high : v;
				any = true;
			} else if (v <= low + (high - low) / 20) {
				since = (double)(until - s->point_us[p]) / 1e6;
			}
		}
	return since;
}

bool series_growth(struct judge *j)
{
	const struct series *s = j->in->series;
	size_t best = SIZE_MAX;
	double most = 0;
	if (!s)
		return lacks(j, NEED_SERIES);
	double window = window_s(j);
	for (size_t i = 0; i < ARRAY_COUNT(growing); i++) {
		struct quantity slope = series_number(j, growing[i].counter, 's');
		if (slope.known && slope.value * window > most * 1.05) {
			most = slope.value * window;
			best = i;
		}
	}
	if (best == SIZE_MAX || window <= 0)
		return false;
	struct quantity ram = j->ram.known ? j->ram : meminfo(j, STR("memtotal"));
	struct quantity slope = series_number(j, growing[best].counter, 's');
	if (!ram.known || !says(j, q_times(j, window, slope), ">",
				q_percent(j, threshold(T_GREW), ram)))
		return false;
	struct quantity end = series_number(j, growing[best].counter, 'e');
	const char *until = s->event_us != UNKNOWN ? "the event" : "the end of the record";
	double since = onset_s(j, growing[best].counter);
	if (since > 0)
		notes(j, "it began to grow %.0f s before %s", since, until);
	if (end.known)
		notes(j, "in the %.0f s up to %s %.*s grew by %.1f kB/s, to %s", window, until,
		      STR_ARG(growing[best].counter), slope.value, human_kb(j, end.value));
	if (s->grew_most.p && str_find_char(s->grew_most, ':') != SIZE_MAX)
		notes(j, "most of it: %.*s, by %s", STR_ARG(s->grew_most), human_kb(j, s->grew_kb));
	bool over = s->event_us != UNKNOWN;
	struct quantity left = series_number(j, STR("memavailable"), over ? 'b' : 'e');
	if (left.known && slope.value > 0)
		notes(j,
		      "at this rate the %s available at the %s of the record last %.0f s",
		      human_kb(j, left.value), over ? "beginning" : "end",
		      left.value / slope.value);
	j->variant = growing[best].counter;
	return because(j, "In the %.0f s before, %s grew by %s a second", window,
		       growing[best].words, human_kb(j, slope.value));
}

/* A rate of vmstat: newer kernels split pgscan and pgsteal, the sum has its own name. */
static struct quantity rate_of(struct judge *j, const char *a, const char *b, const char *c)
{
	struct quantity q = series_number(j, str_of(a), 'm');
	if (!q.known)
		q = q_add_if_known(j, series_number(j, str_of(b), 'm'),
				   series_number(j, str_of(c), 'm'));
	return q;
}

bool series_thrashing(struct judge *j)
{
	if (!j->in->series)
		return lacks(j, NEED_SERIES);
	uint32_t lacked = j->lacks;
	struct quantity scan = rate_of(j, "pgscan", "pgscan_direct", "pgscan_kswapd");
	struct quantity steal = rate_of(j, "pgsteal", "pgsteal_direct", "pgsteal_kswapd");
	struct quantity psi = series_number(j, STR("psi_memory_full_avg10"), 'm');
	struct quantity stall = rate_of(j, "allocstall", "allocstall_normal", "allocstall_movable");
	struct quantity refault = rate_of(j, "workingset_refault", "workingset_refault_file",
					  "workingset_refault_anon");
	j->lacks = lacked;
	bool ratio = scan.known && steal.known && scan.value > 0 &&
		     says(j, scan, ">", q_times(j, threshold(T_SCAN_RATIO), steal));
	bool pressed = psi.known && says(j, psi, ">", q_constant(j, threshold(T_PSI_FULL), NULL));
	if (!ratio && !pressed)
		return false;
	if (!(ratio && pressed))
		j->confidence = CONFIDENCE_MEDIUM;
	shows(j, stall);
	shows(j, refault);
	return because(
	    j, "The machine spent its time looking for memory to free instead of working "
	       "(thrashing)");
}
