/* SPDX-License-Identifier: MIT */
/* test_events.c - one small log a line kind or habit of the kernel: how many events, and words
 * that must (or, behind '!', must not) stand in their dump. Lines are built from the formats in
 * mm/oom_kill.c, mm/page_alloc.c, mm/show_mem.c, mm/memcontrol.c of the kernels named.
 */
#include "dump.h"
#include "harness.h"

#define KILLED " total-vm:8860kB, anon-rss:124kB, file-rss:8kB, shmem-rss:4kB"
#define KILLED_54 KILLED ", UID:48 pgtables:60kB oom_score_adj:7"
#define HEAD "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"

#define USB "[    2.000000] usb 1-1: new high-speed USB device number 5 using xhci_hcd\\n"

#define STACK(symbol)                                                                    \
	"CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\nCall Trace:\n dump_stack_lvl+0x1/0x2\n "   \
	symbol "+0x1/0x2\n __alloc_pages_slowpath+0x3/0x4\n"
#define MEMORY "Mem-Info:\nactive_anon:1 inactive_anon:2\n free:3 free_pcp:0\n"

static const struct {
	const char *name;
	const char *log;
	int events;
	const char *has[8];
} cases[] = {
	/* ---- first lines ---- */
	{"2.6.8 header", "oom-killer: gfp_mask=0x1d2\nOut of Memory: Killed process 9 (x y).\n", 1,
	 {"gfp=0x1d2", "comm=\"x y\" pid=9", "missing: memory\n"}},
	{"2.6.13 header", "oom-killer: gfp_mask=0x201d2, order=2\n", 1, {"order=2 gfp=0x201d2"}},
	{"2.6.19 header", "httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=-3\n", 1,
	 {"comm=\"httpd\"", "oom_adj=-3", "!oom_score_adj"}},
	{"2.6.36 header",
	 "java invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=1, oom_score_adj=2\n", 1,
	 {"oom_score_adj=2 oom_adj=1"}},
	{"linux-next of 2016, mask last",
	 "snmpd invoked oom-killer: order=0, oom_score_adj=0, "
	 "gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|GFP_COLD)\n",
	 1, {"gfp=0x24201ca", "flags=\"GFP_HIGHUSER_MOVABLE|GFP_COLD\"", "order=0"}},
	{"4.9 nodemask list",
	 "p invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), "
	 "nodemask=0,2-3, order=0, oom_score_adj=179\np cpuset=/ mems_allowed=0-1\n",
	 1, {"nodemask=\"0,2-3\"", "cpuset=\"/\"", "mems=\"0-1\"", "oom_score_adj=179"}},
	{"a failure cut behind its cpuset",
	 "a: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), "
	 "nodemask=(null),cpuset=batch,mems_al\n", 1, {"order=4", "cpuset=\"batch\"", "!mems="}},
	{"4.11 nodemask (null), two blanks",
	 "influxd invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null),  "
	 "order=0, oom_score_adj=0\ninfluxd cpuset=4d5e mems_allowed=0\n",
	 1, {"order=0", "cpuset=\"4d5e\"", "!nodemask="}},
	{"name with a colon", "in:imjournal invoked oom-killer: gfp_mask=0x0(), order=0\n", 1,
	 {"comm=\"in:imjournal\"", "gfp=0x0 flags=\"\""}},
	{"forced", "sysrq: Manual OOM execution\nkworker/0:2 invoked oom-killer: "
		   "gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0\n"
		   "Out of memory: Killed process 7 (a)" KILLED_54 "\n",
	 1, {"oom-kill manual fatal lines 2-3", "order=-1"}},
	{"no order of any kernel", "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-2, "
				   "oom_score_adj=0\n"
				   "b: page allocation failure: order:31, mode:0x20\n",
	 2, {"!order="}},
	{"forced, 2.6.36 to 4.2: the order says nothing",
	 "[  713.8] SysRq : Manual OOM execution\n"
	 "[  713.9] kworker/0:2 invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n", 1,
	 {"oom-kill manual fatal lines 2-2"}},
	{"forced, its header lost", "[  713.8] sysrq: SysRq : Manual OOM execution\n"
				    "[  713.9] Out of memory: Kill process 4468 ((agetty)) score 0 or "
				    "sacrifice child\n[  714.2] Killed process 4468 ((agetty))" KILLED "\n"
				    "[  715.1] a invoked oom-killer: gfp_mask=0xd0, order=0\n",
	 2, {"oom-kill manual fatal lines 2-3", "comm=\"(agetty)\" pid=4468", "oom-kill global"}},
	{"forced, nobody", "kworker/0:2 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, "
			   "oom_score_adj=0\nsysrq: OOM request ignored. No task eligible\n"
			   "OOM request ignored. No task eligible\n",
	 1, {"oom-no-victim manual lines"}},
	/* ---- printed in pieces, and something else came between ---- */
	{"a header in pieces",
	 "[1.0] a b invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), \n[1.0] nodemask=\n"
	 "[1.1] usb 1-1: new device\n[1.1] (null)\n[1.1] ,  order=2, oom_score_adj=7\n"
	 "[1.2] a b cpuset=\n[1.2] /\n[1.2]  mems_allowed=0-1\n", 1,
	 {"comm=\"a b\" order=2 gfp=0x14200ca", "oom_score_adj=7", "cpuset=\"/\"", "mems=\"0-1\"",
	  "extra: usb 1-1", "!extra: ,"}},
	{"a failure in pieces",
	 "[1.0] a: page allocation failure: order:2, mode:\n[1.1] 0x2204000(GFP_NOWAIT|__GFP_COMP)\n"
	 "[1.1] , nodemask=(null),cpuset=\n[1.2] usb 1-1: new device\n[1.2] /x,mems_allowed=3\n", 1,
	 {"order=2", "gfp=0x2204000", "cpuset=\"/x\"", "mems=\"3\"", "extra: usb 1-1"}},
	{"a summary in pieces",
	 HEAD "[1.0] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=\n"
	      "[1.1] usb 1-1: new device\n[1.1] /,mems_allowed=0,oom_memcg=\n[1.1] /a\n"
	      "[1.2] ,task_memcg=/a/b,task=x y,pid=7,uid=9\n"
	      "[1.3] Memory cgroup out of memory: Killed process 7 (x y)" KILLED "\n", 1,
	 {"oom-kill memcg", "path=\"/a\" task=\"/a/b\"", "comm=\"x y\"", "pid=7 uid=9", "!middle"}},
	{"pieces of another CPU",
	 "[1.0][ T1] a: page allocation failure: order:2, mode:\n[1.1][ T2] 0x1\n"
	 "[1.1][ T1] 0x2204000(GFP_NOWAIT|__GFP_COMP)\n", 1, {"gfp=0x2204000"}},
	{"another CPU's oops comes between, and its head first",
	 "[1.0] load: vmalloc error: size 2097152, failed to allocate pages, mode:0xcc2(GFP_KERNEL|"
	 "__GFP_HIGHMEM), nodemask=(null),cpuset=/,mems_allowed=0\n"
	 "[1.1] Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
	 "[1.1] CPU: 1 PID: 912 Comm: rmmod Tainted: G           OE      6.4.0-other #9\n"
	 "[1.2] CPU: 3 PID: 77 Comm: load Not tainted 6.4.0 #1\n[1.3] Call Trace:\n[1.3]  <TASK>\n"
	 "[1.4]  dump_stack_lvl+0x5d/0x80\n[1.4] Call Trace:\n[1.4]  widget_free+0x12/0x30 [widget]\n"
	 "[1.4]  warn_alloc+0x12d/0x1b0\n[1.5] ---[ end trace 0000000000000000 ]---\n"
	 "[1.5]  vmalloc_noprof+0x4b/0x60\n[1.5]  </TASK>\n[1.6] Mem-Info:\n", 1,
	 {"missing: stack\n", "comm=\"load\" pid=77 cpu=3", "kernel=\"6.4.0\"", "tainted=\"not",
	  "trace: dump_stack_lvl warn_alloc vmalloc_noprof\n", "extra: widget_free", "!rmmod\" pid"}},
	{"two failures at once: a stack is of the one whose name it has",
	 "[1.0] a: page allocation failure: order:1, mode:0x20\n"
	 "[1.0] b: page allocation failure: order:2, mode:0x20\n"
	 "[1.1] CPU: 1 PID: 7 Comm: a Not tainted 4.4.0 #1\n[1.1] Call Trace:\n"
	 "[1.1]  first+0x1/0x2\n[1.2] CPU: 2 PID: 8 Comm: b Not tainted 4.4.0 #1\n"
	 "[1.2] Call Trace:\n[1.2]  second+0x1/0x2\n[1.2]  ret_from_fork+0x1/0x2\n", 2,
	 {"comm=\"a\" pid=7 cpu=1 order=1", "comm=\"b\" pid=8 cpu=2 order=2", "trace: first\n",
	  "trace: second ret_from_fork\n", "!missing: stack"}},
	{"a failure cut in its stack by the end of the log",
	 "[1.0] a: page allocation failure: order:1, mode:0x20\n"
	 "[1.1] CPU: 1 PID: 7 Comm: a Not tainted 4.4.0 #1\n[1.1] Call Trace:\n"
	 "[1.1]  [<ffffffff81001000>] dump_stack+0x1/0x2\n[1.1]  [<ffffffff81001000>] warn_alloc+0x1/0x2\n",
	 1, {"missing: stack\n"}},
	{"... and one whose stack is whole",
	 "[1.0] a: page allocation failure: order:1, mode:0x20\n"
	 "[1.1] CPU: 1 PID: 7 Comm: a Not tainted 4.4.0 #1\n[1.1] Call Trace:\n"
	 "[1.1]  [<ffffffff81001000>] warn_alloc+0x1/0x2\n"
	 "[1.1]  [<ffffffff81001000>] system_call_fastpath+0x16/0x1b\n", 1, {"!stack"}},
	{"... by another log, of kernels that mark the end",
	 "[1.0] a: page allocation failure: order:1, mode:0x20(GFP_ATOMIC)\n"
	 "[1.1] CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n[1.1] Call Trace:\n[1.1]  <TASK>\n"
	 "[1.1]  dump_stack_lvl+0x1/0x2\n[1.1]  ? warn_alloc+0x1/0x2\n\nAnd the other machine says:\n\n"
	 "[2.0] b: page allocation failure: order:1, mode:0x20(GFP_ATOMIC)\n"
	 "[2.1] CPU: 1 PID: 8 Comm: b Not tainted 6.1.0 #1\n[2.1] Call Trace:\n[2.1]  <TASK>\n"
	 "[2.1]  warn_alloc+0x1/0x2\n[2.1]  </TASK>\n", 2, {"missing: stack\n", "missing:\n"}},
	{"vmap's failure is none of the failure before it, and one with vmalloc's behind it",
	 "[1.0] modprobe: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL)\n"
	 "[1.1] vmap allocation for size 131072 failed: use vmalloc=<size> to increase size\n"
	 "[1.1] modprobe: vmalloc: allocation failure: 126976 bytes, mode:0x14000c0(GFP_KERNEL)\n", 2,
	 {"order=4", "what=\"modprobe: vmalloc: allocation failure", "extra: vmap allocation"}},
	{"Android's driver without its name",
	 "<6>[1.0] select 234 (com.foo), adj 15, size 2000, to kill\n"
	 "<6>[1.0] send sigkill to 234 (com.foo), adj 15, size 2000\n"
	 "<13>[1.0] send sigkill to 235 (com.bar), adj 15, size 2000\n"
	 "<6>[1.0] send sigkill to 236 (com.bar) please\n", 1,
	 {"userspace-kill", "comm=\"com.foo\" pid=234", "lowmemorykiller"}},
	{"a mark of UTF-8 in front", "\xef\xbb\xbf" HEAD, 1, {"comm=\"a\""}},
	{"tags of a web page or forum in front",
	 "[code]" HEAD "<p>Mem-Info:</p>\n"
	 "<span class=\"line\">Out of memory: Killed process 7 (a)" KILLED_54 "</span>\n", 1,
	 {"comm=\"a\" order", "pid=7"}},
	{"a driver and its device are no host and its program",
	 "2026-06-25T13:22:40Z usb 1-1: new high-speed USB device number 5\n"
	 "2026-06-25T13:22:40Z usb usb1: Product: xHCI\n"
	 "2026-06-25T13:22:40Z e1000e 0000:00:1f.6 eno1: NIC Link is Up\n"
	 "2026-06-25T13:22:40Z " HEAD "2026-06-25T13:22:40Z sd 2:0:0:0: [sda] 1000 blocks\n"
	 "2026-06-25T13:22:40Z Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"extra: sd 2:0:0:0: [sda]", "pid=7", "!host="}},
	{"BPF policy", HEAD "               oom_policy=default\n", 1, {"policy=\"default\""}},

	{"a stack behind the memory is of another: between that and the kill",
	 HEAD STACK("out_of_memory") MEMORY "65536 pages RAM\n1200 pages reserved\n"
	 "WARNING: CPU: 1 PID: 9 at mm/mmap.c:12 unmap_region+0x1/0x2\n"
	 "CPU: 1 PID: 9 Comm: b Not tainted 6.1.0 #1\nCall Trace:\n unmap_region+0x1/0x2\n"
	 "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"lines 1-16", "trace: dump_stack_lvl out_of_memory __alloc_pages_slowpath\n",
	  "extra: CPU: 1 PID: 9", "pid=7"}},
	{"... and behind a report that is cut there",
	 HEAD STACK("out_of_memory") MEMORY "65536 pages RAM\n1200 pages reserved\n"
	 "Pid: 9, comm: b Not tainted 2.6.38 #1\nCall Trace:\n unmap_region+0x1/0x2\n", 1,
	 {"lines 1-11", "!comm: b"}},
	{"behind the end of a failure's stack a warning's has nothing of it",
	 "[ 3.1] a: page allocation failure: order:7, mode:0xc04(GFP_NOIO|GFP_DMA32), nodemask=(null)\n"
	 "[ 3.1] CPU: 1 PID: 7 Comm: a Not tainted 6.11.1 #1\n[ 3.1] Hardware name: Board A\n"
	 "[ 3.1] Call Trace:\n[ 3.1]  <TASK>\n[ 3.1]  warn_alloc+0x1/0x2\n[ 3.1]  </TASK>\n"
	 "[ 3.2] WARNING: CPU: 2 PID: 9 at net/core/dev.c:12 f+0x1/0x2\n"
	 "[ 3.2] CPU: 2 PID: 9 Comm: b Not tainted 6.11.1 #1\n[ 3.2] Hardware name: Board A\n"
	 "[ 3.2] Workqueue: async run_it\n[ 3.2] R13: 0000000000000000\n"
	 "[ 3.2] ---[ end trace 0000000000000000 ]---\n[ 3.3] Modules linked in: x y\n", 1,
	 {"lines 1-7", "!workqueue", "!Workqueue"}},
	{"... nor a panic's of the same task",
	 "a: page allocation failure: order:0, mode:0x46c40(GFP_NOFS|__GFP_COMP), nodemask=(null)\n"
	 "CPU: 1 PID: 7 Comm: a Not tainted 5.3.0 #1\nCall Trace:\n warn_alloc+0x1/0x2\n"
	 "RIP: 0033:0x7f0a\nKernel panic - not syncing: hung_task: blocked tasks\n"
	 "CPU: 1 PID: 7 Comm: a Not tainted 5.3.0 #1\nCall Trace:\n dump_stack+0x1/0x2\n"
	 " panic+0x1/0x2\nRIP: 0033:0x7f0a\nR13: 0000000000000000\n", 1,
	 {"lines 1-5", "trace: warn_alloc\n"}},
	{"a line torn apart does not go on seconds later",
	 "[ 1.0] a: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)\n"
	 "[ 1.1] 9233 pages reserved\n[ 19.4] CPU-temp: 59.2 C\n[ 19.4] , Case: 35.8 C\n"
	 "[ 19.4] ,  Fan: 6 (tuned +1)\n", 1, {"lines 1-2"}},
	{"free blocks whose stars were taken for Markdown",
	 HEAD "DMA free:20kB min:1kB low:2kB high:3kB\nDMA: 1_4kB (U) 2_8kB = 20kB\n", 1,
	 {"buddy 1U 2 page=4 total=20"}},

	/* ---- stack dumps of old architectures ---- */
	{"s390: the process has a line of its own",
	 "java invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0\n"
	 "CPU: 1 Not tainted 2.6.32-131.0.15.el6.s390x #1\n"
	 "Process java (pid: 3121, task: 000000003e2c8338, ksp: 000000003d9b7a58)\n"
	 "0400000000000000 000000003d9b77c0 0000000000000002 0000000000000000 \n"
	 "Call Trace:\n([<0000000000105860>] show_trace+0xe8/0x138)\n"
	 " [<00000000004ca4f8>] dump_header+0x98/0x1d4\n"
	 "Out of memory: Kill process 3121 (java) score 871 or sacrifice child\n"
	 "Killed process 3121, UID 0, (java)" KILLED "\n", 1,
	 {"comm=\"java\" pid=3121 cpu=1", "kernel=\"2.6.32-131.0.15.el6.s390x\"",
	  "trace: show_trace dump_header\n"}},
	{"m68k: the trace begins beside its head",
	 "cc1 invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0\n"
	 "Stack from 00b2fd9c:\n        00b2fdd4 0004a8c0 0025c1e8 00b2e000\n"
	 "Call Trace: [<0004a8c0>] oom_kill_process+0x50/0x1aa\n"
	 " [<0004a9e6>] __out_of_memory+0x6c/0x7c\n"
	 "Out of memory: kill process 311 (cc1) score 210 or a child\nKilled process 311 (cc1)\n", 1,
	 {"trace: oom_kill_process __out_of_memory\n", "pid=311"}},
	{"ia64: two lines a frame, pages of 16 kB",
	 "java invoked oom-killer: gfp_mask=0x280d2, order=0, oomkilladj=0\nCall Trace:\n"
	 " [<a000000100013a60>] show_stack+0x40/0xa0\n"
	 "                                sp=e00000407af4fc30 bsp=e00000407af490d8\n"
	 " [<a000000100105a20>] out_of_memory+0xa0/0x5e0\n"
	 "                                sp=e00000407af4fe00 bsp=e00000407af49070\n"
	 "Mem-info:\nNode 0 DMA32 per-cpu: empty\n"
	 "Node 0 DMA: 30*16kB 6*32kB 1*64kB = 736kB\nNode 0 DMA32: empty\n"
	 "131072 pages of RAM\n2012 reserved pages\n"
	 "Out of memory: Killed process 2592, UID 48, (java).\n", 1,
	 {"trace: show_stack out_of_memory\n", "!extra: sp=", "page=16 total=736", "=131072p", "pid=2592 uid=48"}},
	/* ---- cut by the width of a terminal: '>' of a pager, "…" of journalctl ---- */
	{"numbers that are cut",
	 "h invoked oom-killer: gfp_mask=0xcc>\n"
	 "CPU: 1 PID: 7 Comm: h Not tainted 6.12.>\nCall Trace:\n <TASK>\n dump_stack+0x1>\n"
	 "Mem-Info:\nactive_anon:12 inactive_anon:34>\n"
	 "Node 0 DMA free:12kB min:34kB low:56>\n"
	 "Out of memory: Killed process 7 (a) total-vm:12kB, anon-rss:34>\n",
	 1, {"missing: middle", "!gfp=", "!kernel=", "!=34p", "!=56", "vm=12", "!anon=34"}},
	{"a name that is cut", "[   12.345678] Out of memory: Killed process 12345 (web…\n", 1,
	 {"pid=12345", "!comm=\"web", "middle"}},
	{"nothing stands behind the date of a BIOS",
	 HEAD "Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian-1 04/01/2014\n"
	      "device veth0 entered promiscuous mode\n", 1, {"BIOS 1.16.2-debian-1 04/01/2014\"", "!veth0 entered promiscuous mode\""}},
	{"a release that is cut", HEAD "CPU: 1 PID: 7 Comm: a Not tainted 6.1…\n"
				       "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"!kernel=", "!middle", "pid=7"}},
	{"a first line that is cut", "h invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), ord…\n"
				     "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"middle", "!order="}},
	{"whole lines that end in '>'", HEAD "CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\nCall Trace:\n"
					     " <TASK>\n dump_stack+0x1/0x2\n </TASK>\n"
					     "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"!middle"}},
	{"a syslog that names programs, but not the kernel: its lines are no program's",
	 "Nov 17 06:19:30 sleepy sshd[12]: hello\n"
	 "Nov 17 06:19:30 sleepy oom-killer: gfp_mask=0xd0\n"
	 "Nov 17 06:19:30 sleepy sshd[12]: hello\n"
	 "Nov 17 06:19:30 sleepy Normal: 1*4kB 0*8kB = 4kB\n"
	 "Nov 17 06:19:30 sleepy app: at main+0x12/0x20\n"
	 "Nov 17 06:19:30 sleepy Out of Memory: Killed process 1188 (exim).\n", 1,
	 {"host=\"sleepy\"", "comm=\"exim\"", "total=4", "!main"}},
	{"the same without a host",
	 "2026-01-02T15:04:05Z sshd: hello\n"
	 "2026-01-02T15:04:05Z eat: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 "2026-01-02T15:04:05Z sshd: hello\n"
	 "2026-01-02T15:04:05Z Normal: 1*4kB 0*8kB = 4kB\n", 1,
	 {"comm=\"eat\"", "order=4", "total=4"}},
	{"a syslog that names no program",
	 "Nov 17 06:19:30 sleepy oom-killer: gfp_mask=0xd0\n"
	 "Nov 17 06:19:30 sleepy DMA per-cpu:\n"
	 "Nov 17 06:19:30 sleepy HighMem per-cpu: empty\n"
	 "Nov 17 06:19:30 sleepy\n"
	 "Nov 17 06:19:30 sleepy DMA free:28kB min:20kB low:40kB high:60kB active:0kB inactive:0kB\n"
	 "Nov 17 06:19:30 sleepy protections[]: 0 0 0\n"
	 "Nov 17 06:19:30 sleepy Normal: 1*4kB 0*8kB = 4kB\n"
	 "Nov 17 06:19:31 sleepy Out of Memory: Killed process 1188 (exim).\n"
	 "> Nov 17 06:19:32 sleepy init invoked oom-killer: gfp_mask=0xd0,  \n"
	 "> order=1, oomkilladj=0\n",
	 2, {"oom-kill global fatal lines 1-8 host=\"sleepy\"", "comm=\"exim\"", "total=4",
	     "comm=\"init\" order=1"}},
	{"titles of mails", "Subject: Re: swapper: page allocation failure. order:3, mode:0x20\n"
			    "> Re: xmms: page allocation failure. order:5, mode:0x20\n"
			    "Subject: a invoked oom-killer: gfp_mask=0xd0, order=0\n"
			    "I saw the same \"kswapd0: page allocation failure: order:0, mode:0xcc0\"\n"
			    "Subject: 6.9 against 6.8, modprobe: vmalloc error: size 0, page order 9\n"
			    "Re: khugepaged: page allocation stalls for 10048ms, order:9, mode:0x4742ca\n"
			    "What I see on every second boot of the machine since we put more memory in: "
			    "vmalloc error: size 4096, failed to allocate pages\n",
	 0, {0}},
	{"a thread that quotes one log at two levels, and another one",
	 ">> [8.100000] a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 ">> [8.100001] CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n> so I see\n"
	 "> [8.100000] a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 "[9.100000] a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n", 2,
	 {"lines 1-2", "lines 5-5"}},
	{"... without times",
	 "> a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 "> CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n> Mem-Info:\n> active_anon:12 inactive_anon:3\n"
	 "> > a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 "> > CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n> > Mem-Info:\n> > active_anon:12\n"
	 "a: page allocation failure: order:4, mode:0x20(GFP_ATOMIC)\n"
	 "CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\nMem-Info:\nactive_anon:13\n", 2,
	 {"lines 1-4", "lines 9-12"}},
	{"... kills; twice at one level is twice",
	 "> Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 ">> Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "> Out of memory: Killed process 7 (a)" KILLED_54 "\n", 2, {"lines 1-1", "lines 3-3"}},
	{"... and by a program",
	 "> Jan 02 15:04:05 db1 systemd-oomd[812]: Killed /a/b.scope due to memory pressure for /a\n"
	 "> > Jan 02 15:04:05 db1 systemd-oomd[812]: Killed /a/b.scope due to memory pressure for /a\n"
	 "> Jan 02 15:04:07 db1 systemd-oomd[812]: Killed /a/c.scope due to memory pressure for /b\n", 2,
	 {"lines 1-1", "lines 3-3"}},
	{"a line cut in front of its value is no quoted-printable",
	 "[    0.010436] e820: the last page of memory that this machine has, last_pfn =\n0x100000\n"
	 HEAD "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n"
	 "2026-06-25T13:22:40.509571+08:00 host kernel: 0 pages in \nswap cache\n"
	 "2026-06-25T13:22:40.509571+08:00 host kernel: CPU: 0 PID: 7 Comm: a Not tainted 6.1.0 #1 Debian \n"
	 "6.1.192-2\n==> /var/log/secure <==\n", 1,
	 {"size=2048", "=0p =\"swap_cache\"", "build=\"#1 Debian 6.1.192-2\"", "!extra"}},
	{"SLUB's line of 6.12, cut",
	 "[   95.266429] SLUB: Unable to allocate memory on CPU 0 (of node 0) on\nnode -1, "
	 "gfp=0x40820(GFP_ATOMIC|__GFP_COMP)\n", 1, {"gfp=0x40820", "on node -1"}},
	{"cut at 80 columns: between pid and uid, and in words without any prefix",
	 HEAD "Node 1 active_anon:139692kB inactive_anon:0kB active_file:0kB inactive_file:0kB \n"
	 "unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:1580kB dirty:0kB wr\n"
	 "iteback:0kB shmem:2144kB shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:0kB writebac\n"
	 "k_tmp:0kB kernel_stack:552kB pagetables:392kB sec_pagetables:0kB all_unreclaimab\n"
	 "le? yes\n"
	 "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,glob\n"
	 "al_oom,task_memcg=/user.slice/user-1000.slice/session-1.scope,task=eat,pid=1600,\n"
	 "uid=0\n", 1, {"=0kB =\"writeback\"", "memcg=\"/user.slice/user-1000.slice/session-1.scope\" pid=1600 uid=0"}},
	{"a mail quotes, then somebody numbers lines, then somebody does neither",
	 "> [    1.0] Out of memory: Killed process 7 (a)" KILLED_54 "\n\nAnd here:\n"
	 "1:" HEAD "2:Out of memory: Killed process 8 (b)" KILLED_54 "\n\n"
	 "[    3.0] " HEAD "[    3.1] Out of memory: Killed process 9 (c)" KILLED_54 "\n", 3,
	 {"lines 1-1", "lines 4-5", "lines 7-8", "comm=\"a\" order=0", "comm=\"b\" pid=8", "comm=\"c\" pid=9"}},
	{"a fence behind the last line is none of it",
	 "```\n" HEAD "Out of memory and no killable processes...\n```\n", 1,
	 {"reason=\"Out of memory and no killable processes...\"\n", "!extra"}},
	{"cut by two mail programs, one after the other",
	 HEAD "> > [    8.100000] Node 1 active_anon:76kB inactive_anon:8kB active_file:4kB\n"
	 "> > inactive_file:0kB unevictable:0kB\n> > isolated(anon):0kB\n"
	 "> > isolated(file):0kB mapped:0kB dirty:0kB writeback:0kB\n> > shmem:20kB\n"
	 "> > shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB\n> > writeback_tmp:16kB\n"
	 "> > unstable:0kB all_unreclaimable? yes\n"
	 "> > [    8.100001] Node 1 Normal free:5120kB min:712kB\n> > low:1424kB\n"
	 "> > high:2136kB reserved_highatomic:0KB\n> > active_anon:76kB unevictable:12\n"
	 "> > kB writepending:0kB present:81920kB\n> > managed:79004kB mlocked:0kB\n"
	 "> > free_cma:3072kB\n> > [    8.100002] lowmem_reserve[]: 0 0\n"
	 "> > [    8.100003] Node 1 Normal: 8*4kB (UM) 1*8kB (U)\n> > 0*16kB\n"
	 "> > 1*32kB (M) 0*64kB =\n> > 72kB\n", 1,
	 {"=1? =\"all_unreclaimable\"", "=16kB =\"writeback_tmp\"", "=2136kB =\"high\"",
	  "=12kB =\"unevictable\"", "=3072kB =\"free_cma\"", "total=72", "!extra"}},
	{"cut inside of the time's brackets",
	 "May 19 18:14:43 aks-np0cas-14924781-vmss000008 kernel: [  \n"
	 "139.201482] Memory cgroup out of memory: Killed process 7788 \n"
	 "(bash)" KILLED "\n", 1, {"oom-kill memcg", "comm=\"bash\" pid=7788 vm=8860", "lines 1-3"}},
	{"cut lists of slabs do not end an event",
	 "May 30 14:08:25 linus-xfs-crc kernel: a invoked oom-killer: gfp_mask=0x40cc0, order=1\n"
	 "May 30 14:08:26 linus-xfs-crc kernel: Unreclaimable slab info:\n"
	 "May 30 14:08:26 linus-xfs-crc kernel: xfs_iul_item             \n932KB        935KB\n"
	 "May 30 14:08:26 linus-xfs-crc kernel: xfs_icr                  263KB        \n264KB\n"
	 "May 30 14:08:26 linus-xfs-crc kernel: \n"
	 "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
	 "task_memcg=/,task=531,pid=2102,uid=0\n"
	 "May 30 14:08:26 linus-xfs-crc kernel: Out of memory: Killed \nprocess 2102 (531)" KILLED "\n",
	 1, {"slab xfs_iul_item 932 935", "slab xfs_icr 263 264", "comm=\"531\"", "lines 1-10"}},
	{"vmap says it first, vmalloc for whom",
	 "vmap allocation for size 131072 failed: use vmalloc=<size> to increase size\n"
	 "swapper/0: vmalloc error: size 65536, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL), "
	 "nodemask=(null),cpuset=/,mems_allowed=0\n",
	 1, {"alloc-failure", "comm=\"swapper/0\"", "gfp=0xcc0", "131072"}},
	{"the lines of a second in any order",
	 "2026-01-02T15:04:05+00:00 h kernel: Out of memory: Killed process 8 (b)" KILLED_54 "\n"
	 "2026-01-02T15:04:05+00:00 h kernel: [      8]    48     8     2215       33    61440        0             7 b\n"
	 "2026-01-02T15:04:05+00:00 h kernel: [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	 "2026-01-02T15:04:05+00:00 h kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,"
	 "global_oom,task_memcg=/,task=b,pid=8,uid=48\n"
	 "2026-01-02T15:04:05+00:00 h kernel: Mem-Info:\n2026-01-02T15:04:05+00:00 h kernel: a " "invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), "
	 "order=0, oom_score_adj=0\n", 1, {"comm=\"a\" order=0", "victim: comm=\"b\" pid=8", "missing: stack middle\n", "lines 1-6"}},
	{"... of two seconds", "2026-01-02T15:04:05+00:00 h kernel: Out of memory: Killed process 8 (b)" KILLED_54 "\n"
	 "2026-01-02T15:04:09+00:00 h kernel: " HEAD, 2, {"victim: comm=\"b\"", "comm=\"a\" order=0"}},
	{"... as the kernel's clock says", "[    1.200000] Out of memory: Killed process 8 (b)" KILLED_54 "\n"
	 "[    1.000000] " HEAD, 1, {"comm=\"a\" order=0", "victim: comm=\"b\"", "mono=1000000"}},
	{"... which says that they are two", "[    1.000000] Out of memory: Killed process 8 (b)" KILLED_54 "\n"
	 "[    1.200000] " HEAD, 2, {"comm=\"a\" order=0", "victim: comm=\"b\""}},
	{"a report of which little is left, and seconds later another's",
	 "[3.604830] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "[3.605376] CPU: 0 PID: 7 Comm: a Not tainted 6.1.0 #1\n[3.605819] Call Trace:\n"
	 "[7.529166] b invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "[7.529895] CPU: 0 PID: 8 Comm: b Not tainted 6.1.0 #1\n[7.535763] Call Trace:\n[7.537421]  dump_stack_lvl+0x1/0x2\n"
	 "[7.548729] Mem-Info:\n[7.549181] active_anon:760 inactive_anon:44859\n"
	 "[7.561373] Out of memory: Killed process 8 (b)" KILLED_54 "\n",
	 2, {"missing: memory tasks verdict", "adj=0\n  victim: comm=\"b\"", "lines 4-10"}},
	{"tabs in the line of the task", "a invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
	 "CPU: 1 PID: 7\tComm:\ta b\tTainted:\tG\tW\tOE\t6.1.0-9-amd64\t#1 Debian 6.1.27-1\nCall Trace:\n dump_stack+0x1/0x2\n",
	 1, {"comm=\"a\" pid=7 cpu=1", "kernel=\"6.1.0-9-amd64\"", "build=\"#1 Debian 6.1.27-1\"", "tainted=\"G W OE\""}},
	{"vmalloc before 4.9 says it first, and the page allocator for whom",
	 "[1.0] vmap allocation for size 131072 failed: use vmalloc=<size> to increase size.\n"
	 "[1.0] vmalloc: allocation failure: 126976 bytes\n"
	 "[1.0] insmod: page allocation failure: order:0, mode:0x80d2\n"
	 "[1.0] CPU: 0 PID: 812 Comm: insmod Not tainted 3.16.0 #1\n[1.0] Call Trace:\n"
	 "[1.0]  [<c1>] warn_alloc_failed+0x1/0x2\n[1.0]  [<c2>] __vmalloc_node_range+0x1/0x2\n[1.0] Mem-Info:\n",
	 1, {"alloc-failure", "page-failure", "comm=\"insmod\"", "order=0 gfp=0x80d2", "what=\"vmalloc: allocation failure: 126976 bytes",
	     "extra: vmap allocation", "lines 2-8", "missing:\n"}},
	{"... where some of it was there", "[1.0] vmalloc: allocation failure, allocated 12288 of 126976 bytes\n"
	 "[1.0] insmod: page allocation failure: order:0, mode:0x24080c2(GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO)\n"
	 "[1.1] insmod: page allocation failure: order:3, mode:0x20\n",
	 2, {"comm=\"insmod\" order=0", "what=\"vmalloc: allocation failure, allocated 12288", "order=3"}},
	{"... from 4.9 on in one line", "insmod: vmalloc: allocation failure, allocated 12288 of 126976 bytes, "
	 "mode:0x14080c2(GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO), nodemask=(null)\n",
	 1, {"comm=\"insmod\"", "gfp=0x14080c2", "allocated 12288 of 126976"}},
	{"a vmalloc failure cut between words",
	 "[286405.686587] qemu:deb12-virt: vmalloc error: size 0, page order 9, failed \n"
	 "to allocate pages, mode:0xdc2(GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO), \n"
	 "nodemask=(null),cpuset=emulator,mems_allowed=0\n",
	 1, {"gfp=0xdc2", "order=9"}},
	{"wrapped in print",
	 "Oct 14 10:22:40 localhost kernel: Memory cgroup out of memory:\n"
	 "\xe2\x86\xaaKill process 2687 (sh) score 0 or sacrifice child\n"
	 "Oct 14 10:22:40 localhost kernel: Killed process 2702 (sh)\n"
	 "\xe2\x86\xaatotal-vm:113124kB, anon-rss:200kB, file-rss:0kB\n"
	 "Oct 14 10:22:41 localhost kernel: sh invoked oom-killer:\n"
	 "\xe2\x86\xaagfp_mask=0xd0, order=0, oom_score_adj=0\n",
	 2, {"oom-kill memcg fatal lines 1-4", "vm=113124", "comm=\"sh\" order=0 gfp=0xd0"}},
	{"the title of a bug", "#regzbot title: kswapd0: page allocation failure\n"
			       "kswapd0: page allocation failure: order:%u, mode:%#x(%pGg)\n", 0, {0}},
	{"sources are no events",
	 "-\tpr_warn(\"%s invoked oom-killer: gfp_mask=%#x(%pGg), order=%d\\n\",\n", 0, {0}},
	{"cut off behind the words", "<4>a: page allocation failure:\n", 1, {"alloc-failure"}},
	{"a program's words in /dev/kmsg",
	 "<12>[    5.000001] " HEAD "<11>[    5.000002] Killed process 1 (init)" KILLED "\n"
	 "12,7,5000003,-;" HEAD "user  :warn  : [    5.000004] " HEAD, 0, {0}},
	{"... and as the journal has them",
	 "__REALTIME_TIMESTAMP=1\n_TRANSPORT=kernel\nSYSLOG_FACILITY=1\nMESSAGE=" HEAD
	 "\n{\"_TRANSPORT\":\"kernel\",\"SYSLOG_FACILITY\":\"1\",\"MESSAGE\":"
	 "\"Out of memory: Killed process 1 (init)" KILLED "\"}\n", 0, {0}},
	{"... and those of the kernel in the journal",
	 "__REALTIME_TIMESTAMP=1\n_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nMESSAGE=" HEAD
	 "\n{\"_TRANSPORT\":\"kernel\",\"SYSLOG_FACILITY\":\"0\",\"MESSAGE\":"
	 "\"Out of memory: Killed process 1 (init)" KILLED "\"}\n", 1, {"pid=1"}},
	{"... and those of the kernel", "<4>[    5.000001] " HEAD "4,7,5000003,-;" HEAD
					"kern  :warn  : [    5.000004] " HEAD, 3, {0}},

	{"cut in three under twenty quotes",
	 "> > > > > > > > > > > > > > > > > > > > [   30.369973] swapper/0: page allocation failure:\n"
	 "> > > > > > > > > > > > > > > > > > > > order:6,\n"
	 "> > > > > > > > > > > > > > > > > > > > mode:0x1(GFP_DMA),\n"
	 "> > > > > > > > > > > > > > > > > > > > nodemask=(null),cpuset=/,mems_allowed=0\n",
	 1, {"alloc-failure", "order=6 gfp=0x1 flags=\"GFP_DMA\"", "mems=\"0\""}},
	{"nobody to kill in the whole machine, and its panic is cut off",
	 HEAD "Mem-Info:\nFree swap  = 0kB\nOut of memory and no killable processes...\n", 1,
	 {"oom-panic global fatal", "reason=\"Out of memory and no killable"}},
	{"a header whose request somebody left out",
	 "[ 2786.5] mem_hog invoked oom-killer\n"
	 "[ 2787.2] oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=t,mems_allowed=0\n"
	 "[ 2787.3] Out of memory: Killed process 13 (mem_hog)\n",
	 1, {"oom-kill cpuset fatal lines 1-3", "comm=\"mem_hog\" pid=13", "!order="}},
	{"... and a sentence", "the tests invoked oom-killer\nSubject: a.out invoked oom-killer\n"
			       "Jan  2 15:04:05 host watch[7]: java invoked oom-killer\n", 0, {0}},

	{"/proc/meminfo in front of a table",
	 "Active:           325936 kB\nInactive:        7071836 kB\n"
	 "[29960.547403] Tasks state (memory values in pages):\n"
	 "[29960.547404] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	 "oom_score_adj name\n"
	 "[29960.547412] [   1020]     0  1020     9498      640    94208     1000         -1000 u\n"
	 "[29960.547438] Out of memory and no killable processes...\n"
	 "[29960.547439] Kernel panic - not syncing: System is deadlocked on memory\n",
	 1, {"oom-panic global fatal lines 3-7"}},
	{"oom-kill: cut off before the task", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),"
					      "cpuset=c,mems_allowed=0,oom_memcg=/0,task_memcg=in\n"
					      "BUG: KASAN: global-out-of-bounds in vprintk_store\n",
	 1, {"oom-kill memcg", "missing: header"}},
	{"oom-kill: ended by another CPU's line behind cpuset=",
	 "[    3.040125] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0-1,cpuset=\n"
	 "[    3.040126] eth0: link up\n"
	 "[    3.040127] /one,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=b,pid=1,uid=0\n"
	 "[    3.040131] Memory cgroup out of memory: Killed process 1 (b)" KILLED_54 "\n",
	 1, {"oom-kill memcg", "nodemask=\"0-1\"", "cpuset=\"/one\"", "path=\"/a\"", "pid=1", "!middle"}},
	{"... in a name, which is not taken for a whole one",
	 "[    3.040125] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	 "mems_allowed=0,oom_memcg=/buil\n"
	 "[    3.040126] eth0: link up\n"
	 "[    3.040131] Memory cgroup out of memory: Killed process 1 (b)" KILLED_54 "\n",
	 1, {"oom-kill memcg", "cpuset=\"/\" mems=\"0\"", "!path=", "middle"}},
	{"... in the pid, which would be another process's; the kill line says all of it again",
	 "[    3.040125] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	 "mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=b,pid=1\n"
	 "[    3.040131] Memory cgroup out of memory: Killed process 108 (b)" KILLED_54 "\n",
	 1, {"path=\"/a\" task=\"/a/b\"", "pid=108", "!pid=1 ", "!middle"}},
	{"its source is none", "pr_info(\"oom-kill:constraint=%s,nodemask=%*pbl\",\n", 0, {0}},
	{"left out behind the end of a failure", "a: page allocation failure: order:0, "
						   "mode:0x820(GFP_ATOMIC)\nMem-Info:\nfree:2224\n"
						   "524288 pages RAM\n42061 pages reserved\n[...]\n",
	 1, {"!middle"}},
	{"... and before it", "a: page allocation failure: order:0, mode:0x820(GFP_ATOMIC)\nMem-Info:\n"
			      "......\n", 1, {"middle"}},
	{"systemctl's words are no totals",
	 "     Active: failed (Result: exit-code) since Thu 2021-05-20 01:05:41 UTC; 3min\n48s ago\n",
	 0, {0}},

	/* ---- last lines ---- */
	{"2.4 kills are events", "Out of Memory: Killed process 62 (portmap).\n"
				 "Out of Memory: Killed process 2396 (dselect).\n",
	 2, {"comm=\"portmap\" pid=62", "comm=\"dselect\" pid=2396", "missing: header"}},
	{"cut at the edge of a screen",
	 "[   57.400001] Out of memory: Killed process 2396 (cc1pl\n"
	 "[   58.400001] Memory cgroup out of memory: Killed process 31117\n", 2,
	 {"comm=\"cc1pl\" pid=2396", "pid=31117", "oom-kill memcg", "oom-kill global"}},
	{"... behind the line that has the whole name",
	 HEAD "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,"
	      "global_oom,task_memcg=/,task=cc1plus,pid=2396,uid=0\n"
	      "Out of memory: Killed process 2396 (cc1p\n",
	 1, {"comm=\"cc1plus\" memcg=\"/\" pid=2396"}},
	{"a sentence is none", "Out of memory: Killed process 2396\n", 0, {0}},
	{"2.6.16 pair", "Out of Memory: Kill process 2505 (mythfrontend) score 757537 and children.\n"
			"Out of memory: Killed process 2505 (mythfrontend).\n",
	 1, {"pid=2505 score=757537"}},
	{"RHEL5", "Out of memory: Killed process 2592, UID 48, (httpd).\n", 1,
	 {"comm=\"httpd\" pid=2592 uid=48"}},
	{"2.6.20 pair", "Out of memory: kill process 2592 (httpd) score 44914 or a child\n"
			"Killed process 2611 (httpd)\n",
	 1, {"comm=\"httpd\" pid=2611", "!score"}},
	{"2.6.33 vsz", "Out of memory: kill process 4783 (a.out) score 1 or a child\n"
		       "Killed process 4783 (a.out) vsz:3445880kB, anon-rss:3400000kB, "
		       "file-rss:12kB\n",
	 1, {"pid=4783 score=1 vsz=3445880 anon=3400000 file=12"}},
	{"RHEL6", "Out of memory: Kill process 23111 (httpd) score 3 or sacrifice child\n"
		  "Killed process 23111, UID 48, (httpd) total-vm:732728kB, anon-rss:212000kB, "
		  "file-rss:1200kB\n",
	 1, {"pid=23111 uid=48 score=3 vm=732728"}},
	{"OpenVZ", "Out of memory in UB 1234: OOM killed process 21738 (php-cgi) score 3 vm:281988kB, "
		   "rss:17004kB, swap:0kB\nOut of memory in UB 1234: OOM killed process 21747 (a) "
		   "score 0 vm:7kB, rss:1kB, swap:0kB\n",
	 2, {"oom-kill memcg fatal", "comm=\"php-cgi\" pid=21738", "score=3 vm=281988", "pid=21747"}},
	{"80 columns, cut between words",
	 HEAD "[    1.000001] CPU: 0 PID: 160 Comm: ten-bytes1 Not tainted 6.12.117+deb12-amd64\n"
	      "#1 Debian 6.12.117-1\n",
	 1, {"kernel=\"6.12.117+deb12-amd64\"", "build=\"#1 Debian 6.12.117-1\""}},
	{"klogd's symbols",
	 HEAD "Pid: 5795, comm: a Not tainted 2.6.24-24-server #1\n"
	      " [oom_kill_process+0x10a/0x120] oom_kill_process+0x10a/0x120\n"
	      " [nfs:__alloc_pages+0x34c/0x380] __alloc_pages+0x34c/0x380\n",
	 1, {"trace: oom_kill_process __alloc_pages\n", "!extra"}},
	{"RHEL7", "Out of memory: Kill process 7 (a) score 3 or sacrifice child\n"
		  "Killed process 7 (a), UID 48, total-vm:1kB, anon-rss:2kB, file-rss:3kB, "
		  "shmem-rss:4kB\n",
	 1, {"pid=7 uid=48 score=3 vm=1 anon=2 file=3 shmem=4"}},
	{"5.1", "Memory cgroup out of memory: Killed process 31117 (influxd)" KILLED "\n", 1,
	 {"oom-kill memcg", "pid=31117 vm=8860 anon=124 file=8 shmem=4"}},
	{"RHEL8", "Out of memory: Killed process 31117 (influxd)" KILLED ", UID:499\n", 1,
	 {"pid=31117 uid=499"}},
	{"5.4", "Out of memory: Killed process 1 (a)" KILLED_54 "\n", 1,
	 {"oom-kill global", "uid=48 adj=7", "pgtables=60"}},
	{"the allocating task", "Out of memory (oom_kill_allocating_task): Killed process 77 (s)"
				KILLED_54 "\n",
	 1, {"comm=\"s\" pid=77"}},
	{"2.6.16 mempolicy, the kill alone",
	 "No available memory (MPOL_BIND): Killed process 77 (numa).\n"
	 " [<a0000001000ffd50>] out_of_memory+0x90/0x1a0\n", 1, {"oom-kill mempolicy", "pid=77"}},
	{"... and words that are none", "No available memory (MPOL_BIND): nothing\n", 0, {0}},
	{"2.6 mempolicy", "No available memory (MPOL_BIND): kill process 5 (a) score 7 or a child\n"
			  "Killed process 5 (a)\n",
	 1, {"pid=5 score=7"}},
	{"names in brackets", "Out of memory: Killed process 1 ((sd-pam))" KILLED_54 "\n"
			      "Out of memory: Killed process 2 (CPU 0/KVM)" KILLED_54 "\n",
	 2, {"comm=\"(sd-pam)\" pid=1", "comm=\"CPU 0/KVM\" pid=2"}},
	{"a name that lies", "Out of memory: Killed process 5 (a) total-vm:1kB)" KILLED_54 "\n", 1,
	 {"comm=\"a) total-vm:1kB\" pid=5", "vm=8860"}},
	{"late details", "Out of memory: Kill process 5 (a) score 9 or sacrifice child\n" HEAD
			 "Killed process 5 (a)" KILLED "\n",
	 2, {"pid=5 score=9 vm=8860"}},
	{"summary", HEAD "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0,2-3,cpuset=x,y,"
			 "mems_allowed=0,2-3,oom_memcg=/a,task=b,task_memcg=/a b/c,task=x,pid=1,y,"
			 "pid=3937365,uid=1000\n",
	 1,
	 {"memcg fatal", "constraint=\"CONSTRAINT_MEMCG\"", "comm=\"x,pid=1,y\"", "pid=3937365 uid=1000",
	  "task=\"/a b/c\"", "nodemask=\"0,2-3\" cpuset=\"x,y\" mems=\"0,2-3\"", "missing:",
	  "verdict"}},
	{"cpuset", "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=/x,mems_allowed=1,"
		   "global_oom,task_memcg=/,task=a.out,pid=1,uid=0\n"
		   "Out of memory: Killed process 1 (a.out)" KILLED_54 "\n",
	 1, {"oom-kill cpuset", "memcg=\"/\" pid=1 uid=48"}},
	{"no killable, 4.19", "Out of memory and no killable processes...\n"
			      "Kernel panic - not syncing: System is deadlocked on memory\n",
	 1, {"oom-panic global fatal", "reason=\"System is deadlocked on memory\""}},
	{"no killable, old", HEAD "Kernel panic - not syncing: Out of memory and no killable "
				  "processes...\n",
	 1, {"oom-panic", "comm=\"a\""}},
	{"no killable in a cgroup", HEAD "Out of memory and no killable processes...\n", 1,
	 {"oom-no-victim memcg lines", "!fatal"}},
	{"panic_on_oom", HEAD "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom "
			      "is enabled\n",
	 1, {"oom-panic global fatal", "panic_on_oom is enabled"}},
	{"page fault path", "VM: killing process python(12)\nVM: killing process sh\n", 2,
	 {"comm=\"python\" pid=12", "comm=\"sh\""}},
	{"group", "Memory cgroup out of memory: Killed process 7 (a)" KILLED_54 "\n"
		  "Tasks in /my slice/x are going to be killed due to memory.oom.group set\n"
		  "Memory cgroup out of memory: Killed process 8 (b)" KILLED_54 "\n"
		  "Memory cgroup out of memory: Killed process 9 (c)" KILLED_54 "\n",
	 1, {"path=\"/my slice/x\" group", "pid=7", "pid=8", "pid=9"}},
	{"a group, 4.19 to 5.2",
	 HEAD "Memory cgroup out of memory: Kill process 7 (a) score 957 or sacrifice child\n"
	      "Killed process 7 (a)" KILLED "\nTasks in /x are going to be killed due to memory.oom.group set\n"
	      "Killed process 8 (b)" KILLED "\nKilled process 7 (a)" KILLED "\n",
	 1, {"oom-kill memcg", "path=\"/x\" group", "pid=7", "pid=8"}},
	{"a group, where the machine ran out",
	 "Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "Tasks in /x are going to be killed due to memory.oom.group set\n"
	 "Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "Out of memory: Killed process 8 (b)" KILLED_54 "\n" HEAD
	 "Out of memory: Killed process 9 (c)" KILLED_54 "\n",
	 2, {"oom-kill global", "!memcg fatal", "group", "pid=7", "pid=8", "pid=9"}},
	{"two kills, no header", "Memory cgroup out of memory: Killed process 7 (a)" KILLED_54 "\n"
				 "Memory cgroup out of memory: Killed process 8 (b)" KILLED_54 "\n",
	 2, {"pid=7", "pid=8"}},
	{"reaped", HEAD "Out of memory: Killed process 7 (a)" KILLED_54 "\n" HEAD
			"oom_reaper: reaped process 7 (a), now anon-rss:5kB, file-rss:0kB, "
			"shmem-rss:0kB\n",
	 2, {"reaped=1 left=5"}},
	{"not reaped", "Out of memory: Killed process 7 (a)" KILLED_54 "\n"
		       "oom_reaper: unable to reap pid:7 (a)\n",
	 1, {"reaped=0"}},
	{"only reaped, the rest lost",
	 "oom_reaper: reaped process 7 (a b), now anon-rss:5kB, file-rss:0kB, shmem-rss:0kB\n"
	 "oom_reaper: reaped process 8 (thread), now anon-rss:5kB, file-rss:0kB, shmem-rss:0kB\n",
	 1, {"oom-kill global fatal lines 1-1", "comm=\"a b\" pid=7 reaped=1 left=5",
	     "missing: header stack memory tasks verdict"}},
	{"only that it was not reaped", "[1.5] oom_reaper: unable to reap pid:7 (a b)\n", 1,
	 {"comm=\"a b\" pid=7 reaped=0"}},
	{"reaped before the log begins, and then an OOM that is whole",
	 "oom_reaper: reaped process 7 (a), now anon-rss:5kB, file-rss:0kB, shmem-rss:0kB\n" HEAD
	 "Out of memory: Killed process 8 (b)" KILLED_54 "\n",
	 1, {"oom-kill global fatal lines 2-3", "pid=8"}},
	{"killed by a line that does not say of what", "Killed process 7 (a)" KILLED "\n", 1,
	 {"oom-kill global fatal lines 1-1", "missing: header stack memory tasks\n"}},
	{"... among kills of a cgroup",
	 "Memory cgroup out of memory: Kill process 6 (a) score 1 or sacrifice child\n"
	 "Killed process 6 (a)" KILLED "\nKilled process 7 (a)" KILLED "\n"
	 "Killed process 8 (b)" KILLED "\n",
	 3, {"oom-kill memcg fatal lines 1-2", "oom-kill memcg fatal lines 3-3",
	     "oom-kill global fatal lines 4-4"}},
	{"exits already", HEAD "Out of memory: OOM victim 5 (a) is already exiting. Skip killing the "
			       "task\n",
	 1, {"oom-no-victim global lines 1-2", "!fatal"}},
	{"... in a cgroup", HEAD "Memory cgroup out of memory: OOM victim 5 (a) is already exiting. "
				 "Skip killing the task\n",
	 1, {"oom-no-victim memcg lines 1-2"}},
	{"RHEL6 kills nobody",
	 HEAD "Out of memory: Kill process 23111 (httpd) score 3 or sacrifice child\n"
	      "Would have killed process 23111 (httpd). But continuing instead.\n",
	 1, {"oom-no-victim global lines 1-3", "!pid=23111", "reason=\"Would have killed", "!verdict"}},
	{"init is spared", "oom-killer: gfp_mask=0xd0, order=0\ntried to kill init!\n", 1,
	 {"oom-no-victim global lines 1-2", "!fatal"}},
	{"init, without an OOM", "tried to kill init!\n", 0, {0}},
	{"2.6.34 panic of a cgroup", HEAD "Kernel panic - not syncing: out of memory(memcg). "
					  "panic_on_oom is selected.\n",
	 1, {"oom-panic memcg fatal"}},
	{"sharing memory", "Out of memory: Kill process 5 (a) score 9 or sacrifice child\n"
			   "Kill process 6 (b) sharing same memory\nKilled process 5 (a)" KILLED "\n",
	 1, {"comm=\"b\" pid=6"}},

	/* ---- behind the verdict: sorted anew, or two CPUs at once ---- */
	{"memory and tasks behind the kill",
	 "2026-01-02T15:04:05Z db1 kernel: " HEAD "2026-01-02T15:04:05Z db1 kernel: Tasks state (memory values in pages):\n"
	 "2026-01-02T15:04:05Z db1 kernel: Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "2026-01-02T15:04:05Z db1 kernel: Mem-Info:\n"
	 "2026-01-02T15:04:05Z db1 kernel: active_anon:1 inactive_anon:2 isolated_anon:3\n"
	 "2026-01-02T15:04:05Z db1 kernel: usb 1-1: new device\n"
	 "2026-01-02T15:04:05Z db1 kernel: Node 0 DMA free:13kB min:15kB\n"
	 "2026-01-02T15:04:05Z db1 kernel: 2 pages reserved\n"
	 "2026-01-02T15:04:05Z db1 kernel: [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	 "oom_score_adj name\n"
	 "2026-01-02T15:04:05Z db1 kernel: [      7]     0     7      100       10    4096        0"
	 "             0 a\n", 1,
	 {"lines 1-10", "missing: stack\n", "=13kB =\"free\"", "=1p =\"active_anon\"", "7 0 7 100 10 4096"}},
	{"... but not that of somebody's request a while later, nor a second one at once",
	 "[1.0] " HEAD "[1.1] Mem-Info:\n[1.1] active_anon:1 inactive_anon:2 isolated_anon:3\n"
	 "[1.1] Node 0 DMA free:13kB min:15kB\n[1.1] 2 pages reserved\n"
	 "[1.2] Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "[1.3] Mem-Info:\n[1.3] active_anon:4 inactive_anon:5 isolated_anon:6\n"
	 "[2.0] " HEAD "[2.2] Out of memory: Killed process 8 (b)" KILLED_54 "\n"
	 "[9.3] Mem-Info:\n[9.3] active_anon:7 inactive_anon:5 isolated_anon:6\n", 2,
	 {"lines 1-6", "lines 9-10", "missing: stack memory tasks\n", "!=4p", "!=7p"}},

	/* ---- cgroups ---- */
	{"which cgroup", HEAD "Task in /a b killed as a result of limit of /c d\n", 1,
	 {"path=\"/c d\" task=\"/a b\"", "memcg fatal"}},
	{"which cgroup, 3.15", HEAD "Task in /a\n killed as a result of limit of /b\n\n", 1,
	 {"path=\"/b\" task=\"/a\""}},
	{"which cgroup, no task", HEAD "Memory limit reached of cgroup /b\n", 1, {"path=\"/b\""}},
	{"counters", HEAD "memory: usage 17kB, limit 18kB, failcnt 19\n"
			  "memory+swap: usage 1kB, limit 9007199254740988kB, failcnt 2\n"
			  "kmem: usage 3kB, limit 18014398509481983kB, failcnt 4\n"
			  "swap: usage 5kB, limit 6kB, failcnt 7\n",
	 1,
	 {"memory: usage=17 limit=18 failcnt=19", "memsw: usage=1 limit=9007199254740988 failcnt=2 "
						  "unlimited",
	  "kmem: usage=3", "swap: usage=5 limit=6 failcnt=7"}},
	{"statistics, 3.9", HEAD "Memory cgroup stats for /d: cache:0KB rss:20260KB rss_huge:1KB\n"
				 "Memory cgroup stats for /d/e: cache:2KB rss:3KB\n",
	 1, {"\"/d\"", "=20260kB =\"rss\"", "\"/d/e\"", "=3kB =\"rss\""}},
	{"statistics, 5.3", HEAD "Memory cgroup stats for /x:\nanon 42897408\nnew_key 12\n"
				 "pgfault 9\n",
	 1, {"=42897408B =\"anon\"", "=12B =\"new_key\"", "=9 =\"pgfault\""}},
	{"protection", HEAD "Memory cgroup min protection 0kB -- low protection 4kB\n", 1,
	 {"extra: Memory cgroup min protection"}},

	/* ---- memory ---- */
	{"2.6.5 totals and zones",
	 "oom-killer: gfp_mask=0xd0\nDMA per-cpu:\ncpu 0 hot: low 2, high 6, batch 1\n"
	 "HighMem per-cpu: empty\nFree pages:        9196kB (1856kB HighMem)\n"
	 "Active:12382 inactive:280459 dirty:214 writeback:0 unstable:0 free:2299 slab:220221 "
	 "mapped:12256 pagetables:122\n"
	 "DMA free:3588kB min:68kB low:84kB high:100kB active:0kB inactive:736kB present:16384kB "
	 "pages_scanned:5706 all_unreclaimable? yes\nprotections[]: 0 880 2031\n"
	 "DMA: 3*4kB 1*8kB 1*2048kB 0*4096kB = 3588kB\nNormal: empty\n"
	 "Swap cache: add 2582, delete 2011, find 276/524, race 0+0\n"
	 "Free swap:            3610572kB\nTotal swap = 3615236kB\n262128 pages of RAM\n"
	 "5646 reserved pages\n",
	 1,
	 {"=12382p =\"active\"", "=9196kB =\"free\"", "=5706 =\"pages_scanned\"",
	  "=1? =\"all_unreclaimable\"", "name=\"DMA\" 0 880 2031", "3610572 of 3615236",
	  "=262128p =\"ram\"", "=5646p =\"reserved\""}},
	{"2.4 zones, their free blocks without a name",
	 "Mem-info:\nZone:DMA freepages:  4500kB min:  4224kB low:  4352kB high:  4480kB\n"
	 "Zone:Normal freepages:  1020kB\nZone:HighMem freepages:     0kB\n"
	 "( Active: 20123, inactive_dirty: 12, inactive_clean: 34, free: 1380 )\n"
	 "4*4kB 1*8kB 2*2048kB = 4500kB)\n255*4kB = 1020kB)\n= 0kB)\n"
	 "Out of Memory: Killed process 191 (dselect).\n",
	 1,
	 {"=4500kB =\"free\" =4224kB =\"min\"", "=34p =\"inactive_clean\"",
	  "buddy 4 1 2 page=4 total=4500", "buddy 255 page=4 total=1020", "!extra", "!freepages"}},
	{"RHEL 3",
	 "Mem-info:\nZone:DMA freepages:  4500kB min:  4224kB low:  4352kB high:  4480kB\n"
	 "Free pages:        5520kB (     0kB HighMem)\n"
	 "( Active: 201001/3001, inactive_laundry: 401, inactive_clean: 12, free: 1125 )\n"
	 "  aa:0 ac:0 id:0 il:0 ic:0 fr:1125\n  aa:1 ac:2 id:3 il:4 ic:5 fr:255\n"
	 "Out of Memory: Killed process 191 (dselect).\n", 1,
	 {"=201001p =\"active\" =3001p =\"active_cache\" =401p =\"inactive_laundry\"", "=1125p =\"free\"\n",
	  "extra: aa:1 ac:2"}},
	{"6.18 zone, node, new keys",
	 HEAD "Mem-Info:\nactive_anon:1 inactive_anon:2 isolated_anon:3\n sec_pagetables:4 bounce:5\n"
	      " brand_new:6 other_new:7\n"
	      "Node 1 active_anon:8kB isolated(anon):9kB shmem_thp: 10kB all_unreclaimable? no "
	      "Balloon:11kB gpu_active:12kB\n"
	      "Node 1 Normal free:13kB boost:14kB min:15kB reserved_highatomic:16KB "
	      "free_highatomic:17KB zspages:18kB futuristic:19kB\nlowmem_reserve[]: 0 -1\n",
	 1,
	 {"=6p =\"brand_new\"", "=9kB =\"isolated_anon\"", "=10kB =\"shmem_thp\"",
	  "=0? =\"all_unreclaimable\" =11kB =\"balloon\" =12kB =\"gpu_active\"",
	  "=17kB =\"free_highatomic\"", "=19kB =\"futuristic\"", "zone 1 name=\"Normal\" 0 -1"}},
	{"buddy of 64 kB pages",
	 HEAD "Node 0 DMA: 3*64kB (UME) 5*128kB 0*256kB 170*16384kB (M) = 2828352kB\n", 1,
	 {"buddy 3UME 5 0 170M page=64 total=2828352"}},
	{"huge pages, swap, RAM",
	 HEAD "Node 0 hugepages_total=4 hugepages_free=3 hugepages_surp=2 hugepages_size=2048kB\n"
	      "130 total pagecache pages\n7 pages in swap cache\n"
	      "Swap cache stats: add 1, delete 2, find 3/4\nFree swap  = -245804kB\n"
	      "Total swap = 0kB\n100 pages RAM\n1 pages HighMem/MovableOnly\n2 pages reserved\n"
	      "3 pages cma reserved\n4 pages hwpoisoned\n5 pages newly counted\n",
	 1,
	 {"huge 0 total=4 free=3 surplus=2 size=2048", "=130p =\"pagecache\"", "-245804 of 0",
	  "=1p =\"highmem\"", "=3p =\"cma_reserved\"", "=4p =\"hwpoisoned\"",
	  "=5p =\"newly_counted\"", "=7p =\"swap_cache\""}},
	{"slabs and allocations",
	 HEAD "Mem-Info:\nUnreclaimable slab info:\nName                      Used          Total\n"
	      "a b                   10KB         20KB\nMemory allocations (profiling is currently "
	      "turned on):\n    1.50 MiB      384 mm/slub.c:2320 func:alloc_slab_page\n"
	      "  123456       2 drivers/x.c:1 [x] func:y\n",
	 1,
	 {"slab a b 10 20", "alloc 1572864 384 mm/slub.c:2320 func:alloc_slab_page",
	  "alloc 123456 2 drivers/x.c:1 [x] func:y"}},
	{"too much slab", HEAD "Mem-Info:\nexcessive unreclaimable slab but cannot dump stats\n", 1,
	 {"!extra"}},

	/* ---- tasks ---- */
	{"table of 2.6.25",
	 HEAD "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
	      "[ 2323]   999  2323   156297     1709   1     -17 pol kitd\n",
	 1, {"=\"cpu\" =\"oom_adj\"", "2323 999 2323 156297 1709 1 -17 =\"pol kitd\""}},
	{"table of 4.0", HEAD "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents "
			      "oom_score_adj name\n[  478]     0   478    11138      740      25    "
			      "   3        0         -1000 systemd-udevd\n",
	 1, {"=\"nr_pmds\"", "478 0 478 11138 740 25 3 0 -1000 =\"systemd-udevd\""}},
	{"a table without its header",
	 "[    7.000001] [   1239]   130  1239     3706      300    69632       10          -900 7z\n"
	 "[    7.000002] Out of memory: Killed process 1239 (7z)" KILLED_54 "\n",
	 1, {"1239 130 1239 3706 300 69632 10 -900 =\"7z\"", "lines 1-2", "missing: header"}},
	{"a number of 40 digits",
	 HEAD "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
	      "[ 2323]   999  2323   1111111111111111111111111111111111111111     1709   1  0 a\n",
	 1, {"2323 999 2323 -9223372036854775808 1709"}},

	/* ---- failures ---- */
	{"2.6 failure", "swapper: page allocation failure. order:3, mode:0x4020\n", 1,
	 {"alloc-failure", "comm=\"swapper\"", "order=3 gfp=0x4020", "!fatal", "page-failure"}},
	{"5.0 failure",
	 "a b: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), "
	 "nodemask=(null),cpuset=/,mems_allowed=0-1\n",
	 1, {"comm=\"a b\"", "order=4 gfp=0x40dc0 flags=\"GFP_KERNEL|__GFP_COMP|__GFP_ZERO\"",
	     "cpuset=\"/\" mems=\"0-1\""}},
	{"stall", "k: page allocation stalls for 10048ms, order:9, mode:0x4742ca(GFP_TRANSHUGE), "
		  "nodemask=(null)\n",
	 1, {"alloc-stall", "order=9", "stall_ms=10048"}},
	{"2.4 failures", "__alloc_pages: 0-order allocation failed (gfp=0x1d2/0)\n"
			 "__alloc_pages: 3-order allocation failed.\n"
			 "__alloc_pages: 0-order allocation faied.\n",
	 2, {"order=0 gfp=0x1d2", "order=3"}},
	{"run together", "Out of Memory: Killed process 9 (m.exe).<3>__alloc_pages: 2-order "
			 "allocation failed.\n",
	 2, {"comm=\"m.exe\" pid=9", "order=2"}},
	{"SLUB alone", "SLUB: Unable to allocate memory on node -1, gfp=0xa20(GFP_ATOMIC)\n"
		       "  cache: kmalloc-256, object size: 256, buffer size: 256\n"
		       "  node 0: slabs: 20, objs: 320, free: 0\n",
	 1, {"gfp=0xa20", "what=\"SLUB: Unable", "extra: cache: kmalloc-256"}},
	{"SLUB behind a failure", "a: page allocation failure: order:0, mode:0xa20(GFP_ATOMIC)\n"
				  "SLUB: Unable to allocate memory on node -1, gfp=0xa20(GFP_ATOMIC)\n",
	 1, {"!what=", "extra: SLUB"}},
	{"vmalloc", "modprobe: vmalloc error: size 4096, failed to allocate pages, "
		    "mode:0xcc0(GFP_KERNEL), nodemask=(null)\n"
		    "ls: vmalloc: allocation failure: 16384 bytes, mode:0x80d2\n"
		    "vmap allocation for size 20480 failed: use vmalloc=<size> to increase size\n",
	 3, {"comm=\"modprobe\"", "gfp=0xcc0", "gfp=0x80d2", "what=\"vmap"}},
	{"no address for a mapping, as from 6.12 on",
	 "vmalloc_node_range for size 28672 failed: Address range restricted to "
	 "0xf0800000 - 0xff800000\n"
	 "ls: vmalloc error: size 24576, vm_struct allocation failed, mode:0xdc0(GFP_KERNEL|__GFP_ZERO), "
	 "nodemask=(null)\n"
	 "vmalloc_node_range for size 12288 failed: Address range restricted to "
	 "0xf0800000 - 0xff800000\n"
	 "__vmalloc_node_range for size\nvmalloc_node_range for size 12288 failed\n",
	 2, {"comm=\"ls\"", "extra: vmalloc_node_range for size 28672", "what=\"vmalloc_node_range"}},
	{"vmalloc of two programs",
	 "a: vmalloc error: size 4096, failed to allocate pages, mode:0xcc0(GFP_KERNEL)\n"
	 "b: vmalloc error: size 8192, exceeds total pages, mode:0xcc0(GFP_KERNEL)\n",
	 2, {"comm=\"a\"", "comm=\"b\"", "!extra"}},
	{"vmalloc twice, each with its memory",
	 "a: vmalloc error: size 4096, failed to allocate pages, mode:0xcc0(GFP_KERNEL)\n"
	 "Mem-Info:\nDMA free:31kB min:1kB low:2kB high:3kB\n"
	 "a: vmalloc error: size 8192, failed to allocate pages, mode:0xcc0(GFP_KERNEL)\n"
	 "Mem-Info:\nDMA free:41kB min:1kB low:2kB high:3kB\n",
	 2, {"lines 1-3", "=31kB =\"free\"", "lines 4-6", "=41kB =\"free\"", "!extra"}},

	/* ---- not the kernel, and not out of memory ---- */
	{"programs", "PHP Fatal error:  Out of memory (allocated 1) (tried to allocate 2 bytes)\n"
		     "Out of memory (Needed 123 bytes)\nERROR:  out of memory\n"
		     "TCP: out of memory -- consider tuning tcp_mem\n"
		     "Out of memory: allocated 123 bytes\nfatal error: runtime: out of memory\n"
		     "Killed process by user\nOut of memory: Kill process %d (%s) score\n"
		     "slurmstepd: error: Detected 1 oom-kill event(s) in step\n"
		     "app.service: A process of this unit has been killed by the OOM killer.\n",
	 0, {"!event"}},
	{"other programs quote the kernel",
	 "Jan  2 15:04:05 h kubelet[1]: Out of memory: Killed process 1 (a)" KILLED_54 "\n"
	 "Jan  2 15:04:05 h npd[1]: [ 1.0] a invoked oom-killer: gfp_mask=0xd0, order=0\n",
	 0, {"!event"}},
	{"a program's words in logcat",
	 "[ 01-15 16:00:00.900   500:  500 E/app ]\nOut of memory: Killed process 1 (a)" KILLED_54
	 "\n\nE(  500) Out of memory: Killed process 1 (a)" KILLED_54 "  (app)\n"
	 "01-15 16:00:00.900 E/app (  500): Out of memory: Killed process 1 (a)" KILLED_54 "\n"
	 "2026-01-15 16:00:00.900  500  500 E app : Out of memory: Killed process 1 (a)" KILLED_54
	 "\n", 0, {0}},
	{"a task's name in logcat's column of tags",
	 "01-15 16:00:00.900  500  500 W eat     : page allocation failure: "
	 "order:3, mode:0xcc0(GFP_KERNEL)\n"
	 "01-15 16:00:01.900 +0100 root  500  500 W drink   : page allocation "
	 "stalls for 10012ms, order:9, mode:0xcc0(GFP_KERNEL)\n",
	 2, {"comm=\"eat\"", "comm=\"drink\""}},
	{"logcat fills up what logd took for a tag",
	 "W/kernel  (  500): eat invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "W/CPU     (  500): 3 PID: 110 Comm: eat Not tainted 6.1.0-56-amd64 #1  Debian 6.1.192-2\n"
	 "E/kernel  (  500): Out of memory: Killed process 1 (eat)" KILLED_54 "\n"
	 "W/CPU     (  500): 4 cores\n",
	 1, {"cpu=3", "pid=110", "kernel=\"6.1.0-56-amd64\""}},
	{"logd takes what stands before a colon for a tag",
	 "01-15 16:00:00.900     0     0 W eat invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
	 "oom_score_adj=0\n"
	 "01-15 16:00:00.900     0     0 W Mem-Info: \n"
	 "01-15 16:00:00.900     0     0 W active_anon:11 inactive_anon:12 isolated_anon:0\n"
	 "01-15 16:00:00.900     0     0 W Node 0 Normal: 1*4kB (U) = 4kB\n"
	 "01-15 16:00:00.900     0     0 W Free swap  = 8kB\n"
	 "01-15 16:00:00.900     0     0 E Out of memory: Killed process 1 (eat)" KILLED_54 "\n",
	 1, {"comm=\"eat\" order=0", "=11p =\"active_anon\"", "victim: comm=\"eat\" pid=1"}},
	{"a string of Python's that begins in an event",
	 "b'[    1.000000] [   1239]   130  1239     3706      300    69632       10          -900 7z\\n"
	 "[    1.000001] Out of memory: Killed process 1239 (7z)" KILLED_54 "\\n" USB USB USB USB USB USB USB USB
	 USB USB USB USB USB USB USB "'\n",
	 1, {"1239 130 1239 3706 300 69632 10 -900 =\"7z\"", "victim: comm=\"7z\""}},
	{"a program's words in JSON",
	 "{\n  \"jsonPayload\": {\n    \"MESSAGE\": \"Out of memory: Killed process 1 (a)" KILLED_54
	 "\",\n    \"SYSLOG_IDENTIFIER\": \"app\"\n  }\n}\n"
	 "{\"_source\":{\"SYSLOG_IDENTIFIER\":\"app\",\"message\":\"Out of memory: Killed process 1 (a)"
	 KILLED_54 "\"}}\n", 0, {0}},
	{"a program's JSON",
	 "{\"level\":\"error\",\"msg\":\"Out of memory: Killed process 1 (a)" KILLED_54
	 "\",\"ts\":1}\n{\"PROGRAM\":\"kubelet\",\"message\":\"Out of memory: Killed process 1 (a)"
	 KILLED_54 "\"}\n", 0, {0}},
	{"syslog-ng's JSON", "{\"PROGRAM\":\"kernel\",\"MESSAGE\":\"Out of memory: Killed process 1 (a)"
			     KILLED_54 "\",\"LEVEL\":\"err\"}\n", 1, {"pid=1"}},
	{"nohang 0.1", "Jan  2 15:04:05 h nohang[5]:   Send SIGTERM to the victim; total response "
		       "time: 7 ms\n", 1, {"userspace-kill", "killer=\"nohang\""}},
	{"nohang and its tally",
	 "Jan  2 15:04:05 h nohang[5]: Implementing a corrective action:\n"
	 "Jan  2 15:04:05 h nohang[5]:   Sending SIGTERM to the victim\n"
	 "Jan  2 15:04:05 h nohang[5]: OK; total response time: 7ms\n"
	 "Jan  2 15:04:05 h nohang[5]: What happened in the last 9s:\n"
	 "Jan  2 15:04:05 h nohang[5]:   [ OK ] Sending SIGTERM to a b: 1\n"
	 "Jan  2 15:04:05 h nohang[5]:   [ OK ] Sending SIGKILL to c: 3\n",
	 1, {"userspace-kill", "killer=\"nohang\"", "comm=\"a b\""}},
	{"nohang's own log",
	 "2026-01-02 15:04:05,463: Memory status that requires corrective actions:\n"
	 "  MemAvailable [383 MiB, 5.0 %] <= soft_threshold_min_mem [384 MiB, 5.0 %]\n"
	 "2026-01-02 15:04:05,463: TOP printed in 1ms; process with highest badness:\n"
	 "  PID: 903309, name: a b, badness: 849\n"
	 "2026-01-02 15:04:05,470: Implementing a corrective action:\n"
	 "  Sending SIGTERM to the victim\n"
	 "2026-01-02 15:04:05,470: OK; total response time: 7ms\n"
	 "2026-01-02 15:04:05,470: What happened in the last 9s:\n"
	 "  [ OK ] Sending SIGTERM to a b: 1\n"
	 "2026-01-02 15:04:09,001: Sending SIGTERM to the victim\n"
	 "a.service: Sending SIGKILL to process 1\nSending SIGTERM to remaining processes...\n",
	 1, {"userspace-kill", "lines 6-9", "killer=\"nohang\"", "comm=\"a b\" pid=903309",
	     "wall=1767366245470000"}},
	{"Talos",
	 "user: warning: [2026-01-02T15:04:05.913975631Z]: [talos] Sending SIGKILL to cgroup "
	 "{\"component\": \"controller-runtime\", \"controller\": \"runtime.OOMController\", "
	 "\"cgroup\": \"/sys/fs/cgroup/kubepods/burstable/pod77\"}\n"
	 "user: warning: [2026-01-02T15:04:05.915094631Z]: [talos] victim processes: "
	 "{\"component\": \"controller-runtime\", \"processes\": [\"16\"]}\n"
	 "12,7,5000003,-;[talos] Sending SIGKILL to cgroup {\"cgroup\": \"/sys/fs/cgroup/x y\"}\n",
	 2, {"userspace-kill", "killer=\"talos\"", "comm=\"/kubepods/burstable/pod77\"",
	     "comm=\"/x y\"", "lines 1-2"}},
	{"a record in pieces, the first lost",
	 "4,416,1758426,-,ncfrag=50/90;, order=0\n"
	 "4,417,1758427,-;Out of memory: Killed process 1 (a)" KILLED_54 "\n", 1, {"pid=1"}},
	{"suspend", "OOM killer disabled.\nOOM killer enabled.\nSysRq : HELP : "
		    "memory-full-oom-kill(f)\n",
	 0, {"!event"}},
	{"show_mem alone", "Mem-Info:\nactive_anon:1 inactive_anon:2\nNode 0 DMA free:4kB min:1kB\n",
	 0, {"!event"}},
	{"systemd-oomd", "Jan  2 15:04:05 h systemd-oomd[8]: Killed /a.slice/b c.scope due to memory "
			 "used (1) / total (2) and swap used (3) / total (4) being more than 90.00%\n"
			 "Jan  2 15:04:05 h systemd[1]: b c.scope: systemd-oomd killed 12 process(es) "
			 "in this unit.\n",
	 1, {"userspace-kill", "killer=\"systemd-oomd\"", "comm=\"/a.slice/b c.scope\""}},
	{"earlyoom", "earlyoom[567]: sending SIGTERM to process 1234 uid 1000 \"chr: ome\": badness "
		     "900, VmRSS 1234 MiB\n",
	 1, {"killer=\"earlyoom\"", "comm=\"chr: ome\" pid=1234 uid=1000"}},
	{"earlyoom until 1.2",
	 "Jan  2 15:04:05 h earlyoom[5]: Out of memory! avail: 6271 MiB < min: 6436 MiB\n"
	 "Jan  2 15:04:05 h earlyoom[5]: Killing process 106631 kworker/27:0-events\n"
	 "Jan  2 15:04:06 h earlyoom[5]: Killing process: a, b, pid: 12, badness: 997, VmRSS: 4 MiB\n"
	 "Jan  2 15:04:07 h earlyoom[5]: Killing process 'a' b' with signal 15, pid: 24059, badness: "
	 "997, VmRSS: 4278 MiB\n"
	 "Jan  2 15:04:07 h earlyoom[5]: Killing process by hand\n",
	 3, {"killer=\"earlyoom\"", "comm=\"kworker/27:0-events\" pid=106631",
	     "comm=\"a, b\" pid=12", "comm=\"a' b\" pid=24059"}},
	{"oomd", "[ 1.000000] oomd kill: 12.34 5.67 1.20 system.slice/foo.service 123456789 "
		 "ruleset:[..] detectorgroup:[..] killer:kill_by_pressure v2\n",
	 1, {"killer=\"oomd\"", "comm=\"system.slice/foo.service\""}},
	{"lmkd", "01-15 16:00:00.900  500   500 I lmkd    : Kill 'com.example.app' (4024), uid "
		 "10123, oom_score_adj 900 to free 65536kB rss, 0kB swap; reason: low watermark\n",
	 1, {"killer=\"lmkd\"", "comm=\"com.example.app\" pid=4024 uid=10123", "reason=\"low"}},
	{"Samsung's lmkd",
	 "01-15 16:00:00.900  879   879 I lmkd    : Reclaim 'com.example.app' (591), uid 10112, "
	 "oom_score_adj 975, state 19 to free 19252kB rss, 52772kB swap; reason: min2x watermark\n",
	 1, {"killer=\"lmkd\"", "comm=\"com.example.app\" pid=591 uid=10112 adj=975"}},
	{"lowmemorykiller", "<6>lowmemorykiller: Killing 'd.play' (2613), adj 1000,\n"
			    "<6>   to free 20784kB on behalf of 'kswapd0' (442) because\n"
			    "lowmemorykiller: send sigkill to 12 (x y), adj 1, size 2\n",
	 2, {"comm=\"d.play\" pid=2613", "lines 1-2", "comm=\"x y\" pid=12"}},
	{"lowmemorykiller before it had a name",
	 "[   41.203344] select 977 (ndroid.contacts), adj 9, size 3021, to kill\n"
	 "[   41.203361] send sigkill to 977 (ndroid.contacts), adj 9, size 3021\n"
	 "[   44.100208] watcher: send sigkill to 978 (a), adj 9, size 3021\n"
	 "[   44.100209] send sigkill to 978 (a)\n",
	 1, {"killer=\"lowmemorykiller\"", "comm=\"ndroid.contacts\" pid=977 adj=9", "lines 2-2"}},

	/* ---- corners ---- */
	{"a summary whose kill line was lost",
	 "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
	 "task_memcg=/,task=a,pid=7,uid=0\n"
	 "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
	 "task_memcg=/,task=b,pid=8,uid=0\n"
	 "Out of memory: Killed process 8 (b)" KILLED_54 "\n", 2, {"comm=\"a\" memcg=\"/\" pid=7", "comm=\"b\" memcg=\"/\" pid=8"}},
	{"a choice that was not carried out, before 4.20",
	 "Out of memory: Kill process 5 (a) score 9 or sacrifice child\n"
	 "Out of memory: Kill process 6 (b) score 8 or sacrifice child\n"
	 "Killed process 6 (b)" KILLED "\n", 2, {"comm=\"a\" pid=5", "comm=\"b\" pid=6"}},
	{"a terminal's title in front",
	 "\033]0;root@h: ~\007Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "\033]0;root@h: ~\033\\Out of memory: Killed process 8 (b)" KILLED_54 "\n", 2,
	 {"pid=7", "pid=8"}},
	{"a record of many lines in journalctl -o verbose",
	 "Fri 2026-01-02 15:04:05.123456 UTC [s=0a;i=2;b=3;m=4;t=5;x=6]\n    PRIORITY=4\n"
	 "    _TRANSPORT=kernel\n"
	 "    MESSAGE=a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "            Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "    _HOSTNAME=h\n"
	 "Out of memory: Killed process 9 (b)" KILLED_54 "\n", 2,
	 {"host=\"h\"", "comm=\"a\" pid=7", "comm=\"b\" pid=9"}},
	{"a list of lines inside an object",
	 "{\n  \"host\": \"x\",\n  \"dmesg\": [\n    \"[  100.000001] a invoked oom-killer: "
	 "gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\",\n"
	 "    \"[  100.000015] Out of memory: Killed process 7 (a)" KILLED_54 "\"\n  ]\n}\n", 1,
	 {"comm=\"a\" pid=7", "order=0"}},
	{"an object that does not end",
	 "{\n  \"host\": \"x\",\n  \"lines\": 7,\nOut of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"pid=7"}},
	{"halves of characters in JSON",
	 "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"Out of memory: Killed process 7 (a\\ud83d\\ude00b) "
	 "total-vm:1kB\"}\n"
	 "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"Out of memory: Killed process 8 (a\\ud83db) total-vm:1kB\"}\n"
	 "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"Out of memory: Killed process 9 (a\\ude00b) total-vm:1kB\"}\n",
	 3, {"comm=\"a\xf0\x9f\x98\x80""b\" pid=7", "comm=\"a\xef\xbf\xbd""b\" pid=8", "comm=\"a\xef\xbf\xbd""b\" pid=9"}},
	{"the process of a header without a name",
	 "oom-killer: gfp_mask=0x1d2\nProcess java (pid: 3121, task: 000000003e2c8338, ksp: "
	 "000000003d9b7a58)\nOut of Memory: Killed process 9 (x).\n", 1, {"trigger: comm=\"java\" pid=3121"}},
	{"who is reclaimable is neither yes nor no",
	 HEAD "Node 0 DMA free:12kB min:4kB all_unreclaimable? maybe present:8kB\n", 1, {"=4kB =\"min\"", "!=8kB"}},
	{"a date and nothing else in front",
	 "Jan  2 15:04:05 Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1, {"pid=7", "!host="}},
	{"dmesg -T with callers",
	 "[Mon Jan  2 15:04:05 2026][   T7] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "[Mon Jan  2 15:04:05 2026][   T8] b: page allocation failure: order:4, mode:0xa20(GFP_ATOMIC)\n"
	 "[Mon Jan  2 15:04:05 2026][   T8]  of_b+0x1/0x2\n[Mon Jan  2 15:04:05 2026][   T7]  of_a+0x1/0x2\n",
	 2, {"trace: of_a\n", "trace: of_b\n"}},
	{"a row cut in front of its name",
	 HEAD "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	      "[      7]     0     7     1000      100    69632       10             0 >\n"
	      "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1, {"pid=7"}},
	{"a fragment with a CR", "4,416,1758426,-,ncfrag=0/60;Out of memory: Killed process 7 (a) total-v\r\n"
				 "4,416,1758426,-,ncfrag=39/60;m:8860kB, anon-rss:12\r\n", 1, {"vm=8860"}},
	{"a count wrapped behind its word",
	 HEAD "Jan  2 15:04:05 a-rather-long-name-of-a-host kernel: [12345.678901] 2253 pages in swap\ncache\n"
	      "Jan  2 15:04:05 a-rather-long-name-of-a-host kernel: [12345.678902] 0 pages HighMem/MovableOnly\n", 1,
	 {"=2253"}},
	{"forced, nobody, and nothing before", "sysrq: OOM request ignored. No task eligible\n", 1,
	 {"oom-no-victim manual", "order=-1"}},
	{"a nodemask tells of a policy, 4.11 to 4.18",
	 "a invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=1, order=0, oom_score_adj=0\n"
	 "CPU: 0 PID: 7 Comm: a Not tainted 4.14.0 #1\nOut of memory: Kill process 7 (a) score 9 or "
	 "sacrifice child\n", 1, {"oom-kill mempolicy", "nodemask=\"1\""}},
	{"release and build in brackets, arm",
	 "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=0\nCPU: 0    Not tainted  (2.6.35 #12)\n", 1,
	 {"kernel=\"2.6.35\"", "!)\""}},
	{"release alone in brackets, arm",
	 "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=0\nCPU: 0    Not tainted  (2.6.35)\n", 1,
	 {"kernel=\"2.6.35\""}},
	{"a comm that is cut", HEAD "CPU: 1 PID: 7 Comm: very-lo>\n", 1, {"pid=7", "!very-lo"}},
	{"a unit wrapped in the middle",
	 HEAD "Jan  2 15:04:05 a-rather-long-name-of-a-host kernel: [12345.678901] Free swap  = 12704k\nB\n"
	      "Jan  2 15:04:05 a-rather-long-name-of-a-host kernel: [12345.678901] Total swap = 22704kB\n", 1,
	 {"swap: 12704 of 22704"}},
	{"a list of flags wrapped at its bar",
	 "a invoked oom-killer: gfp_mask=0x40cc0(GFP_KERNEL\n|__GFP_COMP), order=0, oom_score_adj=0\n", 1,
	 {"gfp=0x40cc0", "__GFP_COMP", "order=0"}},
	{"a balloon wrapped behind yes or no",
	 HEAD "Node 0 DMA free:12kB min:4kB low:8kB high:16kB all_unreclaimable? no\nBalloon:4kB\n", 1,
	 {"=4kB =\"balloon\""}},
	{"quoted-printable that ends in a soft break",
	 "a invoked oom-killer: gfp_mask=3D0xcc0(GFP_KERNEL), order=3D2, oom_score_=\n", 1, {"gfp=0xcc0", "order=2"}},
	{"a field of the export that says no length",
	 "__CURSOR=s\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7f" "abc\n\n"
	 "__CURSOR=t\n_TRANSPORT=kernel\nMESSAGE=Out of memory: Killed process 7 (a)" KILLED_54 "\n\n", 1, {"pid=7"}},
	{"dmesg --time-format iso with callers",
	 "2026-01-02T15:04:05,123456+00:00 [    T7] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "2026-01-02T15:04:05,123457+00:00 [    T8] b: page allocation failure: order:4, mode:0xa20(GFP_ATOMIC)\n"
	 "2026-01-02T15:04:05,123458+00:00 [    T8]  of_b+0x1/0x2\n2026-01-02T15:04:05,123458+00:00 [    T7]  of_a+0x1/0x2\n",
	 2, {"trace: of_a\n", "trace: of_b\n"}},
	{"days that no month has",
	 "[Sat Feb 31 15:04:05 2026] Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "Sat Feb 31 15:04:05 2026 kern.warn kernel: [    7.000000] Out of memory: Killed process 8 (b)" KILLED_54 "\n",
	 2, {"pid=7", "pid=8", "!wall=", "!host="}},
	{"nor in Kibana", "Feb 31, 2026 @ 15:04:05.000\tdb1\tkernel\tOut of memory: Killed process 9 (c)" KILLED_54 "\n",
	 1, {"pid=9", "host=\"db1\"", "!wall="}},
	{"columns of Kibana",
	 "Jan 2, 2026 @ 15:04:05.000\tdb1\tkernel\ta invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "Jan 2, 2026 @ 15:04:05.100\tdb1\tsshd\tAccepted\n"
	 "Jan 2, 2026 @ 15:04:06.000\tkernel\tdb1\tOut of memory: Killed process 8 (b)" KILLED_54 "\n", 1,
	 {"comm=\"a\" order=0", "host=\"db1\"", "pid=8", "wall=1767366245000000", "!Accepted"}},
	{"NX-OS forwards",
	 "<187>: 2026 Jan  2 15:04:05 UTC: %KERN-3-SYSTEM_MSG: [   12.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), "
	 "order=0, oom_score_adj=0 - kernel\n"
	 "<187>: 2026 Jan  2 15:04:05 UTC: %KERN-3-SYSTEM_MSG: [   12.000002] Out of memory: Killed process 8 (b)" KILLED_54
	 " - kernel\n", 1, {"comm=\"a\" order=0", "pid=8", "mono=12000001", "!host="}},
	{"m68k counts", "a invoked oom-killer: gfp_mask=0xd0, order=0, oomkilladj=0\nMem-info:\n4096 pages\n100 free pages\n"
			"300 reserved pages\n", 1, {"=4096p =\"ram\"", "=100p =\"free\"", "=300p =\"reserved\""}},
	{"busybox's syslogd", "Nov  2 20:33:21 kern.err kernel: [    7.000000] Out of memory: Killed process 8 (b)"
			      KILLED_54 "\nNov  2 20:33:22 mail.example.com kernel: Out of memory: Killed process 9 (c)"
			      KILLED_54 "\n", 2, {"pid=8", "!kern.err", "pid=9", "host=\"mail.example.com\""}},
	{"a local facility", "Nov  2 20:33:21 local0.info kernel: [    7.000000] Out of memory: Killed process 8 (b)"
			     KILLED_54 "\n", 1, {"pid=8", "mono=7000000", "!host="}},
	{"OpenWrt's logread", "Sat Feb 28 15:04:05 2026 kern.err kernel: [    7.000000] Out of memory: Killed process 8 (b)"
			      KILLED_54 "\n", 1, {"wall=1772291045000000", "!host="}},
	{"a logger's severity and then the kernel's time",
	 "2026-01-02 15:04:05,123 WARN [   12.345678] Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"pid=7", "mono=12345678"}},
	{"pids that begin like a vendor's date, a program in between",
	 "[    1.0] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "[    1.0] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
	 "[    1.0] [20378]     0 20378     1000      100       6       10             0 a\n"
	 "Jan  2 15:04:05 h sshd[1]: Accepted\n"
	 "[    1.0] [20379]     0 20379     1000      100       6       10             0 b\n", 1,
	 {"20378 0 20378 1000 100 6 10 0", "20379 0 20379 1000 100 6 10 0"}},
	{"columns padded by many blanks",
	 HEAD "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	      "[      7]     0     7     1000      100    69632       10                      -1 a\n"
	      "[      8]     0     8     1000      100    69632       11                        2 b\n"
	      "[      9]     0     9     1000      100    69632       12                        3 c\n"
	      "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1, {"9 0 9 1000 100 69632 12 3"}},
	{"the end of a table of more columns than any kernel has",
	 "[      7]     0     7  1000  100  1  2  3  4  5  6  7  8 a\n"
	 "Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1, {"pid=7"}},
	{"a list on a line of its own inside an object",
	 "{\n  \"dmesg\":\n  [\n    \"Out of memory: Killed process 7 (a)" KILLED_54 "\"\n  ]\n}\n", 1,
	 {"pid=7"}},

	/* ---- several at once ---- */
	{"two callers",
	 "[ 1.0][ T1] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	 "[ 1.0][ T2] b: page allocation failure: order:4, mode:0xa20(GFP_ATOMIC)\n"
	 "[ 1.0][ T2]  dump_of_b+0x1/0x2\n[ 1.0][ T1]  dump_of_a+0x1/0x2\n"
	 "[ 1.0][ T2] Node 0 DMA free:2kB min:2kB\n[ 1.0][ T1] Node 0 DMA free:1kB min:1kB\n"
	 "[ 1.0][ T1] Out of memory: Killed process 7 (a)" KILLED_54 "\n",
	 2, {"trace: dump_of_a\n", "trace: dump_of_b\n", "=1kB =\"free\"", "=2kB =\"free\""}},
	{"another program in between",
	 HEAD "Jan  2 15:04:05 h sshd[1]: Accepted\nJan  2 15:04:05 h kernel: Out of memory: Killed "
	      "process 7 (a)" KILLED_54 "\n",
	 1, {"pid=7", "!Accepted"}},
	{"boot ends an event", HEAD "Linux version 6.1.0 (x@y) (gcc) #1 SMP\n"
				    "Out of memory: Killed process 7 (a)" KILLED_54 "\n",
	 2, {"missing: stack memory tasks verdict", "kernel=\"6.1.0\""}},
	/* ---- the log begins in the middle of a line ---- */
	{"a first line's name that is cut", "ag: page allocation failure: order:6, mode:0x40dc0(GFP_KERNEL)\n"
	 "[    6.757049] CPU: 0 PID: 151 Comm: frag Not tainted 6.1.0 #1\n", 1,
	 {"comm=\"frag\" pid=151", "order=6", "missing: middle"}},
	{"a count, a symbol that is cut", "46 pages reserved\n[    6.7] Out of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"!46"}},
	{"a failure that ends in its zones", "a: page allocation failure: order:6, mode:0x40dc0(GFP_KERNEL)\n"
	 "Mem-Info:\nactive_anon:1 inactive_anon:2 isolated_anon:0\nNode 0 DMA free:1kB min:2kB low:3kB high:4kB\n", 1,
	 {"missing: memory\n"}},
	{"an OOM whose memory ends in its zones, whose tasks are cut", HEAD
	 "Mem-Info:\nactive_anon:1 inactive_anon:2 isolated_anon:0\nNode 1 Normal free:1kB min:2kB low:3kB high:4kB\n"
	 "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=x,mems_allowed=1,global_oom,"
	 "task_memcg=/,task=a,pid=1,uid=0\nOut of memory: Killed process 1 (a)" KILLED_54 "\n", 1,
	 {"oom-kill cpuset", "missing: stack memory tasks\n"}},
	/* ---- the head of a task table is lost ---- */
	{"8 numbers of 3.6: counts of page tables",
	 "[    1.0] [  500]     0   500    11138      740      25        0         -1000 systemd-udevd\n"
	 "[    1.0] [  501]     0   501    11138      740       0        3             0 b\n"
	 "[    1.1] Out of memory: Kill process 501 (b) score 9 or sacrifice child\n", 1, {"nr_ptes", "!pgtables_bytes"}},
	{"8 numbers of 2.6.32: the processor",
	 "[    1.0] [  500]     0   500    11138      740   1     -17         -1000 udevd\n"
	 "[    1.0] [  501]     0   501    11138      740   0       0             0 b\n"
	 "[    1.1] Killed process 501, UID 0, (b)" KILLED "\n", 1, {"=\"cpu\" =\"oom_adj\"", "!nr_ptes"}},
	{"8 numbers of 4.15: bytes",
	 "[    1.0] [  500]     0   500    11138      740   69632        0         -1000 systemd-udevd\n"
	 "[    1.0] [  501]     0   501    11138      740    4096        3             0 b\n"
	 "[    1.1] Out of memory: Kill process 501 (b) score 9 or sacrifice child\n", 1, {"pgtables_bytes", "!nr_ptes"}},
	/* ---- what syslogd shouts to all terminals ---- */
	{"a message to all terminals",
	 "\nMessage from syslogd@db1 at Nov 27 06:19:30 ...\n"
	 " kernel:[ 1234.567890] Out of memory: Kill process 4468 (java) score 1000 or sacrifice child\n"
	 "\nMessage from syslogd@db1 at Nov 27 06:19:30 ...\n"
	 " kernel:Killed process 4468 (java)" KILLED "\n"
	 "\nMessage from syslogd@db1 at Nov 27 06:19:31 ...\n"
	 "kernel:Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n", 2,
	 {"host=\"db1\"", "oom-kill", "vm=8860", "oom-panic", "!extra"}},
	{"... of a kill that the log tells, before and behind",
	 "Message from syslogd@db1 at 2026-01-02T15:04:05Z ...\n"
	 " kernel:[    2.0] Out of memory: Killed process 7 (a)" KILLED_54 "\n\n"
	 "[    1.0] " HEAD "[    2.0] Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "Message from syslogd@db1 at 2026-01-02T15:04:05Z ...\n"
	 " kernel:[    2.0] Out of memory: Killed process 7 (a)" KILLED_54 "\n"
	 "[    3.0] oom_reaper: reaped process 7 (a), now anon-rss:5kB, file-rss:0kB, shmem-rss:0kB\n", 1,
	 {"lines 4-8", "comm=\"a\" order=0", "reaped=1"}},
	{"... and of one that nothing else tells, with its time",
	 "Message from syslogd@db1 at 2026-01-02T15:04:05Z ...\n"
	 " kernel:Out of memory: Killed process 7 (a)" KILLED_54 "\n\n"
	 "Broadcast message from systemd-journald@db1 (Fri 2026-01-02 15:04:06 UTC):\n\n"
	 "kernel[1]: [    2.0] Out of memory: Killed process 8 (b)" KILLED_54 "\n\n", 2,
	 {"lines 2-2 wall=1767366245000000 host=\"db1\"", "lines 6-6 mono=2000000 wall=1767366246000000"}},
	{"a warning between a control group's statistics",
	 HEAD "memory: usage 8kB, limit 8kB, failcnt 1\nMemory cgroup stats for /a:\nanon 5\n"
	      "memory_stat_format: Warning, stat buffer overflow, please report\nfile 6\n", 1,
	 {"path=\"/a\"", "=5B =\"anon\" =6B =\"file\"", "extra: memory_stat_format: Warning"}},
	/* ---- the first line is lost ---- */
	{"a failure without its first line",
	 "a cpuset=/ mems_allowed=0\n" STACK("warn_alloc") MEMORY "usb 1-1: new device\n", 1,
	 {"alloc-failure", "missing: header\n", "comm=\"a\" pid=7 cpu=1", "kernel=\"6.1.0\"",
	  "trace: dump_stack_lvl warn_alloc __alloc_pages_slowpath", "mems=\"0\"", "!usb", "!what="}},
	{"the same of a log that begins within the stack",
	 "__alloc_pages_slowpath+0x2ac/0xe00\nalloc_pages+0x1/0x2\n" MEMORY, 1, {"alloc-failure", "missing: header\n"}},
	{"... behind the symbols that tell",
	 "do_mmap+0x2ac/0xe00\nksys_mmap+0x1/0x2\n" MEMORY "0 pages reserved\n", 1,
	 {"alloc-failure", "missing: header\n", "!page-failure"}},
	{"the same of vmalloc", STACK("warn_alloc") "__vmalloc_node_range+0x5/0x6\n" MEMORY, 1,
	 {"alloc-failure"}},
	{"an OOM without its first line", STACK("dump_header") MEMORY "oom-kill:constraint=CONSTRAINT_NONE,"
	 "nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=b,pid=9,uid=0\n"
	 "Out of memory: Killed process 9 (b)" KILLED_54 "\n", 1,
	 {"oom-kill global fatal lines 1-10", "missing: header\n", "comm=\"a\" pid=7", "trace: dump_stack_lvl dump_header",
	  "pid=9"}},
	{"... and without its end", STACK("dump_header") MEMORY, 1, {"oom-kill", "missing: header verdict\n"}},
	{"another failure behind a whole one", "a: page allocation failure: order:2, mode:0x20(GFP_ATOMIC)\n"
	 STACK("warn_alloc") MEMORY "0 pages reserved\n" STACK("warn_alloc") MEMORY "0 pages reserved\n", 2,
	 {"order=2", "missing: header\n"}},
	{"a task that hangs in an allocation", STACK("__schedule")
	 "NMI backtrace for cpu 1\nRIP: 0010:x+0x1/0x2\nusb 1-1: new device\nusb 1-1: gone\n" MEMORY, 0, {0}},
	{"a warning, and memory shown by hand", STACK("warn_alloc") "---[ end trace 0000000000000000 ]---\n" MEMORY, 0, {0}},
	{"tasks shown by hand, and then memory", STACK("__schedule") "sysrq: Show Memory\n" MEMORY, 0, {0}},
	{"a stack alone", STACK("warn_alloc"), 0, {0}},
	{"no pages for the list of pages",
	 "kworker/0:2: vmemmap alloc failure: order:9, mode:0x4cc0(GFP_KERNEL|__GFP_RETRY_MAYFAIL), "
	 "nodemask=(null),cpuset=/,mems_allowed=0\n" STACK("warn_alloc") MEMORY, 1,
	 {"alloc-failure", "what=\"kworker/0:2: vmemmap", "!page-failure", "order=9 gfp=0x4cc0", "!missing: header"}},
	{"elided", HEAD "...\nOut of memory: Killed process 7 (a)" KILLED_54 "\n", 1,
	 {"middle"}},
};

static int count(struct str dump)
{
	int n = 0;
	struct str line;

	while (take_line(&dump, &line))
		n += str_starts(line, STR("event "));
	return n;
}

/* What was read, without the text it was read from. */
static void read_part(struct buf *out, struct str dump)
{
	struct str line;
	bool verbatim = false;

	while (take_line(&dump, &line)) {
		if (str_starts(line, STR("facts ")))
			break;
		verbatim = str_eq(line, STR("  verbatim:")) ||
			   (verbatim && !str_eq(line, STR("  end")));
		if (verbatim)
			continue;
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

/* How many records the kernel said it dropped, however it says so; what is no number of records. */
static void lost_records(void)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);

	check(dump_bytes(&out,
			 STR("[    1.0] ** 7 printk messages dropped **\n"
			     "[    2.0] printk: 5 messages suppressed.\n"
			     "[    3.0] h systemd-journald[1]: Missed 12 kernel messages\n"
			     "[    4.0] warn_alloc_show_mem: 3 callbacks suppressed\n"
			     "[    5.0] ** 1111111111111 printk messages dropped **\n"), 0));
	check(str_find(buf_str(&out), STR("lost 24\n")) != SIZE_MAX);
}

/* Lines without a date, of a log whose second 0 is known. */
static void boot_time(void)
{
	static const char log[] = "[    7.5] Out of memory: Killed process 7 (a)" KILLED_54 "\n";
	struct parser_options options = {.boot_us = 1767366245000000};
	struct parser *p;
	struct event *ev;

	check(parser_new(&p, &options, NULL) == 0);
	check(parser_feed(p, STR(log), NULL) == 0);
	check(parser_finish(p, NULL) == 0);
	ev = parser_take(p);
	check(ev && ev->wall_us == 1767366252500000);
	if (ev)
		event_free(ev);
	parser_free(p);
}

int main(void)
{
	lost_records();
	boot_time();
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1 << 20), read = BUF_INIT(1 << 20);
		struct str dump;

		check(dump_bytes(&out, str_of(cases[i].log), 0));
		read_part(&read, buf_str(&out));
		dump = buf_str(&read);
		harness_checks++;
		if (count(dump) != cases[i].events) {
			harness_failures++;
			fprintf(stderr, "%s: %d events, not %d\n%.*s\n", cases[i].name, count(dump),
				cases[i].events, STR_ARG(dump));
		}
		for (size_t k = 0; k < ARRAY_COUNT(cases[i].has) && cases[i].has[k]; k++) {
			struct str words = str_of(cases[i].has[k]);
			bool unwanted = take_char(&words, '!');

			harness_checks++;
			if ((str_find(dump, words) != SIZE_MAX) != unwanted)
				continue;
			harness_failures++;
			fprintf(stderr, "%s: %s \"%.*s\" in\n%.*s\n", cases[i].name,
				unwanted ? "unwanted" : "no", STR_ARG(words), STR_ARG(dump));
		}
	}
	return tests_done();
}
