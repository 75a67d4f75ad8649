/* SPDX-License-Identifier: MIT */
/* emit.c - the streaming JSON writer. */
#include "base/emit.h"

#include "base/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int buf_write(void *ctx, struct str bytes, struct err *err)
{
	struct buf *b = ctx;

	return buf_add(b, bytes) ? 0 : buf_ok(b, "document", err);
}

struct sink sink_buf(struct buf *b)
{
	return (struct sink){buf_write, b};
}

static int fd_write(void *ctx, struct str bytes, struct err *err)
{
	return fd_write_all(*(const int *)ctx, bytes) == 0 ? 0 : err_sys(err, errno, "write");
}

struct sink sink_fd(const int *fd)
{
	union {
		const int *in;
		void *ctx;
	} u = {.in = fd};

	return (struct sink){fd_write, u.ctx};
}

/* \u001b in place of \x1b: JSON stays JSON. */
static int shown_write(void *ctx, struct str bytes, struct err *err)
{
	char out[4096], room[8];
	size_t n = 0;

	while (bytes.n) {
		struct str c = take_shown(&bytes, room);

		if (n + 8 > sizeof(out)) {
			if (fd_write(ctx, (struct str){out, n}, err) != 0)
				return -1;
			n = 0;
		}
		if (c.p == room && room[1] == 'x') {
			memcpy(out + n, "\\u00", 4);
			n += 4;
			c = str_from(c, 2);
		}
		memcpy(out + n, c.p, c.n);
		n += c.n;
	}
	return fd_write(ctx, (struct str){out, n}, err);
}

struct sink sink_shown(const int *fd)
{
	struct sink ret = sink_fd(fd);

	if (isatty(*fd))
		ret.write = shown_write;
	return ret;
}

void emit_init(struct emit *e, struct sink sink, int indent)
{
	e->sink = sink;
	e->err = (struct err){.code = ERR_NONE};
	e->sent = 0;
	e->n = 0;
	e->depth = 0;
	e->indent = indent;
	e->first[0] = true;
}

static void flush(struct emit *e)
{
	if (e->n && e->err.code == ERR_NONE)
		(void)e->sink.write(e->sink.ctx, (struct str){e->window, e->n}, &e->err);
	e->sent += e->n;
	e->n = 0;
}

/* Room for n bytes in one piece, n far below EMIT_WINDOW: what is written there is added to e->n. */
static inline char *room(struct emit *e, size_t n)
{
	if (EMIT_WINDOW - e->n <= n)
		flush(e);
	return e->window + e->n;
}

static void put(struct emit *e, struct str s)
{
	while (s.n) {
		size_t room = EMIT_WINDOW - e->n;
		size_t n = s.n < room ? s.n : room;

		memcpy(e->window + e->n, s.p, n);
		e->n += n;
		s = str_from(s, n);
		if (e->n == EMIT_WINDOW)
			flush(e);
	}
}

static void put_char(struct emit *e, char c)
{
	e->window[e->n++] = c;
	if (e->n == EMIT_WINDOW)
		flush(e);
}

/* Most bytes of a line break and the blanks behind it, which are written 16 at a time. */
enum { BREAK_MAX = 1 + EMIT_DEPTH * EMIT_INDENT + 16 };

static inline char *put_newline(const struct emit *e, char *to)
{
	size_t blanks = (size_t)e->depth * (size_t)e->indent;

	if (e->indent == 0)
		return to;
	*to++ = '\n';
	for (size_t i = 0; i < blanks; i += 16)
		memset(to + i, ' ', 16);
	return to + blanks;
}

/* Bytes that do not stand for themselves inside a JSON string. */
static const bool special[256] = {
	[0x00 ... 0x1f] = true, ['"'] = true, ['\\'] = true, [0x7f ... 0xff] = true,
};

/* The high bit of each of eight bytes that is special; behind one in the word others may seem so. */
static inline uint64_t special_bits(uint64_t v)
{
	const uint64_t ones = UINT64_MAX / 255;

	return (v | (v + ones) | (v - ones * ' ') | ((v ^ ones * '"') - ones) |
		((v ^ ones * '\\') - ones)) & ones * 0x80;
}

static size_t plain_run(struct str s)
{
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t v;

		memcpy(&v, s.p + i, 8);
		if (special_bits(v))
			break;
	}
	while (i < s.n && !special[(unsigned char)s.p[i]])
		i++;
	return i;
}

/* A string in its quotes, looked at while it is copied; its last bytes twice where it is no number
 * of whole words. Returns the end, or NULL when a byte is special. */
