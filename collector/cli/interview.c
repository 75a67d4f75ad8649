/* SPDX-License-Identifier: MIT */
/* interview.c - collects the answers; the terminal's own line editing does the editing. */
#include "cli/interview.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

enum { ANSWER_LARGEST = 16 * 1024, LOOK_MS = 200 };

static const struct {
	const char *key;
	size_t offset;
} known[] = {
	{"workload", offsetof(struct interview, workload)},
	{"before", offsetof(struct interview, before)},
	{"after", offsetof(struct interview, after)},
	{"impact", offsetof(struct interview, impact)},
	{"reproducible", offsetof(struct interview, reproducible)},
	{"changed", offsetof(struct interview, changed)},
};

struct answers {
	struct interview main;
	struct yaml_texts other; /* "key=answer" */
};

static const struct yaml_row answer_rows[] = {
	{.key = "workload", .kind = YAML_TEXT, .offset = offsetof(struct answers, main.workload)},
	{.key = "before", .kind = YAML_TEXT, .offset = offsetof(struct answers, main.before)},
	{.key = "after", .kind = YAML_TEXT, .offset = offsetof(struct answers, main.after)},
	{.key = "impact", .kind = YAML_TEXT, .offset = offsetof(struct answers, main.impact)},
	{.key = "reproducible", .kind = YAML_TEXT,
	 .offset = offsetof(struct answers, main.reproducible)},
	{.key = "changed", .kind = YAML_TEXT, .offset = offsetof(struct answers, main.changed)},
	{.key = "other", .kind = YAML_PAIRS, .offset = offsetof(struct answers, other)},
	{.key = NULL},
};

static const char **answer_at(struct interview *in, size_t i)
{
	return (const char **)(void *)((char *)in + known[i].offset);
}

static const char **slot(struct interview *in, const char *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		if (strcmp(known[i].key, key) == 0)
			return answer_at(in, i);
	}
	return NULL;
}

static const char *other_answer(const struct answers *from, const char *key)
{
	for (size_t i = 0; i < from->other.n; i++) {
		struct str pair = str_of(from->other.v[i]), name;

		if (take_until(&pair, '=', &name) && str_eq(name, str_of(key)))
			return pair.p;
	}
	return NULL;
}

/* What a terminal sends for keys it cannot move by ("\033[D") and other control bytes: no answer. */
static void drop_keys(struct buf *line)
{
	size_t n = 0, i = 0;

	while (i < line->n) {
		unsigned char c = (unsigned char)line->p[i++];

		if (c == 0x1b && i < line->n && (line->p[i] == '[' || line->p[i] == 'O')) {
			i++;
			while (i < line->n && (line->p[i] < 0x40 || line->p[i] == 0x7f))
				i++;
			i += i < line->n;
		} else if ((c >= 0x20 && c != 0x7f) || c == '\t') {
			line->p[n++] = (char)c;
		}
	}
	line->n = n;
}

static void say(const char *text)
{
	print_wrapped(stderr, text, 0, cli_columns(STDERR_FILENO));
}

/* Is there something to read? Looked for in pieces: Ctrl-C may come just before a call that waits. */
static bool wait_for_keys(const volatile int *stop)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	int rc;

	do
		rc = poll(&p, 1, LOOK_MS);
	while (!(stop && *stop) && (rc == 0 || (rc < 0 && errno == EINTR)));
	return rc > 0 && !(stop && *stop);
}

/* One line of the terminal; false at its end (Ctrl-D) or when we were asked to stop. */
static bool read_line(struct buf *line, const volatile int *stop)
{
	char c;

	buf_clear(line);
	for (;;) {
		if (!wait_for_keys(stop) || read(STDIN_FILENO, &c, 1) <= 0)
			return line->n > 0;
		if (c == '\n')
			return true;
		buf_addc(line, c);
	}
}

/* Lines until an empty one; an empty first line skips the question. */
static bool ask(const char *question, struct buf *answer, const volatile int *stop)
{
	CLEANUP_BUF struct buf line = BUF_INIT(ANSWER_LARGEST);

	fputc('\n', stderr);
	say(shown(question).z);
	fputs("> ", stderr);
	while (read_line(&line, stop)) {
		drop_keys(&line);
		if (str_trim(buf_str(&line)).n == 0)
			return true;
		if (answer->n)
			buf_addc(answer, '\n');
		buf_add(answer, buf_str(&line));
		fputs("> ", stderr);
	}
	return false;
}

/* A line that has no such flag (a serial console, some of ssh) loses half a letter by Backspace. */
static void letters_whole(void)
{
#ifdef IUTF8
	struct termios line;

	if (tcgetattr(STDIN_FILENO, &line) != 0 || (line.c_iflag & IUTF8))
		return;
	line.c_iflag |= IUTF8;
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &line);
#endif
}

static bool may_ask(const struct interview_flags *flags)
{
	return !flags->silent && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

struct asking {
	struct interview in;
	struct answers from_file;
	struct interview_answer *extra;
	size_t n_extra;
	bool greeted, over;
	const volatile int *stop;
	struct arena *a;
};

static int ask_one(struct asking *s, const struct profile_question *q, bool may,
		   struct err *err)
{
	CLEANUP_BUF struct buf answer = BUF_INIT(ANSWER_LARGEST);
	const char **to = slot(&s->in, q->key);
	const char *text = to ? *to : other_answer(&s->from_file, q->key);

	if (!text && may && !s->over && !(s->stop && *s->stop)) {
		if (!s->greeted) {
			letters_whole();
			say("A few questions; an empty line ends an answer or skips the question, Ctrl-D "
			    "skips the rest. Backspace and Ctrl-U correct the line.");
		}
		s->greeted = true;
		s->over = !ask(q->text, &answer, s->stop);
		if (answer.n && !(text = arena_cstr(s->a, buf_str(&answer))))
			return err_set(err, ERR_NOMEM, "interview: no memory");
	}
	if (to)
		*to = text;
	else
		s->extra[s->n_extra++] = (struct interview_answer){q->key, q->text, text};
	return 0;
}

int interview_run(struct interview *ret, const struct profile *profile,
		  const struct interview_flags *flags, const volatile int *stop, struct arena *a,
		  struct err *err)
{
	const struct profile_question *questions = profile->questions.v;
	CLEANUP_BUF struct buf text = BUF_INIT(YAML_LARGEST);
	struct asking s = {.stop = stop, .a = a};
	const char *given[] = {flags->workload, flags->before, flags->after, flags->impact};

	if (flags->answers &&
	    (data_read(flags->answers, &text, err) != 0 ||
	     yaml_fill(buf_str(&text), flags->answers, answer_rows, &s.from_file, a, err) != 0))
		return -1;
	s.in = s.from_file.main;
	for (size_t i = 0; i < ARRAY_COUNT(given); i++) {
		if (given[i])
			*answer_at(&s.in, i) = given[i];
	}
	s.extra = arena_array(a, profile->questions.n, sizeof(*s.extra));
	if (!s.extra)
		return err_set(err, ERR_NOMEM, "interview: no memory");
	for (size_t i = 0; i < profile->questions.n; i++) {
		if (ask_one(&s, &questions[i], may_ask(flags), err) != 0)
			return -1;
	}
	s.in.extra = s.extra;
	s.in.n_extra = s.n_extra;
	*ret = s.in;
	return 0;
}
