/* SPDX-License-Identifier: MIT */
/* test_facts.c - the numbers for diagnosis, from a tree whose files are known. */
#include "tree.h"

static void make_files(void)
{
	tree_file("/proc/meminfo", "MemTotal:        1000000 kB\nMemFree:           5000 kB\n"
				   "SwapTotal:        200000 kB\nHugePages_Total:       3\n"
				   "VmallocUsed:         700 kB\nActive(anon):      42 kB\n");
	tree_file("/proc/vmstat", "nr_free_pages 1250\nballoon_inflate 100\nballoon_deflate 40\n");
	tree_file("/proc/zoneinfo",
		  "Node 0, zone      DMA\n  pages free     10\n        min      1\n"
		  "        present  1000\n        managed  900\n"
		  "Node 0, zone   Normal\n        present  262144\n        managed  249100\n");
	tree_file("/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
				 "/dev/zram0                              partition\t200000\t\t1234"
				 "\t\t-2\n");
	tree_file("/proc/slabinfo",
		  "slabinfo - version: 2.1\n# name            <active_objs> ...\n"
		  "small  10 20 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\n"
		  "ext4_inode_cache 900 1000 1184 27 8 : tunables 0 0 0 : slabdata 30 37 0\n"
		  "broken line\n");
	tree_file("/proc/sys/vm/swappiness", "60\n");
	tree_file("/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\n");
	tree_file("/proc/sys/kernel/panic_on_oops", "1\n");
	tree_file("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	tree_file("/proc/sys/kernel/hostname", "box\n");
	tree_file("/proc/sys/kernel/arch", "x86_64\n");
	tree_file("/proc/sys/kernel/tainted", "4097\n");
	tree_file("/proc/sys/fs/file-nr", "1234\t0\t9223372036854775807\n");
	tree_file("/proc/cmdline", "quiet mem=1G\n");
	tree_file("/proc/stat", "cpu  1 2 3\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
	tree_file("/sys/devices/system/node/online", "0-1,3\n");
	tree_file("/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
	tree_file("/sys/block/zram0/mm_stat", "  4096000   102400  204800 0 300000 1 2 0 0\n");
	tree_file("/proc/sysvipc/shm",
		  "       key      shmid perms                  size  cpid  lpid nattch   uid   gid "
		  " cuid  cgid      atime      dtime      ctime                   rss          swap\n"
		  "         0      32768  1600               4194304  1 2 2 0 0 0 0 1 2 3 "
		  "1048576 2048\n");
	tree_file("/proc/net/sockstat", "sockets: used 5\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem "
					"11\nUDP: inuse 2 mem 4\n");
	tree_file("/sys/fs/cgroup/cgroup.controllers", "memory\n");
	tree_file("/sys/fs/cgroup/cgroup.stat", "nr_descendants 7\nnr_dying_descendants 3\n");
}

static void make_process(int pid, const char *name, int rss, int swap)
{
	char path[64], text[400];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(text, sizeof(text),
		 "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nPPid:\t1\n"
		 "Uid:\t1000\t1000\t1000\t1000\nVmSize:\t  99999 kB\nVmLck:\t 5 kB\n"
		 "VmRSS:\t  %d kB\nRssAnon:\t 1 kB\nRssShmem:\t   7 kB\nVmSwap:\t   %d kB\n",
		 name, pid, rss, swap);
	tree_file(path, text);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	tree_file(path, "1:name=systemd:/x\n0::/user.slice/a b\n");
	snprintf(path, sizeof(path), "/proc/%d/oom_score", pid);
	tree_file(path, "666\n");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	tree_file(path, "-17\n");
	snprintf(path, sizeof(path), "/proc/%d/fd/0", pid);
	tree_file(path, "");
	snprintf(path, sizeof(path), "/proc/%d/fd/1", pid);
	tree_file(path, "");
}

static void check_lists(const struct host_facts *f)
{
	check_int(kvs_get(&f->meminfo, STR("memfree")), 5000);
	check_int(kvs_find(&f->meminfo, STR("memfree"))->unit, UNIT_KB);
	check_int(kvs_find(&f->meminfo, STR("hugepages_total"))->unit, UNIT_COUNT);
	check_int(kvs_get(&f->meminfo, STR("active_anon")), 42);
	check_int(kvs_get(&f->vmstat, STR("nr_free_pages")), 1250);
	check_int(kvs_get(&f->sysctl, STR("vm_swappiness")), 60);
	check_int(kvs_get(&f->sysctl, STR("vm_lowmem_reserve_ratio")), 256);
	check_int(kvs_get(&f->sysctl, STR("kernel_panic_on_oops")), 1);
	check_int(kvs_get(&f->numbers, STR("managed")), 1000000);
	check_int(kvs_get(&f->numbers, STR("present")), 1052576);
	check_int(kvs_get(&f->numbers, STR("balloon")), 240);
	check_int(kvs_get(&f->numbers, STR("vmalloc_used")), 700);
	check_int(kvs_get(&f->numbers, STR("zram_mem_used")), 200);
	check_int(kvs_get(&f->numbers, STR("sysv_shm")), 1024);
	check_int(kvs_get(&f->numbers, STR("sysv_shm_swap")), 2);
	check_int(kvs_get(&f->numbers, STR("socket_mem")), 15);
	check_int(kvs_get(&f->numbers, STR("file_nr")), 1234);
	check_int(kvs_get(&f->numbers, STR("nr_dying_descendants")), 3);
	check_int(kvs_get(&f->numbers, STR("dmabuf")), UNKNOWN);
}

static void check_whole(const struct host_facts *f)
{
	check_str(f->kernel, STR("6.1.0-56-amd64"));
	check_str(f->arch, STR("x86_64"));
	check_str(f->hostname, STR("box"));
	check_str(f->distribution, STR("Debian GNU/Linux 12 (bookworm)"));
	check_str(f->cmdline, STR("quiet mem=1G"));
	check_str(f->tainted, STR("PO"));
	check_int(f->page_size_bytes, 4096);
	check_int(f->mem_total_kb, 1000000);
	check_int(f->swap_total_kb, 200000);
	check_int(f->cpus, 2);
	check_int(f->nodes, 3);
	check_int((int64_t)f->n_swaps, 1);
	check_str(f->swaps[0].name, STR("/dev/zram0"));
	check_int(f->swaps[0].used_kb, 1234);
	check_int(f->swaps[0].priority, -2);
	check_int((int64_t)f->n_slabs, 2);
	check_str(f->slabs[0].name, STR("ext4_inode_cache"));
	check_int(f->slabs[0].total_kb, 37 * 8 * 4);
	check(f->slabs[0].reclaimable && !f->slabs[1].reclaimable);
}

/* Of the table of a bundle: the size is what is allocated, else what is in memory, else mapped. */
static void check_holders(const struct host_facts *f)
{
	static const int64_t kb[] = {900, 800, 700};

	check_int((int64_t)f->n_holders, 3);
	for (size_t i = 0; i < f->n_holders; i++)
		check_int(f->holders[i].kb, kb[i]);
	check_int(f->holders[0].pid, 12);
	check_int(f->holders[0].mapped_by, 3);
	check_int(f->holders[0].opened_by, 4);
	check_str(f->holders[0].comm, STR("big one"));
	check_str(f->holders[0].kind, STR("memfd"));
	check_str(f->holders[0].name, STR("/memfd:a b (deleted)"));
	check_str(f->holders[0].cgroup, STR("/a b/c"));
	check_str(f->holders[1].name, STR("/dev/zero (deleted)"));
	check(f->holders[1].cgroup.n == 0);
	check_str(f->holders[2].name, STR("/dev/shm/x")); /* a table without that column */
	check(f->holders[2].cgroup.n == 0);
}

static void check_processes(const struct host_facts *f)
{
	check_int((int64_t)f->n_processes, 64);
	check_int(f->processes[0].pid, 269);
	check_int(f->processes[0].rss_kb, 6900);
	check_str(f->processes[1].comm, STR("swapped \\n out"));
	check_int(f->processes[1].swap_kb, 6850);
	check_int(f->processes[1].shmem_kb, 7);
	check_int(f->processes[1].locked_kb, 5);
	check_int(f->processes[1].oom_score, 666);
	check_int(f->processes[1].oom_score_adj, -17);
	check_int(f->processes[1].fds, 2);
	check_str(f->processes[1].cgroup, STR("/user.slice/a b"));
	for (size_t i = 1; i < f->n_processes; i++)
		check(f->processes[i - 1].rss_kb + f->processes[i - 1].swap_kb >=
		      f->processes[i].rss_kb + f->processes[i].swap_kb);
}

/* Receives a collection and keeps nothing of it but proc/processes.tsv. */
static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	struct buf *table = ctx;

	(void)err;
	table->failed = strcmp(item->bundle_path, "proc/processes.tsv") != 0;
	return 0;
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	struct buf *table = ctx;

	(void)err;
	if (!table->failed)
		check(buf_add(table, bytes));
	return 0;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx;
	(void)item;
	(void)err;
	return 0;
}

/* Found by a collection, in place of what an earlier table said; and by its table later on. */
static void processes_of_a_collection(const struct root *root, struct host_facts *f)
{
	CLEANUP_BUF struct buf table = BUF_INIT(1 << 20);
	struct host_receiver to = {&table, on_begin, on_data, on_end};
	struct host_plan plan = {.root = root, .cost_from = 1, .cost_to = 1, .facts = f};
	struct err err = {.code = ERR_NONE};
	struct host_facts later;

	check_ok(host_collect(&plan, &to, &err), err);
	check_processes(f);
	check_int(kvs_get(&f->numbers, STR("tasks")), 70);
	check_ok(host_collect(&plan, &to, &err), err);
	check_processes(f);
	table.failed = false;
	table.n /= 2; /* it was written twice */
	tree_file("/proc/processes.tsv", buf_cstr(&table));
	check_ok(host_facts_read(&later, root, &err), err);
	check_processes(&later);
	check_int(kvs_get(&later.numbers, STR("tasks")), 70);
	host_facts_free(&later);
}

static void check_nothing(void)
{
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_facts f;

	check_ok(root_open(&root, tree, &err), err);
	check_ok(host_facts_read(&f, &root, &err), err);
	check_int(f.mem_total_kb, UNKNOWN);
	check_int(f.cpus, UNKNOWN);
	check_int((int64_t)(f.n_slabs + f.n_swaps + f.n_processes + f.numbers.n), 0);
	check(f.kernel.n == 0 && f.hostname.n == 0);
	host_facts_free(&f);
	root_close(&root);
}

int main(void)
{
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_facts f;

	tree_make();
	check_nothing();
	make_files();
	tree_file("/proc/shmem-holders.tsv",
		  "pid\tcomm\tkind\tsize_kb\tresident_kb\tmapped_kb\tmapped_by\topened_by\tname\t"
		  "cgroup\n"
		  "12\tbig one\tmemfd\t900\t1\t1000\t3\t4\t/memfd:a b (deleted)\t/a b/c\n"
		  "13\tb\tanonymous\t-\t800\t1000\t1\t0\t/dev/zero (deleted)\t-\n"
		  "no row\n"
		  "14\tc\tposix\t-\t-\t700\t1\t0\t/dev/shm/x");
	for (int i = 0; i < 69; i++)
		make_process(200 + i, "worker", i * 100 + 50, 0);
	make_process(500, "swapped \\n out", 0, 6850);
	make_process(269, "largest", 6900, 0);
	unlink(tree_path("/proc/200/status")); /* gone while we looked */
	check_ok(root_open(&root, tree, &err), err);
	check_ok(host_facts_read(&f, &root, &err), err);
	check_lists(&f);
	check_whole(&f);
	check_int((int64_t)f.n_processes, 0); /* nobody has looked */
	check_holders(&f);
	processes_of_a_collection(&root, &f);
	host_facts_free(&f);
	root_close(&root);
	return tests_done();
}
