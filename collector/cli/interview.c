/* SPDX-License-Identifier: MIT */
/* interview.c - collects the answers: flags before the file, the file before the person. */
#include "cli/interview.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/typing.h"

enum { ANSWER_LARGEST = 16 * 1024 };

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

#define ANSWER(member)                                                                   \
	{.key = #member, .kind = YAML_TEXT, .offset = offsetof(struct answers, main.member), \
	 .may_be_empty = true}
static const struct yaml_row answer_rows[] = {
	ANSWER(workload),
	ANSWER(before),
	ANSWER(after),
	ANSWER(impact),
	ANSWER(reproducible),
	ANSWER(changed),
	{.key = "other", .kind = YAML_PAIRS, .offset = offsetof(struct answers, other),
	 .may_be_empty = true},
	{.key = NULL},
};

int answers_read(struct answers *ret, const char *path, struct arena *a, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(YAML_LARGEST);

	if (data_read(path, &text, err) != 0)
		return -1;
	return yaml_fill(buf_str(&text), path, answer_rows, ret, a, err);
}

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

/* "key=answer" to its two parts; the answer ends the text. */
static bool split(const char *pair, struct str *key, const char **answer)
{
	struct str rest = str_of(pair);

	if (!take_until(&rest, '=', key))
		return false;
	*answer = rest.p;
	return true;
}

static const char *other_answer(const struct answers *from, const char *key)
{
	const char *answer;
	struct str name;

	for (size_t i = 0; from && i < from->other.n; i++) {
		if (split(from->other.v[i], &name, &answer) && str_eq(name, str_of(key)))
			return answer;
	}
	return NULL;
}

static void say(const char *text)
{
	print_wrapped(stderr, text, 0, cli_prose_columns(STDERR_FILENO));
}

/* A line more, if there is room for all of it. */
static void add_line(struct buf *answer, struct str line, bool *full)
{
	if (!*full && answer->n + (answer->n > 0) + line.n <= ANSWER_LARGEST) {
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
static bool ask(struct typing *t, const char *question, struct buf *answer,
		const volatile int *stop)
{
	CLEANUP_BUF struct buf line = BUF_INIT(ANSWER_LARGEST + 1);
	enum typed got = TYPED_LINE;
	bool full = false;

	fputc('\n', stderr);
	say(question);
	while (got != TYPED_LAST) {
		got = typing_line(t, &line, stop);
		if (str_trim(buf_str(&line)).n == 0 && !(answer->n && typing_waits()))
			break;
		if (got == TYPED_CUT)
			log_warn("the end of that line is lost: an answer may have %d bytes; "
				 "--answers FILE takes more", ANSWER_LARGEST);
		add_line(answer, buf_str(&line), &full);
	}
	return got != TYPED_LAST;
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
	const struct profile *profile;
	const struct interview_flags *flags;
	struct interview_answer *extra;
	size_t n_extra;
	bool greeted, over;
	struct typing terminal; /* once greeted */
	const volatile int *stop;
	struct arena *a;
};

static void greet(struct asking *s)
{
	if (s->greeted)
		return;
	s->greeted = true;
	typing_begin(&s->terminal);
	if (s->profile->description)
		say(shown(s->profile->description).z);
	say("A few questions. An empty line ends an answer or skips the question, Ctrl-D skips the "
	    "rest.");
}

/* The end of a text without blank lines; nothing is no answer. */
static int keep(struct asking *s, const char *text, const char **to, struct err *err)
{
	struct str trimmed = str_trim(str_of(text));

	*to = trimmed.n ? arena_cstr(s->a, trimmed) : NULL;
	return *to || !trimmed.n ? 0 : err_set(err, ERR_NOMEM, "interview: no memory");
}

/* Question i (from 0) of the profile. */
static int ask_one(struct asking *s, size_t i, struct err *err)
{
	const struct profile_question *q = (const struct profile_question *)s->profile->questions.v + i;
	CLEANUP_BUF struct buf answer = BUF_INIT(ANSWER_LARGEST + 1);
	const char **to = slot(&s->in, q->key);
	const char *text = to && *to ? *to : other_answer(s->flags->answers, q->key);
	char question[sizeof(struct shown) + 50];

	if (!text && may_ask(s->flags) && !s->over && !(s->stop && *s->stop)) {
		greet(s);
		snprintf(question, sizeof(question), "%zu/%zu  %s", i + 1, s->profile->questions.n,
			 shown(q->text).z);
		s->over = !ask(&s->terminal, question, &answer, s->stop);
		text = buf_cstr(&answer);
		if (!text)
			return err_set(err, ERR_NOMEM, "interview: no memory");
	}
	if (to)
		return keep(s, text, to, err);
	s->extra[s->n_extra] = (struct interview_answer){q->key, q->text, NULL};
	return keep(s, text, &s->extra[s->n_extra++].answer, err);
}

static bool is_asked(const struct profile *profile, struct str key)
{
	const struct profile_question *q = profile->questions.v;

	for (size_t i = 0; i < profile->questions.n; i++) {
		if (str_eq(str_of(q[i].key), key))
			return true;
	}
	return false;
}

/* What the file says beyond the desk's questions is said, too. */
static int keep_unasked(struct asking *s, struct err *err)
{
	const struct answers *from = s->flags->answers;
	const char *answer;
	struct str name;

	for (size_t i = 0; from && i < from->other.n; i++) {
		struct interview_answer *to = &s->extra[s->n_extra];

		if (!split(from->other.v[i], &name, &answer) || is_asked(s->profile, name))
			continue;
		*to = (struct interview_answer){arena_cstr(s->a, name), NULL, NULL};
		to->question = to->key;
		if (!to->key || keep(s, answer, &to->answer, err) != 0)
			return err_set(err, ERR_NOMEM, "interview: no memory");
		s->n_extra += to->answer != NULL;
	}
	return 0;
}

static int run(struct asking *s, struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		const char **to = answer_at(&s->in, i);
		const char *given = *(const char *const *)(const void *)((const char *)&s->flags->given +
									 known[i].offset);

		if (given)
			*to = given;
		if (!is_asked(s->profile, str_of(known[i].key)) && keep(s, *to, to, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < s->profile->questions.n; i++) {
		if (ask_one(s, i, err) != 0)
			return -1;
	}
	return keep_unasked(s, err);
}

int interview_run(struct interview *ret, const struct profile *profile,
		  const struct interview_flags *flags, const volatile int *stop, struct arena *a,
		  struct err *err)
{
	struct asking s = {.profile = profile, .flags = flags, .stop = stop, .a = a};
	int rc;

	if (flags->answers)
		s.in = flags->answers->main;
	s.extra = arena_array(a, profile->questions.n + (flags->answers ? flags->answers->other.n : 0),
			      sizeof(*s.extra));
	rc = s.extra ? run(&s, err) : err_set(err, ERR_NOMEM, "interview: no memory");
	typing_end(&s.terminal);
	if (rc != 0)
		return -1;
	s.in.extra = s.extra;
	s.in.n_extra = s.n_extra;
	*ret = s.in;
	return 0;
}
