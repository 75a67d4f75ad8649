/* SPDX-License-Identifier: MIT */
/* rules_modern.c - M4 to M19: causes younger than the wiki page. */
#include "diagnose/judge.h"

#include <stdio.h>

static bool m4_cma(struct judge *j)
{
	struct quantity cma = total(j, STR("free_cma"));
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (j->may_cma || !cma.known || cma.value <= 0)
		return false;
	return says(j, cma, ">", q_percent(j, threshold(T_CMA), j->free)) && says_all_short(j) &&
	       because(j, "Nearly all free memory (%s of %s) is kept for devices (CMA) and cannot "
			  "serve this request",
		       human_kb(j, cma.value), human_kb(j, j->free.value));
}

static bool m5_movable(struct judge *j)
{
	struct quantity movable = q_unknown(NEED_MEMORY), low = q_unknown(NEED_MEMORY);
	struct quantity free = q_unknown(NEED_MEMORY);
	if (j->gfp_known && j->request_zone >= Z_MOVABLE)
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		struct quantity managed = zone_number(j, i, STR("managed"));
		if (j->zones[i].kind == Z_MOVABLE) {
			q_append(j, &movable, managed);
			q_append(j, &free, j->zones[i].free);
		} else if (j->zones[i].kind < Z_MOVABLE) {
			q_append(j, &low, managed);
		}
	}
	if (!movable.known || !low.known) {
		/* from 6.1 on the Movable zone is not printed for such a request: RAM tells */
		if (j->n_zones == 0 || !kernel_between(j, 6, 1, 99, 0) || !j->ram.known ||
		    !low.known)
			return false;
		movable = q_named(j, q_sub(j, j->ram, q_named(j, low, "printed zones")),
				  "RAM in zones not printed");
		return says(j, movable, ">", q_times(j, threshold(T_MOVABLE), low)) &&
		       says_all_short(j) &&
		       says(j, j->free, ">",
			    q_percent(j, threshold(T_MOVABLE_FREE), j->ram));
	}
	return says(j, q_named(j, movable, "Movable zones"), ">",
		    q_times(j, threshold(T_MOVABLE), q_named(j, low, "other zones"))) &&
	       says_all_short(j) && shows(j, q_named(j, free, "free in Movable"));
}

static bool m6_gpu(struct judge *j)
{
	struct quantity purging = context_count(j, STR("purging_gpu"));
	struct quantity dmabuf = host_number(j, STR("dmabuf_bytes"));
	struct quantity zero = q_constant(j, 0, NULL);
	bool large = dmabuf.known && over_ram(j, dmabuf, T_DMABUF);
	if (!large && !fired(j, "unaccounted-memory"))
		return false;
	if (!large && purging.value <= 0)
		return lacks(j, NEED_NUMBERS);
	if (!large && !says(j, purging, ">", zero))
		return false;
	if (fired(j, "unaccounted-memory"))
		shows(j, j->unaccounted);
	else
		j->confidence = CONFIDENCE_MEDIUM;
	return because(
	    j, "Memory held by the graphics driver or by shared device buffers, which is "
	       "counted in no process, is what fills the machine");
}

static bool m7_dma_heap(struct judge *j)
{
	/* its pages have no counter: when much is unaccounted, this is where it went */
	if (j->unaccounted.known && j->ram.known &&
	    j->unaccounted.value > threshold(T_UNACCOUNTED) / 100 * j->ram.value)
		j->rank = 79;
	static const char *const heads[] = {"dma_heap_", "system_heap_", "ion_ioctl", "ion_alloc",
					    "ion_system_heap", "ion_page_pool", NULL};
	struct str found;
	return j->ev->trigger.order != UNKNOWN && j->ev->trigger.order <= 0 &&
	       in_trace(j, heads, &found) && notes(j, "call trace: %.*s", STR_ARG(found)) &&
	       shows(j, j->unaccounted);
}

static bool m8_balloon(struct judge *j)
{
	struct quantity printed = total(j, STR("balloon"));
	struct quantity host = host_number(j, STR("balloon_kb"));
	struct quantity q = printed.known && printed.value > 0 ? printed : host;
	if (q.known && q.value > 0)
		return over_ram(j, q, T_BALLOON) &&
		       because(j, "The host has taken %s back from this virtual machine (balloon)",
			       human_kb(j, q.value));
	struct quantity now = meminfo(j, STR("memtotal"));
	if (!now.known || !j->ram.known || !j->ev->memory.seen ||
	    kvs_get(&j->ev->memory.tail, STR("ram")) == UNKNOWN)
		return false;
	j->confidence = CONFIDENCE_HINT;
	return says(j, now, "<", q_percent(j, 100 - threshold(T_BALLOON), j->ram));
}

