/* SPDX-License-Identifier: MIT */
/* dump.c - events as text. */
#include "dump.h"

#include <inttypes.h>
#include <stdlib.h>

static void text(struct buf *out, const char *key, struct str s)
{
	if (!s.p)
		return;
	buf_addf(out, " %s=\"", key);
	buf_add(out, s);
	buf_addc(out, '"');
}

static void number(struct buf *out, const char *key, int64_t n)
{
	if (n != UNKNOWN)
		buf_addf(out, " %s=%" PRId64, key, n);
}

static void pairs(struct buf *out, const char *key, const struct kvs *list)
{
	static const char *const units[] = {"", "p", "kB", "B", "?"};

	if (!list->n)
		return;
	buf_addf(out, "  %s:", key);
	for (size_t i = 0; i < list->n; i++) {
		number(out, "", list->v[i].value);
		buf_addz(out, units[list->v[i].unit]);
		text(out, "", list->v[i].key);
	}
	buf_addc(out, '\n');
}

static void dump_trigger(struct buf *out, const struct trigger *t)
{
	buf_addz(out, "  trigger:");
	text(out, "comm", t->comm);
	number(out, "pid", t->pid);
	number(out, "cpu", t->cpu);
	number(out, "uid", t->uid);
	number(out, "order", t->order);
	if (t->gfp_mask != UNKNOWN)
		buf_addf(out, " gfp=0x%" PRIx64, t->gfp_mask);
	text(out, "flags", t->gfp_text);
	number(out, "oom_score_adj", t->oom_score_adj);
	number(out, "oom_adj", t->oom_adj);
	text(out, "nodemask", t->nodemask);
	text(out, "cpuset", t->cpuset);
	text(out, "mems", t->mems_allowed);
	number(out, "stall_ms", t->stall_ms);
	text(out, "what", t->what);
	text(out, "policy", t->policy);
	buf_addc(out, '\n');
}

static void dump_victims(struct buf *out, const struct event *ev)
{
	for (size_t i = 0; i < ev->n_victims; i++) {
		const struct victim *v = &ev->victims[i];

		buf_addz(out, "  victim:");
		text(out, "comm", v->comm);
		text(out, "memcg", v->memcg);
		number(out, "pid", v->pid);
		number(out, "uid", v->uid);
		number(out, "score", v->score);
		number(out, "adj", v->oom_score_adj);
		number(out, "vm", v->total_vm_kb);
		number(out, "vsz", v->vsz_kb);
		number(out, "anon", v->anon_rss_kb);
		number(out, "file", v->file_rss_kb);
		number(out, "shmem", v->shmem_rss_kb);
		number(out, "pgtables", v->pgtables_kb);
		number(out, "reaped", v->reaped);
		number(out, "left", v->after_anon_kb);
		buf_addc(out, '\n');
	}
}

static void dump_memory(struct buf *out, const struct memory_info *m)
{
	pairs(out, "totals", &m->totals);
	pairs(out, "tail", &m->tail);
	if (m->swap_total_kb != UNKNOWN)
		buf_addf(out, "  swap: %" PRId64 " of %" PRId64 "\n", m->swap_free_kb,
			 m->swap_total_kb);
	for (size_t i = 0; i < m->n_nodes; i++) {
		buf_addf(out, "  node %" PRId64 "\n", m->nodes[i].node);
		pairs(out, "  ", &m->nodes[i].kv);
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		const struct zone *z = &m->zones[i];

		buf_addf(out, "  zone %" PRId64, z->node);
		text(out, "name", z->name);
		for (size_t k = 0; k < z->n_lowmem_reserve; k++)
			buf_addf(out, " %" PRId64, z->lowmem_reserve[k]);
		buf_addc(out, '\n');
		pairs(out, "  ", &z->kv);
		buf_addz(out, "    buddy");
		for (int k = 0; k < z->buddy.orders; k++) {
			buf_addf(out, " %" PRId64, z->buddy.free_blocks[k]);
			buf_add(out, z->buddy.types[k]);
		}
		number(out, "page", z->buddy.page_kb);
		number(out, "total", z->buddy.total_kb);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < m->n_huge; i++) {
		buf_addf(out, "  huge %" PRId64, m->huge[i].node);
		number(out, "total", m->huge[i].total);
		number(out, "free", m->huge[i].free);
		number(out, "surplus", m->huge[i].surplus);
		number(out, "size", m->huge[i].size_kb);
		buf_addc(out, '\n');
	}
}

static void counter(struct buf *out, const char *name, const struct memcg_counter *c)
{
	if (!c->seen)
		return;
	buf_addf(out, "  %s:", name);
	number(out, "usage", c->usage_kb);
	number(out, "limit", c->limit_kb);
	number(out, "failcnt", c->failcnt);
	buf_addz(out, c->unlimited ? " unlimited\n" : "\n");
}

static void dump_memcg(struct buf *out, const struct memcg_info *m)
{
	if (!m->seen && !m->path.p && !m->task_path.p && !m->oom_group)
		return;
	buf_addz(out, "  memcg:");
	text(out, "path", m->path);
	text(out, "task", m->task_path);
	buf_addz(out, m->oom_group ? " group\n" : "\n");
	counter(out, "memory", &m->memory);
	counter(out, "memsw", &m->memsw);
	counter(out, "swap", &m->swap);
	counter(out, "kmem", &m->kmem);
	for (size_t i = 0; i < m->n_stats; i++) {
		text(out, " stats", m->stats[i].path);
		pairs(out, "stats", &m->stats[i].stats);
	}
}

