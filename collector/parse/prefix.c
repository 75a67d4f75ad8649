/* SPDX-License-Identifier: MIT */
/* prefix.c - everything that may stand before a kernel message, taken off from the left.
 *
 *	{quote} {transport} {syslog header} {<level>} {[timestamp]} {[caller id]} {vendor tag}
 *
 * Each take_*() knows one form: of headers with a date in prefix_syslog.c, of words in them in
 * prefix_words.c, of network devices in prefix_cisco.c, of logcat in prefix_logcat.c, of times and
 * what stands beside them in prefix_time.c, and here those of the kernel (kernel/printk/printk.c,
 * drivers/net/netconsole.c, dmesg(1)) and of unknown writers.
 * The first byte chooses which are tried.
 */
#include "base/when.h"
#include "parse/unwrap.h"

/* "node1  | ", of docker compose and the like; "[pod/dmesg-x7k2p/reader] ", of kubectl logs */
static void host_before(struct str words, struct piece *pc)
{
	struct str host, rest;

	words = str_trim(words);
	if (take_lit(&words, STR("[pod/")) && take_until(&words, '/', &host)) {
		pc->host = host;
		return;
	}
	rest = words;
	if (!pc->host.n && take_word(&rest, &host) && str_eq(str_trim(rest), STR("|")))
		pc->host = host;
}

/* "node1  | [  123.456] text", "console: [  123.456] text", "vcpu-5 - Guest: <4>[123.4] text":
 * who knows what, and then a time. */
bool take_unknown(struct str *in, struct piece *pc)
{
	enum { NEAR = 48 };

	for (size_t i = 1; i < in->n && i < NEAR; i++) {
		struct str at = str_from(*in, i);
		char before = in->p[i - 1];
		bool foreign;

		if ((!ascii_blank(before) && before != '|' && before != ':') ||
		    (in->p[i] != '[' && (in->p[i] != '<' || !take_level(&at, &foreign))) ||
		    !take_kernel_time(&at, &pc->mono_us))
			continue;
		host_before(str_sub(*in, 0, i), pc);
		*in = str_from(*in, i);
		return true;
	}
	return false;
}

/* "kern  :warn  : " */
static bool take_decoded_level(struct str *in, struct piece *pc)
{
	static const struct str facilities[] = {
		STR_INIT("kern"),   STR_INIT("user"), STR_INIT("mail"), STR_INIT("daemon"),
		STR_INIT("auth"),   STR_INIT("syslog"), STR_INIT("local"),
	};
	struct str at = *in, word, level;

	for (size_t i = 0; i < ARRAY_COUNT(facilities); i++) {
		if (!str_starts(at, facilities[i]))
			continue;
		if (!take_until(&at, ':', &word) || word.n > 10 ||
		    !take_until(&at, ':', &level) || level.n > 8)
			return false;
		level = str_trim(level);
		if (str_find_char(level, ' ') != SIZE_MAX || level.n < 3)
			return false;
		pc->foreign = i > 0;
		*in = at;
		return true;
	}
	return false;
}

/* "10.5.0.3: kern: warning: [2026-01-02T15:04:05.123456789Z]: text": talosctl names the node */
static bool take_talos_node(struct str *in, struct piece *pc)
{
	struct str at = *in, host;
	struct piece level = {.foreign = false};

	if (!take_until_lit(&at, STR(": "), &host) || host.n == 0 || host.n > 255 ||
	    str_find_char(host, ' ') != SIZE_MAX || !take_decoded_level(&at, &level) ||
	    !str_starts(at, STR(" [2")))
		return false;
	pc->host = host;
	*in = str_from(*in, host.n + 2);
	return true;
}

