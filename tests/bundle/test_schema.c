/* SPDX-License-Identifier: MIT */
/* test_schema.c - documents on each side of what the manifest's schema demands; and the
 * schemas that are compiled in use only keywords that are known. */
#include "bundle/schema.h"
#include "harness.h"

#define SUM "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define HEAD                                                                               \
	"\"schema\": \"oomreport.manifest/1\", \"self_sha256\": " SUM                      \
	", \"tool\": {\"name\": \"oomreport\", \"version\": \"1\"}, \"created\": "         \
	"\"2026-11-23T02:30:00Z\", \"partial\": false"
#define FILE_ROW(path, size, read)                                                         \
	"{\"path\": " path ", \"size_bytes\": " size ", \"sha256\": " SUM                  \
	", \"source\": null, \"read_at\": " read ", \"redactions\": 0, \"note\": null}"

static const struct {
	const char *document, *where, *what; /* NULL: all right */
} rows[] = {
	{"{" HEAD ", \"top\": \"x\", \"files\": [], \"absent\": []}", NULL, NULL},
	{"{" HEAD ", \"top\": \"x\", \"files\": [" FILE_ROW("\"a\"", "1", "null")
	 "], \"absent\": [{\"path\": \"b\", \"source\": null, \"reason\": \"r\"}]}", NULL, NULL},
	{"{" HEAD ", \"top\": \"x/y\", \"files\": [], \"absent\": []}", "top",
	 "does not look as it must: x/y"},
	{"{" HEAD ", \"top\": 5, \"files\": [], \"absent\": []}", "top", "is not of type string"},
	{"{" HEAD ", \"files\": [], \"absent\": []}", "the document", "lacks top"},
	{"[]", "the document", "is not of type object"},
	{"{" HEAD ", \"top\": \"x\", \"files\": [" FILE_ROW("\"\"", "1", "null")
	 "], \"absent\": []}", "files[0].path", "is too short"},
	{"{" HEAD ", \"top\": \"x\", \"files\": [" FILE_ROW("\"a\"", "-1", "null")
	 "], \"absent\": []}", "files[0].size_bytes", "is too small"},
	{"{" HEAD ", \"top\": \"x\", \"files\": [" FILE_ROW("\"a\"", "1.5", "null")
	 "], \"absent\": []}", "files[0].size_bytes", "is not of type integer"},
	{"{" HEAD ", \"top\": \"x\", \"files\": [" FILE_ROW("\"a\"", "1", "\"today\"")
	 "], \"absent\": []}", "files[0].read_at", NULL},
	{"{" HEAD ", \"top\": \"x\", \"files\": [], \"absent\": [{\"path\": \"b\"}]}",
	 "absent[0]", "lacks source"},
};

static void one(size_t i)
{
	json_t *document = json_loads(rows[i].document, 0, NULL);
	struct schema_fault fault = {"", ""};
	struct err err = {.code = ERR_NONE};

	check(document != NULL);
	check_int(schema_check("manifest.schema.json", document, &fault, &err),
		  rows[i].where != NULL);
	check_str(str_of(fault.where), str_of(rows[i].where ? rows[i].where : ""));
	if (rows[i].what)
		check_str(str_of(fault.what), str_of(rows[i].what));
	json_decref(document);
}

/* An empty document has a fault, not an error: every keyword on the way is known. */
static void shipped(void)
{
	check_int((int64_t)n_shipped_schemas, 2);
	for (size_t i = 0; i < n_shipped_schemas; i++) {
		struct schema_fault fault = {"", ""};
		struct err err = {.code = ERR_NONE};
		json_t *document = json_object();

		check_int(schema_check(shipped_schemas[i].name, document, &fault, &err), 1);
		check_int(err.code, ERR_NONE);
		json_decref(document);
	}
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		one(i);
	shipped();
	return tests_done();
}
