/* SPDX-License-Identifier: MIT */
/* interview.c - collects the answers; the terminal's own line editing does the editing. */
#include "cli/interview.h"

#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

/* LINE_OF_TERMINAL: N_TTY_BUF_SIZE of the kernel's drivers/tty/n_tty.c, but for the newline */
enum { ANSWER_LARGEST = 16 * 1024, LOOK_MS = 200, PASTED_MS = 50, LINE_OF_TERMINAL = 4095 };

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

/* The bytes of a key a line cannot move by ("\033[D"), or of what Backspace left of one. */
static size_t key_length(struct str s)
{
	static const char ends[] = "ABCDEFGHPQRSZ~";
	size_t n = 2;

	if (s.n < 2 || s.p[0] != 0x1b || (s.p[1] != '[' && s.p[1] != 'O'))
		return 0;
	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x40)
		n++;
	return n < s.n && memchr(ends, s.p[n], sizeof(ends) - 1) ? n + 1 : 2;
}

/* Keys and other control bytes are no answer. */
static void drop_keys(struct buf *line)
{
	size_t n = 0, i = 0;

	while (i < line->n) {
		size_t key = key_length(str_from(buf_str(line), i));
		unsigned char c = (unsigned char)line->p[i];

		if (!key && ((c >= 0x20 && c != 0x7f) || c == '\t'))
			line->p[n++] = (char)c;
		i += key ? key : 1;
	}
	line->n = n;
}

static void say(const char *text)
{
	print_wrapped(stderr, text, 0, cli_columns(STDERR_FILENO));
}

static bool may_read(int wait_ms)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, wait_ms) > 0;
}

/* Looked for in pieces: Ctrl-C may come just before a call that waits. */
static bool wait_for_keys(const volatile int *stop)
{
	bool ready = false;

	while (!(stop && *stop) && !ready)
		ready = may_read(LOOK_MS);
	return ready && !(stop && *stop);
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
			break;
		buf_addc(line, c);
	}
	if (line->n == LINE_OF_TERMINAL)
		log_warn("the end of that line is lost: a terminal hands over %d bytes of one; shorter "
			 "lines or --answers FILE", LINE_OF_TERMINAL);
	return true;
}

/* A line more, if there is room for all of it. */
static void add_line(struct buf *answer, struct str line, bool *full)
{
	if (!*full && answer->n + line.n < ANSWER_LARGEST) {
		if (answer->n)
			buf_addc(answer, '\n');
		buf_add(answer, line);
	} else if (!*full) {
		*full = true;
		log_warn("the answer ends before that line: it may have %d bytes; --answers FILE "
			 "takes more", ANSWER_LARGEST);
	}
}

/* Lines until an empty one; an empty first line skips the question. Behind an empty line within a
 * text that was pasted the next one is there already. */
static bool ask(const char *question, struct buf *answer, const volatile int *stop)
{
	CLEANUP_BUF struct buf line = BUF_INIT(ANSWER_LARGEST);
	bool full = false;

	fputc('\n', stderr);
	say(shown(question).z);
	fputs("> ", stderr);
	while (read_line(&line, stop)) {
		drop_keys(&line);
		if (str_trim(buf_str(&line)).n == 0 && !(answer->n && may_read(PASTED_MS)))
			return true;
		add_line(answer, buf_str(&line), &full);
		if (!may_read(0))
			fputs("> ", stderr);
	}
	fputc('\n', stderr);
	return false;
}

/* The line as people know it, whatever the program left behind that the OOM killed; what was typed
 * before there was a question is no answer. Without IUTF8 (a serial console, some of ssh)
 * Backspace takes half a letter. */
static void set_line(struct termios *was)
{
	struct termios line;

	if (tcgetattr(STDIN_FILENO, &line) != 0)
		return;
	*was = line;
	line.c_iflag |= ICRNL;
	line.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN;
#ifdef IUTF8
	if (cli_utf8())
		line.c_iflag |= IUTF8;
#endif
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &line);
}

/* In the background of a shell a question would stop us. */
static bool in_front(void)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	return front < 0 || front == getpgrp();
}

static bool may_ask(const struct interview_flags *flags)
{
	return !flags->silent && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && in_front();
}

struct asking {
	struct interview in;
	struct answers from_file;
	struct interview_answer *extra;
	size_t n_extra;
	bool greeted, over;
	struct termios was; /* of the terminal, once greeted */
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
			set_line(&s->was);
			say("A few questions; an empty line ends an answer or skips the question, Ctrl-D "
			    "skips the rest. Backspace, Ctrl-W and Ctrl-U take back a letter, a word and "
			    "the line.");
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
	if (s.greeted)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &s.was);
	s.in.extra = s.extra;
	s.in.n_extra = s.n_extra;
	*ret = s.in;
	return 0;
}
