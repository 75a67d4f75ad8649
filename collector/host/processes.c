/* SPDX-License-Identifier: MIT */
/* processes.c - all processes as one table, in bounded time and memory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/when.h"
#include "host/parts.h"

enum { STATUS_MAX = 8192 };

bool pid_walk_open(struct pid_walk *w, const struct root *root)
{
	int fd = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY);

	w->dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!w->dir)
		fd_close(&fd);
	return w->dir != NULL;
}

int pid_walk_next(struct pid_walk *w, int64_t *ret)
{
	struct dirent *entry;

	while ((entry = readdir(w->dir))) {
		struct str name = str_of(entry->d_name);

		if (take_i64(&name, ret) && name.n == 0 && *ret > 0)
			return 1;
	}
	return 0;
}

void pid_walk_close(struct pid_walk *w)
{
	if (w->dir)
		closedir(w->dir);
	w->dir = NULL;
}

int each_fd(const struct root *root, int64_t pid,
	    int (*one)(void *ctx, int64_t pid, const char *fd, struct str to, struct err *err),
	    void *ctx, bool *denied, struct err *err)
{
	char path[64], to[HOST_PATH];
	struct dirent *entry;
	int fd, rc = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)pid);
	fd = root_openat(root, path, O_RDONLY | O_DIRECTORY);
	*denied = fd < 0 && (errno == EACCES || errno == EPERM);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d)
		fd_close(&fd);
	while (d && rc == 0 && (entry = readdir(d))) {
		ssize_t n = ascii_digit(entry->d_name[0])
				    ? readlinkat(dirfd(d), entry->d_name, to, sizeof(to))
				    : -1;

		if (n > 0)
			rc = one(ctx, pid, entry->d_name, (struct str){to, (size_t)n}, err);
	}
	if (d)
		closedir(d);
	return rc;
}

/* One row of /proc/PID/status; the table says where its number goes. */
#define FIELD(key, member) {STR_INIT(key), offsetof(struct process, member)}
static const struct {
	struct str key;
	size_t offset;
} status_fields[] = {
	FIELD("PPid:", ppid),	      FIELD("Uid:", uid),
	FIELD("VmSize:", vm_kb),      FIELD("VmLck:", locked_kb),
	FIELD("VmRSS:", rss_kb),      FIELD("RssAnon:", rss_anon_kb),
	FIELD("RssFile:", rss_file_kb), FIELD("RssShmem:", shmem_kb),
	FIELD("VmPTE:", pte_kb),      FIELD("VmSwap:", swap_kb),
	FIELD("HugetlbPages:", hugetlb_kb), FIELD("Threads:", threads),
};

/* The kernel escapes newline and backslash in Name:; a tab cannot be in it unescaped. */
static void read_name(struct str value, struct process *p)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n && n + 1 < sizeof(p->comm); i++) {
		unsigned char c = (unsigned char)value.p[i];

		p->comm[n++] = c < 0x20 || c == 0x7f ? '?' : value.p[i];
	}
	p->comm[n] = '\0';
}

static void read_status(struct str text, struct process *p)
{
	struct str line;
	size_t next = 0;

	while (take_line(&text, &line)) {
		struct str key;

		if (take_lit(&line, STR("Name:\t"))) {
			read_name(line, p);
			continue;
		}
		if (take_lit(&line, STR("State:\t"))) {
			p->state = line.n ? line.p[0] : '?';
			continue;
		}
		/* the fields come in the table's order; old kernels leave some out */
		for (size_t i = next; i < ARRAY_COUNT(status_fields); i++) {
			key = line;
			if (!take_lit(&key, status_fields[i].key))
				continue;
			while (key.n && ascii_blank(key.p[0]))
				key = str_from(key, 1);
			if (!take_i64(&key,
				      (int64_t *)(void *)((char *)p + status_fields[i].offset)))
				continue;
			next = i + 1;
			break;
		}
	}
}

/* The group that carries memory: "0::/path" (v2) or the line with the memory controller. */
static void read_cgroup(struct str text, struct process *p)
{
	struct str line, number, controllers;

	while (take_line(&text, &line)) {
		bool unified;

		if (!take_until(&line, ':', &number) || !take_until(&line, ':', &controllers))
			continue;
		unified = controllers.n == 0;
		if (!unified && str_find(controllers, STR("memory")) == SIZE_MAX)
			continue;
		if (unified && p->cgroup[0] != '\0')
			continue;
		snprintf(p->cgroup, sizeof(p->cgroup), "%.*s", STR_ARG(line));
	}
}