/* A zone above its mark: how much of its free memory lies in blocks that are too small. */
static void show_pieces(struct judge *j, size_t i, int64_t order)
{
	const struct zone_view *v = &j->zones[i];
	const struct buddy *b = &v->zone->buddy;
	struct quantity low = q_unknown(NEED_MEMORY);
	for (int o = 0; o < b->orders && o < (int)order; o++)
		q_append(j, &low,
				     q_number(j, "blocks", b->free_blocks[o],
					      j->page_kb * (double)(1 << o), NEED_MEMORY,
					      "%.*s.memory.zones[%zu].buddy[%d].free_blocks",
					      STR_ARG(j->at), i, o));
	says(j, v->usable, ">", v->need_min);
	low = q_named(j, low, words_z(j, "free in blocks below order %d", (int)order));
	low = q_headed(j, low, "%s: ", zone_title(j, v->zone));
	if (!says(j, low, ">", q_percent(j, threshold(T_LOW_ORDERS), v->free)))
		shows(j, low);
	notes(j, "%s: no block of order %d or more is of a type this request may take",
	      zone_title(j, v->zone), (int)order);
}

static bool m9_fragmentation(struct judge *j)
{
	int64_t order = j->ev->trigger.order;
	if (order == UNKNOWN)
		return lacks(j, NEED_HEADER);
	if (order < 1 || order >= BUDDY_ORDERS || !no_fitting_block(j))
		return false;
	for (size_t i = 0; i < j->n_zones; i++) {
		const struct zone_view *v = &j->zones[i];
		if (!v->eligible || v->zone->buddy.orders == 0)
			continue;
		if (!v->short_of_min)
			show_pieces(j, i, order);
		else if (v->has_block)
			says(j, v->usable, "<=", v->need_min);
	}
	return because(j, "There was free memory, but not %s of it in one piece: it is fragmented",
		       human_kb(j, (double)(1LL << order) * j->page_kb));
}

static bool m10_costly(struct judge *j)
{
	return j->ev->trigger.order != UNKNOWN &&
	       says(j, q_number(j, "order", j->ev->trigger.order, 1, NEED_HEADER,
				"%.*s.trigger.order", STR_ARG(j->at)),
		    ">", q_constant(j, threshold(T_COSTLY), NULL));
}

static bool m11_highatomic(struct judge *j)
{
	for (size_t i = 0; i < j->n_zones; i++) {
		struct quantity r = zone_number(j, i, STR("reserved_highatomic"));
		const struct buddy *b = &j->zones[i].zone->buddy;
		bool any = false;
		for (int o = 0; o < b->orders; o++)
			any |= b->free_blocks[o] > 0 &&
			       str_find_char(b->types[o], 'H') != SIZE_MAX;
		if (any && r.known && j->zones[i].eligible && !j->zones[i].short_of_min)
			continue;
		if (any && r.known && j->zones[i].eligible &&
		    says(j, r, ">", zone_number(j, i, STR("min"))))
			return notes(j, "%s: blocks of type H are free",
				     zone_title(j, j->zones[i].zone));
	}
	return false;
}

static bool m12_atomic(struct judge *j)
{
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (!j->gfp.atomic || j->ev->trigger.order != 0)
		return false;
	bool any = false;
	for (size_t i = 0; i < j->n_zones; i++) {
		if (!j->zones[i].eligible)
			continue;
		struct quantity min = zone_number(j, i, STR("min"));
		if (!min.known || !j->zones[i].short_of_min)
			continue;
		any |= says(j, j->zones[i].usable, "<=", j->zones[i].need_min);
	}
	notes(j, "GFP_ATOMIC: the caller (interrupt or network path) could not wait for reclaim; "
		 "such failures are expected under load");
	return any;
}

