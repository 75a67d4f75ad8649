/* SPDX-License-Identifier: MIT */
/* test_kmsg.c - /dev/kmsg records, given by a FIFO in packet mode: one write, one record. */
#include <errno.h>
#include <fcntl.h>

#include "source/scratch.h"

static int writer = -1;

static void record(struct str bytes)
{
	check(write(writer, bytes.p, bytes.n) == (ssize_t)bytes.n);
}

/* A fake /dev/kmsg; what is written before it is opened is what it holds. */
static void fake_kmsg(void)
{
	const char *path = scratch_path("dev/kmsg");

	unlink(path);
	if (mkfifo(path, 0600) || (writer = open(path, O_RDWR | O_NONBLOCK)) < 0 ||
	    fcntl(writer, F_SETFL, O_RDWR | O_NONBLOCK | O_DIRECT)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

static void test_records(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(8 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct source_info info = {0};
	struct err err = {0};
	struct stream *in;

	fake_kmsg();
	record(STR("6,10,1500000,-;first\\x0asecond \\x5c \\xc3\\xa9 \\x1b\n SUBSYSTEM=pci\n"));
	record(STR("4,11,1500001,-,caller=T42;with caller\n"));
	record(STR("4,15,2000000,c;part"));
	record(STR("4,16,2000001,+;ial\n"));
	record(STR("30,17,99999999999,-;systemd[1]: user\n"));
	record(STR("garbage without a head"));
	record(STR("4,99999999999999999999999,1,-;number too large\n"));
	check_ok(root_open(&root, scratch, &err), err);
	in = kmsg_open(&a, &root, "/dev/kmsg", &info, &err);
	check(in != NULL);
	if (!in)
		return;
	check_int(kmsg_oldest(in).us, 1500000);
	check(info.head_lost);
	check_str(scratch_read(&out, in, 7),
		  STR("<6>[    1.500000] first\n"
		      "<6>[    1.500000] second \\ \xc3\xa9 \\x1b\n"
		      "<4>[    1.500001][   T42] with caller\n"
		      "<4>[    2.000000] partial\n"
		      "<30>[99999.999999] systemd[1]: user\n"
		      "garbage without a head\n"
		      "4,99999999999999999999999,1,-;number too large\n"));
	check_int(info.lost_records, 3); /* 12, 13, 14 */
	close(writer);
}

static void test_whole_ring(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(8 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct source_info info = {0};
	struct err err = {0};
	struct stream *in;

	fake_kmsg();
	record(STR("5,0,0,-;Linux version 6.1.0\n"));
	check_ok(root_open(&root, scratch, &err), err);
	in = kmsg_open(&a, &root, "/dev/kmsg", &info, &err);
	check(in && !info.head_lost);
	check_str(scratch_read(&out, in, 4096), STR("<5>[    0.000000] Linux version 6.1.0\n"));
	close(writer);
	check(kmsg_open(&a, &root, "/dev/nothing", &info, &err) == NULL && errno == ENOENT);
}

/* The machine's own: as long as dmesg's, or refused with a reason. */
static void test_live(void)
{
	CLEANUP_SOURCE struct source *s = NULL;
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct err err = {0};
	struct str window;
	int rc;

	check_ok(root_open(&root, "/", &err), err);
	if (source_open_live(&s, &root, 0, NULL, &err)) {
		check(err.text[0] && err.hint[0]);
		printf("no live log here: %s; %s\n", err.text, err.hint);
		return;
	}
	while ((rc = source_window(s, &window, &err)) > 0)
		;
	check_int(rc, 0);
	check(source_info(s)->bytes > 0 && source_info(s)->name[0]);
	printf("live: %s, %llu bytes. %s\n", source_info(s)->name,
	       (unsigned long long)source_info(s)->bytes, source_info(s)->note);
	check(source_open_live(&s, &root, 1, NULL, &err) < 0);
}

int main(void)
{
	scratch_make();
	test_records();
	test_whole_ring();
	test_live();
	return tests_done();
}
