/* SPDX-License-Identifier: MIT */
/* rules_kernel.c - 3.1 to 3.10: kernel data structures and leaks. */
#include "diagnose/judge.h"

static const char leak[] = "There is a kernel data structure or memory leak";

/* One cache: of the log's own list (taken at the event) or of slabinfo. */
struct cache {
	struct str name;
	struct quantity size;
	int64_t objects;
};

static size_t caches(const struct judge *j)
{
	return j->ev->n_slab ? j->ev->n_slab : j->in->host ? j->in->host->n_slabs : 0;
}

static struct cache cache_at(struct judge *j, size_t i)
{
	char name[64];
	struct cache c;
	bool log = j->ev->n_slab > 0;
	c.name = log ? j->ev->slab[i].name : j->in->host->slabs[i].name;
	c.objects = log ? slab_objects(j, c.name) : j->in->host->slabs[i].active_objs;
	size_t n = c.name.n < sizeof(name) - 1 ? c.name.n : sizeof(name) - 1;
	memcpy(name, c.name.p, n);
	name[n] = '\0';
	if (log)
		c.size = q_number(j, name, j->ev->slab[i].total_kb, 1, NEED_SLABINFO,
				  "%.*s.slab[%zu].total_kb", STR_ARG(j->at), i);
	else
		c.size = q_number(j, name, j->in->host->slabs[i].total_kb, 1, NEED_SLABINFO,
				  "collection.facts.slabs[%zu].total_kb", i);
	return c;
}

/* The largest caches as evidence; returns the first one's name. */
static struct str show_caches(struct judge *j)
{
	size_t n = caches(j), best = SIZE_MAX;
	double most = -1;
	if (n == 0) {
		lacks(j, NEED_SLABINFO);
		return STR("");
	}
	for (size_t i = 0; i < n; i++) {
		struct cache c = cache_at(j, i);
		if (c.size.known && c.size.value > most) {
			most = c.size.value;
			best = i;
		}
	}
	if (best == SIZE_MAX)
		return STR("");
	struct cache c = cache_at(j, best);
	shows(j, q_headed(j, c.size, "largest cache: "));
	return c.name;
}

static struct quantity slab_total(struct judge *j)
{
	return j->slab_u.known ? j->slab_u : total(j, STR("slab"));
}

static bool k31_slab(struct judge *j)
{
	struct quantity slab = slab_total(j);
	if (!slab.known)
		return lacks(j, NEED_MEMORY);
	bool much = j->ram.known && over_ram(j, slab, T_SLAB);
	bool more_than_lru = j->lru.known && says(j, slab, ">", j->lru);
	if (!much && !more_than_lru)
		return false;
	if (!much) /* more than the LRU is the kernel's own mark; next to nothing proves nothing */
		j->confidence = slab.value <= threshold(T_SLAB_SOME) / 100 * j->ram.value ||
						(j->unaccounted.known &&
						 j->unaccounted.value > slab.value)
					? CONFIDENCE_HINT
					: CONFIDENCE_MEDIUM;
	struct str name = show_caches(j);
	struct str of = j->ram.known ? words(j, " of %s RAM", human_kb(j, j->ram.value)) : STR("");
	j->variant = name;
	if (!name.n)
		return because(
		    j,
		    "The kernel's own objects (slab) hold %s%.*s: a leak in the kernel "
		    "or a driver",
		    human_kb(j, slab.value), STR_ARG(of));
	return because(j, "The kernel's own objects (slab) hold %s%.*s, most of them in the cache "
			  "%.*s: a leak in the kernel or a driver",
		       human_kb(j, slab.value), STR_ARG(of), STR_ARG(name));
}

static bool k32_twins(struct judge *j)
{
	struct host_facts const *h = j->in->host;
	if (!fired(j, "slab-leak"))
		return false;
	if (!h || h->n_slabs < 2)
		return lacks(j, NEED_SLABINFO);
	int64_t first = h->slabs[0].active_objs;
	for (size_t i = 1; i < h->n_slabs && i < 5 && first > 1000; i++) {
		struct quantity a = q_number(j, "objects", first, 1, NEED_SLABINFO,
					     "collection.facts.slabs[0].active_objects");
		struct quantity b =
		    q_number(j, "objects", h->slabs[i].active_objs, 1, NEED_SLABINFO,
			     "collection.facts.slabs[%zu].active_objects", i);
		struct quantity near = q_percent(j, 100 - threshold(T_TWINS), a);
		struct quantity far = q_percent(j, 100 + threshold(T_TWINS), a);
		if (holds(j, b, ">", near) && holds(j, b, "<", far))
			return says(j, b, ">", near) && says(j, b, "<", far) &&
			       because(j,
				       "The caches %.*s and %.*s hold the same number of "
				       "objects: "
				       "one leak seen through several caches",
				       STR_ARG(h->slabs[0].name),
				       STR_ARG(h->slabs[i].name));
	}
	return false;
}

