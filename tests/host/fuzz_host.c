/* SPDX-License-Identifier: MIT */
/* fuzz_host.c - somebody's /proc and /sys: each part of the input (a byte that names a file, then
 * text up to a NUL) is one file below a root. Laws: facts are read whatever the files say, lists
 * keep their order and their ceiling, no number is below UNKNOWN's meaning. */
#include <fcntl.h>
#include <sys/stat.h>

#include "fuzz/laws.h"
#include "host/host.h"

static const char *const files[] = {
	"proc/meminfo", "proc/vmstat", "proc/swaps", "proc/slabinfo", "proc/zoneinfo",
	"proc/processes.tsv", "proc/tmpfs.tsv", "proc/sysvipc/shm", "proc/net/sockstat",
	"proc/cgroups", "proc/stat", "proc/version", "proc/cmdline", "etc/os-release",
	"proc/sys/kernel/tainted", "proc/sys/kernel/osrelease", "proc/sys/vm/swappiness",
	"proc/sys/fs/file-nr", "sys/block/zram0/mm_stat", "sys/devices/system/node/online",
	"sys/kernel/debug/dma_buf/bufinfo", "sys/fs/cgroup/cgroup.stat", "proc/page_owner",
};

static char root_path[64];

static void make_tree(void)
{
	char path[256];

	snprintf(root_path, sizeof(root_path), "/dev/shm/oomreport-fuzz-%d", (int)getpid());
	law(mkdir(root_path, 0700) == 0);
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", root_path, files[i]);
		for (char *p = path + strlen(root_path) + 1; *p; p++) {
			if (*p != '/')
				continue;
			*p = '\0';
			(void)mkdir(path, 0700);
			*p = '/';
		}
	}
}

static void remove_tree(void)
{
	char path[256];

	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", root_path, files[i]);
		(void)unlink(path);
		for (char *p; (p = strrchr(path, '/')) > path + strlen(root_path);) {
			*p = '\0';
			(void)rmdir(path);
		}
	}
	(void)rmdir(root_path);
}

static void fill(struct str input)
{
	bool written[ARRAY_COUNT(files)] = {false};
	char path[256];

	while (input.n) {
		size_t which = (unsigned char)input.p[0] % ARRAY_COUNT(files);
		struct str text = str_sub(input, 1, str_find_char(input, 0) - 1);
		int fd;

		snprintf(path, sizeof(path), "%s/%s", root_path, files[which]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		law(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
		close(fd);
		written[which] = true;
		input = str_from(input, 1 + text.n + 1);
	}
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", root_path, files[i]);
		if (!written[i])
			(void)unlink(path);
	}
}

static void laws_of(const struct host_facts *f)
{
	law(f->n_slabs <= 64 && f->n_processes <= 64);
	for (size_t i = 1; i < f->n_slabs; i++)
		law(f->slabs[i].total_kb <= f->slabs[i - 1].total_kb);
	for (size_t i = 0; i < f->n_swaps; i++)
		law(f->swaps[i].name.n > 0);
	for (size_t i = 0; i < f->meminfo.n; i++)
		law(f->meminfo.v[i].key.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct host_facts facts;
	long long mark;

	if (!root_path[0]) {
		make_tree();
		atexit(remove_tree);
	}
	fill((struct str){(const char *)data, size});
	law(root_open(&root, root_path, NULL) == 0);
	mark = heap_mark();
	law(host_facts_read(&facts, &root, NULL) == 0);
	law(heap_peak(mark) < 64 << 20);
	laws_of(&facts);
	host_facts_free(&facts);
	return 0;
}
