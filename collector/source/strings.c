/* SPDX-License-Identifier: MIT */
/* strings.c - a JSON document in whose strings a log stands, with "\n" between its lines: what
 * web interfaces and trackers answer, and lists of lines or records.
 *
 * Lines of the document without such a string stay as they are: records of a line each are
 * read with all their members by parse/. A list of records becomes such lines. Of the others all
 * strings are given but mere numbers, each from the beginning of a line on.
 */
#include "base/when.h"
#include "source/input.h"

/* Where OpenTelemetry's exporters have their records, each a list in objects in lists */
#define OTLP_RECORDS "logRecords"

enum holds { HOLDS_TEXT, HOLDS_LOG, HOLDS_RECORDS, HOLDS_OTLP };

struct strings {
	struct lines lines;
	struct str left; /* of the line or piece being given */
	enum holds holds; /* what is given of it */
	unsigned in_record; /* braces that stand open in one of a list */
	char last;	    /* byte outside of strings that is no blank */
	char key[sizeof(OTLP_RECORDS)]; /* the last string's first bytes */
	size_t key_n;
	bool in_list; /* of OTLP_RECORDS */
	bool elements;	 /* it is a list of them, a line each */
	bool started;	 /* some of the line was given as it is */
	bool tail;	 /* the line ends behind it */
	bool newline;	 /* one is to be given */

	/* where in the JSON text */
	bool in_string;
	unsigned escape; /* 1 behind a backslash; 2 to 5 at a digit of \uXXXX */
	uint32_t unit, high; /* of \uXXXX; the half of a pair that came first */
	char out[40]; /* still to be given */
	size_t out_at, out_n;
	char digits[24]; /* the string so far, when it is a mere number: times, ids */
	size_t n_digits;
	bool number;
};

bool strings_begin(struct str head)
{
	char first, second;

	head = str_trim(head);
	(void)take_lit(&head, STR("\xef\xbb\xbf"));
	if (head.n < 2)
		return false;
	first = head.p[0];
	head = str_trim(str_from(head, 1));
	second = head.n ? head.p[0] : 0;
	return first == '"' || (first == '{' && second == '"') ||
	       (first == '[' && (second == '{' || second == '"' || second == '['));
}

/* Does a line of a log begin there? "[   12.3", "<4>", "Jan  2 ", "2026-01-" */
static bool begins_line(struct str at)
{
	size_t i = 1;

	if (at.n < 10)
		return false;
	if (at.p[0] == '<')
		return ascii_digit(at.p[1]);
	if (at.p[0] != '[')
		return (month_from_name(at) && at.p[3] == ' ') ||
		       (ascii_digit(at.p[0]) && ascii_digit(at.p[3]) && at.p[4] == '-');
	while (i < at.n && (at.p[i] == ' ' || ascii_digit(at.p[i])))
		i++;
	return i > 1 && i < at.n && at.p[i] == '.';
}

/* "[   12.3] text", of a list that is printed with an element a line */
static bool is_element(struct str line)
{
	size_t i = 1;

	line = str_trim(line);
	if (str_ends(line, STR(",")))
		line.n--;
	if (line.n < 2 || line.p[0] != '"' || !begins_line(str_from(line, 1)))
		return false;
	while (i < line.n && line.p[i] != '"') /* one string, and no row of them */
		i += line.p[i] == '\\' ? 2 : 1;
	return i + 1 == line.n;
}

/* A bracket, a string that is no key: what stands between such elements */
static bool is_between(struct str line)
{
	line = str_trim(line);
	return line.n && str_find_char(STR("[]{}\""), line.p[0]) != SIZE_MAX &&
	       str_find(line, STR("\":")) == SIZE_MAX;
}

/* A value that only a kernel's log has: "[   12.3] text", "<4>[..", or a list of bytes */
static bool is_kernel_value(struct str at)
{
	size_t i = 0;

	skip_blanks(&at);
	if (take_char(&at, '"'))
		return at.n > 10 && (at.p[0] == '[' || at.p[0] == '<') && begins_line(at);
	if (!take_char(&at, '['))
		return false;
	while (i < at.n && (ascii_digit(at.p[i]) || at.p[i] == ',' || at.p[i] == ' '))
		i++;
	return i > 64;
}

