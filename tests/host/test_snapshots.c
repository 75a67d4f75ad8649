/* SPDX-License-Identifier: MIT */
/* test_snapshots.c - a machine that has everything: of each kind of snapshot that peers.md A.2 lists
 * and that is a file, the file reaches the bundle whole, under its own path; two nodes with huge pages
 * of two sizes among it. What is made of many files (processes, tmpfs, dma-buf ...) has tests of its
 * own. */
#include "tree.h"

#define NODE "/sys/devices/system/node/node"
#define HUGE "/hugepages/hugepages-"
#define COUNTS(at) at "nr_hugepages", at "free_hugepages", at "surplus_hugepages"
#define POOL(at) COUNTS(at), at "resv_hugepages", at "nr_overcommit_hugepages"
#define THP "/sys/kernel/mm/transparent_hugepage/"

static const char *const files[] = {
	"/proc/meminfo", "/proc/vmstat", "/proc/swaps", "/proc/slabinfo",
	"/proc/zoneinfo", "/proc/buddyinfo", "/proc/pagetypeinfo",
	"/sys/kernel/debug/extfrag/extfrag_index", "/sys/kernel/debug/extfrag/unusable_index",
	"/proc/vmallocinfo", "/proc/allocinfo",
	"/sys/kernel/debug/page_owner_stacks/show_stacks",
	"/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory", "/proc/pressure/irq",
	"/proc/sys/vm/min_free_kbytes", "/proc/sys/vm/overcommit_memory",
	/* a node's pools have no reservations, a machine's have */
	POOL("/sys/kernel/mm" HUGE "2048kB/"), POOL("/sys/kernel/mm" HUGE "1048576kB/"),
	COUNTS(NODE "0" HUGE "2048kB/"), COUNTS(NODE "0" HUGE "1048576kB/"),
	COUNTS(NODE "1" HUGE "2048kB/"), COUNTS(NODE "1" HUGE "1048576kB/"),
	NODE "0/meminfo", NODE "1/meminfo", NODE "0/numastat", NODE "1/numastat", NODE "1/vmstat",
	NODE "0/distance", NODE "1/cpulist", "/sys/devices/system/node/has_normal_memory",
	"/sys/kernel/mm/numa/demotion_enabled", "/sys/kernel/mm/mempolicy/weighted_interleave/node1",
	"/sys/module/zswap/parameters/max_pool_percent", "/sys/kernel/debug/zswap/stored_pages",
	"/sys/kernel/debug/zswap/pool_limit_hit", "/sys/kernel/debug/zsmalloc/zram0/classes",
	"/sys/block/zram0/mm_stat", "/sys/block/zram0/io_stat", "/sys/block/zram0/bd_stat",
	"/sys/block/zram0/disksize", "/sys/block/zram0/mem_limit", "/sys/block/zram0/comp_algorithm",
	"/sys/block/zram0/recomp_algorithm", "/sys/block/zram0/backing_dev",
	"/sys/kernel/debug/dma_buf/bufinfo", "/sys/kernel/debug/ttm/page_pool",
	"/sys/kernel/debug/dri/0/amdgpu_gem_info", "/sys/kernel/debug/dri/0/vram0_mm",
	"/sys/class/drm/card0/device/mem_info_gtt_used",
	"/sys/kernel/mm/ksm/pages_shared", THP "enabled", THP "khugepaged/defrag",
	THP "hugepages-64kB/enabled", THP "hugepages-64kB/stats/anon_fault_alloc",
	"/sys/kernel/mm/lru_gen/enabled", "/sys/kernel/debug/lru_gen",
	"/sys/kernel/mm/cma/reserved/alloc_pages_fail", "/sys/kernel/debug/cma/reserved/used",
	"/proc/net/sockstat", "/proc/net/sockstat6", "/proc/net/protocols", "/proc/net/netstat",
	"/proc/sys/net/ipv4/tcp_mem", "/proc/sys/net/core/optmem_max",
	"/sys/kernel/debug/vmmemctl", "/sys/kernel/debug/hv-balloon",
	"/sys/bus/virtio/drivers/virtio_balloon/virtio3/features",
	"/sys/devices/system/xen_memory/xen_memory0/target_kb",
	"/sys/kernel/debug/kmemleak",
	"/proc/sysvipc/shm", "/proc/sysvipc/msg",
	"/etc/systemd/oomd.conf", "/etc/default/earlyoom",
	"/sys/kernel/kexec_crash_loaded", "/sys/kernel/kexec_crash_size", "/proc/iomem",
	"/sys/kernel/fadump/registered", "/sys/kernel/fadump_enabled",
	/* all files of one archive, without which none can be read */
	"/var/log/sysstat/sa27", "/var/log/atop/atop_20261127",
	"/var/log/below/store/data_01795651200", "/var/log/below/store/index_01795651200",
	"/var/log/pcp/pmlogger/host/20261127.00.10.0", "/var/log/pcp/pmlogger/host/20261127.00.10.1.xz",
	"/var/log/pcp/pmlogger/host/20261127.00.10.meta.xz",
	"/var/log/pcp/pmlogger/host/20261127.00.10.index",
	"/var/lib/systemd/pstore/174/dmesg.txt",
};

static struct got {
	size_t at; /* of files; SIZE_MAX: another */
	struct buf text;
	unsigned whole[ARRAY_COUNT(files)];
} got = {.text = BUF_INIT(4096)};

static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx, (void)err;
	buf_clear(&got.text);
	got.at = SIZE_MAX;
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		if (strcmp(item->bundle_path, files[i] + 1) == 0)
			got.at = i;
	}
	return 0;
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	(void)ctx, (void)err;
	if (got.at != SIZE_MAX)
		check(buf_add(&got.text, bytes));
	return 0;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx, (void)err;
	if (item->started && got.at != SIZE_MAX && item->result == HOST_READ &&
	    str_eq(buf_str(&got.text), str_of(files[got.at])))
		got.whole[got.at]++;
	return 0;
}

int main(void)
{
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_plan plan = {.root = &root};
	struct host_receiver to = {NULL, on_begin, on_data, on_end};

	tree_make();
	for (size_t i = 0; i < ARRAY_COUNT(files); i++)
		tree_file(files[i], files[i]);
	check_ok(root_open(&root, tree, &err), err);
	check_ok(host_collect(&plan, &to, &err), err);
	root_close(&root);
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		if (got.whole[i] != 1)
			fprintf(stderr, "%s: %u times in the bundle\n", files[i], got.whole[i]);
		check_int(got.whole[i], 1);
	}
	buf_free(&got.text);
	return tests_done();
}
