/* SPDX-License-Identifier: MIT */
/* redact_secrets.c - passwords and tokens, known by the key in front of them or by their form. */
#include "report/redact_private.h"

/* "key=qcom,msm-thermal" and "session=4" are the kernel's; what is an option's or a URL's own is not. */
static bool is_likely_key(struct str value, bool own)
{
	size_t lower = 0, upper = 0, digits = 0;

	for (size_t i = 0; i < value.n; i++) {
		lower += value.p[i] >= 'a' && value.p[i] <= 'z';
		upper += value.p[i] >= 'A' && value.p[i] <= 'Z';
		digits += ascii_digit(value.p[i]);
	}
	if (value.n < 4 || lower + upper == 0 || memchr("/(.", value.p[0], 3) || str_starts(value, STR("0x")))
		return false;
	return own || (value.n >= 6 && digits) || (value.n >= 8 && lower && upper);
}

/* A number to type in: of four digits or more. */
static bool is_likely_code(struct str value, bool own)
{
	size_t digits = 0;

	while (digits < value.n && ascii_digit(value.p[digits]))
		digits++;
	return digits == value.n ? digits >= 4 && digits <= 10 : is_likely_key(value, own);
}

/* As the last part of a key: "db_password", "X-Api-Key". `inside`: also without a boundary in
 * front of it, "PGPASSWORD". */
static const struct {
	struct str word;
	bool inside, to_the_end; /* its value has many parts: a header */
} secret_keys[] = {
	{STR_INIT("password"), true, false},	{STR_INIT("passwd"), true, false},
	{STR_INIT("passphrase"), true, false},	{STR_INIT("passwort"), true, false},
	{STR_INIT("passcode"), true, false},	{STR_INIT("secret"), true, false},
	{STR_INIT("token"), true, false},	{STR_INIT("apikey"), true, false},
	{STR_INIT("api_key"), true, false},	{STR_INIT("api-key"), true, false},
	{STR_INIT("access_key"), true, false},	{STR_INIT("access-key"), true, false},
	{STR_INIT("secret_key"), true, false},	{STR_INIT("secret-key"), true, false},
	{STR_INIT("private_key"), true, false}, {STR_INIT("private-key"), true, false},
	{STR_INIT("secretkey"), true, false},	{STR_INIT("accesskey"), true, false},
	{STR_INIT("privatekey"), true, false},	{STR_INIT("encryption_key"), true, false},
	{STR_INIT("signing_key"), true, false}, {STR_INIT("credential"), true, false},
	{STR_INIT("credentials"), true, false}, {STR_INIT("authorization"), true, true},
	{STR_INIT("cookie"), false, true},	{STR_INIT("auth"), false, false},
	{STR_INIT("bearer"), false, false},	{STR_INIT("session_id"), false, false},
	{STR_INIT("sessionid"), true, false},	{STR_INIT("pass"), false, false},
	{STR_INIT("pwd"), false, false},	{STR_INIT("mysql_pwd"), true, false},
	{STR_INIT("psk"), false, false},	{STR_INIT("sessid"), true, false},
	{STR_INIT("accountkey"), true, false},	{STR_INIT("storepass"), true, false},
	{STR_INIT("kennwort"), true, false},	{STR_INIT("pw"), false, false},
	{STR_INIT("keypass"), true, false},	{STR_INIT("amz-signature"), true, false},
	{STR_INIT("auth_key"), true, false},	{STR_INIT("auth-key"), true, false},
	{STR_INIT("authkey"), true, false},	{STR_INIT("app_key"), false, false},
	{STR_INIT("consumer_key"), true, false}, {STR_INIT("license_key"), true, false},
	{STR_INIT("shared_key"), true, false},	{STR_INIT("shared-key"), true, false},
	{STR_INIT("master_key"), true, false},	{STR_INIT("secret_key_base"), true, false},
	{STR_INIT("jwt"), false, false},	{STR_INIT("creds"), false, false},
	{STR_INIT("dbpass"), true, false},	{STR_INIT("dbpw"), true, false},
	{STR_INIT("rootpw"), true, false},	{STR_INIT("bindpw"), true, false},
	{STR_INIT("psk"), true, false},		{STR_INIT("community"), false, false},
};

