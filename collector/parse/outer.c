/* SPDX-License-Identifier: MIT */
/* outer.c - what a person's tools put in front of every line, whatever the lines are: records, too.
 *
 *	12:[    1.2] text, 12- ...	grep -n		     12	[    1.2] text	cat -n, nl, less -N
 *	/var/log/messages-2:Jan  2 ...	grep -H, zgrep	12. text		lists
 *	> {"log":"text"}		mails		- text, * text		lists
 *	| 15:04 | text |		tables		+text			diff
 *	│ text │			frames		159 <4>1 ...		RFC 6587, Heroku
 *	[3:04 PM] text, 15:04 <anna> text, [02.01. 15:04] Anna: text		chats
 *
 * A form is believed where a line of a log begins behind it, and then of the lines behind, too, as long
 * as they have it.
 */
#include "base/when.h"
#include "parse/unwrap.h"

/* ---- forms ---- */

/* "> ", "| "; "|text|" */
static bool take_quotes(struct str *in)
{
	unsigned depth = 0;

	return take_mail_quote(in, &depth) || (in->n > 2 && str_ends(*in, STR("|")) && take_char(in, '|'));
}

/* What a frame is drawn with on a terminal: "│", "┃", "║" */
static const struct str bars[] = {
	STR_INIT("\xe2\x94\x82"), STR_INIT("\xe2\x94\x83"), STR_INIT("\xe2\x95\x91"), STR_INIT("|"),
};

static bool take_bar(struct str *in)
{
	skip_blanks(in);
	for (size_t i = 0; i < ARRAY_COUNT(bars); i++) {
		if (take_lit(in, bars[i]))
			return true;
	}
	return false;
}

/* "│ text │" */
static bool take_frame(struct str *in)
{
	return (skip_blanks(in), in->n) && in->p[0] != '|' && take_bar(in);
}

/* "<4>1 ": of RFC 5424, where bytes are counted in front */
static bool begins_rfc5424(struct str at)
{
	bool foreign;

	return take_level(&at, &foreign) && take_lit(&at, STR("1 "));
}

/* "12:", "12-", "12. ", "12) ", "   12\t", "   12 text", "12  text"; no year, and no time of a day */
static bool take_line_number(struct str *in)
{
	bool blanks = in->n && ascii_blank(in->p[0]);
	uint64_t n;
	char c;

	skip_blanks(in);
	if (!take_u64(in, &n) || in->n == 0)
		return false;
	c = in->p[0];
	*in = str_from(*in, 1);
	if (c == ':' || c == '-')
		return !(in->n > 2 && ascii_digit(in->p[0]) && ascii_digit(in->p[1]) &&
			 (in->p[2] == ':' || in->p[2] == ' '));
	if (c == '.' || c == ')')
		return in->n && ascii_blank(in->p[0]);
	if (c == ' ' && in->n && in->p[0] == ' ') /* nl */
		return take_char(in, ' ');
	return c == '\t' || (c == ' ' && (blanks || begins_rfc5424(*in)));
}

/* "/var/log/messages:", "kern.log.2.gz:12:": no name of a task or driver looks so but by chance */
static bool take_file(struct str *in)
{
	enum { LONGEST = 200 };
	struct str name, number;
	size_t end;
	uint64_t n;

	skip_blanks(in);
	end = str_find_char(str_sub(*in, 0, LONGEST), ':');
	name = str_sub(*in, 0, end);

	if (end == SIZE_MAX || end < 3 || str_find_char(name, ' ') != SIZE_MAX ||
	    (name.p[0] != '/' && str_find_char(name, '.') == SIZE_MAX))
		return false;
	*in = number = str_from(*in, end + 1);
	if (take_u64(&number, &n) && take_char(&number, ':'))
		*in = number;
	return true;
}

/* "* ", "- ", "+", "-" */
static bool take_bullet(struct str *in)
{
	if (in->n == 0 || str_find_char(STR("*-+"), in->p[0]) == SIZE_MAX)
		return false;
	*in = str_from(*in, 1);
	(void)take_char(in, ' ');
	return true;
}

/* "3:04", "15:04:05", "3:04 PM" */
static bool take_hours(struct str *in)
{
	uint64_t n;

	if (!take_u64(in, &n) || n > 24 || !take_char(in, ':') || !take_u64(in, &n) || n > 59)
		return false;
	if (take_char(in, ':') && !take_u64(in, &n))
		return false;
	if (!take_lit(in, STR(" PM")))
		(void)take_lit(in, STR(" AM"));
	return true;
}

enum { LONGEST_STAMP = 48 };

/* "Anna Example: ", behind a stamp */
static bool take_speaker(struct str *in)
{
	struct str name;

	return in->n && ascii_alpha(in->p[0]) && take_until_lit(in, STR(": "), &name) &&
	       name.n <= LONGEST_STAMP && str_find_char(name, '[') == SIZE_MAX;
}

/* "[3:04 PM] ", "[02.01. 15:04] ", "15:04 <anna> ", "15:04 | " */
static bool take_stamp(struct str *in)
{
	struct str inside, name, at;
	bool any = false;

	if (take_char(in, '[')) {
		if (!take_until(in, ']', &inside) || inside.n > LONGEST_STAMP)
			return false;
		for (skip_blanks(&inside); inside.n && !any; skip_blanks(&inside)) {
			at = inside;
			any = take_hours(&at) && at.n == 0;
			if (!take_word(&inside, &name))
				break;
		}
		return any && take_char(in, ' ');
	}
	if (!take_hours(in) || !take_char(in, ' '))
		return false;
	if (take_lit(in, STR("| ")))
		return true;
	return take_char(in, '<') && take_until_lit(in, STR("> "), &name) && name.n <= LONGEST_STAMP &&
	       name.n && !ascii_digit(name.p[0]);
}

