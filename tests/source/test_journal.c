/* SPDX-License-Identifier: MIT */
/* test_journal.c - journal export bytes as text; what lies before the ring's head. */
#include "source/scratch.h"

#include <sys/resource.h>

static const struct str entries = STR_INIT(
	"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1767366245000000\n__MONOTONIC_TIMESTAMP=900\n"
	"_TRANSPORT=kernel\nPRIORITY=5\n_SOURCE_MONOTONIC_TIMESTAMP=0\n"
	"SYSLOG_IDENTIFIER=kernel\nMESSAGE=Linux version 6.1.0\n\n"
	"__CURSOR=s=2\n_TRANSPORT=kernel\nPRIORITY=4\n_SOURCE_MONOTONIC_TIMESTAMP=1500000\n"
	"MESSAGE\n\x0d\0\0\0\0\0\0\0two\nlines = 2\nFIELD=x\n\n"
	"__CURSOR=s=3\n_TRANSPORT=journal\nPRIORITY=6\n__MONOTONIC_TIMESTAMP=1600000\n"
	"SYSLOG_IDENTIFIER=systemd-oomd\n_PID=410\nMESSAGE=Killed /a due to memory pressure\n\n"
	"__CURSOR=s=4\n_TRANSPORT=kernel\nPRIORITY=4\n_SOURCE_MONOTONIC_TIMESTAMP=2000000\n"
	"MESSAGE=same time, before\n\n"
	"__CURSOR=s=5\n_TRANSPORT=kernel\nPRIORITY=4\n_SOURCE_MONOTONIC_TIMESTAMP=2000000\n"
	"MESSAGE=oldest in the ring\n\n"
	"__CURSOR=s=6\n_TRANSPORT=kernel\nPRIORITY=4\n_SOURCE_MONOTONIC_TIMESTAMP=2100000\n"
	"MESSAGE=later\n");

static void test_text(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct err err = {0};
	struct head_of ring = {2000000, STR_INIT("oldest in the ring")};

	for (size_t n = 1; n < 100; n += 7)
		check_str(scratch_read(&out, export_text(&a, stream_from_str(&a, entries, &err),
							  NULL, false, &err), n),
			  STR("<5>[    0.000000] Linux version 6.1.0\n"
			      "<4>[    1.500000] two\n"
			      "<4>[    1.500000] lines = 2\n"
			      "<6>[    1.600000] systemd-oomd[410]: Killed /a due to memory "
			      "pressure\n"
			      "<4>[    2.000000] same time, before\n"
			      "<4>[    2.000000] oldest in the ring\n"
			      "<4>[    2.100000] later\n"));
	/* no line twice, no line lost */
	check_str(scratch_read(&out, export_text(&a, stream_from_str(&a, entries, &err), &ring,
						  false, &err), 4096),
		  STR("<5>[    0.000000] Linux version 6.1.0\n"
		      "<4>[    1.500000] two\n"
		      "<4>[    1.500000] lines = 2\n"
		      "<4>[    2.000000] same time, before\n"));
}

/* A file of systemd-journal-remote holds many machines: each line names its own. */
static void test_hosts(void)
{
	static const struct str two = STR_INIT(
		"__REALTIME_TIMESTAMP=1767366245123456\n_HOSTNAME=web1\n_TRANSPORT=kernel\n"
		"PRIORITY=4\n_SOURCE_MONOTONIC_TIMESTAMP=1500000\nMESSAGE=one\n\n"
		"__REALTIME_TIMESTAMP=1767366245000000\n_HOSTNAME=web2\nPRIORITY=6\n"
		"__MONOTONIC_TIMESTAMP=1600000\nSYSLOG_IDENTIFIER=earlyoom\n_PID=410\n"
		"MESSAGE=two\n\n"
		"__REALTIME_TIMESTAMP=1767366245000000\n_HOSTNAME=web2\n_TRANSPORT=kernel\n"
		"PRIORITY=4\nSYSLOG_FACILITY=1\nMESSAGE=forger invoked oom-killer: by /dev/kmsg\n\n"
		"_HOSTNAME=a b\n_TRANSPORT=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=0\n"
		"MESSAGE=no name\n\n");
	CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	struct err err = {0};

	check_str(scratch_read(&out, export_text(&a, stream_from_str(&a, two, &err), NULL, true,
						  &err), 17),
		  STR("<4>2026-01-02T15:04:05.123456Z web1 kernel: [    1.500000] one\n"
		      "<6>2026-01-02T15:04:05.000000Z web2 earlyoom[410]: two\n"
		      "<12>2026-01-02T15:04:05.000000Z web2 kmsg: forger invoked oom-killer: by "
		      "/dev/kmsg\n"
		      "[    0.000000] no name\n"));
}

/* Cut anywhere: no crash, and never more than the whole gives. */
static void test_cuts(void)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);

	for (size_t n = 0; n < entries.n; n++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
		struct err err = {0};
		struct str text = scratch_read(
			&out, export_text(&a, stream_from_str(&a, str_sub(entries, 0, n), &err),
					   NULL, false, &err), 333);

		check(text.n <= 280);
	}
	/* a length that is a lie */
	CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
	struct err err = {0};

	check_str(scratch_read(&out, export_text(&a, stream_from_str(&a, STR(
			"_TRANSPORT=kernel\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffxyz"), &err),
				NULL, false, &err), 10), STR("xyz\n"));
}

/* Where no journal is kept, nobody is started to say so: a child would have had page faults. */
static void test_no_journal(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(16 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct err err = {0};
	struct rusage before, after;

	scratch_make();
	mkdir(scratch_path("empty"), 0700);
	mkdir(scratch_path("empty/var"), 0700);
	mkdir(scratch_path("empty/var/log"), 0700);
	mkdir(scratch_path("empty/var/log/journal"), 0700); /* as distributions ship it */
	check_ok(root_open(&root, scratch_path("empty"), &err), err);
	check(getrusage(RUSAGE_CHILDREN, &before) == 0);
	check(!journalctl_open(&a, &root, 0, NULL, NULL, &err));
	check_str(str_of(err.text), STR("the journal has no kernel messages of that boot"));
	check(getrusage(RUSAGE_CHILDREN, &after) == 0);
	check_int(after.ru_minflt, before.ru_minflt);
}

int main(void)
{
	test_text();
	test_hosts();
	test_cuts();
	test_no_journal();
	return tests_done();
}