static void dump_tasks(struct buf *out, const struct task_table *t)
{
	if (!t->seen)
		return;
	buf_addz(out, "  tasks:");
	for (size_t i = 0; i < t->n_columns; i++)
		text(out, "", t->columns[i]);
	buf_addf(out, " dropped %" PRIu64 "\n", t->rows_dropped);
	for (size_t i = 0; i < t->n_rows; i++) {
		buf_addz(out, "   ");
		for (size_t k = 0; k < t->n_columns; k++)
			buf_addf(out, " %" PRId64, t->values[i * t->n_columns + k]);
		text(out, "", t->names[i]);
		buf_addc(out, '\n');
	}
}

void dump_event(struct buf *out, const struct event *ev)
{
	buf_addf(out, "event %s %s%s lines %" PRIu64 "-%" PRIu64, event_kind_name(ev->kind),
		 event_scope_name(ev->scope) ? event_scope_name(ev->scope) : "-",
		 ev->fatal ? " fatal" : "", ev->first_line, ev->last_line);
	number(out, "mono", ev->monotonic_us);
	number(out, "wall", ev->wall_us);
	text(out, "constraint", ev->constraint);
	text(out, "host", ev->host);
	text(out, "kernel", ev->kernel);
	text(out, "build", ev->kernel_build);
	if (event_is_page_failure(ev))
		buf_addz(out, " page-failure");
	text(out, "hardware", ev->hardware);
	text(out, "tainted", ev->tainted);
	text(out, "workqueue", ev->workqueue);
	text(out, "killer", ev->killer);
	text(out, "reason", ev->reason);
	buf_addz(out, "\n  missing:");
	for (uint32_t bit = 1; bit <= PART_MIDDLE; bit <<= 1) {
		if (ev->missing & bit)
			buf_addf(out, " %s", part_name((enum event_part)bit));
	}
	buf_addc(out, '\n');
	dump_trigger(out, &ev->trigger);
	dump_victims(out, ev);
	dump_memory(out, &ev->memory);
	dump_memcg(out, &ev->memcg);
	dump_tasks(out, &ev->tasks);
	for (size_t i = 0; i < ev->n_slab; i++)
		buf_addf(out, "  slab %.*s %" PRId64 " %" PRId64 "\n", STR_ARG(ev->slab[i].name),
			 ev->slab[i].used_kb, ev->slab[i].total_kb);
	for (size_t i = 0; i < ev->n_allocs; i++)
		buf_addf(out, "  alloc %" PRId64 " %" PRId64 " %.*s\n", ev->allocs[i].bytes,
			 ev->allocs[i].calls, STR_ARG(ev->allocs[i].tag));
	buf_addz(out, "  trace:");
	for (size_t i = 0; i < ev->n_call_trace; i++)
		buf_addf(out, " %.*s", STR_ARG(ev->call_trace[i]));
	buf_addc(out, '\n');
	for (size_t i = 0; i < ev->n_extra; i++)
		buf_addf(out, "  extra: %.*s\n", STR_ARG(ev->extra[i]));
	buf_addz(out, "  verbatim:\n");
	buf_add(out, ev->verbatim);
	buf_addz(out, "\n  end\n");
}

void dump_facts(struct buf *out, const struct log_facts *f)
{
	buf_addf(out, "facts bytes %" PRIu64 " lines %" PRIu64 " lost %" PRIu64 "%s", f->bytes,
		 f->lines, f->lost_records, f->head_lost ? " head lost" : "");
	text(out, "kernel", f->kernel);
	text(out, "banner", f->banner);
	text(out, "cmdline", f->cmdline);
	text(out, "host", f->hostname);
	text(out, "hardware", f->hardware);
	text(out, "arch", f->arch);
	buf_addc(out, '\n');
	pairs(out, "context", &f->context);
}

static bool feed(struct parser *p, struct str bytes, struct buf *out)
{
	struct event *ev;
	/* an exact copy, so that a byte too far is seen and slices cannot survive */
	char *copy = malloc(bytes.n ? bytes.n : 1);
	int failed;

	if (!copy)
		return false;
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	failed = parser_feed(p, (struct str){copy, bytes.n}, NULL);
	if (bytes.n)
		memset(copy, '#', bytes.n);
	free(copy);
	while (out && (ev = parser_take(p))) {
		dump_event(out, ev);
		event_free(ev);
	}
	return failed == 0;
}

bool dump_bytes(struct buf *out, struct str bytes, size_t window)
{
	struct parser_options options = {.wanted_verbatim = VERBATIM_ALL};
	struct event *ev;
	struct parser *p;
	bool ok = true;

	if (parser_new(&p, &options, NULL))
		return false;
	for (size_t at = 0; ok && at < bytes.n; at += window ? window : bytes.n)
		ok = feed(p, str_sub(bytes, at, window ? window : bytes.n), out);
	ok = ok && parser_finish(p, NULL) == 0;
	while (ok && (ev = parser_take(p))) {
		dump_event(out, ev);
		event_free(ev);
	}
	dump_facts(out, parser_facts(p));
	parser_free(p);
	return ok && !out->failed;
}
