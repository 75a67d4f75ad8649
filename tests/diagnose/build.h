/* SPDX-License-Identifier: MIT */
/* build.h - events built by hand, for arithmetic that must be exact. */
#ifndef OOMREPORT_TESTS_DIAGNOSE_BUILD_H
#define OOMREPORT_TESTS_DIAGNOSE_BUILD_H

#include "diagnose/judge.h"
#include "harness.h"

static inline void build_event(struct event *ev)
{
	*ev = (struct event){.arena = ARENA_INIT(1 << 20), .kind = EVENT_OOM_KILL,
			     .scope = SCOPE_GLOBAL, .fatal = true, .first_line = 1,
			     .last_line = 2, .monotonic_us = UNKNOWN, .wall_us = UNKNOWN};
	struct trigger *t = &ev->trigger;
	t->pid = t->cpu = t->uid = t->oom_score_adj = t->oom_adj = t->stall_ms = UNKNOWN;
	t->order = 0;
	t->gfp_mask = UNKNOWN;
	ev->memory.swap_free_kb = ev->memory.swap_total_kb = UNKNOWN;
	ev->memcg.memory.usage_kb = ev->memcg.memory.limit_kb = UNKNOWN;
}

static inline struct zone *build_zone(struct event *ev, int node, const char *name)
{
	struct memory_info *m = &ev->memory;
	void *items = m->zones;
	struct zone *z = arena_grow(&ev->arena, &items, &m->n_zones, &m->room_zones, sizeof(*z));
	m->zones = items;
	m->seen = true;
	z->node = node;
	z->name = str_of(name);
	z->buddy.page_kb = 4;
	return z;
}

static inline void build_kb(struct event *ev, struct zone *z, const char *key, int64_t kb)
{
	check(kvs_add(&ev->arena, &z->kv, str_of(key), kb, UNIT_KB));
}

static inline void build_reserve(struct event *ev, struct zone *z, const int64_t *pages, size_t n)
{
	z->lowmem_reserve = arena_array(&ev->arena, n, sizeof(*pages));
	z->n_lowmem_reserve = n;
	for (size_t i = 0; i < n; i++)
		z->lowmem_reserve[i] = pages[i];
}

static inline void build_blocks(struct zone *z, int order, int64_t blocks, const char *types)
{
	if (z->buddy.orders <= order)
		z->buddy.orders = order + 1;
	z->buddy.free_blocks[order] = blocks;
	z->buddy.types[order] = str_of(types);
}

/* A judge over one event, as diagnose() makes it, without asking rules. */
static inline void build_judge(struct judge *j, struct diagnosis *d, struct incident *in,
			       const struct event *ev)
{
	*d = (struct diagnosis){.arena = ARENA_INIT(8 << 20)};
	*in = (struct incident){.subject = ev, .n_events = 1};
	*j = (struct judge){.d = d, .in = in, .ev = ev, .at = STR_INIT("first_oom"),
			    .biggest_task = SIZE_MAX};
	incident_derive(j);
}

#endif
