/* SPDX-License-Identifier: MIT */
/* emit.c - the streaming JSON writer. */
#include "base/emit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int buf_write(void *ctx, struct str bytes, struct err *err)
{
	struct buf *b = ctx;

	if (buf_add(b, bytes))
		return 0;
	return err_set(err, ERR_LIMIT, "document: does not fit into %zu bytes, or no memory",
		       b->max);
}

struct sink sink_buf(struct buf *b)
{
	return (struct sink){buf_write, b};
}

static int fd_write(void *ctx, struct str bytes, struct err *err)
{
	int fd = *(const int *)ctx;

	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "write");
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

struct sink sink_fd(const int *fd)
{
	union {
		const int *in;
		void *ctx;
	} u = {.in = fd};

	return (struct sink){fd_write, u.ctx};
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

static void put_newline(struct emit *e)
{
	if (e->indent == 0)
		return;
	put_char(e, '\n');
	for (int i = 0; i < e->depth * e->indent; i++)
		put_char(e, ' ');
}

/* Bytes that do not stand for themselves inside a JSON string. */
static const bool special[256] = {
	[0x00 ... 0x1f] = true, ['"'] = true, ['\\'] = true, [0x7f ... 0xff] = true,
};

static size_t plain_run(struct str s)
{
	size_t i = 0;

	while (i < s.n && !special[(unsigned char)s.p[i]])
		i++;
	return i;
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
	if (!e->first[e->depth])
		put_char(e, ',');
	if (e->depth)
		put_newline(e);
	e->first[e->depth] = false;
	if (key.p) {
		put_string(e, key);
		put_char(e, ':');
		if (e->indent)
			put_char(e, ' ');
	}
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
	char close = e->close[e->depth];

	if (e->depth == 0)
		return;
	e->depth--;
	if (!empty)
		put_newline(e);
	put_char(e, close);
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

/* A hand-made itoa, two digits at a time: snprintf was a third of the time of printing a task
 * table. */
static struct str decimal(int64_t value, char text[24])
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	uint64_t u = value < 0 ? -(uint64_t)value : (uint64_t)value;
	size_t at = 24;

	while (u >= 100) {
		memcpy(text + (at -= 2), pairs + u % 100 * 2, 2);
		u /= 100;
	}
	if (u >= 10)
		memcpy(text + (at -= 2), pairs + u * 2, 2);
	else
		text[--at] = (char)('0' + u);
	if (value < 0)
		text[--at] = '-';
	return (struct str){text + at, 24 - at};
}

void emit_i64(struct emit *e, struct str key, int64_t value)
{
	char text[24];

	if (value == UNKNOWN)
		emit_null(e, key);
	else
		emit_json(e, key, decimal(value, text));
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

void emit_column(const struct emit *e, struct emit_column *ret, struct str key, bool first)
{
	const char *blank = e->indent ? " " : "";
	struct str name = str_sub(key, 0, plain_run(str_sub(key, 0, EMIT_KEY_MAX - 8)));
	int n = snprintf(ret->text, sizeof(ret->text), "%s%s\"%.*s\":%s", first ? "" : ",",
			 first ? "" : blank, STR_ARG(name), blank);

	ret->n = (size_t)n;
}

void emit_row(struct emit *e)
{
	begin(e, NOKEY);
	put_char(e, '{');
}

/* Room for a whole cell at once, so that the pieces are copied without asking again. */
static char *cell(struct emit *e, const struct emit_column *c)
{
	if (EMIT_WINDOW - e->n <= EMIT_KEY_MAX + 24)
		flush(e);
	memcpy(e->window + e->n, c->text, EMIT_KEY_MAX);
	e->n += c->n;
	return e->window + e->n;
}

void emit_cell_i64(struct emit *e, const struct emit_column *c, int64_t value)
{
	char text[24];
	struct str digits = value == UNKNOWN ? STR("null") : decimal(value, text);

	memcpy(cell(e, c), digits.p, digits.n);
	e->n += digits.n;
}

void emit_cell_str(struct emit *e, const struct emit_column *c, struct str value)
{
	(void)cell(e, c);
	if (value.p)
		put_string(e, value);
	else
		put(e, STR("null"));
}

void emit_row_end(struct emit *e)
{
	put_char(e, '}');
}

int emit_finish(struct emit *e, struct err *err)
{
	while (e->depth)
		emit_end(e);
	put_char(e, '\n');
	return emit_flush(e, err);
}
