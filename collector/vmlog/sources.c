/* SPDX-License-Identifier: MIT */
/* sources.c - the table of what is recorded. */
#include "vmlog/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmlog/capture.h"
#include "vmlog/census.h"

/* Classes and their reasons: fast files cost 2 to 12 us; slabinfo 150 us under slab_mutex;
 * pagetypeinfo 1 to 8 ms under zone->lock; the survey opens files. */
static const struct source_row rows[] = {
	{"meminfo", "/proc/meminfo", VM_FAST, false, 0},
	{"vmstat", "/proc/vmstat", VM_FAST, false, 0},
	{"buddyinfo", "/proc/buddyinfo", VM_FAST, false, 0},
	{"pressure/memory", "/proc/pressure/memory", VM_FAST, false, 0},
	{"pressure/io", "/proc/pressure/io", VM_FAST, false, 0},
	{"pressure/cpu", "/proc/pressure/cpu", VM_FAST, false, 0},
	{"loadavg", "/proc/loadavg", VM_FAST, false, 0},
	{"zoneinfo", "/proc/zoneinfo", VM_MEDIUM, false, 0},
	{"stat", "/proc/stat", VM_MEDIUM, false, 0},
	{"sockstat", "/proc/net/sockstat", VM_MEDIUM, false, 0},
	{"file-nr", "/proc/sys/fs/file-nr", VM_MEDIUM, false, 0},
	{"swaps", "/proc/swaps", VM_MEDIUM, false, 1024},
	{"zram0/mm_stat", "/sys/block/zram0/mm_stat", VM_MEDIUM, false, 0},
	{"zswap/pool_total_size", "/sys/kernel/debug/zswap/pool_total_size", VM_MEDIUM, false, 0},
	{"slabinfo", "/proc/slabinfo", VM_SLOW, true, 0},
	{"dma_buf", "/sys/kernel/debug/dma_buf/bufinfo", VM_SLOW, true, 0},
	{"pagetypeinfo", "/proc/pagetypeinfo", VM_EVENT, true, 0},
};

static const struct source_row made_rows[MADE_COUNT] = {
	[MADE_RECORDER] = {"oomreport/recorder", NULL, VM_FAST, false, 512},
	[MADE_INFO] = {"oomreport/info", NULL, VM_ONCE, false, 8192},
	[MADE_PROCESSES] = {"oomreport/top-processes", NULL, VM_MEDIUM, true, 2048},
	[MADE_SLABS] = {"oomreport/top-slabs", NULL, VM_MEDIUM, true, 2048},
	[MADE_CGROUPS] = {"oomreport/top-cgroups", NULL, VM_MEDIUM, true, 4096},
	[MADE_TMPFS] = {"oomreport/tmpfs", NULL, VM_SLOW, true, 2048},
	[MADE_VMALLOC] = {"oomreport/vmallocinfo", NULL, VM_SLOW, true, 1024},
	[MADE_ALLOCINFO] = {"oomreport/allocinfo", NULL, VM_SLOW, true, 4096},
	[MADE_CENSUS] = {"oomreport/processes", NULL, VM_EVENT, true, CENSUS_ROOM * 3 / 8},
	/* last: it takes the longest */
	[MADE_FILES] = {CAPTURE_NAME, NULL, VM_EVENT, true, 24 << 10},
};

static const char *const cgroup_files[] = {"memory.current", "memory.events",
					   "memory.pressure"};

static const struct {
	struct str name;
	enum vm_class class;
} class_names[] = {
	{STR_INIT("fast"), VM_FAST},   {STR_INIT("medium"), VM_MEDIUM},
	{STR_INIT("slow"), VM_SLOW},   {STR_INIT("event"), VM_EVENT},
	{STR_INIT("off"), VM_OFF},
};

static bool is_source(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (str_eq(name, str_of(rows[i].name)))
			return true;
	}
	for (size_t i = 0; i < MADE_COUNT; i++) {
		if (str_eq(name, str_of(made_rows[i].name)))
			return true;
	}
	return false;
}

