/* SPDX-License-Identifier: MIT */
/* test_laws.c - the laws of parse.h: where the input is cut changes nothing; bytes before and
 * behind an event do not change it; nothing it holds comes from outside its lines; the short way
 * of a task table's rows reads what the long way does.
 *
 * Inputs are the golden logs, the fuzz seeds, a long noisy log made here and, where it is
 * present, the corpus.
 */
#include <dirent.h>

#include "dump.h"
#include "harness.h"

enum { LARGEST = 64 << 20 };

static int logs;

static bool read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char chunk[65536];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, (struct str){chunk, n});
	fclose(f);
	return !out->failed;
}

/* The first place where two dumps differ, for a person. */
static void show_difference(const char *name, size_t window, struct str a, struct str b)
{
	size_t i = 0, from;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	from = i > 200 ? i - 200 : 0;
	fprintf(stderr, "%s: windows of %zu differ at byte %zu of the dump:\n--- whole\n%.*s\n"
			"--- windows\n%.*s\n",
		name, window, i, STR_ARG(str_sub(a, from, 400)), STR_ARG(str_sub(b, from, 400)));
}

static void same_in_windows(const char *name, struct str bytes, bool quick)
{
	static const size_t windows[] = {7, 4096, 1, 2, 61, 65536, 262144};
	CLEANUP_BUF struct buf whole = BUF_INIT(LARGEST);

	logs++;
	check(dump_bytes(&whole, bytes, 0));
	for (size_t i = 0; i < (quick ? 2 : ARRAY_COUNT(windows)); i++) {
		CLEANUP_BUF struct buf cut = BUF_INIT(LARGEST);

		if (windows[i] <= 61 && bytes.n > 40000)
			continue;
		check(dump_bytes(&cut, bytes, windows[i]));
		harness_checks++;
		if (!str_eq(buf_str(&whole), buf_str(&cut))) {
			harness_failures++;
			show_difference(name, windows[i], buf_str(&whole), buf_str(&cut));
			break;
		}
	}
}

static void each_file(const char *folder, const char *inside, bool quick)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4600];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		CLEANUP_BUF struct buf bytes = BUF_INIT(LARGEST);

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", folder, entry->d_name, inside);
		if (read_file(path, &bytes) && bytes.n)
			same_in_windows(path, buf_str(&bytes), quick);
	}
	closedir(dir);
}

static uint32_t seed = 1;

static uint32_t rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* Noise with kill lines, headless blocks and overlong lines far apart: both gears, the history
 * and its bound, lines around the cap. */
static void noisy(struct buf *out, size_t size)
{
	while (out->n < size) {
		uint32_t r = rnd() % 1000;

		if (r < 5) {
			buf_addf(out, "[%5u.%06u] Tasks state (memory values in pages):\n"
				      "[%5u.000001] [  pid  ]   uid  tgid total_vm      rss "
				      "pgtables_bytes swapents oom_score_adj name\n",
				 r, rnd() % 1000000, r);
			for (uint32_t i = 0; i < rnd() % 1500; i++)
				buf_addf(out,
					 "[%5u.000002] [%7u]     0 %5u     1000      100    "
					 "69632       10             0 task-%u\n",
					 r, i, i, i);
		} else if (r < 20) {
			buf_addf(out, "[%5u.%06u] Out of memory: Killed process %u (a%u) "
				      "total-vm:%ukB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, "
				      "UID:0 pgtables:60kB oom_score_adj:0\n",
				 r, rnd() % 1000000, rnd() % 5000, r, rnd());
		} else if (r == 20) {
			size_t n = 200000 + rnd() % 200000;

			for (size_t i = 0; i < n; i++)
				buf_addc(out, (char)('a' + i % 26));
			buf_addz(out, " a invoked oom-killer: gfp_mask=0xd0, order=0\n");
		} else if (r < 23) {
			buf_addf(out, "Jan  2 15:04:05 host kernel: x%u invoked oom-killer: "
				      "gfp_mask=0xcc0(GFP_KERNEL), order=%u, oom_score_adj=0\n",
				 r, r % 4);
		} else {
			buf_addf(out, "Jan  2 15:04:05 host daemon[%u]: nothing to see %u\n", r,
				 rnd());
		}
	}
}

static void bounded_history(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);

	noisy(&log, 3 << 20);
	same_in_windows("noise", buf_str(&log), false);
}

