/* SPDX-License-Identifier: MIT */
/* rules_swap.c - 4.1 to 4.7: swap not used properly. Evaluated last: 4.4 is what remains. */
#include "diagnose/judge.h"

static const char bad_swap[] = "The kernel is not using its swap space properly";

/* Much of the swap was free, so that something kept memory from being swapped out. */
static bool swap_unused(struct judge *j)
{
	return j->swap_total.known && j->swap_total.value > 0 &&
	       says(j, j->swap_free, ">", q_percent(j, threshold(T_SWAP_FREE), j->swap_total));
}

static bool no_swap(struct judge *j)
{
	return j->swap_total.known && j->swap_total.value <= 0 &&
	       says(j, j->swap_total, "<=", q_constant(j, 0, NULL));
}

static bool s41_mlock(struct judge *j)
{
	struct quantity locked = total(j, STR("mlocked"));
	struct quantity unevictable = total(j, STR("unevictable"));
	if (!locked.known || locked.value <= 0)
		locked = meminfo(j, STR("mlocked"));
	if (!locked.known || (unevictable.known && unevictable.value > locked.value))
		locked = unevictable;
	if (!locked.known)
		return lacks(j, NEED_MEMORY);
	if (fired(j, "ramfs-or-shm-lock") || !over_ram(j, locked, T_MLOCK))
		return false;
	if (!swap_unused(j)) {
		if (!no_swap(j))
			return false;
		/* without swap nothing could have been swapped out anyway */
		j->confidence = CONFIDENCE_MEDIUM;
		j->rank = 57;
	}
	if (j->in->host && j->in->host->n_processes) {
		for (size_t i = 0; i < j->in->host->n_processes; i++) {
			const struct process_fact *p = &j->in->host->processes[i];
			if (p->locked_kb != UNKNOWN &&
			    (double)p->locked_kb > threshold(T_LOCKED_ONE) / 100 * j->ram.value)
				notes_at(
				    j,
				    words(j, "collection.facts.processes[%zu].locked_kb",
					  i),
				    (double)p->locked_kb, "VmLck of %.*s %lld", STR_ARG(p->comm),
				    (long long)p->locked_kb);
		}
	}
	return because(
	    j,
	    "Programs have locked %s of memory (mlock), which can never be swapped out",
	    human_kb(j, locked.value));
}

static bool s42_hugetlb(struct judge *j)
{
	const struct memory_info *m = &j->ev->memory;
	struct quantity idle = q_unknown(NEED_MEMINFO);
	if (!j->hugetlb.known)
		return lacks(j, NEED_MEMINFO);
	if (!over_ram(j, j->hugetlb, T_HUGETLB))
		return false;
	for (size_t i = 0; i < m->n_huge; i++)
		q_append(j, &idle,
		    q_number(j, "hugepages_free", m->huge[i].free, 1, NEED_MEMORY,
			     "%.*s.memory.hugepages[%zu].free", STR_ARG(j->at), i));
	if (!idle.known)
		idle = meminfo(j, STR("hugepages_free"));
	if (!says(j, idle, ">", q_constant(j, 0, NULL)))
		return false;
	if (!swap_unused(j))
		no_swap(j);
	return because(
	    j,
	    "Huge pages take %s of %s RAM, which ordinary programs cannot use, and part "
	    "of them is idle",
	    human_kb(j, j->hugetlb.value), human_kb(j, j->ram.value));
}

static bool s43_swappiness(struct judge *j)
{
	struct quantity zero = q_constant(j, 0, NULL);
	if (!swap_unused(j))
		return false;
	struct quantity laptop = sysctl(j, STR("vm_laptop_mode"));
	if (laptop.known && laptop.value > 0) {
		if (!says(j, laptop, ">", zero))
			return false;
	} else if (!says(j, sysctl(j, STR("vm_swappiness")), "==", zero)) {
		return false;
	}
	return over_ram(j, j->anon, T_SHMEM);
}

static bool s45_errors(struct judge *j)
{
	struct quantity errors = context_count(j, STR("swap_write_error"));
	if (!says(j, errors, ">", q_constant(j, 0, NULL)))
		return false;
	for (size_t i = 0; j->in->host && i < j->in->host->n_swaps; i++)
		notes(j, "swap: %.*s (%.*s)", STR_ARG(j->in->host->swaps[i].name),
		      STR_ARG(j->in->host->swaps[i].type));
	shows(j, total(j, STR("writeback")));
	return swap_unused(j);
}

static bool only_zram(const struct judge *j)
{
	size_t n = j->in->host ? j->in->host->n_swaps : 0;
	for (size_t i = 0; i < n; i++)
		if (str_find(j->in->host->swaps[i].name, STR("zram")) == SIZE_MAX)
			return false;
	return n > 0;
}

