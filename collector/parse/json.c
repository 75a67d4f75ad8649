/* SPDX-License-Identifier: MIT */
/* json.c - log lines that are JSON: docker's json-file, journalctl -o json, dmesg -J.
 *
 * Only what is needed: strings, numbers, arrays of bytes, one object a line (or, as dmesg
 * prints them, one member a line).
 */
#include "base/when.h"
#include "parse/unwrap.h"

static void skip_space(struct str *in)
{
	while (in->n && (ascii_blank(in->p[0]) || in->p[0] == '\r' || in->p[0] == '\n'))
		*in = str_from(*in, 1);
}

static void add_utf8(struct buf *out, uint32_t c)
{
	char room[4];

	buf_add(out, (struct str){room, utf8_put(room, c)});
}

static bool take_u16(struct str *in, uint32_t *ret)
{
	struct str four = str_sub(*in, 0, 4);
	uint64_t n;

	if (four.n < 4 || !take_hex(&four, &n) || four.n)
		return false;
	*in = str_from(*in, 4);
	*ret = (uint32_t)n;
	return true;
}

/* Behind "\u": one character, of one or two halves. */
static bool take_unicode(struct str *in, struct buf *out)
{
	uint32_t c, low;

	if (!take_u16(in, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00) {
		struct str at = *in;

		if (take_lit(&at, STR("\\u")) && take_u16(&at, &low) && low >= 0xdc00 &&
		    low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			*in = at;
		} else {
			c = 0xfffd;
		}
	} else if (c >= 0xdc00 && c < 0xe000) {
		c = 0xfffd;
	}
	add_utf8(out, c);
	return true;
}

/* A string, unescaped, appended to out. */
bool take_json_string(struct str *in, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct str at = *in;

	if (!take_char(&at, '"'))
		return false;
	while (at.n && at.p[0] != '"') {
		size_t i = 0;

		while (i < at.n && at.p[i] != '"' && at.p[i] != '\\')
			i++;
		buf_add(out, str_sub(at, 0, i));
		at = str_from(at, i);
		if (at.n < 2 || at.p[0] != '\\')
			continue;
		if (at.p[1] == 'u') {
			at = str_from(at, 2);
			if (!take_unicode(&at, out))
				return false;
			continue;
		}
		i = str_find_char(STR("\"\\/bfnrt"), at.p[1]);
		if (i == SIZE_MAX || i >= sizeof(from) - 1)
			return false;
		buf_addc(out, to[i]);
		at = str_from(at, 2);
	}
	if (!take_char(&at, '"'))
		return false;
	*in = at;
	return true;
}

/* [116,101,...]: journald's form of text that is not UTF-8. Of a field that came more than once these
 * or strings are in a list: a line each. */
static bool take_bytes(struct str *in, struct buf *out)
{
	struct str at = *in;
	uint64_t n;

	if (!take_char(&at, '['))
		return false;
	for (skip_space(&at); take_u64(&at, &n) && n < 256; skip_space(&at)) {
		buf_addc(out, (char)n);
		skip_space(&at);
		if (!take_char(&at, ','))
			break;
	}
	if (!take_char(&at, ']'))
		return false;
	*in = at;
	return true;
}

static bool take_list(struct str *in, struct buf *out)
{
	struct str at = *in;
	size_t before = out->n;

	if (take_bytes(in, out))
		return true;
	out->n = before;
	if (!take_char(&at, '['))
		return false;
	for (skip_space(&at); take_json_string(&at, out) || take_bytes(&at, out); skip_space(&at)) {
		buf_addc(out, '\n');
		skip_space(&at);
		if (!take_char(&at, ','))
			break;
	}
	if (!take_char(&at, ']')) {
		out->n = before;
		return false;
	}
	*in = at;
	return true;
}

/* Any value: numbers and words into out as they stand, nested things skipped. */
static bool take_value(struct str *in, struct buf *out)
{
	int depth = 0;
	size_t i;

	if (take_json_string(in, out) || take_list(in, out))
		return true;
	for (i = 0; i < in->n; i++) {
		char c = in->p[i];

		if (c == '"') {
			struct str at = str_from(*in, i);
			size_t n = out->n;

			if (!take_json_string(&at, out))
				return false;
			out->n = n;
			i = in->n - at.n - 1;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth-- == 0)
				break;
		} else if (c == ',' && depth == 0) {
			break;
		}
	}
	if (depth > 0 || i == 0)
		return false;
	buf_add(out, str_sub(*in, 0, i));
	*in = str_from(*in, i);
	return true;
}

static const struct str text_keys[] = {
	STR_INIT("MESSAGE"),	 STR_INIT("log"),  STR_INIT("msg"),	 STR_INIT("message"),
	STR_INIT("textPayload"), STR_INIT("line"), STR_INIT("@message"), STR_INIT("_raw"),
	STR_INIT("body"),
};

