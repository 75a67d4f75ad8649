/* SPDX-License-Identifier: MIT */
/* event_end.c - an event is over: what was it, and what of it is missing? */
#include "parse/rows.h"

static bool trace_has(const struct event *ev, struct str name)
{
	for (size_t i = 0; i < ev->n_call_trace; i++) {
		if (str_starts(ev->call_trace[i], name))
			return true;
	}
	return false;
}

static enum event_scope scope_of_constraint(struct str c)
{
	if (str_eq(c, STR("CONSTRAINT_MEMCG")))
		return SCOPE_MEMCG;
	if (str_eq(c, STR("CONSTRAINT_CPUSET")))
		return SCOPE_CPUSET;
	if (str_eq(c, STR("CONSTRAINT_MEMORY_POLICY")))
		return SCOPE_MEMPOLICY;
	if (str_eq(c, STR("CONSTRAINT_NONE")))
		return SCOPE_GLOBAL;
	return SCOPE_UNKNOWN;
}

/* A list in the nodemask of the header means a memory policy on 4.11 to 4.20, where the
 * ordinary one is "(null)"; 4.9 and 4.10 always print a list. */
static bool nodemask_tells(const struct event *ev)
{
	struct kernel_version v;

	if (!ev->trigger.nodemask.n || ev->constraint.p)
		return false;
	if (!ev->kernel.n || !kernel_version_parse(ev->kernel, &v))
		return ev->n_victims || ev->tasks.seen;
	return v.major == 4 && v.minor >= 11;
}

static enum event_scope scope_of(const struct live *l)
{
	const struct event *ev = l->ev;
	enum event_scope s = scope_of_constraint(ev->constraint);

	if (ev->trigger.order == -1 || ev->scope == SCOPE_MANUAL)
		return SCOPE_MANUAL;
	if (l->memcg_words || ev->memcg.seen)
		return SCOPE_MEMCG;
	if (s != SCOPE_UNKNOWN || ev->scope != SCOPE_UNKNOWN)
		return s != SCOPE_UNKNOWN ? s : ev->scope;
	if (trace_has(ev, STR("mem_cgroup_out_of_memory")) ||
	    trace_has(ev, STR("mem_cgroup_oom")) || trace_has(ev, STR("memcg_oom")) ||
	    trace_has(ev, STR("try_charge")) || trace_has(ev, STR("__mem_cgroup_try_charge")))
		return SCOPE_MEMCG;
	if (l->no_victim && !l->panic && !(l->parts & PART_MEMORY))
		return SCOPE_MEMCG; /* a global one dumps memory and panics */
	if (nodemask_tells(ev))
		return SCOPE_MEMPOLICY;
	return SCOPE_GLOBAL; /* all others say what they are */
}

/* "Out of memory and no killable processes...": for whom it is not a cgroup's or a forced one, the
 * kernel panics in its next line (4.19+), whether or not the log has that line, too. */
static bool panics_next(const struct live *l)
{
	return l->no_victim && l->ev->scope != SCOPE_MEMCG && l->ev->scope != SCOPE_MANUAL &&
	       str_find(l->ev->reason, STR("no killable")) != SIZE_MAX;
}

static bool lacks_stack(const struct parser *p, const struct live *l)
{
	return (l->header && l->stack_expected && !(l->parts & PART_STACK)) || l->weave.doubt ||
	       woven_is_cut(p, l);
}

/* Did kernels of this form print a task table unasked? From 2.6.36 on. */
static bool prints_table(const struct live *l)
{
	return l->ev->trigger.oom_score_adj != UNKNOWN;
}

/* From 2.6.32 on (isolated_anon) what has totals ends in the pages that are reserved. */
static bool is_cut(const struct memory_info *m)
{
	return kvs_find(&m->totals, STR("isolated_anon")) && !kvs_find(&m->tail, STR("reserved"));
}

