/* SPDX-License-Identifier: MIT */
/* view_text.c - numbers for people, wrapped lines, bars and aligned tables. */
#include "report/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/when.h"

const char *human_size(int64_t kb, char out[NUMBER_TEXT])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)kb;
	size_t u = 0;

	if (kb == UNKNOWN) {
		snprintf(out, NUMBER_TEXT, "?");
		return out;
	}
	while (fabs(value) >= 1024 && u + 1 < ARRAY_COUNT(units)) {
		value /= 1024;
		u++;
	}
	if (u == 0 || fabs(value) >= 100 || fabs(value - round(value)) < 0.05)
		snprintf(out, NUMBER_TEXT, "%.0f %s", value, units[u]);
	else
		snprintf(out, NUMBER_TEXT, "%.1f %s", value, units[u]);
	return out;
}

void add_time(struct buf *b, struct str wall)
{
	int64_t us;
	struct str rest = wall;

	if (wall.n == 20 && take_iso_time(&rest, &us) && !rest.n)
		buf_addf(b, "%.10s %.8s UTC", wall.p, wall.p + 11);
	else
		buf_add(b, wall);
}

const char *plain_number(int64_t n, char out[NUMBER_TEXT])
{
	if (n == UNKNOWN)
		snprintf(out, NUMBER_TEXT, "?");
	else
		snprintf(out, NUMBER_TEXT, "%lld", (long long)n);
	return out;
}

double percent_of(int64_t part, int64_t whole)
{
	if (part == UNKNOWN || whole == UNKNOWN || whole <= 0)
		return 0;
	return 100.0 * (double)part / (double)whole;
}

int64_t pages_to_kb(const struct view *v, int64_t pages)
{
	int64_t kb;

	if (pages == UNKNOWN || v->page_kb <= 0 ||
	    __builtin_mul_overflow(pages, v->page_kb, &kb))
		return UNKNOWN;
	return kb;
}

