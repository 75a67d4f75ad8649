/* SPDX-License-Identifier: MIT */
/* pageowner.c - /sys/kernel/debug/page_owner summed up by stack: the file has a record for each
 * allocated page and comes to gigabytes; what matters is who holds most.
 *
 * A record (Documentation/mm/page_owner.rst):
 *   Page allocated via order 0, mask 0x..., pid 1, tgid 1 (systemd), ts 123 ns
 *   PFN 4096 type Unmovable Block 8 type Unmovable Flags 0x...
 *    post_alloc_hook+0x...
 *    ...
 *   (empty line)
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "host/parts.h"

enum { STACKS = 2048, TOP = 100, STACK_TEXT = 1500, TEXTS = 768 * 1024 };

struct stack {
	uint64_t hash, pages, records;
	struct str text;
};

struct owner {
	struct arena arena;
	struct stack *stacks; /* open addressing, STACKS places */
	size_t used;
	uint64_t pages, other_pages, records;
	/* the record being read */
	int64_t order;
	char text[STACK_TEXT];
	size_t n;
};

static uint64_t hash_of(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return h ? h : 1;
}

static void end_record(struct owner *o)
{
	struct str text = {o->text, o->n};
	uint64_t pages = o->order >= 0 && o->order < 32 ? UINT64_C(1) << o->order : 0;
	uint64_t hash = hash_of(text);
	size_t at = hash % STACKS;

	if (pages == 0 || text.n == 0)
		return;
	o->pages += pages;
	o->records++;
	while (o->stacks[at].hash && o->stacks[at].hash != hash)
		at = (at + 1) % STACKS;
	if (!o->stacks[at].hash) {
		if (o->used >= STACKS / 2 || !arena_str(&o->arena, text, &o->stacks[at].text)) {
			o->other_pages += pages;
			return;
		}
		o->stacks[at].hash = hash;
		o->used++;
	}
	o->stacks[at].pages += pages;
	o->stacks[at].records++;
}

static void one_line(void *ctx, struct str line)
{
	struct owner *o = ctx;
	struct str head;

	if (take_until_lit(&line, STR("allocated via order "), &head)) {
		o->n = 0;
		if (!take_i64(&line, &o->order))
			o->order = -1;
	} else if (line.n == 0) {
		end_record(o);
		o->n = 0;
		o->order = -1;
	} else if (line.p[0] == ' ' && o->n + line.n + 1 < sizeof(o->text)) {
		memcpy(o->text + o->n, line.p, line.n);
		o->n += line.n;
		o->text[o->n++] = '\n';
	}
}

static int by_pages(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return (x->pages < y->pages) - (x->pages > y->pages);
}

static int print(struct gather *g, const struct owner *o, const char *note, struct err *err)
{
	struct buf line = BUF_INIT(4096);
	int rc;

	buf_addf(&line, "%llu pages in %llu records%s; %llu pages of stacks beyond the %d kept\n",
		 (unsigned long long)o->pages, (unsigned long long)o->records, note,
		 (unsigned long long)o->other_pages, STACKS / 2);
	rc = gather_text(g, buf_str(&line), err);
	qsort(o->stacks, STACKS, sizeof(o->stacks[0]), by_pages);
	for (size_t i = 0; i < TOP && o->stacks[i].hash && rc == 0; i++) {
		buf_clear(&line);
		buf_addf(&line, "\n%llu pages, %llu records\n%.*s",
			 (unsigned long long)o->stacks[i].pages,
			 (unsigned long long)o->stacks[i].records, STR_ARG(o->stacks[i].text));
		rc = gather_text(g, buf_str(&line), err);
	}
	buf_free(&line);
	return rc < 0 ? -1 : 0;
}

int make_page_owner(struct gather *g, const struct source_row *row, struct err *err)
{
	static const char path[] = "/sys/kernel/debug/page_owner";
	struct owner o = {.arena = ARENA_INIT(TEXTS), .order = -1};
	struct read_request q = {.path = path, .max = UINT64_MAX, .aside = true,
				 .stop = g->plan->stop,
				 .deadline_us = when_monotonic() +
						(int64_t)row->deadline_ms * 1000};
	struct line_feed lines = {.one = one_line, .ctx = &o};
	struct read_sink to = {line_feed_data, &lines};
	enum host_result result;
	char reason[120];
	int rc;

	o.stacks = arena_array(&o.arena, STACKS, sizeof(*o.stacks));
	if (!o.stacks)
		return gather_absent(g, path, row->dest, HOST_FAILED, "no memory", err);
	rc = reader_read(&g->reader, &q, &to, &result, reason, err) < 0 ? -1 : 0;
	if (rc == 0 && o.records == 0)
		rc = gather_absent(g, path, row->dest, result == HOST_READ ? HOST_ABSENT : result,
				   result == HOST_READ ? "holds no record" : reason, err);
	else if (rc == 0 && (rc = gather_begin(g, path, row->dest, err)) == 0 &&
		 (rc = print(g, &o, result == HOST_READ ? "" : " (not all: it took too long)",
			     err)) == 0)
		rc = gather_end(g, result, reason, err);
	arena_free(&o.arena);
	return rc;
}
