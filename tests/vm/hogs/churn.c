/* Storms: keep a number of processes at it for some seconds, replacing those that are killed.
 *   churn eat N SECONDS          N processes take memory as fast as they can
 *   churn leak MIB_PER_S SECONDS one process grows steadily
 *   churn touch FILE N SECONDS   N processes read a file's pages at random
 *   churn witness FILE SECONDS   what any program could do at best: a thread at SCHED_FIFO 99 that
 *                                only sleeps, a millisecond at a time; FILE gets its wake-ups that
 *                                were 2 ms late or more ("monotonic_us late_us")
 *   churn spin 1 SECONDS         never idle: with -icount an idle guest's clock is the host's
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void set_adj(const char *adj)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0 || write(fd, adj, strlen(adj)) < 0)
		perror("churn: oom_score_adj");
	close(fd);
}

static void eat(long mib_per_s)
{
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			_exit(1);
		memset(p, 0x5a, 1 << 20);
		if (mib_per_s)
			usleep((useconds_t)(1000000 / mib_per_s));
	}
}

static void spin(double end)
{
	struct sched_param none = {0};

	sched_setscheduler(0, SCHED_IDLE, &none);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	while (now() < end)
		;
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Has it waited for a page of its own since *before? Then it has faulted, or slept twice. */
static int has_waited(struct rusage *before)
{
	struct rusage last = *before;

	getrusage(RUSAGE_SELF, before);
	return before->ru_minflt != last.ru_minflt || before->ru_majflt != last.ru_majflt ||
	       before->ru_nvcsw > last.ru_nvcsw + 1;
}

static int witness(const char *file, double end)
{
	static struct {
		double at, late;
	} seen[4096];
	struct sched_param first = {.sched_priority = 99};
	struct sigaction action = {.sa_handler = stop};
	struct timespec next;
	size_t n = 0;
	struct rusage before;
	FILE *f;

	sigaction(SIGTERM, &action, NULL);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_FIFO, &first);
	clock_gettime(CLOCK_MONOTONIC, &next);
	getrusage(RUSAGE_SELF, &before);
	while (!stopped && now() < end) {
		double due, at;

		next.tv_nsec += 1000000;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		at = now();
		due = (double)next.tv_sec + (double)next.tv_nsec / 1e9;
		/* a page of its own would be no excuse for others */
		if (!has_waited(&before) && at - due >= 0.002 && n < sizeof(seen) / sizeof(*seen)) {
			seen[n].at = at;
			seen[n++].late = at - due;
		}
		if (at - due >= 0.001)
			clock_gettime(CLOCK_MONOTONIC, &next);
	}
	f = fopen(file, "w");
	if (!f)
		return 1;
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%.0f %.0f\n", seen[i].at * 1e6, seen[i].late * 1e6);
	return fclose(f) != 0;
}

static void touch(const char *file)
{
	int fd = open(file, O_RDONLY);
	struct stat st;
	volatile char *p;
	unsigned long sum = 0, seed = (unsigned long)getpid();

	if (fd < 0 || fstat(fd, &st) || st.st_size < 4096)
		_exit(1);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		_exit(1);
	for (;;) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		sum += (unsigned long)p[(seed >> 16) % (unsigned long)st.st_size];
	}
}

int main(int argc, char **argv)
{
	int touching = argc > 4 && !strcmp(argv[1], "touch");
	int leaking = argc > 3 && !strcmp(argv[1], "leak");
	long n = argc > 3 ? strtol(argv[touching ? 3 : 2], NULL, 10) : 0, started = 0, running = 0;
	double end = argc > 3 ? now() + strtod(argv[touching ? 4 : 3], NULL) : 0;
	pid_t pid;

	if (n < 1 && (argc < 4 || strcmp(argv[1], "witness")))
		return 2;
	set_adj("-1000");
	if (!strcmp(argv[1], "witness"))
		return witness(argv[2], now() + strtod(argv[3], NULL));
	if (!strcmp(argv[1], "spin")) {
		spin(end);
		return 0;
	}
	while (now() < end) {
		while (running < (leaking ? 1 : n) && (pid = fork()) >= 0) {
			if (pid == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				set_adj("0");
				if (touching)
					touch(argv[2]);
				eat(leaking ? n : 0);
			}
			started++;
			running++;
		}
		while (running && waitpid(-1, NULL, WNOHANG) > 0)
			running--;
		usleep(20000);
	}
	printf("churn: %s, %ld started\n", argv[1], started);
	fflush(stdout);
	return 0; /* the children die with us */
}
