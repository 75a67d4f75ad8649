/* SPDX-License-Identifier: MIT */
/* template_parse.c - Mustache text to tokens: delimiters, tags, lines that hold only a tag. */
#include "report/template.h"

#include "base/kv.h"

/* One open section, on a list towards the outermost. */
struct open_section {
	size_t token;
	struct open_section *outer;
};

struct scan {
	struct arena *arena;
	struct token_list *out;
	struct str text;
	const char *name;
	struct err *err;
	size_t at;	/* first byte not yet in a token */
	unsigned line;	/* of `at` */
	struct str open, close; /* the delimiters */
	struct open_section *section;
	unsigned depth;
};

/* A tag as it stands in the text. */
struct tag {
	size_t start, end; /* of all its bytes, delimiters too */
	unsigned line;
	char sigil;	   /* one of "#^/>!=&{" or 0 */
	struct str content;
};

static int fail(const struct scan *s, unsigned line, const char *what, struct str name)
{
	const char *quote = name.p ? "'" : "";
	struct str cut = name.p ? str_sub(name, 0, 80) : STR("");

	return err_set(s->err, ERR_FORMAT, "template '%s', line %u: %s%s%s%.*s%s", s->name, line,
		       what, name.p ? " " : "", quote, STR_ARG(cut), quote);
}

static const struct str NO_NAME = {NULL, 0};