/* Words that are keys of other things, too: the value tells. */
static const struct {
	struct str word;
	bool (*fits)(struct str value, bool own);
} weak_keys[] = {
	{STR_INIT("key"), is_likely_key},	{STR_INIT("session"), is_likely_key},
	{STR_INIT("sessionid"), is_likely_key}, {STR_INIT("otp"), is_likely_code},
	{STR_INIT("totp"), is_likely_code},	{STR_INIT("pin"), is_likely_code},
};

/* By their form alone, as their makers describe it: head, fewest bytes behind it. */
static const struct {
	struct str head;
	size_t fewest;
} token_forms[] = {
	{STR_INIT("ghp_"), 30},	   {STR_INIT("gho_"), 30},   {STR_INIT("ghs_"), 30},
	{STR_INIT("ghu_"), 30},	   {STR_INIT("github_pat_"), 30}, {STR_INIT("glpat-"), 16},
	{STR_INIT("xoxb-"), 16},   {STR_INIT("xoxp-"), 16},  {STR_INIT("AKIA"), 16},
	{STR_INIT("ASIA"), 16},	   {STR_INIT("AIza"), 30},   {STR_INIT("eyJ"), 30},
	{STR_INIT("sk_live_"), 16}, {STR_INIT("npm_"), 30},  {STR_INIT("hvs."), 16},
	{STR_INIT("sk_test_"), 16}, {STR_INIT("rk_live_"), 16}, {STR_INIT("ghr_"), 30},
	{STR_INIT("xoxa-"), 16},   {STR_INIT("xoxs-"), 16},  {STR_INIT("xapp-"), 16},
	{STR_INIT("SG."), 40},	   {STR_INIT("ya29."), 30},  {STR_INIT("pypi-"), 30},
	{STR_INIT("dckr_pat_"), 20}, {STR_INIT("hf_"), 30},  {STR_INIT("shpat_"), 30},
	{STR_INIT("SHA256:"), 43}, /* the print of somebody's key */
	{STR_INIT("dop_v1_"), 40}, {STR_INIT("glptt-"), 30}, {STR_INIT("hvb."), 16},
};

/* Asked of every word of a log: the last letter turns nearly all of them away. */
static int secret_key(struct str key)
{
	char last = key.n ? ascii_lower(key.p[key.n - 1]) : '\0';

	for (size_t i = 0; i < ARRAY_COUNT(secret_keys); i++) {
		struct str word = secret_keys[i].word;

		if (word.p[word.n - 1] == last && key.n >= word.n &&
		    str_eq_nocase(str_from(key, key.n - word.n), word) &&
		    (key.n == word.n || secret_keys[i].inside ||
		     !ascii_alpha(key.p[key.n - word.n - 1])))
			return (int)i;
	}
	return -1;
}

/* By itself or as the last part of it. */
static int weak_key(struct str key)
{
	for (size_t i = 0; i < ARRAY_COUNT(weak_keys); i++) {
		struct str word = weak_keys[i].word;

		if (str_eq_nocase(str_from(key, key.n < word.n ? key.n : key.n - word.n), word) &&
		    (key.n == word.n || !ascii_alpha(key.p[key.n - word.n - 1])))
			return (int)i;
	}
	return -1;
}

bool redact_is_secret_key(struct str key)
{
	return secret_key(key) >= 0 || weak_key(key) >= 0;
}

void scan_hide(struct scan *s, size_t n)
{
	buf_addz(scan_instead(s, n), "[secret]");
	s->r->names.counts[REDACT_SECRET]++;
}

