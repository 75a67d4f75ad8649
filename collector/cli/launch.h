/* SPDX-License-Identifier: MIT */
/* launch.h - starting the other two programs, as git starts its parts. */
#ifndef OOMREPORT_CLI_LAUNCH_H
#define OOMREPORT_CLI_LAUNCH_H

#include "base/err.h"

/* Become "oomreport-NAME": beside this program in a build tree, in libexec when installed.
 * Returns only when that fails (-1). argv[0] is replaced. */
int launch(const char *program, char **argv, struct err *err);

#endif
