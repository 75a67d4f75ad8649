/* SPDX-License-Identifier: MIT */
/* yaml.c - walks a YAML document along a table of rows. */
#include "cli/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "cli/cli.h"

enum { DEPTH_MAX = 8, VALUES_MAX = 10000 };

struct fill {
	yaml_document_t doc;
	struct str text;
	const char *name;
	struct arena *a;
	struct err *err;
};

static int bad_at(struct fill *f, yaml_mark_t at, const char *why)
{
	return err_set(f->err, ERR_FORMAT, "%s:%zu:%zu: %s", f->name, at.line + 1, at.column + 1,
		       why);
}

static int bad(struct fill *f, const yaml_node_t *node, const char *fmt, ...)
	FORMAT_ARGS(3, 4);
static int bad(struct fill *f, const yaml_node_t *node, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return bad_at(f, node->start_mark, why);
}

static yaml_node_t *node_at(struct fill *f, int index)
{
	return yaml_document_get_node(&f->doc, index);
}

static struct str scalar(const yaml_node_t *node)
{
	return (struct str){(const char *)node->data.scalar.value, node->data.scalar.length};
}

/* No value ("before:", "before: ~"), or one of no letters. */
static bool is_empty(const yaml_node_t *node)
{
	static const char *const words[] = {"~", "null", "Null", "NULL"};

	if (node->type != YAML_SCALAR_NODE)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		    str_eq(scalar(node), str_of(words[i])))
			return true;
	}
	return scalar(node).n == 0;
}

static int no_memory(struct fill *f)
{
	return err_set(f->err, ERR_NOMEM, "%s: too much in it, or no memory", f->name);
}

static int fill_text(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		     const char **to)
{
	char *copy;

	if (is_empty(node))
		return row->may_be_empty ? 0 : bad(f, node, "'%s' is empty", row->key);
	if (node->type != YAML_SCALAR_NODE)
		return bad(f, node, "'%s' wants a text", row->key);
	if (memchr(scalar(node).p, '\0', scalar(node).n))
		return bad(f, node, "'%s' holds a NUL byte", row->key);
	if (row->no_newline && str_find_char(scalar(node), '\n') != SIZE_MAX)
		return bad(f, node, "'%s' must be one line", row->key);
	if (row->form && !row->form->is(scalar(node)))
		return bad(f, node, "'%s' wants %s", row->key, row->form->wants);
	copy = arena_cstr(f->a, scalar(node));
	if (!copy)
		return no_memory(f);
	*to = copy;
	return 0;
}

static int fill_texts(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		      struct yaml_texts *to)
{
	size_t n = node->type == YAML_SEQUENCE_NODE
			   ? (size_t)(node->data.sequence.items.top -
				      node->data.sequence.items.start)
			   : 1;
	const char **v = arena_array(f->a, n + 1, sizeof(*v));

	if (!v)
		return no_memory(f);
	if (node->type == YAML_MAPPING_NODE)
		return bad(f, node, "'%s' wants a list of texts", row->key);
	for (size_t i = 0; i < n; i++) {
		yaml_node_t *item = node->type == YAML_SEQUENCE_NODE
					    ? node_at(f, node->data.sequence.items.start[i])
					    : node;

		if (fill_text(f, row, item, &v[i]) != 0)
			return -1;
	}
	*to = (struct yaml_texts){v, n};
	return 0;
}

static int fill_choice(struct fill *f, const struct yaml_row *row, yaml_node_t *node, int *to)
{
	if (node->type == YAML_SCALAR_NODE && option_choice(scalar(node), row->choices, to))
		return 0;
	return bad(f, node, "'%s' must be one of %s", row->key, row->choices);
}

static int fill_bytes(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		      int64_t *to)
{
	if (node->type == YAML_SCALAR_NODE && option_size(scalar(node), to))
		return 0;
	return bad(f, node, "'%s' wants a size such as 512k, 64M or 1G", row->key);
}

static bool have_name(const char **pairs, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++) {
		struct str pair = str_of(pairs[i]);

		if (take_lit(&pair, name) && str_starts(pair, STR("=")))
			return true;
	}
	return false;
}

