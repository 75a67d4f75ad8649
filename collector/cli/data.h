/* SPDX-License-Identifier: MIT */
/* data.h - where the files people edit are found: templates and profiles.
 *
 * Searched in this order, the first that has a name wins:
 *   1. /etc/oomreport/KIND.d/		what the administrator wrote
 *   2. DATADIR/oomreport/KIND/		what the package brought
 *   3. templates/ of the source tree	when the program stands in build/PRESET/ of one
 */
#ifndef OOMREPORT_CLI_DATA_H
#define OOMREPORT_CLI_DATA_H

#include "base/mem.h"

enum data_kind { DATA_TEMPLATES, DATA_PROFILES };
enum { DATA_PATH = 4096, DATA_DIRS = 3 };

/* The n-th folder of a kind (0 ... DATA_DIRS-1); false when there is none at that place. */
bool data_dir(enum data_kind kind, int n, char ret[DATA_PATH]);
/* Path of NAME (a plain file name) of a kind; false when it is nowhere. */
bool data_find(enum data_kind kind, const char *name, char ret[DATA_PATH]);
/* A whole file the user named, up to out's maximum; "-" is standard input. */
int data_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;

#endif