/* openat(2) below the process's own directory is a third of the work of a full path. */
static struct str read_in(int dir, const char *name, char *window, size_t room)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	size_t n = 0;

	while (fd >= 0 && n < room) {
		ssize_t got = fd_read(fd, window + n, room - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return (struct str){window, n};
}

static int64_t number_in(int dir, const char *name)
{
	char window[32];
	struct str s = read_in(dir, name, window, sizeof(window));
	int64_t value;

	return take_i64(&s, &value) ? value : UNKNOWN;
}

/* Since 6.2 the size of /proc/PID/fd is the number of open files; before, they are counted. */
static int64_t count_fds(int dir)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = NULL;
	struct statfs fs;
	struct stat st;
	int64_t n = 0;

	if (fd < 0)
		return UNKNOWN;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC && fstat(fd, &st) == 0 &&
	    st.st_size > 0) {
		n = st.st_size;
		fd_close(&fd);
		return n;
	}
	d = fdopendir(fd);
	if (!d) {
		fd_close(&fd);
		return UNKNOWN;
	}
	while (readdir(d) && n < 100000)
		n++;
	closedir(d);
	return n > 2 ? n - 2 : 0;
}

static bool open_process(const struct root *root, int64_t pid, struct process *ret, int *dir)
{
	char path[64], window[STATUS_MAX];
	struct str text;

	snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	*dir = root_openat(root, path, O_RDONLY | O_DIRECTORY);
	if (*dir < 0)
		return false;
	*ret = (struct process){
		.pid = pid, .ppid = UNKNOWN, .uid = UNKNOWN, .threads = UNKNOWN,
		.vm_kb = UNKNOWN, .rss_kb = UNKNOWN, .rss_anon_kb = UNKNOWN,
		.rss_file_kb = UNKNOWN, .shmem_kb = UNKNOWN, .swap_kb = UNKNOWN,
		.locked_kb = UNKNOWN, .pte_kb = UNKNOWN, .hugetlb_kb = UNKNOWN,
		.oom_score = UNKNOWN, .oom_score_adj = UNKNOWN, .fds = UNKNOWN, .state = '?',
	};
	text = read_in(*dir, "status", window, sizeof(window));
	if (text.n)
		read_status(text, ret);
	return text.n > 0;
}

bool process_status(const struct root *root, int64_t pid, struct process *ret)
{
	CLEANUP_FD int dir = -1;

	return open_process(root, pid, ret, &dir);
}

bool process_read(const struct root *root, int64_t pid, struct process *ret)
{
	char window[STATUS_MAX];
	CLEANUP_FD int dir = -1;

	if (!open_process(root, pid, ret, &dir))
		return false;
	read_cgroup(read_in(dir, "cgroup", window, sizeof(window)), ret);
	ret->oom_score = number_in(dir, "oom_score");
	ret->oom_score_adj = number_in(dir, "oom_score_adj");
	ret->fds = count_fds(dir);
	return true;
}

void column_number(struct buf *b, int64_t value)
{
	if (value == UNKNOWN)
		buf_addz(b, "\t-");
	else
		buf_addf(b, "\t%lld", (long long)value);
}

