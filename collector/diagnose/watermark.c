/* SPDX-License-Identifier: MIT */
/* watermark.c - could this zone have served that request? The kernel's own test, exactly.
 *
 * mm/page_alloc.c, __zone_watermark_ok() of each era: free, min, low, high are printed in kB,
 * lowmem_reserve[] in pages and indexed by the highest zone the *request* may use. It fails
 * when  free - unusable <= mark + lowmem_reserve[request].
 *   unusable: 2^order - 1 pages; since 5.5 printed, since 4.4 there: the highatomic reserve (all
 *   that is reserved up to 6.11, the free part of it from 6.13 on); free CMA pages where the
 *   request is not movable (3.7 on).
 *   discounts on the mark: __GFP_HIGH one half, then an atomic request a quarter of the rest; a
 *   task that is being killed one half (4.14 on; before it ignores watermarks).
 *   order > 0: 4.4 on a block of the order with a usable type must be listed; before, the free
 *   pages below each order are taken off while the mark is halved at each step.
 */
#include "diagnose/judge.h"

#include <math.h>

static const struct str zone_names[Z_COUNT] = {
	[Z_DMA] = STR_INIT("DMA"),	   [Z_DMA32] = STR_INIT("DMA32"),
	[Z_NORMAL] = STR_INIT("Normal"),   [Z_HIGHMEM] = STR_INIT("HighMem"),
	[Z_MOVABLE] = STR_INIT("Movable"), [Z_DEVICE] = STR_INIT("Device"),
};

enum zone_kind zone_kind_of(struct str name)
{
	for (int k = 0; k < Z_COUNT; k++)
		if (str_eq(zone_names[k], name))
			return (enum zone_kind)k;
	return Z_NORMAL;
}

/* Kernel configurations by how many zones lowmem_reserve[] lists, likeliest first. A row fits
 * when it has every zone that is printed. */
static const struct {
	unsigned char n;
	unsigned char has; /* 1 << enum zone_kind */
} layouts[] = {
#define Z(k) (1 << (k))
	{5, Z(Z_DMA) | Z(Z_DMA32) | Z(Z_NORMAL) | Z(Z_MOVABLE) | Z(Z_DEVICE)},
	{4, Z(Z_DMA) | Z(Z_DMA32) | Z(Z_NORMAL) | Z(Z_MOVABLE)},
	{4, Z(Z_DMA) | Z(Z_NORMAL) | Z(Z_HIGHMEM) | Z(Z_MOVABLE)},
	{4, Z(Z_DMA) | Z(Z_DMA32) | Z(Z_NORMAL) | Z(Z_HIGHMEM)}, /* before 2.6.23 */
	{4, Z(Z_DMA) | Z(Z_NORMAL) | Z(Z_MOVABLE) | Z(Z_DEVICE)},
	{4, Z(Z_DMA32) | Z(Z_NORMAL) | Z(Z_MOVABLE) | Z(Z_DEVICE)},
	{3, Z(Z_DMA) | Z(Z_NORMAL) | Z(Z_MOVABLE)},
	{3, Z(Z_NORMAL) | Z(Z_HIGHMEM) | Z(Z_MOVABLE)},
	{3, Z(Z_DMA32) | Z(Z_NORMAL) | Z(Z_MOVABLE)},
	{3, Z(Z_DMA) | Z(Z_NORMAL) | Z(Z_HIGHMEM)},
	{3, Z(Z_NORMAL) | Z(Z_MOVABLE) | Z(Z_DEVICE)},
	{2, Z(Z_NORMAL) | Z(Z_MOVABLE)},
	{2, Z(Z_DMA) | Z(Z_NORMAL)},
#undef Z
};

static unsigned printed_kinds(const struct judge *j)
{
	unsigned kinds = 0;
	for (size_t i = 0; i < j->ev->memory.n_zones; i++)
		kinds |= 1U << zone_kind_of(j->ev->memory.zones[i].name);
	return kinds;
}

/* Which zones that kernel was built with, or 0. */
static unsigned layout_of(const struct judge *j)
{
	unsigned kinds = printed_kinds(j);
	size_t n = 0;
	for (size_t i = 0; i < j->ev->memory.n_zones; i++)
		if (j->ev->memory.zones[i].n_lowmem_reserve > n)
			n = j->ev->memory.zones[i].n_lowmem_reserve;
	for (size_t i = 0; i < ARRAY_COUNT(layouts); i++)
		if (layouts[i].n == n && (layouts[i].has & kinds) == kinds)
			return layouts[i].has;
	return 0;
}

/* gfp_zone(): the highest zone the request may use. Where a zone is not configured the next
 * lower one stands in (DMA: the lowest there is). */
