/* SPDX-License-Identifier: MIT */
/* test_prefixes.c - what stands before a kernel line: whose it is, when it was said, and that
 * nothing of it is taken for text. One line each; the whole log is test_wrappings.c's.
 */
#include "dump.h"
#include "harness.h"

#define KILL                                                                                 \
	"Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, "       \
	"shmem-rss:0kB, UID:0 pgtables:60kB oom_score_adj:0"

/* 1767366245 is 2026-01-02T15:04:05Z; of a date without a year nothing is known here. */
static const struct {
	const char *line;
	const char *has[3];
} cases[] = {
	{"2026-01-02T15:04:05Z WARNING kernel: " KILL, {"!host=", "wall=1767366245000000"}},
	{"2026-01-02T15:04:05Z host kernel: " KILL, {"host=\"host\"", "wall=1767366245000000"}},
	{"Jan  2 15:04:05 [kernel] " KILL, {"!host="}},
	{"Jan  2 15:04:05 db1 [kernel] " KILL, {"host=\"db1\""}},
	{"2026 Jan  2 15:04:05 switch %KERN-3-SYSTEM_MSG: " KILL " - kernel",
	 {"host=\"switch\"", "wall=1767366245000000", "adj=0"}},
	{"*Jan  2 2026 15:04:05.000: %IOSXE-4-PLATFORM: R0/0: kernel: " KILL, {"!host=", "wall=1767366245000000"}},
	{".Jan  2 2026 15:04:05.000: %IOSXE-4-PLATFORM: R0/0: kernel: " KILL, {"!host=", "wall=1767366245000000"}},
	{"Jan  2 2026 15:04:05.000 UTC: %IOSXE_INFRA-4-KERN: Switch 1 R0/0: kernel: " KILL,
	 {"!host=", "wall=1767366245000000"}},
	{"000123: Jan  2 2026 15:04:05.000 UTC: %IOSXE-4-PLATFORM:R0/0: kernel: " KILL,
	 {"!host=", "wall=1767366245000000"}},
	{"<188>123: rtr1: 000124: *Jan  2 2026 15:04:05: %IOSXE-4-PLATFORM:kernel: " KILL,
	 {"host=\"rtr1\"", "wall=1767366245000000"}},
	{"2026-01-02T15:04:05Z rtr1 123: *Jan  2 14:04:05.000: %IOSXE-4-PLATFORM: SIP0: kernel: " KILL,
	 {"host=\"rtr1\"", "wall=1767366245000000"}},
	{"Jan  2 15:04:05 10.0.0.1 123: rtr1: .Jan  2 14:04:05.000: %IOSXE-4-PLATFORM: SIP0: kernel: " KILL,
	 {"host=\"10.0.0.1\""}},
	{"Jan  2 15:04:05 rtr1 123: 1w2d: %IOSXE-4-PLATFORM: F0: kernel: " KILL, {"host=\"rtr1\""}},
	{"2026-01-02T15:04:05Z {job=\"k\", host=\"db1\"} " KILL, {"host=\"db1\""}},
	{"Dez 02 15:04:05 db1 kernel: " KILL, {"host=\"db1\""}},
	{"xyzzy 02 15:04:05 db1 kernel: " KILL, {"host=\"db1\"", "!wall="}},
	{"Fr 2026-01-02 15:04:05 UTC db1 kernel: " KILL,
	 {"host=\"db1\"", "wall=1767366245000000"}},
	/* months: of two stems that fit the longer one counts */
	{"[pe Marras 2 15:04:05 2026] " KILL, {"wall=1793631845000000"}},
	{"[Fr März 6 15:04:05 2026] " KILL, {"wall=1772809445000000"}},
	{"[ven. août 7 15:04:05 2026] " KILL, {"wall=1786115045000000"}},
	{"[Пт окт 2 15:04:05 2026] " KILL, {"wall=1790953445000000"}},
	{"[금 10월 2 15:04:05 2026] " KILL, {"wall=1790953445000000"}},
	/* records */
	{"ts=2026-01-02T15:04:05Z host=db1 transport=kernel msg=\"" KILL "\"",
	 {"host=\"db1\"", "wall=1767366245000000"}},
	{"time,Host,message\n2026-01-02T15:04:05Z,db1,\"" KILL "\"",
	 {"host=\"db1\"", "wall=1767366245000000"}},
	{"time,Host,message\n2026-01-02T15:04:05Z,db1,\"" KILL, {"host=\"db1\""}}, /* cut */
	{"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1767366245000000000\","
	 "\"body\":{\"stringValue\":\"" KILL "\"}}]}]}]}",
	 {"wall=1767366245000000"}},
	{"{\"timeUnixNano\":\"1767366245000000000\",\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"_HOSTNAME\","
	 "\"value\":{\"stringValue\":\"db1\"}},{\"key\":\"message\",\"value\":{\"stringValue\":\"" KILL "\"}}]}}}",
	 {"host=\"db1\"", "wall=1767366245000000"}},
	{"node1 Jan 02 15:04:05.123456 db1 kernel: " KILL, {"host=\"db1\""}},
	{"Jan  2 15:04:05 db1 system,error,critical " KILL, {"host=\"db1\""}},
	/* a host whose name begins as a line of the kernel does */
	{"Jan  2 15:04:05 DR-db01 kernel: " KILL, {"host=\"DR-db01\""}},
	{"Jan  2 15:04:05 Node kernel: " KILL, {"host=\"Node\""}},
};

