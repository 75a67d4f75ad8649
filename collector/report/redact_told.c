/* SPDX-License-Identifier: MIT */
/* redact_told.c - passwords that have no key with '=' in front of them: told in a sentence ("the password
 * is x", "pw changed to x"), typed as a setting ("requirepass x", "username anna password 7 0822455D0A16"), or
 * a program's next word ("vault login x"). */
#include "report/redact_private.h"

struct told {
	struct str value; /* n = 0: up to its end, as any bare or quoted value */
	struct str user;  /* in front of it, whose it is; none: n = 0 */
	bool sure;	  /* no word of a sentence is at its place */
};

/* ---- in a sentence ---- */

/* What a password is said to be when it is not told. */
static bool is_no_value(struct str word)
{
	static const char *const words[] = {
		"required", "incorrect", "wrong", "invalid", "expired", "correct", "empty", "blank", "not", "set",
		"too", "needed", "weak", "missing", "unset", "disabled", "enabled", "valid", "stored", "null",
		"ok", "accepted", "about", "going", "changed", "never", "only", "sent", "hidden", "encrypted",
		"locked", "unknown", "in", "on", "an", "at", "no", "yes", "it", "as", "by", "to", "is", "if", "of",
		"falsch", "leer", "abgelaufen", "nicht", "hashed", "plain", "mandatory", "optional",
	};

	return redact_listed(words, ARRAY_COUNT(words), word) || redact_is_ordinary_word(word);
}

/* "is x", "for anna was x", "changed to x", and "with password x" */
static bool take_sentence(const struct scan *s, struct str *at, struct told *t)
{
	static const char *const links[] = {"is", "was", "ist", "war", "lautet"};
	static const char *const changes[] = {"changed", "set", "reset"};
	struct str word;

	(void)t;
	skip_blanks(at);
	if (str_ends(scan_before(s), STR("with ")) || str_ends(scan_before(s), STR("mit ")))
		return true;
	if ((take_lit(at, STR("for ")) || take_lit(at, STR("FOR ")) || take_lit(at, STR("of ")) ||
	     take_lit(at, STR("von "))) && take_word(at, &word) && str_ends(word, STR(":")))
		return take_char(at, ' '); /* "passphrase for key: x" */
	skip_blanks(at);
	if (take_lit(at, STR("= ")))
		return true;
	if (!take_word(at, &word))
		return false;
	if (redact_listed(changes, ARRAY_COUNT(changes), word))
		return take_lit(at, STR(" to "));
	return redact_listed(links, ARRAY_COUNT(links), word) && take_char(at, ' ');
}

/* Drawn by lot, not made of words: "jMJpiWWD3QVc". */
static bool take_drawn(const struct scan *s, struct str *at, struct told *t)
{
	size_t lower = 0, upper = 0, digits = 0;
	struct str value;

	(void)s, (void)t;
	skip_blanks(at);
	value = str_sub(*at, 0, secret_bare(*at));
	for (size_t i = 0; i < value.n; i++) {
		lower += value.p[i] >= 'a' && value.p[i] <= 'z';
		upper += value.p[i] >= 'A' && value.p[i] <= 'Z';
		digits += ascii_digit(value.p[i]);
	}
	return lower + upper + digits >= 10 && lower && upper && digits;
}

static bool take_quoted(const struct scan *s, struct str *at, struct told *t)
{
	(void)s, (void)t;
	skip_blanks(at);
	return secret_quote(*at).n > 0;
}

/* SQL: IDENTIFIED BY 'x' */
static bool take_identified(const struct scan *s, struct str *at, struct told *t)
{
	return str_ends(scan_before(s), STR("IDENTIFIED ")) && take_quoted(s, at, t);
}

/* ---- as a setting ---- */

/* "bindpw x", "rootpw --plaintext x" */
static bool take_setting(const struct scan *s, struct str *at, struct told *t)
{
	struct str option;

	(void)s, (void)t;
	skip_blanks(at);
	return !str_starts(*at, STR("--")) || (take_word(at, &option) && take_char(at, ' '));
}

