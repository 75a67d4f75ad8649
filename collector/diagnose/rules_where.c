/* SPDX-License-Identifier: MIT */
/* rules_where.c - W1 to W5: where could the request have gone? */
#include "diagnose/judge.h"

#include <stdio.h>

/* The freest printed zone that the request could not use, or NULL. */
static const struct zone_view *freest_elsewhere(const struct judge *j)
{
	const struct zone_view *best = NULL;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		if (!v->eligible && v->kind != Z_DEVICE && v->free.known &&
		    (!best || v->free.value > best->free.value))
			best = v;
	}
	return best;
}

static struct quantity eligible_free(struct judge *j)
{
	struct quantity sum = q_unknown(NEED_MEMORY);
	for (size_t i = 0; i < j->n_zones; i++)
		if (j->zones[i].eligible)
			q_append(j, &sum, j->zones[i].free);
	return q_named(j, sum, "free where the request may go");
}

static bool much_free(struct judge *j, const struct zone_view *v)
{
	struct quantity free = q_headed(j, v->free, "%s: ", zone_title(j, v->zone));
	return v->need_min.known &&
	       says(j, free, ">",
		    q_times(j, threshold(T_NODE_FREE), q_named(j, v->need_min, "its need")));
}

static bool w1_constrained(struct judge *j)
{
	const struct zone_view *other = freest_elsewhere(j);
	if (!other || !says_all_short(j) || !much_free(j, other))
		return false;
	return says(j, q_headed(j, other->free, "%s: ", zone_title(j, other->zone)), ">",
		    eligible_free(j)) &&
	       because(j, "The request could not use the memory that was free: %s had %s",
		       zone_title(j, other->zone), human_kb(j, other->free.value));
}

static bool w2_lowmem(struct judge *j)
{
	const struct zone_view *other = NULL;
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (j->request_zone > Z_NORMAL)
		return false;
	for (size_t i = 0; i < j->n_zones; i++)
		if ((j->zones[i].kind == Z_HIGHMEM || j->zones[i].kind == Z_MOVABLE) &&
		    j->zones[i].free.known &&
		    (!other || j->zones[i].free.value > other->free.value))
			other = &j->zones[i];
	return other && says_all_short(j) && much_free(j, other) &&
	       because(j, "The kernel needed memory for itself, and what was free (%s in %s) is of "
			  "a kind it cannot use for that",
		       human_kb(j, other->free.value), zone_title(j, other->zone));
}

/* What the zones of these nodes had free, as printed. */
static void shows_free_of(struct judge *j, struct str nodes)
{
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone *z = j->zones[i].zone;
		if (nodes.n && node_in_list(nodes, z->node == UNKNOWN ? 0 : z->node))
			shows(j, q_headed(j, j->zones[i].free, "%s: ", zone_title(j, z)));
	}
}

static bool w3_bound(struct judge *j)
{
	const struct trigger *t = &j->ev->trigger;
	bool policy = j->ev->scope == SCOPE_MEMPOLICY;
	bool said = j->ev->scope == SCOPE_CPUSET || policy;
	bool elsewhere = false;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone *z = j->zones[i].zone;
		int64_t node = z->node == UNKNOWN ? 0 : z->node;
		if ((t->mems_allowed.n && !node_in_list(t->mems_allowed, node)) ||
		    (t->nodemask.n && !node_in_list(t->nodemask, node)))
			elsewhere |= much_free(j, &j->zones[i]);
	}
	if (!said && !elsewhere)
		return false;
	if (said && j->ev->constraint.n)
		notes(j, "constraint=%.*s", STR_ARG(j->ev->constraint));
	if (t->mems_allowed.n)
		notes(j, "mems_allowed=%.*s%s%.*s", STR_ARG(t->mems_allowed),
		      t->cpuset.n ? ", cpuset=" : "", STR_ARG(t->cpuset));
	if (t->nodemask.n)
		notes(j, "nodemask=%.*s", STR_ARG(t->nodemask));
	struct str nodes = policy && t->nodemask.n ? t->nodemask : t->mems_allowed;
	if (!says_all_short(j)) /* others freed some while the kernel printed: what was left */
		shows_free_of(j, nodes);
	j->confidence = said ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	return because(j, "The program was only allowed to use the memory of node %.*s (%s), and "
			  "that ran out",
		       STR_ARG(nodes.n ? nodes : STR("not named")),
		       policy ? "by a memory policy" : "by its cpuset");
}

