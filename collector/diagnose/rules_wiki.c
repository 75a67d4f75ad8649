/* SPDX-License-Identifier: MIT */
/* rules_wiki.c - 1.1 to 2.5: really out of memory, and out of low memory on 32 bit. */
#include "diagnose/judge.h"

#include <math.h>

static const char really_out[] = "The kernel is really out of memory";
static const char lowmem[] = "The kernel is out of low memory on 32-bit architectures";

/* No swap, or (almost) all of it used. */
static bool swap_is_gone(struct judge *j)
{
	struct quantity none = q_constant(j, 0, NULL);
	if (!j->swap_total.known)
		return lacks(j, NEED_MEMORY);
	if (j->swap_total.value <= 0)
		return says(j, j->swap_total, "<=", none);
	return says(j, j->swap_free, "<", q_percent(j, threshold(T_REALLY_OUT), j->swap_total));
}

/* What programs want in RAM and swap. Kernels before 2.6.28 have one pair of lists for all
 * pages: those that are no file cache stand in. */
static struct quantity all_demand(struct judge *j)
{
	struct quantity want = j->anon;
	if (!want.known) {
		struct quantity cache = tail_pages(j, STR("pagecache"), "pagecache");
		want = q_add(j, total(j, STR("active")), total(j, STR("inactive")));
		if (cache.known && cache.value < want.value)
			want = q_sub(j, want, cache);
		want = q_named(j, want, "pages on the lists");
	}
	if (want.known && j->swap_used.known && j->swap_used.value > 0)
		return q_named(j, q_add(j, want, j->swap_used), "anon + used swap");
	return want;
}

/* 1.1 without its evidence: the common ground of 1.1 to 1.4. */
static bool demand(struct judge *j)
{
	if (!j->oom || !all_demand(j).known)
		return lacks(j, NEED_MEMORY);
	return over_ram(j, all_demand(j), T_ANON_MOST) && swap_is_gone(j) &&
	       (!j->file.known ||
		says(j, j->file, "<", q_percent(j, threshold(T_FILE_TINY), j->ram)));
}

static struct quantity task_total(struct judge *j, size_t row)
{
	struct quantity rss = task_number(j, row, STR("rss"), j->page_kb);
	struct quantity swap = task_number(j, row, STR("swapents"), j->page_kb);
	return swap.known && swap.value > 0 ? q_add(j, rss, swap) : rss;
}

/* The five largest tasks, largest first; equal ones are shown once. */
static void show_tasks(struct judge *j)
{
	double below = INFINITY;
	for (int place = 0; place < 5; place++) {
		size_t best = SIZE_MAX;
		double value = 0;
		for (size_t i = 0; i < j->ev->tasks.n_rows; i++) {
			double kb = task_kb(j, i);
			if (kb > value && kb < below) {
				value = kb;
				best = i;
			}
		}
		if (best == SIZE_MAX)
			return;
		below = value;
		shows(j, task_total(j, best));
	}
}

static bool w11_out(struct judge *j)
{
	if (!demand(j))
		return false;
	if (j->unaccounted.known &&
	    holds(j, j->unaccounted, ">", q_percent(j, threshold(T_MLOCK), j->ram)))
		return false;
	if (!j->anon.known)
		j->confidence = CONFIDENCE_MEDIUM;
	if (!says_all_short(j)) {
		/* the dump is taken after the last test; numbers can have improved since */
		j->confidence = CONFIDENCE_MEDIUM;
		says_all_below_high(j);
	}
	const char *swap = j->swap_total.value > 0 ? words_z(j, " and %s of swap",
							      human_kb(j, j->swap_total.value))
						   : ", and there is no swap";
	if (j->biggest_task == SIZE_MAX)
		return because(j, "The programs needed more memory than there is: %s of RAM%s",
			       human_kb(j, j->ram.value), swap);
	show_tasks(j);
	return because(
	    j,
	    "The programs needed more memory than there is (%s of RAM%s); the largest "
	    "of them, %.*s, held %s",
	    human_kb(j, j->ram.value), swap, STR_ARG(task_name(j, j->biggest_task)),
	    human_kb(j, j->biggest_kb));
}

