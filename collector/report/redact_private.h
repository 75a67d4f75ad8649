/* SPDX-License-Identifier: MIT */
/* redact_private.h - what the redact_*.c files share: the names learned, the patterns seen. */
#ifndef OOMREPORT_REPORT_REDACT_PRIVATE_H
#define OOMREPORT_REPORT_REDACT_PRIVATE_H

#include "report/report.h"

/* ---- redact_names.c: originals and their replacements ---- */

struct redact_name {
	enum redact_kind kind;
	struct str original, replacement;
	uint16_t next; /* of the same hash */
	bool spelled;  /* in all its ways: redact_add_spellings() */
};

enum { NAME_BUCKETS = 8192, NAMES_MAX = 16384, NAME_LONGEST = 255 };

/* All originals of one bundle, found by the word that stands at a place. */
struct redact_names {
	struct arena arena;
	struct redact_name **all; /* in the order learned */
	uint16_t buckets[NAME_BUCKETS]; /* 1 = all[0]; 0 = none: there are seven such tables */
	size_t n, room;
	uint64_t counts[REDACT_KINDS];
	uint64_t serial[REDACT_KINDS]; /* last number given out */
	/* Which three-byte heads occur at all, and which lengths: most places of a text are
	 * turned away by one bit. */
	uint8_t heads[65536 / 8];
	uint8_t reach[256]; /* by the low byte of a head: how long names that begin so may be */
	uint64_t lengths[4]; /* bit per length 0..255 */
	uint64_t firsts[4];  /* bit per first byte */
};

/* A byte that may stand beside a name; asked of every byte of a bundle. */
static inline bool name_boundary(char c)
{
	/* bit per byte below 128: digits, letters and '_' are inside names. Bytes of UTF-8 are
	 * outside: a quotation mark beside a name must not hide it. */
	static const uint64_t inside[2] = {UINT64_C(0x03ff000000000000),
					   UINT64_C(0x07fffffe87fffffe)};
	unsigned char b = (unsigned char)c;

	return b >= 128 || !(inside[b >> 6] >> (b & 63) & 1);
}
/* The name (three bytes or more) at the start of s that ends at a boundary: the longest one, or
 * NULL. */
const struct redact_name *names_at(const struct redact_names *names, struct str s);
/* This one, in any case of its letters where its kind knows none; or NULL. */
struct redact_name *names_find(const struct redact_names *names, struct str s);
/* Same for both cases of a letter; that other bytes share one, too, costs a comparison. */
static inline unsigned name_folded(char c)
{
	return (unsigned char)c | 0x20U;
}
static inline unsigned names_head(struct str s)
{
	return ((name_folded(s.p[0]) << 8 | name_folded(s.p[1])) ^ name_folded(s.p[2]) * 157U) & 0xffff;
}
/* Does a name begin as s does, with its first three bytes? Most places of a text are turned away. */
static inline bool names_have_head(const struct redact_names *names, struct str s)
{
	return s.n >= 3 && (names->heads[names_head(s) / 8] >> names_head(s) % 8 & 1);
}
/* Can a name begin with this byte? Asked of every word of a bundle. */
static inline bool names_may_begin(const struct redact_names *names, char c)
{
	return names->firsts[name_folded(c) / 64] >> name_folded(c) % 64 & 1;
}
/* Was this text given out as a replacement? */
bool names_gives(const struct redact_names *names, struct str text);
/* "user3": the next of its kind, and never a word that is somebody's original. */
struct str names_next(struct redact_names *names, enum redact_kind kind, char made[64]);
/* Add (or find) one; replacement.p NULL: the next of its kind. NULL when the table is full: the
 * caller then writes "[user]", which keeps the secret but not the relation. */
struct redact_name *names_add(struct redact_names *names, enum redact_kind kind, struct str original,
			      struct str replacement);

/* ---- redact_words.c ---- */

/* Is the word in the list, in any case of its letters? */
bool redact_listed(const char *const *list, size_t n, struct str word);
/* Words that identify nobody and would make a log unreadable when replaced. */
bool redact_is_common_word(struct str word);
/* systemd units, slices and runtime folders that every machine has. */
bool redact_is_system_unit(struct str component);
bool redact_is_system_comm(struct str comm);
/* Exactly the name of such a program: a cgroup called "init" or "nginx" keeps it, or every
 * process of that name would lose its own. */