static inline char *put_plain(char *to, struct str s)
{
	uint64_t v, bad = 0;

	*to++ = '"';
	if (s.n >= 8) {
		for (size_t i = 0; i + 8 < s.n; i += 8) {
			memcpy(&v, s.p + i, 8);
			memcpy(to + i, &v, 8);
			bad |= special_bits(v);
		}
		memcpy(&v, s.p + s.n - 8, 8);
		memcpy(to + s.n - 8, &v, 8);
		bad |= special_bits(v);
	} else if (s.n >= 4) {
		uint32_t front, back;

		memcpy(&front, s.p, 4);
		memcpy(&back, s.p + s.n - 4, 4);
		memcpy(to, &front, 4);
		memcpy(to + s.n - 4, &back, 4);
		bad = special_bits((uint64_t)front << 32 | back);
	} else {
		for (size_t i = 0; i < s.n; i++) {
			to[i] = s.p[i];
			bad |= special[(unsigned char)s.p[i]];
		}
	}
	to[s.n] = '"';
	return bad ? NULL : to + s.n + 1;
}

static void put_escaped(struct emit *e, unsigned char c)
{
	static const char from[] = "\"\\\n\t\r", to[] = "\"\\ntr";
	const char *hit = memchr(from, c, sizeof(from) - 1);
	char text[8];

	if (hit) {
		put_char(e, '\\');
		put_char(e, to[hit - from]);
		return;
	}
	snprintf(text, sizeof(text), "\\u%04x", c);
	put(e, str_of(text));
}

static void put_string(struct emit *e, struct str s)
{
	enum { SHORT = 1024 };
	char *end = s.n <= SHORT ? put_plain(room(e, s.n + 2), s) : NULL;

	if (end) { /* nearly always */
		e->n = (size_t)(end - e->window);
		return;
	}
	put_char(e, '"');
	while (s.n) {
		size_t n = plain_run(s);

		if (n) {
			put(e, str_sub(s, 0, n));
		} else if (s.p[0] && (unsigned char)s.p[0] < 0x80) {
			put_escaped(e, (unsigned char)s.p[0]);
			n = 1;
		} else if (s.p[0] && (n = utf8_sequence(s)) > 0) {
			put(e, str_sub(s, 0, n));
		} else {
			put(e, STR("\xef\xbf\xbd"));
			n = 1;
		}
		s = str_from(s, n);
	}
	put_char(e, '"');
}

/* What stands before any value: comma, line break, key. */
static void begin(struct emit *e, struct str key)
{
	enum { SHORT = 64 };
	char *to = room(e, 1 + BREAK_MAX + SHORT + 4), *end;

	if (!e->first[e->depth])
		*to++ = ',';
	if (e->depth)
		to = put_newline(e, to);
	e->first[e->depth] = false;
	if (key.p) {
		end = key.n <= SHORT ? put_plain(to, key) : NULL;
		if (!end) {
			e->n = (size_t)(to - e->window);
			put_string(e, key);
			end = room(e, 2);
		}
		to = end;
		*to++ = ':';
		if (e->indent)
			*to++ = ' ';
	}
	e->n = (size_t)(to - e->window);
}

static void open_level(struct emit *e, struct str key, char open, char close)
{
	begin(e, key);
	put_char(e, open);
	if (e->depth == EMIT_DEPTH) {
		(void)err_set(&e->err, ERR_LIMIT, "document: deeper than %d levels", EMIT_DEPTH);
		return;
	}
	e->depth++;
	e->first[e->depth] = true;
	e->close[e->depth] = close;
}

void emit_object(struct emit *e, struct str key)
{
	open_level(e, key, '{', '}');
}

void emit_array(struct emit *e, struct str key)
{
	open_level(e, key, '[', ']');
}

void emit_end(struct emit *e)
{
	bool empty = e->first[e->depth];
	char close = e->close[e->depth], *to;

	if (e->depth == 0)
		return;
	e->depth--;
	to = room(e, BREAK_MAX + 1);
	if (!empty)
		to = put_newline(e, to);
	*to++ = close;
	e->n = (size_t)(to - e->window);
}

void emit_json(struct emit *e, struct str key, struct str json)
{
	begin(e, key);
	put(e, json);
}

void emit_null(struct emit *e, struct str key)
{
	emit_json(e, key, STR("null"));
}

void emit_bool(struct emit *e, struct str key, bool value)
{
	emit_json(e, key, value ? STR("true") : STR("false"));
}

enum { NUMBER_MAX = 24 };

