/* SPDX-License-Identifier: MIT */
/* genlog.c - writes a log for the benchmarks, the same bytes every time for the same arguments.
 *
 *	genlog MIB OOMS FAILURES SEED GOLDEN > log
 *
 * Sparse (OOMS >= 0): syslog lines of many daemons with that many OOM events and allocation
 * failures spread over them; every 20th OOM is a bare "Killed process" line, as the kernel's
 * rate limit leaves it. Dense (OOMS < 0): nothing but blocks. The blocks are cut out of
 * GOLDEN/CASE/log, real captures; their numbers are changed digit by digit, their task tables
 * made 150 to 330 rows long. 2 % of a block's lines are followed by a foreign one, as a busy
 * syslogd weaves them. What was written is counted on standard error:
 *	"oom_events=N alloc_failures=N invoked=N killed=N lines=N bytes=N"
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINES = 1200, MAX_TEMPLATES = 16 };

struct block {
	char *lines[MAX_LINES]; /* without time stamp */
	int n;
};

static struct block ooms[MAX_TEMPLATES], failures[MAX_TEMPLATES];
static int n_ooms, n_failures;
static uint64_t seed = 1, bytes, lines, invoked, killed;
static double now = 1000; /* seconds since the machine of the log was started */

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 8;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

/* ---- templates ---- */

static char *without_time(char *line)
{
	char *at;

	line[strcspn(line, "\r\n")] = 0;
	at = strchr(line, ';');
	if (at && strspn(line, "0123456789,-") == (size_t)(at - line))
		line = at + 1; /* a record of /dev/kmsg */
	at = strchr(line, ']');
	return line[0] == '[' && at && at[1] == ' ' ? at + 2 : line;
}

/* The block of a golden log that begins with `begin` and ends with the line holding `end`. */
static void load(const char *golden, const char *name, const char *begin, const char *end,
		 struct block *all, int *n)
{
	char path[4096], line[4096];
	struct block *b = &all[*n];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/log", golden, name);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	while (fgets(line, sizeof(line), f) && b->n < MAX_LINES) {
		char *text = without_time(line);

		if (!b->n && !strstr(text, begin))
			continue;
		b->lines[b->n++] = strdup(text);
		if (strstr(text, end))
			break;
	}
	fclose(f);
	if (b->n < 20) {
		fprintf(stderr, "%s: no block from '%s' to '%s'\n", path, begin, end);
		exit(EXIT_FAILURE);
	}
	(*n)++;
}

/* ---- lines ---- */

static void put(const char *text, size_t n)
{
	if (fwrite(text, 1, n, stdout) != n) {
		perror("genlog");
		exit(EXIT_FAILURE);
	}
	bytes += n;
	lines++;
}

static int stamp(char *out, size_t room)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	uint64_t s = (uint64_t)now;
	uint64_t day = s / 86400;

	return snprintf(out, room, "%s %2d %02d:%02d:%02d web-%02d ", months[day / 28 % 12],
			(int)(day % 28 + 1), (int)(s / 3600 % 24), (int)(s / 60 % 60),
			(int)(s % 60), 7);
}

static void put_kernel(const char *text)
{
	char line[5000];
	int n = stamp(line, sizeof(line));

	n += snprintf(line + n, sizeof(line) - (size_t)n, "kernel: [%12.6f] %s\n", now, text);
	put(line, (size_t)n);
	now += 0.000011;
	invoked += strstr(text, "invoked oom-killer") != NULL;
	killed += strstr(text, "Killed process") != NULL;
}

