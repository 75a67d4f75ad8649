/* SPDX-License-Identifier: MIT */
/* recorder.c - what a sample of the recorder costs, and what of it is the kernel's.
 *
 *	recorder_cost [SECONDS]
 *
 * For each set of sources the recorder runs at a cadence of 100 ms for SECONDS (10), and at the
 * same time a loop here only reads the same files at the same cadence, half a step apart: what
 * the machine's load and its cold caches do to one they do to the other. CPU time is that of all
 * threads (schedstat). Then, per source, the bytes of one sample against the one before it.
 * Nothing here passes or fails. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "vmlog/codec.h"
#include "vmlog/sources.h"

enum { CADENCE_US = 100000, SETTLE_US = 1500000, ARGS = 16, FILES = 16 };

extern char **environ;

static const struct set {
	const char *name;
	const char *fast; /* moved to every sample: "zoneinfo stat" */
	int goal_us;
} sets[] = {
	{"cheap files (R1)", "zoneinfo stat", 250},
	{"and slabinfo (R1)", "zoneinfo stat slabinfo", 1300},
};

static struct sources sources;

static void sleep_us(int64_t us)
{
	const struct timespec ts = {us / 1000000, us % 1000000 * 1000};

	if (us > 0)
		nanosleep(&ts, NULL);
}

static bool is_in(const struct set *set, const struct source *s)
{
	return s->fd >= 0 && s->cur.p &&
	       (s->class == VM_FAST ||
		(str_find(str_of(set->fast), str_of(s->name)) != SIZE_MAX && s->class != VM_EVENT));
}

/* ---- the recorder ---- */

static pid_t start(const char *program, const char *dir, const struct set *set)
{
	static char class[ARGS][64];
	char *argv[2 * ARGS] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "-q",
				(char *)(uintptr_t) "-o", (char *)(uintptr_t)dir,
				(char *)(uintptr_t) "--fixed", (char *)(uintptr_t) "--interval=100ms",
				(char *)(uintptr_t) "--max-size=8M",
				(char *)(uintptr_t) "--cpu-percent=100",
				(char *)(uintptr_t) "--allow-tmpfs"};
	size_t n = 9, k = 0;
	struct str names = str_of(set->fast), name;
	pid_t pid;

	while (take_word(&names, &name) && k < ARGS) {
		snprintf(class[k], sizeof(class[k]), "--class=%.*s=fast", STR_ARG(name));
		argv[n++] = class[k++];
		skip_blanks(&names);
	}
	return posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0 ? pid : -1;
}

/* Nanoseconds that each thread has run; the number of threads. */
static size_t ran_ns(pid_t pid, int64_t ret[8])
{
	char path[64];
	DIR *dir;
	struct dirent *e;
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && n < 8 && (e = readdir(dir))) {
		char file[400], text[128];
		int fd;
		ssize_t got;
		struct str s;

		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s/schedstat", path, e->d_name);
		fd = open(file, O_RDONLY | O_CLOEXEC);
		got = fd < 0 ? -1 : fd_read(fd, text, sizeof(text));
		close(fd);
		s = (struct str){text, got > 0 ? (size_t)got : 0};
		if (!take_i64(&s, &ret[n]))
			ret[n] = 0;
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* ---- reading alone ---- */

/* CPU microseconds a turn. */
static double read_only(const struct set *set, int turns)
{
	int64_t cpu = 0, next = when_monotonic() + CADENCE_US / 2;

	for (int t = 0; t < turns; t++, next += CADENCE_US) {
		int64_t before;

		sleep_us(next - when_monotonic());
		before = when_thread_cpu();
		for (size_t i = 0; i < sources.n; i++) {
			if (is_in(set, &sources.v[i]))
				source_read(&sources.v[i], &sources.v[i].cur, sources.v[i].room);
		}
		cpu += when_thread_cpu() - before;
	}
	return (double)cpu / turns;
}

static int compare(const char *program, const char *dir, const struct set *set, int turns)
{
	int64_t before[8] = {0}, after[8] = {0};
	double alone, all = 0, part[8];
	pid_t pid = start(program, dir, set);
	size_t n;
	int64_t from, took;

	if (pid < 0)
		return -1;
	sleep_us(SETTLE_US);
	from = when_monotonic();
	ran_ns(pid, before);
	alone = read_only(set, turns);
	n = ran_ns(pid, after);
	took = when_monotonic() - from;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		part[i] = (double)(after[i] - before[i]) / 1000 * CADENCE_US / (double)took;
		all += part[i];
	}
	printf("%-20s reading alone %6.0f us, recorder %6.0f us (sampling %.0f, others %.0f): %.2f "
	       "of it reads; goal %d\n",
	       set->name, alone, all, n ? part[0] : 0, n ? all - part[0] : 0, alone / all,
	       set->goal_us);
	return 0;
}

