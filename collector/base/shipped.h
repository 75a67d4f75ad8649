/* SPDX-License-Identifier: MIT */
/* shipped.h - files of templates/ and schema/ compiled in (cmake/embed.cmake), so that one
 * program copied to a rescue system has them with it. */
#ifndef OOMREPORT_BASE_SHIPPED_H
#define OOMREPORT_BASE_SHIPPED_H

#include "base/str.h"

struct shipped_file {
	const char *name; /* "summary.txt" */
	const unsigned char *bytes;
	size_t n;
};

static inline struct str shipped_text(const struct shipped_file *file)
{
	return (struct str){(const char *)file->bytes, file->n};
}

/* The text of the file of that name among n. */
static inline bool shipped_find(const struct shipped_file *files, size_t n, const char *name,
				struct str *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(files[i].name, name) == 0) {
			*ret = shipped_text(&files[i]);
			return true;
		}
	}
	return false;
}

#endif
