/* SPDX-License-Identifier: MIT */
/* test_find.c - the fast search against a slow one: random and hostile bytes, every offset,
 * windows that end at a page nobody may touch. */
#include <sys/mman.h>

#include "base/mem.h"
#include "harness.h"
#include "parse/find.h"
#include "parse/find_simd.h"

/* Written out again on purpose: a literal lost from the table is noticed here. */
static const char *const literals[] = {
	"oom-kill", "Killed process", "ut of memory", "ut of Memory", "allocation fail",
	"page allocation", "allocate memory on", "vmalloc error", "vmap allocation",
	"killing process", "total_vm", "oom_reaper", "OOM request ignored", "memory.oom.group",
	"Linux version ", "systemd-oomd", "earlyoom", "nohang", "oomd kill", "lowmemorykiller",
	"lmkd", "SIGKILL to cgroup", "corrective action", "send sigkill to ", "vmemmap alloc fail",
	"warn_alloc", "vmalloc_node_range for", "MESSAGE\":[", "MESSAGE\": [", "MESSAGE\" : [",
};

static size_t naive(struct str window, size_t from)
{
	for (size_t i = from; i < window.n; i++)
		for (size_t k = 0; k < ARRAY_COUNT(literals); k++)
			if (str_starts(str_from(window, i), str_of(literals[k])))
				return i;
	return SIZE_MAX;
}

static size_t naive_newlines(struct str bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i++)
		n += bytes.p[i] == '\n';
	return n;
}

static uint64_t seed = 88172645463325252u;

static size_t rnd(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)((seed >> 11) % below);
}

static int wrong;

static void compare(struct str window, size_t from)
{
	size_t want = naive(window, from), newlines = naive_newlines(str_from(window, from));

	for (size_t e = 0; e < find_n_engines; e++) {
		size_t got, lines;

		if (!find_engines[e].runs())
			continue;
		got = find_with(&find_engines[e], window, from, &lines);
		if (got != SIZE_MAX)
			lines = count_with(&find_engines[e], str_from(window, from));
		if ((got != want || lines != newlines) && wrong++ < 5)
			fprintf(stderr, "%s: n %zu from %zu: %zu, not %zu; lines %zu, not %zu\n",
				find_engines[e].name, window.n, from, got, want, lines, newlines);
	}
	if (find_interesting(window, from) != want || count_newlines(window) !=
							      naive_newlines(window))
		wrong++;
}

/* A place for windows whose last byte is the last one that may be read. */
enum { ROOM = 4 * 4096 };
static char *guarded;

static struct str window_of(size_t n)
{
	return (struct str){guarded + ROOM - n, n};
}

static void fill(char *p, size_t n)
{
	static const char letters[] = "omkile dprcsutfyMOL-_.\nvang\xc3\xef\0x";

	for (size_t i = 0; i < n; i++) /* letters of the literals: many near misses */
		p[i] = rnd(3) ? letters[rnd(sizeof(letters))] : (char)rnd(256);
	for (size_t k = rnd(4); k > 0; k--) { /* some whole literals, some cut short */
		struct str lit = str_of(literals[rnd(ARRAY_COUNT(literals))]);
		size_t len = rnd(2) ? lit.n : rnd(lit.n + 1), at;

		if (len > n)
			continue;
		at = rnd(n - len + 1);
		memcpy(p + at, lit.p, len);
	}
}

static void test_random(void)
{
	for (int i = 0; i < 3000; i++) {
		size_t n = i % 3 ? rnd(300) : rnd(2000);
		struct str w = window_of(n);

		fill(guarded + ROOM - n, n);
		compare(w, n ? rnd(n + 1) : 0);
	}
}

/* Every literal at every place of windows of every length around the vectors' sizes. */
static void test_edges(void)
{
	for (size_t k = 0; k < ARRAY_COUNT(literals); k++) {
		struct str lit = str_of(literals[k]);

		for (size_t n = lit.n; n < 400; n += 1 + n / 7) {
			for (size_t at = 0; at + lit.n <= n; at += 1 + at / 5) {
				char *p = guarded + ROOM - n;

				memset(p, 'o', n);
				memcpy(p + at, lit.p, lit.n);
				compare(window_of(n), 0);
				compare(window_of(n), at);
				compare(window_of(n), at + 1);
				p[at + lit.n - 1] ^= 1; /* one byte off: no hit */
				compare(window_of(n), 0);
			}
		}
	}
}

/* ---- what a literal costs ----
 *
 * Every place where the fingerprint of one passes is compared, some 30 ns each: what passes often in
 * lines of no interest makes the whole scan slow, as quotes did once. */

struct counter {
	struct candidate_sink sink;
	size_t n;
};

static size_t count_one(struct candidate_sink *sink, size_t at, uint8_t buckets)
{
	(void)at, (void)buckets;
	((struct counter *)(void *)sink)->n++;
	return SIZE_MAX;
}

static size_t candidates(struct find_table *t, struct str text)
{
	struct counter c = {{count_one}, 0};

	(void)find_in(t, STR("ready"), 0);
	search_portable(&t->prints, (const uint8_t *)text.p, text.n, 0, &c.sink);
	return c.n;
}

static void test_price(void)
{
	enum { NOISE_MIB = 4, MOST_PER_MIB = 64 };
	CLEANUP_BUF struct buf noise = BUF_INIT((NOISE_MIB + 1) << 20);
	FILE *from = popen(TEST_BINARY_DIR "/tests/genlog 4 0 0 1 " TEST_SOURCE_DIR
			   "/tests/golden 2>/dev/null", "r");
	char block[65536];
	size_t all, n;

	while (from && (n = fread(block, 1, sizeof(block), from)) > 0)
		check(buf_add(&noise, (struct str){block, n}));
	check(from && pclose(from) == 0 && noise.n >= (size_t)NOISE_MIB << 20);
	check_int(find_table.n, ARRAY_COUNT(literals));
	all = candidates(&find_table, buf_str(&noise)) / NOISE_MIB;
	printf("candidates in a MiB of noise: %zu, at most %d may be\n", all, MOST_PER_MIB);
	for (size_t i = 0; i < find_table.n; i++) {
		struct find_table one = {.rows = &find_table.rows[i], .n = 1};
		size_t own = candidates(&one, buf_str(&noise));

		if (own >= NOISE_MIB)
			printf("  %.*s: %zu of them alone\n", STR_ARG(one.rows->literal),
			       own / NOISE_MIB);
	}
	check(all > 0 && all <= MOST_PER_MIB);
}

int main(void)
{
	int engines = 0;

	guarded = mmap(NULL, ROOM + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	if (guarded == MAP_FAILED || mprotect(guarded + ROOM, 4096, PROT_NONE)) {
		perror("mmap");
		return EXIT_FAILURE;
	}
	for (size_t e = 0; e < find_n_engines; e++) {
		printf("%s: %s\n", find_engines[e].name,
		       find_engines[e].runs() ? "compared" : "not on this machine");
		engines += find_engines[e].runs();
	}
	check(engines > 0);
	for (size_t k = 0; k < ARRAY_COUNT(literals); k++)
		check(str_of(literals[k]).n <= FIND_LONGEST);
	check(find_interesting(STR(""), 0) == SIZE_MAX);
	check(find_interesting(STR("oom-kill"), 0) == 0);
	check(find_interesting(STR("oom-kill"), 100) == SIZE_MAX);
	test_edges();
	test_random();
	test_price();
	check_int(wrong, 0);
	return tests_done();
}
