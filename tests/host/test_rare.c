/* SPDX-License-Identifier: MIT */
/* test_rare.c - sources few machines have: page_owner, shrinkers, dma-buf, graphics clients. The
 * formats are those of mm/page_owner.c and mm/shrinker_debug.c of 6.1, drivers/dma-buf/
 * dma-buf-sysfs-stats.c, and Documentation/gpu/drm-usage-stats.rst. */
#include "tree.h"

static struct buf text = BUF_INIT(1 << 20); /* of the file that is wanted */
static const char *wanted;
static bool is_wanted;
static enum host_result result;
static char reason[120];

static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx, (void)err;
	is_wanted = strcmp(item->bundle_path, wanted) == 0;
	return 0;
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	(void)ctx, (void)err;
	if (is_wanted)
		check(buf_add(&text, bytes));
	return 0;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	(void)ctx, (void)err;
	if (strcmp(item->bundle_path, wanted) == 0) {
		result = item->result;
		snprintf(reason, sizeof(reason), "%s", item->reason);
	}
	is_wanted = false;
	return 0;
}

static struct str read_of(const char *path)
{
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_plan plan = {.root = &root};
	struct host_receiver to = {NULL, on_begin, on_data, on_end};

	wanted = path;
	result = (enum host_result)99;
	reason[0] = '\0';
	buf_clear(&text);
	check_ok(root_open(&root, tree, &err), err);
	check_ok(host_collect(&plan, &to, &err), err);
	root_close(&root);
	return buf_str(&text);
}

/* Records of the same stack are one row, the largest first; of a record without a stack or an
 * order nothing is made up. */
static void page_owner(void)
{
#define RECORD(order, stack)                                                                   \
	"Page allocated via order " order ", mask 0x1100dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), pid 7, " \
	"tgid 7 (a), ts 123 ns, free_ts 0 ns\n"                                                   \
	"PFN 4096 type Movable Block 8 type Movable Flags 0x100000(node=0|zone=1)\n" stack "\n"
#define A " post_alloc_hook+0xc0/0x150\n a_of_driver+0x1/0x2\n"
#define B " post_alloc_hook+0xc0/0x150\n b_of_driver+0x1/0x2\n"
	const char *const path = "sys/kernel/debug/page_owner.txt";

	tree_file("/sys/kernel/debug/page_owner",
		  RECORD("0", A) RECORD("3", B) RECORD("0", A) RECORD("64", A) RECORD("x", B)
		  RECORD("1", ""));
	check_str(read_of(path), STR("10 pages in 3 records; 0 pages of stacks beyond the 1024 kept\n"
				     "\n8 pages, 1 records\n" B "\n2 pages, 2 records\n" A));
	check_int(result, HOST_READ);

	tree_file("/sys/kernel/debug/page_owner", "");
	check_int((int64_t)read_of(path).n, 0);
	check_int(result, HOST_ABSENT);
	check_str(str_of(reason), STR("holds no record"));
	unlink(tree_path("/sys/kernel/debug/page_owner"));
}

static void shrinkers(void)
{
	tree_file("/sys/kernel/debug/shrinker/sb-ext4-12/count", "1 100 20\n77 3 0\nnonsense\n");
	tree_file("/sys/kernel/debug/shrinker/mm-shadow-18/count", "");
	check_str(read_of("sys/kernel/debug/shrinker.tsv"),
		  STR("shrinker\tgroups\tobjects\nmm-shadow-18\t0\t0\nsb-ext4-12\t2\t123\n"));
	check_int(result, HOST_READ);
}

static void graphics(void)
{
	tree_file("/sys/kernel/dmabuf/buffers/17/size", "4096\n");
	tree_file("/sys/kernel/dmabuf/buffers/17/exporter_name", "system\n");
	tree_file("/sys/kernel/dmabuf/buffers/18/size", "8192\n");
	tree_file("/sys/kernel/dmabuf/buffers/19/size", "no number\n");
	check_str(read_of("sys/kernel/dmabuf/buffers.tsv"),
		  STR("size_bytes\texporter\n4096\tsystem\n8192\t-\n"));

	check_int((int64_t)read_of("proc/drm-clients.tsv").n, 0);
	check_int(result, HOST_ABSENT);
	tree_file("/sys/class/drm/card1/dev", "226:1\n"); /* its first one may be gone */
	tree_file("/proc/123/fdinfo/5",
		  "pos:\t0\nflags:\t02100002\ndrm-driver:\ti915\ndrm-client-id:\t7\ndrm-pdev:\t0000:00:02.0\n"
		  "drm-memory-system0:\t12 MiB\ndrm-engine-render:\t5 ns\n");
	tree_file("/proc/123/fdinfo/6", "pos:\t0\n");
	tree_path("/proc/123/fd/x");
	if (symlink("/dev/dri/card0", tree_path("/proc/123/fd/5")) != 0 ||
	    symlink("/dev/dri/card0", tree_path("/proc/123/fd/6")) != 0 ||
	    symlink("/dev/null", tree_path("/proc/123/fd/7")) != 0)
		exit(EXIT_FAILURE);
	check_str(read_of("proc/drm-clients.tsv"),
		  STR("123\tdrm-driver:\ti915\tdrm-client-id:\t7\tdrm-memory-system0:\t12 MiB\n"));
	check_int(result, HOST_READ);
}

int main(void)
{
	tree_make();
	tree_file("/proc/meminfo", "MemTotal: 1 kB\n");
	page_owner();
	shrinkers();
	graphics();
	buf_free(&text);
	return tests_done();
}