static bool is_inode_cache(struct str name)
{
	return str_eq(name, STR("dentry")) || str_ends(name, STR("inode_cache")) ||
	       str_ends(name, STR("_inode")) || str_ends(name, STR("inode"));
}

static bool k33_dentry(struct judge *j)
{
	struct quantity sum = q_unknown(NEED_SLABINFO);
	bool nofs = j->gfp_known && !j->gfp.fs;
	struct quantity slab = q_named(j, q_add_if_known(j, j->slab_r, j->slab_u), "slab");
	if (!holds(j, slab, ">", q_percent(j, threshold(T_DENTRY), j->ram)))
		return false;
	for (size_t i = 0; i < caches(j); i++) {
		struct cache c = cache_at(j, i);
		if (is_inode_cache(c.name))
			q_append(j, &sum, c.size);
	}
	/* the log lists unreclaimable caches only, and slabinfo may be of another hour: what they
	 * have of dentries can be the least */
	if (sum.known && j->slab_r.known && j->slab_r.value > (j->ev->n_slab ? 1 : 2) * sum.value)
		sum = q_unknown(NEED_SLABINFO);
	if (sum.known) {
		if (!over_ram(j, q_named(j, sum, "dentry + inode caches"), T_DENTRY))
			return false;
	} else {
		/* without the list: reclaimable slab is dentries and inodes nearly always */
		lacks(j, NEED_SLABINFO);
		if (!j->slab_r.known || !over_ram(j, j->slab_r, T_SLAB))
			return false;
		j->confidence = CONFIDENCE_MEDIUM;
		if (j->slab_u.known && j->slab_u.value > j->slab_r.value)
			j->rank = 66; /* the other half of slab is what is certain */
	}
	shows(j, slab);
	if (nofs)
		notes(j, "the request had no __GFP_FS: it could not shrink these caches itself");
	shows(j, sysctl(j, STR("vm_vfs_cache_pressure")));
	return because(
	    j,
	    "The kernel remembers too many files (dentries and inodes, %s), and could "
	    "not drop them",
	    human_kb(j, sum.known ? sum.value : j->slab_r.value));
}

static bool k34_files(struct judge *j)
{
	struct quantity nr = host_number(j, STR("file_nr"));
	if (slab_total(j).known && j->ram.known &&
	    slab_total(j).value < threshold(T_SLAB_SOME) / 100 * j->ram.value)
		return false; /* every open file is a piece of slab */
	return says(j, nr, ">", q_constant(j, threshold(T_FILES), NULL)) &&
	       because(j, "A program keeps very many files open (%.0f in all)", nr.value);
}

static bool k35_sockets(struct judge *j)
{
	static const struct str names[] = {
	    STR_INIT("skbuff_head_cache"),   STR_INIT("skbuff_small_head"),
	    STR_INIT("skbuff_fclone_cache"), STR_INIT("TCP"),
	    STR_INIT("kmalloc-2k"),	     STR_INIT("kmalloc-1k"),
	    STR_INIT("kmalloc-2048"),	     STR_INIT("kmalloc-1024")};
	struct quantity sum = q_unknown(NEED_SLABINFO), heads = q_unknown(NEED_SLABINFO);
	struct quantity sock = host_number(j, STR("socket_mem"));
	if (!j->unaccounted.known ||
	    slab_total(j).value + j->unaccounted.value < threshold(T_SOCKETS) / 100 * j->ram.value)
		return false; /* buffers are slab, or pages of nobody */
	if (caches(j) == 0 && !sock.known)
		return lacks(j, NEED_SLABINFO);
	for (size_t i = 0; i < caches(j); i++) {
		struct cache c = cache_at(j, i);
		for (size_t k = 0; k < ARRAY_COUNT(names); k++)
			if (str_eq(c.name, names[k])) {
				q_append(j, &sum, c.size);
				if (str_starts(c.name, STR("skbuff")))
					heads = c.size;
			}
	}
	if (sock.known && over_ram(j, sock, T_SOCKETS))
		return true;
	return heads.known && over_ram(j, q_named(j, sum, "skbuff + kmalloc-1k/2k"), T_SOCKETS) &&
	       shows(j, heads);
}

