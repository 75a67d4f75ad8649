/* SPDX-License-Identifier: MIT */
/* reveal.c - the way back: an answer about "host1" with the names of a kept mapping in it. */
#include <jansson.h>
#include <stdlib.h>

#include "report/redact_private.h"

enum { TABLES = 8, TABLE_BYTES = 16 << 20 };

/* As in redaction, but a name's "original" is what stands in the text now. */
struct revealer {
	struct redact_names *tables[TABLES]; /* each holds NAMES_MAX */
	size_t n;
};

void reveal_free(struct revealer *v)
{
	for (size_t i = 0; v && i < v->n; i++) {
		struct arena home = v->tables[i]->arena;

		arena_free(&home);
	}
	free(v);
}

static struct redact_names *next_table(struct revealer *v)
{
	struct arena home = ARENA_INIT(TABLE_BYTES);
	struct redact_names *table = v->n < TABLES ? arena_take(&home, sizeof(*table)) : NULL;

	if (!table)
		return NULL;
	table->arena = home;
	v->tables[v->n++] = table;
	return table;
}

static bool add(struct revealer *v, struct str replacement, struct str original)
{
	struct redact_names *table = v->n ? v->tables[v->n - 1] : NULL;

	for (size_t i = 0; i < v->n; i++) {
		if (names_find(v->tables[i], replacement))
			return true;
	}
	if (!table || table->n >= NAMES_MAX)
		table = next_table(v);
	return table && names_add(table, REDACT_HOST, replacement, original);
}

static bool text_of(json_t *row, const char *key, struct str *ret)
{
	json_t *value = json_object_get(row, key);

	*ret = (struct str){json_string_value(value), json_string_length(value)};
	return json_is_string(value) && ret->n > 0;
}

static int fill(struct revealer *v, json_t *mapping, const char *name, struct err *err)
{
	struct str original, replacement;
	json_t *row;
	size_t i;

	if (!json_is_array(mapping))
		return err_set(err, ERR_FORMAT, "%s: is no mapping of replaced names", name);
	json_array_foreach(mapping, i, row) {
		if (!text_of(row, "original", &original) ||
		    !text_of(row, "replacement", &replacement) || replacement.n > NAME_LONGEST)
			return err_set(err, ERR_FORMAT, "%s: entry %zu is no replaced name", name,
				       i + 1);
		if (!add(v, replacement, original))
			return err_set(err, ERR_LIMIT, "%s: too many names, or no memory", name);
	}
	return 0;
}

int reveal_new(struct revealer **ret, struct str mapping, const char *name, struct err *err)
{
	struct revealer *v = calloc(1, sizeof(*v));
	json_error_t why;
	json_t *json = json_loadb(mapping.p ? mapping.p : "", mapping.n, 0, &why);
	int rc;

	if (!v)
		rc = err_set(err, ERR_NOMEM, "no memory");
	else if (!json)
		rc = err_set(err, ERR_FORMAT, "%s:%d: is no mapping of replaced names: %s", name,
			     why.line, why.text);
	else
		rc = fill(v, json, name, err);
	json_decref(json);
	if (rc == 0)
		*ret = v;
	else
		reveal_free(v);
	return rc;
}

static const struct redact_name *name_at(const struct revealer *v, struct str s)
{
	const struct redact_name *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct redact_name *name = names_at(v->tables[i], s);

		if (name && (!best || name->original.n > best->original.n))
			best = name;
	}
	return best;
}

int reveal_text(const struct revealer *v, struct str lines, struct buf *out, uint64_t *count,
		struct err *err)
{
	size_t at = 0, from = 0;

	while (at < lines.n) {
		bool word = at == 0 || name_boundary(lines.p[at - 1]) || pattern_escape_before(lines, at);
		const struct redact_name *name = word ? name_at(v, str_from(lines, at)) : NULL;

		if (!name) {
			at++;
			continue;
		}
		buf_add(out, str_sub(lines, from, at - from));
		buf_add(out, name->replacement);
		at += name->original.n;
		from = at;
		++*count;
	}
	buf_add(out, str_from(lines, from));
	return buf_ok(out, "text with its names", err);
}
