/* SPDX-License-Identifier: MIT */
/* test_write.c - what is written is what stock tar reads: sorted, 0:0, reproducible; cut in
 * the documented order when it must be small; never there when it could not be finished. */
#include "make.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static const struct {
	enum bundle_format format;
	const char *name;
} formats[] = {
	{BUNDLE_TAR_ZST, "b.tar.zst"},
	{BUNDLE_TAR_GZ, "b.tar.gz"},
	{BUNDLE_TAR_XZ, "b.tar.xz"},
	{BUNDLE_DIR, "b"},
};

static char *in_work(const char *name)
{
	static char paths[8][200];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", work, name);
	return path;
}

/* Standard output of a program (found in PATH) into out. */
static int run(const char *const argv[], struct buf *out)
{
	char *args[8];
	posix_spawn_file_actions_t actions;
	int fds[2], status;
	char window[4096];
	pid_t pid;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	memcpy(args, argv, sizeof(args)); /* posix_spawn takes no const */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	status = posix_spawnp(&pid, argv[0], &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while (status == 0 && (n = fd_read(fds[0], window, sizeof(window))) > 0)
		buf_add(out, (struct str){window, (size_t)n});
	close(fds[0]);
	if (status != 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char expected_names[] =
	"oomreport-host-20261123T023000Z/\n"
	"oomreport-host-20261123T023000Z/MANIFEST.json\n"
	"oomreport-host-20261123T023000Z/cgroup/\n"
	"oomreport-host-20261123T023000Z/cgroup/kubepods.slice/\n"
	"oomreport-host-20261123T023000Z/cgroup/kubepods.slice/kubepods-burstable.slice/\n"
	"oomreport-host-20261123T023000Z/cgroup/kubepods.slice/kubepods-burstable.slice/"
	"kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice/\n"
	"oomreport-host-20261123T023000Z/cgroup/kubepods.slice/kubepods-burstable.slice/"
	"kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice/cri-containerd-"
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope/\n"
	"oomreport-host-20261123T023000Z/" LONG_NAME "\n"
	"oomreport-host-20261123T023000Z/log/\n"
	"oomreport-host-20261123T023000Z/log/kernel.log\n"
	"oomreport-host-20261123T023000Z/proc-not/\n"
	"oomreport-host-20261123T023000Z/proc-not/empty\n"
	"oomreport-host-20261123T023000Z/proc/\n"
	"oomreport-host-20261123T023000Z/proc/meminfo\n"
	"oomreport-host-20261123T023000Z/sys/\n"
	"oomreport-host-20261123T023000Z/sys/kernel/\n"
	"oomreport-host-20261123T023000Z/sys/kernel/mm/\n"
	"oomreport-host-20261123T023000Z/sys/kernel/mm/ksm/\n"
	"oomreport-host-20261123T023000Z/sys/kernel/mm/ksm/run\n";

static void read_with_tar(char *path)
{
	const char *list[8] = {"tar", "-tf", path, NULL};
	const char *one[8] = {"tar", "-xOf", path, "oomreport-host-20261123T023000Z/proc/meminfo", NULL};
	const char *log[8] = {"tar", "-xOf", path, "oomreport-host-20261123T023000Z/log/kernel.log", NULL};
	const char *modes[8] = {"tar", "--numeric-owner", "-tvf", path, NULL};
	struct buf out = BUF_INIT(64 << 20);
	struct str text, line;

	check_int(run(list, &out), 0);
	check_str(buf_str(&out), STR(expected_names));
	buf_clear(&out);
	check_int(run(one, &out), 0);
	check_str(buf_str(&out), STR("MemTotal: 1 kB\n"));
	buf_clear(&out);
	check_int(run(log, &out), 0);
	check(str_starts(buf_str(&out), STR("[0.")));
	check(str_ends(buf_str(&out), STR(" of the log\n")));
	buf_clear(&out);
	check_int(run(modes, &out), 0);
	text = buf_str(&out);
	while (take_line(&text, &line))
		check(str_starts(line, STR("-rw-r--r-- 0/0 ")) ||
		      str_starts(line, STR("drwxr-xr-x 0/0 ")));
	buf_free(&out);
}

/* verify() finds nothing in it; what it finds is shown. */
static void check_sound(const char *path)
{
	struct problems p = {.n = 0};

	check_int(verify(path, &p), 0);
	if (p.n)
		fputs(p.all, stderr);
}

static int of_then(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)type;
	(void)at;
	return st->st_mtime != 1795401000; /* make_options() */
}

static void round_trips(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		char *path = in_work(formats[i].name), *again = in_work("again");
		struct bundle_options o = make_options(path, formats[i].format);
		struct buf a = BUF_INIT(64 << 20), b = BUF_INIT(64 << 20);
		struct root root = ROOT_CLOSED;
		struct err err = {.code = ERR_NONE};
		int errnum = 0;

		make_bundle(&o, 120000);
		check_sound(path);
		if (formats[i].format == BUNDLE_DIR) {
			check_int(nftw(path, of_then, 16, FTW_PHYS), 0);
			continue;
		}
		read_with_tar(path);
		o.path = again;
		make_bundle(&o, 120000);
		check_ok(root_open(&root, "/", &err), err);
		check(file_read(&root, path, &a, &errnum) == READ_ALL);
		check(file_read(&root, again, &b, &errnum) == READ_ALL);
		check(a.n > 1000 && str_eq(buf_str(&a), buf_str(&b)));
		unlink(again);
		root_close(&root);
		buf_free(&a);
		buf_free(&b);
	}
}

static void existing_files_stay(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct bundle_options o = make_options(in_work(formats[i].name), formats[i].format);
		struct err err = {.code = ERR_NONE};
		struct bundle *b = NULL;

		check_ok(bundle_open(&b, &o, &err), err);
		check_ok(make_content(b, 10, &err), err);
		check_int(bundle_commit(b, false, &err), -1);
		check(str_find(str_of(err.hint), STR("--force")) != SIZE_MAX);
		bundle_free(b);
		o.force = true;
		make_bundle(&o, 10);
	}
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void cut_in_order(void)
{
	char *path = in_work("cut.tar.zst"), *tree = in_work("cut");
	struct bundle_options o = make_options(path, BUNDLE_TAR_ZST);
	const char *list[8] = {"tar", "-tf", path, NULL};
	struct buf out = BUF_INIT(1 << 20);
	uint64_t whole;

	make_bundle(&o, 400000);
	whole = size_of(path);
	check(whole > 6000000);
	o.force = true;
	o.max_bytes = whole / 2;
	make_bundle(&o, 400000);
	check(size_of(path) <= whole / 2 && size_of(path) > whole / 4);
	check_sound(path);
	check_int(run(list, &out), 0);
	/* the empty file of rank 3 went first, the log was shortened, the rest is whole */
	check(str_find(buf_str(&out), STR("proc-not")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("log/kernel.log")) != SIZE_MAX);
	o.max_bytes = 20000;
	make_bundle(&o, 400000);
	buf_clear(&out);
	check(size_of(path) <= 20000);
	check_sound(path);
	check_int(run(list, &out), 0);
	check(str_find(buf_str(&out), STR("log/kernel.log")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("proc/meminfo")) != SIZE_MAX);
	o = make_options(tree, BUNDLE_DIR);
	o.max_bytes = 9 << 20;
	make_bundle(&o, 400000);
	check_sound(tree);
	check_int(size_of(in_work("cut/log/kernel.log")), 8 << 20);
	buf_free(&out);
}

/* All that this process has written, or UINT64_MAX where the system does not say. */
static uint64_t written_so_far(void)
{
	FILE *io = fopen("/proc/self/io", "re");
	unsigned long long n = 0;
	bool has = io && fscanf(io, "rchar: %*u wchar: %llu", &n) == 1;

	if (io)
		fclose(io);
	return has ? n : UINT64_MAX;
}

static int make_many(struct bundle *b, struct err *err)
{
	char name[60], text[80];

	for (unsigned i = 0; i < 1200; i++) {
		struct bundle_entry e = {.path = name, .read_at_us = UNKNOWN,
					 .cut_rank = i % 4 ? 2 : 3};

		snprintf(name, sizeof(name), "cgroup/%u/memory.stat", i);
		snprintf(text, sizeof(text), "anon %u\nfile %u\n", i * 7919, i * 104729);
		if (bundle_add(b, &e, str_of(text), err) != 0)
			return -1;
	}
	return make_log(b, 8000, err);
}

/* Thousands of small files that must go are not thousands of archives written; and no format ever
 * passes the limit. */
static void many_small_ones_go(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		for (uint64_t limit = 1 << 18; limit >= 1 << 15; limit /= 8) {
			struct bundle_options o = make_options(in_work("many"), formats[i].format);
			struct err err = {.code = ERR_NONE};
			struct bundle *b = NULL;
			uint64_t before = written_so_far();
			int rc;

			o.max_bytes = limit;
			check_ok(bundle_open(&b, &o, &err), err);
			check_ok(make_many(b, &err), err);
			rc = bundle_commit(b, false, &err);
			bundle_free(b);
			if (rc != 0) /* a line for each of 1200 files is left */
				check_int(err.code, ERR_LIMIT);
			else if (formats[i].format != BUNDLE_DIR)
				check(size_of(o.path) <= limit);
			if (rc == 0)
				check_sound(o.path);
			check(before == UINT64_MAX ||
			      written_so_far() - before < UINT64_C(60) << 20);
			nftw(o.path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		}
	}
}

static void too_small_is_said(void)
{
	struct bundle_options o = make_options(in_work("small.tar.gz"), BUNDLE_TAR_GZ);
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;

	o.max_bytes = 100;
	check_ok(bundle_open(&b, &o, &err), err);
	check_ok(make_content(b, 10, &err), err);
	check_int(bundle_commit(b, false, &err), -1);
	check_int(err.code, ERR_LIMIT);
	bundle_free(b);
	check(access(o.path, F_OK) != 0);
}

static void strange_paths_become_safe(void)
{
	static const char *const paths[] = {"/../../etc/passwd", "a//b/./..\\x\nz", "\xff", "/", ""};
	char *path = in_work("odd.tar.zst");
	struct bundle_options o = make_options(path, BUNDLE_TAR_ZST);
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;

	check_ok(bundle_open(&b, &o, &err), err);
	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		struct bundle_entry e = {.path = paths[i], .read_at_us = UNKNOWN};

		check_ok(bundle_add(b, &e, STR("x"), &err), err);
	}
	check_ok(bundle_commit(b, true, &err), err);
	bundle_free(b);
	check_sound(path);
}

