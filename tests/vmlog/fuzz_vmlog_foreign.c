/* SPDX-License-Identifier: MIT */
/* fuzz_vmlog_foreign.c - somebody's samples: whatever it is, it ends, and the series and the
 * exports of it hold together. */
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "vmlog/vmlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int swallow(void *ctx, struct str bytes, struct err *err)
{
	size_t *n = ctx;

	(void)err;
	*n += bytes.n;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("samples", MFD_CLOEXEC);
	char path[64];
	struct series s;
	struct err err = {.code = ERR_NONE};

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (series_read(&s, path, UNKNOWN, &err) == 0) {
		if (s.samples == 0 || s.first_us > s.last_us + 1000000 * INT64_C(200000000000))
			abort();
		for (size_t i = 0; i < s.n_counters; i++) {
			if (s.counters[i].name.n == 0 || isnan(s.counters[i].start) ||
			    s.counters[i].min > s.counters[i].max)
				abort();
		}
		series_free(&s);
	}
	for (int format = VMLOG_TEXT; format <= VMLOG_JSON; format++) {
		size_t n = 0;
		struct sink sink = {swallow, &n};
		struct err e = {.code = ERR_NONE};

		if (vmlog_export(path, UNKNOWN, UNKNOWN, (enum vmlog_format)format, sink, &e) == 0 &&
		    n == 0)
			abort();
	}
	close(fd);
	return 0;
}
