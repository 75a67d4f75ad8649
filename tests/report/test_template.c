/* SPDX-License-Identifier: MIT */
/* test_template.c - the Mustache language, case by case from its specification; then errors,
 * limits and a machine without memory. */
#include "harness.h"
#include "report/report.h"

struct row {
	const char *template, *data, *want;
};

static const struct row rows[] = {
	/* comments */
	{"12345{{! a word }}67890", "{}", "1234567890"},
	{"a\n  {{! alone }}\nb", "{}", "a\nb"},
	{"a\r\n{{! alone }}\r\nb", "{}", "a\r\nb"},
	{"{{! first\n   second }}\nb", "{}", "b"},
	{"  12 {{! 34 }}\n", "{}", "  12 \n"},
	{"  {{! no line end }}", "{}", ""},
	{"x {{! holds = and { and #name }} y", "{\"name\":1}", "x  y"},
	/* interpolation: kinds of values */
	{"{{n}}", "{\"n\":85}", "85"},
	{"{{n}}", "{\"n\":-3}", "-3"},
	{"{{n}}", "{\"n\":0}", "0"},
	{"{{n}}", "{\"n\":1.21}", "1.21"},
	{"{{n}}", "{\"n\":1.0}", "1"},
	{"{{n}}", "{\"n\":0.1}", "0.1"},
	{"{{n}}", "{\"n\":2.511473}", "2.511473"},
	{"{{n}}", "{\"n\":9007199254740993}", "9007199254740993"},
	{"({{n}})({{{n}}})({{&n}})", "{\"n\":null}", "()()()"},
	{"({{a}})({{b}})", "{\"a\":true,\"b\":false}", "(true)(false)"},
	{"({{none}})", "{}", "()"},
	{"{{s}}|{{{s}}}|{{& s}}", "{\"s\":\"& \\\" < > '\"}",
	 "&amp; &quot; &lt; &gt; &#39;|& \" < > '|& \" < > '"},
	{"{{s}}", "{\"s\":\"{{t}}\",\"t\":\"no\"}", "{{t}}"},
	{"{{ s }} {{{ s }}} {{&  s  }}", "{\"s\":1}", "1 1 1"},
	{"| {{s}} |\n  {{s}}\n", "{\"s\":\"x\"}", "| x |\n  x\n"},
	{"{{l}}", "{\"l\":[1,2]}", "[1,2]"},
	/* dotted names and the context stack */
	{"{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x"},
	{"({{a.b.c}})", "{\"a\":{}}", "()"},
	{"({{a.b.c}})", "{\"a\":{\"b\":1},\"c\":2}", "()"},
	{"{{#a}}({{b.c}}){{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"wrong\"}}", "()"},
	{"{{#a}}{{b.c}}{{/a}}", "{\"a\":{\"x\":1},\"b\":{\"c\":\"up\"}}", "up"},
	{"{{l.1}}", "{\"l\":[1,2]}", "2"},
	{"{{#a}}{{#b}}{{x}}{{y}}{{z}}{{/b}}{{/a}}",
	 "{\"z\":3,\"a\":{\"y\":2,\"x\":0},\"b\":{\"x\":1}}", "123"},
	{"{{.}}", "\"top\"", "top"},
	{"{{#.}}{{.}};{{/.}}", "[1,\"<\",2.5]", "1;&lt;;2.5;"},
	{"{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "{\"l\":[[1,2],[3]]}", "(12)(3)"},
	{"{{#l}}{{{.}}}{{&.}}{{/l}}", "{\"l\":[\"<\"]}", "<<"},
	/* sections */
	{"{{#t}}yes{{/t}}{{#f}}no{{/f}}", "{\"t\":true,\"f\":false}", "yes"},
	{"{{#n}}no{{/n}}{{#e}}no{{/e}}{{#m}}no{{/m}}{{#s}}no{{/s}}",
	 "{\"n\":null,\"e\":[],\"s\":\"\"}", ""},
	{"{{#z}}zero is a number: {{.}}{{/z}}", "{\"z\":0}", "zero is a number: 0"},
	{"{{#l}}{{n}},{{/l}}", "{\"l\":[{\"n\":1},{\"n\":2}]}", "1,2,"},
	{"{{#o}}{{x}}{{/o}}", "{\"o\":{\"x\":\"in\"},\"x\":\"out\"}", "in"},
	{"{{#t}}1{{#t}}2{{/t}}3{{/t}}", "{\"t\":true}", "123"},
	{"{{#a.b}}{{x}}{{/a.b}}", "{\"a\":{\"b\":[{\"x\":1},{\"x\":2}]}}", "12"},
	{"a\n{{#t}}\nb\n{{/t}}\nc\n", "{\"t\":true}", "a\nb\nc\n"},
	{"a\n  {{#t}}\n  b\n\t{{/t}}  \nc", "{\"t\":true}", "a\n  b\nc"},
	{" {{#t}}x{{/t}}\n", "{\"t\":true}", " x\n"},
	{"{{#t}} {{! c }} \n {{/t}}\n", "{\"t\":true}", "  \n"},
	{"|\r\n{{#t}}\r\n{{/t}}\r\n|", "{\"t\":true}", "|\r\n|"},
	{"{{#  t  }}x{{/ t}}", "{\"t\":true}", "x"},
	/* inverted */
	{"{{^t}}no{{/t}}{{^f}}f{{/f}}{{^n}}n{{/n}}{{^e}}e{{/e}}{{^m}}m{{/m}}",
	 "{\"t\":[0],\"f\":false,\"n\":null,\"e\":[]}", "fnem"},
	{"{{^a.b.c}}none{{/a.b.c}}", "{\"a\":{}}", "none"},
	{"{{^z}}unknown{{/z}}", "{\"z\":0}", ""},
	/* delimiters */
	{"{{=<% %>=}}(<%s%>)<%={{ }}=%>({{s}})", "{\"s\":\"x\"}", "(x)(x)"},
	{"({{=[ ]=}}[s])", "{\"s\":\"x\"}", "(x)"},
	{"{{#t}}{{=| |=}}|s|{{s}}|/t|", "{\"t\":1,\"s\":\"x\"}", "x{{s}}"},
	{"a\n  {{=@ @=}}\nb @s@", "{\"s\":\"x\"}", "a\nb x"},
	{"{{=  @   @  =}}@s@", "{\"s\":\"x\"}", "x"},
	{"{{=<< >>=}}<<{s}>>", "{\"s\":\"<\"}", "<"},
};

static const struct {
	struct row row;
	const char *partials;
} partial_rows[] = {
	{{"[{{>p}}]", "{\"s\":\"x\"}", "[x]"},
	 "{\"p\":\"{{s}}\"}"},
	{{"[{{>none}}]", "{}", "[]"},
	 "{}"},
	{{"[{{> p }}]", "{\"s\":1}", "[1]"},
	 "{\"p\":\"{{s}}\"}"},
	{{" {{>p}}\nx", "{}", " a\n b\nx"},
	 "{\"p\":\"a\\nb\\n\"}"},
	{{"  {{s}}  {{>p}}\n", "{\"s\":\"|\"}", "  |  >\n>\n"},
	 "{\"p\":\">\\n>\"}"},
	{{"\\\n {{>p}}\n/\n", "{\"c\":\"<\\n-\"}", "\\\n |\n <\n-\n |\n/\n"},
	 "{\"p\":\"|\\n{{{c}}}\\n|\\n\"}"},
	{{"{{>tree}}", "{\"v\":1,\"k\":[{\"v\":2,\"k\":[]},{\"v\":3,\"k\":[]}]}", "1<2<>3<>>"},
	 "{\"tree\":\"{{v}}<{{#k}}{{>tree}}{{/k}}>\"}"},
	{{"{{=| |=}}|>p|({{s}})", "{\"s\":1}", "1({{s}})"},
	 "{\"p\":\"{{s}}\"}"},
	{{"{{>p}}({{s}})", "{\"s\":1}", "2(1)"},
	 "{\"p\":\"{{=| |=}}2\"}"},
	{{"{{>p}}\r\nx", "{}", ">x"},
	 "{\"p\":\">\"}"},
};

static int find(void *ctx, struct str name, struct str *ret, struct err *err)
{
	const char *key;
	json_t *text;

	(void)err;
	json_object_foreach((json_t *)ctx, key, text) {
		if (str_eq(name, str_of(key))) {
			*ret = str_of(json_string_value(text));
			return 1;
		}
	}
	return 0;
}

static int render(const char *template, json_t *data, json_t *partials,
		  enum template_escape escape, struct buf *out, struct err *err)
{
	struct template_source source = {partials, find};

	return template_render(str_of(template), "t", data, escape, &source, out, err);
}

static void test_row(const struct row *row, const char *partials_text)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	json_auto_t *data = json_loads(row->data, JSON_DECODE_ANY, NULL);
	json_auto_t *partials = json_loads(partials_text, 0, NULL);
	struct err err = {.code = ERR_NONE};

	check(data && partials);
	check_ok(render(row->template, data, partials, TEMPLATE_HTML, &out, &err), err);
	check_str(buf_str(&out), str_of(row->want));
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		test_row(&rows[i], "{}");
	for (size_t i = 0; i < ARRAY_COUNT(partial_rows); i++)
		test_row(&partial_rows[i].row, partial_rows[i].partials);
}

