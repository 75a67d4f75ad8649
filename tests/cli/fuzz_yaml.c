/* SPDX-License-Identifier: MIT */
/* fuzz_yaml.c - any bytes as a desk's profile and as an answers file. Laws: an error names the
 * file and why; what was read, printed as YAML and read again, prints the same; the heap stays
 * below what the header promises. */
#include "cli/interview.h"
#include "fuzz/laws.h"

enum { PRINTED_LARGEST = 16 << 20, HEAP_LARGEST = 64 << 20 };

/* Double-quoted, everything unusual by its number: no other way of YAML says all texts. */
static void put_quoted(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	while (s.n) {
		size_t len = utf8_sequence(s);
		unsigned char c = (unsigned char)s.p[0];
		uint32_t code = len > 1 ? c & (0x7fU >> len) : c;

		law(len > 0);
		for (size_t i = 1; i < len; i++)
			code = code << 6 | ((unsigned char)s.p[i] & 0x3f);
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
			buf_addc(out, (char)c);
		else
			buf_addf(out, "\\U%08x", code);
		s = str_from(s, len);
	}
	buf_addc(out, '"');
}

static void put_text(struct buf *out, const char *key, const char *text)
{
	if (!text)
		return;
	buf_addf(out, "%s: ", key);
	put_quoted(out, str_of(text));
	buf_addz(out, ",\n");
}

static void put_texts(struct buf *out, const char *key, const struct yaml_texts *texts)
{
	buf_addf(out, "%s: [", key);
	for (size_t i = 0; i < texts->n; i++) {
		put_quoted(out, str_of(texts->v[i]));
		buf_addz(out, ",\n");
	}
	buf_addz(out, "],\n");
}

/* '?': a key of any length. */
static void put_pairs(struct buf *out, const char *key, const struct yaml_texts *pairs)
{
	buf_addf(out, "%s: {", key);
	for (size_t i = 0; i < pairs->n; i++) {
		struct str value = str_of(pairs->v[i]), name;

		law(take_until(&value, '=', &name));
		buf_addz(out, "? ");
		put_quoted(out, name);
		buf_addz(out, " : ");
		put_quoted(out, value);
		buf_addz(out, ",\n");
	}
	buf_addz(out, "},\n");
}

static void print_profile(struct buf *out, const struct profile *p)
{
	static const char *const levels[] = {"none", "standard", "strict"};
	const struct profile_question *q = p->questions.v;

	buf_addz(out, "{\n");
	put_text(out, "name", p->name);
	put_text(out, "title", p->title);
	put_text(out, "description", p->description);
	put_texts(out, "os", &p->os);
	buf_addz(out, "gather: {\n");
	put_texts(out, "extra", &p->extra);
	put_texts(out, "leave_out", &p->leave_out);
	buf_addf(out, "max_size: %lld},\nquestions: [", (long long)p->max_size);
	for (size_t i = 0; i < p->questions.n; i++) {
		buf_addz(out, "{");
		put_text(out, "key", q[i].key);
		put_text(out, "text", q[i].text);
		buf_addz(out, "},\n");
	}
	law(p->redact >= 0 && (size_t)p->redact < ARRAY_COUNT(levels));
	buf_addf(out, "],\nredact: %s,\n", levels[p->redact]);
	put_text(out, "template", p->summary_template);
	buf_addz(out, "submit: {\n");
	put_text(out, "bugzilla", p->submit.bugzilla);
	put_text(out, "product", p->submit.product);
	put_text(out, "component", p->submit.component);
	put_text(out, "version", p->submit.version);
	put_text(out, "mail", p->submit.mail);
	put_text(out, "upload", p->submit.upload);
	put_text(out, "note", p->submit.note);
	put_texts(out, "cc", &p->submit.cc);
	put_pairs(out, "fields", &p->submit.fields);
	buf_addz(out, "}}\n");
}

static void read_answers(const struct profile *profile, const char *path, struct buf *out)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
	struct answers answers = {.other.n = 0};
	const struct interview_flags flags = {.answers = &answers, .silent = true};
	struct err err = {.code = ERR_NONE};
	struct interview in;

	if (answers_read(&answers, path, &a, &err) != 0) {
		law(err.code != ERR_NONE && str_starts(str_of(err.text), str_of(path)));
		return;
	}
	if (interview_run(&in, profile, &flags, NULL, &a, &err) != 0) {
		law(err.code == ERR_NOMEM);
		return;
	}
	buf_addz(out, "{\n");
	put_text(out, "workload", in.workload);
	put_text(out, "before", in.before);
	put_text(out, "after", in.after);
	put_text(out, "impact", in.impact);
	put_text(out, "reproducible", in.reproducible);
	put_text(out, "changed", in.changed);
	buf_addz(out, "other: {\n");
	for (size_t i = 0; i < in.n_extra; i++) {
		law(in.extra[i].key && in.extra[i].question);
		buf_addz(out, "? ");
		put_quoted(out, str_of(in.extra[i].key));
		buf_addz(out, " : ");
		put_quoted(out, str_of(in.extra[i].answer));
		buf_addz(out, ",\n");
	}
	buf_addz(out, "}}\n");
}

/* A value that was read stands somewhere in it. */
static void find_places(const struct profile *p)
{
	static const char *const keys[] = {"gather", "leave_out", NULL};
	const struct str text = p->text;
	size_t lines = 1;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n' || text.p[i] == '\r' || (unsigned char)text.p[i] >= 0x80;
	for (size_t i = 0; i < p->leave_out.n; i++) {
		struct yaml_place at = yaml_place_of(text, keys, i);

		law(at.line >= 1 && at.line <= lines && at.column >= 1);
	}
}

static void read_profile(const char *path, struct buf *out)
{
	struct err err = {.code = ERR_NONE};
	struct profile p;

	if (profile_read(&p, path, &err) != 0) {
		law(err.code != ERR_NONE && str_starts(str_of(err.text), str_of(path)));
		return;
	}
	law(p.name && p.title);
	find_places(&p);
	print_profile(out, &p);
	profile_free(&p);
}

static void round_trip(struct str bytes, bool answers)
{
	static const struct profile none = {.name = "none"};
	CLEANUP_BUF struct buf first = BUF_INIT(PRINTED_LARGEST), second = BUF_INIT(PRINTED_LARGEST);
	char path[MEMORY_PATH];

	for (int i = 0; i < 2; i++) {
		struct buf *out = i ? &second : &first;
		int fd = memory_file(i ? buf_str(&first) : bytes, path);
		long long mark = heap_mark();

		if (answers)
			read_answers(&none, path, out);
		else
			read_profile(path, out);
		law(heap_peak(mark) < HEAP_LARGEST);
		close(fd);
		if (first.n == 0 || first.n > YAML_LARGEST)
			return;
	}
	law(str_eq(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	round_trip((struct str){(const char *)data, size}, false);
	round_trip((struct str){(const char *)data, size}, true);
	return 0;
}
