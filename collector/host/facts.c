/* SPDX-License-Identifier: MIT */
/* facts.c - the numbers that diagnosis needs, from the files of the live machine, of a copied
 * tree or of an unpacked bundle. What is not there stays UNKNOWN. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host/facts_private.h"

enum { TEXT_MAX = 4 * 1024 * 1024, ARENA_MAX = 8 * 1024 * 1024 };

/* The whole text of a small file, valid until the next call; "" when it is not there. */
struct str facts_text(struct facts_reader *r, const char *path)
{
	int errnum;

	buf_clear(&r->text);
	(void)file_read(r->root, path, &r->text, &errnum);
	return buf_str(&r->text);
}

bool facts_keep(struct facts_reader *r, struct str s, struct str *ret)
{
	struct str copy;

	s = str_trim(s);
	if (s.n == 0 || !arena_str(&r->f->arena, s, &copy))
		return false;
	*ret = copy;
	return true;
}

/* "MemTotal:       32796 kB", "HugePages_Total:       0" */
static void read_meminfo(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/meminfo"), line, key;
	char name[64];
	int64_t value;

	while (take_line(&text, &line)) {
		if (!take_until(&line, ':', &key))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &value))
			continue;
		kvs_add(&r->f->arena, &r->f->meminfo, kv_key(key, name, sizeof(name)), value,
			str_eq(line, STR(" kB")) ? UNIT_KB : UNIT_COUNT);
	}
	r->f->mem_total_kb = kvs_get(&r->f->meminfo, STR("memtotal"));
	r->f->swap_total_kb = kvs_get(&r->f->meminfo, STR("swaptotal"));
}

static void read_vmstat(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/vmstat"), line, key;
	int64_t value;

	while (take_line(&text, &line)) {
		if (take_until(&line, ' ', &key) && take_i64(&line, &value))
			kvs_add(&r->f->arena, &r->f->vmstat, key, value, UNIT_COUNT);
	}
}

/* One value a file; of several numbers the first counts ("lowmem_reserve_ratio"). */
static int sysctl_file(void *ctx, const char *path, struct err *err)
{
	struct facts_reader *r = ctx;
	struct str key = str_from(str_of(path), sizeof("/proc/sys/") - 1);
	char name[128];
	int64_t value;

	(void)err;
	if (strcmp(path, "/proc/sys/vm/stat_refresh") != 0 && /* reading that one does work */
	    small_number(r->root, path, &value))
		kvs_add(&r->f->arena, &r->f->sysctl, kv_key(key, name, sizeof(name)), value,
			UNIT_COUNT);
	return 0;
}

static void read_sysctl(struct facts_reader *r)
{
	static const char *const patterns[] = {
		"/proc/sys/vm/*", "/proc/sys/kernel/panic*", "/proc/sys/kernel/shm*",
		"/proc/sys/kernel/threads-max", "/proc/sys/kernel/pid_max",
		"/proc/sys/kernel/sysrq", "/proc/sys/kernel/tainted",
		"/proc/sys/kernel/numa_balancing", "/proc/sys/fs/file-max"};

	for (size_t i = 0; i < ARRAY_COUNT(patterns); i++)
		(void)!paths_matching(r->root, patterns[i], 128, sysctl_file, r, NULL);
}

/* "Filename Type Size Used Priority", then a line each; blanks and tabs between. */
static void read_swaps(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/swaps"), line, name, type;
	size_t room = 0;

	(void)take_line(&text, &line);
	while (take_line(&text, &line)) {
		struct swap_fact s, *new;

		if (!take_word(&line, &name))
			continue;
		skip_blanks(&line);
		if (!take_word(&line, &type))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &s.size_kb))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &s.used_kb))
			continue;
		skip_blanks(&line);
		if (!take_i64(&line, &s.priority))
			s.priority = UNKNOWN;
		if (!facts_keep(r, name, &s.name) || !facts_keep(r, type, &s.type))
			continue;
		new = arena_grow(&r->f->arena, (void **)&r->f->swaps, &r->f->n_swaps, &room,
				 sizeof(*new));
		if (new)
			*new = s;
	}
}

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" */
static void read_distribution(struct facts_reader *r)
{
	static const char *const places[] = {"/etc/os-release", "/usr/lib/os-release"};

	for (size_t i = 0; i < ARRAY_COUNT(places) && r->f->distribution.n == 0; i++) {
		struct str text = facts_text(r, places[i]), line;

		while (take_line(&text, &line)) {
			if (!take_lit(&line, STR("PRETTY_NAME=")))
				continue;
			if (line.n >= 2 && (line.p[0] == '"' || line.p[0] == '\''))
				line = str_sub(line, 1, line.n - 2);
			(void)facts_keep(r, line, &r->f->distribution);
		}
	}
}

static void read_hardware(struct facts_reader *r)
{
	char vendor[100] = "", product[100] = "", bios[100] = "";
	struct buf b = BUF_INIT(400);

	(void)small_text(r->root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor));
	(void)small_text(r->root, "/sys/class/dmi/id/product_name", product, sizeof(product));
	(void)small_text(r->root, "/sys/class/dmi/id/bios_version", bios, sizeof(bios));
	if (product[0])
		buf_addf(&b, "%s%s%s%s%s", vendor, vendor[0] ? " " : "", product,
			 bios[0] ? ", BIOS " : "", bios);
	else /* boards without DMI */
		buf_add(&b, str_trim(facts_text(r, "/proc/device-tree/model")));
	(void)facts_keep(r, buf_str(&b), &r->f->hardware);
	buf_free(&b);
}

