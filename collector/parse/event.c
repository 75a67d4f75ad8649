/* SPDX-License-Identifier: MIT */
/* event.c - events while they are put together: where one begins, which lines are its own,
 * where it ends.
 *
 * Reports of several CPUs interleave. With caller ids a line goes to the event of its caller.
 * Without them it goes to the newest event that still waits for a line of that part; of two
 * whose headers came back to back ("twins") to the older one, because the OOM killer works on
 * one at a time. Lines of a victim find their event by its pid, however late they come.
 */
#include "parse/rows.h"


enum {
	DEFAULT_EVENT_BYTES = 16 << 20,
	KERNEL_WEIGHT = 8,
	/* so much without a line of its own, then an event is over */
	OPEN_QUIET = 160 * KERNEL_WEIGHT,
	/* ... when it only waits for "Killed process" or oom_reaper */
	SETTLED_QUIET = 200 * KERNEL_WEIGHT,
	SETTLED_MOST = 4,
	TWIN_LINES = 6,
};

/* ---- memory ---- */

static size_t event_bytes(const struct parser *p)
{
	return p->options.max_event_bytes ? p->options.max_event_bytes : DEFAULT_EVENT_BYTES;
}

static struct event *event_new(struct parser *p)
{
	struct arena a = ARENA_INIT(event_bytes(p));
	struct event *ev = arena_take(&a, sizeof(*ev));

	if (!ev) {
		arena_free(&a);
		return NULL;
	}
	ev->arena = a;
	ev->monotonic_us = ev->wall_us = UNKNOWN;
	ev->trigger.pid = ev->trigger.cpu = ev->trigger.uid = UNKNOWN;
	ev->trigger.order = ev->trigger.gfp_mask = UNKNOWN;
	ev->trigger.oom_score_adj = ev->trigger.oom_adj = ev->trigger.stall_ms = UNKNOWN;
	ev->memory.swap_free_kb = ev->memory.swap_total_kb = UNKNOWN;
	return ev;
}

void event_free(struct event *ev)
{
	struct arena a;

	if (!ev)
		return;
	a = ev->arena; /* the event lives in its own arena */
	arena_free(&a);
}

struct str keep(struct parser *p, struct live *l, struct str s)
{
	struct str copy;

	(void)p;
	if (!s.p || !arena_str(&l->ev->arena, s, &copy)) {
		l->cut |= s.p != NULL;
		return (struct str){0};
	}
	return copy;
}

/* ---- beginning ---- */

bool caller_matches(const struct live *l, const struct piece *pc)
{
	return pc->caller.n == 0 || l->caller_n == 0 ||
	       str_eq(pc->caller, (struct str){l->caller, l->caller_n});
}

static struct live *live_get(struct parser *p)
{
	struct live *l = p->spare;
	struct buf text;

	if (l) {
		p->spare = l->next;
	} else {
		l = arena_take(&p->arena, sizeof(*l));
		if (!l)
			return NULL;
		l->text = (struct buf)BUF_INIT(event_bytes(p) / 2);
	}
	text = l->text;
	buf_clear(&text);
	*l = (struct live){.text = text};
	l->ev = event_new(p);
	if (!l->ev) {
		l->next = p->spare;
		p->spare = l;
		return NULL;
	}
	return l;
}

/* Did the header of this one come right after that of the one before? */
static bool is_twin(const struct parser *p, const struct piece *pc)
{
	const struct live *last = p->n_live ? p->live[p->n_live - 1] : NULL;

	return last && last->header && last->stage == STAGE_OPEN &&
	       last->ev->kind == EVENT_OOM_KILL && caller_matches(last, pc) &&
	       !(last->parts & ~(unsigned)(PART_HEADER | PART_STACK)) &&
	       last->ev->n_call_trace < 3 && pc->line - last->sure_line <= TWIN_LINES;
}

struct live *live_new(struct parser *p, const struct piece *pc, enum event_kind kind)
{
	bool twin = kind == EVENT_OOM_KILL && is_twin(p, pc);
	struct live *l;

	if (p->n_live == MAX_LIVE)
		live_close(p, 0);
	l = live_get(p);
	if (!l) {
		p->failed = true;
		return NULL;
	}
	l->twin = twin;
	l->caller_n = pc->caller.n < CALLER_ROOM ? pc->caller.n : 0;
	if (l->caller_n)
		memcpy(l->caller, pc->caller.p, l->caller_n);
	l->ev->kind = kind;
	l->ev->first_line = l->ev->last_line = pc->line;
	l->ev->monotonic_us = pc->mono_us;
	l->ev->wall_us = pc->wall_us;
	l->ev->host = keep(p, l, pc->host);
	p->live[p->n_live++] = l;
	return l;
}

