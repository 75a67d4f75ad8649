/* SPDX-License-Identifier: MIT */
/* event_head.c - first lines: who could not get memory, how much, with which flags. */
#include "parse/handlers.h"

/* "order=0", "order:3": what follows the first occurrence. */
static int64_t number_after(struct str text, struct str key)
{
	struct str at;

	return value_of(text, key, &at) ? take_number(&at) : UNKNOWN;
}

/* What the kernel may print as an order; anything else is none (SysRq-f: -1). */
static int64_t order_of(int64_t number)
{
	return number >= -1 && number <= ORDER_LARGEST ? number : UNKNOWN;
}

/* A list such as "0,2-3" or "(null)", which becomes no text at all. */
static struct str take_list(struct str at)
{
	size_t i = 0;

	if (str_starts(at, STR("(null)")))
		return (struct str){0};
	while (i < at.n && (ascii_digit(at.p[i]) || at.p[i] == '-' ||
			    (at.p[i] == ',' && i + 1 < at.n && ascii_digit(at.p[i + 1]))))
		i++;
	return i ? str_sub(at, 0, i) : (struct str){0};
}

static struct str until_comma(struct str at)
{
	return str_sub(at, 0, str_find_char(at, ','));
}

/* nodemask=..,cpuset=..,mems_allowed=.. wherever they stand in the line. */
static void read_places(struct parser *p, struct live *l, struct str text)
{
	struct trigger *t = &l->ev->trigger;
	struct str at;

	if (value_of(text, STR("nodemask="), &at))
		t->nodemask = keep(p, l, take_list(at));
	if (value_of(text, STR(",cpuset="), &at)) {
		size_t end = str_find(at, STR(",mems_allowed="));

		t->cpuset = keep(p, l, end == SIZE_MAX ? until_comma(at) : str_sub(at, 0, end));
	}
	if (value_of(text, STR("mems_allowed="), &at))
		t->mems_allowed = keep(p, l, take_list(at));
}

/* gfp_mask=0x24200ca(GFP_HIGHUSER_MOVABLE), nodemask=0, order=0, oom_score_adj=0
 * in any order of the keys (linux-next of early 2016 had the mask last). */
static void read_invoked(struct parser *p, struct live *l, struct str text)
{
	struct trigger *t = &l->ev->trigger;
	struct str at;

	if (value_of(text, STR("gfp_mask="), &at))
		(void)take_gfp(p, l, &at);
	t->order = order_of(number_after(text, STR("order=")));
	t->oom_score_adj = number_after(text, STR("oom_score_adj="));
	t->oom_adj = number_after(text, STR("oom_adj="));
	l->has_counters = t->oom_adj != UNKNOWN || t->oom_score_adj != UNKNOWN; /* 2.6.32+ */
	if (t->oom_adj == UNKNOWN)
		t->oom_adj = number_after(text, STR("oomkilladj="));
	read_places(p, l, text);
}

/* The block that stands open without a header ends where a header comes, that of `now`. */
static void end_headless(struct parser *p, const struct piece *pc, struct live *now)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (l == now || l->header || l->stage != STAGE_OPEN || !caller_matches(l, pc) ||
		    l->ev->kind != EVENT_OOM_KILL)
			continue;
		if (l->stray)
			woven_goes_on(now, l);
		if (l->named != NAMED_NOT) /* its "Killed process" may come late */
			live_settled(l);
		else
			live_close(p, p->host, i);
	}
}

static struct live *begin(struct parser *p, struct piece *pc, enum event_kind kind,
			  struct str comm)
{
	struct live *l;

	l = live_new(p, pc, kind);
	if (!l)
		return NULL;
	end_headless(p, pc, l);
	l->header = true;
	l->comm_doubtful = pc->tail;
	if (comm.n)
		l->ev->trigger.comm = keep(p, l, comm);
	return l;
}

/* The line before said that a person asked for it. */
static void claim_sysrq(struct live *l, const struct piece *pc)
{
	struct host *h = l->host;

	if (h->sysrq_line && host_line(h, pc->line) - h->sysrq_own_line <= 4) {
		l->ev->scope = SCOPE_MANUAL;
		extra_text(l, buf_str(&h->sysrq_text));
	}
	h->sysrq_line = 0;
}

struct live *oom_new(struct parser *p, const struct piece *pc)
{
	struct live *l = live_new(p, pc, EVENT_OOM_KILL);

	if (l)
		claim_sysrq(l, pc);
	return l;
}