static bool w4_movable_node(struct judge *j)
{
	const struct trigger *t = &j->ev->trigger;
	bool usable = false, movable = false;
	struct str list = t->nodemask.n ? t->nodemask : t->mems_allowed;
	if (!list.n || !j->gfp_known || j->request_zone >= Z_MOVABLE)
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		if (!node_in_list(list, j->zones[i].zone->node))
			continue;
		usable |= j->zones[i].kind < Z_MOVABLE;
		if (j->zones[i].kind == Z_MOVABLE) {
			movable = true;
			shows(j, q_headed(j, j->zones[i].free, "%s: ",
					  zone_title(j, j->zones[i].zone)));
		}
	}
	return movable && !usable &&
	       notes(j, "allowed nodes %.*s have a Movable zone only; the request is not movable",
		     STR_ARG(list));
}

static bool w5_dma(struct judge *j)
{
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (!j->gfp.dma && !j->gfp.dma32)
		return false;
	bool seen = false, there = false;
	for (size_t i = 0; i < j->n_zones; i++) {
		there |= j->zones[i].eligible && j->zones[i].kind < Z_NORMAL;
		if (j->zones[i].eligible)
			seen |= says(j, j->zones[i].usable, "<=", j->zones[i].need_min);
	}
	if (j->n_zones && !there)
		seen = notes(j, "no zone of that kind has any memory");
	if (j->n_zones && !seen)
		return false;
	if (!j->n_zones)
		j->confidence = CONFIDENCE_HINT;
	return notes(j, "the request was for %s memory", j->gfp.dma ? "DMA" : "DMA32") &&
	       because(j, "A driver needed memory with low addresses (%s), and that small zone is "
			  "used up or empty",
		       j->gfp.dma ? "the DMA zone" : "the DMA32 zone");
}

const struct rule rules_where[] = {
	{"W1", "constrained-request", NULL, NULL, w1_constrained, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_MEDIUM, 48,
	 "Find out why the request was confined: its gfp flags, its cpuset, its memory "
	 "policy.",
	 "Hocko <20151015131409.GD2978@dhcp22.suse.cz>"},
	{"W2", "lowmem-request", NULL, "out of low memory", w2_lowmem, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_MEDIUM, 62,
	 "On 32 bit this is the low-memory problem; on 64 bit the Movable zone is too large "
	 "for "
	 "what the kernel needs (kernelcore=, memory onlining policy).",
	 "Hocko <20190805112437.GF7597@dhcp22.suse.cz>"},
	{"W3", "cpuset-or-mempolicy", NULL, NULL, w3_bound, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_HIGH, 92,
	 "Give the cpuset or the binding more nodes, or move work away from them. Killing "
	 "programs "
	 "on other nodes does not help.",
	 "Hocko <20170111163203.GH16365@dhcp22.suse.cz>"},
	{"W4", "movable-only-node",
	 "The program is bound to a node whose memory is for movable "
	 "pages only, and the kernel needed another kind",
	 NULL, w4_movable_node, ON_GLOBAL | ON_FAILURE, CONFIDENCE_HIGH, 94,
	 "Give the cpuset at least one node with normal memory beside the PMEM or CXL node.",
	 "Feng Tang, Hocko <20201104073826.GA15700@shbuild999.sh.intel.com>"},
	{"W5", "dma-zone-failure", NULL, NULL, w5_dma, ON_FAILURE | ON_GLOBAL,
	 CONFIDENCE_MEDIUM, 70,
	 "Look at the driver in the call trace; in a capture kernel reserve more low memory "
	 "(crashkernel=...,low).",
	 "Baoquan He <20211207030750.30824-1-bhe@redhat.com>"},
};
const size_t n_rules_where = ARRAY_COUNT(rules_where);
