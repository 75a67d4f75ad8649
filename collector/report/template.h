/* SPDX-License-Identifier: MIT */
/* template.h - private to report/: Mustache text as a list of tokens.
 *
 * The language is that of the public Mustache specification (comments, delimiters,
 * interpolation, inverted, partials, sections; no lambdas, no inheritance, no dynamic names).
 */
#ifndef OOMREPORT_REPORT_TEMPLATE_H
#define OOMREPORT_REPORT_TEMPLATE_H

#include "base/mem.h"

enum {
	TEMPLATE_TEXT_MAX = 1 << 20,   /* bytes of one template or partial */
	TEMPLATE_ARENA_MAX = 32 << 20, /* tokens and indented partials of one rendering */
	TEMPLATE_DEPTH_MAX = 100,      /* sections and partials inside each other */
	TEMPLATE_STEPS_MAX = 4000000, /* tokens rendered: hostile templates end here */
	TEMPLATE_NAME_MAX = 255,       /* bytes of one part of a dotted name */
};
int template_too_large(const char *name, struct err *err);

enum token_kind {
	TOKEN_TEXT,
	TOKEN_ESCAPED, /* {{x}} */
	TOKEN_RAW,     /* {{{x}}} and {{& x}} */
	TOKEN_SECTION,
	TOKEN_INVERTED,
	TOKEN_PARTIAL,
};

struct token {
	enum token_kind kind;
	unsigned line;	   /* 1-based, where the tag starts */
	struct str text;   /* the text itself, or the name; points into the template */
	struct str indent; /* of a partial that stands alone on its line */
	size_t end;	   /* sections: index behind the last token inside */
};

struct token_list {
	struct token *v;
	size_t n, room;
};

/* Cut `text` into tokens; both live as long as the arena and the text. `name` is for the
 * error, which names the line too. */
int template_parse(struct token_list *ret, struct arena *a, struct str text, const char *name,
		   struct err *err) MUST_CHECK;

#endif
