/* SPDX-License-Identifier: MIT */
/* collect.c - walks the table of sources, cheap ones first, and hands out what they hold. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/remote.h"
#include "base/when.h"
#include "host/parts.h"

bool host_source_row(size_t i, struct host_source_row *ret)
{
	if (i >= n_source_rows)
		return false;
	*ret = (struct host_source_row){
		.source = source_rows[i].path ? source_rows[i].path : source_rows[i].dest,
		.why = source_rows[i].why,
		.topic = source_rows[i].topic,
		.needs_root = source_rows[i].root,
		.cost = (int)source_rows[i].cost,
	};
	return true;
}

bool gather_stopped(const struct gather *g)
{
	return g->plan->stop && *g->plan->stop;
}

bool gather_late(const struct gather *g)
{
	return when_monotonic() > g->deadline_us;
}

bool gather_gives_up(const struct gather *g)
{
	enum { GIVE_UP_AT = 2 };

	return g->reader.lost - g->lost_before >= GIVE_UP_AT;
}

static bool matches_one(const char *const *pattern, const char *path, int flags)
{
	for (; pattern && *pattern; pattern++) {
		if (fnmatch(*pattern, path, flags) == 0)
			return true;
	}
	return false;
}

/* What a profile asks for by name it does not leave out. */
bool gather_left_out(const struct gather *g, const char *path)
{
	return !g->row->asked && matches_one(g->plan->leave_out, path, 0) &&
	       !matches_one(g->plan->extra, path, FNM_PATHNAME);
}

/* "/sys/fs/cgroup/x" is "cgroup/x" in a bundle; everything else keeps its path. */
static void default_dest(const char *path, char dest[HOST_PATH])
{
	static const struct {
		struct str from, to;
	} moves[] = {
		{STR_INIT("/sys/fs/cgroup/memory/"), STR_INIT("cgroup/")},
		{STR_INIT("/sys/fs/cgroup/"), STR_INIT("cgroup/")},
		{STR_INIT("/"), STR_INIT("")},
	};

	for (size_t i = 0; i < ARRAY_COUNT(moves); i++) {
		if (str_starts(str_of(path), moves[i].from)) {
			snprintf(dest, HOST_PATH, "%s%s", moves[i].to.p, path + moves[i].from.n);
			return;
		}
	}
	snprintf(dest, HOST_PATH, "%s", path);
}

/* Files as many of ours are, for which the kernel has to wait for nothing. */
static bool is_prompt(struct str path)
{
	static const struct str folders[] = {STR_INIT("/proc/sys/"), STR_INIT("/sys/fs/cgroup/"),
					     STR_INIT("/sys/kernel/mm/"), STR_INIT("/sys/module/")};
	static const struct str of_process[] = {
		STR_INIT("status"), STR_INIT("stat"), STR_INIT("statm"), STR_INIT("cgroup"),
		STR_INIT("comm"), STR_INIT("limits"), STR_INIT("oom_score"), STR_INIT("oom_adj"),
		STR_INIT("oom_score_adj"), STR_INIT("sched"), STR_INIT("wchan")};
	uint64_t pid;

	for (size_t i = 0; i < ARRAY_COUNT(folders); i++) {
		if (str_starts(path, folders[i]))
			return true;
	}
	if (!take_lit(&path, STR("/proc/")) || !take_u64(&path, &pid) || !take_char(&path, '/'))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(of_process); i++) {
		if (str_eq(path, of_process[i]))
			return true;
	}
	return false;
}

/* The kernel's own cheap files do not block; anything else is read at arm's length. */
static bool is_aside(const struct gather *g, const char *path)
{
	return !g->live || (g->row->aside && !(g->row->asked && is_prompt(str_of(path))));
}

