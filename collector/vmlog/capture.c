/* SPDX-License-Identifier: MIT */
/* capture.c - which files are copied at an OOM, in what order, and into batches. */
#include "vmlog/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/when.h"
#include "vmlog/layout.h"

/* ---- what is copied ---- */

/* Not those of the series, which are read at an OOM anyway (sources.c). */
static const char *const files[] = {
	"/proc/uptime", "/proc/modules", "/proc/cgroups", "/proc/diskstats", "/proc/softirqs",
	"/proc/schedstat", "/proc/sysvipc/shm", "/proc/net/protocols", "/proc/net/sockstat6",
	"/proc/sys/fs/inode-nr", "/proc/sys/fs/dentry-state", "/proc/sys/fs/aio-nr",
	"/proc/sys/kernel/threads-max", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/tainted",
	"/proc/sys/kernel/numa_balancing", "/proc/sys/kernel/panic",
	"/proc/sys/net/ipv4/tcp_mem", "/proc/sys/net/ipv4/udp_mem",
	"/proc/sys/net/ipv4/tcp_rmem", "/proc/sys/net/ipv4/tcp_wmem",
	"/sys/kernel/profiling", "/sys/block/zram0/io_stat", "/sys/block/zram0/comp_algorithm",
	"/sys/block/zram0/disksize", "/sys/block/zram0/mem_limit",
};

static const struct str no_names[] = {STR_INIT("")}, node_files[] = {
	STR_INIT("meminfo"), STR_INIT("numastat"), STR_INIT("vmstat"), STR_INIT("distance"),
	STR_INIT("cpulist"), STR_INIT("")};
/* v2, then v1 */
static const struct str group_files[] = {
	STR_INIT("memory.current"), STR_INIT("memory.stat"), STR_INIT("memory.events"),
	STR_INIT("memory.events.local"), STR_INIT("memory.max"), STR_INIT("memory.high"),
	STR_INIT("memory.low"), STR_INIT("memory.min"), STR_INIT("memory.peak"),
	STR_INIT("memory.swap.current"), STR_INIT("memory.swap.max"), STR_INIT("memory.pressure"),
	STR_INIT("memory.oom.group"), STR_INIT("memory.usage_in_bytes"),
	STR_INIT("memory.limit_in_bytes"), STR_INIT("memory.max_usage_in_bytes"),
	STR_INIT("memory.failcnt"), STR_INIT("memory.oom_control"),
	STR_INIT("memory.memsw.usage_in_bytes"), STR_INIT("memory.memsw.limit_in_bytes"),
	STR_INIT("memory.kmem.usage_in_bytes"), STR_INIT("")};
/* Reading these does something: a walk over all CPUs, a walk over all pages. */
static const struct str harmful[] = {STR_INIT("stat_refresh"), STR_INIT("drop_caches"),
				     STR_INIT("compact_memory"), STR_INIT("bitmap"), STR_INIT("")};

/* Directories whose files are copied, with what is below them: all files, or those named. */
static const struct tree {
	const char *path;
	const struct str *only;
} trees[] = {
	{"/proc/sys/vm", no_names},
	{"/sys/kernel/mm", no_names},
	{"/sys/devices/system/node", node_files},
	{"/sys/module/zswap/parameters", no_names},
};

enum who { USER, KERNEL }; /* KERNEL: without memory of their own: zombies too */

/* Files of each process, in order of value; the passes in order of the danger that one waits:
 * only smaps_rollup needs the process's own lock, which it may hold while it waits for memory,
 * and walks its page tables. */
static const char *const user_files[] = {
	"status", "stat", "statm", "oom_score", "oom_score_adj", "cgroup", "limits", "wchan",
	"stack", "io", "schedstat", NULL};
static const char *const kernel_files[] = {"status", "stat", "wchan", "stack", "schedstat", NULL};
static const char *const slow_files[] = {"smaps_rollup", NULL};

enum { ROLLUP_PAGES_MAX = 65536 }; /* 256 MiB: a walk of a millisecond or two */

/* ---- batches ---- */

