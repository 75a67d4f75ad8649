/* SPDX-License-Identifier: MIT */
/* test_collect.c - what a hostile or huge tree does to the gathering: nothing but a line. */
#include "tree.h"

#include <time.h>

struct seen {
	char path[100], reason[120];
	enum host_result result;
	bool started;
	uint64_t bytes, lines;
};

struct seen_list {
	struct seen v[4000];
	size_t n;
	uint64_t bytes, lines;
	int fail_at; /* the receiver fails at this item; 0 = never */
	volatile int stop;
	const char *stop_at;
};

static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	struct seen_list *l = ctx;

	(void)item;
	l->bytes = l->lines = 0;
	if (l->fail_at && (int)l->n >= l->fail_at)
		return err_set(err, ERR_IO, "no space");
	return 0;
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	struct seen_list *l = ctx;

	(void)err;
	l->bytes += bytes.n;
	for (size_t i = 0; i < bytes.n; i++)
		l->lines += bytes.p[i] == '\n';
	return 0;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	struct seen_list *l = ctx;
	struct seen *s = &l->v[l->n < ARRAY_COUNT(l->v) - 1 ? l->n++ : l->n];

	(void)err;
	snprintf(s->path, sizeof(s->path), "%s", item->bundle_path);
	snprintf(s->reason, sizeof(s->reason), "%s", item->reason);
	s->result = item->result;
	s->started = item->started;
	s->bytes = item->started ? l->bytes : 0;
	s->lines = item->started ? l->lines : 0;
	if (l->stop_at && strcmp(l->stop_at, item->bundle_path) == 0)
		l->stop = 1;
	return 0;
}

static const struct seen *find(const struct seen_list *l, const char *path)
{
	static const struct seen none = {.result = (enum host_result)99};

	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i].path, path) == 0)
			return &l->v[i];
	}
	fprintf(stderr, "%s: nothing was said about it\n", path);
	return &none;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct seen_list list;

static int collect(const char *dir, const char *memcg, double *took)
{
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_plan plan = {.root = &root, .event_memcg = str_of(memcg), .stop = &list.stop};
	struct host_receiver to = {&list, on_begin, on_data, on_end};
	double start = seconds();
	int rc;

	list.n = 0;
	list.stop = 0;
	check_ok(root_open(&root, dir, &err), err);
	rc = host_collect(&plan, &to, &err);
	root_close(&root);
	*took = seconds() - start;
	return rc;
}