/* user:password in front of a URL's host. */
bool scan_userinfo(struct scan *s)
{
	size_t n = 3;

	if (!str_starts(scan_rest(s), STR("://")))
		return false;
	while (s->at + n < s->text.n && s->text.p[s->at + n] > ' ' &&
	       !memchr("/@\"'\\<>", s->text.p[s->at + n], 8))
		n++;
	if (s->at + n >= s->text.n || s->text.p[s->at + n] != '@' || n == 3)
		return false;
	scan_keep(s, 3);
	scan_hide(s, n - 3);
	return true;
}

/* The end of a value without quotes: blank, quote, separator. */
size_t secret_bare(struct str s)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] > ' ' && !memchr("\"',;&\\<>", s.p[n], 8) &&
	       !str_starts(str_from(s, n), STR("%26")))
		n++;
	return n;
}

/* Up to what closes it: `quote` is "\"", "'" or, inside JSON, "\\\"". A line's end closes all. */
size_t secret_quoted(struct str s, struct str quote)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\n' && !str_starts(str_from(s, n), quote)) {
		if (quote.n == 1 && s.p[n] == '\\' && n + 1 < s.n)
			n++;
		n++;
	}
	return n < s.n ? n : s.n;
}

/* A header's whole value: to the line's end, or the string's it stands in. Its own strings stand
 * behind '=': Digest username="anna", response="..." */
static size_t header_value(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\n' && s.p[n] != '"' && s.p[n] != '\'' && s.p[n] != '\\') {
		if (s.p[n] == '=' && n + 1 < s.n && s.p[n + 1] == '"')
			n += 1 + secret_quoted(str_from(s, n + 2), STR("\"")) + 1;
		n++;
	}
	return n < s.n ? n : s.n;
}

struct str secret_quote(struct str s)
{
	size_t slashes = 0;

	while (slashes < s.n && slashes < 3 && s.p[slashes] == '\\')
		slashes++;
	if (slashes < s.n && (s.p[slashes] == '"' || s.p[slashes] == '\''))
		return str_sub(s, 0, slashes + 1);
	return STR("");
}

static bool may_be_between(char c)
{
	return c == ' ' || c == '=' || c == ':' || c == '\t' || c == '%';
}

/* What may stand between a key and its value: '=', ':' and blanks, also as a URL writes them. */
static size_t between(struct str s, bool *assigned, bool *apart)
{
	static const struct {
		struct str text;
		bool assigns;
	} pieces[] = {
		{STR_INIT(" "), false},	 {STR_INIT("="), true},	  {STR_INIT(":"), true},
		{STR_INIT("\t"), false}, {STR_INIT("%3D"), true}, {STR_INIT("%3A"), true},
		{STR_INIT("%3d"), true}, {STR_INIT("%3a"), true}, {STR_INIT("%20"), false},
	};

	if (s.n == 0 || !may_be_between(s.p[0])) /* behind every word of a log */
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		if (!str_starts(s, pieces[i].text))
			continue;
		*assigned |= pieces[i].assigns;
		*apart |= !pieces[i].assigns;
		return pieces[i].text.n;
	}
	return 0;
}

/* Behind "--" or, at the start of a word, behind '-'. */
static bool is_dashed(const struct scan *s)
{
	struct str before = scan_before(s);

	return str_ends(before, STR("--")) || str_ends(before, STR(" -"));
}

/* "--key=x", "?key=x" */
static bool is_own_key(const struct scan *s)
{
	struct str before = scan_before(s);

	return is_dashed(s) || str_ends(before, STR("?")) || str_ends(before, STR("&"));
}

/* What stands behind such a key, too: nothing, what is hidden, PAM's "pam_unix(gdm-password:session)". */
static bool is_no_secret(struct str value)
{
	static const struct str words[] = {STR_INIT("(null)"), STR_INIT("null"), STR_INIT("[secret]"),
					   STR_INIT("session)"), STR_INIT("auth)"), STR_INIT("account)"),
					   STR_INIT("chauthtok)")};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (str_starts(value, words[i]))
			return true;
	}
	return false;
}

