/* SPDX-License-Identifier: MIT */
/* chart.h - private to report/: line charts as SVG text, coloured by the page's style sheet. */
#ifndef OOMREPORT_REPORT_CHART_H
#define OOMREPORT_REPORT_CHART_H

#include "base/kv.h"

enum { CHART_LINES = 6, CHART_POINTS = 1000 };

struct chart_line {
	struct str name;      /* escaped here */
	const double *values; /* n_points; NAN = none */
};

struct chart {
	struct str title, description; /* the text alternative; escaped here */
	bool amounts;		       /* kB, labelled as KiB, MiB ...; else plain numbers */
	const char *suffix;	       /* behind plain numbers: "/s", "%", or "" */
	const double *seconds;	       /* n_points, increasing */
	size_t n_points;
	const bool *recorded; /* n_points: something was sampled then; NULL = nothing is known */
	double event_s; /* NAN = not inside */
	struct chart_line lines[CHART_LINES];
	size_t n_lines;
};

/* Appends one <svg> element. */
void chart_svg(struct buf *out, const struct chart *c);

#endif
