/* SPDX-License-Identifier: MIT */
/* top.c - the largest processes, slab caches, cgroups, callers; without allocating. */
#include "vmlog/top.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/when.h"

/* ---- the N largest of many ---- */

struct entry {
	int64_t score, a, b, c;
	char name[128];
};

struct ranking {
	struct entry v[TOP_N];
	size_t n;
};

/* Where an entry of that score may be written, or NULL. */
static struct entry *ranking_place(struct ranking *r, int64_t score)
{
	struct entry *least = r->v;

	if (r->n < TOP_N)
		return &r->v[r->n++];
	for (size_t i = 1; i < TOP_N; i++) {
		if (r->v[i].score < least->score)
			least = &r->v[i];
	}
	return score > least->score ? least : NULL;
}

static void ranking_sort(struct ranking *r)
{
	for (size_t i = 1; i < r->n; i++) {
		for (size_t k = i; k > 0 && r->v[k].score > r->v[k - 1].score; k--) {
			struct entry swap = r->v[k];

			r->v[k] = r->v[k - 1];
			r->v[k - 1] = swap;
		}
	}
}

/* A name from the system, as one word-safe line. */
static void set_name(struct entry *e, struct str name)
{
	size_t n = name.n < sizeof(e->name) - 1 ? name.n : sizeof(e->name) - 1;

	for (size_t i = 0; i < n; i++)
		e->name[i] = (unsigned char)name.p[i] < 0x20 ? '?' : name.p[i];
	e->name[n] = '\0';
}

/* ---- processes ---- */

static bool read_process(const struct top *t, const char *pid, bool swapping, int64_t *rss,
			 int64_t *swap)
{
	char path[64], room[4096];
	struct str text, word;

	*swap = 0;
	snprintf(path, sizeof(path), "%.20s/%s", pid, swapping ? "status" : "statm");
	text = look_read(t->proc_fd, path, room, sizeof(room));
	if (swapping)
		return look_number(text, STR("\nVmRSS:"), rss) && look_number(text, STR("\nVmSwap:"), swap);
	if (!take_word(&text, &word))
		return false;
	skip_blanks(&text);
	if (!take_i64(&text, rss))
		return false;
	*rss *= t->page_kb;
	return true;
}

static void describe_process(const struct top *t, struct entry *e, const char *pid)
{
	char path[64], room[512];
	struct str text = str_of(pid), rest;
	size_t from, to;

	(void)take_i64(&text, &e->b);
	snprintf(path, sizeof(path), "%.20s/oom_score_adj", pid);
	text = look_read(t->proc_fd, path, room, sizeof(room));
	if (!take_i64(&text, &e->c))
		e->c = 0;
	snprintf(path, sizeof(path), "%.20s/stat", pid);
	rest = look_read(t->proc_fd, path, room, sizeof(room));
	from = str_find_char(rest, '(');
	to = str_rfind(rest, STR(")"));
	set_name(e, from != SIZE_MAX && to != SIZE_MAX && to > from
			    ? str_sub(rest, from + 1, to - from - 1)
			    : STR("?"));
}

static bool swap_is_used(const struct top *t)
{
	char room[256];
	ssize_t n = t->swaps_fd < 0 ? 0 : pread(t->swaps_fd, room, sizeof(room), 0);
	struct str text = {room, n > 0 ? (size_t)n : 0}, line;

	return take_line(&text, &line) && text.n > 0;
}

