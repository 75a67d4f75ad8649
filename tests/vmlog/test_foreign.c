/* SPDX-License-Identifier: MIT */
/* test_foreign.c - other people's samples, as they lie around: each kind gives the same series. */
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"
#include "harness.h"
#include "vmlog/loop_time.h"
#include "vmlog/samples.h"
#include "vmlog/vmlog.h"

static char dir[] = "/tmp/oomreport-foreign-XXXXXX";
static char path[128];

/* Ten seconds in which AnonPages grows by 1000 kB/s and pages are scanned at 50/s; a kill in
 * the eighth. */
enum { SECONDS = 10, KILL_AT = 7 };
#define START INT64_C(1795420800) /* 2026-11-23T08:00:00Z */

static const char *meminfo(int i)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "MemTotal:         100000 kB\nMemFree:       %8d kB\nAnonPages:     %8d kB\n"
		 "Slab:              5000 kB\nHugePages_Total:       0\n",
		 50000 - i * 1000, 10000 + i * 1000);
	return text;
}

static const char *vmstat(int i)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "nr_free_pages %d\nnr_anon_pages %d\nallocstall_normal %d\n"
		 "pgscan_kswapd %d\npgscan_direct %d\npgscan_direct_throttle 7\npgscan_anon 99\n"
		 "oom_kill %d\n",
		 (50000 - i * 1000) / 4, (10000 + i * 1000) / 4, i * 2, i * 30, i * 20,
		 i >= KILL_AT);
	return text;
}

static const char slabinfo[] =
	"slabinfo - version: 2.1\n"
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : "
	"tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs>\n"
	"dentry             20000  20480    192   21    1 : tunables    0    0    0 : slabdata  "
	"   976    976      0\n";

static const char zoneinfo[] = "Node 0, zone      DMA\n  per-node stats\n"
			       "      nr_inactive_anon 3759\n  pages free     1234\n"
			       "        boost    0\n";

static void put_pressure(FILE *f, int some, int full)
{
	fprintf(f, "some avg10=%d.50 avg60=0.00 avg300=0.00 total=%d\n", some, some);
	fprintf(f, "full avg10=%d.25 avg60=0.00 avg300=0.00 total=%d\n", full, full);
}

static FILE *create(const char *name)
{
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return f;
}

static const struct series_counter *counter(const struct series *s, const char *name)
{
	for (size_t i = 0; i < s->n_counters; i++) {
		if (str_eq(s->counters[i].name, str_of(name)))
			return &s->counters[i];
	}
	return NULL;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 0.01;
}

/* What all kinds must tell. */
static void check_series(const char *where, const char *kind, bool has_meminfo, int64_t hour_us)
{
	struct series s;
	struct err err = {.code = ERR_NONE};
	const struct series_counter *c;

	check_ok(series_read(&s, where, UNKNOWN, &err), err);
	if (err.code != ERR_NONE)
		return;
	check_str(s.kind, str_of(kind));
	check_int(s.samples, SECONDS);
	check_int(s.first_us, START * 1000000 + hour_us);
	check_int(s.last_us, (START + SECONDS - 1) * 1000000 + hour_us);
	check(near(s.interval_s, 1) && near(s.longest_gap_s, 1));
	check_int(s.event_us, (START + KILL_AT) * 1000000 + hour_us);
	c = counter(&s, "anonpages");
	check(c && near(c->start, 10000) && near(c->end, 19000) && near(c->min, 10000) &&
	      near(c->max, 19000) && near(c->slope_per_s, 1000) && near(c->at_event, 17000) &&
	      !c->is_rate && c->unit == UNIT_KB);
	c = counter(&s, "pgscan");
	check(c && near(c->start, 50) && near(c->max, 50) && near(c->at_event, 50) && c->is_rate);
	c = counter(&s, "allocstall");
	check(c && near(c->min, 2) && near(c->max, 2));
	c = counter(&s, "oom_kill");
	check(c && near(c->at_event, 1) && near(c->end, 0));
	check(!!counter(&s, "memtotal") == has_meminfo);
	check_str(s.grew_most, STR("anonpages"));
	check(near(s.grew_kb, 7000));
	check_int(s.n_points, SECONDS);
	for (size_t i = 0; i < s.n_points; i++) {
		for (size_t k = 0; k < s.n_counters; k++) {
			if (str_eq(s.counters[k].name, STR("anonpages")))
				check(near(s.points[i * s.n_counters + k], 10000 + 1000.0 * (double)i));
		}
	}
	series_free(&s);
}

