/* SPDX-License-Identifier: MIT */
/* storm.c - later invocations against the first: did killing help? */
#include "diagnose/judge.h"

struct storm {
	size_t ooms, pairs, helped, retaken, lost;
	double killed_kb, rise_kb;
	double span_s;
};

/* What became of the memory of one kill, seen at the next invocation. Free memory is low again
 * by then, or there would be none: so what took its place is asked. */
static void after_kill(struct storm *s, const struct event_note *was, const struct event_note *is)
{
	double killed = (double)was->killed_kb, part = threshold(T_FREE_RISE) / 100;
	double anon = was->anon_kb != UNKNOWN && is->anon_kb != UNKNOWN
			      ? (double)is->anon_kb - (double)was->anon_kb
			      : 0;
	double rise = (double)is->free_kb - (double)was->free_kb;
	s->pairs++;
	s->killed_kb += killed;
	s->rise_kb += rise;
	if (rise >= part * killed)
		s->helped++;
	else if (was->anon_kb != UNKNOWN && is->anon_kb != UNKNOWN && anon <= -part * killed)
		s->lost++; /* the programs' part went down, free did not go up */
	else
		s->retaken++;
}

/* The next note of the storm behind *at, or NULL: of the same kind (a cgroup's or the
 * machine's), and not long after the one before; the next day's OOM is another story. */
static const struct event_note *next_note(const struct judge *j, size_t *at, int64_t *last_us)
{
	for (; *at < j->in->n_notes; (*at)++) {
		const struct event_note *n = &j->in->notes[*at];
		bool known = n->monotonic_us != UNKNOWN && *last_us != UNKNOWN;
		if (n->kind > EVENT_OOM_NO_VICTIM || n->first_line < j->ev->first_line)
			continue;
		if (n->scope != SCOPE_UNKNOWN && (n->scope == SCOPE_MEMCG) != j->memcg)
			continue;
		if (known && (double)n->monotonic_us - (double)*last_us >
				 threshold(T_STORM_GAP_S) * 1e6)
			return NULL;
		if (n->monotonic_us != UNKNOWN)
			*last_us = n->monotonic_us;
		(*at)++;
		return n;
	}
	return NULL;
}

static struct storm storm_count(const struct judge *j)
{
	struct storm s = {.ooms = 0};
	const struct event_note *before = NULL, *n;
	int64_t last_us = UNKNOWN;
	size_t at = 0;
	while ((n = next_note(j, &at, &last_us))) {
		s.ooms++;
		if (before && before->monotonic_us != UNKNOWN && n->monotonic_us != UNKNOWN)
			s.span_s += ((double)n->monotonic_us - (double)before->monotonic_us) / 1e6;
		if (before && before->killed_kb > 0 && n->free_kb != UNKNOWN &&
		    before->free_kb != UNKNOWN)
			after_kill(&s, before, n);
		before = n;
	}
	return s;
}

bool storm_goes_on(const struct judge *j)
{
	return storm_count(j).ooms > 1;
}

/* Time, victim and free memory of the first few. */
static void list_storm(struct judge *j)
{
	const struct event_note *n;
	int64_t last_us = UNKNOWN;
	size_t next = 0;
	for (int shown = 0; shown < 6 && (n = next_note(j, &next, &last_us)); shown++) {
		const char *at =
		    n->monotonic_us == UNKNOWN
			? words_z(j, "line %llu", (unsigned long long)n->first_line)
			: words_z(j, "%.3f s", (double)n->monotonic_us / 1e6);
		const char *free = n->free_kb == UNKNOWN
					   ? ""
					   : words_z(j, ", free %lld kB", (long long)n->free_kb);
		if (n->victim_pid == UNKNOWN)
			notes(j, "%s: nobody killed%s", at, free);
		else
			notes(j, "%s: killed %.19s (pid %lld)%s", at, n->victim,
			      (long long)n->victim_pid, free);
	}
}

bool storm_seen(struct judge *j)
{
	struct storm s = storm_count(j);
	if (s.ooms < 2)
		return false;
	notes(j, "%zu invocations of the OOM killer in %.1f s, this is the first of them", s.ooms,
	      s.span_s);
	list_storm(j);
	if (s.pairs == 0)
		return because(j, "The killer ran %zu times; the log does not show how free memory "
				  "changed between", s.ooms);
	notes(j,
	      "%.0f kB were killed; free memory rose by %.0f kB in all until the next "
	      "invocations",
	      s.killed_kb, s.rise_kb);
	notes(j,
	      "of %zu kills %zu left more memory free, after %zu other programs took it "
	      "at once, "
	      "after %zu the programs' memory went down and free memory did not rise",
	      s.pairs, s.helped, s.retaken, s.lost);
	if (s.lost * 2 > s.pairs) {
		j->rank = 43;
		advise(j, "Memory that is killed and does not become free is held by the "
			  "kernel: look "
			  "at slab, page tables, shared memory and the unaccounted part "
			  "of the first "
			  "event.");
		return because(
		    j,
		    "The killer ran %zu times, and the memory of those it killed did not "
		    "become free: the kernel itself holds or takes it",
		    s.ooms);
	}
	if (s.helped * 2 >= s.pairs)
		return because(j, "The killer ran %zu times; killing did free memory, and it was "
				  "used up again", s.ooms);
	return because(
	    j,
	    "The killer ran %zu times; what it freed was taken by other programs at once",
	    s.ooms);
}

bool storm_text(struct judge *j, struct str *ret)
{
	struct storm s = storm_count(j);
	if (s.ooms < 2)
		return false;
	if (s.pairs == 0)
		*ret = words(j, "it ran %zu times in all", s.ooms);
	else
		*ret = words(j, "it ran %zu times in all, and killing %s", s.ooms,
			     s.lost * 2 > s.pairs      ? "did not help"
			     : s.helped * 2 >= s.pairs ? "helped only for a while"
						       : "only made room for others to fill");
	return true;
}
