/* SPDX-License-Identifier: MIT */
/* cmd_verify.c - `oomreport verify`: is a bundle as it was written? */
#include <stdio.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "bundle/bundle.h"
#include "cli/cli.h"

/* Only the common ones. */
static const struct option_row rows[] = {
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

struct verified {
	const char *name;
	bool several;
};

static void on_problem(void *ctx, const char *path, const char *what)
{
	const struct verified *v = ctx;

	if (v->several)
		printf("%s: %s: %s\n", shown(v->name).z, shown(path).z, shown(what).z);
	else
		printf("%s: %s\n", shown(path).z, shown(what).z);
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	uint64_t bad = 0;
	int unread = 0;

	(void)options;
	if (argc == 0)
		return err_set(err, ERR_USAGE, "verify: which bundle?");
	sandbox_enter(NULL);
	for (int i = 0; i < argc; i++) {
		struct verified v = {argv[i], argc > 1};
		struct bundle_checker to = {&v, on_problem};
		struct err why = {.code = ERR_NONE};
		uint64_t problems = 0;

		if (bundle_verify(argv[i], &to, &problems, &why) != 0) {
			say_error(&why);
			unread++;
		} else if (problems == 0 && log_level() >= LOG_LEVEL_WARNING) {
			printf("%s: sound\n", shown(argv[i]).z);
		}
		bad += problems;
	}
	if (bad == 0)
		return unread > 0;
	(void)err_set(err, ERR_FORMAT, "%s: %llu problem%s: do not rely on what it says",
		      argc == 1 ? argv[0] : "bundles", (unsigned long long)bad, bad == 1 ? "" : "s");
	return err_hint(err, "ask for the bundle again");
}

const struct command cmd_verify = {
	.name = "verify",
	.operands = "BUNDLE...",
	.summary = "check a bundle: manifest, checksums, schema",
	.example = "oomreport verify oomreport-host-20261123T023000Z.tar.zst",
	.options = rows,
	.run = run,
};
