/* SPDX-License-Identifier: MIT */
/* scan.c - the small readers that all handlers share. */
#include "parse/rows.h"

/* "12>" of a pager, "12…" of journalctl: more digits stood there. */
static bool is_cut_off(struct str behind)
{
	char c = behind.n ? behind.p[0] : ' ';

	return (c == '>' && behind.n == 1) ||
	       (c == '.' && str_starts(behind, STR("..."))) ||
	       ((unsigned char)c >= 0x80 && str_starts(behind, STR("…")));
}

/* What a terminal's width has cut ends in '>' or holds "…" (journalctl leaves some of the end). A
 * '>' that closes something is the kernel's own: <TASK>. */
bool line_is_cut(struct str text)
{
	size_t open;

	text = str_trim(text);
	if (text.n && text.p[text.n - 1] == '>') {
		open = str_rfind(text, STR("<"));
		return open == SIZE_MAX ||
		       str_find_char(str_from(text, open), '>') != text.n - open - 1;
	}
	return str_find(text, STR("…")) != SIZE_MAX;
}

int64_t take_number(struct str *in)
{
	struct str at = *in;
	int64_t n;

	if (take_i64(in, &n))
		return is_cut_off(*in) ? UNKNOWN : n;
	/* too large for 64 bits, or none: eat the digits all the same */
	(void)take_char(&at, '-');
	while (at.n && ascii_digit(at.p[0])) {
		at = str_from(at, 1);
		*in = at;
	}
	return UNKNOWN;
}

int64_t take_kb(struct str *in)
{
	int64_t n;

	skip_blanks(in);
	n = take_number(in);
	if (!take_lit(in, STR("kB")))
		(void)take_lit(in, STR("KB"));
	return n;
}

static bool key_byte(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '(' || c == ')' || c == '-';
}

void take_pairs(struct arena *a, struct kvs *list, struct str *in, enum unit unit)
{
	for (;;) {
		struct str at, printed;
		char room[64];
		int64_t n;
		enum unit u = unit;
		size_t i = 0;

		skip_blanks(in);
		at = *in;
		while (i < at.n && key_byte(at.p[i]))
			i++;
		if (i == 0 || i >= at.n)
			return;
		printed = str_sub(at, 0, i);
		if (at.p[i] == '?') { /* all_unreclaimable? yes */
			at = str_from(at, i + 1);
			skip_blanks(&at);
			if (take_lit(&at, STR("yes")))
				n = 1;
			else if (take_lit(&at, STR("no")))
				n = 0;
			else
				return;
			u = UNIT_BOOL;
		} else if (at.p[i] == ':') {
			at = str_from(at, i + 1);
			skip_blanks(&at);
			if (at.n == 0 || (!ascii_digit(at.p[0]) && at.p[0] != '-'))
				return;
			n = take_number(&at);
			if (take_lit(&at, STR("kB")) || take_lit(&at, STR("KB")) ||
			    (take_char(&at, 'k') && is_cut_off(at)))
				u = UNIT_KB;
			else if (unit == UNIT_KB)
				u = UNIT_COUNT; /* pages_scanned:0 */
		} else {
			return;
		}
		(void)kvs_add(a, list, kv_key(printed, room, sizeof(room)), n, u);
		*in = at;
	}
}

bool take_gfp(struct parser *p, struct live *l, struct str *in)
{
	struct trigger *t = &l->ev->trigger;
	struct str at = *in, text;
	uint64_t mask;

	if (!take_hex(&at, &mask))
		return false;
	if (mask <= INT64_MAX && !is_cut_off(at))
		t->gfp_mask = (int64_t)mask;
	*in = at;
	if (take_char(&at, '(') && take_until(&at, ')', &text)) {
		t->gfp_text = keep(p, l, text);
		*in = at;
	}
	return true;
}

bool value_of(struct str text, struct str key, struct str *ret)
{
	size_t at = str_find(text, key);

	if (at == SIZE_MAX)
		return false;
	*ret = str_from(text, at + key.n);
	return true;
}

/* The name may hold anything: it ends before what the kernel prints behind it. */
bool take_pid_name(struct str *in, int64_t *pid, struct str *name)
{
	static const struct str behind[] = {
		STR_INIT(") total-vm:"), STR_INIT("), UID"),	   STR_INIT(") score "),
		STR_INIT(") vsz:"),	 STR_INIT(") sharing"),	   STR_INIT(", now anon-rss"),
		STR_INIT(") points "),	 STR_INIT(") got "),	   STR_INIT("), adj "),
	};
	struct str at = *in, rest;
	int64_t n;
	size_t end = SIZE_MAX, first;

	skip_blanks(&at);
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	n = take_number(&at);
	first = str_find_char(at, '(');
	if (first == SIZE_MAX || first > 24)
		return false;
	at = str_from(at, first + 1);
	/* the last one of these, so that a name holding them cannot mislead */
	for (size_t i = 0; i < ARRAY_COUNT(behind); i++) {
		size_t hit = str_rfind(at, behind[i]);

		if (hit != SIZE_MAX && (end == SIZE_MAX || hit > end))
			end = hit;
	}
	if (end == SIZE_MAX)
		end = str_rfind(at, STR(")"));
	if (end == SIZE_MAX)
		return false;
	if (at.p[end] == ',') /* "(name), now": the ')' stands before */
		end = end ? end - 1 : 0;
	rest = str_from(at, end);
	*name = str_sub(at, 0, end);
	(void)take_char(&rest, ')');
	*pid = n;
	*in = rest;
	return true;
}