static void test_escapes(void)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	json_auto_t *data = json_pack("{s:s}", "s", "a<b>*`|\n[x](y)");
	struct err err = {.code = ERR_NONE};

	check_ok(render("{{s}}", data, NULL, TEMPLATE_PLAIN, &out, &err), err);
	check_str(buf_str(&out), STR("a<b>*`|\n[x](y)"));
	buf_clear(&out);
	check_ok(render("{{s}}", data, NULL, TEMPLATE_MARKDOWN, &out, &err), err);
	check_str(buf_str(&out), STR("a\\<b\\>\\*\\`\\| \\[x\\](y)"));
}

/* Every error names the template, the line and what is wrong. */
static const struct {
	const char *template, *says;
} errors[] = {
	{"a\n{{#s}}\nb\n", "template 't', line 2: there is no end of section 's'"},
	{"a\n\n{{/s}}", "template 't', line 3: there is no open section to close with 's'"},
	{"{{#a}}\n{{/b}}", "line 2: section 'a' (opened in line 1) is closed as 'b'"},
	{"\n{{name", "line 2: the tag is never closed"},
	{"{{{name}}", "line 1: the tag is never closed"},
	{"{{}}", "line 1: the tag has no name"},
	{"{{a b}}", "line 1: a name cannot hold blanks: 'a b'"},
	{"{{=|=}}", "line 1: delimiters are two words, not '|'"},
	{"{{=a b c=}}", "line 1: delimiters are two words, not 'a b c'"},
	{"{{<parent}}{{/parent}}", "line 1: inheritance is not supported: 'parent'"},
	{"{{>*name}}", "line 1: dynamic names are not supported: '*name'"},
	{"x\n{{>bad}}", "template 'bad', line 2: there is no end of section 'x'"},
	{"{{>self}}", "template 'self': partials and sections more than 100 deep"},
};