static const char *const noise[] = {
	"nginx: 10.%u.%u.%u - - \"GET /api/v1/items/%u?page=%u HTTP/1.1\" 200 %u \"-\" "
	"\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"",
	"sshd[%u]: Failed password for invalid user admin%u from 192.0.2.%u port %u ssh2 (%u %u)",
	"systemd[1]: session-%u.scope: Consumed %u.%03us CPU time, %u.%uM memory peak, unit %u.",
	"CRON[%u]: (root) CMD (test -x /usr/sbin/anacron || run-parts --report %u/%u/%u %u %u)",
	"kernel: [%u.%06u] [UFW BLOCK] IN=eth0 OUT= SRC=198.51.100.%u DST=10.0.0.1 LEN=%u TTL=%u "
	"PROTO=TCP SPT=%u DPT=23 WINDOW=65535 RES=0x00 SYN URGP=0",
	"audit[%u]: SYSCALL arch=c000003e syscall=%u success=yes exit=0 a0=%x a1=%x items=%u "
	"ppid=%u comm=\"bash\" exe=\"/usr/bin/bash\" key=(null)",
	"kernel: [%u.%06u] docker0: port %u(veth%06x) entered forwarding state (%u %u)",
	"kernel: [%u.%06u] EXT4-fs (dm-%u): mounted filesystem with ordered data mode %u %u %u",
	"kubelet[%u]: I1123 02:30:%02u.%06u    1843 reconciler.go:%u] \"operationExecutor."
	"VerifyControllerAttachedVolume started for volume \\\"kube-api-access-%x\\\" "
	"(UniqueName: \\\"kubernetes.io/projected/%08x-kube-api-access\\\") pod \\\"web-7d4b9c6f5-"
	"x2x9k\\\" (UID: \\\"7f3a-11ee\\\") \" pod=\"shop/web-7d4b9c6f5-x2x9k\" volumes="
	"[config secrets cache logs data] node=\"worker-17.example.net\" attempts=3 backoff=500ms",
	"dockerd[%u]: time=\"2026-11-23T02:%02u:%02u.%09uZ\" level=info msg=\"ignoring event\" "
	"container=%08x%08x module=libcontainerd namespace=moby topic=/tasks/delete",
	"postfix/smtpd[%u]: connect from mail-%u.example.org[203.0.113.%u] helo %u size %u n %u",
	("dbus-daemon[%u]: [system] Activating via systemd: service name='org.freedesktop.hostname1'"
	 " unit='dbus-org.freedesktop.hostname1.service' requested by ':1.%u' (uid=%u pid=%u) %u %u"),
	"java[%u]: \tat org.example.store.Pool$Worker.run(Pool.java:%u) ~[store-%u.%u.jar:%u] %u",
	"node[%u]: info: request %08x finished in %ums, heap %u MB, rss %u MB, queue %u",
};

/* Words of applications that are no kernel event. */
static const char *const decoys[] = {
	"java[%u]: java.lang.OutOfMemoryError: Java heap space (%u %u %u %u %u)",
	("systemd[1]: app-%u.service: A process of this unit has been killed by the OOM killer."
	 " %u %u %u %u %u"),
	"postgres[%u]: ERROR:  out of memory, DETAIL: Failed on request of size %u. %u %u %u %u",
	"app[%u]: worker %u ran out of memory budget, restarting (%u %u %u %u)",
};

static void put_noise(void)
{
	char line[3000];
	const char *form = below(4000) ? noise[below(sizeof(noise) / sizeof(noise[0]))]
				       : decoys[below(sizeof(decoys) / sizeof(decoys[0]))];
	int n = stamp(line, sizeof(line));

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n += snprintf(line + n, sizeof(line) - (size_t)n, form, 100 + below(60000), below(60),
		      below(250), below(60000), below(1000), below(40000));
#pragma GCC diagnostic pop
	line[n++] = '\n';
	put(line, (size_t)n);
	now += 0.05 + below(100) / 1000.0;
}

/* ---- blocks ---- */

/* Other digits in the same places, but no leading zeroes; hex and versions stay. */
static void vary(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; text[n] && n + 1 < room; n++) {
		bool digit = text[n] >= '0' && text[n] <= '9';
		bool before = n && text[n - 1] >= '0' && text[n - 1] <= '9';

		out[n] = digit && before ? (char)('0' + below(10)) : text[n];
	}
	out[n] = 0;
}

static bool is_row(const char *text)
{
	return text[0] == '[' && strchr(text, ']') && strspn(text + 1, " 0123456789") ==
							      (size_t)(strchr(text, ']') - text - 1);
}

