/* SPDX-License-Identifier: MIT */
/* rules_vm.c - 5.1 to 7.3: writeback, misread statistics, no progress. */
#include "diagnose/judge.h"

#include <math.h>

static const char deadlock[] = "Writing data out may itself require allocating memory";
static const char misread[] = "The kernel has made a bad decision and mis-read its statistics";
static const char pathological[] = "Something really pathological is happening";

/* What mm/page_alloc.c sets by itself is sqrt(16 * lowmem kB), 128 kB to 256 MB; oled's advice
 * is the larger of half a percent of RAM and 1 GB a node, capped here at five percent of RAM. */
static double recommended_for(const struct judge *j, double kb)
{
	double nodes = j->in->host && j->in->host->nodes > 0 ? (double)j->in->host->nodes : 1;
	if (kb < 64.0 * 1024 * 1024)
		return sqrt(16 * kb);
	return fmax(0.005 * kb, fmin(nodes * 1024 * 1024, 0.05 * kb));
}

/* Memory that min is spread over: all of it but high and movable zones. A dump need not print
 * every zone (6.1 on, bindings), so the part that is printed is told apart. */
static double lowmem(struct judge *j, bool printed)
{
	double low = 0, high = 0;
	for (size_t i = 0; i < j->n_zones; i++) {
		struct quantity q = zone_number(j, i, STR("managed"));
		if (!q.known)
			q = zone_number(j, i, STR("present"));
		if (q.known)
			*(j->zones[i].kind == Z_HIGHMEM || j->zones[i].kind == Z_MOVABLE ? &high
											 : &low) +=
				q.value;
	}
	return printed ? low : j->ram.value - high;
}

static double recommended_min_free(struct judge *j)
{
	return recommended_for(j, j->n_zones ? lowmem(j, false) : j->ram.value);
}

static struct quantity min_sum(struct judge *j)
{
	struct quantity sum = q_unknown(NEED_MEMORY);
	for (size_t i = 0; i < j->n_zones; i++) {
		struct quantity min = zone_number(j, i, STR("min"));
		struct quantity boost = zone_number(j, i, STR("boost"));
		if (min.known && boost.known && boost.value > 0)
			min = q_sub(j, min, boost);
		if (j->zones[i].kind < Z_MOVABLE)
			q_append(j, &sum, min);
	}
	return q_named(j, sum, "sum of min");
}

static struct quantity min_free(struct judge *j)
{
	struct quantity q = sysctl(j, STR("vm_min_free_kbytes"));
	return q.known ? q : min_sum(j);
}

/* What min_free() should be: of the whole machine, or of the zones that are printed. */
static double wanted_min_free(struct judge *j)
{
	double all = lowmem(j, false), want = recommended_min_free(j);
	bool whole_machine = sysctl(j, STR("vm_min_free_kbytes")).known;
	return whole_machine || all <= 0 ? want : want * fmin(1, lowmem(j, true) / all);
}

static bool min_free_small(struct judge *j, bool tell)
{
	if (!j->ram.known)
		return lacks(j, NEED_MEMORY);
	struct quantity want = q_times(j, threshold(T_MFK_LOW),
				       q_constant(j, wanted_min_free(j), "recommended"));
	return tell ? says(j, min_free(j), "<", want) : holds(j, min_free(j), "<", want);
}

static bool v51_deadlock(struct judge *j)
{
	struct quantity writeback = total(j, STR("writeback")), dirty = total(j, STR("dirty"));
	struct quantity unwritten = q_named(j, q_add_if_known(j, writeback, dirty),
					    "dirty + writeback");
	if (!writeback.known)
		return lacks(j, NEED_MEMORY);
	if (fired(j, "demand-exceeds-memory") && j->swap_total.known && j->swap_total.value <= 0)
		return false; /* nothing to write to: the pages in flight are a side show */
	bool much =
	    j->file.known && j->file.value > 0 &&
	    writeback.value > threshold(T_IN_FLIGHT_KB) &&
	    says(j, writeback, ">", q_percent(j, threshold(T_WRITEBACK), j->file));
	if (!much && dirty.known && writeback.value > threshold(T_IN_FLIGHT_KB))
		much = says(j, writeback, ">", dirty);
	if (!much && min_free_small(j, false))
		much = over_ram(j, unwritten, T_WRITEBACK);
	if (!much)
		return false;
	bool small = min_free_small(j, true);
	if (!small) {
		/* with the reserve in order only a machine full of unwritten pages is one */
		j->confidence = CONFIDENCE_MEDIUM;
		if (!over_ram(j, unwritten, T_WRITEBACK))
			return false;
	}
	if (!says_all_below_high(j))
		j->confidence = CONFIDENCE_MEDIUM;
	return because(
	    j,
	    "Data waiting to be written (%s) filled the memory faster than the device "
	    "took it%s",
	    human_kb(j, unwritten.value),
	    small ? ", and the reserve for writing (vm.min_free_kbytes) is very small"
		  : "");
}

