/* SPDX-License-Identifier: MIT */
/* main.c - finds the command in the table, runs it; error to stderr, code to exit status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

/* In the order of --help. */
const struct command *const commands[] = {
	&cmd_collect,
	&cmd_analyze,
	&cmd_decode,
	&cmd_verify,
	&cmd_triage,
	&cmd_profile,
	&cmd_record,
	&cmd_submit,
	NULL,
};

static void help(void)
{
	printf("usage: oomreport COMMAND [options]\n"
	       "Turns \"my machine ran out of memory\" into a report a kernel developer can "
	       "act on.\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n  oomreport COMMAND --help   the options of a command, with an example\n"
	       "\nexample:\n  sudo oomreport collect\n");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

/* Small words: the plain dynamic programme over one row will do. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], n = strlen(b);

	if (n + 1 > ARRAY_COUNT(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; *a; a++, i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t swap = diagonal + (*a != b[j - 1]);

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

static int unknown_command(const char *name, struct err *err)
{
	const char *nearest = NULL;
	size_t best = 3;

	for (size_t i = 0; commands[i]; i++) {
		size_t d = distance(name, commands[i]->name);

		if (d < best) {
			best = d;
			nearest = commands[i]->name;
		}
	}
	(void)err_set(err, ERR_USAGE, "there is no command '%.40s'", name);
	if (nearest)
		return err_hint(err, "did you mean 'oomreport %s'?", nearest);
	return err_hint(err, "see 'oomreport --help'");
}

static int run(const struct command *c, int argc, char **argv, struct err *err)
{
	void *options;
	char **operands;
	int n = 0, rc;

	if (c->passes_through)
		return c->run(NULL, argc, argv, err);
	options = calloc(1, c->options_size ? c->options_size : 1);
	operands = calloc((size_t)argc + 1, sizeof(*operands));
	if (!options || !operands) {
		rc = err_set(err, ERR_NOMEM, "no memory");
	} else {
		if (c->defaults)
			memcpy(options, c->defaults, c->options_size);
		rc = options_parse(c, argc, argv, options, &n, operands, err);
		rc = rc == 0 ? c->run(options, n, operands, err) : rc > 0 ? 0 : -1;
	}
	free(options);
	free(operands);
	return rc;
}

static int finish(int rc, const struct err *err)
{
	if (rc < 0) {
		log_line(LOG_LEVEL_ERROR, "%s", err->text);
		if (err->hint[0])
			log_line(LOG_LEVEL_ERROR, "%s", err->hint);
		rc = err_exit_status(err->code);
	}
	if (fflush(stdout) != 0 && rc == 0) {
		log_line(LOG_LEVEL_ERROR, "standard output: cannot be written");
		rc = 1;
	}
	return rc;
}

static void interrupted(int signal_number)
{
	(void)signal_number;
	_exit(130);
}

/* Ctrl-C is an exit status of its own (collect, which has something to publish, puts its own
 * handler in place); a reader that went away ends us quietly, whatever we have inherited. */
static void set_signals(void)
{
	struct sigaction on_interrupt = {.sa_handler = interrupted};
	struct sigaction by_default = {.sa_handler = SIG_DFL};

	(void)sigaction(SIGINT, &on_interrupt, NULL);
	(void)sigaction(SIGPIPE, &by_default, NULL);
}

int main(int argc, char **argv)
{
	struct err err = {.code = ERR_NONE};
	const struct command *c;

	set_signals();
	if (argc == 3 && strcmp(argv[1], "help") == 0 && find_command(argv[2])) {
		char *swapped[] = {argv[0], argv[2], (char[]){"--help"}, NULL};

		return finish(run(find_command(argv[2]), 2, swapped + 1, &err), &err);
	}
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help();
		return finish(argc < 2 ? 2 : 0, &err);
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("oomreport %s\n", OOMREPORT_VERSION);
		return finish(0, &err);
	}
	c = find_command(argv[1]);
	if (!c)
		return finish(unknown_command(argv[1], &err), &err);
	return finish(run(c, argc - 1, argv + 1, &err), &err);
}
