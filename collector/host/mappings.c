/* SPDX-License-Identifier: MIT */
/* mappings.c - memory that is seen only through the processes that map it or hold it open: who
 * holds shared memory.
 *
 * "Shmem: 12 GB" in /proc/meminfo belongs to files that mostly have no name any more: memfds, SysV
 * segments, shared anonymous maps, deleted files of a tmpfs. They live as long as somebody holds
 * them. What the kernel prints of a mapping (Documentation/filesystems/proc.rst):
 *   maps, smaps: 7effce31b000-7effceb1b000 rw-s 00000000 00:01 55603    /memfd:x (deleted)
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/when.h"
#include "host/parts.h"

enum { MAPS_MAX = 16 << 20 };

void add_product(int64_t *sum, uint64_t a, uint64_t b)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(*sum, product, sum))
		*sum = INT64_MAX;
}

struct looking looking(struct gather *g)
{
	return (struct looking){g, g->deadline_us - (g->deadline_us - g->started_us) / 4};
}

bool looking_late(const struct looking *l)
{
	return when_monotonic() > l->until_us || gather_stopped(l->g) ||
	       gather_gives_up(l->g);
}

static int64_t look_until(const struct looking *l, int64_t us)
{
	int64_t until = when_monotonic() + us;

	return until < l->until_us ? until : l->until_us;
}

enum host_result look(const struct looking *l, int64_t pid, const char *file, int64_t us,
		      struct line_feed *lines)
{
	char path[64], reason[120];
	struct read_request q = {.path = path, .max = MAPS_MAX, .aside = true,
				 .stop = l->g->plan->stop, .deadline_us = look_until(l, us)};
	struct read_sink to = {line_feed_data, lines};
	enum host_result result;

	snprintf(path, sizeof(path), "/proc/%lld/%s", (long long)pid, file);
	if (reader_read(&l->g->reader, &q, &to, &result, reason, NULL) < 0)
		return HOST_FAILED;
	line_feed_end(lines);
	return result;
}

/* ---- who holds shared memory ---- */

enum { OBJECTS = 1024, PLACES = 2 * OBJECTS, ROWS = 500 };

/* How a path begins that means shared memory. Any other does only if it is of a deleted file of a
 * file system in memory. */
static const struct {
	struct str start;
	const char *kind;
} kinds[] = {
	{STR_INIT("/memfd:"), "memfd"},
	{STR_INIT("/SYSV"), "sysv"},
	{STR_INIT("/dev/shm/"), "posix"},
	{STR_INIT("/dev/zero (deleted)"), "anonymous"}, /* MAP_SHARED | MAP_ANONYMOUS */
	{STR_INIT("/anon_hugepage"), "hugetlb"},
	{STR_INIT(""), "deleted"},
};

struct object {
	uint64_t dev, ino; /* an open file of a tree has none: 0 and a number of our own */
	const char *kind;
	char name[160];	   /* cut */
	int64_t size_kb;     /* allocated to it, in memory or swap; UNKNOWN where nobody says it */
	int64_t resident_kb; /* in memory or swap of what one process maps, at most */
	int64_t mapped_kb;   /* the mappings of one process, at most */
	int64_t pid;	     /* the lowest of the holders: most often who made it */
	int64_t opened_by, mapped_by; /* processes */
	int64_t last_open, last_mapped, last_mapped_kb, last_resident_kb; /* the one looked at */
};

struct holders {
	struct looking look;
	struct arena arena;
	struct object *objects; /* those found, `used` of them */
	size_t used;
	uint16_t *places; /* open addressing: which object, counted from 1; 0 is a free place */
	int64_t small, small_kb; /* what had to make room for larger ones */
	int64_t denied;
	struct buf shm; /* /proc/sysvipc/shm */
	/* the process that is looked at */
	int64_t pid, shmem_kb;
	struct buf mounts;
	bool mounts_read, measure;
	struct object *measured;
};

static const char *kind_of(struct str name)
{
	size_t i = 0;

	while (!str_starts(name, kinds[i].start))
		i++;
	if (kinds[i].start.n || str_ends(name, STR(" (deleted)")))
		return kinds[i].kind;
	return NULL;
}

/* As the process sees its mounts; a copied tree may have only those of the machine. */
static void read_mounts(struct holders *h)
{
	const struct root *root = h->look.g->plan->root;
	char path[64];
	int errnum;

	if (h->mounts_read)
		return;
	h->mounts_read = true;
	buf_clear(&h->mounts);
	snprintf(path, sizeof(path), "/proc/%lld/mounts", (long long)h->pid);
	if (file_read(root, path, &h->mounts, &errnum) == READ_ERROR)
		(void)file_read(root, "/proc/mounts", &h->mounts, &errnum);
}

