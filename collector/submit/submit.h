/* SPDX-License-Identifier: MIT */
/* submit.h - the door of submit/: from a bundle to a bug, a mail or an upload.
 *
 * The only room that talks to a network. Facts about servers: Bugzilla 5.0/5.2, 5.1.1 and 5.1.2
 * as observed; a POST can succeed and answer an error, and fail and answer 200, so an outcome
 * is believed only when the answer is a JSON object with the expected id, and everything else
 * is looked up by a token that was written to disk before the POST and into the bug.
 *
 * Secrets: an API key travels only in a header or the body (in a query only for GET on servers
 * that know no other way), and is cut out of every text that leaves this room.
 */
#ifndef OOMREPORT_SUBMIT_SUBMIT_H
#define OOMREPORT_SUBMIT_SUBMIT_H

#include "report/report.h"

/* ---- keys ---- */
enum { KEY_MAX = 256 };
struct secret {
	char text[KEY_MAX];
	char source[300]; /* where it is from, for people */
};
/* file (or NULL), systemd credential "oomreport-api-key", ~/.config/oomreport/keys, the three
 * bugzillarc files of python-bugzilla. 1 found, 0 none, -1. */
int secret_find(struct secret *ret, const char *url, const char *file, struct err *err) MUST_CHECK;
/* Asked on /dev/tty without echo. */
int secret_ask(struct secret *ret, const char *prompt, struct err *err) MUST_CHECK;
/* Into ~/.config/oomreport/keys, mode 0600. */
int secret_store(const struct secret *s, const char *url, struct err *err) MUST_CHECK;
/* Like secret_find, from an INI text: the section that serves the URL (tests, fuzzing). */
bool secret_from_ini(struct str ini, const char *url, struct secret *ret);
void secret_forget(struct secret *s); /* overwrite */

/* ---- what is to be sent ---- */
struct piece {
	char name[256];
	char type[64];	  /* application/zstd, text/plain ... */
	char summary[200];
	struct buf data;
	char sha256[65];
};
enum { PIECES_MAX = 8 };
struct pieces {
	struct piece v[PIECES_MAX];
	size_t n;
	uint64_t left_out_bytes; /* of the bundle, when only parts fit */
	bool parts;		 /* the bundle did not fit: its parts are attached */
	char left_out[400];	 /* names of what is not attached, for the comment */
};
/* Read the bundle once: its report.json text, and what can be attached within limit bytes a
 * piece (0 = no limit). */
int pieces_from_bundle(struct pieces *ret, struct buf *report_json, const char *path,
		       uint64_t limit, struct err *err) MUST_CHECK;
void pieces_free(struct pieces *p);

/* ---- Bugzilla ---- */
struct bug_fields {
	const char *product, *component, *version, *op_sys, *platform, *severity, *priority;
	const char *summary, *description;
	const char *signature, *kernel, *arch;
	const char *distribution;  /* names the product and the version where nothing else does */
	const char *const *cc;	   /* NULL-terminated or NULL */
	const char *const *fields; /* "name=value", or NULL */
};

/* What the flow wants from a person; every function may be NULL (nobody is there). */
struct talk {
	void *ctx;
	void (*say)(void *ctx, const char *line);
	/* One line in, false: no answer. Servers wrote parts of the question: who puts it on a
	 * terminal cleans it. */
	bool (*ask)(void *ctx, const char *question, char *answer, size_t room);
	void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
};
/* 0 when the user says that it may be sent, or `yes`. */
int talk_agree(const struct talk *talk, bool yes, struct err *err) MUST_CHECK;

struct bugzilla_options {
	const char *url;
	const char *key_file, *ca_file;
	const char *bundle;
	long long bug;		/* --bug ID, 0 = file a new one */
	bool yes, dry_run, new_anyway;
	const char *upload_url; /* the rest goes there when the bundle is too large */
	int64_t confirm_wait_us; /* how long an unknown outcome is looked for */
	const struct talk *talk;
};
/* File or extend a bug; *ret_id its number, *ret_url its page (room 600). */
int bugzilla_submit(const struct bugzilla_options *o, const struct bug_fields *fields,
		    long long *ret_id, char *ret_url, struct err *err) MUST_CHECK;
/* Ask for a key, check it against the server, store it. */
int bugzilla_login(const char *url, const char *ca_file, const struct talk *talk,
		   struct err *err) MUST_CHECK;

/* ---- the outbox: a journal of every submission ---- */
/* One line for each: state, bug, URL, bundle. */
int outbox_list(const struct talk *talk, struct err *err) MUST_CHECK;
/* Go on with every pending one. *ret_left: how many are still pending. */
int outbox_retry(const struct bugzilla_options *o, int *ret_left, struct err *err) MUST_CHECK;

/* ---- mail ---- */
struct mail_options {
	const char *to, *from, *subject, *body;
	const char *const *cc;
	const char *const *pseudo_headers; /* "Package: x" lines in front (Debian's BTS) */
	const char *outbox;  /* FILE.eml or mbox to write, or NULL */
	const char *smtp;    /* smtp://host:587, smtps://..., or NULL: sendmail */
	const char *user;    /* SMTP user, or NULL */
	const char *password_file, *ca_file;
	int64_t now_us;
	bool yes, dry_run;
	const struct talk *talk;
};
int mail_submit(const struct mail_options *o, const struct pieces *pieces,
		struct err *err) MUST_CHECK;

/* ---- upload ---- */
struct upload_options {
	const char *url; /* https, sftp, scp; http on loopback only */
	const char *method; /* "PUT" or "POST", https only */
	const char *key_file, *ca_file;
	const char *known_hosts, *ssh_key;
	const struct talk *talk;
};
/* *ret_link (room 1000): where it can be fetched, without the query of a presigned URL. */
int upload_submit(const struct upload_options *o, const char *path, char *ret_link,
		  struct err *err) MUST_CHECK;

#endif