/* An event says the same whatever stands before and behind it. */
static void alone_or_not(void)
{
	static const char event[] =
		"[  100.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
		"oom_score_adj=0\n"
		"[  100.000002] CPU: 0 PID: 7 Comm: a Not tainted 6.1.0 #1\n"
		"[  100.000003] Call Trace:\n"
		"[  100.000004]  dump_stack+0x1/0x2\n"
		"[  100.000005] Mem-Info:\n"
		"[  100.000006] active_anon:1 inactive_anon:2 isolated_anon:3\n"
		"[  100.000007] Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, "
		"file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:60kB oom_score_adj:0\n";
	CLEANUP_BUF struct buf a = BUF_INIT(LARGEST), b = BUF_INIT(LARGEST);
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	struct str first, second;

	check(dump_bytes(&a, STR(event), 0));
	for (int i = 0; i < 5000; i++)
		buf_addf(&log, "[   %d.000000] usb 1-1: new device number %d\n", i % 90, i);
	buf_add(&log, STR(event));
	for (int i = 0; i < 5000; i++)
		buf_addf(&log, "[  101.%06d] usb 1-1: new device number %d\n", i, i);
	check(dump_bytes(&b, buf_str(&log), 0));
	first = buf_str(&a);
	second = buf_str(&b);
	check(take_until_lit(&first, STR("  missing:"), &(struct str){0}));
	check(take_until_lit(&second, STR("  missing:"), &(struct str){0}));
	first.n = str_find(first, STR("  end\n"));
	second.n = str_find(second, STR("  end\n"));
	check_str(second, first);
}

/* A failure whose first line is lost wakes the parser by its stack, however far in it stands. */
static void headless_far_in(void)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), seen = BUF_INIT(LARGEST);

	for (int i = 0; i < 5000; i++)
		buf_addf(&log, "[   %d.000000] usb 1-1: new device number %d\n", i % 90, i);
	buf_addz(&log, "[  100.000002] CPU: 0 PID: 7 Comm: a Not tainted 6.1.0 #1\n"
		       "[  100.000003] Call Trace:\n"
		       "[  100.000004]  dump_stack_lvl+0x1/0x2\n"
		       "[  100.000004]  warn_alloc+0x1/0x2\n"
		       "[  100.000005] Mem-Info:\n"
		       "[  100.000006] active_anon:1 inactive_anon:2 isolated_anon:3\n");
	check(dump_bytes(&seen, buf_str(&log), 0));
	check(str_find(buf_str(&seen), STR("event alloc-failure - lines 5001-5006")) != SIZE_MAX);
	check(str_find(buf_str(&seen), STR("missing: header\n")) != SIZE_MAX);
	same_in_windows("headless", buf_str(&log), false);
}

/* A victim's late line finds its event through lines nobody looked at, up to a bound that
 * does not depend on where the log was cut. */
static void late_line(void)
{
	static const struct {
		int lines;
		bool found;
	} cases[] = {{1, true}, {90, true}, {130, true}, {1400, true}, {1800, false}};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), seen = BUF_INIT(LARGEST);
		static const char head[] = "Jan  2 15:04:05 host kernel: ";

		buf_addf(&log,
			 "%sOut of memory: Killed process 7 (a) total-vm:1kB, "
			 "anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
			 "pgtables:60kB oom_score_adj:0\n",
			 head);
		for (int n = 0; n < cases[i].lines; n++)
			buf_addf(&log,
				 "Jan  2 15:04:05 host daemon[9]: nothing to see %d\n",
				 n);
		buf_addf(&log,
			 "%soom_reaper: reaped process 7 (a), now anon-rss:5kB, "
			 "file-rss:0kB, shmem-rss:0kB\n",
			 head);
		check(dump_bytes(&seen, buf_str(&log), 0));
		check((str_find(buf_str(&seen), STR(" reaped=1")) != SIZE_MAX) ==
		      cases[i].found);
		same_in_windows("late line", buf_str(&log), false);
	}
}

/* ---- the short way of fast.c and the long way ---- */

static uint64_t dice = 88172645463325252;

static unsigned below(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 11) % n;
}

/* A row as kernels print it, of columns of any width; some are cut, or hold what is no number. */
static void put_row(struct buf *row, const char *prefix, const int *widths, size_t columns)
{
	static const char *const names[] = {"a",	  "(sd-pam)", "a b",   "7zip", "x>",
					    "kworker/0:1", "\xc3\xa4", "] 1 2", "-",	"tail  "};
	size_t from;

	buf_addz(row, prefix);
	from = row->n;
	for (size_t i = 0; i < columns; i++) {
		int64_t value = (int64_t)(dice >> below(64)) * (below(9) ? 1 : -1);

		(void)below(2);
		buf_addf(row, i ? " %*" PRId64 : "[%*" PRId64 "]", widths[i],
			 below(4) ? value % 100000 : value);
	}
	buf_addf(row, " %s", names[below(ARRAY_COUNT(names))]);
	if (below(16) == 0)
		row->n -= below((unsigned)(row->n - from));
	if (below(16) == 0)
		row->p[from + below((unsigned)(row->n - from))] = "x ]-9"[below(5)];
	buf_addc(row, '\n');
}

static struct str tasks_of(const struct buf *dump)
{
	struct str all = buf_str(dump);
	size_t at = str_find(all, STR("  tasks:"));

	all = str_from(all, at == SIZE_MAX ? all.n : at);
	return str_sub(all, 0, str_find(all, STR("  trace:")));
}

/* A line of another program between two rows makes each of them go the long way: what is read is
 * the same. */
