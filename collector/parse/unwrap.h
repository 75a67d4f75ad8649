/* SPDX-License-Identifier: MIT */
/* unwrap.h - private to parse/: from a raw line to pieces of text, whatever they are wrapped in.
 *
 * outer.c takes off what stands in front of every line, split.c and sheet.c make lines of parts and
 * of whole logs in one line, clean.c makes them plain text, wrap.c takes them out of JSON (json.c,
 * json_lines.c), tables (table.c) or a journal entry (entry.c), prefix.c takes the prefixes off. join.c
 * puts hard-wrapped pieces together again, as cut.c judges them.
 */
#ifndef OOMREPORT_PARSE_UNWRAP_H
#define OOMREPORT_PARSE_UNWRAP_H

#include "parse/rows.h"

/* wrap.c: one raw line in, pieces out through piece_in(). */
void line_in(struct parser *p, struct str raw, uint64_t number, bool hit);
void line_end(struct parser *p); /* nothing more comes */
/* A record taken out of its wrapping: pc->text may hold prefixes and newlines. */
void record_in(struct parser *p, struct piece *pc);
/* A line that is neither of an entry nor of a table; hit: as of line_in(). */
void line_plain(struct parser *p, struct str raw, struct str text, uint64_t number, bool hit);

/* A piece that is all of the line. */
struct piece piece_of(const struct parser *p, struct str raw, uint64_t number, bool hit);

/* entry.c */
/* Was it a line of an entry? */
bool entry_line(struct parser *p, struct str line, uint64_t number);
void entry_ends(struct parser *p); /* the log does */
bool is_field_name(struct str s);

/* outer.c */
/* The line behind numbers, file names, bullets and the like. */
struct str outer_strip(struct parser *p, struct str raw, bool hit);

/* split.c */
/* True when the line waits for its rest; else it may have become a longer one, which began earlier. */
bool split_line(struct parser *p, struct str *line, uint64_t *number);

/* sheet.c */
/* No record of a kernel is longer (PRINTKRB_RECORD_MAX, 1024): what a control group's path or a program's
 * name holds is part of one, and no line. */
enum { SHORTEST_SHEET = 1025 };
/* Has one line in it, behind the first, prefixes as only lines of a log have? */
bool sheet_begins(struct str rest);
/* Each of the lines as if it stood alone. */
void sheet_in(struct parser *p, struct str lines, uint64_t number);
/* Does it hold lines, and tags that end them? Then they are read. */
bool sheet_of_markup(struct parser *p, struct str text, uint64_t number);
/* Is it a string as Python shows one, "b'text\n'", alone or of a list? Then it is the text now. What holds
 * many lines loses its opening quote only. */
bool literal_line(struct parser *p, struct str *text);
/* Does it hold lines that end in "\n" as C writes it? Then they do end now. */
bool sheet_of_escapes(struct parser *p, struct str *text);
/* Do lines begin in it behind blanks? Then they do now behind newlines. */
bool sheet_of_blanks(struct parser *p, struct str *text);
/* Behind which byte may a line that is too long be cut, as one ends there? 0: nowhere. */
size_t sheet_cut(struct str line);

/* clean.c */
/* Is there anything in it that clean_line() would change? */
bool line_is_dirty(struct str s);
/* Without CR, escape sequences, HTML entities, NBSP, rsyslog's #012 and \xHH escapes; embedded
 * newlines stay as '\n'. */
struct str clean_line(struct buf *out, struct str s);
/* Without "<pre>", "[code]" in front and "</p>", "<br />" behind. */
struct str without_markup(struct str s);
/* Quoted-printable: =3D and the like. */
struct str clean_qp(struct buf *out, struct str s);

/* json.c */
/* Take a JSON object apart: docker, journal or dmesg -J. The text goes to `out`. */
bool take_json(struct parser *p, struct str *in, struct piece *ret, struct buf *out);
/* A string in its quotes, what is escaped in it decoded. */
bool take_json_string(struct str *in, struct buf *out);
/* A record of named values, whatever it is written in: begins, all but the text, ends. */
void record_begins(struct parser *p);
bool record_is_text(struct str key);
void record_member(struct parser *p, struct str key, struct str value, struct piece *pc);
void record_ends(struct parser *p, const struct buf *text, struct piece *pc);
bool json_member(struct parser *p, struct str line, uint64_t number);
/* json_lines.c: a line of an object that is printed over many: true when it was one. */
bool json_object_line(struct parser *p, struct str line, uint64_t number);

/* table.c */
/* Is it the head of a table with a column of texts? Then its lines are records of it. */
bool table_head(struct parser *p, struct str line);
bool table_line(struct parser *p, struct str raw, uint64_t number);
/* key=value key="a value": as take_json(), the text is in p->decoded. */
bool take_logfmt(struct parser *p, struct str line, struct piece *ret);

