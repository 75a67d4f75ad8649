/* Break free memory into single pages, then ask the kernel for a block: frag ORDER [MIB-LEFT]
 * Pages of pipes cannot be moved; of every two filled in turn one pipe is closed again. The
 * block is the kernel's list of pages for a perf ring buffer (8 bytes a page, one kmalloc).
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static long free_mib(void)
{
	char line[128];
	long kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "MemFree:", 8))
			kb = strtol(line + 8, NULL, 10);
	if (f)
		fclose(f);
	return kb >> 10;
}

int main(int argc, char **argv)
{
	static char page[4096];
	struct rlimit many = {1 << 20, 1 << 20};
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
				       .config = PERF_COUNT_SW_CPU_CLOCK};
	unsigned int order = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 5;
	long left = argc > 2 ? strtol(argv[2], NULL, 10) : 12;
	int a[2], b[2], first = -1, last = -1, fd, i;
	size_t pages;
	void *p;

	setrlimit(RLIMIT_NOFILE, &many);
	while (free_mib() > left) {
		if (pipe(a) || pipe(b)) {
			perror("frag: pipe");
			break;
		}
		for (i = 0; i < 16; i++)
			if (write(a[1], page, sizeof(page)) < 0 || write(b[1], page, sizeof(page)) < 0)
				perror("frag: write");
		first = first < 0 ? b[0] : first;
		last = b[1];
	}
	printf("frag: %d descriptors, %ld MiB free\n", last, free_mib());
	for (i = first; i >= 0 && i <= last; i += 4) { /* b[0], b[1] of every four */
		close(i);
		close(i + 1);
	}
	printf("frag: %ld MiB free, in single pages\n", free_mib());
	fflush(stdout);
	system("cat /proc/buddyinfo; sh -c '. /lib.sh; snap peak'");
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	pages = (size_t)1 << (order + 12 - 3 - 1); /* pages * 8 + a header: just over half the block */
	p = mmap(NULL, (pages + 1) * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	printf("frag: perf %d, ring of %zu pages: %s\n", fd, pages,
	       p == MAP_FAILED ? strerror(errno) : "mapped");
	return 0;
}
