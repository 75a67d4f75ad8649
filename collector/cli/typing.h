/* SPDX-License-Identifier: MIT */
/* typing.h - a line typed on a terminal, with the usual keys. */
#ifndef OOMREPORT_CLI_TYPING_H
#define OOMREPORT_CLI_TYPING_H

#include <termios.h>

#include "base/mem.h"

struct typing {
	struct termios was, ours;
	bool on;
};

/* Standard input is ours until typing_end(), which gives it back as it was; what was typed before is
 * thrown away. */
void typing_begin(struct typing *t);
void typing_end(struct typing *t);
/* From a signal's handler that does not come back. */
void typing_abort(void);

enum typed {
	TYPED_LINE,
	TYPED_CUT,  /* more was typed than `line` may hold with a NUL behind it */
	TYPED_LAST, /* Ctrl-D, a terminal that went away, or *stop: what had been typed is in it */
};
/* The next line, without its end and without control characters; valid UTF-8. */
enum typed typing_line(struct typing *t, struct buf *line, const volatile int *stop);
/* Is the next line there already, or a part of it, as when text is pasted? */
bool typing_waits(void);

#endif