/* A mail's or a bug's title is no message, and neither is a sentence: no name is that long. */
static bool is_title(struct str comm)
{
	enum { LONGEST_NAME = 64 }; /* of a worker with what it works on */

	static const struct str words[] = {
		STR_INIT("Subject: "), STR_INIT("Re: "), STR_INIT("RE: "), STR_INIT("Fwd: "),
		STR_INIT("FW: "),
	};

	if (comm.n > LONGEST_NAME)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_starts(comm, words[i]))
			return true;
	}
	return str_find_char(comm, '"') != SIZE_MAX; /* quoted in a sentence */
}

/* Values, not the "gfp_mask=%#x" of a source; all of it may be cut off. */
static bool has_request(struct str rest)
{
	struct str at;

	skip_blanks(&rest);
	if (rest.n == 0)
		return true;
	return value_of(rest, STR("gfp_mask="), &at)
		       ? at.n == 0 || ascii_digit(at.p[0])
		       : value_of(rest, STR("order="), &at) && at.n && at.p[0] != '%';
}

/* httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0 */
HANDLER(on_invoked)
{
	struct str comm = str_sub(pc->text, 0, pc->text.n - rest.n - STR(" invoked oom-killer:").n);
	struct live *l;

	if (!has_request(rest) || is_title(comm))
		return false;
	l = begin(p, pc, EVENT_OOM_KILL, comm);
	if (!l)
		return true;
	read_invoked(p, l, rest);
	torn_begins(p, l, rest, read_invoked);
	l->stack_expected = l->ev->trigger.oom_score_adj != UNKNOWN;
	claim_sysrq(l, pc);
	live_own(p, l, pc, PART_HEADER);
	return true;
}

/* [ 2786.519080] mem_hog invoked oom-killer
 * Somebody left out what it asked for. In front of no sentence stands the kernel's time. */
HANDLER(on_invoked_only)
{
	struct str comm = str_sub(pc->text, 0, str_find(pc->text, STR(" invoked oom-killer")));
	struct live *l;

	if (str_trim(rest).n || !(pc->pre & PRE_TIME) || is_title(comm))
		return false;
	l = begin(p, pc, EVENT_OOM_KILL, comm);
	if (!l)
		return true;
	claim_sysrq(l, pc);
	live_own(p, l, pc, PART_HEADER);
	return true;
}

/* oom-killer: gfp_mask=0x1d2[, order=0]: 2.6.8 to 2.6.18 */
HANDLER(on_old_header)
{
	struct live *l;

	if (!str_starts(rest, STR("gfp_mask=")))
		return false;
	l = begin(p, pc, EVENT_OOM_KILL, (struct str){0});
	if (!l)
		return true;
	read_invoked(p, l, rest);
	claim_sysrq(l, pc);
	live_own(p, l, pc, PART_HEADER);
	return true;
}

/* swapper: page allocation failure. order:0, mode:0x20 (up to 2.6.39: a dot), later
 * kworker/1:0: page allocation failure: order:4, mode:0x40dc0(..), nodemask=(null),cpuset=.. */
static void read_failure(struct parser *p, struct live *l, struct str rest)
{
	struct trigger *t = &l->ev->trigger;
	struct str at;

	t->order = order_of(number_after(rest, STR("order:")));
	if (value_of(rest, STR("mode:"), &at))
		(void)take_gfp(p, l, &at);
	read_places(p, l, rest);
}

/* A failure of SLUB or vmalloc follows the page allocation failure it comes from, and others
 * of the same flags when they come in a storm: one event. */
static struct live *same_failure(struct parser *p, const struct piece *pc, int64_t mask,
				 struct str comm)
{
	enum { NEAR = 64 };

	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (l->ev->kind == EVENT_ALLOC_FAILURE && l->stage == STAGE_OPEN &&
		    caller_matches(l, pc) && l->quiet < NEAR &&
		    (!comm.n || !l->ev->trigger.comm.n || str_eq(comm, l->ev->trigger.comm)) &&
		    (l->ev->trigger.gfp_mask == mask ||
		     (!l->ev->trigger.what.p && l->quiet < 4 && mask != UNKNOWN)))
			return l;
	}
	return NULL;
}

/* The other way round: messages whose page allocation failure was suppressed, and now one is
 * not. They stay as text of that one. */