/* Objects that hold the record: of Google's logging, of Elasticsearch, of OpenTelemetry */
static const struct str nest_keys[] = {
	STR_INIT("jsonPayload"), STR_INIT("_source"), STR_INIT("body"),
};

/* Seconds with a fraction, to microseconds. */
static int64_t seconds_of(struct str s)
{
	uint64_t n;
	int64_t micro = 0;
	int digits = 0;

	skip_space(&s);
	if (!take_u64(&s, &n) || n > INT64_MAX / 2000000)
		return UNKNOWN;
	if (take_char(&s, '.')) {
		for (; s.n && ascii_digit(s.p[0]) && digits < 6; digits++) {
			micro = micro * 10 + (s.p[0] - '0');
			s = str_from(s, 1);
		}
	}
	for (; digits < 6; digits++)
		micro *= 10;
	return (int64_t)n * 1000000 + micro;
}

static bool is_one_of(struct str key, const struct str *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq_nocase(key, keys[i]))
			return true;
	}
	return false;
}

bool record_is_text(struct str key)
{
	return is_one_of(key, text_keys, ARRAY_COUNT(text_keys));
}

/* Who said it: of the journal, syslog-ng, rsyslog */
static const struct str ident_keys[] = {
	STR_INIT("SYSLOG_IDENTIFIER"), STR_INIT("PROGRAM"),  STR_INIT("program"),
	STR_INIT("programname"),       STR_INIT("app-name"), STR_INIT("appname"),
};

/* When, as a date or in seconds since boot */
static const struct str time_keys[] = {
	STR_INIT("time"), STR_INIT("ts"), STR_INIT("_time"), STR_INIT("date"), STR_INIT("datetime"),
};

/* What may be called "kernel": of the journal, Loki's agents */
static const struct str source_keys[] = {
	STR_INIT("_TRANSPORT"), STR_INIT("transport"), STR_INIT("unit"), STR_INIT("job"),
	STR_INIT("app"),	STR_INIT("facility"),  STR_INIT("source"), STR_INIT("tag"),
};

/* Where it was said, the surest first: of the journal, syslog-ng, rsyslog, ECS, fluentd's and
 * Kubernetes' collectors. "host" may be an object with a name. */
static const struct str host_keys[] = {
	STR_INIT("_HOSTNAME"), STR_INIT("HOST"),     STR_INIT("hostname"),
	STR_INIT("host.name"), STR_INIT("host"),     STR_INIT("source_host"),
	STR_INIT("node_name"), STR_INIT("nodename"),
};

static bool host_member(struct parser *p, struct str key, struct str value, struct piece *pc)
{
	size_t rank = 0;
	struct str before;

	while (rank < ARRAY_COUNT(host_keys) && !str_eq_nocase(key, host_keys[rank]))
		rank++;
	if (rank == ARRAY_COUNT(host_keys))
		return false;
	if (value.n && value.p[0] == '{') {
		if (!take_until_lit(&value, STR("name\""), &before))
			return true;
		skip_space(&value);
		if (!take_char(&value, ':'))
			return true;
		skip_space(&value);
		if (!take_char(&value, '"'))
			return true;
		value.n = str_find_char(value, '"') == SIZE_MAX ? 0 : str_find_char(value, '"');
	}
	if (value.n == 0 || value.n >= sizeof(p->json_host) || (pc->host.n && rank >= p->json_rank))
		return true;
	p->json_rank = rank;
	memcpy(p->json_host, value.p, value.n);
	pc->host = (struct str){p->json_host, value.n};
	return true;
}

