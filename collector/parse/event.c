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
	STRAY_QUIET = 12 * KERNEL_WEIGHT,
	/* ... when it only waits for "Killed process" or oom_reaper */
	SETTLED_QUIET = 200 * KERNEL_WEIGHT,
	SETTLED_MOST = 4,
	SHOUT_QUIET = 4000 * KERNEL_WEIGHT, /* the log it is a copy of may follow */
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
	ev->monotonic_us = ev->wall_us = ev->killed_us = UNKNOWN;
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

/* Did the header of this one come right after that of the one before, not seconds later, and is it not the
 * same once more, behind an excerpt? */
static bool is_twin(const struct parser *p, const struct piece *pc)
{
	const struct host *h = p->host;
	const struct live *last = h->n_live ? h->live[h->n_live - 1] : NULL;

	return last && last->header && last->stage == STAGE_OPEN &&
	       last->ev->kind == EVENT_OOM_KILL && caller_matches(last, pc) &&
	       !(last->parts & ~(unsigned)(PART_HEADER | PART_STACK)) &&
	       last->ev->n_call_trace < 3 && !live_apart(last, pc) &&
	       (pc->mono_us == UNKNOWN || pc->mono_us != last->ev->monotonic_us) &&
	       host_line(h, pc->line) - last->sure_line <= TWIN_LINES;
}

struct live *live_new(struct parser *p, const struct piece *pc, enum event_kind kind)
{
	bool twin = kind == EVENT_OOM_KILL && is_twin(p, pc);
	struct host *h = p->host;
	struct live *l;

	if (h->n_live == MAX_LIVE)
		live_close(p, h, 0);
	l = live_get(p);
	if (!l) {
		p->failed = true;
		return NULL;
	}
	l->host = h;
	l->own_line = host_line(h, pc->line);
	l->quote = pc->quote;
	l->shouted = pc->shouted;
	l->twin = twin;
	l->caller_n = pc->caller.n < CALLER_ROOM ? pc->caller.n : 0;
	if (l->caller_n)
		memcpy(l->caller, pc->caller.p, l->caller_n);
	l->ev->kind = kind;
	l->ev->first_line = l->ev->last_line = pc->line;
	l->ev->monotonic_us = l->mono_us = pc->mono_us;
	l->ev->wall_us = l->wall_us = pc->wall_us;
	l->ev->host = keep(p, l, pc->host);
	h->live[h->n_live++] = l;
	return l;
}

static bool takes_part(const struct live *l, enum event_part part)
{
	if (l->stage != STAGE_OPEN || (l->stray && part != PART_STACK && !stray_takes(l)))
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
	struct live *aside = NULL;

	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (!takes_part(l, part) || !caller_matches(l, pc))
			continue;
		if (l->twin && part != PART_STACK && i > 0 && takes_part(p->host->live[i - 1], part))
			continue;
		if (part != PART_STACK || !l->weave.aside)
			return l;
		aside = aside ? aside : l;
	}
	if (!aside)
		aside = late_for(p, pc, part);
	if (aside)
		return aside;
	return orphan ? live_new(p, pc, EVENT_OOM_KILL) : NULL;
}

struct live *live_unsettled(struct parser *p, const struct piece *pc)
{
	return live_for(p, pc, PART_VERDICT, false);
}

