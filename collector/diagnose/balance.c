/* SPDX-License-Identifier: MIT */
/* balance.c - where all RAM went, with the part nobody accounts for as the last row. */
#include "diagnose/judge.h"

struct sheet {
	struct judge *j;
	size_t room;
	double left;
};

static void row(struct sheet *s, const char *name, struct quantity q, const char *source)
{
	struct diagnosis *d = s->j->d;
	void *items = d->balance;
	if (!q.known)
		return;
	struct balance_row *r =
		diagnosis_grow(s->j, &items, &d->n_balance, &s->room, sizeof(*d->balance));
	d->balance = items;
	if (!r)
		return;
	r->name = str_of(name);
	r->kb = whole(q.value);
	r->source = str_of(source);
	s->left -= (double)r->kb;
}

static void finish(struct sheet *s, struct quantity all)
{
	s->j->d->balance_total_kb = whole(all.value);
	double left = s->left;
	row(s, "unaccounted", q_constant(s->j, left, NULL), "total less all of the above");
}

static const char log_pages[] = "kernel log, Mem-Info totals";

/* Every page once: shared memory is on the anonymous lists, so it is taken out there. */
static void of_machine(struct judge *j)
{
	struct sheet s = {.j = j, .left = (double)whole(j->ram.value)};
	struct quantity anon = j->anon;
	bool on_lists = anon.known && j->shmem.known && j->shmem.value <= anon.value;
	if (on_lists)
		anon = q_sub(j, anon, j->shmem);
	row(&s, "free", j->free, log_pages);
	row(&s, "free in per-CPU lists", total(j, STR("free_pcp")), log_pages);
	row(&s, "anonymous (programs)", anon, log_pages);
	if (on_lists)
		row(&s, "shmem (tmpfs, shared memory)", j->shmem, log_pages);
	row(&s, "file cache", j->file, log_pages);
	row(&s, "page lists of old kernels",
	    q_add_if_known(j, total(j, STR("active")), total(j, STR("inactive"))), log_pages);
	row(&s, "unevictable (locked)", total(j, STR("unevictable")), log_pages);
	row(&s, "slab, reclaimable", j->slab_r, log_pages);
	row(&s, "slab, unreclaimable", j->slab_u, log_pages);
	if (!j->slab_u.known)
		row(&s, "slab", total(j, STR("slab")), log_pages);
	row(&s, "page tables", j->pagetables, log_pages);
	row(&s, "page tables of devices", total(j, STR("sec_pagetables")), log_pages);
	row(&s, "kernel stacks", j->kernel_stack, "kernel log, node or zone lines");
	row(&s, "huge page pools", j->hugetlb, "kernel log, hugepages_total");
	row(&s, "compressed swap (zspages)", total(j, STR("zspages")), "kernel log, zone lines");
	row(&s, "balloon", total(j, STR("balloon")), "kernel log, node lines");
	row(&s, "per-CPU", meminfo(j, STR("percpu")), "/proc/meminfo");
	row(&s, "vmalloc without stacks", vmalloc_used(j), "/proc/vmallocinfo");
	finish(&s, j->ram);
}

static void of_cgroup(struct judge *j)
{
	static const struct {
		const char *key, *old, *name;
	} parts[] = {
		{"anon", "rss", "anonymous (programs)"},
		{"shmem", NULL, "shmem (tmpfs, shared memory)"},
		{"file", "cache", "file cache"},
		{"slab", NULL, "slab"},
		{"kernel_stack", NULL, "kernel stacks"},
		{"pagetables", NULL, "page tables"},
		{"sock", NULL, "socket buffers"},
		{"percpu", NULL, "per-CPU"},
		{"vmalloc", NULL, "vmalloc"},
		{"zswap", NULL, "compressed swap (zswap)"},
	};
	struct quantity usage = memcg_usage(j);
	struct sheet s = {.j = j, .left = (double)whole(usage.value)};
	struct quantity shmem = memcg_stat(j, STR("shmem"));
	if (!usage.known)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		struct quantity q = memcg_stat(j, str_of(parts[i].key));
		if (!q.known && parts[i].old)
			q = memcg_stat(j, str_of(parts[i].old));
		if (i == 2 && q.known && shmem.known && shmem.value <= q.value)
			q = q_sub(j, q, shmem);
		row(&s, parts[i].name, q, "kernel log, statistics of the cgroup");
	}
	/* v1 counts it, but not by its kinds; what it charged ahead may have been used above */
	struct quantity kmem = q_number(j, "kmem usage",
					j->ev->memcg.kmem.seen ? j->ev->memcg.kmem.usage_kb : UNKNOWN,
					1, NEED_MEMCG, "%.*s.memcg.kmem.usage_kb", STR_ARG(j->at));
	if (kmem.known && kmem.value <= s.left)
		row(&s, "kernel memory", kmem, "kernel log, kmem usage of the cgroup");
	finish(&s, usage);
}

static void of_host(struct judge *j)
{
	static const struct {
		const char *key, *name;
	} parts[] = {
		{"memfree", "free"},	       {"anonpages", "anonymous (programs)"},
		{"buffers", "buffers"},	       {"cached", "file cache with shmem"},
		{"swapcached", "swap cache"},  {"slab", "slab"},
		{"pagetables", "page tables"}, {"kernelstack", "kernel stacks"},
		{"percpu", "per-CPU"},	       {"hugetlb", "huge page pools"},
		{"vmallocused", "vmalloc"},
	};
	struct quantity all = meminfo(j, STR("memtotal"));
	struct sheet s = {.j = j, .left = (double)whole(all.value)};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		row(&s, parts[i].name, meminfo(j, str_of(parts[i].key)), "/proc/meminfo");
	finish(&s, all);
}

void balance_make(struct judge *j)
{
	uint32_t lacked = j->lacks;
	j->d->balance_total_kb = UNKNOWN;
	if (j->memcg && j->ev->memcg.memory.seen)
		of_cgroup(j);
	else if (j->ev->memory.seen && j->ram.known && j->free.known)
		of_machine(j);
	else if (!j->in->subject && meminfo(j, STR("memtotal")).known)
		of_host(j);
	j->lacks = lacked;
}
