/* SPDX-License-Identifier: MIT */
/* event_reaper.c - behind the kill: what the OOM reaper got back of a victim's memory (4.6 and later),
 * up to seconds later and often among the lines of the next event.
 */
#include "parse/handlers.h"

/* Where the log begins behind the kill, its victim is all there is to know of it. Elsewhere a
 * stranger is a thread of some victim, not a kill of its own. */
static struct live *reaped_in(struct parser *p, const struct piece *pc, int64_t pid,
			      struct str name, struct victim **victim)
{
	struct live *l = live_of_victim(p, pid, victim);

	if (l || oom_near(p->host, NULL))
		return l;
	l = oom_new(p, pc);
	if (!l)
		return NULL;
	l->named = NAMED_BY_REAPER;
	live_settled(l);
	*victim = victim_new(p, l);
	if (!*victim)
		return NULL;
	(*victim)->pid = pid;
	(*victim)->comm = keep(p, l, name);
	return l;
}

/* oom_reaper: reaped process 86 (tail), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB */
HANDLER(on_reaped)
{
	struct victim *v = NULL, left = {.uid = UNKNOWN};
	struct str at = rest, name;
	struct live *l;
	int64_t pid;

	skip_blanks(&at);
	if (!take_lit(&at, STR("reaped process ")))
		return on_reaper_gave_up(p, pc, rest);
	if (!take_pid_name(&at, &pid, &name))
		return false;
	l = reaped_in(p, pc, pid, name, &v);
	if (!l)
		return true;
	left.anon_rss_kb = left.file_rss_kb = left.shmem_rss_kb = UNKNOWN;
	victim_sizes(&left, at);
	v->reaped = 1;
	v->after_anon_kb = left.anon_rss_kb;
	v->after_file_kb = left.file_rss_kb;
	v->after_shmem_kb = left.shmem_rss_kb;
	live_own(p, l, pc, 0);
	return true;
}

/* oom_reaper: unable to reap pid:86 (tail), giving up pid:86 (tail) */
HANDLER(on_reaper_gave_up)
{
	struct victim *v = NULL;
	struct live *l;
	struct str at, name;
	int64_t pid;

	if (!value_of(rest, STR(" pid:"), &at) || !take_pid_name(&at, &pid, &name))
		return false;
	l = reaped_in(p, pc, pid, name, &v);
	if (!l)
		return true;
	v->reaped = 0;
	live_own(p, l, pc, 0);
	return true;
}
