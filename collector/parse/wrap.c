/* SPDX-License-Identifier: MIT */
/* wrap.c - from one raw line to the pieces of text in it, whatever they are wrapped in. */
#include "parse/find.h"
#include "parse/unwrap.h"

struct piece piece_of(const struct parser *p, struct str raw, uint64_t number, bool hit)
{
	return (struct piece){.text = raw,
			      .raw = raw,
			      .line = number,
			      .last_line = number,
			      .mono_us = UNKNOWN,
			      .wall_us = UNKNOWN,
			      .part = p->sheet_part,
			      .quote = p->outer.quote,
			      .hit = hit};
}

/* "Out of Memory: Killed process 1 (a).<3>__alloc_pages: ..." and "[<c014>] <4>cc1 invoked":
 * the ring buffer of old kernels runs two lines together. */
static size_t level_inside(struct str text)
{
	size_t at = 0;

	for (;;) {
		size_t next = str_find_char(str_from(text, at), '<');

		if (next == SIZE_MAX)
			return SIZE_MAX;
		at += next;
		if (at + 3 < text.n && text.p[at + 1] >= '0' && text.p[at + 1] <= '7' &&
		    text.p[at + 2] == '>' && (at == 0 || text.p[at - 1] != ' ' || at > 2) &&
		    (ascii_alpha(text.p[at + 3]) || text.p[at + 3] == '_' || text.p[at + 3] == '['))
			return at;
		at++;
	}
}

static void one_text(struct parser *p, struct piece *pc)
{
	size_t at;

	while (pc->hit && (at = level_inside(pc->text)) != SIZE_MAX && at > 0) {
		struct piece first = *pc;
		bool ignored;

		first.text.n = at;
		first.hit = find_interesting(first.text, 0) != SIZE_MAX;
		piece_in(p, &first);
		pc->text = str_from(pc->text, at);
		(void)take_level(&pc->text, &ignored);
		skip_blanks(&pc->text);
		pc->pre |= PRE_REST;
	}
	piece_in(p, pc);
}

/* A record may hold several lines: of its own, or of a log. */
static void texts_in(struct parser *p, struct piece *pc)
{
	struct str all = pc->text, line;
	bool first = true, sheet;

	if (str_find_char(all, '\n') == SIZE_MAX) {
		one_text(p, pc);
		return;
	}
	line = str_sub(all, 0, str_find_char(all, '\n'));
	sheet = !pc->foreign && !p->sheet_part && (p->pieces.form || sheet_begins(str_from(all, line.n + 1)));
	while (take_line(&all, &line)) {
		struct piece part = *pc;

		part.text = line;
		if (sheet)
			part.raw = line;
		if (!first)
			part.pre |= PRE_REST;
		first = false;
		skip_blanks(&part.text);
		part.hit = find_interesting(part.text, 0) != SIZE_MAX;
		one_text(p, &part);
		if (sheet) {
			join_keep(p);
			sheet_in(p, all, pc->line);
			return;
		}
	}
}

static bool object_in(struct parser *p, const struct piece *pc);

/* {"log":"{\"message\":\"...\"}\n"}: what a program printed as JSON, in a record of its container's log */
static bool record_in_record(struct parser *p, struct piece *pc)
{
	struct piece inner = *pc;
	bool is_one;

	if (p->in_record || !str_starts(pc->text, STR("{\"")))
		return false;
	buf_clear(&p->unescaped);
	buf_add(&p->unescaped, pc->text);
	pc->text = inner.text = buf_str(&p->unescaped);
	p->in_record = true;
	is_one = object_in(p, &inner);
	p->in_record = false;
	return is_one;
}

/* The text of a record out of JSON or the journal: it may carry prefixes of its own. */
void record_in(struct parser *p, struct piece *pc)
{
	unsigned pre = pc->pre;
	bool foreign = pc->foreign;
	int64_t mono = pc->mono_us;

	if (record_in_record(p, pc))
		return;
	pc->pre = 0;
	if (pc->text.n && line_is_dirty(pc->text))
		pc->text = clean_line(&p->clean, pc->text);
	prefix_take(p, pc);
	pc->pre |= pre;
	pc->foreign |= foreign;
	if (pc->mono_us == UNKNOWN)
		pc->mono_us = mono;
	if (pc->pre & PRE_RECORD)
		pc->raw = pc->text;
	if (!pc->foreign && pc->text.p != p->unescaped.p)
		(void)(sheet_of_escapes(p, &pc->text) || sheet_of_blanks(p, &pc->text));
	pc->hit = find_interesting(pc->text, 0) != SIZE_MAX;
	texts_in(p, pc);
	join_keep(p);
}

/* ---- quoted-printable ---- */

/* Every '=' is an escape or ends the line, and one is there. */
static bool looks_qp(struct str s)
{
	bool any = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '=')
			continue;
		any = true;
		if (i + 1 == s.n)
			return true;
		if (i + 2 >= s.n)
			return false;
		for (size_t k = i + 1; k <= i + 2; k++) {
			if (!ascii_digit(s.p[k]) && (s.p[k] < 'A' || s.p[k] > 'F'))
				return false;
		}
	}
	return any;
}

