/* SPDX-License-Identifier: MIT */
/* scratch.h - a folder for a test's files, gone when the test ends; a stream read whole. */
#ifndef OOMREPORT_TESTS_SOURCE_SCRATCH_H
#define OOMREPORT_TESTS_SOURCE_SCRATCH_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "source/input.h"

static __attribute__((unused)) char scratch[64];

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_remove(void)
{
	nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_make(void)
{
	snprintf(scratch, sizeof(scratch), "/tmp/oomreport-test-XXXXXX");
	if (!mkdtemp(scratch)) {
		perror(scratch);
		exit(EXIT_FAILURE);
	}
	atexit(scratch_remove);
}

/* The path of a file below scratch, its folders made. */
static inline const char *scratch_path(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	for (char *p = path + str_of(scratch).n + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		mkdir(path, 0700);
		*p = '/';
	}
	return path;
}

static inline void scratch_write(const char *name, struct str text)
{
	FILE *f = fopen(scratch_path(name), "wb");

	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f)) {
		perror(name);
		exit(EXIT_FAILURE);
	}
}

/* Reads a stream in pieces of n bytes, closes it. */
static inline struct str scratch_read(struct buf *out, struct stream *in, size_t n)
{
	struct err err = {0};
	char block[4096];
	ssize_t got;

	buf_clear(out);
	while (in && (got = stream_read(in, block, n, &err)) > 0)
		buf_add(out, (struct str){block, (size_t)got});
	stream_close(in);
	check_str(str_of(err.text), STR(""));
	return buf_str(out);
}

#endif
