/* SPDX-License-Identifier: MIT */
/* diagnose.c - asks every rule, ranks what fired, and has the other parts written. */
#include "diagnose/judge.h"

enum { DIAGNOSIS_MAX = 32 << 20, RULES_MAX = 120 };

const struct rule_table rule_tables[] = {
	{rules_kind, &n_rules_kind},	 {rules_where, &n_rules_where},
	{rules_wiki, &n_rules_wiki},	 {rules_kernel, &n_rules_kernel},
	{rules_vm, &n_rules_vm},	 {rules_memcg, &n_rules_memcg},
	{rules_modern, &n_rules_modern},
	{rules_swap, &n_rules_swap},
};
const size_t n_rule_tables = ARRAY_COUNT(rule_tables);

const char *confidence_name(enum confidence c)
{
	return c == CONFIDENCE_HIGH ? "high" : c == CONFIDENCE_MEDIUM ? "medium" : "low";
}

void *diagnosis_grow(struct judge *j, void **items, size_t *n, size_t *room, size_t size)
{
	void *p = arena_grow(&j->d->arena, items, n, room, size);
	if (!p)
		j->failed = true;
	return p;
}

bool fired(const struct judge *j, const char *id)
{
	for (size_t i = 0; i < j->d->n_findings; i++)
		if (str_eq(str_of(j->d->findings[i].id), str_of(id)))
			return true;
	return false;
}

bool over_ram(struct judge *j, struct quantity q, enum threshold percent)
{
	return says(j, q, ">", q_percent(j, threshold(percent), j->ram));
}

static void keep_finding(struct judge *j, const struct rule *r, size_t *room)
{
	void *items = j->d->findings;
	struct finding *f =
		diagnosis_grow(j, &items, &j->d->n_findings, room, sizeof(*j->d->findings));
	j->d->findings = items;
	struct evidence *e = arena_array(&j->d->arena, j->n_evidence, sizeof(*e));
	if (!f || !e) {
		j->failed = true;
		return;
	}
	memcpy(e, j->evidence, j->n_evidence * sizeof(*e));
	*f = (struct finding){.id = r->id, .rule = r->number, .wiki = r->wiki, .rank = j->rank,
			      .cause = j->cause, .confidence = j->confidence, .evidence = e,
			      .n_evidence = j->n_evidence, .advice = j->advice,
			      .reference = r->reference, .variant = j->variant};
	/* a row that rests on the source or a tool alone stays a hint, whatever its condition
	 * found; K2 is excepted: order -1 is what the log itself says */
	if (r->confidence == CONFIDENCE_HINT)
		f->confidence = CONFIDENCE_HINT;
}

static void ask(struct judge *j, const struct rule *r, size_t *room, uint32_t *lacking)
{
	if (!(r->applies & applies_to(j)))
		return;
	j->n_evidence = 0;
	j->confidence = r->confidence;
	j->rank = r->rank;
	j->cause = r->cause;
	j->advice = str_of(r->advice);
	j->variant = STR("");
	j->lacks = 0;
	if (r->when(j) && j->cause)
		keep_finding(j, r, room);
	else
		*lacking = j->lacks;
}

static bool before(const struct finding *a, const struct finding *b)
{
	bool ha = a->confidence == CONFIDENCE_HINT, hb = b->confidence == CONFIDENCE_HINT;
	if (ha != hb)
		return hb;
	return a->rank != b->rank ? a->rank > b->rank : a->confidence > b->confidence;
}

/* Few items, and equal ones must keep the order of the tables. */
static void sort_findings(struct diagnosis *d)
{
	for (size_t i = 1; i < d->n_findings; i++)
		for (size_t k = i; k > 0 && before(&d->findings[k], &d->findings[k - 1]); k--) {
			struct finding f = d->findings[k];
			d->findings[k] = d->findings[k - 1];
			d->findings[k - 1] = f;
		}
}

/* An event of which nothing is known: rules may read it when there is no subject. */
static const struct event *empty_event(struct judge *j)
{
	struct event *ev = arena_take(&j->d->arena, sizeof(*ev));
	if (!ev)
		return NULL;
	struct trigger *t = &ev->trigger;
	t->pid = t->cpu = t->uid = t->order = t->gfp_mask = t->oom_score_adj = t->oom_adj = UNKNOWN;
	ev->monotonic_us = ev->wall_us = UNKNOWN;
	ev->memory.swap_free_kb = ev->memory.swap_total_kb = UNKNOWN;
	ev->memcg.memory.usage_kb = ev->memcg.memory.limit_kb = UNKNOWN;
	ev->kind = EVENT_USERSPACE_KILL;
	return ev;
}

static void judge_all(struct judge *j)
{
	uint32_t lacking[RULES_MAX] = {0}, all = 0;
	size_t at = 0, room = 0;
	incident_derive(j);
	for (size_t t = 0; t < n_rule_tables; t++)
		for (size_t i = 0; i < *rule_tables[t].n && at < RULES_MAX; i++, at++) {
			ask(j, &rule_tables[t].rules[i], &room, &lacking[at]);
			all |= lacking[at];
		}
	sort_findings(j->d);
	missing_make(j, all, lacking);
	balance_make(j);
	roles_make(j);
	verdict_make(j);
	signature_make(j);
}

int diagnose(struct diagnosis *ret, const struct incident *in, struct err *err)
{
	struct diagnosis d = {.arena = ARENA_INIT(DIAGNOSIS_MAX), .balance_total_kb = UNKNOWN};
	struct judge *j = arena_take(&d.arena, sizeof(*j));
	if (!j)
		goto fail;
	*j = (struct judge){.d = &d, .in = in, .at = STR_INIT("first_oom"),
			    .biggest_task = SIZE_MAX};
	j->ev = in->subject ? in->subject : empty_event(j);
	if (!j->ev)
		goto fail;
	judge_all(j);
	if (j->failed || !d.verdict.n)
		goto fail;
	*ret = d;
	return 0;
fail:
	arena_free(&d.arena);
	return err_set(err, ERR_NOMEM, "no memory to judge the event");
}

void diagnosis_free(struct diagnosis *d)
{
	arena_free(&d->arena);
	*d = (struct diagnosis){.balance_total_kb = UNKNOWN};
}

bool diagnose_rule(size_t index, struct rule_row *ret)
{
	for (size_t t = 0; t < n_rule_tables; index -= *rule_tables[t].n, t++) {
		if (index >= *rule_tables[t].n)
			continue;
		const struct rule *r = &rule_tables[t].rules[index];
		*ret = (struct rule_row){r->number, r->id, r->wiki, r->reference,
					 r->confidence == CONFIDENCE_HINT};
		return true;
	}
	return false;
}
