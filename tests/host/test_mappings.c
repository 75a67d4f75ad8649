/* SPDX-License-Identifier: MIT */
/* test_mappings.c - who holds shared memory and on which nodes memory lies: real holders of this
 * machine are found with what they hold, and a tree may say anything. */
#include "tree.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

/* ---- one table of a collection ---- */

struct table {
	const char *path;
	struct buf text;
	enum host_result result;
	char reason[120];
	bool mine;
};

static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	struct table *t = ctx;

	(void)err;
	t->mine = strcmp(item->bundle_path, t->path) == 0;
	return 0;
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	struct table *t = ctx;

	(void)err;
	if (t->mine)
		check(buf_add(&t->text, bytes));
	return 0;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	struct table *t = ctx;

	(void)err;
	if (strcmp(item->bundle_path, t->path) == 0) {
		t->result = item->result;
		snprintf(t->reason, sizeof(t->reason), "%s", item->reason);
	}
	return 0;
}

static struct host_facts facts; /* what the collection found */

static struct table collect(const char *dir, const char *path)
{
	static const char *const others[] = {"/*", "cgroup/*", "sys/*", "oomctl", "journalctl*",
					     "proc/largest.tsv", "proc/drm-clients.tsv", NULL};
	struct table t = {.path = path, .text = BUF_INIT(1 << 20), .result = HOST_SKIPPED};
	struct host_receiver to = {&t, on_begin, on_data, on_end};
	struct err err = {.code = ERR_NONE};
	struct root root = ROOT_CLOSED;
	struct host_plan plan = {.root = &root, .cost_from = 2, .cost_to = 2, .leave_out = others,
				 .facts = &facts};

	check_ok(root_open(&root, dir, &err), err);
	host_facts_free(&facts);
	facts = (struct host_facts){.arena = ARENA_INIT(64 * 1024)};
	check_ok(host_collect(&plan, &to, &err), err);
	root_close(&root);
	return t;
}

/* The row that ends in that name: its columns. */
enum { PID, COMM, KIND, SIZE, RESIDENT, MAPPED, MAPPED_BY, OPENED_BY, NAME, CGROUP, COLUMNS };

static bool row_of(const struct table *t, const char *name, struct str row[COLUMNS])
{
	struct str text = buf_str(&t->text), line;

	while (take_line(&text, &line)) {
		size_t n = 0;

		while (n < CGROUP && take_until(&line, '\t', &row[n]))
			n++;
		row[CGROUP] = line;
		if (n == CGROUP && str_starts(row[NAME], str_of(name)))
			return true;
	}
	fprintf(stderr, "%s is not in\n%.*s\n", name, STR_ARG(buf_str(&t->text)));
	return false;
}

static int64_t number(struct str s)
{
	int64_t value;

	return take_i64(&s, &value) ? value : UNKNOWN;
}

static size_t lines_of(const struct table *t)
{
	struct str text = buf_str(&t->text), line;
	size_t n = 0;

	while (take_line(&text, &line))
		n++;
	return n;
}

/* ---- real ones ---- */

enum { KB = 1024, OPEN_KB = 900, CLOSED_KB = 800, SYSV_KB = 700, SHM_KB = 600, ANON_KB = 500 };

static void fill(int fd, int kb)
{
	void *p;

	check(ftruncate(fd, kb * KB) == 0);
	p = mmap(NULL, (size_t)kb * KB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		exit(EXIT_FAILURE);
	memset(p, 1, (size_t)kb * KB);
}

/* As the kernel says it of this process: the group that carries memory, by v1 or v2. */
static const char *own_cgroup(char out[512])
{
	char line[600], path[512];
	FILE *f = fopen("/proc/self/cgroup", "re");

	snprintf(out, 512, "-");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*d::%511s", path) == 1 && out[0] == '-')
			snprintf(out, 512, "%s", path);
		else if (strstr(line, ":memory:"))
			snprintf(out, 512, "%s", strstr(line, ":memory:") + strlen(":memory:"));
	}
	if (f)
		fclose(f);
	return out;
}

