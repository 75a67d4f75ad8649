/* SPDX-License-Identifier: MIT */
/* sha256.h - SHA-256 (FIPS 180-4), fed in pieces of any size.
 *
 * The state is a plain value: copying it keeps the hash of a prefix, which is how a file can
 * be cut at a known place without being read again.
 */
#ifndef OOMREPORT_BASE_SHA256_H
#define OOMREPORT_BASE_SHA256_H

#include "base/str.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 65 };

struct sha256 {
	uint32_t h[8];
	uint64_t bytes;
	unsigned char part[64]; /* bytes % 64 of them are waiting */
};

void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, struct str bytes);
/* The state is used up afterwards. */
void sha256_end(struct sha256 *s, unsigned char out[SHA256_SIZE]);
/* 64 lower-case digits and a NUL. */
void sha256_hex(const unsigned char sum[SHA256_SIZE], char out[SHA256_HEX]);
/* For tests: never use the processor's own instructions. */
void sha256_plain(bool on);

#endif
