/* SPDX-License-Identifier: MIT */
/* facts_more.c - slabs, processes and sums over files. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/facts_private.h"

enum { SLABS_MAX = 64 };

int64_t facts_range_count(struct str list)
{
	int64_t from, to, n = 0;

	list = str_trim(list);
	while (list.n) {
		if (!take_i64(&list, &from))
			return UNKNOWN;
		to = from;
		if (take_char(&list, '-') && !take_i64(&list, &to))
			return UNKNOWN;
		if (to < from || to - from > 1 << 20)
			return UNKNOWN;
		n += to - from + 1;
		if (list.n && !take_char(&list, ','))
			return UNKNOWN;
	}
	return n ? n : UNKNOWN;
}

/* ---- slabs ---- */

static int by_total(const void *a, const void *b)
{
	const struct slab_fact *x = a, *y = b;

	return (x->total_kb < y->total_kb) - (x->total_kb > y->total_kb);
}

/* name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ... :
 * slabdata <active_slabs> <num_slabs> <sharedavail> */
static bool take_slab(struct str line, int64_t page_kb, struct slab_fact *ret)
{
	int64_t numbers[5], slabs;
	struct str before;

	if (!take_word(&line, &ret->name) || ret->name.p[0] == '#')
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		skip_blanks(&line);
		if (!take_i64(&line, &numbers[i]))
			return false;
	}
	ret->active_objs = numbers[0];
	ret->objs = numbers[1];
	ret->obj_size_bytes = numbers[2];
	if (!take_until_lit(&line, STR("slabdata"), &before))
		return false;
	skip_blanks(&line);
	if (!take_i64(&line, &slabs))
		return false;
	skip_blanks(&line);
	if (!take_i64(&line, &slabs) || slabs < 0 || numbers[4] < 0 ||
	    __builtin_mul_overflow(slabs, numbers[4] * page_kb, &ret->total_kb))
		return false;
	return true;
}

/* Caches marked reclaimable by their makers; slabinfo itself does not say. */
static bool is_reclaimable(struct str name)
{
	static const struct str tails[] = {STR_INIT("inode_cache"), STR_INIT("_inode"),
					   STR_INIT("dentry"), STR_INIT("radix_tree_node"),
					   STR_INIT("buffer_head"), STR_INIT("xfs_ili"),
					   STR_INIT("_inode_info")};

	for (size_t i = 0; i < ARRAY_COUNT(tails); i++) {
		if (str_ends(name, tails[i]))
			return true;
	}
	return str_starts(name, STR("kmalloc-rcl-"));
}

void facts_read_slabs(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/slabinfo"), line;
	struct slab_fact *slabs, s = {.total_kb = 0};
	size_t n = 0;

	slabs = arena_array(&r->f->arena, SLABS_MAX, sizeof(*slabs));
	while (slabs && take_line(&text, &line)) {
		if (!take_slab(line, 4, &s))
			continue;
		if (n == SLABS_MAX && s.total_kb <= slabs[n - 1].total_kb)
			continue;
		s.reclaimable = is_reclaimable(s.name);
		slabs[n < SLABS_MAX ? n++ : n - 1] = s;
		qsort(slabs, n, sizeof(*slabs), by_total);
	}
	for (size_t i = 0; i < n; i++) {
		if (!facts_keep(r, slabs[i].name, &slabs[i].name))
			n = i;
	}
	r->f->slabs = slabs;
	r->f->n_slabs = n;
}

/* ---- processes ---- */

static struct str unless_unknown(struct str column)
{
	return str_eq(column, STR("-")) ? STR("") : column;
}

