/* SPDX-License-Identifier: MIT */
/* redact_learn.c - where the names of a machine, its people and its network are written. */
#include "report/redact_private.h"

#include <stdio.h>

enum { SMALL_FILE = 256 * 1024 };

/* The same machine gets the same pseudonym in every bundle, and nobody without its machine-id
 * can turn it back: a desk can count hosts without knowing them. */
static void learn_own_host(struct redactor *r, struct str host, struct str machine_id)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const struct redact_name *name;
	char text[24];
	int n;

	host = redact_core(host);
	if (host.n == 0 || redact_is_common_word(host))
		return;
	for (size_t i = 0; i < machine_id.n; i++)
		h = (h ^ (unsigned char)machine_id.p[i]) * UINT64_C(1099511628211);
	for (size_t i = 0; i < host.n; i++)
		h = (h ^ (unsigned char)host.p[i]) * UINT64_C(1099511628211);
	n = snprintf(text, sizeof(text), "host-%08x", (unsigned)(h ^ h >> 32));
	name = redact_add(r, REDACT_HOST, host, (struct str){text, (size_t)n});
	if (name && !r->own_host.p)
		r->own_host = name->replacement;
}

/* "web01.example.com": the host and its domain. */
static int learn_host(struct redactor *r, struct str host, struct err *err)
{
	struct str first = host, rest = host;
	uint8_t ip[16];

	if (host.n == 0 || pattern_ipv4(host, '.', ip) == host.n || pattern_ipv6(host, ip) > 0)
		return 0;
	if (take_until(&rest, '.', &first) &&
	    redact_learn(r, REDACT_DOMAIN, rest, err) != 0)
		return -1;
	return redact_learn(r, REDACT_HOST, first, err);
}

static struct str small_file(const struct root *root, const char *path, struct buf *b)
{
	int errnum = 0;

	buf_clear(b);
	(void)file_read(root, path, b, &errnum);
	return buf_str(b);
}

static int learn_hosts(struct redactor *r, struct str text, struct err *err)
{
	struct str line, word;

	while (take_line(&text, &line)) {
		bool first = true;

		for (skip_blanks(&line); take_word(&line, &word); skip_blanks(&line)) {
			if (word.p[0] == '#')
				break;
			if (!first && !str_starts(word, STR("ip6-")) &&
			    learn_host(r, word, err) != 0)
				return -1;
			first = false;
		}
	}
	return 0;
}