static bool is_over(const struct capture *c)
{
	return c->stuck || c->files >= CAPTURE_FILES_MAX || c->bytes >= CAPTURE_BYTES_MAX ||
	       when_monotonic() - c->start_us > CAPTURE_US;
}

/* Hand over the files of the batch; those that do not fit together, half by half. */
static void hand_over(struct capture *c)
{
	size_t from = 0, done = 0;

	while (done < c->n_files) {
		size_t n = c->n_files - done;
		int taken = 0;

		while (n && taken == 0) {
			taken = c->hand(c->ctx, (struct str){c->p + from,
							      c->ends[done + n - 1] - from});
			n = taken ? n : n / 2;
		}
		c->stuck = taken < 0;
		if (c->stuck)
			break;
		if (n == 0) { /* one that does not even fit alone */
			c->refused++;
			n = 1;
		}
		done += n;
		from = c->ends[done - 1];
	}
	c->n = c->n_files = 0;
}

static void end_file(struct capture *c, size_t n)
{
	c->n += n;
	if (c->p[c->n - 1] != '\n')
		c->p[c->n++] = '\n';
	c->ends[c->n_files++] = (uint32_t)c->n;
}

/* Room for a name, the mark of a cut file, its content and a newline. */
static void make_room(struct capture *c)
{
	if (c->n_files == RING_SOURCES ||
	    c->room - c->n < RING_NAME_MAX + 32 + CAPTURE_FILE_MAX)
		hand_over(c);
}

/* To its end or the room's; -errno when nothing could be read. */
static ssize_t read_whole(int fd, char *p, size_t room)
{
	size_t n = 0;
	ssize_t got;

	while (n < room && (got = fd_read(fd, p + n, room - n)) != 0) {
		if (got < 0)
			return n ? (ssize_t)n : -errno;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* Not allowed is worth telling; what is gone, or was never there, is not. */
static int nothing(struct capture *c, int errnum)
{
	c->refused += errnum == EACCES || errnum == EPERM;
	return 0;
}

/* One file, as PREFIX PATH in the batch: 1, or 0 when it is not there or empty. */
static int copy(struct capture *c, int fd, const char *prefix, const char *path)
{
	int errnum = fd < 0 ? errno : 0;
	char name[512];
	struct str full = {name, 0}, head;
	bool cut;
	ssize_t n;

	full.n = (size_t)snprintf(name, sizeof(name), "%s%s", prefix, path);
	c->breathe();
	if (fd < 0 || full.n > RING_NAME_MAX)
		return nothing(c, fd < 0 ? errnum : EPERM);
	make_room(c);
	head = layout_name(c->p + c->n, c->room - c->n, full, 0, false);
	n = read_whole(fd, c->p + c->n + head.n, CAPTURE_FILE_MAX);
	if (n <= 0)
		return nothing(c, (int)-n);
	cut = n == CAPTURE_FILE_MAX;
	if (cut) { /* the name line is longer then */
		char line[RING_NAME_MAX + 32];
		struct str mark = layout_name(line, sizeof(line), full, 0, true);

		memmove(c->p + c->n + mark.n, head.p + head.n, (size_t)n);
		memcpy(c->p + c->n, mark.p, mark.n);
		head.n = mark.n;
	}
	c->files++;
	c->cut += cut;
	c->bytes += (size_t)n;
	end_file(c, head.n + (size_t)n);
	return 1;
}

static int copy_at(struct capture *c, int dir, const char *name, const char *prefix,
		   const char *path)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	return copy(c, fd, prefix, path);
}

/* ---- trees of files ---- */

static bool is_among(struct str name, const struct str *list)
{
	for (; list->n; list++) {
		if (str_eq(name, *list))
			return true;
	}
	return false;
}

static void copy_tree(struct capture *c, int dir, const char *prefix, const struct str *only,
		      int groups)
{
	struct walk_entry e;

	if (!walk_begin(c->walk, dir))
		return;
	while (!is_over(c) && walk_next(c->walk, &e)) {
		if (!e.name && groups-- == 0) {
			c->groups_left_out = true;
			break;
		}
		if (!e.name || is_among(str_of(e.name), harmful) ||
		    (only->n && !is_among(str_of(e.name), only)))
			continue;
		copy_at(c, e.dir, e.name, prefix, c->walk->path);
	}
	walk_end(c->walk);
}

static void copy_machine(struct capture *c)
{
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		CLEANUP_FD int fd = root_openat(c->root, files[i], O_RDONLY);

		copy(c, fd, "", files[i]);
	}
	for (size_t i = 0; i < ARRAY_COUNT(trees); i++) {
		CLEANUP_FD int dir = root_openat(c->root, trees[i].path, O_RDONLY | O_DIRECTORY);

		copy_tree(c, dir, trees[i].path, trees[i].only, 1000);
	}
}

