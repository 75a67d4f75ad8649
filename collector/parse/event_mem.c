/* SPDX-License-Identifier: MIT */
/* event_mem.c - Mem-Info of all kernels: totals, nodes, zones, buddy lists, swap, RAM, slabs.
 *
 * Lines are known by their keys, not by their place: the block is one record with newlines in
 * it and comes in every shape.
 */
#include "parse/handlers.h"

static struct live *memory_of(struct parser *p, const struct piece *pc)
{
	struct live *l = live_for(p, pc, PART_MEMORY, true);

	if (l)
		l->ev->memory.seen = true;
	return l;
}

static void own(struct parser *p, struct live *l, const struct piece *pc)
{
	l->in_stats = false;
	live_own(p, l, pc, PART_MEMORY);
}

/* Mem-Info: */
HANDLER(on_mem_info)
{
	struct live *l = live_for(p, pc, PART_MEMORY, true);

	(void)rest;
	if (!l)
		return true;
	l->ev->memory.seen = true;
	own(p, l, pc);
	return true;
}

/* active_anon:3121 inactive_anon:51 isolated_anon:0
 *  free:720717 free_pcp:2 free_cma:0
 * ( Active: 12, inactive: 3, free: 4 ), of RHEL 3 ( Active: 12/5, inactive_laundry: 3, ...
 * Free pages:     11156kB (112kB HighMem) */
HANDLER(on_totals)
{
	struct str text = pc->text, at, word;
	struct live *l;

	(void)rest;
	if (take_lit(&text, STR("Free pages:"))) {
		l = memory_of(p, pc);
		if (!l)
			return true;
		(void)kvs_add(&l->ev->arena, &l->ev->memory.tail, STR("free"), take_kb(&text),
			      UNIT_KB);
		if (value_of(text, STR("("), &at))
			(void)kvs_add(&l->ev->arena, &l->ev->memory.tail, STR("free_highmem"),
				      take_kb(&at), UNIT_KB);
		own(p, l, pc);
		return true;
	}
	at = text;
	if (!take_until(&at, ':', &word))
		return false;
	skip_blanks(&at);
	if (at.n && !ascii_digit(at.p[0]) && at.p[0] != '-') /* "Active: active (running)" */
		return false;
	(void)take_number(&at);
	if (str_starts(at, STR(" kB"))) /* "Active:  325936 kB" of /proc/meminfo */
		return false;
	l = live_for(p, pc, PART_MEMORY, true);
	if (!l)
		return true;
	(void)take_char(&text, '(');
	while (text.n) {
		size_t before = text.n;

		take_pairs(&l->ev->arena, &l->ev->memory.totals, &text, UNIT_PAGES);
		if (take_char(&text, '/')) /* RHEL 3: of programs, and of files */
			(void)kvs_add(&l->ev->arena, &l->ev->memory.totals, STR("active_cache"),
				      take_number(&text), UNIT_PAGES);
		if (!take_char(&text, ',') && text.n == before)
			break;
	}
	l->ev->memory.seen = true;
	own(p, l, pc);
	return true;
}

static struct node *node_of(struct live *l, int64_t number)
{
	struct memory_info *m = &l->ev->memory;
	struct node *n;

	for (size_t i = m->n_nodes; i-- > 0;) {
		if (m->nodes[i].node == number)
			return &m->nodes[i];
	}
	n = arena_grow(&l->ev->arena, (void **)&m->nodes, &m->n_nodes, &m->room_nodes,
		       sizeof(*n));
	if (n)
		n->node = number;
	return n;
}

static struct zone *zone_of(struct live *l, int64_t node, struct str name, bool *fresh)
{
	struct memory_info *m = &l->ev->memory;
	struct zone *z;
	struct str copy;

	*fresh = false;
	for (size_t i = m->n_zones; i-- > 0;) {
		if (m->zones[i].node == node && str_eq(m->zones[i].name, name))
			return &m->zones[i];
	}
	if (!arena_str(&l->ev->arena, name, &copy))
		return NULL;
	z = arena_grow(&l->ev->arena, (void **)&m->zones, &m->n_zones, &m->room_zones,
		       sizeof(*z));
	if (!z)
		return NULL;
	z->node = node;
	z->name = copy;
	z->buddy.page_kb = z->buddy.total_kb = UNKNOWN;
	*fresh = true;
	return z;
}

