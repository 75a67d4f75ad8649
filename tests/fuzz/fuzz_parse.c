/* SPDX-License-Identifier: MIT */
/* fuzz_parse.c - any bytes to the parser; what must hold of all of them:
 *
 * - it ends, and gives as many events again when the same bytes come in small pieces;
 * - every event lies inside the input and before the next one's beginning or at it;
 * - what is not known is UNKNOWN, never a number out of thin air: counts fit their arrays;
 * - verbatim text is not longer than the input.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../parse/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void laws_of(const struct event *ev, uint64_t *last_first, size_t size)
{
	const struct task_table *t = &ev->tasks;

	require(ev->first_line >= *last_first);
	require(ev->last_line >= ev->first_line && ev->last_line <= size + 1);
	*last_first = ev->first_line;
	require(ev->verbatim.n <= 4 * size + 4096);
	require(t->n_columns <= TASK_COLUMNS);
	require(t->n_rows == 0 || (t->values && t->names && t->n_columns));
	for (size_t i = 0; i < ev->memory.n_zones; i++) {
		require(ev->memory.zones[i].buddy.orders <= BUDDY_ORDERS);
		require(ev->memory.zones[i].name.n > 0);
	}
	require(event_kind_name(ev->kind)[0] != '\0');
	require(!event_is_oom(ev) || ev->kind != EVENT_ALLOC_FAILURE);
	require(ev->kind != EVENT_OOM_KILL || ev->fatal);
}

static size_t count_events(const uint8_t *data, size_t size)
{
	struct parser_options options = {.wanted_verbatim = VERBATIM_ALL, .now_us = 1};
	uint64_t last_first = 0;
	struct parser *p;
	struct event *ev;
	size_t n = 0;

	require(parser_new(&p, &options, NULL) == 0);
	require(parser_feed(p, (struct str){(const char *)data, size}, NULL) == 0);
	require(parser_finish(p, NULL) == 0);
	while ((ev = parser_take(p))) {
		laws_of(ev, &last_first, size);
		event_free(ev);
		n++;
	}
	require(parser_facts(p)->bytes == size);
	parser_free(p);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { LARGEST = 64 << 20, MOST_SMALL = 4096 };
	struct buf whole = BUF_INIT(LARGEST), cut = BUF_INIT(LARGEST);
	struct str bytes = {(const char *)data, size};

	(void)count_events(data, size);
	if (size == 0)
		return 0;
	require(dump_bytes(&whole, bytes, 0));
	require(dump_bytes(&cut, bytes, size <= MOST_SMALL ? 1 + data[0] % 13 : 1021));
	require(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
