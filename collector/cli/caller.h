/* SPDX-License-Identifier: MIT */
/* caller.h - who called us through sudo, pkexec or doas: what root makes for them is theirs. */
#ifndef OOMREPORT_CLI_CALLER_H
#define OOMREPORT_CLI_CALLER_H

#include "base/file.h"

struct caller {
	bool known; /* we are root, and somebody else asked for it */
	uid_t uid;
	gid_t gid;
	char home[512]; /* "" = not known */
};

/* From SUDO_UID and SUDO_GID, PKEXEC_UID or DOAS_USER; homes and groups from /etc/passwd. */
void caller_find(struct caller *ret);
/* Go on as that user for a moment, so that nothing is made that he could not make himself;
 * false when it cannot be. Without a caller: true, nothing changes. */
bool caller_become(const struct caller *c);
void caller_return(const struct caller *c);

#endif
