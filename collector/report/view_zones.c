/* SPDX-License-Identifier: MIT */
/* view_zones.c - zones against their watermarks with the arithmetic, and the free blocks.
 *
 * The test of mm/page_alloc.c, __zone_watermark_ok(): free less what the request may not use
 * must be above the watermark plus lowmem_reserve, in pages, of the request's highest zone.
 */
#include "report/view.h"

#include <math.h>
#include <stdio.h>

/* ---- which entry of lowmem_reserve counts ---- */

static bool has_flag(const struct view *v, const char *flag)
{
	json_t *names = at(v->event, "trigger.gfp_flags"), *name;
	size_t i;

	json_array_foreach(names, i, name) {
		if (json_is_string(name) && str_eq(str_of(json_string_value(name)), str_of(flag)))
			return true;
	}
	return false;
}

static bool may_be_movable(const struct view *v)
{
	return has_flag(v, "GFP_HIGHUSER_MOVABLE") || has_flag(v, "__GFP_MOVABLE") ||
	       has_flag(v, "GFP_TRANSHUGE") || has_flag(v, "GFP_TRANSHUGE_LIGHT");
}

/* The highest zone of the request, include/linux/gfp.h gfp_zone(). */
static struct str request_zone(const struct view *v)
{
	bool high = has_flag(v, "GFP_HIGHUSER_MOVABLE") || has_flag(v, "GFP_HIGHUSER") ||
		    has_flag(v, "GFP_TRANSHUGE") || has_flag(v, "GFP_TRANSHUGE_LIGHT") ||
		    has_flag(v, "__GFP_HIGHMEM");

	if (!at(v->event, "trigger.gfp_flags"))
		return STR("");
	if (has_flag(v, "GFP_DMA") || has_flag(v, "__GFP_DMA"))
		return STR("DMA");
	if (has_flag(v, "GFP_DMA32") || has_flag(v, "__GFP_DMA32"))
		return STR("DMA32");
	if (high)
		return may_be_movable(v) ? STR("Movable") : STR("HighMem");
	return STR("Normal");
}

/* The order of include/linux/mmzone.h; which of them a kernel has is its configuration. */
static const struct str zone_order[] = {
	STR_INIT("DMA"),     STR_INIT("DMA32"),	  STR_INIT("Normal"),
	STR_INIT("HighMem"), STR_INIT("Movable"), STR_INIT("Device"),
};
enum { DMA, DMA32, NORMAL, HIGHMEM, MOVABLE, DEVICE, N_ZONES };

static int zone_index(struct str name)
{
	for (int i = 0; i < N_ZONES; i++) {
		if (str_eq(zone_order[i], name))
			return i;
	}
	return -1;
}

/* Index into lowmem_reserve of that zone on this machine; -1 when it cannot be told. */
static int reserve_index(const struct view *v, struct str request, size_t entries)
{
	static const int add_order[] = {DMA, DMA32, DEVICE, HIGHMEM};
	bool has[N_ZONES] = {[NORMAL] = true, [MOVABLE] = true};
	json_t *zones = at(v->event, "memory.zones"), *zone;
	size_t n = 2, i;
	int wanted = zone_index(request), index = 0;

	json_array_foreach(zones, i, zone) {
		int k = zone_index(text_at(zone, "zone"));

		if (k >= 0 && !has[k]) {
			has[k] = true;
			n++;
		}
	}
	for (i = 0; i < ARRAY_COUNT(add_order) && n < entries; i++) {
		if (!has[add_order[i]] && !(add_order[i] == DMA32 && has[HIGHMEM])) {
			has[add_order[i]] = true;
			n++;
		}
	}
	if (wanted == HIGHMEM && !has[HIGHMEM])
		wanted = NORMAL;
	if (wanted < 0 || n != entries)
		return -1;
	for (int k = 0; k < wanted; k++)
		index += has[k];
	return has[wanted] ? index : -1;
}

/* In kB. Where the zone of the request is not known, the last entry: the largest. */
static int64_t reserve_kb(const struct view *v, json_t *zone)
{
	json_t *list = at(zone, "lowmem_reserve_pages");
	size_t n = json_array_size(list);
	int i = reserve_index(v, request_zone(v), n);
	json_t *pages = json_array_get(list, i < 0 ? n - 1 : (size_t)i);

	if (!n || !json_is_integer(pages))
		return UNKNOWN;
	return pages_to_kb(v, json_integer_value(pages));
}

