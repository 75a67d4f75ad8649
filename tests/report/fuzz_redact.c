/* SPDX-License-Identifier: MIT */
/* fuzz_redact.c - any lines, redacted. Laws: no learned original is left; JSON stays
 * JSON; level none changes nothing. The first line is a name to learn. */
#include "fuzz/laws.h"
#include "report/report.h"

enum { OUT_LARGEST = 16 << 20 };

/* What the kernel and sethostname(8) let a name be made of. */
static struct str name_part(struct str line)
{
	size_t n = 0;

	while (n < line.n && (ascii_alpha(line.p[n]) || ascii_digit(line.p[n]) ||
			      line.p[n] == '-' || line.p[n] == '.'))
		n++;
	return str_sub(line, 0, n);
}

static struct redactor *learned(int level, struct str name, struct str lines)
{
	struct redactor *r;

	law(redact_new(&r, (enum redact_level)level, NULL) == 0);
	law(redact_learn(r, REDACT_HOST, STR("web01"), NULL) == 0);
	law(redact_learn(r, REDACT_USER, STR("anna"), NULL) == 0);
	law(redact_learn(r, REDACT_DOMAIN, STR("corp.example.net"), NULL) == 0);
	(void)(redact_learn(r, REDACT_HOST, name_part(name), NULL) == 0);
	(void)(redact_learn_text(r, lines, NULL) == 0);
	return r;
}

static void redact_lines(int level, struct str name, struct str lines)
{
	CLEANUP_BUF struct buf out = BUF_INIT(OUT_LARGEST);
	struct redactor *r = learned(level, name, lines);
	uint64_t count = 0;
	int rc = -1;

	/* addresses are learned on the way: collect, too, goes twice when one was met late */
	for (int pass = 0; pass < 2; pass++) {
		buf_clear(&out);
		rc = redact_text(r, lines, REDACT_LINES, &out, &count, NULL);
	}
	if (rc == 0) {
		law(level != REDACT_NONE || str_eq(buf_str(&out), lines));
		law(redact_leak(r, buf_str(&out), REDACT_LINES) < 0);
	}
	redact_free(r);
}

static void redact_json(struct str name, struct str lines)
{
	CLEANUP_BUF struct buf out = BUF_INIT(OUT_LARGEST);
	json_t *value = json_loadb(lines.p, lines.n, JSON_DECODE_ANY, NULL), *again;
	struct redactor *r;
	uint64_t count = 0;
	char *text;

	if (!value)
		return;
	r = learned(REDACT_STANDARD, name, lines);
	text = json_dumps(value, JSON_ENCODE_ANY);
	if (text && redact_text(r, str_of(text), REDACT_JSON, &out, &count, NULL) == 0) {
		again = json_loadb(out.p ? out.p : "", out.n, JSON_DECODE_ANY, NULL);
		law(again && json_typeof(again) == json_typeof(value));
		law(redact_leak(r, buf_str(&out), REDACT_JSON) < 0);
		json_decref(again);
	}
	free(text);
	json_decref(value);
	redact_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str lines = {(const char *)data, size}, name = {NULL, 0};

	(void)take_line(&lines, &name);
	for (int level = REDACT_NONE; level <= REDACT_STRICT; level++)
		redact_lines(level, name, lines);
	redact_json(name, lines);
	return 0;
}