/* "name=value" as the next of the pairs. */
static int fill_pair(struct fill *f, const struct yaml_row *row, yaml_node_t *name,
		     yaml_node_t *value, struct yaml_texts *to)
{
	CLEANUP_BUF struct buf pair = BUF_INIT(YAML_LARGEST * 2);
	struct str n, v;

	if (name->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
		return bad(f, name, "'%s' wants plain names and values", row->key);
	n = scalar(name);
	v = scalar(value);
	if (n.n == 0 || str_find_char(n, '=') != SIZE_MAX || memchr(n.p, 0, n.n) ||
	    memchr(v.p, 0, v.n))
		return bad(f, name, "'%s' wants names without '=', nothing with a NUL byte",
			   row->key);
	if (have_name(to->v, to->n, n))
		return bad(f, name, "'%.*s' is given twice", STR_ARG(str_sub(n, 0, 80)));
	if (is_empty(value))
		return row->may_be_empty ? 0
					 : bad(f, value, "'%.*s' is empty", STR_ARG(str_sub(n, 0, 80)));
	buf_add(&pair, n);
	buf_addc(&pair, '=');
	buf_add(&pair, v);
	to->v[to->n] = pair.failed ? NULL : arena_cstr(f->a, buf_str(&pair));
	return to->v[to->n] ? (to->n++, 0) : no_memory(f);
}

static int fill_pairs(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		      struct yaml_texts *to)
{
	struct yaml_texts pairs = {NULL, 0};
	yaml_node_pair_t *pair;

	if (node->type != YAML_MAPPING_NODE)
		return bad(f, node, "'%s' wants a map of names and values", row->key);
	pairs.v = arena_array(f->a,
			      (size_t)(node->data.mapping.pairs.top -
				       node->data.mapping.pairs.start) + 1,
			      sizeof(*pairs.v));
	if (!pairs.v)
		return no_memory(f);
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		if (fill_pair(f, row, node_at(f, pair->key), node_at(f, pair->value), &pairs) != 0)
			return -1;
	}
	*to = pairs;
	return 0;
}

static int fill_map(struct fill *f, yaml_node_t *node, const struct yaml_row *rows, void *to);

/* One of the records has the same text under a key of which every one has its own. */
static int check_unique(struct fill *f, const struct yaml_row *sub, const yaml_node_t *node,
			const char *records, size_t n, size_t size)
{
	for (; sub->key; sub++) {
		const char *last = *(char *const *)(const void *)(records + n * size + sub->offset);

		for (size_t i = 0; sub->unique && i < n; i++) {
			if (strcmp(*(char *const *)(const void *)(records + i * size + sub->offset),
				   last) == 0)
				return bad(f, node, "'%s: %.80s' is given twice", sub->key, last);
		}
	}
	return 0;
}

static int fill_records(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
			struct yaml_records *to)
{
	size_t n;
	char *v;

	if (node->type != YAML_SEQUENCE_NODE)
		return bad(f, node, "'%s' wants a list", row->key);
	n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	v = arena_array(f->a, n, row->record_size);
	if (!v)
		return no_memory(f);
	for (size_t i = 0; i < n; i++) {
		yaml_node_t *item = node_at(f, node->data.sequence.items.start[i]);

		if (fill_map(f, item, row->sub, v + i * row->record_size) != 0 ||
		    check_unique(f, row->sub, item, v, i, row->record_size) != 0)
			return -1;
	}
	*to = (struct yaml_records){v, n};
	return 0;
}

static int fill_one(struct fill *f, const struct yaml_row *row, yaml_node_t *node, void *to)
{
	void *at = (char *)to + row->offset;

	switch (row->kind) {
	case YAML_TEXT:
		return fill_text(f, row, node, at);
	case YAML_TEXTS:
		return fill_texts(f, row, node, at);
	case YAML_CHOICE:
		return fill_choice(f, row, node, at);
	case YAML_BYTES:
		return fill_bytes(f, row, node, at);
	case YAML_MAP:
		return fill_map(f, node, row->sub, to);
	case YAML_PAIRS:
		return fill_pairs(f, row, node, at);
	case YAML_RECORDS:
		return fill_records(f, row, node, at);
	}
	return -1;
}