static bool w12_one(struct judge *j)
{
	if (j->biggest_task == SIZE_MAX)
		return lacks(j, NEED_TASKS);
	if (!fired(j, "demand-exceeds-memory"))
		return false;
	if (!says(j, task_total(j, j->biggest_task), ">",
		  q_percent(j, threshold(T_ONE_PROCESS), all_demand(j))))
		return false;
	struct quantity slope = series_number(j, STR("anonpages"), 's');
	if (slope.known)
		says(j, slope, ">", q_constant(j, 0, NULL));
	else
		lacks(j, NEED_SERIES);
	return because(j, "Most of the memory was in one process, %.*s: a leak, or data that does "
			  "not fit this machine", STR_ARG(task_name(j, j->biggest_task)));
}

/* The name that most rows carry. The table may have 40 000 rows: count runs of a sorted view
 * would need memory, so compare against a handful of candidates instead. */
static size_t commonest(const struct judge *j, struct str *name)
{
	const struct task_table *t = &j->ev->tasks;
	size_t best = 0, step = t->n_rows / 16 + 1;
	for (size_t c = 0; c < t->n_rows; c += step) {
		size_t n = 0;
		for (size_t i = 0; i < t->n_rows; i++)
			n += str_eq(t->names[i], t->names[c]);
		if (n > best) {
			best = n;
			*name = t->names[c];
		}
	}
	return best;
}

static bool w13_tasks(struct judge *j)
{
	struct str name = STR("");
	const struct task_table *t = &j->ev->tasks;
	if (!t->seen)
		return lacks(j, NEED_TASKS);
	size_t same = commonest(j, &name);
	struct quantity rows = q_constant(j, (double)(t->n_rows + t->rows_dropped), "tasks");
	struct quantity overhead =
	    q_named(j, q_add_if_known(j, j->kernel_stack, j->pagetables),
		    "kernel stacks + page tables");
	bool thousands = rows.value > threshold(T_MANY_TASKS);
	struct quantity twins = q_constant(j, (double)same, words_z(j, "tasks named %.*s",
								     STR_ARG(name)));
	if (thousands)
		says(j, rows, ">", q_constant(j, threshold(T_MANY_TASKS), NULL));
	else if (!(holds(j, twins, ">", q_constant(j, threshold(T_SAME_NAME), NULL)) &&
		   holds(j, q_times(j, 2, twins), ">", rows) &&
		   over_ram(j, overhead, T_TASK_OVERHEAD)))
		return false;
	says(j, twins, ">", q_constant(j, threshold(T_SAME_NAME), NULL));
	shows(j, overhead);
	if (!says_all_short(j))
		j->confidence = CONFIDENCE_MEDIUM;
	return because(j, "Too many processes were started: %zu of %zu are named %.*s", same,
		       t->n_rows + (size_t)t->rows_dropped, STR_ARG(name));
}

/* What a process holds of shared memory: it goes when that process ends, or closes it. The same
 * memory may be held by others, too, so that nothing is added up over processes. */
static struct quantity held_by(struct judge *j, const struct holder_fact *who)
{
	const struct host_facts *h = j->in->host;
	struct quantity sum = q_unknown(NEED_NOTHING);

	for (size_t i = 0; i < h->n_holders; i++) {
		if (h->holders[i].pid == who->pid)
			q_append(j, &sum,
				 q_number(j, "held", h->holders[i].kb, 1, NEED_NOTHING,
					  "collection.facts.shmem_holders[%zu].held_kb", i));
	}
	return q_named(j, sum, words_z(j, "now held by %.*s (pid %lld), %.*s", STR_ARG(who->comm),
				       (long long)who->pid, STR_ARG(who->kind)));
}

/* Who holds most of it, as evidence; in words, or "" where nobody is seen to: what lies in a
 * tmpfs under a name is held by nobody. */
