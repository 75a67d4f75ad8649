/* SPDX-License-Identifier: MIT */
/* bugzilla.h - private to submit/: single calls of a Bugzilla's REST interface. */
#ifndef OOMREPORT_SUBMIT_BUGZILLA_H
#define OOMREPORT_SUBMIT_BUGZILLA_H

#include "submit/http.h"

enum bz_auth { AUTH_NONE, AUTH_HEADER, AUTH_BEARER, AUTH_QUERY };

struct bz {
	struct http http;
	char web[512];	/* "https://host/prefix", no slash behind */
	char base[560]; /* web + "/rest" or "/rest.cgi" */
	char version[40];
	enum bz_auth auth;
	uint64_t attachment_limit; /* bytes; 0 = attachments are off */
	bool limit_known;
	bool dry_run; /* writing calls are printed, not sent */
	bool short_of_memory; /* for a query */
	size_t refusals;      /* of memory for JSON, when it was opened */
	const struct talk *talk;
};

enum bz_outcome {
	BZ_DONE,    /* a JSON object without an error */
	BZ_REFUSED, /* certainly nothing was changed */
	BZ_UNKNOWN, /* it may have been carried out: look first */
};

struct bz_answer {
	enum bz_outcome outcome;
	long status;
	long code;	/* Bugzilla's, 0 = none */
	char text[400]; /* the server's words, made safe */
	json_t *json;	/* an object, or NULL */
};

int bz_open(struct bz *b, const char *url, const char *ca_file, const struct talk *talk,
	    struct err *err) MUST_CHECK;
/* Find out how this server honours the key; wrong keys are an error. */
int bz_use_key(struct bz *b, const struct secret *key, struct err *err) MUST_CHECK;
void bz_close(struct bz *b);
/* path: "bug/12/comment"; query: "a=b&c=d" already quoted, or NULL; body: or NULL (borrowed).
 * Free with bz_answer_free. `what`: for progress, or NULL. */
void bz_call(struct bz *b, const char *method, const char *path, const char *query,
	     const json_t *body, const char *what, struct bz_answer *ret);
/* GET that must work: -1 with err when it does not; *ret is a new reference. */
int bz_get(struct bz *b, const char *path, const char *query, json_t **ret,
	   struct err *err) MUST_CHECK;
void bz_answer_free(struct bz_answer *a);
/* Put an answer into an error. Returns -1. */
int bz_fail(const struct bz_answer *a, const char *what, struct err *err);
/* Was memory short since bz_open()? What a request or a list is made of may lack something: then
 * nothing more is sent, and no name is judged by it. */
bool bz_lacks_memory(const struct bz *b);
/* "name=" + quoted value appended to a query. */
void bz_query(struct bz *b, struct buf *query, const char *name, const char *value);
/* The finished query; NULL, and bz_lacks_memory(), when some of it found no room. */
const char *bz_query_end(struct bz *b, struct buf *query);
/* A number that may come as a decimal string. */
bool bz_number(const json_t *j, long long *ret);
/* Text as 5.x stores it unharmed: valid UTF-8, no controls but \n and \t, at most `characters`
 * long (cut at a line where it can be, and said so). New string, or NULL. */
json_t *bz_text(struct str text, size_t characters);

/* bugzilla_values.c: everything that create would refuse, checked before. bz_choice_free() after
 * a failure, too. */
struct bz_choice {
	char product[256], component[256], version[256];
	char op_sys[64], platform[64], severity[64], priority[64];
	json_t *custom; /* object of cf_* and other fields */
};
int bz_validate(struct bz *b, const struct bug_fields *wanted, struct bz_choice *ret,
		struct err *err) MUST_CHECK;
void bz_choice_free(struct bz_choice *c);

/* bugzilla_search.c */
struct bz_hit {
	long long id;
	char summary[256], status[32], resolution[32];
	bool same_signature;
};
enum { HITS_MAX = 8 };
int bz_search_duplicates(struct bz *b, const struct bug_fields *f, const char *product,
			 struct bz_hit hits[HITS_MAX], size_t *n, struct err *err) MUST_CHECK;
/* The bug whose whiteboard holds the token: 1 found, 0 not, -1 could not ask. */
int bz_find_token(struct bz *b, const char *token, long long *ret_id, struct err *err) MUST_CHECK;

#endif