static int learn_resolv(struct redactor *r, struct str text, struct err *err)
{
	struct str line, word;

	while (take_line(&text, &line)) {
		if (!take_lit(&line, STR("search ")) && !take_lit(&line, STR("domain ")))
			continue;
		for (skip_blanks(&line); take_word(&line, &word); skip_blanks(&line)) {
			if (redact_learn(r, REDACT_DOMAIN, word, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* "Anna Example,Room 1,...": who it is, where it is more than one word. */
static void learn_person(struct redactor *r, struct str gecos, struct str account)
{
	const struct redact_name *user = names_find(&r->names, account);

	gecos.n = str_find_char(gecos, ',') < gecos.n ? str_find_char(gecos, ',') : gecos.n;
	gecos = redact_core(gecos);
	if (user && str_find_char(gecos, ' ') != SIZE_MAX)
		(void)redact_add(r, REDACT_USER, gecos, user->replacement);
}

/* People have user ids from 1000 on (login.defs UID_MIN); nobody is 65534. The names below are of
 * the system, and stay where a log speaks of them. */
static int learn_users(struct redactor *r, struct str text, struct err *err)
{
	struct str line, name, password, uid_text, gid;
	uint64_t uid;

	while (take_line(&text, &line)) {
		if (!take_until(&line, ':', &name) || !take_until(&line, ':', &password) ||
		    !take_until(&line, ':', &uid_text) || !take_u64(&uid_text, &uid))
			continue;
		if (uid < 1000 || uid == 65534) {
			(void)names_add(&r->keeps, REDACT_USER, name, name);
			continue;
		}
		if (redact_learn(r, REDACT_USER, name, err) != 0)
			return -1;
		if (take_until(&line, ':', &gid) && take_until(&line, ':', &gid))
			learn_person(r, gid, name);
	}
	return 0;
}

/* ---- texts ---- */

static bool in_name(char c)
{
	return !name_boundary(c) || c == '.' || c == '-';
}

/* The name behind (or in front of) the words at `at`. */
static struct str name_behind(struct str text, size_t at)
{
	size_t n = 0;

	while (at + n < text.n && n < 64 && in_name(text.p[at + n]))
		n++;
	return str_sub(text, at, n);
}

static struct str name_before(struct str text, size_t at)
{
	size_t n = 0;

	while (n < at && n < 64 && in_name(text.p[at - n - 1]))
		n++;
	return str_sub(text, at - n, n);
}

/* People of a directory service are in no passwd: sshd, PAM, sudo, su, cron, login, logind, LDAP and
 * auditd say who was there; NFS and CIFS, which server does not answer (fs/nfs, fs/smb/client, Linux
 * 6.1); USB, what its devices are numbered. Found by a word that begins with a rare letter, what
 * stands in front of it, somewhere in its line and behind the name: "copied from user space" and
 * "invalid user pointer" name nobody. */
static const struct name_mark {
	enum redact_kind kind;
	struct str word, before[3]; /* none: anything */
	struct str with;	    /* in its line, in front of the word */
	struct str behind[4];	    /* none: anything; "#": an address */
	bool name_before;	    /* the name is in front of `before`, else behind the word */
} name_marks[] = {
	{REDACT_USER, STR_INIT("user "), {STR_INIT("nvalid ")}, STR_INIT(""),
	 {STR_INIT(" from "), STR_INIT(" ["), STR_INIT("#")}, false},
	{REDACT_USER, STR_INIT("user "), {STR_INIT("ing "), STR_INIT("from ")}, STR_INIT("onnect"),
	 {STR_INIT("#")}, false},
	{REDACT_USER, STR_INIT("user "), {STR_INIT("ed for "), STR_INIT(" of ")}, STR_INIT("ession "),
	 {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("user "), {STR_INIT("ed for ")}, STR_INIT("assword "),
	 {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("User "), {STR_INIT(" of ")}, STR_INIT("ession "), {STR_INIT("")},
	 false},
	{REDACT_USER, STR_INIT("Slice of "), {STR_INIT("User ")}, STR_INIT(""), {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("key for "), {STR_INIT("public")}, STR_INIT(""), {STR_INIT(" from ")},
	 false},
	{REDACT_USER, STR_INIT("word for "), {STR_INIT("pass")}, STR_INIT(""),
	 {STR_INIT(" from "), STR_INIT(":")}, false},
	{REDACT_USER, STR_INIT("pam for "), {STR_INIT("interactive/")}, STR_INIT(""),
	 {STR_INIT(" from ")}, false},
	{REDACT_USER, STR_INIT("user="), {STR_INIT(" ")}, STR_INIT("rhost="), {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("cct=\""), {STR_INIT("a")}, STR_INIT(""), {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("BY "), {STR_INIT(" ")}, STR_INIT("LOGIN ON "), {STR_INIT("")}, false},
	{REDACT_USER, STR_INIT("uid="), {STR_INIT("")}, STR_INIT(""),
	 {STR_INIT(",ou="), STR_INIT(",cn="), STR_INIT(",dc=")}, false},
	{REDACT_USER, STR_INIT("TTY="), {STR_INIT(" : "), STR_INIT(" : user NOT in sudoers ; ")},
	 STR_INIT(""), {STR_INIT("")}, true},
	{REDACT_USER, STR_INIT("pts/"), {STR_INIT(" on ")}, STR_INIT("(to "), {STR_INIT("")}, true},
	{REDACT_USER, STR_INIT("CMD ("), {STR_INIT(") ")}, STR_INIT(""), {STR_INIT("")}, true},
	{REDACT_HOST, STR_INIT("hostname="), {STR_INIT(" ")}, STR_INIT(""), {STR_INIT(" addr=")}, false},
	{REDACT_HOST, STR_INIT("rhost="), {STR_INIT(" ")}, STR_INIT(""), {STR_INIT(" "), STR_INIT("\n")},
	 false},
	{REDACT_HOST, STR_INIT("ver "), {STR_INIT("nfs: ser"), STR_INIT("NFS: ser")}, STR_INIT(""),
	 {STR_INIT("")}, false},
	{REDACT_HOST, STR_INIT("\\\\"), {STR_INIT(" ")}, STR_INIT(""), {STR_INIT("")}, false},
	{REDACT_ID, STR_INIT("Number: "), {STR_INIT("Serial")}, STR_INIT(""), {STR_INIT("")}, false},
};

static bool address_follows(struct str s)
{
	uint8_t ip[16];

	return take_char(&s, ' ') && (pattern_ipv4(s, '.', ip) > 0 || pattern_ipv6(s, ip) > 0 ||
				      str_starts(s, STR("::1 ")));
}

static bool stands_behind(const struct name_mark *mark, struct str rest)
{
	if (mark->behind[0].n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(mark->behind) && mark->behind[i].n; i++) {
		if (str_eq(mark->behind[i], STR("#")) ? address_follows(rest)
						      : str_starts(rest, mark->behind[i]))
			return true;
	}
	return false;
}

/* The line's part in front of text[at], as far back as what speaks of a name may stand. */
static struct str line_before(struct str text, size_t at)
{
	const size_t far = 1024;
	size_t from = at < far ? 0 : at - far;
	struct str before = str_sub(text, from, at - from);
	size_t start = str_rfind(before, STR("\n"));

	return start == SIZE_MAX ? before : str_from(before, start + 1);
}

/* The name that `mark` shows at text[hit], or nothing. */
static struct str marked_name(const struct name_mark *mark, struct str text, size_t hit)
{
	struct str before = str_sub(text, 0, hit), name;

	for (size_t i = 0; i < ARRAY_COUNT(mark->before) && (i == 0 || mark->before[i].n); i++) {
		if (!str_ends(before, mark->before[i]) ||
		    (mark->with.n && str_find(line_before(text, hit), mark->with) == SIZE_MAX))
			continue;
		name = mark->name_before ? name_before(text, hit - mark->before[i].n)
					 : name_behind(text, hit + mark->word.n);
		if (stands_behind(mark, str_from(text, (size_t)(name.p + name.n - text.p))))
			return name;
	}
	return STR("");
}

/* Digits alone are a number of somebody; "for invalid user x", "of user space". */
static bool is_nobody(struct str name)
{
	static const char *const words[] = {"invalid", "user", "space", "mode", "access", "namespace",
					    "namespaces", "defined", "unknown"};
	size_t digits = 0;

	while (digits < name.n && ascii_digit(name.p[digits]))
		digits++;
	return digits == name.n || redact_listed(words, ARRAY_COUNT(words), name);
}

/* "0000" and "123456" are on thousands of devices, and in every line about PCI. */
static bool is_serial(struct str text)
{
	uint64_t seen[2] = {0, 0};

	for (size_t i = 0; i < text.n; i++)
		seen[text.p[i] >> 6 & 1] |= UINT64_C(1) << (text.p[i] & 63);
	return text.n >= 6 && __builtin_popcountll(seen[0]) + __builtin_popcountll(seen[1]) >= 4 &&
	       !str_starts(STR("123456789012345678901234567890"), text);
}

static int learn_marked(struct redactor *r, struct str text, struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(name_marks); i++) {
		const struct name_mark *mark = &name_marks[i];
		size_t at = 0, hit;

		while ((hit = str_find(str_from(text, at), mark->word)) != SIZE_MAX) {
			struct str name = marked_name(mark, text, at + hit);
			int rc;

			at += hit + mark->word.n;
			if (is_nobody(name) || redact_is_program(name) ||
			    (mark->kind == REDACT_ID && !is_serial(name)))
				continue;
			rc = mark->kind == REDACT_HOST ? learn_host(r, name, err)
						       : redact_learn(r, mark->kind, name, err);
			if (rc != 0)
				return -1;
		}
	}
	return 0;
}

/* File systems of other machines; the host stands in front of ":/", or between slashes. */
static bool is_remote(struct str type)
{
	static const char *const types[] = {"nfs", "nfs4", "cifs", "smb3", "ceph", "lustre",
					    "fuse.sshfs", "fuse.glusterfs"};

	return redact_listed(types, ARRAY_COUNT(types), type);
}

/* "nas:/export /mnt nfs4 ...", "anna@nas:/x /mnt fuse.sshfs ..." and "//nas/share /mnt cifs ..." of
 * a table of mounts. */
static int learn_mount(struct redactor *r, struct str line, struct err *err)
{
	struct str source, folder, type, host, user;

	if (!take_word(&line, &source) ||
	    !(take_lit(&source, STR("//")) ? take_until(&source, '/', &host)
					   : take_until_lit(&source, STR(":/"), &host)))
		return 0;
	if (!take_char(&line, ' ') || !take_word(&line, &folder) || !take_char(&line, ' ') ||
	    !take_word(&line, &type) || !is_remote(type))
		return 0;
	if (take_until(&host, '@', &user) && redact_learn(r, REDACT_USER, user, err) != 0)
		return -1;
	return learn_host(r, redact_core(host), err); /* "[2001:db8::1]" */
}

int redact_learn_root(struct redactor *r, const struct root *root, struct err *err)
{
	static const char *const serials[] = {
		"/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/board_serial",
		"/sys/class/dmi/id/chassis_serial", "/sys/class/dmi/id/product_uuid",
		"/sys/class/dmi/id/chassis_asset_tag", "/proc/sys/kernel/random/boot_id",
	};
	CLEANUP_BUF struct buf b = BUF_INIT(SMALL_FILE);
	CLEANUP_BUF struct buf id = BUF_INIT(SMALL_FILE);
	struct str machine_id = str_trim(small_file(root, "/etc/machine-id", &id));
	static const char *const own[] = {"/proc/sys/kernel/hostname", "/etc/hostname"};

	if (r->level == REDACT_NONE)
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(own); i++) {
		struct str host = str_trim(small_file(root, own[i], &b)), first = host;
		struct str rest = host;

		(void)take_until(&rest, '.', &first);
		learn_own_host(r, first, machine_id);
		if (learn_host(r, host, err) != 0)
			return -1;
	}
	if (machine_id.n && redact_learn(r, REDACT_ID, machine_id, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(serials); i++) {
		struct str serial = str_trim(small_file(root, serials[i], &b));

		if (serial.n >= 5 && !ascii_blank(serial.p[0]) &&
		    str_find(serial, STR(" ")) == SIZE_MAX &&
		    redact_learn(r, REDACT_ID, serial, err) != 0)
			return -1;
	}
	if (learn_hosts(r, small_file(root, "/etc/hosts", &b), err) != 0 ||
	    learn_resolv(r, small_file(root, "/etc/resolv.conf", &b), err) != 0)
		return -1;
	if (learn_users(r, small_file(root, "/etc/passwd", &b), err) != 0)
		return -1;
	return r->level == REDACT_STRICT ? redact_learn_processes(r, root, err) : 0;
}

int redact_learn_text(struct redactor *r, struct str lines, struct err *err)
{
	struct str line, host, last = {NULL, 0};

	if (r->level == REDACT_NONE)
		return 0;
	if (learn_marked(r, lines, err) != 0)
		return -1;
	while (take_line(&lines, &line)) {
		if (learn_mount(r, line, err) != 0 || redact_learn_row(r, line, err) != 0 ||
		    (r->level == REDACT_STRICT && redact_learn_comms(r, line, err) != 0))
			return -1;
		if (!redact_line_host(line, &host))
			continue;
		if (last.p && str_eq(last, host))
			continue; /* one machine's log names it in every line */
		last = host;
		if (learn_host(r, host, err) != 0)
			return -1;
	}
	return 0;
}
