/* SPDX-License-Identifier: MIT */
/* pattern.c - a regular expression as the automaton of its positions (Glushkov): every character
 * or class of the pattern is a state, and holds which ones may come behind it. */
#include "bundle/pattern.h"

enum { POSITIONS = 128, DEPTH = 8 };

struct set {
	uint64_t word[POSITIONS / 64];
};

struct automaton {
	size_t n;
	struct str is[POSITIONS]; /* "a" or "[0-9]" */
	struct set behind[POSITIONS];
	int depth;
};

/* A piece of the pattern: what it may begin and end with, and whether it may be nothing. */
struct piece {
	struct set first, last;
	bool empty;
};

static struct set both(struct set a, struct set b)
{
	for (size_t i = 0; i < ARRAY_COUNT(a.word); i++)
		a.word[i] |= b.word[i];
	return a;
}

static bool holds(const struct set *s, size_t position)
{
	return s->word[position / 64] >> position % 64 & 1;
}

/* After each of `from` each of `to` may come. */
static void follow(struct automaton *a, struct set from, struct set to)
{
	for (size_t i = 0; i < a->n; i++) {
		if (holds(&from, i))
			a->behind[i] = both(a->behind[i], to);
	}
}

static struct piece in_a_row(struct automaton *a, struct piece l, struct piece r)
{
	follow(a, l.last, r.first);
	return (struct piece){
		.first = l.empty ? both(l.first, r.first) : l.first,
		.last = r.empty ? both(l.last, r.last) : r.last,
		.empty = l.empty && r.empty,
	};
}

static bool choices(struct automaton *a, struct str *in, struct piece *ret);

/* "a", "[0-9]" or "[^/]". */
static bool position(struct automaton *a, struct str *in, struct piece *ret)
{
	struct str rest = *in, inside;
	size_t i = a->n;

	if (i == POSITIONS || rest.n == 0 ||
	    str_find_char(STR("^$.|)?*+{}]\\"), rest.p[0]) != SIZE_MAX)
		return false;
	if (!take_char(&rest, '['))
		rest = str_from(rest, 1);
	else if (!take_until(&rest, ']', &inside) || inside.n == 0 || str_eq(inside, STR("^")) ||
		 str_find_char(inside, '[') != SIZE_MAX || str_find_char(inside, '\\') != SIZE_MAX)
		return false;
	a->is[i] = (struct str){in->p, in->n - rest.n};
	a->behind[i] = (struct set){{0}};
	a->n++;
	*in = rest;
	*ret = (struct piece){.empty = false};
	ret->first.word[i / 64] = 1ULL << i % 64;
	ret->last = ret->first;
	return true;
}

static bool atom(struct automaton *a, struct str *in, struct piece *ret)
{
	return take_char(in, '(') ? choices(a, in, ret) && take_char(in, ')')
				  : position(a, in, ret);
}

/* "a{3}" is "aaa": the atom is read again for each. */
static bool times(struct automaton *a, struct str again, struct str *in, struct piece *ret)
{
	struct piece one;
	uint64_t n;

	if (!take_u64(in, &n) || n == 0 || n > POSITIONS || !take_char(in, '}'))
		return false;
	while (--n > 0) {
		struct str text = again;

		if (!atom(a, &text, &one))
			return false;
		*ret = in_a_row(a, *ret, one);
	}
	return true;
}

static bool repeated(struct automaton *a, struct str *in, struct piece *ret)
{
	struct str again = *in;

	if (!atom(a, in, ret))
		return false;
	if (take_char(in, '?')) {
		ret->empty = true;
	} else if (take_char(in, '*')) {
		follow(a, ret->last, ret->first);
		ret->empty = true;
	} else if (take_char(in, '+')) {
		follow(a, ret->last, ret->first);
	} else if (take_char(in, '{')) {
		return times(a, again, in, ret);
	}
	return true;
}

/* Up to a |, a ) or the $ at the end. */
static bool row(struct automaton *a, struct str *in, struct piece *ret)
{
	struct piece next;

	if (!repeated(a, in, ret))
		return false;
	while (in->n && in->p[0] != '|' && in->p[0] != ')' && in->p[0] != '$') {
		if (!repeated(a, in, &next))
			return false;
		*ret = in_a_row(a, *ret, next);
	}
	return true;
}

static bool choices(struct automaton *a, struct str *in, struct piece *ret)
{
	struct piece next;
	bool ok = ++a->depth <= DEPTH && row(a, in, ret);

	while (ok && take_char(in, '|')) {
		ok = row(a, in, &next);
		if (ok) {
			ret->first = both(ret->first, next.first);
			ret->last = both(ret->last, next.last);
			ret->empty |= next.empty;
		}
	}
	a->depth--;
	return ok;
}

static bool looks(struct str is, unsigned char c)
{
	struct str in = str_sub(is, 1, is.n - 2);
	bool not, among = false;

	if (is.n == 1)
		return (unsigned char)is.p[0] == c;
	not = take_char(&in, '^');
	for (size_t i = 0; i < in.n; i++) {
		bool range = i + 2 < in.n && in.p[i + 1] == '-';
		unsigned char low = (unsigned char)in.p[i],
			      high = (unsigned char)in.p[i + 2 * range];

		among |= c >= low && c <= high;
		i += 2 * range;
	}
	return among != not;
}

int pattern_match(struct str pattern, struct str text)
{
	struct automaton a = {.n = 0};
	struct piece all;
	struct set may;
	bool whole, fits;

	if (!take_char(&pattern, '^') || !row(&a, &pattern, &all))
		return -1;
	whole = take_char(&pattern, '$');
	if (pattern.n)
		return -1;
	may = all.first;
	fits = all.empty;
	for (size_t i = 0; i < text.n && (whole || !fits); i++) {
		struct set next = {{0}};

		fits = false;
		for (size_t k = 0; k < a.n; k++) {
			if (!holds(&may, k) || !looks(a.is[k], (unsigned char)text.p[i]))
				continue;
			next = both(next, a.behind[k]);
			fits |= holds(&all.last, k);
		}
		may = next;
	}
	return fits;
}
