/* SPDX-License-Identifier: MIT */
/* schema.c - the part of JSON Schema 2020-12 that schema/ uses: one function a keyword. */
#include "bundle/schema.h"

#include <stdio.h>

#include "bundle/pattern.h"

enum { DEPTH_MAX = 64 };

struct checker {
	const json_t *root;
	struct schema_fault *fault; /* NULL: only yes or no (anyOf, if) */
	char where[200];
	size_t at;
	int depth;
	struct err *err;
	bool broken; /* the schema itself */
};

static bool check(struct checker *c, const json_t *schema, const json_t *value);

/* Keys of a stranger's document stand in a fault: none of them drives a terminal. */
static void make_printable(char *p)
{
	for (; *p; p++)
		*p = (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p;
}

static bool no(struct checker *c, const char *what, const char *more)
{
	if (c->fault && !c->fault->what[0]) {
		snprintf(c->fault->where, sizeof(c->fault->where), "%s",
			 c->at ? c->where : "the document");
		snprintf(c->fault->what, sizeof(c->fault->what), "%s%.100s", what, more);
		make_printable(c->fault->where);
		make_printable(c->fault->what);
	}
	return false;
}

static bool broken(struct checker *c, const char *what)
{
	c->broken = true;
	err_set(c->err, ERR_FORMAT, "schema: %.80s", what);
	return false;
}

/* Goes one step down for a check, and back. */
static bool below(struct checker *c, const char *key, size_t index, const json_t *schema,
		  const json_t *value)
{
	size_t at = c->at, room = sizeof(c->where) - at;
	bool ok;
	int n = key ? snprintf(c->where + at, room, "%s%.60s", at ? "." : "", key)
		    : snprintf(c->where + at, room, "[%zu]", index);

	c->at = n < 0 || (size_t)n >= room ? at : at + (size_t)n;
	ok = check(c, schema, value);
	c->at = at;
	c->where[at] = '\0';
	return ok;
}

static bool is_type(const char *name, const json_t *v)
{
	static const struct {
		const char *name;
		json_type type;
	} types[] = {{"object", JSON_OBJECT}, {"array", JSON_ARRAY},   {"string", JSON_STRING},
		     {"integer", JSON_INTEGER}, {"null", JSON_NULL},   {"number", JSON_REAL},
		     {"number", JSON_INTEGER}, {"boolean", JSON_TRUE}, {"boolean", JSON_FALSE}};

	for (size_t i = 0; name && i < ARRAY_COUNT(types); i++) {
		if (strcmp(name, types[i].name) == 0 && json_typeof(v) == types[i].type)
			return true;
	}
	return false;
}

static bool on_type(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)schema;
	if (json_is_string(rule))
		return is_type(json_string_value(rule), v) ||
		       no(c, "is not of type ", json_string_value(rule));
	json_array_foreach(rule, i, one) {
		if (is_type(json_string_value(one), v))
			return true;
	}
	return no(c, "is of a wrong type", "");
}

static bool on_const(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	(void)schema;
	return json_equal(rule, v) ||
	       no(c, "is not ", json_is_string(rule) ? json_string_value(rule) : "what it must be");
}

static bool on_enum(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(rule, i, one) {
		if (json_equal(one, v))
			return true;
	}
	return no(c, "is none of the words that are known", "");
}

static bool on_ref(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	struct str name = str_of(json_string_value(rule) ? json_string_value(rule) : "");
	const json_t *to = NULL;

	(void)schema;
	if (str_eq(name, STR("#")))
		to = c->root;
	else if (take_lit(&name, STR("#/$defs/")))
		to = json_object_get(json_object_get(c->root, "$defs"), name.p);
	return to ? check(c, to, v) : broken(c, "a $ref that leads nowhere");
}

static bool on_required(struct checker *c, const json_t *rule, const json_t *schema,
			const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)schema;
	if (!json_is_object(v))
		return true;
	json_array_foreach(rule, i, one) {
		if (!json_object_get(v, json_string_value(one)))
			return no(c, "lacks ", json_string_value(one));
	}
	return true;
}

static bool on_properties(struct checker *c, const json_t *rule, const json_t *schema,
			  const json_t *v)
{
	const char *key;
	json_t *sub;

	(void)schema;
	json_object_foreach((json_t *)(uintptr_t)rule, key, sub) {
		const json_t *member = json_object_get(v, key);

		if (member && !below(c, key, 0, sub, member))
			return false;
	}
	return true;
}

/* Members that "properties" does not name. */
static bool on_additional(struct checker *c, const json_t *rule, const json_t *schema,
			  const json_t *v)
{
	const json_t *known = json_object_get(schema, "properties");
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		if (json_object_get(known, key))
			continue;
		if (json_is_false(rule))
			return no(c, "has a member that is not known: ", key);
		if (json_is_object(rule) && !below(c, key, 0, rule, member))
			return false;
	}
	return true;
}

static bool on_names(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const char *key;
	json_t *member;

	(void)schema;
	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		json_t *name = json_string(key);
		bool ok = name ? below(c, key, 0, rule, name) : broken(c, "no memory");

		json_decref(name);
		if (!ok)
			return false;
	}
	return true;
}

static bool on_items(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(v, i, one) {
		if (!below(c, NULL, i, rule, one))
			return false;
	}
	return true;
}

