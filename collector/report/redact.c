/* SPDX-License-Identifier: MIT */
/* redact.c - texts with every learned name and every address replaced. */
#include "report/redact_private.h"

enum { NAMES_BYTES = 4 << 20 };

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !name_boundary(s.p[n]))
		n++;
	return n;
}

void redact_keep_path(struct redactor *r, struct str path)
{
	while (path.n) {
		struct str word = str_sub(path, 0, word_length(path));

		(void)names_add(&r->paths, REDACT_HOST, word, word);
		path = str_from(path, word.n + 1);
	}
}

int redact_new(struct redactor **ret, enum redact_level level, struct err *err)
{
	struct arena home = ARENA_INIT(sizeof(struct redactor) + NAMES_BYTES);
	struct redactor *r = arena_take(&home, sizeof(*r));

	if (!r)
		return err_set(err, ERR_NOMEM, "redaction: no memory");
	r->level = level;
	r->names.arena = home; /* the redactor lives in its own names' arena */
	r->asides.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	r->args.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	r->subnets.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	r->spellings.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	r->keeps.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	r->paths.arena = (struct arena)ARENA_INIT(NAMES_BYTES);
	redact_index_marks(&r->marks);
	*ret = r;
	return 0;
}

void redact_free(struct redactor *r)
{
	struct arena home;

	if (!r)
		return;
	home = r->names.arena;
	arena_free(&r->asides.arena);
	arena_free(&r->args.arena);
	arena_free(&r->subnets.arena);
	arena_free(&r->spellings.arena);
	arena_free(&r->keeps.arena);
	arena_free(&r->paths.arena);
	arena_free(&home);
}

uint64_t redact_count(const struct redactor *r, enum redact_kind kind)
{
	return r->names.counts[kind] + r->asides.counts[kind] + r->args.counts[kind];
}

struct str redact_own_host(const struct redactor *r)
{
	return r->own_host;
}

/* Any process can write lines that look like a name's; no machine or user is called so. */
static bool has_controls(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
			return true;
	}
	return false;
}

static bool is_ascii_boundary(char c)
{
	return (unsigned char)c < 0x80 && name_boundary(c);
}

struct str redact_core(struct str name)
{
	while (name.n && is_ascii_boundary(name.p[0]))
		name = str_from(name, 1);
	while (name.n && is_ascii_boundary(name.p[name.n - 1]))
		name.n--;
	return name;
}

struct redact_name *redact_add(struct redactor *r, enum redact_kind kind, struct str original,
			       struct str replacement)
{
	bool aside = original.n < 3 || redact_is_ordinary_word(original) ||
		     names_find(&r->paths, original);
	struct redact_name *old = aside ? names_find(&r->asides, original) : NULL;
	char made[64];

	if (old)
		return old;
	if (aside && !replacement.p)
		replacement = names_next(&r->names, kind, made);
	return names_add(aside ? &r->asides : &r->names, kind, original, replacement);
}

void redact_add_same(struct redactor *r, const struct redact_name *name, struct str other)
{
	uint64_t names = r->names.counts[name->kind], asides = r->asides.counts[name->kind];

	(void)redact_add(r, name->kind, other, name->replacement);
	r->names.counts[name->kind] = names;
	r->asides.counts[name->kind] = asides;
}

/* A UUID is numbered as one that is met in a text. */
static int learn_id(struct redactor *r, struct str id, struct err *err)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1024);
	uint64_t count = 0;

	if (pattern_uuid(id) == id.n || pattern_hex_id(id) == id.n)
		return redact_text(r, id, REDACT_LINES, &out, &count, err);
	(void)redact_add(r, REDACT_ID, id, NOKEY);
	return 0;
}

