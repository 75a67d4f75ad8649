/* SPDX-License-Identifier: MIT */
/* sheet.c - one line of input that holds many lines of a log: a web page with "<br/>" between them, a
 * record of JSON or of a syslog with newlines or "\n" in it, a form that made blanks of newlines.
 *
 * What makes it a sheet is that lines behind the first one have prefixes of their own, or are of
 * kinds we know: a name that holds a newline makes none. Each of its lines is read as if it stood
 * alone.
 */
#include "base/when.h"
#include "parse/find.h"
#include "parse/unwrap.h"

/* "[   12.3", "<4>" (of a web page: "&lt;4"), "Jan  2 ", "2026-01-02T": only the kernel's or a syslog's
 * lines begin so */
static bool has_prefix(struct str line)
{
	int64_t us;
	bool foreign;

	skip_blanks(&line);
	if (line.n < 10)
		return false;
	if (line.p[0] == '[')
		return take_kernel_time(&line, &us);
	if (line.p[0] == '<')
		return take_level(&line, &foreign);
	if (take_lit(&line, STR("&lt;")))
		return ascii_digit(line.p[0]);
	if (ascii_digit(line.p[0]))
		return take_iso_time(&line, &us);
	return month_from_name(line) && line.p[3] == ' ';
}

bool sheet_begins(struct str rest)
{
	enum { ENOUGH = 2 };
	struct str line;
	int own = 0;

	while (own < ENOUGH && take_line(&rest, &line))
		own += has_prefix(line);
	return own >= ENOUGH;
}

/* The same of lines that came without any prefix: a few of known kinds. */
static bool holds_kinds(struct str rest)
{
	enum { ENOUGH = 4 };
	struct str line;
	int known = 0;

	while (known < ENOUGH && take_line(&rest, &line)) {
		skip_blanks(&line);
		known += kind_of(line, true) >= 0;
	}
	return known >= ENOUGH;
}

void sheet_in(struct parser *p, struct str lines, uint64_t number)
{
	struct buf *copy = &p->sheet;
	struct str all, line;

	if (lines.p != copy->p) {
		buf_clear(copy);
		buf_add(copy, lines);
	}
	all = buf_str(copy);
	p->sheet_part = p->pieces.parts;
	while (take_line(&all, &line)) {
		p->sheet_part++;
		line_plain(p, line, line, number, find_interesting(line, 0) != SIZE_MAX);
		join_keep(p);
	}
	p->pieces.parts = p->sheet_part;
	p->sheet_part = 0;
}

/* Of the pieces of a long line all are what the first one was. */
static bool may_be(const struct parser *p, struct str text, enum sheet_form form)
{
	if (p->sheet_part)
		return false;
	return p->pieces.n ? p->pieces.form == form : text.n >= SHORTEST_SHEET;
}

static bool is_sheet(struct parser *p, struct str rest, enum sheet_form form, bool bare)
{
	if (!p->pieces.n && !sheet_begins(rest) && !(bare && holds_kinds(rest)))
		return false;
	p->pieces.form = form;
	return true;
}

/* ---- a web page ---- */

/* An element behind which, or in whose place, a line ends: its bytes from '<' to '>', or 0 */
static size_t line_end_tag(struct str at)
{
	static const struct str names[] = {
		STR_INIT("br"),	  STR_INIT("/p"),  STR_INIT("/div"), STR_INIT("/li"),
		STR_INIT("/tr"), STR_INIT("/pre"),
	};
	size_t end = str_find_char(str_sub(at, 0, 64), '>');
	struct str tag;

	if (end == SIZE_MAX)
		return 0;
	tag = str_trim(str_sub(at, 1, end - 1));
	while (tag.n && (tag.p[tag.n - 1] == '/' || tag.p[tag.n - 1] == ' '))
		tag.n--;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_eq_nocase(tag, names[i]))
			return end + 1;
	}
	return 0;
}

/* Where the next one stands, or the end of the text */
static size_t next_tag(struct str text, size_t *bytes)
{
	for (size_t i = 0, at; (at = str_find_char(str_from(text, i), '<')) != SIZE_MAX; i += at + 1) {
		*bytes = line_end_tag(str_from(text, i + at));
		if (*bytes)
			return i + at;
	}
	*bytes = 0;
	return text.n;
}

bool sheet_of_markup(struct parser *p, struct str text, uint64_t number)
{
	struct buf *out = &p->sheet;
	size_t bytes, at;

	if (!may_be(p, text, SHEET_MARKUP) || next_tag(text, &bytes) == text.n)
		return false;
	buf_clear(out);
	while (text.n) {
		at = next_tag(text, &bytes);
		buf_add(out, str_sub(text, 0, at));
		buf_addc(out, '\n');
		text = str_from(text, at + bytes);
	}
	if (!is_sheet(p, buf_str(out), SHEET_MARKUP, true))
		return false;
	sheet_in(p, buf_str(out), number);
	return true;
}

/* ---- written as in C ---- */

/* "\n", "\t", "\012" */
static bool take_c_escape(struct str *in, char *ret)
{
	static const struct {
		struct str written;
		char c;
	} rows[] = {
		{STR_INIT("\\n"), '\n'},   {STR_INIT("\\012"), '\n'}, {STR_INIT("\\r"), '\r'},
		{STR_INIT("\\015"), '\r'}, {STR_INIT("\\t"), '\t'},   {STR_INIT("\\011"), '\t'},
		{STR_INIT("\\\""), '"'},   {STR_INIT("\\'"), '\''},  {STR_INIT("\\\\"), '\\'},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (take_lit(in, rows[i].written)) {
			*ret = rows[i].c;
			return true;
		}
	}
	return false;
}