static bool m13_numa(struct judge *j)
{
	size_t at = SIZE_MAX;
	double free_at = 0;
	bool bound = fired(j, "cpuset-or-mempolicy");
	if (bound || j->ev->memory.n_nodes < 2)
		return false;
	for (size_t i = 0; i < j->n_zones; i++)
		if (j->zones[i].eligible && j->zones[i].short_of_min &&
		    j->zones[i].kind == Z_NORMAL &&
		    (at == SIZE_MAX || j->zones[i].free.value < free_at)) {
			at = i;
			free_at = j->zones[i].free.value;
		}
	if (at == SIZE_MAX || !says(j, j->zones[at].usable, "<=", j->zones[at].need_min))
		return false;
	for (size_t i = 0; i < j->n_zones; i++)
		if (j->zones[i].eligible && j->zones[i].kind == Z_NORMAL &&
		    j->zones[i].zone->node != j->zones[at].zone->node)
			return says(j, q_headed(j, j->zones[i].free, "%s: ",
						zone_title(j, j->zones[i].zone)),
				    ">", q_times(j, threshold(T_NODE_FREE),
						 q_named(j, j->zones[i].need_min, "its need"))) &&
			       shows(j, sysctl(j, STR("vm_zone_reclaim_mode")));
	return false;
}

static bool m14_kdump(struct judge *j)
{
	static const char *const boot[] = {"kernel_init_freeable", "start_kernel", "do_initcalls",
					   NULL};
	struct str cmdline = j->in->log ? j->in->log->cmdline : STR(""), found;
	if (!cmdline.n && j->in->host)
		cmdline = j->in->host->cmdline;
	if (str_find(cmdline, STR("elfcorehdr")) == SIZE_MAX) {
		/* Its command line is rarely in the log; that nothing was started yet is. */
		j->confidence = CONFIDENCE_MEDIUM;
		if (j->oom && in_trace(j, boot, &found) &&
		    says(j, j->ram, "<", q_constant(j, threshold(T_KDUMP_KB), NULL)))
			return notes(j, "call trace: %.*s, the kernel was still starting",
				     STR_ARG(found)) &&
			       because(j, "The kernel was still starting, and what it was given "
					  "(%s) is too little for this machine; a crash dump's "
					  "kernel (crashkernel=) has that often",
				       human_kb(j, j->ram.value));
		return !cmdline.n && lacks(j, NEED_CMDLINE);
	}
	return says(j, j->ram, "<", q_constant(j, threshold(T_KDUMP_KB), NULL)) &&
	       notes(j, "the command line has elfcorehdr: a capture kernel after a crash") &&
	       because(j, "The kernel that saves the crash dump was given too little memory (%s)",
		       human_kb(j, j->ram.value));
}

static bool m15_excluded(struct judge *j)
{
	const struct task_table *t = &j->ev->tasks;
	int adj = task_column(t, STR("oom_score_adj"));
	size_t excluded = 0, seen = 0;
	double kb = 0;
	if (!t->seen || adj < 0)
		return lacks(j, NEED_TASKS);
	for (size_t i = 0; i < t->n_rows; i++) {
		int64_t a = task_value(t, i, adj),
			rss = task_value(t, i, task_column(t, STR("rss")));
		seen += a != UNKNOWN;
		if (a != -1000)
			continue;
		excluded++;
		kb += rss == UNKNOWN ? 0 : (double)rss * j->page_kb;
	}
	bool all = seen > 0 && excluded == seen;
	bool largest = j->biggest_task != SIZE_MAX &&
		       task_value(t, j->biggest_task, adj) == -1000;
	if (!all && !largest)
		return false;
	if (!all && kb < j->ram.value * threshold(T_SHMEM) / 100)
		return false;
	says(j, q_constant(j, (double)excluded, "tasks with oom_score_adj -1000"), all ? "==" : ">",
	     q_constant(j, all ? (double)seen : 0, all ? "all listed tasks" : NULL));
	if (largest)
		says(j, task_number(j, j->biggest_task, STR("oom_score_adj"), 1), "==",
		     q_constant(j, -1000, NULL));
	if (j->ram.known && j->ram.value > 0)
		shows(j, q_constant(j, kb, "rss of the excluded tasks, kB:"));
	return because(
	    j,
	    "%s excluded from being killed (oom_score_adj -1000), and %s memory could not be "
	    "taken back",
	    all ? "All processes are"
		: words_z(j, "The largest process, %.*s, is",
			  STR_ARG(task_name(j, j->biggest_task))),
	    all ? "their" : "its");
}