static void put_block(const struct block *b, bool alone)
{
	unsigned more = 150 + below(181);
	int foreign = 0;
	char text[4096];

	for (int i = 0; i < b->n; i++) {
		bool row = is_row(b->lines[i]);

		if (row && more && (i + 1 == b->n || !is_row(b->lines[i + 1]))) {
			for (; more; more--) { /* the table's last row stands for many */
				vary(b->lines[i], text, sizeof(text));
				put_kernel(text);
			}
		}
		if (row) {
			vary(b->lines[i], text, sizeof(text));
			put_kernel(text);
		} else {
			put_kernel(b->lines[i]);
		}
		if (!alone && below(50) == 0) {
			put_noise();
			foreign++;
		}
	}
	(void)foreign;
}

static void put_bare_kill(void)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "Out of memory: Killed process %u (worker) total-vm:%ukB, anon-rss:%ukB, "
		 "file-rss:%ukB, shmem-rss:0kB, UID:1000 pgtables:%ukB oom_score_adj:0",
		 100 + below(60000), 100000 + below(900000), 50000 + below(50000), below(4000),
		 100 + below(900));
	put_kernel(text);
}

static void load_all(const char *golden)
{
	static const char *const oom_cases[] = {"global-anon-6.1", "page-tables-6.12",
						"memcg-v2-6.12", "memcg-v1-6.1", "tmpfs-fill-6.1"};
	static const char *const failure_cases[] = {"frag-failure-6.1", "frag-failure-6.12"};

	for (size_t i = 0; i < sizeof(oom_cases) / sizeof(oom_cases[0]); i++)
		load(golden, oom_cases[i], "invoked oom-killer:", "Killed process ", ooms, &n_ooms);
	for (size_t i = 0; i < sizeof(failure_cases) / sizeof(failure_cases[0]); i++)
		load(golden, failure_cases[i], "page allocation failure", "pages hwpoisoned",
		     failures, &n_failures);
}

static uint64_t number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10); /* banned: a test's own argument */

	if (*end || end == text) {
		fprintf(stderr, "genlog MIB OOMS FAILURES SEED GOLDEN\n");
		exit(EXIT_FAILURE);
	}
	return (uint64_t)n;
}

int main(int argc, char **argv)
{
	uint64_t size, want_ooms, want_failures, oom_at = 0, failure_at = 0;
	bool dense;

	if (argc != 6) {
		fprintf(stderr, "genlog MIB OOMS FAILURES SEED GOLDEN\n");
		return EXIT_FAILURE;
	}
	size = number(argv[1]) << 20;
	want_ooms = number(argv[2]);
	dense = (int64_t)want_ooms < 0;
	want_failures = number(argv[3]);
	seed = number(argv[4]) * 2654435761u + 88172645463325252u;
	load_all(argv[5]);
	while (bytes < size) {
		bool oom = dense ? below(10) : oom_at < want_ooms &&
			   bytes / (size / (want_ooms + 1)) > oom_at;
		bool failure = dense ? !oom : failure_at < want_failures &&
			       bytes / (size / (want_failures + 1)) > failure_at;

		if (oom && !dense && oom_at % 20 == 19)
			put_bare_kill();
		else if (oom)
			put_block(&ooms[below((unsigned)n_ooms)], dense);
		else if (failure)
			put_block(&failures[below((unsigned)n_failures)], dense);
		else
			put_noise();
		oom_at += oom;
		failure_at += failure && !oom;
		now += 1;
	}
	if (fflush(stdout)) {
		perror("genlog");
		return EXIT_FAILURE;
	}
	fprintf(stderr, "oom_events=%llu alloc_failures=%llu invoked=%llu killed=%llu lines=%llu "
		"bytes=%llu\n", (unsigned long long)oom_at, (unsigned long long)failure_at,
		(unsigned long long)invoked, (unsigned long long)killed, (unsigned long long)lines,
		(unsigned long long)bytes);
	return EXIT_SUCCESS;
}
