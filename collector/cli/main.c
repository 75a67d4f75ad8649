/* SPDX-License-Identifier: MIT */
/* main.c - finds the command in the table, runs it; error to stderr, code to exit status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "report/report.h"

/* In the order of --help. */
const struct command *const commands[] = {
	&cmd_collect,
	&cmd_analyze,
	&cmd_decode,
	&cmd_verify,
	&cmd_reveal,
	&cmd_triage,
	&cmd_profile,
	&cmd_record,
	&cmd_submit,
	NULL,
};

static void help(void)
{
	enum { SUMMARY_AT = 13 };
	int width = help_width();

	printf("usage: oomreport COMMAND [options]\n");
	print_wrapped(stdout, "Turns \"my machine ran out of memory\" into a report a kernel developer "
		      "can act on.", 0, width);
	printf("\ncommands:\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("  %-10s ", commands[i]->name);
		print_wrapped(stdout, commands[i]->summary, SUMMARY_AT, width);
	}
	printf("\n  oomreport COMMAND --help\n%*s", SUMMARY_AT, "");
	print_wrapped(stdout, "the options of a command, with an example", SUMMARY_AT, width);
	printf("\nexample:\n  sudo oomreport collect\n");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int unknown_command(const char *name, struct err *err)
{
	struct nearest best = {NULL, 0};

	if (name[0] == '-')
		(void)err_set(err, ERR_USAGE, "there is no option '%.40s' before a command", name);
	else
		(void)err_set(err, ERR_USAGE, "there is no command '%.40s'", name);
	for (size_t i = 0; commands[i]; i++)
		word_nearer(str_of(name), commands[i]->name, &best);
	word_nearer(str_of(name), "--version", &best);
	word_nearer(str_of(name), "--help", &best);
	if (best.word)
		return err_hint(err, "did you mean 'oomreport %s'?", best.word);
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

static int finish(const struct command *c, int rc, struct err *err)
{
	if (rc < 0)
		rc = command_failed(c, err);
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
	json_memory_cap(JSON_MEMORY_MAX);
	if (argc == 3 && strcmp(argv[1], "help") == 0 && argv[2][0] != '-') {
		char *swapped[] = {argv[0], argv[2], (char[]){"--help"}, NULL};

		c = find_command(argv[2]);
		return finish(c, c ? run(c, 2, swapped + 1, &err) : unknown_command(argv[2], &err),
			      &err);
	}
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help();
		return finish(NULL, argc < 2 ? 2 : 0, &err);
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("oomreport %s\n", OOMREPORT_VERSION);
		return finish(NULL, 0, &err);
	}
	c = find_command(argv[1]);
	if (!c)
		return finish(NULL, unknown_command(argv[1], &err), &err);
	return finish(c, run(c, argc - 1, argv + 1, &err), &err);
}
