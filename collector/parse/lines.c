/* SPDX-License-Identifier: MIT */
/* lines.c - bytes cut anywhere to lines, and the two gears.
 *
 * Gear one: find_interesting() looks at whole windows; nothing is split, only the last HISTORY
 * bytes are remembered. A hit shifts into gear two: lines just before it are replayed from the
 * history (a block whose header was lost begins before its kill line), then every line is
 * looked at until nothing is open and CALM_LINES in a row were of no interest. An event that
 * only waits for a late line of its victim does not keep the second gear in: such lines hold
 * a literal. What happens depends on the bytes alone, never on where they were cut.
 */
#include "parse/find.h"
#include "parse/unwrap.h"

enum {
	SHORT_HISTORY = 4096,
	CHUNK = 32 * 1024, /* looked at again where something is found: stays in the processor's first cache */
};

/* Of several hosts each has its share in it. */
static size_t history_of(const struct parser *p, size_t n)
{
	return p->more ? SHARED_HISTORY * n : n;
}

/* Keeps at least the last HISTORY bytes of what was skipped since the last reset. */
static void history_add(struct parser *p, struct str bytes)
{
	size_t most = history_of(p, HISTORY);
	struct buf *h = &p->history;

	if (bytes.n > most) {
		bytes = str_from(bytes, bytes.n - most);
		buf_clear(h);
		p->history_cut = true;
	}
	if (h->n + bytes.n > 2 * most) {
		buf_drop_front(h, h->n - (most - bytes.n));
		p->history_cut = true;
	}
	buf_add(h, bytes);
}

/* The bytes that were skipped last stay where they are as long as they are there. */
static void skipped_keep(struct parser *p)
{
	history_add(p, p->skipped);
	p->skipped = (struct str){0};
}

static void history_reset(struct parser *p)
{
	buf_clear(&p->history);
	p->history_cut = false;
	p->skipped = (struct str){0};
}

/* The last bytes that were skipped, at most `reach` of them; *cut: there were more. */
static struct str history_last(struct parser *p, size_t reach, bool *cut)
{
	struct str past;

	if (p->skipped.n > reach) { /* none of what lies further back is needed */
		p->skipped = str_from(p->skipped, p->skipped.n - reach);
		buf_clear(&p->history);
		p->history_cut = true;
	}
	skipped_keep(p);
	past = buf_str(&p->history);
	*cut = p->history_cut || past.n > reach;
	return past.n > reach ? str_from(past, past.n - reach) : past;
}

static bool all_calm(struct parser *p)
{
	return p->calm > CALM_LINES && !p->booting && !live_any_open(p);
}

static void careful_line(struct parser *p, struct str line, bool hit)
{
	p->calm = hit ? 0 : p->calm + 1;
	if (hit || !fast_row(p, line, p->line_no))
		line_in(p, line, p->line_no, hit);
	if (p->more && p->line_no >= p->next_sweep)
		hosts_sweep(p);
	if (p->live_bytes > LIVE_BYTES)
		hosts_make_room(p);
	if (all_calm(p) && !p->entry_message && !p->entry_binary && p->soft.n == 0 &&
	    p->table.open.n == 0 && p->object_depth == 0 && p->split.text.n == 0) {
		join_flush(p);
		if (all_calm(p)) {
			p->careful = false;
			p->careful_until = p->line_no;
			history_reset(p);
		}
	}
}

/* How much of what was skipped may belong to this line's event: little, when it is a first
 * line; much, when the first line may be lost. */
