/* Eat anonymous memory: eat [-s MIB] [-l] [-n NODE] [-w SECONDS] [-j MIB]
 * -s stop at MIB and stay, -l lock it, -n bind it to one memory node, -w go away after SECONDS,
 * -j take MIB at a time with a pause of 10 ms between. Without -s: until something gives.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MPOL_BIND 2

int main(int argc, char **argv)
{
	size_t stop = (size_t)-1, have = 0, step = 1;
	int lock = 0, node = -1, option, pause_us = 0;
	unsigned int stay = 100000;

	while ((option = getopt(argc, argv, "s:ln:w:j:")) != -1) {
		switch (option) {
		case 's': stop = strtoul(optarg, NULL, 10); break;
		case 'l': lock = 1; break;
		case 'n': node = (int)strtol(optarg, NULL, 10); break;
		case 'w': stay = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'j': step = strtoul(optarg, NULL, 10); pause_us = 10000; break;
		default: return 2;
		}
	}
	while (have < stop) {
		char *p = mmap(NULL, step << 20, PROT_READ | PROT_WRITE,
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
		have += step;
		if (pause_us)
			usleep((useconds_t)pause_us);
	}
	printf("eat: %zu MiB\n", have);
	fflush(stdout);
	sleep(stay);
	return 0;
}