/* ---- one zone ---- */

struct levels {
	int64_t free, min, low, high, reserve, highatomic, cma, rest, usable, need;
};

static int64_t or_zero(int64_t n)
{
	return n == UNKNOWN ? 0 : n;
}

static struct levels read_levels(const struct view *v, json_t *zone)
{
	struct levels z = {
		.free = number_at(zone, "free_kb"),   .min = number_at(zone, "min_kb"),
		.low = number_at(zone, "low_kb"),     .high = number_at(zone, "high_kb"),
		.reserve = reserve_kb(v, zone),	      .cma = UNKNOWN,
		.rest = UNKNOWN,		      .usable = UNKNOWN,
		.need = UNKNOWN,
	};
	int64_t order = number_at(v->event, "trigger.order");

	/* what is free of it is printed from 6.17 on, before that what is set aside */
	z.highatomic = number_at(zone, "free_highatomic_kb");
	if (z.highatomic == UNKNOWN)
		z.highatomic = number_at(zone, "reserved_highatomic_kb");
	if (!may_be_movable(v))
		z.cma = number_at(zone, "free_cma_kb");
	if (order > 0 && order < 31)
		z.rest = pages_to_kb(v, (INT64_C(1) << order) - 1);
	if (z.free != UNKNOWN)
		z.usable = z.free - or_zero(z.highatomic) - or_zero(z.cma) - or_zero(z.rest);
	if (z.min != UNKNOWN)
		z.need = z.min + or_zero(z.reserve);
	return z;
}

static bool is_eligible(const struct view *v, json_t *zone)
{
	int wanted = zone_index(request_zone(v)), is = zone_index(text_at(zone, "zone"));

	return wanted < 0 || is < 0 || is <= wanted;
}

static void add_arithmetic(struct buf *b, const struct levels *z)
{
	bool less = z->usable <= z->need;

	buf_addf(b, "free %lld", (long long)z->free);
	if (or_zero(z->highatomic))
		buf_addf(b, " - highatomic %lld", (long long)z->highatomic);
	if (or_zero(z->cma))
		buf_addf(b, " - free_cma %lld", (long long)z->cma);
	if (or_zero(z->rest))
		buf_addf(b, " - rest of the block %lld", (long long)z->rest);
	if (z->usable != z->free)
		buf_addf(b, " = %lld", (long long)z->usable);
	buf_addf(b, " %s min %lld", less ? "<=" : ">", (long long)z->min);
	if (or_zero(z->reserve))
		buf_addf(b, " + reserve %lld = %lld", (long long)z->reserve, (long long)z->need);
	if (z->usable == z->need)
		buf_addz(b, ": must be above");
	else
		buf_addf(b, ": %s by %lld kB", less ? "short" : "above",
			 (long long)(less ? z->need - z->usable : z->usable - z->need));
}

/* Scale of the bar: what reaches furthest of the marks, at most a few times high. */
static void put_scale(struct view *v, json_t *row, const struct levels *z)
{
	double top = (double)(or_zero(z->high) + or_zero(z->reserve));
	double free = (double)z->usable;

	if (top <= 0)
		top = 1;
	top *= 1.6;
	put(v, row, "free_width", json_real(fmin(100, fmax(0, 100 * free / top))));
	put(v, row, "min_at", json_real(100 * (double)z->need / top));
	put(v, row, "low_at", json_real(100 * (double)(or_zero(z->low) + or_zero(z->reserve)) / top));
	put(v, row, "high_at",
	    json_real(100 * (double)(or_zero(z->high) + or_zero(z->reserve)) / top));
	put_bool(v, row, "beyond", free > top);
}

struct zone_counts {
	unsigned eligible, shorts, known;
};

