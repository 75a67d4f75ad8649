/* SPDX-License-Identifier: MIT */
/* split.c - lines that a container runtime has cut in pieces, each in a record of its own: behind 16
 * KiB, or where a program wrote them in pieces. Of the CRI (containerd, CRI-O) a piece that goes on is
 * marked P and the last one F; docker's (json-file) goes on where it does not end in a newline.
 *
 *	2026-01-02T15:04:05.123Z stdout P [  123.4567
 *	2026-01-02T15:04:05.123Z stdout F 89] text
 *
 * What is written meanwhile to the other stream stands between them.
 */
#include "base/when.h"
#include "parse/unwrap.h"

enum { DOCKER_PIECE = 16 * 1024 };

/* "2026-01-02T15:04:05.123Z stdout P ": *head is all of it but the letter. */
static bool take_cri(struct str *in, struct str *head, char *stream, bool *goes_on)
{
	struct str at = *in, tags;
	int64_t us;

	if (at.n < 30 || at.p[4] != '-' || str_find(str_sub(at, 0, 48), STR(" std")) == SIZE_MAX ||
	    !take_iso_time(&at, &us) || !take_lit(&at, STR(" std")) || at.n < 5)
		return false;
	*stream = at.p[0];
	if (!take_lit(&at, STR("out ")) && !take_lit(&at, STR("err ")))
		return false;
	*head = str_sub(*in, 0, in->n - at.n);
	if (!take_word(&at, &tags) || !take_char(&at, ' '))
		return false;
	tags = str_sub(tags, 0, str_find_char(tags, ':'));
	if (tags.n != 1 || (tags.p[0] != 'P' && tags.p[0] != 'F'))
		return false;
	*goes_on = tags.p[0] == 'P';
	*in = at;
	return true;
}

/* {"log":"...","stream":"stdout",...}: *in is the text as it is written, *tail what is behind it. */
static bool take_docker(struct str *in, struct str *head, struct str *tail, char *stream,
			bool *goes_on)
{
	static const struct str begins = STR_INIT("{\"log\":\""), other = STR_INIT("\"stream\":\"std");
	struct str at = *in, text, where;
	size_t i = 0;

	if (!take_lit(&at, begins))
		return false;
	while (i < at.n && at.p[i] != '"')
		i += at.p[i] == '\\' ? 2 : 1;
	if (i >= at.n)
		return false;
	text = str_sub(at, 0, i);
	*tail = str_from(at, i);
	if (!value_of(*tail, other, &where) || where.n == 0)
		return false;
	*stream = where.p[0];
	*head = begins;
	*goes_on = !str_ends(text, STR("\\n"));
	*in = text;
	return true;
}

bool split_line(struct parser *p, struct str *line, uint64_t *number)
{
	struct split *s = &p->split;
	struct str text = *line, head, tail = {0};
	bool goes_on;
	char stream;

	skip_blanks(&text);
	if (!take_cri(&text, &head, &stream, &goes_on)) {
		if (!take_docker(&text, &head, &tail, &stream, &goes_on))
			return false;
		/* its last line may lack a newline, too */
		goes_on &= s->text.n > 0 || text.n >= DOCKER_PIECE;
	}
	if (s->text.n ? stream != s->stream : !goes_on)
		return false;
	if (s->text.n == 0) {
		buf_add(&s->text, head);
		if (!tail.n)
			buf_addz(&s->text, "F ");
		s->stream = stream;
		s->line = *number;
	}
	buf_add(&s->text, text);
	if (goes_on && !s->text.failed)
		return true;
	buf_add(&s->text, tail);
	*line = buf_str(&s->text);
	*number = s->line;
	return false;
}
