/* SPDX-License-Identifier: MIT */
/* sandbox.h - giving up what is not needed, before a stranger's bytes are read.
 *
 * Two fences, both by plain system calls, both for good and for children too:
 *   seccomp    no new socket, no io_uring, no mount, namespace, module, key, trace of others, no
 *              memory or messages shared with others, no emptying of the kernel's log, no typing
 *              into the terminal, no call newer than Linux 6.1; a reader also makes, renames,
 *              changes and removes no file
 *   Landlock   (Linux 5.13) writes only below named directories; a reader only unnamed temporary
 *              files and /dev/null
 * A kernel without one of them: the other one stands alone, and --verbose says so. What is
 * refused fails with EPERM or EACCES like any other refusal.
 */
#ifndef OOMREPORT_BASE_SANDBOX_H
#define OOMREPORT_BASE_SANDBOX_H

#include "base/str.h"

enum { SANDBOX_DIRS = 8 };

/* Of a root's capabilities a reader keeps those of privileges_read_only(), others those of
 * privileges_drop() with privileges_write(true).
 * writable: directories in which files may be made and changed, NULL-terminated (those that are
 * not there are passed over), or NULL: a reader. */
void sandbox_enter(const char *const *writable);

/* Of a root's capabilities keep those that reading asks for (CAP_SYSLOG, CAP_DAC_READ_SEARCH,
 * CAP_SYS_PTRACE), those for a storm (CAP_SYS_NICE, CAP_SYS_RESOURCE) and, at rest until
 * privileges_write(true), those that put a bundle into a user's folder (CAP_DAC_OVERRIDE,
 * CAP_CHOWN, CAP_FOWNER, CAP_SETUID, CAP_SETGID); what is started gets no more than these
 * either. Nothing happens to a user without capabilities. */
void privileges_drop(void);
void privileges_write(bool now);
/* The same for those who only read files and the log: CAP_SYSLOG and CAP_DAC_READ_SEARCH stay. */
void privileges_read_only(void);

#endif
