/* SPDX-License-Identifier: MIT */
/* view_findings.c - findings with their arithmetic, what is missing, the interview. */
#include "report/view.h"

#include <stdio.h>

static const struct {
	const char *word;
	enum paint paint;
} confidences[] = {
	{"high", PAINT_BOLD}, {"medium", PAINT_BOLD}, {"low", PAINT_DIM},
};

static enum paint confidence_paint(struct str word)
{
	for (size_t i = 0; i < ARRAY_COUNT(confidences); i++) {
		if (str_eq(word, str_of(confidences[i].word)))
			return confidences[i].paint;
	}
	return PAINT_NONE;
}

static void add_wrapped(const struct view *v, struct buf *b, const char *head, struct str text,
			int indent)
{
	if (text.n)
		wrap(b, text, v->o.width, str_of(head), indent);
}

static struct str str_trim_end(struct str s)
{
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

/* A template cannot compare: {{#is.memcg-limit}} and {{#is.high}} let one say a finding in the
 * words of another language. */
static void put_is(struct view *v, json_t *to, json_t *finding)
{
	static const char *const names[] = {"id", "confidence"};
	json_t *is = put_object(v, to, "is");

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct str word = str_sub(text_at(finding, names[i]), 0, 63);
		char key[64];

		snprintf(key, sizeof(key), "%.*s", STR_ARG(word));
		if (word.n)
			put_bool(v, is, key, true);
	}
}

static void view_finding(struct view *v, json_t *row, json_t *finding, size_t n)
{
	CLEANUP_BUF struct buf b = BUF_INIT(65536), brief = BUF_INIT(65536);
	CLEANUP_BUF struct buf shortest = BUF_INIT(65536);
	struct str confidence = text_or(text_at(finding, "confidence"), "?");
	enum paint paint = confidence_paint(confidence);
	json_t *evidence = at(finding, "evidence"), *one, *lines = put_array(v, row, "evidence");
	char head[64];
	size_t i;

	put_is(v, row, finding);
	put_number(v, row, "n", (int64_t)n);
	put_bool(v, row, "has_evidence", json_array_size(evidence) > 0);
	put_text(v, row, "id", text_at(finding, "id"));
	put_text(v, row, "cause", text_or(text_at(finding, "cause"), "?"));
	put_text(v, row, "confidence", confidence);
	put_text(v, row, "advice", text_at(finding, "advice"));
	put_text(v, row, "reference", text_at(finding, "reference"));
	put_text(v, row, "wiki", text_at(finding, "wiki"));
	snprintf(head, sizeof(head), "  %zu. [%.*s] ", n, STR_ARG(str_sub(confidence, 0, 10)));
	wrap(&b, text_or(text_at(finding, "cause"), "?"), v->o.width, str_of(head), 5);
	buf_add(&brief, paint_on(v, paint));
	buf_add(&brief, str_trim_end(buf_str(&b)));
	buf_add(&brief, paint_off(v));
	buf_addc(&brief, '\n');
	buf_add(&shortest, buf_str(&brief));
	json_array_foreach(evidence, i, one) {
		struct str text = text_at(one, "text");

		if (!text.n)
			continue;
		put_text(v, add_row(v, lines), "text", text);
		add_wrapped(v, &b, "       ", text, 9);
		if (i < (n == 1 ? 3U : 1U))
			add_wrapped(v, &brief, "       ", text, 9);
	}
	add_wrapped(v, &b, "     Advice: ", text_at(finding, "advice"), 5);
	if (n == 1)
		add_wrapped(v, &brief, "     Advice: ", text_at(finding, "advice"), 5);
	put_buf(v, row, "lines", &b);
	put_buf(v, row, "brief", &brief);
	put_buf(v, row, "short", n == 1 ? &brief : &shortest);
}

static void view_finding_list(struct view *v)
{
	json_t *findings = at(v->doc, "diagnosis.findings"), *finding;
	json_t *to = put_object(v, v->to, "findings"), *rows = put_array(v, to, "rows");
	json_t *top = put_array(v, to, "top");
	size_t i;

	json_array_foreach(findings, i, finding) {
		json_t *row = add_row(v, rows);

		view_finding(v, row, finding, i + 1);
		if (i < 3 && json_array_append(top, row) < 0)
			v->failed = true;
	}
	put_bool(v, to, "known", json_array_size(rows) > 0);
	put_number(v, to, "more", json_array_size(rows) > 3 ? (int64_t)json_array_size(rows) - 3
							     : UNKNOWN);
}

