/* SPDX-License-Identifier: MIT */
/* processes.c - what /proc says of one process, and of the few that are looked at closely. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/listing.h"
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
	CLEANUP_FD int fd = -1;
	struct listing names = {.n = 0};
	const char *name;
	uint8_t type;
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)pid);
	fd = root_openat(root, path, O_RDONLY | O_DIRECTORY);
	*denied = fd < 0 && (errno == EACCES || errno == EPERM);
	names.fd = fd;
	while (fd >= 0 && rc == 0 && (name = listing_next(&names, &type))) {
		ssize_t n = ascii_digit(name[0]) ? readlinkat(fd, name, to, sizeof(to)) : -1;

		if (n > 0)
			rc = one(ctx, pid, name, (struct str){to, (size_t)n}, err);
	}
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

/* openat(2) below the process's own directory is a third of the work of a full path. The kernel
 * hands out such a file at once: what ends as a line does is all of it. */
static struct str read_in(int dir, const char *name, char *window, size_t room)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	size_t n = 0;

	while (fd >= 0 && n < room && (n == 0 || window[n - 1] != '\n')) {
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

/* Since 6.2 the size of /proc/PID/fd is the number of open files, and everybody may know it;
 * before (and where it is 0) they are counted. */
static int64_t count_fds(int dir)
{
	CLEANUP_FD int fd = -1;
	struct listing names = {.n = 0};
	struct statfs fs;
	struct stat st;
	uint8_t type;
	int64_t n = 0;

	if (fstatat(dir, "fd", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0 &&
	    fstatfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		return st.st_size;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return UNKNOWN;
	names.fd = fd;
	while (n < 100000 && listing_next(&names, &type))
		n++;
	return n > 2 ? n - 2 : 0;
}

bool process_read(const struct root *root, int64_t pid, enum process_depth depth,
		  struct process *ret)
{
	char path[64], window[STATUS_MAX];
	CLEANUP_FD int dir = -1;
	struct str text;

	snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	dir = root_openat(root, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return false;
	*ret = (struct process){
		.pid = pid, .ppid = UNKNOWN, .uid = UNKNOWN, .threads = UNKNOWN,
		.vm_kb = UNKNOWN, .rss_kb = UNKNOWN, .rss_anon_kb = UNKNOWN,
		.rss_file_kb = UNKNOWN, .shmem_kb = UNKNOWN, .swap_kb = UNKNOWN,
		.locked_kb = UNKNOWN, .pte_kb = UNKNOWN, .hugetlb_kb = UNKNOWN,
		.oom_score = UNKNOWN, .oom_score_adj = UNKNOWN, .fds = UNKNOWN, .state = '?',
	};
	text = read_in(dir, "status", window, sizeof(window));
	if (!text.n)
		return false;
	read_status(text, ret);
	if (depth >= PROCESS_GROUP)
		read_cgroup(read_in(dir, "cgroup", window, sizeof(window)), ret);
	if (depth < PROCESS_ALL)
		return true;
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

/* ---- the largest ---- */

static int to_buf(void *ctx, struct str bytes, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes);
	return 0;
}

/* smaps_rollup and cmdline take the address space's lock, which an OOM victim may hold for
 * long: at arm's length, and never more than 300 ms each. */
static enum host_result aside(struct gather *g, int64_t pid, const char *file, struct buf *out)
{
	char path[64], reason[120];
	struct read_request q = {.path = path, .max = 4000, .aside = true,
				 .deadline_us = when_monotonic() + 300000};
	struct read_sink to = {to_buf, out};
	enum host_result result = HOST_SKIPPED;

	buf_clear(out);
	if (gather_gives_up(g))
		return result;
	snprintf(path, sizeof(path), "/proc/%lld/%s", (long long)pid, file);
	if (reader_read(&g->reader, &q, &to, &result, reason, NULL) < 0 ||
	    (result != HOST_READ && result != HOST_CUT))
		buf_clear(out);
	return result;
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

const char *processes_hidden(const struct gather *g)
{
	CLEANUP_FD int first = -1;

	if (!g->live || geteuid() == 0)
		return NULL;
	first = root_openat(g->plan->root, "/proc/1", O_RDONLY | O_DIRECTORY);
	return first < 0 && errno == ENOENT ? "processes of other users are hidden: /proc is mounted "
					      "with hidepid (needs root)"
					    : NULL;
}

const char *table_gaps(const struct gather *g, const char *what, int64_t denied, char room[120])
{
	const char *hidden = processes_hidden(g);

	if (gather_gives_up(g))
		return "took too long: columns are left empty";
	if (hidden || !denied)
		return hidden;
	snprintf(room, 120, "%s of %lld process%s may not be read%s", what, (long long)denied,
		 denied == 1 ? "" : "es", geteuid() ? " (needs root)" : "");
	return room;
}

static void column_command(struct buf *line, struct str text, size_t max)
{
	buf_addc(line, '\t');
	for (size_t i = 0; i < text.n && i < max; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\0' && i + 1 == text.n)
			break;
		buf_addc(line, c == '\0' ? ' ' : c < 0x20 || c == 0x7f ? '?' : text.p[i]);
	}
}

/* False when it is gone. */
static bool large_line(struct gather *g, const struct process *p, struct buf *scratch,
		       struct buf *line, int64_t *denied)
{
	static const struct str keys[] = {
		STR_INIT("Pss:"),	STR_INIT("Pss_Anon:"),	   STR_INIT("Pss_File:"),
		STR_INIT("Pss_Shmem:"), STR_INIT("Private_Dirty:"), STR_INIT("SwapPss:"),
		STR_INIT("Locked:"),
	};
	enum host_result result = aside(g, p->pid, "smaps_rollup", scratch);
	struct process again;

	/* kernels before 4.14 have no such file */
	if (result == HOST_ABSENT &&
	    !process_read(g->plan->root, p->pid, PROCESS_STATUS, &again))
		return false;
	*denied += result == HOST_DENIED;
	buf_clear(line);
	buf_addf(line, "%lld", (long long)p->pid);
	column_number(line, p->rss_kb);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		column_number(line, rollup_value(buf_str(scratch), keys[i]));
	column_text(line, str_of(p->comm));
	(void)aside(g, p->pid, "cmdline", scratch); /* everybody may read it */
	column_command(line, buf_str(scratch), 256);
	buf_addc(line, '\n');
	return true;
}

int make_largest(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf line = BUF_INIT(4096), scratch = BUF_INIT(4096);
	const struct census *c;
	int64_t denied = 0;
	const char *cut;
	char room[120];
	int rc;

	if (gather_begin(g, "/proc/PID/{smaps_rollup,cmdline}", row->dest, err) != 0)
		return -1;
	rc = gather_text(g, STR("pid\trss_kb\tpss_kb\tpss_anon_kb\tpss_file_kb\tpss_shmem_kb\t"
				"private_dirty_kb\tswap_pss_kb\tlocked_kb\tcomm\tcmdline\n"),
			 err);
	c = take_census(g);
	for (size_t i = 0; i < c->n_largest && i < CLOSELY && rc == 0; i++) {
		if (large_line(g, &c->largest[i], &scratch, &line, &denied))
			rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	buf_free(&scratch);
	if (rc < 0)
		return -1;
	cut = rc ? "took too long: the rest is left out" : table_gaps(g, "smaps_rollup", denied, room);
	return gather_end(g, cut ? HOST_CUT : HOST_READ, cut, err);
}

int make_oom_killers(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf line = BUF_INIT(4096), scratch = BUF_INIT(4096);
	const struct census *c;
	int rc = gather_begin(g, "/proc/PID/{comm,cmdline}", row->dest, err);

	if (rc == 0)
		rc = gather_text(g, STR("pid\toom_score_adj\tlocked_kb\tcomm\tcmdline\n"), err);
	c = take_census(g);
	for (size_t i = 0; i < c->n_killers && rc == 0; i++) {
		struct process p;

		if (!process_read(g->plan->root, c->killers[i], PROCESS_ALL, &p))
			continue;
		buf_clear(&line);
		buf_addf(&line, "%lld", (long long)p.pid);
		column_number(&line, p.oom_score_adj);
		column_number(&line, p.locked_kb);
		column_text(&line, str_of(p.comm));
		(void)aside(g, p.pid, "cmdline", &scratch);
		column_command(&line, buf_str(&scratch), 1000);
		buf_addc(&line, '\n');
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	buf_free(&scratch);
	if (rc < 0)
		return -1;
	return gather_end(g, rc ? HOST_CUT : HOST_READ, "took too long", err);
}
