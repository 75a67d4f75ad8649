/* SPDX-License-Identifier: MIT */
/* redact_audit.c - the kernel's audit trail, which stands in its log where no auditd takes it. What
 * holds a blank, a quote or a byte that is no ASCII is written there in hexadecimal digits
 * (audit_log_untrustedstring(), kernel/audit.c, Linux 6.1), a command line always: its arguments have
 * a NUL between them. It is replaced as it reads, and written as it was. */
#include "report/redact_private.h"

enum { DECODED = 8192 };

enum value { WORDS, COMMAND, ACCOUNT };

static const struct {
	struct str key;
	enum value what;
} keys[] = {
	{STR_INIT("proctitle"), COMMAND}, {STR_INIT("acct"), ACCOUNT}, {STR_INIT("comm"), WORDS},
	{STR_INIT("exe"), WORDS},	  {STR_INIT("name"), WORDS},   {STR_INIT("cwd"), WORDS},
	{STR_INIT("data"), WORDS},	  {STR_INIT("path"), WORDS},   {STR_INIT("cmd"), COMMAND},
};

static int nibble(char c)
{
	return ascii_digit(c) ? c - '0' : c - 'A' + 10;
}

/* Pairs of capital digits and no more; numbers of the kernel are of small ones. */
static size_t hex_value(struct str s)
{
	size_t n = 0;

	while (n < s.n && (ascii_digit(s.p[n]) || (s.p[n] >= 'A' && s.p[n] <= 'F')))
		n++;
	return n >= 4 && n % 2 == 0 && n <= 2 * DECODED && (n == s.n || name_boundary(s.p[n])) ? n : 0;
}

static void decode(struct str hex, struct buf *out)
{
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		char c = (char)(nibble(hex.p[i]) << 4 | nibble(hex.p[i + 1]));

		buf_addc(out, c ? c : ' ');
	}
}

static void encode(struct str text, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.n; i++) {
		buf_addc(out, digits[(unsigned char)text.p[i] >> 4]);
		buf_addc(out, digits[text.p[i] & 15]);
	}
}

static void encoded_value(struct scan *s, size_t n, enum value what)
{
	CLEANUP_BUF struct buf text = BUF_INIT(DECODED), made = BUF_INIT(4 * DECODED);
	struct scan inner = {.r = s->r, .out = &made, .command = true, .hook_at = SIZE_MAX};

	decode(str_sub(scan_rest(s), 0, n), &text);
	inner.text = buf_str(&text);
	if (what == COMMAND)
		scan_arguments(&inner, text.n);
	else if (what == ACCOUNT && text.n <= NAME_LONGEST)
		scan_replace(&inner, text.n, REDACT_USER, NOKEY);
	else
		scan_words(&inner, text.n);
	scan_write(&inner);
	if (inner.replaced == 0 || made.failed)
		return scan_keep(s, n);
	encode(buf_str(&made), scan_instead(s, n));
	s->replaced += inner.replaced - 1;
}

/* "argc=3 a0="mysql" a1="-pSECRET" ...": all but a0, which is the program. */
static bool one_of_argv(struct scan *s, size_t word)
{
	struct str rest = scan_rest(s), at = str_from(rest, 1), before = str_sub(s->text, 0, s->at);
	size_t start = str_rfind(before, STR("\n"));
	uint64_t nth;

	if (rest.p[0] != 'a' || !take_u64(&at, &nth) || nth == 0 || at.p != rest.p + word ||
	    !take_lit(&at, STR("=\"")) ||
	    str_find(str_from(before, start == SIZE_MAX ? 0 : start + 1), STR(" argc=")) == SIZE_MAX)
		return false;
	at.n = str_find_char(at, '"') < at.n ? str_find_char(at, '"') : at.n;
	scan_keep(s, word + 2);
	(void)scan_argument(s, s->at + at.n);
	return true;
}

bool scan_audit(struct scan *s, size_t word)
{
	struct str rest = scan_rest(s), key = str_sub(rest, 0, word);
	size_t n;

	if (word + 1 >= rest.n || rest.p[word] != '=' || s->command)
		return false;
	if (one_of_argv(s, word))
		return true;
	n = hex_value(str_from(rest, word + 1));
	for (size_t i = 0; n > 0 && i < ARRAY_COUNT(keys); i++) {
		if (!str_eq(key, keys[i].key))
			continue;
		scan_keep(s, word + 1);
		encoded_value(s, n, keys[i].what);
		return true;
	}
	return false;
}