/* "{"message":..},{"message":..}": the same first key again and again, or such values in several */
static bool holds_records(struct str s)
{
	enum { RECORDS = 8, KERNEL_RECORDS = 2, LONGEST_KEY = 64 };
	struct str key = {0};
	size_t records = 0, with = 0, last_with = 0, elements = 1;

	for (size_t i = 0; i + 2 < s.n; i++) {
		struct str at = str_from(s, i + 1);

		if (s.p[i] == '}' && (skip_blanks(&at), take_char(&at, ',')) &&
		    (skip_blanks(&at), take_char(&at, '{'))) {
			elements++;
			at.n = str_find_char(str_sub(at, 0, LONGEST_KEY), ':');
			if (at.n == SIZE_MAX)
				continue;
			records += str_eq(at, key);
			key = at;
		} else if (s.p[i] == ':' && last_with != elements && is_kernel_value(at)) {
			last_with = elements;
			with++;
		}
	}
	return with >= KERNEL_RECORDS || records >= RECORDS;
}

/* What more than a record of a log is in it? */
static enum holds holds_what(struct str s)
{
	enum { SHORTEST = 256, LINES = 2, BARE_LINES = 64, STRINGS = 8, BARE_STRINGS = 128 };
	size_t lines = 0, dated = 0, strings = 0, dated_strings = 0;

	if (s.n < SHORTEST)
		return HOLDS_TEXT;
	if (str_find(s, STR("\"" OTLP_RECORDS "\"")) != SIZE_MAX)
		return HOLDS_OTLP;
	for (size_t i = 0; i + 2 < s.n; i++) {
		struct str behind = str_from(s, i + 2);

		if (s.p[i] == '\\') {
			if (s.p[i + 1] == 'n' && behind.p[0] != '"') {
				lines++;
				dated += begins_line(behind);
			}
			i++;
		} else if (s.p[i] == ',' || s.p[i] == '[') {
			behind = str_from(s, i + 1);
			skip_blanks(&behind);
			if (!take_char(&behind, '"'))
				continue;
			strings++;
			dated_strings += begins_line(behind);
		}
	}
	if (dated >= LINES || dated_strings >= STRINGS)
		return HOLDS_LOG;
	if (holds_records(s))
		return HOLDS_RECORDS;
	return lines >= BARE_LINES || strings >= BARE_STRINGS ? HOLDS_LOG : HOLDS_TEXT;
}

/* ---- out of the strings ---- */

static void put(struct strings *s, uint32_t c)
{
	s->out_n += utf8_put(s->out + s->out_n, c);
}

/* A whole \uXXXX: characters beyond 16 bits are a pair of them. */
static void put_unit(struct strings *s)
{
	uint32_t c = s->unit, high = s->high;

	s->high = 0;
	if (high && c >= 0xdc00 && c < 0xe000) {
		put(s, 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00));
		return;
	}
	if (high)
		put(s, 0xfffd);
	if (c >= 0xd800 && c < 0xdc00)
		s->high = c;
	else
		put(s, c >= 0xdc00 && c < 0xe000 ? 0xfffd : c);
}

static int hex_of(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte of a string behind its backslash. */
static void escaped(struct strings *s, char c)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	int digit = hex_of(c);

	if (s->escape == 1 && c == 'u') {
		s->escape = 2;
		s->unit = 0;
	} else if (s->escape == 1) {
		size_t i = str_find_char(STR("bfnrt"), c);

		s->out[s->out_n++] = i < sizeof(from) - 1 ? to[i] : c;
		s->escape = 0;
	} else if (digit < 0) { /* no JSON */
		s->escape = 0;
	} else {
		s->unit = s->unit << 4 | (uint32_t)digit;
		s->escape = s->escape == 5 ? 0 : s->escape + 1;
		if (s->escape == 0)
			put_unit(s);
	}
}

/* The string is more than digits: those it began with are text. */
static void no_number(struct strings *s)
{
	if (s->number && s->n_digits) {
		memcpy(s->out, s->digits, s->n_digits);
		s->out_n = s->n_digits;
	}
	s->number = false;
}

/* One byte of the document: what it gives goes to out[]. */
static void unfold(struct strings *s, char c)
{
	s->out_at = s->out_n = 0;
	if (s->in_string && s->escape) {
		escaped(s, c);
		return;
	}
	if (s->in_string && c == '\\') {
		no_number(s);
		s->escape = 1;
		return;
	}
	if (s->high && s->in_string)
		put(s, 0xfffd);
	s->high = 0;
	if (c == '"') {
		s->in_string = !s->in_string;
		if (!s->in_string && !s->number)
			s->out[s->out_n++] = '\n';
		s->number = s->in_string;
		s->n_digits = 0;
	} else if (s->in_string) {
		if (s->number && ascii_digit(c) && s->n_digits < sizeof(s->digits)) {
			s->digits[s->n_digits++] = c;
			return;
		}
		no_number(s);
		s->out[s->out_n++] = c;
	}
}

