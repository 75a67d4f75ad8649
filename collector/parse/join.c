/* SPDX-License-Identifier: MIT */
/* join.c - hard-wrapped lines put together again.
 *
 * Mail programs cut at 70 to 80 columns and the rest of a line arrives without its prefix. A
 * piece therefore waits for the next one: is that without a prefix, would its first word not
 * have fitted, and does the table of kinds say that something is missing, they become one.
 */
#include "parse/find.h"
#include "parse/unwrap.h"

enum { LONGEST_JOINED = 64 * 1024 };

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

/* Behind an empty line only what looks like values goes on. */
static bool looks_like_values(struct str text)
{
	struct str word;

	if (!take_word(&text, &word))
		return false;
	for (size_t i = 0; i + 1 < word.n; i++) {
		if (word.p[i] == '=' || (word.p[i] == ':' && word.p[i + 1] != '/') ||
		    word.p[i] == '*')
			return true;
	}
	return word.p[0] == '(' || ascii_digit(word.p[0]);
}

/* "xfs_buf_item              696KB       1189KB" */
static bool is_slab_row(struct str text)
{
	struct str name;
	uint64_t n;

	if (!take_word(&text, &name))
		return false;
	for (int i = 0; i < 2; i++) {
		skip_blanks(&text);
		if (!take_u64(&text, &n) || !take_lit(&text, STR("KB")))
			return false;
	}
	return str_trim(text).n == 0;
}

/* "active_anon" "4096": of a memory cgroup's statistics, while they are being read */
static bool is_stat(const struct parser *p, struct str key, struct str number)
{
	uint64_t n;

	number = str_trim(number);
	if (!take_u64(&number, &n) || number.n)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] != '_' && !(key.p[i] >= 'a' && key.p[i] <= 'z'))
			return false;
	}
	for (size_t i = p->host->n_live; i-- > 0;) {
		if (p->host->live[i]->in_stats)
			return true;
	}
	return false;
}

/* A timestamp cut behind its bracket: "kernel: [" "139.201482] Memory cgroup out of memory" */
static bool is_split_time(const struct piece *wait, struct str next)
{
	uint64_t n;

	return wait->pre & PRE_SYSLOG && str_eq(str_trim(wait->text), STR("[")) &&
	       take_u64(&next, &n) && take_char(&next, '.') && take_u64(&next, &n) &&
	       take_char(&next, ']');
}

/* "Memory" "cgroup out of memory: Killed", "kworker/u17:0" "invoked oom-killer:": a long prefix
 * left room for the first words only, and no kind is told by them. */
static bool is_front_of(const struct parser *p, const struct piece *wait,
			const struct piece *next)
{
	char room[128];
	struct str head = str_trim(wait->text), tail = str_sub(next->text, 0, 64);

	if (head.n > 60)
		return false;
	if (str_starts(tail, STR("invoked oom-killer:")) ||
	    str_starts(tail, STR("page allocation failure")) ||
	    str_starts(tail, STR("page allocation stalls")))
		return true;
	if (kind_of(next->text, next->hit) >= 0 && !kind_words_begin(head))
		return false;
	if (is_stat(p, head, tail))
		return true;
	memcpy(room, head.p, head.n);
	room[head.n] = ' ';
	memcpy(room + head.n + 1, tail.p, tail.n);
	tail = (struct str){room, head.n + 1 + tail.n};
	return kind_of(tail, true) >= 0 || is_slab_row(tail);
}

/* Asked only where a line without a prefix follows, which is rare. */
static int waiting_kind(struct parser *p)
{
	if (p->wait_kind == KIND_NOT_ASKED)
		p->wait_kind = kind_of(p->wait.text, p->wait.hit);
	return p->wait_kind;
}

enum { SCREEN = 80 }; /* mail programs stop before that */

/* Does the last line end at the one column where all long lines of this log do? */
static bool at_edge(const struct parser *p)
{
	return last_width(p->wait.raw) == p->full_width && p->past_edge * 8 <= p->at_edge;
}

static bool cut_at_column(const struct parser *p)
{
	return at_edge(p) && (p->full_width == SCREEN || p->at_edge >= 3 ||
			      (p->full_count >= 3 && p->full_count > 2 * p->near_count));
}

/* Without prefixes nothing counts the cuts: where all lines end at a screen's edge or before, and this one
 * does there, it goes on. */
static bool full_lines(const struct parser *p)
{
	return at_edge(p) && p->full_width == SCREEN && p->full_count >= 8;
}

/* A screen's edge cuts lines of all kinds, and between any two letters: where that was seen to
 * happen, no more is asked than that the line is full and its rest has no prefix. */
static bool cut_by_screen(const struct parser *p)
{
	return p->wait.pre & real_prefix && at_edge(p) && p->full_width >= SCREEN &&
	       p->at_edge >= (p->full_width == SCREEN ? 1 : 3);
}

/* A line without a prefix behind one that has some: a screen cut that at its edge, a mail program
 * between words. */
static void note_cut(struct parser *p, const struct piece *next)
{
	if (next->text.n == 0 || next->pre & real_prefix || !(p->wait.pre & real_prefix))
		return;
	if (last_width(p->wait.raw) == p->full_width)
		p->at_edge++;
	else
		p->past_edge++;
}