static void absorb_failures(struct parser *p, struct live *now)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];
		struct event *ev = l->ev;

		if (l == now || ev->kind != EVENT_ALLOC_FAILURE || !ev->trigger.what.p ||
		    ev->trigger.gfp_mask != now->ev->trigger.gfp_mask)
			continue;
		extra_text(now, ev->trigger.what);
		for (size_t k = 0; k < ev->n_extra; k++)
			extra_text(now, ev->extra[k]);
		l->header = false; /* not worth keeping any more */
		ev->kind = EVENT_OOM_KILL;
		live_close(p, p->host, i);
	}
}

/* Behind the words: ": order:3, mode:..", cut off at the end of the line at most. A bug's title
 * ("kswapd0: page allocation failure") is none, and neither is a format ("order:%u"). */
static bool has_order(const struct piece *pc, struct str rest)
{
	static const unsigned printed = PRE_TIME | PRE_SYSLOG | PRE_LEVEL | PRE_RECORD;

	(void)(take_char(&rest, ':') || take_char(&rest, '.'));
	skip_blanks(&rest);
	if (!take_lit(&rest, STR("order:")))
		return rest.n == 0 && pc->pre & printed;
	skip_blanks(&rest);
	return rest.n == 0 || ascii_digit(rest.p[0]);
}

/* "vmalloc: allocation failure: 16384 bytes": kernels before 4.9 say so in a line of its own, without a
 * name, and who asked in the next, a page allocation failure. */
static bool is_old_vmalloc(struct str text)
{
	return str_starts(text, STR("vmalloc: allocation failure"));
}

/* The one that the line before began; NULL: there is none. */
static struct live *of_old_vmalloc(const struct parser *p, const struct piece *pc)
{
	struct live *l = p->host->n_live ? p->host->live[p->host->n_live - 1] : NULL;

	return l && l->ev->kind == EVENT_ALLOC_FAILURE && !l->ev->page_failure && l->quiet <= 1 &&
	       is_old_vmalloc(l->ev->trigger.what) && caller_matches(l, pc) ? l : NULL;
}

/* The task's name, without the blanks logcat(1) fills its column with ("eat     : page alloc..") */
static struct str name_before(struct str text, size_t colon)
{
	struct str comm = str_sub(text, 0, colon);

	while (comm.n > 1 && comm.p[comm.n - 1] == ' ')
		comm.n--;
	return comm;
}

HANDLER(on_page_failure)
{
	size_t at = str_find(pc->text, STR(": page allocation failure"));
	struct str comm = name_before(pc->text, at);
	struct live *l;

	if (at == SIZE_MAX || !has_order(pc, rest) || is_title(comm))
		return false;
	l = of_old_vmalloc(p, pc);
	if (l)
		l->ev->trigger.comm = keep(p, l, comm);
	else
		l = begin(p, pc, EVENT_ALLOC_FAILURE, comm);
	if (!l)
		return true;
	l->ev->page_failure = true;
	read_failure(p, l, str_from(pc->text, at));
	torn_begins(p, l, str_from(pc->text, at), read_failure);
	live_own(p, l, pc, PART_HEADER);
	absorb_failures(p, l);
	return true;
}

/* khugepaged: page allocation stalls for 10048ms, order:9, mode:0x4742ca(..) */
HANDLER(on_page_stall)
{
	size_t at = str_find(pc->text, STR(": page allocation stalls for "));
	struct str comm = name_before(pc->text, at);
	struct live *l;

	(void)rest;
	if (at == SIZE_MAX || is_title(comm))
		return false;
	l = begin(p, pc, EVENT_ALLOC_STALL, comm);
	if (!l)
		return true;
	l->ev->trigger.stall_ms = number_after(pc->text, STR("stalls for "));
	read_failure(p, l, str_from(pc->text, at));
	torn_begins(p, l, str_from(pc->text, at), read_failure);
	live_own(p, l, pc, PART_HEADER);
	return true;
}

/* __alloc_pages: 0-order allocation failed (gfp=0x1d2/0). 2.4; garbled ones count where the
 * words are whole. */
HANDLER(on_old_failure)
{
	struct str before, at;
	struct live *l;
	size_t i;

	i = str_find(pc->text, STR("-order allocation failed"));
	if (i == SIZE_MAX || i == 0 || !ascii_digit(pc->text.p[i - 1]))
		return false;
	before = str_sub(pc->text, 0, i);
	while (i > 0 && ascii_digit(pc->text.p[i - 1]))
		i--;
	at = str_from(before, i);
	l = begin(p, pc, EVENT_ALLOC_FAILURE, (struct str){0});
	if (!l)
		return true;
	(void)rest;
	l->ev->page_failure = true;
	l->ev->trigger.order = order_of(take_number(&at));
	if (value_of(pc->text, STR("gfp=0x"), &at)) {
		uint64_t mask;

		if (take_hex(&at, &mask) && mask <= INT64_MAX)
			l->ev->trigger.gfp_mask = (int64_t)mask;
	}
	live_own(p, l, pc, PART_HEADER);
	live_settled(l); /* nothing follows but, at times, "VM: killing process" */
	return true;
}

