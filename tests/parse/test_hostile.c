/* SPDX-License-Identifier: MIT */
/* test_hostile.c - input that means harm or comes from a broken machine, and a machine without
 * memory: nothing crashes, nothing grows without a bound, nothing is made up.
 */
#include "dump.h"
#include "harness.h"

enum { LARGEST = 64 << 20 };

static const char event[] =
	"[  100.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
	"oom_score_adj=0\n"
	"[  100.000002] CPU: 0 PID: 7 Comm: a Not tainted 6.1.0 #1\n"
	"[  100.000003] Call Trace:\n"
	"[  100.000004]  dump_stack+0x1/0x2\n"
	"[  100.000005] Mem-Info:\n"
	"[  100.000006] active_anon:1 inactive_anon:2 isolated_anon:3\n"
	"[  100.000007] Node 0 DMA free:1kB min:2kB low:3kB high:4kB\n"
	"[  100.000008] lowmem_reserve[]: 0 1\n"
	"[  100.000009] Node 0 DMA: 1*4kB (U) = 4kB\n"
	"[  100.000010] Tasks state (memory values in pages):\n"
	"[  100.000011] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	"oom_score_adj name\n"
	"[  100.000012] [      7]     0     7     1000      100    69632       10             0 a\n"
	"[  100.000013] [      8]     0     8     1000      100    69632       10             0 b\n"
	"[  100.000014] [      9]     0     9     1000      100    69632       10             0 c\n"
	"[  100.000015] Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, "
	"file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:60kB oom_score_adj:0\n";

static size_t count_events(struct str dump)
{
	size_t n = 0;
	struct str line;

	while (take_line(&dump, &line))
		n += str_starts(line, STR("event "));
	return n;
}

static bool has(const struct buf *dump, struct str words)
{
	return str_find(buf_str(dump), words) != SIZE_MAX;
}

/* An event on both sides of a line of 10 MiB, which holds one more that is out of reach. */
static void long_line(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), out = BUF_INIT(LARGEST);

	buf_add(&log, STR(event));
	for (int i = 0; i < 10 << 20; i++)
		buf_addc(&log, (char)('a' + i % 26));
	buf_addz(&log, " Out of memory: Killed process 5 (x) total-vm:1kB\n");
	buf_add(&log, STR(event));
	check(dump_bytes(&out, buf_str(&log), 65536));
	check_int(count_events(buf_str(&out)), 2);
	check(has(&out, STR("lines 18-")) || has(&out, STR("lines 17-")));
	check(!has(&out, STR("pid=5")));
}

static void strange_bytes(void)
{
	static const char log[] =
		"[    1.0] \xff\xfe\x80 invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		"\0\0\0[    1.1] Out of memory: Killed process 7 (\xc3\x28\n) total-vm:1kB\n"
		"[    1.2] Out of memory: Killed process 7 (a\0b) total-vm:8kB, anon-rss:1kB\n";
	CLEANUP_BUF struct buf out = BUF_INIT(LARGEST);

	check(dump_bytes(&out, (struct str){log, sizeof(log) - 1}, 1));
	check(has(&out, STR("comm=\"\xff\xfe\x80\"")));
	check(has(&out, STR("vm=8 anon=1")));
}

/* What a control group's path holds is no line, however it is written. */
static void lines_in_names(void)
{
	static const char *const ends[] = {"\\n", "\\012", "<br>", "&#10;"};

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), out = BUF_INIT(LARGEST);

		buf_addz(&log, "[    1.0] Memory cgroup stats for ");
		for (int k = 0; k < 12; k++)
			buf_addf(&log, "/a%s[    1.%d] Out of memory: Killed process %d (x)", ends[i], k, k);
		buf_addz(&log, ":\n");
		check(log.n < 1024);
		check(dump_bytes(&out, buf_str(&log), 0));
		check_int(count_events(buf_str(&out)), 0);
	}
}

/* Numbers that fit nowhere are UNKNOWN, and so printed as nothing. */
static void large_numbers(void)
{
	static const char log[] =
		"a invoked oom-killer: gfp_mask=0x1111111111111111111111111111111111111111(X), "
		"order=9999999999999999999999999999999999999999, oom_score_adj=-9\n"
		"Node 0 DMA free:9999999999999999999999999999999999999999kB min:7kB\n"
		"lowmem_reserve[]: 72057594037927865 9999999999999999999999999999999999999999\n"
		"memory: usage 1kB, limit 9999999999999999999999999999999999999999kB, failcnt 2\n"
		"Out of memory: Killed process 1111111111111111111111111111111111111111 (a) "
		"total-vm:9999999999999999999999999999999999999999kB, anon-rss:3kB\n";
	CLEANUP_BUF struct buf out = BUF_INIT(LARGEST);

	check(dump_bytes(&out, STR(log), 7));
	check(has(&out, STR("trigger: comm=\"a\" oom_score_adj=-9")));
	check(has(&out, STR("=7kB =\"min\"")));
	check(has(&out, STR("72057594037927865")));
	check(has(&out, STR("usage=1 failcnt=2 unlimited")));
	check(has(&out, STR("victim: comm=\"a\" anon=3")));
}

