/* SPDX-License-Identifier: MIT */
/* bugzilla_values.c - checks every field against the server's own values before a bug is made:
 * nothing can be deleted afterwards. */
#include "submit/bugzilla.h"

#include <stdio.h>

/* Edit distance without case, for near matches; names are short. */
static size_t distance(struct str a, struct str b)
{
	size_t row[129];

	if (b.n > 128)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t best = diagonal +
				      (ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]));

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[b.n];
}

static bool contains_nocase(struct str s, struct str part)
{
	for (size_t i = 0; part.n && i + part.n <= s.n; i++) {
		if (str_eq_nocase(str_sub(s, i, part.n), part))
			return true;
	}
	return false;
}

/* Near matches of a name in an array of strings, or the first few of all, to be shown. */
static void suggest(struct bz *b, const json_t *names, const char *wanted, char *out, size_t room)
{
	char safe[100];
	struct str w = str_of(wanted ? wanted : "");
	size_t used = 0, shown = 0, i;
	const json_t *name;

	out[0] = '\0';
	for (int pass = 0; pass < 2 && shown == 0; pass++) {
		json_array_foreach(names, i, name) {
			struct str have = str_of(json_string_value(name));
			bool near = contains_nocase(have, w) || contains_nocase(w, have) ||
				    distance(w, have) <= 1 + have.n / 4;

			if (!have.p || (pass == 0 && !near) || shown == 6 ||
			    used + sizeof(safe) + 4 > room)
				continue;
			http_safe_text(&b->http, have, safe, sizeof(safe));
			used += (size_t)snprintf(out + used, room - used, "%s%s",
						 shown ? ", " : "", safe);
			shown++;
		}
	}
}

static const char *match(const json_t *names, const char *wanted)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		const char *have = json_string_value(name);

		if (have && wanted && str_eq_nocase(str_of(have), str_of(wanted)))
			return have;
	}
	return NULL;
}

/* The longest of the names that stands in the distribution's, in whole words: of "Fedora Linux 41
 * (Server)" the product "Fedora" and the version "41". NULL: none. */
static const char *named_in(const json_t *names, const char *distribution)
{
	struct str in = str_of(distribution);
	const char *best = NULL;
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		const char *have = json_string_value(name);
		struct str part = str_of(have);

		for (size_t at = 0; part.n && at + part.n <= in.n; at++) {
			size_t end = at + part.n;

			if (str_eq_nocase(str_sub(in, at, part.n), part) &&
			    (at == 0 || in.p[at - 1] == ' ') && (end == in.n || in.p[end] == ' ') &&
			    (!best || part.n > strlen(best)))
				best = have;
		}
	}
	return best;
}

/* The names of the active entries of an array of {name, is_active}. */
static json_t *active_names(const json_t *entries)
{
	json_t *names = json_array();
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		json_t *active = json_object_get(entry, "is_active");

		if (active && (json_is_false(active) ||
			       (json_is_integer(active) && json_integer_value(active) == 0)))
			continue;
		json_array_append(names, json_object_get(entry, "name"));
	}
	return names;
}

static int ask_or_fail(struct bz *b, const json_t *names, const char *what, const char *wanted,
		       char *out, size_t room, struct err *err)
{
	const char *hit = match(names, wanted);
	char near[640], question[800], answer[256];

	if (bz_lacks_memory(b))
		return err_set(err, ERR_NOMEM, "%s: no memory for the names at %s", what, b->web);
	for (int tries = 0; !hit; tries++) {
		suggest(b, names, wanted, near, sizeof(near));
		snprintf(question, sizeof(question), "%s%s%s%s? (%s) ", what, wanted ? " '" : "",
			 wanted ? wanted : "", wanted ? "' is not known here; which" : "", near);
		if (tries == 5 || !b->talk || !b->talk->ask ||
		    !b->talk->ask(b->talk->ctx, question, answer, sizeof(answer))) {
			if (wanted)
				(void)err_set(err, ERR_USAGE, "%s '%.80s': %s has none of that name",
					      what, wanted, b->web);
			else
				(void)err_set(err, ERR_USAGE, "%s: which one? %s wants it", what,
					      b->web);
			return err_hint(err, "perhaps: %s", near[0] ? near : "(none offered)");
		}
		hit = match(names, answer);
	}
	snprintf(out, room, "%s", hit);
	return 0;
}