/* Cisco's "7 0822455D0A16", "5 $1$mERr$...", "0 x": how it is written, and what. */
static bool take_typed(const struct scan *s, struct str *at, struct told *t)
{
	struct str type, value;
	size_t hex = 0;

	(void)s;
	skip_blanks(at);
	if (!take_word(at, &type) || type.n != 1 || !memchr("0456789", type.p[0], 7) || !take_char(at, ' '))
		return false;
	value = str_sub(*at, 0, secret_bare(*at));
	while (hex < value.n && ascii_hex(value.p[hex]))
		hex++;
	t->sure = true;
	if (type.p[0] == '7' || type.p[0] == '6')
		return value.n >= 6 && hex == value.n && hex % 2 == 0;
	return type.p[0] == '0' ? value.n >= 4 : value.n >= 20 || (value.n && value.p[0] == '$');
}

/* snmp-server community x RO */
static bool take_community(const struct scan *s, struct str *at, struct told *t)
{
	skip_blanks(at);
	t->sure = true;
	return str_ends(scan_before(s), STR("snmp-server ")) || take_lit(at, STR("string ")) || take_quoted(s, at, t);
}

/* ---- as a program's word ---- */

/* vault login x */
static bool take_login(const struct scan *s, struct str *at, struct told *t)
{
	struct str value;

	t->sure = true;
	skip_blanks(at);
	value = str_sub(*at, 0, secret_bare(*at));
	return str_ends(scan_before(s), STR("vault ")) && value.n && value.p[0] != '-' &&
	       str_find_char(value, '=') == SIZE_MAX;
}

/* htpasswd -b FILE USER x; with -n there is no file */
static bool take_htpasswd(const struct scan *s, struct str *at, struct told *t)
{
	struct str word = STR(""), file;
	bool told = false, bare = false;

	(void)s;
	for (skip_blanks(at); take_word(at, &word) && word.p[0] == '-'; skip_blanks(at)) {
		told |= str_find_char(word, 'b') != SIZE_MAX;
		bare |= str_find_char(word, 'n') != SIZE_MAX;
	}
	file = word;
	if (!bare && (skip_blanks(at), !take_word(at, &word)))
		return false;
	t->user = bare ? file : word;
	t->sure = true;
	skip_blanks(at);
	return told && t->user.n > 0;
}

/* echo x | sudo -S: into a program that reads one */
static bool take_piped(const struct scan *s, struct str *at, struct told *t)
{
	static const struct str readers[] = {
		STR_INIT("sudo -S"), STR_INIT("sudo -kS"), STR_INIT("passwd --stdin"), STR_INIT("chpasswd"),
		STR_INIT("sudo chpasswd"), STR_INIT("cryptsetup "), STR_INIT("sudo cryptsetup "), STR_INIT("docker login"),
		STR_INIT("kinit"), STR_INIT("smbpasswd -s"), STR_INIT("gpg "), STR_INIT("vault login -"),
	};
	struct str option, quote, rest;

	(void)s;
	for (skip_blanks(at); str_starts(*at, STR("-")); skip_blanks(at))
		(void)take_word(at, &option);
	quote = secret_quote(*at);
	rest = str_from(*at, quote.n);
	rest = str_from(rest, quote.n ? secret_quoted(rest, quote) + quote.n : secret_bare(rest));
	skip_blanks(&rest);
	if (!take_char(&rest, '|'))
		return false;
	skip_blanks(&rest);
	t->sure = true;
	for (size_t i = 0; i < ARRAY_COUNT(readers); i++) {
		if (str_starts(rest, readers[i]))
			return true;
	}
	return false;
}

/* FreeRADIUS: "Login incorrect (pap: ...): [anna/x] (from client ap ...)"; "<via Auth-Type = EAP>" is none */
static bool take_radius(const struct scan *s, struct str *at, struct told *t)
{
	struct str line = str_sub(*at, 0, str_find_char(*at, '\n')), front, name;

	(void)s;
	if (!(take_lit(&line, STR(" incorrect")) || take_lit(&line, STR(" OK"))) ||
	    !take_until_lit(&line, STR(": ["), &front) || !take_until(&line, '/', &name) ||
	    str_find_char(name, ']') != SIZE_MAX || str_starts(line, STR("<")))
		return false;
	t->value = str_sub(line, 0, str_find(line, STR("] (")));
	if (t->value.n == line.n)
		t->value.n = str_find_char(line, ']') < line.n ? str_find_char(line, ']') : line.n;
	t->sure = true;
	*at = t->value;
	return true;
}