/* Before and behind the seconds. */
static const char *const dates[][2] = {
	{"Mon Nov 23 08:00:", " UTC 2026"},	 {"Mon Nov 23 08:00:", " AM UTC 2026"},
	{"Mon 23 Nov 2026 08:00:", " AM UTC"},	 {"2026-11-23T08:00:", "Z"},
	{"2026-11-23 08:00:", ""},		 {"2026-11-23T10:00:", "+02:00"},
	{"==== 2026-11-23T08:00:", ".000000Z x"}, {"--- Mon Nov 23 08:00:", " UTC 2026 ---"},
	{"Mon Nov 23 09:00:", " CET 2026"},	 {"Mon, 23 Nov 2026 08:00:", " +0000"},
	{"Mon, 23 Nov 2026 10:30:", " +0230"},	 {"===== 2026-11-23 08:00:", " ====="},
	{"\xef\xbb\xbfMon Nov 23 08:00:", " UTC 2026"},
	{"Mon Nov 23 08:00:", " WAT 2026"},	 {"Mon Nov 23 08:00:", ".000000 UTC 2026"},
	/* locales: de, fr (a Tuesday), es, it, pt, nl, pl, ru, ja, zh, ko, en_US's own */
	{"Mo 23. Nov 09:00:", " CET 2026"},	 {"mar. 23 nov. 2026 08:00:", " UTC"},
	{"lun 23 nov 2026 08:00:", " UTC"},	 {"lun 23 nov 2026, 08:00:", ", UTC"},
	{"seg 23 nov 2026 08:00:", " UTC"},	 {"ma 23 nov 2026 08:00:", " UTC"},
	{"pon, 23 lis 2026, 08:00:", " UTC"},	 {"Пн 23 ноя 2026 08:00:", " UTC"},
	{"2026年 11月 23日 月曜日 17:00:", " JST"}, {"2026年11月23日 星期一 08:00:", " UTC"},
	{"2026. 11. 23. (월) 17:00:", " KST"},	 {"Mon 23 Nov 2026 12:00:", " AM PST"},
	{"23.11.2026 08:00:", ""},		 {"11/23/2026 08:00:", " AM"},
	{"23/11/2026 08:00:", ""},		 {"2026/11/23 08:00:", ""},
};

static void put_date(FILE *f, size_t form, int second)
{
	fprintf(f, "%s%02d%s\n", dates[form][0], second, dates[form][1]);
}

/* date; cat meminfo vmstat, in every form of date; then with other files between. */
static void test_loops(void)
{
	for (size_t d = 0; d < ARRAY_COUNT(dates); d++) {
		FILE *f = create("loop");

		fprintf(f, "starting up, pid 17\n");
		for (int i = 0; i < SECONDS; i++) {
			put_date(f, d, i);
			fprintf(f, "%s%s", meminfo(i), vmstat(i));
			if (d % 2)
				fprintf(f, "%s%s\nNode 0, zone      DMA      1      1 \n", slabinfo,
					zoneinfo);
			put_pressure(f, i, i);
			put_pressure(f, 2 * i, i);
			fprintf(f, "0.91 0.52 0.28 2/109 11440\n");
		}
		fclose(f);
		check_series(path, "loop", true, 0);
	}
	FILE *f = create("loop");

	for (int i = 0; i < SECONDS; i++)
		fprintf(f, "%lld\r\n==> /proc/meminfo <==\n%s\n==> /proc/vmstat <==\n%s",
			(long long)START + i, meminfo(i), vmstat(i));
	fclose(f);
	check_series(path, "loop", true, 0);
}

/* "grep . /proc/meminfo /proc/vmstat": the file before each of its lines. */
static void put_grepped(FILE *f, const char *file, const char *text)
{
	struct str rest = str_of(text), line;

	while (take_line(&rest, &line))
		fprintf(f, "/proc/%s:%.*s\n", file, STR_ARG(line));
}

static void test_grepped(void)
{
	FILE *f = create("grepped");

	for (int i = 0; i < SECONDS; i++) {
		put_date(f, 0, i);
		put_grepped(f, "meminfo", meminfo(i));
		put_grepped(f, "vmstat", vmstat(i));
	}
	fclose(f);
	check_series(path, "loop", true, 0);
}

