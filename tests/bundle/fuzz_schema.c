/* SPDX-License-Identifier: MIT */
/* fuzz_schema.c - any JSON as a manifest and as a report of a stranger. Laws: a fault has a place
 * and a reason, printable; comparing a document with itself ends. */
#include "bundle/schema.h"
#include "fuzz/laws.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *document = NULL, *compared = NULL;
	struct err err = {.code = ERR_NONE};

	if (report_load(&document, (struct str){(const char *)data, size}, "fuzz", &err) != 0) {
		law(err.code != ERR_NONE && is_printable(str_of(err.text), ""));
		return 0;
	}
	for (size_t i = 0; i < n_shipped_schemas; i++) {
		struct schema_fault fault = {.where = ""};
		int rc = schema_check(shipped_schemas[i].name, document, &fault, &err);

		law(rc >= 0);
		law(rc == 0 || fault.what[0]);
		law(is_printable(str_of(fault.where), "") && is_printable(str_of(fault.what), ""));
	}
	if (report_compare(document, document, &compared, &err) == 0)
		json_decref(compared);
	else
		law(err.code != ERR_NONE);
	json_decref(document);
	return 0;
}
