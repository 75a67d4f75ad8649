/* SPDX-License-Identifier: MIT */
/* names.h - what a bundle is called, and where the mapping of its replaced names is kept. */
#ifndef OOMREPORT_CLI_NAMES_H
#define OOMREPORT_CLI_NAMES_H

#include "bundle/bundle.h"
#include "cli/caller.h"

/* The last row is "", of a directory. */
enum { BUNDLE_ENDINGS = 7 };
extern const struct bundle_ending {
	struct str ending;
	enum bundle_format format;
} bundle_endings[BUNDLE_ENDINGS];

/* "x/oom.tar.zst" is "oom": the top folder is named as the archive. */
struct str bundle_stem(struct str path);
/* ~/.local/state/oomreport/mappings/STEM.json of the caller, by the XDG base directory
 * specification; STEM~2.json and so on of further bundles of one name (nth > 1). False when there
 * is no such place. */
bool mapping_path(const struct caller *caller, struct str stem, unsigned nth, char out[4096]);

#endif
