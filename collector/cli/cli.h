/* SPDX-License-Identifier: MIT */
/* cli.h - private to cli/: commands and options as tables.
 *
 * One option table stands at the top of each cmd_*.c; parsing, --help, shell completions and
 * the option lists of the man pages all read it, so they cannot drift apart.
 */
#ifndef OOMREPORT_CLI_CLI_H
#define OOMREPORT_CLI_CLI_H

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

enum option_kind {
	OPT_FLAG,     /* bool */
	OPT_COUNT,    /* int, one more each time */
	OPT_TEXT,     /* const char * */
	OPT_LIST,     /* struct text_list: repeatable */
	OPT_NUMBER,   /* int64_t, may be negative */
	OPT_SIZE,     /* int64_t bytes: 64M, 1G, 512k */
	OPT_DURATION, /* int64_t microseconds: 1s, 500ms, 10m, 2h */
	OPT_TIME,     /* int64_t wall microseconds: RFC 3339 or @EPOCH */
	OPT_KERNEL,   /* const char *, as uname -r prints it: 6.1.0-56-amd64 */
	OPT_CHOICE,   /* int: index into the words of `arg`, "a|b|c" */
};

enum { TEXT_LIST_MAX = 64 };
struct text_list {
	const char *v[TEXT_LIST_MAX + 1]; /* NULL-terminated */
	size_t n;
};

struct option_row {
	const char *name;	/* long name, without dashes */
	char letter;		/* short name or 0 */
	enum option_kind kind;
	bool optional_arg;	/* --bugzilla[=URL]: OPT_TEXT, "" when none is given */
	const char *arg;	/* the word shown for its argument, or the choices */
	size_t offset;		/* in the command's own options struct */
	const char *help;
};

struct command {
	const char *name;
	const char *operands; /* "[FILE...]" */
	const char *summary;  /* one line */
	const char *example;
	const struct option_row *options; /* ended by a row without name */
	size_t options_size;		  /* of the options struct, zeroed before parsing */
	const void *defaults;		  /* copied over it first, or NULL */
	/* argv: operands only. 0, or an exit status > 0 the command means (--exit-code), or -1
	 * with err. */
	int (*run)(const void *options, int argc, char **argv, struct err *err);
	bool passes_through; /* record, submit: argv goes to the other program untouched */
};

extern const struct command *const commands[]; /* NULL-terminated */
extern const struct option_row common_options[];
extern const struct command cmd_analyze;
extern const struct command cmd_collect;
extern const struct command cmd_decode;
extern const struct command cmd_profile;
extern const struct command cmd_record;
extern const struct command cmd_reveal;
extern const struct command cmd_verify;
extern const struct command cmd_submit;
extern const struct command cmd_triage;

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
bool cli_color(int fd); /* by --color, NO_COLOR and isatty */

/* Parse argv[1..] by the command's table plus the common one; operands are moved to
 * ret_argv. 0, 1 when --help or --version was printed, -1 with err. */
int options_parse(const struct command *c, int argc, char **argv, void *options,
		  int *ret_argc, char **ret_argv, struct err *err) MUST_CHECK;
/* The error and what to do about it, to standard error. */
void say_error(const struct err *err);
/* The same of a whole command, which has help; the exit status. */
int command_failed(const struct command *c, struct err *err);
/* One word as an option's value is read: the index into "a|b|c"; "64M" in bytes. */
bool option_choice(struct str text, const char *choices, int *ret);
bool option_size(struct str text, int64_t *ret);
void options_help(const struct command *c);
/* 80 columns, also where help is kept as a file; less on a narrow terminal. */
int help_width(void);
/* "Did you mean": the word that is least unlike, or begins with what was typed. */
enum { NEAREST_LIMIT = 3 };
struct nearest {
	const char *word; /* NULL: none yet */
	size_t distance;
};
void word_nearer(struct str typed, const char *word, struct nearest *best);

/* ---- terminal.c ---- */
int cli_columns(int fd); /* of a terminal, by COLUMNS or its size, 40 to 120; 0: it is none */
int cli_prose_columns(int fd); /* the same from 16 on: sentences fit anywhere, tables do not */
bool cli_utf8(void);	 /* by the locale's variables */
/* Words, from `column` of a line on that has been begun, and on more lines below it where they would
 * go beyond `width`; ends the line. */
void print_wrapped(FILE *to, const char *text, int column, int width);
/* Standard input is about to be read: a person at a terminal learns what is waited for. */
void ask_for_paste(const char *what);

#endif
