/* SPDX-License-Identifier: MIT */
/* chart.c - line charts as SVG: axes with round numbers, labels at the lines' ends, the OOM. */
#include "report/chart.h"

#include <math.h>
#include <stdio.h>

#include "report/view.h"

enum { WIDTH = 720, HEIGHT = 240, LEFT = 84, RIGHT = 574, TOP = 26, BOTTOM = 204, LABEL = 14, LETTERS = 19,
       TICKS_MOST = 60 };

struct scale {
	double x0, x1, top; /* seconds; the largest value */
	double step;
};

static void add_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			buf_addz(b, "&amp;");
			break;
		case '<':
			buf_addz(b, "&lt;");
			break;
		case '>':
			buf_addz(b, "&gt;");
			break;
		case '"':
			buf_addz(b, "&quot;");
			break;
		default:
			buf_addc(b, s.p[i]);
		}
	}
}

/* 1, 2 or 5 times a power of ten, at least `least`. */
static double round_step(double least)
{
	double power = pow(10, floor(log10(least)));

	if (least <= power)
		return power;
	return least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
}

static struct scale make_scale(const struct chart *c)
{
	struct scale s = {.x0 = c->seconds[0], .x1 = c->seconds[c->n_points - 1]};
	double unit = 1;

	for (size_t l = 0; l < c->n_lines; l++) {
		for (size_t i = 0; i < c->n_points; i++) {
			double y = c->lines[l].values[i];

			if (isfinite(y) && y > s.top)
				s.top = y;
		}
	}
	if (s.top <= 0)
		s.top = 1;
	/* round in the unit that is printed */
	while (c->amounts && s.top / unit >= 1024)
		unit *= 1024;
	s.step = round_step(s.top / unit / 4) * unit;
	s.top = ceil(s.top / s.step - 1e-9) * s.step;
	if (s.x1 <= s.x0)
		s.x1 = s.x0 + 1;
	return s;
}

static double x_of(const struct scale *s, double seconds)
{
	return LEFT + (RIGHT - LEFT) * (seconds - s->x0) / (s->x1 - s->x0);
}

