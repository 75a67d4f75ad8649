/* SPDX-License-Identifier: MIT */
/* fuzz_bundle.c - any bytes as a bundle: verify ends, counts what it says, gives a reason when it
 * fails, and lets no control byte of a foreign name through. A 't' in front is taken off, so
 * that plain tar, whose headers reach the checks more often, has seeds of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t problems;
	size_t bytes;
};

static void on_problem(void *ctx, const char *path, const char *what)
{
	struct seen *s = ctx;

	s->problems++;
	s->bytes += strlen(path) + strlen(what); /* every byte of the words is touched */
	for (const char *p = path; *p; p++) {
		if ((unsigned char)*p < 0x20)
			abort(); /* foreign bytes must not reach a terminal */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {.code = ERR_NONE};
	struct seen s = {0};
	struct bundle_checker to = {&s, on_problem};
	uint64_t problems = 0;
	char path[64];
	int fd = memfd_create("bundle", MFD_CLOEXEC);

	if (size && data[0] == 't') {
		data++;
		size--;
	}
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (bundle_verify(path, &to, &problems, &err) == 0) {
		if (problems != s.problems)
			abort();
	} else if (err.code == ERR_NONE) {
		abort(); /* a failure must have a reason */
	}
	close(fd);
	return 0;
}
