/* SPDX-License-Identifier: MIT */
/* Real OOMs, made in a VM (tests/golden): the first finding names the cause, its numbers are
 * those of /proc before and after, and equal kinds have equal signatures on every kernel.
 */
#include "load.h"

#include <dirent.h>
#include <math.h>
#include <unistd.h>

/* A number of the finding against a line of meminfo in one of the snapshots. */
struct proof {
	const char *key;      /* term of the first finding */
	const char *snapshot; /* "before", "after", "peak" */
	const char *meminfo;
	double times;	 /* term (kB) / meminfo (kB or count) */
	double
	    within; /* relative difference allowed; the snapshot is not the same moment */
};

static const struct expected {
	const char *scenario, *first;
	struct proof proof;
} expected[] = {
    {"memcg-v1", "memcg-limit", {0}},
    {"memcg-v1-memsw", "memcg-limit", {0}},
    {"memcg-v2", "memcg-limit", {0}},
    {"memcg-v2-group", "memcg-limit", {0}},
    {"memcg-v2-nested", "memcg-limit", {0}},
    {"memcg-v2-swap", "memcg-limit", {0}},
    {"memcg-v2-tmpfs", "memcg-limit", {0}},
    {"memcg-no-victim", "victims-excluded", {0}},
    {"global-anon", "demand-exceeds-memory", {"ram_pages", "before", "memtotal", 1, 0}},
    {"swap-full",
     "demand-exceeds-memory",
     {"swap_total_kb", "before", "swaptotal", 1, 0}},
    {"storm", "demand-exceeds-memory", {"ram_pages", "before", "memtotal", 1, 0}},
    {"panic-on-oom", "demand-exceeds-memory", {0}},
    {"tmpfs-fill", "shmem-full", {"shmem_pages", "after", "shmem", 1, 0.05}},
    {"mlock-swap-free", "mlock", {"swap_total_kb", "before", "swaptotal", 1, 0}},
    {"hugetlb-swap-free",
     "hugetlb-reserved",
     {"hugepages", "after", "hugepages_total", 2048, 0}},
    {"fork-bomb", "too-many-tasks", {0}},
    {"dentry-pinned",
     "dentry-inode-pinned",
     {"slab_reclaimable_pages", "after", "sreclaimable", 1, 0.1}},
    {"inode-pinned", "dentry-inode-pinned", {0}},
    {"slab-messages",
     "slab-leak",
     {"slab_unreclaimable_pages", "after", "sunreclaim", 1, 0.4}},
    {"slab-sockets", "slab-leak", {0}},
    {"page-tables", "page-table-bloat", {0}},
    {"frag-oom", "fragmentation", {0}},
    {"frag-failure", "fragmentation", {0}},
    {"cpuset", "cpuset-or-mempolicy", {0}},
    {"mempolicy", "cpuset-or-mempolicy", {0}},
    {"all-unkillable", "victims-excluded", {0}},
    {"kills-then-panic", "victims-excluded", {0}},
    {"sysrq-f", "manual-oom", {0}},
    {"atomic-failure", "reserve-too-small", {0}},
    {"tiny-min-free", "reserve-too-small", {0}},
    {"zram-full", "unaccounted-memory", {0}},
    {"kill-allocating", "demand-exceeds-memory", {0}},
};

static struct str golden_name(const char *folder, struct str *kernel)
{
	struct str s = str_of(folder);
	size_t at = str_rfind(s, STR("-"));
	*kernel = at == SIZE_MAX ? STR("") : str_from(s, at + 1);
	return at == SIZE_MAX ? s : str_sub(s, 0, at);
}

static double term_kb(const struct finding *f, const char *key)
{
	double kb = 0;
	bool any = false;
	for (size_t i = 0; i < f->n_evidence && !any; i++) {
		const struct evidence *e = &f->evidence[i];
		for (size_t side = 0; side < 2; side++) {
			const struct term *t = side ? e->right : e->left;
			size_t n = side ? e->n_right : e->n_left;
			for (size_t k = 0; k < n; k++)
				if (t[k].key.p && str_find(t[k].key, str_of(key)) != SIZE_MAX) {
					kb += t[k].value *
					      (str_ends(t[k].key, STR("_pages"))   ? 4
					       : str_ends(t[k].key, STR(".total")) ? 2048
										   : 1);
					any = true;
				}
			if (any)
				break;
		}
	}
	return any ? kb : -1;
}

static void check_proof(const struct expected *x, const struct finding *f, const struct loaded *l,
			const char *folder)
{
	char path[400];
	struct host_facts h;
	struct root root;
	struct err err = {ERR_NONE, "", ""};
	double got = term_kb(f, x->proof.key), want;
	if (!x->proof.key)
		return;
	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/%s", folder,
		 x->proof.snapshot);
	if (access(path, R_OK) != 0)
		return;
	check_ok(root_open(&root, path, &err), err);
	check_ok(host_facts_read(&h, &root, &err), err);
	want = (double)kvs_get(&h.meminfo, str_of(x->proof.meminfo)) * x->proof.times;
	if (str_eq(str_of(x->proof.key), STR("ram_pages")))
		got = (double)(kvs_get(&l->subject->memory.tail, STR("ram")) -
			       kvs_get(&l->subject->memory.tail, STR("reserved"))) * 4;
	/* below 0: no meminfo in the snapshot, the machine was gone */
	bool same = got >= 0 && fabs(got - want) <= x->proof.within * want + 0.5;
	check(want < 0 || same);
	if (want >= 0 && !same)
		fprintf(stderr, "%s: %s is %.0f kB, /proc says %.0f kB\n", folder,
			x->proof.key, got, want);
	host_facts_free(&h);
	root_close(&root);
}