static void set_item(struct gather *g, const char *source, const char *dest)
{
	unsigned ms = g->row->deadline_ms ? g->row->deadline_ms : 2000;

	snprintf(g->source, sizeof(g->source), "%s", source);
	if (dest)
		snprintf(g->dest, sizeof(g->dest), "%s", dest);
	else
		default_dest(source, g->dest);
	if (g->plan->look)
		g->plan->look(g->to->ctx, g->source);
	g->item = (struct host_item){
		.source = g->source,
		.bundle_path = g->dest,
		.why = g->row->why,
		.history = g->row->history,
		.commands = g->row->commands,
		.needs_root = g->row->root && g->live,
		.read_at_us = when_now(),
	};
	g->left = (uint64_t)(g->row->max_kb ? g->row->max_kb : 512) * 1024;
	g->lost_before = g->reader.lost;
	g->started_us = when_monotonic();
	g->deadline_us = g->started_us + (int64_t)ms * 1000;
}

static int finish_item(struct gather *g, enum host_result result, const char *reason,
		       struct err *err)
{
	g->item.result = result;
	g->item.took_us = when_monotonic() - g->started_us;
	if (result != HOST_READ)
		snprintf(g->item.reason, sizeof(g->item.reason), "%s", reason ? reason : "");
	return g->to->end(g->to->ctx, &g->item, err);
}

int gather_begin(struct gather *g, const char *source, const char *dest, struct err *err)
{
	set_item(g, source, dest);
	g->item.started = true;
	return g->to->begin(g->to->ctx, &g->item, err);
}

int gather_text(struct gather *g, struct str bytes, struct err *err)
{
	bool full = bytes.n > g->left;

	if (full)
		bytes.n = (size_t)g->left;
	g->left -= bytes.n;
	if (bytes.n && g->to->data(g->to->ctx, bytes, err) != 0)
		return -1;
	return full || gather_late(g) || gather_stopped(g);
}

int gather_end(struct gather *g, enum host_result result, const char *reason, struct err *err)
{
	return finish_item(g, result, reason, err);
}

int gather_absent(struct gather *g, const char *source, const char *dest,
		  enum host_result result, const char *reason, struct err *err)
{
	set_item(g, source, dest);
	return finish_item(g, result, reason, err);
}

/* The item begins with its first byte, so that a file that cannot be read leaves no empty one. */
static int first_byte(void *ctx, struct str bytes, struct err *err)
{
	struct gather *g = ctx;

	if (!g->item.started) {
		g->item.started = true;
		if (g->to->begin(g->to->ctx, &g->item, err) != 0)
			return -1;
	}
	return bytes.n ? g->to->data(g->to->ctx, bytes, err) : 0;
}

static bool is_silent(const struct gather *g, const char *path)
{
	const struct root *root = g->plan->root;

	return root->remote && !remote_answers(root->remote, root, path);
}

static int one_file(struct gather *g, const char *path, const char *dest, bool found,
		    struct err *err)
{
	struct read_sink to = {first_byte, g};
	struct read_request q = {.path = path, .stop = g->plan->stop};
	enum host_result result;
	char reason[120] = "";
	int rc;

	if (gather_left_out(g, path))
		return gather_absent(g, path, dest, HOST_SKIPPED, "left out by the profile", err);
	set_item(g, path, dest);
	if (g->plan->list_only)
		return finish_item(g, HOST_READ, NULL, err);
	if (is_silent(g, path)) /* a child that asks would have to be given up */
		return finish_item(g, HOST_TIMEOUT, host_silent, err);
	q.max = g->left;
	q.deadline_us = g->deadline_us;
	q.aside = is_aside(g, path);
	rc = reader_read(&g->reader, &q, &to, &result, reason, err);
	if (rc < 0 || (rc > 0 && found))
		return rc < 0 ? -1 : 0;
	if (result == HOST_READ && first_byte(g, STR(""), err) != 0)
		return -1;
	return finish_item(g, result, reason, err);
}

int gather_file(struct gather *g, const char *path, const char *dest, struct err *err)
{
	return one_file(g, path, dest, false, err);
}

