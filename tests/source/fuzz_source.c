/* SPDX-License-Identifier: MIT */
/* fuzz_source.c - any bytes as a file: every container, every log inside, read to the end. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 8 << 20, MAX_LOGS = 64 };

static void read_all(struct source *s)
{
	uint64_t total = 0;
	unsigned sum = 0;
	struct err err = {0};

	for (int logs = 0; logs < MAX_LOGS && total < MAX_BYTES; logs++) {
		struct str window;

		while (source_window(s, &window, &err) > 0 && total < MAX_BYTES) {
			if (window.n == 0)
				abort(); /* a window has bytes */
			total += window.n;
			for (size_t i = 0; i < window.n; i++)
				sum += (uint8_t)window.p[i];
		}
		if (memchr(source_info(s)->name, 0, sizeof(source_info(s)->name)) == NULL ||
		    memchr(source_info(s)->note, 0, sizeof(source_info(s)->note)) == NULL)
			abort();
		if (source_next(s, &err) <= 0)
			break;
	}
	if (sum == 1)
		(void)getpid(); /* every byte was looked at */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf saved = BUF_INIT(1 << 20);
	CLEANUP_SOURCE struct source *s = NULL;
	char path[64];
	struct err err = {0};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (source_open_file(&s, path, &err) == 0) {
		if (size % 2)
			(void)(source_saved_report(s, &saved, &err) < 0);
		read_all(s);
	} else if (!err.text[0]) {
		abort(); /* a failure says why */
	}
	close(fd);
	return 0;
}