/* prefix.c */
/* Eat all prefixes of pc->text and note what they said. */
void prefix_take(struct parser *p, struct piece *pc);
/* Who knows what, and then a time. */
bool take_unknown(struct str *in, struct piece *pc);
/* prefix_syslog.c */
struct civil;
void said_by(struct piece *pc, struct str ident); /* and is it another than the kernel? */
bool take_program(struct str *in, struct piece *pc); /* "kernel: " */
bool take_tag(struct str *in, struct piece *pc);     /* ... or "%KERN-6-INFO: " */
bool tag_is_text(struct str line); /* ... of the kernel: no program of that name speaks */
enum { LONGEST_WEEKDAY = 16 }; /* bytes of its short name, in any language */
bool take_rfc3164(const struct parser *p, struct str *in, struct piece *pc);
bool take_kibana(struct str *in, struct piece *pc);
bool take_journal_full(struct str *in, struct piece *pc);
bool take_openwrt(struct str *in, struct piece *pc);
/* Of a date without a year: the one that puts it at most a day after now. */
int64_t guess_year(const struct parser *p, struct civil *c);
bool take_iso(const struct parser *p, struct str *in, struct piece *pc);
bool take_time_of_day(struct str *in, struct piece *pc);
bool take_unix_time(struct str *in, struct piece *pc);
bool take_rfc5424(struct str *in, struct piece *pc); /* behind its <4> */
bool take_bare_kernel(struct str *in, struct piece *pc);
bool take_bare_killer(struct str *in, struct piece *pc);
/* prefix_cisco.c */
bool take_mnemonic(struct str *in, struct piece *pc); /* "%KERN-6-INFO: " */
void pass_nxos(struct str *in, struct piece *pc);
bool pass_zone(struct str *in); /* " UTC: " in front of a mnemonic */
bool take_ios_head(struct str *in, struct piece *pc, struct civil *ret);
bool take_ios(const struct parser *p, struct str *in, struct piece *pc);
/* prefix_logcat.c */
bool take_logcat_tag(struct str *in, struct piece *pc);
/* Behind a tag that is the first word of the text (PRE_TAG_TEXT): both, as they were. */
struct str logcat_text(struct parser *p, struct piece *pc, struct str behind);
bool take_logcat_rest(struct str *in, struct piece *pc);
bool take_logcat(struct str *in, struct piece *pc);
bool take_logcat_long(struct str in, struct piece *pc);
bool take_logcat_process(struct str *in, struct piece *pc);
/* prefix_words.c */
/* 1..12 for the name of a month in any language we know, or a number before such a word; else 0. */
int month_of_word(struct str word);
/* A word before the number of a day: *ret_month is 0 where it is of a language we do not know. */
bool take_month_word(struct str *in, int *ret_month);
bool take_logger_words(struct str *in, struct piece *pc);   /* severity, thread, name */
bool take_facility(struct str *in); /* "kern.warn " */
bool take_facility_words(struct str *in, struct piece *pc); /* "kern.warning kernel [] " */
bool take_labels(struct str *in, struct piece *pc);	    /* {host="db1"} */
bool take_topics(struct str *in, struct piece *pc);	    /* "system,error,critical " */
/* prefix_time.c */
enum { KERNEL_PRIORITIES = 8 }; /* of facility 0: what is not below is another's */
bool take_level(struct str *in, bool *ret_foreign);
bool take_fraction(struct str *in, int64_t *ret_micro);
bool take_kernel_time(struct str *in, int64_t *ret_us);
bool take_delta(struct str *in);
bool take_caller(struct str *in, struct str *ret);
bool take_vendor(struct str *in);
bool take_clock(struct str *in, struct civil *ret);
bool take_date(struct str *in, int64_t *ret_us);
bool take_mail_quote(struct str *in, unsigned *depth);

/* join.c */
void piece_in(struct parser *p, const struct piece *pc);
void join_flush(struct parser *p);
void note_width(struct parser *p, size_t width);
void join_keep(struct parser *p); /* the bytes of the waiting piece are about to go */

/* cut.c */
/* How a mail program may have cut the line: what its rest looks like. */
enum cut {
	CUT_NEVER,
	CUT_KEYS,   /* key=value, key:value, numbers, units */
	CUT_UNTIL,  /* anything, until `complete` is in the line */
	CUT_BUILD,  /* so, and the number and words of a build */
	CUT_PATH,   /* a path and a colon, then as CUT_KEYS */
	CUT_MACHINE, /* anything, until the date of a BIOS */
	CUT_BUDDY,  /* 1*4kB (U) ... = 4kB */
	CUT_HEX,    /* registers, bytes */
	CUT_COLON,  /* all of it, when nothing stands behind the words yet */
};
/* May `next` be what was cut off from `wait`, a line that begins with `literal`? With `complete`
 * in it (never, if that begins with a newline) nothing is missing behind but the value. */
bool cut_goes_on(enum cut cut, struct str literal, struct str complete, struct str wait,
		 struct str next);
/* Do `last` of the line `wait` and `first` of its rest make two words for certain? */
bool cut_between_words(struct str wait, struct str last, struct str first);
/* Amounts of memory, which no line begins with? */
bool cut_is_amounts(struct str text);

#endif