/* Requests that cannot wait, refused before or at the event: the reserve for them is
 * vm.min_free_kbytes. */
static size_t atomic_failures(const struct judge *j)
{
	struct str release = j->kernel_known ? j->kernel.release : STR("");
	const struct trigger *t = &j->ev->trigger;
	struct gfp_decoded g;
	size_t n = 0;
	for (size_t i = 0; i < j->in->n_notes; i++) {
		const struct event_note *note = &j->in->notes[i];
		if (note->kind != EVENT_ALLOC_FAILURE || note->gfp_mask == UNKNOWN ||
		    note->order != 0 || note->first_line > j->ev->first_line)
			continue;
		uint64_t mask = (uint64_t)note->gfp_mask;
		/* the event's own names tell the table of them all */
		const struct gfp_era *era =
			gfp_era_of_mask(release, t->gfp_text.n ? (uint64_t)t->gfp_mask : mask,
					t->gfp_text);
		if (!era)
			continue;
		gfp_decode(era, mask, &g);
		n += g.atomic;
	}
	return n;
}

/* Was memory asked for to write a file? */
static bool is_writing(const struct judge *j)
{
	static const char *const heads[] = {"generic_perform_write",
					    "generic_file_buffered_write",
					    "iomap_write",
					    "iomap_file_buffered_write",
					    "do_writepages",
					    "wb_workfn",
					    NULL};
	struct str found;
	for (size_t i = 0; j->gfp_known && i < j->gfp.n; i++)
		if (str_eq(j->gfp.names[i], STR("__GFP_WRITE")))
			return true;
	return in_trace(j, heads, &found);
}

static bool v56_reserve(struct judge *j)
{
	size_t n = atomic_failures(j);
	bool writing = is_writing(j), any = false;
	if ((n == 0 && !writing) || !min_free_small(j, true))
		return false;
	for (size_t i = 0; i < j->n_zones; i++)
		if (j->zones[i].eligible && j->zones[i].short_of_min)
			any |= says(j, j->zones[i].usable, "<=", j->zones[i].need_min);
	if (n)
		notes(j, "GFP_ATOMIC requests of order 0 refused up to this event: %zu", n);
	if (writing)
		notes(j, "the request was for writing a file");
	return any && because(j,
			      "The reserve that lets the kernel write data out and serve "
			      "requests that "
			      "cannot wait (vm.min_free_kbytes, %s) is far too small for "
			      "this machine, and "
			      "it ran dry",
			      human_kb(j, min_free(j).value));
}

static bool v52_nofs(struct judge *j)
{
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (!j->gfp.direct_reclaim || (j->gfp.fs && j->gfp.io))
		return false;
	struct quantity dirty =
	    j->memcg ? memcg_stat(j, STR("file_dirty")) : total(j, STR("dirty"));
	struct quantity file = j->memcg ? memcg_stat(j, STR("file")) : j->file;
	if (!dirty.known || !file.known)
		return lacks(j, NEED_MEMORY);
	return notes(j, "the request may not start %s (no %s)",
		     j->gfp.io ? "file system work" : "any I/O",
		     j->gfp.io ? "__GFP_FS" : "__GFP_IO") &&
	       says(j, dirty, ">", q_percent(j, threshold(T_DIRTY_FILE), file)) &&
	       says(j, file, ">", q_constant(j, threshold(T_IN_FLIGHT_KB), NULL));
}

static bool v53_memcg_dirty(struct judge *j)
{
	struct quantity dirty = memcg_stat(j, STR("file_dirty"));
	struct quantity usage = memcg_usage(j);
	if (!dirty.known)
		dirty = memcg_stat(j, STR("dirty"));
	struct quantity wb = memcg_stat(j, STR("file_writeback"));
	if (!wb.known)
		wb = memcg_stat(j, STR("writeback"));
	return says(j, dirty, ">", q_percent(j, threshold(T_MEMCG_DIRTY), usage)) &&
	       says(j, wb, "<=", q_percent(j, threshold(T_MEMCG_WRITING), usage)) &&
	       because(j, "The control group is full of written data that nobody sends to the disk "
			  "(%s)", human_kb(j, dirty.value));
}

