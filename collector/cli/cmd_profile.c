/* SPDX-License-Identifier: MIT */
/* cmd_profile.c - oomreport profile list|show|check. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <unistd.h>

#include "base/emit.h"
#include "cli/cli.h"
#include "cli/profile.h"
#include "host/host.h"
#include "report/report.h"

struct profile_options {
	const char *root;
};

static const struct option_row rows[] = {
	{"root", 0, OPT_TEXT, false, "DIR", offsetof(struct profile_options, root),
	 "choose by DIR/etc/os-release"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

static int list(const struct root *root, struct err *err)
{
	struct data_names names = {.n = 0};
	struct profile chosen, p;

	if (profile_choose(&chosen, root, false, err) != 0) /* what is wrong has its line below */
		return -1;
	for (int place = 0; place < DATA_PLACES; place++)
		data_names(place, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct err why = {.code = ERR_NONE};

		if (i > 0 && strcmp(names.v[i], names.v[i - 1]) == 0)
			continue;
		if (profile_load(&p, names.v[i], root, &why) != 0) {
			printf("  %-12s cannot be used: %s\n", shown(names.v[i]).z, why.text);
			continue;
		}
		printf("%c %-12s %s\n", strcmp(p.path, chosen.path) == 0 ? '*' : ' ',
		       shown(names.v[i]).z,
		       shown(p.title).z);
		profile_free(&p);
	}
	profile_free(&chosen);
	return 0;
}

static int show(const char *name, const struct root *root, struct err *err)
{
	static const int fd = STDOUT_FILENO;
	struct sink out = sink_shown(&fd);
	struct profile p;
	int rc;

	if (profile_load(&p, name, root, err) != 0)
		return -1;
	printf("# %s\n", shown(p.path).z);
	fflush(stdout);
	rc = out.write(out.ctx, p.text, err);
	profile_free(&p);
	return rc;
}

/* Is the template there, and is it one? What it prints of nothing is not looked at. */
static int check_template(const struct profile *p, struct err *err)
{
	static const char *const keys[] = {"template", NULL};
	const struct yaml_place at = yaml_place_of(p->text, keys, 0);
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	json_t *nothing = json_object();
	int rc = -1;

	/* as collect does: not a file that happens to lie here */
	if (chdir("/") != 0)
		(void)err_sys(err, errno, "/");
	else if (!nothing)
		(void)err_set(err, ERR_NOMEM, "no memory to check a template");
	else
		rc = report_render_data(nothing, p->summary_template, &out, err);
	json_decref(nothing);
	if (rc == 0)
		return 0;
	err->code = err->code == ERR_USAGE ? ERR_FORMAT : err->code; /* the file's mistake */
	return err_wrap(err, "%s:%zu:%zu", p->path, at.line, at.column);
}

/* A path may be there on another machine; any other word is the name of a row, or a slip. */
static int check_leave_out(const struct profile *p, struct err *err)
{
	static const char *const keys[] = {"gather", "leave_out", NULL};

	for (size_t i = 0; i < p->leave_out.n; i++) {
		const char *pattern = p->leave_out.v[i];
		struct yaml_place at;
		struct host_source_row row;
		bool known = pattern[0] == '/' || pattern[0] == '*';

		for (size_t k = 0; !known && host_source_row(k, &row); k++)
			known = fnmatch(pattern, row.source, 0) == 0;
		if (known)
			continue;
		at = yaml_place_of(p->text, keys, i);
		(void)err_set(err, ERR_FORMAT, "%s:%zu:%zu: 'leave_out': '%.80s' is nothing that is read",
			      p->path, at.line, at.column, pattern);
		return err_hint(err, "'oomreport collect --list' says what is");
	}
	return 0;
}

/* A file of one's own may have any name; one that is called as a profile is not what is meant. */
static int check(const char *name, const struct root *root, struct err *err)
{
	struct err why = {.code = ERR_NONE};
	struct profile p;
	int rc = profile_load(&p, name, root, &why);

	if (rc != 0 && why.code == ERR_USAGE && access(name, F_OK) == 0) {
		why = (struct err){.code = ERR_NONE};
		rc = profile_read(&p, name, &why);
	}
	if (rc != 0) {
		*err = why;
		return -1;
	}
	rc = check_leave_out(&p, err);
	if (rc == 0 && p.summary_template)
		rc = check_template(&p, err);
	if (rc == 0)
		printf("%s: profile '%s' is good\n", shown(p.path).z, shown(p.name).z);
	profile_free(&p);
	return rc;
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	const struct profile_options *o = options;
	CLEANUP_ROOT struct root root = ROOT_CLOSED;

	if (root_open(&root, o->root ? o->root : "/", err) != 0)
		return -1;
	if (argc == 0 || (argc == 1 && strcmp(argv[0], "list") == 0))
		return list(&root, err);
	if (argc <= 2 && strcmp(argv[0], "show") == 0)
		return show(argc == 2 ? argv[1] : NULL, &root, err);
	if (argc == 2 && strcmp(argv[0], "check") == 0)
		return check(argv[1], &root, err);
	return err_set(err, ERR_USAGE, "profile: wants 'list', 'show [NAME|FILE]' or 'check NAME|FILE'");
}

const struct command cmd_profile = {
	.name = "profile",
	.operands = "list | show [NAME|FILE] | check NAME|FILE",
	.summary = "list, show or check a support desk's profile",
	.example = "oomreport profile check ./our-desk.yaml",
	.options = rows,
	.options_size = sizeof(struct profile_options),
	.run = run,
};
