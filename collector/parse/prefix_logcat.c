/* SPDX-License-Identifier: MIT */
/* prefix_logcat.c - the formats of Android's logcat(1): -v threadtime (the usual one), time, brief,
 * tag, process, thread, long, and with year, zone, usec, uid, epoch or monotonic.
 */
#include "base/when.h"
#include "parse/unwrap.h"

/* Is the tag a word of a line, "CPU" of "CPU: 0 PID: 1"? logd takes for a tag what stands before a
 * colon, and logcat fills it up to a column. */
static bool tag_begins_text(struct str tag, struct str behind)
{
	enum { LONGEST_TAG = 8, ENOUGH = 64 }; /* what is longer is not filled up */
	char line[LONGEST_TAG + 1 + ENOUGH];

	if (tag.n == 0 || tag.n > LONGEST_TAG || str_find_char(tag, ' ') != SIZE_MAX)
		return false;
	behind = str_sub(behind, 0, ENOUGH);
	memcpy(line, tag.p, tag.n);
	line[tag.n] = ':';
	memcpy(line + tag.n + 1, behind.p, behind.n);
	return tag_is_text((struct str){line, tag.n + 1 + behind.n});
}

/* logcat: "I lmkd    : text", "E kernel  : text", "I         : text" */
bool take_logcat_tag(struct str *in, struct piece *pc)
{
	struct str at = *in, column, tag;

	if (at.n < 4 || str_find_char(STR("VDIWEF"), at.p[0]) == SIZE_MAX ||
	    (at.p[1] != ' ' && at.p[1] != '/'))
		return false;
	at = str_from(at, 2);
	if (!take_until(&at, ':', &column) || column.n > 40)
		return false;
	tag = str_trim(str_sub(column, 0, str_find_char(column, '(')));
	if (tag.n < column.n && tag_begins_text(tag, at)) {
		pc->ident = tag;
		pc->pre |= PRE_TAG_TEXT;
		*in = at;
		return true;
	}
	/* of what the kernel said logd takes for a tag what stands before a colon */
	if (tag_is_text(str_from(*in, 2)) || str_ends(column, STR(" invoked oom-killer")) ||
	    (str_starts(at, STR(" page allocation ")) && str_find_char(column, '(') == SIZE_MAX)) {
		*in = str_from(*in, 2);
		return true;
	}
	if (str_find_char(tag, ' ') != SIZE_MAX || (at.n && !ascii_blank(at.p[0])))
		return false;
	said_by(pc, tag);
	*in = at;
	return true;
}

struct str logcat_text(struct parser *p, struct piece *pc, struct str behind)
{
	buf_clear(&p->tagged);
	buf_add(&p->tagged, pc->ident);
	buf_addz(&p->tagged, ": ");
	buf_add(&p->tagged, behind);
	pc->ident = (struct str){0};
	pc->pre &= ~(unsigned)PRE_TAG_TEXT;
	return buf_str(&p->tagged);
}

/* What stands behind the time: "[+0100] [uid] pid tid I tag : " or, with -v time, "I/tag (  1): " */
bool take_logcat_rest(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	uint64_t n;
	int numbers = 0;

	skip_blanks(&at);
	if (at.n > 5 && (at.p[0] == '+' || at.p[0] == '-') && !take_word(&at, &word))
		return false;
	for (int i = 0; i < 3; i++) { /* uid, pid, tid */
		struct str tag = at;

		skip_blanks(&at);
		if ((numbers || str_find_char(at, '/') == 1) && (tag = at, take_logcat_tag(&tag, pc)))
			break;
		if (!take_word(&at, &word) || word.n > 12)
			return false;
		if (take_u64(&word, &n) && word.n == 0)
			numbers++;
		else if (i)
			return false;
	}
	skip_blanks(&at);
	if (!take_logcat_tag(&at, pc))
		return false;
	*in = at;
	return true;
}

/* "01-15 16:00:00.900  500   500 I tag : text" */
bool take_logcat(struct str *in, struct piece *pc)
{
	struct str at = *in;
	struct civil c = {0};
	uint64_t month, day;

	if (at.n < 20 || at.p[2] != '-' || at.p[5] != ' ' || !take_u64(&at, &month) ||
	    !take_char(&at, '-') || !take_u64(&at, &day) || month > 12 || day > 31)
		return false;
	skip_blanks(&at);
	if (!take_clock(&at, &c) || !take_logcat_rest(&at, pc))
		return false;
	*in = at;
	return true;
}

/* -v long, a line of its own: "[ 01-15 16:00:00.900   500:  500 I/kernel   ]" */
bool take_logcat_long(struct str in, struct piece *pc)
{
	struct civil c = {0};
	struct str tag;
	uint64_t n;

	if (in.n < 30 || in.n > 120 || !take_lit(&in, STR("[ ")) || !str_ends(in, STR("]")))
		return false;
	in.n--;
	if (!take_u64(&in, &n) || !take_char(&in, '-') || !take_u64(&in, &n) ||
	    !take_char(&in, ' ') || !take_clock(&in, &c))
		return false;
	skip_blanks(&in);
	if (!take_u64(&in, &n) || !take_char(&in, ':'))
		return false;
	skip_blanks(&in);
	if (!take_u64(&in, &n) || !take_char(&in, ' ') || in.n < 2 ||
	    str_find_char(STR("VDIWEF"), in.p[0]) == SIZE_MAX || in.p[1] != '/')
		return false;
	tag = str_trim(str_from(in, 2));
	said_by(pc, tag);
	return true;
}

/* -v process "I(  500) text  (kernel)", -v thread "I(  500:  500) text" */
bool take_logcat_process(struct str *in, struct piece *pc)
{
	struct str at = *in;
	uint64_t pid;

	if (at.n < 8 || str_find_char(STR("VDIWEF"), at.p[0]) == SIZE_MAX || at.p[1] != '(')
		return false;
	at = str_from(at, 2);
	skip_blanks(&at);
	if (!take_u64(&at, &pid))
		return false;
	if (take_char(&at, ':')) {
		skip_blanks(&at);
		if (!take_u64(&at, &pid))
			return false;
	} else {
		size_t open = str_rfind(at, STR("  ("));

		if (open == SIZE_MAX || !str_ends(at, STR(")")))
			return false;
		said_by(pc, str_trim(str_sub(at, open + 3, at.n - open - 4)));
		at = str_sub(at, 0, open);
	}
	if (!take_lit(&at, STR(") ")))
		return false;
	*in = at;
	return true;
}
