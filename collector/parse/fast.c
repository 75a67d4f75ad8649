/* SPDX-License-Identifier: MIT */
/* fast.c - the short way for rows of a task table, nine tenths of a log full of OOMs.
 *
 * A row that went the long way (wrap.c, prefix.c, join.c, kinds.c) leaves its prefix behind.
 * The next line whose prefix has the same shape (digits may differ), that is a whole row with
 * all columns and a plain name, can mean nothing else: it is put into the table at once. Any
 * doubt, and it goes the long way, to the same result.
 *
 * Columns have a width: their numbers end where those of the row before did, and are read there,
 * each without waiting for the one before it (measured: an eighth of a dense log's CPU time).
 */
#include "parse/rows.h"

void fast_note(struct parser *p, struct live *l, const struct piece *pc)
{
	struct fast_rows *f = &p->fast;
	size_t n;

	f->live = NULL;
	if (pc->caller.n || pc->line != pc->last_line || pc->pre & PRE_REST ||
	    l->ev->tasks.n_columns < 5 || !str_ends(pc->raw, pc->text))
		return;
	n = pc->raw.n - pc->text.n;
	if (n > sizeof(f->prefix) || (pc->host.n && (pc->host_at >= n || pc->host.n > n - pc->host_at)))
		return;
	memset(f->prefix, ' ', sizeof(f->prefix));
	memcpy(f->prefix, pc->raw.p, n);
	f->prefix_n = n;
	f->host_at = pc->host.n ? pc->host_at : 0;
	f->host_n = pc->host.n;
	f->live = l;
}

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* 16 of them; blank is '0' where blanks are no digits. */
static inline bool same_shape16(const char *p, const char *q, unsigned char blank)
{
	bytes16 a, b, bad;
	uint64_t half[2];

	memcpy(&a, p, 16);
	memcpy(&b, q, 16);
	bad = (bytes16)((a != b) & ~((((a - '0') < 10) | (a == blank)) &
				     (((b - '0') < 10) | (b == blank))));
	memcpy(half, &bad, 16);
	return (half[0] | half[1]) == 0;
}

bool same_shape(const char *p, const char *q, size_t n, bool blanks)
{
	const char blank = blanks ? ' ' : '0';
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		if (!same_shape16(p + i, q + i, (unsigned char)blank))
			return false;
	}
	if (i < n && n >= 16)
		return same_shape16(p + n - 16, q + n - 16, (unsigned char)blank);
	for (; i < n; i++) {
		bool number_p = ascii_digit(p[i]) || p[i] == blank;
		bool number_q = ascii_digit(q[i]) || q[i] == blank;

		if (p[i] != q[i] && !(number_p && number_q))
			return false;
	}
	return true;
}

/* Blanks and a number of at most 18 digits; false where it is anything else. */
static bool read_slowly(const char **at, const char *end, int64_t *ret)
{
	const char *c = *at, *start;
	int64_t n = 0;
	bool negative;

	while (c < end && *c == ' ')
		c++;
	negative = c < end && *c == '-';
	c += negative;
	start = c;
	while (c < end && c - start < 18 && ascii_digit(*c))
		n = n * 10 + (*c++ - '0');
	if (c == start || (c < end && ascii_digit(*c)))
		return false;
	*ret = negative ? -n : n;
	*at = c;
	return true;
}

/* The same, eight bytes at a time where they are there: the columns of a table are padded with
 * blanks of ever other length, which a loop over bytes mispredicts twice a number. */
