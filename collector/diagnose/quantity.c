/* SPDX-License-Identifier: MIT */
/* quantity.c - numbers that carry their place in the document, and the inequalities on them. */
#include "diagnose/judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { WORDS_MAX = 900, SUM_TEXT_MAX = 220 };

static struct str words_va(struct judge *j, const char *fmt, va_list ap) FORMAT_ARGS(2, 0);
static struct str words_va(struct judge *j, const char *fmt, va_list ap)
{
	char text[WORDS_MAX];
	struct str ret = STR("");
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	size_t len = n < 0 ? 0 : (size_t)n;
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	/* one byte more, so that it also serves as a C string */
	char *p = arena_take(&j->d->arena, len + 1);
	if (!p) {
		j->failed = true;
		return ret;
	}
	memcpy(p, text, len);
	return (struct str){p, len};
}

struct str words(struct judge *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str ret = words_va(j, fmt, ap);
	va_end(ap);
	return ret;
}

const char *words_z(struct judge *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str ret = words_va(j, fmt, ap);
	va_end(ap);
	return ret.p;
}

const char *human_kb(struct judge *j, double kb)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	size_t u = 0;
	while (fabs(kb) >= 1024 && u + 1 < ARRAY_COUNT(units)) {
		kb /= 1024;
		u++;
	}
	if (u == 0 || fabs(kb) >= 100 || fabs(kb - round(kb)) < 0.05)
		return words_z(j, "%.0f %s", kb, units[u]);
	return words_z(j, "%.1f %s", kb, units[u]);
}

/* Numbers as a maintainer writes them: whole where they are whole. */
static const char *plain(double v, char out[40])
{
	if (fabs(v - round(v)) < 0.005)
		snprintf(out, 40, "%.0f", v);
	else
		snprintf(out, 40, fabs(v) < 1 ? "%.3f" : "%.2f", v);
	return out;
}

static struct term *terms_room(struct judge *j, size_t n)
{
	struct term *t = arena_array(&j->d->arena, n, sizeof(*t));
	if (!t)
		j->failed = true;
	return t;
}

struct quantity q_unknown(enum need need)
{
	return (struct quantity){.need = need, .text = STR_INIT("")};
}

struct quantity q_constant(struct judge *j, double value, const char *name)
{
	char number[40];
	struct quantity q = {.value = value, .known = true, .n = 1};
	q.text = name ? words(j, "%s %s", name, plain(value, number))
		      : words(j, "%s", plain(value, number));
	q.terms = terms_room(j, 1);
	if (!q.terms)
		return q_unknown(NEED_NOTHING);
	q.terms[0] = (struct term){{NULL, 0}, value, 1};
	return q;
}

struct quantity q_number(struct judge *j, const char *name, int64_t value, double factor,
			 enum need need, const char *key_format, ...)
{
	char number[40];
	if (value == UNKNOWN)
		return q_unknown(need);
	struct quantity q = {.value = (double)value * factor, .known = true, .need = need, .n = 1};
	q.text = words(j, "%s %s", name, plain(q.value, number));
	q.terms = terms_room(j, 1);
	if (!q.terms)
		return q_unknown(NEED_NOTHING);
	va_list ap;
	va_start(ap, key_format);
	q.terms[0] = (struct term){words_va(j, key_format, ap), (double)value, factor};
	va_end(ap);
	return q;
}

