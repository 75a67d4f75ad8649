/* SPDX-License-Identifier: MIT */
/* watch.c - /dev/kmsg and /proc/pressure/memory as alarm bells. */
#include "vmlog/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum meaning { MEANS_OOM = 1, MEANS_KILL = 2, MEANS_TROUBLE = 4 };

/* "Killed process" also ends a memory cgroup's OOM and the lines of kernels before 4.x. */
static const struct {
	struct str text;
	unsigned meaning;
} literals[] = {
	{STR_INIT("invoked oom-killer"), MEANS_OOM},
	{STR_INIT("Killed process "), MEANS_OOM | MEANS_KILL},
	{STR_INIT("oom-kill:"), MEANS_OOM},
	{STR_INIT("Out of memory"), MEANS_OOM},
	{STR_INIT("page allocation failure"), MEANS_TROUBLE},
	{STR_INIT("page allocation stalls"), MEANS_TROUBLE},
};

/* 50 ms of stall in a second; without CAP_SYS_RESOURCE (Linux 6.4) only windows of whole two
 * seconds are given. */
static const char *const triggers[] = {"some 50000 1000000", "some 100000 2000000"};

static int open_trigger(const struct root *root, int *errnum)
{
	int fd = root_openat(root, "/proc/pressure/memory", O_RDWR);

	if (fd < 0) {
		*errnum = errno;
		return -1;
	}
	for (size_t i = 0; i < ARRAY_COUNT(triggers); i++) {
		if (write(fd, triggers[i], strlen(triggers[i]) + 1) > 0)
			return fd;
		*errnum = errno;
	}
	close(fd);
	return -1;
}

void watch_open(struct watch *w, const struct root *root)
{
	*w = (struct watch){.kmsg = -1, .psi = -1};
	if (!root_is_live(root))
		return;
	w->kmsg = root_openat(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (w->kmsg < 0)
		w->kmsg_errno = errno;
	else
		lseek(w->kmsg, 0, SEEK_END);
	w->psi = open_trigger(root, &w->psi_errno);
}

static void look_at(struct str record, struct news *news)
{
	unsigned meaning = 0;
	struct str line, head;

	if (!take_until(&record, ';', &head) || !take_line(&record, &line))
		return;
	for (size_t i = 0; i < ARRAY_COUNT(literals); i++) {
		if (str_find(line, literals[i].text) != SIZE_MAX)
			meaning |= literals[i].meaning;
	}
	news->kills += (meaning & MEANS_KILL) != 0;
	news->trouble |= (meaning & MEANS_TROUBLE) != 0;
	if (!(meaning & MEANS_OOM))
		return;
	if (!news->oom) {
		news->line_n = line.n < sizeof(news->line) ? line.n : sizeof(news->line);
		memcpy(news->line, line.p, news->line_n);
	}
	news->oom = true;
}

void watch_read(const struct watch *w, struct news *ret)
{
	static char record[8192];

	ret->kills = 0;
	ret->oom = ret->trouble = false;
	ret->line_n = 0;
	if (w->kmsg < 0)
		return;
	for (int i = 0; i < WATCH_RECORDS; i++) {
		ssize_t n = read(w->kmsg, record, sizeof(record));

		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue; /* overwritten while we were not looking: go on behind it */
		if (n <= 0)
			return;
		look_at((struct str){record, (size_t)n}, ret);
	}
}