void top_processes(struct top *t, struct out *o)
{
	static struct ranking r;
	static struct listing l;
	int64_t deadline = when_monotonic() + TOP_BUDGET_US, rss, swap;
	bool swapping = swap_is_used(t), late = false;
	const char *name;
	uint8_t type;
	size_t seen = 0;

	r.n = 0;
	l.fd = t->proc_fd;
	l.at = l.n = 0;
	if (t->proc_fd < 0 || lseek(t->proc_fd, 0, SEEK_SET) < 0)
		return;
	while (!late && (name = listing_next(&l, &type))) {
		struct entry *e;

		if (!ascii_digit(name[0]) || !read_process(t, name, swapping, &rss, &swap))
			continue;
		seen++;
		late = when_monotonic() > deadline;
		e = rss + swap > 0 ? ranking_place(&r, rss + swap) : NULL;
		if (!e)
			continue;
		e->score = rss + swap;
		e->a = swap;
		describe_process(t, e, name);
	}
	ranking_sort(&r);
	out_line(o, "# rss_kb swap_kb pid oom_score_adj comm\n");
	for (size_t i = 0; i < r.n; i++)
		out_line(o, "%lld %lld %lld %lld %s\n", (long long)(r.v[i].score - r.v[i].a),
			 (long long)r.v[i].a, (long long)r.v[i].b, (long long)r.v[i].c,
			 r.v[i].name);
	if (late)
		out_line(o, "# incomplete: %zu processes in %d ms\n", seen, TOP_BUDGET_US / 1000);
}

/* ---- lines of a long file, through a window ---- */

struct lines {
	int fd;
	char *room;
	size_t at, n;
	int64_t off;
};

static bool next_line(struct lines *l, struct str *ret)
{
	for (;;) {
		struct str left = {l->room + l->at, l->n - l->at};
		size_t end = str_find_char(left, '\n');
		ssize_t got;

		if (end != SIZE_MAX) {
			*ret = str_sub(left, 0, end);
			l->at += end + 1;
			return true;
		}
		memmove(l->room, left.p, left.n);
		l->at = 0;
		l->n = left.n;
		if (l->n == TOP_WINDOW)
			return false;
		got = pread(l->fd, l->room + l->n, TOP_WINDOW - l->n, l->off);
		if (got <= 0)
			return false;
		l->off += got;
		l->n += (size_t)got;
	}
}

/* ---- slab caches ---- */

static struct slab_before *slab_slot(struct top *t, struct str name)
{
	uint32_t hash = crc32c(0, name.p, name.n) | 1;

	for (size_t i = 0; i < 16; i++) {
		struct slab_before *s = &t->slabs[(hash + i) % TOP_SLABS_KNOWN];

		if (s->hash == hash || s->hash == 0) {
			if (s->hash == 0)
				s->kb = -1;
			s->hash = hash;
			return s;
		}
	}
	return NULL;
}

/* name active_objs num_objs objsize objperslab pagesperslab : tunables ... : slabdata
 * active_slabs num_slabs sharedavail */
static bool parse_slab(const struct top *t, struct str line, struct entry *ret)
{
	struct str name, word;
	int64_t v[5], slabs = 0;

	if (!take_word(&line, &name))
		return false;
	for (int i = 0; i < 5; i++) {
		skip_blanks(&line);
		if (!take_i64(&line, &v[i]))
			return false;
	}
	if (!take_until_lit(&line, STR("slabdata"), &word))
		return false;
	for (int i = 0; i < 2; i++) {
		skip_blanks(&line);
		if (!take_i64(&line, &slabs))
			return false;
	}
	set_name(ret, name);
	ret->score = slabs * v[4] * t->page_kb;
	ret->b = v[0];
	return true;
}

void top_slabs(struct top *t, struct out *o)
{
	static struct ranking size, growth;
	struct lines l = {.fd = t->slabinfo_fd, .room = t->window};
	struct str line;
	struct entry e = {0};

	if (t->slabinfo_fd < 0)
		return;
	size.n = growth.n = 0;
	while (next_line(&l, &line)) {
		struct slab_before *before;
		struct entry *place;

		if (!parse_slab(t, line, &e))
			continue;
		before = slab_slot(t, str_of(e.name));
		e.a = before && before->kb >= 0 ? e.score - before->kb : 0;
		if (before)
			before->kb = e.score;
		if ((place = ranking_place(&size, e.score)))
			*place = e;
		if (e.a > 0 && (place = ranking_place(&growth, e.a))) {
			*place = e;
			place->c = e.score;
			place->score = e.a;
		}
	}
	ranking_sort(&size);
	ranking_sort(&growth);
	out_line(o, "# kb growth_kb active_objects cache (largest, then fastest growing)\n");
	for (size_t i = 0; i < size.n && size.v[i].score > 0; i++)
		out_line(o, "%lld %lld %lld %s\n", (long long)size.v[i].score,
			 (long long)size.v[i].a, (long long)size.v[i].b, size.v[i].name);
	for (size_t i = 0; i < growth.n && i < TOP_N / 2; i++)
		out_line(o, "grew %lld %lld %lld %s\n", (long long)growth.v[i].c,
			 (long long)growth.v[i].a, (long long)growth.v[i].b, growth.v[i].name);
}