static bool takes_part(const struct live *l, enum event_part part)
{
	if (l->stage != STAGE_OPEN)
		return false;
	if (l->ev->kind == EVENT_USERSPACE_KILL)
		return false;
	if (l->ev->kind != EVENT_OOM_KILL)
		return part == PART_STACK || part == PART_MEMORY;
	return true;
}

struct live *live_for(struct parser *p, const struct piece *pc, enum event_part part,
		      bool orphan)
{
	for (size_t i = p->n_live; i-- > 0;) {
		struct live *l = p->live[i];

		if (!takes_part(l, part) || !caller_matches(l, pc))
			continue;
		if (l->twin && part != PART_STACK && i > 0 && takes_part(p->live[i - 1], part))
			continue;
		return l;
	}
	return orphan ? live_new(p, pc, EVENT_OOM_KILL) : NULL;
}

struct live *live_unsettled(struct parser *p, const struct piece *pc)
{
	return live_for(p, pc, PART_VERDICT, false);
}

struct live *live_of_victim(struct parser *p, int64_t pid, struct victim **victim)
{
	for (size_t i = p->n_live; i-- > 0;) {
		struct event *ev = p->live[i]->ev;

		for (size_t k = 0; k < ev->n_victims; k++) {
			if (ev->victims[k].pid == pid) {
				*victim = &ev->victims[k];
				return p->live[i];
			}
		}
	}
	return NULL;
}

struct victim *victim_new(struct parser *p, struct live *l)
{
	enum { MOST_VICTIMS = 4096 };
	struct event *ev = l->ev;
	struct victim *v = NULL;

	(void)p;
	if (ev->n_victims < MOST_VICTIMS)
		v = arena_grow(&ev->arena, (void **)&ev->victims, &ev->n_victims,
			       &ev->room_victims, sizeof(*v));
	if (!v) {
		ev->victims_dropped++;
		return NULL;
	}
	v->pid = v->uid = v->score = v->oom_score_adj = UNKNOWN;
	v->total_vm_kb = v->anon_rss_kb = v->file_rss_kb = v->shmem_rss_kb = UNKNOWN;
	v->pgtables_kb = v->vsz_kb = v->reaped = UNKNOWN;
	v->after_anon_kb = v->after_file_kb = v->after_shmem_kb = UNKNOWN;
	return v;
}

/* ---- lines of its own ---- */

static void add_raw(struct parser *p, struct live *l, const struct piece *pc)
{
	if (!p->options.wanted_verbatim || pc->line == l->raw_line)
		return;
	l->raw_line = pc->line;
	if (!buf_reserve(&l->text, pc->raw.n + 1)) {
		l->ev->verbatim_cut = true;
		return;
	}
	if (l->text.n)
		buf_addc(&l->text, '\n');
	buf_add(&l->text, pc->raw);
}

void live_own(struct parser *p, struct live *l, const struct piece *pc, enum event_part part)
{
	struct event *ev = l->ev;

	add_raw(p, l, pc);
	l->parts |= part;
	l->quiet = l->idle = 0;
	l->sure_text = l->text.n;
	l->sure_extra = ev->n_extra;
	l->sure_line = pc->last_line;
	if (pc->last_line > ev->last_line)
		ev->last_line = pc->last_line;
	if (ev->monotonic_us == UNKNOWN)
		ev->monotonic_us = pc->mono_us;
	if (ev->wall_us == UNKNOWN)
		ev->wall_us = pc->wall_us;
	if (!ev->host.p && pc->host.n)
		ev->host = keep(p, l, pc->host);
	p->calm = 0;
}

void extra_text(struct live *l, struct str text)
{
	enum { MOST_EXTRA = 2000 };
	struct event *ev = l->ev;
	struct str *slot = NULL, copy;

	if (ev->n_extra < MOST_EXTRA && arena_str(&ev->arena, text, &copy))
		slot = arena_grow(&ev->arena, (void **)&ev->extra, &ev->n_extra,
				  &ev->room_extra, sizeof(*slot));
	if (slot)
		*slot = copy;
	else
		ev->extra_dropped++;
}

void live_extra(struct parser *p, struct live *l, const struct piece *pc)
{
	extra_text(l, pc->text);
	add_raw(p, l, pc);
}

