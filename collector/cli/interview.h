/* SPDX-License-Identifier: MIT */
/* interview.h - the wiki's questions, answered by flags, a YAML file, or a person. */
#ifndef OOMREPORT_CLI_INTERVIEW_H
#define OOMREPORT_CLI_INTERVIEW_H

#include "cli/profile.h"
#include "report/report.h"

struct interview_flags {
	const char *workload, *before, *after, *impact; /* --workload ... or NULL */
	const char *answers;				/* --answers FILE or NULL */
	bool silent;					/* --no-interview */
};

/* What is not answered by flags or the file is asked when standard input and standard error
 * are both terminals, and only then: nothing ever waits without a terminal. Texts live in the
 * arena. *stop (or NULL) becoming non-zero ends the questions. */
int interview_run(struct interview *ret, const struct profile *profile,
		  const struct interview_flags *flags, const volatile int *stop, struct arena *a,
		  struct err *err) MUST_CHECK;

#endif