/* "4,1034,192206114689,-[,caller=T1234];text", of netconsole also with the release in front. */
static bool take_kmsg(struct str *in, struct piece *pc)
{
	struct str at = *in, release, head;
	uint64_t level, seq, usec;
	size_t semicolon;

	if (!take_u64(&at, &level))
		return false;
	if (at.n && at.p[0] == '.') { /* 6.4.0,6,444,... */
		at = *in;
		if (!take_until(&at, ',', &release) || release.n > 80 || !take_u64(&at, &level))
			return false;
	}
	if (!take_char(&at, ',') || level > 999 || !take_u64(&at, &seq) ||
	    !take_char(&at, ',') || !take_u64(&at, &usec) || usec > INT64_MAX ||
	    !take_char(&at, ','))
		return false;
	semicolon = str_find_char(at, ';');
	if (semicolon == SIZE_MAX || semicolon > 200)
		return false;
	head = str_sub(at, 0, semicolon);
	if (value_of(head, STR("ncfrag="), &release) && take_u64(&release, &level) &&
	    take_char(&release, '/') && take_u64(&release, &seq) && seq <= LINE_CAP) {
		pc->frag_at = level;
		pc->frag_of = seq;
	}
	if (take_until_lit(&head, STR("caller="), &release)) {
		struct str id = str_sub(head, 0, str_find_char(head, ','));

		if (id.n < CALLER_ROOM)
			pc->caller = id;
		pc->pre |= PRE_CALLER;
	}
	pc->mono_us = (int64_t)usec;
	pc->foreign = level >= KERNEL_PRIORITIES;
	pc->pre |= PRE_RECORD | PRE_TIME | PRE_KMSG;
	*in = str_from(at, semicolon + 1);
	return true;
}

/* A login prompt that was on the console: "host login: [  123.456] text" */
static bool take_prompt(struct str *in)
{
	struct str at = *in, prompt;

	if (!take_until_lit(&at, STR("login: "), &prompt) || prompt.n > 70 || at.n == 0 ||
	    (at.p[0] != '[' && at.p[0] != '<'))
		return false;
	*in = at;
	return true;
}

/* Is it a word, which begins nothing that may stand behind a time? 'c' may, and "I[": of vendors. */
static bool begins_text(struct str in)
{
	skip_blanks(&in);
	return in.n > 1 && ascii_alpha(in.p[0]) && in.p[0] != 'c' && in.p[1] != '[';
}

/* "[pod/dmesg-x7k2p/reader] " in front of another header: kubectl logs --prefix --timestamps */
static bool take_pod(struct str *in, struct piece *pc)
{
	struct str at = *in, words;

	if (!take_lit(&at, STR("[pod/")) || !take_until_lit(&at, STR("] "), &words) || words.n > 255)
		return false;
	host_before(str_sub(*in, 0, in->n - at.n), pc);
	*in = at;
	return true;
}

static bool take_bracket(struct str *in, struct piece *pc)
{
	if (!pc->pre && take_pod(in, pc))
		return true;
	if (!(pc->pre & PRE_RECORD) && take_kernel_time(in, &pc->mono_us)) {
		pc->pre |= PRE_TIME;
		if (begins_text(*in))
			return true;
		/* ": text" of some vendors; a colon is never the first byte of a message */
		(void)take_lit(in, STR(": "));
		if (take_caller(in, &pc->caller))
			pc->pre |= PRE_CALLER;
		else if (take_vendor(in))
			pc->pre |= PRE_TIME;
		return true;
	}
	if (!(pc->pre & PRE_TIME) && (take_delta(in) || take_date(in, &pc->wall_us))) {
		(void)take_lit(in, STR(": ")); /* of Talos' dmesg */
		pc->pre |= PRE_TIME;
		if (take_caller(in, &pc->caller))
			pc->pre |= PRE_CALLER;
		return true;
	}
	return false;
}

