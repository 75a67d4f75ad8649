/* SPDX-License-Identifier: MIT */
/* known_bad.c - kernels with a known defect in how they run out of memory: 6.3.
 *
 * A row is a range of mainline numbers (from <= release < until) or a build of a
 * distribution, what the defect needs to show, and where it is described. A row fires only when
 * the event looks like its effect.
 */
#include "diagnose/judge.h"

enum effect {
	EFFECT_LOW_ORDER, /* order 1 to 3, with memory free or reclaimable */
	EFFECT_LOWMEM,	  /* 32 bit, file pages left in low memory */
	EFFECT_HIGHATOMIC, /* the highatomic reserve is counted whole */
	EFFECT_MEMCG_HIGH_ORDER, /* a cgroup's limit, order above 3: a huge page charge */
	EFFECT_PAGE_FAULT, /* asked by the page fault path itself, and much memory is free */
	EFFECT_MEMCG_DIRTY, /* a cgroup full of dirty pages that nobody writes out */
	EFFECT_NO_SHRINKER, /* reclaimable slab left, memory cgroups switched off at boot */
};

/* What is said of the kernel, behind its name. */
static const char *const known_to[] = {
	[EFFECT_LOW_ORDER] = "is known to give up too early",
	[EFFECT_LOWMEM] = "is known to give up too early",
	[EFFECT_HIGHATOMIC] = "is known to give up too early",
	[EFFECT_MEMCG_HIGH_ORDER] = "is known to give up too early",
	[EFFECT_PAGE_FAULT] = "starts the OOM killer when a page fault fails for any reason; the "
			      "machine itself was not short of memory",
	[EFFECT_MEMCG_DIRTY] = "is known to let a cgroup fill with pages that wait to be written",
	[EFFECT_NO_SHRINKER] = "is known not to shrink its caches when memory cgroups are switched "
			       "off",
};