/* Outside of strings: where is it in a list of records? True: a line begins, or is over. */
static bool bounds_record(struct strings *s, char c)
{
	bool list = c == '[' && s->last == ':' &&
		    str_eq((struct str){s->key, s->key_n}, STR(OTLP_RECORDS));
	bool begins = c == '{' && (s->in_record || s->last == '[' || s->last == ',');
	bool bounds = (begins && s->in_record == 0) || (c == ']' && s->last == '}' && s->in_record == 0);

	if (list)
		s->in_record = 0;
	else if (begins)
		s->in_record++;
	else if (c == '}' && s->in_record)
		s->in_record--;
	s->in_list = list || (s->in_list && !(c == ']' && s->in_record == 0));
	if (!ascii_blank(c))
		s->last = c;
	return bounds;
}

/* One byte of a list of records, as it is, but each of them from the beginning of a line on, and of
 * OpenTelemetry's nothing else. */
static void part_records(struct strings *s, char c)
{
	bool in_list = s->in_list;

	s->out_at = s->out_n = 0;
	if (s->in_string) {
		if (s->escape)
			s->escape = 0;
		else if (c == '\\')
			s->escape = 1;
		else
			s->in_string = c != '"';
		if (s->in_string && s->key_n < sizeof(s->key))
			s->key[s->key_n++] = c;
	} else if (c == '"') {
		s->in_string = true;
		s->last = c;
		s->key_n = 0;
	} else if (bounds_record(s, c)) {
		s->out[s->out_n++] = '\n';
	}
	if (s->holds != HOLDS_OTLP || (in_list && s->in_list))
		s->out[s->out_n++] = c;
}

static size_t give(struct strings *s, char *p, size_t n)
{
	size_t done = 0;

	while (done < n && (s->out_at < s->out_n || s->left.n)) {
		if (s->out_at < s->out_n) {
			p[done++] = s->out[s->out_at++];
			continue;
		}
		if (s->holds == HOLDS_LOG)
			unfold(s, s->left.p[0]);
		else
			part_records(s, s->left.p[0]);
		s->left = str_from(s->left, 1);
	}
	return done;
}

/* ---- lines ---- */

/* Where the quotes stand, without giving anything. */
static void pass_over(struct strings *s, struct str piece)
{
	for (size_t i = 0; i < piece.n; i++)
		unfold(s, piece.p[i]);
	s->out_at = s->out_n = 0;
}

/* The next line, or piece of a long one: 1, 0, -1. */
static int next_piece(struct strings *s, struct err *err)
{
	bool goes_on = s->lines.more;
	struct str piece;
	int rc;

	if (!goes_on) {
		s->in_string = s->started = s->in_list = false;
		s->holds = HOLDS_TEXT;
		s->in_record = 0;
		s->last = 0;
		s->escape = 0;
		s->high = 0;
	}
	rc = lines_next(&s->lines, &piece, err);
	if (rc <= 0)
		return rc;
	s->left = piece;
	s->tail = !s->lines.more;
	s->elements |= !goes_on && is_element(piece);
	if (s->holds == HOLDS_TEXT) {
		s->holds = holds_what(piece);
		if (s->elements && !goes_on && is_between(piece))
			s->holds = HOLDS_LOG;
		s->newline = s->holds == HOLDS_LOG && s->started;
	}
	if (s->holds == HOLDS_TEXT && s->lines.more) {
		pass_over(s, piece);
		s->started = true;
	}
	return 1;
}

static ssize_t strings_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct strings *s = in->own;

	for (;;) {
		size_t done = 0;
		int rc;

		if (s->newline) {
			s->newline = false;
			p[0] = '\n';
			return 1;
		}
		if (s->holds != HOLDS_TEXT) {
			done = give(s, p, n);
		} else if (s->left.n) {
			done = n < s->left.n ? n : s->left.n;
			memcpy(p, s->left.p, done);
			s->left = str_from(s->left, done);
		}
		if (done)
			return (ssize_t)done;
		if (s->tail) {
			s->tail = false;
			s->newline = s->holds != HOLDS_LOG || s->in_string;
			continue;
		}
		rc = next_piece(s, err);
		if (rc <= 0)
			return rc;
	}
}

struct stream *strings_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(struct strings), err);
	struct strings *s = in ? in->own : NULL;

	if (!s)
		return NULL;
	if (lines_init(&s->lines, a, below, err) != 0) {
		stream_close(in);
		return NULL;
	}
	in->read = strings_read;
	return in;
}
