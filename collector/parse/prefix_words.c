/* SPDX-License-Identifier: MIT */
/* prefix_words.c - words of a date in other languages than English, and what loggers write
 * between the time and the text.
 *
 *	journalctl	окт 02 15:04:05, déc. 02 15:04:05
 *	log4j, logback	[main] WARN  kernel - text, WARN  [kernel] text
 *	Chrome OS	WARNING kernel: text
 *	metalog		[kernel] text
 *	webOS		[12.345678] kern.warning kernel [] text
 *	logcli (Loki)	{host="db1", job="kernel"} text
 *	MikroTik	system,error,critical text
 */
#include "parse/unwrap.h"

/* What the names of the months begin with, as the C library's locales print them (%b, %B), with
 * small letters where they are of ASCII. Of two that fit the longer one counts: "mar", "marras". */
static const struct str months[] = {
	STR_INIT("jan ene gen ian led sty sij oca tammi jän gener янв яну січ сту Ιαν"),
	STR_INIT("feb fév fev lut úno ún şub Şub helmi veebr фев лют Φεβ"),
	STR_INIT("mar mär mrt maa maalis márc bře mars maart мар бер сак Μαρ Μάρ"),
	STR_INIT("apr abr avr dub kwi nis ápr huhti апр кві кра Απρ"),
	STR_INIT("may mai maj maio mag mei máj kvě touko мая май тра Μαΐ Μάι"),
	STR_INIT("jun jui juin jún giu iun cze čer čvn haz kesä июн юни чер Ιουν"),
	STR_INIT("jul juil júl lug iul lip čec tem heinä июл юли лип Ιουλ"),
	STR_INIT("aug ago aoû sie srp ağu Ağu elo авг сер жні Αυγ"),
	STR_INIT("sep set szept zář wrz eyl syys сен сеп вер Σεπ"),
	STR_INIT("oct okt out ott paź říj eki loka окт жов кас Οκτ"),
	STR_INIT("nov noi lis kas marras ное ноя лис Νοε Νοέ"),
	STR_INIT("dec dez dic dis déc des gru pro ara joulu дек гру сне Δεκ"),
};

/* How many bytes of the word one of them takes, the longest one. */
static size_t longest_of(struct str names, struct str word)
{
	size_t longest = 0;
	struct str name;

	for (skip_blanks(&names); take_word(&names, &name); skip_blanks(&names)) {
		if (name.n > longest && str_starts(word, name))
			longest = name.n;
	}
	return longest;
}

int month_of_word(struct str word)
{
	enum { LONGEST = 24 };
	char small[LONGEST];
	size_t best = 0;
	int month = 0;
	uint64_t n;

	if (take_u64(&word, &n)) /* 5月, 5월 */
		return n >= 1 && n <= 12 && word.n && (unsigned char)word.p[0] >= 0x80 ? (int)n : 0;
	word = str_sub(word, 0, LONGEST);
	for (size_t i = 0; i < word.n; i++)
		small[i] = ascii_lower(word.p[i]);
	word.p = small;
	for (size_t i = 0; i < ARRAY_COUNT(months); i++) {
		size_t length = longest_of(months[i], word);

		if (length > best) {
			best = length;
			month = (int)i + 1;
		}
	}
	return month;
}

bool take_month_word(struct str *in, int *ret_month)
{
	enum { LONGEST = 32 };
	struct str at = *in, word = *in;
	size_t n = 0;

	while (n < at.n && n < LONGEST && !ascii_blank(at.p[n]))
		n++;
	at = str_from(at, n);
	word.n = n;
	skip_blanks(&at);
	if (n == 0 || n == LONGEST || at.n == 0 || !ascii_digit(at.p[0]) ||
	    str_find_char(word, ':') != SIZE_MAX)
		return false;
	*ret_month = month_of_word(word);
	if (!*ret_month && ascii_digit(word.p[0]))
		return false;
	*in = at;
	return true;
}

static bool take_severity(struct str *in)
{
	static const struct str names[] = {
		STR_INIT("TRACE"), STR_INIT("DEBUG"), STR_INIT("INFO"),	 STR_INIT("NOTICE"),
		STR_INIT("WARNING"), STR_INIT("WARN"), STR_INIT("ERR"),	 STR_INIT("ERROR"),
		STR_INIT("CRIT"), STR_INIT("CRITICAL"), STR_INIT("ALERT"), STR_INIT("EMERG"),
		STR_INIT("EMERGENCY"), STR_INIT("FATAL"), STR_INIT("SEVERE"),
	};
	struct str at = *in, word;

	if (at.n == 0 || at.p[0] < 'A' || at.p[0] > 'W' || !take_word(&at, &word) || at.n == 0)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (str_eq(word, names[i])) {
			skip_blanks(&at);
			*in = at;
			return true;
		}
	}
	return false;
}