int redact_learn(struct redactor *r, enum redact_kind kind, struct str name, struct err *err)
{
	name = redact_core(name);
	if (r->level == REDACT_NONE || name.n == 0 || redact_is_common_word(name) ||
	    has_controls(name))
		return 0;
	if (kind == REDACT_COMM && (r->level != REDACT_STRICT || redact_is_system_comm(name)))
		return 0;
	if (kind == REDACT_CGROUP && (redact_is_system_unit(name) || redact_is_program(name)))
		return 0;
	if (kind == REDACT_USER && names_find(&r->keeps, name))
		return 0;
	if (kind == REDACT_DOMAIN)
		redact_add_domain(r, name);
	else if (kind == REDACT_ID)
		return learn_id(r, name, err);
	else if (kind == REDACT_COMM)
		(void)redact_add(r, kind, name, NOKEY);
	else
		redact_add_spellings(r, redact_add(r, kind, name, NOKEY));
	return 0;
}

/* ---- one replacement at a place of a text ---- */

void scan_write(struct scan *s)
{
	buf_add(s->out, str_sub(s->text, s->written, s->at - s->written));
	s->written = s->at;
}

struct buf *scan_instead(struct scan *s, size_t n)
{
	scan_write(s);
	s->at += n;
	s->written = s->at;
	s->replaced++;
	return s->out;
}

void scan_replace(struct scan *s, size_t n, enum redact_kind kind, struct str replacement)
{
	const struct redact_name *name =
		redact_add(s->r, kind, str_sub(s->text, s->at, n), replacement);

	if (name)
		buf_add(scan_instead(s, n), name->replacement);
	else
		buf_addf(scan_instead(s, n), "[%s]", redact_kind_name(kind));
}

/* What the kernel prints of itself is public knowledge: who built it, who wrote a driver, who made the
 * machine. */
bool scan_in_banner(const struct scan *s)
{
	const size_t longest = 2048; /* further on no banner goes */
	size_t from = s->at < longest ? 0 : s->at - longest;
	size_t start = str_rfind(str_sub(s->text, from, s->at - from), STR("\n"));
	struct str line = str_sub(s->text, from + (start == SIZE_MAX ? 0 : start + 1), 400);

	if (start == SIZE_MAX && from > 0)
		return false;
	if (str_find_char(line, '\n') < line.n)
		line.n = str_find_char(line, '\n');
	return str_find(line, STR("Linux version ")) != SIZE_MAX ||
	       str_find(line, STR("Copyright ")) != SIZE_MAX || str_find(line, STR("DMI: ")) != SIZE_MAX ||
	       str_find(line, STR("Hardware name: ")) != SIZE_MAX;
}

static bool replace_known(struct scan *s)
{
	const struct redact_name *name = NULL;

	if (names_have_head(&s->r->names, scan_rest(s)))
		name = names_at(&s->r->names, scan_rest(s));
	if (!name && names_may_begin(&s->r->asides, s->text.p[s->at]))
		name = redact_aside_at(s->r, s->text, s->at);
	if (!name)
		return false;
	buf_add(scan_instead(s, name->original.n), name->replacement);
	return true;
}

void scan_known(struct scan *s, size_t n)
{
	struct str text = str_sub(scan_rest(s), 0, n);
	const struct redact_name *name = names_find(&s->r->names, text);

	if (!name)
		name = names_find(&s->r->asides, text);
	if (name)
		buf_add(scan_instead(s, n), name->replacement);
	else
		scan_keep(s, n);
}

static size_t component(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != ',' && s.p[n] != '"' && s.p[n] != '\'' &&
	       s.p[n] != ':' && s.p[n] != '\n' && !ascii_blank(s.p[n])) {
		size_t hyphen = pattern_hyphen(str_from(s, n));

		if (s.p[n] == '\\' && hyphen == 0)
			break;
		n += hyphen ? hyphen : 1;
	}
	return n;
}

static bool is_cgroup_path(const struct scan *s)
{
	static const struct str roots[] = {
		STR_INIT("/system.slice/"), STR_INIT("/user.slice/"), STR_INIT("/docker/"),
		STR_INIT("/kubepods"),	    STR_INIT("/machine.slice/"), STR_INIT("/lxc"),
	};

	bool inside = s->at > 0 && !name_boundary(s->text.p[s->at - 1]); /* "/var/lib/docker/x" */

	for (size_t i = 0; i < ARRAY_COUNT(roots); i++) {
		if (!inside && str_starts(scan_rest(s), roots[i]))
			return true;
	}
	return redact_announces_cgroup(scan_before(s));
}