/* A file that is given up half-way is a line with the reason, its bytes are nowhere; and a path that
 * fits no plain header is read by stock tar all the same. */
static void given_up_and_long(void)
{
	char *path = in_work("given.tar.gz"), name[300];
	const char *list[8] = {"tar", "-tf", path, NULL};
	const char *manifest[8] = {"tar", "-xOf", path, "oomreport-host-20261123T023000Z/MANIFEST.json",
				   NULL};
	struct bundle_options o = make_options(path, BUNDLE_TAR_GZ);
	struct bundle_entry e = {.path = name, .read_at_us = UNKNOWN};
	struct buf out = BUF_INIT(1 << 20);
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	check_ok(bundle_open(&b, &o, &err), err);
	check_ok(bundle_begin(b, "log/kernel.log", &err), err);
	check_ok(bundle_data(b, STR("a line that is not to be seen\n"), &err), err);
	check_ok(bundle_cancel(b, "/dev/kmsg", "it could not be redacted", &err), err);
	check_ok(bundle_add(b, &e, STR("x"), &err), err);
	check_ok(bundle_commit(b, true, &err), err);
	bundle_free(b);
	check_sound(path);
	check_int(run(list, &out), 0);
	check(str_find(buf_str(&out), str_of(name)) != SIZE_MAX);
	check(str_find(buf_str(&out), STR("kernel.log")) == SIZE_MAX);
	buf_clear(&out);
	check_int(run(manifest, &out), 0);
	check(str_find(buf_str(&out), STR("it could not be redacted")) != SIZE_MAX);
	buf_free(&out);
}