static bool quietly(struct checker *c, const json_t *schema, const json_t *v)
{
	struct schema_fault *fault = c->fault;
	bool ok;

	c->fault = NULL;
	ok = check(c, schema, v);
	c->fault = fault;
	return ok;
}

static bool on_any(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *one, *likely = NULL;
	size_t i;

	(void)schema;
	json_array_foreach(rule, i, one) {
		const char *type = json_string_value(json_object_get(one, "type"));

		if (quietly(c, one, v))
			return true;
		if (!type || is_type(type, v))
			likely = one;
	}
	/* said of the one that it was probably meant to be */
	return likely ? check(c, likely, v) : no(c, "is of a wrong type", "");
}

static bool on_all(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *one;
	size_t i;

	(void)schema;
	json_array_foreach(rule, i, one) {
		if (!check(c, one, v))
			return false;
	}
	return true;
}

static bool on_if(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v)
{
	const json_t *then = json_object_get(schema, "then");

	return !then || !quietly(c, rule, v) || check(c, then, v);
}

static bool on_minimum(struct checker *c, const json_t *rule, const json_t *schema,
		       const json_t *v)
{
	(void)schema;
	return !json_is_number(v) || json_number_value(v) >= json_number_value(rule) ||
	       no(c, "is too small", "");
}

static bool on_min_length(struct checker *c, const json_t *rule, const json_t *schema,
			  const json_t *v)
{
	(void)schema;
	return !json_is_string(v) ||
	       json_string_length(v) >= (size_t)json_integer_value(rule) || no(c, "is too short", "");
}

/* Bytes, where the standard counts characters: stricter for what we write. */
static bool on_max_length(struct checker *c, const json_t *rule, const json_t *schema,
			  const json_t *v)
{
	(void)schema;
	return !json_is_string(v) ||
	       json_string_length(v) <= (size_t)json_integer_value(rule) || no(c, "is too long", "");
}

static bool on_pattern(struct checker *c, const json_t *rule, const json_t *schema,
		       const json_t *v)
{
	int fits;

	(void)schema;
	if (!json_is_string(v))
		return true;
	fits = pattern_match(str_of(json_string_value(rule)), str_of(json_string_value(v)));
	if (fits < 0)
		return broken(c, "a pattern that is not known");
	return fits || no(c, "does not look as it must: ", json_string_value(v));
}

static bool passed_over(struct checker *c, const json_t *rule, const json_t *schema,
			const json_t *v)
{
	(void)c;
	(void)rule;
	(void)schema;
	(void)v;
	return true;
}

static const struct {
	const char *name;
	bool (*on)(struct checker *c, const json_t *rule, const json_t *schema, const json_t *v);
} keywords[] = {
	{"type", on_type},	   {"const", on_const},		{"enum", on_enum},
	{"$ref", on_ref},	   {"required", on_required},	{"properties", on_properties},
	{"items", on_items},	   {"anyOf", on_any},		{"allOf", on_all},
	{"if", on_if},		   {"minimum", on_minimum},	{"minLength", on_min_length},
	{"maxLength", on_max_length}, {"pattern", on_pattern},
	{"additionalProperties", on_additional},		{"propertyNames", on_names},
	/* words for people, and what others of the table read */
	{"$schema", passed_over},  {"$id", passed_over},	{"$defs", passed_over},
	{"$comment", passed_over}, {"title", passed_over},	{"description", passed_over},
	{"then", passed_over},	   {"examples", passed_over},
};

static bool one_keyword(struct checker *c, const char *name, const json_t *rule,
			const json_t *schema, const json_t *v)
{
	for (size_t i = 0; i < ARRAY_COUNT(keywords); i++) {
		if (strcmp(keywords[i].name, name) == 0)
			return keywords[i].on(c, rule, schema, v);
	}
	return broken(c, name);
}

static bool check(struct checker *c, const json_t *schema, const json_t *value)
{
	bool ok = true;
	const char *name;
	json_t *rule;

	if (json_is_boolean(schema))
		return json_is_true(schema) || no(c, "may not be here", "");
	if (++c->depth > DEPTH_MAX)
		ok = no(c, "is nested too deep", "");
	json_object_foreach((json_t *)(uintptr_t)schema, name, rule) {
		ok = ok && !c->broken && one_keyword(c, name, rule, schema, value);
	}
	c->depth--;
	return ok;
}

int schema_check_by(const json_t *schema, const json_t *document, struct schema_fault *ret,
		    struct err *err)
{
	struct schema_fault fault = {"", ""};
	struct checker c = {.root = schema, .fault = &fault, .err = err};
	bool ok = check(&c, schema, document);

	if (c.broken)
		return -1;
	if (!ok)
		*ret = fault;
	return !ok;
}

int schema_check(const char *schema, const json_t *document, struct schema_fault *ret,
		 struct err *err)
{
	struct str text;
	json_t *root;
	int rc;

	if (!shipped_find(shipped_schemas, n_shipped_schemas, schema, &text))
		return err_set(err, ERR_FORMAT, "there is no schema %.60s", schema);
	root = json_loadb(text.p, text.n, 0, NULL);
	if (!root)
		return err_set(err, ERR_NOMEM, "%.60s: no memory", schema);
	rc = schema_check_by(root, document, ret, err);
	json_decref(root);
	return rc;
}
