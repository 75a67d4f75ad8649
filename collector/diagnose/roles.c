/* SPDX-License-Identifier: MIT */
/* roles.c - trigger, victim, owner of the limit, largest consumer and cause: five things. */
#include "diagnose/judge.h"

#include <stdio.h>

static void role(struct judge *j, size_t *room, const char *what, struct str name, struct str text)
{
	void *items = j->d->roles;
	struct role *r = diagnosis_grow(j, &items, &j->d->n_roles, room, sizeof(*j->d->roles));
	j->d->roles = items;
	if (!r)
		return;
	r->role = what;
	r->name = name;
	r->text = text;
}

static struct str request_words(struct judge *j)
{
	const struct trigger *t = &j->ev->trigger;
	if (t->order == -1)
		return words(j, "nothing was asked for: the kill was ordered by hand (order -1)");
	if (t->order == UNKNOWN)
		return words(j, "asked for memory when there was none; that says nothing "
				"about blame");
	const char *atomic = !j->gfp_known    ? ""
			     : j->gfp.atomic ? "; GFP_ATOMIC: it could not wait for memory"
					     : "; not GFP_ATOMIC";
	if (t->order == 0)
		return words(j,
			     "asked for one page (order 0)%s; being first to ask says "
			     "nothing about "
			     "blame",
			     atomic);
	return words(
	    j,
	    "asked for %lld pages in a row (order %d)%s; being first to ask says nothing "
	    "about blame",
	    1LL << t->order, (int)t->order, atomic);
}

static void victim_role(struct judge *j, size_t *room)
{
	const struct victim *v = j->ev->victims;
	double rss = 0;
	if (j->ev->n_victims == 0)
		return;
	rss += v->anon_rss_kb != UNKNOWN ? (double)v->anon_rss_kb : 0;
	rss += v->file_rss_kb != UNKNOWN ? (double)v->file_rss_kb : 0;
	rss += v->shmem_rss_kb != UNKNOWN ? (double)v->shmem_rss_kb : 0;
	struct str more = j->ev->n_victims > 1
				  ? words(j, ", and %zu more with it", j->ev->n_victims - 1)
				  : STR("");
	struct str pid = v->pid == UNKNOWN ? STR("") : words(j, " (pid %lld)", (long long)v->pid);
	if (v->anon_rss_kb == UNKNOWN)
		role(j, room, "victim", v->comm,
		     words(j, "killed%.*s%.*s", STR_ARG(pid), STR_ARG(more)));
	else
		role(j, room, "victim", v->comm,
		     words(j, "killed%.*s with %s in RAM%.*s", STR_ARG(pid), human_kb(j, rss),
			   STR_ARG(more)));
}

/* What held most: a process, or a kind of memory that belongs to none. */
static void consumer_role(struct judge *j, size_t *room)
{
	struct {
		const char *name;
		const struct quantity *q;
	} kinds[] = {{"slab (kernel objects)", &j->slab_u},
		     {"reclaimable slab (dentries, inodes)", &j->slab_r},
		     {"shared memory and tmpfs", &j->shmem},
		     {"huge page pools", &j->hugetlb},
		     {"page tables", &j->pagetables},
		     {"memory nobody accounts for", &j->unaccounted},
		     {"the programs' own memory", &j->anon}};
	double most = j->biggest_task == SIZE_MAX ? 0 : j->biggest_kb;
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < ARRAY_COUNT(kinds) && !j->memcg; i++)
		if ((kinds[i].q != &j->anon || j->biggest_task == SIZE_MAX) &&
		    kinds[i].q->known && kinds[i].q->value > most) {
			most = kinds[i].q->value;
			best = i;
		}
	if (best != SIZE_MAX)
		role(j, room, "largest_consumer", str_of(kinds[best].name),
		     words(j,
			   j->biggest_task == SIZE_MAX ? "held %s"
						       : "held %s, more than any process",
			   human_kb(j, most)));
	else if (j->biggest_task != SIZE_MAX)
		role(j, room, "largest_consumer", task_name(j, j->biggest_task),
		     words(j, "held %s (RAM and swap) of the listed tasks' %s",
			   human_kb(j, j->biggest_kb), human_kb(j, j->tasks_kb)));
}

void roles_make(struct judge *j)
{
	size_t room = 0;
	if (!j->in->subject)
		return;
	if (j->ev->trigger.comm.n)
		role(j, &room, "trigger", j->ev->trigger.comm, request_words(j));
	victim_role(j, &room);
	if (j->memcg)
		role(j, &room, "limit_owner", memcg_path(j),
		     words(j, "the control group whose limit was reached"));
	else if (j->ev->scope == SCOPE_CPUSET && j->ev->trigger.cpuset.n)
		role(j, &room, "limit_owner", j->ev->trigger.cpuset,
		     words(j, "the cpuset that confines the program to node %.*s",
			   STR_ARG(j->ev->trigger.mems_allowed)));
	else if (j->global && j->ram.known)
		role(j, &room, "limit_owner", words(j, "the machine"),
		     words(j, "all of its %s of RAM", human_kb(j, j->ram.value)));
	consumer_role(j, &room);
	if (j->d->n_findings)
		role(j, &room, "cause", str_of(j->d->findings[0].id),
		     str_of(j->d->findings[0].cause));
}