static void view_zone(struct view *v, json_t *rows, json_t *zone, struct table *t,
		      struct buf *lines, struct zone_counts *n)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1024);
	struct levels z = read_levels(v, zone);
	bool known = z.usable != UNKNOWN && z.need != UNKNOWN;
	bool eligible = is_eligible(v, zone), is_short = known && z.usable <= z.need;
	int64_t node = number_at(zone, "node");
	json_t *row = add_row(v, rows);
	char name[96];

	snprintf(name, sizeof(name), "Node %lld %.*s", (long long)or_zero(node),
		 STR_ARG(text_or(text_at(zone, "zone"), "?")));
	n->eligible += eligible;
	n->known += eligible && known;
	n->shorts += eligible && is_short;
	put_text(v, row, "name", str_of(name));
	put_number(v, row, "free_kb", z.free);
	put_number(v, row, "min_kb", z.min);
	put_number(v, row, "low_kb", z.low);
	put_number(v, row, "high_kb", z.high);
	put_number(v, row, "reserve_kb", z.reserve);
	put_number(v, row, "usable_kb", z.usable);
	put_number(v, row, "need_kb", z.need);
	put_number(v, row, "managed_kb", number_at(zone, "managed_kb"));
	put_bool(v, row, "short", is_short);
	put_bool(v, row, "eligible", eligible);
	put_scale(v, row, &z);
	table_row(t, !eligible ? PAINT_DIM : is_short ? PAINT_BAD : PAINT_NONE);
	table_cell(t, str_of(name));
	table_number(t, z.free);
	table_number(t, z.min);
	table_number(t, z.low);
	table_number(t, z.high);
	table_number(t, z.reserve);
	table_number(t, number_at(zone, "managed_kb"));
	if (!known)
		buf_addz(&b, "not known");
	else
		add_arithmetic(&b, &z);
	if (!eligible)
		buf_addz(&b, " (the request may not use it)");
	put_buf(v, row, "arithmetic", &b);
	if (known) {
		char head[128];

		snprintf(head, sizeof(head), "  %s: ", name);
		wrap(lines, buf_str(&b), v->o.width, str_of(head), 4);
	}
}

static void put_zone_words(struct view *v, json_t *to, const struct zone_counts *n)
{
	int64_t order = number_at(v->event, "trigger.order");

	if (!n->known) {
		put(v, to, "words", json_null());
	} else if (n->shorts == n->eligible) {
		put_text(v, to, "words",
			 STR("Every zone the request may use is below min + reserve."));
	} else if (n->shorts) {
		putf(v, to, "words",
		     "%u of the %u zones the request may use are below min + reserve.",
		     n->shorts, n->eligible);
	} else if (order > 0) {
		putf(v, to, "words",
		     "No zone the request may use is below min + reserve: what is missing is a "
		     "free block of order %lld or more.",
		     (long long)order);
	} else if (true_at(v->event, "fatal")) {
		put_text(v, to, "words",
			 STR("No zone the request may use is below min + reserve. That is no "
			     "contradiction: the kernel's last try before a kill is made "
			     "against 'high', and the numbers are printed after it."));
	} else {
		put_text(v, to, "words",
			 STR("No zone the request may use is below min + reserve: memory came "
			     "free between the failure and its report."));
	}
}

/* ---- free blocks by order ---- */

/* 0 none .. 4 many, by the share of the zone's free memory in it. */
static int level(int64_t kb, int64_t total)
{
	double p = percent_of(kb, total);

	return kb <= 0 ? 0 : p < 5 ? 1 : p < 20 ? 2 : p < 40 ? 3 : 4;
}

static void view_buddy_zone(struct view *v, json_t *rows, json_t *zone, struct table *t,
			    int64_t order)
{
	json_t *list = at(zone, "buddy"), *block, *row, *cells;
	int64_t total = number_at(zone, "buddy_total_kb");
	char name[96];
	size_t i;

	if (!json_array_size(list))
		return;
	snprintf(name, sizeof(name), "Node %lld %.*s", (long long)or_zero(number_at(zone, "node")),
		 STR_ARG(text_or(text_at(zone, "zone"), "?")));
	row = add_row(v, rows);
	put_text(v, row, "name", str_of(name));
	put_number(v, row, "total_kb", total);
	cells = put_array(v, row, "cells");
	table_row(t, PAINT_NONE);
	table_cell(t, str_of(name));
	json_array_foreach(list, i, block) {
		int64_t n = number_at(block, "free_blocks"), kb = number_at(block, "block_kb");
		int64_t all;
		json_t *cell = add_row(v, cells);

		put_number(v, cell, "order", (int64_t)i);
		put_number(v, cell, "free_blocks", n);
		put_number(v, cell, "block_kb", kb);
		put_text(v, cell, "types", text_at(block, "types"));
		put_number(v, cell, "level",
			   level(n == UNKNOWN || kb == UNKNOWN ||
						 __builtin_mul_overflow(n, kb, &all)
					 ? 0
					 : all,
				 total));
		put_bool(v, cell, "too_small", order > 0 && (int64_t)i < order);
		table_number(t, n);
	}
}

