/* SPDX-License-Identifier: MIT */
/* cgroups.c - memory control groups, v1 and v2: the event's own with its parents and siblings in
 * full, all others as rows of one table. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"
#include "host/parts.h"

enum { FILES_MAX = 96, SIBLINGS_MAX = 32, DEPTH_MAX = 32 };

const char *cgroup_base(const struct root *root, bool *ret_v2)
{
	static const char *const tries[] = {"/sys/fs/cgroup/cgroup.controllers",
					    "/sys/fs/cgroup/memory"};

	for (size_t i = 0; i < ARRAY_COUNT(tries); i++) {
		CLEANUP_FD int fd = root_openat(root, tries[i], O_PATH);

		if (fd < 0)
			continue;
		*ret_v2 = i == 0;
		return i == 0 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
	}
	return NULL;
}

/* Files worth copying whole. kmem.slabinfo takes minutes on large machines (known from other
 * collectors), and what is only written cannot be read. */
static bool is_wanted(const char *name)
{
	static const char *const wanted[] = {"memory.*", "cgroup.stat", "cgroup.events",
					     "cgroup.type", "pids.current", "pids.max",
					     "hugetlb.*.current", "hugetlb.*.max",
					     "hugetlb.*.usage_in_bytes"};
	static const char *const unwanted[] = {
		"memory.kmem.slabinfo", "memory.reclaim", "memory.force_empty",
		"memory.pressure_level", "cgroup.event_control"};

	for (size_t i = 0; i < ARRAY_COUNT(unwanted); i++) {
		if (strcmp(name, unwanted[i]) == 0)
			return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		if (fnmatch(wanted[i], name, 0) == 0)
			return true;
	}
	return false;
}

/* The memory files of one group. */
static int copy_group(struct gather *g, const char *dir, struct err *err)
{
	int fd = root_openat(g->plan->root, dir, O_RDONLY | O_DIRECTORY), rc = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	unsigned n = 0;

	if (!d) {
		int errnum = errno;

		fd_close(&fd);
		return gather_absent(g, dir, NULL, HOST_ABSENT,
				     errnum == ENOENT ? "the group is gone" : strerror(errnum),
				     err);
	}
	while (rc == 0 && n < FILES_MAX && (entry = readdir(d)) && !gather_stopped(g)) {
		char path[HOST_PATH];

		if (!is_wanted(entry->d_name))
			continue;
		n++;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
		    sizeof(path))
			rc = gather_found(g, path, err);
	}
	closedir(d);
	return rc;
}

/* "/a/b" -> "/a" -> "" */
static bool to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[0] == '\0')
		return false;
	*slash = '\0';
	return true;
}

static const char *group_dir(struct gather *g, char path[HOST_PATH])
{
	bool v2;
	const char *base = cgroup_base(g->plan->root, &v2);
	struct str memcg = g->plan->event_memcg;

	while (memcg.n && memcg.p[memcg.n - 1] == '/')
		memcg.n--;
	if (!base || !str_starts(memcg, STR("/")) || str_find(memcg, STR("..")) != SIZE_MAX ||
	    memcg.n + 64 > HOST_PATH)
		memcg.n = 0;
	snprintf(path, HOST_PATH, "%.*s", STR_ARG(memcg));
	return base;
}

int make_cgroup_event(struct gather *g, const struct source_row *row, struct err *err)
{
	char group[HOST_PATH], dir[2 * HOST_PATH];
	const char *base = group_dir(g, group);

	if (!base)
		return gather_absent(g, "/sys/fs/cgroup", "cgroup", HOST_ABSENT,
				     "no memory controller is mounted", err);
	(void)row;
	do {
		snprintf(dir, sizeof(dir), "%s%s", base, group);
		if (copy_group(g, dir, err) != 0)
			return -1;
	} while (to_parent(group) && !gather_stopped(g));
	return 0;
}

/* ---- one line a group ---- */

static const char *const v2_columns[] = {
	"memory.current", "memory.peak", "memory.min", "memory.low", "memory.high", "memory.max",
	"memory.swap.current", "memory.swap.max", "memory.oom.group"};
