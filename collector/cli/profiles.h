/* SPDX-License-Identifier: MIT */
/* profiles.h - private to data.c: the files of templates/profiles/, compiled in. */
#ifndef OOMREPORT_CLI_PROFILES_H
#define OOMREPORT_CLI_PROFILES_H

#include "base/shipped.h"

extern const struct shipped_file shipped_profiles[];
extern const size_t n_shipped_profiles;

#endif
