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
#include "parse/unwrap.h"

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
	f->front.n_columns = 0;
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
	unsigned n;

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
	n = eight_digits(c, &v);
	if (n == 0 || n == 8)
		return read_slowly(at, end, ret);
	*at = c + n;
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

/* ---- a line that looks like the row before ----
 *
 * Its front, to the end of the last column, has the same bytes where words, brackets and the host
 * stood, and digits or blanks elsewhere. */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { WORD = 8, BLOCK = 16 };
_Static_assert(TASK_COLUMNS % 2 == 0, "columns are read in pairs");

/* Bytes from `at` on: the same again, or digits and blanks. */
static void learn_bytes(struct row_front *r, struct str raw, size_t at, size_t n, bool fixed)
{
	for (size_t i = at; i < at + n; i++) {
		r->like[i] = fixed ? raw.p[i] : '0';
		r->most[i] = fixed ? 0 : 9;
		r->blank[i] = fixed ? 0 : ' ' ^ '0';
	}
}

static void learn_front(struct fast_rows *f, struct str raw, const size_t *ends, size_t n)
{
	struct row_front *r = &f->front;

	r->n = f->prefix_n + ends[n - 1];
	for (size_t i = 0; i < f->prefix_n; i++)
		learn_bytes(r, raw, i, 1, !ascii_digit(raw.p[i]) && raw.p[i] != ' ');
	learn_bytes(r, raw, f->host_at, f->host_n, true);
	learn_bytes(r, raw, f->prefix_n, ends[n - 1], false);
	learn_bytes(r, raw, f->prefix_n, 1, true); /* '[' */
	learn_bytes(r, raw, f->prefix_n + ends[0], 2, true); /* ']', and the blank behind it */
	for (size_t i = 1; i + 1 < n; i++)
		learn_bytes(r, raw, f->prefix_n + ends[i], 1, true);
}

/* Where the columns of this row stand. Words may reach back into the prefix. */
static void learn_columns(struct fast_rows *f, struct str raw, const size_t *ends, size_t n)
{
	struct row_front *r = &f->front;
	size_t lead = 0;

	r->n_columns = r->n_wide = 0;
	if (n == 0 || ends[n - 1] >= ROW_WIDTH || f->prefix_n + ends[n - 1] < BLOCK)
		return;
	for (size_t i = 0; i < n; i++) {
		size_t width = ends[i] - lead - 1, reach = width > WORD ? 2 * WORD : WORD;

		if (width > 2 * WORD || f->prefix_n + ends[i] < reach)
			return;
		r->end[i] = (uint16_t)(f->prefix_n + ends[i]);
		r->keep[i] = width < WORD ? UINT64_MAX << 8 * (WORD - width) : UINT64_MAX;
		r->gap[i] = width > WORD ? UINT64_MAX << 8 * (2 * WORD - width) : 0;
		if (r->gap[i])
			r->wide[r->n_wide++] = (uint8_t)i;
		lead = ends[i] + (i == 0); /* ']' */
	}
	if (n % 2) { /* the last one twice */
		r->end[n] = r->end[n - 1];
		r->keep[n] = r->keep[n - 1];
	}
	learn_front(f, raw, ends, n);
	r->n_columns = n;
}

static inline bytes16 alike16(const struct row_front *r, const char *p, size_t i)
{
	bytes16 v, like, most, blank;

	memcpy(&v, p + i, BLOCK);
	memcpy(&like, r->like + i, BLOCK);
	memcpy(&most, r->most + i, BLOCK);
	memcpy(&blank, r->blank + i, BLOCK);
	v ^= like;
	return (bytes16)((v <= most) | (v == blank));
}

static bool looks_alike(const struct row_front *r, const char *p)
{
	bytes16 good = alike16(r, p, r->n - BLOCK);
	uint64_t half[2];

	for (size_t i = 0; i + BLOCK < r->n; i += BLOCK)
		good &= alike16(r, p, i);
	memcpy(half, &good, sizeof(half));
	return (half[0] & half[1]) == UINT64_MAX;
}

typedef uint64_t words2 __attribute__((vector_size(16)));
typedef uint32_t halves4 __attribute__((vector_size(16)));
typedef uint16_t quarters8 __attribute__((vector_size(16)));

/* Two columns, each eight bytes in front of its end: blanks and digits in the bytes of `keep`. Not
 * zero: where a blank stands behind a digit, or at the end. */