/* 1*4kB (U) 0*8kB 1*16kB (UE) ... = 15908kB; 1_4kB where Markdown was written back from emphasis */
static void read_buddy(struct parser *p, struct live *l, struct zone *z, struct str in)
{
	struct buddy *b = &z->buddy;

	for (skip_blanks(&in); in.n; skip_blanks(&in)) {
		struct str types = {0};
		int64_t blocks, kb;

		if (take_char(&in, '=')) {
			skip_blanks(&in);
			b->total_kb = take_kb(&in);
			return;
		}
		if (!ascii_digit(in.p[0]))
			return;
		blocks = take_number(&in);
		if (!take_char(&in, '*') && !take_char(&in, '_'))
			return;
		kb = take_kb(&in);
		skip_blanks(&in);
		if (take_char(&in, '(') && !take_until(&in, ')', &types))
			return;
		if (b->orders == BUDDY_ORDERS)
			continue;
		if (b->orders == 0)
			b->page_kb = kb;
		b->free_blocks[b->orders] = blocks;
		b->types[b->orders] = types.n ? keep(p, l, types) : (struct str){"", 0};
		b->orders++;
	}
}

/* "DMA free:..", "DMA32: 1*4kB ..", "Normal per-cpu:" behind an optional "Node 0 " */
static bool zone_line(struct parser *p, struct piece *pc, int64_t node, struct str at)
{
	struct str name = at, values;
	struct live *l;
	struct zone *z;
	bool fresh;
	size_t i = 0;

	while (i < at.n && (ascii_alpha(at.p[i]) || ascii_digit(at.p[i])))
		i++;
	if (i < 3 || i > 12 || i == at.n)
		return false;
	name.n = i;
	at = str_from(at, i);
	values = at;
	if (str_starts(at, STR(" free:")) || str_starts(at, STR(" freepages:"))) {
		l = memory_of(p, pc);
		z = l ? zone_of(l, node, name, &fresh) : NULL;
		if (!z)
			return l == NULL;
		skip_blanks(&values);
		if (z->kv.n == 0 && take_lit(&values, STR("freepages:"))) {
			skip_blanks(&values);
			(void)kvs_add(&l->ev->arena, &z->kv, STR("free"), take_kb(&values), UNIT_KB);
		}
		if (z->kv.n == 0 || str_starts(at, STR(" freepages:")))
			take_pairs(&l->ev->arena, &z->kv, &values, UNIT_KB);
		l->last_zone = (size_t)(z - l->ev->memory.zones) + 1;
		own(p, l, pc);
		return true;
	}
	if (take_lit(&values, STR(":"))) {
		struct str probe = values;

		skip_blanks(&probe);
		if (probe.n == 0 || (!ascii_digit(probe.p[0]) && !str_starts(probe, STR("empty"))))
			return false;
		l = memory_of(p, pc);
		z = l ? zone_of(l, node, name, &fresh) : NULL;
		if (!z)
			return l == NULL;
		if (z->buddy.orders == 0)
			read_buddy(p, l, z, probe);
		own(p, l, pc);
		return true;
	}
	if (str_starts(at, STR(" per-cpu:")))
		return on_per_cpu(p, pc, at);
	return false;
}

/* Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB */
static bool huge_line(struct parser *p, struct piece *pc, int64_t node, struct str at)
{
	struct live *l = memory_of(p, pc);
	struct memory_info *m;
	struct hugepages *h;
	struct str v;

	if (!l)
		return true;
	m = &l->ev->memory;
	h = arena_grow(&l->ev->arena, (void **)&m->huge, &m->n_huge, &m->room_huge, sizeof(*h));
	if (h) {
		*h = (struct hugepages){node, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
		if (value_of(at, STR("_total="), &v))
			h->total = take_number(&v);
		if (value_of(at, STR("_free="), &v))
			h->free = take_number(&v);
		if (value_of(at, STR("_surp="), &v))
			h->surplus = take_number(&v);
		if (value_of(at, STR("_size="), &v))
			h->size_kb = take_number(&v);
	}
	own(p, l, pc);
	return true;
}

/* Node 0 active_anon:12484kB ... all_unreclaimable? no [Balloon:0kB] and all else of a node */
HANDLER(on_node)
{
	struct str at = rest;
	struct node *n;
	struct live *l;
	int64_t number;

	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	number = take_number(&at);
	if (number == UNKNOWN || !take_char(&at, ' '))
		return false;
	if (str_starts(at, STR("hugepages_")))
		return huge_line(p, pc, number, at);
	if (zone_line(p, pc, number, at))
		return true;
	if (!str_starts(at, STR("active_anon:")) && str_find(at, STR("kB")) == SIZE_MAX)
		return false;
	l = memory_of(p, pc);
	if (!l)
		return true;
	n = node_of(l, number);
	if (n && n->kv.n == 0)
		take_pairs(&l->ev->arena, &n->kv, &at, UNIT_KB);
	own(p, l, pc);
	return true;
}

/* The same without "Node 0 ", and "Zone:DMA freepages:..." of 2.4 */
HANDLER(on_zone)
{
	struct str at = pc->text;

	(void)rest;
	(void)take_lit(&at, STR("Zone:"));
	return zone_line(p, pc, 0, at);
}

/* 255*4kB = 1020kB) : 2.4 lists the free blocks of its zones in their order, without a name;
 * of an empty zone "= 0kB)" is all */
HANDLER(on_nameless_buddy)
{
	struct live *l;
	struct memory_info *m;

	if (rest.n < 6 || (rest.p[0] != '=' && !ascii_digit(rest.p[0])) ||
	    !str_ends(str_trim(rest), STR("kB)")) || str_find(rest, STR("= ")) == SIZE_MAX ||
	    (rest.p[0] != '=' && str_find(rest, STR("*4kB ")) == SIZE_MAX))
		return false;
	l = live_for(p, pc, PART_MEMORY, false);
	if (!l)
		return false;
	m = &l->ev->memory;
	for (size_t i = 0; i < m->n_zones; i++) {
		struct zone *z = &m->zones[i];

		if (z->buddy.orders || z->buddy.total_kb != UNKNOWN)
			continue;
		read_buddy(p, l, z, rest);
		own(p, l, pc);
		return true;
	}
	return false;
}

/* lowmem_reserve[]: 0 2955 2884 2884 2884 */
HANDLER(on_lowmem_reserve)
{
	struct live *l = memory_of(p, pc);
	int64_t values[32];
	size_t n = 0;
	struct zone *z;

	if (!l)
		return true;
	for (skip_blanks(&rest); rest.n && n < ARRAY_COUNT(values); skip_blanks(&rest)) {
		if (!ascii_digit(rest.p[0]) && rest.p[0] != '-')
			break;
		values[n++] = take_number(&rest);
	}
	z = l->last_zone && l->last_zone <= l->ev->memory.n_zones
		    ? &l->ev->memory.zones[l->last_zone - 1]
		    : NULL;
	if (z && !z->lowmem_reserve && n) {
		z->lowmem_reserve = arena_array(&l->ev->arena, n, sizeof(*values));
		if (z->lowmem_reserve) {
			memcpy(z->lowmem_reserve, values, n * sizeof(*values));
			z->n_lowmem_reserve = n;
		}
	}
	own(p, l, pc);
	return true;
}

/* aa:0 ac:2 id:3 il:4 ic:5 fr:255 (RHEL 3, a zone each)
 * DMA per-cpu: / cpu 0 hot: low 2, high 6, batch 1 / CPU    0: hi:  186, btch:  31 usd:   0
 * Nothing in them explains an OOM: kept as text. */
HANDLER(on_per_cpu)
{
	struct live *l;
	struct str at = pc->text;

	(void)rest;
	if (str_starts(at, STR("CPU ")) &&
	    (str_find(at, STR("btch:")) == SIZE_MAX || str_find(at, STR("hi:")) == SIZE_MAX))
		return false;
	if (str_starts(at, STR("cpu ")) && str_find(at, STR(" batch ")) == SIZE_MAX)
		return false;
	l = memory_of(p, pc);
	if (!l)
		return true;
	live_extra(p, l, pc);
	own(p, l, pc);
	return true;
}

/* Free swap  = 0kB / Free swap:            0kB / Total swap = 8024kB, at times negative;
 * Swap cache stats: add 1, delete 2, find 3/4 / Swap cache: add .. race 0+0 */
HANDLER(on_swap_line)
{
	struct live *l;
	struct str at = rest, v;
	int64_t *to;

	if (str_starts(pc->text, STR("Swap cache"))) {
		static const struct str words[] = {STR_INIT("add "), STR_INIT("delete "),
						   STR_INIT("find ")};
		static const struct str names[] = {STR_INIT("swap_cache_add"),
						   STR_INIT("swap_cache_delete"),
						   STR_INIT("swap_cache_find")};

		if (!value_of(pc->text, words[0], &v))
			return false;
		l = memory_of(p, pc);
		for (size_t i = 0; l && i < ARRAY_COUNT(words); i++) {
			if (value_of(pc->text, words[i], &v))
				(void)kvs_add(&l->ev->arena, &l->ev->memory.tail, names[i],
					      take_number(&v), UNIT_COUNT);
		}
		if (l)
			own(p, l, pc);
		return true;
	}
	skip_blanks(&at);
	if (!take_char(&at, '=') && !take_char(&at, ':'))
		return false;
	skip_blanks(&at);
	if (at.n == 0 || (!ascii_digit(at.p[0]) && at.p[0] != '-'))
		return false;
	l = memory_of(p, pc);
	if (!l)
		return true;
	to = pc->text.p[0] == 'F' ? &l->ev->memory.swap_free_kb : &l->ev->memory.swap_total_kb;
	if (*to == UNKNOWN)
		*to = take_kb(&at);
	own(p, l, pc);
	return true;
}

/* "130 total pagecache pages", "0 pages in swap cache", "262128 pages of RAM",
 * "5646 reserved pages", "0 pages HighMem/MovableOnly", "0 pages hwpoisoned" */
HANDLER(on_count_line)
{
	static const struct {
		struct str words, key;
	} rows[] = {
		{STR_INIT("total pagecache pages"), STR_INIT("pagecache")},
		{STR_INIT("pagecache pages"), STR_INIT("pagecache")},
		{STR_INIT("pages in swap cache"), STR_INIT("swap_cache")},
		{STR_INIT("pages swap cached"), STR_INIT("swap_cache")},
		{STR_INIT("pages RAM"), STR_INIT("ram")},
		{STR_INIT("pages of RAM"), STR_INIT("ram")},
		{STR_INIT("pages"), STR_INIT("ram")}, /* m68k */
		{STR_INIT("free pages"), STR_INIT("free")},
		{STR_INIT("pages HighMem/MovableOnly"), STR_INIT("highmem")},
		{STR_INIT("pages HighMem"), STR_INIT("highmem")},
		{STR_INIT("pages of HIGHMEM"), STR_INIT("highmem")},
		{STR_INIT("pages reserved"), STR_INIT("reserved")},
		{STR_INIT("reserved pages"), STR_INIT("reserved")},
		{STR_INIT("pages shared"), STR_INIT("shared")},
		{STR_INIT("pages non-shared"), STR_INIT("non_shared")},
		{STR_INIT("pages hwpoisoned"), STR_INIT("hwpoisoned")},
		{STR_INIT("pages cma reserved"), STR_INIT("cma_reserved")},
		{STR_INIT("pages in pagetable cache"), STR_INIT("pagetable_cache")},
	};
	struct str at = pc->text, words;
	char room[64];
	struct live *l;
	int64_t n;

	(void)rest;
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	n = take_number(&at);
	if (!take_char(&at, ' ') || at.n < 5 || at.n > 60 || !ascii_alpha(at.p[0]))
		return false;
	words = str_trim(at);
	if (str_find(words, STR("page")) == SIZE_MAX)
		return false;
	/* an unknown count is kept only where a block stands open */
	l = live_for(p, pc, PART_MEMORY, false);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (!str_eq(words, rows[i].words))
			continue;
		l = l ? l : memory_of(p, pc);
		if (l)
			(void)kvs_add(&l->ev->arena, &l->ev->memory.tail, rows[i].key, n,
				      UNIT_PAGES);
		goto done;
	}
	if (!l || !l->ev->memory.seen || !str_starts(words, STR("pages ")))
		return false;
	(void)take_lit(&words, STR("pages "));
	(void)kvs_add(&l->ev->arena, &l->ev->memory.tail, kv_key(words, room, sizeof(room)), n,
		      UNIT_PAGES);
done:
	if (l) {
		l->ev->memory.seen = true;
		own(p, l, pc);
	}
	return true;
}