static const char *largest_holder(struct judge *j)
{
	const struct host_facts *h = j->in->host;
	const struct holder_fact *most = NULL;
	struct quantity best = q_unknown(NEED_NOTHING);

	for (size_t i = 0; h && i < h->n_holders; i++) {
		struct quantity q = held_by(j, &h->holders[i]);

		if (q.known && (!best.known || q.value > best.value)) {
			best = q;
			most = &h->holders[i];
		}
	}
	if (!most || !says(j, best, ">", q_percent(j, threshold(T_HOLDER), j->shmem)))
		return "";
	return words_z(j, "; %.*s (pid %lld) holds %s of it", STR_ARG(most->comm),
		       (long long)most->pid, human_kb(j, best.value));
}

static bool w14_shmem(struct judge *j)
{
	if (!over_ram(j, j->shmem, T_SHMEM) || !swap_is_gone(j))
		return false;
	if (fired(j, "demand-exceeds-memory") && j->anon.known &&
	    2 * j->shmem.value < j->anon.value)
		j->rank = 68; /* the programs' own memory is the larger part */
	if (!says_all_short(j))
		j->confidence = CONFIDENCE_MEDIUM;
	int column = task_column(&j->ev->tasks, STR("rss_shmem"));
	double mapped = 0;
	for (size_t i = 0; column >= 0 && i < j->ev->tasks.n_rows; i++)
		if (task_value(&j->ev->tasks, i, column) > 0)
			mapped += (double)task_value(&j->ev->tasks, i, column);
	if (column >= 0)
		notes(j, "processes map %.0f kB of it at most (sum of rss_shmem)",
		      mapped * j->page_kb);
	shows(j, host_number(j, STR("tmpfs_used_kb")));
	const char *holder = largest_holder(j);
	return because(
	    j,
	    "Files in memory (tmpfs, shared memory, memfd) hold %s of %s RAM%s; killing "
	    "%sprograms does not free them",
	    human_kb(j, j->shmem.value), human_kb(j, j->ram.value), holder,
	    *holder ? "other " : "");
}

static struct quantity mlocked(struct judge *j)
{
	struct quantity q = total(j, STR("mlocked"));
	return q.known ? q : meminfo(j, STR("mlocked"));
}

static bool w15_ramfs(struct judge *j)
{
	struct quantity unevictable = total(j, STR("unevictable")), locked = mlocked(j);
	return over_ram(j, unevictable, T_UNEVICTABLE) && locked.known &&
	       says(j, q_times(j, 2, locked), "<", unevictable) &&
	       because(j, "Memory that can neither be dropped nor swapped out (%s) fills the "
			  "machine: files on a ramfs, or shared memory locked with SHM_LOCK",
		       human_kb(j, unevictable.value));
}

static bool w16_lost(struct judge *j)
{
	struct quantity bad = tail_pages(j, STR("hwpoisoned"), "hwpoisoned");
	struct quantity edac = context_count(j, STR("edac"));
	struct quantity zero = q_constant(j, 0, NULL);
	if (bad.known && bad.value > 0)
		return says(j, bad, ">", zero);
	if (edac.value > 0)
		return says(j, edac, ">", zero);
	struct quantity earlier = host_number(j, STR("ram_earlier_kb"));
	return earlier.known && j->ram.known &&
	       says(j, j->ram, "<", q_percent(j, 100 - threshold(T_LOST), earlier));
}

/* ---- 2: low memory ---- */

static size_t find_zone(const struct judge *j, enum zone_kind kind)
{
	for (size_t i = 0; i < j->n_zones; i++)
		if (j->zones[i].kind == kind)
			return i;
	return SIZE_MAX;
}

static bool w21_lowmem(struct judge *j)
{
	size_t low = find_zone(j, Z_NORMAL), high = find_zone(j, Z_HIGHMEM);
	if (low == SIZE_MAX || high == SIZE_MAX)
		return false;
	if (!j->gfp_known)
		return lacks(j, NEED_HEADER);
	if (j->gfp.highmem)
		return false;
	return says(j, j->zones[low].usable, "<=", j->zones[low].need_min) &&
	       says(j, q_headed(j, j->zones[high].free, "HighMem: "), ">",
		    q_times(j, threshold(T_HIGHMEM_TIMES), j->zones[low].free)) &&
	       because(j,
		       "This 32-bit kernel can use only the first part of the memory for "
		       "itself; "
		       "that part is used up (%s free) while %s are free above it",
		       human_kb(j, j->zones[low].free.value),
		       human_kb(j, j->zones[high].free.value));
}

