/* SPDX-License-Identifier: MIT */
/* yaml.h - YAML files into structs by a table; an error names file, line, column and what is
 * allowed there. The only user of libyaml.
 */
#ifndef OOMREPORT_CLI_YAML_H
#define OOMREPORT_CLI_YAML_H

#include "base/mem.h"

enum yaml_kind {
	YAML_TEXT,	/* const char * */
	YAML_TEXTS,	/* struct yaml_texts: a list, or one scalar */
	YAML_CHOICE,	/* int: index into `choices`, "a|b|c" */
	YAML_BYTES,	/* int64_t: 64M, 1G */
	YAML_MAP,	/* the rows of `sub`, in the same struct */
	YAML_PAIRS,	/* struct yaml_texts: "key=value" of a free map */
	YAML_RECORDS,	/* struct yaml_records: a list of maps, each by `sub` */
};

struct yaml_texts {
	const char **v; /* NULL-terminated, or NULL when empty */
	size_t n;
};

struct yaml_records {
	void *v; /* n records of `record_size` bytes */
	size_t n;
};

/* What a text must be like; of a list every one. */
struct yaml_form {
	bool (*is)(struct str text);
	const char *wants; /* "an absolute path" */
};

struct yaml_row {
	const char *key;
	enum yaml_kind kind;
	size_t offset;
	const char *choices;
	const struct yaml_row *sub; /* ended by a row without key */
	size_t record_size;
	bool required;
	bool no_newline;   /* one line only */
	bool unique;	   /* a required text, another one in every record */
	bool may_be_empty; /* a text without a value is as if its key were not there */
	const struct yaml_form *form; /* or NULL: any text */
};

enum { YAML_LARGEST = 256 * 1024 };

/* Fill `to` (already holding defaults) from the text; everything is copied into the arena. */
int yaml_fill(struct str text, const char *name, const struct yaml_row *rows, void *to,
	      struct arena *a, struct err *err) MUST_CHECK;

struct yaml_place {
	size_t line, column; /* from 1 */
};
/* Where a value stands in a text that yaml_fill() took: below these keys (ended by NULL), of a list
 * its i-th. For who finds later that it is wrong. */
struct yaml_place yaml_place_of(struct str text, const char *const *keys, size_t i);

#endif