/* Names of months, as far as they tell them apart; and lines that tell no day, or two. */
static void test_dates(void)
{
	static const struct {
		const char *line;
		const char *utc; /* NULL: no time */
	} rows[] = {
		{"Do 5. Mär 08:00:00 UTC 2026", "2026-03-05T08:00:00Z"},
		{"mar. 5 mai 2026 08:00:00 UTC", "2026-05-05T08:00:00Z"},
		{"ven. 5 juin 2026 08:00:00 UTC", "2026-06-05T08:00:00Z"},
		{"dim. 5 juil. 2026 08:00:00 UTC", "2026-07-05T08:00:00Z"},
		{"mar 4 ago 2026 08:00:00 UTC", "2026-08-04T08:00:00Z"},
		{"śro, 5 sie 2026, 08:00:00 UTC", "2026-08-05T08:00:00Z"},
		{"Ср 5 авг 2026 08:00:00 UTC", "2026-08-05T08:00:00Z"},
		{"Sat 05 Dec 2026 12:00:00 PM UTC", "2026-12-05T12:00:00Z"},
		{"Sat 05 Dec 2026 08:00:00 PM EST and a text", "2026-12-06T01:00:00Z"},
		{"05/11/2026 08:00:00 PM", "2026-05-11T20:00:00Z"},
		{"05.11.2026 08:00:00", "2026-11-05T08:00:00Z"},
		{"05/11/2026 08:00:00", NULL}, /* of November, or the 11th of May? */
		{"08:00:00", NULL},
		{"Nov 23 08:00:00 db1 kernel: hello", NULL},
		{"top - 08:00:00 up 23 days,  3:04,  1 user,  load average: 0.10, 0.20, 0.30", NULL},
		{"Mon Nov 31 08:00:00 UTC 2026", NULL},
		{"Mon Nov 23 25:00:00 UTC 2026", NULL},
		{"root 2026 23 nov 0:00 kworker/0:1", NULL},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[WHEN_TEXT];
		int64_t us = UNKNOWN;
		bool is = loop_time(str_of(rows[i].line), &us);

		if (is != !!rows[i].utc)
			fprintf(stderr, "%s\n", rows[i].line);
		check(is == !!rows[i].utc);
		if (is && rows[i].utc)
			check_str(str_of(when_utc(us, text)), str_of(rows[i].utc));
	}
}

/* Which pressure is which, slab caches, and what is not understood. */
static void test_details(void)
{
	struct series s;
	struct err err = {.code = ERR_NONE};
	FILE *f = create("details");
	const struct series_counter *c;

	for (int i = 0; i < SECONDS; i++) {
		fprintf(f, "@%lld\n%s%sthe cat sat on the mat\n", (long long)START + i, meminfo(i),
			slabinfo);
		put_pressure(f, 10 + i, 20 + i);
		put_pressure(f, 30 + i, 40 + i);
	}
	fclose(f);
	check_ok(series_read(&s, path, UNKNOWN, &err), err);
	c = counter(&s, "psi_memory_full_avg10");
	check(c && near(c->start, 20.25) && near(c->end, 29.25));
	c = counter(&s, "psi_io_some_avg10");
	check(c && near(c->start, 30.5) && near(c->end, 39.5));
	c = counter(&s, "slab:dentry");
	check(c && near(c->start, 20480.0 * 192 / 1024));
	check(str_find(s.skipped, STR("10 lines")) == 0);
	check_int(s.event_us, UNKNOWN);
	series_free(&s);
	/* around a time: the nearest sample's window, and the event is that time */
	check_ok(series_read(&s, path, (START + 4) * 1000000, &err), err);
	check_int(s.event_us, (START + 4) * 1000000);
	series_free(&s);
	check(series_read(&s, path, (START + 4000) * 1000000, &err) != 0);
	check(strstr(err.text, "around that time") != NULL);
}

