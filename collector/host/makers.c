/* SPDX-License-Identifier: MIT */
/* makers.c - facts that stand in no single file: sums over many, or a program's answer. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/when.h"
#include "host/parts.h"

enum { LOOK_MS = 200 };

/* ---- tmpfs ---- */

/* The mount table writes blank, tab, newline and backslash as \ooo. */
static void unescape(struct str s, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < room; i++) {
		if (s.p[i] == '\\' && i + 3 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '3') {
			out[n++] = (char)((s.p[i + 1] - '0') << 6 | (s.p[i + 2] - '0') << 3 |
					  (s.p[i + 3] - '0'));
			i += 3;
		} else {
			out[n++] = s.p[i];
		}
	}
	out[n] = '\0';
}

bool take_mount(struct str *mounts, struct mount_line *ret)
{
	struct str line, device, where, type;

	while (take_line(mounts, &line)) {
		if (!take_until(&line, ' ', &device) || !take_until(&line, ' ', &where) ||
		    !take_until(&line, ' ', &type))
			continue;
		if (!str_eq(type, STR("tmpfs")) && !str_eq(type, STR("ramfs")) &&
		    !str_eq(type, STR("devtmpfs")) && !str_eq(type, STR("hugetlbfs")))
			continue;
		if (!take_until(&line, ' ', &ret->options))
			ret->options = line;
		unescape(where, ret->where, sizeof(ret->where));
		snprintf(ret->type, sizeof(ret->type), "%.*s", STR_ARG(type));
		return true;
	}
	return false;
}

int make_tmpfs(struct gather *g, const struct source_row *row, struct err *err)
{
	struct buf mounts = BUF_INIT(512 * 1024), line = BUF_INIT(8192);
	struct mount_line m;
	struct str rest;
	int64_t tmpfs_kb = 0;
	int errnum = 0, rc;
	bool any = false;

	if (file_read(g->plan->root, "/proc/mounts", &mounts, &errnum) == READ_ERROR) {
		buf_free(&mounts);
		return gather_absent(g, "/proc/mounts", row->dest, HOST_ABSENT, strerror(errnum),
				     err);
	}
	rc = gather_begin(g, "/proc/mounts and statfs(2)", row->dest, err);
	if (rc == 0)
		rc = gather_text(g, STR("mount\ttype\ttotal_kb\tused_kb\tinodes\toptions\n"), err);
	rest = buf_str(&mounts);
	while (rc == 0 && take_mount(&rest, &m)) {
		struct fs_size size;
		bool known = reader_statfs(&g->reader, m.where, when_monotonic() + 500000, &size);

		/* in a copied tree the folder is just a folder */
		known = known && (g->live || size.type == TMPFS_MAGIC || size.type == RAMFS_MAGIC);
		if (known && strcmp(m.type, "tmpfs") == 0 &&
		    !__builtin_add_overflow(tmpfs_kb, size.used_kb, &tmpfs_kb))
			any = true;
		buf_clear(&line);
		for (const char *p = m.where; *p; p++)
			buf_addc(&line, (unsigned char)*p < 0x20 ? '?' : *p);
		buf_addf(&line, "\t%s", m.type);
		if (known)
			buf_addf(&line, "\t%lld\t%lld\t%lld", (long long)size.total_kb,
				 (long long)size.used_kb, (long long)size.inodes_used);
		else
			buf_addz(&line, "\t-\t-\t-");
		buf_addf(&line, "\t%.*s\n", STR_ARG(m.options));
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&mounts);
	buf_free(&line);
	if (rc < 0)
		return -1;
	if (any && g->plan->facts)
		facts_set_tmpfs(g->plan->facts, tmpfs_kb);
	return gather_end(g, rc ? HOST_CUT : HOST_READ, "too many mounts", err);
}

/* ---- kernel configuration ---- */

int make_config(struct gather *g, const struct source_row *row, struct err *err)
{
	static const char *const places[] = {"/boot/config-%s", "/lib/modules/%s/config",
					     "/usr/lib/modules/%s/config"};
	char release[200], path[HOST_PATH];

	(void)row;
	if (small_text(g->plan->root, "/proc/sys/kernel/osrelease", release, sizeof(release)) &&
	    !strchr(release, '/')) {
		for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
			CLEANUP_FD int fd = -1;
			struct str at = str_of(places[i]), head;

			if (!take_until(&at, '%', &head))
				continue;
			snprintf(path, sizeof(path), "%.*s%s%s", STR_ARG(head), release,
				 places[i] + head.n + 2);
			fd = root_openat(g->plan->root, path, O_PATH);
			if (fd >= 0)
				return gather_file(g, path, NULL, err);
		}
	}
	return gather_file(g, "/proc/config.gz", NULL, err);
}