/* The table in an unpacked bundle; columns as make_processes() writes them. Returns its rows. */
static int64_t from_table(struct str text, struct process list[LARGEST], size_t *n)
{
	struct str line, word;
	int64_t tasks = 0;

	(void)take_line(&text, &line);
	while (take_line(&text, &line)) {
		struct process p = {.cgroup = ""};
		int64_t *const columns[] = {
			&p.pid, &p.ppid, &p.uid, &p.threads, &p.vm_kb, &p.rss_kb, &p.rss_anon_kb,
			&p.rss_file_kb, &p.shmem_kb, &p.swap_kb, &p.locked_kb, &p.hugetlb_kb,
			&p.pte_kb, &p.oom_score, &p.oom_score_adj, &p.fds};

		for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
			*columns[i] = UNKNOWN;
			if (take_until(&line, '\t', &word))
				(void)take_i64(&word, columns[i]);
		}
		if (p.pid == UNKNOWN || !take_until(&line, '\t', &word) ||
		    !take_until(&line, '\t', &word))
			continue;
		snprintf(p.comm, sizeof(p.comm), "%.*s", STR_ARG(word));
		snprintf(p.cgroup, sizeof(p.cgroup), "%.*s", STR_ARG(unless_unknown(line)));
		tasks++;
		keep_largest(list, n, &p);
	}
	return tasks;
}

static void keep_text(struct arena *arena, const char *text, struct str *ret)
{
	struct str s = str_trim(str_of(text));

	if (s.n && !arena_str(arena, s, ret))
		*ret = STR("");
}

void facts_set_processes(struct host_facts *f, const struct process *largest, size_t n,
			 int64_t tasks)
{
	if (!f->processes)
		f->processes = arena_array(&f->arena, LARGEST, sizeof(*f->processes));
	f->n_processes = 0;
	for (; f->processes && f->n_processes < n; largest++) {
		struct process_fact *p = &f->processes[f->n_processes++];

		*p = (struct process_fact){largest->pid, largest->ppid, largest->rss_kb,
					   largest->swap_kb, largest->shmem_kb, largest->locked_kb,
					   largest->oom_score, largest->oom_score_adj, largest->fds,
					   {NULL, 0}, {NULL, 0}};
		keep_text(&f->arena, largest->comm, &p->comm);
		keep_text(&f->arena, largest->cgroup, &p->cgroup);
	}
	(void)kvs_set(&f->arena, &f->numbers, STR("tasks"), tasks, UNIT_COUNT);
}

/* A bundle's table; on a machine only a collection looks. */
void facts_read_processes(struct facts_reader *r)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT(LARGEST * sizeof(struct process) + 64);
	struct process *list = arena_array(&scratch, LARGEST, sizeof(*list));
	size_t n = 0;
	int64_t tasks = list ? from_table(facts_text(r, "/proc/processes.tsv"), list, &n) : 0;

	if (tasks)
		facts_set_processes(r->f, list, n, tasks);
}

/* ---- who holds shared memory ---- */

void facts_add_holder(struct host_facts *f, const struct holder_fact *one)
{
	struct holder_fact *new;

	if (!f->holders)
		f->holders = arena_array(&f->arena, HOST_HOLDERS, sizeof(*f->holders));
	if (!f->holders || f->n_holders == HOST_HOLDERS)
		return;
	new = &f->holders[f->n_holders];
	*new = *one;
	if (arena_str(&f->arena, one->comm, &new->comm) &&
	    arena_str(&f->arena, one->kind, &new->kind) &&
	    arena_str(&f->arena, one->name, &new->name) &&
	    arena_str(&f->arena, one->cgroup, &new->cgroup))
		f->n_holders++;
}

/* The table in an unpacked bundle; columns as make_shmem_holders() writes them. */
void facts_read_holders(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/shmem-holders.tsv"), line, word;

	(void)take_line(&text, &line);
	while (take_line(&text, &line)) {
		int64_t size = UNKNOWN, resident = UNKNOWN, mapped = UNKNOWN;
		struct holder_fact f = {.mapped_by = UNKNOWN, .opened_by = UNKNOWN};
		int64_t *const numbers[] = {&size, &resident, &mapped, &f.mapped_by, &f.opened_by};

		if (!take_i64(&line, &f.pid) || !take_char(&line, '\t') ||
		    !take_until(&line, '\t', &f.comm) || !take_until(&line, '\t', &f.kind))
			continue;
		for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
			if (take_until(&line, '\t', &word))
				(void)take_i64(&word, numbers[i]);
		}
		f.kb = size != UNKNOWN ? size : resident != UNKNOWN ? resident : mapped;
		if (take_until(&line, '\t', &f.name))
			f.cgroup = unless_unknown(line);
		else
			f.name = line; /* a table that has no column more */
		facts_add_holder(r->f, &f);
	}
}