/* Was it below a tmpfs? Where "/" is one, that says nothing. */
static bool below_tmpfs(struct holders *h, struct str name)
{
	struct mount_line m;
	struct str rest;

	read_mounts(h);
	rest = buf_str(&h->mounts);
	while (take_mount(&rest, &m)) {
		struct str where = str_of(m.where), below = name;

		if (where.n > 1 && take_lit(&below, where) && take_char(&below, '/'))
			return true;
	}
	return false;
}

static int64_t weight(const struct object *o)
{
	if (o->size_kb != UNKNOWN)
		return o->size_kb;
	return o->resident_kb != UNKNOWN ? o->resident_kb : o->mapped_kb;
}

static int by_weight(const void *a, const void *b)
{
	const struct object *x = a, *y = b;
	int order = (weight(x) < weight(y)) - (weight(x) > weight(y));

	if (order == 0)
		order = (x->pid > y->pid) - (x->pid < y->pid);
	return order ? order : (x->ino > y->ino) - (x->ino < y->ino);
}

/* SysV segments are numbered by themselves (the shmid) on the device of memfds: the kind counts. */
static uint16_t *place_of(const struct holders *h, uint64_t dev, uint64_t ino, const char *kind)
{
	uint64_t hash = (ino ^ dev << 40) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) % PLACES;

	for (; h->places[at]; at = (at + 1) % PLACES) {
		const struct object *o = &h->objects[h->places[at] - 1];

		if (o->dev == dev && o->ino == ino && o->kind == kind)
			break;
	}
	return &h->places[at];
}

static struct object *known(const struct holders *h, uint64_t dev, uint64_t ino, const char *kind)
{
	size_t number = *place_of(h, dev, ino, kind);

	return number ? &h->objects[number - 1] : NULL;
}

/* There are too many: the smaller half goes. */
static void make_room(struct holders *h)
{
	qsort(h->objects, h->used, sizeof(h->objects[0]), by_weight);
	for (size_t i = OBJECTS / 2; i < h->used; i++, h->small++)
		add_product(&h->small_kb, (uint64_t)weight(&h->objects[i]), 1);
	memset(h->places, 0, PLACES * sizeof(h->places[0]));
	h->used = OBJECTS / 2;
	for (size_t i = 0; i < h->used; i++) {
		const struct object *o = &h->objects[i];

		*place_of(h, o->dev, o->ino, o->kind) = (uint16_t)(i + 1);
	}
}

/* The object of that number, made where there is none. */
static struct object *object_of(struct holders *h, uint64_t dev, uint64_t ino, const char *kind,
				struct str name)
{
	size_t number = *place_of(h, dev, ino, kind);
	struct object *o;

	if (!number) {
		if (h->used == OBJECTS)
			make_room(h);
		number = ++h->used;
		*place_of(h, dev, ino, kind) = (uint16_t)number;
		o = &h->objects[number - 1];
		*o = (struct object){.dev = dev, .ino = ino, .kind = kind, .size_kb = UNKNOWN,
				     .resident_kb = UNKNOWN, .pid = h->pid};
		snprintf(o->name, sizeof(o->name), "%.*s", STR_ARG(name));
	}
	o = &h->objects[number - 1];
	if (h->pid < o->pid)
		o->pid = h->pid;
	return o;
}

static bool in_memory(const struct fs_size *size)
{
	return size->type == TMPFS_MAGIC || size->type == HUGETLBFS_MAGIC ||
	       size->type == RAMFS_MAGIC;
}

static int one_fd(void *ctx, int64_t pid, const char *fd, struct str to, struct err *err)
{
	struct holders *h = ctx;
	struct gather *g = h->look.g;
	const char *kind = kind_of(to);
	struct fs_size size = {.file_kb = UNKNOWN};
	struct object *o;
	char link[96];

	(void)err;
	if (looking_late(&h->look))
		return 1;
	snprintf(link, sizeof(link), "/proc/%lld/fd/%.16s", (long long)pid, fd);
	if (!kind)
		return 0;
	if (g->live ? !reader_stat_link(&g->reader, link, look_until(&h->look, LOOK_US), &size) ||
			      !in_memory(&size) || size.file_kb == 0
		    : strcmp(kind, "deleted") == 0 && !below_tmpfs(h, to))
		return 0;
	if (!g->live)
		size.ino = ((uint64_t)pid << 24) + h->used;
	o = object_of(h, size.dev, size.ino, kind, to);
	o->size_kb = size.file_kb;
	o->opened_by += o->last_open != pid;
	o->last_open = pid;
	return 0;
}