static struct quantity size_of(struct judge *j, size_t zone)
{
	struct quantity q = zone_number(j, zone, STR("managed"));
	return q.known ? q : zone_number(j, zone, STR("present"));
}

static bool w22_struct_page(struct judge *j)
{
	size_t low = find_zone(j, Z_NORMAL);
	return fired(j, "lowmem-exhausted") &&
	       says(j, j->ram, ">",
		    q_times(j, threshold(T_LOWMEM_RATIO),
			    q_named(j, size_of(j, low), "low memory")));
}

static bool w23_buffers(struct judge *j)
{
	if (!fired(j, "lowmem-exhausted"))
		return false;
	struct quantity dirty = total(j, STR("dirty"));
	if (dirty.known && over_ram(j, dirty, T_DIRTY))
		return shows(j, sysctl(j, STR("vm_highmem_is_dirtyable")));
	size_t low = find_zone(j, Z_NORMAL);
	for (size_t i = 0; j->in->host && i < j->in->host->n_slabs; i++) {
		const struct slab_fact *s = &j->in->host->slabs[i];
		if (str_eq(s->name, STR("buffer_head")))
			return says(j,
				    q_number(j, "buffer_head", s->total_kb, 1,
					     NEED_SLABINFO,
					     "collection.facts.slabs[%zu].total_kb", i),
				    ">",
				    q_percent(j, threshold(T_BUFFERS),
					      q_named(j, size_of(j, low), "low memory")));
	}
	return lacks(j, NEED_SLABINFO);
}

static bool w24_board(struct judge *j)
{
	int64_t order = j->ev->trigger.order;
	if (order < 1 || order > 3 || find_zone(j, Z_HIGHMEM) != SIZE_MAX || j->n_zones != 1 ||
	    !j->gfp_known || j->gfp.highmem || j->gfp.atomic)
		return false;
	const struct zone_view *v = &j->zones[0];
	return says(j, j->ram, "<", q_constant(j, threshold(T_SMALL_BOARD_KB), NULL)) &&
	       says(j, v->usable, "<=", q_times(j, 2, v->need_high)) &&
	       notes_at(j, words(j, "%.*s.trigger.order", STR_ARG(j->at)), (double)order,
			"order %d: kernel stacks of 8 KiB need blocks of this kind", (int)order) &&
	       because(j, "This small machine (%s) had too little memory left in one piece for the "
			  "kernel's own use", human_kb(j, j->ram.value));
}

static bool is_no_address(struct str text)
{
	static const struct str words[] = {
		STR_INIT("use vmalloc="), STR_INIT("vmap allocation"),
		STR_INIT("Address range restricted to"), /* 6.12+ */
		/* what names the caller; memory for the struct itself is hardly ever short */
		STR_INIT("vm_struct allocation failed"),
	};
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_find(text, words[i]) != SIZE_MAX)
			return true;
	return false;
}

static bool w25_vmalloc(struct judge *j)
{
	struct str what = j->ev->trigger.what;
	for (size_t i = 0; what.n && !is_no_address(what) && i < j->ev->n_extra; i++)
		if (is_no_address(j->ev->extra[i]))
			what = j->ev->extra[i];
	if (!is_no_address(what))
		return false;
	shows(j, meminfo(j, STR("vmalloctotal")));
	shows(j, meminfo(j, STR("vmallocused")));
	if (!j->is_32bit)
		j->confidence = CONFIDENCE_HINT;
	return notes(j, "%.*s", STR_ARG(what));
}

