/* SPDX-License-Identifier: MIT */
/* test_options.c - command lines to values: every kind of option, every way to write it, and
 * what is wrong said with its name. */
#include "cli/cli.h"
#include "harness.h"

struct values {
	bool flag;
	int count, choice;
	const char *text, *maybe, *kernel;
	struct text_list list;
	int64_t number, size, duration, time;
};

static const struct option_row rows[] = {
	{"flag", 'f', OPT_FLAG, false, NULL, offsetof(struct values, flag), "a flag"},
	{"count", 'c', OPT_COUNT, false, NULL, offsetof(struct values, count), "more"},
	{"text", 't', OPT_TEXT, false, "TEXT", offsetof(struct values, text), "a text"},
	{"maybe", 'm', OPT_TEXT, true, "URL", offsetof(struct values, maybe), "or none"},
	{"list", 'l', OPT_LIST, false, "WORD", offsetof(struct values, list), "many"},
	{"number", 'n', OPT_NUMBER, false, "N", offsetof(struct values, number), "a number"},
	{"size", 0, OPT_SIZE, false, "SIZE", offsetof(struct values, size), "bytes"},
	{"duration", 0, OPT_DURATION, false, "T", offsetof(struct values, duration), "time"},
	{"time", 0, OPT_TIME, false, "TIME", offsetof(struct values, time), "when"},
	{"kernel", 'k', OPT_KERNEL, false, "VERSION", offsetof(struct values, kernel), "which"},
	{"choice", 0, OPT_CHOICE, false, "red|green|blue", offsetof(struct values, choice),
	 "one of"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

static const struct command try = {
	.name = "try", .operands = "[FILE]", .summary = "a test", .example = "none",
	.options = rows, .options_size = sizeof(struct values),
};

enum { WORDS_MAX = 80 };

/* The words, split at blanks; operands are counted in *n. */
static int parse(const char *line, struct values *v, int *n, char **operands, struct err *err)
{
	static char text[4096];
	static char *argv[WORDS_MAX + 1];
	int argc = 0;
	char *at = text;

	*v = (struct values){.flag = false};
	*err = (struct err){.code = ERR_NONE};
	*n = 0;
	snprintf(text, sizeof(text), "try %s", line);
	while (*at && argc < WORDS_MAX) {
		argv[argc++] = at;
		while (*at && *at != ' ')
			at++;
		while (*at == ' ')
			*at++ = '\0';
	}
	argv[argc] = NULL;
	return options_parse(&try, argc, argv, v, n, operands, err);
}

static struct values good(const char *line)
{
	char *operands[WORDS_MAX + 1];
	struct values v;
	struct err err;
	int n;

	check_ok(parse(line, &v, &n, operands, &err), err);
	return v;
}

static void kinds(void)
{
	struct values v = good("--flag -cc --count --text a=b --list x -l y -lz -n -12");

	check(v.flag);
	check_int(v.count, 3);
	check_str(str_of(v.text), STR("a=b"));
	check_int(v.list.n, 3);
	check_str(str_of(v.list.v[2]), STR("z"));
	check(v.list.v[3] == NULL);
	check_int(v.number, -12);
	check_str(str_of(good("--text=").text), STR(""));
	check_str(str_of(good("-tvalue").text), STR("value"));
	check_str(str_of(good("-fct value").text), STR("value"));
	check(good("x").maybe == NULL);
	check_str(str_of(good("--maybe").maybe), STR(""));
	check_str(str_of(good("--maybe=http://x").maybe), STR("http://x"));
	check_int(good("--size 64M").size, 64 << 20);
	check_int(good("--size=512k").size, 512 << 10);
	check_int(good("--size 1G").size, 1 << 30);
	check_int(good("--size 7").size, 7);
	check_int(good("--duration 500ms").duration, 500000);
	check_int(good("--duration 2").duration, 2000000);
	check_int(good("--duration 2h").duration, INT64_C(7200000000));
	check_int(good("--time @1000").time, INT64_C(1000000000));
	check_int(good("--time 1970-01-01T00:00:01Z").time, 1000000);
	check_str(str_of(good("-k 6.1.0-56-amd64").kernel), STR("6.1.0-56-amd64"));
	check_int(good("--choice blue").choice, 2);
	check_int(good("--choice=red").choice, 0);
}

static void operands(void)
{
	char *got[WORDS_MAX + 1];
	struct values v;
	struct err err;
	int n;

	check_ok(parse("a -f - b -- --flag -x", &v, &n, got, &err), err);
	check_int(n, 5);
	check_str(str_of(got[1]), STR("-"));
	check_str(str_of(got[3]), STR("--flag"));
	check_str(str_of(got[4]), STR("-x"));
	check(v.flag);
}

static void bad(void)
{
	static const struct {
		const char *line, *text;
	} table[] = {
		{"--nothing", "try: there is no option '--nothing'"},
		{"--nothing=1", "try: there is no option '--nothing'"},
		{"-x", "try: there is no option '-x'"},
		{"-fx", "try: there is no option '-x'"},
		{"--text", "try: an argument is missing after '--text'"},
		{"-n", "try: an argument is missing after '-n'"},
		{"--flag=yes", "try: no argument goes with '--flag'"},
		{"--number 12x", "try: '12x' is no N for --number"},
		{"--number 99999999999999999999", "try: '99999999999999999999' is no N for --number"},
		{"--size -1", "try: '-1' is no SIZE for --size"},
		{"--size 9999999999G", "try: '9999999999G' is no SIZE for --size"},
		{"--size 5X", "try: '5X' is no SIZE for --size"},
		{"--duration 5y", "try: '5y' is no T for --duration"},
		{"--time someday", "try: 'someday' is no TIME for --time"},
		{"--choice Red", "try: --choice takes red|green|blue, not 'Red'"},
		{"--choice red|green", "try: --choice takes red|green|blue, not 'red|green'"},
		{"--kernel banana", "try: 'banana' is no VERSION for --kernel"},
		{"--kernel=", "try: '' is no VERSION for --kernel"},
		{"--color=often", "try: --color takes auto|always|never, not 'often'"},
	};
	char *got[WORDS_MAX + 1];
	struct values v;
	struct err err;
	int n;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		check_int(parse(table[i].line, &v, &n, got, &err), -1);
		check_int(err.code, ERR_USAGE);
		check_str(str_of(err.text), str_of(table[i].text));
	}
}

static void hints(void)
{
	static const struct {
		const char *line, *hint;
	} table[] = {
		{"--number 12x", "give a whole number"},
		{"--size 5X", "give a size such as 512k, 64M or 1G"},
		{"--duration 5y", "give a time such as 500ms, 10s, 5min, 1h or 1d"},
		{"--time someday",
		 "give a time such as '2026-11-23 02:30', today, -10min or @EPOCH"},
		{"--kernel banana", "give a kernel version such as 6.1 or 6.1.0-56-amd64"},
		{"--choice Red", ""}, /* its words are in the line itself */
	};
	char *got[WORDS_MAX + 1];
	struct values v;
	struct err err;
	int n;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		check_int(parse(table[i].line, &v, &n, got, &err), -1);
		check_str(str_of(err.hint), str_of(table[i].hint));
	}
}

static void too_many(void)
{
	char line[1024] = "";
	char *got[WORDS_MAX + 1];
	struct values v;
	struct err err;
	int n;

	for (int i = 0; i < TEXT_LIST_MAX + 1; i++)
		snprintf(line + 4 * i, sizeof(line) - 4 * (size_t)i, "-lx ");
	check_int(parse(line, &v, &n, got, &err), -1);
	check_int(v.list.n, TEXT_LIST_MAX);
}

int main(void)
{
	kinds();
	operands();
	bad();
	hints();
	too_many();
	return tests_done();
}
