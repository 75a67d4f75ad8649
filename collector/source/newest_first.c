/* SPDX-License-Identifier: MIT */
/* newest_first.c - a log whose newest line comes first, as journalctl -r, Splunk, Kibana and Graylog
 * write it. It is kept in a nameless file and given from its end, a record after the other; what stood
 * above the first (the head of a table) stays there.
 *
 * Its first lines tell: their times fall, or the parts of an OOM report come in the wrong order where
 * all of it was said within a second.
 */
#include <errno.h>
#include <unistd.h>

#include "base/when.h"
#include "source/input.h"

enum {
	LOOK = 256 * 1024,    /* so much of the log tells */
	RECORD_MAX = 256 * 1024,
	BLOCK = 64 * 1024,
	HEAD_LINES = 8,	      /* above the first record */
	TIME_WITHIN = 400,    /* bytes of a line in which its time stands */
	NOWHERE = TIME_WITHIN + 1,
};
static const uint64_t KEPT_MAX = UINT64_C(8) << 30;

/* ---- what a line says of time ---- */

/* "15:04:05", at the end of a date in ISO's form or not: only which of two is later counts, and a
 * log crosses midnight rarely. */
static bool clock_at(struct str line, size_t i, int64_t *ret, size_t *at)
{
	enum { DATE = 11, CLOCK = 8 };
	struct str in = i >= DATE ? str_from(line, i - DATE) : (struct str){0};
	const char *p = line.p + i;
	int64_t fraction = 0, unit = 1000000;

	if (i + CLOCK > line.n || p[5] != ':' || !ascii_digit(p[0]) || !ascii_digit(p[1]) ||
	    !ascii_digit(p[3]) || !ascii_digit(p[4]) || !ascii_digit(p[6]) || !ascii_digit(p[7]))
		return false;
	if (take_iso_time(&in, ret)) {
		*at = i - DATE;
		return true;
	}
	in = str_from(line, i + CLOCK);
	if (take_char(&in, '.') || take_char(&in, ','))
		for (; in.n && ascii_digit(in.p[0]) && unit > 1; in = str_from(in, 1)) {
			unit /= 10;
			fraction += (in.p[0] - '0') * unit;
		}
	*ret = (((p[0] - '0') * 10 + p[1] - '0') * 3600 + ((p[3] - '0') * 10 + p[4] - '0') * 60 +
		(p[6] - '0') * 10 + p[7] - '0') * INT64_C(1000000) + fraction;
	*at = i;
	return true;
}

/* Seconds since 1970, or thousandths, millionths and so on of them, as collectors write it. */
static bool epoch_at(struct str line, size_t i, int64_t *ret)
{
	struct str in = str_from(line, i);
	size_t n = 0;

	while (n < in.n && n < 20 && ascii_digit(in.p[n]))
		n++;
	if (in.p[0] != '1' || (n != 10 && n != 13 && n != 16 && n != 19))
		return false;
	in.n = n;
	return take_i64(&in, ret);
}

/* The first time of a line by somebody's clock, UNKNOWN where it has none; *at: where. */
static int64_t line_clock(struct str line, size_t *at)
{
	int64_t ret = UNKNOWN;

	line = str_sub(line, 0, TIME_WITHIN);
	for (size_t i = 0; i < line.n; i++) {
		bool first = i == 0 || !ascii_digit(line.p[i - 1]);

		*at = i;
		if (line.p[i] == ':' && i >= 2 && clock_at(line, i - 2, &ret, at))
			return ret;
		if (first && ascii_digit(line.p[i]) && epoch_at(line, i, &ret))
			return ret;
	}
	*at = NOWHERE;
	return UNKNOWN;
}

/* Which part of a report of the kernel the line is of, in the order they are printed; UNKNOWN: of none. */
static int64_t line_part(struct str line)
{
	static const struct str parts[] = {
		STR_INIT(" invoked oom-killer"), STR_INIT("Call Trace:"), STR_INIT("Mem-Info:"),
		STR_INIT("memory: usage "), STR_INIT(" total_vm "), STR_INIT("illed process "),
	};

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		if (str_find(line, parts[i]) != SIZE_MAX)
			return (int64_t)i;
	return UNKNOWN;
}

/* ---- which way it runs ---- */

enum witness { BY_CLOCK, BY_KERNEL, BY_PART, WITNESSES };
struct course {
	unsigned up, down;
	int64_t last;
};

static void course_see(struct course *c, int64_t value)
{
	if (value == UNKNOWN)
		return;
	if (c->last != UNKNOWN) {
		c->up += value > c->last;
		c->down += value < c->last;
	}
	c->last = value;
}

static bool is_clear(unsigned most, unsigned least)
{
	return most >= 3 && most > 4 * least;
}

