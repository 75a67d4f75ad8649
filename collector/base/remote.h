/* SPDX-License-Identifier: MIT */
/* remote.h - file systems behind which a server or a program stands (NFS, CIFS, FUSE ...): one that
 * does not answer is waited for once, and then nothing below it is touched any more. */
#ifndef OOMREPORT_BASE_REMOTE_H
#define OOMREPORT_BASE_REMOTE_H

#include "base/file.h"

struct remote;

/* Those mounted below the root directory. From then on root_openat() of a path in one that does not
 * answer fails with ETIMEDOUT, of this root and its copies: they end before remote_free(). */
int remote_find(struct remote **ret, struct root *root, struct err *err) MUST_CHECK;
void remote_free(struct remote *r);
/* False: the path is on a file system that does not answer. */
bool remote_answers(struct remote *r, const struct root *root, const char *path);
/* Does the folder that a user names lie on one that answers? Asked before anything opens it; whether it
 * is there at all is another question. */
int remote_check(const char *dir, struct err *err) MUST_CHECK;

#endif