/* ---- cgroups ---- */

enum { CGROUPS_MAX = 4000 };

static void look_at_group(struct top *t, int dir, const char *path, struct ranking *r)
{
	char room[512], file[40];
	struct str text;
	struct entry *e;
	int64_t bytes;

	memcpy(file, t->cgroup_file.p, t->cgroup_file.n);
	file[t->cgroup_file.n] = '\0';
	text = look_read(dir, file, room, sizeof(room));
	if (!take_i64(&text, &bytes) || bytes <= 0)
		return;
	e = ranking_place(r, bytes / 1024);
	if (!e)
		return;
	e->score = bytes / 1024;
	/* kills of the group itself; v1 has it in memory.oom_control (4.13) */
	text = look_read(dir, "memory.events", room, sizeof(room));
	if (text.n == 0)
		text = look_read(dir, "memory.oom_control", room, sizeof(room));
	if (!look_number(text, STR("oom_kill "), &e->a))
		e->a = 0;
	set_name(e, str_of(path));
}

void top_cgroups(struct top *t, struct out *o)
{
	static struct ranking r;
	int64_t deadline = when_monotonic() + TOP_BUDGET_US;
	struct walk_entry e;
	int seen = 0;
	bool late = false;

	if (!walk_begin(t->walk, t->cgroup_fd))
		return;
	r.n = 0;
	while (!late && walk_next(t->walk, &e)) {
		if (e.name)
			continue;
		look_at_group(t, e.dir, t->walk->path, &r);
		late = ++seen >= CGROUPS_MAX || when_monotonic() > deadline;
	}
	walk_end(t->walk);
	ranking_sort(&r);
	out_line(o, "# kb oom_kill group\n");
	for (size_t i = 0; i < r.n; i++)
		out_line(o, "%lld %lld %s\n", (long long)r.v[i].score, (long long)r.v[i].a,
			 r.v[i].name);
	if (late)
		out_line(o, "# incomplete: %d groups in %d ms\n", seen, TOP_BUDGET_US / 1000);
}

/* ---- sums ---- */

void top_tmpfs(struct top *t, struct out *o)
{
	struct statfs fs;

	if (t->n_tmpfs == 0)
		return;
	out_line(o, "# used_kb size_kb tmpfs\n");
	for (size_t i = 0; i < t->n_tmpfs; i++) {
		if (fstatfs(t->tmpfs_fd[i], &fs) == 0)
			out_line(o, "%llu %llu %s\n",
				 (unsigned long long)((fs.f_blocks - fs.f_bfree) *
						      (uint64_t)fs.f_bsize / 1024),
				 (unsigned long long)(fs.f_blocks * (uint64_t)fs.f_bsize / 1024),
				 t->tmpfs_name[i]);
	}
}