/* ---- bytes ---- */

static void weigh(const struct set *set, int turns)
{
	static uint8_t room[RING_TEXT_MAX];
	static size_t bytes[RING_SOURCES], changed[RING_SOURCES];
	double sum = 0, encode = 0;

	for (int t = 0; t <= turns; t++) {
		for (size_t i = 0; i < sources.n; i++) {
			struct source *s = &sources.v[i];
			struct out o = {room, 0, sizeof(room), false, NULL};
			int64_t before;

			if (!is_in(set, s))
				continue;
			source_read(s, &s->cur, s->room);
			before = when_thread_cpu();
			if (t && text_encode(&o, (struct str){s->last.p, s->last.n},
					     (struct str){s->cur.p, s->cur.n}) != ENTRY_SAME)
				changed[i]++;
			encode += (double)(when_thread_cpu() - before);
			bytes[i] += t ? o.n + 2 : 0; /* its number, its mode */
			memcpy(s->last.p, s->cur.p, s->cur.n);
			s->last.n = s->cur.n;
		}
		sleep_us(CADENCE_US);
	}
	printf("\nbytes a sample, %d of them %d ms apart (and %.0f us to encode them all):\n", turns,
	       CADENCE_US / 1000, encode / turns);
	for (size_t i = 0; i < sources.n; i++) {
		if (!is_in(set, &sources.v[i]))
			continue;
		sum += (double)bytes[i] / turns;
		printf("  %-18s %6zu of text %7.1f, changed in %3.0f %%\n", sources.v[i].name,
		       sources.v[i].cur.n, (double)bytes[i] / turns,
		       100.0 * (double)changed[i] / turns);
	}
	printf("  %-18s %15s %7.1f\n", "frame", "", (double)RING_FRAME_HEADER + 3);
	printf("  %-18s %15s %7.1f, without key and anchor frames and the recorder's own counters\n",
	       "all", "", sum + RING_FRAME_HEADER + 3);
}

int main(int argc, char **argv)
{
	int turns = (argc > 1 ? atoi(argv[1]) : 10) * (1000000 / CADENCE_US);
	char program[4096], dir[] = "/var/tmp/oomreport-cost-XXXXXX", file[64];
	struct root root;
	struct err err = {.code = ERR_NONE};
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
	char *slash;
	int rc = 0;

	if (n < 0 || turns < 1 || !mkdtemp(dir))
		return 1;
	program[n] = '\0';
	slash = strrchr(program, '/'); /* .../tests/recorder_cost */
	strcpy(slash, "/../oomreport-recorder");
	if (root_open(&root, "/", &err) != 0 ||
	    sources_open(&sources, &root, NULL, 0, NULL, 0, &err) != 0 ||
	    sources_allocate(&sources, &err) != 0) {
		fprintf(stderr, "recorder_cost: %s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < ARRAY_COUNT(sets) && rc == 0; i++)
		rc = compare(program, dir, &sets[i], turns);
	weigh(&sets[ARRAY_COUNT(sets) - 1], turns);
	snprintf(file, sizeof(file), "%s/" RING_FILE_NAME, dir);
	unlink(file);
	rmdir(dir);
	return rc ? 1 : 0;
}