static enum zone_kind request_zone_of(const struct judge *j, unsigned layout)
{
	int want = Z_NORMAL;
	if (j->gfp.dma)
		want = Z_DMA;
	else if (j->gfp.dma32)
		want = Z_DMA32;
	else if (j->gfp.highmem && j->gfp.movable)
		want = Z_MOVABLE;
	else if (j->gfp.highmem)
		want = Z_HIGHMEM;
	if (!layout)
		layout = printed_kinds(j) | 1U << Z_NORMAL;
	for (int k = want; k >= 0; k--)
		if (layout & 1U << k)
			return (enum zone_kind)k;
	for (int k = want; k < Z_COUNT; k++)
		if (layout & 1U << k)
			return (enum zone_kind)k;
	return Z_NORMAL;
}

static int reserve_index(unsigned layout, enum zone_kind request)
{
	int at = -1;
	for (int k = 0; k <= (int)request; k++)
		at += layout >> k & 1U ? 1 : 0;
	return at;
}

static struct quantity reserve_of(struct judge *j, size_t i, unsigned layout)
{
	const struct zone *z = &j->ev->memory.zones[i];
	size_t at = (size_t)reserve_index(layout, j->request_zone);
	if (z->n_lowmem_reserve == 0)
		return q_constant(j, 0, "lowmem_reserve");
	if (at >= z->n_lowmem_reserve) /* no layout fits: the largest request's */
		at = z->n_lowmem_reserve - 1;
	struct quantity q = q_number(j, "lowmem_reserve", z->lowmem_reserve[at], j->page_kb,
				     NEED_MEMORY,
				     "%.*s.memory.zones[%zu].lowmem_reserve_pages[%zu]",
				     STR_ARG(j->at), i, at);
	return q.known ? q : q_constant(j, 0, "lowmem_reserve");
}

static bool has_letter(struct str types, char letter)
{
	return str_find_char(types, letter) != SIZE_MAX;
}

/* May the request take pages kept for high-order atomic ones? */
static bool may_highatomic(const struct judge *j)
{
	return j->ev->kind != EVENT_OOM_KILL && j->gfp.atomic;
}

/* The part of free memory that is set aside for atomic requests of higher order. */
static struct quantity highatomic_of(struct judge *j, size_t i)
{
	struct quantity free_part = zone_number(j, i, STR("free_highatomic"));
	struct quantity reserved = zone_number(j, i, STR("reserved_highatomic"));
	if (may_highatomic(j))
		return q_unknown(NEED_NOTHING);
	if (free_part.known)
		return free_part;
	/* 6.12.y took the change in between, 6.13 to 6.16 have it and do not print it: only that
	 * nothing is free there can be told, from the letters */
	const struct buddy *b = &j->ev->memory.zones[i].buddy;
	bool any_h = false;
	for (int o = 0; o < b->orders; o++)
		any_h |= b->free_blocks[o] > 0 && has_letter(b->types[o], 'H');
	if (kernel_between(j, 6, 12, 99, 0) && !any_h)
		return q_unknown(NEED_NOTHING);
	return reserved.known && reserved.value > 0 ? reserved : q_unknown(NEED_NOTHING);
}

static struct quantity usable_of(struct judge *j, size_t i)
{
	int64_t order = j->ev->trigger.order;
	struct quantity q = zone_number(j, i, STR("free"));
	if (order > 0 && order < BUDDY_ORDERS)
		q = q_sub(j, q, q_constant(j, (double)((1LL << order) - 1) * j->page_kb,
					   "rest of the block"));
	struct quantity atomic = highatomic_of(j, i);
	if (atomic.known && atomic.value > 0)
		q = q_sub(j, q, atomic);
	struct quantity cma = zone_number(j, i, STR("free_cma"));
	if (!j->may_cma && cma.known && cma.value > 0)
		q = q_sub(j, q, cma);
	return q;
}

/* Was the requesting task already chosen by an earlier invocation? */
static bool is_victim(const struct judge *j)
{
	for (size_t i = 0; i < j->in->n_notes; i++)
		if (j->in->notes[i].first_line < j->ev->first_line &&
		    j->in->notes[i].victim_pid == j->ev->trigger.pid &&
		    j->ev->trigger.pid != UNKNOWN)
			return true;
	return false;
}

/* min as that request sees it; the kernel halves whole pages, so a constant makes up for the
 * rounding and the sum stays exact. */
static struct quantity discounted(struct judge *j, struct quantity min)
{
	if (!min.known)
		return min;
	int64_t pages = whole(min.value / j->page_kb), left = pages;
	double factor = 1;
	if (j->gfp.high || j->gfp.atomic) {
		left -= left / 2;
		factor /= 2;
	}
	if (j->gfp.atomic) {
		left -= left / 4;
		factor *= 0.75;
	}
	if (is_victim(j) && kernel_between(j, 4, 14, 99, 0)) {
		left -= left / 2;
		factor /= 2;
	}
	if (left == pages)
		return min;
	double rounding = (double)left * j->page_kb - min.value * factor;
	struct quantity q = q_times(j, factor, min);
	return fabs(rounding) < 0.001 ? q
				      : q_add(j, q, q_constant(j, rounding, "rounding to pages"));
}

