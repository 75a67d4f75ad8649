/* SPDX-License-Identifier: MIT */
/* options.c - one table of options to values, to --help, to completions and man pages. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/units.h"
#include "base/when.h"
#include "cli/moment.h"
#include "parse/parse.h"

struct common {
	bool help, version;
	int quiet, verbose;
	int color;
};

const struct option_row common_options[] = {
	{"help", 'h', OPT_FLAG, false, NULL, offsetof(struct common, help), "show this help"},
	{"version", 0, OPT_FLAG, false, NULL, offsetof(struct common, version),
	 "show the version"},
	{"quiet", 'q', OPT_COUNT, false, NULL, offsetof(struct common, quiet),
	 "no warnings, no progress"},
	{"verbose", 'v', OPT_COUNT, false, NULL, offsetof(struct common, verbose),
	 "say more; twice for debugging"},
	{"color", 0, OPT_CHOICE, false, "auto|always|never", offsetof(struct common, color),
	 "colour the output"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

static enum color_when color_when;

bool cli_color(int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (color_when != COLOR_AUTO)
		return color_when == COLOR_ALWAYS;
	return !(no && *no) && isatty(fd) && term && strcmp(term, "dumb") != 0;
}

static int usage(struct err *err, const struct command *c, const char *what, struct str word)
{
	return err_set(err, ERR_USAGE, "%s: %s '%.*s'", c->name, what, STR_ARG(word));
}

void say_error(const struct err *err)
{
	log_line(LOG_LEVEL_ERROR, "%s", err->text);
	if (err->hint[0])
		log_line(LOG_LEVEL_ERROR, "%s", err->hint);
}

int command_failed(const struct command *c, struct err *err)
{
	if (c && err->code == ERR_USAGE)
		(void)err_hint(err, "see 'oomreport %s --help'", c->name);
	say_error(err);
	return err_exit_status(err->code);
}

/* Small words: the plain dynamic programme over one row will do. */
static size_t distance(struct str a, const char *b)
{
	size_t row[32], n = strlen(b);

	if (n + 1 > ARRAY_COUNT(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= n; j++) {
			size_t swap = diagonal + (a.p[i] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < swap)
				swap = row[j] + 1;
			if (row[j - 1] + 1 < swap)
				swap = row[j - 1] + 1;
			row[j] = swap;
		}
	}
	return row[n];
}

void word_nearer(struct str typed, const char *word, struct nearest *best)
{
	size_t d = str_starts(str_of(word), typed) && typed.n > 1 ? 1 : distance(typed, word);

	if (d < NEAREST_LIMIT && (!best->word || d < best->distance))
		*best = (struct nearest){word, d};
}

static int unknown_option(const struct command *c, struct str name, struct err *err)
{
	const struct option_row *const tables[] = {c->options, common_options};
	struct nearest best = {NULL, 0};

	for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
		for (const struct option_row *row = tables[i]; row && row->name; row++)
			word_nearer(name, row->name, &best);
	}
	(void)err_set(err, ERR_USAGE, "%s: there is no option '--%.*s'", c->name, STR_ARG(name));
	return best.word ? err_hint(err, "did you mean '--%s'?", best.word) : -1;
}

static const struct option_row *row_named(const struct option_row *rows, struct str name)
{
	for (; rows && rows->name; rows++) {
		if (str_eq(str_of(rows->name), name))
			return rows;
	}
	return NULL;
}

static const struct option_row *row_lettered(const struct option_row *rows, char letter)
{
	for (; rows && rows->name; rows++) {
		if (rows->letter == letter)
			return rows;
	}
	return NULL;
}