static bool v54_xfs(struct judge *j)
{
	struct quantity lines = context_count(j, STR("xfs_deadlock"));
	return says(j, lines, ">", q_constant(j, 0, NULL)) &&
	       notes(j, "XFS: possible memory allocation deadlock in kmem_alloc");
}

static bool v55_min_free(struct judge *j)
{
	struct quantity v = sysctl(j, STR("vm_min_free_kbytes"));
	if (!v.known)
		return lacks(j, NEED_SYSCTL);
	if (!j->ram.known)
		return false;
	struct quantity want = q_constant(j, recommended_min_free(j), "recommended");
	if (says(j, v, "<", q_times(j, threshold(T_MFK_LOW), want)))
		return because(j, "The reserve vm.min_free_kbytes is smaller than it should be");
	return says(j, v, ">", q_times(j, threshold(T_MFK_HIGH), want)) &&
	       over_ram(j, v, T_MFK_HIGH) &&
	       because(j, "The reserve vm.min_free_kbytes is so large that it wastes memory");
}

/* ---- 6 ---- */

static bool v61_premature(struct judge *j)
{
	if (!j->gfp_known || j->ev->trigger.order == UNKNOWN)
		return lacks(j, NEED_HEADER);
	if (j->ev->kind != EVENT_OOM_KILL || j->ev->trigger.order < 0 ||
	    fired(j, "manual-oom"))
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		if (!v->eligible || !v->has_block || !v->need_high.known)
			continue;
		/* a small low zone is left alone by design where a larger one is short */
		if (!says(j, v->usable, ">", v->need_high))
			continue;
		if (!says(j, v->free, ">", q_percent(j, threshold(T_FREE_ENOUGH), j->ram)))
			continue;
		return because(
		    j,
		    "The kernel killed although %s had enough free memory (%s) for this "
		    "request: possibly a kernel defect",
		    zone_title(j, v->zone), human_kb(j, v->free.value));
	}
	return false;
}

static bool v62_highatomic(struct judge *j)
{
	if (!kernel_between(j, 4, 4, 6, 13))
		return j->kernel_known ? false : lacks(j, NEED_KERNEL);
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		struct quantity reserved = zone_number(j, i, STR("reserved_highatomic"));
		bool any_h = false;
		if (!v->eligible || !reserved.known || reserved.value <= 0 ||
		    zone_number(j, i, STR("free_highatomic")).known)
			continue;
		for (int o = 0; o < v->zone->buddy.orders; o++)
			any_h |= v->zone->buddy.free_blocks[o] > 0 &&
				 str_find_char(v->zone->buddy.types[o], 'H') != SIZE_MAX;
		if (any_h || !v->need_min.known)
			continue;
		struct quantity less = q_sub(j, v->free, reserved);
		struct quantity head = q_headed(j, v->free, "%s: ", zone_title(j, v->zone));
		if (!holds(j, v->free, ">", v->need_min) || !holds(j, less, "<=", v->need_min))
			continue;
		return says(j, head, ">", v->need_min) &&
		       says(j, q_headed(j, less, "%s: ", zone_title(j, v->zone)),
			    "<=", v->need_min) &&
		       notes(j, "no block of type H in the free list of %s",
			     zone_title(j, v->zone)) &&
		       because(j,
			       "The kernel counted %s as kept for atomic requests "
			       "although nothing "
			       "of it was free: a known miscount",
			       human_kb(j, reserved.value));
	}
	return false;
}

static bool v64_isolated(struct judge *j)
{
	struct quantity isolated = q_named(j, q_add_if_known(j, total(j, STR("isolated_anon")),
							     total(j, STR("isolated_file"))),
					   "isolated");
	return isolated.known && (over_ram(j, isolated, T_ISOLATED_RAM) ||
				  says(j, isolated, ">",
				       q_percent(j, threshold(T_ISOLATED_LRU), j->lru)));
}

static bool v65_percpu(struct judge *j)
{
	struct quantity pcp = total(j, STR("free_pcp"));
	struct quantity cpus = j->in->host ? q_number(j, "CPUs", j->in->host->cpus, 1, NEED_MEMINFO,
						      "system.cpus")
					   : q_unknown(NEED_MEMINFO);
	return pcp.known && holds(j, pcp, ">", min_sum(j)) &&
	       says(j, cpus, ">", q_constant(j, threshold(T_MANY_CPUS), NULL)) &&
	       says(j, pcp, ">", min_sum(j));
}