bool redact_is_program(struct str word);

/* ---- redact_ordinary.c ---- */

/* Words that may be names, but are replaced only where their place says that they are. */
bool redact_is_ordinary_word(struct str word);

/* ---- redact_patterns.c: the length matched at the start of s, 0 = none ---- */

size_t pattern_ipv4(struct str s, char between, uint8_t ret[4]); /* between the octets: '.' */
size_t pattern_ipv6(struct str s, uint8_t ret[16]);
size_t pattern_octets(struct str s, size_t octets_n); /* "52:54:..." of exactly so many */
size_t pattern_mac(struct str s);
size_t pattern_mac_groups(struct str s); /* "5254.0012.34ab" */
size_t pattern_hyphen(struct str s); /* "\\x2d", as systemd-escape(1) writes one */
/* "%20", "\\x20", "\\040": a byte, escaped; a word begins behind it. */
size_t pattern_escape(struct str s);
bool pattern_escape_before(struct str s, size_t at); /* one ends at s.p[at] */
size_t pattern_uuid(struct str s);   /* also with '_' or "\\x2d" for its dashes */
size_t pattern_hex_id(struct str s);	    /* 32 or 64 hex digits and no more */
size_t pattern_email(struct str s, size_t *domain); /* *domain: its place */
bool ipv4_is_private(const uint8_t ip[4]);  /* RFC 1918, RFC 6598 */
bool ipv4_is_special(const uint8_t ip[4]);  /* loopback, any, broadcast, netmask */
bool ipv6_is_special(const uint8_t ip[16]); /* ::, ::1, multicast */
/* Does `before` (the text up to a '/') end in words that announce a cgroup path? */
bool redact_announces_cgroup(struct str before);

/* ---- redact_tables.c ---- */

struct redact_table {
	unsigned columns, comm, parent, group; /* 0 columns: in no table */
	char between;
};

/* The last column of what ps(1) and top(1) print is a command line. */
struct redact_listing {
	unsigned columns, pid, user; /* 0 columns: in none */
};
/* Can any of these lines be one of a listing, or its head? */
bool redact_has_listing(const struct redact_listing *l, struct str lines);
/* Where in a line of such a listing the command line begins; 0: in none. Lines in their order. */
size_t redact_command_at(struct redact_listing *l, struct str line);

/* ---- redact_marks.c: words that say that a name follows ---- */

struct redact_index {
	uint16_t first[4096], next[512]; /* 1 = the first row; by the first three bytes of its word */
};

void redact_index_marks(struct redact_index *index);
int redact_learn_marked(struct redactor *r, struct str text, struct err *err) MUST_CHECK;

/* ---- the redactor itself ---- */

struct redactor {
	enum redact_level level;
	struct redact_names names;
	struct redact_names asides;  /* short or ordinary: looked for in their places only */
	struct redact_names args;    /* of command lines: never looked for elsewhere */
	struct redact_names subnets;   /* "10.1.2" -> "7"; never looked for in texts */
	struct redact_names spellings; /* digits of an address or id -> its number, "dc=corp" -> its
					  domain; the same */
	struct redact_names keeps;     /* accounts of the system: nobody's names */
	struct redact_names paths;     /* words of the paths that are read on every machine */
	struct str own_host;	       /* its replacement */
	struct redact_index marks;
	unsigned key_lines; /* of a private key that may follow */
	struct redact_table table; /* in which the last line stood */
	struct redact_listing learnt, scanned; /* the same, of what is learned and what is replaced */
};

/* Replacing goes by words: a name begins and ends where a word does; "(none)" is "none". */
struct str redact_core(struct str name);
/* Add a name to the table it belongs to; NULL as names_add(). */
struct redact_name *redact_add(struct redactor *r, enum redact_kind kind, struct str original,
			       struct str replacement);
/* Another word for the same one, which is not counted. */
void redact_add_same(struct redactor *r, const struct redact_name *name, struct str other);
/* A name (or NULL) as other texts spell it. */
void redact_add_spellings(struct redactor *r, struct redact_name *name);