enum direction { UNCLEAR, RUNS_UP, RUNS_DOWN };

/* One of them is sure that it runs down, or all together are, and none says otherwise. */
static enum direction direction_of(const struct course *of)
{
	unsigned up = 0, down = 0;
	bool sure = false;

	for (int i = 0; i < WITNESSES; i++) {
		if (is_clear(of[i].up, of[i].down))
			return RUNS_UP;
		sure |= is_clear(of[i].down, of[i].up);
		up += of[i].up;
		down += of[i].down;
	}
	return sure || is_clear(down, up) ? RUNS_DOWN : UNCLEAR;
}

/* The last line of the text may be cut. */
static enum direction text_runs(struct str text)
{
	struct course of[WITNESSES] = {{.last = UNKNOWN}, {.last = UNKNOWN}, {.last = UNKNOWN}};
	struct str line;
	size_t at;

	while (take_until(&text, '\n', &line)) {
		course_see(&of[BY_CLOCK], line_clock(line, &at));
		course_see(&of[BY_KERNEL], line_us(line, NULL));
		course_see(&of[BY_PART], line_part(line));
	}
	return direction_of(of);
}

/* ---- where a record begins ---- */

/* What the first lines of records have in common: a beginning of their own, or a time at about the same
 * place and in front of it the same kind of byte. */
struct shape {
	struct str begins; /* empty: by the time */
	char first;
	size_t at;
};

static size_t time_at(struct str line)
{
	size_t clock, kernel = NOWHERE;

	(void)line_clock(line, &clock);
	(void)line_us(line, &kernel);
	return clock < kernel ? clock : kernel;
}

static char kind_of_first(struct str line)
{
	char c = line.n ? line.p[0] : '\n';

	return ascii_alpha(c) ? 'a' : ascii_digit(c) ? '0' : c;
}

static struct shape shape_of(struct str line)
{
	static const struct str known[] = {STR_INIT("__CURSOR="), STR_INIT("{")};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (str_starts(line, known[i]))
			return (struct shape){.begins = known[i]};
	return (struct shape){{0}, kind_of_first(line), time_at(line)};
}

static bool begins_record(const struct shape *s, struct str line)
{
	enum { ABOUT = 12 };
	size_t at;

	if (s->begins.n)
		return str_starts(line, s->begins);
	if (kind_of_first(line) != s->first)
		return false;
	at = time_at(line);
	return s->at == NOWHERE || (at != NOWHERE && at <= s->at + ABOUT && s->at <= at + ABOUT);
}

/* How many of the lines begin one. */
static size_t count_records(const struct shape *s, struct str text)
{
	struct str line;
	size_t n = 0;

	while (take_until(&text, '\n', &line))
		n += begins_record(s, line);
	return n;
}

/* Of the first lines' shapes the one that most have; *above: bytes before the first of it. */
static struct shape common_shape(struct str text, size_t *above)
{
	struct shape best = {.at = NOWHERE};
	struct str rest = text, line;
	size_t most = 0, at = 0;

	*above = 0;
	for (int i = 0; i < HEAD_LINES && take_until(&rest, '\n', &line); i++) {
		const struct shape s = shape_of(line);
		size_t n = s.begins.n || s.at != NOWHERE ? count_records(&s, text) : 0;

		if (n > most) {
			most = n;
			best = s;
			*above = at;
		}
		at = text.n - rest.n;
	}
	return best;
}

/* ---- giving it ---- */

struct reversed {
	struct stream *below;
	struct source_info *info;
	struct shape shape;
	int fd; /* -1: nothing is kept yet */
	char *room; /* RECORD_MAX + BLOCK bytes: of the file, from `at` on, */
	uint64_t at;
	size_t n;	  /* ... so many, and those of what was not given yet */
	uint64_t above;	  /* bytes before the first record */
	struct str given; /* the record being given */
	bool newline;	  /* ... and the '\n' that it lacks */
};

/* All of it, or its newest lines where there is no room for more. */
static int keep(struct reversed *r, struct err *err)
{
	uint64_t kept = 0;
	ssize_t got;

	r->fd = scratch_file();
	if (r->fd < 0)
		return err_sys(err, errno, "a temporary file in /var/tmp, as the newest line comes first");
	while ((got = stream_read(r->below, r->room, BLOCK, err)) > 0) {
		if (kept + (uint64_t)got > KEPT_MAX ||
		    fd_write_all(r->fd, (struct str){r->room, (size_t)got}) != 0) {
			source_note(r->info, "only its newest %llu bytes are read, as more cannot be kept "
				    "in /var/tmp", (unsigned long long)kept);
			break;
		}
		kept += (uint64_t)got;
	}
	r->at = kept;
	return got < 0 && kept == 0 ? -1 : 0;
}

