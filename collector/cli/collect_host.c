/* SPDX-License-Identifier: MIT */
/* collect_host.c - the machine's files on their way into the bundle. */
#include <stdio.h>

#include "cli/collect.h"

enum { RANK_HISTORY = 6 };

static void on_look(void *ctx, const char *source)
{
	collect_step(ctx);
	collect_progress(ctx, source, 0);
}

static int on_begin(void *ctx, const struct host_item *item, struct err *err)
{
	struct collect *c = ctx;

	c->pipe.form = item->commands ? REDACT_COMMANDS : REDACT_LINES;
	/* a group that has just come is known by its source, before its name is in a path */
	if (!pipe_name(&c->pipe, item->source, &c->pipe.names[1], err))
		return -1;
	return pipe_begin(&c->pipe, item->bundle_path, err);
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	struct collect *c = ctx;

	return pipe_data(&c->pipe, bytes, err);
}

/* Of what could not be read, the first that only root reads is the one to name: the table has those
 * in the order of what they tell. Others are odd corners (/proc/sys/vm/mmap_rnd_bits). */
static void keep_denied(struct collect *c, const struct host_item *item)
{
	if (c->denied++ != 0 && (!item->needs_root || c->denied_counts))
		return;
	snprintf(c->first_denied, sizeof(c->first_denied), "%s", item->source);
	c->denied_counts = item->needs_root;
}

static void count(struct collect *c, const struct host_item *item)
{
	if (item->result == HOST_DENIED)
		keep_denied(c, item);
	c->files += item->started;
	c->cut += item->started && item->result != HOST_READ;
	c->failed += item->result == HOST_FAILED || item->result == HOST_TIMEOUT;
}

static int on_end(void *ctx, const struct host_item *item, struct err *err)
{
	struct collect *c = ctx;
	struct bundle_entry entry = {
		.path = item->bundle_path,
		.source = item->source,
		.read_at_us = c->o->now_us == UNKNOWN ? item->read_at_us : c->now_us,
		.note = item->result == HOST_READ ? NULL : item->reason,
		.cut_rank = item->history ? RANK_HISTORY : 2,
	};

	count(c, item);
	if (item->started && pipe_end(&c->pipe, &entry, err) != 0)
		return -1;
	c->pipe.form = REDACT_LINES;
	if (item->started)
		return 0;
	return pipe_absent(&c->pipe, item->bundle_path, item->source,
			     item->reason[0] ? item->reason : "not there", err);
}

/* Where to look closer: the killed task's group has the one whose limit was hit among its parents,
 * unless the task was elsewhere. */
static struct str event_group(const struct event *e)
{
	struct str task = e->memcg.task_path, limit = e->memcg.path;

	if (task.n == 0 && e->n_victims)
		task = e->victims[0].memcg;
	limit.n -= str_ends(limit, STR("/"));
	return str_starts(task, limit) && (task.n == limit.n || task.p[limit.n] == '/') ? task
											: limit;
}

int collect_host(struct collect *c, bool cheap, struct err *err)
{
	const struct event *first = report_subject(c->report);
	struct host_plan plan = {
		.root = &c->root,
		.extra = c->profile.extra.v,
		.leave_out = c->profile.leave_out.v,
		.look = on_look,
		.stop = c->stop,
		.facts = c->has_host ? &c->host : NULL,
		.cost_from = cheap ? -1 : 1,
		.cost_to = cheap ? 0 : 2,
	};
	struct host_receiver to = {c, on_begin, on_data, on_end};

	if (first) {
		plan.event_memcg = event_group(first);
		plan.event_us = first->wall_us;
	}
	return host_collect(&plan, &to, err);
}
