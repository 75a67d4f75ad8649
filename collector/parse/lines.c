/* SPDX-License-Identifier: MIT */
/* lines.c - bytes cut anywhere to lines, and the two gears.
 *
 * Gear one: find_interesting() looks at whole windows; nothing is split, only the last HISTORY
 * bytes are remembered. A hit shifts into gear two: lines just before it are replayed from the
 * history (a block whose header was lost begins before its kill line), then every line is
 * looked at until nothing is open and CALM_LINES in a row were of no interest. What happens
 * depends on the bytes alone, never on where they were cut.
 */
#include "parse/find.h"
#include "parse/rows.h"

enum { SHORT_HISTORY = 4096 };

/* Keeps at least the last HISTORY bytes of what was added since the last reset. */
static void history_add(struct parser *p, struct str bytes)
{
	struct buf *h = &p->history;

	if (bytes.n > HISTORY) {
		bytes = str_from(bytes, bytes.n - HISTORY);
		buf_clear(h);
		p->history_cut = true;
	}
	if (h->n + bytes.n > 2 * HISTORY) {
		buf_drop_front(h, h->n - (HISTORY - bytes.n));
		p->history_cut = true;
	}
	buf_add(h, bytes);
}

static void careful_line(struct parser *p, struct str line, bool hit)
{
	p->calm = hit ? 0 : p->calm + 1;
	if (hit || !fast_row(p, line, p->line_no))
		line_in(p, line, p->line_no, hit);
	if (p->n_live == 0 && p->calm > CALM_LINES && !p->entry_message && !p->entry_binary &&
	    p->soft.n == 0) {
		join_flush(p);
		if (p->n_live == 0 && p->calm > CALM_LINES) {
			p->careful = false;
			buf_clear(&p->history);
			p->history_cut = false;
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
	struct str past = buf_str(&p->history), line;
	uint64_t number = p->line_no;
	bool cut = p->history_cut;

	if (past.n > reach) {
		past = str_from(past, past.n - reach);
		cut = true;
	}
	if (cut && !take_until(&past, '\n', &line))
		return;
	p->line_no -= count_newlines(past);
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
	replay(p, reach_back(line));
	buf_clear(&p->history);
	p->history_cut = false;
	p->line_no++;
	careful_line(p, line, true);
	/* mere words of a program ("ran out of memory") do not keep the second gear in for long */
	if (p->n_live == 0 && p->careful && p->calm == 0)
		p->calm = CALM_LINES - CALM_AFTER_WORDS;
}

static struct str capped(struct str line)
{
	return str_sub(line, 0, LINE_CAP);
}

/* The line in p->part is complete. */
static void part_done(struct parser *p)
{
	struct str line = buf_str(&p->part);
	bool hit = find_interesting(line, 0) != SIZE_MAX;

	if (p->careful) {
		p->line_no++;
		careful_line(p, line, hit);
	} else if (hit) {
		wake(p, line);
	} else {
		p->line_no++;
		history_add(p, line);
		history_add(p, STR("\n"));
	}
	join_keep(p);
	buf_clear(&p->part);
	p->part_over = false;
}

static void part_add(struct parser *p, struct str bytes)
{
	size_t room = LINE_CAP - p->part.n;

	if (bytes.n > room) {
		bytes.n = room;
		p->part_over = true;
	}
	buf_add(&p->part, bytes);
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

static void feed_careful(struct parser *p, struct str *bytes)
{
	struct str in = *bytes;
	size_t hit = find_interesting(in, 0), at = 0;

	while (at < in.n && p->careful) {
		size_t end = str_find_char(str_from(in, at), '\n');
		struct str line;
		bool has;

		if (end == SIZE_MAX)
			break;
		line = str_sub(in, at, end);
		has = hit != SIZE_MAX && hit < at + end;
		if (line.n > LINE_CAP) {
			line = capped(line);
			has = find_interesting(line, 0) != SIZE_MAX;
		}
		p->line_no++;
		at += end + 1;
		if (hit != SIZE_MAX && hit < at)
			hit = find_interesting(in, at);
		careful_line(p, line, has);
	}
	*bytes = str_from(in, at);
	if (p->careful && bytes->n) {
		part_add(p, *bytes);
		*bytes = str_from(*bytes, bytes->n);
	}
}

static void skip(struct parser *p, struct str bytes)
{
	p->line_no += count_newlines(bytes);
	history_add(p, bytes);
}

static void feed_skip(struct parser *p, struct str *bytes)
{
	size_t last = str_rfind(*bytes, STR("\n"));
	struct str window = str_sub(*bytes, 0, last == SIZE_MAX ? 0 : last + 1);
	size_t from = 0;

	while (from < window.n) {
		size_t hit = find_interesting(window, from), start, end;
		struct str line;

		if (hit == SIZE_MAX)
			break;
		start = str_rfind(str_sub(window, 0, hit), STR("\n"));
		start = start == SIZE_MAX || start + 1 < from ? from : start + 1;
		end = start + str_find_char(str_from(window, start), '\n');
		line = str_sub(window, start, end - start);
		if (line.n > LINE_CAP && find_interesting(capped(line), 0) == SIZE_MAX) {
			skip(p, str_sub(window, from, end + 1 - from));
			from = end + 1;
			continue;
		}
		skip(p, str_sub(window, from, start - from));
		*bytes = str_from(*bytes, end + 1);
		wake(p, capped(line));
		return;
	}
	skip(p, str_from(window, from));
	*bytes = str_from(*bytes, window.n);
	part_add(p, *bytes);
	*bytes = str_from(*bytes, bytes->n);
}

int parser_feed(struct parser *p, struct str bytes, struct err *err)
{
	p->facts.bytes += bytes.n;
	while (bytes.n) {
		if (p->part.n || p->part_over)
			feed_part(p, &bytes);
		else if (p->careful)
			feed_careful(p, &bytes);
		else
			feed_skip(p, &bytes);
	}
	join_keep(p);
	p->facts.lines = p->line_no + (p->part.n ? 1 : 0);
	if (p->failed)
		return err_set(err, ERR_NOMEM, "reading the log: no memory");
	return 0;
}

int parser_finish(struct parser *p, struct err *err)
{
	if (p->part.n)
		part_done(p);
	line_end(p);
	live_close_all(p);
	p->facts.lines = p->line_no;
	if (p->failed)
		return err_set(err, ERR_NOMEM, "reading the log: no memory");
	return 0;
}
