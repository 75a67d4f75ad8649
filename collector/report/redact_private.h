/* SPDX-License-Identifier: MIT */
/* redact_private.h - what the redact_*.c files share: the names learned, the patterns seen. */
#ifndef OOMREPORT_REPORT_REDACT_PRIVATE_H
#define OOMREPORT_REPORT_REDACT_PRIVATE_H

#include "report/report.h"

struct redact_name {
	enum redact_kind kind;
	struct str original, replacement;
	struct redact_name *next; /* of the same hash */
};

enum { NAME_BUCKETS = 8192, NAMES_MAX = 16384, NAME_LONGEST = 255 };

/* All originals of one bundle, found by the word that stands at a place. */
struct redact_names {
	struct arena arena;
	struct redact_name *buckets[NAME_BUCKETS];
	struct redact_name **all; /* in the order learned */
	size_t n, room;
	uint64_t counts[REDACT_KINDS];
	uint64_t serial[REDACT_KINDS]; /* last number given out */
	/* Which three-byte heads occur at all, and which lengths: most places of a text are
	 * turned away by one bit. */
	uint8_t heads[65536 / 8];
	uint64_t lengths[4]; /* bit per length 0..255 */
};

bool name_boundary(char c); /* a byte that may stand beside a name */
/* The name at the start of s that ends at a boundary: the longest one, or NULL. */
const struct redact_name *names_at(const struct redact_names *names, struct str s);
/* Was this text given out as a replacement? */
bool names_gives(const struct redact_names *names, struct str text);
/* Add (or find) one; replacement.p NULL: the next of its kind, "user3". NULL when the table is
 * full: the caller then writes "[user]", which keeps the secret but not the relation. */
const struct redact_name *names_add(struct redact_names *names, enum redact_kind kind,
				    struct str original, struct str replacement);

/* Words that identify nobody and would make a log unreadable when replaced. */
bool redact_is_common_word(struct str word);
/* systemd units, slices and runtime folders that every machine has. */
bool redact_is_system_unit(struct str component);
bool redact_is_system_comm(struct str comm);
/* Exactly the name of such a program: a cgroup called "init" or "nginx" keeps it, or every
 * process of that name would lose its own. */
bool redact_is_program(struct str word);

/* ---- patterns: the length matched at the start of s, 0 = none ---- */
size_t pattern_ipv4(struct str s, uint8_t ret[4]);
size_t pattern_ipv6(struct str s, uint8_t ret[16]);
size_t pattern_mac(struct str s);
size_t pattern_uuid(struct str s);
size_t pattern_hex_id(struct str s);	    /* 32 or 64 hex digits and no more */
size_t pattern_email(struct str s, size_t *at); /* *at: place of the '@' */
size_t pattern_fqdn(struct str s);	    /* strict only */
bool ipv4_is_special(const uint8_t ip[4]);  /* loopback, any, broadcast, netmask */
bool ipv6_is_special(const uint8_t ip[16]); /* ::, ::1, multicast */

/* Key in front of a secret: "password", "api_key" ... */
bool redact_is_secret_key(struct str key);
/* Does `before` (the text up to a '/') end in words that announce a cgroup path? */
bool redact_announces_cgroup(struct str before);

/* The redactor itself, shared by redact.c and redact_learn.c. */
struct redactor {
	enum redact_level level;
	struct redact_names names;
	struct redact_names subnets; /* "10.1.2" -> "7"; never looked for in texts */
	struct str own_host;	     /* its replacement */
};

#endif