/* "Free swap  =", "0*4096kB =": wrapped in front of the value, and no soft break */
static bool kernel_equals(struct str s)
{
	return str_ends(s, STR("swap  =")) || str_ends(s, STR("swap =")) ||
	       str_ends(s, STR("kB =")) || str_ends(s, STR(") ="));
}

/* True when the line waits for its rest behind a soft break. */
static bool qp_line(struct parser *p, struct str *raw, bool hit)
{
	bool soft;

	if (p->soft.n == 0 && str_find_char(*raw, '=') == SIZE_MAX)
		return false;
	if (raw->n && raw->p[raw->n - 1] == '\r')
		raw->n--;
	if (!p->qp) {
		/* an escaped '=', or a soft break at the width all writers use */
		bool broken = raw->n >= 72 && raw->n <= 78 && raw->p[raw->n - 1] == '=' &&
			      str_find_char(*raw, ' ') != SIZE_MAX && !kernel_equals(*raw);

		size_t at = str_find(*raw, STR("=3D"));

		if ((!broken && at == SIZE_MAX) || !looks_qp(*raw))
			return false;
		/* one may be chance ("x=3D40", "last_pfn =" in front of the value): two are not, nor
		 * one in a line that counts */
		if (broken && at == SIZE_MAX && !hit && str_ends(*raw, STR(" =")) && p->qp_seen++ < 2)
			return false;
		if (!hit && !broken && str_find(str_from(*raw, at + 3), STR("=3D")) == SIZE_MAX &&
		    str_find(*raw, STR("=C2=A0")) == SIZE_MAX && p->qp_seen++ < 2)
			return false;
		p->qp = true;
	}
	soft = raw->n && raw->p[raw->n - 1] == '=' && looks_qp(*raw);
	if (soft) {
		if (p->soft.n == 0)
			p->soft_line = p->line_no;
		buf_add(&p->soft, str_sub(*raw, 0, raw->n - 1));
		return true;
	}
	if (p->soft.n) {
		buf_add(&p->soft, *raw);
		*raw = buf_str(&p->soft);
	}
	if (looks_qp(*raw))
		*raw = clean_qp(&p->unquoted, *raw);
	return false;
}

/* ---- all of it ---- */

/* netconsole cuts long records: "4,416,1758426,-,ncfrag=0/33;the first" ... */
static void fragment_in(struct parser *p, const struct piece *pc)
{
	struct str raw = pc->raw, body, head;
	size_t semicolon = str_find_char(raw, ';');
	struct host *h;

	if (semicolon == SIZE_MAX)
		return;
	host_speaks(p, pc);
	h = p->host;
	body = str_from(raw, semicolon + 1);
	if (body.n && body.p[body.n - 1] == '\r')
		body.n--;
	if (pc->frag_at == 0) {
		head = str_sub(raw, 0, str_find(raw, STR(",ncfrag=")));
		buf_clear(&h->frag);
		buf_add(&h->frag, head);
		buf_addc(&h->frag, ';');
		h->frag_n = 0;
	} else if (h->frag.n == 0) {
		buf_addz(&h->frag, "4,0,0,-;"); /* its head did not arrive */
	}
	buf_add(&h->frag, body);
	h->frag_n = pc->frag_at + body.n;
	if (h->frag_n < pc->frag_of)
		return;
	line_plain(p, buf_str(&h->frag), buf_str(&h->frag), pc->line, true);
	join_keep(p);
	buf_clear(&h->frag);
}

/* A JSON object, also behind a few words of who printed it: "data: {", "kernel.log: {"; also one of a
 * list: "[{..},", "{..}]" */
static bool object_in(struct parser *p, const struct piece *pc)
{
	struct piece record;
	static const struct str closing = STR_INIT("}],");
	struct str object = str_trim(pc->text);
	size_t at;

	if (object.n < 5 || str_find_char(closing, object.p[object.n - 1]) == SIZE_MAX)
		return false;
	record = *pc;
	at = str_find_char(str_sub(object, 0, 80), '{');
	object = str_from(object, at);
	if (at == SIZE_MAX || !take_json(p, &object, &record, &p->decoded))
		return false;
	for (; object.n; object = str_from(object, 1)) { /* of a list it is in */
		if (str_find_char(closing, object.p[0]) == SIZE_MAX && !ascii_blank(object.p[0]))
			return false;
	}
	record_in(p, &record);
	return true;
}

/* "ts=2026-...", "level=info": hardly a line does. */
static bool begins_logfmt(struct str text)
{
	size_t i = 0;

	while (i < text.n && i < 12 && ascii_alpha(text.p[i]))
		i++;
	return i > 0 && i < text.n && text.p[i] == '=';
}