/* "[module]" of the largest allocation site, or a cache named by an out-of-tree module. */
static bool k36_module(struct judge *j)
{
	struct str taint = j->ev->tainted.n ? j->ev->tainted
			 : j->in->host	    ? j->in->host->tainted
					    : STR("");
	bool foreign = false;
	for (size_t i = 0; i < taint.n; i++)
		foreign |= taint.p[i] == 'O' || taint.p[i] == 'P' || taint.p[i] == 'E';
	if (!foreign)
		return false;
	for (size_t i = 0; i < j->ev->n_allocs && i < 3; i++) {
		struct str tag = j->ev->allocs[i].tag, module;
		if (!take_until(&tag, '[', &module) || !take_until(&tag, ']', &module))
			continue;
		struct quantity q = q_number(j, "bytes of the site", j->ev->allocs[i].bytes,
					     1.0 / 1024, NEED_NOTHING,
					     "%.*s.allocations[%zu].bytes", STR_ARG(j->at), i);
		if (!q.known || !over_ram(j, q, T_DMABUF))
			continue;
		return notes(j, "tainted: %.*s; site: %.*s", STR_ARG(taint),
			     STR_ARG(j->ev->allocs[i].tag)) &&
		       because(j, "The module %.*s, which is not part of the kernel, holds %s",
			       STR_ARG(module), human_kb(j, q.value));
	}
	if (!fired(j, "slab-leak") && !fired(j, "unaccounted-memory"))
		return false;
	j->confidence = CONFIDENCE_HINT;
	return notes(j, "tainted: %.*s", STR_ARG(taint)) &&
	       because(j, "Modules that are not part of the kernel are loaded, and kernel memory "
			  "is what grew");
}

static bool k37_pagetables(struct judge *j)
{
	struct quantity anon_half = q_percent(j, threshold(T_PAGETABLES_ANON), j->anon);
	if (!j->pagetables.known)
		return lacks(j, NEED_MEMORY);
	if (!over_ram(j, j->pagetables, T_PAGETABLES) &&
	    !(holds(j, j->pagetables, ">", q_percent(j, threshold(T_PAGETABLES_LEAST), j->ram)) &&
	      says(j, j->pagetables, ">", anon_half)))
		return false;
	double part = j->pagetables.value / j->ram.value * 100;
	if (part < threshold(T_SLAB)) /* 2 % is worth a line; only more fills a machine */
		j->confidence = part < threshold(T_PAGETABLES_MUCH) ? CONFIDENCE_HINT
								    : CONFIDENCE_MEDIUM;
	return because(j, "The tables that map memory into processes alone take %s",
		       human_kb(j, j->pagetables.value));
}

static bool k38_unaccounted(struct judge *j)
{
	struct quantity base = j->ram;
	if (!j->unaccounted.known)
		return lacks(j, NEED_MEMORY);
	if (j->hugetlb.known && j->hugetlb.value > 0)
		base = q_named(j, q_sub(j, j->ram, j->hugetlb), "RAM without huge pages");
	if (fired(j, "demand-exceeds-memory")) {
		/* then it only adds: the programs alone would have filled the machine */
		j->rank = 57;
		j->confidence = CONFIDENCE_MEDIUM;
	} else if (j->swap_used.known &&
		   j->swap_used.value > threshold(T_SWAP_IN_USE) / 100 * j->ram.value) {
		j->confidence = CONFIDENCE_MEDIUM; /* compressed swap is not printed before 6.18 */
	}
	return says(j, j->unaccounted, ">", q_percent(j, threshold(T_UNACCOUNTED), base)) &&
	       says(j, j->unaccounted, ">",
		    /* a small machine may be full of less than that */
		    j->ram.value * threshold(T_SLAB) / 100 < threshold(T_UNACCOUNTED_KB)
			    ? q_percent(j, threshold(T_SLAB), base)
			    : q_constant(j, threshold(T_UNACCOUNTED_KB), NULL)) &&
	       (host_number(j, STR("dmabuf_bytes")).known || !lacks(j, NEED_NUMBERS)) &&
	       because(j, "Nobody accounts for %s of the memory: pages taken directly by a driver, "
			  "the graphics stack, a file system, a balloon or compressed swap",
		       human_kb(j, j->unaccounted.value));
}

/* Could there be so much of it? What no counter of the log holds is among the unaccounted. */
static bool unaccounted_enough(const struct judge *j, enum threshold t)
{
	return j->unaccounted.known && j->unaccounted.value > threshold(t) / 100 * j->ram.value;
}

static bool k39_vmalloc(struct judge *j)
{
	static const char *const heads[] = {"__vmalloc", "vmalloc", "vzalloc", NULL};
	/* stacks of new tasks are mappings, too, and small ones */
	static const char *const stacks[] = {"dup_task_struct", "copy_process",
					     "alloc_thread_stack_node", NULL};
	struct quantity used = host_number(j, STR("vmalloc_used_kb"));
	struct str found;
	if (in_trace(j, stacks, &found))
		return false;
	if (used.known && over_ram(j, used, T_VMALLOC))
		return because(j, "One large kernel mapping (vmalloc) holds %s",
			       human_kb(j, used.value));
	if (!in_trace(j, heads, &found) || j->ev->trigger.order != 0)
		return unaccounted_enough(j, T_VMALLOC) &&
		       lacks(j, used.known ? NEED_NOTHING : NEED_NUMBERS);
	return notes(j, "call trace: %.*s, order 0", STR_ARG(found)) &&
	       because(j, "A large kernel mapping (vmalloc) was being made when memory "
			  "ran out; its "
			  "size may come from a program");
}

