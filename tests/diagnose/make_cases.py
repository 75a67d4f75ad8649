#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes cases/RULE-ID[+FORM]/{fires,near}.log and .facts: logs built from the kernel's formats.
A rule that has several ways to fire has a case for each, told apart by FORM.

They are no real logs: numbers are round on purpose, so that every case stands just on one side
of a threshold. RAM is 1 000 000 kB unless said otherwise. Run it after changing a rule or a
threshold, look at the difference, and commit both.
"""
import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
RAM = 250000  # pages

GFP = {  # masks as 6.1 prints them
    "GFP_KERNEL": 0xCC0, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO": 0x140DCA,
    "GFP_ATOMIC": 0xA20, "GFP_NOFS": 0xC40, "GFP_KERNEL|GFP_DMA32": 0xCC4,
    "GFP_KERNEL|GFP_DMA": 0xCC1, "GFP_KERNEL|__GFP_COMP": 0x40CC0,
    "GFP_HIGHUSER_MOVABLE": 0x100CCA,
}
USER = "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO"


def zone(name="DMA32", node=0, free=5000, min=5600, low=7000, high=8400, reserve=None,
         managed=984640, buddy="UME", orders=None, **more):
    z = dict(name=name, node=node, free=free, min=min, low=low, high=high,
             reserve=reserve or [0, 0, 0, 0, 0], managed=managed, buddy=buddy, orders=orders,
             more=more)
    return z


def dma(free=3600):
    return zone("DMA", free=free, min=60, low=75, high=90, reserve=[0, 961, 961, 961, 961],
                managed=15360)


def zone_lines(z, numa=True):
    head = ("Node %d " % z["node"] if numa else "") + z["name"]
    m = dict(z["more"])
    text = "%s free:%dkB boost:0kB min:%dkB low:%dkB high:%dkB reserved_highatomic:%dKB" % (
        head, z["free"], z["min"], z["low"], z["high"], m.pop("reserved_highatomic", 0))
    if "free_highatomic" in m:
        text += " free_highatomic:%dKB" % m.pop("free_highatomic")
    keys = dict(active_anon=0, inactive_anon=0, active_file=0, inactive_file=0, unevictable=0,
                writepending=0, present=z["managed"] + 1000, managed=z["managed"], mlocked=0,
                bounce=0, free_pcp=0, local_pcp=0, free_cma=0)
    tail = ""
    for k, v in m.items():
        if k == "pages_scanned":
            tail = " pages_scanned:%d all_unreclaimable? yes" % v
        else:
            keys[k] = v
    text += "".join(" %s:%dkB" % kv for kv in keys.items()) + tail
    lines = [text, "lowmem_reserve[]: " + " ".join(map(str, z["reserve"]))]
    return lines


def buddy_line(z, numa=True):
    orders = z["orders"]
    if orders is None:  # all of it in single pages and one large block
        big = 1 if z["free"] >= 2048 else 0
        orders = [(z["free"] - big * 1024) // 4] + [0] * 7 + [big, 0, 0]
    parts = []
    for o, n in enumerate(orders):
        letters = z["buddy"] if isinstance(z["buddy"], str) else z["buddy"][o]
        parts.append("%d*%dkB%s" % (n, 4 << o, " (%s)" % letters if n else ""))
    return "%s%s: %s = %dkB" % ("Node %d " % z["node"] if numa else "", z["name"],
                                " ".join(parts), sum(n * (4 << o) for o, n in enumerate(orders)))


def mem_info(zones=None, totals=None, node=None, swap=(0, 0), ram=RAM, reserved=10000, huge=None,
             fill="inactive_file", extra_pages=0, hwpoisoned=0, node_lines=None, old=False,
             slab=None, allocs=None):
    t = dict(active_anon=40000, inactive_anon=35000, isolated_anon=0, active_file=1000,
             inactive_file=0, isolated_file=0, unevictable=0, dirty=0, writeback=0,
             slab_reclaimable=6000, slab_unreclaimable=5000, mapped=2000, shmem=1000,
             pagetables=800, sec_pagetables=0, bounce=0, kernel_misc_reclaimable=0,
             free=2150, free_pcp=60, free_cma=0)
    t.update(totals or {})
    n = dict(kernel_stack=2400, mapped=8000)
    n.update(node or {})
    huge = huge if huge is not None else [(0, 0, 2048)]
    used = sum(t[k] for k in ("active_anon", "inactive_anon", "isolated_anon", "active_file",
                              "inactive_file", "isolated_file", "unevictable",
                              "slab_reclaimable", "slab_unreclaimable", "pagetables", "free",
                              "free_pcp")) + n["kernel_stack"] // 4 + extra_pages
    used += sum(total * size // 4 for total, free, size in huge)
    used += n.get("balloon", 0) // 4
    for z in zones or []:
        used += z["more"].get("zspages", 0) // 4
    if fill:
        t[fill] += max(0, ram - used)
    L = ["Mem-Info:",
         "active_anon:%(active_anon)d inactive_anon:%(inactive_anon)d isolated_anon:%(isolated_anon)d" % t,
         " active_file:%(active_file)d inactive_file:%(inactive_file)d isolated_file:%(isolated_file)d" % t,
         " unevictable:%(unevictable)d dirty:%(dirty)d writeback:%(writeback)d" % t,
         " slab_reclaimable:%(slab_reclaimable)d slab_unreclaimable:%(slab_unreclaimable)d" % t,
         " mapped:%(mapped)d shmem:%(shmem)d pagetables:%(pagetables)d" % t,
         " sec_pagetables:%(sec_pagetables)d bounce:%(bounce)d" % t,
         " kernel_misc_reclaimable:%(kernel_misc_reclaimable)d" % t,
         " free:%(free)d free_pcp:%(free_pcp)d free_cma:%(free_cma)d" % t]
    zones = zones if zones is not None else [dma(), zone()]
    for k in node_lines or sorted(set(z["node"] for z in zones)):
        L.append("Node %d active_anon:%dkB inactive_anon:%dkB active_file:%dkB inactive_file:%dkB "
                 "unevictable:%dkB isolated(anon):%dkB isolated(file):%dkB mapped:%dkB dirty:%dkB "
                 "writeback:%dkB shmem:%dkB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: %dkB "
                 "writeback_tmp:0kB kernel_stack:%dkB pagetables:%dkB sec_pagetables:0kB "
                 "all_unreclaimable? no%s" % (
                     k, t["active_anon"] * 4, t["inactive_anon"] * 4, t["active_file"] * 4,
                     t["inactive_file"] * 4, t["unevictable"] * 4, t["isolated_anon"] * 4,
                     t["isolated_file"] * 4, n["mapped"], t["dirty"] * 4, t["writeback"] * 4,
                     t["shmem"] * 4, n.get("anon_thp", 0), n["kernel_stack"], t["pagetables"] * 4,
                     " Balloon:%dkB" % n["balloon"] if "balloon" in n else ""))
    for z in zones:
        L += zone_lines(z)
    for z in zones:
        L.append(buddy_line(z))
    for total, free, size in huge:
        L.append("Node 0 hugepages_total=%d hugepages_free=%d hugepages_surp=0 hugepages_size=%dkB"
                 % (total, free, size))
    L += ["%d total pagecache pages" % (t["inactive_file"] + t["active_file"] + t["shmem"]),
          "0 pages in swap cache",
          "Free swap  = %dkB" % swap[1], "Total swap = %dkB" % swap[0],
          "%d pages RAM" % (ram + reserved), "0 pages HighMem/MovableOnly",
          "%d pages reserved" % reserved, "%d pages hwpoisoned" % hwpoisoned]
    if slab:
        L += ["Unreclaimable slab info:", "Name                      Used          Total"]
        L += ["%-17s %10dKB %10dKB" % s for s in slab]
    if allocs:
        L.append("Memory allocations:")
        L += ["%12d %8d %s" % a for a in allocs]
    return L


TASKS = [(300, 0, "systemd", 5000, 900, 0), (400, 33, "webserver", 20000, 9000, 0),
         (500, 1000, "database", 60000, 20000, 0)]


def task_table(tasks):
    L = ["Tasks state (memory values in pages):",
         "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"]
    for t in tasks:
        pid, uid, comm, vm, rss, adj = t[:6]
        swap = t[6] if len(t) > 6 else 0
        L.append("[%7d] %5d %5d %8d %8d %8d %8d         %5d %s" % (pid, uid, pid, vm, rss, 69632,
                                                                 swap, adj, comm))
    return L


TRACE = ["dump_stack_lvl+0x44/0x5c", "dump_header+0x4c/0x22b", "oom_kill_process.cold+0xb/0x10",
         "out_of_memory+0x1fd/0x4c0", "__alloc_pages_slowpath.constprop.0+0x67f/0xe70",
         "__alloc_pages+0x305/0x330", "do_anonymous_page+0x1a8/0x490",
         "__handle_mm_fault+0x95c/0xfa0", "handle_mm_fault+0xdb/0x2d0",
         "exc_page_fault+0x70/0x170"]


def head(comm, pid, kernel, trace, taint="Not tainted"):
    return ["CPU: 0 PID: %d Comm: %s %s %s #1  Debian" % (pid, comm, taint, kernel),
            "Hardware name: Made up Board, BIOS 1.0 01/01/2026", "Call Trace:", " <TASK>"] + \
        [" " + f for f in trace] + [" </TASK>"]


def oom(comm="hog", pid=700, gfp=USER, order=0, kernel="6.1.0-56-amd64", mask=None,
        constraint="CONSTRAINT_NONE", nodemask="(null)", cpuset="/", mems="0", tasks=None,
        victim=None, victim_kb=80000, victim_adj=0, trace=None, taint="Not tainted", end="kill",
        panic=None, reaper=None, mem=None, before=None, after=None, header=True, **mi):
    tasks = tasks if tasks is not None else TASKS
    victim = victim or (500, "database", 1000)
    L = list(before or [])
    m = mask if mask is not None else GFP.get(gfp, 0xCC0)
    if header:
        L.append("%s invoked oom-killer: gfp_mask=%#x(%s), order=%d, oom_score_adj=0"
                 % (comm, m, gfp, order))
        L += head(comm, pid, kernel, trace or TRACE, taint)
    L += mem if mem is not None else mem_info(**mi)
    if panic and end != "nobody":
        return L + ["Kernel panic - not syncing: " + panic] + list(after or [])
    L += task_table(tasks)
    if end == "nobody":
        return L + ["Out of memory and no killable processes...",
                    "Kernel panic - not syncing: System is deadlocked on memory"]
    if end == "cut":
        return L
    scope = ",global_oom"
    L.append("oom-kill:constraint=%s,nodemask=%s,cpuset=%s,mems_allowed=%s%s,task_memcg=/,task=%s,"
             "pid=%d,uid=%d" % (constraint, nodemask, cpuset, mems, scope, victim[1], victim[0],
                                victim[2]))
    L.append("Out of memory: Killed process %d (%s) total-vm:%dkB, anon-rss:%dkB, file-rss:4kB, "
             "shmem-rss:0kB, UID:%d pgtables:80kB oom_score_adj:%d"
             % (victim[0], victim[1], victim_kb + 1000, victim_kb, victim[2], victim_adj))
    if reaper == "unable":
        L.append("oom_reaper: unable to reap pid:%d (%s)" % (victim[0], victim[1]))
    elif reaper != "silent":
        L.append("oom_reaper: reaped process %d (%s), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB"
                 % (victim[0], victim[1]))
    return L + list(after or [])


def failure(comm="worker", pid=800, gfp="GFP_KERNEL", order=0, kernel="6.1.0-56-amd64", trace=None,
            mask=None, before=None, after=None, nodemask="(null)", mems="0", first=None, mem=None,
            **mi):
    L = list(before or [])
    m = mask if mask is not None else GFP.get(gfp, 0xCC0)
    L.append(first or "%s: page allocation failure: order:%d, mode:%#x(%s), nodemask=%s,cpuset=/,"
             "mems_allowed=%s" % (comm, order, m, gfp, nodemask, mems))
    L += head(comm, pid, kernel, trace or ["dump_stack_lvl+0x44/0x5c", "warn_alloc+0x13a/0x160",
                                           "__alloc_pages_slowpath.constprop.0+0xe38/0xe70",
                                           "__alloc_pages+0x305/0x330", "my_driver_open+0x20/0x90",
                                           "do_sys_open+0x50/0x90"])
    L += mem if mem is not None else mem_info(**mi)
    return L + list(after or [])


def memcg(limit=20480, usage=None, stats=None, path="/app", task_path=None, end="kill", tasks=None,
          swap=(0, 9007199254740988), order=0, gfp="GFP_KERNEL", kernel="6.1.0-56-amd64",
          constraint="CONSTRAINT_MEMCG"):
    usage = limit if usage is None else usage
    s = dict(anon=15000 << 10, file=1000 << 10, kernel=98304, kernel_stack=65536, pagetables=69632,
             sec_pagetables=0, percpu=0, sock=0, vmalloc=0, shmem=0, zswap=0, zswapped=0,
             file_mapped=0, file_dirty=0, file_writeback=0, slab_reclaimable=0,
             slab_unreclaimable=40960, slab=40960)
    s.update(stats or {})
    L = ["app invoked oom-killer: gfp_mask=%#x(%s), order=%d, oom_score_adj=0"
         % (GFP.get(gfp, 0xCC0), gfp, order)]
    L += head("app", 108, kernel, ["dump_stack_lvl+0x44/0x5c", "dump_header+0x4c/0x22b",
                                   "oom_kill_process.cold+0xb/0x10", "out_of_memory+0x1fd/0x4c0",
                                   "mem_cgroup_out_of_memory+0x134/0x150",
                                   "try_charge_memcg+0x696/0x780", "charge_memcg+0x39/0xf0",
                                   "exc_page_fault+0x70/0x170"])
    L += ["memory: usage %dkB, limit %dkB, failcnt 21" % (usage, limit),
          "swap: usage %dkB, limit %dkB, failcnt 0" % swap,
          "Memory cgroup stats for %s:" % path]
    L += ["%s %d" % kv for kv in s.items()]
    L += task_table(tasks or [(108, 0, "app", 5618, 3750, 0)])
    if end == "nobody":
        return L + ["Out of memory and no killable processes..."]
    L += ["oom-kill:constraint=%s,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=%s,"
          "task_memcg=%s,task=app,pid=108,uid=0" % (constraint, path, task_path or path),
          "Memory cgroup out of memory: Killed process 108 (app) total-vm:22472kB, anon-rss:15000kB, "
          "file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:80kB oom_score_adj:0"]
    return L


def anon(pages, **more):
    """Totals with that much anonymous memory and hardly any cache."""
    t = dict(active_anon=pages // 2, inactive_anon=pages - pages // 2)
    t.update(more)
    return t


def out(pages=225000, swap=(0, 0), **more):
    """Really out of memory: 1.1 in its plainest form."""
    totals = anon(pages, **more.pop("totals", {}))
    return oom(totals=totals, swap=swap, **more)


NET = ["dump_stack_lvl+0x44/0x5c", "warn_alloc+0x13a/0x160",
       "__alloc_pages_slowpath.constprop.0+0xe38/0xe70", "__alloc_pages+0x305/0x330",
       "page_frag_alloc_align+0x120/0x150", "__netdev_alloc_skb+0x6e/0x150",
       "net_rx_action+0x1a0/0x2d0", "__do_softirq+0xd0/0x2b0"]

HIGH32 = "4.8.0-1-686-pae"


def lowmem32(normal_free=3000, high_free=200000, kernel=HIGH32, ram=1048576, gfp="GFP_KERNEL",
             normal_managed=860000, mask=0x24000C0, order=0, normal_more=None, **more):
    """A 32-bit machine: DMA, Normal, HighMem."""
    r = [0, 0, 0, 0]
    zones = [zone("DMA", free=3000, min=60, low=75, high=90, reserve=[0, 840, 840, 840],
                  managed=15000),
             zone("Normal", free=normal_free, min=3500, low=4400, high=5200, reserve=r,
                  managed=normal_managed, **(normal_more or {})),
             zone("HighMem", free=high_free, min=500, low=5000, high=9000, reserve=r,
                  managed=ram * 4 - normal_managed - 15000)]
    totals = dict(free=(normal_free + high_free + 3000) // 4)
    totals.update(more.pop("totals", {}))
    return oom(zones=zones, ram=ram, kernel=kernel, gfp=gfp, mask=mask, totals=totals, order=order,
               **more)


CASES = {}


def case(rule, fires, near, facts="", near_facts=None):
    CASES[rule] = (fires, near, facts, facts if near_facts is None else near_facts)


def journal(text):
    return ["@Jan 02 15:04:05 host " + text]


def write():
    root = os.path.join(HERE, "cases")
    for rule, (fires, near, facts, near_facts) in CASES.items():
        d = os.path.join(root, rule)
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
        for name, lines, fact in (("fires", fires, facts), ("near", near, near_facts)):
            with open(os.path.join(d, name + ".log"), "w") as f:
                us = 100000000
                for line in lines:
                    if line.startswith("+"):  # so many microseconds later
                        us += int(line[1:])
                    elif line.startswith("@"):  # not a kernel line
                        f.write(line[1:] + "\n")
                    else:
                        us += 11
                        f.write("[%5d.%06d] %s\n" % (us // 1000000, us % 1000000, line))
            if fact:
                with open(os.path.join(d, name + ".facts"), "w") as f:
                    f.write(fact)


if __name__ == "__main__":
    import cases_table  # noqa: F401  (fills CASES through case())
    cases_table.fill(globals())
    write()
    print("%d rules" % len(CASES))