static bool take_letters(struct parser *p, struct str *in, struct piece *pc)
{
	char c = in->p[0];

	if (!(pc->pre & (PRE_SYSLOG | PRE_TIME | PRE_RECORD)) &&
	    (take_rfc3164(p, in, pc) || take_kibana(in, pc) || take_journal_full(in, pc) ||
	     take_openwrt(in, pc) ||
	     take_logcat_tag(in, pc) || take_logcat_process(in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if ((!(pc->pre & (PRE_SYSLOG | PRE_RECORD)) ||
	     (!pc->foreign && str_starts(*in, STR("kernel: ")))) &&
	    take_bare_kernel(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!pc->pre && (c == 'M' || c == 'B') && take_shout(p, in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!pc->pre && (c == 'e' || c == 's' || c == 'n') && take_bare_killer(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & (PRE_LEVEL | PRE_TIME)) && c >= 'a' && c <= 'z' &&
	    take_decoded_level(in, pc)) {
		pc->pre |= PRE_LEVEL;
		return true;
	}
	return !pc->pre && take_prompt(in);
}

static bool take_digits(const struct parser *p, struct str *in, struct piece *pc)
{
	if (pc->pre & (PRE_TIME | PRE_RECORD))
		return false;
	if (take_kmsg(in, pc))
		return true;
	if (!(pc->pre & PRE_SYSLOG) && take_ios(p, in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if ((pc->pre & PRE_LEVEL) && take_rfc5424(in, pc)) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (!(pc->pre & PRE_SYSLOG) &&
	    (take_iso(p, in, pc) || take_unix_time(in, pc) || take_logcat(in, pc) ||
	     take_time_of_day(in, pc) || take_rfc3164(p, in, pc))) {
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	return false;
}

/* Does a syslog's or the kernel's time stand there? */
static bool begins_with_time(struct str at)
{
	int64_t us;

	if (at.n < 12)
		return false;
	if (at.p[0] == '[')
		return take_kernel_time(&at, &us);
	return ascii_digit(at.p[0]) ? take_iso_time(&at, &us) : month_from_name(at) && at.p[3] == ' ';
}

/* "kern.log.1:1234:Jan  2 ...", "1234-[  123.456] ...": grep's file names and line numbers;
 * "node7: Jan  2 ...": pdsh(1) and its like; "node7 Jan 02 ...": oc adm node-logs */
static bool take_grep(struct str *in)
{
	enum { NEAR = 120 };

	for (size_t i = 1; i < in->n && i < NEAR; i++) {
		struct str at = str_from(*in, i + 1);
		bool word = ascii_blank(in->p[i]);

		if (!word && in->p[i] != ':' && in->p[i] != '-')
			continue;
		if (in->p[i] == ':')
			(void)take_char(&at, ' ');
		if (begins_with_time(at) && !(word && at.p[0] == '[')) {
			*in = str_from(*in, i + 1);
			return true;
		}
		if (word)
			break;
	}
	return false;
}

static bool take_one(struct parser *p, struct str *in, struct piece *pc)
{
	char c = in->p[0];

	if (c == '[')
		return take_bracket(in, pc);
	if (c == '<') {
		bool foreign;

		if (!take_level(in, &foreign))
			return false;
		if (in->n > 2 && str_starts(*in, STR(": ")) && ascii_digit(in->p[2])) /* NX-OS */
			*in = str_from(*in, 2);
		/* in front of a date it is syslog's, and a tag follows; a mere copy of another
		 * record's level says nothing new */
		if (in->n && in->p[0] == '[' && !(pc->pre & PRE_RECORD))
			pc->foreign = foreign;
		pc->pre |= PRE_LEVEL;
		return true;
	}
	if (c == '>' || c == '|')
		return !pc->pre && take_mail_quote(in, &pc->quote);
	if (c == '%')
		return take_mnemonic(in, pc);
	if (c == '*' || c == '.') {
		if (pc->pre & ~(unsigned)PRE_LEVEL || !take_ios(p, in, pc))
			return false;
		pc->pre |= PRE_SYSLOG;
		return true;
	}
	if (c == '\xe2')
		return !pc->pre && take_lit(in, STR("\xe2\x86\xaa")); /* an arrow: wrapped in print */
	if (ascii_digit(c))
		return take_digits(p, in, pc);
	if (ascii_alpha(c) || (unsigned char)c >= 0x80)
		return take_letters(p, in, pc);
	return false;
}

/* ---- the header of the line before, again ----
 *
 * Most lines of a syslog begin as the one before does: to the byte within a second, and else
 * with other digits. Then the date need not be read: nobody asks when another program than the
 * kernel said something of no interest. */

static void note_header(struct known_header *h, struct str line, size_t n,
			const struct piece *pc)
{
	/* both may also lie elsewhere, in what a record said: far away, then */
	size_t tag_at = (uintptr_t)pc->ident.p - (uintptr_t)line.p;
	size_t host_at = (uintptr_t)pc->host.p - (uintptr_t)line.p;

	h->n = 0;
	if (!pc->ident.p || tag_at < 8 || tag_at >= n || n >= sizeof(h->text) || n >= line.n)
		return;
	if (pc->host.n && (host_at >= tag_at || pc->host.n > tag_at - host_at))
		return;
	memcpy(h->text, line.p, n + 1);
	h->n = n;
	h->tag_at = tag_at;
	h->ident_n = pc->ident.n;
	h->host_at = host_at;
	h->host_n = pc->host.n;
	h->wall_us = pc->wall_us;
	h->foreign = pc->foreign;
}

/* Another tag behind the same time and host, or a program's behind another time. */
static bool take_similar_tag(const struct known_header *h, struct str *in, struct piece *pc)
{
	struct str at = str_from(*in, h->tag_at);
	struct piece said = {.foreign = false};
	bool same = memcmp(in->p, h->text, h->tag_at) == 0;

	if ((!same && (pc->hit || !same_shape(in->p, h->text, h->tag_at, false))) ||
	    !take_tag(&at, &said) || (!same && !said.foreign))
		return false;
	if (!same && at.n > 1 && at.p[1] == 'K') /* "Killed /system.slice/..." is of interest */
		return false;
	if (said.foreign && (pc->hit || tag_is_text(str_from(*in, h->tag_at))))
		return false;
	pc->ident = said.ident;
	pc->foreign = said.foreign;
	pc->wall_us = same ? h->wall_us : UNKNOWN;
	*in = at;
	return true;
}

static bool take_known_header(const struct known_header *h, struct str *in, struct piece *pc)
{
	struct str line = *in;

	if (h->n == 0 || line.n <= h->tag_at)
		return false;
	if (line.n > h->n && memcmp(line.p, h->text, h->n + 1) == 0) {
		pc->ident = str_sub(line, h->tag_at, h->ident_n);
		pc->foreign = h->foreign;
		pc->wall_us = h->wall_us;
		*in = str_from(line, h->n);
	} else if (!take_similar_tag(h, in, pc)) {
		return false;
	}
	pc->host = h->host_n ? str_sub(line, h->host_at, h->host_n) : (struct str){0};
	pc->pre |= PRE_SYSLOG;
	return true;
}

static bool take_layer(struct parser *p, struct str *in, struct piece *pc)
{
	struct str start = *in;
	bool first = pc->pre == 0;

	if (first && take_known_header(&p->header, in, pc))
		return true;
	if (!take_one(p, in, pc))
		return !pc->pre && (take_talos_node(in, pc) || take_grep(in) || take_unknown(in, pc));
	if (first && pc->pre == PRE_SYSLOG)
		note_header(&p->header, start, start.n - in->n, pc);
	return true;
}

void prefix_take(struct parser *p, struct piece *pc)
{
	enum { MOST_LAYERS = 12 };
	struct str in = pc->text;
	size_t host_at; /* it may also lie elsewhere: far away, then */

	for (int i = 0; i < MOST_LAYERS; i++) {
		skip_blanks(&in);
		if (in.n == 0 || !take_layer(p, &in, pc))
			break;
	}
	if (pc->foreign)
		pc->pre |= PRE_SYSLOG;
	if (pc->pre & PRE_TAG_TEXT)
		in = logcat_text(p, pc, in);
	if (str_starts(pc->ident, STR("%KERN-")) && str_ends(in, STR(" - kernel"))) /* NX-OS */
		in.n -= STR(" - kernel").n;
	pc->text = in;
	host_at = (uintptr_t)pc->host.p - (uintptr_t)pc->raw.p;
	pc->host_at = pc->host.n && host_at < pc->raw.n ? host_at : SIZE_MAX;
}
