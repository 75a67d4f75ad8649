/* SPDX-License-Identifier: MIT */
/* schema.h - private to bundle/: a document against schema/, compiled in. */
#ifndef OOMREPORT_BUNDLE_SCHEMA_H
#define OOMREPORT_BUNDLE_SCHEMA_H

#include <jansson.h>

#include "base/err.h"
#include "base/shipped.h"

extern const struct shipped_file shipped_schemas[];
extern const size_t n_shipped_schemas;

/* The first place where the document is not what its schema says: 1 and where ("events[2].time")
 * and what, 0 it is all right, -1 there is no such schema or no memory. Knows the keywords that
 * schema/ uses; an unknown one is an error, so that none is passed over in silence. */
struct schema_fault {
	char where[200], what[160];
};
int schema_check(const char *schema, const json_t *document, struct schema_fault *ret,
		 struct err *err) MUST_CHECK;
int schema_check_by(const json_t *schema, const json_t *document, struct schema_fault *ret,
		    struct err *err) MUST_CHECK;

#endif
