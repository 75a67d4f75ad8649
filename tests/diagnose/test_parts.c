/* SPDX-License-Identifier: MIT */
/* The parts beside the findings: verdict, roles, balance, what is missing, no event at all,
 * and no memory.
 */
#include "load.h"

#include <math.h>

static void judge(const char *path, const char *facts, struct loaded *l, struct diagnosis *d,
		  char **text)
{
	char full[400];
	size_t n = 0;
	struct err err = {ERR_NONE, "", ""};
	snprintf(full, sizeof(full), TEST_SOURCE_DIR "/tests/%s", path);
	*text = load_file(full, &n);
	check(*text != NULL);
	load_incident(l, (struct str){*text, n}, str_of(facts));
	check_ok(diagnose(d, &l->incident, &err), err);
}

static void done(struct loaded *l, struct diagnosis *d, char *text)
{
	diagnosis_free(d);
	load_free(l);
	free(text);
}

static const struct role *role(const struct diagnosis *d, const char *what)
{
	for (size_t i = 0; i < d->n_roles; i++)
		if (str_eq(str_of(d->roles[i].role), str_of(what)))
			return &d->roles[i];
	return NULL;
}

static bool asks_for(const struct diagnosis *d, const char *cause)
{
	for (size_t i = 0; i < d->n_missing; i++)
		if (str_find(str_of(d->missing[i].decides), str_of(cause)) != SIZE_MAX)
			return true;
	return false;
}

/* Five different things: who asked, who died, whose limit, who held most, why. */
static void roles(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	judge("golden/slab-sockets-6.1/log", "", &l, &d, &text);
	check(role(&d, "trigger") && str_eq(role(&d, "trigger")->name, STR("grow")));
	check(role(&d, "victim") && str_eq(role(&d, "victim")->name, STR("database")));
	check(role(&d, "limit_owner") && role(&d, "largest_consumer"));
	check(role(&d, "largest_consumer") &&
	      str_find(role(&d, "largest_consumer")->name, STR("slab")) == 0);
	check(role(&d, "cause") && str_eq(role(&d, "cause")->name, STR("slab-leak")));
	done(&l, &d, text);
	judge("golden/memcg-v2-nested-6.1/log", "", &l, &d, &text);
	check(role(&d, "limit_owner") && str_eq(role(&d, "limit_owner")->name, STR("/slice")));
	done(&l, &d, text);
}

/* The rows and the unaccounted rest are all of RAM, to the kB. */
static void balance(const char *path, int64_t ram_kb)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	int64_t sum = 0;
	judge(path, "", &l, &d, &text);
	check_int(d.balance_total_kb, ram_kb);
	check(d.n_balance > 4);
	for (size_t i = 0; i < d.n_balance; i++) {
		sum += d.balance[i].kb;
		check(d.balance[i].name.n && d.balance[i].source.n);
	}
	check_int(sum, d.balance_total_kb);
	check(d.n_balance && str_eq(d.balance[d.n_balance - 1].name, STR("unaccounted")));
	done(&l, &d, text);
}

/* Of a limit above the group that holds the memory, in each of cgroup v1's ways to print it. */
static void groups_below(void)
{
	static const char old[] =
	    "[1.0] eat invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
	    "[1.0] Task in /d/e killed as a result of limit of /d\n"
	    "[1.0] memory: usage 20480kB, limit 20480kB, failcnt 19\n"
	    "[1.0] kmem: usage 80kB, limit 18014398509481983kB, failcnt 0\n"
	    "[1.0] Memory cgroup stats for /d: cache:0KB rss:100KB mapped_file:0KB\n"
	    "[1.0] Memory cgroup stats for /d/e: cache:0KB rss:20000KB mapped_file:0KB\n"
	    "[1.0] Memory cgroup stats for /d/f: cache:0KB rss:300KB mapped_file:0KB\n"
	    "[1.0] Memory cgroup out of memory: Kill process 86 (eat) score 1 or sacrifice child\n"
	    "[1.0] Killed process 86 (eat) total-vm:56144kB, anon-rss:20012kB, file-rss:4kB\n";
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	char *text;
	judge("golden/memcg-v1-nested-6.18/log", "", &l, &d, &text);
	check(d.n_balance && str_eq(d.balance[0].name, STR("anonymous (programs)")));
	check(d.n_balance && d.balance[0].kb > 20000);
	check(str_find(d.verdict, STR("its processes' own memory")) != SIZE_MAX);
	done(&l, &d, text);
	load_incident(&l, str_of(old), str_of(""));
	check_ok(diagnose(&d, &l.incident, &err), err);
	check(d.n_balance && d.balance[0].kb == 20400);
	check(d.n_balance && str_eq(d.balance[d.n_balance - 2].name, STR("kernel memory")));
	check(d.n_balance && d.balance[d.n_balance - 1].kb == 0);
	done(&l, &d, NULL);
}

