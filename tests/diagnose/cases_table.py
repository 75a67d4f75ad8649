# SPDX-License-Identifier: MIT
"""The table of cases: for every rule id a log where it fires and one just beside it."""


def fill(g):
    G = type("G", (), g)
    case, out, oom, failure, memcg = G.case, G.out, G.oom, G.failure, G.memcg
    zone, dma, lowmem32, journal = G.zone, G.dma, G.lowmem32, G.journal
    OLD = "5.10.0-20-amd64"  # still prints the zones that a request may not use

    # ---- K ----
    case("alloc-failure", failure(), failure() + out())
    case("manual-oom",
         oom(order=-1, comm="kworker/0:1", gfp="GFP_KERNEL",
             trace=["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0", "moom_callback+0x7a/0x90",
                    "process_one_work+0x1e5/0x3b0"]),
         oom(order=0, comm="kworker/0:1", gfp="GFP_KERNEL",
             trace=["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0",
                    "process_one_work+0x1e5/0x3b0"]))
    case("memcg-oom", memcg(), out())
    case("userspace-killer",
         journal("systemd-oomd[812]: Killed /user.slice/app.scope due to memory used (15734018048) / "
                 "total (16502272000) and swap used (8000000000) / total (8589930496) being more than "
                 "90.00%"),
         journal("systemd-oomd[812]: Swap is currently not detected; memory pressure usage will be "
                 "degraded"))
    case("nobody-to-kill", out(end="nobody"), out())
    case("panic-on-oom", out(panic="Out of memory: system-wide panic_on_oom is enabled"),
         out(end="nobody"))
    case("oom-storm", out() + ["+1000000"] + out(pid=701, victim=(400, "webserver", 33)), out())
    case("evidence-incomplete", out(end="cut"), out())
    case("victim-stuck", out(reaper="unable"), out())
    # the kernel asks again while the victim is there; the OOM of half an hour later is another
    hung = out(reaper="silent") + ["INFO: task tar:900 blocked for more than 120 seconds."]
    again = out(pid=701, victim=(400, "webserver", 33))
    case("victim-stuck+hung", hung + ["+1000000"] + again, hung + ["+1800000000"] + again)

    # ---- W ----
    def movable(free, gfp="GFP_KERNEL"):
        return oom(kernel=OLD, gfp=gfp, zones=[
            dma(), zone(managed=600000),
            zone("Movable", free=free, min=3000, low=4000, high=5000, managed=384640)])
    case("constrained-request", movable(12100), movable(11900))
    case("lowmem-request", movable(12100), movable(12100, G.USER))

    def two_nodes(free1, **more):
        return oom(zones=[zone("Normal", node=0, managed=500000),
                          zone("Normal", node=1, free=free1, managed=500000)], **more)
    case("cpuset-or-mempolicy",
         two_nodes(200000, constraint="CONSTRAINT_CPUSET", cpuset="small", mems="0"),
         two_nodes(200000, mems="0-1"))
    # the kernel freed some of node 1 before it printed: no zone is short any more
    case("cpuset-or-mempolicy+freed",
         two_nodes(9000, constraint="CONSTRAINT_CPUSET", cpuset="small", mems="1"),
         two_nodes(9000, mems="0-1"))

    def pmem(gfp):
        return oom(kernel=OLD, gfp=gfp, constraint="CONSTRAINT_CPUSET", cpuset="slow", mems="1",
                   zones=[zone("Normal", node=0, free=200000, managed=500000),
                          zone("Movable", node=1, free=300000, managed=500000)])
    case("movable-only-node", pmem("GFP_KERNEL"), pmem("GFP_HIGHUSER_MOVABLE"))
    case("dma-zone-failure", failure(gfp="GFP_KERNEL|GFP_DMA", zones=[dma(40), zone()]),
         failure(gfp="GFP_KERNEL|GFP_DMA", zones=[dma(200), zone()]))

    # ---- 1 ----
    case("demand-exceeds-memory", out(), out(pages=140000))
    hog = (700, 0, "hog", 300000)
    case("one-process", out(tasks=G.TASKS + [hog + (130000, 0)]),
         out(tasks=G.TASKS + [hog + (100000, 0)]))

    def bomb(n):
        tasks = G.TASKS + [(1000 + i, 1000, "bomb", 200, 20, 0) for i in range(n)]
        return oom(tasks=tasks, totals=dict(pagetables=12000), node=dict(kernel_stack=40000))
    case("too-many-tasks", bomb(60), bomb(50))
    case("shmem-full", out(totals=dict(shmem=80000)), out(totals=dict(shmem=70000)))
    case("ramfs-or-shm-lock", oom(totals=dict(unevictable=100000)),
         oom(totals=dict(unevictable=100000), zones=[dma(), zone(mlocked=210000)]))
    case("memory-lost", oom(hwpoisoned=512), oom())

    # ---- 2 ----
    case("lowmem-exhausted", lowmem32(), lowmem32(high_free=29000))
    case("lowmem-struct-page", lowmem32(normal_managed=400000), lowmem32())
    case("lowmem-buffers", lowmem32(totals=dict(dirty=215000)), lowmem32(totals=dict(dirty=200000)))

    def board(order):
        return oom(order=order, gfp="GFP_KERNEL", ram=16000, reserved=400,
                   zones=[zone("Normal", free=3000, min=1000, low=1200, high=1500, reserve=[0, 0],
                               managed=64000)],
                   totals=dict(active_anon=4000, inactive_anon=4000, active_file=500, free=750,
                               slab_reclaimable=300, slab_unreclaimable=900, pagetables=100))
    case("lowmem-small-board", board(1), board(0))
    case("vmalloc-space",
         failure(first="vmap allocation for size 4198400 failed: use vmalloc=<size> to increase size",
                 mem=[]),
         failure(first="worker: vmalloc: allocation failure: 4198400 bytes, mode:0xcc2(GFP_KERNEL|"
                 "__GFP_HIGHMEM), nodemask=(null),cpuset=/,mems_allowed=0", kernel=OLD))

    case("vmalloc-space+restricted",
         failure(before=["vmalloc_node_range for size 4198400 failed: Address range restricted to "
                         "0xf1000000 - 0xf5110000"],
                 first="worker: vmalloc error: size 4194304, vm_struct allocation failed, "
                 "mode:0xdc0(GFP_KERNEL|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0"),
         failure(first="worker: vmalloc error: size 4194304, failed to allocate pages, "
                 "mode:0xdc0(GFP_KERNEL|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0"))

    # ---- 3 ----
    case("slab-leak", oom(totals=dict(slab_unreclaimable=80000)),
         oom(totals=dict(slab_unreclaimable=70000)))
    twins = "slab kmalloc-64 %d 4000000 64 260000\nslab kmalloc-192 %d 4000000 192 60000\n"
    case("slab-twins", oom(totals=dict(slab_unreclaimable=80000)),
         oom(totals=dict(slab_unreclaimable=80000)), twins % (4000000, 3990000),
         twins % (4000000, 3500000))
    dentry = "slab dentry 1000000 1000000 192 %d\nslab ext4_inode_cache 9000 9000 1000 50000\n"
    case("dentry-inode-pinned", oom(totals=dict(slab_reclaimable=60000)),
         oom(totals=dict(slab_reclaimable=60000)), dentry % 110000, dentry % 90000)
    case("fd-leak", oom(totals=dict(slab_unreclaimable=30000)),
         oom(totals=dict(slab_unreclaimable=30000)), "numbers file_nr 100001\n",
         "numbers file_nr 99999\n")
    net = "slab skbuff_head_cache 200000 200000 256 %d\nslab kmalloc-2k 30000 30000 2048 60000\n"
    case("socket-buffers", oom(totals=dict(slab_unreclaimable=40000)),
         oom(totals=dict(slab_unreclaimable=40000)), net % 41000, net % 39000)

    def module(taint):
        return oom(kernel="6.13.0-1-amd64", taint=taint, totals=dict(slab_unreclaimable=30000), allocs=[
            (150 << 20, 38400, "drivers/evil/main.c:42 [evil_driver] func:evil_alloc"),
            (20 << 20, 5120, "mm/memory.c:1070 func:folio_prealloc")])
    case("out-of-tree-module", module("Tainted: G           OE     "), module("Not tainted"))
    case("page-table-bloat", oom(totals=dict(pagetables=5100)), oom(totals=dict(pagetables=4900)))
    case("unaccounted-memory", oom(totals=dict(inactive_file=83000), fill=None),
         oom(totals=dict(inactive_file=86000), fill=None))
    vm = ["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0", "__alloc_pages+0x305/0x330",
          "__vmalloc_node_range+0x1e0/0x800", "%s+0x40/0x90", "do_syscall_64+0x5d/0xb0"]

    def vmalloc(caller):
        return oom(gfp="GFP_KERNEL", trace=[f % caller if "%" in f else f for f in vm])
    case("huge-vmalloc", vmalloc("xt_alloc_table_info"), vmalloc("dup_task_struct"))
    case("dying-cgroups", oom(extra_pages=15000), oom(extra_pages=15000),
         "meminfo percpu 60000 kb\nnumbers nr_dying_descendants 1001\n",
         "meminfo percpu 60000 kb\nnumbers nr_dying_descendants 999\n")

    # ---- 4 ----
    free_swap = (1000000, 900000)

    def locked(pages, swap=free_swap):
        return oom(swap=swap, totals=dict(unevictable=pages),
                   zones=[dma(), zone(mlocked=pages * 4)])
    case("mlock", locked(76000), locked(74000))
    case("hugetlb-reserved", oom(swap=free_swap, huge=[(200, 150, 2048)]),
         oom(swap=free_swap, huge=[(200, 0, 2048)]))
    case("swappiness-zero", oom(swap=free_swap, totals=G.anon(90000)),
         oom(swap=free_swap, totals=G.anon(90000)), "sysctl vm_swappiness 0\n",
         "sysctl vm_swappiness 1\n")
    case("swap-unused", oom(swap=free_swap), oom(swap=(1000000, 490000)))
    case("swap-write-errors", oom(swap=free_swap), oom(swap=free_swap),
         "context swap_write_error 3\n", "context io_error 3\n")
    zram = "swap /dev/zram0 partition 1000000 100000\n"
    case("zram-eats-ram", oom(kernel="6.18.1", swap=free_swap, zones=[dma(), zone(zspages=260000)]),
         oom(kernel="6.18.1", swap=free_swap, zones=[dma(), zone(zspages=240000)]), zram)
    case("memcg-no-swap", memcg(swap=(0, 0)), memcg(swap=(0, 1024)), "meminfo swapfree 900000 kb\n")

    # ---- 5 ----
    low = dict(free=900, min=1000, low=1200, high=1500)

    def writing(writeback, dirty):
        return oom(zones=[dma(), zone(**low)], totals=dict(writeback=writeback, dirty=dirty))
    case("writeback-deadlock", writing(40000, 50000), writing(20000, 25000))
    case("reserve-too-small",
         failure(gfp="GFP_ATOMIC", trace=G.NET, zones=[dma(), zone(**low)]) + ["+100000"] +
         oom(zones=[dma(), zone(**low)]),
         failure(gfp="GFP_ATOMIC", trace=G.NET, zones=[dma(), zone(free=900)]) + ["+100000"] +
         oom())
    case("reclaim-not-allowed", failure(gfp="GFP_NOFS", totals=dict(dirty=40000)),
         failure(gfp="GFP_KERNEL", totals=dict(dirty=40000)))

    def dirty(kb):
        return memcg(stats=dict(anon=2000 << 10, file=17000 << 10, file_dirty=kb << 10))
    case("memcg-dirty", dirty(12500), dirty(12000))
    case("xfs-costly-loop", failure(order=5), failure(order=5), "context xfs_deadlock 2\n",
         "context io_error 2\n")
    case("min-free-kbytes", oom(), oom(), "sysctl vm_min_free_kbytes 3100 kb\n",
         "sysctl vm_min_free_kbytes 3300 kb\n")

    # ---- 6 ----
    case("premature-oom", oom(zones=[dma(), zone(free=60000)], totals=dict(free=15900)),
         oom(zones=[dma(), zone(free=8400)]))

    def highatomic(letters, reserved=4000, free=8000):
        return oom(zones=[dma(), zone(free=free, buddy=letters, reserved_highatomic=reserved)])
    case("highatomic-overestimated", highatomic("UM"), highatomic("UMH"))
    four = dict(gfp="GFP_KERNEL", mask=0x24000C0, order=2)
    case("known-bad-kernel", oom(kernel="4.8.8", **four), oom(kernel="4.9.1", **four))
    fault = ["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0",
             "pagefault_out_of_memory+0x52/0x6a", "do_page_fault+0x2f8/0x322"]

    def from_fault(free):
        return oom(kernel=OLD, gfp="", mask=0, trace=fault, zones=[dma(), zone(free=free)],
                   totals=dict(free=(free + 3600) // 4))
    case("known-bad-kernel+page-fault", from_fault(60000), from_fault(20000))
    dirty = dict(anon=1 << 20, file=18 << 20, file_dirty=17 << 20, file_writeback=0)
    case("known-bad-kernel+memcg-dirty", memcg(stats=dirty), memcg(stats=dirty, kernel="6.13.1"))
    cached = dict(slab_reclaimable=80000)
    case("known-bad-kernel+no-shrinker", oom(kernel="4.19.64", totals=cached),
         oom(kernel="4.19.65", totals=cached), "cmdline root=/dev/sda1 cgroup_disable=memory\n")
    case("isolated-pages", oom(totals=dict(isolated_file=26000)),
         oom(totals=dict(isolated_file=24000)))
    case("percpu-pages", oom(totals=dict(free_pcp=1500)), oom(totals=dict(free_pcp=1300)),
         "cpus 128\n")
    case("memavailable-misleads", oom(), oom(), "numbers zfs_arc_kb 210000 kb\n",
         "numbers zfs_arc_kb 190000 kb\n")
    case("lowmem-file-lru", lowmem32(normal_more=dict(active_file=110000)),
         lowmem32(normal_more=dict(active_file=100000)))

    # ---- 7 and the series ----
    thrash = ("window 600 event\ncounter pgscan 10 100000 100000 5 rate\n"
              "counter pgsteal 10 10 %d 0 rate\ncounter allocstall 0 300 300 1 rate\n")
    case("thrashing", oom(), oom(), thrash % 900, thrash % 1100)

    def scanned(n):
        return oom(kernel="4.4.0", mask=0x24200CA, gfp="GFP_HIGHUSER_MOVABLE",
                   zones=[dma(), zone(active_anon=400000, pages_scanned=n)])
    case("reclaim-gave-up", scanned(601000), scanned(599000))
    case("io-stall", oom(), oom(), "context hung_task 2\n", "context soft_lockup 2\n")
    grow = "window 600 event\ncounter anonpages 100000 %d 0 %d\n"
    case("growth", oom(), oom(), grow % (202000, 170), grow % (196000, 160))

    # ---- M ----
    case("memcg-limit", memcg(), memcg(usage=18400))
    case("memcg-limit+small", memcg(usage=18500), memcg(usage=18400))
    case("memcg-limit+medium", memcg(102400, 100400), memcg(102400, 100300))
    case("memcg-limit+large", memcg(1048576, 1039000), memcg(1048576, 1037000))
    case("ancestor-limit", memcg(task_path="/app/worker"), memcg())
    case("memcg-no-victim", memcg(end="nobody"), memcg())

    def cma(gfp):
        return oom(gfp=gfp, zones=[dma(), zone(free=60000, free_cma=56000)],
                   totals=dict(free=15900, free_cma=14000))
    case("cma-only-free", cma("GFP_KERNEL"), cma(G.USER))

    def imbalance(normal):
        return oom(kernel=OLD, gfp="GFP_KERNEL", totals=dict(free=77150), zones=[
            dma(), zone(managed=normal),
            zone("Movable", free=300000, managed=984640 - normal)])
    case("movable-imbalance", imbalance(230000), imbalance(240000))
    case("gpu-memory", oom(), oom(), "numbers dmabuf_bytes 103000000 bytes\n",
         "numbers dmabuf_bytes 102000000 bytes\n")
    heap = ["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0", "__alloc_pages+0x305/0x330",
            "%s+0x1e0/0x800", "dma_heap_ioctl+0x40/0x90", "do_syscall_64+0x5d/0xb0"]
    case("dma-heap", oom(gfp="GFP_KERNEL", trace=[f % "system_heap_allocate" if "%" in f else f
                                                  for f in heap]),
         oom(gfp="GFP_KERNEL", trace=heap[:3] + heap[5:]))

    case("dma-heap+unaccounted", oom(gfp="GFP_KERNEL", kernel=OLD, trace=[
        f % "system_heap_allocate" if "%" in f else f for f in heap],
        totals=dict(slab_unreclaimable=60000, active_anon=20000)),
        oom(gfp="GFP_KERNEL", kernel=OLD, trace=heap[:3] + heap[5:],
            totals=dict(slab_unreclaimable=60000, active_anon=20000)))

    def balloon(kb):
        return oom(kernel="6.17.0-amd64", node=dict(balloon=kb))
    case("balloon", balloon(210000), balloon(190000))

    def pieces(orders, order=2, make=oom):
        return make(gfp="GFP_KERNEL", order=order, zones=[dma(0), zone(free=60000, orders=orders)],
                    totals=dict(free=15000))
    case("fragmentation", pieces([15000] + [0] * 10), pieces([14992, 0, 0, 1] + [0] * 7))
    case("costly-order", failure(order=4), failure(order=3))
    case("highatomic-reserve", highatomic("UMH", 6000), highatomic("UMH", 5000))

    def atomic(free):
        return failure(gfp="GFP_ATOMIC", trace=G.NET, zones=[dma(15000), zone(free=free)])
    case("atomic-reserve", atomic(2000), atomic(2200))
    case("numa-imbalance", two_nodes(23000, mems="0-1", node_lines=[0, 1]),
         two_nodes(22000, mems="0-1", node_lines=[0, 1]))
    case("kdump-small", oom(), oom(), "cmdline root=/dev/sda1 elfcorehdr=0x73000000 nr_cpus=1\n",
         "cmdline root=/dev/sda1 crashkernel=256M\n")
    boot = ["dump_header+0x4c/0x22b", "out_of_memory+0x1fd/0x4c0", "kmem_cache_alloc+0x3d8/0x420",
            "do_one_initcall+0xfb/0x540", "%s+0x138/0x1d0", "kernel_init+0x1b/0x1e0"]
    case("kdump-small+boot",
         oom(comm="swapper/0", pid=1, gfp="GFP_KERNEL", end="nobody", tasks=[],
             trace=[f % "do_initcalls" if "%" in f else f for f in boot]),
         oom(comm="modprobe", pid=90, gfp="GFP_KERNEL", end="nobody", tasks=[],
             trace=boot[:4] + ["do_init_module+0x60/0x240", "load_module+0x1b/0x1e0"]))
    every = [t[:5] + (-1000,) for t in G.TASKS]
    case("victims-excluded", out(end="nobody", tasks=every),
         out(end="nobody", tasks=every[:2] + [G.TASKS[2]]))
    case("kill-allocating-task", out(), out(), "sysctl vm_oom_kill_allocating_task 1\n",
         "sysctl vm_oom_kill_allocating_task 0\n")
    small = dict(victim=(400, "webserver", 33), victim_kb=2000)
    case("kill-preference", out(victim_adj=500, **small), out(victim_adj=0, **small))
    case("firmware-reserved", oom(reserved=110000), oom(reserved=105000))
    case("thp-bloat", out(node=dict(anon_thp=510000)), out(node=dict(anon_thp=490000)))
