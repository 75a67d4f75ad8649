/* SPDX-License-Identifier: MIT */
/* units.h - amounts as people write them: 64M, 500ms; read and written. */
#ifndef OOMREPORT_BASE_UNITS_H
#define OOMREPORT_BASE_UNITS_H

#include "base/str.h"

/* Bytes: a number and nothing, k, K, M, G, T, KiB, MiB or GiB (all powers of 1024). */
bool size_parse(struct str text, int64_t *ret);
/* Microseconds: a number and nothing (seconds), us, ms, s, m, min, h or d. */
bool duration_parse(struct str text, int64_t *ret);

enum { UNITS_TEXT = 32 };

/* With the largest unit that leaves a whole number: 67108864 is "64M", 1500000 "1500ms", 0 "0".
 * What comes out is read as the same amount again; returns out. */
const char *size_text(int64_t bytes, char out[UNITS_TEXT]);
const char *duration_text(int64_t us, char out[UNITS_TEXT]);

#endif
