/* SPDX-License-Identifier: MIT */
/* test_logfiles.c - another machine's /var/log, pstore and kdump below a root; the head of a
 * ring from files. */
#include "source/scratch.h"

static struct str read_item(struct buf *out, struct arena *a, const struct root *root,
			    const struct log_item *item)
{
	struct err err = {0};

	return scratch_read(out, logs_open(a, root, item, &err), 100);
}

static void test_rotation(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct err err = {0};
	struct log_list list;

	scratch_write("r/var/log/kern.log", STR("4\n"));
	scratch_write("r/var/log/kern.log.1", STR("3")); /* no newline at its end */
	scratch_write("r/var/log/kern.log.2", STR("2\n"));
	scratch_write("r/var/log/kern.log.10", STR("1\n"));
	scratch_write("r/var/log/kern.log.old", STR("never\n"));
	scratch_write("r/var/log/kern.logic", STR("never\n"));
	scratch_write("r/var/log/messages", STR("c\n"));
	scratch_write("r/var/log/messages-20240201", STR("b\n"));
	scratch_write("r/var/log/messages-20231231", STR("a\n"));
	mkfifo(scratch_path("r/var/log/syslog"), 0600);
	check_ok(root_open(&root, scratch_path("r"), &err), err);
	check_ok(logs_find_files(&a, &root, &list, &err), err);
	check_int(list.n, 2);
	if (list.n != 2)
		return;
	check_str(str_of(list.items[0].path), STR("/var/log/kern.log"));
	check_str(read_item(&out, &a, &root, &list.items[0]), STR("1\n2\n3\n4\n"));
	check_str(read_item(&out, &a, &root, &list.items[1]), STR("a\nb\nc\n"));
	check(str_find(str_of(list.note), STR("1 FIFO")) == 0);
	/* named by hand it is refused as well: a log folder must not stop us */
	check(logs_open_one(&a, &root, "/var/log/syslog", &err) == NULL);
}

static void test_crashes(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct err err = {0};
	struct log_list list;

	scratch_write("c/sys/fs/pstore/dmesg-efi-165467816601001", STR("newest\n"));
	scratch_write("c/sys/fs/pstore/dmesg-efi-165467816602001", STR("middle\n"));
	scratch_write("c/sys/fs/pstore/dmesg-efi-165467816610001", STR("oldest\n"));
	scratch_write("c/sys/fs/pstore/dmesg-efi-175467816601001", STR("another\n"));
	scratch_write("c/sys/fs/pstore/dmesg-erst-1.enc.z", STR("\x01\x02"));
	scratch_write("c/var/lib/systemd/pstore/1654678166/dmesg.txt", STR("put together\n"));
	scratch_write("c/var/lib/systemd/pstore/1654678166/dmesg-efi-1", STR("its part\n"));
	scratch_write("c/var/crash/127.0.0.1-2026-01-02/vmcore-dmesg.txt", STR("kdump\n"));
	scratch_write("c/var/crash/127.0.0.1-2026-01-02/vmcore", STR("not text\n"));
	check_ok(root_open(&root, scratch_path("c"), &err), err);
	check_ok(logs_find_crashes(&a, &root, &list, &err), err);
	check_int(list.n, 4);
	if (list.n != 4)
		return;
	check_str(read_item(&out, &a, &root, &list.items[0]), STR("another\n"));
	check_str(read_item(&out, &a, &root, &list.items[1]), STR("oldest\nmiddle\nnewest\n"));
	check_str(read_item(&out, &a, &root, &list.items[2]), STR("put together\n"));
	check_str(read_item(&out, &a, &root, &list.items[3]), STR("kdump\n"));
	check_int(list.items[1].kind, SOURCE_PSTORE);
	check_int(list.items[3].kind, SOURCE_VMCORE_DMESG);
	check(str_find(str_of(list.note), STR("enc.z")) != SIZE_MAX);
}