static void view_buddy(struct view *v)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrrrrrrrrrrrrr");
	json_t *to = put_object(v, v->to, "buddy"), *rows = put_array(v, to, "rows");
	json_t *zones = at(v->event, "memory.zones"), *zone, *orders = put_array(v, to, "orders");
	int64_t order = number_at(v->event, "trigger.order");
	size_t i, most = 0;

	json_array_foreach(zones, i, zone) {
		size_t n = json_array_size(at(zone, "buddy"));

		most = n > most ? n : most;
	}
	if (most) {
		table_row(&t, PAINT_DIM);
		table_cell(&t, STR("order"));
	}
	for (i = 0; i < most; i++) {
		json_t *o = add_row(v, orders);
		char size[NUMBER_TEXT];

		put_number(v, o, "order", (int64_t)i);
		putf(v, o, "size", "%s",
		     human_size(v->page_kb > 0 ? v->page_kb << i : UNKNOWN, size));
		put_bool(v, o, "wanted", order == (int64_t)i);
		table_number(&t, (int64_t)i);
	}
	json_array_foreach(zones, i, zone)
		view_buddy_zone(v, rows, zone, &t, order);
	put_bool(v, to, "known", json_array_size(rows) > 0);
	put_table(v, to, "table", &t, 2);
}

/* A line a zone with a bar of its free memory against what it needs. */
static void put_zone_bars(struct view *v, json_t *to, json_t *rows)
{
	CLEANUP_TABLE struct table t = TABLE_INIT("lll");
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		CLEANUP_BUF struct buf bar = BUF_INIT(1024);
		int64_t need = number_at(row, "need_kb");

		add_bar(v, &bar, number_at(row, "usable_kb"), need == UNKNOWN ? 1 : need, 6);
		table_row(&t, !true_at(row, "eligible") ? PAINT_DIM
			      : true_at(row, "short")	? PAINT_BAD
							: PAINT_NONE);
		table_cell(&t, text_at(row, "name"));
		table_cell(&t, buf_str(&bar));
		table_cell(&t, text_at(row, "arithmetic"));
	}
	put_table(v, to, "bars", &t, 2);
}

void view_zones(struct view *v)
{
	static const char *const heads[] = {"zone", "free",    "min",	 "low",
					    "high", "reserve", "managed"};
	CLEANUP_TABLE struct table t = TABLE_INIT("lrrrrrr");
	CLEANUP_BUF struct buf lines = BUF_INIT(VIEW_TEXT_MAX), wrapped = BUF_INIT(4096);
	json_t *to = put_object(v, v->to, "zones"), *rows = put_array(v, to, "rows"), *zone;
	json_t *zones = at(v->event, "memory.zones");
	struct zone_counts n = {0, 0, 0};
	size_t i;

	if (json_array_size(zones)) {
		table_row(&t, PAINT_DIM);
		for (i = 0; i < ARRAY_COUNT(heads); i++)
			table_cell(&t, str_of(heads[i]));
	}
	json_array_foreach(zones, i, zone)
		view_zone(v, rows, zone, &t, &lines, &n);
	put_bool(v, to, "known", json_array_size(rows) > 0);
	put_table(v, to, "table", &t, 2);
	put_zone_bars(v, to, rows);
	put_buf(v, to, "arithmetic", &lines);
	put_text(v, to, "request_zone", request_zone(v).n ? request_zone(v) : (struct str){NULL, 0});
	put_zone_words(v, to, &n);
	if (text_at(to, "words").n)
		wrap(&wrapped, text_at(to, "words"), v->o.width, STR("  "), 2);
	put_buf(v, to, "words_wrapped", &wrapped);
	view_buddy(v);
}
