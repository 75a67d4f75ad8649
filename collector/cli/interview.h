/* SPDX-License-Identifier: MIT */
/* interview.h - the wiki's questions, answered by flags, a YAML file, or a person. */
#ifndef OOMREPORT_CLI_INTERVIEW_H
#define OOMREPORT_CLI_INTERVIEW_H

#include "cli/profile.h"
#include "report/report.h"

/* A file of answers (oomreport-answers(5)), before anybody has asked. */
struct answers {
	struct interview main;
	struct yaml_texts other; /* "key=answer" */
};
/* Texts live in the arena; "-" is standard input. */
int answers_read(struct answers *ret, const char *path, struct arena *a,
		 struct err *err) MUST_CHECK;

struct interview_flags {
	struct interview given;	       /* --workload ...; a text that is empty: not to be asked */
	const struct answers *answers; /* --answers, or NULL */
	bool silent;		       /* --no-interview */
};

/* What is not answered by flags or the file is asked when standard input and standard error
 * are both terminals and we are in front of them, and only then: nothing ever waits without a
 * terminal. An answer that is empty is NULL. Texts live in the arena. *stop (or NULL) becoming
 * non-zero ends the questions. */
int interview_run(struct interview *ret, const struct profile *profile,
		  const struct interview_flags *flags, const volatile int *stop, struct arena *a,
		  struct err *err) MUST_CHECK;

#endif