static void test_head(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_ROOT struct root server = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct head_of ring = {20000000, STR_INIT("oldest in the ring")};
	struct err err = {0};
	char from[128];

	scratch_write("h/var/log/messages-20260101",
		      STR("Jan  1 00:00:00 h kernel: [    0.000000] Linux version 6.0\n"
			  "Jan  1 00:00:10 h kernel: [   20.000000] of the boot before\n"
			  "Jan  1 01:00:00 h kernel: [    0.000000] Linux version 6.1\n"
			  "Jan  1 01:00:00 h app[1]: [    1.000000] not the system's\n"));
	scratch_write("h/var/log/messages",
		      STR("Jan  1 01:00:01 h kernel: [    1.500000] x invoked oom-killer:\n"
			  "Jan  1 01:00:20 h kernel: [   20.000000] same time, before\n"
			  "Jan  1 01:00:20 h kernel: [   20.000000] oldest in the ring\n"
			  "Jan  1 01:00:21 h kernel: [   21.000000] later\n"));
	check_ok(root_open(&root, scratch_path("h"), &err), err);
	check_str(scratch_read(&out, head_open(&a, &root, &ring, NULL, from), 10),
		  STR("[    0.000000] Linux version 6.1\n"
		      "[    1.500000] x invoked oom-killer:\n"
		      "[   20.000000] same time, before\n"));
	check_str(str_of(from), STR("/var/log/messages"));
	/* a log server's: another host's lines lie between, one boots, one has that very time */
	scratch_write("s/var/log/syslog",
		      STR("Jan  1 01:00:00 other kernel: [    3.000000] not ours\n"
			  "Jan  1 01:00:00 h kernel: [    0.000000] Linux version 6.1\n"
			  "Jan  1 01:00:01 other kernel: [    0.000000] Linux version 5.1\n"
			  "Jan  1 01:00:01 h kernel: [    1.500000] x invoked oom-killer:\n"
			  "Jan  1 01:00:20 other kernel: [   20.000000] its own\n"
			  "Jan  1 01:00:20 h kernel: [   20.000000] oldest in the ring\n"
			  "Jan  1 01:00:21 other kernel: [   20.500000] later\n"));
	check_ok(root_open(&server, scratch_path("s"), &err), err);
	check_str(scratch_read(&out, head_open(&a, &server, &ring, NULL, from), 10),
		  STR("[    0.000000] Linux version 6.1\n"
		      "[    1.500000] x invoked oom-killer:\n"));
	ring.us = 99000000; /* a file that ends before the ring begins cannot be joined to it */
	check(head_open(&a, &root, &ring, NULL, from) == NULL);
}

static void test_other_machine(void)
{
	CLEANUP_SOURCE struct source *s = NULL;
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct err err = {0};
	struct str window;

	check_ok(root_open(&root, scratch_path("r"), &err), err);
	check_ok(source_open_live(&s, &root, 0, NULL, &err), err);
	if (!s)
		return;
	check_int(source_info(s)->kind, SOURCE_FILE);
	check(source_window(s, &window, &err) == 1);
	check_int(source_next(s, &err), 0);
	source_close(s);
	s = NULL;
	root_close(&root);
	mkdir(scratch_path("empty"), 0700);
	check_ok(root_open(&root, scratch_path("empty"), &err), err);
	check(source_open_live(&s, &root, 0, NULL, &err) < 0 && err.hint[0]);
}

/* Anybody may make it on some systems: a terabyte of nothing is read to 64 MiB. */
static void test_endless_crash(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	static char window[1 << 20];
	struct err err = {0};
	struct log_list list;
	struct stream *in;
	uint64_t sum = 0;
	ssize_t n;

	scratch_write("e/var/crash/1/vmcore-dmesg.txt", STR("kdump\n"));
	check(truncate(scratch_path("e/var/crash/1/vmcore-dmesg.txt"), INT64_C(1) << 40) == 0);
	check_ok(root_open(&root, scratch_path("e"), &err), err);
	check_ok(logs_find_crashes(&a, &root, &list, &err), err);
	in = logs_open(&a, &root, &list.items[0], &err);
	while (in && (n = stream_read(in, window, sizeof(window), &err)) > 0)
		sum += (uint64_t)n;
	stream_close(in);
	check_int((long long)sum, 64 << 20);
}

int main(void)
{
	scratch_make();
	test_rotation();
	test_crashes();
	test_endless_crash();
	test_head();
	test_other_machine();
	return tests_done();
}