static bool v66_available(struct judge *j)
{
	struct quantity misc = total(j, STR("kernel_misc_reclaimable"));
	struct quantity arc = host_number(j, STR("zfs_arc_kb"));
	struct quantity available = meminfo(j, STR("memavailable"));
	if (arc.known && over_ram(j, arc, T_AVAILABLE))
		return shows(j, available) && because(j,
						      "The cache of ZFS (%s) is counted "
						      "as used and was not given back in "
						      "time",
						      human_kb(j, arc.value));
	return misc.known && over_ram(j, misc, T_AVAILABLE) && shows(j, available) &&
	       because(j, "Memory that counts as reclaimable (%s) was not given back",
		       human_kb(j, misc.value));
}

static bool v67_lowmem_lru(struct judge *j)
{
	if (!j->is_32bit || !j->gfp_known || j->gfp.highmem || j->ev->trigger.order > 1)
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		if (j->zones[i].kind != Z_NORMAL)
			continue;
		struct quantity active = zone_number(j, i, STR("active_file"));
		if (says(j, q_headed(j, active, "%s: ", zone_title(j, j->zones[i].zone)), ">",
			 q_constant(j, threshold(T_ACTIVE_FILE_KB), NULL)))
			return true;
	}
	return false;
}

/* ---- 7 ---- */

static bool v72_gave_up(struct judge *j)
{
	bool all = false;
	for (size_t i = 0; i < j->n_zones; i++) {
		struct quantity scanned = zone_number(j, i, STR("pages_scanned"));
		struct quantity lru = q_unknown(NEED_MEMORY);
		static const char *const keys[] = {"active_anon", "inactive_anon", "active_file",
						   "inactive_file", "active", "inactive"};
		if (!scanned.known || !j->zones[i].eligible)
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(keys); k++)
			q_append(j, &lru, zone_number(j, i, str_of(keys[k])));
		/* pages_scanned is a count of pages: kB as the others for the comparison */
		struct quantity kb = q_times(j, j->page_kb, scanned);
		const struct kv *gave_up =
		    kvs_find(&j->zones[i].zone->kv, STR("all_unreclaimable"));
		if (gave_up && gave_up->value == 1 && lru.known && lru.value > 0 &&
		    says(j, q_headed(j, kb, "%s: ", zone_title(j, j->zones[i].zone)), ">=",
			 q_times(j, threshold(T_SCANNED_TIMES), q_named(j, lru, "LRU"))))
			all = true;
	}
	return all && notes(j, "all_unreclaimable? yes");
}

static bool v73_io(struct judge *j)
{
	struct quantity hung = context_count(j, STR("hung_task"));
	struct quantity io = context_count(j, STR("io_error"));
	struct quantity zero = q_constant(j, 0, NULL);
	bool any = hung.value > 0 && says(j, hung, ">", zero);
	if (io.value > 0)
		any |= says(j, io, ">", zero);
	return any;
}

