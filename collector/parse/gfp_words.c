/* SPDX-License-Identifier: MIT */
/* gfp_words.c - one plain line for every gfp flag and composite. */
#include "parse/parse.h"

static const struct {
	struct str name, words;
} words[] = {
#define W(n, text) {STR_INIT(n), STR_INIT(text)}
	/* composites: who asks */
	W("GFP_KERNEL", "ordinary kernel memory: may sleep, write out pages and wait for them"),
	W("GFP_KERNEL_ACCOUNT", "ordinary kernel memory, charged to the cgroup of the task"),
	W("GFP_USER", "memory for user space that the kernel itself also reads and writes"),
	W("GFP_HIGHUSER", "memory for user space, also from high memory, not movable"),
	W("GFP_HIGHUSER_MOVABLE",
	  "an ordinary page of a program or of a file, which can be moved elsewhere"),
	W("GFP_HIGHUSER_PAGECACHE", "a page of the page cache (2.6.23-2.6.28)"),
	W("GFP_USER_PAGECACHE", "a page of the page cache, not from high memory"),
	W("GFP_NOFS_PAGECACHE", "a page of the page cache, asked for by a file system"),
	W("GFP_TRANSHUGE", "a transparent huge page, with reclaim and compaction if needed"),
	W("GFP_TRANSHUGE_LIGHT", "a transparent huge page, only if one is free right now"),
	W("GFP_ATOMIC",
	  "cannot wait: asked for in an interrupt or under a lock, so nothing may be reclaimed "
	  "for it; may use part of the emergency reserve below the min watermark. When it "
	  "fails the caller drops work (often a network packet); it never starts the OOM killer"),
	W("GFP_NOWAIT", "cannot wait and gets no reserve; wakes kswapd and takes what is free"),
	W("GFP_NOIO", "may wait, but not for disk I/O: the block layer itself is asking"),
	W("GFP_NOHIGHIO", "may wait and start I/O, but not through bounce buffers (2.4)"),
	W("GFP_NOFS", "may wait, but not enter a file system: a file system itself is asking"),
	W("GFP_BUFFER", "buffers of the block layer (2.4)"),
	W("GFP_KSWAPD", "memory for kswapd itself (2.4)"),
	W("GFP_TEMPORARY", "short-lived kernel memory (until 4.13)"),
	W("GFP_IOFS", "I/O and file system calls allowed, without waiting"),
	W("GFP_THISNODE", "this NUMA node or nothing, without trying hard"),
	W("GFP_DMA", "from the lowest 16 MiB (ZONE_DMA): old or limited devices"),
	W("GFP_DMA32", "from the lowest 4 GiB (ZONE_DMA32): devices with 32-bit addresses"),
	/* where from */
	W("__GFP_DMA", "from the lowest 16 MiB (ZONE_DMA): old or limited devices"),
	W("__GFP_DMA32", "from the lowest 4 GiB (ZONE_DMA32): devices with 32-bit addresses"),
	W("__GFP_HIGHMEM", "high memory (32-bit machines) will do"),
	W("__GFP_MOVABLE", "the page can be moved, so ZONE_MOVABLE and CMA will do"),
	W("__GFP_RECLAIMABLE", "slab memory that a shrinker can free again"),
	W("__GFP_CMA", "memory set aside for contiguous allocations will do (Android)"),
	W("__GFP_THISNODE", "this NUMA node or nothing"),
	W("__GFP_HARDWALL", "only from the nodes of the task's cpuset"),
	W("__GFP_WRITE", "the page will be dirtied: spread over zones"),
	W("__GFP_ACCOUNT", "charged to the cgroup of the task: a cgroup's limit can refuse it"),
	W("__GFP_NOACCOUNT", "not charged to a cgroup's kernel memory (4.1-4.4)"),
	W("__GFP_KMEMCG", "charged to a cgroup's kernel memory (3.8-3.15)"),
	W("__GFP_OTHER_NODE", "counted for another node: khugepaged (2.6.39-4.9)"),
	/* how hard */
	W("__GFP_HIGH", "urgent: may use part of the reserve below the min watermark"),
	W("__GFP_ATOMIC", "cannot wait: may use more of the reserve (4.4-6.2)"),
	W("__GFP_WAIT", "may sleep and reclaim (until 4.3)"),
	W("__GFP_RECLAIM", "may reclaim memory itself and wake kswapd"),
	W("__GFP_DIRECT_RECLAIM", "may sleep and reclaim memory itself"),
	W("__GFP_KSWAPD_RECLAIM", "wakes kswapd when free memory falls below the low watermark"),
	W("__GFP_NO_KSWAPD", "does not wake kswapd (2.6.38-4.3)"),
	W("__GFP_IO", "reclaim may start disk I/O"),
	W("__GFP_HIGHIO", "reclaim may start I/O through bounce buffers (2.4)"),
	W("__GFP_FS", "reclaim may call into file systems; without it the OOM killer stays out"),
	W("__GFP_NOFAIL", "must not fail: tries for ever"),
	W("__GFP_NORETRY", "gives up early: one light try, no OOM killer"),
	W("__GFP_REPEAT", "tries harder before it fails (until 4.12)"),
	W("__GFP_RETRY_MAYFAIL", "tries hard, then fails rather than start the OOM killer"),
	W("__GFP_MEMALLOC", "may use all reserves: it will free more than it takes"),
	W("__GFP_NOMEMALLOC", "may not touch the reserves, whoever asks"),
	W("__GFP_NORECLAIM", "no reclaim for it (2.6.13-2.6.14)"),
	W("__GFP_NO_GROW", "slab caches may not grow for it (until 2.6.21)"),
	W("__GFP_NO_OOM", "may not start the OOM killer (RHEL 5)"),
	W("__GFP_VM", "asked for by the memory management (2.4.1-2.4.4)"),
	/* what becomes of it */
	W("__GFP_COMP", "several pages treated as one (a compound page)"),
	W("__GFP_ZERO", "filled with zeroes"),
	W("__GFP_ZEROTAGS", "memory tags are cleared with the content (arm64)"),
	W("__GFP_COLD", "a page that is not in the CPU's cache (until 4.14)"),
	W("__GFP_NOWARN", "no message when it fails"),
	W("__GFP_NOTRACK", "not tracked by kmemcheck (until 4.14)"),
	W("__GFP_NOLOCKDEP", "no lock checking for it (kernels with lockdep)"),
	W("__GFP_SKIP_ZERO", "zeroing is left to whoever asked (memory tags, arm64)"),
	W("__GFP_SKIP_KASAN", "no memory tags for KASAN (arm64)"),
	W("__GFP_SKIP_KASAN_POISON", "not marked by KASAN when it is freed"),
	W("__GFP_SKIP_KASAN_UNPOISON", "not marked by KASAN when it is taken"),
	W("__GFP_NO_OBJ_EXT", "slab memory without room for profiling or accounting"),
#undef W
};

const char *gfp_name(size_t i)
{
	return i < ARRAY_COUNT(words) ? words[i].name.p : NULL;
}

struct str gfp_meaning(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_eq(words[i].name, name))
			return words[i].words;
	return STR("");
}
