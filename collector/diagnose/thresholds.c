/* SPDX-License-Identifier: MIT */
/* thresholds.c - every number a rule compares with, once, with its source.
 *
 * "proposal" is this project's own number, calibrated on real logs; percentages unless the
 * name says kB or times. Changing one is a change of diagnosis: the cases in
 * tests/diagnose/cases stand on both sides of each.
 */
#include "diagnose/judge.h"

static const char oled[] = "oled memstate, constants.py";

static const struct threshold_row table[T_COUNT] = {
	[T_REALLY_OUT] = {"free swap of all swap when really out, %",
		      "linux-mm.org, OOM: less than 1% of their total", 1},
	[T_ANON_MOST] = {"anonymous memory and used swap of RAM, %", "proposal", 60},
	[T_ONE_PROCESS] = {"one process of all anonymous memory and swap, %", "proposal", 50},
	[T_MANY_TASKS] = {"rows of the task table, count", "proposal", 2000},
	[T_SAME_NAME] = {"tasks of one name where tasks themselves weigh, count", "proposal",
		     50},
	[T_TASK_OVERHEAD] = {"kernel stacks and page tables of RAM, %", "proposal", 8},
	[T_SHMEM] = {"shared memory and tmpfs of RAM, %", "proposal", 30},
	[T_HOLDER] = {"what one process holds of the shared memory, %", "proposal", 20},
	[T_FILE_TINY] = {"file cache left of RAM, %", "proposal", 10},
	[T_SLAB] = {"slab of RAM, %", oled, 30},
	[T_SLAB_SOME] = {"slab of RAM below which it is no cause, %", "proposal", 10},
	[T_TWINS] = {"difference of object counts of twin caches, %", "proposal", 5},
	[T_DENTRY] = {"dentry and inode caches of RAM, %", "proposal", 15},
	[T_FILES] = {"open files, count", "proposal", 100000},
	[T_SOCKETS] = {"socket buffers of RAM, %", oled, 10},
	[T_PAGETABLES] = {"page tables of RAM, %", oled, 2},
	[T_UNACCOUNTED] = {"unaccounted of RAM without huge pages, %", oled, 10},
	[T_UNACCOUNTED_KB] = {"unaccounted, kB", "proposal", 512 * 1024},
	[T_VMALLOC] = {"vmalloc of RAM, %", "proposal", 10},
	[T_PERCPU] = {"per-CPU memory of RAM, %", "proposal", 5},
	[T_DYING] = {"dying cgroups, count", "proposal", 1000},
	[T_SWAP_FREE] = {"free of all swap that counts as unused, %", "proposal", 50},
	[T_MLOCK] = {"locked memory of RAM, %", "proposal", 30},
	[T_HUGETLB] = {"huge page pools of RAM, %", "proposal", 30},
	[T_ZSPAGES] = {"compressed swap of RAM, %", "proposal", 25},
	[T_WRITEBACK] = {"pages under writeback of the file cache, %", "proposal", 20},
	[T_MFK_LOW] = {"min_free_kbytes too small, times the recommended", oled, 0.8},
	[T_MFK_HIGH] = {"min_free_kbytes too large, times the recommended", oled, 1.5},
	[T_ISOLATED_LRU] = {"isolated pages of the LRU, %", "proposal", 25},
	[T_ISOLATED_RAM] = {"isolated pages of RAM, %", "proposal", 10},
	[T_MANY_CPUS] = {"CPUs from which per-CPU pages matter, count", "proposal", 64},
	[T_AVAILABLE] = {"MemAvailable of RAM that contradicts an OOM, %", "proposal", 20},
	[T_ACTIVE_FILE_KB] = {"active file pages left in a zone, kB", "proposal", 100 * 1024},
	[T_SCAN_RATIO] = {"pages scanned for one reclaimed, times", "proposal", 100},
	[T_PSI_FULL] = {"memory pressure, full, %", "proposal", 50},
	[T_SCANNED_TIMES] = {"pages scanned, times the LRU",
			 "linux-mm.org, OOM; zone_reclaimable() of 2.6.19 to 4.6", 6},
	[T_CMA] = {"CMA pages of the free ones, %", "proposal", 80},
	[T_MOVABLE] = {"movable zones, times the others", "Mel Gorman, SUSE patch: 1:3", 3},
	[T_NODE_FREE] = {"free on another node, times its need", "proposal", 4},
	[T_KDUMP_KB] = {"RAM of a capture kernel, kB", "proposal", 1024 * 1024},
	[T_THP] = {"huge anonymous pages of RAM, %", "proposal", 50},
	[T_HIGHMEM_TIMES] = {"free high memory, times free low memory", "proposal", 10},
	[T_LOWMEM_RATIO] = {"RAM, times low memory", "proposal", 8},
	[T_LOST] = {"RAM missing against before, %", "proposal", 5},
	[T_UNEVICTABLE] = {"unevictable pages of RAM, %", "proposal", 30},
	[T_DIRTY] = {"dirty pages of RAM, %", "proposal", 20},
	[T_SMALL_BOARD_KB] = {"RAM of a small board, kB", "proposal", 512 * 1024},
	[T_RESERVED] = {"managed of present memory too little, %", "proposal", 70},
	[T_BALLOON] = {"memory in the balloon of RAM, %", "proposal", 20},
	[T_SMALL_VICTIM] = {"victim against the largest task, %", "proposal", 20},
	[T_LOW_ORDERS] = {"free memory in blocks that are too small, %", oled, 95},
	[T_GREW] = {"growth of one counter before the event, of RAM, %", "proposal", 10},
	[T_DMABUF] = {"GPU and dma-buf memory of RAM, %", "proposal", 10},
	[T_FREE_RISE] = {"rise of free memory against the memory killed, %", "proposal", 25},
	[T_PAGETABLES_LEAST] = {"page tables of RAM below which they are no cause, %",
			    "proposal", 1},
	[T_PAGETABLES_MUCH] = {"page tables of RAM that fill a machine, %", "proposal", 10},
	[T_PAGETABLES_ANON] = {"page tables of anonymous memory, %", "proposal", 50},
	[T_SWAP_IN_USE] = {"used swap of RAM that may be compressed, %", "proposal", 25},
	[T_LIMIT] = {"usage of the limit that counts as reached, %",
		 "mm/memcontrol.c: charges of several pages fail a little below it", 99},
	[T_LIMIT_SMALL] = {"usage of a small limit that counts as reached, %",
			   "proposal; include/linux/memcontrol.h 6.1: MEMCG_CHARGE_BATCH", 90},
	[T_STOCKS_KB] = {"given back between the failed charge and its report, kB",
			 "proposal; mm/memcontrol.c: 64 pages per CPU charged ahead, drained late",
			 2048},
	[T_MOVABLE_FREE] = {"free memory in zones that are not printed, of RAM, %",
			"proposal", 5},
	[T_COSTLY] = {"order above which the kernel does not try hard, count",
		  "mm/page_alloc.c PAGE_ALLOC_COSTLY_ORDER", 3},
	[T_LOCKED_ONE] = {"locked memory of one process worth naming, of RAM, %", "proposal",
		      10},
	[T_IN_FLIGHT_KB] = {"file pages or pages under writeback that count at all, kB",
			"proposal", 1024},
	[T_DIRTY_FILE] = {"dirty of all file pages, %", "proposal", 10},
	[T_MEMCG_WRITING] = {"pages under writeback of a cgroup's usage, %", "proposal", 1},
	[T_FREE_ENOUGH] = {"free memory of a zone that makes a kill look wrong, of RAM, %",
		       "proposal", 2},
	[T_STORM_GAP_S] = {"pause between two OOMs of one storm, at most, s", "proposal", 300},
	[T_BUFFERS] = {"buffer heads of low memory, %", "proposal", 10},
	[T_MEMCG_DIRTY] = {"dirty file pages of a cgroup's usage, %", "proposal", 60},
};

double threshold(enum threshold t)
{
	return table[t].value;
}

bool diagnose_threshold(size_t index, struct threshold_row *ret)
{
	if (index >= T_COUNT)
		return false;
	*ret = table[index];
	return true;
}