void record_member(struct parser *p, struct str key, struct str value, struct piece *pc)
{
	int64_t n;

	if (is_one_of(key, ident_keys, ARRAY_COUNT(ident_keys))) {
		p->json_ident_n = value.n < sizeof(p->json_ident) ? value.n : 0;
		memcpy(p->json_ident, value.p, p->json_ident_n);
		said_by(pc, (struct str){p->json_ident, p->json_ident_n});
	} else if (str_eq(key, STR("level")) && value.n && ascii_alpha(value.p[0])) {
		p->json_level = true;
	} else if (host_member(p, key, value, pc)) {
		return;
	} else if (str_eq(value, STR("kernel")) &&
		   is_one_of(key, source_keys, ARRAY_COUNT(source_keys))) {
		p->json_kernel = true;
	} else if (str_eq(key, STR("SYSLOG_FACILITY"))) {
		p->json_stranger = !str_eq(value, STR("0"));
	} else if (str_eq(key, STR("__REALTIME_TIMESTAMP"))) {
		(void)take_wall_us(&value, &pc->wall_us);
	} else if (str_eq(key, STR("_SOURCE_MONOTONIC_TIMESTAMP")) && take_i64(&value, &n)) {
		pc->mono_us = n;
	} else if (str_eq_nocase(key, STR("timestamp")) || str_eq(key, STR("@timestamp"))) {
		if (value.n > 10 && value.p[4] == '-')
			(void)take_iso_time(&value, &pc->wall_us);
		else if (value.n == 13 && take_i64(&value, &n)) /* CloudWatch: milliseconds */
			pc->wall_us = n * 1000;
	} else if (str_eq(key, STR("timeUnixNano")) && take_i64(&value, &n)) {
		pc->wall_us = n / 1000;
	} else if (is_one_of(key, time_keys, ARRAY_COUNT(time_keys))) {
		if (value.n > 10 && value.p[4] == '-')
			(void)take_iso_time(&value, &pc->wall_us);
		else
			pc->mono_us = seconds_of(value);
	} else if (str_eq(key, STR("pri")) && take_i64(&value, &n)) {
		pc->foreign = n >= KERNEL_PRIORITIES;
	} else if (str_eq(key, STR("caller"))) {
		p->json_ident_n = value.n < CALLER_ROOM ? value.n : 0;
		memcpy(p->json_caller, value.p, p->json_ident_n);
		pc->caller = (struct str){p->json_caller, p->json_ident_n};
		pc->pre |= PRE_CALLER;
	}
}

/* A time or level of the kernel in front: a program that quotes such a line is rare. */
static bool begins_as_kernel(struct str text)
{
	int64_t us;
	bool foreign = false;

	skip_blanks(&text);
	return take_kernel_time(&text, &us) || (take_level(&text, &foreign) && !foreign);
}

static bool take_members(struct parser *p, struct str *in, struct piece *pc, struct buf *out,
			 bool *text, int depth);

/* {"stringValue":"a"}, {"intValue":"6"}: what is in it, decoded. */
static bool take_any_value(struct str *in, struct buf *out)
{
	size_t before = out->n;

	if (!take_char(in, '{'))
		return false;
	skip_space(in);
	if (take_char(in, '}')) /* nothing */
		return true;
	if (!take_json_string(in, out)) /* of what type */
		return false;
	out->n = before;
	skip_space(in);
	if (!take_char(in, ':'))
		return false;
	skip_space(in);
	if (!take_value(in, out))
		return false;
	skip_space(in);
	return take_char(in, '}');
}

static bool take_name(struct str *in, struct str name)
{
	skip_space(in);
	if (!take_lit(in, name))
		return false;
	skip_space(in);
	if (!take_char(in, ':'))
		return false;
	skip_space(in);
	return true;
}

/* {"key":"MESSAGE","value":{"stringValue":"a"}}: a member, as OpenTelemetry writes those of a record */
static bool take_kvlist_pair(struct parser *p, struct str *in, struct piece *pc, struct buf *out, bool *text)
{
	struct buf *scratch = &p->json_scratch;
	bool is_text;
	size_t n;

	buf_clear(scratch);
	if (!take_char(in, '{') || !take_name(in, STR("\"key\"")) || !take_json_string(in, scratch))
		return false;
	n = scratch->n;
	is_text = !*text && record_is_text(buf_str(scratch));
	skip_space(in);
	if (!take_char(in, ',') || !take_name(in, STR("\"value\"")))
		return false;
	if (is_text)
		buf_clear(out);
	if (!take_any_value(in, is_text ? out : scratch))
		return false;
	if (!is_text)
		record_member(p, str_sub(buf_str(scratch), 0, n),
			      str_trim(str_from(buf_str(scratch), n)), pc);
	*text |= is_text;
	skip_space(in);
	return take_char(in, '}');
}

/* {"values":[pairs]} */
static bool take_kvlist(struct parser *p, struct str *in, struct piece *pc, struct buf *out, bool *text)
{
	if (!take_char(in, '{') || !take_name(in, STR("\"values\"")) || !take_char(in, '['))
		return false;
	do {
		skip_space(in);
		if (!take_kvlist_pair(p, in, pc, out, text))
			return false;
		skip_space(in);
	} while (take_char(in, ','));
	if (!take_char(in, ']'))
		return false;
	skip_space(in);
	return take_char(in, '}');
}