static void missing(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	judge("diagnose/cases/fd-leak/fires.log", "", &l, &d, &text);
	check(asks_for(&d, "fd-leak"));
	check(asks_for(&d, "growth"));
	for (size_t i = 0; i < d.n_missing; i++) {
		check(d.missing[i].what && d.missing[i].how && d.missing[i].decides[0]);
		for (size_t k = 0; k < i; k++) /* asked once */
			check(!str_eq(str_of(d.missing[i].what), str_of(d.missing[k].what)));
	}
	done(&l, &d, text);
	judge("diagnose/cases/fd-leak/fires.log", "numbers file_nr 5\n", &l, &d, &text);
	check(!asks_for(&d, "fd-leak"));
	done(&l, &d, text);
}

static const struct finding *finding(const struct diagnosis *d, const char *id)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (str_eq(str_of(d->findings[i].id), str_of(id)))
			return &d->findings[i];
	return NULL;
}

/* By whom shared memory is held: all of a process's objects count together, a small part names
 * nobody, and what lies under a name in a tmpfs is nobody's. */
static void shmem_holders(void)
{
	static const struct {
		const char *facts, *says; /* NULL: names nobody */
	} cases[] = {
		{"holder qemu 1200 memfd 60000\nholder postgres 900 sysv 70000\n"
		 "holder qemu 1200 memfd 50000\nholder sh 7 deleted 900\n",
		 "; qemu (pid 1200) holds 107 MiB of it; killing other programs"},
		{"holder sh 7 deleted 63999\nholder postgres 900 sysv 20\n", NULL},
		{"", NULL},
	};
	struct loaded l;
	struct diagnosis d;
	char *text;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		bool seen = false;
		judge("diagnose/cases/shmem-full/fires.log", cases[i].facts, &l, &d, &text);
		const struct finding *f = finding(&d, "shmem-full");
		check(f != NULL);
		for (size_t k = 0; f && k < f->n_evidence; k++) {
			const struct evidence *e = &f->evidence[k];
			if (!str_starts(e->key, STR("collection.facts.shmem_holders")))
				continue;
			seen = true;
			check_str(e->key, STR("collection.facts.shmem_holders[0].held_kb"));
			check(fabs(e->value - 60000) < 0.5);
			check(str_starts(e->text, STR("now held by qemu (pid 1200), memfd 110000 > "
						      "20 % of shmem 320000 = 64000")));
		}
		check(seen == (cases[i].says != NULL));
		check(f && (str_find(str_of(f->cause), str_of(cases[i].says ? cases[i].says : "holds")) !=
			    SIZE_MAX) == seen);
		done(&l, &d, text);
	}
}

/* No zone of the allowed node is short any more as printed: what it had free is told all the same,
 * and nothing of the other node. */
static void freed_since(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	size_t numbers = 0;
	judge("diagnose/cases/cpuset-or-mempolicy+freed/fires.log", "", &l, &d, &text);
	const struct finding *f = finding(&d, "cpuset-or-mempolicy");
	check(f != NULL);
	for (size_t i = 0; f && i < f->n_evidence; i++) {
		if (!f->evidence[i].key.n)
			continue;
		numbers++;
		check_str(f->evidence[i].key, STR("first_oom.memory.zones[1].free_kb"));
		check(fabs(f->evidence[i].value - 9000) < 0.5);
	}
	check_int(numbers, 1);
	done(&l, &d, text);
}

/* A slope has a fraction: the value of the evidence is what stands at its key, not its floor. */
static void fractions(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	bool seen = false;
	judge("diagnose/cases/growth/fires.log",
	      "window 600 event\ncounter anonpages 100000 202000 0 170.25\n", &l, &d, &text);
	for (size_t i = 0; i < d.n_findings; i++)
		for (size_t k = 0; k < d.findings[i].n_evidence; k++) {
			const struct evidence *e = &d.findings[i].evidence[k];
			if (!e->key.p || !str_ends(e->key, STR("].slope_per_s")))
				continue;
			seen = true;
			check(fabs(e->value - 170.25) < 1e-9);
			check(e->n_left && fabs(e->left[0].value - e->value) < 1e-9);
		}
	check(seen);
	done(&l, &d, text);
}

static void verdicts(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	judge("golden/memcg-v2-6.1/log", "", &l, &d, &text);
	check_str(
	    d.verdict,
	    STR("The control group /oomtest reached its memory limit of 20 MiB; most of "
		"it (19.9 MiB) is its processes' own memory, so the kernel "
		"killed tail (pid 108)."));
	done(&l, &d, text);
	judge("diagnose/cases/alloc-failure/fires.log", "", &l, &d, &text);
	check(str_find(d.verdict, STR("nothing was killed")) != SIZE_MAX);
	check(str_find(d.verdict, STR("OOM")) == SIZE_MAX);
	done(&l, &d, text);
	judge("diagnose/cases/userspace-killer/near.log", "", &l, &d, &text);
	check(!l.subject);
	check(str_find(d.verdict, STR("no out-of-memory event")) != SIZE_MAX);
	check(str_starts(str_of(d.signature), STR("oom1-nothing-")));
	done(&l, &d, text);
	judge("diagnose/cases/evidence-incomplete/fires.log", "", &l, &d, &text);
	check(d.verdict.n > 0);
	done(&l, &d, text);
}