/* password=x, "api_key": "x y", --token x, Authorization: Bearer x */
static bool keyed(struct scan *s, size_t word)
{
	struct str at = str_from(scan_rest(s), word), quote;
	bool assigned = false, apart = false, closed, equals;
	size_t n;
	int key, weak = -1;

	if (at.n && at.p[0] == '>' && s->at && s->text.p[s->at - 1] == '<') { /* "<password>x</password>" */
		at = str_from(at, 1);
		assigned = true;
	}
	quote = secret_quote(at); /* of the key: this one closes */
	closed = quote.n > 0;
	at = str_from(at, quote.n);
	equals = str_starts(at, STR("=")) || str_starts(at, STR("%3"));
	while ((n = between(at, &assigned, &apart)) > 0)
		at = str_from(at, n);
	if (!assigned && !(apart && is_dashed(s))) /* most words: before the table is asked */
		return false;
	key = secret_key(str_sub(scan_rest(s), 0, word));
	if (key < 0 && (equals || closed))
		weak = weak_key(str_sub(scan_rest(s), 0, word));
	if (key < 0 && weak < 0)
		return false;
	quote = secret_quote(at);
	at = str_from(at, quote.n);
	if (str_eq_nocase(str_sub(at, 0, 7), STR("bearer ")) ||
	    str_eq_nocase(str_sub(at, 0, 6), STR("basic ")))
		at = str_from(at, 1 + str_find_char(at, ' '));
	n = quote.n			     ? secret_quoted(at, quote)
	    : key >= 0 && secret_keys[key].to_the_end ? header_value(at)
					     : secret_bare(at);
	if (weak >= 0 && !weak_keys[weak].fits(str_sub(at, 0, n), is_own_key(s)))
		return false;
	if (n == 0 || (at.p[0] == '/' && str_eq(str_sub(scan_rest(s), 0, word), STR("PWD"))) ||
	    is_no_secret(at) || (closed && (at.p[0] == '{' || at.p[0] == '[')))
		return false; /* "auth": {"token": ...: the value is more keys */
	scan_keep(s, (size_t)(at.p - scan_rest(s).p));
	scan_hide(s, n);
	return true;
}

enum { SHORTEST = 20 }; /* of all forms: most words end before that */

static bool formed(struct scan *s, size_t word)
{
	struct str at = scan_rest(s);

	if (word < SHORTEST && (word >= at.n || !memchr("-.:", at.p[word], 3)))
		return false;
	for (size_t i = 0; at.n && i < ARRAY_COUNT(token_forms); i++) {
		size_t n = token_forms[i].head.n;

		if (at.p[0] != token_forms[i].head.p[0] || !str_starts(at, token_forms[i].head))
			continue;
		while (n < at.n && (ascii_alpha(at.p[n]) || ascii_digit(at.p[n]) ||
				    memchr("_-./+", at.p[n], 5)))
			n++;
		if (n < token_forms[i].head.n + token_forms[i].fewest)
			return false;
		scan_hide(s, n);
		return true;
	}
	return false;
}

static bool take_name(struct str *in, struct str *ret)
{
	size_t n = 0;

	while (n < in->n && (!name_boundary(in->p[n]) || memchr(".-", in->p[n], 2)))
		n++;
	*ret = str_sub(*in, 0, n);
	*in = str_from(*in, n);
	return n > 0;
}

/* curl -u anna:x, --user anna:x; docker's --user 1000:1000 is none. */
static bool login(struct scan *s, size_t word)
{
	struct str option = str_sub(scan_rest(s), 0, word), at = str_from(scan_rest(s), word), user;
	bool assigned = false, apart = false;
	size_t n;

	if (!(str_eq(option, STR("u")) || str_eq(option, STR("user"))) || !is_dashed(s))
		return false;
	while ((n = between(at, &assigned, &apart)) > 0)
		at = str_from(at, n);
	user = at;
	if (!take_name(&at, &user) || ascii_digit(user.p[0]) || !take_char(&at, ':'))
		return false;
	n = secret_bare(at);
	if (n == 0)
		return false;
	scan_keep(s, (size_t)(user.p - scan_rest(s).p));
	scan_known(s, user.n);
	scan_keep(s, 1);
	scan_hide(s, n);
	return true;
}