int redact_learn_row(struct redactor *r, struct str line, bool listing, struct err *err) MUST_CHECK;
/* "web01.example.com": the host and its domain. */
int redact_learn_host(struct redactor *r, struct str host, struct err *err) MUST_CHECK;

/* ---- redact_labels.c: what people call their things. Each is given the text behind a mark ---- */

/* What an installer or the kernel calls so: it says nothing of anybody. */
bool redact_is_usual(struct str name);
int redact_learn_label(struct redactor *r, struct str name, struct err *err) MUST_CHECK;
int redact_learn_visitor(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_tunnel(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_pod(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_machine(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_volumes(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_mapped(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_device(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_share(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_export(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_mount(struct redactor *r, struct str line, struct err *err) MUST_CHECK;
int redact_learn_medium(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_created(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_unit(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_remotes(struct redactor *r, struct str at, struct err *err) MUST_CHECK;

/* ---- redact_hosts.c: machines that a line speaks of. Each is given the text behind a mark ---- */

int redact_learn_lease(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_query(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_url(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_source(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
int redact_learn_booted(struct redactor *r, struct str at, struct err *err) MUST_CHECK;
/* A row of limits.conf(5): "anna hard memlock 65536". */
int redact_learn_limit(struct redactor *r, struct str line, struct err *err) MUST_CHECK;
/* The piece of a name or a path that s begins with. */
size_t redact_piece(struct str s);

/* ---- redact_comms.c: level strict ---- */

int redact_learn_processes(struct redactor *r, const struct root *root, struct err *err) MUST_CHECK;
int redact_learn_comms(struct redactor *r, struct str line, struct err *err) MUST_CHECK;

/* ---- redact_places.c ---- */

/* The host of a log line: "Jan  2 15:04:05 HOST ident: ", "2026-01-02T15:04:05+01:00 HOST x: ",
 * a journal export's or its JSON's. */
bool redact_line_host(struct str line, struct str *ret);
/* The short or ordinary name that stands at text[at], where its place says so; or NULL. */
const struct redact_name *redact_aside_at(const struct redactor *r, struct str text, size_t at);

/* The name at text[at] that an underscore joins to others, where a path says that it is one; or
 * NULL. */
const struct redact_name *redact_joined_at(const struct redactor *r, struct str text, size_t at);

/* ---- a text on its way (redact.c) ---- */

struct scan {
	struct redactor *r;
	struct str text; /* the whole piece */
	size_t at, written; /* what is kept in between is written when something is replaced */
	struct buf *out;
	bool json; /* a backslash is an escape */
	bool command; /* in a command line: there is none inside it */
	size_t url_end, hook_at; /* of the URL that its place is in, or was in */
	uint64_t replaced;
};

static inline struct str scan_rest(const struct scan *s)
{
	return str_from(s->text, s->at);
}
static inline struct str scan_before(const struct scan *s) /* at most 32 bytes */
{
	return str_sub(s->text, s->at > 32 ? s->at - 32 : 0, s->at > 32 ? 32 : s->at);
}
static inline void scan_keep(struct scan *s, size_t n)
{
	s->at += n;
}
/* All that was kept so far; and where to write what stands for the n bytes at its place. */
void scan_write(struct scan *s);
struct buf *scan_instead(struct scan *s, size_t n);
/* The n bytes at its place, in the bundle's table of names; replacement.p NULL: as redact_add(). */
void scan_replace(struct scan *s, size_t n, enum redact_kind kind, struct str replacement);
/* The n bytes at its place, if they are somebody's name: else they stay. */
void scan_known(struct scan *s, size_t n);
/* What the kernel prints of itself is public knowledge: who built it, who wrote a driver. */
bool scan_in_banner(const struct scan *s);
/* Words as in any text, up to the byte at `end`. */
void scan_words(struct scan *s, size_t end);

/* ---- redact_addresses.c, redact_domains.c: each replaces what stands at its place, or is false.
 * `word` is the length of the word that begins there. ---- */

bool scan_address(struct scan *s);
/* "node_10_1_2_3": one that begins at text[at]. */
bool scan_apart_ipv4(struct scan *s, size_t at, char between);
bool scan_ipv6(struct scan *s);
bool scan_interface(struct scan *s, size_t word); /* "enx525400123456" */
bool scan_email(struct scan *s);
bool scan_domain(struct scan *s);		  /* "web01.corp.example.net" */
bool scan_account(struct scan *s, size_t word);	  /* "CORP\\anna" */
bool scan_login(struct scan *s, size_t word);	  /* "anna@nas", a known user on any host */
bool scan_dn(struct scan *s, size_t word);	  /* "dc=example,dc=net" */
bool scan_storage(struct scan *s);		  /* "iqn.2001-04.net.example:disk" */
bool scan_joined(struct scan *s, size_t word);	  /* "/dev/mapper/lv_anna" */
/* The n bytes behind "/home/" are a domain of people: replaced. */
bool scan_home_domain(struct scan *s, size_t n);

/* The part of a domain that somebody owns: "example.net" of "corp.example.net", or all of it. */
struct str domain_owned(struct str domain);
/* Well-known ones, in which nobody is at home: "kernel.org", "gmail.com". */
bool domain_is_public(struct str domain);
/* A domain and its owned part, as redact_add(). */
void redact_add_domain(struct redactor *r, struct str domain);

/* ---- redact_left.c ---- */

/* One string of JSON after the other that may hold names, raw as it is written; false at the end.
 * `key` is the key it belongs to. Tokens other than strings are passed over, and so are keys and
 * values that are our own words. */
struct json_walk {
	struct str text, key;
	size_t at; /* behind the string that was given last */
};

/* Length of the escape at the start of s inside a string, or 0. */
size_t json_escape(struct str s);
bool json_next(struct json_walk *w, size_t *ret_at, size_t *ret_n);
/* Replace what redact_leak() would find in out, from its byte `from` on. The scan goes by words
 * and patterns, so a name is left where one of these ends inside it, or where a replacement
 * ("[secret]") is itself somebody's name: who writes such a line into a log must not keep a
 * bundle from being published. *count grows by what was replaced. */
int redact_sweep(const struct redactor *r, enum redact_form form, struct buf *out, size_t from,
		 uint64_t *count, struct err *err) MUST_CHECK;

/* ---- redact_secrets.c ---- */

/* Key of a secret: "password", "api_key" ... */
bool redact_is_secret_key(struct str key);
/* What stands at s is a secret, by its key or by its form: replace it. `word` is the length of
 * the word that begins there. */
bool scan_secret(struct scan *s, size_t word);
bool scan_userinfo(struct scan *s); /* "://user:password@" */
void scan_hide(struct scan *s, size_t n); /* n bytes become "[secret]" */
void scan_key_block(const struct scan *s); /* "-----BEGIN PRIVATE KEY-----": what follows is one */
bool scan_key_line(struct scan *s);	    /* a line of it */
/* At '-': an option behind which this line's program takes its password, "sshpass -p x". */
bool scan_secret_option(struct scan *s);

/* A value's length: without quotes, up to a blank or a separator; up to what closes it. */
size_t secret_bare(struct str s);
size_t secret_quoted(struct str s, struct str quote);
struct str secret_quote(struct str s); /* the one that s begins with, or none */

/* ---- redact_told.c ---- */

/* A secret that the word at its place announces without a '=': replaced. */
bool scan_told(struct scan *s, size_t word);
bool told_may_begin(char c); /* can such a word begin so? */

/* ---- redact_urls.c ---- */

void scan_begin_url(struct scan *s); /* at "://" */
bool scan_url(struct scan *s);	     /* a part of the URL, before its end, that is a token */

/* ---- redact_args.c ---- */

/* A command line, up to the byte at `end`. */
void scan_arguments(struct scan *s, size_t end);
/* One argument, up to the byte at `end`; true when it names a secret that is the next one. */
bool scan_argument(struct scan *s, size_t end);
/* One that sudo or cron has written into a log. */
bool scan_command(struct scan *s, size_t word);

/* ---- redact_audit.c ---- */

/* A value of the kernel's audit trail: a command line, or anything in hexadecimal digits. */
bool scan_audit(struct scan *s, size_t word);

#endif