/* To standard output: the same bytes as to a file. */
static void to_standard_output(void)
{
	char *file = in_work("file.tar.zst"), *piped = in_work("piped.tar.zst");
	struct bundle_options o = make_options(file, BUNDLE_TAR_ZST);
	struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	struct root root = ROOT_CLOSED;
	struct err err = {.code = ERR_NONE};
	int own = dup(STDOUT_FILENO), errnum = 0;
	FILE *to = fopen(piped, "we");

	make_bundle(&o, 3000);
	o.path = "-";
	fflush(stdout);
	if (!to || dup2(fileno(to), STDOUT_FILENO) < 0)
		exit(EXIT_FAILURE);
	make_bundle(&o, 3000);
	dup2(own, STDOUT_FILENO);
	close(own);
	fclose(to);
	check_ok(root_open(&root, "/", &err), err);
	check(file_read(&root, file, &a, &errnum) == READ_ALL);
	check(file_read(&root, piped, &b, &errnum) == READ_ALL);
	check(a.n > 0 && str_eq(buf_str(&a), buf_str(&b)));
	root_close(&root);
	buf_free(&a);
	buf_free(&b);
}

/* Standard output that takes nothing: one error, of every format, says so. */
static void to_a_full_device(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct bundle_options o = make_options("-", formats[i].format);
		struct err err = {.code = ERR_NONE};
		int own = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC), rc;
		struct bundle *b = NULL;

		if (formats[i].format == BUNDLE_DIR)
			continue;
		fflush(stdout);
		check(full >= 0 && dup2(full, STDOUT_FILENO) == STDOUT_FILENO);
		rc = bundle_open(&b, &o, &err);
		if (rc == 0)
			rc = make_content(b, 20000, &err);
		if (rc == 0)
			rc = bundle_commit(b, false, &err);
		bundle_free(b);
		dup2(own, STDOUT_FILENO);
		close(own);
		close(full);
		check_int(rc, -1);
		check_int(err.code, ERR_IO);
		check(strstr(err.text, "No space left on device") != NULL);
	}
}

