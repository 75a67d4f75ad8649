/* SPDX-License-Identifier: MIT */
/* template.c - renders Mustache tokens over a JSON value, with a ceiling on depth and work. */
#include "report/template.h"

#include <math.h>

#include "report/report.h"

/* A partial, parsed once per indentation. */
struct partial {
	struct partial *next;
	struct str name, indent;
	struct token_list tokens;
};

struct render {
	struct arena arena;
	const char *name;
	enum template_escape escape;
	const struct template_source *partials;
	struct partial *known;
	struct buf *out;
	struct err *err;
	json_t *context[TEMPLATE_DEPTH_MAX + 1]; /* the innermost is the last */
	size_t n_context;
	unsigned depth;
	unsigned long steps;
};

static int fail(const struct render *r, const struct token *t, enum err_code code,
		const char *what)
{
	return err_set(r->err, code, "template '%s', line %u: %s '%.*s'", r->name, t->line, what,
		       STR_ARG(str_sub(t->text, 0, 80)));
}

/* ---- names ---- */

/* A member of an object, or an element of an array by its number. */
static json_t *member(json_t *of, struct str key)
{
	char z[TEMPLATE_NAME_MAX + 1];
	uint64_t index;

	if (!key.n || key.n > TEMPLATE_NAME_MAX || memchr(key.p, 0, key.n))
		return NULL;
	if (json_is_array(of)) {
		struct str rest = key;

		return take_u64(&rest, &index) && !rest.n ? json_array_get(of, (size_t)index)
							  : NULL;
	}
	memcpy(z, key.p, key.n);
	z[key.n] = 0;
	return json_object_get(of, z);
}

/* The first part is looked for from the innermost context outwards, the others only below
 * it. NULL when there is none. */
static json_t *look_up(const struct render *r, struct str name)
{
	struct str part;
	json_t *v = NULL;

	if (str_eq(name, STR(".")))
		return r->context[r->n_context - 1];
	if (!take_until(&name, '.', &part)) {
		part = name;
		name.n = 0;
	}
	for (size_t i = r->n_context; i > 0 && !v; i--)
		v = member(r->context[i - 1], part);
	while (v && name.n) {
		if (!take_until(&name, '.', &part)) {
			part = name;
			name.n = 0;
		}
		v = member(v, part);
	}
	return v;
}

/* Zero is a number like any other; unknown values are null. */
static bool is_true(const json_t *v)
{
	if (!v || json_is_null(v) || json_is_false(v))
		return false;
	if (json_is_array(v))
		return json_array_size(v) > 0;
	return !json_is_string(v) || json_string_length(v) > 0;
}

/* ---- values ---- */

static struct str html_entity(char c)
{
	switch (c) {
	case '&': return STR("&amp;");
	case '<': return STR("&lt;");
	case '>': return STR("&gt;");
	case '"': return STR("&quot;");
	case '\'': return STR("&#39;");
	default: return (struct str){NULL, 0};
	}
}

static void add_html(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		struct str entity = html_entity(s.p[i]);

		if (!entity.p)
			continue;
		buf_add(out, str_sub(s, from, i - from));
		buf_add(out, entity);
		from = i + 1;
	}
	buf_add(out, str_from(s, from));
}

/* Markdown has a meaning for these; a backslash takes it away (CommonMark 2.4). */
static void add_markdown(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_addc(out, ' ');
			continue;
		}
		if (s.p[i] && strchr("\\`*_{}[]<>#|~&!", s.p[i]))
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

static void add_real(struct buf *out, double v)
{
	char z[40];

	if (v == trunc(v) && fabs(v) < 1e15) {
		buf_addf(out, "%.0f", v);
		return;
	}
	/* The shortest text that reads back as the same number. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(z, sizeof(z), "%.*g", digits, v);
		if (digits == 17 || strtod(z, NULL) == v) /* banned: reads our own text */
			break;
	}
	buf_addz(out, z);
}

static void add_text(const struct render *r, bool raw, struct str s)
{
	if (raw || r->escape == TEMPLATE_PLAIN)
		buf_add(r->out, s);
	else if (r->escape == TEMPLATE_MARKDOWN)
		add_markdown(r->out, s);
	else
		add_html(r->out, s);
}

/* Objects and lists have no text of their own: their JSON is shown. */
static int add_json(const struct render *r, bool raw, const json_t *v)
{
	char *z = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!z)
		return err_set(r->err, ERR_NOMEM, "template '%s': no memory", r->name);
	add_text(r, raw, str_of(z));
	free(z);
	return 0;
}