/* ---- many small files in one table ---- */

struct table_of {
	struct gather *g;
	struct buf line;
	int rc;
};

/* /sys/kernel/debug/shrinker/NAME/count: a line a group, "INODE OBJECTS-OF-NODE-0 ..."
 * (mm/shrinker_debug.c, 6.0): thousands of them, so their sum is what is kept. */
static int shrinker_row(void *ctx, const char *path, struct err *err)
{
	struct table_of *t = ctx;
	struct str name = str_of(path), rest, one;
	uint64_t groups = 0, objects = 0, n;
	int errnum;

	buf_clear(&t->line);
	if (t->rc != 0 || file_read(t->g->plan->root, path, &t->line, &errnum) == READ_ERROR)
		return 0;
	rest = buf_str(&t->line);
	while (take_line(&rest, &one)) {
		if (!take_u64(&one, &n)) /* the group's inode */
			continue;
		groups++;
		for (skip_blanks(&one); take_u64(&one, &n); skip_blanks(&one))
			objects += n;
	}
	name.n -= sizeof("/count") - 1;
	name = str_from(name, str_rfind(name, STR("/")) + 1);
	buf_clear(&t->line);
	buf_addf(&t->line, "%.*s\t%llu\t%llu\n", STR_ARG(name), (unsigned long long)groups,
		 (unsigned long long)objects);
	t->rc = gather_text(t->g, buf_str(&t->line), err);
	return t->rc < 0 ? -1 : 0;
}

static int small_table(struct gather *g, const char *dir, const char *pattern, const char *dest,
		       const char *header, unsigned max,
		       int (*one)(void *ctx, const char *path, struct err *err), struct err *err)
{
	CLEANUP_FD int fd = root_openat(g->plan->root, dir, O_RDONLY | O_DIRECTORY);
	struct table_of t = {.g = g, .line = BUF_INIT(256 * 1024)};
	int errnum = errno, n;

	if (fd < 0)
		return gather_absent(g, dir, dest,
				     errnum == EACCES || errnum == EPERM ? HOST_DENIED
									 : HOST_ABSENT,
				     errnum == ENOENT ? "not there" : strerror(errnum), err);
	if (gather_begin(g, pattern, dest, err) != 0)
		return -1;
	t.rc = gather_text(g, str_of(header), err);
	n = t.rc < 0 ? -1 : paths_matching(g->plan->root, pattern, max, one, &t, err);
	buf_free(&t.line);
	if (n < 0)
		return -1;
	return gather_end(g, t.rc ? HOST_CUT : HOST_READ, "cut: too many, or too slow", err);
}

int make_shrinkers(struct gather *g, const struct source_row *row, struct err *err)
{
	return small_table(g, "/sys/kernel/debug/shrinker", "/sys/kernel/debug/shrinker/*/count",
			   row->dest, "shrinker\tgroups\tobjects\n", 4000, shrinker_row, err);
}

static int dmabuf_row(void *ctx, const char *path, struct err *err)
{
	struct table_of *t = ctx;
	char exporter[128] = "-", other[HOST_PATH];
	struct str dir = str_of(path);
	int64_t size;

	if (t->rc != 0 || !small_number(t->g->plan->root, path, &size))
		return 0;
	dir.n -= sizeof("/size") - 1;
	snprintf(other, sizeof(other), "%.*s/exporter_name", STR_ARG(dir));
	(void)small_text(t->g->plan->root, other, exporter, sizeof(exporter));
	buf_clear(&t->line);
	buf_addf(&t->line, "%lld\t%s\n", (long long)size, exporter);
	t->rc = gather_text(t->g, buf_str(&t->line), err);
	return t->rc < 0 ? -1 : 0;
}

int make_dmabuf(struct gather *g, const struct source_row *row, struct err *err)
{
	return small_table(g, "/sys/kernel/dmabuf/buffers", "/sys/kernel/dmabuf/buffers/*/size",
			   row->dest, "size_bytes\texporter\n", 4000, dmabuf_row, err);
}

/* ---- graphics memory by process (Documentation/gpu/drm-usage-stats.rst) ---- */

struct drm {
	struct gather *g;
	struct buf line;
};