struct live *live_of_victim(struct parser *p, int64_t pid, struct victim **victim)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct event *ev = p->host->live[i]->ev;

		for (size_t k = 0; k < ev->n_victims; k++) {
			if (ev->victims[k].pid == pid) {
				*victim = &ev->victims[k];
				return p->host->live[i];
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

/* Is its text of interest? Of the first fatal one of its host only, unless all are. */
static bool keeps_text(const struct parser *p, const struct live *l)
{
	uint64_t first = l->host->known->first_fatal;

	return p->options.wanted_verbatim == VERBATIM_ALL ||
	       (p->options.wanted_verbatim == VERBATIM_FIRST &&
		(!first || l->ev->first_line < first));
}

static void add_raw(const struct parser *p, struct live *l, struct str raw, uint64_t line,
		    unsigned part)
{
	if ((line == l->raw_line && part == l->raw_part) || !keeps_text(p, l))
		return;
	l->raw_line = line;
	l->raw_part = part;
	if (!buf_reserve(&l->text, raw.n + 1)) {
		l->ev->verbatim_cut = true;
		return;
	}
	if (l->text.n)
		buf_addc(&l->text, '\n');
	buf_add(&l->text, raw);
}

/* What it takes of the memory that all hosts share. */
static void live_count(struct parser *p, struct live *l)
{
	size_t now = l->ev->arena.used + l->text.n;

	p->live_bytes += now - l->counted;
	l->counted = now;
}

void live_own_row(struct parser *p, struct live *l, struct str raw, uint64_t line, unsigned part,
		  uint64_t last)
{
	struct event *ev = l->ev;

	add_raw(p, l, raw, line, part);
	live_count(p, l);
	l->quiet = l->idle = 0;
	l->weave.more = false;
	l->sure_text = l->text.n;
	l->sure_extra = ev->n_extra;
	l->sure_line = host_line(l->host, last);
	if (last > ev->last_line)
		ev->last_line = last;
	p->calm = 0;
}

void live_own(struct parser *p, struct live *l, const struct piece *pc, enum event_part part)
{
	struct event *ev = l->ev;

	live_own_row(p, l, pc->raw, pc->line, pc->part, pc->last_line);
	l->parts |= part;
	if (l->stray && part & ~(unsigned)PART_STACK)
		stray_joined(l, part);
	/* of the others the values that are cut off are not known, no more */
	l->elided |= part & (PART_HEADER | PART_VERDICT) && line_is_cut(pc->text);
	if (ev->monotonic_us == UNKNOWN)
		ev->monotonic_us = pc->mono_us;
	if (ev->wall_us == UNKNOWN)
		ev->wall_us = pc->wall_us;
	l->mono_us = pc->mono_us != UNKNOWN ? pc->mono_us : l->mono_us;
	l->wall_us = pc->wall_us != UNKNOWN ? pc->wall_us : l->wall_us;
	if (!ev->host.p && pc->host.n)
		ev->host = keep(p, l, pc->host);
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
	add_raw(p, l, pc->raw, pc->line, pc->part);
	live_count(p, l);
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
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

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
}

bool oom_near(const struct host *h, const struct live *but)
{
	for (size_t i = 0; i < h->n_live; i++) {
		if (h->live[i] != but && !h->live[i]->stray &&
		    h->live[i]->ev->kind == EVENT_OOM_KILL)
			return true;
	}
	return h->known->oom_seen;
}

static bool worth_keeping(const struct live *l)
{
	if (l->named == NAMED_BY_REAPER && !l->killed)
		return !oom_near(l->host, l);
	return l->header || l->told || l->killed || l->panic || l->no_victim || l->table_head ||
	       l->named != NAMED_NOT || l->ev->constraint.n || l->ev->kind != EVENT_OOM_KILL;
}

static void live_done(struct parser *p, struct live *l)
{
	struct live **at = &p->done;

	while (*at && (*at)->ev->first_line <= l->ev->first_line)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
}

/* Its text's room is kept for the next one, unless that was much. */
static void live_spare(struct parser *p, struct live *l)
{
	enum { SPARE_TEXT = 1 << 20 };

	if (l->text.room > SPARE_TEXT)
		buf_free(&l->text);
	l->ev = NULL;
	l->next = p->spare;
	p->spare = l;
}

void live_close(struct parser *p, struct host *h, size_t index)
{
	struct live *l = h->live[index];
	struct event *ev = l->ev;

	stray_settle(l);
	h->n_live--;
	p->live_bytes -= l->counted;
	for (size_t i = index; i < h->n_live; i++)
		h->live[i] = h->live[i + 1];
	if (index < h->n_live)
		h->live[index]->twin = false;
	if (gather_piece(l)) {
		live_spare(p, l);
		return;
	}
	if (!worth_keeping(l)) {
		event_free(ev);
		live_spare(p, l);
		return;
	}
	ev->n_extra = l->sure_extra;
	if (keeps_text(p, l)) {
		struct str text = str_sub(buf_str(&l->text), 0, l->sure_text);

		if (!arena_str(&ev->arena, text, &ev->verbatim)) {
			ev->verbatim_cut = true;
			text.n /= 4;
			if (!arena_str(&ev->arena, text, &ev->verbatim))
				ev->verbatim = (struct str){0};
		}
	}
	event_finish(p, l);
	if (quoted_before(p, l)) {
		event_free(ev);
		live_spare(p, l);
		return;
	}
	h->known->oom_seen |= event_is_oom(ev);
	if (ev->fatal && !ev->missing && event_is_oom(ev) && keeps_text(p, l))
		l->host->known->first_fatal = ev->first_line;
	live_done(p, l);
}

void live_close_host(struct parser *p, struct host *h)
{
	while (h->n_live)
		live_close(p, h, 0);
}

void live_close_all(struct parser *p)
{
	for (size_t i = 0; i < hosts_count(p); i++)
		live_close_host(p, host_at(p, i));
}

static uint64_t patience(const struct live *l)
{
	if (l->shouted)
		return SHOUT_QUIET;
	if (l->stage == STAGE_TAIL)
		return SETTLED_QUIET;
	return l->stray ? STRAY_QUIET : OPEN_QUIET;
}

/* Lines have passed: who has waited long enough? Those of programs weigh little: syslogs are busy. */
static void pass(struct parser *p, struct host *h, const struct live *own, uint64_t kernel,
		 uint64_t foreign)
{
	size_t settled = 0;

	for (size_t i = h->n_live; i-- > 0;) {
		struct live *l = h->live[i];

		if (l == own)
			continue;
		l->idle += kernel * KERNEL_WEIGHT + foreign;
		l->quiet += kernel;
		if (l->stage == STAGE_TAIL && !l->shouted)
			settled++;
		if (l->idle > patience(l) || (l->stage == STAGE_TAIL && !l->shouted && settled > SETTLED_MOST))
			live_close(p, h, i);
	}
}

void live_tick(struct parser *p, bool foreign)
{
	pass(p, p->host, NULL, !foreign, foreign);
}

void live_pass(struct parser *p, struct live *own, uint64_t lines)
{
	live_count(p, own);
	pass(p, own->host, own, lines, 0);
}

bool live_any_open(struct parser *p)
{
	for (size_t k = 0; k < hosts_count(p); k++) {
		const struct host *h = host_at(p, k);

		for (size_t i = 0; i < h->n_live; i++) {
			if (h->live[i]->stage != STAGE_TAIL)
				return true;
		}
	}
	return false;
}

/* Whose the lines were is not known: of many hosts each said its share. */
static uint64_t share_of(const struct parser *p, uint64_t lines)
{
	return lines / hosts_count(p);
}

void live_expire(struct parser *p, uint64_t lines)
{
	if (share_of(p, lines) > SETTLED_QUIET)
		live_close_all(p);
}

/* They weigh little, and are no longer right behind. */
void live_skip(struct parser *p, uint64_t lines)
{
	uint64_t share = share_of(p, lines);

	for (size_t k = 0; k < hosts_count(p); k++) {
		struct host *h = host_at(p, k);

		for (size_t i = h->n_live; i-- > 0;) {
			struct live *l = h->live[i];

			l->idle += share;
			l->quiet += share;
			if (l->idle > SETTLED_QUIET)
				live_close(p, h, i);
		}
	}
}

/* Is none of its host's earlier ones still open? */
static bool is_next(const struct live *l)
{
	const struct host *h = l->host;

	for (size_t i = 0; i < h->n_live; i++) {
		if (h->live[i]->ev->first_line < l->ev->first_line)
			return false;
	}
	return true;
}

struct event *parser_take(struct parser *p)
{
	struct live **at = &p->done, *l;
	struct event *ev;

	while (*at && !is_next(*at))
		at = &(*at)->next;
	l = *at;
	if (!l)
		return NULL;
	*at = l->next;
	ev = l->ev;
	live_spare(p, l);
	return ev;
}