/* The kernel counts a SysV segment itself; the inode's number is its shmid. */
static int64_t sysv_kb(const struct holders *h, uint64_t shmid)
{
	enum { SHMID = 1, RSS = 14, SWAP, COLUMNS };
	struct str text = buf_str(&h->shm), line, word;

	while (take_line(&text, &line)) {
		uint64_t columns[COLUMNS] = {0};
		int64_t kb = 0;
		size_t n = 0;

		for (; n < COLUMNS && (skip_blanks(&line), take_word(&line, &word)); n++)
			(void)take_u64(&word, &columns[n]); /* a key may be negative */
		if (n < COLUMNS || columns[SHMID] != shmid)
			continue;
		add_product(&kb, columns[RSS] / 1024, 1);
		add_product(&kb, columns[SWAP] / 1024, 1);
		return kb;
	}
	return UNKNOWN;
}

struct mapping {
	uint64_t from, to, dev, ino;
	struct str name;
};

static bool take_mapping(struct str line, struct mapping *ret)
{
	uint64_t offset, major, minor;
	struct str word;

	if (!take_hex(&line, &ret->from) || !take_char(&line, '-') || !take_hex(&line, &ret->to) ||
	    !take_char(&line, ' ') || !take_word(&line, &word) || !take_char(&line, ' ') ||
	    !take_hex(&line, &offset) || !take_char(&line, ' ') || !take_hex(&line, &major) ||
	    !take_char(&line, ':') || !take_hex(&line, &minor) || !take_char(&line, ' ') ||
	    !take_u64(&line, &ret->ino) || ret->to <= ret->from)
		return false;
	skip_blanks(&line);
	ret->dev = makedev((unsigned)major, (unsigned)minor);
	ret->name = line;
	return true;
}

static void one_mapping(void *ctx, struct str line)
{
	struct holders *h = ctx;
	const char *kind;
	struct mapping m;
	struct object *o;

	if (!take_mapping(line, &m) || !(kind = kind_of(m.name)))
		return;
	if (strcmp(kind, "deleted") == 0 && !known(h, m.dev, m.ino, kind) &&
	    !below_tmpfs(h, m.name))
		return;
	o = object_of(h, m.dev, m.ino, kind, m.name);
	if (o->last_mapped != h->pid) {
		if (o->mapped_by++ == 0 && o->size_kb == UNKNOWN && strcmp(kind, "sysv") == 0)
			o->size_kb = sysv_kb(h, m.ino);
		o->last_mapped = h->pid;
		o->last_mapped_kb = o->last_resident_kb = 0;
	}
	add_product(&o->last_mapped_kb, (m.to - m.from) / 1024, 1);
	if (o->last_mapped_kb > o->mapped_kb)
		o->mapped_kb = o->last_mapped_kb;
	h->measure |= o->size_kb == UNKNOWN &&
		      (o->resident_kb == UNKNOWN || o->resident_kb < h->shmem_kb);
}

/* smaps: the line of maps, then what of it is there. */
static void one_measure(void *ctx, struct str line)
{
	struct holders *h = ctx;
	struct object *o = h->measured;
	const char *kind;
	struct mapping m;
	uint64_t kb;

	if (take_mapping(line, &m)) {
		kind = kind_of(m.name);
		h->measured = kind ? known(h, m.dev, m.ino, kind) : NULL;
		return;
	}
	if (!o || (!take_lit(&line, STR("Rss:")) && !take_lit(&line, STR("Swap:"))))
		return;
	skip_blanks(&line);
	if (!take_u64(&line, &kb))
		return;
	add_product(&o->last_resident_kb, kb, 1);
	if (o->last_resident_kb > o->resident_kb)
		o->resident_kb = o->last_resident_kb;
}

/* Only the owner of a descriptor can be asked for its file's size: what is mapped and no longer
 * open is measured by the page tables, which costs more. */
static int holders_of(struct holders *h, const struct member *m, struct err *err)
{
	struct line_feed maps = {.one = one_mapping, .ctx = h}, smaps = {.one = one_measure, .ctx = h};
	int64_t pid = m->pid;
	bool denied;

	h->pid = pid;
	h->shmem_kb = m->shmem_kb;
	h->mounts_read = h->measure = false;
	h->measured = NULL;
	if (each_fd(h->look.g->plan->root, pid, one_fd, h, &denied, err) < 0)
		return -1;
	denied |= look(&h->look, pid, "maps", LOOK_US, &maps) == HOST_DENIED;
	if (h->measure)
		(void)look(&h->look, pid, "smaps", SLOW_LOOK_US, &smaps);
	h->denied += denied;
	return 0;
}