static bool m16_allocating(struct judge *j)
{
	return says(j, sysctl(j, STR("vm_oom_kill_allocating_task")),
		    "==", q_constant(j, 1, NULL)) &&
	       notes(j,
		     "the killer takes the task that asks, not the one that holds most");
}

static bool m17_preference(struct judge *j)
{
	if (j->ev->n_victims == 0 || j->biggest_task == SIZE_MAX)
		return false;
	const struct victim *v = &j->ev->victims[0];
	int pid = task_column(&j->ev->tasks, STR("pid"));
	if (v->anon_rss_kb == UNKNOWN || task_value(&j->ev->tasks, j->biggest_task, pid) == v->pid)
		return false;
	struct quantity killed =
	    q_number(j, "anon-rss of the victim", v->anon_rss_kb, 1, NEED_TASKS,
		     "%.*s.victims[0].anon_rss_kb", STR_ARG(j->at));
	struct quantity adj = q_number(j, "oom_score_adj of the victim", v->oom_score_adj, 1,
				       NEED_NOTHING, "%.*s.victims[0].oom_score_adj",
				       STR_ARG(j->at));
	return says(j, killed, "<",
		    q_percent(j, threshold(T_SMALL_VICTIM),
			      task_number(j, j->biggest_task, STR("rss"), j->page_kb))) &&
	       adj.known && says(j, adj, ">", q_constant(j, 0, NULL)) &&
	       because(j, "A small process was killed because it is marked as the first to go; the "
			  "largest one (%.*s) went on", STR_ARG(task_name(j, j->biggest_task)));
}

static bool m18_reserved(struct judge *j)
{
	struct quantity present = tail_pages(j, STR("ram"), "pages RAM");
	struct quantity reserved = tail_pages(j, STR("reserved"), "reserved");
	if (!present.known || !reserved.known || j->is_32bit)
		return false;
	return says(j, q_sub(j, present, reserved), "<",
		    q_percent(j, threshold(T_RESERVED), present)) &&
	       says(j, present, ">", q_constant(j, threshold(T_KDUMP_KB), NULL));
}

static bool m19_thp(struct judge *j)
{
	struct quantity huge = total(j, STR("anon_thp"));
	return huge.known && over_ram(j, huge, T_THP) && fired(j, "demand-exceeds-memory");
}

