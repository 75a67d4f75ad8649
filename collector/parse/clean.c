/* SPDX-License-Identifier: MIT */
/* clean.c - one line without the dirt of its transport: CR, terminal escapes, HTML entities,
 * no-break spaces, the octal escapes of rsyslog, the hex escapes of /dev/kmsg, and without the tags
 * that a web page or forum puts around it.
 */
#include "parse/unwrap.h"

typedef unsigned char bytes16 __attribute__((vector_size(16)));

static const bool dirty_bytes[256] = {
	[0x00 ... '\t' - 1] = true, ['\t' + 1 ... 0x1f] = true, ['&'] = true, ['\\'] = true, ['#'] = true,
	[0x7f ... 0xff] = true,
};

static inline bool dirty_byte(unsigned char c)
{
	return dirty_bytes[c];
}

/* Would clean_line() change or take away the byte there? Backslashes, '#' and letters of other
 * scripts mostly stand for themselves. */
static bool dirty_at(struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	char next = i + 1 < s.n ? s.p[i + 1] : 0;

	switch (c) {
	case '\\':
		return next == 'x';
	case '#':
		return next >= '0' && next <= '7';
	case '&':
		return next == '#' || ascii_alpha(next);
	case 0xc2:
		return (unsigned char)next == 0xa0;
	default:
		return c < 0x20 && c != '\t';
	}
}

static bool dirty_between(struct str s, size_t i, size_t end)
{
	for (; i < end; i++) {
		if (dirty_at(s, i))
			return true;
	}
	return false;
}

/* "[0;1;31m", "^[[31m": a terminal's colour whose ESC a web form has dropped or cat -v has written out.
 * Without a digit in it, or with anything else, it is text. */
static bool take_colour(struct str *in)
{
	struct str at = *in;
	size_t i = 0;

	(void)take_lit(&at, STR("^["));
	if (!take_char(&at, '['))
		return false;
	while (i < at.n && (ascii_digit(at.p[i]) || (i && at.p[i] == ';')))
		i++;
	if (i == 0 || i == at.n || at.p[i] != 'm')
		return false;
	*in = str_from(at, i + 1);
	return true;
}

/* What colours a line begins or ends it. */
static bool is_coloured(struct str s)
{
	enum { LONGEST = 24 };
	size_t from = s.n > LONGEST ? s.n - LONGEST : 0, at;
	struct str tail;

	if (s.n && (s.p[0] == '[' || s.p[0] == '^') && take_colour(&(struct str){s.p, s.n}))
		return true;
	if (s.n < 4 || s.p[s.n - 1] != 'm')
		return false;
	at = str_rfind(str_from(s, from), STR("["));
	tail = str_from(s, at == SIZE_MAX ? s.n : from + at);
	return take_colour(&tail) && tail.n == 0;
}

/* Is one of the 16 from `i` on? */
static inline bool dirty16(struct str s, size_t i)
{
	bytes16 v, bad;
	uint64_t half[2];

	memcpy(&v, s.p + i, 16);
	bad = (bytes16)(((v < 0x20) & (v != '\t')) | (v >= 0x7f) | (v == '&') | (v == '\\') |
			(v == '#'));
	memcpy(half, &bad, 16);
	return (half[0] | half[1]) && dirty_between(s, i, i + 16);
}

bool line_is_dirty(struct str s)
{
	bool maybe = false;
	size_t i = 0;

	if (is_coloured(s))
		return true;
	if (s.n < 16) {
		for (; i < s.n; i++)
			maybe |= dirty_byte((unsigned char)s.p[i]);
		return maybe && dirty_between(s, 0, s.n);
	}
	for (; i + 16 <= s.n; i += 16) {
		if (dirty16(s, i))
			return true;
	}
	return dirty16(s, s.n - 16); /* some of them again */
}

/* "12;1H", "7H", ";f": the cursor goes to the first column of a line */
static bool is_line_start(struct str sequence)
{
	uint64_t row, column = 1;

	(void)take_u64(&sequence, &row);
	if (take_char(&sequence, ';'))
		(void)take_u64(&sequence, &column);
	return column == 1 && (str_eq(sequence, STR("H")) || str_eq(sequence, STR("f")));
}

/* Behind ESC: "[31m", "]0;title\007" (or "\033\\" at its end; "_", "P" and "^" begin such, too), "(B".
 * Serial lines over IPMI put each line in its place on a screen. */