static size_t reach_back(struct str line)
{
	static const struct str ends[] = {
		STR_INIT("illed process"), STR_INIT("oom-kill:"), STR_INIT("ill process"),
		STR_INIT("killable"),	   STR_INIT("total_vm"),  STR_INIT("panic"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		if (str_find(line, ends[i]) != SIZE_MAX)
			return HISTORY;
	}
	return SHORT_HISTORY;
}

static void replay(struct parser *p, size_t reach)
{
	uint64_t number = p->line_no;
	struct str past, line;
	bool cut;

	past = history_last(p, reach, &cut);
	if (cut && !take_until(&past, '\n', &line)) {
		live_skip(p, number - p->careful_until);
		return;
	}
	p->line_no -= count_newlines(past);
	live_skip(p, p->line_no - p->careful_until);
	while (take_until(&past, '\n', &line)) {
		p->line_no++;
		line_in(p, line, p->line_no, false);
	}
	join_keep(p);
	p->line_no = number;
}

/* A whole line in gear one; number not yet counted. */
static void wake(struct parser *p, struct str line)
{
	p->careful = true;
	p->calm = 0;
	live_expire(p, p->line_no - p->careful_until);
	replay(p, history_of(p, reach_back(line)));
	history_reset(p);
	p->line_no++;
	careful_line(p, line, true);
	/* mere words of a program ("ran out of memory") do not keep the second gear in for long */
	if (p->host->n_live == 0 && p->careful && p->calm == 0)
		p->calm = CALM_LINES - CALM_AFTER_WORDS;
}

/* A line, or a piece of a long one. */
static void part_line(struct parser *p, struct str line, bool hit)
{
	p->line_no -= p->pieces.n > 0;
	if (p->careful) {
		p->line_no++;
		careful_line(p, line, hit);
	} else if (hit) {
		wake(p, line);
	} else {
		p->line_no++;
		skipped_keep(p);
		history_add(p, line);
		history_add(p, STR("\n"));
	}
	join_keep(p);
}

/* The line in p->part is complete. */
static void part_done(struct parser *p)
{
	struct str line = buf_str(&p->part);

	if (!p->pieces.n || line.n)
		part_line(p, line, p->pieces.n || find_interesting(line, 0) != SIZE_MAX);
	buf_clear(&p->part);
	p->part_over = false;
	p->pieces = (struct pieces){.n = 0};
}

/* There is no room for more of it. Where it holds lines those that are whole are read, to make some;
 * false: the rest is to be dropped. */
static bool part_cut(struct parser *p)
{
	size_t end = sheet_cut(buf_str(&p->part));

	if (end == 0)
		return false;
	part_line(p, str_sub(buf_str(&p->part), 0, end), true);
	p->pieces.n++;
	if (p->pieces.form == SHEET_NONE)
		buf_clear(&p->part);
	else
		buf_drop_front(&p->part, end);
	return p->pieces.form != SHEET_NONE;
}

static void part_add(struct parser *p, struct str bytes)
{
	while (bytes.n && !p->part_over) {
		struct str now = str_sub(bytes, 0, LINE_CAP - p->part.n);

		buf_add(&p->part, now);
		bytes = str_from(bytes, now.n);
		p->part_over = bytes.n && !part_cut(p);
	}
}

static void feed_part(struct parser *p, struct str *bytes)
{
	size_t end = str_find_char(*bytes, '\n');

	if (end == SIZE_MAX) {
		part_add(p, *bytes);
		*bytes = str_from(*bytes, bytes->n);
		return;
	}
	part_add(p, str_sub(*bytes, 0, end));
	*bytes = str_from(*bytes, end + 1);
	part_done(p);
}

/* Whole lines, at most CHUNK bytes of them; empty where the first line does not fit. */
static struct str chunk_of(struct str window)
{
	size_t end = str_rfind(str_sub(window, 0, CHUNK), STR("\n"));

	return str_sub(window, 0, end == SIZE_MAX ? 0 : end + 1);
}

static void feed_careful(struct parser *p, struct str *bytes)
{
	struct str chunk = chunk_of(*bytes), in = chunk, line;
	size_t done = 0, hit;

	if (chunk.n == 0) {
		feed_part(p, bytes);
		return;
	}
	hit = find_interesting(in, 0);
	while (p->careful && take_until(&in, '\n', &line)) {
		bool has = hit < done + line.n;

		done += line.n + 1;
		if (hit < done)
			hit = find_interesting(chunk, done);
		p->line_no++;
		careful_line(p, line, has);
	}
	*bytes = str_from(*bytes, done);
}

/* Whole lines of gear one, each right behind those before. */
static void skip(struct parser *p, struct str bytes, size_t lines)
{
	if (!p->skipped.n)
		p->skipped.p = bytes.p;
	p->skipped.n += bytes.n;
	p->line_no += lines;
	live_expire(p, p->line_no - p->careful_until);
}

static void feed_skip(struct parser *p, struct str *bytes)
{
	struct str chunk = chunk_of(*bytes);
	size_t lines, hit = find_or_count(chunk, &lines), start;

	if (chunk.n == 0) {
		feed_part(p, bytes);
		return;
	}
	if (hit == SIZE_MAX) {
		skip(p, chunk, lines);
		*bytes = str_from(*bytes, chunk.n);
		return;
	}
	start = str_rfind(str_sub(chunk, 0, hit), STR("\n"));
	start = start == SIZE_MAX ? 0 : start + 1;
	skip(p, str_sub(chunk, 0, start), count_newlines(str_sub(chunk, 0, start)));
	*bytes = str_from(*bytes, start);
	feed_part(p, bytes);
}

int parser_feed(struct parser *p, struct str bytes, struct err *err)
{
	p->first_known.facts.bytes += bytes.n;
	while (bytes.n) {
		if (p->part.n || p->part_over)
			feed_part(p, &bytes);
		else if (p->careful)
			feed_careful(p, &bytes);
		else
			feed_skip(p, &bytes);
	}
	skipped_keep(p);
	join_keep(p);
	p->first_known.facts.lines = p->line_no + (p->part.n && !p->pieces.n);
	if (p->failed)
		return err_set(err, ERR_NOMEM, "reading the log: no memory");
	return 0;
}

int parser_finish(struct parser *p, struct err *err)
{
	if (p->part.n)
		part_done(p);
	line_end(p);
	p->ended = true;
	live_close_all(p);
	p->first_known.facts.lines = p->line_no;
	if (p->failed)
		return err_set(err, ERR_NOMEM, "reading the log: no memory");
	return 0;
}