void column_text(struct buf *b, struct str text)
{
	buf_addc(b, '\t');
	for (size_t i = 0; i < text.n; i++)
		buf_addc(b, (unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f ? '?' : text.p[i]);
}

static void process_line(struct buf *b, const struct process *p)
{
	const int64_t numbers[] = {p->ppid, p->uid, p->threads, p->vm_kb, p->rss_kb,
				   p->rss_anon_kb, p->rss_file_kb, p->shmem_kb, p->swap_kb,
				   p->locked_kb, p->hugetlb_kb, p->pte_kb, p->oom_score,
				   p->oom_score_adj, p->fds};

	buf_clear(b);
	buf_addf(b, "%lld", (long long)p->pid);
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		column_number(b, numbers[i]);
	buf_addf(b, "\t%c", p->state);
	column_text(b, str_of(p->comm));
	column_text(b, str_of(p->cgroup[0] ? p->cgroup : "-"));
	buf_addc(b, '\n');
}

/* ---- what else is wanted of every process ---- */

static const char *const killers[] = {
	"systemd-oomd", "earlyoom",	  "nohang",	 "oomd",     "uresourced",
	"psi-notify",	"low-memory-moni", "thrash-protect", "bustd", "below", "atop",
	"sadc",		"pmlogger",	  "oomreport-recor",
};

static void keep_large(struct census *c, struct large one)
{
	size_t at = 0;

	if (c->n_largest == LARGEST && one.kb <= c->largest[0].kb)
		return;
	if (c->n_largest < LARGEST)
		at = c->n_largest++;
	c->largest[at] = one;
	for (size_t i = 1; i < c->n_largest; i++) {
		if (c->largest[i].kb < c->largest[0].kb) {
			struct large swap = c->largest[0];

			c->largest[0] = c->largest[i];
			c->largest[i] = swap;
		}
	}
}

static void census_add(struct census *c, const struct process *p)
{
	if (p->rss_kb != UNKNOWN && p->rss_kb > 0)
		keep_large(c, (struct large){p->pid, p->rss_kb});
	for (size_t i = 0; i < ARRAY_COUNT(killers) && c->n_killers < KILLERS_MAX; i++) {
		if (strcmp(p->comm, killers[i]) == 0)
			c->killers[c->n_killers++] = p->pid;
	}
}

/* Where the table of all processes was left out or not finished. */
static void take_census(struct gather *g)
{
	struct pid_walk walk;
	struct process p;
	int64_t pid;

	if (g->census.taken || !pid_walk_open(&walk, g->plan->root))
		return;
	g->census = (struct census){.taken = true};
	while (pid_walk_next(&walk, &pid) && !gather_late(g)) {
		if (process_status(g->plan->root, pid, &p))
			census_add(&g->census, &p);
	}
	pid_walk_close(&walk);
}

/* Why columns of a table are empty, or NULL. */
static const char *gaps(const struct gather *g, const char *what, int64_t denied, char room[120])
{
	if (gather_gives_up(g))
		return "took too long: columns are left empty";
	if (!denied)
		return NULL;
	snprintf(room, 120, "%s of %lld processes may not be read (needs root)", what,
		 (long long)denied);
	return room;
}

#define PROCESS_HEADER                                                                     \
	"pid\tppid\tuid\tthreads\tvm_kb\trss_kb\trss_anon_kb\trss_file_kb\trss_shmem_kb\t"  \
	"swap_kb\tlocked_kb\thugetlb_kb\tpagetables_kb\toom_score\toom_score_adj\tfds\t"   \
	"state\tcomm\tcgroup\n"

int make_processes(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf line = BUF_INIT(4096);
	struct pid_walk walk;
	int64_t pid, done = 0, no_fds = 0;
	const char *cut;
	char reason[120];
	int rc;

	if (!pid_walk_open(&walk, g->plan->root))
		return gather_absent(g, "/proc/PID", row->dest, HOST_ABSENT, strerror(errno), err);
	rc = gather_begin(g, "/proc/PID/{status,cgroup,oom_score,oom_score_adj,fd}", row->dest,
			  err);
	if (rc == 0)
		rc = gather_text(g, STR(PROCESS_HEADER), err);
	while (rc == 0 && pid_walk_next(&walk, &pid)) {
		struct process p;

		if (!process_read(g->plan->root, pid, &p))
			continue; /* gone meanwhile */
		census_add(&g->census, &p);
		no_fds += p.fds == UNKNOWN;
		process_line(&line, &p);
		rc = gather_text(g, buf_str(&line), err);
		done++;
	}
	pid_walk_close(&walk);
	g->census.taken = rc == 0;
	buf_free(&line);
	if (rc < 0)
		return -1;
	cut = rc ? reason : g->live && geteuid() != 0 ? gaps(g, "fd", no_fds, reason) : NULL;
	if (rc)
		snprintf(reason, sizeof(reason), "cut after %lld processes", (long long)done);
	return gather_end(g, cut ? HOST_CUT : HOST_READ, cut, err);
}

/* ---- the largest ---- */

static int to_buf(void *ctx, struct str bytes, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes);
	return 0;
}

/* smaps_rollup and cmdline take the address space's lock, which an OOM victim may hold for
 * long: at arm's length, and never more than 300 ms each. */
static struct str aside(struct gather *g, int64_t pid, const char *file, struct buf *out,
			int64_t *denied)
{
	char path[64], reason[120];
	struct read_request q = {.path = path, .max = 4000, .aside = true,
				 .deadline_us = when_monotonic() + 300000};
	struct read_sink to = {to_buf, out};
	enum host_result result;

	buf_clear(out);
	if (gather_gives_up(g))
		return STR("");
	snprintf(path, sizeof(path), "/proc/%lld/%s", (long long)pid, file);
	if (reader_read(&g->reader, &q, &to, &result, reason, NULL) != 0 ||
	    (result != HOST_READ && result != HOST_CUT))
		buf_clear(out);
	*denied += result == HOST_DENIED;
	return buf_str(out);
}