const struct rule rules_modern[] = {
	{"M4", "cma-only-free", NULL, NULL, m4_cma, ON_GLOBAL | ON_FAILURE, CONFIDENCE_HIGH,
	 83, "Make the CMA area smaller (cma=), or its driver's reservation.",
	 "Bartlomiej Zolnierkiewicz "
	 "<1345805120-797-1-git-send-email-b.zolnierkie@samsung.com>"},
	{"M5", "movable-imbalance",
	 "Most memory is set aside for movable pages, and the kernel's own "
	 "part ran out",
	 NULL, m5_movable, ON_GLOBAL | ON_FAILURE, CONFIDENCE_MEDIUM, 80,
	 "Change kernelcore= or the onlining policy: at most three parts movable to one part "
	 "normal.",
	 "Mel Gorman (SUSE patch, 1:3); <20201104073826.GA15700@shbuild999.sh.intel.com>"},
	{"M6", "gpu-memory", NULL, NULL, m6_gpu, ON_GLOBAL, CONFIDENCE_MEDIUM, 79,
	 "Send /sys/kernel/debug/dma_buf/bufinfo and the DRM fdinfo totals; the process that "
	 "was "
	 "killed is not the owner.",
	 "Christian König <11153f4f-8b9a-5780-6087-bc1e85459584@gmail.com>; "
	 "Hocko <20180124110141.GA28465@dhcp22.suse.cz>"},
	{"M7", "dma-heap",
	 "One very large request for device memory (dma-heap, ion) ate everything", NULL,
	 m7_dma_heap, ON_GLOBAL | ON_FAILURE, CONFIDENCE_MEDIUM, 76,
	 "The driver should check the size that the program asks for.",
	 "Jaewon Kim <20230330004117epcms1p7cab95489135a39bf511f6b2cf958e41e@epcms1p7>"},
	{"M8", "balloon",
	 "The host has taken memory back from this virtual machine (balloon)", NULL,
	 m8_balloon, ON_GLOBAL, CONFIDENCE_MEDIUM, 77,
	 "Turn deflate-on-oom on, or give the host less to overcommit.",
	 "Atanasov <20221005090158.2801592-6-alexander.atanasov@virtuozzo.com>"},
	{"M9", "fragmentation", NULL, NULL, m9_fragmentation, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_HIGH, 89,
	 "Raise vm.min_free_kbytes or vm.compaction_proactiveness; a newer kernel; the "
	 "driver should "
	 "ask for single pages.",
	 "Babka <0d4939f3-869d-6fb8-0914-5f74172f8519@suse.cz>"},
	{"M10", "costly-order",
	 "A very large block was asked for; such requests may fail by design", NULL,
	 m10_costly, ON_FAILURE | ON_GLOBAL, CONFIDENCE_HINT, 38,
	 "The caller (see the call trace) should use kvmalloc() or memory set aside at boot.",
	 "mm/page_alloc.c, PAGE_ALLOC_COSTLY_ORDER"},
	{"M11", "highatomic-reserve",
	 "Free memory is kept back for requests that cannot wait", NULL, m11_highatomic,
	 ON_GLOBAL | ON_FAILURE, CONFIDENCE_MEDIUM, 32,
	 "Newer kernels give this reserve back before any OOM.",
	 "Pavan Kondeti <37c58833-1953-42c3-98c6-ee0ac75508ce@quicinc.com>"},
	{"M12", "atomic-reserve",
	 "A burst of requests that cannot wait (network, interrupts) used up "
	 "the reserve for them",
	 NULL, m12_atomic, ON_FAILURE, CONFIDENCE_HIGH, 74,
	 "Raise vm.min_free_kbytes if it happens often; harmless if it is rare.",
	 "Hellwig <20041124165658.GA16800@infradead.org>"},
	{"M13", "numa-imbalance", "One memory node is full while another has plenty", NULL,
	 m13_numa, ON_GLOBAL | ON_FAILURE, CONFIDENCE_HINT, 42,
	 "Set vm.zone_reclaim_mode=0; interleave the large program (numactl).",
	 "OOMAnalyser; oled memstate"},
	{"M14", "kdump-small", NULL, NULL, m14_kdump, ON_GLOBAL | ON_FAILURE, CONFIDENCE_HIGH,
	 93,
	 "Raise crashkernel=, start fewer CPUs (nr_cpus=1), leave out drivers that are not "
	 "needed.",
	 "Baoquan He <20211207030750.30824-1-bhe@redhat.com>"},
	{"M15", "victims-excluded", NULL, NULL, m15_excluded, ON_OOM, CONFIDENCE_HIGH, 91,
	 "Set a higher oom_score_adj (OOMScoreAdjust=) for the large ones: what must not be "
	 "killed "
	 "must not grow.",
	 "KAMEZAWA <20111201185001.5bf85500.kamezawa.hiroyu@jp.fujitsu.com>"},
	{"M16", "kill-allocating-task",
	 "The machine is set to kill whoever asks for memory at the "
	 "wrong moment (vm.oom_kill_allocating_task)",
	 NULL, m16_allocating, ON_OOM, CONFIDENCE_HINT, 33,
	 "Set vm.oom_kill_allocating_task=0.", "mm/oom_kill.c out_of_memory()"},
	{"M17", "kill-preference", NULL, NULL, m17_preference, ON_OOM, CONFIDENCE_HINT, 31,
	 "Check OOMScoreAdjust= of the units and who sets oom_score_adj.",
	 "mm/oom_kill.c oom_badness()"},
	{"M18", "firmware-reserved",
	 "A large part of the installed memory is reserved and not given "
	 "to the kernel",
	 NULL, m18_reserved, ON_GLOBAL, CONFIDENCE_MEDIUM, 44,
	 "Check the memory map (e820, /proc/iomem), mem=, crashkernel= and huge pages "
	 "reserved at "
	 "boot.",
	 "Hansen <50F8734C.2080906@linux.vnet.ibm.com>"},
	{"M19", "thp-bloat",
	 "Much of the memory is in transparent huge pages, which may be only partly "
	 "used",
	 NULL, m19_thp, ON_GLOBAL, CONFIDENCE_HINT, 30,
	 "Try transparent_hugepage=madvise and compare.", "mm/khugepaged.c max_ptes_none"},
};
const size_t n_rules_modern = ARRAY_COUNT(rules_modern);