bool option_choice(struct str text, const char *choices, int *ret)
{
	struct str words = str_of(choices);
	struct str word;

	for (int i = 0; words.n; i++) {
		if (!take_until(&words, '|', &word)) {
			word = words;
			words.n = 0;
		}
		if (str_eq(word, text)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool option_size(struct str text, int64_t *ret)
{
	return size_parse(text, ret);
}

static bool store_text(struct text_list *list, const char *value)
{
	if (list->n == TEXT_LIST_MAX)
		return false;
	list->v[list->n++] = value;
	return true;
}

static bool store(const struct option_row *row, void *options, const char *value)
{
	char *at = (char *)options + row->offset;
	struct str text = str_of(value);

	switch (row->kind) {
	case OPT_FLAG:
		*(bool *)(void *)at = true;
		return true;
	case OPT_COUNT:
		++*(int *)(void *)at;
		return true;
	case OPT_TEXT:
		*(const char **)(void *)at = value ? value : "";
		return true;
	case OPT_LIST:
		return store_text((struct text_list *)(void *)at, value);
	case OPT_NUMBER:
		return take_i64(&text, (int64_t *)(void *)at) && text.n == 0;
	case OPT_SIZE:
		return option_size(text, (int64_t *)(void *)at);
	case OPT_DURATION:
		return duration_parse(text, (int64_t *)(void *)at);
	case OPT_TIME:
		return moment_parse(text, when_now(), (int64_t *)(void *)at);
	case OPT_KERNEL:
		*(const char **)(void *)at = value;
		return text.n && gfp_era_for(text);
	case OPT_CHOICE:
		return option_choice(text, row->arg, (int *)(void *)at);
	}
	return false;
}

static bool wants_value(const struct option_row *row)
{
	return row->kind != OPT_FLAG && row->kind != OPT_COUNT && !row->optional_arg;
}

struct parsing {
	const struct command *c;
	int argc, next;
	char **argv;
	void *options;
	struct common *common;
	struct err *err;
};

/* What may be given in place of an argument that was not understood. */
static const char *const forms[] = {
	[OPT_NUMBER] = "a whole number",
	[OPT_SIZE] = "a size such as 512k, 64M or 1G",
	[OPT_DURATION] = "a time such as 500ms, 10s, 5min, 1h or 1d",
	[OPT_TIME] = "a time such as '2026-11-23 02:30', today, -10min or @EPOCH",
	[OPT_KERNEL] = "a kernel version such as 6.1 or 6.1.0-56-amd64",
	[OPT_CHOICE] = NULL, /* its name says them all */
};

static int set_option(struct parsing *p, const struct option_row *row, bool is_common,
		      const char *value, struct str shown)
{
	if (!value && wants_value(row)) {
		if (p->next >= p->argc)
			return usage(p->err, p->c, "an argument is missing after", shown);
		value = p->argv[p->next++];
	}
	if (store(row, is_common ? (void *)p->common : p->options, value))
		return 0;
	if (row->kind == OPT_CHOICE)
		return err_set(p->err, ERR_USAGE, "%s: --%s takes %s, not '%.60s'", p->c->name,
			       row->name, row->arg, value);
	(void)err_set(p->err, ERR_USAGE, "%s: '%.60s' is no %s for --%s", p->c->name, value,
		      row->arg ? row->arg : "value", row->name);
	return forms[row->kind] ? err_hint(p->err, "give %s", forms[row->kind]) : -1;
}

static int long_option(struct parsing *p, struct str word)
{
	struct str name = str_from(word, 2), rest = name;
	const struct option_row *row;
	const char *value = NULL;
	bool is_common = false;

	if (take_until(&rest, '=', &name))
		value = rest.p;
	row = row_named(p->c->options, name);
	if (!row) {
		row = row_named(common_options, name);
		is_common = row != NULL;
	}
	if (!row)
		return unknown_option(p->c, name, p->err);
	if (value && (row->kind == OPT_FLAG || row->kind == OPT_COUNT))
		return usage(p->err, p->c, "no argument goes with",
			     str_sub(word, 0, name.n + 2));
	return set_option(p, row, is_common, value, word);
}

static int short_options(struct parsing *p, const char *letters)
{
	for (; *letters; letters++) {
		const struct option_row *row = row_lettered(p->c->options, *letters);
		bool is_common = !row;
		struct str shown = {(const char[]){'-', *letters}, 2};

		if (!row)
			row = row_lettered(common_options, *letters);
		if (!row)
			return usage(p->err, p->c, "there is no option", shown);
		if (wants_value(row))
			return set_option(p, row, is_common, letters[1] ? letters + 1 : NULL,
					  shown);
		if (set_option(p, row, is_common, NULL, shown) != 0)
			return -1;
	}
	return 0;
}

static void apply_common(const struct common *common)
{
	if (common->quiet)
		log_set_level(LOG_LEVEL_ERROR);
	else if (common->verbose)
		log_set_level(common->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	color_when = (enum color_when)common->color;
}

int options_parse(const struct command *c, int argc, char **argv, void *options,
		  int *ret_argc, char **ret_argv, struct err *err)
{
	struct common common = {0};
	struct parsing p = {c, argc, 1, argv, options, &common, err};
	int n = 0;

	while (p.next < argc) {
		char *word = argv[p.next++];
		int rc = 0;

		if (strcmp(word, "--") == 0) {
			while (p.next < argc)
				ret_argv[n++] = argv[p.next++];
		} else if (word[0] == '-' && word[1] == '-') {
			rc = long_option(&p, str_of(word));
		} else if (word[0] == '-' && word[1]) {
			rc = short_options(&p, word + 1);
		} else {
			ret_argv[n++] = word;
		}
		if (rc != 0)
			return -1;
	}
	apply_common(&common);
	*ret_argc = n;
	if (common.help)
		options_help(c);
	else if (common.version)
		printf("oomreport %s\n", OOMREPORT_VERSION);
	return common.help || common.version;
}

int help_width(void)
{
	enum { USUAL = 80 };
	int columns = cli_columns(STDOUT_FILENO);

	return columns && columns < USUAL ? columns : USUAL;
}

static void help_rows(const struct option_row *rows)
{
	enum { TEXT_AT = 32, NARROW = 60, NARROW_AT = 8 };
	int width = help_width(), at = width < NARROW ? NARROW_AT : TEXT_AT;

	for (; rows && rows->name; rows++) {
		char left[80];
		const char *arg = rows->arg ? rows->arg : "";
		int n = snprintf(left, sizeof(left), "%c%c%s --%s", rows->letter ? '-' : ' ',
				 rows->letter ? rows->letter : ' ', rows->letter ? "," : " ",
				 rows->name);

		if (*arg && n > 0 && (size_t)n < sizeof(left))
			snprintf(left + n, sizeof(left) - (size_t)n,
				 rows->optional_arg ? "[=%s]" : " %s", arg);
		if (at == NARROW_AT || strlen(left) > 28)
			printf("  %s\n%*s", left, at, "");
		else
			printf("  %-28s  ", left);
		print_wrapped(stdout, rows->help, at, width);
	}
}

void options_help(const struct command *c)
{
	printf("usage: oomreport %s [options]%s%s\n", c->name, *c->operands ? " " : "", c->operands);
	print_wrapped(stdout, c->summary, 0, help_width());
	printf("\noptions:\n");
	help_rows(c->options);
	help_rows(common_options);
	printf("\nexample:\n  %s\n", c->example);
}