static bool s46_zram(struct judge *j)
{
	struct quantity zs = total(j, STR("zspages"));
	if (!zs.known || zs.value <= 0)
		zs = host_number(j, STR("zram_mem_used_kb"));
	if (!zs.known || zs.value <= 0)
		zs = meminfo(j, STR("zswap"));
	if (!zs.known) {
		/* older kernels do not print it: it is among what nobody accounts for */
		if (!j->swap_used.known || !j->unaccounted.known || j->swap_used.value <= 0 ||
		    j->unaccounted.value < threshold(T_ZSPAGES) / 100 * j->ram.value)
			return false;
		lacks(j, NEED_SWAPS);
		j->confidence = CONFIDENCE_HINT;
		return over_ram(j, j->unaccounted, T_ZSPAGES) &&
		       says(j, j->swap_used, ">", q_constant(j, 0, NULL)) &&
		       because(j, "Swap is in use and %s of RAM have no owner: that would fit "
				  "compressed swap (zram), which keeps its pages in RAM",
			       human_kb(j, j->unaccounted.value));
	}
	if (!over_ram(j, zs, T_ZSPAGES))
		return false;
	if (!only_zram(j))
		j->confidence = j->in->host && j->in->host->n_swaps ? CONFIDENCE_HINT
								     : CONFIDENCE_MEDIUM;
	shows(j, j->swap_free);
	return because(j, "Compressed swap (zram, zswap) itself takes %s of %s RAM",
		       human_kb(j, zs.value), human_kb(j, j->ram.value));
}

static bool s47_memcg(struct judge *j)
{
	const struct memcg_counter *s = &j->ev->memcg.swap;
	if (!s->seen || s->unlimited)
		return false;
	struct quantity limit = q_number(j, "swap limit", s->limit_kb, 1, NEED_MEMCG,
					 "%.*s.memcg.swap.limit_kb", STR_ARG(j->at));
	if (!says(j, limit, "==", q_constant(j, 0, NULL)))
		return false;
	struct quantity free = meminfo(j, STR("swapfree"));
	return says(j, free, ">", q_constant(j, 0, NULL)) &&
	       because(j,
		       "The control group may not swap (memory.swap.max is 0) although "
		       "the machine "
		       "has %s of free swap",
		       human_kb(j, free.value));
}

/* 4.4: swap is there, nothing explains why it was not used. */
static bool s44_unused(struct judge *j)
{
	static const char *const others[] = {
		"mlock", "hugetlb-reserved", "swappiness-zero", "swap-write-errors",
		"zram-eats-ram", "ramfs-or-shm-lock", "slab-leak", "dentry-inode-pinned",
		"unaccounted-memory", "page-table-bloat", "cpuset-or-mempolicy", "fragmentation",
		"lowmem-exhausted", "lowmem-request", "manual-oom", "cma-only-free",
		"victims-excluded", "too-many-tasks", "known-bad-kernel", "kdump-small",
		"movable-imbalance", "writeback-deadlock", "constrained-request", "balloon"};
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		if (fired(j, others[i]))
			return false;
	return swap_unused(j) && (j->in->series || !lacks(j, NEED_SERIES));
}

const struct rule rules_swap[] = {
	{"4.1", "mlock", NULL, bad_swap, s41_mlock, ON_GLOBAL, CONFIDENCE_HIGH, 86,
	 "Look for mlock()/mlockall() users (VmLck in /proc/PID/status) and set "
	 "RLIMIT_MEMLOCK.",
	 "linux-mm.org, OOM"},
	{"4.2", "hugetlb-reserved", NULL, bad_swap, s42_hugetlb, ON_GLOBAL, CONFIDENCE_HIGH,
	 87, "Make the pool smaller (vm.nr_hugepages, hugepages= on the command line).",
	 "Rientjes <alpine.DEB.2.02.1303201207110.28997@chino.kir.corp.google.com>; "
	 "linux-mm.org"},
	{"4.3", "swappiness-zero",
	 "The machine is set not to swap until it is too late "
	 "(vm.swappiness 0 or laptop_mode)",
	 bad_swap, s43_swappiness, ON_GLOBAL, CONFIDENCE_HIGH, 79,
	 "Set vm.swappiness to 1 or more; leave laptop_mode.",
	 "Hocko <20130404151658.GJ29911@dhcp22.suse.cz>; Minchan Kim "
	 "<1357712474-27595-2-git-send-email-minchan@kernel.org>"},
	{"4.5", "swap-write-errors", "The swap device did not take the pages written to it",
	 bad_swap, s45_errors, ON_GLOBAL, CONFIDENCE_HIGH, 88,
	 "Repair the device; do not swap over it (network, USB).",
	 "NeilBrown <165093865754.1648.10694052999744348900@noble.neil.brown.name>"},
	{"4.6", "zram-eats-ram", NULL, bad_swap, s46_zram, ON_GLOBAL, CONFIDENCE_HIGH, 85,
	 "Set a mem_limit or a backing device for zram, or use real swap.",
	 "Minchan <1464919731-13255-1-git-send-email-minchan@kernel.org>; "
	 "<20250902-show_mem_zspages-v2-1-545daaa8b410@igalia.com>"},
	{"4.7", "memcg-no-swap", NULL, bad_swap, s47_memcg, ON_MEMCG, CONFIDENCE_HINT, 36,
	 "Raise memory.swap.max if the group may swap.", "mm/memcontrol.c"},
	{"4.4", "swap-unused",
	 "Much of the swap was free, and nothing in the report explains why it was "
	 "not used",
	 bad_swap, s44_unused, ON_GLOBAL, CONFIDENCE_MEDIUM, 60,
	 "Try a current kernel; send the full report with a series of /proc/vmstat through "
	 "the event "
	 "(oomreport record).",
	 "Babka <2fc63faa-c4ac-1ea2-c68d-1905af93e306@suse.cz>"},
};
const size_t n_rules_swap = ARRAY_COUNT(rules_swap);