/* Unreclaimable slab info: / Name                      Used          Total */
HANDLER(on_slab_head)
{
	struct live *l = live_for(p, pc, PART_MEMORY, false);

	(void)rest;
	if (!l)
		return false;
	l->in_slab = true;
	l->in_allocs = false;
	own(p, l, pc);
	return true;
}

HANDLER(on_slab_excessive)
{
	struct live *l = live_for(p, pc, PART_MEMORY, false);

	(void)rest;
	if (!l)
		return false;
	l->ev->slab_excessive = true;
	own(p, l, pc);
	return true;
}

/* dentry                   1024KB       2048KB */
bool slab_row(struct parser *p, struct live *l, const struct piece *pc)
{
	struct str at = pc->text, name, used_text = {0}, total_text = {0};
	struct slab_line *s;
	int64_t used, total;

	if (str_starts(at, STR("Name "))) {
		live_own(p, l, pc, 0);
		return true;
	}
	/* from the right: names of slabs hold blanks, too */
	at = str_trim(at);
	for (int i = 0; i < 2; i++) {
		size_t blank = str_rfind(at, STR(" "));

		if (blank == SIZE_MAX)
			return false;
		*(i ? &used_text : &total_text) = str_from(at, blank + 1);
		at = str_trim(str_sub(at, 0, blank));
	}
	name = at;
	if (name.n == 0 || !str_ends(used_text, STR("KB")) || !str_ends(total_text, STR("KB")))
		return false;
	used = take_kb(&used_text);
	total = take_kb(&total_text);
	if (used_text.n || total_text.n)
		return false;
	s = arena_grow(&l->ev->arena, (void **)&l->ev->slab, &l->ev->n_slab, &l->ev->room_slab,
		       sizeof(*s));
	if (s)
		*s = (struct slab_line){keep(p, l, name), used, total};
	live_own(p, l, pc, 0);
	return true;
}