/* "key" : value; the text of a text key is left in out, the rest goes to the piece. */
static bool take_member(struct parser *p, struct str *in, struct piece *pc, struct buf *out,
			bool *text, int depth)
{
	struct buf *scratch = &p->json_scratch;
	struct str key, value;
	bool quoted;
	size_t n;

	buf_clear(scratch);
	skip_space(in);
	if (!take_json_string(in, scratch))
		return false;
	n = scratch->n;
	skip_space(in);
	if (!take_char(in, ':'))
		return false;
	skip_space(in);
	if (depth < 2 && in->n && in->p[0] == '{' &&
	    is_one_of(buf_str(scratch), nest_keys, ARRAY_COUNT(nest_keys)))
		return take_members(p, in, pc, out, text, depth + 1);
	if (depth && str_eq(buf_str(scratch), STR("kvlistValue")))
		return take_kvlist(p, in, pc, out, text);
	if (!*text && in->n && in->p[0] != '{' &&
	    (record_is_text(buf_str(scratch)) ||
	     (depth && str_eq(buf_str(scratch), STR("stringValue"))))) {
		buf_clear(out);
		p->json_msg = str_eq(buf_str(scratch), STR("msg"));
		if (!take_value(in, out))
			return false;
		*text = true;
		return true;
	}
	quoted = in->n && in->p[0] == '"';
	if (!take_value(in, scratch))
		return false;
	key = str_sub(buf_str(scratch), 0, n);
	value = str_from(buf_str(scratch), n);
	if (!*text && quoted && begins_as_kernel(value)) { /* whatever its key is called */
		buf_clear(out);
		buf_add(out, value);
		p->json_guess = true;
	}
	record_member(p, key, str_trim(value), pc);
	return true;
}

/* { members }, and what stands behind it is left */
static bool take_members(struct parser *p, struct str *in, struct piece *pc, struct buf *out,
			 bool *text, int depth)
{
	if (!take_char(in, '{'))
		return false;
	do {
		if (!take_member(p, in, pc, out, text, depth))
			return false;
		skip_space(in);
	} while (take_char(in, ','));
	return take_char(in, '}');
}

void record_begins(struct parser *p)
{
	p->json_kernel = p->json_stranger = p->json_level = p->json_msg = p->json_guess = false;
}

void record_ends(struct parser *p, const struct buf *text, struct piece *pc)
{
	pc->pre |= PRE_RECORD;
	pc->text = buf_str(text);
	if (p->json_stranger)
		pc->foreign = true;
	else if (p->json_kernel)
		pc->foreign = false;
	else if (p->json_level && p->json_msg) /* {"level":"error","msg":...}: of a program */
		pc->foreign = !begins_as_kernel(pc->text);
	while (pc->text.n && pc->text.p[pc->text.n - 1] == '\n')
		pc->text.n--;
}

/* The record stands in an object of the object, whatever that is called: the first that has a text. */
static bool inner_record(struct parser *p, struct str object, struct piece *pc, struct buf *out)
{
	enum { TRIES = 16 };
	bool text = false;

	for (int i = 0; i < TRIES && !text; i++) {
		size_t next = str_find_char(str_from(object, 1), '{');
		struct str at;

		if (next == SIZE_MAX)
			return false;
		at = object = str_from(object, next + 1);
		if (!take_members(p, &at, pc, out, &text, 0))
			text = false;
	}
	return text;
}

bool take_json(struct parser *p, struct str *in, struct piece *ret, struct buf *out)
{
	struct piece pc = *ret;
	bool text = false;
	struct str at = *in;

	record_begins(p);
	if (!take_members(p, &at, &pc, out, &text, 0))
		return false;
	if (!text && !p->json_guess &&
	    !inner_record(p, str_sub(*in, 0, in->n - at.n), &pc, out))
		return false;
	record_ends(p, out, &pc);
	*ret = pc;
	*in = at;
	return true;
}

/* One member a line, as dmesg -J prints its records. */
bool json_member(struct parser *p, struct str line, uint64_t number)
{
	struct str at = line;
	struct piece pc;
	bool text = false;

	skip_blanks(&at);
	if (p->json_members && at.n) { /* "},", "{": what stands between */
		size_t i = 0;

		while (i < at.n && str_find_char(STR("{}[], \r\t"), at.p[i]) != SIZE_MAX)
			i++;
		if (i == at.n)
			return true;
	}
	if (at.n < 6 || at.p[0] != '"')
		return false;
	if (!str_starts(at, STR("\"pri\"")) && !str_starts(at, STR("\"time\"")) &&
	    !str_starts(at, STR("\"caller\"")) && !str_starts(at, STR("\"msg\"")) &&
	    !str_starts(at, STR("\"fac\"")))
		return false;
	pc = p->json_record;
	pc.line = pc.last_line = number;
	if (str_starts(at, STR("\"pri\"")) || str_starts(at, STR("\"fac\""))) {
		pc = (struct piece){.mono_us = UNKNOWN, .wall_us = UNKNOWN};
	}
	if (!take_member(p, &at, &pc, &p->decoded, &text, 0))
		return false;
	p->json_record = pc;
	p->json_members = true;
	if (!text)
		return true;
	pc.text = buf_str(&p->decoded);
	pc.pre |= PRE_RECORD | PRE_TIME;
	record_in(p, &pc);
	return true;
}
