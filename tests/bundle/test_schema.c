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

/* Every keyword, on both sides; and what is wrong with a schema itself is an error. */
static const struct {
	const char *schema, *document, *where, *what; /* NULL: all right; no where: an error */
} keywords[] = {
	{"{\"type\": [\"null\", \"number\"]}", "1.5", NULL, NULL},
	{"{\"type\": [\"null\", \"number\"]}", "\"x\"", "the document", "is of a wrong type"},
	{"{\"enum\": [1, \"a\"]}", "\"a\"", NULL, NULL},
	{"{\"enum\": [1, \"a\"]}", "\"b\"", "the document", "is none of the words that are known"},
	{"{\"const\": true}", "false", "the document", "is not what it must be"},
	{"{\"required\": [\"a\"]}", "[]", NULL, NULL},
	{"{\"properties\": {\"a\": false}}", "{\"a\": 1}", "a", "may not be here"},
	{"{\"properties\": {\"a\": true}, \"additionalProperties\": false}",
	 "{\"a\": 1, \"b\\u001b\": 1}", "the document", "has a member that is not known: b?"},
	{"{\"additionalProperties\": {\"type\": \"string\"}}", "{\"a\": \"x\", \"b\": 1}", "b",
	 "is not of type string"},
	{"{\"propertyNames\": {\"pattern\": \"^[a-z]+$\"}}", "{\"a\": 1}", NULL, NULL},
	{"{\"propertyNames\": {\"pattern\": \"^[a-z]+$\"}}", "{\"A\": 1}", "A",
	 "does not look as it must: A"},
	{"{\"pattern\": \"^a\"}", "5", NULL, NULL},
	{"{\"items\": {\"allOf\": [{\"minimum\": 1}, {\"maxLength\": 2}]}}", "[1, \"ab\", 5]", NULL, NULL},
	{"{\"items\": {\"allOf\": [{\"minimum\": 1}, {\"maxLength\": 2}]}}", "[1, \"abc\"]", "[1]",
	 "is too long"},
	{"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"required\": [\"b\"]}}", "{\"c\": 1}", NULL, NULL},
	{"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"required\": [\"b\"]}}", "{\"a\": 1}",
	 "the document", "lacks b"},
	{"{\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"string\", \"minLength\": 2}]}", "\"x\"",
	 "the document", "is too short"},
	{"{\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"string\"}]}", "1", "the document",
	 "is of a wrong type"},
	{"{\"$ref\": \"#/$defs/d\", \"$defs\": {\"d\": {\"items\": {\"$ref\": \"#/$defs/d\"}}}}",
	 "[[[[1]]]]", NULL, NULL},
	{"{\"items\": {\"$ref\": \"#\"}, \"type\": \"array\"}", "[[], [[]]]", NULL, NULL},
	{"{\"items\": {\"$ref\": \"#\"}, \"type\": \"array\"}", "[[], [5]]", "[1][0]",
	 "is not of type array"},
	{"{\"$ref\": \"#/$defs/d\"}", "1", NULL, "schema: a $ref that leads nowhere"},
	{"{\"$ref\": \"#/$defs/d\", \"$defs\": {\"d\": {\"$ref\": \"#/$defs/d\"}}}", "1",
	 "the document", "is nested too deep"},
	{"{\"not\": {}}", "1", NULL, "schema: not"},
	{"{\"pattern\": \"a|b\"}", "\"a\"", NULL, "schema: a pattern that is not known"},
};

static void keyword(size_t i)
{
	json_t *schema = json_loads(keywords[i].schema, JSON_DECODE_ANY, NULL);
	json_t *document = json_loads(keywords[i].document, JSON_DECODE_ANY, NULL);
	struct schema_fault fault = {"", ""};
	struct err err = {.code = ERR_NONE};
	const char *where = keywords[i].where, *what = keywords[i].what;

	check(schema != NULL && document != NULL);
	check_int(schema_check_by(schema, document, &fault, &err), where ? 1 : what ? -1 : 0);
	check_str(str_of(fault.where), str_of(where ? where : ""));
	check_str(str_of(where ? fault.what : err.text), str_of(what ? what : ""));
	json_decref(schema);
	json_decref(document);
}

/* An empty document has a fault, not an error: every keyword on the way is known. */
static void shipped(void)
{
	struct schema_fault none;
	struct err unknown = {.code = ERR_NONE};
	json_t *empty = json_object();

	check_int((int64_t)n_shipped_schemas, 2);
	check_int(schema_check("of.nobody.json", empty, &none, &unknown), -1);
	check_str(str_of(unknown.text), STR("there is no schema of.nobody.json"));
	json_decref(empty);
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
	for (size_t i = 0; i < ARRAY_COUNT(keywords); i++)
		keyword(i);
	shipped();
	return tests_done();
}