static struct quantity combine(struct judge *j, struct quantity a, struct quantity b, double sign)
{
	if (!a.known)
		return a;
	if (!b.known)
		return b;
	struct quantity q = {.value = a.value + sign * b.value, .known = true, .need = a.need,
			     .n = a.n + b.n, .sum = true};
	q.terms = terms_room(j, q.n);
	if (!q.terms)
		return q_unknown(NEED_NOTHING);
	for (size_t i = 0; i < a.n; i++)
		q.terms[i] = a.terms[i];
	for (size_t i = 0; i < b.n; i++) {
		q.terms[a.n + i] = b.terms[i];
		q.terms[a.n + i].factor *= sign;
	}
	if (a.text.n + b.text.n < SUM_TEXT_MAX)
		q.text = words(j, sign < 0 && b.sum ? "%.*s %c (%.*s)" : "%.*s %c %.*s",
			       STR_ARG(a.text), sign < 0 ? '-' : '+', STR_ARG(b.text));
	else if (str_ends(a.text, STR("...")))
		q.text = a.text;
	else
		q.text = words(j, "%.*s %c ...", STR_ARG(a.text), sign < 0 ? '-' : '+');
	return q;
}

struct quantity q_add(struct judge *j, struct quantity a, struct quantity b)
{
	return combine(j, a, b, 1);
}

struct quantity q_sub(struct judge *j, struct quantity a, struct quantity b)
{
	return combine(j, a, b, -1);
}

struct quantity q_add_if_known(struct judge *j, struct quantity a, struct quantity b)
{
	if (!b.known)
		return a;
	return a.known ? combine(j, a, b, 1) : b;
}

struct quantity q_times(struct judge *j, double factor, struct quantity of)
{
	char number[40];
	if (!of.known)
		return of;
	struct quantity q = of;
	q.terms = terms_room(j, of.n);
	if (!q.terms)
		return q_unknown(NEED_NOTHING);
	for (size_t i = 0; i < of.n; i++) {
		q.terms[i] = of.terms[i];
		q.terms[i].factor *= factor;
	}
	q.value = of.value * factor;
	q.sum = true;
	q.text = words(j, of.sum ? "%s x (%.*s)" : "%s x %.*s", plain(factor, number),
		       STR_ARG(of.text));
	return q;
}

void q_append(struct judge *j, struct quantity *sum, struct quantity q)
{
	if (!q.known)
		return;
	if (sum->n + q.n > sum->room) {
		size_t room = (sum->n + q.n) * 2;
		struct term *terms = terms_room(j, room);
		if (!terms)
			return;
		if (sum->n)
			memcpy(terms, sum->terms, sum->n * sizeof(*terms));
		sum->terms = terms;
		sum->room = room;
	}
	memcpy(sum->terms + sum->n, q.terms, q.n * sizeof(*q.terms));
	sum->n += q.n;
	sum->value += q.value;
	if (!sum->known)
		sum->text = q.text;
	else if (!sum->sum)
		sum->text = words(j, "%.*s + ...", STR_ARG(sum->text));
	sum->sum = sum->known || q.sum;
	sum->known = true;
	sum->need = q.need;
}

struct quantity q_percent(struct judge *j, double percent, struct quantity of)
{
	char number[40];
	if (!of.known)
		return of;
	struct quantity q = q_times(j, percent / 100, of);
	q.text = words(j, "%s %% of %.*s", plain(percent, number), STR_ARG(of.text));
	return q;
}

struct quantity q_named(struct judge *j, struct quantity q, const char *name)
{
	char number[40];
	if (!q.known)
		return q;
	q.text = words(j, "%s %s", name, plain(q.value, number));
	q.sum = false;
	return q;
}

struct quantity q_headed(struct judge *j, struct quantity q, const char *fmt, ...)
{
	if (!q.known)
		return q;
	va_list ap;
	va_start(ap, fmt);
	struct str head = words_va(j, fmt, ap);
	va_end(ap);
	q.text = words(j, "%.*s%.*s", STR_ARG(head), STR_ARG(q.text));
	return q;
}

static bool compare(double a, const char *op, double b)
{
	switch (op[0]) {
	case '<':
		return op[1] == '=' ? a <= b : a < b;
	case '>':
		return op[1] == '=' ? a >= b : a > b;
	default:
		return fabs(a - b) < 0.5;
	}
}

