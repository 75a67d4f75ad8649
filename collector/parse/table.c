/* SPDX-License-Identifier: MIT */
/* table.c - records of named values that are no JSON: tables with a head (CSV, also with ';' or
 * tabs, as log servers and spreadsheets export them) and logfmt (key=value key="a value").
 *
 * Which value is the text, the host, the time is told by the same names as in JSON (json.c).
 */
#include "parse/unwrap.h"

/* ---- tables ---- */

/* One field; doubled quotes inside of quotes are one. What was decoded is put into out. */
static bool take_field(struct str *in, char sep, struct buf *out)
{
	struct str at = *in, value;

	if (!take_char(&at, '"')) {
		size_t end = str_find_char(at, sep);

		buf_add(out, str_sub(at, 0, end));
		*in = str_from(at, end);
		return true;
	}
	while (take_until(&at, '"', &value)) {
		buf_add(out, value);
		if (at.n && at.p[0] == '"') {
			buf_addc(out, '"');
			at = str_from(at, 1);
			continue;
		}
		if (at.n && at.p[0] != sep)
			return false;
		*in = at;
		return true;
	}
	return false;
}

static struct str without_end(struct str line)
{
	(void)take_lit(&line, STR("\xef\xbb\xbf"));
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* A name, no value: no sentence, no number in front. */
static bool is_column(struct str name)
{
	if (name.n == 0 || name.n >= COLUMN_NAME || ascii_digit(name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!ascii_alpha(name.p[i]) && !ascii_digit(name.p[i]) &&
		    str_find_char(STR("_@.- /"), name.p[i]) == SIZE_MAX)
			return false;
	}
	return true;
}

static bool head_with(struct parser *p, struct str line, char sep)
{
	struct table *t = &p->table;
	bool text = false;

	for (t->n = 0; t->n < TABLE_COLUMNS; t->n++) {
		char *room = t->names[t->n];
		struct str name;

		buf_clear(&p->json_scratch);
		if (!take_field(&line, sep, &p->json_scratch))
			break;
		name = str_trim(buf_str(&p->json_scratch));
		if (!is_column(name))
			break;
		memcpy(room, name.p, name.n);
		room[name.n] = 0;
		text |= record_is_text(name);
		if (line.n == 0) {
			t->n++;
			t->sep = text && t->n > 1 ? sep : 0;
			return t->sep;
		}
		(void)take_char(&line, sep);
	}
	return false;
}

bool table_head(struct parser *p, struct str line)
{
	line = without_end(line);
	for (const char *sep = ",;\t"; line.n && *sep; sep++) {
		if (str_find_char(line, *sep) != SIZE_MAX && head_with(p, line, *sep))
			return true;
	}
	return false;
}

/* The columns of one record, or false where it is none. */
static bool take_row(struct parser *p, struct str line, struct piece *pc)
{
	const struct table *t = &p->table;
	bool text = false;

	record_begins(p);
	buf_clear(&p->decoded);
	for (size_t i = 0; i < t->n; i++) {
		struct str name = str_of(t->names[i]);
		bool is_text = !text && record_is_text(name);
		struct buf *to = is_text ? &p->decoded : &p->json_scratch;

		buf_clear(to);
		if (!take_field(&line, t->sep, to))
			return false;
		if (is_text)
			text = true;
		else
			record_member(p, name, str_trim(buf_str(to)), pc);
		if (line.n == 0 && i + 1 < t->n) /* short: the log was cut here */
			break;
		(void)take_char(&line, t->sep);
	}
	if (!text || line.n)
		return false;
	record_ends(p, &p->decoded, pc);
	return true;
}

/* An odd number of quotes: a field is opened, or one that was open ends. */
static bool turns_quote(struct str s)
{
	bool turns = false;

	for (size_t at = 0; (at = str_find_char(s, '"')) != SIZE_MAX; s = str_from(s, at + 1))
		turns = !turns;
	return turns;
}

/* The text stands open and grows: it is given as far as it goes, what stands in front of it stays. */
static bool give_open(struct parser *p, uint64_t number)
{
	struct table *t = &p->table;
	struct piece pc = {.mono_us = UNKNOWN, .wall_us = UNKNOWN, .line = t->line,
			   .last_line = number};
	struct str at = buf_str(&t->open);
	size_t column = 0, begins;

	for (;; column++) {
		begins = t->open.n - at.n;
		buf_clear(&p->json_scratch);
		if (column == t->n)
			return false;
		if (!take_field(&at, t->sep, &p->json_scratch))
			break;
		if (!take_char(&at, t->sep) || record_is_text(str_of(t->names[column])))
			return false;
	}
	buf_addc(&t->open, '"');
	if (!record_is_text(str_of(t->names[column])) || !take_row(p, buf_str(&t->open), &pc))
		return false;
	record_in(p, &pc);
	t->open.n = begins + 1; /* its quote */
	t->line = number;
	return true;
}

bool table_line(struct parser *p, struct str raw, uint64_t number)
{
	struct table *t = &p->table;
	struct piece pc = {.mono_us = UNKNOWN, .wall_us = UNKNOWN, .line = number,
			   .last_line = number};
	struct str line = without_end(raw), whole = line;
	bool open = t->open.n > 0, turns = turns_quote(line), taken;

	if (open && turns) {
		pc.line = t->line;
		buf_add(&t->open, line);
		whole = buf_str(&t->open);
	}
	if (open == turns) {
		taken = take_row(p, whole, &pc);
		if (taken)
			record_in(p, &pc);
		buf_clear(&t->open);
		/* what was taken for the beginning of a record was the end of one */
		if (!taken && open)
			return table_line(p, raw, number);
		return taken;
	}
	if (!open)
		t->line = number;
	buf_add(&t->open, line); /* the field goes on */
	buf_addc(&t->open, '\n');
	p->pieces.form = SHEET_RECORD;
	if (t->open.n > LINE_CAP / 2 && !give_open(p, number))
		buf_clear(&t->open);
	return true;
}

/* ---- logfmt ---- */

static bool take_key(struct str *in, struct str *ret)
{
	size_t n = 0;

	while (n < in->n && (ascii_alpha(in->p[n]) || ascii_digit(in->p[n]) ||
			     str_find_char(STR("_.@-/"), in->p[n]) != SIZE_MAX))
		n++;
	if (n == 0 || n > 40 || n == in->n || in->p[n] != '=')
		return false;
	*ret = str_sub(*in, 0, n);
	*in = str_from(*in, n + 1);
	return true;
}

bool take_logfmt(struct parser *p, struct str in, struct piece *ret)
{
	struct piece pc = *ret;
	bool text = false;
	struct str key;

	record_begins(p);
	for (skip_blanks(&in); take_key(&in, &key); skip_blanks(&in)) {
		bool is_text = !text && record_is_text(key);
		struct buf *to = is_text ? &p->decoded : &p->json_scratch;
		struct str word;

		buf_clear(to);
		if (in.n && in.p[0] == '"') {
			if (!take_json_string(&in, to))
				return false;
		} else if (take_word(&in, &word)) {
			buf_add(to, word);
		}
		if (is_text)
			text = p->json_msg = true; /* beside a level a program's */
		else
			record_member(p, key, buf_str(to), &pc);
	}
	if (!text || str_trim(in).n)
		return false;
	record_ends(p, &p->decoded, &pc);
	*ret = pc;
	return true;
}