/* "', '", "', b\"": between the strings of a list */
static void skip_between(struct str *in)
{
	struct str at = *in;

	if ((take_char(&at, '\'') || take_char(&at, '"')) && take_lit(&at, STR(", "))) {
		(void)take_char(&at, 'b');
		if (take_char(&at, '\'') || take_char(&at, '"'))
			*in = at;
	}
}

/* Appends what is written there to its end. */
static void unescape(struct buf *out, struct str in)
{
	while (in.n) {
		size_t at = str_find_char(in, '\\');
		char c = '\\';

		buf_add(out, str_sub(in, 0, at));
		in = str_from(in, at);
		if (in.n == 0)
			break;
		if (!take_c_escape(&in, &c))
			in = str_from(in, 1);
		if (c != '\r')
			buf_addc(out, c);
		if (c == '\n')
			skip_between(&in);
	}
}

bool literal_line(struct parser *p, struct str *text)
{
	struct str in = str_trim(*text);
	char quote;

	if (in.n < 8 || str_find_char(STR("'\"b["), in.p[0]) == SIZE_MAX)
		return false;
	(void)take_char(&in, '[');
	(void)take_char(&in, 'b');
	quote = in.p[0];
	if (quote != '\'' && quote != '"')
		return false;
	if (in.n >= SHORTEST_SHEET) { /* of many lines: see sheet_of_escapes() */
		if (str_find(in, STR("\\n")) != SIZE_MAX)
			*text = str_from(in, 1);
		return false;
	}
	while (in.n > 1 && (in.p[in.n - 1] == ',' || in.p[in.n - 1] == ']'))
		in.n--;
	if (in.n < 4 || in.p[in.n - 1] != quote)
		return false;
	in = str_sub(in, 1, in.n - 2);
	if (!str_ends(in, STR("\\n")) && !has_prefix(in))
		return false;
	buf_clear(&p->unescaped);
	unescape(&p->unescaped, in);
	*text = str_trim(buf_str(&p->unescaped));
	return true;
}

bool sheet_of_escapes(struct parser *p, struct str *text)
{
	struct buf *out = &p->unescaped;
	struct str in = *text, rest, line;

	if (!may_be(p, in, SHEET_ESCAPES) || str_find_char(in, '\\') == SIZE_MAX)
		return false;
	buf_clear(out);
	unescape(out, in);
	rest = buf_str(out);
	(void)take_line(&rest, &line);
	if (!is_sheet(p, rest, SHEET_ESCAPES, true))
		return false;
	*text = buf_str(out);
	return true;
}

/* ---- with blanks for newlines ---- */

/* "[   12.345678] text", "Jan  2 15:04:05 db1 kernel: text" */
static bool begins_own_line(struct str at)
{
	struct civil c;
	int64_t us;
	struct str word;

	if (at.n < 12)
		return false;
	if (at.p[0] == '[')
		return take_kernel_time(&at, &us) && at.n && at.p[0] == ' ';
	if (ascii_digit(at.p[0])) {
		if (at.p[4] != '-' || !take_iso_time(&at, &us))
			return false;
	} else {
		if (!month_from_name(at) || at.p[3] != ' ')
			return false;
		at = str_from(at, 4);
		skip_blanks(&at);
		if (!take_word(&at, &word) || word.n > 2 || !take_char(&at, ' ') || !take_clock(&at, &c))
			return false;
	}
	at = str_sub(at, 0, 80);
	return str_find(at, STR(" kernel: ")) != SIZE_MAX || str_find(at, STR(" kernel[")) != SIZE_MAX;
}

/* Where the next line begins, behind a blank; or the end of the text */
static size_t next_line(struct str text, size_t from)
{
	for (size_t at; (at = str_find_char(str_from(text, from), ' ')) != SIZE_MAX;) {
		from += at + 1;
		if (begins_own_line(str_from(text, from)))
			return from;
	}
	return text.n;
}

bool sheet_of_blanks(struct parser *p, struct str *text)
{
	struct buf *out = &p->unescaped;
	struct str in = *text, rest, line;

	if (!may_be(p, in, SHEET_BLANKS))
		return false;
	buf_clear(out);
	for (size_t from = 0, to; from < in.n; from = to) {
		to = next_line(in, from);
		buf_add(out, str_sub(in, from, to - from));
		if (to < in.n)
			buf_addc(out, '\n');
	}
	rest = buf_str(out);
	(void)take_line(&rest, &line);
	if (!is_sheet(p, rest, SHEET_BLANKS, false))
		return false;
	*text = buf_str(out);
	return true;
}

/* ---- longer than there is room for ---- */

size_t sheet_cut(struct str line)
{
	static const struct str ends[] = {
		STR_INIT("\\n"), STR_INIT("\\012"), STR_INIT("#012"), STR_INIT("<br"), STR_INIT("<BR"),
		STR_INIT("</p>"), STR_INIT("</div>"), STR_INIT("</tr>"), STR_INIT("&#10;"),
	};
	size_t last = 0;

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		size_t at = str_rfind(line, ends[i]);

		if (at != SIZE_MAX && at > last)
			last = at;
	}
	for (size_t from = last, to = last; to < line.n; from = to) {
		to = next_line(line, from);
		last = to < line.n ? to : last;
	}
	return last;
}