/* No room in the kernel's address space: what says it, and how it goes on behind the size. */
static const struct {
	struct str begins, goes_on;
} vmap_words[] = {
	{STR_INIT("vmap allocation for size "), STR_INIT(" failed: use vmalloc=")},
	{STR_INIT("vmalloc_node_range for size "), /* 6.12+ */
	 STR_INIT(" failed: Address range restricted to ")},
};

static bool is_vmap(struct str text)
{
	for (size_t i = 0; i < ARRAY_COUNT(vmap_words); i++) {
		if (str_starts(text, vmap_words[i].begins) &&
		    str_find(text, vmap_words[i].goes_on) != SIZE_MAX)
			return true;
	}
	return false;
}

/* "vmap allocation for size 131072 failed: ...", and then vmalloc says for whom: one failure */
static void absorb_vmap(struct parser *p, struct live *now)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];
		struct event *ev = l->ev;

		if (l == now || ev->kind != EVENT_ALLOC_FAILURE || l->quiet > 1 ||
		    !is_vmap(ev->trigger.what))
			continue;
		extra_text(now, ev->trigger.what);
		l->header = false; /* not worth keeping any more */
		ev->kind = EVENT_OOM_KILL;
		live_close(p, p->host, i);
	}
}

/* Did "vmap allocation" fail in the line before, and this is for whom? */
static bool behind_vmap(const struct parser *p)
{
	const struct live *l = p->host->n_live ? p->host->live[p->host->n_live - 1] : NULL;

	return l && l->quiet <= 1 && l->ev->kind == EVENT_ALLOC_FAILURE &&
	       is_vmap(l->ev->trigger.what);
}

static bool other_failure(struct parser *p, struct piece *pc, struct str comm)
{
	int64_t mask = UNKNOWN;
	struct live *l;
	struct str at;
	uint64_t n;

	if ((value_of(pc->text, STR("gfp="), &at) || value_of(pc->text, STR("mode:"), &at)) &&
	    take_hex(&at, &n) && n <= INT64_MAX)
		mask = (int64_t)n;
	l = behind_vmap(p) ? NULL : same_failure(p, pc, mask, comm);
	/* but behind one of vmalloc whose memory was shown, the next has a picture of its own */
	if (l && !(comm.n && l->ev->trigger.what.p && l->parts & PART_MEMORY)) {
		live_extra(p, l, pc);
		live_own(p, l, pc, 0);
		return true;
	}
	l = begin(p, pc, EVENT_ALLOC_FAILURE, comm);
	if (!l)
		return true;
	l->ev->trigger.what = keep(p, l, pc->text);
	if (value_of(pc->text, STR("gfp="), &at) || value_of(pc->text, STR("mode:"), &at))
		(void)take_gfp(p, l, &at);
	l->ev->trigger.order = order_of(number_after(pc->text, STR("order:")));
	if (l->ev->trigger.order == UNKNOWN)
		l->ev->trigger.order = order_of(number_after(pc->text, STR("page order ")));
	read_places(p, l, pc->text);
	if (comm.n || is_old_vmalloc(pc->text))
		absorb_vmap(p, l);
	live_own(p, l, pc, PART_HEADER);
	return true;
}

/* SLUB: Unable to allocate memory on node -1, gfp=0xa20(GFP_ATOMIC) */
HANDLER(on_slab_failure)
{
	if (!str_starts(rest, STR(" Unable to allocate memory on")))
		return false;
	return other_failure(p, pc, (struct str){0});
}

/*   cache: kmalloc-256, object size: 256, ...
 *   node 0: slabs: 20, objs: 320, free: 0 */
HANDLER(on_slab_detail)
{
	struct live *l = p->host->n_live ? p->host->live[p->host->n_live - 1] : NULL;

	(void)rest;
	if (!l || l->ev->kind != EVENT_ALLOC_FAILURE || !caller_matches(l, pc) ||
	    (str_find(pc->text, STR("object size:")) == SIZE_MAX &&
	     str_find(pc->text, STR("slabs:")) == SIZE_MAX))
		return false;
	live_extra(p, l, pc);
	live_own(p, l, pc, 0);
	return true;
}

