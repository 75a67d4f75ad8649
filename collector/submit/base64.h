/* SPDX-License-Identifier: MIT */
/* base64.h - private to submit/: RFC 4648 base64. */
#ifndef OOMREPORT_SUBMIT_BASE64_H
#define OOMREPORT_SUBMIT_BASE64_H

#include "base/mem.h"

enum { BASE64_LARGEST = 700 << 20 };

/* Append; a CRLF after every `line` digits (a multiple of 4; 0 = one line). */
bool base64_add(struct buf *out, struct str in, size_t line);

#endif
