/* SPDX-License-Identifier: MIT */
/* cputime.c - runs commands in turn, several rounds, and prints the medians of their CPU time.
 *
 *	cputime ROUNDS < list	lines of "NAME TAB MIB TAB COMMAND"
 *
 * All commands run once a round, so that a neighbour's load hits them alike; the first row of
 * each block (blocks end with an empty line) is what the others are compared with. CPU time is
 * user + system of the command and all it waited for; RSS the largest process of it. Standard
 * output of a command goes to a file: grep stops at the first hit when it is /dev/null.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROWS = 64, MAX_ROUNDS = 25 };

static struct row {
	char name[64], command[900];
	double mib, cpu[MAX_ROUNDS], wall[MAX_ROUNDS], rss;
	int first; /* of its block */
	int status;
} rows[MAX_ROWS];
static int n_rows, rounds;

extern char **environ;

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(struct row *r, int round, const char *out)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, r->command, NULL};
	posix_spawn_file_actions_t actions;
	struct rusage used;
	double start;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	start = now();
	if (posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ) ||
	    wait4(pid, &r->status, 0, &used) != pid) {
		perror(r->command);
		exit(EXIT_FAILURE);
	}
	posix_spawn_file_actions_destroy(&actions);
	r->wall[round] = now() - start;
	r->cpu[round] = seconds(&used.ru_utime) + seconds(&used.ru_stime);
	if ((double)used.ru_maxrss / 1024 > r->rss)
		r->rss = (double)used.ru_maxrss / 1024;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(double *v)
{
	qsort(v, (size_t)rounds, sizeof(*v), by_value);
	return v[rounds / 2];
}

static void read_rows(void)
{
	char line[1100];
	int first = 0;

	while (fgets(line, sizeof(line), stdin)) {
		char *mib = strchr(line, '\t'), *command = mib ? strchr(mib + 1, '\t') : NULL;
		struct row *r = &rows[n_rows];

		line[strcspn(line, "\n")] = 0;
		if (!command) {
			first = n_rows;
			continue;
		}
		if (n_rows == MAX_ROWS)
			break;
		*mib = *command = 0;
		snprintf(r->name, sizeof(r->name), "%.63s", line);
		snprintf(r->command, sizeof(r->command), "%.890s", command + 1);
		r->mib = strtod(mib + 1, NULL);
		r->first = first;
		n_rows++;
	}
}

int main(int argc, char **argv)
{
	char out[] = "/tmp/oomreport-bench-XXXXXX";
	int fd = mkstemp(out);

	rounds = argc == 2 ? (int)strtod(argv[1], NULL) : 0;
	if (fd < 0 || rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "cputime ROUNDS (1 to %d) < list\n", MAX_ROUNDS);
		return EXIT_FAILURE;
	}
	read_rows();
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < n_rows; i++)
			run(&rows[i], round, out);
	unlink(out);
	for (int i = 0; i < n_rows; i++) {
		struct row *r = &rows[i];
		double cpu = median(r->cpu), wall = median(r->wall);
		double ref = i == r->first ? cpu : median(rows[r->first].cpu);

		if (i == r->first)
			printf("%s%-36s %8s %8s %7s %9s %7s\n", i ? "\n" : "", "", "cpu s", "wall s",
			       "GB/s", "RSS MiB", "x first");
		printf("%-36s %8.3f %8.3f %7.3f %9.1f %7.2f%s\n", r->name, cpu, wall,
		       r->mib * 1048576 / 1e9 / (cpu > 0 ? cpu : 1e-9), r->rss,
		       ref > 0 ? cpu / ref : 0,
		       WIFEXITED(r->status) && WEXITSTATUS(r->status) < 2 ? "" : "  FAILED");
	}
	return EXIT_SUCCESS;
}
