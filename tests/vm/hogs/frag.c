/* Break free memory into single pages, then ask the kernel for blocks of ORDER: frag ORDER
 * Pages of pipes cannot be moved; of every two filled in turn one pipe is closed again, and the
 * larger blocks still left are taken by the slot tables of pipes made long (40 bytes a slot, one
 * kmalloc). Up to order 3 such tables are asked for until something gives; above it, where they
 * fail in silence, the block is the page list of a perf ring buffer (8 bytes a page, one kmalloc).
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdbool.h>
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

/* A block of 2^order pages held by a pipe; its descriptors are left open. */
static int take_block(unsigned int order)
{
	int ends[2];

	if (pipe(ends))
		return -1;
	return fcntl(ends[1], F_SETPIPE_SZ, 1 << (order + 6 + 12)) < 0 ? -1 : 0;
}

/* Whether the kernel still had a block; it is given back. */
static bool ask_perf(unsigned int order)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
				       .config = PERF_COUNT_SW_CPU_CLOCK};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	size_t pages = (size_t)1 << (order + 12 - 3 - 1); /* and a header: over half the block */
	void *p = mmap(NULL, (pages + 1) * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	printf("frag: perf ring of %zu pages: %s\n", pages,
	       p == MAP_FAILED ? strerror(errno) : "mapped");
	if (p != MAP_FAILED)
		munmap(p, (pages + 1) * 4096);
	if (fd >= 0)
		close(fd);
	return p != MAP_FAILED;
}

/* Takes every block above order 3; how many there were. */
static long take_blocks(void)
{
	long ret = 0;

	for (unsigned int i = 10; i >= 4; i--)
		while (!take_block(i))
			ret++;
	return ret;
}

int main(int argc, char **argv)
{
	static char page[4096];
	struct rlimit many = {1 << 20, 1 << 20};
	unsigned int order = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 6;
	int a[2], b[2], first = -1, last = -1, i;
	long blocks = 0;

	setrlimit(RLIMIT_NOFILE, &many);
	while (free_mib() > 12) {
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
	for (i = first; i >= 0 && i <= last; i += 4) { /* b[0], b[1] of every four */
		close(i);
		close(i + 1);
	}
	blocks = take_blocks();
	printf("frag: %ld MiB free, almost all in single pages; %ld larger blocks taken\n",
	       free_mib(), blocks);
	fflush(stdout);
	if (system("cat /proc/buddyinfo; . /lib.sh; snap peak"))
		perror("frag: snapshot");
	if (order > 3) {
		/* what others free meanwhile merges into blocks again, and compaction helps */
		for (i = 0; i < 100 && ask_perf(order); i++)
			take_blocks();
		return 0;
	}
	for (blocks = 0; !take_block(order); blocks++)
		;
	printf("frag: %ld blocks of order %u, then: %s\n", blocks, order, strerror(errno));
	return 0;
}
