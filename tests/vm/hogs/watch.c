/* watch DIR: keep what /proc says of memory just before and just after the first event.
 * Every 20 ms meminfo and zoneinfo are read, then the kernel log is looked at: while it does not
 * tell of an event, that sample is from before it. Takes no memory during the event and writes
 * nothing until SIGTERM, then DIR/just-before and DIR/just-after. Without an event: no files.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 2, ROOM = 24576 };
static const char *const names[FILES] = {"meminfo", "zoneinfo"};
static struct sample {
	char text[FILES][ROOM];
	size_t n[FILES];
} samples[2];
static volatile sig_atomic_t ended;

static void on_term(int signal)
{
	(void)signal;
	ended = 1;
}

static void take(struct sample *s, const int *fds)
{
	for (int i = 0; i < FILES; i++) {
		ssize_t got;
		for (s->n[i] = 0; s->n[i] < ROOM; s->n[i] += (size_t)got) {
			got = pread(fds[i], s->text[i] + s->n[i], ROOM - s->n[i], (off_t)s->n[i]);
			if (got <= 0)
				break;
		}
	}
}

/* Does what is new in the kernel log tell of an event? */
static int told(int kmsg)
{
	static char record[8192 + 1];
	int seen = 0;
	ssize_t n;

	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n < 0 ? 0 : n] = '\0';
		seen |= strstr(record, "invoked oom-killer:") || strstr(record, "allocation failure:");
	}
	return seen;
}

static void keep(const char *dir, const char *when, const struct sample *s)
{
	char path[300];

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s/proc/%s", dir, when, names[i]);
		for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
			*p = '\0';
			mkdir(path, 0755);
			*p = '/';
		}
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || write(fd, s->text[i], s->n[i]) != (ssize_t)s->n[i])
			perror(path);
		if (fd >= 0)
			close(fd);
	}
}

int main(int argc, char **argv)
{
	struct sigaction term = {.sa_handler = on_term};
	int fds[FILES], event = 0, now = 0;
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	int adj = open("/proc/self/oom_score_adj", O_WRONLY);

	if (argc != 2 || kmsg < 0 || adj < 0 || write(adj, "-1000", 5) != 5)
		return 1;
	lseek(kmsg, 0, SEEK_END);
	for (int i = 0; i < FILES; i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/%s", names[i]);
		fds[i] = open(path, O_RDONLY);
		if (fds[i] < 0)
			return 1;
	}
	sigaction(SIGTERM, &term, NULL);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 1;
	take(&samples[1], fds);
	while (!ended && !event) {
		take(&samples[now], fds);
		event = told(kmsg);
		if (!event) {
			now = !now;
			usleep(20000);
		}
	}
	while (!ended)
		usleep(100000);
	if (event) {
		keep(argv[1], "just-before", &samples[!now]);
		keep(argv[1], "just-after", &samples[now]);
	}
	return 0;
}