static int all_products(struct bz *b, json_t **ret, struct err *err)
{
	json_t *answer;

	if (bz_get(b, "product", "type=enterable&include_fields=name", &answer, err) != 0)
		return -1;
	*ret = active_names(json_object_get(answer, "products"));
	json_decref(answer);
	return 0;
}

/* A name asked for without the right to enter bugs gives an empty list, not an error. */
static int find_product(struct bz *b, const struct bug_fields *f, char *out, size_t room,
			json_t **ret_product, struct err *err)
{
	CLEANUP_BUF struct buf query = BUF_INIT(4096);
	json_auto_t *names = NULL;
	json_t *answer, *product;

	if (all_products(b, &names, err) != 0 ||
	    ask_or_fail(b, names, "product",
			f->product ? f->product : named_in(names, f->distribution), out, room,
			err) != 0)
		return -1;
	bz_query(b, &query, "names", out);
	buf_addz(&query, "&include_fields=id,name,components.name,components.is_active,"
			 "versions.name,versions.is_active");
	if (bz_get(b, "product", bz_query_end(b, &query), &answer, err) != 0)
		return -1;
	product = json_array_get(json_object_get(answer, "products"), 0);
	if (!product)
		(void)err_set(err, ERR_REMOTE, "product '%s': the server lists it but does not "
			      "show it", out);
	else
		*ret_product = json_incref(product);
	json_decref(answer);
	return product ? 0 : -1;
}

static int find_part(struct bz *b, const json_t *product, const char *key, const char *what,
		     const char *wanted, const char *distribution, char *out, size_t room,
		     struct err *err)
{
	json_auto_t *names = active_names(json_object_get(product, key));

	if (!wanted)
		wanted = named_in(names, distribution);
	if (!wanted && json_array_size(names) == 1)
		wanted = json_string_value(json_array_get(names, 0));
	/* most servers have one for "I do not know" */
	if (!wanted)
		wanted = match(names, "unspecified");
	return ask_or_fail(b, names, what, wanted, out, room, err);
}

/* A select field: the user's word, else the first candidate this server knows. */
static int find_value(struct bz *b, const char *field, const char *wanted,
		      const char *const *candidates, char *out, size_t room, struct err *err)
{
	char path[100];
	json_t *answer;
	json_auto_t *names = NULL;
	const char *hit = NULL;

	snprintf(path, sizeof(path), "field/bug/%s/values", field);
	if (bz_get(b, path, NULL, &answer, err) != 0)
		return -1;
	names = json_incref(json_object_get(answer, "values"));
	json_decref(answer);
	for (; !wanted && *candidates && !hit; candidates++)
		hit = match(names, *candidates);
	if (!wanted && !hit)
		hit = json_string_value(json_array_get(names, 0));
	return ask_or_fail(b, names, field, wanted ? wanted : hit, out, room, err);
}

static struct str field_value(const struct bug_fields *f, const char *name)
{
	for (size_t i = 0; f->fields && f->fields[i]; i++) {
		struct str value = str_of(f->fields[i]), key;

		if (take_until(&value, '=', &key) && str_eq(key, str_of(name)))
			return value;
	}
	return (struct str){NULL, 0};
}

/* What a mandatory custom field can be filled with without asking. */
static const char *known_answer(const char *name, const struct bug_fields *f)
{
	return str_find(str_of(name), STR("kernel_version")) != SIZE_MAX ? f->kernel : NULL;
}