static uint32_t missing_of_oom(const struct parser *p, const struct live *l)
{
	const struct event *ev = l->ev;
	bool elided = l->elided || l->summary_cut;
	uint32_t missing = 0;

	if (!l->header)
		missing |= PART_HEADER;
	if (!l->killed && !l->panic && !l->no_victim)
		missing |= PART_VERDICT;
	if (lacks_stack(p, l))
		missing |= PART_STACK;
	if (ev->scope == SCOPE_MEMCG) {
		if (!ev->memcg.memory.seen && l->has_counters)
			missing |= PART_MEMCG;
	} else if (!(l->parts & PART_MEMORY) || is_cut(&ev->memory)) {
		missing |= PART_MEMORY;
	}
	/* vm.oom_dump_tasks may be off: where all around it is there, nothing is lost */
	if (prints_table(l) && !(l->parts & PART_TASKS) && (missing || elided || l->shifted))
		missing |= PART_TASKS;
	if (elided)
		missing |= PART_MIDDLE;
	return missing;
}

static uint32_t missing_of_failure(const struct parser *p, const struct live *l)
{
	uint32_t missing = 0;

	if (!l->header)
		missing |= PART_HEADER;
	if (l->elided)
		missing |= PART_MIDDLE;
	if (lacks_stack(p, l))
		missing |= PART_STACK;
	/* memory may not be shown at all (warn_alloc_show_mem()), or somebody quotes its totals only */
	if (l->ev->memory.n_zones && is_cut(&l->ev->memory))
		missing |= PART_MEMORY;
	return missing;
}

static void finish_kernel(struct parser *p, struct live *l)
{
	struct known *host = l->host->known;
	struct event *ev = l->ev;

	if (ev->kernel.n) {
		if (!host->facts.kernel.n)
			note_fact(p, ev->kernel, &host->facts.kernel);
		return;
	}
	if (host->kernel.n)
		ev->kernel = keep(p, l, host->kernel);
	else if (p->options.kernel.n)
		ev->kernel = keep(p, l, p->options.kernel);
}

/* A memcg whose limit was hit is the first one whose statistics are printed. */
static void finish_memcg(struct memcg_info *m)
{
	if (!m->path.p && m->n_stats)
		m->path = m->stats[0].path;
}

void event_finish(struct parser *p, struct live *l)
{
	struct event *ev = l->ev;

	finish_kernel(p, l);
	finish_memcg(&ev->memcg);
	if (l->columns_guessed)
		task_settle_columns(ev);
	if (ev->wall_us == UNKNOWN && ev->monotonic_us != UNKNOWN && p->options.boot_us)
		ev->wall_us = p->options.boot_us + ev->monotonic_us;
	if (!ev->host.p)
		ev->host = keep(p, l, l->host->known->facts.hostname);
	if (!l->header && l->own_line < 3)
		l->host->known->facts.head_lost = true;
	if (ev->kind == EVENT_OOM_KILL) {
		ev->fatal = true;
		ev->scope = scope_of(l);
		if (!l->killed && (l->panic || panics_next(l)))
			ev->kind = EVENT_OOM_PANIC;
		else if (l->no_victim && !l->killed)
			ev->kind = EVENT_OOM_NO_VICTIM;
		ev->fatal = ev->kind != EVENT_OOM_NO_VICTIM;
		if (!l->killed && l->named == NAMED_NOT)
			ev->n_victims = 0;
		ev->missing |= missing_of_oom(p, l);
	} else if (ev->kind == EVENT_USERSPACE_KILL) {
		ev->fatal = true;
	} else {
		ev->missing |= missing_of_failure(p, l);
	}
	if (ev->missing & PART_HEADER && !(l->parts & ~(unsigned)PART_VERDICT))
		ev->missing |= PART_STACK | PART_TASKS |
			       (ev->scope == SCOPE_MEMCG ? PART_MEMCG : PART_MEMORY);
}