static bool belongs(struct parser *p, const struct piece *next)
{
	const struct piece *w = &p->wait;
	struct str rest = next->text, word;
	bool known;

	if (next->pre & real_prefix || next->foreign)
		return false;
	if (w->pre & PRE_RECORD && !(w->pre & PRE_KMSG)) /* only these are mailed as lines */
		return false;
	if (next->text.n == 0 || !take_word(&rest, &word))
		return false;
	if (w->text.n + next->text.n > LONGEST_JOINED)
		return false;
	if (cut_by_screen(p))
		return true;
	if (last_width(w->raw) + 1 + word.n < kind_width(waiting_kind(p), next->text))
		return false;
	if (p->wait_gap && !looks_like_values(next->text))
		return false;
	known = kind_of(next->text, next->hit) >= 0;
	if (w->foreign) /* the rest of what a program said is not the kernel's */
		return !p->wait_gap;
	if (str_trim(w->text).n == 0) /* a prefix alone: its text did not fit beside it */
		return w->pre & (PRE_TIME | PRE_SYSLOG) && known;
	if (is_split_time(w, next->text))
		return true;
	if (p->wait_kind < 0)
		return is_front_of(p, w, next);
	if (known && !kind_expects(p->wait_kind, w, next))
		return false;
	return kind_continues(p, p->wait_kind, w, next) || (!known && full_lines(p));
}

/* How wide are the lines? Words moved to the next line leave many widths behind, a terminal's
 * edge one. */
void note_width(struct parser *p, size_t width)
{
	enum { NEAR = 10 };

	if (width > p->full_width) {
		p->near_count = width - p->full_width <= NEAR ? p->full_count : 0;
		p->full_width = width;
		p->full_count = p->at_edge = 0;
	}
	if (width == p->full_width)
		p->full_count++;
	else if (p->full_width - width <= NEAR)
		p->near_count++;
}

/* Terminals and some web forms cut at a fixed column, in the middle of a word: "hi" "gh:60kB",
 * "12704k" "B,", "writeback" ":0". A line of oom-kill: holds no blanks at all. */
static bool cut_in_word(const struct parser *p, struct str wait, struct str next)
{
	struct str last = wait, first = next;
	size_t blank = str_rfind(wait, STR(" ")), colon, i = 0;

	if (str_starts(wait, STR("oom-kill:"))) /* blanks are in a task's name alone */
		return str_find(wait, STR(",task=")) == SIZE_MAX || str_ends(wait, STR(",")) ||
		       str_find(wait, STR(",pid=")) != SIZE_MAX || next.p[0] == ',';
	if (wait.n == 0 || next.n == 0 || ascii_blank(wait.p[wait.n - 1]))
		return false;
	if (blank != SIZE_MAX)
		last = str_from(wait, blank + 1);
	(void)take_word(&next, &first);
	if (cut_between_words(wait, last, first))
		return false;
	if (cut_at_column(p))
		return true;
	if (first.p[0] == ':' || first.p[0] == ',' || first.p[0] == '*')
		return true;
	if (last.n > 1 && last.p[last.n - 1] == 'k' && ascii_digit(last.p[last.n - 2]))
		return first.p[0] == 'B';
	if (ascii_digit(last.p[last.n - 1]) && str_eq(first, STR("kB")))
		return true;
	colon = str_find_char(first, ':');
	if (str_eq(last, STR("yes")) || str_eq(last, STR("no")) || colon == SIZE_MAX ||
	    colon + 1 >= first.n || !ascii_digit(first.p[colon + 1]))
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
	    (ascii_blank(next->raw.p[0]) ||
	     !cut_in_word(p, buf_str(&p->wait_text), next->text)))
		buf_addc(&p->wait_text, ' ');
	buf_add(&p->wait_text, next->text);
	buf_addc(&p->wait_raw, '\n');
	buf_add(&p->wait_raw, next->raw);
	w->text = buf_str(&p->wait_text);
	if (!(w->pre & PRE_TIME) && take_kernel_time(&w->text, &w->mono_us)) { /* whole now */
		skip_blanks(&w->text);
		memmove(p->wait_text.p, w->text.p, w->text.n);
		p->wait_text.n = w->text.n;
		w->text = buf_str(&p->wait_text);
		w->pre |= PRE_TIME;
	}
	w->raw = buf_str(&p->wait_raw);
	w->hit = find_interesting(w->text, 0) != SIZE_MAX; /* what was cut may be whole now */
	w->last_line = next->last_line;
	p->wait_kind = KIND_NOT_ASKED;
}

/* Does the log begin in the middle of a line? Those behind have a time in front, and this one neither has
 * nor stands in their column: what its first word is the reader cannot know. */
static bool is_tail_of_line(const struct piece *wait, const struct piece *next)
{
	return wait->line == 1 && !(wait->pre & real_prefix) && next->pre & PRE_TIME &&
	       !str_starts(wait->raw, STR("    "));
}

void piece_in(struct parser *p, const struct piece *pc)
{
	if (!(pc->pre & (PRE_REST | PRE_RECORD)))
		note_width(p, pc->raw.n);
	host_speaks(p, pc);
	if (p->waiting) {
		bool rest = belongs(p, pc);

		note_cut(p, pc);
		if (rest) {
			join(p, pc);
			p->wait_gap = false;
			return;
		}
		if (pc->text.n == 0 && !(pc->pre & real_prefix) && p->wait.text.n &&
		    !p->wait_gap) {
			p->wait_gap = true; /* logs with every other line empty */
			return;
		}
		p->wait.tail = is_tail_of_line(&p->wait, pc);
		p->waiting = p->wait.hit || !p->wait.tail;
		join_flush(p);
	}
	p->wait = *pc;
	p->waiting = true;
	p->wait_owned = p->wait_gap = false;
	p->wait_kind = KIND_NOT_ASKED;
}