static int add_value(const struct render *r, bool raw, const json_t *v)
{
	if (!v || json_is_null(v))
		return 0;
	switch (json_typeof(v)) {
	case JSON_STRING:
		add_text(r, raw, (struct str){json_string_value(v), json_string_length(v)});
		return 0;
	case JSON_INTEGER:
		buf_addf(r->out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return 0;
	case JSON_REAL:
		add_real(r->out, json_real_value(v));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_addz(r->out, json_is_true(v) ? "true" : "false");
		return 0;
	default:
		return add_json(r, raw, v);
	}
}

/* ---- partials ---- */

/* The specification: the indentation of the tag stands before every line of the partial. */
static bool indent_text(struct render *r, struct str text, struct str indent, struct str *ret)
{
	CLEANUP_BUF struct buf b = BUF_INIT(TEMPLATE_TEXT_MAX);
	struct str rest = text;

	while (rest.n) {
		size_t nl = str_find_char(rest, '\n');
		struct str line = str_sub(rest, 0, nl == SIZE_MAX ? rest.n : nl + 1);

		buf_add(&b, indent);
		buf_add(&b, line);
		rest = str_from(rest, line.n);
	}
	return !b.failed && arena_str(&r->arena, buf_str(&b), ret);
}

/* 1 and *ret, 0 there is none, -1. */
static int find_partial(struct render *r, const struct token *t, const struct partial **ret)
{
	struct partial *p;
	struct str text;
	char *name;
	int rc;

	for (p = r->known; p; p = p->next) {
		if (str_eq(p->name, t->text) && str_eq(p->indent, t->indent)) {
			*ret = p;
			return 1;
		}
	}
	rc = r->partials ? r->partials->find(r->partials->ctx, t->text, &text, r->err) : 0;
	if (rc < 0)
		return err_wrap(r->err, "template '%s', line %u", r->name, t->line);
	if (rc == 0)
		return 0;
	p = arena_take(&r->arena, sizeof(*p));
	name = arena_cstr(&r->arena, t->text);
	if (!p || !name || !arena_str(&r->arena, text, &text) ||
	    (t->indent.n && !indent_text(r, text, t->indent, &text))) {
		(void)fail(r, t, ERR_LIMIT, "there is too much text in partial");
		return -1;
	}
	p->name = t->text;
	p->indent = t->indent;
	if (template_parse(&p->tokens, &r->arena, text, name, r->err) < 0)
		return -1;
	p->next = r->known;
	r->known = p;
	*ret = p;
	return 1;
}

/* ---- tokens ---- */

static int render_tokens(struct render *r, const struct token_list *list, size_t from, size_t to);

static int render_partial(struct render *r, const struct token *t)
{
	const struct partial *p = NULL;
	const char *outer = r->name;
	int rc = find_partial(r, t, &p);

	if (rc <= 0)
		return rc;
	r->name = arena_cstr(&r->arena, t->text);
	if (!r->name)
		r->name = outer;
	rc = render_tokens(r, &p->tokens, 0, p->tokens.n);
	r->name = outer;
	return rc;
}

static int render_in(struct render *r, const struct token_list *list, size_t i, json_t *context)
{
	int rc;

	if (r->n_context >= ARRAY_COUNT(r->context))
		return fail(r, &list->v[i], ERR_LIMIT, "too many contexts inside each other at");
	r->context[r->n_context++] = context;
	rc = render_tokens(r, list, i + 1, list->v[i].end);
	r->n_context--;
	return rc;
}

static int render_section(struct render *r, const struct token_list *list, size_t i)
{
	json_t *v = look_up(r, list->v[i].text), *item;
	size_t k;

	if (list->v[i].kind == TOKEN_INVERTED)
		return is_true(v) ? 0 : render_tokens(r, list, i + 1, list->v[i].end);
	if (!is_true(v))
		return 0;
	if (!json_is_array(v))
		return render_in(r, list, i, v);
	json_array_foreach(v, k, item) {
		if (render_in(r, list, i, item) < 0)
			return -1;
	}
	return 0;
}

static int render_token(struct render *r, const struct token_list *list, size_t i)
{
	const struct token *t = &list->v[i];

	switch (t->kind) {
	case TOKEN_TEXT:
		buf_add(r->out, t->text);
		return 0;
	case TOKEN_ESCAPED:
		return add_value(r, false, look_up(r, t->text));
	case TOKEN_RAW:
		return add_value(r, true, look_up(r, t->text));
	case TOKEN_PARTIAL:
		return render_partial(r, t);
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return render_section(r, list, i);
	}
	return 0;
}

static int render_tokens(struct render *r, const struct token_list *list, size_t from, size_t to)
{
	size_t i = from;
	int rc = 0;

	if (++r->depth > TEMPLATE_DEPTH_MAX) {
		r->depth--;
		return err_set(r->err, ERR_LIMIT,
			       "template '%s': partials and sections more than %d deep (does a "
			       "partial include itself without end?)",
			       r->name, TEMPLATE_DEPTH_MAX);
	}
	while (i < to && rc == 0) {
		const struct token *t = &list->v[i];

		if (++r->steps > TEMPLATE_STEPS_MAX)
			rc = fail(r, t, ERR_LIMIT, "too much work, stopped at");
		else if (r->out->failed && !r->out->full)
			rc = buf_ok(r->out, r->name, r->err);
		else if (r->out->full)
			rc = err_set(r->err, ERR_LIMIT,
				     "template '%s', line %u: the output is larger than %zu bytes",
				     r->name, t->line, r->out->max);
		else
			rc = render_token(r, list, i);
		i = t->kind == TOKEN_SECTION || t->kind == TOKEN_INVERTED ? t->end : i + 1;
	}
	r->depth--;
	return rc;
}

int template_render(struct str text, const char *name, json_t *data, enum template_escape escape,
		    const struct template_source *partials, struct buf *out, struct err *err)
{
	struct render r = {.arena = ARENA_INIT(TEMPLATE_ARENA_MAX), .name = name,
			   .escape = escape, .partials = partials, .out = out, .err = err};
	struct token_list tokens;
	size_t start = out->n;
	int rc;

	r.context[r.n_context++] = data;
	rc = template_parse(&tokens, &r.arena, text, name, err);
	if (rc == 0)
		rc = render_tokens(&r, &tokens, 0, tokens.n);
	if (rc == 0)
		rc = buf_ok(out, name, err);
	arena_free(&r.arena);
	if (rc < 0)
		out->n = start;
	return rc;
}
