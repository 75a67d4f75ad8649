/* SPDX-License-Identifier: MIT */
/* census.c - one look at every process: all of them as one table, in bounded time and memory, and
 * what later tables and the diagnosis want to know of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/parts.h"

static void process_line(struct buf *b, const struct process *p)
{
	const int64_t numbers[] = {p->ppid, p->uid, p->threads, p->vm_kb, p->rss_kb,
				   p->rss_anon_kb, p->rss_file_kb, p->shmem_kb, p->swap_kb,
				   p->locked_kb, p->hugetlb_kb, p->pte_kb, p->oom_score,
				   p->oom_score_adj, p->fds};

	buf_clear(b);
	buf_addf(b, "%lld", (long long)p->pid);
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		column_number(b, numbers[i]);
	buf_addf(b, "\t%c", p->state);
	column_text(b, str_of(p->comm));
	column_text(b, str_of(p->cgroup[0] ? p->cgroup : "-"));
	buf_addc(b, '\n');
}

/* ---- what else is wanted of every process ---- */

static const char *const killers[] = {
	"systemd-oomd", "earlyoom",	  "nohang",	 "oomd",     "uresourced",
	"psi-notify",	"low-memory-moni", "thrash-protect", "bustd", "below", "atop",
	"sadc",		"pmlogger",	  "oomreport-recor",
};

static int64_t known(int64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

/* What a tree says may be anything. */
static int64_t weight(const struct process *p)
{
	int64_t sum;

	return __builtin_add_overflow(known(p->rss_kb), known(p->swap_kb), &sum) ? INT64_MAX : sum;
}

void keep_largest(struct process list[LARGEST], size_t *n, const struct process *p)
{
	size_t at = *n;

	if (weight(p) <= 0 || (at == LARGEST && weight(p) <= weight(&list[at - 1])))
		return;
	if (at == LARGEST)
		at--;
	else
		++*n;
	while (at > 0 && weight(&list[at - 1]) < weight(p)) {
		list[at] = list[at - 1];
		at--;
	}
	list[at] = *p;
}

static uint32_t as_fits(int64_t value)
{
	return value <= 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void census_add(struct census *c, const struct process *p)
{
	const struct member m = {as_fits(p->pid), as_fits(p->shmem_kb)};

	c->tasks++;
	keep_largest(c->largest, &c->n_largest, p);
	/* the dead and the kernel's own have no memory of their own */
	if (p->vm_kb != UNKNOWN || p->rss_kb != UNKNOWN)
		buf_add(&c->members, (struct str){(const char *)&m, sizeof(m)});
	for (size_t i = 0; i < ARRAY_COUNT(killers) && c->n_killers < KILLERS_MAX; i++) {
		if (strcmp(p->comm, killers[i]) == 0)
			c->killers[c->n_killers++] = p->pid;
	}
}

static void census_begin(struct census *c)
{
	census_free(c);
	c->n_largest = c->n_killers = 0;
	c->tasks = 0;
}

void census_free(struct census *c)
{
	buf_free(&c->members);
	c->members = (struct buf)BUF_INIT(MEMBERS_MAX * sizeof(struct member));
	c->taken = false;
}

const struct census *take_census(struct gather *g)
{
	struct pid_walk walk;
	struct process p;
	int64_t pid;

	if (g->census.taken || !pid_walk_open(&walk, g->plan->root))
		return &g->census;
	census_begin(&g->census);
	g->census.taken = true;
	while (pid_walk_next(&walk, &pid) && !gather_late(g)) {
		if (process_read(g->plan->root, pid, PROCESS_STATUS, &p))
			census_add(&g->census, &p);
	}
	pid_walk_close(&walk);
	return &g->census;
}

/* ---- the table ---- */

#define PROCESS_HEADER                                                                     \
	"pid\tppid\tuid\tthreads\tvm_kb\trss_kb\trss_anon_kb\trss_file_kb\trss_shmem_kb\t"  \
	"swap_kb\tlocked_kb\thugetlb_kb\tpagetables_kb\toom_score\toom_score_adj\tfds\t"   \
	"state\tcomm\tcgroup\n"

/* 0, 1 full or late, -1 */
static int print_processes(struct gather *g, struct pid_walk *walk, int64_t *no_fds,
			   struct err *err)
{
	struct buf line = BUF_INIT(4096);
	int64_t pid;
	int rc = gather_text(g, STR(PROCESS_HEADER), err);

	while (rc == 0 && pid_walk_next(walk, &pid)) {
		struct process p;

		if (!process_read(g->plan->root, pid, PROCESS_ALL, &p))
			continue; /* gone meanwhile */
		census_add(&g->census, &p);
		*no_fds += p.fds == UNKNOWN;
		process_line(&line, &p);
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	return rc;
}

int make_processes(struct gather *g, const struct source_row *row, struct err *err)
{
	struct census *c = &g->census;
	struct pid_walk walk;
	int64_t no_fds = 0;
	const char *cut;
	char reason[120];
	int rc;

	if (!pid_walk_open(&walk, g->plan->root))
		return gather_absent(g, "/proc/PID", row->dest, HOST_ABSENT, strerror(errno), err);
	census_begin(c);
	rc = gather_begin(g, "/proc/PID/{status,cgroup,oom_score,oom_score_adj,fd}", row->dest,
			  err);
	if (rc == 0)
		rc = print_processes(g, &walk, &no_fds, err);
	pid_walk_close(&walk);
	if (rc < 0)
		return -1;
	c->taken = rc == 0;
	if (g->plan->facts && c->tasks)
		facts_set_processes(g->plan->facts, c->largest, c->n_largest, c->tasks);
	cut = rc ? reason : g->live && geteuid() != 0 ? table_gaps(g, "fd", no_fds, reason) : NULL;
	if (rc)
		snprintf(reason, sizeof(reason), "cut after %lld processes", (long long)c->tasks);
	return gather_end(g, cut ? HOST_CUT : HOST_READ, cut, err);
}