/* "[kernel] ", "[main] ": a name, neither a row's number nor a caller's */
static bool take_name_in_brackets(struct str *in, struct str *ret)
{
	struct str at = *in, name, caller;

	if (take_caller(&at, &caller) || !take_char(&at, '[') || at.n == 0 ||
	    !ascii_alpha(at.p[0]) || !take_until(&at, ']', &name) || name.n > 64 ||
	    str_find_char(name, ' ') != SIZE_MAX || !take_char(&at, ' '))
		return false;
	skip_blanks(&at);
	*in = at;
	*ret = name;
	return true;
}

/* "kernel - text", "[kernel] text" behind a severity */
static bool take_logger(struct str *in, struct piece *pc)
{
	struct str at = *in, name;

	if (take_name_in_brackets(&at, &name)) {
		said_by(pc, name);
		(void)(take_lit(&at, STR("- ")) || take_lit(&at, STR(": ")));
	} else if (take_word(&at, &name) && take_lit(&at, STR(" - "))) {
		said_by(pc, name);
	} else {
		return false;
	}
	*in = at;
	return true;
}

bool take_logger_words(struct str *in, struct piece *pc)
{
	struct str at = *in, thread;
	bool named = take_name_in_brackets(&at, &thread);

	if (!take_severity(&at)) {
		if (!named)
			return false;
		said_by(pc, thread); /* metalog */
	} else if (!take_logger(&at, pc) && !take_tag(&at, pc)) {
		if (at.n == 0 || at.p[0] != '[') /* of no one, then a time must follow */
			return false;
	}
	*in = at;
	return true;
}

/* "kern.warn ", "daemon.err ": whose and how grave, where others write the host (busybox's syslogd,
 * OpenWrt's logread). mail.example.com is a host. */
bool take_facility(struct str *in)
{
	static const struct str facilities[] = {
		STR_INIT("kern"), STR_INIT("user"),	STR_INIT("daemon"), STR_INIT("local"),
		STR_INIT("auth"), STR_INIT("authpriv"), STR_INIT("syslog"), STR_INIT("cron"),
		STR_INIT("mail"), STR_INIT("ftp"),	STR_INIT("lpr"),    STR_INIT("news"),
	};
	static const struct str severities[] = {
		STR_INIT("emerg"), STR_INIT("alert"),   STR_INIT("crit"),   STR_INIT("err"),
		STR_INIT("error"), STR_INIT("warn"),    STR_INIT("warning"), STR_INIT("notice"),
		STR_INIT("info"),  STR_INIT("debug"),   STR_INIT("panic"),
	};
	struct str at = *in, word, facility;
	bool known = false, grave = false;

	if (!take_word(&at, &word) || !take_char(&at, ' ') || !take_until(&word, '.', &facility))
		return false;
	if (str_starts(facility, STR("local")))
		facility.n = STR("local").n;
	for (size_t i = 0; i < ARRAY_COUNT(facilities); i++)
		known = known || str_eq(facility, facilities[i]);
	for (size_t i = 0; i < ARRAY_COUNT(severities); i++)
		grave = grave || str_eq(word, severities[i]);
	if (known && grave)
		*in = at;
	return known && grave;
}

bool take_facility_words(struct str *in, struct piece *pc)
{
	struct str at = *in, ident, pid;

	if (!take_facility(&at) || !take_word(&at, &ident) || !take_lit(&at, STR(" [")) ||
	    !take_until(&at, ']', &pid) || pid.n > 20)
		return false;
	said_by(pc, ident);
	*in = at;
	return true;
}

bool take_labels(struct str *in, struct piece *pc)
{
	struct str at = *in, labels, host;

	if (!take_char(&at, '{') || !take_until_lit(&at, STR("} "), &labels) ||
	    str_find(labels, STR("=\"")) == SIZE_MAX)
		return false;
	if (take_until_lit(&labels, STR("host=\""), &host) && take_until(&labels, '"', &host) &&
	    host.n <= 255)
		pc->host = host;
	*in = at;
	return true;
}

/* The topics of the device's own scripts ("script,info") are a program's words. */
bool take_topics(struct str *in, struct piece *pc)
{
	struct str at = *in, word;
	size_t commas = 0;

	if (!take_word(&at, &word) || word.n > 64 || str_starts(word, STR("script")))
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] != ',' && !(word.p[i] >= 'a' && word.p[i] <= 'z'))
			return false;
		commas += word.p[i] == ',';
	}
	if (commas == 0)
		return false;
	said_by(pc, STR("kernel"));
	*in = at;
	return true;
}
