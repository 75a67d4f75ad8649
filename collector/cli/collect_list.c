/* SPDX-License-Identifier: MIT */
/* collect_list.c - `oomreport collect --list`: what would be read, and why; nothing is
 * read.
 *
 * One row a source where a program reads it (grep, cut); on a terminal the reasons are a
 * column that does not go beyond its edge.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/collect.h"

enum { SOURCE_WIDTH = 36, WHY_AT = SOURCE_WIDTH + 2, NARROW = 60, NARROW_AT = 4 };

static void print_row(const char *source, const char *why, bool only_root)
{
	int width = cli_columns(STDOUT_FILENO), at = width < NARROW ? NARROW_AT : WHY_AT;
	struct shown name = shown(source);
	char text[256];

	snprintf(text, sizeof(text), "%s%s", why,
		 only_root && geteuid() != 0 ? " (only as root)" : "");
	if (!width) {
		printf("%-*s  %s\n", SOURCE_WIDTH, name.z, text);
		return;
	}
	if (at == WHY_AT && strlen(name.z) <= SOURCE_WIDTH)
		printf("%-*s  ", SOURCE_WIDTH, name.z);
	else
		printf("%s\n%*s", name.z, at, "");
	print_wrapped(stdout, text, at, width);
}

static int nothing_begins(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx;
	(void)item;
	(void)err;
	return 0;
}

static int no_data(void *ctx, struct str bytes, struct err *err)
{
	(void)ctx;
	(void)bytes;
	(void)err;
	return 0;
}

static int list_one(void *ctx, const struct host_item *item, struct err *err)
{
	bool skipped = item->result == HOST_SKIPPED;
	char why[200];

	(void)err;
	/* command lines in another tool's records cannot be replaced there */
	snprintf(why, sizeof(why), "%s%s", skipped ? item->reason : item->why,
		 item->history && item->commands && !skipped &&
				 collect_redaction(ctx) != REDACT_NONE
			 ? " (only with --redact none)"
			 : "");
	print_row(item->source, why, item->needs_root && !skipped);
	return 0;
}

static void list_logs(const struct collect *c)
{
	const char *boot = c->o->boot ? c->o->boot : "0";
	char before[48];

	for (size_t i = 0; i < c->o->logs.n; i++)
		print_row(c->o->logs.v[i], "a log that was given", false);
	if (c->o->logs.n)
		return;
	if (!root_is_live(&c->root)) {
		print_row("/var/log/journal, else log files", "the kernel's log", false);
		return;
	}
	if (boot[0] != '-')
		print_row("/dev/kmsg, else klogctl, journalctl",
			  "the kernel's log; its beginning, where the ring has lost it: "
			  "journal, log files",
			  !source_may_read_ring());
	snprintf(before, sizeof(before), "journalctl -k -b %.20s",
		 boot[0] == '-' ? boot : "-1");
	print_row(before,
		  strcmp(boot, "all") == 0
		      ? "the kernel's log of the boot before, and of those before that"
		      : "the kernel's log of that boot",
		  false);
}

static void list_vmlog(const struct collect *c)
{
	if (c->o->vmlog)
		print_row(c->o->vmlog, "samples that were given", false);
	else
		print_row(VMLOG_DEFAULT_DIR, "the recorder's samples around the event",
			  root_is_live(&c->root));
}

/* Files that a person, or a desk, has named. */
static void list_named(const struct collect *c)
{
	const char *template = c->profile.summary_template;

	if (c->o->answers)
		print_row(c->o->answers, "answers to the questions", false);
	if (template && strchr(template, '/'))
		print_row(template, "the wording of summary.txt, asked for by the profile", false);
}

int collect_list(struct collect *c, struct err *err)
{
	struct host_plan plan = {
	    .root = &c->root,
	    .extra = c->profile.extra.v,
	    .leave_out = c->profile.leave_out.v,
	    .list_only = true,
	};
	struct host_receiver to = {c, nothing_begins, no_data, list_one};

	list_logs(c);
	list_vmlog(c);
	list_named(c);
	if (collect_redaction(c) != REDACT_NONE)
		print_row("/etc/passwd, hosts, resolv.conf ...",
			  "names that will be replaced; these files are not kept", false);
	return host_collect(&plan, &to, err);
}