/* ---- sums ---- */

static void number(struct facts_reader *r, struct str name, int64_t value, enum unit unit)
{
	if (value != UNKNOWN)
		kvs_add(&r->f->arena, &r->f->numbers, name, value, unit);
}

/* "        managed  985342" lines of all zones. */
static void read_zones(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/zoneinfo"), line;
	int64_t managed = 0, present = 0, pages, total_kb = r->f->mem_total_kb, page_kb;

	while (take_line(&text, &line)) {
		bool is_managed;

		skip_blanks(&line);
		is_managed = take_lit(&line, STR("managed"));
		if (!is_managed && !take_lit(&line, STR("present")))
			continue;
		skip_blanks(&line);
		if (take_i64(&line, &pages) && pages >= 0)
			*(is_managed ? &managed : &present) += pages;
	}
	if (managed == 0)
		return;
	/* MemTotal is the managed pages in kB: the only trace of the page size in a copied tree */
	if (total_kb != UNKNOWN) {
		for (page_kb = 4; page_kb < 64 && total_kb > managed * page_kb + managed; page_kb *= 2)
			;
		r->f->page_size_bytes = page_kb * 1024;
	}
	page_kb = r->f->page_size_bytes == UNKNOWN ? 4 : r->f->page_size_bytes / 1024;
	number(r, STR("managed"), managed * page_kb, UNIT_KB);
	number(r, STR("present"), present * page_kb, UNIT_KB);
}

/* mm_stat: orig_data_size compr_data_size mem_used_total mem_limit mem_used_max ... (bytes) */
struct zram_sum {
	struct facts_reader *r;
	int64_t data, used;
	unsigned n;
};

static int zram_one(void *ctx, const char *path, struct err *err)
{
	struct zram_sum *z = ctx;
	int64_t numbers[3];
	char text[256];
	struct str s;

	(void)err;
	if (!small_text(z->r->root, path, text, sizeof(text)))
		return 0;
	s = str_of(text);
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		skip_blanks(&s);
		if (!take_i64(&s, &numbers[i]))
			return 0;
	}
	z->data += numbers[0];
	z->used += numbers[2];
	z->n++;
	return 0;
}

static void read_zram(struct facts_reader *r)
{
	struct zram_sum z = {.r = r};

	if (paths_matching(r->root, "/sys/block/zram*/mm_stat", 64, zram_one, &z, NULL) <= 0 ||
	    z.n == 0)
		return;
	number(r, STR("zram_data"), z.data / 1024, UNIT_KB);
	number(r, STR("zram_mem_used"), z.used / 1024, UNIT_KB);
}

void facts_set_tmpfs(struct host_facts *f, int64_t used_kb)
{
	(void)kvs_set(&f->arena, &f->numbers, STR("tmpfs_used"), used_kb, UNIT_KB);
}

/* Used space of all tmpfs in a bundle's table; on a machine only a collection asks. */
static void read_tmpfs(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/tmpfs.tsv"), line, word;
	int64_t used = 0, kb;
	bool any = false;

	while (take_line(&text, &line)) {
		if (!take_until(&line, '\t', &word) || !take_lit(&line, STR("tmpfs\t")) ||
		    !take_until(&line, '\t', &word) || !take_i64(&line, &kb))
			continue;
		used += kb;
		any = true;
	}
	if (any)
		facts_set_tmpfs(r->f, used);
}

/* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap (bytes) */
static void read_shm(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/sysvipc/shm"), line;
	int64_t rss = 0, swap = 0, n = 0;

	if (text.n == 0)
		return;
	(void)take_line(&text, &line);
	while (take_line(&text, &line)) {
		int64_t numbers[16];
		size_t i = 0;

		for (; i < ARRAY_COUNT(numbers); i++) {
			skip_blanks(&line);
			if (!take_i64(&line, &numbers[i]))
				break;
		}
		if (i < ARRAY_COUNT(numbers))
			continue;
		rss += numbers[14];
		swap += numbers[15];
		n++;
	}
	number(r, STR("sysv_shm_segments"), n, UNIT_COUNT);
	number(r, STR("sysv_shm"), rss / 1024, UNIT_KB);
	number(r, STR("sysv_shm_swap"), swap / 1024, UNIT_KB);
}

