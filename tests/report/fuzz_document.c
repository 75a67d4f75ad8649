/* SPDX-License-Identifier: MIT */
/* fuzz_document.c - any bytes as a log, made into the document. Laws: it is valid JSON, without a
 * doubled key, of the shipped schema; loading and dumping it is stable; the counts are those of
 * the events; the text form of it carries no control byte. */
#include "bundle/schema.h"
#include "fuzz/laws.h"
#include "report/report.h"

enum { DOCUMENT_LARGEST = 64 << 20, PIECE = 1009 };

static void feed(struct report *r, struct parser *p, struct str bytes)
{
	struct event *ev;

	while (bytes.n) {
		struct str piece = str_sub(bytes, 0, PIECE);

		law(parser_feed(p, piece, NULL) == 0);
		bytes = str_from(bytes, piece.n);
		while ((ev = parser_take(p)))
			law(report_add_event(r, ev, NULL) == 0);
	}
	law(parser_finish(p, NULL) == 0);
	while ((ev = parser_take(p)))
		law(report_add_event(r, ev, NULL) == 0);
}

static void write_document(struct str bytes, struct buf *out)
{
	const struct report_options ro = {.now_us = 1, .detail = DETAIL_BUDGET};
	const struct parser_options po = {.now_us = 1, .wanted_verbatim = VERBATIM_ALL};
	struct source_info info = {.kind = SOURCE_FILE, .name = "fuzz", .bytes = bytes.n};
	struct err err = {.code = ERR_NONE};
	struct report_parts parts = {.source = &info};
	struct report *r;
	struct parser *p;

	law(report_new(&r, &ro, &err) == 0 && parser_new(&p, &po, &err) == 0);
	feed(r, p, bytes);
	parts.log = parser_facts(p);
	law(report_write(r, &parts, sink_buf(out), 0, &err) == 0);
	report_free(r);
	parser_free(p);
}

static void laws_of(json_t *document)
{
	struct schema_fault fault = {.where = ""};
	struct err err = {.code = ERR_NONE};
	CLEANUP_BUF struct buf text = BUF_INIT(DOCUMENT_LARGEST);
	char *first = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS), *second;
	json_t *again = json_loads(first ? first : "", 0, NULL);

	if (schema_check("report.schema.json", document, &fault, &err) != 0) {
		fprintf(stderr, "%s: %s %s\n", fault.where, fault.what, err.text);
		abort();
	}
	second = json_dumps(again, JSON_COMPACT | JSON_SORT_KEYS);
	law(first && second && strcmp(first, second) == 0);
	free(first);
	free(second);
	json_decref(again);
	law(report_render(document, "text", NULL, &text, &err) == 0);
	law(is_printable(buf_str(&text), "\n\t"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf out = BUF_INIT(DOCUMENT_LARGEST);
	json_t *document;

	write_document((struct str){(const char *)data, size}, &out);
	document = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	law(document);
	laws_of(document);
	json_decref(document);
	return 0;
}
