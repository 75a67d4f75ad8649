/* SPDX-License-Identifier: MIT */
/* listing.h - the names in a directory, read without allocating: a DIR would be. For the recorder
 * in a storm, and for cleaning up where memory is out. */
#ifndef OOMREPORT_BASE_LISTING_H
#define OOMREPORT_BASE_LISTING_H

#include <stddef.h>
#include <stdint.h>

struct listing {
	int fd; /* the caller's, an open directory */
	_Alignas(8) char room[8192];
	size_t at, n; /* 0 at the start */
};

/* The next name and its d_type (DT_UNKNOWN where the file system does not say), or NULL; "." and
 * ".." among them. It is good until the next call. */
const char *listing_next(struct listing *l, uint8_t *type);

#endif