static double y_of(const struct scale *s, double value)
{
	double share = value / s->top;

	return BOTTOM - (BOTTOM - TOP) * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static void add_value(struct buf *b, const struct chart *c, double value)
{
	char text[NUMBER_TEXT];

	if (c->amounts)
		buf_addz(b, human_size((int64_t)llround(value), text));
	else if (value >= 1e6)
		buf_addf(b, "%.3g M%s", value / 1e6, c->suffix);
	else if (value >= 1e3)
		buf_addf(b, "%.3g k%s", value / 1e3, c->suffix);
	else
		buf_addf(b, "%.*f%s", value == floor(value) ? 0 : 1, value, c->suffix);
}

static void add_y_axis(struct buf *b, const struct chart *c, const struct scale *s)
{
	for (int i = 0; i * s->step <= s->top * 1.0001; i++) {
		double v = i * s->step, y = y_of(s, v);

		buf_addf(b, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
			 LEFT, y, RIGHT, y);
		buf_addf(b, "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
			 LEFT - 6, y + 4);
		add_value(b, c, v);
		buf_addz(b, "</text>\n");
	}
}

static void add_when(struct buf *b, double seconds)
{
	if (fabs(seconds) < 0.5)
		buf_addz(b, "0");
	else if (fabs(seconds) < 120)
		buf_addf(b, "%+.0f s", seconds);
	else
		buf_addf(b, "%+.3g min", seconds / 60);
}

/* Times are told from the OOM where there is one, else from the first sample. */
static void add_x_axis(struct buf *b, const struct chart *c, const struct scale *s)
{
	double zero = isfinite(c->event_s) ? c->event_s : s->x0;
	double span = s->x1 - s->x0;
	double step = span <= 120 ? round_step(span / 6) : 60 * round_step(span / 60 / 6);

	double first = ceil((s->x0 - zero) / step) * step;

	/* counted: where times are huge, one step further may be the same number */
	for (int i = 0; i < TICKS_MOST && zero + first + i * step <= s->x1; i++) {
		double t = first + i * step, x = x_of(s, zero + t);

		/* every other label can be left out where space is short */
		buf_addf(b,
			 "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
			 "<text class=\"tick%s\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
			 x, BOTTOM, x, BOTTOM + 5, lround(t / step) % 2 ? " odd" : "", x,
			 BOTTOM + 20);
		add_when(b, t);
		buf_addz(b, "</text>\n");
	}
}

/* How far apart the known points of a line usually are: some counters are sampled seldom. */
static double usual_distance(const struct chart *c, size_t line)
{
	size_t first = SIZE_MAX, last = 0, known = 0;

	for (size_t i = 0; i < c->n_points; i++) {
		if (!isfinite(c->lines[line].values[i]))
			continue;
		first = first == SIZE_MAX ? i : first;
		last = i;
		known++;
	}
	return known > 1 ? (double)(last - first) / (double)(known - 1) : 1;
}

/* Others were sampled all the while: this one is only looked at less often, or was then. */
static bool is_recorded(const struct chart *c, size_t from, size_t to)
{
	for (size_t i = from; c->recorded && i < to; i++) {
		if (!c->recorded[i])
			return false;
	}
	return c->recorded != NULL;
}

/* A gap stays a gap; a point with gaps on both sides is a dot. */
static void add_path(struct buf *b, const struct chart *c, const struct scale *s, size_t line)
{
	double reach = usual_distance(c, line) * 2.5;
	size_t last = SIZE_MAX, in_piece = 0;

	buf_addf(b, "<path class=\"line s%zu\" d=\"", line);
	for (size_t i = 0; i < c->n_points; i++) {
		double v = c->lines[line].values[i];
		bool joined;

		if (!isfinite(v))
			continue;
		joined = last != SIZE_MAX &&
			 ((double)(i - last) <= reach || is_recorded(c, last, i));
		if (!joined && in_piece == 1)
			buf_addz(b, "m-2 0h4");
		buf_addf(b, "%c%.1f %.1f", joined ? 'L' : 'M', x_of(s, c->seconds[i]), y_of(s, v));
		in_piece = joined ? in_piece + 1 : 1;
		last = i;
	}
	if (in_piece == 1)
		buf_addz(b, "m-2 0h4");
	buf_addz(b, "\"/>\n");
}

static double last_value(const struct chart *c, size_t line)
{
	for (size_t i = c->n_points; i > 0; i--) {
		if (isfinite(c->lines[line].values[i - 1]))
			return c->lines[line].values[i - 1];
	}
	return 0;
}

static size_t bytes_of_letters(struct str s, size_t letters)
{
	size_t at = 0;

	while (letters-- > 0 && at < s.n) {
		size_t n = utf8_sequence(str_from(s, at));

		at += n ? n : 1;
	}
	return at;
}

/* There is room for so many letters; of a path the end says most. */
static void add_name(struct buf *b, struct str name)
{
	size_t letters = columns_of(name);

	if (letters <= LETTERS) {
		add_escaped(b, name);
	} else if (name.p[0] == '/') {
		buf_addz(b, "…");
		add_escaped(b, str_from(name, bytes_of_letters(name, letters - LETTERS + 1)));
	} else {
		add_escaped(b, str_sub(name, 0, bytes_of_letters(name, LETTERS - 1)));
		buf_addz(b, "…");
	}
}

/* Names stand beside the ends of their lines, pushed apart where they would overlap. */
static void add_names(struct buf *b, const struct chart *c, const struct scale *s)
{
	size_t order[CHART_LINES];
	double y[CHART_LINES];

	for (size_t i = 0; i < c->n_lines; i++) {
		size_t k = i;
		double at_y = y_of(s, last_value(c, i));

		for (; k > 0 && y[k - 1] > at_y; k--) {
			y[k] = y[k - 1];
			order[k] = order[k - 1];
		}
		y[k] = at_y;
		order[k] = i;
	}
	for (size_t k = 1; k < c->n_lines; k++) {
		if (y[k] < y[k - 1] + LABEL)
			y[k] = y[k - 1] + LABEL;
	}
	/* what ran over the bottom moves up, and pushes only what it meets */
	for (size_t k = c->n_lines; k-- > 0;) {
		double lowest = k + 1 < c->n_lines ? y[k + 1] - LABEL : BOTTOM;

		if (y[k] > lowest)
			y[k] = lowest;
	}
	for (size_t k = 0; k < c->n_lines; k++) {
		buf_addf(b, "<text class=\"name t%zu\" x=\"%d\" y=\"%.1f\">", order[k], RIGHT + 8,
			 y[k] + 4);
		add_name(b, c->lines[order[k]].name);
		buf_addz(b, "</text>\n");
	}
}

static void add_event(struct buf *b, const struct chart *c, const struct scale *s)
{
	double x;

	if (!isfinite(c->event_s) || c->event_s < s->x0 || c->event_s > s->x1)
		return;
	x = x_of(s, c->event_s);
	buf_addf(b,
		 "<line class=\"oom\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
		 "<text class=\"oom-name\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">OOM</text>\n",
		 x, TOP - 6, x, BOTTOM, x, TOP - 10);
}

void chart_svg(struct buf *b, const struct chart *c)
{
	struct scale s;

	if (!c->n_points || !c->n_lines)
		return;
	s = make_scale(c);
	buf_addf(b,
		 "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
		 HEIGHT);
	add_escaped(b, c->title);
	buf_addz(b, ": ");
	add_escaped(b, c->description);
	buf_addz(b, "\">\n");
	add_y_axis(b, c, &s);
	add_x_axis(b, c, &s);
	add_event(b, c, &s);
	for (size_t i = 0; i < c->n_lines; i++)
		add_path(b, c, &s, i);
	add_names(b, c, &s);
	buf_addz(b, "</svg>");
}