/* ---- processes ---- */

/* Pages that it has in memory; *who by its size. False: it is gone. */
static bool look_at_size(const struct capture *c, const char *pid, enum who *who, int64_t *rss)
{
	char path[64], room[128];
	struct str text;
	int64_t size;

	snprintf(path, sizeof(path), "%.20s/statm", pid);
	text = look_read(c->proc_fd, path, room, sizeof(room));
	if (!take_i64(&text, &size))
		return false;
	skip_blanks(&text);
	*who = size > 0 ? USER : KERNEL;
	return take_i64(&text, rss);
}

static void copy_processes(struct capture *c, enum who who, const char *const *names,
			   int64_t pages_max)
{
	struct listing *l = c->walk->l; /* nothing is walked meanwhile */
	const char *pid;
	uint8_t type;

	l->fd = c->proc_fd;
	l->at = l->n = 0;
	if (c->proc_fd < 0 || lseek(c->proc_fd, 0, SEEK_SET) < 0)
		return;
	while (!is_over(c) && (pid = listing_next(l, &type))) {
		int64_t rss;
		enum who is;
		int got = 0;

		if (!ascii_digit(pid[0]) || !look_at_size(c, pid, &is, &rss) || is != who ||
		    rss > pages_max)
			continue;
		for (size_t i = 0; names[i]; i++) {
			char path[64];

			snprintf(path, sizeof(path), "/%.20s/%s", pid, names[i]);
			got |= copy_at(c, c->proc_fd, path + 1, "/proc", path);
		}
		c->processes += got && names != slow_files;
	}
}

static void count_up(struct capture *c)
{
	int64_t us = when_monotonic() - c->start_us;
	int64_t cpu = when_thread_cpu() - c->start_cpu_us;
	struct out o;

	make_room(c);
	o = (struct out){(uint8_t *)c->p + c->n, 0, c->room - c->n, false, NULL};
	out_line(&o, "---- " CAPTURE_NAME "\n");
	out_line(&o, "# %u files of %u processes and the machine, %zu bytes in %lld.%03lld s "
		     "(%lld.%03lld s CPU)", c->files, c->processes, c->bytes,
		 (long long)(us / 1000000), (long long)(us / 1000 % 1000),
		 (long long)(cpu / 1000000), (long long)(cpu / 1000 % 1000));
	if (c->cut)
		out_line(&o, ", %u cut at %d kB", c->cut, CAPTURE_FILE_MAX / 1024);
	if (c->refused)
		out_line(&o, ", %u could not be read", c->refused);
	if (c->groups_left_out)
		out_line(&o, ", control groups after the %d. left out", CAPTURE_GROUPS_MAX);
	if (is_over(c))
		out_line(&o, ", then it was enough");
	end_file(c, o.n);
}

void capture_run(struct capture *c)
{
	c->n = c->n_files = c->bytes = 0;
	c->files = c->processes = c->refused = c->cut = 0;
	c->groups_left_out = c->stuck = false;
	c->start_us = when_monotonic();
	c->start_cpu_us = when_thread_cpu();
	copy_machine(c);
	copy_processes(c, USER, user_files, INT64_MAX);
	copy_tree(c, c->cgroup_fd, "/sys/fs/cgroup", group_files, CAPTURE_GROUPS_MAX);
	copy_processes(c, KERNEL, kernel_files, INT64_MAX);
	hand_over(c); /* it is safe then, should the next ones not come back */
	copy_processes(c, USER, slow_files, ROLLUP_PAGES_MAX);
	count_up(c);
	hand_over(c);
}