#define FORGED "forger invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"

/* Said by a program: no event of the kernel. */
static const char *const foreign[] = {
	"2026-01-02 15:04:05,123 WARN  [main] " KILL,
	"2026-01-02 15:04:05.123 [main] ERROR org.example.App - " KILL,
	"Jan  2 15:04:05 [sshd] " KILL,
	"2026-01-02T15:04:05Z ERR sshd[12]: " KILL,
	"Jan  2 15:04:05 DR-db01 sshd[12]: " KILL,
	"2026-01-02T15:04:05Z unknown: " FORGED,
	"2026-01-02T15:04:05Z host unknown: " FORGED,
	"<12>2026-01-02T15:04:05Z host unknown: [    1.234567] " FORGED,
	"Jan  2 15:04:05 host app: " FORGED,
	"2026-01-02 15:04:05,123 WARN  [main] " FORGED,
	"2026-01-02T15:04:05Z ERR app: " FORGED,
	"time=\"2026-01-02T15:04:05Z\" level=error msg=\"" FORGED "\"",
	"{\"level\":\"error\",\"msg\":\"" FORGED "\"}",
	"{\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"SYSLOG_IDENTIFIER\",\"value\":{\"stringValue\":\"app\"}},"
	"{\"key\":\"MESSAGE\",\"value\":{\"stringValue\":\"" FORGED "\"}}]}}}",
	"PROGRAM,message\napp,\"" KILL "\"",
	"%BGP-3-NOTIFICATION: " FORGED,
	"*Jan  2 2026 15:04:05.000: %IOSXE-4-PLATFORM: R0/0: cpp_cp: " FORGED,
	"*Jan  2 2026 15:04:05.000: %SYS-2-MALLOCFAIL: " FORGED,
	"Jan  2 15:04:05 rtr1 123: *Jan  2 14:04:05.000: %SYS-2-MALLOCFAIL: " FORGED,
	"Jan  2 15:04:05 leaf1 Rib: %KERN-3-INFO: " FORGED,
	"2026-01-02T15:04:05+00:00 app[web.3]: " FORGED,
	"2026-01-02T15:04:05+00:00 app[web.3]: [    1.0] a\n2026-01-02T15:04:05+00:00 app[web.3]: " FORGED,
	"159 <40>1 2026-01-02T15:04:05+00:00 host app web.3 - " FORGED,
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		CLEANUP_BUF struct buf dump = BUF_INIT(1 << 20);

		check(dump_bytes(&dump, str_of(cases[i].line), 0));
		if (str_find(buf_str(&dump), STR("comm=\"a\" pid=7")) == SIZE_MAX)
			fprintf(stderr, "no kill in: %s\n", cases[i].line);
		check(str_find(buf_str(&dump), STR("comm=\"a\" pid=7")) != SIZE_MAX);
		for (size_t k = 0; k < ARRAY_COUNT(cases[i].has) && cases[i].has[k]; k++) {
			struct str word = str_of(cases[i].has[k]);
			bool not = take_char(&word, '!');
			struct str event = buf_str(&dump);

			event.n = str_find(event, STR("  verbatim:"));
			harness_checks++;
			if ((str_find(event, word) == SIZE_MAX) == not)
				continue;
			harness_failures++;
			fprintf(stderr, "%s: '%s' in\n%.*s\n", cases[i].line, cases[i].has[k],
				STR_ARG(event));
		}
	}
	for (size_t i = 0; i < ARRAY_COUNT(foreign); i++) {
		CLEANUP_BUF struct buf dump = BUF_INIT(1 << 20);

		check(dump_bytes(&dump, str_of(foreign[i]), 0));
		if (str_starts(buf_str(&dump), STR("event ")))
			fprintf(stderr, "an event of the kernel: %s\n", foreign[i]);
		check(!str_starts(buf_str(&dump), STR("event ")));
	}
	return tests_done();
}