/* Memory allocations: (6.10+) */
HANDLER(on_allocs_head)
{
	struct live *l = live_for(p, pc, PART_MEMORY, false);

	(void)rest;
	if (!l)
		return false;
	l->in_allocs = true;
	l->in_slab = false;
	own(p, l, pc);
	return true;
}

/* "1.50 MiB" or a plain number of bytes */
static int64_t take_size(struct str *in)
{
	static const struct str units[] = {STR_INIT("B"), STR_INIT("KiB"), STR_INIT("MiB"),
					   STR_INIT("GiB"), STR_INIT("TiB")};
	int64_t whole = take_number(in), part = 0, scale = 1, factor = 1;

	if (whole == UNKNOWN)
		return UNKNOWN;
	if (take_char(in, '.')) {
		for (; in->n && ascii_digit(in->p[0]) && scale < 1000; scale *= 10) {
			part = part * 10 + (in->p[0] - '0');
			*in = str_from(*in, 1);
		}
	}
	skip_blanks(in);
	for (size_t i = 0; i < ARRAY_COUNT(units); i++, factor *= 1024) {
		struct str at = *in;

		if (take_lit(&at, units[i]) && (at.n == 0 || ascii_blank(at.p[0]))) {
			*in = at;
			if (whole > INT64_MAX / factor / 2)
				return UNKNOWN;
			return whole * factor + part * factor / scale;
		}
	}
	return whole;
}

/*     1.50 MiB      384 mm/slub.c:2320 func:alloc_slab_page */
bool alloc_row(struct parser *p, struct live *l, const struct piece *pc)
{
	struct str at = pc->text;
	struct alloc_line *a;
	int64_t bytes, calls;

	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	bytes = take_size(&at);
	skip_blanks(&at);
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	calls = take_number(&at);
	skip_blanks(&at);
	if (str_find(at, STR("func:")) == SIZE_MAX)
		return false;
	a = arena_grow(&l->ev->arena, (void **)&l->ev->allocs, &l->ev->n_allocs,
		       &l->ev->room_allocs, sizeof(*a));
	if (a)
		*a = (struct alloc_line){bytes, calls, keep(p, l, at)};
	live_own(p, l, pc, 0);
	return true;
}
