/* SPDX-License-Identifier: MIT */
/* join.c - hard-wrapped lines put together again.
 *
 * Mail programs cut at 70 to 80 columns and the rest of a line arrives without its prefix. A
 * piece therefore waits for the next one: is that without a prefix, would its first word not
 * have fitted, and does the table of kinds say that something is missing, they become one.
 */
#include "parse/rows.h"

enum { NARROWEST = 56, LONGEST_JOINED = 64 * 1024 };

static const unsigned real_prefix =
	PRE_TIME | PRE_SYSLOG | PRE_LEVEL | PRE_CALLER | PRE_RECORD | PRE_REST;

/* Move what the waiting piece points to into memory of our own. */
void join_keep(struct parser *p)
{
	struct piece *w = &p->wait;
	struct str *parts[] = {&w->text, &w->raw, &w->caller, &w->host, &w->ident};
	struct buf *b = &p->wait_rest;
	size_t need = 0;

	if (!p->waiting || p->wait_owned)
		return;
	buf_clear(b);
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		need += parts[i]->n;
	if (!buf_reserve(b, need)) {
		p->failed = true;
		p->waiting = false;
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		size_t at = b->n;

		if (!parts[i]->p)
			continue;
		buf_add(b, *parts[i]);
		parts[i]->p = b->p + at;
	}
	p->wait_owned = true;
}

void join_flush(struct parser *p)
{
	if (!p->waiting)
		return;
	p->waiting = false;
	piece_out(p, &p->wait);
}

static size_t last_width(struct str raw)
{
	size_t nl = str_rfind(raw, STR("\n"));

	return nl == SIZE_MAX ? raw.n : raw.n - nl - 1;
}

static bool belongs(const struct parser *p, const struct piece *next)
{
	const struct piece *w = &p->wait;
	struct str rest = next->text, word;

	if (next->pre & real_prefix || next->foreign || w->foreign || w->pre & PRE_RECORD)
		return false;
	if (next->text.n == 0 || !take_word(&rest, &word))
		return false;
	if (last_width(w->raw) + 1 + word.n < NARROWEST)
		return false;
	if (w->text.n + next->text.n > LONGEST_JOINED)
		return false;
	if (w->text.n == 0) /* a timestamp alone: its text did not fit beside it */
		return w->pre & PRE_TIME && kind_of(next->text, next->hit) >= 0;
	if (str_trim(w->text).n == 0)
		return false;
	if (str_eq(w->text, STR("?"))) /* a frame that is not sure */
		return true;
	rest = str_trim(w->text);
	if (rest.p[rest.n - 1] != ':' && kind_of(next->text, next->hit) >= 0)
		return false;
	return kind_continues(p, p->wait_kind, w, next);
}

/* Terminals and some web forms cut at a fixed column, in the middle of a word: "hi" "gh:60kB",
 * "12704k" "B,", "writeback" ":0". A line of oom-kill: holds no blanks at all. */
static bool cut_in_word(struct str wait, struct str next)
{
	struct str last = wait, first = next;
	size_t blank = str_rfind(wait, STR(" ")), i = 0;

	if (str_starts(wait, STR("oom-kill:")))
		return str_find(wait, STR(",task=")) == SIZE_MAX;
	if (wait.n == 0 || next.n == 0 || ascii_blank(wait.p[wait.n - 1]))
		return false;
	if (blank != SIZE_MAX)
		last = str_from(wait, blank + 1);
	(void)take_word(&next, &first);
	if (first.p[0] == ':' || first.p[0] == ',' || first.p[0] == '*')
		return true;
	if (last.n > 1 && last.p[last.n - 1] == 'k' && ascii_digit(last.p[last.n - 2]))
		return first.p[0] == 'B';
	if (str_eq(last, STR("yes")) || str_eq(last, STR("no")) ||
	    str_find_char(first, ':') == SIZE_MAX)
		return false;
	while (i < last.n && ((last.p[i] >= 'a' && last.p[i] <= 'z') || last.p[i] == '_' ||
			      last.p[i] == '-' || last.p[i] == '('))
		i++;
	return i == last.n && last.n > 0 && ascii_alpha(first.p[0]);
}

/* Append to the waiting piece. */
static void join(struct parser *p, const struct piece *next)
{
	struct piece *w = &p->wait;

	join_keep(p);
	if (!p->waiting)
		return;
	if (w->text.p != p->wait_text.p || w->text.n == 0) {
		buf_clear(&p->wait_text);
		buf_add(&p->wait_text, w->text);
	}
	if (w->raw.p != p->wait_raw.p) {
		buf_clear(&p->wait_raw);
		buf_add(&p->wait_raw, w->raw);
	}
	if (p->wait_text.n && p->wait_text.p[p->wait_text.n - 1] != ' ' &&
	    !cut_in_word(buf_str(&p->wait_text), next->text))
		buf_addc(&p->wait_text, ' ');
	buf_add(&p->wait_text, next->text);
	buf_addc(&p->wait_raw, '\n');
	buf_add(&p->wait_raw, next->raw);
	w->text = buf_str(&p->wait_text);
	w->raw = buf_str(&p->wait_raw);
	w->hit |= next->hit;
	w->last_line = next->last_line;
	if (p->wait_kind < 0)
		p->wait_kind = kind_of(w->text, w->hit);
}

void piece_in(struct parser *p, const struct piece *pc)
{
	if (p->waiting) {
		if (belongs(p, pc)) {
			join(p, pc);
			return;
		}
		join_flush(p);
	}
	p->wait = *pc;
	p->waiting = true;
	p->wait_owned = false;
	p->wait_kind = kind_of(pc->text, pc->hit);
}
