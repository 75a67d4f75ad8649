/* SPDX-License-Identifier: MIT */
/* compare.c - two documents of one machine, before and after: what changed, as a document. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/report.h"

enum { ROWS_MAX = 15 };

static json_t *part(const json_t *document, const char *a, const char *b)
{
	json_t *first = json_object_get(document, a);

	return b ? json_object_get(first, b) : first;
}

static json_t *fact(const json_t *document, const char *list)
{
	return json_object_get(part(document, "collection", "facts"), list);
}

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

/* Members that differ, as {name, before, after}; numbers and texts alike. */
static json_t *differences(const json_t *before, const json_t *after)
{
	json_t *rows = json_array(), *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)after, key, value) {
		json_t *old = json_object_get(before, key);

		if (!json_is_object(value) && !json_is_array(value) &&
		    !(old ? json_equal(old, value) : json_is_null(value)))
			json_array_append_new(rows, json_pack("{s:s, s:o, s:O}", "name", key,
							      "before", or_null(old), "after",
							      value));
	}
	json_object_foreach((json_t *)(uintptr_t)before, key, value) {
		if (!json_object_get(after, key) && !json_is_object(value) &&
		    !json_is_array(value) && !json_is_null(value))
			json_array_append_new(rows, json_pack("{s:s, s:O, s:n}", "name", key,
							      "before", value, "after"));
	}
	return rows;
}

struct change {
	json_t *row; /* borrowed from the list it will be put into */
	double size;
};

static int by_size(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	const char *xn = json_string_value(json_object_get(x->row, "name"));
	const char *yn = json_string_value(json_object_get(y->row, "name"));

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return strcmp(xn ? xn : "", yn ? yn : "");
}

/* The rows of the largest change; takes `rows` over. */
static json_t *largest(json_t *rows)
{
	size_t n = json_array_size(rows), i;
	struct arena a = ARENA_INIT((n + 1) * sizeof(struct change) + 64);
	struct change *changes = arena_array(&a, n + 1, sizeof(*changes));
	json_t *out = json_array(), *row;

	json_array_foreach(rows, i, row) {
		if (changes)
			changes[i] = (struct change){
				row, fabs(json_number_value(json_object_get(row, "change")))};
	}
	if (changes)
		qsort(changes, n, sizeof(*changes), by_size);
	for (i = 0; changes && i < n && i < ROWS_MAX; i++)
		json_array_append(out, changes[i].row);
	arena_free(&a);
	json_decref(rows);
	return out;
}

static void add_change(json_t *rows, const char *name, double before, double after)
{
	if (before != after)
		json_array_append_new(rows, json_pack("{s:s, s:I, s:I, s:I}", "name", name,
						      "before", (json_int_t)before, "after",
						      (json_int_t)after, "change",
						      (json_int_t)(after - before)));
}

static json_t *number_changes(const json_t *before, const json_t *after)
{
	json_t *rows = json_array(), *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)after, key, value) {
		json_t *old = json_object_get(before, key);

		if (json_is_number(value) && json_is_number(old))
			add_change(rows, key, json_number_value(old), json_number_value(value));
	}
	return largest(rows);
}

/* Sum of a number over the entries of a list that have this name: processes by comm. */
static json_t *sums(const json_t *list, const char *name_key, const char *const *keys)
{
	json_t *out = json_object(), *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		const char *name = json_string_value(json_object_get(entry, name_key));
		double sum = json_number_value(json_object_get(out, name ? name : "?"));

		for (const char *const *key = keys; *key; key++)
			sum += json_number_value(json_object_get(entry, *key));
		json_object_set_new(out, name ? name : "?", json_integer((json_int_t)sum));
	}
	return out;
}

static json_t *list_changes(const json_t *before, const json_t *after, const char *name_key,
			    const char *const *keys)
{
	json_auto_t *old = sums(before, name_key, keys), *now = sums(after, name_key, keys);
	json_t *rows = json_array(), *value;
	const char *name;

	json_object_foreach(now, name, value) {
		add_change(rows, name, json_number_value(json_object_get(old, name)),
			   json_number_value(value));
	}
	json_object_foreach(old, name, value) {
		if (!json_object_get(now, name))
			add_change(rows, name, json_number_value(value), 0);
	}
	return largest(rows);
}

static json_t *incident(const json_t *document)
{
	const json_t *finding = json_array_get(part(document, "diagnosis", "findings"), 0);

	return json_pack("{s:o, s:o, s:o, s:o}", "signature",
			 or_null(json_object_get(document, "signature")), "verdict",
			 or_null(part(document, "diagnosis", "verdict")), "cause",
			 or_null(json_object_get(finding, "id")), "created",
			 or_null(json_object_get(document, "created")));
}

int report_compare(const json_t *before, const json_t *after, json_t **ret, struct err *err)
{
	static const char *const total[] = {"total_kb", NULL};
	static const char *const held[] = {"rss_kb", "swap_kb", NULL};
	const json_t *old_host = part(before, "system", "hostname");
	const json_t *new_host = part(after, "system", "hostname");
	bool same = json_is_string(old_host) && json_equal((json_t *)(uintptr_t)old_host,
							   (json_t *)(uintptr_t)new_host);
	json_t *out;

	out = json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
			"oomreport.compare/1", "same_host", same, "before", incident(before),
			"after", incident(after), "system",
			differences(part(before, "system", NULL), part(after, "system", NULL)),
			"counts",
			differences(part(before, "counts", NULL), part(after, "counts", NULL)),
			"sysctl", differences(fact(before, "sysctl"), fact(after, "sysctl")),
			"meminfo",
			number_changes(fact(before, "meminfo"), fact(after, "meminfo")), "slabs",
			list_changes(fact(before, "slabs"), fact(after, "slabs"), "name", total),
			"processes",
			list_changes(fact(before, "processes"), fact(after, "processes"), "comm",
				     held));
	if (!out)
		return err_set(err, ERR_NOMEM, "compare: no memory");
	json_object_set_new(out, "same_signature",
			    json_boolean(json_equal(json_object_get(before, "signature"),
						    json_object_get(after, "signature"))));
	*ret = out;
	return 0;
}
