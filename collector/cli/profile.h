/* SPDX-License-Identifier: MIT */
/* profile.h - what one support desk wants: what to gather, what to ask, where to submit.
 *
 * YAML files (schema/profile.schema.json) at the places of cli/data.h; chosen by name, by file, or
 * by ID and ID_LIKE of /etc/os-release.
 */
#ifndef OOMREPORT_CLI_PROFILE_H
#define OOMREPORT_CLI_PROFILE_H

#include "base/file.h"
#include "cli/data.h"
#include "cli/yaml.h"

struct profile_question {
	const char *key;  /* "workload" ... or the desk's own */
	const char *text; /* what the user reads */
};

struct profile {
	struct arena arena;
	const char *name, *title, *description;
	struct yaml_texts os;	     /* os-release IDs it is for; "*" = any */
	struct yaml_texts extra;     /* paths gathered on top */
	struct yaml_texts leave_out; /* patterns passed over */
	struct yaml_records questions;
	int redact;	    /* enum redact_level */
	int64_t max_size;   /* bytes, 0 = the default */
	const char *summary_template; /* NULL = "summary" */
	struct {
		const char *bugzilla, *product, *component, *version, *mail, *upload;
		struct yaml_texts cc, fields; /* "name=value" */
		const char *note; /* shown to the user before submitting */
	} submit;
	char path[DATA_PATH]; /* where it was read from */
	struct str text;      /* what was read, in the arena */
};

/* NAME, a path with '/' or ending in .yaml, or NULL: by os-release below root, else generic. */
int profile_load(struct profile *ret, const char *name_or_path, const struct root *root,
		 struct err *err) MUST_CHECK;
/* By os-release; `tell`: warn of those that cannot be read, as profile_load() does. */
int profile_choose(struct profile *ret, const struct root *root, bool tell,
		   struct err *err) MUST_CHECK;
/* One file; every mistake in it is the error. */
int profile_read(struct profile *ret, const char *path, struct err *err) MUST_CHECK;
void profile_free(struct profile *p);

#endif