bool lacks(struct judge *j, enum need need)
{
	if (need != NEED_NOTHING)
		j->lacks |= 1U << need;
	return false;
}

bool holds(struct judge *j, struct quantity left, const char *op, struct quantity right)
{
	if (!left.known)
		return lacks(j, left.need);
	if (!right.known)
		return lacks(j, right.need);
	return !j->failed && compare(left.value, op, right.value);
}

static struct evidence *room(struct judge *j)
{
	/* the last place is overwritten: a rule that shows more than fits is not wrong */
	if (j->n_evidence < EVIDENCE_MAX)
		j->n_evidence++;
	struct evidence *e = &j->evidence[j->n_evidence - 1];
	*e = (struct evidence){.value = (double)NAN};
	return e;
}

/* A whole number that fits, for what is printed by value. */
int64_t whole(double v)
{
	return v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? UNKNOWN + 1 : (int64_t)v;
}

/* The first term that has a place in the document is what the evidence is about. */
static void main_term(struct evidence *e, const struct quantity *q)
{
	for (size_t i = 0; i < q->n && !e->key.p; i++) {
		if (!q->terms[i].key.p)
			continue;
		e->key = q->terms[i].key;
		e->value = q->terms[i].value;
	}
}

/* Are the numbers of a side kB? The keys of the document say so. */
static bool in_kb(const struct quantity *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct str key = q->terms[i].key;
		if (str_ends(key, STR("_kb")) || str_ends(key, STR("_pages")) ||
		    str_ends(key, STR("_pages]")) || str_ends(key, STR("_bytes")) ||
		    str_find(key, STR(".memcg.stats")) != SIZE_MAX ||
		    str_find(key, STR("lowmem_reserve")) != SIZE_MAX ||
		    str_ends(key, STR(".free_blocks")) ||
		    str_ends(key, STR("hugepages_total")) || str_ends(key, STR(".total")))
			return q->n > 0;
	}
	return false;
}

bool says(struct judge *j, struct quantity left, const char *op, struct quantity right)
{
	char l[40], r[40], lsum[48] = "", rsum[48] = "";
	if (!holds(j, left, op, right))
		return false;
	if (left.sum)
		snprintf(lsum, sizeof(lsum), " = %s", plain(left.value, l));
	if (right.sum)
		snprintf(rsum, sizeof(rsum), " = %s", plain(right.value, r));
	struct evidence *e = room(j);
	e->text = words(j, "%.*s%s %s %.*s%s%s", STR_ARG(left.text), lsum, op,
			STR_ARG(right.text), rsum, in_kb(&left) || in_kb(&right) ? " (kB)" : "");
	main_term(e, &left);
	main_term(e, &right);
	snprintf(e->op, sizeof(e->op), "%s", op);
	e->left = left.terms;
	e->n_left = left.n;
	e->right = right.terms;
	e->n_right = right.n;
	return !j->failed;
}

bool shows(struct judge *j, struct quantity q)
{
	char number[40];
	if (!q.known)
		return true;
	struct evidence *e = room(j);
	e->text = words(j, q.sum ? "%.*s = %s%s" : "%.*s%.0s%s", STR_ARG(q.text),
			plain(q.value, number), in_kb(&q) ? " kB" : "");
	main_term(e, &q);
	return true;
}

bool notes(struct judge *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	room(j)->text = words_va(j, fmt, ap);
	va_end(ap);
	return true;
}

bool notes_at(struct judge *j, struct str key, double value, const char *fmt, ...)
{
	va_list ap;
	struct evidence *e = room(j);
	va_start(ap, fmt);
	e->text = words_va(j, fmt, ap);
	va_end(ap);
	e->key = key;
	e->value = value;
	return true;
}

bool because(struct judge *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	j->cause = words_va(j, fmt, ap).p;
	va_end(ap);
	return true;
}

bool advise(struct judge *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	j->advice = words_va(j, fmt, ap);
	va_end(ap);
	return true;
}
