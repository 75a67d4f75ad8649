/* SPDX-License-Identifier: MIT */
/* The signature does not change with host, pids, times and amounts, and tells kinds apart. */
#include "load.h"

#include <ctype.h>

static void signature_of(struct str log, char out[80])
{
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	load_incident(&l, log, STR(""));
	check_ok(diagnose(&d, &l.incident, &err), err);
	memcpy(out, d.signature, 80);
	diagnosis_free(&d);
	load_free(&l);
}

static char *read_case(const char *path, size_t *n)
{
	char full[400];
	snprintf(full, sizeof(full), TEST_SOURCE_DIR "/tests/%s", path);
	char *text = load_file(full, n);
	check(text != NULL);
	return text;
}

/* Every occurrence of one text by another of the same length. */
static void replace(char *text, size_t n, const char *from, const char *to)
{
	size_t len = strlen(from), hits = 0;
	check(len == strlen(to));
	for (size_t i = 0; i + len <= n; i++)
		if (memcmp(text + i, from, len) == 0) {
			memcpy(text + i, to, len);
			hits++;
		}
	check(hits > 0);
}

/* Timestamps of another day: "[  100.000123]" -> "[  942.000123]". */
static void other_times(char *text, size_t n)
{
	for (size_t i = 0; i + 8 < n; i++)
		if ((i == 0 || text[i - 1] == '\n') && text[i] == '[')
			for (size_t k = i + 1; k < i + 6; k++)
				if (text[k] == '1')
					text[k] = '9';
}

static void unchanged(const char *path, const char *const (*pairs)[2], size_t n_pairs)
{
	char before[80], after[80];
	size_t n;
	char *text = read_case(path, &n);
	if (!text)
		return;
	signature_of((struct str){text, n}, before);
	for (size_t i = 0; i < n_pairs; i++)
		replace(text, n, pairs[i][0], pairs[i][1]);
	other_times(text, n);
	signature_of((struct str){text, n}, after);
	check_str(str_of(after), str_of(before));
	free(text);
}

static const char *const kinds[] = {
	"diagnose/cases/memcg-limit/fires.log",
	"diagnose/cases/memcg-no-victim/fires.log",
	"diagnose/cases/memcg-dirty/fires.log",
	"diagnose/cases/demand-exceeds-memory/fires.log",
	"diagnose/cases/mlock/fires.log",
	"diagnose/cases/hugetlb-reserved/fires.log",
	"diagnose/cases/slab-leak/fires.log",
	"diagnose/cases/too-many-tasks/fires.log",
	"diagnose/cases/cpuset-or-mempolicy/fires.log",
	"diagnose/cases/manual-oom/fires.log",
	"diagnose/cases/fragmentation/fires.log",
	"diagnose/cases/atomic-reserve/fires.log",
	"diagnose/cases/costly-order/fires.log",
	"diagnose/cases/nobody-to-kill/fires.log",
	"diagnose/cases/userspace-killer/fires.log",
	"diagnose/cases/userspace-killer/near.log",
	"diagnose/cases/lowmem-exhausted/fires.log",
	"diagnose/cases/unaccounted-memory/fires.log",
	"golden/memcg-v2-6.1/log",
	"golden/memcg-v2-tmpfs-6.1/log",
	"golden/tmpfs-fill-6.1/log",
	"golden/frag-failure-6.1/log",
};

static void kinds_differ(void)
{
	char seen[ARRAY_COUNT(kinds)][80];
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		size_t n;
		char *text = read_case(kinds[i], &n);
		signature_of((struct str){text, n}, seen[i]);
		for (size_t k = 0; k < i; k++) {
			check(strcmp(seen[i], seen[k]) != 0);
			if (strcmp(seen[i], seen[k]) == 0)
				fprintf(stderr, "%s and %s: %s\n", kinds[i], kinds[k], seen[i]);
		}
		for (const char *c = seen[i]; *c; c++)
			check(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
			      *c == '-');
		free(text);
	}
}

int main(void)
{
	static const char *const out[][2] = {
		{"anon-rss:80000kB", "anon-rss:71234kB"},   {"free:5000kB", "free:4711kB"},
		{"active_anon:112500", "active_anon:103111"}, {"PID: 700", "PID: 991"},
		{"process 500", "process 513"},		    {"pid=500", "pid=513"},
		{"[    500]", "[    513]"},
	};
	static const char *const memcg[][2] = {
		{"usage 20480kB, limit 20480kB", "usage 97000kB, limit 97000kB"},
		{"/app", "/srv"},
		{"PID: 108", "PID: 977"},
	};
	static const char *const failure[][2] = {
		{"PID: 800", "PID: 123"},
		{"+0x20/0x90", "+0x11/0x90"},
		{"free:5000kB", "free:5100kB"},
	};
	unchanged("diagnose/cases/demand-exceeds-memory/fires.log", out, ARRAY_COUNT(out));
	unchanged("diagnose/cases/memcg-limit/fires.log", memcg, ARRAY_COUNT(memcg));
	unchanged("diagnose/cases/costly-order/fires.log", failure, ARRAY_COUNT(failure));
	kinds_differ();
	return tests_done();
}