const struct rule rules_wiki[] = {
	{"1.1", "demand-exceeds-memory", NULL, really_out, w11_out, ON_GLOBAL,
	 CONFIDENCE_HIGH, 70,
	 "Limit or reduce the named processes (memory.max, ulimit), or add RAM or swap.",
	 "linux-mm.org, OOM; Hocko <20151015131409.GD2978@dhcp22.suse.cz>"},
	{"1.2", "one-process", NULL, really_out, w12_one, ON_GLOBAL, CONFIDENCE_HINT, 55,
	 "Watch that process (oomreport record): does it grow without end? Then fix or "
	 "restart it; "
	 "a limit (memory.max) confines the damage.",
	 "Red Hat KB 2612861"},
	{"1.3", "too-many-tasks", NULL, "There is a kernel data structure or memory leak",
	 w13_tasks, ON_GLOBAL, CONFIDENCE_HIGH, 88,
	 "Limit the number of tasks (pids.max, TasksMax=, the pool size of the service).",
	 "KAMEZAWA <20110324182240.5fe56de2.kamezawa.hiroyu@jp.fujitsu.com>; linux-mm.org, "
	 "OOM"},
	{"1.4", "shmem-full", NULL, really_out, w14_shmem, ON_GLOBAL, CONFIDENCE_HIGH, 84,
	 "Delete or limit what lies in tmpfs mounts (df -t tmpfs; size=) and in shared "
	 "memory "
	 "(ipcs -m, memfd users).",
	 "Wu Fengguang <20111108073857.GA1363@localhost>"},
	{"1.5", "ramfs-or-shm-lock", NULL, really_out, w15_ramfs, ON_GLOBAL, CONFIDENCE_HIGH,
	 82, "Use tmpfs with size= in place of ramfs; look for SHM_LOCK users.",
	 "Wu Fengguang <20110519145147.GA14658@localhost>"},
	{"1.6", "memory-lost",
	 "Part of the installed memory is not usable (broken, or taken away)", really_out,
	 w16_lost, ON_GLOBAL, CONFIDENCE_MEDIUM, 40,
	 "Look for EDAC and machine-check messages; check mem= and crashkernel= on the "
	 "command "
	 "line; replace the memory module.",
	 "Red Hat KB 2612861"},
	{"2.1", "lowmem-exhausted", NULL, lowmem, w21_lowmem, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_HIGH, 85, "Use a 64-bit kernel, or less RAM.",
	 "linux-mm.org, OOM; Hocko <20170219150037.GB24890@dhcp22.suse.cz>"},
	{"2.2", "lowmem-struct-page",
	 "The machine has more memory than a 32-bit kernel can manage: "
	 "managing it eats the low memory",
	 lowmem, w22_struct_page, ON_GLOBAL | ON_FAILURE, CONFIDENCE_MEDIUM, 56,
	 "Use a 64-bit kernel: this much RAM on 32 bit is not supported.",
	 "akpm <20130111000119.8e9bdf5d.akpm@linux-foundation.org>"},
	{"2.3", "lowmem-buffers", "Buffers of files being written fill the low memory",
	 lowmem, w23_buffers, ON_GLOBAL | ON_FAILURE, CONFIDENCE_MEDIUM, 54,
	 "Lower vm.dirty_ratio and set vm.highmem_is_dirtyable=0.",
	 "Hocko <20160622142756.GH9208@dhcp22.suse.cz>"},
	{"2.4", "lowmem-small-board", NULL, lowmem, w24_board, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_MEDIUM, 64,
	 "A smaller working set; a larger vm.min_free_kbytes keeps more blocks together.",
	 "Hocko, Babka <20190806151251.GJ11812@dhcp22.suse.cz>"},
	{"2.5", "vmalloc-space",
	 "The kernel ran out of address space for large mappings, not of "
	 "memory",
	 lowmem, w25_vmalloc, ON_FAILURE | ON_GLOBAL, CONFIDENCE_MEDIUM, 75,
	 "Enlarge it with vmalloc= on the command line, or use a 64-bit kernel.",
	 "Joakim Tysseng <43295F60.6050303@opoint.com>"},
};
const size_t n_rules_wiki = ARRAY_COUNT(rules_wiki);