/* "machine-qemu\\x2d3\\x2dpayroll": the group of a virtual machine or a container that is called
 * "payroll" in other places. */
static void learn_machine(struct redactor *r, struct str name)
{
	CLEANUP_BUF struct buf plain = BUF_INIT(2 * NAME_LONGEST);

	if (!take_lit(&name, STR("machine-")))
		return;
	while (name.n) {
		size_t hyphen = pattern_hyphen(name);

		buf_addc(&plain, hyphen ? '-' : name.p[0]);
		name = str_from(name, hyphen ? hyphen : 1);
	}
	(void)(redact_learn_machine(r, buf_str(&plain), NULL) == 0);
}

static struct str without_kind(struct str c)
{
	static const struct str endings[] = {STR_INIT(".service"), STR_INIT(".scope"),
					     STR_INIT(".slice"), STR_INIT(".mount")};

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		if (str_ends(c, endings[i]))
			return str_sub(c, 0, c.n - endings[i].n);
	}
	return c;
}

/* The n bytes at its place and those behind the line's end are one known name that a mail program has
 * torn, "build-ker" "nel": as two names the report would speak of two groups. */
static bool replace_torn(struct scan *s, size_t n)
{
	struct str behind = str_from(scan_rest(s), n), end = s->json ? STR("\\n") : STR("\n"), whole, name;
	const struct redact_name *known;
	char text[NAME_LONGEST];
	size_t rest;

	if (!str_starts(behind, end))
		return false;
	rest = component(str_from(behind, end.n));
	if (rest == 0 || n + rest > sizeof(text))
		return false;
	memcpy(text, scan_rest(s).p, n);
	memcpy(text + n, behind.p + end.n, rest);
	whole = (struct str){text, n + rest};
	name = without_kind(whole);
	known = names_find(&s->r->names, name);
	if (!known || !(known->kind == REDACT_CGROUP || known->kind == REDACT_ID))
		return false;
	buf_add(scan_instead(s, n + end.n + rest), known->replacement);
	buf_add(s->out, str_from(whole, name.n));
	buf_add(s->out, end);
	return true;
}

/* A component of a cgroup path, behind its "/": its name goes, its kind (".service") stays. */
static void one_cgroup(struct scan *s, size_t n)
{
	struct str c = str_sub(scan_rest(s), 0, n), name = without_kind(c);
	size_t end = s->at + n;

	if (redact_is_system_unit(c) || redact_is_common_word(c) || redact_is_program(c)) {
		scan_keep(s, n);
		return;
	}
	if (replace_torn(s, n))
		return;
	/* names are looked for where a word begins: what stands before its first letter stays */
	name = redact_core(name);
	if (name.n >= 3 && name.n <= NAME_LONGEST) {
		scan_keep(s, (size_t)(name.p - c.p));
		learn_machine(s->r, name);
		scan_replace(s, name.n, REDACT_CGROUP, NOKEY);
	}
	scan_keep(s, end - s->at);
}

static void cgroup_path(struct scan *s)
{
	while (s->at < s->text.n && s->text.p[s->at] == '/') {
		size_t n;

		scan_keep(s, 1);
		n = component(scan_rest(s));
		if (n > 0)
			one_cgroup(s, n);
	}
}

/* "/home/anna/x": the name behind a folder of homes; "/home/CORP/anna/x" where people are of a
 * directory service (winbind's template homedir, sssd's override_homedir). */