/* 0xADDR-0xADDR  SIZE caller+0x.. pages=N vmalloc|ioremap|vmap ... */
void top_vmalloc(struct top *t, struct out *o)
{
	static const struct str kinds[] = {STR_INIT(" vmalloc"), STR_INIT(" ioremap"),
					   STR_INIT(" vmap"), STR_INIT("")};
	static const char *const names[] = {"vmalloc", "ioremap", "vmap", "other"};
	struct lines l = {.fd = t->vmallocinfo_fd, .room = t->window};
	int64_t deadline = when_monotonic() + TOP_BUDGET_US, bytes[4] = {0}, n[4] = {0}, size;
	struct str line, word;

	if (t->vmallocinfo_fd < 0)
		return;
	while (next_line(&l, &line) && when_monotonic() < deadline) {
		size_t kind = 0;

		if (!take_word(&line, &word))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &size))
			continue;
		while (str_find(line, kinds[kind]) == SIZE_MAX)
			kind++;
		bytes[kind] += size;
		n[kind]++;
	}
	out_line(o, "# kb areas kind\n");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		out_line(o, "%lld %lld %s\n", (long long)(bytes[i] / 1024), (long long)n[i],
			 names[i]);
}

/* SIZE CALLS file:line [module] func:name */
void top_allocinfo(struct top *t, struct out *o)
{
	static struct ranking r;
	struct lines l = {.fd = t->allocinfo_fd, .room = t->window};
	int64_t deadline = when_monotonic() + TOP_BUDGET_US, size, calls;
	struct str line;

	if (t->allocinfo_fd < 0)
		return;
	r.n = 0;
	while (next_line(&l, &line) && when_monotonic() < deadline) {
		struct entry *e;

		skip_blanks(&line);
		if (!take_i64(&line, &size))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &calls) || size == 0)
			continue;
		e = ranking_place(&r, size / 1024);
		if (!e)
			continue;
		skip_blanks(&line);
		e->score = size / 1024;
		e->a = calls;
		set_name(e, line);
	}
	ranking_sort(&r);
	out_line(o, "# kb calls place\n");
	for (size_t i = 0; i < r.n; i++)
		out_line(o, "%lld %lld %s\n", (long long)r.v[i].score, (long long)r.v[i].a,
			 r.v[i].name);
}

/* ---- opening ---- */

static void open_tmpfs(struct top *t)
{
	CLEANUP_FD int mounts = root_openat(t->root, "/proc/self/mounts", O_RDONLY);
	struct lines l = {.fd = mounts, .room = t->window};
	struct str line, word, path;

	if (mounts < 0 || !root_is_live(t->root))
		return;
	while (t->n_tmpfs < TOP_TMPFS && next_line(&l, &line)) {
		char *name = t->tmpfs_name[t->n_tmpfs];
		int fd;

		if (!take_until(&line, ' ', &word) || !take_until(&line, ' ', &path) ||
		    !str_starts(line, STR("tmpfs ")) || path.n >= sizeof(t->tmpfs_name[0]))
			continue;
		memcpy(name, path.p, path.n);
		name[path.n] = '\0';
		fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			t->tmpfs_fd[t->n_tmpfs++] = fd;
	}
}

void top_open(struct top *t, const struct root *root, char *window, struct walk *walk)
{
	static const struct {
		const char *dir;
		struct str file;
	} mounts[] = {
		{"/sys/fs/cgroup/memory", STR_INIT("memory.usage_in_bytes")},
		{"/sys/fs/cgroup", STR_INIT("memory.current")},
		{"/sys/fs/cgroup/unified", STR_INIT("memory.current")},
	};

	*t = (struct top){.root = root, .window = window, .walk = walk, .cgroup_fd = -1};
	t->page_kb = sysconf(_SC_PAGESIZE) / 1024;
	t->proc_fd = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY);
	t->slabinfo_fd = root_openat(root, "/proc/slabinfo", O_RDONLY);
	t->vmallocinfo_fd = root_openat(root, "/proc/vmallocinfo", O_RDONLY);
	t->allocinfo_fd = root_openat(root, "/proc/allocinfo", O_RDONLY);
	t->swaps_fd = root_openat(root, "/proc/swaps", O_RDONLY);
	for (size_t i = 0; i < ARRAY_COUNT(mounts) && t->cgroup_fd < 0; i++) {
		t->cgroup_fd = root_openat(root, mounts[i].dir, O_RDONLY | O_DIRECTORY);
		t->cgroup_file = mounts[i].file;
	}
	open_tmpfs(t);
}