/* The folder inside has a name of its own, without a way out of it. */
static void folder_names(void)
{
	static const char *const tops[] = {"", "a/b"};
	struct bundle_options odd = make_options(in_work("odd-top.tar.gz"), BUNDLE_TAR_GZ);

	odd.top = "..b\xff\n\\x";
	make_bundle(&odd, 10);
	check_sound(odd.path);

	for (size_t i = 0; i < ARRAY_COUNT(tops); i++) {
		struct bundle_options o = make_options(in_work("top.tar.zst"), BUNDLE_TAR_ZST);
		struct err err = {.code = ERR_NONE};
		struct bundle *b = NULL;

		o.top = tops[i];
		check_int(bundle_open(&b, &o, &err), -1);
		check_int(err.code, ERR_USAGE);
		check(access(o.path, F_OK) != 0);
	}
}

static int refuse(void *ctx, const char *path, struct str bytes, struct err *err)
{
	unsigned *seen = ctx;

	++*seen;
	if (strcmp(path, "proc/meminfo") == 0 && str_find(bytes, STR("MemTotal")) != SIZE_MAX)
		return err_set(err, ERR_REFUSED, "%s: a leak", path);
	return 0;
}

static void inspection_can_refuse(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct bundle_options o = make_options(in_work("leak"), formats[i].format);
		struct err err = {.code = ERR_NONE};
		struct bundle *b = NULL;
		unsigned seen = 0;

		o.inspect = refuse;
		o.inspect_ctx = &seen;
		check_ok(bundle_open(&b, &o, &err), err);
		check_ok(make_content(b, 5000, &err), err);
		check_int(bundle_commit(b, false, &err), -1);
		check_int(err.code, ERR_REFUSED);
		check(seen > 0);
		bundle_free(b);
		check(access(o.path, F_OK) != 0);
	}
}

static int open_often(const char *path)
{
	struct bundle_options o = make_options(path, BUNDLE_DIR);
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;
	int failed = 0;

	for (int i = 0; i < 3000; i++) {
		failed += bundle_open(&b, &o, &err) != 0;
		bundle_free(b);
		b = NULL;
	}
	return failed;
}

/* Each sweeps away what killed runs left, and neither takes the other's for that. */
static void two_at_a_time(void)
{
	char *path = in_work("both");
	pid_t other = fork();
	int status = -1;

	if (other == 0)
		_exit(open_often(path) != 0);
	check_int(open_often(path), 0);
	check(other > 0 && waitpid(other, &status, 0) == other);
	check_int(status, 0);
}

/* Every allocation of our own failing in turn: an error with a reason, and nothing left. */
static void without_memory(void)
{
	unsigned long used = mem_allocations(), n;
	char *path = in_work("starved.tar.zst");
	struct bundle_options o = make_options(path, BUNDLE_TAR_ZST);

	o.force = true;
	make_bundle(&o, 2000);
	used = mem_allocations() - used;
	check(used > 0);
	unlink(path);
	for (n = 1; n <= used; n++) {
		struct err err = {.code = ERR_NONE};
		struct bundle *b = NULL;

		mem_fail_after(n);
		if (bundle_open(&b, &o, &err) == 0 && make_content(b, 2000, &err) == 0)
			(void)!bundle_commit(b, false, &err);
		mem_fail_after(0);
		check(err.code != ERR_NONE || access(path, F_OK) == 0);
		check(err.code == ERR_NONE || access(path, F_OK) != 0);
		bundle_free(b);
		unlink(path);
	}
}

int main(void)
{
	work_make();
	without_memory();
	round_trips();
	given_up_and_long();
	to_standard_output();
	to_a_full_device();
	folder_names();
	two_at_a_time();
	existing_files_stay();
	cut_in_order();
	many_small_ones_go();
	too_small_is_said();
	strange_paths_become_safe();
	inspection_can_refuse();
	return tests_done();
}
