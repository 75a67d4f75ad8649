/* SPDX-License-Identifier: MIT */
/* fuzz_gfp.c - eight bytes of mask, then a release; and any text as names. What is decoded and
 * encoded again must decode to the same names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t join(const struct gfp_decoded *d, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += (size_t)snprintf(out + n, room - n, "%s%.*s", i ? "|" : "",
				      STR_ARG(d->names[i]));
	if (d->unknown_bits)
		n += (size_t)snprintf(out + n, room - n, "%s0x%" PRIx64, n ? "|" : "",
				      d->unknown_bits);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char first[4096], second[4096];
	struct str rest, bad = {NULL, 0};
	const struct gfp_era *era;
	struct kernel_version v;
	struct gfp_decoded d;
	uint64_t mask, back;
	size_t n, m;

	if (size < sizeof(mask))
		return 0;
	memcpy(&mask, data, sizeof(mask));
	rest = (struct str){(const char *)data + sizeof(mask), size - sizeof(mask)};
	(void)kernel_version_parse(rest, &v);
	era = gfp_era_for(rest);
	(void)gfp_encode(era, rest, &back, &bad);
	gfp_decode(era, mask, &d);
	n = join(&d, first, sizeof(first));
	if (!mask || str_starts(era ? gfp_era_from(era) : STR(""), STR("RHEL 9")))
		return 0;
	if (!gfp_encode(era, (struct str){first, n}, &back, &bad))
		abort();
	gfp_decode(era, back, &d);
	m = join(&d, second, sizeof(second));
	if (!str_eq((struct str){first, n}, (struct str){second, m}))
		abort();
	return 0;
}