static inline bool read_number(const char **at, const char *end, int64_t *ret)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
	const char *c = *at;
	uint64_t v, other;
	unsigned bits;

	if (end - c < 24)
		return read_slowly(at, end, ret);
	memcpy(&v, c, 8);
	v ^= ones * ' ';
	other = (((v & ~high) + ~high) | v) & high; /* what is no blank */
	if (!other) {
		c += 8;
		memcpy(&v, c, 8);
		v ^= ones * ' ';
		other = (((v & ~high) + ~high) | v) & high;
		if (!other)
			return read_slowly(at, end, ret);
	}
	c += __builtin_ctzll(other) / 8;
	memcpy(&v, c, 8);
	v ^= ones * '0';
	other = (((v & ~high) + ones * (0x80 - 10)) | v) & high; /* what is no digit */
	bits = other ? (unsigned)__builtin_ctzll(other) & ~7U : 64;
	if (bits == 0 || bits == 64)
		return read_slowly(at, end, ret);
	*at = c + bits / 8;
	v <<= 64 - bits; /* zeros in front */
	v = v * 10 + (v >> 8);
	v = ((v & 0x000000ff000000ff) * 0x000f424000000064 +
	     (v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
	*ret = (int64_t)v;
	return true;
#else
	return read_slowly(at, end, ret);
#endif
}

/* What follows the columns. */
static bool read_name(const char *c, const char *end, struct str *name)
{
	if (c == end || *c != ' ')
		return false;
	while (c < end && *c == ' ')
		c++;
	*name = (struct str){c, (size_t)(end - c)};
	return name->n > 0 && name->n <= 64 && name->p[name->n - 1] != '>' &&
	       (name->p[name->n - 1] & 0x80) == 0 && !line_is_dirty(*name);
}

/* [ pid ] and all columns; *name is what follows. */
static bool read_row(struct str text, size_t columns, int64_t *values, size_t *ends,
		     struct str *name)
{
	const char *c = text.p, *end = text.p + text.n;

	if (c == end || *c++ != '[' || !read_number(&c, end, &values[0]) || values[0] < 0 ||
	    c == end || *c != ']')
		return false;
	ends[0] = (size_t)(c++ - text.p);
	for (size_t i = 1; i < columns; i++) {
		if (c == end || *c != ' ' || !read_number(&c, end, &values[i]))
			return false;
		ends[i] = (size_t)(c - text.p);
	}
	return read_name(c, end, name);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { WORD = 8 };
static const uint64_t each = UINT64_MAX / 255;

/* Where the columns of this row stand. Words may reach back into the prefix. */
static void learn_columns(struct fast_rows *f, const size_t *ends, size_t n)
{
	size_t lead = 0;

	f->n_columns = 0;
	for (size_t i = 0; i < n; i++) {
		size_t width = ends[i] - lead - 1, reach = width > WORD ? 2 * WORD : WORD;

		if (width > 2 * WORD || ends[i] > UINT8_MAX || f->prefix_n + ends[i] < reach)
			return;
		f->columns[i] = (struct fast_column){
			.lead = (uint8_t)lead,
			.end = (uint8_t)ends[i],
			.keep = width < WORD ? UINT64_MAX << 8 * (WORD - width) : UINT64_MAX,
			.gap = width > WORD ? UINT64_MAX << 8 * (2 * WORD - width) : 0,
		};
		lead = ends[i] + (i == 0); /* ']' */
	}
	f->n_columns = n;
}

/* Blanks and digits behind them in the bytes of `keep`; *bad: bits where it is not so. */
static inline int64_t read_word(const char *p, uint64_t keep, uint64_t *bad)
{
	uint64_t v, blank;

	memcpy(&v, p, WORD);
	v = ((v ^ each * '0') & keep) | (each * (' ' ^ '0') & ~keep);
	blank = (v >> 4 & each) * 0xff; /* whole bytes */
	*bad |= (v & each * 0xe0) | (v & blank & each * 0x0f) | (blank & (blank + 1)) | blank >> 56;
	v &= ~blank;
	*bad |= (v + each * (0x80 - 10)) & each * 0x80;
	v = v * 10 + (v >> 8);
	v = ((v & 0x000000ff000000ff) * 0x000f424000000064 +
	     (v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
	return (int64_t)v;
}

static inline int64_t read_field(const char *end, const struct fast_column *c, uint64_t *bad)
{
	int64_t n = read_word(end - WORD, c->keep, bad);
	uint64_t front;

	if (!c->gap)
		return n;
	memcpy(&front, end - 2 * WORD, WORD);
	if (((front ^ each * ' ') & c->gap) == 0)
		return n;
	*bad |= end[-WORD] == ' '; /* more than eight digits */
	return n + 100000000 * read_word(end - 2 * WORD, c->gap, bad);
}

/* A row whose columns stand as they did in the row before. */
static bool read_columns(const struct fast_rows *f, struct str text, int64_t *values,
			 struct str *name)
{
	size_t n = f->n_columns;
	uint64_t bad;

	if (n == 0 || text.n <= f->columns[n - 1].end)
		return false;
	bad = (uint64_t)(text.p[0] ^ '[') | (uint64_t)(text.p[f->columns[0].end] ^ ']');
	for (size_t i = 0; i < n; i++) {
		const struct fast_column *c = &f->columns[i];

		if (i)
			bad |= (uint64_t)(text.p[c->lead] ^ ' ');
		values[i] = read_field(text.p + c->end, c, &bad);
	}
	return !bad && read_name(text.p + f->columns[n - 1].end, text.p + text.n, name);
}
#else
static void learn_columns(struct fast_rows *f, const size_t *ends, size_t n)
{
	(void)ends;
	(void)n;
	f->n_columns = 0;
}

static bool read_columns(const struct fast_rows *f, struct str text, int64_t *values,
			 struct str *name)
{
	(void)f;
	(void)text;
	(void)values;
	(void)name;
	return false;
}
#endif

/* The whole text of a row. */
static bool take_row(struct fast_rows *f, struct str text, size_t columns, int64_t *values,
		     struct str *name)
{
	size_t ends[TASK_COLUMNS];

	if (f->n_columns == columns && read_columns(f, text, values, name))
		return true;
	if (!read_row(text, columns, values, ends, name))
		return false;
	learn_columns(f, ends, columns);
	return true;
}

/* The other events learn at the end of the rows how many lines have passed: until then none of
 * their own can come, and where the rows go does not depend on them. */
void fast_end(struct parser *p)
{
	struct fast_rows *f = &p->fast;

	if (f->rows)
		live_pass(p, f->live, f->rows);
	f->rows = 0;
	f->live = NULL;
}

bool fast_row(struct parser *p, struct str raw, uint64_t number)
{
	struct fast_rows *f = &p->fast;
	int64_t values[TASK_COLUMNS];
	struct live *l = f->live;
	struct str name;

	if (!l || raw.n <= f->prefix_n || p->wrap_mode || p->qp || p->soft.n ||
	    p->json_members || p->table.sep || !same_shape(raw.p, f->prefix, f->prefix_n, true) ||
	    memcmp(raw.p + f->host_at, f->prefix + f->host_at, f->host_n) != 0 ||
	    !take_row(f, str_from(raw, f->prefix_n), l->ev->tasks.n_columns, values, &name))
		return false;
	if (p->waiting) {
		join_flush(p); /* the row before: this one has a prefix, and is no rest of it */
		if (f->live != l)
			return false;
	}
	f->rows++;
	note_width(p, raw.n);
	task_add(p, l, values, l->ev->tasks.n_columns, name);
	live_own_row(p, l, raw, number, number);
	return true;
}