static int drm_fd(void *ctx, int64_t pid, const char *fd, struct str to, struct err *err)
{
	struct drm *drm = ctx;
	struct buf *line = &drm->line;
	char path[96], text[4096];
	struct str rest, one;

	if (gather_late(drm->g))
		return 1;
	if (!str_starts(to, STR("/dev/dri/")))
		return 0;
	snprintf(path, sizeof(path), "/proc/%lld/fdinfo/%.16s", (long long)pid, fd);
	if (!small_text(drm->g->plan->root, path, text, sizeof(text)) || !strstr(text, "drm-driver:"))
		return 0;
	buf_clear(line);
	buf_addf(line, "%lld", (long long)pid);
	rest = str_of(text);
	while (take_line(&rest, &one)) {
		if (str_starts(one, STR("drm-driver:")) || str_starts(one, STR("drm-client-id:")) ||
		    str_starts(one, STR("drm-memory-")) || str_starts(one, STR("drm-total-")) ||
		    str_starts(one, STR("drm-resident-")) || str_starts(one, STR("drm-purgeable-")))
			buf_addf(line, "\t%.*s", STR_ARG(one));
	}
	buf_addc(line, '\n');
	return gather_text(drm->g, buf_str(line), err);
}

static int it_is_there(void *ctx, const char *path, struct err *err)
{
	(void)ctx;
	(void)path;
	(void)err;
	return 0;
}

int make_drm_clients(struct gather *g, const struct source_row *row, struct err *err)
{
	struct drm drm = {.g = g, .line = BUF_INIT(8192)};
	struct pid_walk walk;
	int64_t pid;
	bool denied;
	int rc;

	/* not /dev/dri: a copied tree has no /dev */
	if (paths_matching(g->plan->root, "/sys/class/drm/card*", 1, it_is_there, NULL, err) <= 0)
		return gather_absent(g, "/proc/PID/fdinfo", row->dest, HOST_ABSENT,
				     "no graphics device", err);
	if (!pid_walk_open(&walk, g->plan->root))
		return gather_absent(g, "/proc/PID/fdinfo", row->dest, HOST_ABSENT,
				     strerror(errno), err);
	rc = gather_begin(g, "/proc/PID/fdinfo", row->dest, err);
	while (rc == 0 && pid_walk_next(&walk, &pid))
		rc = gather_late(g) ? 1 : each_fd(g->plan->root, pid, drm_fd, &drm, &denied, err);
	pid_walk_close(&walk);
	buf_free(&drm.line);
	if (rc < 0)
		return -1;
	return gather_end(g, rc ? HOST_CUT : HOST_READ, "took too long", err);
}

/* ---- records of other tools around the event ---- */

struct chosen {
	struct gather *g;
	int64_t want_s;	 /* the event */
	int64_t best_s;	 /* written last soonest after it ... */
	int64_t last_s;	 /* ... else the newest */
	char best[HOST_PATH], last[HOST_PATH];
};

static int weigh(void *ctx, const char *path, struct err *err)
{
	struct chosen *c = ctx;
	CLEANUP_FD int fd = root_openat(c->g->plan->root, path, O_PATH);
	struct stat st;

	(void)err;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_mtime >= c->want_s && (c->best[0] == '\0' || st.st_mtime < c->best_s)) {
		c->best_s = st.st_mtime;
		snprintf(c->best, sizeof(c->best), "%s", path);
	}
	if (c->last[0] == '\0' || st.st_mtime > c->last_s) {
		c->last_s = st.st_mtime;
		snprintf(c->last, sizeof(c->last), "%s", path);
	}
	return 0;
}

/* below keeps "data_1795651200" and "index_1795651200", PCP "20261127.0", "20261127.meta" and
 * "20261127.index", compressed or not: none of them can be read without the others. */
static struct str archive_of(const char *path)
{
	static const struct str packed[] = {STR_INIT(".xz"), STR_INIT(".zst"), STR_INIT(".gz")};
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);
	size_t at;

	for (size_t i = 0; i < ARRAY_COUNT(packed); i++) {
		if (str_ends(name, packed[i]))
			name.n -= packed[i].n;
	}
	at = str_rfind(name, STR("."));
	if (at != SIZE_MAX)
		name.n = at;
	at = str_find_char(name, '_');
	return at == SIZE_MAX ? name : str_from(name, at + 1);
}

static int same_archive(void *ctx, const char *path, struct err *err)
{
	struct chosen *c = ctx;

	return !str_eq(archive_of(path), archive_of(c->best)) || gather_stopped(c->g)
		       ? 0
		       : gather_found(c->g, path, err);
}