int gather_found(struct gather *g, const char *path, struct err *err)
{
	return one_file(g, path, NULL, true, err);
}

/* ---- patterns ---- */

struct matching {
	const struct root *root;
	unsigned left, found;
	bool denied, silent; /* a folder may not be looked into, or its server does not answer */
	int (*one)(void *ctx, const char *path, struct err *err);
	void *ctx;
};

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

enum { NAMES_MAX = 4096 };

/* Names of a directory that match one component, sorted; bounded by the arena. */
static size_t names_in(struct matching *m, const char *dir, const char *component,
		       struct arena *arena, const char ***ret)
{
	int fd = root_openat(m->root, dir, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const char **names = NULL;
	struct dirent *entry;
	size_t n = 0, room = 0;

	m->denied |= fd < 0 && (errno == EACCES || errno == EPERM);
	m->silent |= fd < 0 && errno == ETIMEDOUT;
	if (!d)
		fd_close(&fd);
	while (d && n < NAMES_MAX && (entry = readdir(d))) {
		const char *copy, **place;

		if (entry->d_name[0] == '.' || fnmatch(component, entry->d_name, 0) != 0)
			continue;
		copy = arena_cstr(arena, str_of(entry->d_name));
		place = copy ? arena_grow(arena, (void **)&names, &n, &room, sizeof(*names)) : NULL;
		if (!place)
			break;
		*place = copy;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(names, n, sizeof(*names), by_name);
	*ret = names;
	return n;
}

/* `done` is the path matched so far, `rest` what is still a pattern. */
static int match(struct matching *m, const char *done, struct str rest, struct err *err)
{
	char path[HOST_PATH], component[256];
	CLEANUP_ARENA struct arena arena = ARENA_INIT(512 * 1024);
	struct str part, plain = rest;
	const char **names;
	size_t n, star = str_find_char(rest, '*'), slash;
	int rc = 0;

	if (star == SIZE_MAX) {
		if ((size_t)snprintf(path, sizeof(path), "%s%.*s", done, STR_ARG(rest)) >=
			    sizeof(path) || m->left == 0)
			return 0;
		m->left--;
		m->found++;
		return m->one(m->ctx, path, err);
	}
	slash = str_rfind(str_sub(rest, 0, star), STR("/")) + 1;
	plain.n = slash;
	part = str_from(rest, slash);
	rest = STR("");
	slash = str_find_char(part, '/');
	if (slash != SIZE_MAX) {
		rest = str_from(part, slash);
		part.n = slash;
	}
	if (part.n >= sizeof(component))
		return 0;
	snprintf(component, sizeof(component), "%.*s", STR_ARG(part));
	snprintf(path, sizeof(path), "%s%.*s", done, STR_ARG(plain));
	n = names_in(m, path, component, &arena, &names);
	for (size_t i = 0; i < n && rc == 0 && m->left; i++) {
		char next[HOST_PATH];

		if ((size_t)snprintf(next, sizeof(next), "%s%s", path, names[i]) < sizeof(next))
			rc = match(m, next, rest, err);
	}
	return rc;
}

int paths_matching(const struct root *root, const char *pattern, unsigned max,
		   int (*one)(void *ctx, const char *path, struct err *err), void *ctx,
		   struct err *err)
{
	struct matching m = {.root = root, .left = max, .one = one, .ctx = ctx};

	return match(&m, "", str_of(pattern), err) != 0 ? -1 : (int)m.found;
}

/* One file of the kernel does work when it is read. */
static int one_match(void *ctx, const char *path, struct err *err)
{
	struct gather *g = ctx;

	return gather_stopped(g) || strcmp(path, "/proc/sys/vm/stat_refresh") == 0
		       ? 0
		       : gather_found(g, path, err);
}

bool small_text(const struct root *root, const char *path, char *out, size_t room)
{
	CLEANUP_FD int fd = root_openat(root, path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : fd_read(fd, out, room - 1);

	if (n < 0)
		return false;
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == ' ' || out[n - 1] == '\0'))
		n--;
	out[n] = '\0';
	return true;
}

bool small_number(const struct root *root, const char *path, int64_t *ret)
{
	char text[64];
	struct str s;

	if (!small_text(root, path, text, sizeof(text)))
		return false;
	s = str_of(text);
	return take_i64(&s, ret);
}

/* ---- the walk ---- */

static int one_row(struct gather *g, const struct source_row *row, struct err *err)
{
	struct matching m = {.root = g->plan->root, .left = row->matches ? row->matches : 64,
			     .one = one_match, .ctx = g};

	g->row = row;
	if (row->make) {
		const char *name = row->path ? row->path : row->dest;

		if (gather_left_out(g, name))
			return gather_absent(g, name, row->dest, HOST_SKIPPED,
					     "left out by the profile", err);
		if (g->plan->list_only || is_silent(g, name))
			return gather_absent(g, name, row->dest,
					     g->plan->list_only ? HOST_READ : HOST_TIMEOUT,
					     host_silent, err);
		return row->make(g, row, err);
	}
	if (!strchr(row->path, '*'))
		return gather_file(g, row->path, row->dest, err);
	if (g->plan->list_only && gather_left_out(g, row->path))
		return gather_absent(g, row->path, NULL, HOST_SKIPPED, "left out by the profile", err);
	if (g->plan->list_only)
		return gather_absent(g, row->path, NULL, HOST_READ, NULL, err);
	if (match(&m, "", str_of(row->path), err) != 0)
		return -1;
	if (m.silent)
		return gather_absent(g, row->path, NULL, HOST_TIMEOUT, host_silent, err);
	/* what is below may be there, and matter: debugfs, pstore */
	return m.denied ? gather_absent(g, row->path, NULL, HOST_DENIED,
					"Permission denied (needs root)", err)
			: 0;
}

/* What a profile asks for may be among ours by now: nothing is read, and said, twice. */
static bool is_ours(const char *path)
{
	for (size_t i = 0; i < n_source_rows; i++) {
		const char *row = source_rows[i].path;
		size_t plain = row ? strcspn(row, "*") : 0;

		if (row && (strcmp(row, path) == 0 ||
			    (row[plain] && strncmp(row, path, plain) == 0 &&
			     fnmatch(row, path, FNM_PATHNAME) == 0)))
			return true;
	}
	return false;
}

static int walk(struct gather *g, struct err *err)
{
	static const struct source_row extra = {.why = "asked for by the profile",
						.topic = "profile", .aside = true, .asked = true,
						.max_kb = 8192, .matches = NAMES_MAX};
	const char *const *path = g->plan->extra;
	bool all = g->plan->cost_from == 0 && g->plan->cost_to == 0;
	int to = all ? COST_DEAR : g->plan->cost_to;

	for (int cost = g->plan->cost_from; cost <= to; cost++) {
		for (size_t i = 0; i < n_source_rows && !gather_stopped(g); i++) {
			if ((int)source_rows[i].cost == cost &&
			    one_row(g, &source_rows[i], err) != 0)
				return -1;
		}
	}
	for (; to == COST_DEAR && path && *path && !gather_stopped(g); path++) {
		struct source_row row = extra;
		int rc;

		if (is_ours(*path))
			continue;
		row.path = *path;
		rc = one_row(g, &row, err);
		g->row = &extra; /* not what ends here */
		if (rc != 0)
			return -1;
	}
	return 0;
}

int host_collect(const struct host_plan *plan, const struct host_receiver *to, struct err *err)
{
	struct gather g = {.plan = plan, .to = to, .reader = READER_INIT(plan->root),
			   .census.members = BUF_INIT(MEMBERS_MAX * sizeof(struct member))};
	int rc;

	g.live = root_is_live(plan->root);
	rc = walk(&g, err);
	reader_close(&g.reader);
	census_free(&g.census);
	return rc;
}
