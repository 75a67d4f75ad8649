/* SPDX-License-Identifier: MIT */
/* diagnosis.c - "diagnosis" of the document: findings with their arithmetic. */
#include "report/map.h"
#include "report/private.h"

/* Rules name the subject's numbers as "first_oom..."; where the subject is another event they
 * stand elsewhere in this document. */
static void emit_key(struct emit *e, struct str name, struct str key, struct str subject_key)
{
	static const struct str usual = STR_INIT("first_oom");
	CLEANUP_BUF struct buf path = BUF_INIT(1024);

	if (!key.p || str_eq(subject_key, usual) || !str_starts(key, usual)) {
		emit_str(e, name, key);
		return;
	}
	buf_add(&path, subject_key);
	buf_add(&path, str_from(key, usual.n));
	emit_str(e, name, path.failed ? key : buf_str(&path));
}

static void emit_terms(struct emit *e, struct str name, const struct term *terms, size_t n,
		       struct str subject_key)
{
	emit_array(e, name);
	for (size_t i = 0; i < n; i++) {
		emit_object(e, NOKEY);
		emit_key(e, STR("key"), terms[i].key, subject_key);
		emit_double(e, STR("value"), terms[i].value);
		emit_double(e, STR("factor"), terms[i].factor);
		emit_end(e);
	}
	emit_end(e);
}

static void emit_evidence(struct emit *e, const struct evidence *v, struct str subject_key)
{
	emit_object(e, NOKEY);
	emit_str(e, STR("text"), v->text);
	emit_key(e, STR("key"), v->key, subject_key);
	emit_double(e, STR("value"), v->value);
	if (v->op[0]) {
		emit_str(e, STR("op"), str_of(v->op));
		emit_terms(e, STR("left"), v->left, v->n_left, subject_key);
		emit_terms(e, STR("right"), v->right, v->n_right, subject_key);
	} else {
		emit_null(e, STR("op"));
		emit_null(e, STR("left"));
		emit_null(e, STR("right"));
	}
	emit_end(e);
}

static void emit_finding(struct emit *e, const struct finding *f, struct str subject_key)
{
	emit_object(e, NOKEY);
	emit_str(e, STR("id"), str_of(f->id));
	emit_str(e, STR("rule"), str_of(f->rule));
	emit_str(e, STR("cause"), str_of(f->cause));
	emit_str(e, STR("wiki"), str_of(f->wiki));
	emit_str(e, STR("confidence"), str_of(confidence_name(f->confidence)));
	emit_array(e, STR("evidence"));
	for (size_t i = 0; i < f->n_evidence; i++)
		emit_evidence(e, &f->evidence[i], subject_key);
	emit_end(e);
	emit_str(e, STR("advice"), f->advice);
	emit_str(e, STR("reference"), str_of(f->reference));
	emit_end(e);
}

static const struct map_row role_rows[] = {
	ROW_CSTR("role", struct role, role),
	ROW_STR("name", struct role, name),
	ROW_STR("text", struct role, text),
};

static const struct map_row balance_rows[] = {
	ROW_STR("name", struct balance_row, name),
	ROW_I64("amount_kb", struct balance_row, kb),
	ROW_STR("source", struct balance_row, source),
};

static const struct map_row missing_rows[] = {
	ROW_CSTR("what", struct missing_fact, what),
	ROW_CSTR("decides", struct missing_fact, decides),
	ROW_CSTR("how", struct missing_fact, how),
};

void diagnosis_emit(struct emit *e, const struct diagnosis *d, struct str subject_key)
{
	emit_object(e, STR("diagnosis"));
	emit_str(e, STR("verdict"), d->verdict);
	emit_array(e, STR("findings"));
	for (size_t i = 0; i < d->n_findings; i++)
		emit_finding(e, &d->findings[i], subject_key);
	emit_end(e);
	map_array(e, STR("roles"), role_rows, ARRAY_COUNT(role_rows), d->roles, d->n_roles,
		  sizeof(*d->roles));
	map_array(e, STR("balance"), balance_rows, ARRAY_COUNT(balance_rows), d->balance,
		  d->n_balance, sizeof(*d->balance));
	emit_i64(e, STR("balance_total_kb"), d->n_balance ? d->balance_total_kb : UNKNOWN);
	map_array(e, STR("missing"), missing_rows, ARRAY_COUNT(missing_rows), d->missing,
		  d->n_missing, sizeof(*d->missing));
	emit_end(e);
}