static const char *const v1_columns[] = {
	"memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.limit_in_bytes",
	"memory.soft_limit_in_bytes", "memory.failcnt", "memory.memsw.usage_in_bytes",
	"memory.kmem.usage_in_bytes"};

struct table {
	struct gather *g;
	const char *const *columns;
	size_t n_columns;
	bool v2;
	unsigned depth_max;
	uint64_t rows;
	struct buf line;
	char path[2 * HOST_PATH]; /* below the base */
};

static struct str read_small(int dir, const char *name, char *window, size_t room)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ssize_t n = fd < 0 ? 0 : fd_read(fd, window, room);

	return str_trim((struct str){window, n > 0 ? (size_t)n : 0});
}

static void add_key(struct buf *b, struct str text, struct str key)
{
	struct str line;
	int64_t value;

	while (take_line(&text, &line)) {
		if (take_lit(&line, key) && take_char(&line, ' ') && take_i64(&line, &value)) {
			buf_addf(b, "\t%lld", (long long)value);
			return;
		}
	}
	buf_addz(b, "\t-");
}

static int table_row(struct table *t, int dir, struct err *err)
{
	char window[4096];
	struct str text;

	buf_clear(&t->line);
	for (const char *p = t->path[0] ? t->path : "/"; *p; p++)
		buf_addc(&t->line, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
	for (size_t i = 0; i < t->n_columns; i++) {
		text = read_small(dir, t->columns[i], window, 64);
		buf_addc(&t->line, '\t');
		buf_add(&t->line, text.n ? text : STR("-"));
	}
	text = read_small(dir, t->v2 ? "memory.events" : "memory.oom_control", window,
			  sizeof(window));
	add_key(&t->line, text, STR("oom_kill"));
	text = read_small(dir, "cgroup.stat", window, sizeof(window));
	add_key(&t->line, text, STR("nr_descendants"));
	add_key(&t->line, text, STR("nr_dying_descendants"));
	buf_addc(&t->line, '\n');
	t->rows++;
	return gather_text(t->g, buf_str(&t->line), err);
}

/* Rows of a group's children, then of theirs, until the file is full or its time over. */
static int table_below(struct table *t, int dir, unsigned depth, struct err *err)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	size_t at = strlen(t->path);
	struct dirent *entry;

	if (!d)
		fd_close(&copy);
	while (d && rc == 0 && (entry = readdir(d))) {
		CLEANUP_FD int sub = -1;
		size_t n = strlen(entry->d_name);

		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
		    at + n + 2 > sizeof(t->path))
			continue;
		sub = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		t->path[at] = '/';
		memcpy(t->path + at + 1, entry->d_name, n + 1);
		rc = table_row(t, sub, err);
		if (rc == 0 && depth + 1 < t->depth_max)
			rc = table_below(t, sub, depth + 1, err);
		t->path[at] = '\0';
	}
	if (d)
		closedir(d);
	return rc;
}

static int make_table(struct gather *g, const char *source, const char *dest, const char *start,
		      bool with_start, unsigned depth_max, struct err *err)
{
	struct table t = {.g = g, .depth_max = depth_max, .line = BUF_INIT(8192)};
	const char *base = cgroup_base(g->plan->root, &t.v2);
	char dir[2 * HOST_PATH], reason[120];
	CLEANUP_FD int fd = -1;
	int rc;

	if (base) {
		snprintf(dir, sizeof(dir), "%s%s", base, start);
		fd = root_openat(g->plan->root, dir, O_RDONLY | O_DIRECTORY);
	}
	if (fd < 0)
		return gather_absent(g, source, dest, HOST_ABSENT,
				     base ? strerror(errno) : "no memory controller is mounted",
				     err);
	t.columns = t.v2 ? v2_columns : v1_columns;
	t.n_columns = t.v2 ? ARRAY_COUNT(v2_columns) : ARRAY_COUNT(v1_columns);
	snprintf(t.path, sizeof(t.path), "%s", start);
	if (gather_begin(g, source, dest, err) != 0)
		return -1;
	buf_addz(&t.line, "cgroup");
	for (size_t i = 0; i < t.n_columns; i++)
		buf_addf(&t.line, "\t%s", t.columns[i]);
	buf_addz(&t.line, "\toom_kill\tnr_descendants\tnr_dying_descendants\n");
	rc = gather_text(g, buf_str(&t.line), err);
	if (rc == 0 && with_start)
		rc = table_row(&t, fd, err);
	if (rc == 0)
		rc = table_below(&t, fd, 0, err);
	buf_free(&t.line);
	if (rc < 0)
		return -1;
	snprintf(reason, sizeof(reason), "cut after %llu groups", (unsigned long long)t.rows);
	return gather_end(g, rc ? HOST_CUT : HOST_READ, reason, err);
}