static unsigned lines_in(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static struct token *add_token(struct scan *s, enum token_kind kind, struct str text,
			       unsigned line)
{
	struct token *t = arena_grow(s->arena, (void **)&s->out->v, &s->out->n, &s->out->room,
				     sizeof(*t));

	if (!t) {
		(void)err_set(s->err, ERR_LIMIT, "template '%s', line %u: the template is too large",
			      s->name, line);
		return NULL;
	}
	t->kind = kind;
	t->text = text;
	t->line = line;
	return t;
}

static bool is_space(char c)
{
	return ascii_blank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static struct str trim_space(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Find the end of the tag whose opening delimiter stands at tag->start. */
static int read_tag(const struct scan *s, struct tag *tag)
{
	struct str rest = str_from(s->text, tag->start + s->open.n);
	size_t at;

	tag->sigil = rest.n && strchr("#^/>!=&{<$", rest.p[0]) && rest.p[0] ? rest.p[0] : 0;
	if (tag->sigil == '{' || tag->sigil == '=') {
		/* "{{{x}}}" and "{{=<% %>=}}" end in a brother of their sigil. */
		char brother = tag->sigil == '{' ? '}' : '=';

		rest = str_from(rest, 1);
		for (size_t from = 0;; from += at + 1) {
			struct str tail = str_from(rest, from);

			at = str_find_char(tail, brother);
			if (at == SIZE_MAX)
				return fail(s, tag->line, "the tag is never closed", NO_NAME);
			if (str_starts(str_from(tail, at + 1), s->close)) {
				tag->content = str_sub(rest, 0, from + at);
				break;
			}
		}
		tag->end = (size_t)(tag->content.p - s->text.p) + tag->content.n + 1 + s->close.n;
	} else {
		if (tag->sigil)
			rest = str_from(rest, 1);
		at = str_find(rest, s->close);
		if (at == SIZE_MAX)
			return fail(s, tag->line, "the tag is never closed", NO_NAME);
		tag->content = str_sub(rest, 0, at);
		tag->end = (size_t)(rest.p - s->text.p) + at + s->close.n;
	}
	tag->content = trim_space(tag->content);
	return 0;
}

/* Is the tag alone on its line(s)? Then *line_start is where its line begins and *behind the
 * start of the next line. */
static bool stands_alone(const struct scan *s, const struct tag *tag, size_t *line_start,
			 size_t *behind)
{
	size_t from = tag->start, to = tag->end;

	while (from > s->at && ascii_blank(s->text.p[from - 1]))
		from--;
	if (from > 0 && s->text.p[from - 1] != '\n')
		return false;
	while (to < s->text.n && ascii_blank(s->text.p[to]))
		to++;
	if (to < s->text.n) {
		if (s->text.p[to] == '\r' && to + 1 < s->text.n && s->text.p[to + 1] == '\n')
			to++;
		if (s->text.p[to] != '\n')
			return false;
		to++;
	}
	*line_start = from;
	*behind = to;
	return true;
}

static int set_delimiters(struct scan *s, const struct tag *tag)
{
	struct str in = tag->content, open, close;
	size_t n = 0;

	while (n < in.n && !is_space(in.p[n]))
		n++;
	open = str_sub(in, 0, n);
	close = trim_space(str_from(in, n));
	for (size_t i = 0; i < close.n; i++) {
		if (is_space(close.p[i]))
			return fail(s, tag->line, "delimiters are two words, not", in);
	}
	if (!open.n || !close.n)
		return fail(s, tag->line, "delimiters are two words, not", in);
	if (str_find_char(in, '=') != SIZE_MAX)
		return fail(s, tag->line, "a delimiter cannot hold '=':", in);
	s->open = open;
	s->close = close;
	return 0;
}

static int check_name(const struct scan *s, const struct tag *tag)
{
	struct str name = tag->content;

	if (!name.n)
		return fail(s, tag->line, "the tag has no name", NO_NAME);
	for (size_t i = 0; i < name.n; i++) {
		if (is_space(name.p[i]))
			return fail(s, tag->line, "a name cannot hold blanks:", name);
	}
	return 0;
}

static int open_section(struct scan *s, const struct tag *tag)
{
	struct open_section *o = arena_take(s->arena, sizeof(*o));

	if (++s->depth > TEMPLATE_DEPTH_MAX)
		return fail(s, tag->line, "too many sections inside each other, at", tag->content);
	if (!o || !add_token(s, tag->sigil == '#' ? TOKEN_SECTION : TOKEN_INVERTED, tag->content,
			     tag->line))
		return fail(s, tag->line, "the template is too large", NO_NAME);
	o->token = s->out->n - 1;
	o->outer = s->section;
	s->section = o;
	return 0;
}

static int close_section(struct scan *s, const struct tag *tag)
{
	struct token *t;

	if (!s->section)
		return fail(s, tag->line, "there is no open section to close with", tag->content);
	t = &s->out->v[s->section->token];
	if (!str_eq(t->text, tag->content))
		return err_set(s->err, ERR_FORMAT,
			       "template '%s', line %u: section '%.*s' (opened in line %u) is "
			       "closed as '%.*s'",
			       s->name, tag->line, STR_ARG(str_sub(t->text, 0, 60)), t->line,
			       STR_ARG(str_sub(tag->content, 0, 60)));
	t->end = s->out->n;
	s->section = s->section->outer;
	s->depth--;
	return 0;
}

static int add_tag(struct scan *s, const struct tag *tag, struct str indent)
{
	struct token *t;

	if (tag->sigil == '!')
		return 0;
	if (tag->sigil == '=')
		return set_delimiters(s, tag);
	if (check_name(s, tag) < 0)
		return -1;
	switch (tag->sigil) {
	case '#':
	case '^':
		return open_section(s, tag);
	case '/':
		return close_section(s, tag);
	case '>':
		if (str_starts(tag->content, STR("*")))
			return fail(s, tag->line, "dynamic names are not supported:",
				    tag->content);
		t = add_token(s, TOKEN_PARTIAL, tag->content, tag->line);
		if (t)
			t->indent = indent;
		return t ? 0 : -1;
	case '<':
	case '$':
		return fail(s, tag->line, "inheritance is not supported:", tag->content);
	case '&':
	case '{':
		return add_token(s, TOKEN_RAW, tag->content, tag->line) ? 0 : -1;
	default:
		return add_token(s, TOKEN_ESCAPED, tag->content, tag->line) ? 0 : -1;
	}
}

static int add_text(struct scan *s, size_t to)
{
	struct str text = str_sub(s->text, s->at, to - s->at);

	if (text.n && !add_token(s, TOKEN_TEXT, text, s->line))
		return -1;
	return 0;
}

/* The next tag and the text before it; 1, 0 at the end, -1. */
static int next_tag(struct scan *s)
{
	size_t found = str_find(str_from(s->text, s->at), s->open);
	size_t text_end, behind;
	struct str indent = NO_NAME;
	struct tag tag = {.sigil = 0};

	if (found == SIZE_MAX) {
		if (add_text(s, s->text.n) < 0)
			return -1;
		s->at = s->text.n;
		return 0;
	}
	tag.start = s->at + found;
	tag.line = s->line + lines_in(str_sub(s->text, s->at, found));
	if (read_tag(s, &tag) < 0)
		return -1;
	text_end = tag.start;
	behind = tag.end;
	if (tag.sigil && strchr("#^/>!=", tag.sigil) &&
	    stands_alone(s, &tag, &text_end, &behind))
		indent = str_sub(s->text, text_end, tag.start - text_end);
	if (add_text(s, text_end) < 0 || add_tag(s, &tag, indent) < 0)
		return -1;
	s->line += lines_in(str_sub(s->text, s->at, behind - s->at));
	s->at = behind;
	return 1;
}

int template_too_large(const char *name, struct err *err)
{
	return err_set(err, ERR_LIMIT, "template '%s' is larger than %d bytes", name,
		       TEMPLATE_TEXT_MAX);
}

int template_parse(struct token_list *ret, struct arena *a, struct str text, const char *name,
		   struct err *err)
{
	struct token_list out = {NULL, 0, 0};
	struct scan s = {.arena = a, .out = &out, .text = text, .name = name, .err = err,
			 .line = 1, .open = STR("{{"), .close = STR("}}")};
	int rc;

	if (text.n > TEMPLATE_TEXT_MAX)
		return template_too_large(name, err);
	do {
		rc = next_tag(&s);
	} while (rc > 0);
	if (rc < 0)
		return -1;
	if (s.section) {
		const struct token *t = &out.v[s.section->token];

		return fail(&s, t->line, "there is no end of section", t->text);
	}
	*ret = out;
	return 0;
}