/* What may stand here, the word that was meant first. */
static int hint_keys(struct fill *f, const struct yaml_row *rows, struct str typed)
{
	struct nearest best = {NULL, 0};
	char keys[200], meant[60] = "";
	size_t n = 0;

	keys[0] = '\0';
	for (const struct yaml_row *row = rows; row->key && n < sizeof(keys); row++) {
		if (typed.n)
			word_nearer(typed, row->key, &best);
		n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s%s", n ? ", " : "", row->key);
	}
	if (best.word)
		snprintf(meant, sizeof(meant), "did you mean '%.30s'? ", best.word);
	return err_hint(f->err, "%s%s: %s", meant, best.word ? "Allowed" : "allowed", keys);
}

/* A key that stands one level too high: "max_size" belongs to "gather". */
static const char *belongs_to(const struct yaml_row *rows, struct str key)
{
	for (; rows->key; rows++) {
		for (const struct yaml_row *sub = rows->sub; sub && sub->key; sub++) {
			if (rows->kind == YAML_MAP && str_eq(str_of(sub->key), key))
				return rows->key;
		}
	}
	return NULL;
}

static const struct yaml_row *row_for(struct fill *f, const struct yaml_row *rows,
				      yaml_node_t *key)
{
	struct str word = key->type == YAML_SCALAR_NODE ? scalar(key) : STR("");
	const char *above;

	for (const struct yaml_row *row = rows; row->key && word.n; row++) {
		if (str_eq(str_of(row->key), word))
			return row;
	}
	above = belongs_to(rows, word);
	if (!word.n)
		(void)bad(f, key, "a key must be one word");
	else
		(void)bad(f, key, "there is no key '%.*s' here", STR_ARG(str_sub(word, 0, 80)));
	if (above)
		(void)err_hint(f->err, "it belongs to '%s'", above);
	(void)hint_keys(f, rows, word);
	return NULL;
}

static int fill_map(struct fill *f, yaml_node_t *node, const struct yaml_row *rows, void *to)
{
	uint64_t seen = 0;

	if (node->type != YAML_MAPPING_NODE) {
		(void)bad(f, node, "a map of keys and values is wanted here");
		return hint_keys(f, rows, STR(""));
	}
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = node_at(f, pair->key), *value = node_at(f, pair->value);
		const struct yaml_row *row = row_for(f, rows, key);
		uint64_t bit;

		if (!row)
			return -1;
		bit = UINT64_C(1) << (row - rows);
		if (seen & bit)
			return bad(f, key, "'%s' is given twice", row->key);
		seen |= bit;
		if (fill_one(f, row, value, to) != 0)
			return -1;
	}
	for (const struct yaml_row *row = rows; row->key; row++) {
		if (row->required && !(seen & UINT64_C(1) << (row - rows)))
			return bad(f, node, "'%s' is missing", row->key);
	}
	return 0;
}

/* Bytes that are no text have no mark, only their place. */
static yaml_mark_t place_of(const yaml_parser_t *parser, struct str text)
{
	yaml_mark_t at = parser->problem_mark;
	struct str before = str_sub(text, 0, parser->problem_offset), line;

	if (parser->error != YAML_READER_ERROR)
		return at;
	for (at.line = 0; str_find_char(before, '\n') != SIZE_MAX; at.line++)
		(void)take_line(&before, &line);
	for (at.column = 0; before.n; at.column++)
		before = str_from(before, utf8_sequence(before) ? utf8_sequence(before) : 1);
	return at;
}

/* What libyaml says of the slips that everybody makes, and what to do about them. */
static const struct {
	const char *problem, *hint;
} slips[] = {
	{"mapping values are not allowed in this context",
	 "a text with ': ' in it is put into quotes; keys of one map begin in one column"},
	{"found character that cannot start any token",
	 "a text that begins with one of @ ` % or a tab is put into quotes"},
	{"found a tab character that violates indentation", "indent with spaces"},
	{"did not find expected alphabetic or numeric character",
	 "a text that begins with * or & is put into quotes"},
};

