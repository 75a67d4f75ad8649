/* SPDX-License-Identifier: MIT */
/* Any bytes as a log: what comes out as events is judged without a crash, with a verdict, and
 * with inequalities that hold. */
#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	load_incident(&l, (struct str){(const char *)data, size}, STR(""));
	if (diagnose(&d, &l.incident, &err) == 0) {
		check_evidence(&d, "fuzz");
		if (!d.verdict.n || harness_failures)
			abort();
		diagnosis_free(&d);
	}
	load_free(&l);
	return 0;
}
