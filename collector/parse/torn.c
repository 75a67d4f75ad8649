/* SPDX-License-Identifier: MIT */
/* torn.c - a line that the kernel prints in pieces (KERN_CONT), torn apart by what another CPU
 * printed meanwhile: each piece came as a record of its own.
 *
 *	httpd invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=
 *	usb 1-1: new high-speed USB device number 5
 *	(null)
 *	,  order=0, oom_score_adj=0
 *
 * The event keeps the text so far, and its reader reads it again with each piece.
 */
#include "parse/rows.h"

void torn_begins(struct parser *p, struct live *l, struct str text, torn_reader *read)
{
	l->torn = keep(p, l, text);
	l->torn_read = l->torn.p ? read : NULL;
}

static bool is_one_word(struct str text)
{
	return str_find_char(text, ' ') == SIZE_MAX && str_find_char(text, '\t') == SIZE_MAX;
}

/* ",  order=0", the value behind "nodemask=", "mems_allowed=" behind the cpuset's name */
static bool is_rest_of(struct str torn, struct str text)
{
	char last;

	torn = str_trim(torn);
	last = torn.n ? torn.p[torn.n - 1] : 0;
	if (text.p[0] == ',')
		return text.n > 1 && (text.p[1] == ' ' || ascii_alpha(text.p[1]));
	if (str_starts(text, STR("mems_allowed=")))
		return str_find(torn, text) == SIZE_MAX;
	if (last == ',')
		return is_one_word(text) && str_find_char(text, '=') != SIZE_MAX;
	if (last != '=' && last != ':')
		return false;
	return is_one_word(text) || text.p[0] == '/' || str_starts(text, STR("(null),"));
}

bool torn_goes_on(struct parser *p, struct piece *pc)
{
	enum { NEAR = 8, LONGEST = 4096 };

	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];
		char room[LONGEST];
		size_t n = l->torn.n;

		if (!l->torn_read || l->stage != STAGE_OPEN || l->quiet > NEAR ||
		    live_apart(l, pc) || !caller_matches(l, pc) || n + 1 + pc->text.n > LONGEST ||
		    !is_rest_of(l->torn, pc->text))
			continue;
		memcpy(room, l->torn.p, n);
		if (pc->text.p[0] == 'm' && room[n - 1] != ',')
			room[n++] = ' ';
		memcpy(room + n, pc->text.p, pc->text.n);
		l->torn = keep(p, l, (struct str){room, n + pc->text.n});
		l->torn_read(p, l, l->torn);
		live_own(p, l, pc, 0);
		return true;
	}
	return false;
}