static bool k310_percpu(struct judge *j)
{
	struct quantity percpu = meminfo(j, STR("percpu"));
	if (!percpu.known && !unaccounted_enough(j, T_PERCPU))
		return false;
	struct quantity dying = host_number(j, STR("nr_dying_descendants"));
	return percpu.known && over_ram(j, percpu, T_PERCPU) &&
	       says(j, dying, ">", q_constant(j, threshold(T_DYING), NULL)) &&
	       because(j, "Control groups that were removed (%.0f) still hold memory for every CPU",
		       dying.value);
}

const struct rule rules_kernel[] = {
	{"3.1", "slab-leak", NULL, leak, k31_slab, ON_GLOBAL, CONFIDENCE_HIGH, 80,
	 "Name the cache (slabinfo, slabtop); then kmemleak, slub_debug=U,CACHE with "
	 "/sys/kernel/debug/slab/CACHE/alloc_traces, or /proc/allocinfo; report to the "
	 "people of "
	 "that part of the kernel.",
	 "Rientjes <alpine.DEB.2.02.1302121917020.11158@chino.kir.corp.google.com>; Hansen "
	 "<512CD435.30704@linux.vnet.ibm.com>"},
	{"3.2", "slab-twins", NULL, leak, k32_twins, ON_GLOBAL, CONFIDENCE_MEDIUM, 52,
	 "Look for the parent object that owns one of each.",
	 "Hansen <512CD435.30704@linux.vnet.ibm.com>"},
	{"3.3", "dentry-inode-pinned", NULL, leak, k33_dentry, ON_GLOBAL, CONFIDENCE_HIGH, 81,
	 "Find who holds them: open files (lsof), mounts, inotify watches, a file system in "
	 "memory; "
	 "vm.vfs_cache_pressure.",
	 "Dave Chinner <ZWk0dI0PISWBbbKr@dread.disaster.area>; linux-mm.org"},
	{"3.4", "fd-leak", NULL, leak, k34_files, ON_GLOBAL | ON_NOTHING, CONFIDENCE_HINT, 53,
	 "See which process has the most entries in /proc/PID/fd; set RLIMIT_NOFILE.",
	 "linux-mm.org, OOM"},
	{"3.5", "socket-buffers", "Network buffers hold a large part of the memory", leak,
	 k35_sockets, ON_GLOBAL, CONFIDENCE_MEDIUM, 82,
	 "Update the network driver; check net.ipv4.tcp_mem; try another adapter.",
	 "omarchy#5989; xmm7360-pci#131; PF_RING#1003"},
	{"3.6", "out-of-tree-module", NULL, leak, k36_module, ON_GLOBAL, CONFIDENCE_MEDIUM,
	 83, "Update or unload the module first, and see whether it still happens.",
	 "open-cas#892; coreos/bugs#2637"},
	{"3.7", "page-table-bloat", NULL, leak, k37_pagetables, ON_GLOBAL, CONFIDENCE_HIGH,
	 78, "Use huge pages for the shared memory, or fewer processes that map it.",
	 "Shutemov, commit dc6c9a35b66b; Hocko "
	 "<20170925135305.ydeeyapav2s36ifj@dhcp22.suse.cz>"},
	{"3.8", "unaccounted-memory", NULL, leak, k38_unaccounted, ON_GLOBAL, CONFIDENCE_HIGH,
	 78,
	 "Boot with page_owner=on or memory allocation profiling and reproduce; look at GPU, "
	 "balloon and driver counters.",
	 "Chinner <ZWk0dI0PISWBbbKr@dread.disaster.area>; oled"},
	{"3.9", "huge-vmalloc", NULL, leak, k39_vmalloc, ON_GLOBAL | ON_FAILURE,
	 CONFIDENCE_MEDIUM, 71,
	 "Look at the top callers of /proc/vmallocinfo; the caller should check the size it "
	 "is "
	 "asked for.",
	 "Tetsuo Handa <201801290020.w0T0KK8V015938@www262.sakura.ne.jp>"},
	{"3.10", "dying-cgroups", NULL, leak, k310_percpu, ON_GLOBAL, CONFIDENCE_MEDIUM, 63,
	 "Dropping caches frees them; cached files pin them.",
	 "Fam Zheng, Hocko <20190107085316.GY31793@dhcp22.suse.cz>"},
};
const size_t n_rules_kernel = ARRAY_COUNT(rules_kernel);
