/* SPDX-License-Identifier: MIT */
/* make.h - a small bundle of known content for the tests of this room. */
#ifndef OOMREPORT_TESTS_BUNDLE_MAKE_H
#define OOMREPORT_TESTS_BUNDLE_MAKE_H

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"
#include "bundle/bundle.h"
#include "harness.h"

#define LONG_NAME                                                                          \
	"cgroup/kubepods.slice/kubepods-burstable.slice/"                                  \
	"kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice/"                    \
	"cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef." \
	"scope/memory.stat"

static char work[64];

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void work_remove(void)
{
	nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void work_make(void)
{
	snprintf(work, sizeof(work), "/tmp/oomreport-test-XXXXXX");
	if (!mkdtemp(work))
		exit(EXIT_FAILURE);
	atexit(work_remove);
}

static inline struct bundle_options make_options(const char *path, enum bundle_format format)
{
	return (struct bundle_options){
		.path = path,
		.top = "oomreport-host-20261123T023000Z",
		.format = format,
		.now_us = INT64_C(1795401000000000),
	};
}

/* A log of n lines that does not compress to nothing; in pieces that fit no border. */
static inline int make_log(struct bundle *b, size_t lines, struct err *err)
{
	struct bundle_entry log = {.path = "log/kernel.log", .source = "/dev/kmsg",
				   .read_at_us = INT64_C(1795401000000000),
				   .cut_rank = BUNDLE_CUT_TAIL};
	uint32_t x = 1;

	if (bundle_begin(b, log.path, err) != 0)
		return -1;
	for (size_t i = 0; i < lines; i++) {
		char line[120];
		int n;

		x = x * 1664525 + 1013904223;
		n = snprintf(line, sizeof(line), "[%zu.%06u] line %08x %08x of the log\n", i,
			     x % 1000000, x, x ^ 0x5a5a5a5a);
		if (bundle_data(b, (struct str){line, (size_t)n}, err) != 0)
			return -1;
	}
	return bundle_end(b, &log, err);
}

static inline int make_content(struct bundle *b, size_t lines, struct err *err)
{
	struct bundle_entry e = {.path = "sys/kernel/mm/ksm/run", .read_at_us = UNKNOWN};
	struct str text = STR("0\n");

	if (bundle_add(b, &e, text, err) != 0 || make_log(b, lines, err) != 0)
		return -1;
	e.path = "proc/meminfo";
	e.source = "/proc/meminfo";
	e.note = "a note";
	e.redactions = 3;
	if (bundle_add(b, &e, STR("MemTotal: 1 kB\n"), err) != 0)
		return -1;
	e.path = LONG_NAME;
	if (bundle_add(b, &e, STR("anon 1\n"), err) != 0)
		return -1;
	e.path = "proc-not/empty";
	e.cut_rank = 3;
	if (bundle_add(b, &e, STR(""), err) != 0)
		return -1;
	return bundle_absent(b, "proc/slabinfo", "/proc/slabinfo", "Permission denied", err);
}

static inline void make_bundle(const struct bundle_options *o, size_t lines)
{
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;

	check_ok(bundle_open(&b, o, &err), err);
	if (!b)
		return;
	check_ok(make_content(b, lines, &err), err);
	check_ok(bundle_commit(b, false, &err), err);
	bundle_free(b);
}

struct problems {
	unsigned n;
	char last[400], all[4000];
};

static inline void note_problem(void *ctx, const char *path, const char *what)
{
	struct problems *p = ctx;
	size_t used = strlen(p->all);

	p->n++;
	snprintf(p->last, sizeof(p->last), "%s: %s", path, what);
	snprintf(p->all + used, sizeof(p->all) - used, "%s\n", p->last);
}

/* Problems found, or UINT_MAX when it cannot be read at all. */
static inline unsigned verify(const char *path, struct problems *p)
{
	struct err err = {.code = ERR_NONE};
	struct bundle_checker to = {p, note_problem};
	uint64_t n = 0;

	memset(p, 0, sizeof(*p));
	if (bundle_verify(path, &to, &n, &err) != 0) {
		snprintf(p->last, sizeof(p->last), "%s", err.text);
		return UINT32_MAX;
	}
	check_int(n, p->n);
	return p->n;
}

#endif