/* Any number, or null. */
static char *put_slowly(char *to, int64_t value)
{
	uint64_t u = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char text[NUMBER_MAX];
	size_t at = sizeof(text);

	if (value == UNKNOWN)
		return (char *)memcpy(to, "null", 4) + 4;
	do {
		text[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (value < 0)
		text[--at] = '-';
	memcpy(to, text + at, sizeof(text) - at);
	return to + (sizeof(text) - at);
}

/* Writes a number (UNKNOWN: null), and perhaps some bytes behind it, all within NUMBER_MAX bytes;
 * returns its end. Hand-made: snprintf was a third of the time of printing a task table. Eight
 * digits at once, in the bytes of one word: 10 000s, 100s, 10s; those in front that are zero are
 * shifted out. A loop over digits mispredicts its end at nearly every number. */
static inline char *put_number(char *to, int64_t value)
{
	if ((uint64_t)value < 10) { /* a third of a task table's, and in the same columns */
		*to = (char)('0' + value);
		return to + 1;
	}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if ((uint64_t)value < 100000000) {
		uint32_t u = (uint32_t)value;
		uint64_t v = u / 10000 | (uint64_t)(u % 10000) << 32;
		uint64_t upper = v * 10486 >> 20 & UINT64_C(0x7f0000007f);
		unsigned zeroes;

		v = upper | (v - 100 * upper) << 16;
		upper = v * 103 >> 10 & UINT64_C(0x000f000f000f000f);
		v = upper | (v - 10 * upper) << 8;
		zeroes = (unsigned)__builtin_ctzll(v) & ~7U;
		v = (v | UINT64_MAX / 255 * '0') >> zeroes;
		memcpy(to, &v, 8);
		return to + (8 - zeroes / 8);
	}
#endif
	return put_slowly(to, value);
}

void emit_i64(struct emit *e, struct str key, int64_t value)
{
	begin(e, key);
	e->n = (size_t)(put_number(room(e, NUMBER_MAX), value) - e->window);
}

void emit_micro(struct emit *e, struct str key, int64_t value)
{
	char text[40];
	uint64_t u = value < 0 ? -(uint64_t)value : (uint64_t)value;

	if (value == UNKNOWN) {
		emit_null(e, key);
		return;
	}
	snprintf(text, sizeof(text), "%s%llu.%06llu", value < 0 ? "-" : "",
		 (unsigned long long)(u / 1000000), (unsigned long long)(u % 1000000));
	emit_json(e, key, str_of(text));
}

void emit_double(struct emit *e, struct str key, double value)
{
	char text[40];

	if (!isfinite(value)) {
		emit_null(e, key);
		return;
	}
	/* whole numbers whole: a reader recomputes the arithmetic from them */
	snprintf(text, sizeof(text), fabs(value) < 1e15 && value == rint(value) ? "%.0f" : "%.9g",
		 value);
	emit_json(e, key, str_of(text));
}

void emit_str(struct emit *e, struct str key, struct str value)
{
	if (!value.p) {
		emit_null(e, key);
		return;
	}
	begin(e, key);
	put_string(e, value);
}

void emit_kv(struct emit *e, const struct kv *kv)
{
	char name[160];
	struct str suffix = unit_suffix(kv->unit);
	struct str key = str_sub(kv->key, 0, sizeof(name) - 8);

	if (key.n)
		memcpy(name, key.p, key.n);
	if (suffix.n)
		memcpy(name + key.n, suffix.p, suffix.n);
	key = (struct str){name, key.n + suffix.n};
	if (kv->unit == UNIT_BOOL && kv->value != UNKNOWN)
		emit_bool(e, key, kv->value != 0);
	else
		emit_i64(e, key, kv->value);
}

void emit_raw(struct emit *e, struct str items)
{
	if (items.n)
		e->first[e->depth] = false;
	put(e, items);
}

int emit_flush(struct emit *e, struct err *err)
{
	flush(e);
	if (e->err.code == ERR_NONE)
		return 0;
	if (err && err->code == ERR_NONE)
		*err = e->err;
	return -1;
}

/* ---- rows ---- */

void emit_column(const struct emit *e, struct emit_column *ret, struct str key, bool first,
		 int value)
{
	struct str name = str_sub(key, 0, plain_run(str_sub(key, 0, EMIT_KEY_MAX - 8)));
	char *to = ret->text;

	if (!first)
		*to++ = ',';
	if (!first && e->indent)
		*to++ = ' ';
	*to++ = '"';
	memcpy(to, name.p, name.n);
	to += name.n;
	*to++ = '"';
	*to++ = ':';
	if (e->indent)
		*to++ = ' ';
	ret->n = (size_t)(to - ret->text);
	ret->value = value;
}

/* Its key is copied whole, whatever its length: that is quicker than to ask. */
static inline char *put_column(char *to, const struct emit_column *c)
{
	memcpy(to, c->text, EMIT_KEY_MAX / 2);
	if (c->n > EMIT_KEY_MAX / 2)
		memcpy(to, c->text, EMIT_KEY_MAX);
	return to + c->n;
}

void emit_row(struct emit *e, const struct emit_column *columns, size_t n, const int64_t *values,
	      const struct emit_column *last, struct str text)
{
	enum { SHORT = 64 };
	char *to, *end;

	begin(e, NOKEY);
	to = room(e, 1 + EMIT_COLUMNS * (EMIT_KEY_MAX + NUMBER_MAX) + EMIT_KEY_MAX + SHORT + 3);
	*to++ = '{';
	for (size_t i = 0; i < n; i++) {
		int64_t value = columns[i].value < 0 ? UNKNOWN : values[columns[i].value];

		to = put_number(put_column(to, &columns[i]), value);
	}
	to = put_column(to, last);
	end = text.p && text.n <= SHORT ? put_plain(to, text) : NULL;
	e->n = (size_t)((end ? end : to) - e->window);
	if (!end && text.p)
		put_string(e, text);
	else if (!end)
		put(e, STR("null"));
	put_char(e, '}');
}

int emit_finish(struct emit *e, struct err *err)
{
	while (e->depth)
		emit_end(e);
	put_char(e, '\n');
	return emit_flush(e, err);
}