/* 4.4 on: a free block of the order, of a type this request may take. */
static bool block_of_type(const struct judge *j, const struct buddy *b)
{
	int64_t order = j->ev->trigger.order;
	for (int o = order < 0 ? 0 : (int)order; o < b->orders; o++) {
		struct str t = b->types[o];
		if (b->free_blocks[o] <= 0)
			continue;
		if (!t.n || has_letter(t, 'U') || has_letter(t, 'M') || has_letter(t, 'E') ||
		    has_letter(t, 'R') || (j->may_cma && has_letter(t, 'C')) ||
		    (may_highatomic(j) && has_letter(t, 'H')))
			return true;
	}
	return false;
}

/* Before 4.4: what is free in lower orders does not count, the mark is halved each step. */
static bool old_block_test(const struct judge *j, const struct zone_view *v)
{
	const struct buddy *b = &v->zone->buddy;
	double free_pages = v->usable.value / j->page_kb;
	int64_t mark = whole(v->need_min.value / j->page_kb);
	for (int o = 0; o < (int)j->ev->trigger.order && o < b->orders; o++) {
		if (b->free_blocks[o] != UNKNOWN)
			free_pages -= (double)b->free_blocks[o] * (double)(1 << o);
		mark >>= 1;
		if (free_pages <= (double)mark)
			return false;
	}
	return true;
}

static bool node_allowed(const struct judge *j, int64_t node)
{
	const struct trigger *t = &j->ev->trigger;
	if (t->nodemask.n && !node_in_list(t->nodemask, node))
		return false;
	return !t->mems_allowed.n || node_in_list(t->mems_allowed, node);
}

static void view_zone(struct judge *j, struct zone_view *v, size_t i, unsigned layout)
{
	const struct zone *z = &j->ev->memory.zones[i];
	v->zone = z;
	v->kind = zone_kind_of(z->name);
	v->eligible = v->kind <= j->request_zone && v->kind != Z_DEVICE &&
		      node_allowed(j, z->node == UNKNOWN ? 0 : z->node);
	v->free = zone_number(j, i, STR("free"));
	v->usable = q_headed(j, usable_of(j, i), "%s: ", zone_title(j, z));
	struct quantity reserve = reserve_of(j, i, layout);
	v->need_min = q_add(j, discounted(j, zone_number(j, i, STR("min"))), reserve);
	v->need_high = q_add(j, zone_number(j, i, STR("high")), reserve);
	v->reclaimable = q_add_if_known(j, zone_number(j, i, STR("active_file")),
					zone_number(j, i, STR("inactive_file")));
	v->short_of_min = v->usable.known && v->need_min.known &&
			  v->usable.value <= v->need_min.value;
	v->has_block = z->buddy.orders == 0 || j->ev->trigger.order <= 0 ||
		       block_of_type(j, &z->buddy);
	if (v->has_block && j->kernel_known && j->ev->trigger.order > 0 && z->buddy.orders &&
	    kernel_version_cmp(&j->kernel, 4, 4, 0) < 0)
		v->has_block = old_block_test(j, v);
}

void watermarks_derive(struct judge *j)
{
	size_t n = j->ev->memory.n_zones;
	unsigned layout = layout_of(j);
	j->request_zone = j->gfp_known ? request_zone_of(j, layout) : Z_MOVABLE;
	j->may_cma = !j->gfp_known || j->gfp.movable;
	if (n == 0)
		return;
	j->zones = arena_array(&j->d->arena, n, sizeof(*j->zones));
	if (!j->zones) {
		j->failed = true;
		return;
	}
	j->n_zones = n;
	for (size_t i = 0; i < n; i++)
		view_zone(j, &j->zones[i], i, layout);
}

static bool says_all(struct judge *j, bool high)
{
	size_t eligible = 0, shown = 0;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		const struct quantity *need = high ? &v->need_high : &v->need_min;
		if (!v->eligible)
			continue;
		if (!v->usable.known || !need->known)
			return lacks(j, NEED_MEMORY);
		if (v->usable.value > need->value)
			return false;
		eligible++;
	}
	if (eligible == 0)
		return lacks(j, NEED_MEMORY);
	for (size_t i = 0; i < j->n_zones && shown < ZONES_SHOWN; i++) {
		if (!j->zones[i].eligible)
			continue;
		says(j, j->zones[i].usable, "<=",
		     high ? j->zones[i].need_high : j->zones[i].need_min);
		shown++;
	}
	return !j->failed;
}

bool says_all_short(struct judge *j)
{
	return says_all(j, false);
}

bool says_all_below_high(struct judge *j)
{
	return says_all(j, true);
}

bool no_fitting_block(const struct judge *j)
{
	bool above = false;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		if (!v->eligible || v->zone->buddy.orders == 0 || !v->usable.known ||
		    !v->need_min.known || v->short_of_min)
			continue; /* the blocks of a zone below its mark do not count */
		above = true;
		if (v->has_block)
			return false;
	}
	return above;
}
