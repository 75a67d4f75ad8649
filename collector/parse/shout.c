/* SPDX-License-Identifier: MIT */
/* shout.c - what daemons write to all terminals, and so into what is copied from one: copies of lines
 * that the log has, too.
 *
 *	Message from syslogd@db1 at Jan  2 15:04:05 ...
 *	 kernel:[ 1234.567890] Out of memory: Killed process 812 (java) ...
 *
 *	Broadcast message from systemd-journald@db1 (Fri 2026-01-02 15:04:05 UTC):
 *
 *	kernel[1]: [ 1234.567890] Out of memory: Killed process 812 (java) ...
 *
 * The line behind is an event of its own as long as nothing else tells of it.
 */
#include "base/when.h"
#include "parse/unwrap.h"

/* "Jan  2 15:04:05 ...", "2026-01-02T15:04:05+01:00 ...", "Fri 2026-01-02 15:04:05 UTC):" */
static int64_t time_of(const struct parser *p, struct str in)
{
	struct civil c = {.month = month_from_name(in)};
	struct str word;
	uint64_t day;
	int64_t us;

	if (c.month) {
		in = str_from(in, 3);
		skip_blanks(&in);
		if (!take_u64(&in, &day) || day < 1 || day > 31 || !take_char(&in, ' ') ||
		    !take_clock(&in, &c))
			return UNKNOWN;
		c.day = (int)day;
		return guess_year(p, &c);
	}
	if (in.n && !ascii_digit(in.p[0]) && take_word(&in, &word))
		skip_blanks(&in);
	return in.n && ascii_digit(in.p[0]) && take_iso_time(&in, &us) ? us : UNKNOWN;
}

bool take_shout(struct parser *p, struct str *in, struct piece *pc)
{
	static const struct {
		struct str begins, behind_host, ends;
	} rows[] = {
		{STR_INIT("Message from syslogd@"), STR_INIT(" at "), STR_INIT("...")},
		{STR_INIT("Broadcast message from systemd-journald@"), STR_INIT(" ("), STR_INIT("):")},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str at = *in, host;

		if (!take_lit(&at, rows[i].begins) || !take_until_lit(&at, rows[i].behind_host, &host) ||
		    host.n == 0 || str_find_char(host, ' ') != SIZE_MAX ||
		    !str_ends(str_trim(at), rows[i].ends))
			continue;
		pc->host = host;
		pc->wall_us = time_of(p, at);
		p->shout_us = pc->wall_us;
		p->shout = SHOUT_HEAD;
		*in = str_from(at, at.n);
		return true;
	}
	return false;
}

void shout_line(struct parser *p, struct piece *pc)
{
	if (p->shout == SHOUT_HEAD || pc->text.n == 0) {
		p->shout = pc->text.n == 0 && p->shout ? SHOUT_TEXT : SHOUT_NONE;
		return;
	}
	pc->shouted = true;
	if (pc->wall_us == UNKNOWN)
		pc->wall_us = p->shout_us;
	p->shout = SHOUT_NONE;
}

bool shout_is_known(struct parser *p, const struct piece *pc, int64_t pid)
{
	struct victim *v;
	const struct live *l = pc->shouted ? live_of_victim(p, pid, &v) : NULL;

	return l && !(l->shouted && v->total_vm_kb == UNKNOWN);
}

void shout_absorb(struct parser *p, const struct live *now)
{
	const struct event *ev = now->ev;

	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (!l->shouted || now->shouted ||
		    (l->ev->n_victims ? !ev->n_victims || ev->victims[ev->n_victims - 1].pid !=
								  l->ev->victims[0].pid
				      : !str_eq(l->ev->reason, ev->reason)))
			continue;
		l->killed = l->panic = false; /* not worth keeping any more */
		live_close(p, p->host, i);
	}
}
