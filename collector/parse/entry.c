/* SPDX-License-Identifier: MIT */
/* entry.c - entries of a journal as journalctl -o export and -o verbose print them, a field a line. */
#include "base/when.h"
#include "parse/unwrap.h"

enum wrap_mode { WRAP_NONE, WRAP_EXPORT, WRAP_VERBOSE };

static void entry_done(struct parser *p)
{
	struct piece pc = p->entry;

	if (p->entry_message) {
		pc.text = buf_str(&p->entry_text);
		if (p->entry_stranger)
			pc.foreign = true;
		else if (p->entry_kernel)
			pc.foreign = false;
		pc.pre |= PRE_RECORD;
		record_in(p, &pc);
	}
	buf_clear(&p->entry_text);
	p->entry = piece_of(p, (struct str){0}, 0, false);
	p->entry_message = p->entry_kernel = p->entry_stranger = false;
	p->entry_host_n = p->entry_ident_n = 0;
	p->entry_binary = 0;
}

static struct str entry_copy(char *room, size_t size, size_t *n, struct str s)
{
	*n = s.n < size ? s.n : size;
	if (*n)
		memcpy(room, s.p, *n);
	return (struct str){room, *n};
}

static void entry_field(struct parser *p, struct str key, struct str value, uint64_t number)
{
	struct piece *e = &p->entry;
	int64_t n;

	if (str_eq(key, STR("MESSAGE"))) {
		buf_clear(&p->entry_text);
		buf_add(&p->entry_text, value);
		p->entry_message = true;
		e->line = e->last_line = number;
	} else if (str_eq(key, STR("_TRANSPORT"))) {
		p->entry_kernel = str_eq(value, STR("kernel"));
	} else if (str_eq(key, STR("SYSLOG_FACILITY"))) { /* a program's words in /dev/kmsg */
		p->entry_stranger = !str_eq(value, STR("0"));
	} else if (str_eq(key, STR("SYSLOG_IDENTIFIER"))) {
		e->ident = entry_copy(p->entry_ident, sizeof(p->entry_ident), &p->entry_ident_n,
				      value);
		e->foreign = !str_eq(value, STR("kernel"));
	} else if (str_eq(key, STR("_HOSTNAME"))) {
		e->host = entry_copy(p->entry_host, sizeof(p->entry_host), &p->entry_host_n, value);
	} else if (str_eq(key, STR("__REALTIME_TIMESTAMP"))) {
		(void)take_wall_us(&value, &e->wall_us);
	} else if (str_eq(key, STR("_SOURCE_MONOTONIC_TIMESTAMP")) && take_i64(&value, &n)) {
		e->mono_us = n;
		e->pre |= PRE_TIME;
	} else if (str_eq(key, STR("__MONOTONIC_TIMESTAMP")) && e->mono_us == UNKNOWN &&
		   take_i64(&value, &n)) {
		e->mono_us = n;
	}
}

/* A binary field: its name, 8 bytes of length, the data, a newline; lines.c cut it at every
 * newline inside. */
static void entry_bytes(struct parser *p, struct str raw, uint64_t number)
{
	struct buf *b = &p->entry_binary_bytes;
	uint64_t length = 0;

	buf_add(b, raw);
	buf_addc(b, '\n');
	if (b->n < 8)
		return;
	for (int i = 7; i >= 0; i--)
		length = length << 8 | (unsigned char)b->p[i];
	if (length > LINE_CAP || b->failed) { /* not a length: lost */
		p->entry_binary = 0;
		buf_clear(b);
		return;
	}
	if (b->n < 8 + length + 1)
		return;
	if (p->entry_binary == 2)
		entry_field(p, STR("MESSAGE"), str_sub(buf_str(b), 8, (size_t)length), number);
	p->entry_binary = 0;
	buf_clear(b);
}

bool is_field_name(struct str s)
{
	if (s.n == 0 || s.n > 64 || (!ascii_alpha(s.p[0]) && s.p[0] != '_'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '_' && !ascii_digit(c) && !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return true;
}

static bool export_line(struct parser *p, struct str raw, uint64_t number)
{
	struct str at = raw, key;

	if (p->entry_binary) {
		entry_bytes(p, raw, number);
		return true;
	}
	if (str_starts(raw, STR("__CURSOR=")) || str_starts(raw, STR("__REALTIME_TIMESTAMP="))) {
		if (p->wrap_mode != WRAP_EXPORT) {
			p->wrap_mode = WRAP_EXPORT;
			p->entry = piece_of(p, (struct str){0}, 0, false);
		}
	}
	if (p->wrap_mode != WRAP_EXPORT)
		return false;
	if (raw.n == 0) {
		entry_done(p);
		return true;
	}
	if (take_until(&at, '=', &key) && is_field_name(key)) {
		entry_field(p, key, at, number);
		return true;
	}
	if (is_field_name(raw)) {
		p->entry_binary = str_eq(raw, STR("MESSAGE")) ? 2 : 1;
		buf_clear(&p->entry_binary_bytes);
		return true;
	}
	entry_done(p);
	p->wrap_mode = WRAP_NONE;
	return false;
}

/* A weekday in any language, and the year */
static bool begins_verbose(struct str raw)
{
	size_t blank = str_find_char(str_sub(raw, 0, LONGEST_WEEKDAY + 1), ' ');

	return raw.n > 40 && blank != SIZE_MAX && raw.p[blank + 1] == '2' && raw.p[blank + 5] == '-';
}

/* "Fri 2026-01-02 15:04:05.123 CET [s=...;i=...]" then "    KEY=value" lines. */
static bool verbose_line(struct parser *p, struct str raw, uint64_t number)
{
	struct str at = raw, key, word;
	int64_t us;

	if (take_word(&at, &word) && word.n <= LONGEST_WEEKDAY && take_char(&at, ' ') && at.n > 20 &&
	    ascii_digit(at.p[0]) && take_iso_time(&at, &us) &&
	    str_find(at, STR("[s=")) != SIZE_MAX) {
		if (p->wrap_mode == WRAP_VERBOSE)
			entry_done(p);
		p->wrap_mode = WRAP_VERBOSE;
		p->entry = piece_of(p, (struct str){0}, 0, false);
		p->entry.wall_us = us;
		return true;
	}
	if (p->wrap_mode != WRAP_VERBOSE)
		return false;
	at = raw;
	skip_blanks(&at);
	if (raw.n - at.n == 4 && take_until(&at, '=', &key) && is_field_name(key)) {
		p->verbose_message = str_eq(key, STR("MESSAGE"));
		entry_field(p, key, at, number);
		return true;
	}
	if (raw.n - at.n >= 4 && p->verbose_message) { /* more lines of it, to its column */
		buf_addc(&p->entry_text, '\n');
		buf_add(&p->entry_text, at);
		return true;
	}
	if (raw.n - at.n >= 4)
		return true;
	entry_done(p);
	p->wrap_mode = WRAP_NONE;
	return false;
}

bool entry_line(struct parser *p, struct str line, uint64_t number)
{
	if ((p->wrap_mode != WRAP_NONE || (line.n && line.p[0] == '_')) &&
	    export_line(p, line, number))
		return true;
	return (p->wrap_mode == WRAP_VERBOSE || begins_verbose(line)) &&
	       verbose_line(p, line, number);
}

void entry_ends(struct parser *p)
{
	if (p->wrap_mode != WRAP_NONE)
		entry_done(p);
}