static int find_custom(struct bz *b, const struct bug_fields *f, json_t *out, struct err *err)
{
	json_auto_t *answer = NULL;
	const json_t *field;
	size_t i;

	for (i = 0; f->fields && f->fields[i]; i++) {
		struct str value = str_of(f->fields[i]), key;
		char name[100];

		if (!take_until(&value, '=', &key) || key.n == 0 || key.n >= sizeof(name))
			return err_set(err, ERR_USAGE, "--field '%.60s': wants NAME=VALUE",
				       f->fields[i]);
		snprintf(name, sizeof(name), "%.*s", STR_ARG(key));
		json_object_set_new(out, name, bz_text(value, 60000));
	}
	if (bz_get(b, "field/bug",
		   "include_fields=name,display_name,is_mandatory,is_custom,is_on_bug_entry",
		   &answer, err) != 0)
		return -1;
	json_array_foreach(json_object_get(answer, "fields"), i, field) {
		const char *name = json_string_value(json_object_get(field, "name"));
		const char *title = json_string_value(json_object_get(field, "display_name"));
		json_t *must = json_object_get(field, "is_mandatory");
		char safe_name[80], safe_title[80], question[200], text[256];
		const char *value;

		if (!name || strncmp(name, "cf_", 3) != 0 || json_object_get(out, name) ||
		    !(json_is_true(must) || json_integer_value(must)))
			continue;
		value = known_answer(name, f);
		http_safe_text(&b->http, str_of(name), safe_name, sizeof(safe_name));
		http_safe_text(&b->http, str_of(title ? title : name), safe_title,
			       sizeof(safe_title));
		snprintf(question, sizeof(question), "%s (%s)? ", safe_title, safe_name);
		if (!value && b->talk && b->talk->ask &&
		    b->talk->ask(b->talk->ctx, question, text, sizeof(text)))
			value = text;
		if (!value) {
			(void)err_set(err, ERR_USAGE, "field '%s': %s wants a value for it",
				      safe_name, b->web);
			return err_hint(err, "give --field %s=VALUE", safe_name);
		}
		json_object_set_new(out, name, bz_text(str_of(value), 60000));
	}
	return 0;
}

int bz_validate(struct bz *b, const struct bug_fields *f, struct bz_choice *ret, struct err *err)
{
	static const char *const systems[] = {"Linux", "All", "Unspecified", "Other", NULL};
	static const char *const severities[] = {"normal", "medium", "S3", "unspecified", NULL};
	static const char *const priorities[] = {"P3", "P5", "medium", "normal", "unspecified",
						 "---", "--", NULL};
	const char *platforms[] = {f->arch, "PC", "All", "Unspecified", "Other", NULL};
	const struct {
		const char *field, *wanted;
		const char *const *candidates;
		char *out;
	} rows[] = {
		{"op_sys", f->op_sys, systems, ret->op_sys},
		{"platform", f->platform, f->arch ? platforms : platforms + 1, ret->platform},
		{"severity", f->severity, severities, ret->severity},
		{"priority", f->priority, priorities, ret->priority},
	};
	json_auto_t *product = NULL;

	*ret = (struct bz_choice){.custom = json_object()};
	if (find_product(b, f, ret->product, sizeof(ret->product), &product, err) != 0 ||
	    find_part(b, product, "components", "component", f->component, NULL,
		      ret->component, sizeof(ret->component), err) != 0 ||
	    find_part(b, product, "versions", "version", f->version, f->distribution,
		      ret->version, sizeof(ret->version), err) != 0 ||
	    find_custom(b, f, ret->custom, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str given = field_value(f, rows[i].field);

		if (find_value(b, rows[i].field, given.p ? given.p : rows[i].wanted,
			       rows[i].candidates, rows[i].out, sizeof(ret->op_sys), err) != 0)
			return -1;
		json_object_del(ret->custom, rows[i].field);
	}
	return 0;
}

void bz_choice_free(struct bz_choice *c)
{
	json_decref(c->custom);
	c->custom = NULL;
}