static const struct bad {
	unsigned char from[3], until[3];
	struct str distro; /* empty: mainline numbers; else what the release must hold */
	unsigned build[2]; /* distribution: first and last "-NN" behind the version */
	enum effect effect;
	const char *what, *source;
} table[] = {
	{{4, 7, 0},
	 {4, 9, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_LOW_ORDER,
	 "4.7 and 4.8 gave up too early on requests of order 1 to 3, with much memory "
	 "reclaimable",
	 "Hocko <20161123063410.GB2864@dhcp22.suse.cz>"},
	{{4, 4, 0},
	 {4, 5, 0},
	 STR_INIT("-generic"),
	 {58, 62},
	 EFFECT_LOW_ORDER,
	 "Ubuntu 4.4.0-58 to -62 carry the out-of-memory detection of 4.7 without its repair",
	 "Ubuntu bug 1655842; meteor blog"},
	{{4, 4, 0},
	 {4, 5, 0},
	 STR_INIT("-lowlatency"),
	 {58, 62},
	 EFFECT_LOW_ORDER,
	 "Ubuntu 4.4.0-58 to -62 carry the out-of-memory detection of 4.7 without its repair",
	 "Ubuntu bug 1655842; meteor blog"},
	{{4, 8, 0},
	 {4, 10, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_LOWMEM,
	 "4.8 and 4.9 look at the lists of a whole node and leave the file pages of low "
	 "memory alone",
	 "Hocko <20161217000203.GC23392@dhcp22.suse.cz>"},
	{{4, 6, 0},
	 {4, 18, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_MEMCG_HIGH_ORDER,
	 "before 4.18 a huge page charged to a full cgroup starts the killer instead of "
	 "falling back",
	 "mm/memcontrol.c mem_cgroup_oom(), check of order > 3"},
	{{2, 6, 29},
	 {5, 16, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_PAGE_FAULT,
	 "from 2.6.29 to 5.15 a page fault that fails inside (a cgroup's charge of a task that is "
	 "dying, a driver) starts the killer for the whole machine",
	 "Hocko, commit 60e2793d440a (5.16): do not trigger out_of_memory from the #PF"},
	{{4, 11, 0},
	 {4, 16, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_MEMCG_DIRTY,
	 "4.11 to 4.15 do not wake the flushers for cgroups of v1, and kill what only writes files",
	 "commit 1c610d5f93c7 (4.16); kernel bug 199297; coreos/bugs#2398"},
	{{6, 1, 0},
	 {6, 12, 104},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_MEMCG_DIRTY,
	 "with MGLRU the flushers are not woken for a cgroup full of dirty pages (repaired in 6.13)",
	 "Zeng <20240829102543.189453-1-jingxiangzeng.cas@gmail.com>"},
	{{4, 19, 0},
	 {4, 19, 65},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_NO_SHRINKER,
	 "4.19 up to 4.19.64 do not shrink slab with cgroup_disable=memory",
	 "Yang Shi, commit fa1e512fac71; raspberrypi/linux#2829"},
	{{4, 20, 0},
	 {5, 2, 7},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_NO_SHRINKER,
	 "4.20 up to 5.2.6 do not shrink slab with cgroup_disable=memory",
	 "Yang Shi, commit fa1e512fac71; raspberrypi/linux#2829"},
	{{4, 4, 0},
	 {6, 12, 0},
	 STR_INIT(""),
	 {0, 0},
	 EFFECT_HIGHATOMIC,
	 "before the nr_free_highatomic change the reserve for atomic requests is counted as "
	 "free "
	 "pages that nobody may use",
	 "Yu Zhao <CAOUHufb=Ze1pj2BeasCLYpAvOhBQfKXcz678Zo_==9DeMbgT9Q@mail.gmail.com>"},
};

/* The number behind the first '-' of "4.4.0-59-generic". */
static bool build_number(struct str release, uint64_t *ret)
{
	struct str head;
	return take_until(&release, '-', &head) && take_u64(&release, ret);
}

static bool release_matches(const struct judge *j, const struct bad *b)
{
	uint64_t build;
	if (kernel_version_cmp(&j->kernel, b->from[0], b->from[1], b->from[2]) < 0 ||
	    kernel_version_cmp(&j->kernel, b->until[0], b->until[1], b->until[2]) >= 0)
		return false;
	if (!b->distro.n) /* vendors carry their own repairs: el, sle, amzn ... */
		return !str_starts(j->kernel.distro, STR("el")) &&
		       !str_starts(j->kernel.distro, STR("sle"));
	if (str_find(j->kernel.release, b->distro) == SIZE_MAX)
		return false;
	return !b->build[1] || (build_number(j->kernel.release, &build) &&
				build >= b->build[0] && build <= b->build[1]);
}

static bool shows_low_order(struct judge *j)
{
	struct quantity left = q_add_if_known(j, j->free, j->file);
	struct quantity order = q_number(j, "order", j->ev->trigger.order, 1, NEED_HEADER,
					 "%.*s.trigger.order", STR_ARG(j->at));
	left = q_named(j, q_add_if_known(j, left, j->slab_r), "free + file + reclaimable slab");
	return j->global && says(j, order, ">=", q_constant(j, 1, NULL)) &&
	       says(j, order, "<=", q_constant(j, threshold(T_COSTLY), NULL)) &&
	       says(j, left, ">", q_percent(j, threshold(T_FILE_TINY), j->ram));
}

/* The fault handler does not know what was asked for: mask 0. */
static bool shows_page_fault(struct judge *j)
{
	static const char *const heads[] = {"pagefault_out_of_memory", NULL};
	struct quantity free = q_unknown(NEED_MEMORY), high = q_unknown(NEED_MEMORY);
	struct str found;
	if (!j->global || j->ev->trigger.gfp_mask != 0 || !in_trace(j, heads, &found))
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		if (j->zones[i].kind == Z_DEVICE)
			continue;
		q_append(j, &free, j->zones[i].free);
		q_append(j, &high, zone_number(j, i, STR("high")));
	}
	return says(j, q_named(j, free, "free"), ">",
		    q_times(j, threshold(T_NODE_FREE), q_named(j, high, "sum of high"))) &&
	       notes(j, "call trace: %.*s, gfp_mask=0x0", STR_ARG(found));
}

static bool shows_no_shrinker(struct judge *j)
{
	struct str cmdline = j->in->log ? j->in->log->cmdline : STR("");
	if (!cmdline.n && j->in->host)
		cmdline = j->in->host->cmdline;
	j->confidence = CONFIDENCE_MEDIUM;
	return j->global && str_find(cmdline, STR("cgroup_disable=memory")) != SIZE_MAX &&
	       over_ram(j, j->slab_r, T_SLAB) && notes(j, "cgroup_disable=memory");
}

static bool shows_effect(struct judge *j, enum effect effect)
{
	switch (effect) {
	case EFFECT_LOW_ORDER:
		return shows_low_order(j);
	case EFFECT_LOWMEM:
		return j->global && j->is_32bit && j->gfp_known && !j->gfp.highmem &&
		       says(j, j->file, ">", q_constant(j, threshold(T_ACTIVE_FILE_KB), NULL));
	case EFFECT_HIGHATOMIC:
		j->rank = 50; /* 6.2 has told it, with its arithmetic */
		return fired(j, "highatomic-overestimated");
	case EFFECT_MEMCG_HIGH_ORDER:
		return j->memcg && j->ev->trigger.order != UNKNOWN && j->ev->trigger.order > 3;
	case EFFECT_PAGE_FAULT:
		return shows_page_fault(j);
	case EFFECT_MEMCG_DIRTY:
		j->rank = 50; /* 5.3 has told it, with its arithmetic */
		return fired(j, "memcg-dirty");
	case EFFECT_NO_SHRINKER:
		return shows_no_shrinker(j);
	}
	return false;
}

bool known_bad_kernel(struct judge *j)
{
	if (!j->kernel_known)
		return lacks(j, NEED_KERNEL);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		size_t before = j->n_evidence;
		enum confidence confidence = j->confidence;
		int rank = j->rank;
		if (!release_matches(j, &table[i]))
			continue;
		if (shows_effect(j, table[i].effect))
			return notes(j, "%.*s: %s (%s)", STR_ARG(j->kernel.release), table[i].what,
				     table[i].source) &&
			       because(j, "This kernel, %.*s, %s", STR_ARG(j->kernel.release),
				       known_to[table[i].effect]);
		j->n_evidence = before;
		j->confidence = confidence;
		j->rank = rank;
	}
	return false;
}
