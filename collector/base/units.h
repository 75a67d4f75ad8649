/* SPDX-License-Identifier: MIT */
/* units.h - amounts as people write them: 64M, 500ms. */
#ifndef OOMREPORT_BASE_UNITS_H
#define OOMREPORT_BASE_UNITS_H

#include "base/str.h"

/* Bytes: a number and nothing, k, K, M, G, T, KiB, MiB or GiB (all powers of 1024). */
bool size_parse(struct str text, int64_t *ret);
/* Microseconds: a number and nothing (seconds), us, ms, s, m, min, h or d. */
bool duration_parse(struct str text, int64_t *ret);

#endif