static bool replace_home(struct scan *s)
{
	static const struct str homes[] = {STR_INIT("/home/"), STR_INIT("/Users/"),
					   STR_INIT("/run/user/")};

	for (size_t i = 0; i < ARRAY_COUNT(homes); i++) {
		struct str name;
		size_t n;

		if (!str_starts(scan_rest(s), homes[i]))
			continue;
		n = component(str_from(scan_rest(s), homes[i].n));
		name = str_sub(scan_rest(s), homes[i].n, n);
		if (n < 1 || n > NAME_LONGEST || ascii_digit(name.p[0]) ||
		    redact_is_common_word(name) || has_controls(name))
			return false;
		scan_keep(s, homes[i].n);
		if (scan_home_domain(s, n)) {
			scan_keep(s, 1);
			n = component(scan_rest(s));
		}
		if (n > 0 && n <= NAME_LONGEST)
			scan_replace(s, n, REDACT_USER, NOKEY);
		return true;
	}
	return false;
}

/* "~anna/x", also in a URL; in a version ("1~deb12") a letter or digit is in front. */
static bool replace_tilde(struct scan *s)
{
	struct str name = str_from(scan_rest(s), 1);
	size_t n = component(name);

	if ((s->at && !name_boundary(s->text.p[s->at - 1])) || n < 2 || n > NAME_LONGEST || !ascii_alpha(name.p[0]) ||
	    n >= name.n || name.p[n] != '/' || redact_learn(s->r, REDACT_USER, str_sub(name, 0, n), NULL) != 0)
		return false;
	scan_keep(s, 1);
	scan_known(s, n);
	return true;
}

/* Behind the first word of a mail address, an account of Windows, a host in its domain; most words
 * of a log are alone. */
static bool names_go_on(char behind)
{
	return behind == '@' || behind == '%' || behind == '.' || behind == '-' || behind == '+' ||
	       behind == '\\' || (unsigned char)behind >= 0x80;
}

/* No address is so short that has nothing of one behind it. */
static bool may_be_address(char c, size_t word, char behind)
{
	return ascii_hex(c) && (word >= 16 || behind == '.' || behind == ':' || behind == '-' ||
				behind == '\\' || (word >= 7 && ascii_digit(c)));
}

/* A letter of UTF-8 may begin a name, also where it is escaped. */
static bool is_letter_beyond(char c)
{
	return (unsigned char)c >= 0xc0 || c == '\\' || c == '%';
}

/* A word (or '/', or a "://" with a password behind it) begins here: replace it, or keep it. */
static void one_word(struct scan *s)
{
	char c = s->text.p[s->at], behind;
	size_t n = word_length(scan_rest(s));

	if (c == ':') {
		scan_begin_url(s);
		if (scan_userinfo(s))
			return;
	}
	if (s->at < s->url_end && scan_url(s))
		return;
	if (c == '/' && (replace_home(s) || (is_cgroup_path(s) && s->at + 1 < s->text.n &&
					      (cgroup_path(s), true))))
		return;
	if ((c == ':' && scan_ipv6(s)) || (c == '~' && replace_tilde(s)))
		return;
	if (n == 0) {
		size_t escape = pattern_escape(scan_rest(s));

		if (c == '-') {
			scan_key_block(s);
			if (scan_secret_option(s))
				return;
		}
		if (!is_letter_beyond(c) || !replace_known(s))
			scan_keep(s, escape ? escape : 1);
		return;
	}
	behind = s->at + n < s->text.n ? s->text.p[s->at + n] : '\n';
	if (s->r->key_lines && scan_key_line(s))
		return;
	if (may_be_address(c, n, behind) && scan_address(s))
		return;
	if (names_go_on(behind) &&
	    (scan_email(s) || scan_login(s, n) || scan_account(s, n) || scan_storage(s) ||
	     scan_domain(s)))
		return;
	if (scan_interface(s, n) || (n == 2 && scan_dn(s, n)) || replace_known(s) || scan_joined(s, n) ||
	    scan_secret(s, n) || scan_command(s, n) || (behind == '=' && scan_audit(s, n)))
		return;
	scan_keep(s, n);
}

