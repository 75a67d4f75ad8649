/* SPDX-License-Identifier: MIT */
/* cut.c - what the rest of a line looks like that a mail program cut in two: one rule for each
 * form that the kernel's lines have.
 */
#include "parse/unwrap.h"

/* What a cut-off rest of key=value and number text begins with. */
static bool keys_go_on(struct str wait, struct str next)
{
	struct str word;
	char last;

	wait = str_trim(wait);
	if (wait.n == 0 || !take_word(&next, &word))
		return false;
	last = wait.p[wait.n - 1];
	if (str_rfind(wait, STR("(")) != SIZE_MAX && /* inside of (GFP_KERNEL|...) */
	    str_find_char(str_from(wait, str_rfind(wait, STR("("))), ')') == SIZE_MAX)
		return true;
	if (last == ',' || last == '=' || last == '|' || last == ':' || last == '?')
		return true;
	if (word.p[0] == '(' || word.p[0] == '|' || word.p[0] == '=' ||
	    (word.p[0] == 'B' && last == 'k'))
		return true;
	if (ascii_digit(word.p[0]) || word.p[0] == '-')
		return true;
	if (str_find_char(word, '=') != SIZE_MAX || str_find_char(word, ':') != SIZE_MAX)
		return true;
	return str_find(word, STR("kB")) != SIZE_MAX || str_starts(word, STR("all_unrecl")) ||
	       str_starts(word, STR("GFP_")) || str_starts(word, STR("__GFP_"));
}

/* "0000000000000040 RBX: ...", "48 89 07 48" */
static bool hex_goes_on(struct str next)
{
	struct str word;
	uint64_t n;

	if (!take_word(&next, &word))
		return false;
	if (word.p[0] == '<' || word.p[word.n - 1] == ':' || str_starts(word, STR("0010:")))
		return true;
	(void)take_lit(&word, STR("0018:"));
	return take_hex(&word, &n) && word.n == 0;
}

static bool ends_in_yes_no(struct str text)
{
	size_t at = str_rfind(text, STR("all_unreclaimable?"));

	return at != SIZE_MAX && str_trim(str_from(text, at + 18)).n >= 2;
}

/* "... 6.1.0-56-amd64 #1" "Debian 6.1.192-2", "#1 SMP" "PREEMPT(full) 5546952e..." */
static bool build_goes_on(struct str wait, struct str next)
{
	static const struct str words[] = {
		STR_INIT("SMP"),    STR_INIT("PREEMPT"), STR_INIT("Debian"),
		STR_INIT("Ubuntu"), STR_INIT("SLE"),
	};
	size_t i = 0;

	if (str_find(wait, STR(" #")) == SIZE_MAX)
		return false;
	for (size_t k = 0; k < ARRAY_COUNT(words); k++) {
		if (str_starts(next, words[k]) || str_ends(wait, words[k]))
			return true;
	}
	while (i < next.n && (ascii_digit(next.p[i]) || (next.p[i] >= 'a' && next.p[i] <= 'f')))
		i++;
	return i == 40 || (i >= 5 && ascii_digit(next.p[0]) && i == next.n);
}

/* "..., BIOS 1.16.2-debian-1.16.2-1 04/01/2014": nothing stands behind the date */
static bool ends_in_bios_date(struct str text)
{
	static const struct str form = STR_INIT(" 00/00/0000");
	struct str date = str_from(text, text.n - (form.n < text.n ? form.n : text.n));

	for (size_t i = 0; i < date.n; i++) {
		if (ascii_digit(form.p[i]) ? !ascii_digit(date.p[i]) : date.p[i] != form.p[i])
			return false;
	}
	return date.n == form.n;
}

/* "bounce:0kB free_pcp:0kB", "0*128kB (UM)", "unstable:0kB all_unreclaimable? no", "0kB": amounts
 * and nothing else, which no line begins with. A mail wrapped a second time has short ones. */
bool cut_is_amounts(struct str text)
{
	static const struct str others[] = {
		STR_INIT("all_unreclaimable?"), STR_INIT("yes"), STR_INIT("no"), STR_INIT("="),
		STR_INIT("shmem_thp:"), STR_INIT("shmem_pmdmapped:"), STR_INIT("anon_thp:"),
	};
	bool any = false;
	struct str word;

	if (str_starts(text, STR("kB "))) /* and their last digits are in the line before */
		text = str_from(text, 3);
	for (skip_blanks(&text); take_word(&text, &word); skip_blanks(&text)) {
		size_t known = 0;

		while (known < ARRAY_COUNT(others) && !str_eq(word, others[known]))
			known++;
		if (word.n > 2 && ascii_digit(word.p[word.n - 3]) &&
		    (str_ends(word, STR("kB")) || str_ends(word, STR("KB"))))
			any = true;
		else if (known == ARRAY_COUNT(others) && word.p[0] != '(')
			return false;
	}
	return any;
}

bool cut_goes_on(enum cut cut, struct str literal, struct str complete, struct str wait,
		 struct str next)
{
	struct str trimmed = str_trim(wait);

	if (cut == CUT_NEVER)
		return false;
	if (cut == CUT_BUILD && build_goes_on(trimmed, next))
		return true;
	if (complete.p[0] != '\n' && str_find(wait, complete) != SIZE_MAX) {
		/* the key is there; its value may be cut off */
		char last = trimmed.p[trimmed.n - 1];

		return last == '=' || last == ':' || last == ',';
	}
	switch (cut) {
	case CUT_NEVER:
		return false;
	case CUT_COLON:
		return trimmed.n <= literal.n;
	case CUT_HEX:
		return hex_goes_on(next) || str_ends(trimmed, STR(":"));
	case CUT_PATH:
		return str_find_char(wait, ':') == SIZE_MAX || keys_go_on(wait, next);
	case CUT_MACHINE:
		return !ends_in_bios_date(trimmed);
	case CUT_UNTIL:
	case CUT_BUILD:
		return true;
	case CUT_BUDDY:
		if (str_find_char(wait, '*') != SIZE_MAX && str_find(wait, STR("free:")) == SIZE_MAX) {
			size_t eq = str_find(wait, STR(" = "));

			return eq == SIZE_MAX || !str_ends(trimmed, STR("kB"));
		}
		if (ends_in_yes_no(wait))
			return str_starts(next, STR("Balloon:"));
		return keys_go_on(wait, next) || str_starts(next, STR("yes")) ||
		       str_starts(next, STR("no"));
	case CUT_KEYS:
		return keys_go_on(wait, next);
	}
	return false;
}

bool cut_between_words(struct str wait, struct str last, struct str first)
{
	if (first.p[0] == '#') /* "6.12.117+deb12-amd64" "#1": a build number is a word of its own */
		return true;
	if (wait.p[0] != '[')
		return false;
	if (task_is_column(last)) /* "rss_file" "rss_shmem" */
		return first.p[0] != '_';
	for (size_t i = 0; i < last.n; i++) { /* in a row "0" "tail": a name is no number */
		if (!ascii_digit(last.p[i]))
			return false;
	}
	return !ascii_digit(first.p[0]);
}