/* "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1" (pages) */
static void read_sockets(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/net/sockstat"), line, before;
	int64_t pages = 0, one;
	bool any = false;

	while (take_line(&text, &line)) {
		if (!take_until_lit(&line, STR(" mem "), &before) || !take_i64(&line, &one))
			continue;
		pages += one;
		any = true;
	}
	if (any)
		number(r, STR("socket_mem"), pages, UNIT_PAGES);
}

static int64_t key_number(struct str text, struct str key)
{
	struct str line;
	int64_t value;

	while (take_line(&text, &line)) {
		if (take_lit(&line, key) && take_char(&line, ' ') && take_i64(&line, &value))
			return value;
	}
	return UNKNOWN;
}

static void read_groups(struct facts_reader *r)
{
	static const char *const places[] = {"/sys/fs/cgroup/cgroup.stat", "/cgroup/cgroup.stat"};
	struct str text, line;
	int64_t n;

	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		text = facts_text(r, places[i]);
		if (text.n == 0)
			continue;
		number(r, STR("nr_descendants"), key_number(text, STR("nr_descendants")),
		       UNIT_COUNT);
		number(r, STR("nr_dying_descendants"),
		       key_number(text, STR("nr_dying_descendants")), UNIT_COUNT);
		break;
	}
	/* memory	hierarchy	num_cgroups	enabled */
	text = facts_text(r, "/proc/cgroups");
	while (take_line(&text, &line)) {
		struct str hierarchy;

		if (take_lit(&line, STR("memory\t")) && take_until(&line, '\t', &hierarchy) &&
		    take_i64(&line, &n))
			number(r, STR("memory_cgroups"), n, UNIT_COUNT);
	}
}

/* "Total 12 objects, 345678 bytes" is the last line but one. */
static void read_dmabuf(struct facts_reader *r)
{
	struct str text = facts_text(r, "/sys/kernel/debug/dma_buf/bufinfo"), line, before;
	int64_t bytes = UNKNOWN, objects;

	while (take_line(&text, &line)) {
		if (take_lit(&line, STR("Total ")) && take_i64(&line, &objects) &&
		    take_until(&line, ',', &before)) {
			skip_blanks(&line);
			(void)take_i64(&line, &bytes);
		}
	}
	number(r, STR("dmabuf"), bytes, UNIT_BYTES);
}

static void read_balloon(struct facts_reader *r)
{
	int64_t inflated = kvs_get(&r->f->vmstat, STR("balloon_inflate"));
	int64_t deflated = kvs_get(&r->f->vmstat, STR("balloon_deflate"));
	int64_t page_kb = r->f->page_size_bytes == UNKNOWN ? 4 : r->f->page_size_bytes / 1024;
	int64_t kb = kvs_get(&r->f->meminfo, STR("balloon"));

	if (kb == UNKNOWN && inflated != UNKNOWN && deflated != UNKNOWN && inflated >= deflated)
		kb = (inflated - deflated) * page_kb;
	number(r, STR("balloon"), kb, UNIT_KB);
}

void facts_read_numbers(struct facts_reader *r)
{
	static const struct {
		const char *path;
		struct str name;
	} files[] = {
		{"/proc/sys/fs/file-nr", STR_INIT("file_nr")},
		{"/proc/sys/fs/inode-nr", STR_INIT("inode_nr")},
		{"/proc/sys/fs/dentry-state", STR_INIT("dentry_nr")},
		{"/proc/sys/fs/aio-nr", STR_INIT("aio_nr")},
		{"/sys/kernel/kexec_crash_size", STR_INIT("kdump_reserved_bytes")},
	};
	int64_t value;

	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		if (small_number(r->root, files[i].path, &value))
			number(r, files[i].name, value, UNIT_COUNT);
	}
	number(r, STR("vmalloc_used"), kvs_get(&r->f->meminfo, STR("vmallocused")), UNIT_KB);
	read_zones(r);
	read_zram(r);
	read_tmpfs(r);
	read_shm(r);
	read_sockets(r);
	read_groups(r);
	read_dmabuf(r);
	read_balloon(r);
}
