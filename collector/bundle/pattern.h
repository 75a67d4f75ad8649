/* SPDX-License-Identifier: MIT */
/* pattern.h - private to bundle/: a regular expression of schema/ against a text. */
#ifndef OOMREPORT_BUNDLE_PATTERN_H
#define OOMREPORT_BUNDLE_PATTERN_H

#include "base/err.h"
#include "base/str.h"

/* 1 the text looks so, 0 it does not, -1 the pattern is none that is known here: ^ in front, then
 * characters, [classes] and (groups|with choices), each with ? * + or {n} behind it, and $ at the
 * end, without which anything may follow. What it knows means what it means in POSIX extended
 * ones; it counts bytes. It needs no memory, and time in proportion to the text. */
int pattern_match(struct str pattern, struct str text) MUST_CHECK;

#endif