/* modprobe: vmalloc error: size 4096, failed to allocate pages, mode:0xcc0(GFP_KERNEL)
 * modprobe: vmalloc: allocation failure, allocated 4096 of 16384 bytes, mode:0x24000c2 (4.9 to 5.11) */
HANDLER(on_vmalloc_failure)
{
	size_t at = str_find(pc->text, STR(": vmalloc"));

	(void)rest;
	if (is_old_vmalloc(pc->text))
		return other_failure(p, pc, (struct str){0});
	if (at == SIZE_MAX || is_title(str_sub(pc->text, 0, at)))
		return false;
	if (str_find(pc->text, STR("vmalloc error: size ")) == SIZE_MAX &&
	    str_find(pc->text, STR("vmalloc: allocation failure")) == SIZE_MAX)
		return false;
	return other_failure(p, pc, str_sub(pc->text, 0, at));
}

HANDLER(on_vmap_failure)
{
	(void)rest;
	return is_vmap(pc->text) && other_failure(p, pc, (struct str){0});
}

/* kworker/0:2: vmemmap alloc failure: order:9, mode:0x4cc0(..): no struct pages for new memory, 5.8+ */
HANDLER(on_vmemmap_failure)
{
	size_t at = str_find(pc->text, STR(": vmemmap alloc failure"));

	if (at == SIZE_MAX || !has_order(pc, rest) || is_title(str_sub(pc->text, 0, at)))
		return false;
	return other_failure(p, pc, str_sub(pc->text, 0, at));
}

/* "cpuset=/ mems_allowed=0-1" */
static void read_cpuset(struct parser *p, struct live *l, struct str text)
{
	static const struct str mems = STR_INIT(" mems_allowed=");
	struct trigger *t = &l->ev->trigger;
	size_t at = str_rfind(text, mems);

	if (at == SIZE_MAX || !take_lit(&text, STR("cpuset=")))
		return;
	at -= STR("cpuset=").n;
	t->mems_allowed = keep(p, l, take_list(str_from(text, at + mems.n)));
	t->cpuset = keep(p, l, str_sub(text, 0, at));
}

/* java cpuset=/ mems_allowed=0-1 : 2.6.29 to 4.20, the line behind the header */
HANDLER(on_cpuset)
{
	size_t at = str_find(pc->text, STR(" cpuset="));
	struct live *l;

	(void)rest;
	if (at == SIZE_MAX || at > 64)
		return false;
	rest = str_from(pc->text, at + 1);
	l = live_for(p, pc, PART_STACK, false);
	if (!l && str_find(rest, STR(" mems_allowed=")) != SIZE_MAX) /* the header was lost */
		l = stray_new(p, pc);
	if (!l || l->ev->trigger.cpuset.p)
		return false;
	if (l->stray)
		l->ev->trigger.comm = keep(p, l, str_sub(pc->text, 0, at));
	if (str_find(rest, STR(" mems_allowed=")) == SIZE_MAX) { /* torn: whose it is must be sure */
		if (!str_eq(str_sub(pc->text, 0, at), l->ev->trigger.comm))
			return false;
		torn_begins(p, l, rest, read_cpuset);
	}
	read_cpuset(p, l, rest);
	live_own(p, l, pc, 0);
	return true;
}

/* sysrq: Manual OOM execution */
HANDLER(on_sysrq)
{
	if (str_starts(rest, STR("OOM request ignored"))) /* its own file's prefix, 4.11+ */
		return on_ignored(p, pc, rest);
	stray_forget(p, pc);
	if (str_find(rest, STR("Manual OOM execution")) == SIZE_MAX)
		return false;
	struct host *h = p->host;

	h->sysrq_line = pc->line;
	h->sysrq_own_line = host_line(h, pc->line);
	buf_clear(&h->sysrq_text);
	buf_add(&h->sysrq_text, pc->text);
	return true;
}

/* oom_policy=bpf_test_policy: a line of its own behind the header (patches of 2025) */
HANDLER(on_oom_policy)
{
	struct live *l = live_for(p, pc, PART_HEADER, false);

	if (!l || l->ev->trigger.policy.p)
		return false;
	l->ev->trigger.policy = keep(p, l, str_trim(rest));
	live_own(p, l, pc, 0);
	return true;
}