static int print_holders(struct holders *h, struct err *err)
{
	struct gather *g = h->look.g;
	struct host_facts *facts = g->plan->facts;
	struct buf line = BUF_INIT(4096);
	int rc = gather_text(g, STR("pid\tcomm\tkind\tsize_kb\tresident_kb\tmapped_kb\t"
				    "mapped_by\topened_by\tname\tcgroup\n"), err);

	if (facts && h->used)
		facts->n_holders = 0; /* what is found counts, not an earlier table */
	qsort(h->objects, h->used, sizeof(h->objects[0]), by_weight);
	for (size_t i = 0; i < ROWS && i < h->used && rc == 0; i++) {
		const struct object *o = &h->objects[i];
		const int64_t numbers[] = {o->size_kb, o->resident_kb, o->mapped_kb, o->mapped_by,
					   o->opened_by};
		struct process p;

		if (!process_read(g->plan->root, o->pid, PROCESS_GROUP, &p))
			p = (struct process){.comm = "-"}; /* gone meanwhile */
		if (facts) /* keeps the largest */
			facts_add_holder(facts, &(struct holder_fact){
						       .pid = o->pid, .kb = weight(o),
						       .mapped_by = o->mapped_by,
						       .opened_by = o->opened_by,
						       .comm = str_of(p.comm),
						       .kind = str_of(o->kind),
						       .name = str_of(o->name),
						       .cgroup = str_of(p.cgroup)});
		buf_clear(&line);
		buf_addf(&line, "%lld", (long long)o->pid);
		column_text(&line, str_of(p.comm));
		column_text(&line, str_of(o->kind));
		for (size_t n = 0; n < ARRAY_COUNT(numbers); n++)
			column_number(&line, numbers[n]);
		column_text(&line, str_of(o->name));
		column_text(&line, str_of(p.cgroup[0] ? p.cgroup : "-"));
		buf_addc(&line, '\n');
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	return rc;
}

/* NULL: nothing is missing */
static const char *cut_reason(const struct holders *h, bool late, char room[120])
{
	int64_t rest = h->small, rest_kb = h->small_kb;

	if (late)
		return "took too long, or too many: not all processes were looked into";
	for (size_t i = ROWS; i < h->used; i++, rest++)
		add_product(&rest_kb, (uint64_t)weight(&h->objects[i]), 1);
	if (rest) {
		snprintf(room, 120, "the %d largest; %lld others hold %lld kB", ROWS,
			 (long long)rest, (long long)rest_kb);
		return room;
	}
	if (h->denied == 0)
		return processes_hidden(h->look.g);
	snprintf(room, 120, "%lld of the processes may not be looked into%s",
		 (long long)h->denied, geteuid() ? " (needs root)" : "");
	return room;
}

/* Those with the most shared memory first: the time may be over before all were looked into. */
static int by_shmem(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = (x->shmem_kb < y->shmem_kb) - (x->shmem_kb > y->shmem_kb);

	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

/* 1: not all of them */
static int look_into_all(struct holders *h, struct err *err)
{
	struct buf *all = &h->look.g->census.members;
	struct member *m = (struct member *)(void *)all->p;
	size_t n = all->n / sizeof(*m);
	int rc = 0;

	if (n)
		qsort(m, n, sizeof(*m), by_shmem);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = looking_late(&h->look) ? 1 : holders_of(h, &m[i], err);
	return rc == 0 && (looking_late(&h->look) || all->failed) ? 1 : rc;
}

int make_shmem_holders(struct gather *g, const struct source_row *row, struct err *err)
{
	static const char source[] = "/proc/PID/{fd,maps,smaps}";
	struct holders h = {.arena = ARENA_INIT(2 << 20), .mounts = BUF_INIT(256 * 1024),
			    .shm = BUF_INIT(512 * 1024)};
	struct pid_walk walk = {NULL};
	char room[120];
	const char *cut = NULL;
	int rc, errnum;

	h.objects = arena_array(&h.arena, OBJECTS, sizeof(*h.objects));
	h.places = arena_array(&h.arena, PLACES, sizeof(*h.places));
	if (!h.objects || !h.places || !pid_walk_open(&walk, g->plan->root)) {
		arena_free(&h.arena);
		return gather_absent(g, source, row->dest, HOST_ABSENT, strerror(errno), err);
	}
	pid_walk_close(&walk);
	rc = gather_begin(g, source, row->dest, err);
	h.look = looking(g);
	(void)file_read(g->plan->root, "/proc/sysvipc/shm", &h.shm, &errnum);
	(void)take_census(g);
	if (rc == 0)
		rc = look_into_all(&h, err);
	if (rc >= 0) {
		bool late = rc > 0;

		rc = print_holders(&h, err);
		cut = cut_reason(&h, late || rc > 0, room);
	}
	if (rc >= 0)
		rc = gather_end(g, cut ? HOST_CUT : HOST_READ, cut, err);
	arena_free(&h.arena);
	buf_free(&h.mounts);
	buf_free(&h.shm);
	return rc;
}