/* "Stack : 00040800 00000000 ...", "        801565b8 00000000": MIPS ends them with "..." */
static bool is_hexdump(struct str text)
{
	struct str word;
	uint64_t n;
	bool any = false;

	(void)take_lit(&text, STR("Stack"));
	skip_blanks(&text);
	(void)take_char(&text, ':');
	for (skip_blanks(&text); take_word(&text, &word); skip_blanks(&text)) {
		if (word.n < 4 || !take_hex(&word, &n) || word.n)
			return false;
		any = true;
	}
	return any;
}

void live_unknown(struct parser *p, const struct piece *pc)
{
	for (size_t i = p->n_live; i-- > 0;) {
		struct live *l = p->live[i];

		if (l->stage == STAGE_OPEN && l->ev->kind != EVENT_USERSPACE_KILL &&
		    caller_matches(l, pc)) {
			live_extra(p, l, pc);
			l->hexdump = is_hexdump(pc->text);
			return;
		}
	}
}

/* ---- the end ---- */

void live_settled(struct live *l)
{
	l->stage = STAGE_TAIL;
	l->in_table = l->in_stats = l->in_slab = l->in_allocs = l->in_stack = false;
}

static bool worth_keeping(const struct live *l)
{
	return l->header || l->killed || l->panic || l->no_victim || l->table_head ||
	       l->named != NAMED_NOT || l->ev->kind != EVENT_OOM_KILL;
}

static void live_done(struct parser *p, struct live *l)
{
	struct live **at = &p->done;

	while (*at && (*at)->ev->first_line <= l->ev->first_line)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
}

static void remember_victims(struct parser *p, const struct event *ev)
{
	for (size_t i = 0; i < ev->n_victims; i++)
		p->recent_pids[p->n_recent++ % ARRAY_COUNT(p->recent_pids)] = ev->victims[i].pid;
}

void live_close(struct parser *p, size_t index)
{
	struct live *l = p->live[index];
	struct event *ev = l->ev;

	p->n_live--;
	for (size_t i = index; i < p->n_live; i++)
		p->live[i] = p->live[i + 1];
	if (index < p->n_live)
		p->live[index]->twin = false;
	if (!worth_keeping(l)) {
		event_free(ev);
		l->ev = NULL;
		l->next = p->spare;
		p->spare = l;
		return;
	}
	ev->n_extra = l->sure_extra;
	if (p->options.wanted_verbatim) {
		struct str text = str_sub(buf_str(&l->text), 0, l->sure_text);

		if (!arena_str(&ev->arena, text, &ev->verbatim)) {
			ev->verbatim_cut = true;
			text.n /= 4;
			if (!arena_str(&ev->arena, text, &ev->verbatim))
				ev->verbatim = (struct str){0};
		}
	}
	event_finish(p, l);
	remember_victims(p, ev);
	live_done(p, l);
}

void live_close_all(struct parser *p)
{
	while (p->n_live)
		live_close(p, 0);
}

/* Once a piece: who has waited long enough? */
void live_tick(struct parser *p, bool foreign)
{
	size_t settled = 0;

	for (size_t i = p->n_live; i-- > 0;) {
		struct live *l = p->live[i];

		/* what other programs say in between weighs little: syslogs are busy */
		l->idle += foreign ? 1 : KERNEL_WEIGHT;
		l->quiet += !foreign;
		if (l->stage == STAGE_TAIL)
			settled++;
		if (l->idle > (l->stage == STAGE_TAIL ? SETTLED_QUIET : OPEN_QUIET) ||
		    (l->stage == STAGE_TAIL && settled > SETTLED_MOST))
			live_close(p, i);
	}
}

bool live_any_open(const struct parser *p)
{
	for (size_t i = 0; i < p->n_live; i++) {
		if (p->live[i]->stage != STAGE_TAIL)
			return true;
	}
	return false;
}

void live_expire(struct parser *p, uint64_t lines)
{
	if (lines > SETTLED_QUIET)
		live_close_all(p);
}

/* Whose they were is not known: they weigh little, and are no longer right behind. */
void live_skip(struct parser *p, uint64_t lines)
{
	for (size_t i = p->n_live; i-- > 0;) {
		struct live *l = p->live[i];

		l->idle += lines;
		l->quiet += lines;
		if (l->idle > SETTLED_QUIET)
			live_close(p, i);
	}
}

struct event *parser_take(struct parser *p)
{
	struct live *l = p->done;
	struct event *ev;

	if (!l)
		return NULL;
	for (size_t i = 0; i < p->n_live; i++) {
		if (p->live[i]->ev->first_line < l->ev->first_line)
			return NULL;
	}
	ev = l->ev;
	p->done = l->next;
	l->ev = NULL;
	l->next = p->spare;
	p->spare = l;
	return ev;
}
