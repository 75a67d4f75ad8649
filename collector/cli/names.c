/* SPDX-License-Identifier: MIT */
/* names.c - the names of bundles and of what belongs to them. */
#include "cli/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

const struct bundle_ending bundle_endings[BUNDLE_ENDINGS] = {
	{STR_INIT(".tar.zst"), BUNDLE_TAR_ZST}, {STR_INIT(".tzst"), BUNDLE_TAR_ZST},
	{STR_INIT(".tar.gz"), BUNDLE_TAR_GZ},	{STR_INIT(".tgz"), BUNDLE_TAR_GZ},
	{STR_INIT(".tar.xz"), BUNDLE_TAR_XZ},	{STR_INIT(".txz"), BUNDLE_TAR_XZ},
	{STR_INIT(""), BUNDLE_DIR},
};

struct str bundle_stem(struct str path)
{
	size_t i = 0;

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (str_rfind(path, STR("/")) != SIZE_MAX)
		path = str_from(path, str_rfind(path, STR("/")) + 1);
	while (!str_ends(path, bundle_endings[i].ending))
		i++;
	return str_sub(path, 0, path.n - bundle_endings[i].ending.n);
}

/* A home that is not there (a service's may be /nonexistent) is not made. */
static bool is_home(const char *path)
{
	struct stat st;

	return path && path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool mapping_path(const struct caller *caller, struct str stem, unsigned nth, char out[4096])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const char *below = "/.local/state";
	char again[16] = "";
	int n;

	if (caller->home[0]) /* sudo's HOME is root's, or is not */
		home = caller->home;
	if (state && state[0] == '/') {
		home = state;
		below = "";
	} else if (!is_home(home))
		return false;
	if (nth > 1)
		snprintf(again, sizeof(again), "~%u", nth);
	n = snprintf(out, 4096, "%s%s/oomreport/mappings/%.*s%s.json", home, below, STR_ARG(stem),
		     again);
	return n > 0 && n < 4096;
}
