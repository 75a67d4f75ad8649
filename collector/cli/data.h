/* SPDX-License-Identifier: MIT */
/* data.h - where profiles are found, and files the user names.
 *
 * Three places, the first that has a name wins:
 *   1. /etc/oomreport/profiles.d/	what the administrator wrote
 *   2. DATADIR/oomreport/profiles/	what a package brought
 *   3. the program itself		templates/profiles/, compiled in
 */
#ifndef OOMREPORT_CLI_DATA_H
#define OOMREPORT_CLI_DATA_H

#include "base/mem.h"

enum { DATA_PATH = 4096, DATA_PLACES = 3 };

struct data_names {
	char v[256][64]; /* sorted, without ".yaml"; what does not fit is left out */
	size_t n;
};

/* Adds the profiles at one place (0 ... DATA_PLACES-1); none there is none added. */
void data_names(int place, struct data_names *names);
/* The text of profile NAME at one place, and the path to name in messages: 1, 0 it is not there,
 * -1 it cannot be read. */
int data_profile(int place, const char *name, struct buf *out, char path[DATA_PATH],
		 struct err *err) MUST_CHECK;
/* A whole file the user named, up to out's maximum; "-" is standard input. */
int data_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;

#endif