static int not_yaml(struct fill *f, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "not YAML";

	if (parser->error == YAML_MEMORY_ERROR)
		return no_memory(f);
	(void)bad_at(f, place_of(parser, f->text), problem);
	for (size_t i = 0; i < ARRAY_COUNT(slips); i++) {
		if (strcmp(problem, slips[i].problem) == 0)
			(void)err_hint(f->err, "%s", slips[i].hint);
	}
	return -1;
}

struct look {
	int depth, values, documents;
};

static int look_at(struct fill *f, const yaml_event_t *event, struct look *look)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (look->documents++)
			return bad_at(f, event->start_mark, "a second document: one is enough");
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (look->depth++ == DEPTH_MAX)
			return bad_at(f, event->start_mark, "nested too deeply");
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		look->depth--;
		return 0;
	default:
		break;
	}
	return look->values++ < VALUES_MAX ? 0 : bad_at(f, event->start_mark, "too much in it");
}

/* Before it is made into a tree: libyaml takes minutes for a deep one, and for many anchors. */
static int look_through(struct fill *f, yaml_parser_t *parser)
{
	struct look look = {0};
	bool end = false;
	int rc = 0;

	while (rc == 0 && !end) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return not_yaml(f, parser);
		rc = look_at(f, &event, &look);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return rc;
}

static int fill_document(struct fill *f, yaml_parser_t *parser, const struct yaml_row *rows,
			 void *to)
{
	yaml_node_t *top;
	int rc;

	if (!yaml_parser_load(parser, &f->doc))
		return not_yaml(f, parser);
	top = yaml_document_get_root_node(&f->doc);
	rc = top ? fill_map(f, top, rows, to)
		 : bad_at(f, (yaml_mark_t){0, 0, 0}, "the file is empty");
	yaml_document_delete(&f->doc);
	return rc;
}

static int start(struct fill *f, yaml_parser_t *parser)
{
	if (!yaml_parser_initialize(parser))
		return no_memory(f);
	yaml_parser_set_input_string(parser, (const unsigned char *)f->text.p, f->text.n);
	return 0;
}

int yaml_fill(struct str text, const char *name, const struct yaml_row *rows, void *to,
	      struct arena *a, struct err *err)
{
	struct fill f = {.text = text, .name = name, .a = a, .err = err};
	yaml_parser_t parser;
	int rc;

	if (text.n > YAML_LARGEST)
		return err_set(err, ERR_LIMIT, "%s: larger than %d bytes", name, YAML_LARGEST);
	if (start(&f, &parser) != 0)
		return -1;
	rc = look_through(&f, &parser);
	yaml_parser_delete(&parser);
	if (rc != 0 || start(&f, &parser) != 0)
		return -1;
	rc = fill_document(&f, &parser, rows, to);
	yaml_parser_delete(&parser);
	return rc;
}

static yaml_node_t *value_of(struct fill *f, const yaml_node_t *map, const char *key)
{
	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
	     pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = node_at(f, pair->key);

		if (name->type == YAML_SCALAR_NODE && str_eq(scalar(name), str_of(key)))
			return node_at(f, pair->value);
	}
	return NULL;
}

struct yaml_place yaml_place_of(struct str text, const char *const *keys, size_t i)
{
	struct err ignored = {.code = ERR_NONE};
	struct fill f = {.text = text, .name = "", .err = &ignored};
	struct yaml_place ret = {1, 1};
	const yaml_node_t *node;
	yaml_parser_t parser;

	if (start(&f, &parser) != 0)
		return ret;
	if (yaml_parser_load(&parser, &f.doc)) {
		node = yaml_document_get_root_node(&f.doc);
		for (; node && *keys; keys++)
			node = value_of(&f, node, *keys);
		if (node && node->type == YAML_SEQUENCE_NODE &&
		    i < (size_t)(node->data.sequence.items.top - node->data.sequence.items.start))
			node = node_at(&f, node->data.sequence.items.start[i]);
		if (node)
			ret = (struct yaml_place){node->start_mark.line + 1, node->start_mark.column + 1};
		yaml_document_delete(&f.doc);
	}
	yaml_parser_delete(&parser);
	return ret;
}
