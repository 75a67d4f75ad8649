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
	}
	return false;
}

bool known_bad_kernel(struct judge *j)
{
	if (!j->kernel_known)
		return lacks(j, NEED_KERNEL);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		size_t before = j->n_evidence;
		if (!release_matches(j, &table[i]))
			continue;
		if (shows_effect(j, table[i].effect))
			return notes(j, "%.*s: %s (%s)", STR_ARG(j->kernel.release), table[i].what,
				     table[i].source) &&
			       because(j, "This kernel, %.*s, is known to give up too early",
				       STR_ARG(j->kernel.release));
		j->n_evidence = before;
	}
	return false;
}