/* A file of a fixed size, begun again from its start: torn where the pen is. */
static void test_vmstat_ring(void)
{
	enum { SIZE = 2200 };
	static char ring[SIZE];
	size_t at = 0;
	FILE *f;
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	int64_t last = 0;
	int n = 0;

	for (int i = 0; i < 100; i++) {
		char record[512];
		int len = snprintf(record, sizeof(record), "=S %lld\n%sE=\n", (long long)START + i,
				   vmstat(i));

		for (int k = 0; k < len; k++) {
			ring[at] = record[k];
			at = (at + 1) % SIZE;
		}
	}
	f = create("ring");
	fwrite(ring, 1, SIZE, f);
	fclose(f);
	check_ok(samples_open(&v, path, UNKNOWN, UNKNOWN, &err), err);
	while (samples_next(&v, &s, &err) > 0) {
		int i = (int)(s->wall_us / 1000000 - START);

		check(s->wall_us > last);
		last = s->wall_us;
		check_str(s->files[0].text, str_of(vmstat(i)));
		n++;
	}
	check_int(last, (START + 99) * 1000000);
	check(n >= SIZE / 200 - 2 && n < SIZE / 100);
	samples_close(&v);
	/* not full yet: NULs behind */
	f = create("ring");
	for (int i = 0; i < SECONDS; i++)
		fprintf(f, "=S %lld\n%sE=\n", (long long)START + i, vmstat(i));
	fclose(f);
	check(truncate(path, 100000) == 0);
	check_series(path, "read_vmstat", false, 0);
}