static void view_verdict(struct view *v)
{
	CLEANUP_BUF struct buf b = BUF_INIT(65536);
	struct str verdict = text_or(text_at(v->doc, "diagnosis.verdict"),
				     v->event ? "No diagnosis was made." : "No OOM event.");

	put_text(v, v->to, "verdict", verdict);
	wrap(&b, verdict, v->o.width, STR(""), 0);
	put_buf(v, v->to, "verdict_wrapped", &b);
	put_is(v, v->to, at(v->doc, "diagnosis.findings.0"));
	put_text(v, v->to, "best_id", text_at(v->doc, "diagnosis.findings.0.id"));
	put_text(v, v->to, "best_confidence", text_at(v->doc, "diagnosis.findings.0.confidence"));
}

static void view_missing(struct view *v)
{
	json_t *missing = at(v->doc, "diagnosis.missing"), *fact;
	json_t *to = put_object(v, v->to, "missing"), *rows = put_array(v, to, "rows");
	CLEANUP_BUF struct buf lines = BUF_INIT(VIEW_TEXT_MAX), brief = BUF_INIT(VIEW_TEXT_MAX);
	size_t i;

	json_array_foreach(missing, i, fact) {
		CLEANUP_BUF struct buf b = BUF_INIT(65536);
		json_t *row = add_row(v, rows);
		struct str what = json_is_string(fact) ? text_at(missing, "") : text_at(fact, "what");

		if (json_is_string(fact))
			what = (struct str){json_string_value(fact), json_string_length(fact)};
		put_text(v, row, "what", text_or(what, "?"));
		put_text(v, row, "decides", text_at(fact, "decides"));
		put_text(v, row, "how", text_at(fact, "how"));
		buf_add(&b, text_or(what, "?"));
		if (text_at(fact, "decides").n)
			buf_addf(&b, " (would decide: %.*s)", STR_ARG(text_at(fact, "decides")));
		wrap(&brief, buf_str(&b), v->o.width, STR("  - "), 4);
		if (text_at(fact, "how").n)
			buf_addf(&b, ". Get it: %.*s", STR_ARG(text_at(fact, "how")));
		wrap(&lines, buf_str(&b), v->o.width, STR("  - "), 4);
	}
	put_bool(v, to, "known", json_array_size(rows) > 0);
	put_bool(v, to, "or_lost",
		 json_array_size(rows) > 0 || text_at(v->to, "event_lacks").n > 0);
	put_buf(v, to, "lines", &lines);
	put_buf(v, to, "brief", &brief);
}

struct interview_view {
	struct view *v;
	json_t *rows;
	struct buf lines, unasked;
};

/* `silent`: an unanswered question is not worth a word. */
static void one_question(struct interview_view *i, struct str question, struct str answer,
			 bool silent)
{
	json_t *row;

	if (!answer.n && silent)
		return;
	row = add_row(i->v, i->rows);
	put_text(i->v, row, "question", question);
	put_text(i->v, row, "answer", answer.n ? answer : (struct str){NULL, 0});
	if (!answer.n) {
		buf_addf(&i->unasked, "%s%.*s", i->unasked.n ? " " : "", STR_ARG(question));
		return;
	}
	wrap(&i->lines, question, i->v->o.width, STR("  "), 2);
	wrap(&i->lines, answer, i->v->o.width, STR("    "), 4);
}

static void view_interview(struct view *v)
{
	static const struct {
		const char *key, *question;
	} questions[] = {
		{"workload", "What was the machine doing?"},
		{"before", "How was it before?"},
		{"after", "How was it after?"},
		{"impact", "Did it hurt anything?"},
		{"reproducible", "Can it be repeated?"},
		{"changed", "What changed lately?"},
	};
	json_t *to = put_object(v, v->to, "interview"), *other = at(v->doc, "interview.other");
	struct interview_view i = {.v = v, .rows = put_array(v, to, "rows"),
				   .lines = BUF_INIT(VIEW_TEXT_MAX), .unasked = BUF_INIT(16384)};
	size_t k;
	json_t *own;

	for (k = 0; k < ARRAY_COUNT(questions); k++) {
		char path[64];

		snprintf(path, sizeof(path), "interview.%s", questions[k].key);
		one_question(&i, str_of(questions[k].question), text_at(v->doc, path), k > 3);
	}
	json_array_foreach(other, k, own)
		one_question(&i, text_at(own, "question"), text_at(own, "answer"), false);
	put_bool(v, to, "known", i.lines.n > 0);
	put_buf(v, to, "lines", &i.lines);
	put_buf(v, to, "unanswered_words", &i.unasked);
	buf_clear(&i.lines);
	if (i.unasked.n)
		wrap(&i.lines, buf_str(&i.unasked), v->o.width, STR("  Not answered: "), 4);
	put_buf(v, to, "unanswered", &i.lines);
	buf_free(&i.lines);
	buf_free(&i.unasked);
}

void view_findings(struct view *v)
{
	view_verdict(v);
	view_finding_list(v);
	view_missing(v);
	view_interview(v);
}