size_t columns_of(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

static void blanks(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

/* One paragraph: newlines in the text are blanks. */
static void wrap_line(struct buf *out, struct str text, int width, struct str head, int indent)
{
	size_t column = columns_of(head);
	bool first = true;

	buf_add(out, head);
	while (text.n) {
		size_t n = 0, room;

		while (text.n && (ascii_blank(text.p[0]) || text.p[0] == '\n'))
			text = str_from(text, 1);
		while (n < text.n && !ascii_blank(text.p[n]) && text.p[n] != '\n')
			n++;
		if (!n)
			break;
		room = columns_of(str_sub(text, 0, n));
		if (!first && column + 1 + room > (size_t)width) {
			buf_addc(out, '\n');
			blanks(out, (size_t)indent);
			column = (size_t)indent;
			first = true;
		}
		if (!first)
			buf_addc(out, ' ');
		column += room + !first;
		buf_add(out, str_sub(text, 0, n));
		text = str_from(text, n);
		first = false;
	}
	buf_addc(out, '\n');
}

/* As if `used` columns of the first line were full. */
static void wrap_to(struct buf *out, struct str text, int width, size_t used)
{
	char pad[121];

	used = used > 120 ? 120 : used;
	memset(pad, ' ', used);
	wrap_line(out, text, width, (struct str){pad, used}, (int)used);
}

void wrap(struct buf *out, struct str text, int width, struct str head, int indent)
{
	char pad[41] = "                                        ";
	struct str line;

	pad[indent < 0 ? 0 : indent > 40 ? 40 : indent] = 0;
	for (bool first = true; take_line(&text, &line); first = false) {
		if (first || str_trim(line).n)
			wrap_line(out, line, width, head, indent);
		else
			buf_addc(out, '\n');
		head = str_of(pad);
	}
}

/* Eighths of a block where the terminal can, else '#' and '.'; nothing in lines that have no room
 * for more than the numbers. */
void add_bar(const struct view *v, struct buf *out, int64_t part, int64_t whole, int width)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	enum { NARROW = 60 };
	double share = percent_of(part, whole) / 100;
	int units, full;

	if (v->o.width < NARROW)
		return;
	share = share < 0 ? 0 : share > 1 ? 1 : share;
	units = (int)lround(share * width * 8);
	if (!v->o.unicode)
		units = (int)lround(share * width) * 8;
	if (units == 0 && part != UNKNOWN && part > 0)
		units = v->o.unicode ? 1 : 0;
	full = units / 8;
	for (int i = 0; i < full; i++)
		buf_addz(out, v->o.unicode ? "█" : "#");
	if (units % 8)
		buf_addz(out, eighths[units % 8]);
	blanks(out, (size_t)(width - full - (units % 8 != 0)));
}

struct str paint_on(const struct view *v, enum paint p)
{
	static const struct str codes[] = {
		[PAINT_NONE] = STR_INIT(""),	     [PAINT_BAD] = STR_INIT("\033[31m"),
		[PAINT_WARN] = STR_INIT("\033[33m"), [PAINT_GOOD] = STR_INIT("\033[32m"),
		[PAINT_DIM] = STR_INIT("\033[2m"),   [PAINT_BOLD] = STR_INIT("\033[1m"),
	};

	return v->o.color ? codes[p] : STR("");
}

struct str paint_off(const struct view *v)
{
	return v->o.color ? STR("\033[0m") : STR("");
}

/* ---- tables ---- */

void table_row(struct table *t, enum paint paint)
{
	struct table_row *row =
		arena_grow(&t->arena, (void **)&t->rows, &t->n_rows, &t->room, sizeof(*row));

	if (!row)
		t->failed = true;
	else
		row->paint = paint;
}

void table_cell(struct table *t, struct str s)
{
	struct table_row *row = t->n_rows ? &t->rows[t->n_rows - 1] : NULL;
	char *p;

	if (!row || row->n >= VIEW_COLUMNS || t->failed)
		return;
	p = arena_cstr(&t->arena, s);
	if (!p) {
		t->failed = true;
		return;
	}
	/* a cell is one line */
	for (size_t i = 0; i < s.n; i++) {
		if (p[i] == '\n' || p[i] == '\t')
			p[i] = ' ';
	}
	row->cells[row->n++] = (struct str){p, s.n};
}

void table_cellf(struct table *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell(t, str_of(text));
}

void table_number(struct table *t, int64_t n)
{
	char z[NUMBER_TEXT];

	table_cell(t, n == UNKNOWN ? STR("-") : str_of(plain_number(n, z)));
}

/* The last column goes on below itself where the line ends, unless it would be a sliver. */
static void add_last_cell(const struct view *v, struct buf *b, struct str text, size_t used)
{
	CLEANUP_BUF struct buf wrapped = BUF_INIT(65536);

	if (used + columns_of(text) <= (size_t)v->o.width || used + 16 > (size_t)v->o.width) {
		buf_add(b, text);
		return;
	}
	wrap_to(&wrapped, text, v->o.width, used);
	buf_add(b, wrapped.failed ? text : str_trim(buf_str(&wrapped)));
}

static void add_table_row(const struct view *v, const struct table *t, struct buf *b,
			  const struct table_row *row, const size_t *width, int indent)
{
	size_t letters = strlen(t->align), used = (size_t)indent;

	blanks(b, (size_t)indent);
	buf_add(b, paint_on(v, row->paint));
	for (size_t c = 0; c < row->n; c++) {
		size_t pad = width[c] - columns_of(row->cells[c]);
		bool right = c < letters && t->align[c] == 'r';

		if (c)
			buf_addz(b, "  ");
		used += c ? 2 : 0;
		if (right)
			blanks(b, pad);
		if (!right && c + 1 == row->n && c > 0) {
			add_last_cell(v, b, row->cells[c], used);
		} else {
			buf_add(b, row->cells[c]);
			if (!right && c + 1 < row->n)
				blanks(b, pad);
		}
		used += width[c];
	}
	while (b->n && b->p[b->n - 1] == ' ')
		b->n--;
	if (row->paint != PAINT_NONE)
		buf_add(b, paint_off(v));
	buf_addc(b, '\n');
}

void put_table(struct view *v, json_t *obj, const char *key, struct table *t, int indent)
{
	CLEANUP_BUF struct buf b = BUF_INIT(VIEW_TEXT_MAX);
	size_t width[VIEW_COLUMNS] = {0};

	for (size_t r = 0; r < t->n_rows; r++) {
		for (size_t c = 0; c < t->rows[r].n; c++) {
			size_t n = columns_of(t->rows[r].cells[c]);

			if (n > width[c])
				width[c] = n;
		}
	}
	for (size_t r = 0; r < t->n_rows; r++)
		add_table_row(v, t, &b, &t->rows[r], width, indent);
	if (t->failed)
		v->failed = true;
	put_buf(v, obj, key, &b);
}

void table_free(struct table *t)
{
	arena_free(&t->arena);
}
