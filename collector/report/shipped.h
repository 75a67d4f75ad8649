/* SPDX-License-Identifier: MIT */
/* shipped.h - private to report/: the files of templates/, compiled in. */
#ifndef OOMREPORT_REPORT_SHIPPED_H
#define OOMREPORT_REPORT_SHIPPED_H

#include "base/shipped.h"

extern const struct shipped_file shipped_templates[];
extern const size_t n_shipped_templates;

#endif