/* A block more in front of those that are in the room. */
static int load(struct reversed *r, struct err *err)
{
	size_t n = r->at - r->above < BLOCK ? (size_t)(r->at - r->above) : BLOCK;

	memmove(r->room + n, r->room, r->n);
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(r->fd, r->room + done, n - done, (off_t)(r->at - n + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_sys(err, got < 0 ? errno : EIO, "/var/tmp");
		done += (size_t)got;
	}
	r->at -= n;
	r->n += n;
	return 0;
}

/* The last line in front of `end` that is whole: where it begins; SIZE_MAX: more must be loaded. */
static size_t line_before(const struct reversed *r, size_t end)
{
	const char *nl = end > 1 ? memrchr(r->room, '\n', end - 1) : NULL;

	if (nl)
		return (size_t)(nl - r->room) + 1;
	return r->at == r->above ? 0 : SIZE_MAX;
}

/* Where the last record in the room begins, or of one that is too long a part of it; SIZE_MAX: more must
 * be loaded. */
static size_t record_before(const struct reversed *r, size_t *end)
{
	size_t start;

	for (;;) {
		start = line_before(r, *end);
		if (start == SIZE_MAX)
			return r->n > RECORD_MAX ? (*end == r->n ? 0 : *end) : SIZE_MAX;
		if (start == 0 && r->at == r->above)
			return 0;
		if (begins_record(&r->shape, str_sub((struct str){r->room, *end}, start, *end - start)))
			return start;
		*end = start;
	}
}

/* The next record to give: 1, 0 at the end. */
static int next_record(struct reversed *r, struct err *err)
{
	size_t back = 0, end, start; /* back: what was searched already, from the end */

	for (;;) {
		if (r->n == 0 && r->at == r->above)
			return 0;
		end = r->n - back;
		start = end ? record_before(r, &end) : SIZE_MAX;
		if (start != SIZE_MAX)
			break;
		back = r->n - end;
		if (load(r, err))
			return -1;
	}
	r->given = (struct str){r->room + start, r->n - start};
	r->newline = r->given.p[r->given.n - 1] != '\n';
	r->n = start;
	return 1;
}

static int begin(struct reversed *r, struct err *err)
{
	const uint64_t above = r->above;
	size_t head;

	if (keep(r, err))
		return -1;
	head = above < r->at ? (size_t)above : 0;
	r->above = head;
	if (head == 0)
		return 0;
	if (pread(r->fd, r->room, head, 0) != (ssize_t)head)
		return err_sys(err, errno, "/var/tmp");
	r->given = (struct str){r->room, head};
	return 0;
}

static ssize_t reversed_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct reversed *r = in->own;
	int rc = 1;

	if (r->fd < 0 && begin(r, err))
		return -1;
	if (r->given.n == 0 && r->newline) {
		r->newline = false;
		p[0] = '\n';
		return 1;
	}
	if (r->given.n == 0)
		rc = next_record(r, err);
	if (rc <= 0)
		return rc;
	n = n < r->given.n ? n : r->given.n;
	memcpy(p, r->given.p, n);
	r->given = str_from(r->given, n);
	return (ssize_t)n;
}

static void reversed_close(struct stream *in)
{
	struct reversed *r = in->own;

	fd_close(&r->fd);
	stream_close(r->below);
}

/* ---- which it is ---- */

static int reverse(struct stream **in, struct arena *a, struct str text, struct source_info *info,
		   struct err *err)
{
	struct stream *out = stream_new(a, err);
	struct reversed *r = arena_take(a, sizeof(*r));
	char *room = arena_room(a, RECORD_MAX + 2 * BLOCK);
	size_t above;

	if (!out || !r || !room)
		return err_set(err, ERR_NOMEM, "no memory for an input");
	*r = (struct reversed){.below = *in, .info = info, .fd = -1, .room = room};
	r->shape = common_shape(text, &above);
	r->above = above;
	out->own = r;
	out->read = reversed_read;
	out->close = reversed_close;
	*in = out;
	source_note(info, "its newest line comes first: it is read, and its lines are counted, from the end");
	return 0;
}

int oldest_first(struct stream **in, struct arena *a, struct source_info *info, struct err *err)
{
	static const size_t looks[] = {PEEK_ROOM, 16 * 1024, LOOK}; /* mostly little tells enough */
	enum direction runs = UNCLEAR;
	struct str text;

	for (size_t i = 0; i < ARRAY_COUNT(looks) && runs != RUNS_UP; i++) {
		if (stream_look(*in, a, looks[i], &text, err))
			return -1;
		runs = text_runs(text);
		if (text.n < looks[i])
			break;
	}
	return runs == RUNS_DOWN ? reverse(in, a, text, info, err) : 0;
}