/* What stands between two words and begins nothing: a third of all bytes. */
static bool is_mere_separator(char c)
{
	switch (c) {
	case ' ': case '\n': case '\t': case '\r': case '=': case ',': case '.': case ';': case '(': case ')':
	case '[': case ']': case '{': case '}': case '<': case '>': case '"': case '\'': case '#': case '+':
	case '|': case '*':
		return true;
	default:
		return false;
	}
}

void scan_words(struct scan *s, size_t end)
{
	while (s->at < end) {
		if (is_mere_separator(s->text.p[s->at]) && s->at >= s->url_end)
			scan_keep(s, 1);
		else
			one_word(s);
	}
}

/* ---- a document ---- */

static void string_value(struct scan *s, size_t end)
{
	while (s->at < end) {
		struct str rest = str_sub(s->text, s->at, end - s->at);
		size_t escape = pattern_escape(rest) ? 0 : json_escape(rest);

		if (escape == 0)
			one_word(s);
		else if (!replace_known(s))
			scan_keep(s, escape);
	}
}

static void json_lines(struct scan *s)
{
	struct json_walk w = {.text = s->text};
	size_t at, n;

	while (json_next(&w, &at, &n)) {
		scan_keep(s, at - s->at);
		string_value(s, at + n);
		/* a replacement never goes beyond its string, but a pattern may have looked */
		w.at = s->at > w.at ? s->at : w.at;
	}
	scan_keep(s, s->text.n - s->at);
}

/* ---- a table whose last column is a command line ---- */

static void table_lines(struct scan *s)
{
	struct str text = s->text, line;

	while (take_line(&text, &line)) {
		size_t from = (size_t)(line.p - s->text.p), tab = str_rfind(line, STR("\t"));

		scan_words(s, from + (tab == SIZE_MAX ? line.n : tab + 1));
		if (s->at < from + line.n)
			scan_arguments(s, from + line.n);
	}
	scan_words(s, s->text.n);
}

/* ---- lines, in which somebody's loop may show ps(1) ---- */

static void plain_lines(struct scan *s)
{
	struct str text = s->text, line;

	if (!redact_has_listing(&s->r->scanned, text)) {
		scan_words(s, text.n);
		return;
	}
	while (take_line(&text, &line)) {
		size_t from = (size_t)(line.p - s->text.p);
		size_t command = redact_command_at(&s->r->scanned, line);

		scan_words(s, from + (command ? command : line.n));
		if (command && s->at < from + line.n)
			scan_arguments(s, from + line.n);
	}
	scan_words(s, s->text.n);
}

/* ---- any text ---- */

int redact_text(struct redactor *r, struct str lines, enum redact_form form, struct buf *out,
		uint64_t *count, struct err *err)
{
	struct scan s = {.r = r, .text = lines, .out = out, .json = form == REDACT_JSON, .hook_at = SIZE_MAX};
	size_t from = out->n;

	if (r->level == REDACT_NONE)
		scan_keep(&s, lines.n);
	else if (form == REDACT_JSON)
		json_lines(&s);
	else if (form == REDACT_COMMANDS)
		table_lines(&s);
	else
		plain_lines(&s);
	scan_write(&s);
	if (buf_ok(out, "redacted text", err) != 0 ||
	    redact_sweep(r, form, out, from, &s.replaced, err) != 0)
		return -1;
	*count += s.replaced;
	return 0;
}

/* ---- the mapping ---- */

static void map_names(struct emit *e, const struct redact_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct redact_name *name = names->all[i];

		emit_object(e, NOKEY);
		emit_str(e, STR("kind"), str_of(redact_kind_name(name->kind)));
		emit_str(e, STR("original"), name->original);
		emit_str(e, STR("replacement"), name->replacement);
		emit_end(e);
	}
}

int redact_mapping(const struct redactor *r, struct sink out, struct err *err)
{
	struct emit e;

	emit_init(&e, out, 1);
	emit_array(&e, NOKEY);
	map_names(&e, &r->names);
	map_names(&e, &r->asides);
	map_names(&e, &r->args);
	return emit_finish(&e, err);
}
