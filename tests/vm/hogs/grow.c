/* Make kernel objects until something gives, then stay: grow KIND [DIR]. When one of its tasks is
 * killed, it ends with its whole process group.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const char *dir = "/mnt";

static void child_died(int signal)
{
	(void)signal;
	kill(0, SIGKILL);
}

static int grow_sockets(long i)
{
	int pair[2];

	(void)i;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static int grow_pipes(long i)
{
	static char page[4096];
	int ends[2];

	(void)i;
	return pipe(ends) < 0 ? -1 : write(ends[1], page, sizeof(page)) < 0 ? -1 : 0;
}

static int grow_timers(long i)
{
	(void)i;
	return timerfd_create(CLOCK_MONOTONIC, 0);
}

/* Messages nobody receives: they outlive the process that sent them. */
static int grow_messages(long i)
{
	static struct {
		long type;
		char text[900];
	} message = {1, "kept"};
	static int queue;

	if (i % 4000 == 0)
		queue = msgget(IPC_PRIVATE, 0600);
	return queue < 0 ? -1 : msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT);
}

/* Empty files in a tmpfs: nothing but a dentry and an inode each, which cannot be dropped. */
static int grow_files(long i)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s/%ld", dir, i);
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	return fd < 0 ? -1 : close(fd);
}

/* Links to one file in a tmpfs: a dentry each, counted as reclaimable, which it is not. */
static int grow_links(long i)
{
	char first[256], name[256];

	snprintf(first, sizeof(first), "%s/first", dir);
	if (i == 0)
		close(open(first, O_CREAT | O_WRONLY, 0600));
	snprintf(name, sizeof(name), "%s/%ld", dir, i);
	return link(first, name);
}

static int grow_tasks(long i)
{
	pid_t pid = fork();

	(void)i;
	if (pid == 0) {
		signal(SIGCHLD, SIG_DFL);
		for (;;)
			pause();
	}
	usleep(2000); /* let it start, so that it wants nothing more later */
	return pid < 0 ? -1 : 0;
}

/* One page of a file mapped every 2 MiB: a page table for each, and no memory of its own. */
static int grow_tables(long i)
{
	static int fd = -1;
	char *at = (char *)0x100000000000UL + i * (2L << 20);
	char *p;

	if (fd < 0 && ((fd = memfd_create("one-page", 0)) < 0 || ftruncate(fd, 4096)))
		return -1;
	p = mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	*p = 1;
	return 0;
}

static const struct {
	const char *name;
	int (*one)(long i);
} kinds[] = {
	{"sockets", grow_sockets}, {"pipes", grow_pipes}, {"timers", grow_timers},
	{"messages", grow_messages}, {"files", grow_files}, {"links", grow_links},
	{"tasks", grow_tasks}, {"tables", grow_tables},
};

int main(int argc, char **argv)
{
	struct rlimit many = {1 << 20, 1 << 20}, no_limit = {RLIM_INFINITY, RLIM_INFINITY};
	size_t k;
	long i = 0;

	signal(SIGCHLD, child_died);
	setrlimit(RLIMIT_NOFILE, &many);
	setrlimit(RLIMIT_NPROC, &no_limit);
	if (argc > 2)
		dir = argv[2];
	for (k = 0; argc > 1 && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(argv[1], kinds[k].name))
			continue;
		while (kinds[k].one(i) >= 0)
			i++;
		printf("grow: %ld %s, then: %s\n", i, argv[1], strerror(errno));
		fflush(stdout);
		pause();
	}
	return 2;
}
