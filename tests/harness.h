/* SPDX-License-Identifier: MIT */
/* harness.h - checks that say where and what; a test program returns tests_done(). */
#ifndef OOMREPORT_TESTS_HARNESS_H
#define OOMREPORT_TESTS_HARNESS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"

static int harness_checks, harness_failures;

#define check(cond)                                                                       \
	do {                                                                              \
		harness_checks++;                                                         \
		if (!(cond)) {                                                            \
			harness_failures++;                                               \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
		}                                                                         \
	} while (0)

#define check_int(got, want)                                                              \
	do {                                                                              \
		int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);                   \
		harness_checks++;                                                         \
		if (got_ != want_) {                                                      \
			harness_failures++;                                               \
			fprintf(stderr, "%s:%d: %s is %" PRId64 ", not %" PRId64 "\n",    \
				__FILE__, __LINE__, #got, got_, want_);                   \
		}                                                                         \
	} while (0)

#define check_str(got, want)                                                              \
	do {                                                                              \
		struct str got_ = (got), want_ = (want);                                  \
		harness_checks++;                                                         \
		if (!str_eq(got_, want_)) {                                               \
			harness_failures++;                                               \
			fprintf(stderr, "%s:%d: %s is \"%.*s\", not \"%.*s\"\n", __FILE__, \
				__LINE__, #got, STR_ARG(got_), STR_ARG(want_));           \
		}                                                                         \
	} while (0)

#define check_ok(call, err)                                                               \
	do {                                                                              \
		harness_checks++;                                                         \
		if ((call) != 0) {                                                        \
			harness_failures++;                                               \
			fprintf(stderr, "%s:%d: %s failed: %s\n", __FILE__, __LINE__,     \
				#call, (err).text);                                       \
		}                                                                         \
	} while (0)

/* A test that checked nothing has not passed. */
static inline int tests_done(void)
{
	if (harness_checks == 0)
		fprintf(stderr, "no check was made\n");
	printf("%d checks, %d failed\n", harness_checks, harness_failures);
	return harness_failures || harness_checks == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int test_skip(const char *reason)
{
	printf("skipped: %s\n", reason);
	return 77;
}

#endif