struct seen {
	const char *scenario;
	char signature[80];
};

static void check_signature(struct seen *seen, size_t *n, const char *scenario,
			    const char *signature, const char *folder)
{
	/* the same leak has another cache name on another kernel */
	bool of_cache = str_starts(str_of(scenario), STR("slab-")) ||
			str_eq(str_of(scenario), STR("dentry-pinned")) ||
			str_eq(str_of(scenario), STR("inode-pinned"));
	for (size_t i = 0; i < *n; i++) {
		if (str_eq(str_of(seen[i].scenario), str_of(scenario)) && !of_cache) {
			check_str(str_of(signature), str_of(seen[i].signature));
			if (!str_eq(str_of(signature), str_of(seen[i].signature)))
				fprintf(stderr, "%s\n", folder);
		}
	}
	seen[*n].scenario = scenario;
	snprintf(seen[*n].signature, sizeof(seen[*n].signature), "%s", signature);
	(*n)++;
}

/* The machine's own files, read before or after, add to the finding and do not turn it. */
static void check_with_facts(const struct expected *x, const struct loaded *l, const char *folder,
			     const char *snapshot)
{
	char path[400];
	struct host_facts h;
	struct root root;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	struct incident in = l->incident;
	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/%s", folder, snapshot);
	if (access(path, R_OK) != 0)
		return;
	check_ok(root_open(&root, path, &err), err);
	check_ok(host_facts_read(&h, &root, &err), err);
	in.host = &h;
	check_ok(diagnose(&d, &in, &err), err);
	check_evidence(&d, folder);
	bool good = d.n_findings && str_eq(str_of(d.findings[0].id), str_of(x->first)) &&
		    d.findings[0].confidence != CONFIDENCE_HINT;
	check(good);
	if (!good)
		fprintf(stderr, "%s with %s: %s\n", folder, snapshot,
			d.n_findings ? d.findings[0].id : "nothing");
	diagnosis_free(&d);
	host_facts_free(&h);
	root_close(&root);
}

/* False: the log does not show what its name says. */
static bool check_one(const char *folder, const struct expected *x, struct seen *seen,
		      size_t *n_seen)
{
	char path[400];
	size_t n = 0;
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/log", folder);
	char *log = load_file(path, &n);
	check(log != NULL);
	if (!log)
		return false;
	load_incident(&l, (struct str){log, n}, STR(""));
	check_ok(diagnose(&d, &l.incident, &err), err);
	check(d.verdict.n > 0);
	check_evidence(&d, folder);
	const struct finding *f = d.n_findings ? &d.findings[0] : NULL;
	if (!l.subject || (str_starts(str_of(x->scenario), STR("memcg")) &&
			   l.subject->scope != SCOPE_MEMCG)) {
		/* a kernel without cgroup v1, or a log that lacks its event: nothing to judge */
		printf("%s: not the event it is named after, passed over\n", folder);
		diagnosis_free(&d);
		load_free(&l);
		free(log);
		return false;
	}
	bool good = f && str_eq(str_of(f->id), str_of(x->first)) &&
		    f->confidence != CONFIDENCE_HINT;
	check(good);
	if (!good)
		fprintf(stderr, "%s: %s, not %s\n  %.*s\n", folder, f ? f->id : "nothing", x->first,
			STR_ARG(d.verdict));
	if (good)
		check_proof(x, f, &l, folder);
	check_with_facts(x, &l, folder, "before");
	check_with_facts(x, &l, folder, "peak");
	check_with_facts(x, &l, folder, "after");
	check_signature(seen, n_seen, x->scenario, d.signature, folder);
	diagnosis_free(&d);
	load_free(&l);
	free(log);
	return true;
}

int main(void)
{
	static struct seen seen[400];
	size_t n_seen = 0, found = 0;
	DIR *dir = opendir(TEST_SOURCE_DIR "/tests/golden");
	bool have[ARRAY_COUNT(expected)] = {false};
	struct dirent *e;
	check(dir != NULL);
	while (dir && (e = readdir(dir))) {
		struct str kernel, name = golden_name(e->d_name, &kernel);
		for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
			if (!str_eq(name, str_of(expected[i].scenario)) ||
			    n_seen == ARRAY_COUNT(seen))
				continue;
			have[i] = true;
			found += check_one(e->d_name, &expected[i], seen, &n_seen);
		}
	}
	if (dir)
		closedir(dir);
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
		check(have[i]);
		if (!have[i])
			fprintf(stderr, "no log of %s\n", expected[i].scenario);
	}
	check(found >= ARRAY_COUNT(expected));
	return tests_done();
}
