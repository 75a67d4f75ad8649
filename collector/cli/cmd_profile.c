/* SPDX-License-Identifier: MIT */
/* cmd_profile.c - oomreport profile list|show|check. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/profile.h"

struct profile_options {
	const char *root;
};

static const struct option_row rows[] = {
	{"root", 0, OPT_TEXT, false, "DIR", offsetof(struct profile_options, root),
	 "choose by DIR/etc/os-release"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

struct names {
	char v[256][64];
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void gather_names(struct names *names)
{
	char path[DATA_PATH];

	for (int i = 0; i < DATA_DIRS; i++) {
		DIR *dir = data_dir(DATA_PROFILES, i, path) ? opendir(path) : NULL;
		struct dirent *entry;

		while (dir && (entry = readdir(dir)) && names->n < ARRAY_COUNT(names->v)) {
			struct str name = str_of(entry->d_name);

			if (!str_ends(name, STR(".yaml")) || name.n - 5 >= sizeof(names->v[0]))
				continue;
			snprintf(names->v[names->n++], sizeof(names->v[0]), "%.*s",
				 (int)name.n - 5, name.p);
		}
		if (dir)
			closedir(dir);
	}
	qsort(names->v, names->n, sizeof(names->v[0]), by_name);
}

static int list(const struct root *root, struct err *err)
{
	struct names *names = calloc(1, sizeof(*names));
	struct profile chosen, p;
	int rc = 0;

	if (!names)
		return err_set(err, ERR_NOMEM, "no memory");
	gather_names(names);
	if (profile_load(&chosen, NULL, root, err) != 0) {
		free(names);
		return -1;
	}
	for (size_t i = 0; i < names->n; i++) {
		struct err why = {.code = ERR_NONE};

		if (i > 0 && strcmp(names->v[i], names->v[i - 1]) == 0)
			continue;
		if (profile_load(&p, names->v[i], root, &why) != 0) {
			printf("  %-12s cannot be used: %s\n", names->v[i], why.text);
			continue;
		}
		printf("%c %-12s %s\n", strcmp(p.path, chosen.path) == 0 ? '*' : ' ', names->v[i],
		       p.title);
		profile_free(&p);
	}
	profile_free(&chosen);
	free(names);
	return rc;
}

static int show(const char *name, const struct root *root, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(YAML_LARGEST);
	struct profile p;
	int rc;

	if (profile_load(&p, name, root, err) != 0)
		return -1;
	rc = data_read(p.path, &text, err);
	if (rc == 0) {
		printf("# %s\n", p.path);
		fwrite(text.p, 1, text.n, stdout);
	}
	profile_free(&p);
	return rc;
}

static int check(const char *path, struct err *err)
{
	struct profile p;

	if (profile_read(&p, path, err) != 0)
		return -1;
	printf("%s: profile '%s' is good\n", path, p.name);
	profile_free(&p);
	return 0;
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
		return check(argv[1], err);
	(void)err_set(err, ERR_USAGE, "profile: wants 'list', 'show [NAME]' or 'check FILE'");
	return err_hint(err, "see 'oomreport profile --help'");
}

const struct command cmd_profile = {
	.name = "profile",
	.operands = "list | show [NAME] | check FILE",
	.summary = "list, show or check a support desk's profile",
	.example = "oomreport profile check ./our-desk.yaml",
	.options = rows,
	.options_size = sizeof(struct profile_options),
	.run = run,
};