static const struct {
	bool (*take)(struct str *in);
	bool strict; /* a name may look so: what a line begins with "name invoked" is not believed */
} forms[] = {
	{take_quotes, false}, {take_stamp, false},  {take_line_number, false},
	{take_file, true},    {take_bullet, true}, {take_speaker, true},
	{take_frame, false},
};

/* ---- behind them ---- */

static bool is_kmsg(struct str at)
{
	uint64_t n;

	for (int i = 0; i < 3; i++) {
		if (!take_u64(&at, &n) || !take_char(&at, ','))
			return false;
	}
	return true;
}

/* Of colours */
static void skip_escapes(struct str *in)
{
	for (skip_blanks(in); str_starts(*in, STR("\033[")); skip_blanks(in)) {
		while (in->n && !ascii_alpha(in->p[0]))
			*in = str_from(*in, 1);
		*in = str_from(*in, in->n ? 1 : 0);
	}
}

/* Does a line of a log begin there that has a time or level, or a record? */
static bool begins_with_time(const struct parser *p, struct str at)
{
	int64_t us;
	bool foreign;

	skip_escapes(&at);
	if (at.n < 8)
		return false;
	switch (at.p[0]) {
	case '[':
		return take_kernel_time(&at, &us) || take_delta(&at) || take_date(&at, &us);
	case '<':
		return take_level(&at, &foreign);
	case '{':
		return at.p[1] == '"';
	case '"':
		return p->table.sep != 0;
	default:
		break;
	}
	if (ascii_digit(at.p[0]))
		return (at.p[4] == '-' && take_iso_time(&at, &us)) || is_kmsg(at);
	return month_from_name(at) && at.p[3] == ' ' && (ascii_digit(at.p[4]) || at.p[4] == ' ');
}

/* "java invoked oom-killer:", "java: page allocation failure": the name of a task comes first */
static bool begins_with_name(struct str at)
{
	enum { COMM = 16 };
	static const struct str behind[] = {
		STR_INIT(" invoked oom-killer:"), STR_INIT(": page allocation"), STR_INIT(": vmalloc"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(behind); i++) {
		if (str_find(str_sub(at, 0, COMM + behind[i].n), behind[i]) != SIZE_MAX)
			return ascii_alpha(at.p[0]) || at.p[0] == '_' || at.p[0] == '(';
	}
	return false;
}

/* The head of a table, among the first lines? */
static bool begins_table(struct parser *p, struct str at)
{
	bool head = !p->table.sep && p->line_no <= TABLE_HEAD_WITHIN && table_head(p, at);

	if (head)
		p->table.sep = 0; /* who reads the line tells */
	return head;
}

static bool begins_known(struct parser *p, struct str at, bool strict, bool hit)
{
	if (begins_with_time(p, at) || begins_table(p, at))
		return true;
	skip_escapes(&at);
	return kind_words(at) || (hit && !strict && begins_with_name(at));
}

/* ---- all of it ---- */

/* Those that the line before had, one behind the other. */
static bool take_same(const struct outer *o, struct str *in)
{
	struct str at = *in;

	for (size_t i = 0; i < o->n; i++) {
		if (!forms[o->forms[i]].take(&at))
			return false;
	}
	*in = at;
	return o->n > 0;
}

static bool take_new(struct parser *p, struct str *in, bool hit, struct outer *ret)
{
	struct outer found = {.n = 0};
	struct str at = *in;
	bool (*last)(struct str *) = NULL;

	while (found.n < OUTER_LAYERS) {
		size_t i = 0;

		for (; i < ARRAY_COUNT(forms); i++) {
			struct str behind = at;

			if ((forms[i].take == take_speaker && last != take_stamp) ||
			    !forms[i].take(&behind))
				continue;
			last = forms[i].take;
			found.strict |= forms[i].strict;
			at = behind;
			break;
		}
		if (i == ARRAY_COUNT(forms))
			return false;
		found.forms[found.n++] = (uint8_t)i;
		if (begins_known(p, at, found.strict, hit)) {
			*in = at;
			*ret = found;
			return true;
		}
	}
	return false;
}

/* "text |": the end of a table's or frame's row */
static struct str without_bar(struct str row)
{
	for (size_t i = 0; i < ARRAY_COUNT(bars); i++)
		row.n -= str_ends(row, bars[i]) ? bars[i].n : 0;
	while (row.n && ascii_blank(row.p[row.n - 1]))
		row.n--;
	return row;
}

struct str outer_strip(struct parser *p, struct str raw, bool hit)
{
	enum { PATIENCE = 16 };
	struct outer *o = &p->outer;
	struct str at = raw;

	o->quote = 0;
	if (raw.n > 1 && o->n == 0 && (raw.p[0] == '<' || (raw.p[0] == '[' && raw.p[1] == ' ')))
		return raw; /* most of all lines: no form begins so */
	if (o->n && take_same(o, &at)) {
		o->quiet = 0;
	} else {
		at = raw;
		if (raw.n == 0 || begins_with_time(p, raw) || !take_new(p, &at, hit, o)) {
			o->n = o->n && ++o->quiet <= PATIENCE ? o->n : 0;
			return raw;
		}
	}
	for (size_t i = 0; i < raw.n - at.n; i++)
		o->quote += raw.p[i] == '>' || raw.p[i] == '|';
	return take_bar(&raw) ? without_bar(at) : at;
}