/* OSWatcher's vmstat, compressed as it does with files of past hours, and its top. */
static void put_tools(void)
{
	char command[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/archive/oswvmstat", dir);
	mkdir(path, 0700);
	f = create("archive/oswvmstat/db1.dat");
	for (int i = 0; i < SECONDS; i++)
		fprintf(f,
			"zzz ***Mon Nov 23 08:00:%02d UTC 2026\n"
			"procs -----------memory---------- ---swap-- -----io---- -system-- ----cpu----\n"
			" r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n"
			" 1  9   1000 999999 999999  99999   99   99     0     0  100  200  5  5 90  0  0\n"
			" 1  %d   1000  40000   7000  50000    3   %d     0     0  100  200  5  5 90  0  0\n",
			i, i, 2 * i);
	fclose(f);
	snprintf(command, sizeof(command), "gzip '%s'", path);
	check_int(system(command), 0);
	f = create("archive/db1_top.dat");
	for (int i = 0; i < SECONDS; i++)
		fprintf(f,
			"zzz ***Mon Nov 23 08:00:%02d UTC 2026\n"
			"top - 08:00:01 up 1 day,  2:03,  2 users,  load average: 0.91, 0.52, 0.28\n"
			"Tasks: 109 total,   2 running, 107 sleeping,   0 stopped,   0 zombie\n"
			"MiB Mem :  15909.0 total,   1203.4 free,   5000.1 used,   9705.5 buff/cache\n"
			"\n  PID USER      PR  NI    VIRT    RES    SHR S  %%CPU  %%MEM     TIME+ COMMAND\n"
			" 4242 oracle    20   0 9000000 %d   1000 S   5.0  10.0   0:01.02 ora_dbw0\n"
			" 1717 root      20   0   12.5g   1.5g   1000 R   5.0  10.0   0:01.02 java\n",
			i, 20000 + i * 100);
	fclose(f);
}

static void check_tools(const char *where)
{
	struct series s;
	struct err err = {.code = ERR_NONE};
	const struct series_counter *c;

	check_ok(series_read(&s, where, UNKNOWN, &err), err);
	c = counter(&s, "swapout_kb_per_s");
	check(c && near(c->start, 0) && near(c->end, 18) && near(c->max, 18));
	c = counter(&s, "procs_blocked");
	check(c && near(c->end, 9) && near(c->max, 9));
	c = counter(&s, "buffers");
	check(c && near(c->min, 7000) && near(c->max, 7000));
	c = counter(&s, "process:ora_dbw0[4242]");
	check(c && near(c->start, 20000) && near(c->end, 20900));
	c = counter(&s, "process:java[1717]");
	check(c && near(c->end, 1572864));
	check(str_find(s.skipped, STR("files")) == SIZE_MAX);
	series_free(&s);
}

static void test_folders(void)
{
	char name[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/stamped", dir);
	mkdir(path, 0700);
	for (int i = 0; i < SECONDS; i++) {
		snprintf(name, sizeof(name), "stamped/vmstat.%lld", (long long)START + i);
		f = create(name);
		fputs(vmstat(i), f);
		fclose(f);
		snprintf(name, sizeof(name), "stamped/meminfo.%lld", (long long)START + i);
		f = create(name);
		fputs(meminfo(i), f);
		fclose(f);
	}
	snprintf(path, sizeof(path), "%s/stamped", dir);
	check_series(path, "files by time", true, 0);

	/* date +%s.%N in the name */
	snprintf(path, sizeof(path), "%s/nano", dir);
	mkdir(path, 0700);
	for (int i = 0; i < SECONDS; i++) {
		snprintf(name, sizeof(name), "nano/vmstat.%lld.500000000", (long long)START + i);
		f = create(name);
		fprintf(f, "%s%s", vmstat(i), meminfo(i));
		fclose(f);
	}
	snprintf(path, sizeof(path), "%s/nano", dir);
	check_series(path, "files by time", true, 500000);

	/* OSWatcher: a folder per kind of file, a file per hour; merged by time */
	snprintf(path, sizeof(path), "%s/archive", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/archive/oswmeminfo", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/archive/oswvmstat2", dir);
	mkdir(path, 0700);
	for (int part = 0; part < 2; part++) {
		snprintf(name, sizeof(name), "archive/oswmeminfo/db1_meminfo_26.11.23.0%d00.dat", part);
		f = create(name);
		fprintf(f, "Linux OSWbb v8.1.2\n");
		for (int i = part * 5; i < part * 5 + 5; i++)
			fprintf(f, "zzz ***Mon Nov 23 08:00:%02d UTC 2026\n%s", i, meminfo(i));
		fclose(f);
		snprintf(name, sizeof(name), "archive/oswvmstat2/db1_%d.dat", part);
		f = create(name);
		for (int i = part * 5; i < part * 5 + 5; i++)
			fprintf(f, "zzz ***Mon Nov 23 08:00:%02d UTC 2026\n%s", i, vmstat(i));
		fclose(f);
	}
	put_tools();
	snprintf(path, sizeof(path), "%s/archive", dir);
	check_series(path, "folder of logs", true, 0);
	check_tools(path);
}

/* The same folders as one archive, as they are sent to a support desk. */
static void test_archives(void)
{
	static const char *const names[] = {"osw.tar", "osw.tar.gz", "stamps.tar.gz"};
	struct series s;
	struct err err = {.code = ERR_NONE};
	char command[512];

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		bool stamped = names[i][0] == 's';

		snprintf(command, sizeof(command), "tar -C '%s' -%scf '%s/%s' %s", dir,
			 strstr(names[i], ".gz") ? "z" : "", dir, names[i],
			 stamped ? "stamped" : "archive");
		check_int(system(command), 0);
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		check_series(path, stamped ? "files by time" : "folder of logs", true, 0);
		if (!stamped)
			check_tools(path);
	}
	/* one that ends early: what came before is there */
	snprintf(command, sizeof(command), "head -c 20000 '%s/osw.tar' >'%s/cut.tar'", dir, dir);
	check_int(system(command), 0);
	snprintf(path, sizeof(path), "%s/cut.tar", dir);
	check_ok(series_read(&s, path, UNKNOWN, &err), err);
	check(s.samples > 0);
	series_free(&s);
	/* and one without samples */
	snprintf(command, sizeof(command), "echo hello >'%s/h' && tar -C '%s' -cf '%s/h.tar' h", dir, dir,
		 dir);
	check_int(system(command), 0);
	snprintf(path, sizeof(path), "%s/h.tar", dir);
	check(series_read(&s, path, UNKNOWN, &err) != 0);
	check(err.code == ERR_FORMAT && strstr(err.text, path) == err.text);
}

/* What is none of it is said to be none of it. */
static void test_nothing(void)
{
	static const char *const contents[] = {
		"", "hello\n", "Mon Nov 23 08:00:00 UTC 2026\n", "\0\0\0\0",
		"MemFree: 1 kB\nMemTotal: 2 kB\n",
	};

	for (size_t i = 0; i < ARRAY_COUNT(contents); i++) {
		struct series s;
		struct err err = {.code = ERR_NONE};
		FILE *f = create("nothing");

		fputs(contents[i], f);
		fclose(f);
		check(series_read(&s, path, UNKNOWN, &err) != 0);
		check(err.code == ERR_FORMAT && strstr(err.text, path) == err.text);
	}
}

static int drop(const char *name, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(name);
}

int main(void)
{
	if (!mkdtemp(dir))
		return test_skip("no temporary directory");
	test_loops();
	test_dates();
	test_grepped();
	test_details();
	test_vmstat_ring();
	test_folders();
	test_archives();
	test_nothing();
	nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
	return tests_done();
}