/* A storm whose memory is not given back, and one where others take it. */
static void storms(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	judge("golden/storm-6.1/log", "", &l, &d, &text);
	check(l.n_oom >= 10);
	check(str_find(d.verdict, STR("times in all")) != SIZE_MAX);
	done(&l, &d, text);
	struct event_note notes[3] = {
		{.kind = EVENT_OOM_KILL, .first_line = 1, .free_kb = 5000, .anon_kb = 400000,
		 .killed_kb = 100000, .monotonic_us = 1000000, .victim_pid = 5},
		{.kind = EVENT_OOM_KILL, .first_line = 100, .free_kb = 5100, .anon_kb = 300000,
		 .killed_kb = 100000, .monotonic_us = 2000000, .victim_pid = 6},
		{.kind = EVENT_OOM_KILL, .first_line = 200, .free_kb = 5200, .anon_kb = 200000,
		 .killed_kb = 100000, .monotonic_us = 3000000, .victim_pid = 7},
	};
	judge("diagnose/cases/slab-leak/fires.log", "", &l, &d, &text);
	struct incident in = l.incident;
	struct err err = {ERR_NONE, "", ""};
	in.notes = notes;
	in.n_notes = 3;
	diagnosis_free(&d);
	check_ok(diagnose(&d, &in, &err), err);
	check(str_find(d.verdict, STR("killing did not help")) != SIZE_MAX);
	done(&l, &d, text);
}

/* From the line that holds `from` to the one that holds `until`, both included. */
static void cut(char *text, size_t *n, const char *from, const char *until)
{
	struct str all = {text, *n};
	size_t start = str_find(all, str_of(from)), end = str_find(all, str_of(until));
	check(start != SIZE_MAX && end != SIZE_MAX && start < end);
	start = str_rfind(str_sub(all, 0, start), STR("\n")) + 1;
	end += str_find_char(str_from(all, end), '\n') + 1;
	memmove(text + start, text + end, *n - end);
	*n -= end - start;
}

/* What is left of a list of zones is no machine: neither its beginning, nor all but its middle. */
static void zones_lost(void)
{
	static const char *const cuts[][4] = {
		{"Node 0 DMA32 free:", "pages hwpoisoned"},
		{"Node 0 DMA32 free:", "lowmem_reserve[]: 0 0 0 0 0", "pages RAM", "pages reserved"},
	};
	for (size_t i = 0; i < ARRAY_COUNT(cuts); i++) {
		struct loaded l;
		struct diagnosis d;
		struct err err = {ERR_NONE, "", ""};
		size_t n = 0;
		char *text = load_file(TEST_SOURCE_DIR "/tests/golden/swap-full-6.12/log", &n);
		check(text != NULL);
		for (int k = 0; k < 4 && cuts[i][k]; k += 2)
			cut(text, &n, cuts[i][k], cuts[i][k + 1]);
		load_incident(&l, (struct str){text, n}, STR(""));
		check_ok(diagnose(&d, &l.incident, &err), err);
		check(l.incident.subject->memory.n_zones > 0);
		for (size_t f = 0; f < d.n_findings; f++)
			check(!str_eq(str_of(d.findings[f].id), STR("slab-leak")));
		done(&l, &d, text);
	}
}

/* Every allocation may fail: an error, never a crash, and nothing is left behind. */
static void no_memory(void)
{
	struct loaded l;
	struct diagnosis d;
	char *text;
	judge("golden/slab-sockets-6.1/log", "", &l, &d, &text);
	diagnosis_free(&d);
	unsigned long before = mem_allocations();
	struct err err = {ERR_NONE, "", ""};
	check_ok(diagnose(&d, &l.incident, &err), err);
	unsigned long need = mem_allocations() - before;
	diagnosis_free(&d);
	check(need > 0);
	for (unsigned long i = 1; i <= need; i++) {
		err = (struct err){ERR_NONE, "", ""};
		mem_fail_after(i);
		int rc = diagnose(&d, &l.incident, &err);
		mem_fail_after(0);
		if (rc == 0)
			diagnosis_free(&d);
		else
			check_int(err.code, ERR_NOMEM);
	}
	load_free(&l);
	free(text);
}

int main(void)
{
	roles();
	balance("golden/global-anon-6.1/log", 210740);
	balance("golden/swap-full-6.12/log", 217768);
	balance("golden/memcg-v2-6.1/log", 20480);
	groups_below();
	missing();
	shmem_holders();
	freed_since();
	fractions();
	verdicts();
	storms();
	zones_lost();
	no_memory();
	return tests_done();
}