static inline words2 read_pair(const char *first, const char *second, const uint64_t *keep,
			       int64_t *values)
{
	const bytes16 zeroes = {0}, blanks = zeroes + (' ' ^ '0');
	words2 v, mask, blank;
	quarters8 tens;
	halves4 thousands;
	uint64_t at[2];

	memcpy(&at[0], first - WORD, WORD);
	memcpy(&at[1], second - WORD, WORD);
	v = (words2){at[0], at[1]};
	memcpy(&mask, keep, sizeof(mask));
	v = ((v ^ (words2)(zeroes + '0')) & mask) | ((words2)blanks & ~mask);
	blank = (words2)((bytes16)v == blanks);
	v &= ~blank;
	tens = (quarters8)v;
	tens = (tens * 10 + tens / 256) % 256;
	tens *= (quarters8){100, 1, 100, 1, 100, 1, 100, 1};
	thousands = (halves4)tens;
	thousands = (thousands + thousands / 65536) % 65536;
	memcpy(at, &thousands, sizeof(at));
	values[0] = (int64_t)((at[0] & UINT32_MAX) * 10000 + (at[0] >> 32));
	values[1] = (int64_t)((at[1] & UINT32_MAX) * 10000 + (at[1] >> 32));
	return (blank & (blank + 1)) | blank / (UINT64_MAX / 256 + 1);
}

/* The digits in front of the last eight, which are rare. */
static inline bool read_front(const char *end, uint64_t gap, int64_t *value)
{
	const uint64_t keep[] = {gap, gap};
	int64_t more[2];
	uint64_t front;
	words2 bad;

	memcpy(&front, end - 2 * WORD, WORD);
	if (((front ^ UINT64_MAX / 255 * ' ') & gap) == 0)
		return true;
	bad = read_pair(end - WORD, end - WORD, keep, more);
	*value += 100000000 * more[0];
	return bad[0] == 0 && end[-WORD] != ' ';
}

static bool read_alike(const struct fast_rows *f, struct str raw, int64_t *values,
		       struct str *name)
{
	const struct row_front *r = &f->front;
	words2 bad = {0};

	if (raw.n <= r->n || !looks_alike(r, raw.p))
		return false;
	for (size_t i = 0; i < r->n_columns; i += 2)
		bad |= read_pair(raw.p + r->end[i], raw.p + r->end[i + 1], &r->keep[i],
				 &values[i]);
	for (size_t k = 0; k < r->n_wide; k++) {
		size_t i = r->wide[k];

		if (!read_front(raw.p + r->end[i], r->gap[i], &values[i]))
			return false;
	}
	return !(bad[0] | bad[1]) && read_name(raw.p + r->n, raw.p + raw.n, name);
}
#else
static void learn_columns(struct fast_rows *f, struct str raw, const size_t *ends, size_t n)
{
	(void)raw;
	(void)ends;
	(void)n;
	f->front.n_columns = 0;
}

static bool read_alike(const struct fast_rows *f, struct str raw, int64_t *values,
		       struct str *name)
{
	(void)f;
	(void)raw;
	(void)values;
	(void)name;
	return false;
}
#endif

/* A whole line. */
static bool take_row(struct fast_rows *f, struct str raw, size_t columns, int64_t *values,
		     struct str *name)
{
	size_t ends[TASK_COLUMNS];

	if (f->front.n_columns == columns && read_alike(f, raw, values, name))
		return true;
	if (!same_shape(raw.p, f->prefix, f->prefix_n, true) ||
	    memcmp(raw.p + f->host_at, f->prefix + f->host_at, f->host_n) != 0 ||
	    !read_row(str_from(raw, f->prefix_n), columns, values, ends, name))
		return false;
	learn_columns(f, raw, ends, columns);
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
	int64_t own[TASK_COLUMNS], *values = own;
	struct live *l = f->live;
	struct str name;

	if (l && !p->waiting) /* else the row that waits comes there */
		values = task_room(p, l);
	if (!l || !values || raw.n <= f->prefix_n || p->wrap_mode || p->qp || p->soft.n ||
	    p->json_members || p->table.sep || p->long_foreign ||
	    !take_row(f, raw, l->ev->tasks.n_columns, values, &name))
		return false;
	if (p->waiting) {
		join_flush(p); /* the row before: this one has a prefix, and is no rest of it */
		if (f->live != l)
			return false;
	}
	f->rows++;
	note_width(p, raw.n);
	task_add(p, l, values, l->ev->tasks.n_columns, name);
	live_own_row(p, l, raw, number, 0, number);
	return true;
}