/* One file covers hours or a day: the one that was still written to after the event holds it. */
int make_history(struct gather *g, const struct source_row *row, struct err *err)
{
	int64_t event = g->plan->event_us;
	struct chosen c = {.g = g};
	const char *slash;

	c.want_s = (event && event != UNKNOWN ? event : when_now()) / 1000000;
	if (paths_matching(g->plan->root, row->path, 2000, weigh, &c, err) < 0)
		return -1;
	if (c.last[0] == '\0')
		return 0; /* that tool is not used here */
	if (!c.best[0])
		memcpy(c.best, c.last, sizeof(c.best));
	slash = strrchr(c.best, '/');
	snprintf(c.last, sizeof(c.last), "%.*s/*", slash ? (int)(slash - c.best) : 0, c.best);
	return paths_matching(g->plan->root, c.last, 2000, same_archive, &c, err) < 0 ? -1 : 0;
}

/* ---- programs: no shell, a deadline, and only where nothing else gives the fact ---- */

static const char *find_program(const char *name, char path[HOST_PATH])
{
	static const char *const dirs[] = {"/usr/bin", "/bin", "/usr/sbin", "/sbin"};

	for (size_t i = 0; i < ARRAY_COUNT(dirs); i++) {
		snprintf(path, HOST_PATH, "%s/%s", dirs[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static pid_t start(const char *path, char *const argv[], int *ret_out)
{
	static char search[] = "PATH=/usr/bin:/bin:/usr/sbin:/sbin", locale[] = "LC_ALL=C";
	static char *const environment[] = {search, locale, NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], rc;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(&pid, path, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (rc != 0) {
		close(fds[0]);
		errno = rc;
		return -1;
	}
	*ret_out = fds[0];
	return pid;
}

/* Its output until it ends; 0, 1 cut or late, -1 the receiver failed. */
static int drain(struct gather *g, int fd, struct err *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char window[4096];

	for (;;) {
		int64_t left = (g->deadline_us - when_monotonic()) / 1000;
		ssize_t n;
		int rc;

		/* in pieces: who is to stop may have been told just before it waits */
		if (left <= 0 || gather_stopped(g) ||
		    (poll(&p, 1, left > LOOK_MS ? LOOK_MS : (int)left + 1) < 0 && errno != EINTR))
			return 1;
		n = fd_read(fd, window, sizeof(window));
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0)
			return 0;
		rc = gather_text(g, (struct str){window, (size_t)n}, err);
		if (rc != 0)
			return rc;
	}
}

int make_program(struct gather *g, const struct source_row *row, struct err *err)
{
	char words[HOST_PATH], path[HOST_PATH], *argv[32];
	size_t n = 0;
	int out, rc, status = 0;
	pid_t pid;

	if (!g->live)
		return 0; /* it would speak of this machine, not of that one */
	snprintf(words, sizeof(words), "%s", row->path);
	for (char *p = words; *p && n + 1 < ARRAY_COUNT(argv);) {
		argv[n++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	argv[n] = NULL;
	if (!find_program(argv[0], path))
		return gather_absent(g, row->path, row->dest, HOST_ABSENT, "not installed", err);
	if (host_room_is_short(g->plan->root))
		return gather_absent(g, row->path, row->dest, HOST_FAILED,
				     "not started: memory is short here", err);
	pid = start(path, argv, &out);
	if (pid < 0)
		return gather_absent(g, row->path, row->dest, HOST_FAILED, strerror(errno), err);
	rc = gather_begin(g, row->path, row->dest, err);
	if (rc == 0)
		rc = drain(g, out, err);
	close(out);
	if (rc != 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return gather_end(g, HOST_TIMEOUT, gather_stopped(g) ? "interrupted while it ran"
						   : "took too long, or said too much", err);
	return gather_end(g, status ? HOST_FAILED : HOST_READ,
			  status ? "ended with an error" : NULL, err);
}

/* journalctl costs more than all small files together: not where none of them was installed. */
int make_killers_log(struct gather *g, const struct source_row *row, struct err *err)
{
	static const char *const units[] = {"systemd-oomd", "earlyoom", "nohang", "nohang-desktop",
					    "oomd"};
	static const char *const folders[] = {"/usr/lib/systemd/system", "/lib/systemd/system",
					      "/etc/systemd/system", "/run/systemd/system"};

	for (size_t i = 0; i < ARRAY_COUNT(units) * ARRAY_COUNT(folders); i++) {
		char path[HOST_PATH];
		int fd;

		snprintf(path, sizeof(path), "%s/%s.service", folders[i % ARRAY_COUNT(folders)],
			 units[i / ARRAY_COUNT(folders)]);
		fd = root_openat(g->plan->root, path, O_PATH);
		if (fd < 0)
			continue;
		fd_close(&fd);
		return make_program(g, row, err);
	}
	return gather_absent(g, row->path, row->dest, HOST_ABSENT, "none of them is installed", err);
}
