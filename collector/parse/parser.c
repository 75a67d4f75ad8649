/* SPDX-License-Identifier: MIT */
/* parser.c - the parser's birth and death. */
#include "base/when.h"
#include "parse/rows.h"

enum { STATE_BYTES = 16 << 20, FACTS_BYTES = 8 << 20, ENTRY_BYTES = 1 << 20 };

int parser_new(struct parser **ret, const struct parser_options *options, struct err *err)
{
	struct arena a = ARENA_INIT(STATE_BYTES);
	struct parser *p = arena_take(&a, sizeof(*p));
	static const struct parser_options none;

	if (!p) {
		arena_free(&a);
		return err_set(err, ERR_NOMEM, "the log parser: no memory");
	}
	p->arena = a;
	p->facts_arena = (struct arena)ARENA_INIT(FACTS_BYTES);
	p->host = &p->first_host;
	p->host->known = &p->first_known;
	p->first_known.host = p->host;
	p->options = options ? *options : none;
	if (p->options.kernel.n &&
	    !arena_str(&p->arena, p->options.kernel, &p->options.kernel)) {
		parser_free(p);
		return err_set(err, ERR_NOMEM, "the log parser: no memory");
	}
	p->part = (struct buf)BUF_INIT(LINE_CAP);
	p->history = (struct buf)BUF_INIT(2 * SHARED_HISTORY * HISTORY);
	p->entry_text = (struct buf)BUF_INIT(ENTRY_BYTES);
	p->entry_binary_bytes = (struct buf)BUF_INIT(ENTRY_BYTES);
	p->clean = p->soft = p->decoded = p->unquoted = (struct buf)BUF_INIT(ENTRY_BYTES);
	p->json_scratch = (struct buf)BUF_INIT(ENTRY_BYTES);
	p->wait_text = p->wait_raw = p->wait_rest = (struct buf)BUF_INIT(2 * ENTRY_BYTES);
	p->object = p->host->frag = p->host->sysrq_text = (struct buf)BUF_INIT(LINE_CAP);
	p->sheet = p->unescaped = p->tagged = (struct buf)BUF_INIT(ENTRY_BYTES);
	p->split.text = (struct buf)BUF_INIT(LINE_CAP);
	p->table.open = (struct buf)BUF_INIT(2 * LINE_CAP);
	if (p->options.now_us) {
		struct civil now;

		when_to_civil(p->options.now_us, &now);
		p->now_year = now.year;
	}
	p->careful = true; /* the first lines tell form, host, boot; a block may be open */
	kinds_init();
	*ret = p;
	return 0;
}

static void live_free(struct live *l)
{
	while (l) {
		event_free(l->ev);
		buf_free(&l->text);
		l = l->next;
	}
}

void parser_free(struct parser *p)
{
	struct buf *bufs[] = {&p->part,	     &p->history,      &p->entry_text,
			      &p->clean,     &p->soft,	       &p->decoded, &p->unquoted,
			      &p->wait_text, &p->wait_raw,     &p->wait_rest,
			      &p->object,    &p->json_scratch, &p->entry_binary_bytes,
			      &p->table.open, &p->sheet, &p->unescaped,
			      &p->split.text, &p->tagged};
	struct arena a;

	if (!p)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(bufs); i++)
		buf_free(bufs[i]);
	hosts_free(p);
	live_free(p->done);
	live_free(p->spare);
	arena_free(&p->facts_arena);
	a = p->arena; /* the parser lives in its own arena */
	arena_free(&a);
}