/* ---- the words behind which one may be ---- */

static const struct {
	struct str key;
	bool (*ways[4])(const struct scan *s, struct str *at, struct told *t);
} keys[] = {
	{STR_INIT("password"), {take_quoted, take_drawn, take_typed, take_sentence}},
	{STR_INIT("passwort"), {take_quoted, take_drawn, take_sentence}},
	{STR_INIT("passphrase"), {take_quoted, take_drawn, take_sentence}},
	{STR_INIT("passwd"), {take_quoted, take_drawn, take_sentence}},
	{STR_INIT("passcode"), {take_sentence}},
	{STR_INIT("kennwort"), {take_sentence}},
	{STR_INIT("pw"), {take_sentence}},
	{STR_INIT("pwd"), {take_sentence}},
	{STR_INIT("pass"), {take_quoted, take_drawn}},
	{STR_INIT("token"), {take_drawn}},
	{STR_INIT("secret"), {take_drawn, take_typed}},
	{STR_INIT("bearer"), {take_drawn}},
	{STR_INIT("auth"), {take_drawn}},
	{STR_INIT("key"), {take_drawn, take_typed}},
	{STR_INIT("credential"), {take_drawn}},
	{STR_INIT("credentials"), {take_drawn}},
	{STR_INIT("by"), {take_identified}},
	{STR_INIT("bindpw"), {take_setting}},
	{STR_INIT("rootpw"), {take_setting}},
	{STR_INIT("requirepass"), {take_setting}},
	{STR_INIT("masterauth"), {take_setting}},
	{STR_INIT("rocommunity"), {take_setting}},
	{STR_INIT("rwcommunity"), {take_setting}},
	{STR_INIT("community"), {take_community}},
	{STR_INIT("login"), {take_login, take_radius}},
	{STR_INIT("htpasswd"), {take_htpasswd}},
	{STR_INIT("echo"), {take_piped}},
};

bool told_may_begin(char c)
{
	switch (c | 0x20) { /* the first letters of the keys */
	case 'p': case 'k': case 't': case 's': case 'b': case 'a': case 'c': case 'r': case 'm': case 'l':
	case 'h': case 'e':
		return true;
	default:
		return false;
	}
}

/* What is told behind the key at the scan's place; false: nothing is. */
static bool told_behind(const struct scan *s, size_t word, struct str *at, struct told *t)
{
	struct str key = str_sub(scan_rest(s), 0, word), behind = *at;

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		if (keys[i].key.n != word || (key.p[0] | 0x20) != keys[i].key.p[0] || !str_eq_nocase(key, keys[i].key))
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(keys[i].ways) && keys[i].ways[k]; k++) {
			*at = behind;
			*t = (struct told){0};
			if (keys[i].ways[k](s, at, t))
				return true;
		}
	}
	return false;
}

bool scan_told(struct scan *s, size_t word)
{
	struct str at = str_from(scan_rest(s), word), quote, value;
	struct told t;
	size_t end;

	if (at.n == 0 || at.p[0] != ' ' || !told_behind(s, word, &at, &t))
		return false;
	quote = t.value.n ? STR("") : secret_quote(at);
	value = str_from(at, quote.n);
	value.n = t.value.n ? t.value.n : quote.n ? secret_quoted(value, quote) : secret_bare(value);
	while (!t.sure && quote.n == 0 && value.n && memchr(".,:!?)", value.p[value.n - 1], 6))
		value.n--;
	if (value.n < 2 || (!t.sure && quote.n == 0 && is_no_value(value)) || str_eq(value, STR("[secret]")))
		return false;
	end = (size_t)(value.p - s->text.p);
	scan_keep(s, word);
	if (t.user.n) {
		scan_words(s, (size_t)(t.user.p - s->text.p));
		if (s->text.p + s->at == t.user.p && redact_learn(s->r, REDACT_USER, t.user, NULL) == 0)
			scan_known(s, t.user.n);
	}
	scan_words(s, end);
	if (s->at == end) /* else a name went on into it */
		scan_hide(s, value.n);
	return true;
}