void line_plain(struct parser *p, struct str raw, struct str text, uint64_t number, bool hit)
{
	struct piece pc = piece_of(p, raw, number, hit);
	bool cleaned, literal;

	if (number == 1)
		(void)take_lit(&text, STR("\xef\xbb\xbf"));
	if (sheet_of_markup(p, text, number))
		return;
	text = without_markup(text);
	literal = literal_line(p, &text);
	if (literal)
		pc.raw = text;
	cleaned = literal || line_is_dirty(text);
	pc.text = text;
	if (cleaned) {
		/* an unwrapped record's \n come out last: prefixes hold none */
		pc.text = clean_line(&p->clean, text);
		pc.hit = hit || find_interesting(pc.text, 0) != SIZE_MAX;
	}
	if (text.n > 2 && text.p[0] == '[' && text.p[1] == ' ' && take_logcat_long(pc.text, &pc)) {
		p->long_foreign = pc.foreign;
		return;
	}
	if (begins_logfmt(pc.text) && take_logfmt(p, pc.text, &pc)) {
		record_in(p, &pc);
		return;
	}
	prefix_take(p, &pc);
	cleaned = cleaned || pc.text.p == p->tagged.p;
	if (p->shout)
		shout_line(p, &pc);
	if (p->long_foreign && !pc.pre)
		pc.foreign = true;
	p->after_kmsg = pc.pre & PRE_KMSG;
	if (pc.frag_of) {
		fragment_in(p, &pc);
		return;
	}
	if (object_in(p, &pc))
		return;
	if (!pc.foreign && (sheet_of_escapes(p, &pc.text) || sheet_of_blanks(p, &pc.text)))
		cleaned = true;
	if (cleaned)
		texts_in(p, &pc);
	else
		one_text(p, &pc);
	if (cleaned)
		join_keep(p);
}

/* " SUBSYSTEM=pci": of the dictionary of the record before */
static bool dictionary_line(const struct parser *p, struct str raw)
{
	struct str at = raw, key;
	bool after = p->after_kmsg || (p->waiting && p->wait.pre & PRE_KMSG); /* or its rest */

	return after && take_char(&at, ' ') && take_until(&at, '=', &key) &&
	       is_field_name(key);
}

/* Between lines of a log, and none of it: "==> /var/log/messages <==" of tail, "```", "{noformat}" */
static bool is_separator(struct str line)
{
	static const struct str fences[] = {
		STR_INIT("```"), STR_INIT("~~~"), STR_INIT("{noformat}"), STR_INIT("{code}"),
	};

	if (line.n == 0 || (line.p[0] != '=' && line.p[0] != '`' && line.p[0] != '~' && line.p[0] != '{'))
		return false;
	line = str_trim(line);
	for (size_t i = 0; i < ARRAY_COUNT(fences); i++) {
		if (str_eq(line, fences[i]))
			return true;
	}
	return str_starts(line, STR("==> ")) && str_ends(line, STR(" <=="));
}

void line_in(struct parser *p, struct str raw, uint64_t number, bool hit)
{
	struct str inner, text;
	bool decoded;

	if (!p->pieces.n) /* what the line before was says nothing of this one */
		p->pieces = (struct pieces){.n = 0};
	if (p->pieces.n && p->pieces.form != SHEET_RECORD) {
		line_plain(p, raw, raw, number, hit);
		return;
	}
	if (dictionary_line(p, raw))
		return;
	inner = text = outer_strip(p, raw, hit);
	if (is_separator(inner))
		return;
	if (p->table.sep ? table_line(p, inner, number)
			 : number <= TABLE_HEAD_WITHIN && table_head(p, inner))
		return;
	if (entry_line(p, inner, number))
		return;
	if (raw.n && qp_line(p, &text, hit))
		return;
	if (p->soft.n)
		number = p->soft_line;
	if (split_line(p, &text, &number))
		return;
	decoded = text.p != inner.p;
	if (decoded) { /* what was in halves may be whole now */
		raw = text;
		hit = find_interesting(text, 0) != SIZE_MAX;
	}
	if (!json_object_line(p, text, number))
		line_plain(p, raw, text, number, hit);
	if (decoded)
		join_keep(p);
	buf_clear(&p->soft);
	if (decoded && text.p == p->split.text.p)
		buf_clear(&p->split.text);
}

void line_end(struct parser *p)
{
	struct str rest = buf_str(&p->split.text);

	p->pieces = (struct pieces){.n = 0}; /* as for a line: line_in() */
	if (rest.n) { /* the log ends in it */
		if (rest.p[0] == '{')
			buf_addz(&p->split.text, "\"}");
		rest = buf_str(&p->split.text);
		line_plain(p, rest, rest, p->split.line, true);
		join_keep(p);
	}
	if (p->soft.n) {
		struct str text = clean_qp(&p->unquoted, buf_str(&p->soft));

		line_plain(p, text, text, p->soft_line, true);
		join_keep(p);
		buf_clear(&p->soft);
	}
	if (p->table.open.n) /* the log ends in a field */
		(void)table_line(p, STR("\""), p->line_no);
	entry_ends(p);
	join_flush(p);
}