static void real_holders(void)
{
	static const struct {
		const char *name, *kind;
		int64_t kb;
		int opened_by, mapped_by;
		bool size_known;
	} wanted[] = {
		{"/memfd:oomreport-open", "memfd", OPEN_KB, 2, 0, true},
		{"/memfd:oomreport-closed", "memfd", CLOSED_KB, 0, 2, false},
		{"/dev/shm/oomreport-deleted", "posix", SHM_KB, 2, 2, true},
		{NULL, "sysv", SYSV_KB, 0, 2, true},
		{NULL, "anonymous", ANON_KB, 0, 2, false},
	};
	const char *shm = "/dev/shm/oomreport-deleted-test";
	int open_only = memfd_create("oomreport-open", MFD_CLOEXEC);
	int closed = memfd_create("oomreport-closed", MFD_CLOEXEC);
	int file = open(shm, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int segment = shmget(IPC_PRIVATE, SYSV_KB * KB, IPC_CREAT | 0600);
	void *attached = shmat(segment, NULL, 0);
	void *anonymous = mmap(NULL, ANON_KB * KB, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char pid[32], cgroup[512];
	struct table t;
	pid_t child;

	if (open_only < 0 || closed < 0 || file < 0 || attached == (void *)-1 ||
	    anonymous == MAP_FAILED)
		exit(EXIT_FAILURE);
	shmctl(segment, IPC_RMID, NULL);
	unlink(shm);
	check(fallocate(open_only, 0, 0, OPEN_KB * KB) == 0);
	fill(closed, CLOSED_KB); /* until the end of the test, as the others */
	close(closed);
	fill(file, SHM_KB);
	memset(attached, 1, SYSV_KB * KB);
	memset(anonymous, 1, ANON_KB * KB);
	child = fork();
	if (child == 0) {
		for (;;)
			pause();
	}
	t = collect("/", "proc/shmem-holders.tsv");
	check(t.result == HOST_READ || t.result == HOST_CUT);
	snprintf(pid, sizeof(pid), "%d\t", (int)getpid());
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		struct str text = buf_str(&t.text), line, row[COLUMNS];
		bool found = false;

		while (!found && take_line(&text, &line)) {
			if (!str_starts(line, str_of(pid)))
				continue;
			for (size_t n = 0; n < CGROUP; n++)
				check(take_until(&line, '\t', &row[n]));
			row[CGROUP] = line;
			found = str_eq(row[KIND], str_of(wanted[i].kind)) &&
				(number(row[SIZE]) == wanted[i].kb ||
				 number(row[RESIDENT]) == wanted[i].kb);
		}
		check(found);
		if (!found) {
			fprintf(stderr, "%s of %d kB is not in\n%.*s\n", wanted[i].kind,
				(int)wanted[i].kb, STR_ARG(buf_str(&t.text)));
			continue;
		}
		check_str(row[COMM], STR("host_mappings"));
		check(!wanted[i].name || str_starts(row[NAME], str_of(wanted[i].name)));
		check_str(row[CGROUP], str_of(own_cgroup(cgroup)));
		check_int(number(row[SIZE]) != UNKNOWN, wanted[i].size_known);
		check_int(number(row[OPENED_BY]), wanted[i].opened_by);
		check_int(number(row[MAPPED_BY]), wanted[i].mapped_by);
		check_int(number(row[MAPPED]), wanted[i].mapped_by ? wanted[i].kb : 0);
	}
	/* the first rows are facts for diagnosis */
	check(facts.n_holders > 0 && facts.n_holders <= HOST_HOLDERS);
	for (size_t i = 0; i < facts.n_holders; i++) {
		const struct holder_fact *f = &facts.holders[i];

		check(i == 0 || f->kb <= facts.holders[i - 1].kb);
		check(f->pid > 0 && f->kb > 0 && f->comm.n && f->kind.n && f->name.n);
		check(f->cgroup.n || str_eq(f->comm, STR("-"))); /* somebody else's, gone meanwhile */
	}
	check(facts.holders[0].kb >= OPEN_KB);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	shmdt(attached);
	munmap(anonymous, ANON_KB * KB);
	close(open_only);
	close(file);
	buf_free(&t.text);
}

/* ---- a tree ---- */

static const char status[] = "Name:\tevil\tone\nState:\tS\nVmSize:\t1 kB\nVmRSS:\t1 kB\n";

static void fd_link(const char *path, const char *to)
{
	check(symlink(to, tree_path(path)) == 0);
}

static void holders_of_a_tree(void)
{
	struct str row[COLUMNS];
	struct table t;
	char *maps = malloc(1 << 20);
	size_t n = 0;

	tree_file("/proc/7/status", status);
	tree_file("/proc/9/status", status);
	tree_file("/proc/7/cgroup", "5:cpu:/other\n4:memory:/v\t1/x y\n0::/unified\n");
	tree_file("/proc/mounts", "tmpfs /run/a\\040b tmpfs rw 0 0\n/dev/sda / ext4 rw 0 0\n");
	tree_file("/proc/sysvipc/shm",
		  "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"
		  "-5 3 600 1 1 1 1 0 0 0 0 0 0 0 18446744073709551615 18446744073709551615\n"
		  "0 3\n");
	tree_file("/proc/7/maps",
		  "0-ffffffffffffffff rw-s 0 00:01 1 /memfd:all (deleted)\n"
		  "0-ffffffffffffffff rw-s 0 00:01 1 /memfd:all (deleted)\n"
		  "00400000-00500000 rw-s 00000000 00:01 3    /SYSV00000003 (deleted)\n"
		  "00500000-00400000 rw-s 00000000 00:01 5    /memfd:backwards (deleted)\n"
		  "00400000-00500000 rw-s 00000000 ffffffff:ffffffff 3 /memfd:device (deleted)\n"
		  "00400000-00500000 rw-s 00000000 00:2a 6 /run/a b/gone (deleted)\n"
		  "00400000-00500000 rw-s 00000000 00:2a 7 /run/a b (deleted)\n"
		  "00400000-00500000 rw-s 00000000 08:01 8 /var/disk (deleted)\n"
		  "00400000-00500000 r-xp 00000000 08:01 9 /usr/bin/cat\n"
		  "00400000-00500000 rw-p 00000000 00:00 0 [heap]\n"
		  "nonsense\n"
		  "00400000-00500000 rw-s 00000000 00:01 10 /memfd:tab\there");
	tree_file("/proc/7/smaps",
		  "0-ffffffffffffffff rw-s 0 00:01 1 /memfd:all (deleted)\n"
		  "Rss: 18446744073709551615 kB\nSwap: 99999999999999999999999 kB\n"
		  "Rss: 9223372036854775807 kB\n");
	for (int i = 0; i < 5000; i++)
		n += (size_t)snprintf(maps + n, (1 << 20) - n, "%x000-%x000 rw-s 0 00:01 %d /memfd:%d\n",
				      i, i + 1 + i % 100, 100 + i, i);
	memset(maps + n, 'x', 100000); /* a line without an end */
	tree_file("/proc/9/maps", maps);
	free(maps);
	fd_link("/proc/7/fd/3", "/memfd:opened (deleted)");
	fd_link("/proc/7/fd/4", "/run/a b/opened (deleted)");
	fd_link("/proc/7/fd/5", "/var/opened (deleted)");
	fd_link("/proc/7/fd/6", "/proc/self/mem");
	t = collect(tree, "proc/shmem-holders.tsv");
	check_int(t.result, HOST_CUT);
	check(strstr(t.reason, "the 500 largest") != NULL);
	check_int((int64_t)lines_of(&t), 501);
	check(row_of(&t, "/memfd:all", row) && number(row[RESIDENT]) == INT64_MAX &&
	      str_eq(row[COMM], STR("evil?one")) && number(row[PID]) == 7 &&
	      number(row[MAPPED]) > INT64_C(1) << 54 && number(row[MAPPED_BY]) == 1);
	check(row_of(&t, "/SYSV00000003", row) && number(row[SIZE]) > INT64_C(1) << 54);
	check(row_of(&t, "/memfd:device", row) && number(row[MAPPED]) == 1024);
	check(row_of(&t, "/run/a b/gone", row) && str_eq(row[KIND], STR("deleted")));
	check_str(row[CGROUP], STR("/v?1/x y"));
	check(row_of(&t, "/memfd:4999", row) && str_eq(row[CGROUP], STR("-")));
	check(row_of(&t, "/memfd:tab?here", row));
	check(str_find(buf_str(&t.text), STR("/var/")) == SIZE_MAX);
	check(str_find(buf_str(&t.text), STR("backwards")) == SIZE_MAX);
	check(str_find(buf_str(&t.text), STR("/run/a b (deleted)")) == SIZE_MAX);
	buf_free(&t.text);
	/* few: what is only open is there too, without a size */
	tree_file("/proc/9/maps", "");
	t = collect(tree, "proc/shmem-holders.tsv");
	check_int(t.result, HOST_READ);
	check(row_of(&t, "/memfd:opened", row) && number(row[OPENED_BY]) == 1 &&
	      str_eq(row[SIZE], STR("-")));
	check(row_of(&t, "/run/a b/opened", row));
	buf_free(&t.text);
}

static void nodes(void)
{
	static const char *const numbers[] = {"0", "1", "2", "10"};
	struct table t;
	char path[100];

	tree_file("/proc/7/numa_maps",
		  "00400000 default file=/usr/bin/N1=9\\040N2=7 mapped=4 N0=3 N10=1 kernelpagesize_kB=4\n"
		  "00600000 bind:1 huge anon=2 N1=2 kernelpagesize_kB=2048\n"
		  "00700000 default anon=1 N2=18446744073709551615 kernelpagesize_kB=4\n"
		  "00800000 default N77=5 N0= N=3 N1=x kernelpagesize_kB=4\n"
		  "nonsense N0=99999999999999999999999 kernelpagesize_kB=4");
	tree_file("/sys/devices/system/node/node0/meminfo", "");
	t = collect(tree, "proc/numa.tsv");
	check_int(t.result, HOST_ABSENT);
	check_str(str_of(t.reason), STR("one memory node only"));
	buf_free(&t.text);
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%s/meminfo", numbers[i]);
		tree_file(path, "");
	}
	tree_file("/sys/devices/system/node/node-1/meminfo", "");
	tree_file("/sys/devices/system/node/nodeX/meminfo", "");
	t = collect(tree, "proc/numa.tsv");
	check_int(t.result, HOST_READ);
	check_str(buf_str(&t.text),
		  STR("pid\tcomm\trss_kb\tnode0_kb\tnode1_kb\tnode2_kb\tnode10_kb\tother_kb\n"
		      "7\tevil?one\t1\t12\t4096\t9223372036854775807\t4\t20\n"));
	buf_free(&t.text);
}

