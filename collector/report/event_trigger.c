/* SPDX-License-Identifier: MIT */
/* event_trigger.c - "trigger": the allocation that could not be served, its flags by name. */
#include "report/event.h"

#include <stdio.h>

#include "report/map.h"

static const struct map_row who[] = {
	ROW_STR("comm", struct trigger, comm), ROW_I64("pid", struct trigger, pid),
	ROW_I64("cpu", struct trigger, cpu),   ROW_I64("uid", struct trigger, uid),
	ROW_I64("order", struct trigger, order),
};

static const struct map_row where[] = {
	ROW_I64("oom_score_adj", struct trigger, oom_score_adj),
	ROW_I64("oom_adj", struct trigger, oom_adj),
	ROW_STR("nodemask", struct trigger, nodemask),
	ROW_STR("cpuset", struct trigger, cpuset),
	ROW_STR("mems_allowed", struct trigger, mems_allowed),
	ROW_I64("stall_ms", struct trigger, stall_ms),
	ROW_STR("what", struct trigger, what),
	ROW_STR("oom_policy", struct trigger, policy),
};

static void emit_hex(struct emit *e, struct str key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	emit_str(e, key, str_of(text));
}

/* What one flag or composite stands for, for readers who do not know them by heart. */
static void emit_flag(struct emit *e, struct str name, bool with_meaning)
{
	struct str meaning = gfp_meaning(name);

	if (!with_meaning) {
		emit_str(e, NOKEY, name);
		return;
	}
	if (!meaning.n)
		return;
	emit_object(e, NOKEY);
	emit_str(e, STR("flag"), name);
	emit_str(e, STR("meaning"), meaning);
	emit_end(e);
}

static void emit_printed(struct emit *e, struct str key, struct str text, bool with_meaning)
{
	struct str name;

	emit_array(e, key);
	while (text.n) {
		if (!take_until(&text, '|', &name)) {
			name = text;
			text.n = 0;
		}
		emit_flag(e, name, with_meaning);
	}
	emit_end(e);
}

static void emit_decoded(struct emit *e, struct str key, const struct gfp_decoded *d,
			 bool with_meaning)
{
	emit_array(e, key);
	for (size_t i = 0; i < d->n; i++)
		emit_flag(e, d->names[i], with_meaning);
	emit_end(e);
}

/* Printed names against the table of that kernel: false says that one of them is not what we
 * think it is; null where there is nothing to compare. */
static void emit_agreement(struct emit *e, const struct gfp_era *era, const struct trigger *t)
{
	struct str bad = NOKEY;
	uint64_t mask = 0;

	if (!era || t->gfp_mask == UNKNOWN || !t->gfp_text.n)
		emit_null(e, STR("gfp_table_agrees"));
	else
		emit_bool(e, STR("gfp_table_agrees"),
			  gfp_encode(era, t->gfp_text, &mask, &bad) &&
				  mask == (uint64_t)t->gfp_mask);
}

static void emit_no_gfp(struct emit *e)
{
	static const struct str names[] = {
		STR_INIT("gfp_mask"),	 STR_INIT("gfp_flags"),	      STR_INIT("gfp_flags_source"),
		STR_INIT("gfp_atomic"),	 STR_INIT("gfp_meaning"),     STR_INIT("gfp_unknown_bits"),
		STR_INIT("gfp_guessed"), STR_INIT("gfp_table_agrees"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		emit_null(e, names[i]);
}

static void emit_names(struct emit *e, const struct trigger *t, const struct gfp_decoded *d,
		       bool known)
{
	if (t->gfp_text.p) {
		emit_printed(e, STR("gfp_flags"), t->gfp_text, false);
		emit_str(e, STR("gfp_flags_source"), STR("log"));
		emit_printed(e, STR("gfp_meaning"), t->gfp_text, true);
	} else if (known) {
		emit_decoded(e, STR("gfp_flags"), d, false);
		emit_str(e, STR("gfp_flags_source"), STR("decoded"));
		emit_decoded(e, STR("gfp_meaning"), d, true);
	} else {
		emit_null(e, STR("gfp_flags"));
		emit_null(e, STR("gfp_flags_source"));
		emit_null(e, STR("gfp_meaning"));
	}
}

static void emit_gfp(struct emit *e, const struct trigger *t, struct str kernel)
{
	uint64_t mask = (uint64_t)t->gfp_mask;
	const struct gfp_era *era = gfp_era_of_mask(kernel, mask, t->gfp_text);
	struct gfp_decoded d = {.n = 0};
	struct str bad = NOKEY;
	bool guessed = kernel.n == 0 || !era;

	if (!era)
		era = gfp_era_for(STR(""));
	if (t->gfp_mask == UNKNOWN &&
	    (!t->gfp_text.n || !era || !gfp_encode(era, t->gfp_text, &mask, &bad))) {
		emit_no_gfp(e);
		return;
	}
	if (era)
		gfp_decode(era, mask, &d);
	if (t->gfp_mask == UNKNOWN)
		emit_null(e, STR("gfp_mask"));
	else
		emit_hex(e, STR("gfp_mask"), mask);
	emit_names(e, t, &d, era != NULL);
	if (era)
		emit_bool(e, STR("gfp_atomic"), d.atomic);
	else
		emit_null(e, STR("gfp_atomic"));
	if (d.unknown_bits)
		emit_hex(e, STR("gfp_unknown_bits"), d.unknown_bits);
	else
		emit_null(e, STR("gfp_unknown_bits"));
	emit_bool(e, STR("gfp_guessed"), guessed);
	emit_agreement(e, era, t);
}

/* Of 2^order pages; null for a forced OOM (order -1). */
static int64_t request_kb(const struct event *ev)
{
	int64_t page_kb = event_page_kb(ev), order = ev->trigger.order;

	return page_kb == UNKNOWN || order < 0 || order > 30 ? UNKNOWN : page_kb << order;
}

void event_emit_trigger(struct emit *e, const struct event *ev, struct str kernel)
{
	emit_object(e, STR("trigger"));
	map_members(e, who, ARRAY_COUNT(who), &ev->trigger);
	emit_i64(e, STR("request_kb"), request_kb(ev));
	emit_gfp(e, &ev->trigger, kernel);
	map_members(e, where, ARRAY_COUNT(where), &ev->trigger);
	emit_end(e);
}