bool class_change_parse(const char *text, struct class_change *ret)
{
	struct str rest = str_of(text), name;

	if (!take_until(&rest, '=', &name) || !is_source(name))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(class_names); i++) {
		if (str_eq(rest, class_names[i].name)) {
			/* thousands of files are read at an event or not at all */
			if (str_eq(name, STR(CAPTURE_NAME)) &&
			    class_names[i].class != VM_EVENT && class_names[i].class != VM_OFF)
				return false;
			*ret = (struct class_change){name.p, name.n, class_names[i].class};
			return true;
		}
	}
	return false;
}

static struct source *add(struct sources *s, const char *name, const char *path,
			  enum vm_class class, bool survey, size_t room)
{
	struct source *new = &s->v[s->n];

	if (s->n == RING_SOURCES || strlen(name) > RING_NAME_MAX ||
	    (path && strlen(path) >= sizeof(new->path)))
		return NULL;
	s->n++;
	memcpy(new->name, name, strlen(name) + 1);
	if (path)
		memcpy(new->path, path, strlen(path) + 1);
	new->class = class;
	new->survey = survey;
	new->room = room;
	new->fd = -1;
	return new;
}

static void open_source(struct sources *s, struct source *new)
{
	if (new->path[0] == '\0' || new->class == VM_OFF)
		return;
	new->fd = root_openat(s->root, new->path, O_RDONLY);
	if (new->fd < 0)
		new->cur.errnum = errno;
}

static void add_row(struct sources *s, const struct source_row *row,
		    const struct class_change *changes, size_t n_changes)
{
	struct source *new = add(s, row->name, row->path, row->class, row->survey, row->room);

	if (!new)
		return;
	for (size_t i = 0; i < n_changes; i++) {
		if (!str_eq(str_of(row->name), (struct str){changes[i].name, changes[i].name_n}))
			continue;
		new->class = changes[i].class;
		if (new->class == VM_FAST && row->path)
			new->survey = false;
		if (new->class == VM_EVENT)
			new->survey = true;
	}
	open_source(s, new);
}

/* v2 at its own mount, or beside v1 in the hybrid layout. */
static void add_cgroup(struct sources *s, const char *group)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	char name[RING_NAME_MAX + 1], path[512];

	while (*group == '/')
		group++;
	for (size_t f = 0; f < ARRAY_COUNT(cgroup_files); f++) {
		struct source *new = NULL;

		snprintf(name, sizeof(name), "cgroup/%s/%s", group, cgroup_files[f]);
		for (size_t m = 0; m < ARRAY_COUNT(mounts) && (!new || new->fd < 0); m++) {
			snprintf(path, sizeof(path), "%s/%s/%s", mounts[m], group,
				 cgroup_files[f]);
			if (!new)
				new = add(s, name, path, VM_FAST, false, 256);
			else
				memcpy(new->path, path, strlen(path) + 1);
			if (new)
				open_source(s, new);
		}
	}
}

int sources_open(struct sources *s, const struct root *root, const struct class_change *changes,
		 size_t n_changes, const char *const *cgroups, size_t n_cgroups, struct err *err)
{
	bool any = false;

	s->root = root;
	for (size_t i = 0; i < MADE_COUNT; i++) {
		s->made[i] = s->n;
		add_row(s, &made_rows[i], changes, n_changes);
	}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		add_row(s, &rows[i], changes, n_changes);
	for (size_t i = 0; i < n_cgroups; i++)
		add_cgroup(s, cgroups[i]);
	for (size_t i = 0; i < s->n; i++)
		any = any || s->v[i].fd >= 0;
	if (any)
		return 0;
	(void)err_set(err, ERR_IO, "%s: nothing to record: no file of /proc can be read",
		      root->path);
	return err_hint(err, "is /proc mounted there?");
}

void *pages_take(size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	for (size_t i = 0; i < n; i += 1024)
		((volatile char *)p)[i] = 0; /* fault it in now */
	return p;
}

