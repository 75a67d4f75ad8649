/* Eat anonymous memory: eat [-s MIB] [-f MIB] [-l] [-r] [-n NODE] [-j MIB]
 *     [-w FILE]
 * -s stop at MIB and stay, -f stop when only MIB are free, -l lock it, -r bytes that do not
 * compress, -n bind it to one memory node, -j take MIB at a time with a pause of 10 ms between.
 * -w write FILE instead, and lock what was written in memory.
 * Without -s and -f: until something gives.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MPOL_BIND 2

static size_t free_mib(void)
{
	char line[128];
	size_t kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "MemFree:", 8))
			kb = strtoul(line + 8, NULL, 10);
	if (f)
		fclose(f);
	return kb >> 10;
}

/* Write a MiB; each page is locked as soon as it is written, so that it is still there: a lock
 * that had to read it again would be the one that asks for memory, not the writer. True unless
 * the disk is full. */
static int write_and_lock(int fd, size_t have)
{
	static char page[4096];
	off_t at = (off_t)(have << 20), end = at + (1 << 20);
	char *mib = mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, at);

	if (mib == MAP_FAILED)
		return 0;
	for (char *p = mib; at < end; at += (off_t)sizeof(page), p += sizeof(page))
		if (pwrite(fd, page, sizeof(page), at) != (ssize_t)sizeof(page) ||
		    mlock(p, sizeof(page)))
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long state = 88172645463325252UL;
	size_t stop = (size_t)-1, leave = 0, have = 0, step = 1;
	int lock = 0, random = 0, node = -1, option, pause_us = 0, file = -1;

	while ((option = getopt(argc, argv, "s:f:lrn:j:w:")) != -1) {
		switch (option) {
		case 's': stop = strtoul(optarg, NULL, 10); break;
		case 'f': leave = strtoul(optarg, NULL, 10); break;
		case 'l': lock = 1; break;
		case 'r': random = 1; break;
		case 'n': node = (int)strtol(optarg, NULL, 10); break;
		case 'j': step = strtoul(optarg, NULL, 10); pause_us = 10000; break;
		case 'w': file = open(optarg, O_RDWR | O_CREAT, 0600); break;
		default: return 2;
		}
	}
	while (have < stop && (!leave || free_mib() > leave)) {
		char *p;

		if (file >= 0) {
			if (!write_and_lock(file, have++)) {
				perror("eat: write");
				return 1;
			}
			continue;
		}
		p = mmap(NULL, step << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED) {
			perror("eat: mmap");
			break;
		}
		if (node >= 0) {
			unsigned long mask = 1UL << node;

			if (syscall(SYS_mbind, p, step << 20, MPOL_BIND, &mask, 64, 0)) {
				perror("eat: mbind");
				return 1;
			}
		}
		if (lock && mlock(p, step << 20)) {
			perror("eat: mlock");
			return 1;
		}
		memset(p, 0x5a, step << 20);
		for (size_t i = 0; random && i < step << 20; i += sizeof(state)) {
			state ^= state << 13; /* xorshift */
			state ^= state >> 7;
			state ^= state << 17;
			memcpy(p + i, &state, sizeof(state));
		}
		have += step;
		if (pause_us)
			usleep((useconds_t)pause_us);
	}
	printf("eat: %zu MiB\n", have);
	fflush(stdout);
	for (;;)
		pause();
}
