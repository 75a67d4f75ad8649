/* SPDX-License-Identifier: MIT */
/* storm.c - later invocations against the first: did killing help? */
#include "diagnose/judge.h"

struct storm {
	size_t ooms, pairs, helped;
	int64_t first_free, last_free, killed_kb, rise_kb;
	uint64_t span_us;
};

/* After each kill free memory should have risen by a good part of what was killed before the
 * next invocation; where it did not, something else took it or the victim kept it. */
static struct storm storm_count(const struct judge *j)
{
	struct storm s = {.first_free = UNKNOWN, .last_free = UNKNOWN};
	const struct event_note *before = NULL;
	int64_t first_us = UNKNOWN;
	for (size_t i = 0; i < j->in->n_notes; i++) {
		const struct event_note *n = &j->in->notes[i];
		if (n->kind > EVENT_OOM_NO_VICTIM || n->first_line < j->ev->first_line)
			continue;
		s.ooms++;
		if (first_us == UNKNOWN)
			first_us = n->monotonic_us;
		else if (n->monotonic_us != UNKNOWN && n->monotonic_us > first_us)
			s.span_us = (uint64_t)(n->monotonic_us - first_us);
		if (s.first_free == UNKNOWN)
			s.first_free = n->free_kb;
		if (n->free_kb != UNKNOWN)
			s.last_free = n->free_kb;
		if (before && before->killed_kb > 0 && n->free_kb != UNKNOWN &&
		    before->free_kb != UNKNOWN) {
			s.pairs++;
			s.killed_kb += before->killed_kb;
			s.rise_kb += n->free_kb - before->free_kb;
			if ((double)(n->free_kb - before->free_kb) >=
			    threshold(T_FREE_RISE) / 100 * (double)before->killed_kb)
				s.helped++;
		}
		before = n;
	}
	return s;
}

bool storm_seen(struct judge *j)
{
	struct storm s = storm_count(j);
	if (s.ooms < 2)
		return false;
	notes(j, "%zu invocations of the OOM killer in %.1f s, this is the first of them", s.ooms,
	      (double)s.span_us / 1e6);
	if (s.pairs == 0)
		return because(j, "The killer ran %zu times; the log does not show how free memory "
				  "changed between", s.ooms);
	notes(j, "after %zu of %zu kills free memory had risen by %g %% or more of what was killed "
		 "when the next one came (killed %lld kB, rise %lld kB)",
	      s.helped, s.pairs, threshold(T_FREE_RISE), (long long)s.killed_kb,
	      (long long)s.rise_kb);
	if (s.helped * 2 >= s.pairs)
		return because(j, "The killer ran %zu times; killing did free memory, and it was "
				  "used up again", s.ooms);
	advise(j, "Free memory did not rise after the kills: either something else took it at "
		  "once, or the memory is not the victims': look at slab, page tables, shared "
		  "memory and the unaccounted part of the first event.");
	return because(j, "The killer ran %zu times, and free memory did not rise after the kills",
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
			     s.helped * 2 >= s.pairs ? "helped only for a while"
						     : "did not help");
	return true;
}
