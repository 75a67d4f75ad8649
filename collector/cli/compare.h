/* SPDX-License-Identifier: MIT */
/* compare.h - private to cli/: `oomreport analyze A B --compare`. */
#ifndef OOMREPORT_CLI_COMPARE_H
#define OOMREPORT_CLI_COMPARE_H

#include <stdbool.h>

#include "base/err.h"

/* Print what changed between two bundles, as JSON or as text. */
int compare_bundles(const char *before, const char *after, bool json, int out,
		    struct err *err) MUST_CHECK;

#endif
