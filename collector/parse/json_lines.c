/* SPDX-License-Identifier: MIT */
/* json_lines.c - JSON that is printed over many lines: an object, or a list of strings. */
#include "parse/unwrap.h"

/* The brackets a line opens, less those it closes; those in strings do not count. */
static int brackets(struct str s)
{
	int depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			in_string = !in_string;
		else if (!in_string && (s.p[i] == '{' || s.p[i] == '['))
			depth++;
		else if (!in_string && (s.p[i] == '}' || s.p[i] == ']'))
			depth--;
	}
	return depth;
}

/* Nothing a kernel prints begins like a line of JSON, save a time and a row in brackets. */
static bool looks_json(struct str at)
{
	return str_find_char(STR("\"{}]"), at.p[0]) != SIZE_MAX ||
	       (at.n <= 24 && (at.p[at.n - 1] == ',' || ascii_digit(at.p[at.n - 1]) ||
			       str_eq(at, STR("["))));
}

/* "a line", of a list of strings: what Ansible and jq print */
static bool string_line(struct parser *p, struct str at, uint64_t number)
{
	struct piece pc = {.mono_us = UNKNOWN, .wall_us = UNKNOWN, .line = number,
			   .last_line = number, .pre = PRE_RECORD};

	buf_clear(&p->decoded);
	if (!take_json_string(&at, &p->decoded))
		return false;
	(void)take_char(&at, ',');
	if (at.n)
		return false;
	pc.text = buf_str(&p->decoded);
	pc.pre = 0;
	pc.raw = pc.text;
	record_in(p, &pc);
	return true;
}

/* An object that is no record may hold lists of lines. */
static void strings_in_object(struct parser *p)
{
	struct str rest = buf_str(&p->object), line;

	for (uint64_t n = p->object_line; take_until(&rest, '\n', &line); n++)
		(void)(line.p[0] == '"' && string_line(p, line, n));
}

/* Hardly a line does. */
static bool begins_json(struct str at)
{
	skip_blanks(&at);
	return at.n && (at.p[0] == '"' || at.p[0] == '{' || at.p[0] == '}' || at.p[0] == '\r' ||
			str_starts(at, STR("[{")));
}

static bool object_line(struct parser *p, struct str line, uint64_t number)
{
	struct piece pc = {.mono_us = UNKNOWN, .wall_us = UNKNOWN, .last_line = number};
	struct str at = str_trim(line), object;

	if (p->object_depth == 0 || p->object.n <= 2) {
		if (json_member(p, line, number)) {
			p->object_depth = 0;
			return true;
		}
	}
	if (at.n == 0)
		return false;
	if (str_eq(at, STR("{")) || str_eq(at, STR("[{")) || str_eq(at, STR("},{")) ||
	    str_eq(at, STR("}, {"))) {
		buf_clear(&p->object);
		p->object_depth = 0;
		p->object_line = number;
		at = STR("{");
	} else if (p->object_depth == 0) {
		return at.p[0] == '"' && string_line(p, at, number);
	} else if (!looks_json(at) || p->object.n + at.n > LINE_CAP / 2) {
		p->object_depth = 0;
		return false;
	}
	buf_add(&p->object, at);
	buf_addc(&p->object, '\n');
	p->object_depth += brackets(at);
	if (p->object_depth > 0)
		return true;
	p->object_depth = 0;
	pc.line = p->object_line;
	object = buf_str(&p->object);
	if (take_json(p, &object, &pc, &p->decoded))
		record_in(p, &pc);
	else
		strings_in_object(p);
	return true;
}

bool json_object_line(struct parser *p, struct str line, uint64_t number)
{
	return (p->object_depth || p->json_members || begins_json(line)) &&
	       object_line(p, line, number);
}
