/* SPDX-License-Identifier: MIT */
/* yaml.c - walks a YAML document along a table of rows. */
#include "cli/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "cli/cli.h"

enum { DEPTH_MAX = 8 };

struct fill {
	yaml_document_t doc;
	const char *name;
	struct arena *a;
	struct err *err;
};

static int bad(struct fill *f, const yaml_node_t *node, const char *fmt, ...)
	FORMAT_ARGS(3, 4);
static int bad(struct fill *f, const yaml_node_t *node, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(f->err, ERR_FORMAT, "%s:%zu:%zu: %s", f->name,
		       node->start_mark.line + 1, node->start_mark.column + 1, why);
}

static yaml_node_t *node_at(struct fill *f, int index)
{
	return yaml_document_get_node(&f->doc, index);
}

static struct str scalar(const yaml_node_t *node)
{
	return (struct str){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static int no_memory(struct fill *f)
{
	return err_set(f->err, ERR_NOMEM, "%s: too much in it, or no memory", f->name);
}

static int fill_text(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		     const char **to)
{
	char *copy;

	if (node->type != YAML_SCALAR_NODE)
		return bad(f, node, "'%s' wants a text", row->key);
	if (memchr(scalar(node).p, '\0', scalar(node).n))
		return bad(f, node, "'%s' holds a NUL byte", row->key);
	if (row->no_newline && str_find_char(scalar(node), '\n') != SIZE_MAX)
		return bad(f, node, "'%s' must be one line", row->key);
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

static int fill_pairs(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
		      struct yaml_texts *to)
{
	yaml_node_pair_t *pair;
	const char **v;
	size_t n = 0;

	if (node->type != YAML_MAPPING_NODE)
		return bad(f, node, "'%s' wants a map of names and values", row->key);
	v = arena_array(f->a,
			(size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start) +
				1,
			sizeof(*v));
	if (!v)
		return no_memory(f);
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = node_at(f, pair->key), *value = node_at(f, pair->value);
		CLEANUP_BUF struct buf text = BUF_INIT(4096);

		if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
			return bad(f, key, "'%s' wants plain names and values", row->key);
		buf_add(&text, scalar(key));
		buf_addc(&text, '=');
		buf_add(&text, scalar(value));
		v[n] = arena_cstr(f->a, buf_str(&text));
		if (text.failed || !v[n++])
			return no_memory(f);
	}
	*to = (struct yaml_texts){v, n};
	return 0;
}

static int fill_map(struct fill *f, yaml_node_t *node, const struct yaml_row *rows, void *to,
		    int depth);

static int fill_records(struct fill *f, const struct yaml_row *row, yaml_node_t *node,
			struct yaml_records *to, int depth)
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

		if (fill_map(f, item, row->sub, v + i * row->record_size, depth) != 0)
			return -1;
	}
	*to = (struct yaml_records){v, n};
	return 0;
}

static int fill_one(struct fill *f, const struct yaml_row *row, yaml_node_t *node, void *to,
		    int depth)
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
		return fill_map(f, node, row->sub, to, depth);
	case YAML_PAIRS:
		return fill_pairs(f, row, node, at);
	case YAML_RECORDS:
		return fill_records(f, row, node, at, depth);
	}
	return -1;
}

static void list_keys(const struct yaml_row *rows, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (; rows->key && n < room; rows++)
		n += (size_t)snprintf(out + n, room - n, "%s%s", n ? ", " : "", rows->key);
}

static const struct yaml_row *row_for(struct fill *f, const struct yaml_row *rows,
				      yaml_node_t *key)
{
	char keys[200];

	if (key->type == YAML_SCALAR_NODE) {
		for (const struct yaml_row *row = rows; row->key; row++) {
			if (str_eq(str_of(row->key), scalar(key)))
				return row;
		}
	}
	(void)bad(f, key, "there is no key '%.*s' here",
		  key->type == YAML_SCALAR_NODE ? (int)scalar(key).n : 0,
		  key->type == YAML_SCALAR_NODE ? scalar(key).p : "");
	list_keys(rows, keys, sizeof(keys));
	(void)err_hint(f->err, "allowed: %s", keys);
	return NULL;
}

static int fill_map(struct fill *f, yaml_node_t *node, const struct yaml_row *rows, void *to,
		    int depth)
{
	uint64_t seen = 0;

	if (node->type != YAML_MAPPING_NODE)
		return bad(f, node, "a map of keys and values is wanted here");
	if (depth == DEPTH_MAX)
		return bad(f, node, "nested too deeply");
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
		if (fill_one(f, row, value, to, depth + 1) != 0)
			return -1;
	}
	for (const struct yaml_row *row = rows; row->key; row++) {
		if (row->required && !(seen & UINT64_C(1) << (row - rows)))
			return bad(f, node, "'%s' is missing", row->key);
	}
	return 0;
}

static int fill_document(struct fill *f, yaml_parser_t *parser, const struct yaml_row *rows,
			 void *to)
{
	yaml_node_t *top;
	int rc;

	if (!yaml_parser_load(parser, &f->doc))
		return err_set(f->err, ERR_FORMAT, "%s:%zu:%zu: %s", f->name,
			       parser->problem_mark.line + 1, parser->problem_mark.column + 1,
			       parser->problem ? parser->problem : "not YAML");
	top = yaml_document_get_root_node(&f->doc);
	rc = top ? fill_map(f, top, rows, to, 0)
		 : err_set(f->err, ERR_FORMAT, "%s:1:1: the file is empty", f->name);
	yaml_document_delete(&f->doc);
	return rc;
}

int yaml_fill(struct str text, const char *name, const struct yaml_row *rows, void *to,
	      struct arena *a, struct err *err)
{
	struct fill f = {.name = name, .a = a, .err = err};
	yaml_parser_t parser;
	int rc;

	if (text.n > YAML_LARGEST)
		return err_set(err, ERR_LIMIT, "%s: larger than %d bytes", name, YAML_LARGEST);
	if (!yaml_parser_initialize(&parser))
		return err_set(err, ERR_NOMEM, "%s: no memory", name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	rc = fill_document(&f, &parser, rows, to);
	yaml_parser_delete(&parser);
	return rc;
}
