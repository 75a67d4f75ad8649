/* SPDX-License-Identifier: MIT */
/* cmd_submit.c - oomreport submit: hands over to oomreport-submit, the only program that talks
 * to a network. */
#include "cli/launch.h"
#include "cli/submit_options.h"

static int run(const void *options, int argc, char **argv, struct err *err)
{
	(void)options;
	(void)argc;
	return launch("oomreport-submit", argv, err);
}

const struct command cmd_submit = {
	.name = "submit",
	.operands = "BUNDLE",
	.summary = "file or extend a bug, mail it or upload the bundle",
	.example = "oomreport submit oom.tar.zst --bugzilla=https://bugs.example.org --dry-run",
	.options = submit_rows,
	.options_size = sizeof(struct submit_options),
	.run = run,
	.passes_through = true,
};