const struct rule rules_vm[] = {
	{"5.1", "writeback-deadlock", NULL, deadlock, v51_deadlock, ON_GLOBAL,
	 CONFIDENCE_HIGH, 77,
	 "Raise vm.min_free_kbytes moderately and lower vm.dirty_bytes, so that writing "
	 "starts "
	 "earlier.",
	 "linux-mm.org, OOM; Hocko <20151015131409.GD2978@dhcp22.suse.cz>"},
	{"5.6", "reserve-too-small", NULL, deadlock, v56_reserve, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_HIGH, 88,
	 "Set vm.min_free_kbytes back to what the kernel chose at boot (about sqrt(16 x RAM "
	 "in kB)), or "
	 "a little more.",
	 "linux-mm.org, OOM; mm/page_alloc.c init_per_zone_wmark_min()"},
	{"5.2", "reclaim-not-allowed",
	 "Memory was asked for in a place where the kernel may not write "
	 "data out to make room",
	 deadlock, v52_nofs, ON_OOM | ON_FAILURE, CONFIDENCE_MEDIUM, 66,
	 "Report it to the people of that file system or block driver (see the call trace); "
	 "it is not "
	 "the user's fault.",
	 "Hocko <20161216155808.12809-1-mhocko@kernel.org>"},
	{"5.3", "memcg-dirty", NULL, deadlock, v53_memcg_dirty, ON_MEMCG, CONFIDENCE_MEDIUM,
	 89, "Try a newer kernel; set dirty limits (vm.dirty_bytes) below the group's limit.",
	 "Chris Down <ZcWOh9u3uqZjNFMa@chrisdown.name>"},
	{"5.4", "xfs-costly-loop", "XFS waits without end for a large block of memory",
	 deadlock, v54_xfs, ON_EVENT, CONFIDENCE_MEDIUM, 65,
	 "Fragmentation: raise vm.min_free_kbytes, a newer kernel; on 32 bit see vmalloc=.",
	 "Chinner, Wong <20220510235931.GX27195@magnolia>"},
	{"5.5", "min-free-kbytes", NULL, deadlock, v55_min_free,
	 ON_GLOBAL | ON_FAILURE | ON_NOTHING, CONFIDENCE_HINT, 34,
	 "Set vm.min_free_kbytes back to what the kernel chose at boot.", "oled memstate"},
	{"6.1", "premature-oom", NULL, misread, v61_premature, ON_GLOBAL, CONFIDENCE_MEDIUM,
	 61,
	 "Report it to linux-mm@kvack.org with a series of /proc/vmstat through the event; "
	 "very few "
	 "OOM events are genuine kernel bugs.",
	 "linux-mm.org, OOM"},
	{"6.2", "highatomic-overestimated", NULL, misread, v62_highatomic, ON_GLOBAL,
	 CONFIDENCE_HIGH, 87, "Use a kernel with the nr_free_highatomic fix (late 2024).",
	 "Yu Zhao <CAOUHufb=Ze1pj2BeasCLYpAvOhBQfKXcz678Zo_==9DeMbgT9Q@mail.gmail.com>; "
	 "Charan Teja "
	 "<1698669590-3193-1-git-send-email-quic_charante@quicinc.com>"},
	{"6.3", "known-bad-kernel", NULL, misread, known_bad_kernel, ON_OOM | ON_FAILURE,
	 CONFIDENCE_HIGH, 90, "Upgrade the kernel.",
	 "Babka <0d4939f3-869d-6fb8-0914-5f74172f8519@suse.cz>; Hocko "
	 "<20161123063410.GB2864@dhcp22.suse.cz>"},
	{"6.4", "isolated-pages",
	 "Very many pages were set apart by tasks that reclaim at the same time, "
	 "which looked like no progress",
	 misread, v64_isolated, ON_GLOBAL, CONFIDENCE_MEDIUM, 67, "Try a newer kernel.",
	 "Hocko <20170308092114.GB11028@dhcp22.suse.cz>"},
	{"6.5", "percpu-pages",
	 "Free pages sit in the lists of single CPUs, where others cannot take "
	 "them",
	 misread, v65_percpu, ON_GLOBAL, CONFIDENCE_MEDIUM, 57, "Try a newer kernel.",
	 "Mel Gorman <1282550442-15193-3-git-send-email-mel@csn.ul.ie>"},
	{"6.6", "memavailable-misleads", NULL, misread, v66_available, ON_GLOBAL,
	 CONFIDENCE_MEDIUM, 73, "Limit that cache (zfs_arc_max).",
	 "Hocko <20190905114022.GH3838@dhcp22.suse.cz>; openzfs#10255"},
	{"6.7", "lowmem-file-lru",
	 "File pages in low memory were not reclaimed: the kernel looked at the "
	 "wrong list",
	 misread, v67_lowmem_lru, ON_GLOBAL, CONFIDENCE_MEDIUM, 84,
	 "Use a kernel newer than 4.9.", "Hocko <20161217000203.GC23392@dhcp22.suse.cz>"},
	{"7.1", "thrashing", NULL, pathological, series_thrashing, ON_ANY, CONFIDENCE_HIGH,
	 69,
	 "Use a killer that watches pressure (systemd-oomd), protect what matters with "
	 "memory.low, "
	 "or use faster swap.",
	 "linux-mm.org, OOM; Hocko <20190909082732.GC27159@dhcp22.suse.cz>"},
	{"7.2", "reclaim-gave-up",
	 "The kernel scanned all its pages many times over and found nothing to "
	 "free",
	 pathological, v72_gave_up, ON_GLOBAL, CONFIDENCE_HINT, 41,
	 "Look at what the lists hold: anonymous pages without swap, locked pages.",
	 "linux-mm.org, OOM; zone_reclaimable() of old kernels"},
	{"7.3", "io-stall",
	 "Disk or network storage stood still, so that memory could not be written "
	 "out",
	 pathological, v73_io, ON_GLOBAL, CONFIDENCE_MEDIUM, 59, "Look at the storage first.",
	 "<20161121154336.GD19750@merlins.org>"},
	{"S1", "growth", NULL, NULL, series_growth, ON_ANY, CONFIDENCE_MEDIUM, 56,
	 "Find who owns what grew; the rate says how long a restarted machine will last.",
	 "Hocko <20190905114022.GH3838@dhcp22.suse.cz>"},
};
const size_t n_rules_vm = ARRAY_COUNT(rules_vm);