/* The first few siblings whole, all of them as rows. */
static int copy_siblings(struct gather *g, const char *parent, const char *own, struct err *err)
{
	int fd = root_openat(g->plan->root, parent, O_RDONLY | O_DIRECTORY), rc = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	unsigned n = 0;

	if (!d)
		fd_close(&fd);
	while (d && rc == 0 && n < SIBLINGS_MAX && (entry = readdir(d)) && !gather_stopped(g)) {
		char path[HOST_PATH];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    strcmp(entry->d_name, own) == 0)
			continue;
		n++;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) <
		    sizeof(path))
			rc = copy_group(g, path, err);
	}
	if (d)
		closedir(d);
	return rc;
}

int make_cgroup_siblings(struct gather *g, const struct source_row *row, struct err *err)
{
	char group[HOST_PATH], own[HOST_PATH], parent[2 * HOST_PATH];
	const char *base = group_dir(g, group);
	bool there;

	if (!base || !group[0])
		return 0; /* no group of its own: the tree's table has everything */
	do { /* a group that is gone may have gone with the one above it */
		CLEANUP_FD int fd = -1;

		snprintf(own, sizeof(own), "%s", strrchr(group, '/') + 1);
		to_parent(group);
		snprintf(parent, sizeof(parent), "%s%s", base, group);
		fd = root_openat(g->plan->root, parent, O_PATH | O_DIRECTORY);
		there = fd >= 0;
	} while (!there && group[0]);
	if (make_table(g, parent, row->dest, group, false, 1, err) != 0)
		return -1;
	return copy_siblings(g, parent, own, err);
}

int make_cgroup_tree(struct gather *g, const struct source_row *row, struct err *err)
{
	return make_table(g, "/sys/fs/cgroup", row->dest, "", true, DEPTH_MAX, err);
}

/* ---- names only ---- */

struct names {
	int (*one)(void *ctx, struct str path, struct err *err);
	void *ctx;
	size_t left;
	int64_t until_us;
	char path[HOST_PATH];
};

static int names_below(struct names *n, int dir, unsigned depth, struct err *err)
{
	DIR *d = fdopendir(dir); /* closes it */
	size_t at = strlen(n->path);
	struct dirent *entry;
	int rc = 0;

	if (!d)
		fd_close(&dir);
	while (d && rc == 0 && n->left && when_monotonic() < n->until_us && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name);
		int sub;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    at + len + 2 > sizeof(n->path))
			continue;
		n->path[at] = '/';
		memcpy(n->path + at + 1, entry->d_name, len + 1);
		n->left--;
		rc = n->one(n->ctx, str_of(n->path), err);
		sub = rc == 0 && depth < DEPTH_MAX
			      ? openat(dirfd(d), entry->d_name,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			      : -1;
		if (sub >= 0)
			rc = names_below(n, sub, depth + 1, err);
		n->path[at] = '\0';
	}
	if (d)
		closedir(d);
	return rc;
}

int host_cgroups(const struct root *root, size_t max,
		 int (*one)(void *ctx, struct str path, struct err *err), void *ctx,
		 struct err *err)
{
	struct names n = {one, ctx, max, when_monotonic() + 2000000, ""};
	bool v2;
	const char *base = cgroup_base(root, &v2);
	int fd = base ? root_openat(root, base, O_RDONLY | O_DIRECTORY) : -1;

	return fd < 0 ? 0 : names_below(&n, fd, 0, err);
}