static void rows_by_both_ways(void)
{
	enum { TABLES = 300, ROWS = 40 };
	static const char *const prefixes[] = {
		"[  100.000012] ", "<4>[  100.000012] ", "[Fri Jan  2 15:04:05 2026] ",
		"Jan  2 15:04:05 host kernel: ", "Jan  2 15:04:05 host kernel: [  100.000012] ",
		"4,1034,100000012,-;", "2026-01-02T15:04:05,000012+00:00 ", "[  100.000012][ T7] ",
	};
	static const char *const event[] = {
		"a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n",
		"Tasks state (memory values in pages):\n",
	};
	static const char *const heads[] = {
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n",
		"[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n",
	};

	for (int table = 0; table < TABLES; table++) {
		CLEANUP_BUF struct buf together = BUF_INIT(LARGEST), apart = BUF_INIT(LARGEST);
		CLEANUP_BUF struct buf a = BUF_INIT(LARGEST), b = BUF_INIT(LARGEST);
		const char *prefix = prefixes[(size_t)table % ARRAY_COUNT(prefixes)];
		size_t columns = table / 8 % 2 ? 7 : 8;
		int widths[8];

		for (size_t i = 0; i < ARRAY_COUNT(widths); i++)
			widths[i] = 1 + (int)below(table % 3 ? 9 : 24);
		for (size_t i = 0; i < ARRAY_COUNT(event); i++)
			buf_addf(&together, "%s%s", prefix, event[i]);
		buf_addf(&together, "%s%s", prefix, heads[columns == 7]);
		buf_add(&apart, buf_str(&together));
		for (int i = 0; i < ROWS; i++) {
			CLEANUP_BUF struct buf row = BUF_INIT(4096);

			put_row(&row, prefix, widths, columns);
			buf_add(&together, buf_str(&row));
			buf_add(&apart, buf_str(&row));
			buf_addz(&apart, "Jan  2 15:04:05 host sshd[7]: Accepted\n");
		}
		check(dump_bytes(&a, buf_str(&together), 0));
		check(dump_bytes(&b, buf_str(&apart), 0));
		check(tasks_of(&a).n > 100);
		if (!str_eq(tasks_of(&a), tasks_of(&b)))
			show_difference("rows", (size_t)table, tasks_of(&a), tasks_of(&b));
		check(str_eq(tasks_of(&a), tasks_of(&b)));
	}
}

/* logcat -v long: behind the head of a program's text not even a whole row is the kernel's. */
static void rows_of_a_program(void)
{
	static const char log[] =
		"a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		"[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
		"[    1]     0     1     1234      300   0       0 one\n"
		"[    2]     0     2     1234      300   0       0 two\n"
		"[    3]     0     3     1234      300   0       0 three\n"
		"[ 01-02 15:04:05.123  1234: 1234 I/foo      ]\n"
		"[    4]     0     4     1234      300   0       0 four\n"
		"[    5]     0     5     1234      300   0       0 five\n";
	CLEANUP_BUF struct buf seen = BUF_INIT(LARGEST);

	check(dump_bytes(&seen, STR(log), 0));
	check(str_find(tasks_of(&seen), STR("\"three\"")) != SIZE_MAX);
	check(str_find(tasks_of(&seen), STR("\"four\"")) == SIZE_MAX);
	check(str_find(tasks_of(&seen), STR("\"five\"")) == SIZE_MAX);
}

/* Lines longer than there is room for: read in pieces where they hold lines, wherever they are cut. */
static void long_lines(void)
{
	static const char *const between[] = {"\\n", " ", "<br/>", "#012", "|", "\n"};
	enum { LINES = 9000 };

	for (size_t b = 0; b < ARRAY_COUNT(between); b++) {
		bool cell = b + 1 == ARRAY_COUNT(between);
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);

		buf_addz(&log, cell ? "message,host\n\"" : "Jan  2 15:04:05 db1 kernel: ");
		for (unsigned i = 0; i < LINES; i++) {
			buf_addf(&log, "[%5u.%06u] %s%s", i, below(1000000),
				 i % 3000 == 2999 ? "Out of memory: Killed process 7 (a) total-vm:1kB"
				 : i % 3000 == 2990 ? "a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0"
						   : "usb 1-1: new device",
				 between[b]);
		}
		buf_addz(&log, cell ? "\",db1\n" : "\n");
		same_in_windows(between[b], buf_str(&log), false);
	}
}

int main(void)
{
	char path[4200];

	each_file(TEST_SOURCE_DIR "/tests/golden", "/log", false);
	each_file(TEST_SOURCE_DIR "/tests/fuzz/corpus/fuzz_parse", "", false);
	each_file(TEST_SOURCE_DIR "/tests/fuzz/regress/fuzz_parse", "", false);
	check(logs > 2);
	snprintf(path, sizeof(path), "%s/logs",
		 getenv("OOMREPORT_CORPUS") ? getenv("OOMREPORT_CORPUS")
					    : TEST_SOURCE_DIR "/../shared/corpus");
	each_file(path, "", true);
	bounded_history();
	alone_or_not();
	headless_far_in();
	late_line();
	rows_by_both_ways();
	rows_of_a_program();
	long_lines();
	printf("%d logs\n", logs);
	return tests_done();
}