static void test_errors(void)
{
	json_auto_t *partials =
		json_pack("{s:s,s:s}", "bad", "\n{{#x}}", "self", "{{>self}}");
	json_auto_t *data = json_object();

	for (size_t i = 0; i < ARRAY_COUNT(errors); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
		struct err err = {.code = ERR_NONE};

		check(buf_addz(&out, "before"));
		check(render(errors[i].template, data, partials, TEMPLATE_HTML, &out, &err) < 0);
		if (str_find(str_of(err.text), str_of(errors[i].says)) == SIZE_MAX)
			fprintf(stderr, "%s: %s\n", errors[i].template, err.text);
		check(str_find(str_of(err.text), str_of(errors[i].says)) != SIZE_MAX);
		check_str(buf_str(&out), STR("before"));
	}
}

static void repeat(struct buf *b, const char *z, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_addz(b, z);
}

static void test_limits(void)
{
	CLEANUP_BUF struct buf t = BUF_INIT(4 << 20), out = BUF_INIT(1000);
	json_auto_t *data = json_pack("{s:[i,i,i,i,i,i,i,i,i,i],s:s}", "l", 1, 2, 3, 4, 5, 6, 7,
				      8, 9, 10, "s", "0123456789");
	struct err err = {.code = ERR_NONE};

	/* sections inside each other */
	repeat(&t, "{{#l}}", 101);
	repeat(&t, "{{/l}}", 101);
	check(render(buf_cstr(&t), data, NULL, TEMPLATE_HTML, &out, &err) < 0);
	check(str_find(str_of(err.text), STR("too many sections")) != SIZE_MAX);
	/* ten to the twelfth: work without output ends too */
	buf_clear(&t);
	err = (struct err){.code = ERR_NONE};
	repeat(&t, "{{#l}}", 12);
	repeat(&t, "{{/l}}", 12);
	check(render(buf_cstr(&t), data, NULL, TEMPLATE_HTML, &out, &err) < 0);
	check_int(err.code, ERR_LIMIT);
	/* output */
	buf_clear(&t);
	err = (struct err){.code = ERR_NONE};
	repeat(&t, "{{s}}", 101);
	check(render(buf_cstr(&t), data, NULL, TEMPLATE_HTML, &out, &err) < 0);
	check_int(err.code, ERR_LIMIT);
	/* the template itself */
	buf_clear(&t);
	err = (struct err){.code = ERR_NONE};
	repeat(&t, "0123456789012345", 65537);
	check(render(buf_cstr(&t), data, NULL, TEMPLATE_HTML, &out, &err) < 0);
	check_int(err.code, ERR_LIMIT);
}

/* With the Nth allocation failing it either works or says so; nothing is half written. */
static void test_no_memory(void)
{
	json_auto_t *partials = json_pack("{s:s}", "p", "a{{s}}\n");
	json_auto_t *data = json_pack("{s:s,s:[i,i]}", "s", "<", "l", 1, 2);
	bool failed = false;

	for (unsigned long n = 1; n < 20; n++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
		struct err err = {.code = ERR_NONE};
		int rc;

		mem_fail_after(n);
		rc = render("{{#l}}\n  {{>p}}\n{{/l}}", data, partials, TEMPLATE_HTML, &out, &err);
		mem_fail_after(0);
		if (rc < 0) {
			failed = true;
			check(err.code != ERR_NONE);
			check_int(out.n, 0);
		} else {
			check_str(buf_str(&out), STR("  a&lt;\n  a&lt;\n"));
		}
	}
	check(failed);
}

int main(void)
{
	test_rows();
	test_escapes();
	test_errors();
	test_limits();
	test_no_memory();
	return tests_done();
}