void pages_drop(void *p, size_t n)
{
	if (p)
		munmap(p, n);
}

/* The kernel collects a file's lines in a page at least (fs/seq_file.c, 2.6 to 6.18): one that
 * gives less than this has no more, lines being shorter than the rest of a page. */
enum { SHORT = 3072 };

void source_read(const struct source *s, struct text *into, size_t room)
{
	into->n = 0;
	into->cut = false;
	into->errnum = 0;
	into->known = true;
	while (into->n < room) {
		ssize_t n = pread(s->fd, into->p + into->n, room - into->n, (off_t)into->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			into->errnum = errno;
		if (n <= 0)
			return;
		into->n += (size_t)n;
		if (n < SHORT && into->n < room)
			return;
	}
	into->cut = true;
}

/* How many texts of a source are kept: cur, last, key; handed. */
static size_t copies_of(const struct source *s)
{
	return s->class == VM_EVENT ? 1 : s->survey ? 4 : 3;
}

void source_grow(struct source *s)
{
	size_t room = s->room * 2;
	char *p;

	if (s->room >= RING_TEXT_MAX || atomic_load(&s->grown))
		return;
	p = pages_take(room * copies_of(s));
	atomic_store(&s->wants_room, false);
	if (!p)
		return;
	s->grown_room = room;
	atomic_store(&s->grown, p);
}

static void move_text(struct text *t, char *to)
{
	if (t->n)
		memcpy(to, t->p, t->n);
	t->p = to;
}

static void place_texts(struct source *s, char *p)
{
	if (s->class != VM_EVENT) {
		move_text(&s->cur, p);
		move_text(&s->last, p + s->room);
		move_text(&s->key, p + 2 * s->room);
		p += 3 * s->room;
	}
	if (s->survey)
		move_text(&s->handed, p);
}

void source_move(struct source *s)
{
	char *p = atomic_load(&s->grown);

	/* not while the survey may be writing into the old one */
	if (!p || (s->survey && !atomic_load(&s->ready)))
		return;
	s->room = s->grown_room;
	place_texts(s, p);
	atomic_store(&s->grown, NULL);
}

void text_set(struct text *t, size_t room, struct str content)
{
	t->cut = content.n > room;
	t->n = t->cut ? room : content.n;
	t->errnum = 0;
	t->known = true;
	if (t->n)
		memcpy(t->p, content.p, t->n);
}

/* A size from the first read; half as much again and some, for counters that gain digits,
 * caches and zones that appear later. */
static size_t room_for(struct source *s)
{
	static char window[8192];
	size_t n = 0;
	ssize_t got;

	if (s->fd < 0)
		return s->room;
	do {
		got = pread(s->fd, window, sizeof(window), (off_t)n);
		if (got > 0)
			n += (size_t)got;
	} while (got > 0 && n < RING_TEXT_MAX / 2);
	n = (n + n / 2 + 512 + 255) / 256 * 256;
	if (n > RING_TEXT_MAX)
		n = RING_TEXT_MAX;
	return n > s->room ? n : s->room;
}

static bool is_used(const struct source *s)
{
	return s->class != VM_OFF && (s->fd >= 0 || !s->path[0]);
}

int sources_allocate(struct sources *s, struct err *err)
{
	size_t total = 0, at = 0;
	char *p;

	for (size_t i = 0; i < s->n; i++) {
		if (!is_used(&s->v[i]))
			continue;
		s->v[i].room = room_for(&s->v[i]);
		total += s->v[i].room * copies_of(&s->v[i]);
	}
	p = pages_take(total);
	if (!p)
		return err_set(err, ERR_NOMEM, "no memory for the texts of /proc (%zu kB)",
			       total / 1024);
	for (size_t i = 0; i < s->n; i++) {
		if (!is_used(&s->v[i]))
			continue;
		place_texts(&s->v[i], p + at);
		at += s->v[i].room * copies_of(&s->v[i]);
	}
	return 0;
}