static int64_t rollup_value(struct str text, struct str key)
{
	struct str line;
	int64_t value;

	while (take_line(&text, &line)) {
		if (!take_lit(&line, key))
			continue;
		skip_blanks(&line);
		if (take_i64(&line, &value))
			return value;
	}
	return UNKNOWN;
}

static void large_line(struct gather *g, const struct process *p, struct buf *scratch,
		       struct buf *line, int64_t *denied)
{
	static const struct str keys[] = {
		STR_INIT("Pss:"),	STR_INIT("Pss_Anon:"),	   STR_INIT("Pss_File:"),
		STR_INIT("Pss_Shmem:"), STR_INIT("Private_Dirty:"), STR_INIT("SwapPss:"),
		STR_INIT("Locked:"),
	};
	struct str text = aside(g, p->pid, "smaps_rollup", scratch, denied);
	int64_t ignored = 0; /* everybody may read it */

	buf_clear(line);
	buf_addf(line, "%lld", (long long)p->pid);
	column_number(line, p->rss_kb);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		column_number(line, rollup_value(text, keys[i]));
	column_text(line, str_of(p->comm));
	text = aside(g, p->pid, "cmdline", scratch, &ignored);
	buf_addc(line, '\t');
	for (size_t i = 0; i < text.n && i < 256; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\0' && i + 1 == text.n)
			break;
		buf_addc(line, c == '\0' ? ' ' : c < 0x20 || c == 0x7f ? '?' : text.p[i]);
	}
	buf_addc(line, '\n');
}

static int by_size(const void *a, const void *b)
{
	const struct large *x = a, *y = b;

	return (x->kb < y->kb) - (x->kb > y->kb);
}

size_t largest_processes(struct gather *g, int64_t pids[LARGEST])
{
	struct census *c = &g->census;

	take_census(g);
	qsort(c->largest, c->n_largest, sizeof(c->largest[0]), by_size);
	for (size_t i = 0; i < c->n_largest; i++)
		pids[i] = c->largest[i].pid;
	return c->n_largest;
}

int make_largest(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf line = BUF_INIT(4096), scratch = BUF_INIT(4096);
	int64_t pids[LARGEST], denied = 0;
	const char *cut;
	char room[120];
	size_t n;
	int rc;

	if (gather_begin(g, "/proc/PID/{smaps_rollup,cmdline}", row->dest, err) != 0)
		return -1;
	rc = gather_text(g, STR("pid\trss_kb\tpss_kb\tpss_anon_kb\tpss_file_kb\tpss_shmem_kb\t"
				"private_dirty_kb\tswap_pss_kb\tlocked_kb\tcomm\tcmdline\n"),
			 err);
	n = largest_processes(g, pids);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct process p;

		if (!process_status(g->plan->root, pids[i], &p))
			continue; /* gone meanwhile */
		large_line(g, &p, &scratch, &line, &denied);
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	buf_free(&scratch);
	if (rc < 0)
		return -1;
	cut = rc ? "took too long: the rest is left out" : gaps(g, "smaps_rollup", denied, room);
	return gather_end(g, cut ? HOST_CUT : HOST_READ, cut, err);
}

int make_oom_killers(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf line = BUF_INIT(4096), scratch = BUF_INIT(4096);
	int64_t denied = 0;
	int rc = gather_begin(g, "/proc/PID/{comm,cmdline}", row->dest, err);

	if (rc == 0)
		rc = gather_text(g, STR("pid\toom_score_adj\tlocked_kb\tcomm\tcmdline\n"), err);
	take_census(g);
	for (size_t i = 0; i < g->census.n_killers && rc == 0; i++) {
		struct process p;
		struct str text;

		if (!process_read(g->plan->root, g->census.killers[i], &p))
			continue;
		buf_clear(&line);
		buf_addf(&line, "%lld", (long long)p.pid);
		column_number(&line, p.oom_score_adj);
		column_number(&line, p.locked_kb);
		column_text(&line, str_of(p.comm));
		text = aside(g, p.pid, "cmdline", &scratch, &denied);
		buf_addc(&line, '\t');
		for (size_t c = 0; c < text.n && c < 1000; c++)
			buf_addc(&line, (unsigned char)text.p[c] < 0x20 ? ' ' : text.p[c]);
		buf_addc(&line, '\n');
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	buf_free(&scratch);
	if (rc < 0)
		return -1;
	return gather_end(g, rc ? HOST_CUT : HOST_READ, "took too long", err);
}