static void take_sequence(struct str *in, bool *new_line)
{
	struct str at = *in, sequence;

	if (at.n == 0)
		return;
	if (take_char(&at, '[')) {
		sequence = at;
		while (at.n && (unsigned char)at.p[0] >= 0x20 && (unsigned char)at.p[0] < 0x40)
			at = str_from(at, 1);
		at = str_from(at, at.n ? 1 : 0);
		*new_line = is_line_start(str_sub(sequence, 0, sequence.n - at.n));
	} else if (take_char(&at, ']') || take_char(&at, '_') || take_char(&at, 'P') ||
		   take_char(&at, '^')) {
		while (at.n && at.p[0] != '\007' && at.p[0] != '\033')
			at = str_from(at, 1);
		if (!take_lit(&at, STR("\033\\")))
			at = str_from(at, at.n ? 1 : 0);
	} else {
		at = str_from(at, at.p[0] == '(' && at.n > 1 ? 2 : 1);
	}
	*in = at;
}

static int hex_of(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "&#39;", "&#x2F;", "&#10;": of ASCII, and the no-break space */
static bool take_numeric_entity(struct str *in, bool sheet, char *ret)
{
	struct str at = *in;
	uint64_t c;
	bool hex;

	if (!take_lit(&at, STR("&#")))
		return false;
	hex = take_char(&at, 'x') || take_char(&at, 'X');
	if (!(hex ? take_hex(&at, &c) : take_u64(&at, &c)) || !take_char(&at, ';') ||
	    (c >= 0x80 && c != 0xa0) || (c == '\n' && !sheet))
		return false;
	*ret = c == 0xa0 ? ' ' : (char)c;
	*in = at;
	return true;
}

/* sheet: a newline may be one, too */
static bool take_entity(struct str *in, bool sheet, char *ret)
{
	static const struct {
		struct str name;
		char c;
	} entities[] = {
		{STR_INIT("&lt;"), '<'},   {STR_INIT("&gt;"), '>'},   {STR_INIT("&amp;"), '&'},
		{STR_INIT("&quot;"), '"'}, {STR_INIT("&nbsp;"), ' '}, {STR_INIT("&apos;"), '\''},
	};

	for (size_t i = 0; i < ARRAY_COUNT(entities); i++) {
		if (take_lit(in, entities[i].name)) {
			*ret = entities[i].c;
			return true;
		}
	}
	return take_numeric_entity(in, sheet, ret);
}

/* \xHH of /dev/kmsg. Elsewhere (unit names hold \x2d) only control bytes are one. */
static bool take_hex_escape(struct str *in, bool record, char *ret)
{
	if (in->n < 4 || in->p[0] != '\\' || in->p[1] != 'x' || hex_of(in->p[2]) < 0 ||
	    hex_of(in->p[3]) < 0)
		return false;
	*ret = (char)(hex_of(in->p[2]) << 4 | hex_of(in->p[3]));
	if (!record && *ret != '\n' && *ret != '\t')
		return false;
	*in = str_from(*in, 4);
	return true;
}

/* #012 of rsyslog */
static bool take_octal_escape(struct str *in, char *ret)
{
	unsigned n = 0;

	if (in->n < 4 || in->p[0] != '#')
		return false;
	for (int i = 1; i < 4; i++) {
		if (in->p[i] < '0' || in->p[i] > '7')
			return false;
		n = n * 8 + (unsigned)(in->p[i] - '0');
	}
	/* control bytes only: "#100" is more often the number of a build */
	if (n >= 0x20 && n != 0x7f)
		return false;
	*ret = (char)n;
	*in = str_from(*in, 4);
	return true;
}

/* "4,1034,192206114689,-;" */
static bool is_record(struct str s)
{
	size_t end = str_find_char(str_sub(s, 0, 256), ';');
	size_t commas = 0;

	for (size_t i = 0; end != SIZE_MAX && i < end; i++)
		commas += s.p[i] == ',';
	return commas >= 3 && (ascii_digit(s.p[0]) || s.p[0] == '>' || s.p[0] == ' ');
}

struct str clean_line(struct buf *out, struct str s)
{
	bool record = is_record(s), sheet = s.n >= SHORTEST_SHEET, coloured = is_coloured(s);

	buf_clear(out);
	while (s.n) {
		unsigned char c = (unsigned char)s.p[0];
		bool new_line = false;
		char plain;

		if (coloured && take_colour(&s))
			continue;
		if (!dirty_byte(c)) {
			size_t i = 1;

			while (i < s.n && !dirty_byte((unsigned char)s.p[i]) &&
			       !(coloured && (s.p[i] == '[' || s.p[i] == '^')))
				i++;
			buf_add(out, str_sub(s, 0, i));
			s = str_from(s, i);
			continue;
		}
		if (c == '\033' && s.n > 1) {
			s = str_from(s, 1);
			take_sequence(&s, &new_line);
			if (new_line && out->n && s.n)
				buf_addc(out, '\n');
			continue;
		}
		if (str_starts(s, STR("\\\\"))) { /* a backslash that is escaped, of JSON */
			buf_add(out, str_sub(s, 0, 2));
			s = str_from(s, 2);
			continue;
		}
		if ((c == '&' && take_entity(&s, sheet, &plain)) ||
		    (c == '\\' && take_hex_escape(&s, record, &plain)) ||
		    (c == '#' && take_octal_escape(&s, &plain))) {
			if (plain == '\033')
				take_sequence(&s, &new_line);
			else if (plain != '\r' && plain != '\0')
				buf_addc(out, plain);
			if (new_line && out->n && s.n)
				buf_addc(out, '\n');
			continue;
		}
		if (c == 0xc2 && s.n > 1 && (unsigned char)s.p[1] == 0xa0) {
			buf_addc(out, ' ');
			s = str_from(s, 2);
			continue;
		}
		if (c != '\r' && c != '\0' && c != '\033')
			buf_addc(out, (char)c);
		s = str_from(s, 1);
	}
	return buf_str(out);
}

struct str clean_qp(struct buf *out, struct str s)
{
	buf_clear(out);
	while (s.n) {
		int high = s.n > 2 ? hex_of(s.p[1]) : -1, low = s.n > 2 ? hex_of(s.p[2]) : -1;

		/* capital digits only, and no control bytes: "order=0" is no escape */
		if (s.p[0] == '=' && high >= 0 && low >= 0 && !(s.p[1] >= 'a' && s.p[1] <= 'f') &&
		    !(s.p[2] >= 'a' && s.p[2] <= 'f') && s.p[1] >= '2') {
			buf_addc(out, (char)(high << 4 | low));
			s = str_from(s, 3);
			continue;
		}
		buf_addc(out, s.p[0]);
		s = str_from(s, 1);
	}
	return buf_str(out);
}

/* "p", "span class="line"": elements that a web page or forum puts around its lines */
static bool is_element(struct str tag)
{
	static const struct str names[] = {
		STR_INIT("p"),	  STR_INIT("pre"), STR_INIT("code"), STR_INIT("div"),
		STR_INIT("span"), STR_INIT("li"),  STR_INIT("td"),   STR_INIT("tr"),
		STR_INIT("br"),	  STR_INIT("tt"),  STR_INIT("samp"), STR_INIT("noformat"),
	};
	struct str name;

	(void)take_char(&tag, '/');
	if (!take_word(&tag, &name))
		return false;
	name = str_sub(name, 0, str_find_char(name, '/'));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

/* "<pre>", "[code]"; "12</td>", of a table that numbers its lines */
static bool take_markup(struct str *in)
{
	char first = in->n ? in->p[0] : 0;
	struct str at = *in;
	uint64_t n;
	size_t end = first == '<' ? str_find_char(*in, '>')
		     : first == '[' ? str_find_char(*in, ']') : SIZE_MAX;

	if (ascii_digit(first) && take_u64(&at, &n) && take_lit(&at, STR("</td>"))) {
		*in = at;
		return true;
	}
	if (end == SIZE_MAX || end < 2 || !is_element(str_sub(*in, 1, end - 1)))
		return false;
	*in = str_from(*in, end + 1);
	return true;
}

/* "</pre>", "<br />", "[/code]" */
static bool drop_markup(struct str *s)
{
	char last = s->n ? s->p[s->n - 1] : 0;
	size_t start = last == '>'   ? str_rfind(*s, STR("<"))
		       : last == ']' ? str_rfind(*s, STR("["))
				     : SIZE_MAX;

	if (start == SIZE_MAX || !is_element(str_sub(*s, start + 1, s->n - start - 2)) ||
	    (s->p[start + 1] != '/' && !str_starts(str_from(*s, start + 1), STR("br"))))
		return false;
	s->n = start;
	return true;
}

struct str without_markup(struct str s)
{
	/* hardly a line has any */
	if (s.n < 3 || (s.p[s.n - 1] != '>' && s.p[s.n - 1] != ']' &&
			!((s.p[0] == '<' || s.p[0] == '[') && ascii_alpha(s.p[1]))))
		return s;
	while (take_markup(&s) || drop_markup(&s))
		;
	return s;
}
