/* SPDX-License-Identifier: MIT */
/* numa.c - on which nodes the largest processes have their memory. What the kernel prints of a
 * mapping (Documentation/filesystems/proc.rst):
 *   7effce31b000 bind:0 file=/memfd:x\040(deleted) mapped=2 N0=2 kernelpagesize_kB=4
 */
#include <stdio.h>
#include <unistd.h>

#include "host/parts.h"

enum { NODES_MAX = 64 };

struct numa {
	int64_t nodes[NODES_MAX]; /* their numbers, rising: 0 8 252 ... */
	int64_t kb[NODES_MAX], other_kb; /* of the process that is looked at */
	size_t n;
};

static int one_node(void *ctx, const char *path, struct err *err)
{
	struct numa *n = ctx;
	struct str name = str_of(path);
	int64_t number;
	size_t at;

	(void)err;
	name = str_from(name, str_rfind(name, STR("/node")) + 5);
	if (n->n == NODES_MAX || !take_i64(&name, &number) || name.n || number < 0)
		return 0;
	for (at = n->n++; at && n->nodes[at - 1] > number; at--) /* node10 came before node2 */
		n->nodes[at] = n->nodes[at - 1];
	n->nodes[at] = number;
	return 0;
}

static int64_t *node_kb(struct numa *n, uint64_t number)
{
	for (size_t i = 0; i < n->n; i++) {
		if ((uint64_t)n->nodes[i] == number)
			return &n->kb[i];
	}
	return &n->other_kb;
}

/* "N0=5" counts pages of the size at the line's end; kernels before 3.14 leave that out. */
static void one_numa_line(void *ctx, struct str line)
{
	static const struct str unit = STR_INIT(" kernelpagesize_kB=");
	size_t at = str_rfind(line, unit);
	struct str value = str_from(line, at == SIZE_MAX ? line.n : at + unit.n), word;
	uint64_t page_kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024, number, pages;

	(void)take_u64(&value, &page_kb);
	while (skip_blanks(&line), take_word(&line, &word)) {
		if (take_char(&word, 'N') && take_u64(&word, &number) && take_char(&word, '=') &&
		    take_u64(&word, &pages))
			add_product(node_kb(ctx, number), pages, page_kb);
	}
}

static int numa_header(struct gather *g, const struct numa *n, struct buf *line, struct err *err)
{
	buf_addz(line, "pid\tcomm\trss_kb");
	for (size_t i = 0; i < n->n; i++)
		buf_addf(line, "\tnode%lld_kb", (long long)n->nodes[i]);
	buf_addz(line, "\tother_kb\n");
	return gather_text(g, buf_str(line), err);
}

/* 1: no time is left */
static int numa_process(const struct looking *l, struct numa *n, const struct process *p,
			struct buf *line, struct err *err)
{
	struct line_feed lines = {.one = one_numa_line, .ctx = n};

	memset(n->kb, 0, sizeof(n->kb));
	n->other_kb = 0;
	if (looking_late(l))
		return 1;
	if (look(l, p->pid, "numa_maps", SLOW_LOOK_US, &lines) != HOST_READ)
		return 0; /* gone meanwhile, or not ours to look at: a part of it says nothing */
	buf_clear(line);
	buf_addf(line, "%lld", (long long)p->pid);
	column_text(line, str_of(p->comm));
	column_number(line, p->rss_kb);
	for (size_t i = 0; i < n->n; i++)
		column_number(line, n->kb[i]);
	column_number(line, n->other_kb);
	buf_addc(line, '\n');
	return gather_text(l->g, buf_str(line), err);
}

int make_numa(struct gather *g, const struct source_row *row, struct err *err)
{
	static const char source[] = "/proc/PID/numa_maps";
	struct buf line = BUF_INIT(8192);
	struct numa n = {.n = 0};
	const struct census *c;
	struct looking l;
	int rc;

	if (paths_matching(g->plan->root, "/sys/devices/system/node/node*", 4 * NODES_MAX, one_node,
			   &n, err) < 0)
		return -1;
	if (n.n < 2)
		return gather_absent(g, source, row->dest, HOST_ABSENT, "one memory node only", err);
	if (gather_begin(g, source, row->dest, err) != 0)
		return -1;
	rc = numa_header(g, &n, &line, err);
	c = take_census(g);
	l = looking(g);
	for (size_t i = 0; i < c->n_largest && i < CLOSELY && rc == 0; i++)
		rc = numa_process(&l, &n, &c->largest[i], &line, err);
	buf_free(&line);
	if (rc < 0)
		return -1;
	return gather_end(g, rc ? HOST_CUT : HOST_READ, "took too long: the rest is left out", err);
}