/* The letters that "Tainted:" in an OOM report shows, by bit (Documentation/admin-guide/
 * tainted-kernels.rst). */
static void read_taint(struct facts_reader *r)
{
	static const char letters[] = "PFSRMBUDAWCIOELKXTN";
	struct buf b = BUF_INIT(64);
	int64_t bits;

	if (!small_number(r->root, "/proc/sys/kernel/tainted", &bits))
		return;
	for (size_t i = 0; i < sizeof(letters) - 1; i++) {
		if (bits >> i & 1)
			buf_addc(&b, letters[i]);
	}
	if (b.n == 0)
		buf_addz(&b, "not tainted");
	(void)facts_keep(r, buf_str(&b), &r->f->tainted);
	buf_free(&b);
}

/* "Linux version 6.1.0-56-amd64 (debian-kernel@...) (gcc ...) #1 SMP ..." */
static void read_system(struct facts_reader *r)
{
	char text[512];
	struct str s, word;

	if (small_text(r->root, "/proc/sys/kernel/osrelease", text, sizeof(text))) {
		(void)facts_keep(r, str_of(text), &r->f->kernel);
	} else if (small_text(r->root, "/proc/version", text, sizeof(text))) {
		s = str_of(text);
		if (take_lit(&s, STR("Linux version ")) && take_word(&s, &word))
			(void)facts_keep(r, word, &r->f->kernel);
	}
	if (small_text(r->root, "/proc/sys/kernel/hostname", text, sizeof(text)) ||
	    small_text(r->root, "/etc/hostname", text, sizeof(text)))
		(void)facts_keep(r, str_of(text), &r->f->hostname);
	(void)facts_keep(r, facts_text(r, "/proc/cmdline"), &r->f->cmdline);
	read_distribution(r);
	read_hardware(r);
	read_taint(r);
}

/* What no file says: a tree of files has an architecture only by its C library's name. */
static void read_machine(struct facts_reader *r)
{
	static const struct {
		const char *loader, *arch;
	} loaders[] = {
		{"/lib64/ld-linux-x86-64.so.2", "x86_64"}, {"/lib/ld-linux-aarch64.so.1", "aarch64"},
		{"/lib64/ld64.so.2", "ppc64le"},	   {"/lib/ld64.so.1", "s390x"},
		{"/lib/ld-linux-riscv64-lp64d.so.1", "riscv64"}, {"/lib/ld-linux-armhf.so.3", "armv7l"},
		{"/lib/ld-linux.so.2", "i686"}};
	char text[64];
	struct utsname u;

	if (small_text(r->root, "/proc/sys/kernel/arch", text, sizeof(text))) {
		(void)facts_keep(r, str_of(text), &r->f->arch);
	} else if (root_is_live(r->root) && uname(&u) == 0) {
		(void)facts_keep(r, str_of(u.machine), &r->f->arch);
	} else {
		for (size_t i = 0; i < ARRAY_COUNT(loaders) && r->f->arch.n == 0; i++) {
			CLEANUP_FD int fd = root_openat(r->root, loaders[i].loader, O_PATH);

			if (fd >= 0)
				(void)facts_keep(r, str_of(loaders[i].arch), &r->f->arch);
		}
	}
}

/* "cpu0 ..." lines of the processors that are on; "0-1,4" for nodes. */
static void read_counts(struct facts_reader *r)
{
	struct str text = facts_text(r, "/proc/stat"), line;
	int64_t n = 0;

	while (take_line(&text, &line)) {
		if (take_lit(&line, STR("cpu")) && line.n && ascii_digit(line.p[0]))
			n++;
	}
	r->f->cpus = n ? n : UNKNOWN;
	r->f->nodes = facts_range_count(facts_text(r, "/sys/devices/system/node/online"));
}

int host_facts_read(struct host_facts *ret, const struct root *root, struct err *err)
{
	struct host_facts f = {
		.arena = ARENA_INIT(ARENA_MAX),
		.page_size_bytes = UNKNOWN,
		.mem_total_kb = UNKNOWN,
		.swap_total_kb = UNKNOWN,
		.cpus = UNKNOWN,
		.nodes = UNKNOWN,
	};
	struct facts_reader r = {.f = &f, .root = root, .text = BUF_INIT(TEXT_MAX)};

	if (!arena_take(&f.arena, 1))
		return err_set(err, ERR_NOMEM, "no memory for the machine's facts");
	read_meminfo(&r);
	read_vmstat(&r);
	read_sysctl(&r);
	read_swaps(&r);
	read_system(&r);
	read_machine(&r);
	read_counts(&r);
	facts_read_slabs(&r);
	facts_read_processes(&r);
	facts_read_holders(&r);
	facts_read_numbers(&r);
	if (root_is_live(root))
		f.page_size_bytes = sysconf(_SC_PAGESIZE);
	buf_free(&r.text);
	*ret = f;
	return 0;
}

void host_facts_free(struct host_facts *f)
{
	arena_free(&f->arena);
}