/* The parser, whole log read; *ev: its first event. */
static struct parser *read_all(const struct parser_options *options, struct str log,
			       struct event **ev)
{
	struct parser *p;

	check(parser_new(&p, options, NULL) == 0);
	check(parser_feed(p, log, NULL) == 0);
	check(parser_finish(p, NULL) == 0);
	*ev = parser_take(p);
	check(*ev != NULL);
	return p;
}

/* More of everything than there is room for. */
static void too_much(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	struct parser_options options = {
		.max_tasks = 1000, .max_event_bytes = 1 << 20, .wanted_verbatim = VERBATIM_ALL};
	struct parser *p;
	struct event *ev;

	buf_addz(&log, "[ 1.0] a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0\n"
		       "[ 1.0] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
		       "oom_score_adj name\n");
	for (int i = 0; i < 50000; i++)
		buf_addf(&log, "[ 1.0] [%7d]     0 %5d     1000      100    69632       10   "
			       "          0 task\n",
			 i, i);
	for (int i = 0; i < 5000; i++)
		buf_addf(&log, "[ 1.0] Node %d Normal free:%dkB min:1kB\n", i, i);
	buf_addz(&log, "[ 1.0] Out of memory: Killed process 7 (a) total-vm:1kB\n");
	p = read_all(&options, buf_str(&log), &ev);
	if (ev) {
		check_int(ev->tasks.n_rows, 1000);
		check_int(ev->tasks.rows_dropped, 49000);
		check(ev->arena.used <= 1 << 20);
		check(ev->verbatim_cut);
		check_int(ev->n_victims, 1);
		event_free(ev);
	}
	parser_free(p);
}

/* A group of more processes than an event names. */
static void many_victims(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	struct parser_options options = {.wanted_verbatim = VERBATIM_ALL};
	struct parser *p;
	struct event *ev;

	buf_addz(&log, "[ 1.0] a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0\n"
		       "[ 1.0] Memory cgroup out of memory: Killed process 1 (a) total-vm:1kB\n"
		       "[ 1.0] Tasks in /g are going to be killed due to memory.oom.group set\n");
	for (int i = 2; i < 5000; i++)
		buf_addf(&log, "[ 1.0] Memory cgroup out of memory: Killed process %d (a) total-vm:1kB\n", i);
	p = read_all(&options, buf_str(&log), &ev);
	if (ev) {
		check_int(ev->n_victims, 4096);
		check_int(ev->victims_dropped, 4999 - 4096);
		event_free(ev);
	}
	check(parser_take(p) == NULL);
	parser_free(p);
}

/* Headers without end: the parser holds a few events, and gives the others out. */
static void header_storm(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), out = BUF_INIT(LARGEST);

	for (int i = 0; i < 3000; i++)
		buf_addf(&log, "[%5d.0][ T%d] a invoked oom-killer: gfp_mask=0xd0, order=0\n", i, i);
	check(dump_bytes(&out, buf_str(&log), 4096));
	check_int(count_events(buf_str(&out)), 3000);
}

/* The Nth allocation fails, for every N: a clean refusal or whole events, and no leak. */
static void without_memory(void)
{
	unsigned long before = mem_allocations(), most;
	struct parser_options options = {.wanted_verbatim = VERBATIM_ALL};
	int refused = 0, given = 0;

	{
		CLEANUP_BUF struct buf out = BUF_INIT(LARGEST);

		check(dump_bytes(&out, STR(event), 0));
	}
	most = mem_allocations() - before;
	for (unsigned long n = 1; n <= most; n++) {
		struct parser *p = NULL;
		struct event *ev;
		bool ok;

		mem_fail_after(n);
		ok = parser_new(&p, &options, NULL) == 0;
		if (ok) {
			ok = parser_feed(p, STR(event), NULL) == 0 &&
			     parser_finish(p, NULL) == 0;
			while ((ev = parser_take(p))) {
				given++;
				event_free(ev);
			}
		}
		mem_fail_after(0);
		refused += !ok;
		if (p)
			parser_free(p);
	}
	check(refused > 0);
	check(given > 0);
}

int main(void)
{
	long_line();
	strange_bytes();
	lines_in_names();
	large_numbers();
	too_much();
	many_victims();
	header_storm();
	without_memory();
	return tests_done();
}