/* What this kernel prints is read: the pages of a mapping of our own. */
static void nodes_for_real(void)
{
	enum { MIB = 24 };
	void *p = mmap(NULL, MIB << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct buf numa = BUF_INIT(8 << 20);
	struct root live = ROOT_CLOSED;
	struct err err = {.code = ERR_NONE};
	struct table t;
	struct str text, line, word;
	int64_t sum = 0;
	int errnum;

	if (p == MAP_FAILED)
		exit(EXIT_FAILURE);
	memset(p, 1, MIB << 20);
	check_ok(root_open(&live, "/", &err), err);
	if (file_read(&live, "/proc/self/numa_maps", &numa, &errnum) == READ_ALL) {
		tree_file("/proc/7/numa_maps", buf_cstr(&numa));
		t = collect(tree, "proc/numa.tsv");
		text = buf_str(&t.text);
		check(take_line(&text, &line) && take_line(&text, &line));
		for (int i = 0; i < 3; i++)
			check(take_until(&line, '\t', &word));
		while (take_until(&line, '\t', &word))
			sum += number(word);
		check(sum >= MIB * 1024);
		buf_free(&t.text);
	} else {
		printf("(no NUMA in this kernel: its own numa_maps is left out)\n");
	}
	root_close(&live);
	buf_free(&numa);
	munmap(p, MIB << 20);
}

int main(void)
{
	tree_make();
	real_holders();
	holders_of_a_tree();
	nodes();
	nodes_for_real();
	host_facts_free(&facts);
	return tests_done();
}