/* Somebody who holds a FIFO open for writing and never says anything. */
static void odd_files(void)
{
	double took;
	int fd;

	tree_file("/proc/meminfo", "MemTotal: 1 kB\n");
	if (mkfifo(tree_path("/proc/vmstat"), 0644) != 0 ||
	    mkdir(tree_path("/proc/zoneinfo"), 0755) != 0 ||
	    symlink("/etc/passwd", tree_path("/proc/buddyinfo")) != 0 ||
	    symlink("loadavg", tree_path("/proc/loadavg")) != 0)
		exit(EXIT_FAILURE);
	fd = open(tree_path("/proc/vmstat"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	/* a file of a terabyte of zeros stands for one that never ends */
	tree_file("/proc/slabinfo", "");
	if (truncate(tree_path("/proc/slabinfo"), INT64_C(1) << 40) != 0)
		exit(EXIT_FAILURE);
	tree_file("/proc/uptime", "secret\n");
	/* names that a pattern finds: what is nothing to read is not spoken of */
	tree_file("/proc/sys/vm/compact_memory", "");
	tree_file("/proc/sys/vm/swappiness", "60\n");
	tree_file("/sys/fs/cgroup/cgroup.controllers", "memory\n");
	tree_file("/sys/fs/cgroup/memory.reset", "");
	tree_file("/sys/fs/cgroup/memory.max", "max\n");
	if (mkdir(tree_path("/proc/sys/vm/folder"), 0755) != 0 ||
	    mkfifo(tree_path("/proc/sys/vm/pipe"), 0644) != 0 ||
	    mkdir(tree_path("/sys/fs/cgroup/memory.slice"), 0755) != 0 ||
	    chmod(tree_path("/proc/sys/vm/compact_memory"), 0200) != 0 ||
	    chmod(tree_path("/sys/fs/cgroup/memory.reset"), 0200) != 0)
		exit(EXIT_FAILURE);
	check_int(collect(tree, "", &took), 0);
	check(took < 15);
	check_int(find(&list, "proc/meminfo")->result, HOST_READ);
	check_int((int64_t)find(&list, "proc/meminfo")->bytes, 15);
	check_int(find(&list, "proc/vmstat")->result, HOST_SKIPPED);
	check_str(str_of(find(&list, "proc/vmstat")->reason), STR("is a FIFO, not a file"));
	check_int(find(&list, "proc/zoneinfo")->result, HOST_SKIPPED);
	check_int(find(&list, "proc/buddyinfo")->result, HOST_ABSENT); /* not ours: inside the root */
	check_int(find(&list, "proc/loadavg")->result, HOST_FAILED);
	check_int(find(&list, "proc/slabinfo")->result, HOST_CUT);
	check_int((int64_t)find(&list, "proc/slabinfo")->bytes, 512 * 1024);
	check_int(find(&list, "proc/sys/vm/swappiness")->result, HOST_READ);
	check_int(find(&list, "cgroup/memory.max")->result, HOST_READ);
	check_int(find(&list, "proc/sys/vm/pipe")->result, HOST_SKIPPED);
	for (size_t i = 0; i < list.n; i++)
		check(!strstr(list.v[i].path, "compact_memory") &&
		      !strstr(list.v[i].path, "folder") && !strstr(list.v[i].path, "memory.reset") &&
		      !strstr(list.v[i].path, "memory.slice"));
	check(rmdir(tree_path("/sys/fs/cgroup/memory.slice")) == 0); /* no group of those to come */
	check_int(find(&list, "proc/swaps")->result, HOST_ABSENT);
	check_str(str_of(find(&list, "proc/swaps")->reason), STR("not there"));
	close(fd);
}

/* Only what is asked for, each with what it holds, whatever the one before was. */
static void asked_for(void)
{
	enum { FILES = 30, ENDLESS = 7, PIPE = 11 };
	static const char *const all[] = {"*", NULL};
	static char paths[FILES][32];
	const char *extra[FILES + 2] = {"/srv/many/*"};
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_plan plan = {.root = &root, .extra = extra, .leave_out = all};
	struct host_receiver to = {&list, on_begin, on_data, on_end};
	char text[FILES + 1] = "", path[40];

	for (int i = 0; i < FILES; i++) {
		text[i] = 'x';
		snprintf(path, sizeof(path), "/srv/many/f%02d", i);
		snprintf(paths[i], sizeof(paths[i]), "/srv/named/f%02d", i);
		tree_file(path, text);
		tree_file(paths[i], text);
		extra[i + 1] = paths[i];
	}
	if (truncate(tree_path("/srv/many/f07"), INT64_C(1) << 40) != 0 ||
	    truncate(tree_path("/srv/named/f07"), INT64_C(1) << 40) != 0 ||
	    unlink(tree_path("/srv/named/f11")) != 0 || unlink(tree_path("/srv/many/f11")) != 0 ||
	    mkfifo(tree_path("/srv/many/f11"), 0644) != 0)
		exit(EXIT_FAILURE);
	list.n = 0;
	check_ok(root_open(&root, tree, &err), err);
	check_ok(host_collect(&plan, &to, &err), err);
	root_close(&root);
	for (int i = 0; i < 2 * FILES; i++) {
		int n = i % FILES;
		const struct seen *s;

		snprintf(path, sizeof(path), "srv/%s/f%02d", i < FILES ? "many" : "named", n);
		s = find(&list, path);
		if (n == PIPE)
			check_int(s->result, i < FILES ? HOST_SKIPPED : HOST_ABSENT);
		else
			check_int((int64_t)s->bytes, n == ENDLESS ? 8192 * 1024 : n + 1);
	}
	check_int(find(&list, "proc/meminfo")->result, HOST_SKIPPED);
}

static void stopping(void)
{
	double took;

	list.stop_at = "proc/meminfo";
	check_int(collect(tree, "", &took), 0);
	check_int((int64_t)list.n, 1);
	list.stop_at = NULL;
	list.fail_at = 1;
	check_int(collect(tree, "", &took), -1);
	list.fail_at = 0;
}

enum { GROUPS = 10000, PROCESSES = 30000 };

static void many_groups(void)
{
	char path[200];
	double took;

	tree_file("/sys/fs/cgroup/cgroup.controllers", "memory\n");
	for (int i = 0; i < GROUPS; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/s%d.slice/g%d.scope/memory.current",
			 i / 100, i);
		tree_file(path, "4096\n");
	}
	tree_file("/sys/fs/cgroup/s7.slice/memory.max", "max\n");
	tree_file("/sys/fs/cgroup/s7.slice/g707.scope/memory.max", "20480\n");
	tree_file("/sys/fs/cgroup/s7.slice/g707.scope/memory.events", "low 0\noom 2\noom_kill 2\n");
	check_int(collect(tree, "/s7.slice/g707.scope", &took), 0);
	check(took < 30);
	/* groups, their slices, the root, the header; or cut in time */
	check(find(&list, "cgroup/tree.tsv")->result == HOST_CUT ||
	      find(&list, "cgroup/tree.tsv")->lines == GROUPS + GROUPS / 100 + 2);
	check_int(find(&list, "cgroup/s7.slice/g707.scope/memory.max")->result, HOST_READ);
	check_int(find(&list, "cgroup/s7.slice/memory.max")->result, HOST_READ);
	check_int((int64_t)find(&list, "cgroup/siblings.tsv")->lines, 101);
	printf("%d groups: %.2f s\n", GROUPS, took);
}

static void many_processes(void)
{
	static const char status[] = "Name:\tsleeper\nState:\tS (sleeping)\nPPid:\t1\n"
				     "VmRSS:\t    100 kB\nVmSwap:\t 0 kB\n";
	char path[100];
	double took;

	for (int i = 0; i < PROCESSES; i++) {
		snprintf(path, sizeof(path), "/proc/%d/status", 100 + i);
		tree_file(path, status);
	}
	/* time is over before all were looked into; who has shared memory comes first */
	snprintf(path, sizeof(path), "/proc/%d/status", 100 + PROCESSES - 1);
	tree_file(path, "Name:\tholder\nVmRSS:\t 9 kB\nRssShmem:\t 8 kB\n");
	snprintf(path, sizeof(path), "/proc/%d/maps", 100 + PROCESSES - 1);
	tree_file(path, "00400000-00500000 rw-s 00000000 00:01 3 /memfd:held (deleted)\n");
	check_int(collect(tree, "", &took), 0);
	check(took < 60);
	check_int((int64_t)find(&list, "proc/shmem-holders.tsv")->lines, 2);
	check(find(&list, "proc/processes.tsv")->result == HOST_CUT ||
	      find(&list, "proc/processes.tsv")->lines == PROCESSES + 1);
	printf("%d processes: %.2f s\n", PROCESSES, took);
}

/* The table itself: every row says why, and names a path of the machine. */
static void rows(void)
{
	struct host_source_row row;
	int cost = -1;
	size_t i;

	for (i = 0; host_source_row(i, &row); i++) {
		check(row.source && row.source[0] && row.why && strlen(row.why) > 4 && row.topic);
		check(row.cost >= 0 && row.cost <= 2);
		check(row.cost >= cost); /* the table reads in the order of the work */
		cost = row.cost;
	}
	check(i > 100);
}

int main(void)
{
	tree_make();
	rows();
	odd_files();
	asked_for();
	stopping();
	many_groups();
	many_processes();
	return tests_done();
}
