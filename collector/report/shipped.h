/* SPDX-License-Identifier: MIT */
/* shipped.h - private to report/: the files of templates/, compiled in (cmake/embed.cmake). */
#ifndef OOMREPORT_REPORT_SHIPPED_H
#define OOMREPORT_REPORT_SHIPPED_H

#include "base/str.h"

struct shipped_file {
	const char *name; /* "summary.txt" */
	const unsigned char *bytes;
	size_t n;
};
extern const struct shipped_file shipped_templates[];
extern const size_t n_shipped_templates;

#endif
