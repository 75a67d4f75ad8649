/* An OOM storm: storm fast|thrash|mix SECONDS [FILE]. FILE, of some 160 MiB, is touched at random.
 * The one that starts the others is not killed itself; those that die are started again.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *name;
	int hogs, leaks, touchers;
} kinds[] = {
	{"fast", 4, 0, 0},   /* as fast as they can */
	{"thrash", 0, 1, 2}, /* a slow leak while a file is in use */
	{"mix", 30, 0, 6},
};

static const char *file = "/mnt/file";

static void adjust(const char *value)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		perror("storm: oom_score_adj");
	close(fd);
}

static void eat(unsigned int pause_us)
{
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p != MAP_FAILED)
			memset(p, 1, 1 << 20);
		if (pause_us)
			usleep(pause_us);
	}
}

static void touch(void)
{
	int fd = open(file, O_RDONLY);
	struct stat st;
	volatile const char *p;
	unsigned int seed = (unsigned int)getpid();

	if (fd < 0 || fstat(fd, &st) || st.st_size < 4096)
		_exit(1);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (;;)
		(void)p[(off_t)rand_r(&seed) * 4096 % st.st_size];
}

static pid_t start(int is_hog, int is_leak)
{
	pid_t pid = fork();

	if (pid == 0) {
		adjust("0");
		if (is_hog || is_leak)
			eat(is_leak ? 125000 : 0); /* 8 MiB a second */
		touch();
	}
	return pid;
}

int main(int argc, char **argv)
{
	static pid_t pids[64];
	struct timespec now, end;
	int kind = -1, n, died = 0;

	for (size_t k = 0; argc > 2 && k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (!strcmp(argv[1], kinds[k].name))
			kind = (int)k;
	if (kind < 0)
		return 2;
	if (argc > 3)
		file = argv[3];
	adjust("-1000");
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += strtol(argv[2], NULL, 10);
	n = kinds[kind].hogs + kinds[kind].leaks + kinds[kind].touchers;
	for (;;) {
		pid_t dead;

		for (int i = 0; i < n; i++)
			if (!pids[i])
				pids[i] = start(i < kinds[kind].hogs,
						i >= kinds[kind].hogs &&
							i < kinds[kind].hogs + kinds[kind].leaks);
		usleep(20000);
		while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
			for (int i = 0; i < n; i++)
				if (pids[i] == dead)
					pids[i] = 0;
			died++;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			break;
	}
	for (int i = 0; i < n; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	printf("storm: %s, %d processes died\n", argv[1], died);
	return 0;
}
