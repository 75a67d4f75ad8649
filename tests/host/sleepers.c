/* SPDX-License-Identifier: MIT */
/* sleepers.c - N sleeping processes that cost as little as possible; prints how many there are
 * and lives until it is killed (its children die with it). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (line[0] == 'M' && line[3] == 'A')
			kb = strtol(line + 13, NULL, 10); /* banned: a test's helper */
	}
	if (f)
		fclose(f);
	return kb;
}

int main(int argc, char **argv)
{
	long want = argc > 1 ? strtol(argv[1], NULL, 10) : 1000; /* banned: a test's helper */
	long room = available_kb() / 200, n = 0; /* a process costs the kernel about 100 kB */
	pid_t parent = getpid();

	if (want > room)
		want = room;
	signal(SIGCHLD, SIG_IGN);
	for (; n < want; n++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			fclose(stdout);
			if (getppid() == parent)
				for (;;)
					pause();
			_exit(0);
		}
	}
	printf("%ld\n", n);
	fflush(stdout);
	for (;;)
		pause();
}