/* ---- programs that take a password, a host or an account in an option of their own ---- */

static const struct {
	struct str program, option;
	bool apart; /* also as the next word; else "-p" alone asks for one */
	char behind; /* what of it is secret: what stands behind this */
	enum redact_kind kind;
} secret_options[] = {
	{STR_INIT("sshpass"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("mysql"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("mariadb"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("mysqldump"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("mysqladmin"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("mariadb-dump"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("xtrabackup"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("redis-cli"), STR_INIT("-a"), true, 0, REDACT_SECRET},
	{STR_INIT("ldapsearch"), STR_INIT("-w"), true, 0, REDACT_SECRET},
	{STR_INIT("ldapmodify"), STR_INIT("-w"), true, 0, REDACT_SECRET},
	{STR_INIT("ldapadd"), STR_INIT("-w"), true, 0, REDACT_SECRET},
	{STR_INIT("ipmitool"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("snmpget"), STR_INIT("-c"), true, 0, REDACT_SECRET},
	{STR_INIT("snmpwalk"), STR_INIT("-c"), true, 0, REDACT_SECRET},
	{STR_INIT("unzip"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("zip"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("7z"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("7za"), STR_INIT("-p"), false, 0, REDACT_SECRET},
	{STR_INIT("sqlcmd"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("login"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("mosquitto_pub"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("mosquitto_sub"), STR_INIT("-P"), true, 0, REDACT_SECRET},
	{STR_INIT("rdesktop"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("mongo"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("mongosh"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("mongodump"), STR_INIT("-p"), true, 0, REDACT_SECRET},
	{STR_INIT("smbclient"), STR_INIT("-U"), true, '%', REDACT_SECRET},
	{STR_INIT("rpcclient"), STR_INIT("-U"), true, '%', REDACT_SECRET},
	{STR_INIT("lftp"), STR_INIT("-u"), true, ',', REDACT_SECRET},
	{STR_INIT("mysql"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("mysql"), STR_INIT("-u"), true, 0, REDACT_USER},
	{STR_INIT("mariadb"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("mariadb"), STR_INIT("-u"), true, 0, REDACT_USER},
	{STR_INIT("mysqldump"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("mysqldump"), STR_INIT("-u"), true, 0, REDACT_USER},
	{STR_INIT("mysqladmin"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("mysqladmin"), STR_INIT("-u"), true, 0, REDACT_USER},
	{STR_INIT("psql"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("psql"), STR_INIT("-U"), true, 0, REDACT_USER},
	{STR_INIT("pg_dump"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("pg_dump"), STR_INIT("-U"), true, 0, REDACT_USER},
	{STR_INIT("redis-cli"), STR_INIT("-h"), true, 0, REDACT_HOST},
	{STR_INIT("ssh"), STR_INIT("-l"), true, 0, REDACT_USER},
};

/* Is it the program of what stands in front? */
static bool runs(struct str before, struct str program)
{
	size_t at = str_rfind(before, program), end = at + program.n;

	return at != SIZE_MAX && end < before.n && before.p[end] == ' ' &&
	       (at == 0 || (name_boundary(before.p[at - 1]) && before.p[at - 1] != '-'));
}

static void option_name(struct scan *s, enum redact_kind kind, struct str name)
{
	(void)((kind == REDACT_HOST ? redact_learn_host(s->r, name, NULL) : redact_learn(s->r, kind, name, NULL)) == 0);
	scan_words(s, (size_t)(name.p + name.n - s->text.p));
}

bool scan_secret_option(struct scan *s)
{
	const size_t far = 256;
	size_t from = s->at < far ? 0 : s->at - far, line, n;
	struct str before = str_sub(s->text, from, s->at - from), at, quote, user;

	if (s->at == 0 || s->text.p[s->at - 1] != ' ')
		return false;
	line = str_rfind(before, STR("\n"));
	before = str_from(before, line == SIZE_MAX ? 0 : line + 1);
	for (size_t i = 0; i < ARRAY_COUNT(secret_options); i++) {
		at = scan_rest(s);
		if (!take_lit(&at, secret_options[i].option) || !runs(before, secret_options[i].program))
			continue;
		if (secret_options[i].apart)
			(void)(take_char(&at, ' ') || take_char(&at, '='));
		quote = secret_quote(at);
		at = str_from(at, quote.n);
		if (secret_options[i].behind && (!take_name(&at, &user) || !take_char(&at, secret_options[i].behind)))
			return false;
		n = quote.n ? secret_quoted(at, quote) : secret_bare(at);
		if (n == 0 || at.p[0] == '-')
			return false;
		scan_keep(s, secret_options[i].option.n);
		if (secret_options[i].kind != REDACT_SECRET) {
			option_name(s, secret_options[i].kind, str_sub(at, 0, n));
			return true;
		}
		if (secret_options[i].behind) {
			scan_keep(s, (size_t)(user.p - scan_rest(s).p));
			scan_replace(s, user.n, REDACT_USER, NOKEY);
		}
		scan_words(s, (size_t)(at.p - s->text.p));
		if (s->text.p + s->at == at.p) /* else a name went on into it */
			scan_hide(s, n);
		return true;
	}
	return false;
}

/* ---- private keys (RFC 7468) ---- */

enum { KEY_LINES = 128, KEY_LINE = 24 };

void scan_key_block(const struct scan *s)
{
	struct str line = str_sub(scan_rest(s), 0, 64);

	if (str_starts(line, STR("-----BEGIN ")) && str_find(line, STR("PRIVATE KEY-----")) != SIZE_MAX)
		s->r->key_lines = KEY_LINES;
	else if (str_starts(line, STR("-----END ")))
		s->r->key_lines = 0;
}

/* The lines may stand in a log, each behind the log's own words, which are shorter than they; in a
 * string behind "\n". */
bool scan_key_line(struct scan *s)
{
	struct str rest = scan_rest(s);
	size_t n = 0;

	while (n < rest.n && (ascii_alpha(rest.p[n]) || ascii_digit(rest.p[n]) ||
			      memchr("+/=", rest.p[n], 3)))
		n++;
	if (n < KEY_LINE)
		return false;
	s->r->key_lines--;
	scan_hide(s, n);
	return true;
}

/* Asked of every word of a log: most have nothing behind them that a key has, and are too short for a
 * token. */
static bool may_be_secret(const struct scan *s, size_t word)
{
	struct str rest = scan_rest(s);
	char c = rest.p[0], behind = word < rest.n ? rest.p[word] : '\n';

	if (word >= SHORTEST)
		return true;
	switch (behind) {
	case ' ': /* "key = value", "--key value", "password is x" */
		return (word + 1 < rest.n && may_be_between(rest.p[word + 1])) ||
		       (s->at && s->text.p[s->at - 1] == '-') || told_may_begin(c);
	case '=': case ':': case '\t': case '%': case '"': case '\'': case '\\': case '-': case '.': case '>':
		return true;
	default:
		return false;
	}
}

bool scan_secret(struct scan *s, size_t word)
{
	struct str rest = scan_rest(s);
	size_t key = word;

	if (!may_be_secret(s, word))
		return false;

	/* "api-key", "X-Auth-Token": a key goes over its dashes */
	while (key + 1 < rest.n && key < NAME_LONGEST && rest.p[key] == '-' &&
	       !name_boundary(rest.p[key + 1])) {
		key++;
		while (key < rest.n && !name_boundary(rest.p[key]))
			key++;
	}
	return keyed(s, key) || (key != word && keyed(s, word)) || scan_told(s, word) || login(s, word) ||
	       formed(s, word);
}
